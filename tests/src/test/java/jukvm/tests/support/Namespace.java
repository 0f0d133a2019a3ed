package jukvm.tests.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A network namespace with TAP interfaces in it. It has no name, and no process is in it: one
 * outside keeps it open, and nothing of it is left when that ends, which it does when its input
 * does: when this is closed, or the JVM dies.
 */
public final class Namespace implements AutoCloseable {
    private static final String PATIENCE_SECONDS =
            String.valueOf(Patience.of(Duration.ofSeconds(200)).toSeconds());

    private final Process keeper;

    /** What a command printed, errors among it, and how it ended. */
    public record Result(int status, String output) {}

    private Namespace(Process keeper) {
        this.keeper = keeper;
    }

    /** Makes one, in which nothing is up. */
    public static Namespace open() throws IOException {
        Process keeper =
                new ProcessBuilder(
                                "unshare",
                                "--net",
                                "sh",
                                "-c",
                                "exec 3</proc/self/ns/net; exec nsenter --net=/proc/"
                                        + ProcessHandle.current().pid()
                                        + "/ns/net sh -c 'echo made; exec cat'")
                        .start();
        assertEquals('m', keeper.getInputStream().read());
        return new Namespace(keeper);
    }

    /** Returns the file that it is; its process's number is a part of it. */
    public Path path() {
        return Path.of("/proc/" + keeper.pid() + "/fd/3");
    }

    /**
     * Joins it with another by Ethernet: there is an eth0 in both, of which each has an address.
     *
     * @param mtu in bytes
     */
    public void join(Namespace other, String address, String otherAddress, int mtu)
            throws IOException, InterruptedException {
        shell(
                "ip link add eth0 mtu MTU type veth peer name eth0 mtu MTU netns "
                                .replace("MTU", Integer.toString(mtu))
                        + other.path());
        other.address(otherAddress);
        address(address);
    }

    private void address(String address) throws IOException, InterruptedException {
        shell("ip address add ADDRESS dev eth0; ip link set eth0 up".replace("ADDRESS", address));
    }

    /** Returns a command line that runs another in the namespace, as the same process. */
    public List<String> line(List<String> command) {
        List<String> line = new ArrayList<>(List.of("nsenter", "--net=" + path(), "--"));
        line.addAll(command);
        return line;
    }

    /** Runs a command to its end. */
    public Result run(String... command) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of("timeout", "-k", "1", PATIENCE_SECONDS));
        line.addAll(line(List.of(command)));
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        process.getOutputStream().close();
        byte[] output = process.getInputStream().readAllBytes();
        return new Result(process.waitFor(), new String(output, StandardCharsets.UTF_8));
    }

    /** Runs a shell script that must succeed. */
    public String shell(String script) throws IOException, InterruptedException {
        Result result = run("sh", "-ec", script);
        assertEquals(0, result.status, () -> script + ": " + result.output);
        return result.output;
    }

    /** Makes a TAP interface that is up. */
    public void tap(String name, String address, int mtu) throws IOException, InterruptedException {
        shell(
                "ip tuntap add NAME mode tap; ip address add ADDRESS dev NAME; ip link set NAME mtu"
                                .replace("ADDRESS", address)
                                .replace("NAME", name)
                        + " "
                        + mtu
                        + " up");
    }

    /**
     * Makes a route to everywhere, as passt wants one, and an address of the host's own on its way;
     * nobody is there.
     */
    public void route(String address) throws IOException, InterruptedException {
        shell(
                "ip link set lo up; ip link add out type veth peer name far; ip link set far up;"
                        + " ip link set out up; ip address add ADDRESS/24 dev out; ip route add"
                                .replace("ADDRESS", address)
                        + " default dev out");
    }

    /** Asks a guest's echo port of UDP, by a published port, until it answers. */
    public void askByUdp(int port) throws IOException, InterruptedException {
        String once =
                "exec 3<>/dev/udp/127.0.0.1/PORT && echo hello >&3 && timeout 5 head -c 6 <&3"
                        .replace("PORT", Integer.toString(port));
        Result result = run("bash", "-c", once);
        for (int i = 0; result.status() != 0 && i < 20; i++) {
            result = run("bash", "-c", once);
        }
        assertEquals(new Result(0, "hello\n"), result);
    }

    /** Returns the processes of passt in it. */
    public List<ProcessHandle> passts() throws IOException {
        Path here = Files.readSymbolicLink(path());
        List<ProcessHandle> found = new ArrayList<>();
        for (ProcessHandle process : ProcessHandle.allProcesses().toList()) {
            Path folder = Path.of("/proc/" + process.pid());
            try {
                if (Files.readString(folder.resolve("comm")).startsWith("passt")
                        && Files.readSymbolicLink(folder.resolve("ns/net")).equals(here)) {
                    found.add(process);
                }
            } catch (IOException e) {
                // It has ended meanwhile, or is a zombie.
            }
        }
        return found;
    }

    /**
     * Waits until no passt is in it, and no port is held: a process that ends leaves its namespaces
     * before its sockets are closed, and one that has just been started holds nothing yet.
     */
    public void awaitNoPasst() throws IOException, InterruptedException {
        long start = System.nanoTime();
        String left = left();
        while (!left.isEmpty()) {
            String last = left;
            assertTrue(System.nanoTime() - start < Command.PATIENCE.toNanos(), () -> last);
            Thread.sleep(10);
            left = left();
        }
    }

    private String left() throws IOException, InterruptedException {
        List<ProcessHandle> found = passts();
        return found.isEmpty() ? shell("ss -Hlntu") : found.toString();
    }

    @Override
    public void close() throws IOException {
        keeper.getOutputStream().close();
        keeper.destroy();
    }
}
