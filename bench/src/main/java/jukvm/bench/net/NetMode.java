package jukvm.bench.net;

/** How a guest's frames pass. */
enum NetMode {
    /** By hypercalls. */
    CALLS(""),
    /** By the network ring, too. */
    RING(", ring"),
    /** By hypercalls, in a run that is recorded. */
    RECORDED(", recorded");

    private final String title;

    NetMode(String title) {
        this.title = title;
    }

    /** Returns what is added to a way's name for people. */
    String title() {
        return title;
    }
}
