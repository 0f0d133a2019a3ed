package jukvm.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import jukvm.error.HostException;
import jukvm.io.Requester;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.FdPair;
import jukvm.libc.Libc;
import jukvm.libc.SocketMessage;
import jukvm.text.HostText;

/**
 * A client that has connected: another process of this user, which asks for one run and opens what
 * that names. What it sends is checked; it may go away at any time, after which all it is asked for
 * fails with EPIPE.
 *
 * <p>Used by one thread, but for {@link ClientWatch}, which listens to it while its guest runs.
 */
public final class Client implements Requester, AutoCloseable {
    private static final Libc LIBC = Libc.get();
    static final int STANDARD = 3; // Descriptors that each client sends first.
    private static final byte[] NO_TEXT = {};

    // A client has little to do between connecting and saying what it wants.
    private static final int FIRST_WORD_SECONDS = 5;

    // Signals that it may tell of before it answers, of which no honest one has so many.
    private static final int NOTICES = 100;

    private final Fd socket;
    private final int pid;
    private final boolean isContained;
    private final SocketMessage message;
    private final ByteBuffer at;
    private int[] received = {};
    private final List<PreopenedFile> advances = new ArrayList<>();
    private final ClientSignals signals = new ClientSignals();
    private volatile boolean gone;

    Client(Fd socket, int pid, boolean isContained, SocketMessage message) {
        this.socket = socket;
        this.pid = pid;
        this.isContained = isContained;
        this.message = message;
        this.at = message.bytes();
    }

    /** Returns its process, 0 if that is not to be seen from here. */
    public int pid() {
        return pid;
    }

    @Override
    public long process() {
        return pid;
    }

    // A container's process, which may have the one guest that its runtime asked for.
    @Override
    public boolean isCharged() {
        return isContained;
    }

    /** Returns what it asks for; nothing if it keeps silent for some seconds. */
    public Request request() {
        message.receiveWithin(socket, FIRST_WORD_SECONDS);
        received = message.descriptors();
        return switch (DaemonProtocol.kind(message)) {
            case DaemonProtocol.STATUS -> Request.STATUS;
            case DaemonProtocol.STOP -> Request.STOP;
            case DaemonProtocol.RETIRE -> Request.RETIRE;
            case DaemonProtocol.CORE ->
                    received.length == 1 && at.limit() == DaemonProtocol.NOTICE_SIZE
                            ? Request.CORE
                            : Request.NOTHING;
            case DaemonProtocol.HELLO ->
                    received.length >= STANDARD ? Request.RUN : Request.NOTHING;
            case 0 -> Request.NOTHING;
            default -> Request.UNKNOWN;
        };
    }

    /** What a client can ask for. */
    public enum Request {
        RUN,
        STATUS,

        /** To end when the guests that run have ended. */
        RETIRE,

        /** To end, and its guests before. */
        STOP,

        /** A core of another client's guest. */
        CORE,

        /** Something that this build does not know. */
        UNKNOWN,

        /** It went away, or did not keep to the rules. */
        NOTHING
    }

    /** Returns the process of the client of whose guest a core is asked. */
    public int coreOf() {
        return at.getInt(DaemonProtocol.NUMBER);
    }

    /** Returns where that core goes, a descriptor of this process until it is closed. */
    public int coreTo() {
        return received[0];
    }

    /** Returns the run that was asked for; none if the message is not as it should be. */
    public Optional<ClientRequest> hello() {
        Optional<ClientRequest> hello = ClientRequest.read(at);
        if (hello.isEmpty() || !PreopenedFile.take(at, received, hello.get(), advances)) {
            return Optional.empty();
        }
        received = Arrays.copyOf(received, STANDARD);
        return hello;
    }

    /** Returns the client's standard input, a descriptor of this process until it is closed. */
    public int stdin() {
        return received[0];
    }

    /** Returns the client's standard output, a descriptor of this process until it is closed. */
    public int stdout() {
        return received[1];
    }

    /** Returns the client's standard error, a descriptor of this process until it is closed. */
    public int stderr() {
        return received[2];
    }

    /** Tells it to run the guest in a JVM of its own. Nothing may have been done for it. */
    public void goCold() {
        tell(DaemonProtocol.GO_COLD, 0);
    }

    /** The same, and that this daemon ends. */
    public void goColdAsStale() {
        tell(DaemonProtocol.STALE, 0);
    }

    /**
     * Returns whether it still waits, just before anything is done that can be seen. One that has
     * waited in vain has closed its end for sending, and goes the cold way when it is told to.
     */
    public boolean waits() {
        int length = message.receiveNow(socket);
        for (int i = 0; i < NOTICES && length > 0 && signals.take(message); i++) {
            length = message.receiveNow(socket);
        }
        return length == -Errno.EAGAIN;
    }

    /**
     * Tells a container runtime that its container's guest will run here, and waits for the
     * container's process, for as long as somebody has the connection. Others may have that, too,
     * so all goes on by another, of which the container has no more than its end.
     *
     * @param isOver asked each second, whether it is waited for in vain
     * @return that process; none if it will not come. Its messages are received where this one's
     *     were, which hears of nothing any more
     */
    public Optional<Client> keep(BooleanSupplier isOver) {
        closeAll(received); // Whoever reads what the runtime says waits for its end, not for ours.
        received = new int[0];
        SocketAddress.tellSenders(socket);
        tell(DaemonProtocol.KEPT, 0);
        while (message.receiveWithin(socket, 1) == -Errno.EAGAIN) {
            if (isOver.getAsBoolean()) {
                return Optional.empty();
            }
        }
        received = message.descriptors();
        if (DaemonProtocol.kind(message) != DaemonProtocol.ENTER || received.length != STANDARD) {
            return Optional.empty();
        }
        int process = message.sender();
        try {
            FdPair own = FdPair.packets("container");
            tell(DaemonProtocol.ENTERED, 0, own.second().number());
            own.second().close();
            Client contained = new Client(own.first(), process, true, message);
            contained.received = received;
            received = new int[0];
            return Optional.of(contained);
        } catch (HostException e) {
            goCold(); // This process has no descriptor left for it.
            return Optional.empty();
        }
    }

    /** Tells it how the run ended, which is the end of its process, too. */
    public void end(int status) {
        tell(DaemonProtocol.END, status);
    }

    /** Tells it of which build this process is, and what else there is to know. */
    public void tell(Build build, String text) {
        put(DaemonProtocol.END, 0, 0, 0, text.getBytes(UTF_8));
        int offset = DaemonProtocol.QUESTION_ARGUMENT;
        for (long part : build.parts()) {
            at.putLong(offset, part);
            offset += Long.BYTES;
        }
        gone |= message.send(socket) < 0;
    }

    /** Tells it that its run has begun: its guest runs longer than it waits for the first word. */
    void tellBegun(SocketMessage with) {
        with.bytes()
                .clear()
                .putInt(DaemonProtocol.KIND, DaemonProtocol.BEGUN)
                .position(DaemonProtocol.TEXT + 1);
        with.sendNow(socket);
    }

    private void tell(int kind, int a, int... given) {
        put(kind, a, 0, 0, NO_TEXT);
        gone |= message.send(socket, given) < 0;
    }

    private void put(int kind, int a, int b, long request, byte[] text) {
        at.clear();
        at.putInt(kind).putInt(a).putInt(b).putInt(0).putLong(request);
        at.position(DaemonProtocol.TEXT).put(text).put((byte) 0);
    }

    @Override
    public int open(String path, int flags, int mode) {
        for (PreopenedFile advance : advances) {
            if (advance.is(path, flags)) {
                advances.remove(advance);
                return advance.result();
            }
        }
        return askByPath(DaemonProtocol.OPEN, flags, mode, path);
    }

    private int askByPath(int kind, int a, int b, String path) {
        if (path.indexOf('\0') >= 0) {
            return -Errno.EINVAL;
        }
        byte[] name = HostText.encode(path);
        if (name.length > DaemonProtocol.LONGEST_PATH) {
            return -Errno.ENAMETOOLONG;
        }
        put(kind, a, b, 0, name);
        return ask(kind != DaemonProtocol.UNLINK);
    }

    @Override
    public int socket(int domain, int type) {
        put(DaemonProtocol.SOCKET, domain, type, 0, NO_TEXT);
        return ask(true);
    }

    @Override
    public int connect(String path) {
        return askByPath(DaemonProtocol.CONNECT, 0, 0, path);
    }

    @Override
    public int listen(String path) {
        return askByPath(DaemonProtocol.LISTEN, 0, 0, path);
    }

    @Override
    public int unlink(String path) {
        return askByPath(DaemonProtocol.UNLINK, 0, 0, path);
    }

    @Override
    public int start(List<String> words, int errors, int other) {
        byte[] text = HostText.encode(String.join("\0", words));
        if (text.length > DaemonProtocol.LONGEST_PATH) {
            return -Errno.E2BIG;
        }
        put(DaemonProtocol.START, words.size(), 0, 0, text);
        return ask(true, errors, other);
    }

    @Override
    public int fill(int fd, long bytes) {
        put(DaemonProtocol.FILL, 0, 0, bytes, NO_TEXT);
        return ask(false, fd);
    }

    @Override
    public int inherited(int number) {
        put(DaemonProtocol.INHERITED, number, 0, 0, NO_TEXT);
        return ask(true);
    }

    @Override
    public void giveBack(int fd) {
        LIBC.close(fd);
    }

    @Override
    public int ioctl(int fd, long request, ByteBuffer argument) {
        put(DaemonProtocol.IOCTL, 0, 0, request, NO_TEXT);
        at.put(DaemonProtocol.QUESTION_ARGUMENT, argument, 0, DaemonProtocol.ARGUMENT_SIZE);
        int result = ask(false, fd);
        if (result >= 0) {
            argument.put(0, at, DaemonProtocol.ANSWER_ARGUMENT, DaemonProtocol.ARGUMENT_SIZE);
        }
        return result;
    }

    @Override
    public String thisProcess() {
        return "this guest or another of the daemon";
    }

    // Returns the result, or the descriptor that came with it; one more than asked for is closed.
    private int ask(boolean forDescriptor, int... given) {
        int sent = message.send(socket, given);
        for (int i = 0; i < NOTICES && sent >= 0 && message.receive(socket) > 0; i++) {
            int[] got = message.descriptors();
            int kind = DaemonProtocol.kind(message);
            if (kind == DaemonProtocol.ANSWER && at.limit() == DaemonProtocol.ANSWER_SIZE) {
                int result = at.getInt(DaemonProtocol.RESULT);
                boolean gives = forDescriptor && result >= 0;
                if (got.length == (gives ? 1 : 0)) {
                    return gives ? got[0] : result;
                }
            }
            if (!signals.take(message)) {
                break;
            }
        }
        gone = true;
        return -Errno.EPIPE;
    }

    private static void closeAll(int[] descriptors) {
        for (int fd : descriptors) {
            LIBC.close(fd);
        }
    }

    /** Returns whether it was told by a signal to end. */
    public boolean isSignalled() {
        return signals.isToEnd();
    }

    /** Returns whether it was told by a signal to stop, and not since then to go on. */
    public boolean isPaused() {
        return signals.isPaused();
    }

    /** Returns whether it has gone away. */
    public boolean isGone() {
        return gone;
    }

    Fd socketFd() {
        return socket;
    }

    /**
     * Reads what the client sent while its guest ran; returns whether the guest is to end. Nothing
     * with descriptors is taken: to close the last of a connection whose data nobody reads may take
     * any time, and others are to be heard meanwhile.
     */
    boolean hear(SocketMessage from) {
        int length = from.peekNow(socket);
        if (length > 0) {
            from.receiveNow(socket);
        }
        if (length != -Errno.EAGAIN) {
            gone |= length <= 0 || !signals.take(from);
        }
        return isSignalled() || gone;
    }

    @Override
    public void close() {
        closeAll(received);
        received = new int[0];
        advances.forEach(PreopenedFile::close);
        advances.clear();
        socket.close();
    }
}
