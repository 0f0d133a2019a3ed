package jukvm.bench.load;

/** Hears what is being done, at the begin of each step. */
@FunctionalInterface
public interface Steps {
    /** Says what is done now, in a few words. */
    void say(String step);
}
