package jukvm.tests.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import jukvm.device.SwitchPort;
import jukvm.device.UdpPort;
import jukvm.device.VirtualSwitch;
import jukvm.guest.Outcome;
import jukvm.guest.RunResult;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.tests.support.EchoClient;
import jukvm.tests.support.Run;

/**
 * The networks that the guests of the matrix are given: a switch, and who is at the other ports.
 */
final class Networks {
    private static final short TYPE = (short) 0x88b5;
    private static final int DATA = 0;
    private static final int END = 1;
    private static final int END_FRAMES = 3;
    private static final int HEADERS = 24;

    private Networks() {}

    /** Returns a network where nobody else is. */
    static Fixture silent() {
        return new OnSwitch(1);
    }

    /** Returns a network where Java code asks the guest as often as it wants. */
    static Fixture asked(Fixture.Place place) {
        return new Asking(place, "10.0.0.2");
    }

    /** Returns a network where Java code asks both interfaces of the guest, one after another. */
    static Fixture askedTwice(Fixture.Place place) {
        return new Asking(place, "10.0.0.2", "10.1.0.2");
    }

    /** Returns a network where the same guest answers for 10.0.0.9. */
    static Fixture withEcho(Fixture.Place place) {
        return new WithEcho(place);
    }

    /** Returns a network whose other port is full of frames to receive. */
    static Fixture sending(Fixture.Place place) {
        return new Sending(place.times());
    }

    /** Returns a network whose other port takes frames until the guest is done. */
    static Fixture receiving(Fixture.Place place) {
        return new Receiving(place.times());
    }

    /** A switch with the guest's ports. */
    private static class OnSwitch implements Fixture {
        final VirtualSwitch network = VirtualSwitch.open();
        private final List<SwitchPort> ports = new ArrayList<>();

        OnSwitch(int interfaces) {
            for (int i = 0; i < interfaces; i++) {
                ports.add(network.connect());
            }
        }

        @Override
        public GuestSpec attach(GuestSpec guest) {
            GuestSpec whole = guest;
            for (int i = 0; i < ports.size(); i++) {
                whole = whole.net("service" + i, ports.get(i));
            }
            return whole;
        }

        @Override
        public void close() {
            network.close();
        }
    }

    private static final class Asking extends OnSwitch {
        private final int times;
        private final CompletableFuture<Integer> answers;

        Asking(Place place, String... addresses) {
            super(addresses.length);
            this.times = place.times() * addresses.length;
            UdpPort udp = network.udp("10.0.0.1");
            this.answers =
                    CompletableFuture.supplyAsync(
                            () -> {
                                int answered = 0;
                                for (String address : addresses) {
                                    answered += EchoClient.ask(udp, address, place.times());
                                }
                                return answered;
                            },
                            Run.THREADS);
        }

        @Override
        public void check() throws Exception {
            assertEquals(times, answers.get(Run.LONG.toSeconds(), TimeUnit.SECONDS));
        }
    }

    private static final class WithEcho extends OnSwitch {
        private final GuestRun peer;

        WithEcho(Place place) {
            super(1);
            GuestSpec guest =
                    GuestSpec.of(GuestImage.read(place.file()))
                            .memory(Run.MEMORY)
                            .privilege(place.privilege())
                            .deadline(Run.LONG)
                            .arguments("address=10.0.0.9", "limit=" + place.times())
                            .net("service0", network.connect());
            this.peer = place.monitor().start(guest);
        }

        @Override
        public void check() throws Exception {
            RunResult result = peer.result().get(Run.LONG.toSeconds(), TimeUnit.SECONDS);
            assertEquals(new Outcome.Exited(0), result.outcome());
        }

        @Override
        public void close() {
            peer.close();
            super.close();
        }
    }

    private static ByteBuffer frame(int size, int mark, long number) {
        ByteBuffer frame = ByteBuffer.allocate(size);
        frame.putLong(0, -1L).putShort(12, TYPE);
        frame.putShort(6, (short) 0x0200).putInt(8, 1);
        frame.order(ByteOrder.LITTLE_ENDIAN).putShort(14, (short) mark).putLong(16, number);
        return frame;
    }

    // All frames fit into the queue of the guest's port, so none may be lost.
    private static final class Sending extends OnSwitch {
        Sending(int frames) {
            super(1);
            SwitchPort port = network.connect();
            try {
                for (int i = 0; i < frames; i++) {
                    assertTrue(port.write(frame(HEADERS + i, DATA, i)));
                }
                for (int i = 0; i < END_FRAMES; i++) {
                    assertTrue(port.write(frame(HEADERS, END, frames)));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static final class Receiving extends OnSwitch {
        private final int frames;
        private final SwitchPort port;

        Receiving(int frames) {
            super(1);
            this.frames = frames;
            this.port = network.connect();
        }

        @Override
        public void check() throws Exception {
            ByteBuffer frame = ByteBuffer.allocate(2000).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < frames + END_FRAMES; i++) {
                assertTrue(port.read(frame.clear()), "frames are missing from " + i);
                assertEquals(1000, frame.position());
                assertEquals(Short.reverseBytes(TYPE), frame.getShort(12));
                assertEquals(i < frames ? DATA : END, frame.getShort(14));
                assertEquals(Math.min(i, frames), frame.getLong(16));
            }
            assertFalse(port.read(frame.clear()), "more frames than sent");
            assertEquals(0, port.dropped());
        }
    }
}
