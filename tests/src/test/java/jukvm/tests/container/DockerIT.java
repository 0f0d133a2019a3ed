package jukvm.tests.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Launcher;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.RequiresProgram;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Guests as containers of docker, and of containerd, which comes with it. */
@RequiresKvm
@RequiresProgram({"docker", "dockerd", "ctr"})
final class DockerIT {
    private static final Pattern SHELL = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);
    private static final Pattern DOCKERFILE =
            Pattern.compile("```dockerfile\n(.*?)```", Pattern.DOTALL);
    private static final String RUN = "docker run --runtime jukvm ";

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
    void shouldDoAsThePageSays() throws Exception {
        String page = Files.readString(Guests.ROOT.resolve("docs/containers.md"));
        String script =
                SHELL.matcher(page)
                        .results()
                        .map(found -> found.group(1))
                        // Those of ComposeIT and RootlessIT.
                        .filter(block -> !block.matches("(?s).*(docker-compose|podman pod) .*"))
                        .flatMap(String::lines)
                        .filter(line -> !line.startsWith("podman --runtime /"))
                        .map(line -> line.replace("jukvm image", Launcher.common() + " image"))
                        .map(line -> line.replace("/usr/bin/jukvm-runtime", docker.runtime + ""))
                        .collect(Collectors.joining("\n"));
        String dockerfile = DOCKERFILE.matcher(page).results().findFirst().orElseThrow().group(1);
        String printed =
                docker.succeed(
                        "set -e; mkdir page page/root; cd page; cp ../image/*.hvt .;"
                                + " cp hello.hvt root; cat >Dockerfile <<'end'\n"
                                + dockerfile
                                + "end\n"
                                + script
                                + "\ncmp hello.hvt copy.hvt");
        String[] lines =
                printed.lines()
                        .filter(line -> line.startsWith("command line: "))
                        .map(line -> line.substring("command line: ".length()))
                        .toArray(String[]::new);
        assertEquals(
                "Hello|Hello from docker|Hello world|Hello|Hello|Hello from ctr"
                        + "|Hello from the node|Hello|Hello from ctr",
                String.join("|", lines),
                printed);
        assertEquals(4, printed.split("\nSUCCESS\n", -1).length - 1, printed);
        assertEquals(3, printed.split("\nHello from a jukvm guest\n", -1).length, printed);
    }

    @Test
    void shouldRunAnImageMadeWithoutAnEngine() throws Exception {
        String image = " image build --tag=made:1.0 --output=made.tar image/hello.hvt first second";
        String made = docker.succeed(Launcher.common() + image);
        docker.succeed("docker load --input made.tar && ctr images import made.tar");
        String id = docker.succeed("docker images --no-trunc --quiet made:1.0");
        assertEquals(made, "made:1.0 " + id);
        String lines =
                docker.succeed(
                        RUN
                                + "--rm made:1.0 && "
                                + RUN
                                + "--rm made:1.0 other && ctr run --rm --runc-binary "
                                + DockerFixture.RUNTIME
                                + " made:1.0 made && docker save made:1.0 >saved.tar && "
                                + Launcher.common()
                                + " image inspect saved.tar");
        for (String end : new String[] {"first second", "other", "first second"}) {
            int at = lines.indexOf("command line: " + end + "\n");
            assertTrue(at >= 0, lines);
            lines = lines.substring(at + 1);
        }
        assertTrue(lines.contains("guest     hvt 2, "), lines);
        assertTrue(lines.contains(id.strip()), lines);
    }

    @ParameterizedTest
    @CsvSource({
        "hello.hvt, 0",
        "hello.hvt exit=1, 1",
        "hello.hvt exit=77, 77",
        "fault.hvt, 255",
        "missing.hvt, 127"
    })
    void shouldEndWithTheStatusOfTheGuest(String guest, int status) throws Exception {
        Command run = docker.sh(RUN + "--rm guests /" + guest);
        assertEquals(status, run.status(), run::toString);
    }

    @Test
    void shouldLetGuestsKnowEachOtherByName() throws Exception {
        docker.succeed("docker network create names");
        String run =
                RUN
                        + "--user 1000:1000 --read-only --cap-drop ALL --security-opt"
                        + " no-new-privileges --memory 128m --network names ";
        for (String name : List.of("front", "back")) {
            docker.succeed(run + "-d -P --expose 80 --name " + name + " guests /http.hvt limit=1");
        }
        String asks = "--rm guests /echo.hvt ping=back dns={dns} address={ipv4}";
        String printed = docker.succeed(run + asks);
        assertTrue(printed.contains("1 sent, 1 received\n"), printed);
        for (String name : List.of("front", "back")) {
            docker.succeed(
                    "curl -s --retry 9 --retry-all-errors http://$(docker port "
                            + name
                            + " 80 | head -n 1)/");
            assertEquals("0\n", docker.succeed("docker wait " + name));
        }
        docker.succeed("docker rm front back && docker network rm names");
    }

    @Test
    void shouldShareTheNetworkOfAnotherContainer() throws Exception {
        docker.succeed(RUN + "-d --name first guests /spin.hvt");
        docker.succeed(RUN + "-d --name second --network container:first guests /http.hvt limit=1");
        String address = "docker inspect -f '{{.NetworkSettings.IPAddress}}' first";
        docker.succeed("curl -s --retry 9 --retry-all-errors http://$(" + address + ")/");
        assertEquals("0\n", docker.succeed("docker wait second"));
        docker.succeed("docker rm -f first second");
    }

    @Test
    void shouldTakeNoInterfaceOfTheHostNorGoWithout() throws Exception {
        Command run = docker.sh(RUN + "--rm --network host guests /http.hvt");
        assertEquals(125, run.status(), run::toString);
        assertTrue(run.stderr().contains("those of the host are not to be taken"), run::toString);
        run = docker.sh(RUN + "--rm --network none guests /http.hvt");
        assertEquals(1, run.status(), run::toString);
        assertTrue(run.stderr().contains("eth0: there is no such interface"), run::toString);
    }

    @Test
    void shouldStopAndKillGuests() throws Exception {
        docker.succeed(RUN + "-d --name stopped guests /spin.hvt");
        docker.succeed(RUN + "-d --name killed guests /spin.hvt");
        docker.succeed("until docker logs stopped | grep spinning; do sleep 0.1; done");
        docker.succeed("until docker logs killed | grep spinning; do sleep 0.1; done");
        Command exec = docker.sh("docker exec stopped sh");
        assertEquals(126, exec.status(), exec::toString);
        String said = exec.stdout() + exec.stderr();
        assertTrue(said.contains("a unikernel has no programs"), exec::toString);
        docker.succeed("docker stop -t 60 stopped && docker kill killed");
        assertEquals(
                "1 false\n137 false\n",
                docker.succeed(
                        "docker inspect -f '{{.State.ExitCode}} {{.State.OOMKilled}}' stopped"
                                + " killed"));
        docker.succeed("docker rm stopped killed");
    }

    @Test
    void shouldPauseGuests() throws Exception {
        docker.succeed(RUN + "-d --name paused guests /spin.hvt");
        docker.succeed("until docker logs paused | grep spinning; do sleep 0.1; done");
        docker.succeed("docker pause paused");
        long used = cpuNanos("paused");
        Thread.sleep(2_000);
        assertEquals(used, cpuNanos("paused"));
        docker.succeed("docker unpause paused");
        long deadline = System.nanoTime() + Command.PATIENCE.toNanos();
        while (cpuNanos("paused") == used) {
            assertTrue(System.nanoTime() < deadline, "still paused");
            Thread.sleep(20);
        }
        docker.succeed("docker stop -t 60 paused");
        assertEquals("1\n", docker.succeed("docker wait paused; docker rm paused >/dev/null"));
    }

    /** Returns how much time of processors a container has used: its only process, a JVM. */
    private static long cpuNanos(String container) throws Exception {
        String pid = docker.succeed("docker inspect -f '{{.State.Pid}}' " + container).strip();
        ProcessHandle process = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
        return process.info().totalCpuDuration().orElseThrow().toNanos();
    }

    @Test
    void shouldKeepToALimitOnProcessors() throws Exception {
        docker.succeed(RUN + "-d --name limited --cpus 0.2 guests /spin.hvt");
        docker.succeed("until docker logs limited | grep spinning; do sleep 0.1; done");
        long used = cpuNanos("limited");
        long start = System.nanoTime();
        Thread.sleep(5_000);
        double share = (double) (cpuNanos("limited") - used) / (System.nanoTime() - start);
        assertTrue(share <= 0.22, () -> "share of a processor: " + share);
        docker.succeed("docker rm -f limited");
    }

    @Test
    void shouldRestartGuestsThatFail() throws Exception {
        docker.succeed(RUN + "-d --name again --restart on-failure:2 guests /hello.hvt exit=77");
        String inspect =
                "docker inspect -f '{{.RestartCount}} {{.State.Status}} {{.State.ExitCode}}'";
        String ended = "2 exited 77";
        docker.succeed(
                "until [ \"$(" + inspect + " again)\" = '" + ended + "' ]; do sleep 0.1; done");
        assertEquals("3\n", docker.succeed("docker logs again | grep -c 'command line: exit=77'"));
        docker.succeed("docker rm again");
    }

    @ParameterizedTest
    @ValueSource(strings = {"jukvm", "jukvm-node"})
    void shouldLetGuestsOutliveTheEngine(String runtime) throws Exception {
        String run = "docker run --runtime " + runtime + " ";
        docker.succeed(run + "-d --name lasting -p 8090:80 guests /http.hvt limit=3");
        String ask = "curl -s --retry 9 --retry-all-errors http://ADDRESS/";
        String address =
                docker.succeed("docker inspect -f '{{.NetworkSettings.IPAddress}}' lasting")
                        .strip();
        String direct = ask.replace("ADDRESS", address);
        String answer = docker.succeed(direct);
        docker.end();
        assertEquals(answer, docker.succeed(direct));
        docker.start();
        assertEquals("lasting\n", docker.succeed("docker ps --format '{{.Names}}'"));
        assertEquals(answer, docker.succeed(direct));
        assertEquals("0\n", docker.succeed("docker wait lasting"));
        docker.succeed("docker logs lasting | grep 'serves HTTP' && docker rm lasting");
    }

    @Test
    void shouldKillAGuestThatIsOutOfMemory() throws Exception {
        // It writes to all of its memory, which is all there is, and the JVM needs some, too.
        Command run =
                docker.sh(
                        RUN
                                + "--name full --memory 64m --memory-swap 64m guests /traces.hvt"
                                + " leave");
        assertEquals(137, run.status(), run::toString);
        assertEquals("true\n", docker.succeed("docker inspect -f '{{.State.OOMKilled}}' full"));
        docker.succeed("docker rm full");
    }

    @Test
    void shouldOpenNothingOutsideTheImage() throws Exception {
        Path outside = Guests.prebuilt("hello.hvt").toRealPath();
        docker.succeed(
                "set -e; mkdir evil evil/lib volume; cp image/hello.hvt evil; cd evil; ln -s "
                        + outside
                        + " out; ln -s ../../../../../../../../../../.."
                        + outside
                        + " up; ln -s /hello.hvt good; ln -s loop loop; mkfifo fifo;"
                        + " ln -s /lib data; tar c . | docker import - evil");
        String all = " -e LD_PRELOAD=/image/x.so -e JAVA_TOOL_OPTIONS=-XX:Bad -v $PWD/volume:/data";
        for (String runtime : List.of("jukvm", "jukvm-node")) {
            String run = "docker run --rm --runtime " + runtime;
            for (String entry : List.of("out", "up", "loop", "fifo", "lib")) {
                Command refused = docker.sh(run + " evil /" + entry);
                assertTrue(refused.status() >= 125, refused::toString);
                assertEquals("", refused.stdout());
            }
            String printed = docker.succeed(run + all + " evil /../good a");
            assertTrue(printed.endsWith("command line: a\n"), printed);
        }
        assertEquals("", docker.succeed("ls -A volume"));
    }
}
