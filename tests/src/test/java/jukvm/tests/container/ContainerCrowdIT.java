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
    private RuncBundle bundle;

    @BeforeEach
    void start() throws Exception {
        daemon = DaemonFixture.common();
        daemon.startDaemon();
    }

    @AfterEach
    void stop() throws Exception {
        each(CROWD, "runc delete --force $ID-$1 2>/dev/null; true' sh {}");
        daemon.close();
    }

    private Command each(int count, String script) throws Exception {
        return bundle.sh(EACH.replace("COUNT", count + "") + script);
    }

    private void must(Command command) throws Exception {
        assertEquals(0, command.status(), () -> command.toString() + said());
    }

    private String said() {
        try {
            return bundle.sh("cat \"$B\"-*/out").stdout();
        } catch (Exception e) {
            return e.toString();
        }
    }

    private void await(int count, String text) throws Exception {
        must(bundle.sh(AWAIT.replace("TEXT", text).replace("COUNT", count + "")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "container"})
    void shouldRunManyAtOnce(String jvm) throws Exception {
        boolean isNode = jvm.equals("node");
        int count = isNode ? CROWD : OWN_JVMS;
        String options = "--jvm=" + jvm + " --daemon=" + daemon.runtime();
        bundle = new RuncBundle(folder, List.of("poll.hvt"), DockerFixture.RUNTIME, options);
        bundle.configure("\"/poll.hvt\",\"forever\"");
        if (isNode) {
            String limit = "\"memory\":{\"limit\":" + (16 << 20) + "},";
            bundle.replace("\"resources\":{", "\"resources\":{" + limit);
        }
        OpenFiles open = OpenFiles.ofGuests(daemon.status().pid());
        must(each(count, CREATE));
        must(each(count, "exec runc start $ID-$1' sh {}"));
        await(count, "poll");
        assertEquals(isNode ? count : 0, daemon.status().guests());
        must(each(count, "exec runc kill $ID-$1 TERM' sh {}"));
        await(count, "stopped by a signal");
        assertEquals(isNode ? count : 0, daemon.idle().served());
        must(each(count, "exec runc delete --force $ID-$1' sh {}"));
        assertEquals("", bundle.sh("find /sys/fs/cgroup -name \"$ID-*\"").stdout());
        bundle.assertNothingIsLeft();
        open.assertNothingMore();
    }
}
