package jukvm.bench.load;

/** Hears what is being done, at the begin of each step. */
@FunctionalInterface
public interface Steps {
    /** Says what is done now, in a few words. */
    void say(String step);

    /** Says what is done now, and how many systems have been done. */
    default void say(String step, int done, int systems) {
        say(step + ", " + done + " of " + systems + " systems done");
    }
}
