package jukvm.bench.engine;

import java.util.List;
import jukvm.bench.action.Catalog;
import jukvm.bench.action.Levels;
import jukvm.bench.result.SystemResult.Kind;

/**
 * What makes the container that an engine is asked for.
 *
 * @param id short name, by which engines know the runtime, too
 * @param program of the runtime
 * @param kind of isolation
 * @param what it runs, in a few words
 * @param words that the container runs
 * @param expected what it prints
 */
record Way(String id, String program, Kind kind, String what, List<String> words, String expected) {
    /** The name by which the command is jukvm's runtime. */
    static final String PROGRAM = "jukvm-runtime";

    /** The runtime that engines use without a word, with a static program. */
    static final Way RUNC =
            new Way(
                    "runc",
                    "runc",
                    Kind.CONTAINER,
                    "a static program without libc",
                    List.of(EngineImage.PROGRAM),
                    Catalog.HELLO);

    /** jukvm's, with a JVM for each container. */
    static final Way JUKVM = guest("jukvm", PROGRAM, "hello.hvt by a JVM in the container");

    /** jukvm's, with the JVM that the node has, jukvm daemon. */
    static final Way NODE = guest("jukvm-node", "jukvm-node", "hello.hvt by the node's JVM");

    /** All of them. */
    static final List<Way> ALL = List.of(RUNC, JUKVM, NODE);

    /** Those of jukvm. */
    static final List<Way> OURS = List.of(JUKVM, NODE);

    /** Returns whether it is what engines use without a word. */
    boolean isUsual() {
        return equals(RUNC);
    }

    private static Way guest(String id, String program, String what) {
        List<String> words = List.of(EngineImage.GUEST, Levels.ARGUMENT);
        return new Way(id, program, Kind.JUKVM, what, words, Levels.GREETING);
    }
}
