package jukvm.worker;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import jukvm.host.Layer;
import jukvm.io.Channel;
import jukvm.isolation.Greeting;
import jukvm.isolation.Message;
import jukvm.monitor.Monitor;
import jukvm.process.ChildProcess;
import jukvm.process.DeathOfParent;
import jukvm.sandbox.Sandbox;
import jukvm.sandbox.Seal;
import jukvm.sandbox.Use;

/** The program of a worker. */
public final class WorkerMain {
    private static final int KEEP = 1;
    private static final int READABLE = 2;

    private final Channel channel;
    private final Monitor monitor;
    private final Images images = new Images();
    private final Map<Long, WorkerGuest> guests = new ConcurrentHashMap<>();

    private WorkerMain(Channel channel, Monitor monitor) {
        this.channel = channel;
        this.monitor = monitor;
    }

    /**
     * Runs guests until the process ends that asks for them.
     *
     * @param arguments the number of that process; how many bytes of guest memory VMs that are kept
     *     may have; what may be read once this process is sealed
     */
    public static void main(String[] arguments) {
        if (!DeathOfParent.endsThis(Long.parseLong(arguments[0]))) {
            return;
        }
        List<String> readable = Arrays.asList(arguments).subList(READABLE, arguments.length);
        Channel channel = Channel.of(ChildProcess.GIVEN);
        Monitor monitor = Monitor.open(Long.parseLong(arguments[KEEP]));
        monitor.ring0Support(); // A guest of three instructions, by which much is loaded.
        WorkerMain worker = new WorkerMain(channel, monitor);
        Greeting greeting = seal(readable);
        greeting.write(channel.begin());
        if (channel.send() && greeting.fault().isEmpty()) {
            worker.serve();
        }
        // Guests that run have daemon threads, and nobody to be told of their end.
    }

    private static Greeting seal(List<String> readable) {
        Seal seal = Sandbox.seal(Set.of(Use.GUESTS), Sandbox.ANY_LENGTH, readable);
        Map<Layer, String> missing = seal.missing();
        String filter = missing.getOrDefault(Layer.FILTER, "");
        String fault = filter.isEmpty() ? missing.getOrDefault(Layer.NO_NEW_PRIVS, "") : filter;
        return new Greeting(fault, missing);
    }

    private void serve() {
        ByteBuffer message = channel.receiveAll();
        while (message != null) {
            Message.Kind kind = Message.constant(message, Message.Kind.class);
            long number = message.getLong();
            if (kind == Message.Kind.GUEST) {
                WorkerGuest guest = new WorkerGuest(Channel.of(channel.take()));
                guests.put(number, guest);
                guest.start(monitor, images, () -> guests.remove(number));
            } else {
                WorkerGuest guest = guests.get(number);
                if (guest != null) {
                    guest.tell(kind);
                }
            }
            message = channel.receiveAll();
        }
    }
}
