package jukvm.libc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import jukvm.testing.ProcMaps;
import jukvm.text.HostText;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One contract that both bindings keep, JNA before it is bound and after. */
class LibcTest {
    private static final int EBADF = 9;
    private static final int EINVAL = 22;
    private static final int ENOTTY = 25;
    private static final int ENOSYS = 38;
    private static final int NO_FD = -1;
    private static final int PAGE = 4096;
    private static final int EPOLL_CTL_ADD = 1;
    private static final int F_GETFD = 1;
    private static final int TCGETS = 0x5401;
    private static final short POLLIN = 1;
    private static final int ANONYMOUS = Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS;

    static Stream<Named<Libc>> bindings() {
        return Stream.of(
                Named.of("jna, early", new JnaLibc(Integer.MAX_VALUE)),
                Named.of("jna, bound", new JnaLibc(0)),
                Named.of("jnr", LibcChoice.choose("jnr")));
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void shouldReadAndWriteAFile(Libc libc, @TempDir Path dir) throws Exception {
        Path file = Files.write(dir.resolve("file"), new byte[] {1, 2, 3});
        long page = page(libc);
        int fd = libc.open(file.toString(), Libc.O_RDWR | Libc.O_CLOEXEC);
        assertTrue(fd > 2, "fd " + fd);
        assertEquals(3, libc.read(fd, page, PAGE));
        assertEquals(0x030201, libc.buffer(page, PAGE).getInt(0));
        assertEquals(0, libc.read(fd, page, PAGE));
        assertEquals(2, libc.write(fd, page + 1, 2));
        assertEquals(0, libc.close(fd));
        assertEquals(List.of((byte) 1, (byte) 2, (byte) 3, (byte) 2, (byte) 3), bytes(file));
        assertEquals(0, libc.munmap(page, PAGE));
    }

    private static List<Byte> bytes(Path file) throws Exception {
        List<Byte> list = new ArrayList<>();
        for (byte b : Files.readAllBytes(file)) {
            list.add(b);
        }
        return list;
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void shouldOpenAPathThatIsNotAscii(Libc libc, @TempDir Path dir) throws Exception {
        assumeTrue("UTF-8".equals(System.getProperty("sun.jnu.encoding")), "locale is not UTF-8");
        Path file = Files.createFile(dir.resolve("gr\u00fc\u00dfe-\u65e5\u672c-\ud83d\ude00"));
        int fd = libc.open(file.toString(), Libc.O_RDONLY | Libc.O_CLOEXEC);
        assertTrue(fd > 2, "fd " + fd);
        assertEquals(0, libc.close(fd));
    }

    // In every locale: what is opened has these bytes for a name and no others.
    @ParameterizedTest
    @MethodSource("bindings")
    void shouldOpenAPathOfAnyBytes(Libc libc, @TempDir Path dir) throws Exception {
        byte[] name = (dir + "/n?\u00fc").getBytes(UTF_8);
        name[dir.toString().length() + 2] = (byte) 0xff;
        String path = HostText.decode(name);
        int fd = libc.open(path, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_CLOEXEC, 0600);
        assertTrue(fd > 2, "fd " + fd);
        assertEquals(0, libc.close(fd));
        assertTrue(Files.exists(HostText.path(path)));
        try (Stream<Path> files = Files.list(dir)) {
            assertEquals(path, HostText.of(files.findFirst().orElseThrow()));
        }
        assertEquals(-EINVAL, libc.open(dir + "\0x", Libc.O_RDONLY));
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void shouldReturnNegatedErrnoForMissingFile(Libc libc, @TempDir Path dir) {
        assertEquals(-Errno.ENOENT, libc.open(dir.resolve("missing").toString(), Libc.O_RDONLY));
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void shouldReturnNegatedErrnoForBadDescriptor(Libc libc) {
        long page = page(libc);
        assertEquals(-EBADF, libc.close(NO_FD));
        assertEquals(-EBADF, libc.read(NO_FD, page, 1));
        assertEquals(-EBADF, libc.write(NO_FD, page, 1));
        assertEquals(-EBADF, libc.ioctl(NO_FD, TCGETS, page));
        assertEquals(-EBADF, libc.pread(NO_FD, page, 1, 0));
        assertEquals(-EBADF, libc.pwrite(NO_FD, page, 1, 0));
        assertEquals(-EBADF, libc.lseek(NO_FD, 0, Libc.SEEK_END));
        assertEquals(-EBADF, libc.fcntl(NO_FD, Libc.F_GETFL, 0));
        assertEquals(-EBADF, libc.fdatasync(NO_FD));
        assertEquals(-EBADF, libc.epollWait(NO_FD, page, 1, 0));
        assertEquals(-EBADF, libc.epollControl(NO_FD, EPOLL_CTL_ADD, NO_FD, page));
        assertEquals(0, libc.munmap(page, PAGE));
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void shouldReadAndWriteAtOffsets(Libc libc, @TempDir Path dir) throws Exception {
        Path file = Files.createFile(dir.resolve("file"));
        long page = page(libc);
        ByteBuffer at = libc.buffer(page, PAGE);
        int fd = libc.open(file.toString(), Libc.O_RDWR | Libc.O_CLOEXEC);
        // Offsets that do not fit 32 bits, signed or unsigned.
        for (long offset : new long[] {0, 3L << 30, 5L << 30}) {
            at.putLong(0, offset + 7);
            assertEquals(8, libc.pwrite(fd, page, 8, offset));
            at.putLong(16, 0);
            assertEquals(8, libc.pread(fd, page + 16, PAGE - 16, offset));
            assertEquals(offset + 7, at.getLong(16));
        }
        assertEquals((5L << 30) + 8, libc.lseek(fd, 0, Libc.SEEK_END));
        assertEquals(0, libc.pread(fd, page, 8, 6L << 30));
        assertEquals(-EINVAL, libc.pread(fd, page, 8, -1));
        assertEquals(-EINVAL, libc.pwrite(fd, page, 8, Long.MIN_VALUE));
        assertEquals(-Errno.EFAULT, libc.pread(fd, Long.MIN_VALUE, 8, 0));
        assertEquals(0, libc.fdatasync(fd));
        assertEquals(0, libc.close(fd));
        assertEquals(0, libc.munmap(page, PAGE));
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void shouldSetFlagsOfADescriptor(Libc libc) {
        int fd = libc.socket(Libc.AF_INET, Libc.SOCK_DGRAM, 0);
        assertTrue(fd > 2, "fd " + fd);
        int flags = libc.fcntl(fd, Libc.F_GETFL, 0);
        assertEquals(Libc.O_RDWR, flags & Libc.O_ACCMODE);
        assertEquals(0, flags & Libc.O_NONBLOCK);
        assertEquals(0, libc.fcntl(fd, Libc.F_SETFL, flags | Libc.O_NONBLOCK));
        assertEquals(flags | Libc.O_NONBLOCK, libc.fcntl(fd, Libc.F_GETFL, 0));
        assertEquals(0, libc.fcntl(fd, F_GETFD, 0));
        assertEquals(0, libc.fcntl(fd, Libc.F_SETFD, Libc.FD_CLOEXEC));
        assertEquals(Libc.FD_CLOEXEC, libc.fcntl(fd, F_GETFD, 0));
        assertEquals(0, libc.close(fd));
        assertEquals(-EINVAL, libc.socket(Libc.AF_INET, -1, 0));
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void shouldCollectEvents(Libc libc) {
        long page = page(libc);
        ByteBuffer at = libc.buffer(page, PAGE);
        int set = libc.epollCreate(Libc.O_CLOEXEC);
        int fd = libc.eventfd(3, Libc.EFD_CLOEXEC);
        at.putInt(0, POLLIN).putLong(4, 0x1122334455667788L);
        assertEquals(0, libc.epollControl(set, EPOLL_CTL_ADD, fd, page));
        assertEquals(-Errno.EEXIST, libc.epollControl(set, EPOLL_CTL_ADD, fd, page));
        at.putInt(0, 0).putLong(4, 0);
        assertEquals(1, libc.epollWait(set, page, 8, 0));
        assertEquals(POLLIN, at.getInt(0));
        assertEquals(0x1122334455667788L, at.getLong(4));
        assertEquals(8, libc.read(fd, page, 8));
        assertEquals(0, libc.epollWait(set, page, 8, 0));
        assertEquals(-EINVAL, libc.epollWait(set, page, 0, 0));
        assertEquals(-EINVAL, libc.epollCreate(-1));
        assertEquals(0, libc.close(fd));
        assertEquals(0, libc.close(set));
        assertEquals(0, libc.munmap(page, PAGE));
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void shouldReturnErrnoAndNotCrashForPagesWithoutAccess(Libc libc) {
        long page = libc.mmap(0, PAGE, Libc.PROT_NONE, ANONYMOUS, NO_FD, 0);
        int zero = libc.open("/dev/zero", Libc.O_RDONLY | Libc.O_CLOEXEC);
        int event = libc.eventfd(0, Libc.EFD_CLOEXEC);
        for (long address : new long[] {0, 1, page, Long.MAX_VALUE, Long.MIN_VALUE, -PAGE}) {
            assertEquals(-Errno.EFAULT, libc.read(zero, address, 8), Long.toHexString(address));
            assertEquals(-Errno.EFAULT, libc.write(event, address, 8), Long.toHexString(address));
            assertEquals(-Errno.EFAULT, libc.ppoll(address, 1, 0), Long.toHexString(address));
        }
        assertEquals(0, libc.close(zero));
        assertEquals(0, libc.close(event));
        assertEquals(0, libc.munmap(page, PAGE));
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void shouldReturnErrnoForIoctlOnWrongKindOfFile(Libc libc) {
        long page = page(libc);
        int fd = libc.open("/dev/zero", Libc.O_RDONLY | Libc.O_CLOEXEC);
        assertEquals(-ENOTTY, libc.ioctl(fd, TCGETS, page));
        // A request number with its highest bit set, as those that read have.
        assertEquals(-ENOTTY, libc.ioctl(fd, 0x8090ae81L, page));
        assertEquals(0, libc.close(fd));
        assertEquals(0, libc.munmap(page, PAGE));
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void shouldMapAndUnmap(Libc libc) {
        // Too much for anybody else to map there meanwhile.
        long length = 64L << 30;
        long start =
                libc.mmap(
                        0, length, Libc.PROT_READ_WRITE, ANONYMOUS | Libc.MAP_NORESERVE, NO_FD, 0);
        assertTrue(start > 0, "" + start);
        assertTrue(isMapped(start, length));
        assertEquals(0, libc.buffer(start, PAGE).getLong(0));
        ByteBuffer last = libc.buffer(start + length - PAGE, PAGE);
        last.put(PAGE - 1, (byte) 7);
        assertEquals(7, last.get(PAGE - 1));
        assertEquals(0, libc.munmap(start, length));
        assertTrue(!isMapped(start, length));
    }

    private static boolean isMapped(long start, long length) {
        return ProcMaps.at(start).filter(area -> area.end() >= start + length).isPresent();
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void shouldReturnErrnoForMappingsThatCannotBe(Libc libc) {
        assertEquals(-EINVAL, libc.mmap(0, 0, Libc.PROT_NONE, ANONYMOUS, NO_FD, 0));
        assertEquals(-EBADF, libc.mmap(0, PAGE, Libc.PROT_NONE, Libc.MAP_SHARED, NO_FD, 0));
        assertEquals(-EINVAL, libc.munmap(1, PAGE));
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void shouldReturnAddressThatABufferWasMadeFrom(Libc libc) {
        long page = page(libc);
        ByteBuffer buffer = libc.buffer(page, PAGE);
        assertEquals(PAGE, buffer.capacity());
        assertEquals(ByteOrder.LITTLE_ENDIAN, buffer.order());
        assertEquals(page, libc.address(buffer));
        assertEquals(page, libc.address(buffer.position(100)));
        assertEquals(page, libc.address(buffer.duplicate()));
        assertEquals(page, libc.address(buffer.asReadOnlyBuffer()));
        assertEquals(page + 100, libc.address(buffer.slice()));
        assertEquals(page + 200, libc.address(buffer.slice(200, 50).position(3)));
        assertEquals(page + 210, libc.address(buffer.slice(200, 50).slice(10, 5)));
        assertEquals(0, libc.munmap(page, PAGE));
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void shouldReachLastByteOfTheLongestBuffer(Libc libc) {
        int length = Integer.MAX_VALUE;
        long start =
                libc.mmap(
                        0, length, Libc.PROT_READ_WRITE, ANONYMOUS | Libc.MAP_NORESERVE, NO_FD, 0);
        assertTrue(start > 0, "mmap: " + start);
        ByteBuffer buffer = libc.buffer(start, length);
        assertEquals(length, buffer.capacity());
        buffer.put(length - 1, (byte) 9);
        assertEquals(9, libc.buffer(start + length - 1, 1).get(0));
        assertEquals(0, libc.munmap(start, length));
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void shouldReturnAddressOfABufferOfTheHeapsOwn(Libc libc) {
        ByteBuffer direct = ByteBuffer.allocateDirect(16).order(ByteOrder.LITTLE_ENDIAN);
        direct.putLong(8, 0x1122334455667788L);
        assertEquals(0x1122334455667788L, libc.buffer(libc.address(direct), 16).getLong(8));
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void shouldCallInTheCallingThread(Libc libc) throws Exception {
        String self = Files.readSymbolicLink(Path.of("/proc/thread-self")).toString();
        long thread = libc.syscall(Libc.SYS_GETTID, 0, 0, 0, 0, 0);
        assertTrue(thread > 0);
        assertEquals(self.substring(self.lastIndexOf('/') + 1), "" + thread);
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void shouldReturnErrnoForUnknownSystemCall(Libc libc) {
        assertEquals(-ENOSYS, libc.syscall(100_000, 0, 0, 0, 0, 0));
    }

    // Six arguments, since a binding may pass that many in another way.
    @ParameterizedTest
    @MethodSource("bindings")
    void shouldCallAFunctionByItsName(Libc libc) {
        assertEquals(5, (int) libc.call("abs", -5));
        assertEquals(1L << 40, libc.call("labs", -(1L << 40)));
        long page = libc.call("mmap", 0, PAGE, Libc.PROT_READ_WRITE, ANONYMOUS, -1, 0);
        libc.buffer(page, PAGE).put(0, (byte) 7).put(PAGE - 1, (byte) 7);
        assertEquals(0, (int) libc.call("memcmp", page, page + PAGE - 1, 1));
        assertEquals(0, libc.munmap(page, PAGE));
        assertEquals(-ENOSYS, libc.call("no_such_function", 1, 2));
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void shouldPollAnEvent(Libc libc) {
        long page = page(libc);
        int fd = libc.eventfd(0, Libc.EFD_CLOEXEC);
        ByteBuffer at = libc.buffer(page, PAGE);
        at.putInt(0, fd).putShort(4, POLLIN);
        // A struct timespec of zero at 16, and the count of the event at 32.
        assertEquals(0, libc.ppoll(page, 1, page + 16));
        assertEquals(0, at.getShort(6));
        at.putLong(32, 3);
        assertEquals(8, libc.write(fd, page + 32, 8));
        assertEquals(1, libc.ppoll(page, 1, 0));
        assertEquals(POLLIN, at.getShort(6));
        at.putLong(32, 0);
        assertEquals(8, libc.read(fd, page + 32, 8));
        assertEquals(3, at.getLong(32));
        assertEquals(0, libc.close(fd));
        assertEquals(0, libc.munmap(page, PAGE));
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void shouldKeepErrnoApartFromCallsBefore(Libc libc, @TempDir Path dir) {
        String missing = dir.resolve("missing").toString();
        for (int i = 0; i < 1000; i++) {
            assertEquals(-Errno.ENOENT, libc.open(missing, Libc.O_RDONLY));
            assertTrue(libc.syscall(Libc.SYS_GETTID, 0, 0, 0, 0, 0) > 0);
            assertEquals(-EBADF, libc.close(NO_FD));
            assertTrue(libc.syscall(Libc.SYS_GETTID, 0, 0, 0, 0, 0) > 0);
            assertEquals(-EINVAL, libc.munmap(1, PAGE));
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void shouldKeepErrnoApartFromOtherThreads(Libc libc, @TempDir Path dir) throws Exception {
        String missing = dir.resolve("missing").toString();
        List<Callable<Boolean>> loops =
                List.of(
                        () -> always(() -> libc.open(missing, 0) == -Errno.ENOENT),
                        () -> always(() -> libc.close(NO_FD) == -EBADF),
                        () -> always(() -> libc.munmap(1, PAGE) == -EINVAL));
        ExecutorService threads = Executors.newFixedThreadPool(loops.size());
        try {
            for (Future<Boolean> loop : threads.invokeAll(loops)) {
                assertTrue(loop.get());
            }
        } finally {
            threads.shutdown();
        }
    }

    private static boolean always(Callable<Boolean> claim) throws Exception {
        boolean held = true;
        for (int i = 0; i < 20_000; i++) {
            held &= claim.call();
        }
        return held;
    }

    @Test
    void shouldAnswerAlikeWhileJnaIsBound() throws Exception {
        Libc libc = new JnaLibc(1);
        assertTrue(always(() -> libc.close(NO_FD) == -EBADF));
    }

    @Test
    void shouldGiveSameResultsWhicheverBinding() {
        List<List<Long>> results = new ArrayList<>();
        bindings().map(Named::getPayload).forEach(libc -> results.add(results(libc)));
        assertEquals(results.get(0), results.get(1));
        assertEquals(results.get(0), results.get(2));
    }

    private static List<Long> results(Libc libc) {
        long page = page(libc);
        int zero = libc.open("/dev/zero", Libc.O_RDWR | Libc.O_CLOEXEC);
        List<Long> results =
                List.of(
                        (long) libc.open("", Libc.O_RDONLY),
                        (long) libc.open("/", Libc.O_RDWR),
                        (long) libc.open("/dev/null/x", Libc.O_RDONLY),
                        libc.read(zero, page, PAGE),
                        libc.read(zero, page, 0),
                        libc.read(zero, page, -1),
                        libc.write(zero, page, Long.MAX_VALUE),
                        libc.pread(zero, page, PAGE, -1),
                        libc.pwrite(zero, page, PAGE, Long.MAX_VALUE),
                        libc.lseek(zero, -1, -1),
                        (long) libc.fcntl(zero, -1, -1),
                        (long) libc.fdatasync(zero),
                        (long) libc.socket(-1, -1, -1),
                        (long) libc.epollWait(zero, page, 1, 0),
                        (long) libc.epollControl(zero, -1, -1, -1),
                        (long) libc.ioctl(zero, -1, -1),
                        libc.mmap(1, PAGE, Libc.PROT_NONE, Libc.MAP_FIXED | ANONYMOUS, NO_FD, 0),
                        libc.mmap(0, Long.MAX_VALUE, Libc.PROT_NONE, ANONYMOUS, NO_FD, 0),
                        (long) libc.munmap(page, 0),
                        (long) libc.ppoll(page, -1, 0),
                        (long) libc.eventfd(0, -1),
                        libc.syscall(-1, -1, -1, -1, -1, -1),
                        (long) libc.close(zero),
                        (long) libc.munmap(page, PAGE));
        assertTrue(results.stream().anyMatch(result -> result < 0));
        return results;
    }

    private static long page(Libc libc) {
        long page = libc.mmap(0, PAGE, Libc.PROT_READ_WRITE, ANONYMOUS, NO_FD, 0);
        assertTrue(page > 0, "mmap: " + page);
        return page;
    }
}
