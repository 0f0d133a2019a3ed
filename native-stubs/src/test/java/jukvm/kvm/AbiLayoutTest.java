package jukvm.kvm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import jukvm.libc.Errno;
import jukvm.libc.Libc;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds every number of the host's interface against its headers: src/test/c/abi_probe.c. */
class AbiLayoutTest {
    private static final String GOLDEN = "/abi_probe.txt";
    private static final Path PROBE = Path.of("src", "test", "c", "abi_probe.c");

    /** All classes of the module that state a number. */
    private static final List<Class<?>> CLASSES = classes();

    /**
     * What no header states: choices of jukvm, and bits that the processor's manual defines. A
     * class alone stands for all that it states.
     */
    private static final Set<String> OWN =
            Set.of(
                    "Sync",
                    "Channel",
                    "ChildProcess.GIVEN",
                    "ChildProcess.LONGEST_LINE",
                    "ChildProcess.MOST_WORDS",
                    "Client",
                    "Client.Request",
                    "ClientState",
                    "DaemonLink",
                    "BlockingWriter",
                    "Doorbell",
                    "EarlyBinding",
                    "Fd",
                    "FilePages",
                    "GuestMemory",
                    "HostFile",
                    "HostFile.Kind",
                    "HostInterface",
                    "HostText",
                    "Ipv4Address",
                    "JnaLibc",
                    "Vcpu.Return",
                    "LoopDevices", // Sectors of /sys, whose size only its documentation states.
                    "Mapping",
                    "MemoryTemplate",
                    "RandomBytes", // How many the kernel gives at once: getrandom(2) alone says.
                    "NewFile",
                    "NewFiles",
                    "OutputFile",
                    "PageMap", // Of /proc/PID/pagemap, which only its documentation states.
                    "PageScan", // Of linux/fs.h, but since Linux 6.7.
                    "Patience",
                    "Printable",
                    "Program",
                    "Spawn",
                    "StandardInput.CHUNK",
                    "TapAttachment",
                    "ThreadClock", // Of the kernel's own posix-timers.h.
                    "UsedPages",
                    "VmArena",
                    "Windows",
                    "Xsave",
                    "BlockAttachment.LOOKS",
                    "BlockAttachment.BETWEEN_LOOKS_NANOS",
                    "LinkName.ARENA",
                    "TapSettings.NO_PROGRAM",
                    "TapSettings.PLUGGED",
                    "EpollSet.CAPACITY",
                    "DeviceWatch.FOR_EVER",
                    "DeviceWatch.AT_ONCE",
                    "DeviceWatch.AT_CONTROL",
                    "DeviceWatch.ARENA",
                    "DeviceWatch.NO_KEY",
                    "SockFprog.WHOLE_FRAME",
                    "Poller.NANOS",
                    "Poller.LONG_NANOS",
                    "Poller.LONGEST_NANOS",
                    "Poller.FOREVER",
                    "Poller.NO_FD",
                    "Poller.TIMEOUT",
                    "Poller.COUNT",
                    "Poller.TAKEN",
                    "Poller.ARENA",
                    "StandardOutput.CHUNK",
                    "StandardOutput.SLICE",
                    "StandardOutput.BACK_OFF",
                    "NonBlockingOutput.PACKET",
                    "Stat.ARENA",
                    "EndSignals.ALL",
                    "EndSignals.PAGE",
                    "EndSignals.MASK_SIZE",
                    "EndSignals.SA_RESTORER", // Of asm/signal.h, which goes with no other header.
                    "EndSignals.DESCRIPTOR",
                    "EndSignals.RESTORER",
                    "EndSignals.AT_END",
                    "EndSignals.END",
                    "EndSignals.ASK",
                    "EndSignals.AT_ACTION",
                    "EndSignals.AT_BEFORE",
                    "EndSignals.ACTION",
                    "EndSignals.Heard",
                    "CoreOffer",
                    "CoreRequest",
                    "SparseReceiver",
                    "SparseSender",
                    "ClientListener.BACKLOG",
                    "ClientListener.FULL_NANOS",
                    "ClientListener.NONE",
                    "ClientListener.FIRST_LENT", // SD_LISTEN_FDS_START of systemd's.
                    "SocketAddress.STRANGER",
                    "SocketMessage.NONE",
                    "UnixAddress.LENGTH",
                    "DaemonFolder.ROOT",
                    "ClientWatch.AT_ONCE",
                    "ClientWatch.IDLE_MILLIS",
                    "ClientWatch.LOOK_MILLIS",
                    "ClientWatch.LOOK_NANOS",
                    "ClientWatch.LOOKS",
                    "ClientWatch.NOTHING",
                    "ClientWatch.NOTICES",
                    "ClientWatch.TOLD_AFTER_NANOS",
                    "ClientWatch.LONGEST",
                    "FrameStream.REST",
                    "FrameStream.ARENA",
                    "FrameStream.PREFIX",
                    "FrameStream.BUFFER",
                    "FrameStream.INDIVISIBLE",
                    "FrameChannel",
                    "FrameServer",
                    "Passt.SOCKET",
                    "Passt.LONGEST_WORDS",
                    "Passt.TIMEOUT",
                    "Passt.GRACE_SECONDS",
                    "Passt.DEATH_SECONDS",
                    "Passt.NANOS",
                    "PortClaim.NUMBER",
                    "PortClaim.ARENA",
                    "PortClaim.LAST_PRIVILEGED",
                    "UdpSocket",
                    "Kvm.MAX_ARENAS",
                    "KvmVm.AT_REGION",
                    "KvmVm.AT_REGS",
                    "KvmVm.AT_SREGS",
                    "KvmVm.AT_MSRS",
                    "KvmVm.AT_SIGNALS",
                    "KvmVm.AT_ENABLE_CAP",
                    "VcpuState.AT_XSAVE",
                    "VcpuState.AT_XCRS",
                    "VcpuState.AT_DEBUGREGS",
                    "VcpuState.AT_EVENTS",
                    "MsrTable.MAX_LISTED",
                    "MsrTable.BATCH",
                    "MsrTable.BATCH_SIZE",
                    "VcpuState.ARENA",
                    "VcpuDebug.AT_DEBUG",
                    "VcpuDebug.ARENA",
                    "VcpuDebug.FXSAVE_SIZE", // Of SDM volume 1, section 10.5.1.
                    "DebugRegisters", // Of the SDM: places and bits of debug registers.
                    "DebugRegisters.Kind",
                    "KvmVcpu.NO_THREAD",
                    "KvmVcpu.NANOS",
                    "KvmVcpu.FAR_SECONDS",
                    "ExitReason.UNSUPPORTED",
                    "Cpuid", // Of the SDM: places and bits of what CPUID tells.
                    "CpuidMask.VMX",
                    "CpuidMask.SGX",
                    "CpuidMask.SGX_LC",
                    "CpuidMask.SHADOW_STACKS",
                    "CpuidMask.BRANCH_TRACKING",
                    "CpuidMask.SVM_AND_SKINIT",
                    "CpuidMask.PERFCTR",
                    "KickSignal.BIT",
                    "KickSignal.ARENA",
                    "KickSignal.AT_SIGNAL",
                    "KickSignal.AT_BEFORE",
                    "KickSignal.AT_TIMEOUT",
                    "KvmCpuid2.MAX_ENTRIES",
                    "Condition.ALL",
                    "Condition.OWN_PROCESS",
                    "ControlGroup",
                    "ControlGroups",
                    "Controller",
                    "FilterProgram.ROOM",
                    "Landlock", // Of linux/landlock.h, which older headers have less of or not.
                    "Layer",
                    "ProcessLimits.MORE_DESCRIPTORS",
                    "ProcessLimits.OF_GUESTS",
                    "SealedBytes",
                    "RefusalLog.NONE",
                    "RefusalLog.PAGE",
                    "RefusalLog.MASK_SIZE",
                    "RefusalLog.SA_RESTORER", // As that of EndSignals.
                    "RefusalLog.ACTION",
                    "RefusalLog.AT_PIPE",
                    "RefusalLog.RESTORER_SIZE",
                    "Sandbox.ANY_LENGTH",
                    "SystemCallNames", // Held against asm/unistd_64.h by a test of their own.
                    "Use");

    static Stream<String> goldenConstants() {
        return golden().stream().filter(line -> !line.startsWith("errno."));
    }

    static List<Class<?>> classes() {
        try {
            URI place = Libc.class.getProtectionDomain().getCodeSource().getLocation().toURI();
            Path root = Path.of(place);
            try (Stream<Path> files = Files.walk(root)) {
                return files.map(file -> root.relativize(file).toString())
                        .filter(name -> name.endsWith(".class") && !name.endsWith("-info.class"))
                        .sorted()
                        .map(AbiLayoutTest::load)
                        .filter(
                                c ->
                                        Arrays.stream(c.getDeclaredFields())
                                                .anyMatch(f -> isNumber(f)))
                        .toList();
            }
        } catch (IOException | URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private static Class<?> load(String file) {
        String name = file.replace('/', '.').replaceFirst("\\.class$", "");
        try {
            // What states nothing that a header does need not begin.
            return Class.forName(name, false, AbiLayoutTest.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new LinkageError(name, e);
        }
    }

    /** Returns a class's name without that of its package. */
    private static String title(Class<?> type) {
        String name = type.getName();
        return name.substring(name.lastIndexOf('.') + 1).replace('$', '.');
    }

    @ParameterizedTest
    @MethodSource("goldenConstants")
    void shouldStateTheNumberOfTheHeader(String line) {
        int dot = line.indexOf('.');
        int equals = line.indexOf('=');
        Class<?> type =
                CLASSES.stream()
                        .filter(c -> c.getSimpleName().equals(line.substring(0, dot)))
                        .findFirst()
                        .orElseThrow();
        long header = Long.parseLong(line.substring(equals + 1));
        assertEquals(header, constant(type, line.substring(dot + 1, equals)), line);
    }

    @ParameterizedTest
    @MethodSource("classes")
    void shouldHaveEveryConstantProved(Class<?> type) {
        Set<String> proved = Set.copyOf(goldenConstants().map(AbiLayoutTest::key).toList());
        if (OWN.contains(title(type))) {
            return;
        }
        List<String> unproved =
                Arrays.stream(type.getDeclaredFields())
                        .filter(AbiLayoutTest::isNumber)
                        .map(field -> type.getSimpleName() + "." + field.getName())
                        .filter(name -> !proved.contains(name) && !OWN.contains(name))
                        .toList();
        assertEquals(List.of(), unproved);
    }

    @Test
    void shouldDescribeErrorsAsTheHostDoes() {
        Map<Integer, String> expected = new HashMap<>();
        for (String line : golden()) {
            if (line.startsWith("errno.")) {
                int number = Integer.parseInt(key(line).substring("errno.".length()));
                expected.put(number, line.substring(line.indexOf('=') + 1));
            }
        }
        assertFalse(expected.isEmpty());
        for (int errno = 0; errno < 200; errno++) {
            String fallback = "errno " + errno;
            assertEquals(expected.getOrDefault(errno, fallback), Errno.describe(errno));
        }
    }

    @Test
    void shouldHaveGoldenFileAsTheProbePrintsIt(@TempDir Path dir) throws Exception {
        assumeTrue(hasCompiler(), "no cc");
        Path program = dir.resolve("abi_probe");
        run("cc", "-Wall", "-Werror", "-o", program.toString(), PROBE.toString());
        assertEquals(golden(), run(program.toString()).lines().toList());
    }

    @Test
    void shouldNotPassOneStructOverAnotherToTheKernel() {
        // The page that KvmVm lays out: each struct ends before the next begins.
        assertTrue(KvmVm.AT_REGION + KvmUserspaceMemoryRegion.SIZE <= KvmVm.AT_REGS);
        assertTrue(KvmVm.AT_REGS + KvmRegs.SIZE <= KvmVm.AT_SREGS);
        assertTrue(KvmVm.AT_SREGS + KvmSregs.SIZE <= KvmVm.AT_MSRS);
        assertTrue(KvmVm.AT_MSRS + KvmMsrs.SIZE + KvmMsrs.ENTRY_SIZE <= KvmVm.AT_SIGNALS);
        assertTrue(KvmVm.AT_SIGNALS + KickSignal.ARENA <= KvmVm.AT_ENABLE_CAP);
        assertTrue(KvmVm.AT_ENABLE_CAP + KvmEnableCap.SIZE <= VmArena.SIZE);
    }

    private static boolean isNumber(Field field) {
        boolean number =
                field.getType().isPrimitive()
                        && field.getType() != boolean.class
                        && Modifier.isStatic(field.getModifiers())
                        && !field.getName().equals("serialVersionUID");
        return (number || field.isEnumConstant()) && !field.isSynthetic();
    }

    private static long constant(Class<?> type, String name) {
        try {
            Field field = type.getDeclaredField(name);
            field.setAccessible(true);
            Object value = Objects.requireNonNull(field.get(null));
            if (value instanceof KvmRegs.Reg reg) {
                return reg.offset;
            } else if (value instanceof Capability capability) {
                return capability.number();
            } else if (value instanceof ExitReason reason) {
                return reason.number();
            } else if (value instanceof Enum<?> call) { // Of a package that shows it to nobody.
                Field number = call.getDeclaringClass().getDeclaredField("number");
                number.setAccessible(true);
                return number.getInt(call);
            }
            return ((Number) value).longValue();
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(type + ": " + name, e);
        }
    }

    private static String key(String line) {
        return line.substring(0, line.indexOf('='));
    }

    private static List<String> golden() {
        try (InputStream in = AbiLayoutTest.class.getResourceAsStream(GOLDEN)) {
            return new String(Objects.requireNonNull(in).readAllBytes(), UTF_8).lines().toList();
        } catch (IOException e) {
            throw new AssertionError(GOLDEN, e);
        }
    }

    private static boolean hasCompiler() {
        return Stream.of(System.getenv("PATH").split(":", -1))
                .anyMatch(dir -> Files.isExecutable(Path.of(dir, "cc")));
    }

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }
}
