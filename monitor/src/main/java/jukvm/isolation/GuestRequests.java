package jukvm.isolation;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;
import jukvm.call.Hypercall;
import jukvm.device.Console;
import jukvm.device.Notices;
import jukvm.error.HostException;
import jukvm.guest.TracedCall;
import jukvm.io.Channel;
import jukvm.run.GuestSettings;
import jukvm.text.Printable;

/**
 * What a guest in a worker has of its embedder, message by message, all of which are hostile: it is
 * decoded whole before anything is done. Belongs to the guest's thread.
 */
final class GuestRequests {
    private final GuestSettings asked;
    private final Console console;
    private final Notices notices;
    private final Channel channel;
    private final ServedDevices served;
    private final EmbedderCalls calls;

    GuestRequests(
            GuestSettings asked,
            Console console,
            Notices notices,
            Channel channel,
            ServedDevices served,
            EmbedderCalls calls) {
        this.asked = asked;
        this.console = console;
        this.notices = notices;
        this.channel = channel;
        this.served = served;
        this.calls = calls;
    }

    /**
     * Does what a message asks for, and answers it if it wants an answer.
     *
     * @throws IllegalArgumentException if no worker of ours says that; or a {@link
     *     java.nio.BufferUnderflowException}
     */
    void serve(ByteBuffer from) {
        Message.Kind kind = Message.constant(from, Message.Kind.class);
        switch (kind) {
            case CONSOLE -> print(from);
            case NOTICE -> {
                String line = line(from);
                Message.end(from);
                calls.run(() -> notices.tell(line));
            }
            case TRACE -> trace(from);
            case CLOCK -> {
                Message.end(from);
                ByteBuffer at = Message.begin(channel.begin(), Message.Kind.DONE);
                answer(() -> at.putLong(asked.clock.nanosSinceEpoch()));
            }
            case READ -> read(from, served.block(from));
            case WRITE -> write(from, served.block(from));
            default -> throw new IllegalArgumentException("a guest says no " + kind);
        }
    }

    private void print(ByteBuffer from) {
        int length = Message.length(from, Message.MOST_BYTES);
        Message.within(from.remaining(), length, length);
        ByteBuffer bytes = from.slice();
        calls.run(() -> console.write(bytes));
    }

    private static String line(ByteBuffer from) {
        return Printable.of(Message.text(from, Message.LINE), Message.LINE);
    }

    private void trace(ByteBuffer from) {
        long startedAt = from.getLong();
        Optional<Hypercall> call =
                Message.isSo(from)
                        ? Optional.of(Message.constant(from, Hypercall.class))
                        : Optional.empty();
        int port = (int) Message.within(from.getInt(), 0, 0xffff);
        TracedCall traced =
                new TracedCall(startedAt, call, port, line(from), line(from), Message.count(from));
        Message.end(from);
        Consumer<TracedCall> sink = asked.trace;
        if (sink != null) {
            calls.run(() -> sink.accept(traced));
        }
    }

    private void read(ByteBuffer from, ServedBlock disk) {
        long offset = from.getLong();
        int length = from.getInt();
        Message.end(from);
        disk.require(offset, length);
        ByteBuffer at = Message.begin(channel.begin(), Message.Kind.DONE);
        answer(() -> disk.read(offset, length, at));
    }

    private void write(ByteBuffer from, ServedBlock disk) {
        long offset = from.getLong();
        disk.require(offset, from.remaining());
        Message.begin(channel.begin(), Message.Kind.DONE);
        answer(() -> disk.write(offset, from));
    }

    private interface Transfer {
        void run() throws IOException;
    }

    // The answer is written where it is to be sent from, unless it is that there is none.
    private void answer(Transfer transfer) {
        String[] failure = {"it has failed"};
        calls.run(
                () -> {
                    try {
                        transfer.run();
                        failure[0] = "";
                    } catch (IOException | HostException e) {
                        failure[0] = Notices.fact(e);
                    }
                });
        if (!failure[0].isEmpty()) {
            ByteBuffer at = Message.begin(channel.begin(), Message.Kind.FAILED);
            Message.put(at, failure[0], Message.LINE);
        }
        channel.send();
    }
}
