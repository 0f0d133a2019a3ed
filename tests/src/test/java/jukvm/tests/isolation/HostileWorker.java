package jukvm.tests.isolation;

import java.nio.ByteBuffer;
import java.util.Random;
import jukvm.io.Channel;
import jukvm.isolation.AskedGuest;
import jukvm.isolation.Message;
import jukvm.process.ChildProcess;

/** Stands for a worker that its guest has taken over: it does as the guest's command line says. */
final class HostileWorker {
    private HostileWorker() {}

    public static void main(String[] arguments) throws Exception {
        Channel control = Channel.of(ChildProcess.GIVEN);
        Message.put(Message.begin(control.begin(), Message.Kind.READY), "", Message.LINE);
        control.send();
        while (control.receiveAll() != null) {
            Channel guest = Channel.of(control.take());
            ByteBuffer start = guest.receiveAll();
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
            case "exit" -> Runtime.getRuntime().halt(3);
            case "garbage" -> {
                byte[] bytes = new byte[1000];
                new Random(how.hashCode()).nextBytes(bytes);
                guest.begin().put(bytes);
                guest.send();
            }
            case "wrong kind" -> {
                Message.begin(guest.begin(), Message.Kind.START);
                guest.send();
            }
            case "short console" -> {
                Message.begin(guest.begin(), Message.Kind.CONSOLE).putInt(5).put((byte) 'x');
                guest.send();
            }
            case "long console" -> {
                Message.begin(guest.begin(), Message.Kind.CONSOLE).putInt(Integer.MAX_VALUE);
                guest.send();
            }
            case "negative console" -> {
                Message.begin(guest.begin(), Message.Kind.CONSOLE).putInt(-1);
                guest.send();
            }
            case "no device" -> read(guest, 7, 0, 512);
            case "beyond the disk" -> read(guest, 0, 1L << 40, 512);
            case "overflow" -> read(guest, 0, Long.MAX_VALUE, 512);
            case "unaligned" -> read(guest, 0, 1, 512);
            case "too much" -> read(guest, 0, 0, 1 << 20);
            case "negative length" -> read(guest, 0, 0, -512);
            case "empty result" -> {
                Message.begin(guest.begin(), Message.Kind.RESULT);
                guest.send();
            }
            case "odd result" -> {
                Message.put(Message.begin(guest.begin(), Message.Kind.RESULT), "SNAPSHOT", 100);
                guest.send();
            }
            case "out of turn" -> {
                Message.begin(control.begin(), Message.Kind.READY);
                control.send();
            }
            case "unread answers" -> {
                for (int i = 0; i < 100_000; i++) {
                    Message.begin(guest.begin(), Message.Kind.CLOCK);
                    guest.send();
                }
            }
            case "notices" -> {
                for (int i = 0; i < 10_000; i++) {
                    notice(guest, "\u001b[2J line " + i);
                }
                guest.close();
            }
            case "descriptors" -> {
                for (int i = 0; i < 2000; i++) {
                    Message.put(
                            Message.begin(guest.begin(), Message.Kind.NOTICE), "x", Message.LINE);
                    guest.send(0);
                }
                guest.close();
            }
            default -> throw new IllegalArgumentException(how);
        }
    }

    private static void notice(Channel guest, String line) {
        Message.put(Message.begin(guest.begin(), Message.Kind.NOTICE), line, Message.LINE);
        guest.send();
    }

    private static void read(Channel guest, int device, long offset, int length) {
        ByteBuffer at = Message.begin(guest.begin(), Message.Kind.READ);
        at.putInt(device).putLong(offset).putInt(length);
        guest.send();
    }
}
