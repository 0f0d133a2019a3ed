package jukvm.debug;

/** The run of a guest under a debugger, as that sees it. Called by the vCPU's thread. */
public interface DebuggedRun {
    /** Returns whether the guest is to be stopped, for whatever reason. */
    boolean isStopped();

    /** Stops the guest. */
    void kill();

    /**
     * Is told that the thread is about to wait for what gdb says.
     *
     * @param isAlone whether nobody has connected yet
     */
    void waits(boolean isAlone);

    /**
     * Answers what the debugger's user asks the monitor.
     *
     * @param command in words; hostile
     * @return lines, each with its end
     */
    String answer(String command);
}
