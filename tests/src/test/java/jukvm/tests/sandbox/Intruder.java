package jukvm.tests.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import jukvm.cli.Main;
import jukvm.libc.Errno;
import jukvm.libc.Libc;
import jukvm.libc.NativeStrings;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.Logger;
import org.slf4j.helpers.NOP_FallbackServiceProvider;

/**
 * The command with somebody in its process: {@code FILE NEW WORDS...}. Once the guest has printed,
 * each {@link Attempt} is made, by a thread that was there before the seal and by one that the
 * guest's thread has started, and the answers are told on standard error. Then the guest is left to
 * itself.
 */
final class Intruder {
    private static final Libc LIBC = Libc.get();

    /** Says which of both a thread is. */
    private static final String EARLY = "early";

    private static final String LATE = "late";

    private final CountDownLatch hasPrinted = new CountDownLatch(1);
    private final NativeStrings names;
    private final long parent = ProcessHandle.current().parent().orElseThrow().pid();

    /** Hears, as what SLF4J logs with, that a guest starts, on the thread of its vCPU. */
    public static final class Watch extends NOP_FallbackServiceProvider {
        private static volatile Runnable onGuestsThread = () -> {};

        /** Makes it, as SLF4J does. */
        public Watch() {}

        @Override
        public ILoggerFactory getLoggerFactory() {
            Class<?>[] types = {Logger.class};
            ClassLoader loader = Watch.class.getClassLoader();
            return name -> (Logger) Proxy.newProxyInstance(loader, types, Watch::heard);
        }

        private static @Nullable Object heard(Object logger, Method called, Object[] arguments) {
            if (arguments != null && String.valueOf(arguments[0]).startsWith("{}: starts")) {
                onGuestsThread.run();
            }
            return called.getReturnType() == boolean.class ? false : null;
        }
    }

    private Intruder(String file, String other) {
        names = NativeStrings.of(List.of(List.of("/bin/true"), List.of(file), List.of(other)));
    }

    public static void main(String[] args) throws Exception {
        Intruder intruder = new Intruder(args[0], args[1]);
        intruder.start(EARLY);
        Watch.onGuestsThread = () -> intruder.start(LATE);
        String[] words = Arrays.copyOfRange(args, 2, args.length);
        Main.main(words);
    }

    private void start(String who) {
        Thread thread = new Thread(() -> intrude(who), who);
        thread.setDaemon(true);
        thread.start();
    }

    private void intrude(String who) {
        try {
            if (who.equals(EARLY)) { // The other may not read that any more.
                while (!Files.readString(Path.of("/proc/self/fd/1")).contains("spinning")) {
                    Thread.sleep(20);
                }
                hasPrinted.countDown();
            }
            hasPrinted.await();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            return;
        }
        StringBuilder told = new StringBuilder(who + " sealed: " + isSealed() + "\n");
        for (Attempt attempt : Attempt.values()) {
            tell(told, who, attempt.words(), make(attempt));
        }
        tell(told, who, "read a secret", open("/etc/passwd"));
        tell(
                told,
                who,
                "read what the JVM needs",
                open(System.getProperty("java.home") + "/release"));
        System.err.print(told.append(who).append(" done\n"));
    }

    private long make(Attempt attempt) {
        return attempt.make(names.first(0), names.first(1), names.first(2), parent);
    }

    private static long open(String path) {
        return LIBC.open(path, Libc.O_RDONLY | Libc.O_CLOEXEC);
    }

    private static void tell(StringBuilder told, String who, String what, long answer) {
        String word = answer < 0 ? Errno.describe((int) -answer).split(" ", 2)[0] : "done";
        told.append(who).append(' ').append(what).append(": ").append(word).append('\n');
    }

    private static boolean isSealed() {
        try {
            return Files.readString(Path.of("/proc/thread-self/status"))
                    .contains("\nSeccomp:\t2\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
