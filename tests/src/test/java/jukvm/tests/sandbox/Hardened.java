package jukvm.tests.sandbox;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import jukvm.device.Console;
import jukvm.device.ConsoleCapture;
import jukvm.device.MemoryDisk;
import jukvm.device.UdpPort;
import jukvm.device.VirtualSwitch;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.SnapshotPoint;
import jukvm.image.GuestImage;
import jukvm.libc.Errno;
import jukvm.libc.NativeStrings;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Hardening;
import jukvm.monitor.Isolation;
import jukvm.monitor.Monitor;
import jukvm.monitor.Snapshot;
import jukvm.tests.support.EchoClient;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Run;

/**
 * An embedder that hardens its own process: {@code FOLDER HOW NEEDS...}. It tells line by line what
 * comes of what it tries then, the last of which is {@code ready}, and ends when its input does.
 */
final class Hardened {
    private final Path folder;
    private final Monitor monitor;

    private Hardened(Path folder, Monitor monitor) {
        this.folder = folder;
        this.monitor = monitor;
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        Hardening.Need[] needs =
                Arrays.stream(arguments)
                        .skip(2)
                        .map(Hardening.Need::valueOf)
                        .toArray(Hardening.Need[]::new);
        if (arguments[1].equals("workers")) {
            haveWorkers();
        } else {
            try (Monitor monitor = Monitor.open();
                    ServerSocket listening =
                            new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                Hardened here = new Hardened(folder, monitor);
                tell("a guest before", here.hello());
                boolean isLog = arguments[1].equals("log");
                Hardening hardening = isLog ? Hardening.log(needs) : Hardening.apply(needs);
                tell("layers", new TreeSet<>(hardening.layers()) + "");
                tell("missing", hardening.missing() + "");
                here.tryFiles();
                here.trySockets(listening.getLocalPort());
                here.tryPrograms();
                here.runGuests();
                if (isLog) {
                    tell("would refuse", new TreeMap<>(hardening.wouldRefuse()).keySet() + "");
                } else if (needs.length == 0) {
                    here.makeAttempts();
                    tell("a second time", Hardening.apply(needs).layers() + "");
                }
            }
        }
        System.out.println("ready");
        int unused = System.in.read();
    }

    private static void tell(String what, String answer) {
        System.out.println(what + ": " + answer);
    }

    /** Something that the JDK may fail at. */
    private interface Trial {
        void run() throws Exception;
    }

    private static void attempt(String what, Trial trial) {
        String answer = "done";
        try {
            trial.run();
        } catch (Exception e) {
            answer = "refused";
        }
        tell(what, answer);
    }

    private void tryFiles() {
        Path file = folder.resolve("written");
        attempt("write a file", () -> Files.writeString(file, "x"));
        attempt("read a file", () -> Files.readString(Path.of("/etc/passwd")));
        attempt(
                "change a file",
                () -> {
                    Files.createSymbolicLink(folder.resolve("link"), file);
                    Files.move(file, folder.resolve("moved"));
                    Files.setLastModifiedTime(folder.resolve("moved"), FileTime.fromMillis(1));
                    Files.createDirectory(folder.resolve("folder"));
                    Files.delete(folder.resolve("folder"));
                });
        attempt("watch a folder", () -> folder.getFileSystem().newWatchService().close());
        attempt(
                "dump the heap",
                () ->
                        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                                .dumpHeap(folder.resolve("heap.hprof") + "", true));
    }

    private void trySockets(int port) {
        InetAddress here = InetAddress.getLoopbackAddress();
        attempt("connect", () -> new Socket(here, port).close());
        attempt("listen", () -> new ServerSocket(0, 1, here).close());
        attempt("ask interfaces", () -> NetworkInterface.getByInetAddress(here).getMTU());
        attempt(
                "connect to a Unix socket that is not there",
                () -> {
                    try {
                        SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("none")))
                                .close();
                    } catch (IOException e) {
                        if (!String.valueOf(e.getMessage()).contains("No such file")) {
                            throw e;
                        }
                    }
                });
    }

    private void tryPrograms() {
        attempt("start a program", () -> new ProcessBuilder("true").start().waitFor());
        attempt("open a monitor", () -> Monitor.open().close());
    }

    private String hello() throws InterruptedException {
        ConsoleCapture console = Console.capture(1000);
        String end = monitor.run(guest("hello.hvt").console(console)).outcome().message();
        return console.text().isEmpty() ? "prints nothing" : end;
    }

    private static GuestSpec guest(String name) {
        return GuestSpec.of(GuestImage.read(Guests.prebuilt(name)))
                .memory(Run.MEMORY)
                .deadline(Run.LONG);
    }

    private void runGuests() throws Exception {
        System.gc();
        tell("a guest", hello());
        tell("at ring 0", end(guest("hello.hvt").privilege(PrivilegeMode.RING_0)));
        MemoryDisk disk = MemoryDisk.of(256 * 512, 512);
        tell("with a disk", end(guest("block.hvt").block("storage", disk)));
        tell("that faults", monitor.run(guest("write-text.hvt")).outcome().kind() + "");
        GuestSpec spin = guest("spin.hvt").deadline(Duration.ofMillis(200));
        tell("in time", monitor.run(spin).outcome().kind() + "");
        try (VirtualSwitch network = VirtualSwitch.open()) {
            GuestSpec echo = guest("echo.hvt").arguments("limit=5");
            GuestRun run = monitor.start(echo.net("service0", network.connect()));
            UdpPort peer = network.udp("10.0.0.1");
            tell("frames", EchoClient.ask(peer, "10.0.0.2", 5) + "");
            tell("with a network", run.await().outcome().message());
        }
        try (Snapshot snapshot =
                monitor.snapshot(guest("hello.hvt"), SnapshotPoint.afterHypercalls(1))) {
            tell("from a snapshot", end(GuestSpec.of(snapshot)));
        }
    }

    private String end(GuestSpec guest) throws InterruptedException {
        return monitor.run(guest).outcome().message();
    }

    private void makeAttempts() {
        Path file = folder.resolve("file");
        try (NativeStrings names =
                NativeStrings.of(
                        List.of(
                                List.of("/bin/true"),
                                List.of(file + ""),
                                List.of(folder.resolve("new") + "")))) {
            long parent = ProcessHandle.current().parent().orElseThrow().pid();
            for (Attempt attempt : Attempt.values()) {
                long answer = attempt.make(names.first(0), names.first(1), names.first(2), parent);
                String word = answer < 0 ? Errno.describe((int) -answer).split(" ", 2)[0] : "done";
                tell("to " + attempt.words(), word);
            }
        }
    }

    private static void haveWorkers() throws Exception {
        try (Monitor workers = Monitor.open(Isolation.PROCESS.workers(1))) {
            long end = System.nanoTime() + Run.LONG.toNanos();
            while (workers.metrics().workers().ready() == 0 && System.nanoTime() < end) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
            tell("missing", Hardening.apply().missing() + "");
            for (String tenant : List.of("one", "one", "another")) {
                tell(
                        "a guest of " + tenant,
                        workers.run(guest("hello.hvt").tenant(tenant)).outcome().message());
            }
        }
    }
}
