package jukvm.debug;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicBoolean;
import jukvm.abi.PrivilegeLevel;
import jukvm.error.ConfigException;
import jukvm.kvm.KvmVcpu;
import jukvm.vm.DebugSupport;
import jukvm.vm.GuestVm;
import org.jspecify.annotations.Nullable;

/**
 * Where gdb connects to one guest, by its remote protocol: {@code target remote PLACE}. Whoever
 * connects first commands the guest, and nobody else. Thread-safe.
 */
public final class GdbListener implements AutoCloseable {
    private static final String UNIX = "unix:";
    private static final int MAX_PORT = 65535;

    private final ServerSocketChannel server;
    private final GdbPeer peer;
    private final String place;
    private final @Nullable Path path;
    private final boolean isOnFault;
    private final AtomicBoolean isUsed = new AtomicBoolean();
    private final AtomicBoolean isClosed = new AtomicBoolean();

    private GdbListener(Place at, boolean isOnFault) {
        this.server = at.server();
        this.peer = new GdbPeer(at.server());
        this.place = at.shown();
        this.path = at.path();
        this.isOnFault = isOnFault;
    }

    private record Place(ServerSocketChannel server, String shown, @Nullable Path path) {}

    /**
     * Listens from now on.
     *
     * @param place {@code PORT} of the loopback address, {@code ADDRESS:PORT}, of which 0 is one
     *     that is free, or {@code unix:PATH}, a socket that is its user's own
     * @param isOnFault whether the guest runs until it faults or gdb comes, instead of waiting at
     *     its entry
     * @throws ConfigException if it is none of these, or cannot be had
     */
    public static GdbListener listen(String place, boolean isOnFault) {
        try {
            Place at =
                    place.startsWith(UNIX)
                            ? atPath(Path.of(place.substring(UNIX.length())))
                            : atPort(place);
            return new GdbListener(at, isOnFault);
        } catch (IOException | InvalidPathException e) {
            throw new ConfigException("gdb: cannot listen at " + place + ": " + e.getMessage());
        }
    }

    private static Place atPort(String place) throws IOException {
        int colon = place.lastIndexOf(':');
        String port = place.substring(colon + 1);
        if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > MAX_PORT || colon == 0) {
            throw new ConfigException("gdb: '" + place + "' is not [ADDRESS:]PORT, nor unix:PATH");
        }
        InetAddress address =
                colon < 0
                        ? InetAddress.getLoopbackAddress()
                        : InetAddress.getByName(place.substring(0, colon));
        ServerSocketChannel server = ServerSocketChannel.open();
        try {
            server.bind(new InetSocketAddress(address, Integer.parseInt(port)), 1);
            InetSocketAddress at = (InetSocketAddress) server.getLocalAddress();
            String shown = at.getAddress().getHostAddress() + ":" + at.getPort();
            return new Place(server, shown, null);
        } catch (IOException e) {
            server.close();
            throw e;
        }
    }

    // Nobody else can connect before it has its mode, since nobody else gets into the folder.
    private static Place atPath(Path path) throws IOException {
        Path parent = path.toAbsolutePath().getParent();
        if (parent == null || Files.exists(path)) {
            throw new FileAlreadyExistsException(path + " exists");
        }
        Path folder = Files.createTempDirectory(parent, ".gdb");
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        Path made = folder.resolve("s");
        try {
            server.bind(UnixDomainSocketAddress.of(made), 1);
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rw-------"));
            Files.move(made, path);
            return new Place(server, path.toString(), path);
        } catch (IOException e) {
            server.close();
            Files.deleteIfExists(made);
            throw e;
        } finally {
            Files.delete(folder);
        }
    }

    /** Returns where gdb connects, as it is told. */
    public String place() {
        return place;
    }

    /**
     * Returns the vCPU of a VM as this debugger runs it.
     *
     * @param support of debug registers on its host
     * @throws IllegalStateException if it has had a guest already
     */
    public DebuggedVcpu debug(
            GuestVm vm, PrivilegeLevel privilege, DebugSupport support, DebuggedRun run) {
        if (isUsed.getAndSet(true)) {
            throw new IllegalStateException("a debugger is for one guest");
        }
        KvmVcpu vcpu = (KvmVcpu) vm.vcpu();
        return new DebuggedVcpu(vcpu, vm.memory(), privilege, support, isOnFault, peer, run);
    }

    /** Listens no more; a guest that is stopped goes on. */
    @Override
    public void close() {
        if (isClosed.getAndSet(true)) {
            return;
        }
        peer.close();
        try {
            server.close();
            if (path != null) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            // What is left is a socket that nobody listens at.
        }
    }
}
