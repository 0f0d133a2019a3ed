package jukvm.tests.container;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.OpenFiles;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.RequiresProgram;
import jukvm.tests.support.Soak;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A hundred containers at once; if each has a JVM of its own, few without {@code -Psoak}. */
@Soak
@RequiresKvm
@RequiresProgram("runc")
final class ContainerCrowdIT {
    private static final int CROWD = 100;
    private static final int OWN_JVMS = Soak.LONG ? CROWD : 4;

    // Whatever they print is in files of their own, which outlast them.
    private static final String EACH = "seq COUNT | xargs -P 8 -I{} sh -c '";
    private static final String CREATE =
            "cp -r \"$B\" \"$B-$1\" && exec \"$R\" $O create -b \"$B-$1\" $ID-$1 </dev/null"
                    + " >\"$B-$1/out\" 2>&1' sh {}";
    private static final String AWAIT =
            "until [ $(grep -l \"TEXT\" \"$B\"-*/out | wc -l) = COUNT ]; do sleep 0.1; done";

    @TempDir private Path folder;
    private DaemonFixture daemon;

    @BeforeEach
    void start() throws Exception {
        daemon = DaemonFixture.common();
        daemon.startDaemon();
    }

    @AfterEach
    void stop() {
        daemon.close();
    }

    private static Command each(RuncBundle bundle, int count, String script) throws Exception {
        return bundle.sh(EACH.replace("COUNT", count + "") + script);
    }

    private static void must(Command command) {
        assertEquals(0, command.status(), command::toString);
    }

    private static void await(RuncBundle bundle, int count, String text) throws Exception {
        must(bundle.sh(AWAIT.replace("TEXT", text).replace("COUNT", count + "")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "container"})
    void shouldRunManyAtOnce(String jvm) throws Exception {
        boolean isNode = jvm.equals("node");
        int count = isNode ? CROWD : OWN_JVMS;
        String options = "--jvm=" + jvm + " --daemon=" + daemon.runtime();
        RuncBundle bundle =
                new RuncBundle(folder, List.of("poll.hvt"), DockerFixture.RUNTIME, options);
        bundle.configure("\"/poll.hvt\",\"forever\"");
        if (isNode) {
            String limit = "\"memory\":{\"limit\":" + (16 << 20) + "},";
            bundle.replace("\"resources\":{", "\"resources\":{" + limit);
        }
        OpenFiles open = OpenFiles.ofGuests(daemon.status().pid());
        try {
            must(each(bundle, count, CREATE));
            must(each(bundle, count, "exec runc start $ID-$1' sh {}"));
            await(bundle, count, "poll");
            assertEquals(isNode ? count : 0, daemon.status().guests());
            must(each(bundle, count, "exec runc kill $ID-$1 TERM' sh {}"));
            await(bundle, count, "stopped by a signal");
            assertEquals(isNode ? count : 0, daemon.idle().served());
        } finally {
            each(bundle, count, "runc delete --force $ID-$1 2>/dev/null; true' sh {}");
        }
        assertEquals("", bundle.sh("find /sys/fs/cgroup -name \"$ID-*\"").stdout());
        bundle.assertNothingIsLeft();
        open.assertNothingMore();
    }
}
