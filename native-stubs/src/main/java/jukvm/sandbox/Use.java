package jukvm.sandbox;

/** What a sealed process is to be able to do beyond running its guest, if it is asked for. */
public enum Use {
    /** Serve the peers of a socket that waits at a path, and remove that in the end. */
    LISTENING,

    /** Have the JVM's flight recorder write its files, which it opens when it likes. */
    RECORDING
}
