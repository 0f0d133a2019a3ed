package jukvm.cli.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import jukvm.cli.invoker.ExitStatus;
import jukvm.cli.invoker.Invoker;
import jukvm.cli.invoker.IsolationMode;
import jukvm.cli.invoker.OneLine;
import jukvm.cli.run.ParsedRun;
import jukvm.cli.run.RunParser;
import jukvm.cli.runtime.ContainerRuntime;
import jukvm.cli.runtime.NodeRun;
import jukvm.cli.solo5.Solo5Hvt;
import jukvm.daemon.Client;
import jukvm.daemon.ClientRequest;
import jukvm.error.HostException;
import jukvm.process.MountNamespace;

/** Runs guests for one client of the daemon after the other. Used by one thread. */
final class ClientService {
    private static final String JUKVM = "jukvm";

    private final RunParser line = new RunParser();
    private final ClientInvoker.Shared shared;
    private final Path log;

    /**
     * Makes one.
     *
     * @param log the file that this process's standard error goes to, for messages
     */
    ClientService(ClientInvoker.Shared shared, Path log) {
        this.shared = shared;
        this.log = log;
    }

    /**
     * Runs what the client asks for, or tells it to run that in a JVM of its own; then the client
     * has ended. For a container runtime, waits for the container's process, and runs its guest.
     *
     * @return whether it was run here
     */
    boolean run(Client client, ClientRequest hello) {
        if (!hello.name().equals(ContainerRuntime.NAME)) {
            return runGuest(client, hello, Double.POSITIVE_INFINITY);
        }
        ContainerRuntime.Answer answer = prepare(client, hello);
        switch (answer.next()) {
            case CREATE -> client.end(0);
            case FAIL -> client.end(ExitStatus.FAILURE);
            case OWN_JVM -> client.goCold();
            case RUN_HERE -> {
                return runContained(client, hello, answer.run());
            }
        }
        return false;
    }

    private ContainerRuntime.Answer prepare(Client client, ClientRequest hello) {
        try (ClientInvoker invoker = new ClientInvoker(client, hello.began(), 1, shared)) {
            if (!client.waits()) {
                return ContainerRuntime.Answer.ofOwnJvm();
            }
            Supplier<ContainerRuntime.Answer> look =
                    () -> ContainerRuntime.runInNode(hello.arguments(), invoker.err()::println);
            Supplier<ContainerRuntime.Answer> lookThere =
                    () -> hasRootOf(client) ? look.get() : ContainerRuntime.Answer.ofOwnJvm();
            return sharesFiles(client) ? look.get() : MountNamespace.of(client.pid(), lookThere);
        } catch (RuntimeException | LinkageError | StackOverflowError | OutOfMemoryError e) {
            log(e);
            return ContainerRuntime.Answer.ofOwnJvm(); // Which says what is wrong, or does it.
        }
    }

    // What runs was decided with the runtime: the container has no say in it.
    private boolean runContained(Client runtime, ClientRequest hello, NodeRun run) {
        Optional<Client> entered = runtime.keep(shared.ended()::get);
        if (entered.isEmpty()) {
            return false;
        }
        try (Client container = entered.get()) {
            long now = System.nanoTime();
            ClientRequest request = new ClientRequest(hello.build(), now, JUKVM, run.arguments());
            return runGuest(container, request, run.processors());
        }
    }

    private boolean runGuest(Client client, ClientRequest hello, double processors) {
        ClientInvoker opened;
        try {
            opened = new ClientInvoker(client, hello.began(), processors, shared);
        } catch (HostException e) {
            client.goCold(); // This process has no descriptor left for it.
            return false;
        }
        try (ClientInvoker invoker = opened) {
            try {
                return runIt(client, hello, invoker);
            } catch (InterruptedException e) {
                client.end(ExitStatus.FAILURE);
            } catch (OutOfMemoryError e) {
                fail(client, hello, invoker, "the daemon is out of memory: " + e.getMessage());
            } catch (RuntimeException | LinkageError | StackOverflowError e) {
                log(e);
                fail(client, hello, invoker, "internal error of the daemon: " + e + "; see " + log);
            }
            return true;
        } finally {
            Thread.interrupted(); // By a signal that came after the fetch it was to end.
        }
    }

    private static void fail(Client client, ClientRequest hello, Invoker invoker, String line) {
        invoker.err().println(hello.name() + ": " + OneLine.of(line));
        client.end(ExitStatus.FAILURE);
    }

    private static void log(Throwable thrown) {
        System.err.println(thrown);
        for (StackTraceElement frame : thrown.getStackTrace()) {
            System.err.println("\tat " + frame);
        }
    }

    private boolean runIt(Client client, ClientRequest hello, ClientInvoker invoker)
            throws InterruptedException {
        long requested = System.nanoTime();
        String[] arguments = hello.arguments().toArray(String[]::new);
        boolean isSolo5 = Solo5Hvt.isName(hello.name());
        Optional<ParsedRun> run = isSolo5 ? Optional.empty() : plainRun(client, arguments, invoker);
        boolean isOurs =
                isSolo5
                        ? isApart(shared.isolation(), invoker)
                                && Solo5Hvt.kernel(arguments).map(invoker::hold).orElse(true)
                        : run.isPresent() && holdsImage(run.get(), invoker);
        if (!isOurs || !client.waits()) {
            client.goCold();
            return false;
        }
        int status =
                isSolo5
                        ? Solo5Hvt.run(hello.name(), arguments, requested, invoker)
                        : run.orElseThrow().run(requested);
        client.end(client.isSignalled() ? ExitStatus.FAILURE : status);
        return true;
    }

    // The image is all that is read before the client is told to go the cold way: it can be large.
    private static boolean holdsImage(ParsedRun run, ClientInvoker invoker) {
        return run.isAwaited() ? invoker.holdRoom(run.fetchLimit()) : invoker.hold(run.guest());
    }

    private Optional<ParsedRun> plainRun(Client client, String[] arguments, ClientInvoker invoker) {
        return line.parse(arguments, invoker)
                .filter(plain -> !plain.wantsOwnJvm())
                .filter(plain -> !plain.needsNetwork() || sharesNetwork(client))
                .filter(plain -> isApart(plain, invoker));
    }

    // A JVM of its own is as far apart, and does what a worker does not, or what is not done here.
    private boolean isApart(ParsedRun plain, ClientInvoker invoker) {
        IsolationMode asked = plain.isolation().orElse(shared.isolation());
        return asked.compareTo(shared.isolation()) >= 0
                && (asked == IsolationMode.THREAD || !plain.needsThread())
                && isApart(asked, invoker);
    }

    private static boolean isApart(IsolationMode asked, ClientInvoker invoker) {
        return asked == IsolationMode.THREAD || invoker.isolate();
    }

    // An address is fetched from here, which must be where the client is.
    private static boolean sharesNetwork(Client client) {
        return isSame(client, "ns/net") && sharesFiles(client);
    }

    private static boolean sharesFiles(Client client) {
        return isSame(client, "ns/mnt") && isSame(client, "root");
    }

    // Of this thread, whose files may be other ones.
    private static boolean hasRootOf(Client client) {
        try {
            return Files.isSameFile(Path.of("/proc", client.pid() + "", "root"), Path.of("/"));
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isSame(Client client, String file) {
        try {
            return DaemonProcess.isSame(Path.of("/proc", client.pid() + ""), file);
        } catch (IOException e) {
            return false;
        }
    }
}
