package jukvm.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import jukvm.block.BlockFile;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.host.Sync;
import jukvm.kvm.Kvm;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.net.Tap;
import jukvm.testing.PartialCaller;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RequesterTest {
    private static final Libc LIBC = Libc.get();
    private static final int F_GETFD = 1;
    private static final int MTU = 1400;

    @TempDir private Path dir = Path.of("");

    @Test
    void shouldOpenAsThisProcess() {
        String missing = dir.resolve("missing").toString();
        assertEquals(-Errno.ENOENT, Requester.self().open(missing, Libc.O_RDONLY, 0));
        int number = Requester.self().open("/dev/null", Libc.O_RDWR, 0);
        try (Fd fd = Fd.of(number, "/dev/null", "open")) {
            assertEquals(Libc.FD_CLOEXEC, LIBC.fcntl(fd.number(), F_GETFD, 0));
            assertEquals(number, Requester.self().inherited(number));
            Requester.self().giveBack(number);
            assertTrue(LIBC.fcntl(number, Libc.F_GETFL, 0) >= 0);
        }
        assertEquals(-Errno.EBADF, Requester.self().inherited(-1));
    }

    @Test
    void shouldMakeAFileOfTheModeAskedFor() throws Exception {
        Path made = dir.resolve("made");
        int flags = Libc.O_WRONLY | Libc.O_CREAT | Libc.O_TRUNC;
        Fd.of(Requester.self().open(made.toString(), flags, 0600), "made", "open").close();
        assertEquals(
                Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE),
                Files.getPosixFilePermissions(made));
    }

    @Test
    void shouldAskForAnInterfaceAsThisProcess() {
        try (Fd socket =
                Fd.of(Requester.self().socket(Libc.AF_INET, Libc.SOCK_DGRAM), "socket", "socket")) {
            ByteBuffer request = ByteBuffer.allocateDirect(48);
            request.put(0, "jukvm-no-such".getBytes(UTF_8));
            assertEquals(-Errno.ENODEV, Requester.self().ioctl(socket.number(), 0x8913, request));
        }
    }

    @Test
    void shouldOpenAFileThroughTheCaller() throws Exception {
        String path = Files.createFile(dir.resolve("file")).toString();
        PartialCaller refusing = PartialCaller.refusing();
        HostException e = assertThrows(HostException.class, () -> HostFile.open(refusing, path));
        assertEquals(path + ": open: EACCES (Permission denied)", e.getMessage());
        assertEquals(List.of("open " + path + " 0x800"), refusing.asked());
        HostFile.open(new PartialCaller(number -> false), path).close();
    }

    @Test
    void shouldOpenADiskThroughTheCaller() throws Exception {
        String path = Files.createFile(dir.resolve("disk")).toString();
        PartialCaller refusing = PartialCaller.refusing();
        HostException e = assertThrows(HostException.class, () -> disk(refusing, path));
        assertEquals(path + ": open: EACCES (Permission denied)", e.getMessage());
        assertEquals(
                List.of("open " + path + " 0x1882", "open " + path + " 0x200000"),
                refusing.asked());
        PartialCaller readable = new PartialCaller(number -> number == 0);
        e = assertThrows(HostException.class, () -> disk(readable, path));
        assertEquals(
                path
                        + ": open for writing: EACCES (Permission denied). It can be read: attach"
                        + " the image read-only with :ro",
                e.getMessage());
        assertEquals("open " + path + " 0x800", readable.asked().get(2));
        assertEquals(3, readable.asked().size());
        disk(new PartialCaller(number -> false), path);
    }

    private static void disk(Requester caller, String path) {
        BlockFile.open(caller, path, false, Sync.DSYNC).close();
    }

    @Test
    void shouldTellWhatTheCallersPathLeadsTo() {
        PartialCaller caller = new PartialCaller(number -> false);
        assertThrows(ConfigException.class, () -> disk(caller, dir.toString()));
        assertEquals(2, caller.asked().size());
    }

    @Test
    void shouldOpenKvmThroughTheCaller() {
        PartialCaller refusing = PartialCaller.refusing();
        HostException e = assertThrows(HostException.class, () -> Kvm.requireAccess(refusing));
        assertEquals(
                "/dev/kvm: open: EACCES (Permission denied). Add this user to the group of"
                        + " /dev/kvm: sudo usermod -aG kvm $USER, then log in again.",
                e.getMessage());
        assertEquals(Errno.EACCES, e.errno());
        assertEquals(List.of("open /dev/kvm 0x2"), refusing.asked());
    }

    @Test
    void shouldAttachToAnInterfaceThroughTheCaller() {
        List<String> messages = new ArrayList<>();
        for (int passing = 0; passing < 3; passing++) {
            int first = passing;
            PartialCaller caller = new PartialCaller(number -> number >= first);
            messages.add(
                    assertThrows(HostException.class, () -> Tap.open(caller, "lo")).getMessage());
            assertEquals(first + 1, caller.asked().size());
        }
        assertEquals(
                List.of(
                        "lo: socket: EACCES (Permission denied)",
                        "lo: SIOCGIFFLAGS: EACCES (Permission denied)",
                        "lo: open of /dev/net/tun: EACCES (Permission denied). Run as root, or let"
                                + " this user open /dev/net/tun"),
                messages);
    }

    /** A caller with an interface that is up and that nobody else has. */
    private static final class Attached implements Requester {
        final List<Long> requests = new ArrayList<>();
        int refusal;

        @Override
        public int open(String path, int flags, int mode) {
            assertEquals("/dev/net/tun", path);
            return Requester.self().open("/dev/null", flags, mode);
        }

        @Override
        public int socket(int domain, int type) {
            return Requester.self().socket(Libc.AF_INET, Libc.SOCK_DGRAM);
        }

        @Override
        public int inherited(int number) {
            return -Errno.EACCES;
        }

        @Override
        public void giveBack(int fd) {}

        @Override
        public int ioctl(int fd, long request, ByteBuffer argument) {
            assertTrue(LIBC.fcntl(fd, Libc.F_GETFL, 0) >= 0);
            assertEquals(48, argument.capacity());
            requests.add(request);
            switch ((int) request) {
                case 0x8913 -> argument.putShort(16, (short) 0x41);
                case 0x8921 -> argument.putInt(16, MTU);
                case 0x8946 -> {
                    assertEquals(LIBC.address(argument) + 40, argument.getLong(16));
                    requests.add((long) argument.getInt(40));
                    assertEquals(0, argument.getInt(44));
                }
                default -> {
                    return refusal;
                }
            }
            return 0;
        }
    }

    @Test
    void shouldAskTheCallerAllThatNeedsRights() {
        Attached caller = new Attached();
        try (Tap tap = Tap.open(caller, "tap0")) {
            assertEquals("tap0", tap.name());
            assertEquals(MTU, tap.mtu());
        }
        assertEquals(
                List.of(0x8913L, 0x400454caL, 0x8921L, 0x8946L, 0x2cL, 0x8946L, 0x24L),
                caller.requests);
    }

    @Test
    void shouldSayThatAnInterfaceIsNotTheCallersToUse() {
        Attached caller = new Attached();
        caller.refusal = -Errno.EPERM;
        HostException e = assertThrows(HostException.class, () -> Tap.open(caller, "tap0"));
        assertEquals(
                "tap0: TUNSETIFF: EPERM (Operation not permitted). Run as root, or give it to this"
                        + " user: ip tuntap add tap0 mode tap user $USER",
                e.getMessage());
    }

    @Test
    void shouldGiveBackAnInheritedDescriptorThatIsNoTap() {
        int number = Requester.self().open("/dev/null", Libc.O_RDWR, 0);
        try (Fd fd = Fd.of(number, "/dev/null", "open")) {
            PartialCaller caller = new PartialCaller(asked -> false);
            ConfigException e =
                    assertThrows(ConfigException.class, () -> Tap.adopt(caller, fd.number()));
            assertEquals("@" + number + ": is not a TAP descriptor", e.getMessage());
            assertEquals(List.of("inherited " + number, "giveBack " + number), caller.asked());
        }
        HostException e =
                assertThrows(
                        HostException.class, () -> Tap.adopt(PartialCaller.refusing(), number));
        assertEquals("@" + number + ": inherit: EACCES (Permission denied)", e.getMessage());
    }
}
