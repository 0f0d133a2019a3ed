package jukvm.bench.embed;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import jukvm.bench.BenchFiles;
import jukvm.bench.action.Action;
import jukvm.bench.action.ActionSystem;
import jukvm.bench.action.Identity;
import jukvm.bench.action.Level;
import jukvm.bench.action.Levels;
import jukvm.bench.action.Worker;
import jukvm.bench.result.Json;
import jukvm.bench.result.SystemResult.Kind;
import jukvm.error.HostException;

/**
 * The native floor as a process of its own, which runs guests when asked and sleeps otherwise. Used
 * by one thread at a time.
 */
public final class Floor implements AutoCloseable {
    private static final double NANOS_A_MICRO = 1000;

    private final Process process;
    private final Writer requests;
    private final BufferedReader answers;
    private final Thread atExit;

    private Floor(Process process) {
        this.process = process;
        this.requests = process.outputWriter(StandardCharsets.UTF_8);
        this.answers = process.inputReader(StandardCharsets.UTF_8);
        // A process that is in the middle of a long answer does not see that nobody waits for it.
        this.atExit = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /**
     * Starts one.
     *
     * @throws HostException if it cannot be started
     */
    static Floor start(BenchFiles files, Level.Mode mode, Path guest, String argument) {
        List<String> line =
                List.of(
                        files.floor().toString(),
                        "--serve",
                        "--mode",
                        mode.toString(),
                        "--ring",
                        String.valueOf(Levels.RING),
                        "--mem",
                        String.valueOf(Levels.MEMORY_MIB),
                        guest.toString(),
                        argument);
        try {
            return new Floor(new ProcessBuilder(line).start());
        } catch (IOException e) {
            throw broken(Objects.toString(e.getMessage()));
        }
    }

    /** Starts one on the guest hello. */
    static Floor startHello(BenchFiles files, Level.Mode mode) {
        return start(files, mode, files.hello(), Levels.ARGUMENT);
    }

    /** Returns it as a system, whose actions take what a level is compared with. */
    static ActionSystem system(BenchFiles files, Level level, Path guest, String argument) {
        return new ActionSystem() {
            @Override
            public Identity identity() {
                String id = "floor of " + level.name();
                return new Identity(id, id, Kind.TENDER, "", "", "");
            }

            @Override
            public Worker worker() {
                return new Turns(start(files, level.floor(), guest, argument), level.span());
            }
        };
    }

    // Actions whose times are the floor's own; a block of them is one request.
    private record Turns(Floor floor, Level.Span span) implements Worker {
        @Override
        public Action run() {
            return run(1).get(0);
        }

        @Override
        public List<Action> run(int count) {
            List<Action> actions = new ArrayList<>();
            JsonNode answer = count == 0 ? MissingNode.getInstance() : floor.run(count);
            for (int i = 0; i < count; i++) {
                double micros = 0;
                for (String part : span.parts()) {
                    micros += field(answer, part).path(i).asDouble();
                }
                double of = span == Level.Span.EXIT ? number(answer, "exits") : 1;
                long nanos = Math.round(micros * NANOS_A_MICRO / of);
                actions.add(new Action(0, 0, nanos, nanos, ""));
            }
            return actions;
        }

        @Override
        public void close() {
            floor.close();
        }
    }

    /** Makes runs and returns what the floor says of them. */
    JsonNode run(int runs) {
        request("run " + runs);
        return answer();
    }

    /** Asks for runs for so many seconds; {@link #answer} waits for their end. */
    void requestSeconds(double seconds) {
        request("seconds " + seconds);
    }

    private void request(String line) {
        try {
            requests.write(line + "\n");
            requests.flush();
        } catch (IOException e) {
            throw ended();
        }
    }

    /** Returns the answer to what was requested. */
    JsonNode answer() {
        try {
            String line = answers.readLine();
            if (line == null) {
                throw ended();
            }
            return parse(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads an answer, a JSON object of numbers and arrays of numbers.
     *
     * @throws HostException if it is none, or tells of runs that failed
     */
    static JsonNode parse(String line) {
        try {
            JsonNode answer = Json.MAPPER.readTree(line);
            if (number(answer, "failed") != 0) {
                throw broken((long) number(answer, "failed") + " of its runs failed");
            }
            return answer;
        } catch (JacksonException e) {
            throw broken("no answer: " + line);
        }
    }

    /** Returns a number of an answer, the first if there are several. */
    static double number(JsonNode answer, String name) {
        JsonNode field = field(answer, name);
        JsonNode number = field.isArray() ? field.path(0) : field;
        if (!number.isNumber()) {
            throw broken("its answer lacks " + name);
        }
        return number.asDouble();
    }

    /** Returns a field of an answer. */
    static JsonNode field(JsonNode answer, String name) {
        if (!answer.has(name)) {
            throw broken("its answer lacks " + name);
        }
        return answer.path(name);
    }

    private static HostException broken(String reason) {
        return new HostException("native floor", reason, 0, "");
    }

    private HostException ended() {
        String said = "";
        try (BufferedReader errors = process.errorReader(StandardCharsets.UTF_8)) {
            said = Objects.requireNonNullElse(errors.readLine(), "");
        } catch (IOException e) {
            // Then it is not known why.
        }
        return broken("ended" + (said.isEmpty() ? "" : ": " + said));
    }

    /** Ends it. */
    @Override
    public void close() {
        process.destroy();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // It is running.
        }
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
