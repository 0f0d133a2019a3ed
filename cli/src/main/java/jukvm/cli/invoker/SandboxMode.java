package jukvm.cli.invoker;

/** What is done with the command's process before its guest is entered. */
public enum SandboxMode {
    /** It is sealed as far as the host lets it. */
    ON,

    /** Nothing. */
    OFF,

    /** Nothing is refused, and what would be is told. */
    LOG,

    /** It is sealed, or the guest not run. */
    STRICT
}
