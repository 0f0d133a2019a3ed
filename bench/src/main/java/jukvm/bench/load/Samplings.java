package jukvm.bench.load;

import jukvm.bench.action.Action;

/** Notes each action of an experiment, raw. */
@FunctionalInterface
public interface Samplings {
    /**
     * Notes an action.
     *
     * @param system id
     * @param round in which it was run; 0 if it is not counted
     */
    void add(String system, int round, Action action);
}
