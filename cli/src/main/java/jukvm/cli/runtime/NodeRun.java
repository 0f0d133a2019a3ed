package jukvm.cli.runtime;

import java.util.List;

/**
 * How a container's guest runs in the node's JVM.
 *
 * @param arguments of {@code jukvm}
 * @param processors how many it may use, more than 0; infinite for all it gets
 */
public record NodeRun(List<String> arguments, double processors) {
    /** A run that is none. */
    static final NodeRun NONE = new NodeRun(List.of(), Double.POSITIVE_INFINITY);
}
