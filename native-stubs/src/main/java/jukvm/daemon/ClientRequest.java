package jukvm.daemon;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jukvm.text.HostText;

/**
 * What a client asks for.
 *
 * @param build of the client
 * @param began when the client did, by {@link System#nanoTime}
 * @param name the command was called by
 * @param arguments as {@link HostText} has them
 */
public record ClientRequest(Build build, long began, String name, List<String> arguments) {
    /** Reads one; returns none if it is not as it should be. */
    static Optional<ClientRequest> read(ByteBuffer at) {
        if (at.limit() < DaemonProtocol.WORDS_FROM
                || at.getInt(DaemonProtocol.KIND) != DaemonProtocol.HELLO) {
            return Optional.empty();
        }
        List<String> words = new ArrayList<>();
        int from = DaemonProtocol.WORDS_FROM;
        for (int i = from; i < at.limit(); i++) {
            if (at.get(i) == 0) {
                byte[] word = new byte[i - from];
                at.get(from, word);
                words.add(HostText.decode(word));
                from = i + 1;
            }
        }
        if (words.isEmpty()
                || from != at.limit()
                || words.size() != at.getInt(DaemonProtocol.WORDS)) {
            return Optional.empty();
        }
        Build build = Build.read(at, DaemonProtocol.BUILD);
        List<String> arguments = List.copyOf(words.subList(1, words.size()));
        return Optional.of(
                new ClientRequest(
                        build, at.getLong(DaemonProtocol.BEGAN), words.get(0), arguments));
    }
}
