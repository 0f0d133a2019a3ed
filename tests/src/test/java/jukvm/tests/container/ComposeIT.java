package jukvm.tests.container;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.RequiresProgram;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Guests of one application of docker-compose's. */
@RequiresKvm
@RequiresProgram({"docker-compose", "docker", "dockerd"})
final class ComposeIT {
    private static final Pattern PAGE =
            Pattern.compile("```yaml\n(services:.*?)```\n\n```sh\n(.*?)```", Pattern.DOTALL);

    private static DockerFixture docker;

    @BeforeAll
    static void start() throws Exception {
        docker = new DockerFixture(Files.createTempDirectory("dk"));
    }

    @AfterAll
    static void stop() throws Exception {
        docker.stop();
    }

    @Test
    void shouldLetGuestsTalkByName() throws Exception {
        Matcher page = PAGE.matcher(Files.readString(Guests.ROOT.resolve("docs/containers.md")));
        assertTrue(page.find());
        docker.succeed("tar -C image -c . | docker import -c 'ENTRYPOINT [\"/http.hvt\"]' - web");
        String printed =
                docker.succeed(
                        "set -e; mkdir page; cd page; cp ../image/echo.hvt .;"
                                + " cat >compose.yaml <<'end'\n"
                                + page.group(1)
                                + "end\n"
                                + page.group(2));
        assertTrue(printed.contains("1 sent, 1 received"), printed);
        assertTrue(printed.contains("asker_1 exited with code 0"), printed);
    }
}
