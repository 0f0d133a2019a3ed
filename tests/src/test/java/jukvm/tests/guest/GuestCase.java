package jukvm.tests.guest;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * What a guest does with some words on its command line.
 *
 * @param words of the command line; {n} stands for how often something is done, fewer where ring 0
 *     is emulated
 * @param end how it ends, in a dialect that can pass a status
 * @param console what is among the text that it prints
 * @param devices what it is given
 */
record GuestCase(
        String guest,
        String words,
        End end,
        String console,
        Function<Fixture.Place, Fixture> devices) {

    /** How a guest ends. */
    enum End {
        STATUS_0,
        STATUS_42,
        ABORT,
        TRANSLATION_FAULT,
        /** At ring 0, where an exception is the guest's own, and it has no handler. */
        TRIPLE_FAULT,
        /** Not by itself: it is stopped when it has printed what is expected. */
        STOPPED
    }

    private static final long MIB = 1L << 20;
    private static final String SUCCESS = "SUCCESS\n";
    private static final List<String> NIC_GUESTS =
            List.of("echo", "echo2", "net-throughput", "http");
    private static final String LARGE_SECTORS = "sectors of 4096";

    private static GuestCase of(String guest, String words, End end, String console) {
        return new GuestCase(guest, words, end, console, place -> Fixture.NONE);
    }

    private static GuestCase with(
            Function<Fixture.Place, Fixture> devices, String guest, String words) {
        return new GuestCase(guest, words, End.STATUS_0, SUCCESS, devices);
    }

    private static GuestCase serving(String words) {
        String printed = "serves HTTP on port 80\n";
        return new GuestCase("http", words, End.STOPPED, printed, place -> Networks.silent());
    }

    static final List<GuestCase> ALL =
            List.of(
                    of("hello", "Hello", End.STATUS_0, "command line: Hello\n"),
                    of("hello", "a exit=42", End.STATUS_42, "command line: a exit=42\n"),
                    of("hello", "", End.STATUS_0, "command line: \n"),
                    of("hello", "x".repeat(8191), End.STATUS_0, "x".repeat(8191) + "\n"),
                    of("spin", "", End.STOPPED, "spinning\n"),
                    of("fpu", "", End.STATUS_0, SUCCESS),
                    of("time", "", End.STATUS_0, SUCCESS),
                    of("exits", "calls=100", End.STATUS_0, SUCCESS),
                    of("random", "draws=3", End.STATUS_0, SUCCESS),
                    of("poll", "", End.STATUS_0, SUCCESS),
                    of("poll", "forever", End.STOPPED, "poll ("),
                    of("fault", "", End.ABORT, "cr2=0x400000000\nABORT"),
                    of("fault", "divide", End.ABORT, "caught #DE"),
                    of("fault", "invalid", End.ABORT, "caught #UD"),
                    of("fault", "breakpoint", End.STATUS_0, SUCCESS),
                    of("write-text", "", End.TRANSLATION_FAULT, "writing to text\n"),
                    of("exec-data", "", End.TRANSLATION_FAULT, "executing data\n"),
                    of("exec-data", "rodata", End.TRANSLATION_FAULT, "executing rodata\n"),
                    of("exec-data", "heap", End.TRANSLATION_FAULT, "executing heap\n"),
                    with(p -> Disks.memory(fewer(p, 4 * MIB), 512), "block", ""),
                    with(p -> Disks.memory(fewer(p, 4 * MIB), 4096), "block", LARGE_SECTORS),
                    with(p -> Disks.file(fewer(p, MIB), 512), "block", "file lax"),
                    with(p -> Disks.readOnly(fewer(p, MIB), 512), "block", "ro"),
                    with(p -> Disks.fileReadOnly(fewer(p, MIB), 512), "block", "file ro"),
                    with(p -> Disks.memory(MIB, 512), "block", "exits {n}"),
                    with(p -> Disks.memory(MIB, 512), "block", "throughput 1 65536"),
                    new GuestCase(
                            "block",
                            "stamp",
                            End.STOPPED,
                            "ack 20 4\n",
                            p -> Disks.memory(16 * 512, 512)),
                    with(p -> Disks.many(), "many-devices", ""),
                    new GuestCase(
                            "echo", "noring", End.STOPPED, "MTU is 1500\n", p -> Networks.silent()),
                    with(Networks::asked, "echo", "limit={n}"),
                    with(Networks::asked, "echo", "limit={n} noring"),
                    with(Networks::withEcho, "echo", "ping=10.0.0.9 count={n}"),
                    with(Networks::withEcho, "echo", "ping=10.0.0.9 count={n} size=1400 noring"),
                    with(Networks::askedTwice, "echo2", "limit={n}"),
                    with(Networks::askedTwice, "echo2", "limit={n} noring"),
                    with(Networks::receiving, "net-throughput", "send {n}000 1000"),
                    with(Networks::receiving, "net-throughput", "send {n}000 1000 noring"),
                    with(Networks::sending, "net-throughput", "receive"),
                    with(Networks::sending, "net-throughput", "receive noring"),
                    serving("--ipv4=10.0.0.2/24 noring"),
                    serving("--ipv4=10.0.0.2/24"));

    /** Returns the first case of each guest. */
    static List<GuestCase> oneOfEachGuest() {
        Set<String> guests = new HashSet<>();
        return ALL.stream().filter(one -> guests.add(one.guest())).toList();
    }

    // Where each byte takes long, few blocks; the guest touches more of a larger disk.
    private static long fewer(Fixture.Place place, long capacity) {
        return place.fewer() ? 64 << 10 : capacity;
    }

    /**
     * Returns whether it needs what guests of ukvm lack, as two devices of a type and large
     * sectors, or is not built for it.
     */
    boolean isForHvtAlone() {
        return List.of("echo2", "many-devices", "exits").contains(guest)
                || words.equals(LARGE_SECTORS);
    }

    /** Returns the words for a place where things are done so often. */
    String[] words(int times) {
        return words.replace("{n}", Integer.toString(times)).split(" ", -1);
    }

    /** Returns whether it takes more than a KVM that emulates ring 0 knows: SSE, int3. */
    boolean isBeyondEmulation() {
        return guest.equals("fpu") || words.equals("breakpoint");
    }

    /** Returns whether it uses the network ring where there is one. */
    boolean wantsRing() {
        boolean hasNic = NIC_GUESTS.contains(guest);
        return hasNic && !words.contains("noring");
    }

    /** Returns the guest and its words, for a table. */
    String title() {
        String title = guest + " " + words.replace("{n}", "N");
        return title.length() <= Matrix.TITLE
                ? title
                : title.substring(0, Matrix.TITLE - 3) + "...";
    }

    @Override
    public String toString() {
        return title();
    }
}
