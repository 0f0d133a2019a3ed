package jukvm.bench.engine;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jukvm.bench.action.Commands;
import jukvm.bench.process.ChildEnd;
import jukvm.error.HostException;

/**
 * Asks containerd for pods and containers as a kubelet does: by gRPC, which curl speaks, a process
 * for each question. Used by one thread. Source: cri-api, runtime/v1/api.proto, whose names the
 * methods have and whose fields are numbered here; gRPC over HTTP2.
 */
final class Kubelet {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final List<String> OPTIONS =
            List.of(
                    "--silent",
                    "--show-error",
                    "--http2-prior-knowledge",
                    "--dump-header",
                    "-",
                    "--header",
                    "content-type: application/grpc",
                    "--header",
                    "te: trailers");
    private static final int PREFIX = 5; // Of a message: whether it is compressed, and its length.

    private final Path curl;
    private final Path socket;
    private final Path question;
    private final Path answer;

    /**
     * Makes one.
     *
     * @param folder of its own, which is there
     */
    Kubelet(Path curl, Path socket, Path folder) {
        this.curl = curl;
        this.socket = socket;
        this.question = folder.resolve("question");
        this.answer = folder.resolve("answer");
    }

    /**
     * Asks for something, and returns the answer.
     *
     * @throws HostException if it is refused
     */
    ByteBuffer ask(String method, Fields message) throws InterruptedException {
        byte[] bytes = message.bytes();
        try (OutputStream file = Files.newOutputStream(question)) {
            file.write(ByteBuffer.allocate(PREFIX).putInt(1, bytes.length).array());
            file.write(bytes);
            Files.deleteIfExists(answer);
        } catch (IOException e) {
            throw new HostException(question.toString(), e.toString(), 0, "");
        }
        List<String> words = new ArrayList<>(OPTIONS);
        words.addAll(List.of("--unix-socket", socket.toString(), "--output", answer.toString()));
        words.addAll(List.of("--data-binary", "@" + question));
        words.add("http://node/runtime.v1.RuntimeService/" + method);
        ChildEnd end = Commands.run(LIMIT, curl, words.toArray(String[]::new));
        if (!end.output().contains("grpc-status: 0")) {
            throw new HostException(method, said(end), 0, "");
        }
        try {
            return ByteBuffer.wrap(Files.readAllBytes(answer)).position(PREFIX).slice();
        } catch (IOException e) {
            throw new HostException(answer.toString(), e.toString(), 0, "");
        }
    }

    private static String said(ChildEnd end) {
        String name = "grpc-message: ";
        return end.output()
                .lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()))
                .findFirst()
                .orElse(end.errors().strip());
    }
}
