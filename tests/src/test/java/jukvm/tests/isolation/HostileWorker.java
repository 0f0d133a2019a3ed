package jukvm.tests.isolation;

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Random;
import jukvm.io.Channel;
import jukvm.isolation.AskedGuest;
import jukvm.isolation.Greeting;
import jukvm.isolation.Message;
import jukvm.libc.Mapping;
import jukvm.process.ChildProcess;

/** Stands for a worker that its guest has taken over: it does as the guest's command line says. */
final class HostileWorker {
    private static final int PAGE = 4096;
    private static final int PART = 16 << 20;
    private static final long MOST = 1L << 30;

    private HostileWorker() {}

    public static void main(String[] arguments) throws Exception {
        Channel control = Channel.of(ChildProcess.GIVEN);
        new Greeting("", Map.of()).write(control.begin());
        control.send();
        while (control.receiveAll() != null) {
            Channel guest = Channel.of(control.take());
            ByteBuffer start = requireNonNull(guest.receiveAll());
            Message.constant(start, Message.Kind.class);
            attack(AskedGuest.read(start).commandLine(), guest, control);
        }
    }

    private static void attack(String how, Channel guest, Channel control) throws Exception {
        switch (how) {
            case "silence" -> Thread.sleep(Long.MAX_VALUE);
            case "close" -> {
                guest.close();
                Thread.sleep(Long.MAX_VALUE);
            }
            case "memory" -> fill();
            case "exit" -> Runtime.getRuntime().halt(3);
            case "out of turn" -> {
                Message.begin(control.begin(), Message.Kind.READY);
                control.send();
            }
            case "garbage" -> {
                byte[] bytes = new byte[1000];
                new Random(how.hashCode()).nextBytes(bytes);
                guest.begin().put(bytes);
                guest.send();
            }
            case "unread answers", "notices", "descriptors" -> flood(how, guest);
            case "no device" -> read(guest, 7, 0, 512);
            case "beyond the disk" -> read(guest, 0, 1L << 40, 512);
            case "overflow" -> read(guest, 0, Long.MAX_VALUE, 512);
            case "unaligned" -> read(guest, 0, 1, 512);
            case "too much" -> read(guest, 0, 0, 1 << 20);
            case "negative length" -> read(guest, 0, 0, -512);
            default -> say(how, guest);
        }
    }

    // More than it may have, since it is its limit that is looked for.
    private static void fill() {
        for (long taken = 0; taken < MOST; taken += PART) {
            ByteBuffer part = Mapping.anonymous(PART).window(0, PART);
            for (int at = 0; at < PART; at += PAGE) {
                part.put(at, (byte) 1);
            }
        }
    }

    private static void flood(String with, Channel guest) {
        for (int i = 0; i < 10_000; i++) {
            switch (with) {
                case "unread answers" -> Message.begin(guest.begin(), Message.Kind.CLOCK);
                case "notices" -> putNotice(guest, "\u001b[2J line " + i);
                default -> putNotice(guest, "x");
            }
            if (with.equals("descriptors")) {
                guest.send(0);
            } else {
                guest.send();
            }
        }
        guest.close();
    }

    private static void putNotice(Channel guest, String line) {
        Message.put(Message.begin(guest.begin(), Message.Kind.NOTICE), line, Message.LINE);
    }

    private static void say(String what, Channel guest) {
        ByteBuffer at = guest.begin();
        switch (what) {
            case "wrong kind" -> Message.begin(at, Message.Kind.START);
            case "short console" ->
                    Message.begin(at, Message.Kind.CONSOLE).putInt(5).put((byte) 'x');
            case "long console" ->
                    Message.begin(at, Message.Kind.CONSOLE).putInt(Integer.MAX_VALUE);
            case "negative console" -> Message.begin(at, Message.Kind.CONSOLE).putInt(-1);
            case "empty result" -> Message.begin(at, Message.Kind.RESULT);
            case "odd result" ->
                    Message.put(Message.begin(at, Message.Kind.RESULT), "SNAPSHOT", 100);
            default -> throw new IllegalArgumentException(what);
        }
        guest.send();
    }

    private static void read(Channel guest, int device, long offset, int length) {
        ByteBuffer at = Message.begin(guest.begin(), Message.Kind.READ);
        at.putInt(device).putLong(offset).putInt(length);
        guest.send();
    }
}
