package jukvm.libc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpawnTest {
    private static final Libc LIBC = Libc.get();
    private static final int P_PID = 1;
    private static final int WEXITED = 4;
    private static final int LONGEST = 4096;

    /** Runs a shell script; returns what it printed and, after a slash, wrote to its third. */
    private static String run(String script, String... words) {
        try (FdPair output = FdPair.pipe("output");
                FdPair third = FdPair.sockets("third")) {
            List<String> line = new ArrayList<>(List.of("sh", "-c", script));
            line.addAll(List.of(words));
            int pid = Spawn.start(line, output.second().number(), third.second().number());
            assertTrue(pid > 0, "pid " + pid);
            assertEquals(0, LIBC.syscall(Libc.SYS_WAITID, P_PID, pid, 0, WEXITED, 0));
            third.second().close();
            return read(output.first()) + "/" + read(third.first());
        }
    }

    private static String read(Fd fd) {
        try (Mapping text = Mapping.anonymous(LONGEST)) {
            long length = Math.max(0, LIBC.read(fd.number(), text.address(), LONGEST));
            byte[] bytes = new byte[(int) length];
            text.window(0, length).get(bytes);
            return new String(bytes, UTF_8);
        }
    }

    @Test
    void shouldStartAProgramWithItsWords() {
        assertEquals("[a b]\n/", run("echo \"[$0]\"", "a b"));
        assertEquals("oops\n/there\n", run("echo oops >&2; echo there >&3"));
        assertEquals(System.getenv("PATH") + "\n/", run("echo \"$PATH\""));
    }

    @Test
    void shouldGiveItNothingElse() {
        // The last is what ls itself opens.
        assertEquals("0\n1\n2\n3\n4\n/", run("exec ls /proc/self/fd"));
        assertEquals("/", run("cat"));
    }

    @Test
    void shouldLeaveItSignalsAndAProcessGroupOfItsOwn() {
        String status =
                run("grep -E 'Sig(Blk|Ign)' /proc/self/status; ps -o pgid= -p $$; echo $$")
                        .replaceAll("\\s+", " ");
        assertTrue(status.matches("SigBlk: 0+ SigIgn: 0+ (\\d+) \\1 /"), status);
    }

    @Test
    void shouldSayThatThereIsNoSuchProgram() {
        try (FdPair output = FdPair.pipe("output")) {
            int fd = output.second().number();
            assertEquals(-Errno.ENOENT, Spawn.start(List.of("jukvm-no-such-program"), fd, fd));
        }
    }
}
