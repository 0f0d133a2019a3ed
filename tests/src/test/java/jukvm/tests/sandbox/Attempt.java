package jukvm.tests.sandbox;

import jukvm.libc.Libc;

/** What somebody might try who runs code in the command's process. */
enum Attempt {
    EXECUTE_A_PROGRAM(59, Word.PROGRAM),
    EXECUTE_BY_DESCRIPTOR(322, 0, Word.PROGRAM, 0, 0, 0x1000),
    FORK(57),
    VFORK(58),
    MAKE_A_PROCESS(56, 17),
    CREATE_A_FILE(2, Word.NEW, Libc.O_WRONLY | Libc.O_CREAT, 0600),
    CREATE_BY_CREAT(85, Word.NEW, 0600),
    CREATE_READING(2, Word.NEW, Libc.O_CREAT, 0600),
    OPEN_FOR_WRITING(2, Word.FILE, Libc.O_WRONLY),
    OPEN_FOR_BOTH(257, -100, Word.FILE, Libc.O_RDWR),
    EMPTY_A_FILE(2, Word.FILE, Libc.O_TRUNC),
    OPEN_BY_OPENAT2(437, -100, Word.FILE, Word.NEW, 24),
    TRUNCATE(76, Word.FILE, 0),
    REMOVE(87, Word.FILE),
    REMOVE_AT(263, -100, Word.FILE),
    RENAME(82, Word.FILE, Word.NEW),
    LINK(86, Word.FILE, Word.NEW),
    MAKE_A_FOLDER(83, Word.NEW, 0700),
    CHANGE_MODE(90, Word.FILE, 0777),
    MAKE_A_NODE(133, Word.NEW, 0x2000, 0x103),
    MAKE_A_MEMFD(319, Word.NEW),
    MAKE_A_SOCKET(41, Libc.AF_INET, Libc.SOCK_STREAM),
    MAKE_A_UNIX_SOCKET(41, Libc.AF_UNIX, Libc.SOCK_STREAM),
    MAKE_A_NETLINK_SOCKET(41, Libc.AF_NETLINK, 3),
    MAKE_A_DATAGRAM_PAIR(53, Libc.AF_UNIX, Libc.SOCK_DGRAM, 0, Word.NEW),
    CONNECT(42, 0, Word.NEW, 110),
    BIND(49, 0, Word.NEW, 110),
    LISTEN(50, 0, 1),
    MAKE_A_RING(425, 1, Word.NEW),
    SIGNAL_ANOTHER(62, Word.PARENT, 0),
    SIGNAL_ITS_THREAD(234, Word.PARENT, Word.PARENT, 0),
    QUEUE_A_SIGNAL(129, Word.PARENT, 0, Word.NEW),
    OPEN_A_PROCESS(434, Word.PARENT),
    SIGNAL_BY_DESCRIPTOR(424, 0, 0),
    TRACE(101, 16, Word.PARENT),
    READ_ANOTHER(310, Word.PARENT),
    WRITE_ANOTHER(311, Word.PARENT),
    LIMIT_ANOTHER(302, Word.PARENT, 7, Word.NEW),
    RAISE_A_LIMIT(302, 0, 7, Word.NEW),
    MOUNT(165, Word.NEW, Word.NEW, Word.NEW),
    UNMOUNT(166, Word.NEW),
    CHANGE_ROOT(161, Word.NEW),
    UNSHARE(272, 0x10000000),
    ENTER_A_NAMESPACE(308, 0),
    LOAD_BPF(321, 5, Word.NEW, 128),
    WATCH_PERFORMANCE(298, Word.NEW, 0, -1, -1),
    CATCH_FAULTS(323, 0),
    LOAD_A_MODULE(313, 0, Word.NEW),
    LOAD_A_KERNEL(246),
    ASK_FOR_KEYS(250, 0, -3),
    BECOME_ROOT(105, 0),
    TAKE_CAPABILITIES(126, Word.NEW, Word.NEW),
    FILTER_ANEW(317, 1, 0, Word.NEW),
    TYPE_INTO_THE_TERMINAL(16, 0, 0x5412, Word.NEW),
    HAVE_KVM_MAKE_A_DEVICE(16, 0, 0xc00caee0L, Word.NEW);

    /** What stands in a number's place until the place is known. */
    static final class Word {
        static final long PROGRAM = 1L << 40;
        static final long FILE = 2L << 40;
        static final long NEW = 3L << 40;
        static final long PARENT = 4L << 40;

        private Word() {}
    }

    private final int number;

    @SuppressWarnings("ImmutableEnumChecker") // Nobody changes them.
    private final long[] arguments;

    Attempt(int number, long... arguments) {
        this.number = number;
        this.arguments = arguments;
    }

    /**
     * Makes it.
     *
     * @param program address of the name of a program
     * @param file address of the name of a file that there is
     * @param other address of the name of one that there is not
     * @param parent number of another process
     * @return what the kernel answers
     */
    long make(long program, long file, long other, long parent) {
        long[] words = new long[5];
        for (int i = 0; i < arguments.length; i++) {
            long word = arguments[i];
            if (word == Word.PROGRAM) {
                word = program;
            } else if (word == Word.FILE) {
                word = file;
            } else if (word == Word.NEW) {
                word = other;
            } else if (word == Word.PARENT) {
                word = parent;
            }
            words[i] = word;
        }
        return Libc.get().syscall(number, words[0], words[1], words[2], words[3], words[4]);
    }

    /** Returns it in words. */
    String words() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
    }
}
