package jukvm.bench.action;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jukvm.bench.process.Child;
import jukvm.bench.process.Program;
import jukvm.error.HostException;

/** Starts a program that prints the port at which it listens, answers one request and ends. */
final class AnsweringProgram implements AnsweringSystem.Starter {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Path executable;
    private final Program program;
    private final List<List<String>> cleaning;

    AnsweringProgram(ProgramSystem.Line line) {
        String name = ProgramSystem.newName("server");
        this.executable = line.executable();
        this.program = line.program(name);
        // A container that has printed is written down: it can be deleted, and need not run again.
        this.cleaning = line.cleaning().apply(name).stream().limit(1).toList();
    }

    @Override
    public AnsweringSystem.Instance start() {
        Child child = program.start();
        if (!cleaning.isEmpty()) {
            child.waitOut(); // Until it is asked: its port is what it waits for, not an end.
        }
        return new Server(child);
    }

    private final class Server implements AnsweringSystem.Instance {
        private final Child child;
        private boolean ended;

        Server(Child child) {
            this.child = child;
        }

        @Override
        public InetSocketAddress address() throws InterruptedException {
            if (!child.awaitOutput("\n", LIMIT)) {
                String said = Commands.failure(child.await(LIMIT), "a port");
                throw new HostException(program.toString(), said, 0, "");
            }
            String said = child.output().strip();
            if (!said.matches("\\d{1,5}")) {
                throw new HostException(program.toString(), "printed not a port: " + said, 0, "");
            }
            int port = Integer.parseInt(said);
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        }

        @Override
        public String await() throws InterruptedException {
            String failure = Commands.failure(child.await(LIMIT), child.output());
            ended = true;
            return failure;
        }

        @Override
        public void close() {
            child.close();
            if (!ended) {
                Commands.cleanUp(executable, cleaning);
            }
        }
    }
}
