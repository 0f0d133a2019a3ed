package jukvm.libc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One contract that both bindings keep. */
class SpawnLibcTest {
    private static final Libc LIBC = Libc.get();
    private static final int ARENA = 4096;
    private static final int PID = 0;
    private static final int STATUS = 8;
    private static final int ATTRIBUTES = 64;
    private static final int ACTIONS = 512;
    private static final int SIGNALS = 1024;

    static Stream<Named<SpawnLibc>> bindings() {
        return Stream.of("jna", "jnr").map(name -> Named.of(name, SpawnLibc.of(name)));
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void shouldPassEveryArgument(SpawnLibc spawn) {
        try (Mapping arena = Mapping.anonymous(ARENA);
                NativeStrings strings =
                        NativeStrings.of(
                                List.of(
                                        List.of("/bin/sh"),
                                        List.of("sh", "-c", "exit $STATUS"),
                                        List.of("STATUS=42")))) {
            long address = arena.address();
            assertEquals(0, spawn.attributesInit(address + ATTRIBUTES));
            assertEquals(0, spawn.actionsInit(address + ACTIONS));
            int result =
                    spawn.spawn(
                            address + PID,
                            strings.first(0),
                            address + ACTIONS,
                            address + ATTRIBUTES,
                            strings.array(1),
                            strings.array(2));
            assertEquals(0, result);
            assertEquals(0, spawn.actionsDestroy(address + ACTIONS));
            ByteBuffer at = arena.window(0, ARENA);
            int pid = at.getInt(PID);
            assertTrue(pid > 0, "pid " + pid);
            assertEquals(pid, LIBC.syscall(Libc.SYS_WAIT4, pid, address + STATUS, 0, 0, 0));
            assertEquals(42 << 8, at.getInt(STATUS));
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void shouldReturnNegatedErrorNumbers(SpawnLibc spawn) {
        try (Mapping arena = Mapping.anonymous(ARENA);
                NativeStrings strings = NativeStrings.of(List.of(List.of("/missing")))) {
            long address = arena.address();
            long actions = address + ACTIONS;
            assertEquals(0, spawn.actionsInit(actions));
            assertEquals(-Errno.EBADF, spawn.actionsAddDup2(actions, -1, 0));
            assertEquals(-Errno.EBADF, spawn.actionsAddDup2(actions, 0, -1));
            assertEquals(-Errno.EBADF, spawn.actionsAddCloseFrom(actions, -1));
            long argv = strings.array(0);
            long path = strings.first(0);
            assertEquals(-Errno.ENOENT, spawn.spawn(address, path, actions, 0, argv, argv));
            assertEquals(0, spawn.actionsDestroy(actions));
            long attributes = address + ATTRIBUTES;
            assertEquals(0, spawn.attributesInit(attributes));
            assertEquals(-Errno.EINVAL, spawn.attributesSetFlags(attributes, (short) 0x4000));
            assertEquals(0, spawn.attributesSetSignalMask(attributes, address + SIGNALS));
            assertEquals(0, spawn.attributesSetSignalDefault(attributes, address + SIGNALS));
        }
    }
}
