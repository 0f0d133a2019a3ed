package jukvm.sandbox;

/** What a sealed process is to be able to do beyond running its guest, if it is asked for. */
public enum Use {
    /** Serve the peers of a socket that waits for them, and remove its path in the end. */
    LISTENING,

    /** Make files that are not there yet: those of the JVM's flight recorder, and cores. */
    WRITING,

    /** Run one guest after the other, several at a time, with what is sent for each. */
    GUESTS,

    /** Be an embedder's: with any collector, and with workers that were started before. */
    EMBEDDING,

    /** Whatever is done with files beyond {@link #WRITING}. */
    FILES,

    /** Have sockets of the Internet and of this host. */
    SOCKETS
}
