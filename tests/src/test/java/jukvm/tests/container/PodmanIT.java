package jukvm.tests.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.RequiresProgram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Guests as containers of podman, which has no daemon. */
@RequiresKvm
@RequiresProgram("podman")
final class PodmanIT {
    private static final Pattern LINE =
            Pattern.compile("^podman (--runtime /.*)$", Pattern.MULTILINE);

    @TempDir Path folder;

    @Test
    void shouldDoAsThePageSays() throws Exception {
        String page = Files.readString(Guests.ROOT.resolve("docs/containers.md"));
        String line =
                LINE.matcher(page)
                        .results()
                        .findFirst()
                        .orElseThrow()
                        .group(1)
                        .replace("/usr/bin/jukvm-runtime", DockerFixture.RUNTIME + "")
                        // No limits are raised and no networks made.
                        .replace("run --rm", "run --rm --network=none --ulimit=host");
        Files.copy(Guests.prebuilt("hello.hvt"), folder.resolve("hello.hvt"));
        Files.writeString(folder.resolve("conf"), "[containers]\ndefault_ulimits=[]\n");
        String podman =
                "podman --root $F/data --runroot $F/run --storage-driver=vfs --tmpdir $F/tmp ";
        String script =
                "set -e; cd $F; tar c hello.hvt | "
                        + podman
                        + "import -c 'ENTRYPOINT [\"/hello.hvt\"]' - hello >&2; "
                        + podman
                        + line
                        + "; "
                        + podman
                        + "rmi -f hello >&2; umount -l $F/data $F/run 2>/dev/null || true";
        Map<String, String> environment =
                Map.of("F", folder.toString(), "CONTAINERS_CONF", folder + "/conf");
        Command run = Command.program(Command.PATIENCE, environment, "sh", "-c", script);
        assertEquals(0, run.status(), run::toString);
        assertTrue(run.stdout().endsWith("command line: Hello from podman\n"), run::toString);
    }
}
