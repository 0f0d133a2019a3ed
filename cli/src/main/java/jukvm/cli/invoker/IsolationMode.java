package jukvm.cli.invoker;

/** What keeps the guests of a daemon apart. */
public enum IsolationMode {
    /** They are threads of it. */
    THREAD,

    /** Each is in a process of its own. */
    PROCESS
}
