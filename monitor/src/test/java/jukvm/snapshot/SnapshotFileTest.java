package jukvm.snapshot;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import jukvm.abi.PrivilegeLevel;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.error.ImageException;
import jukvm.io.Requester;
import jukvm.kvm.Cpuid;
import jukvm.memory.GuestMemory;
import jukvm.vm.SnapshotHost;
import jukvm.vm.SnapshotOrigin;
import jukvm.vm.SnapshotState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What is written is read, and what nobody can have written is refused. */
class SnapshotFileTest {
    private static final int PAGE = 4096;

    @TempDir private Path folder;

    private void read(byte[] file, SnapshotHost host, Consumer<SnapshotState> reader)
            throws IOException {
        Path path = folder.resolve("read");
        Files.write(path, file);
        SnapshotBytes.read(path, host, reader);
    }

    private ImageException refused(byte[] file) {
        return assertThrows(
                ImageException.class, () -> read(file, new SnapshotBytes.Host(), state -> {}));
    }

    @ParameterizedTest
    @EnumSource(PrivilegeLevel.class)
    void shouldReadWhatWasWritten(PrivilegeLevel privilege) throws IOException {
        byte[] file = SnapshotBytes.file(privilege, folder);
        try (SnapshotState wanted = SnapshotBytes.snapshot(privilege)) {
            read(
                    file,
                    new SnapshotBytes.Host(),
                    state -> {
                        assertEquals(wanted.resume(), state.resume());
                        assertEquals(wanted.origin().devices(), state.origin().devices());
                        assertEquals(wanted.origin().ports(), state.origin().ports());
                        assertEquals(wanted.dialect(), state.dialect());
                        assertEquals(privilege, state.privilege());
                        assertEquals(wanted.host().tscHz(), state.host().tscHz());
                        assertEquals(wanted.vcpu().counter(), state.vcpu().counter());
                        assertEquals(wanted.vcpu().msrs(), state.vcpu().msrs());
                        assertArrayEquals(wanted.vcpu().regs(), state.vcpu().regs());
                        assertArrayEquals(wanted.vcpu().sregs(), state.vcpu().sregs());
                        assertArrayEquals(wanted.vcpu().state(), state.vcpu().state());
                        assertSameMemory(wanted, state);
                    });
        }
    }

    private static SnapshotOrigin checked(byte[] file, long size) throws IOException {
        return SnapshotReader.check("some.snap", new ByteArrayInputStream(file), size);
    }

    @ParameterizedTest
    @EnumSource(PrivilegeLevel.class)
    void shouldCheckAFileWhereNoCloneIsToRun(PrivilegeLevel privilege) throws IOException {
        byte[] file = SnapshotBytes.file(privilege, folder);
        SnapshotOrigin origin = checked(file, file.length);
        assertEquals(privilege, origin.privilege());
        assertEquals(SnapshotBytes.MEMORY, origin.memory());
        byte[] bad = file.clone();
        bad[file.length - 1] ^= 1;
        ImageException e = assertThrows(ImageException.class, () -> checked(bad, bad.length));
        assertEquals(
                "some.snap: snapshot is damaged: checksum of its pages is wrong", e.getMessage());
        assertThrows(ImageException.class, () -> checked(file, file.length - PAGE));
        assertThrows(
                EOFException.class,
                () -> checked(Arrays.copyOf(file, file.length - 1), file.length));
        assertThrows(ImageException.class, () -> checked(new byte[PAGE], PAGE));
    }

    private static void assertSameMemory(SnapshotState wanted, SnapshotState read) {
        try (GuestMemory before = GuestMemory.allocate(SnapshotBytes.MEMORY);
                GuestMemory after = GuestMemory.allocate(SnapshotBytes.MEMORY)) {
            assertTrue(before.begin(wanted.template()));
            assertTrue(after.begin(read.template()));
            for (long page = 0; page < SnapshotBytes.MEMORY; page += PAGE) {
                assertEquals(before.owned(page, PAGE), after.owned(page, PAGE), "page " + page);
                assertEquals(before.isReadable(page, 1), after.isReadable(page, 1));
                assertEquals(before.isWritable(page, 1), after.isWritable(page, 1));
            }
        }
    }

    @Test
    void shouldBeSparseAndForItsOwner() throws IOException {
        byte[] file = SnapshotBytes.file(PrivilegeLevel.RING_3, folder);
        assertEquals(2 * PAGE, SnapshotBytes.of(file).pages().length);
        assertEquals(0, file.length % PAGE);
        assertEquals(
                PosixFilePermissions.fromString("rw-------"),
                Files.getPosixFilePermissions(folder.resolve("written")));
    }

    @Test
    void shouldReplaceAFileOnlyIfAsked() throws IOException {
        Path file = Files.writeString(folder.resolve("there"), "mine");
        try (SnapshotState state = SnapshotBytes.snapshot(PrivilegeLevel.RING_3)) {
            HostException refused =
                    assertThrows(
                            HostException.class,
                            () ->
                                    SnapshotWriter.write(
                                            state, Requester.self(), file.toString(), false));
            assertTrue(refused.getMessage().contains("EEXIST"), refused.getMessage());
            assertEquals("mine", Files.readString(file));
            SnapshotWriter.write(state, Requester.self(), file.toString(), true);
        }
        SnapshotBytes.read(file, new SnapshotBytes.Host(), state -> {});
        assertEquals(List.of(file), files());
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    @Test
    void shouldLeaveNothingWhereItCannotWrite() throws IOException {
        try (SnapshotState state = SnapshotBytes.snapshot(PrivilegeLevel.RING_3)) {
            for (String name : new String[] {"absent/file", "/proc/file", "", "a/"}) {
                String path = name.startsWith("/") ? name : folder.resolve(".") + "/" + name;
                assertThrows(
                        HostException.class,
                        () -> SnapshotWriter.write(state, Requester.self(), path, false),
                        path);
            }
        }
        assertEquals(List.of(), files());
    }

    @ParameterizedTest
    @EnumSource(PrivilegeLevel.class)
    void shouldRefuseEachByteThatIsAnother(PrivilegeLevel privilege) throws IOException {
        byte[] file = SnapshotBytes.file(privilege, folder);
        int stride = file.length / 300;
        for (int at = 0; at < file.length; at += at < 64 ? 1 : stride) {
            byte[] damaged = file.clone();
            damaged[at] ^= 0x10;
            refused(damaged);
        }
    }

    @Test
    void shouldRefuseEachLengthThatIsAnother() throws IOException {
        byte[] file = SnapshotBytes.file(PrivilegeLevel.RING_3, folder);
        for (int length = 0; length < file.length; length += length < 64 ? 1 : 499) {
            refused(Arrays.copyOf(file, length));
        }
        refused(Arrays.copyOf(file, file.length + 1));
        refused(Arrays.copyOf(file, file.length + PAGE));
    }

    /** A file with a section that is wrong, with sums that are right. */
    private record Damage(int section, Consumer<SnapshotBytes> how, String message) {}

    private static Damage number(int offset, long value, String message) {
        return new Damage(
                SnapshotBytes.NUMBERS,
                bytes -> bytes.section(SnapshotBytes.NUMBERS).putLong(offset, value),
                message);
    }

    private static Damage bytes(int section, byte[] bytes, String message) {
        return new Damage(section, whole -> whole.set(section, bytes), message);
    }

    private static Damage put(int section, int offset, long value, String message) {
        return new Damage(section, bytes -> bytes.section(section).putLong(offset, value), message);
    }

    private static byte[] longs(long... values) {
        byte[] bytes = new byte[values.length * Long.BYTES];
        Head.ordered(bytes).asLongBuffer().put(values);
        return bytes;
    }

    static Stream<Arguments> damages() {
        return Stream.of(
                        number(0, 1, "ring is 0x1"),
                        number(8, 0, "memory of 0 bytes"),
                        number(8, 1 << 20, "memory of 1048576 bytes"),
                        number(8, SnapshotBytes.MEMORY + 4096, "memory of 16781312 bytes"),
                        number(8, 8L << 30, "memory of 8589934592 bytes"),
                        number(8, -1, "memory of -1 bytes"),
                        number(16, 0, "frequency of the time-stamp counter is 0x0"),
                        number(16, -1, "frequency of the time-stamp counter is 0xfff"),
                        number(24, -1, "time-stamp counter is 0xfff"),
                        number(48, 0x10000, "port is 0x10000"),
                        number(56, 1L << 32, "argument is 0x100000000"),
                        number(64, 1L << 50, "kernel GS base is 0x4000000000000, not canonical"),
                        number(80, 0x10000, "limit of the GDT is 0x10000"),
                        number(96, -1, "limit of the IDT is 0xfff"),
                        bytes(SnapshotBytes.NUMBERS, new byte[104], "section of numbers of 104"),
                        bytes(SnapshotBytes.DIALECT, "hvt\n9".getBytes(US_ASCII), "'hvt\\x0a9'"),
                        bytes(SnapshotBytes.DIALECT, new byte[0], "dialect of 0 bytes"),
                        bytes(
                                SnapshotBytes.DIALECT,
                                "ukvm 0.2".getBytes(US_ASCII),
                                "its image is of dialect 'hvt 2', not 'ukvm 0.2'"),
                        bytes(SnapshotBytes.DEVICES, new byte[8], "section of devices of 8 bytes"),
                        bytes(SnapshotBytes.PORTS, new byte[] {(byte) 0xe3, 0}, "port 0xe3"),
                        bytes(SnapshotBytes.PORTS, new byte[130], "section of ports of 130"),
                        bytes(SnapshotBytes.CPUID, new byte[23], "23 bytes of CPUID"),
                        bytes(SnapshotBytes.CPUID, new byte[0], "0 bytes of CPUID"),
                        bytes(SnapshotBytes.REGS, new byte[143], "general registers of 143"),
                        put(SnapshotBytes.REGS, 128, 1L << 63, "rip is 0x8000000000000000"),
                        put(SnapshotBytes.REGS, 136, 0x3002, "rflags are 0x3002, which ring 3"),
                        bytes(SnapshotBytes.SPECIAL, new byte[312], "special registers of 312"),
                        put(SnapshotBytes.SPECIAL, 0, 1L << 47, "FS base is 0x800000000000"),
                        put(SnapshotBytes.SPECIAL, 8, 1L << 62, "GS base is 0x4000000000000000"),
                        bytes(SnapshotBytes.STATE, new byte[4095], "vector registers of 4095"),
                        bytes(
                                SnapshotBytes.MSRS,
                                longs(0xc0000080L, 0),
                                "register 0xc0000080 is none that a guest at ring 3 can set"),
                        bytes(
                                SnapshotBytes.MSRS,
                                longs(0x12, 0x1001),
                                "register 0x12: Invalid guest access: gpa=0x1000"),
                        bytes(SnapshotBytes.MSRS, longs(0x12, 0, 0x12, 0), "register 0x12"),
                        bytes(SnapshotBytes.MSRS, longs(1L << 32, 0), "register 0x100000000"),
                        bytes(SnapshotBytes.MSRS, longs(1), "model-specific registers of 8"),
                        bytes(SnapshotBytes.IMAGE, new byte[64], "not an ELF"),
                        bytes(SnapshotBytes.IMAGE, new byte[0], "image of 0 bytes"),
                        bytes(SnapshotBytes.RUNS, longs(0x1000, 0x2000), "0x1000 are among"),
                        bytes(SnapshotBytes.RUNS, longs(0x200001, 0x2000), "pages at 0x200001"),
                        bytes(SnapshotBytes.RUNS, longs(0x200000, 0), "pages at 0x200000, 0x0"),
                        bytes(SnapshotBytes.RUNS, longs(0x200000, -4096), "pages at 0x200000"),
                        bytes(SnapshotBytes.RUNS, longs(-4096, 8192), "pages at 0xfff"),
                        bytes(
                                SnapshotBytes.RUNS,
                                longs(SnapshotBytes.LAST_PAGE, 0x2000),
                                "pages at 0xfff000, 0x2000 bytes"),
                        bytes(
                                SnapshotBytes.RUNS,
                                longs(0x201000, 0x1000, 0x200000, 0x1000),
                                "pages at 0x200000"),
                        bytes(
                                SnapshotBytes.RUNS,
                                longs(0x200000, 0x2000, 0x201000, 0x1000),
                                "pages at 0x201000"),
                        bytes(SnapshotBytes.RUNS, longs(0x200000, 0x1000), "file has"),
                        bytes(SnapshotBytes.RUNS, longs(), "file has"))
                .map(damage -> Arguments.of(damage.message(), damage));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("damages")
    void shouldRefuseWhatNobodyCanHaveWritten(String message, Damage damage) throws IOException {
        byte[] file = SnapshotBytes.file(PrivilegeLevel.RING_3, folder);
        SnapshotBytes bytes = SnapshotBytes.of(file);
        damage.how().accept(bytes);
        String refusal = refused(bytes.file()).getMessage();
        assertTrue(refusal.startsWith("some.snap: "), refusal);
        assertTrue(refusal.contains(message), refusal);
        assertTrue(refusal.chars().allMatch(c -> c >= ' ' && c < 0x7f), refusal);
    }

    @Test
    void shouldNameAllThatAHostLacks() throws IOException {
        byte[] file = SnapshotBytes.file(PrivilegeLevel.RING_0, folder);
        SnapshotBytes bytes = SnapshotBytes.of(file);
        bytes.section(SnapshotBytes.NUMBERS).putLong(32, 1);
        SnapshotHost other =
                new SnapshotBytes.Host() {
                    @Override
                    public Cpuid cpuid() {
                        return SnapshotBytes.cpuid(0x5);
                    }

                    @Override
                    public boolean runsPrivileged() {
                        return false;
                    }

                    @Override
                    public boolean ownsCounter() {
                        return false;
                    }

                    @Override
                    public Set<Integer> settableMsrs() {
                        return Set.of();
                    }
                };
        ConfigException refused =
                assertThrows(ConfigException.class, () -> read(bytes.file(), other, state -> {}));
        for (String part :
                List.of(
                        "some.snap: this host is not of the kind that the snapshot was taken on: ",
                        "CPUID leaf 0x1 ecx lacks 0x2; ",
                        "ring 0 needs read-only memory slots",
                        "it was started anew since",
                        "model-specific register 0x174 cannot be set")) {
            assertTrue(refused.getMessage().contains(part), refused.getMessage());
        }
    }
}
