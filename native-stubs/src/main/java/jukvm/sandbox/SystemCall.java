package jukvm.sandbox;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The system calls that pass once a process is sealed, and what each is needed for; all others are
 * refused. A call of several rows passes if one of them lets it. Measured with strace on JDK 17 and
 * 25. The numbers are those of Linux on x86-64.
 */
enum SystemCall {
    // Nearest to the beginning of the filter: the guest waits for it.
    IOCTL(16, "KVM_RUN; a terminal's size", Condition.ourRequests()),
    READ(0, "files, eventfds, a TAP interface"),
    WRITE(1, "console, eventfds, a TAP interface"),
    PREAD64(17, "a disk; jars"),
    PWRITE64(18, "a disk"),
    PPOLL(271, "a guest that waits"),
    FUTEX(202, "locks of the JVM"),
    EPOLL_WAIT(232, "a guest that waits for several interfaces"),
    CLOCK_GETTIME(228, "processor time of a guest"),

    CLOSE(3, "everything that was open"),
    OPEN(2, "libraries of the JDK", Condition.toRead(1)),
    OPENAT(257, "jars, /proc, /sys and libraries of the JDK", Condition.toRead(2)),
    STAT(4, "jars"),
    FSTAT(5, "libraries of the JDK"),
    LSTAT(6, "paths of the JDK"),
    NEWFSTATAT(262, "jars, descriptors"),
    STATX(332, "files, by java.nio"),
    ACCESS(21, "files, by java.nio"),
    FACCESSAT(269, "the same"),
    FACCESSAT2(439, "the same"),
    READLINK(89, "paths of the JDK"),
    READLINKAT(267, "the same"),
    GETCWD(79, "relative paths"),
    GETDENTS64(217, "folders of /sys and /proc"),
    LSEEK(8, "jars; the end of a capture"),
    FADVISE64(221, "the JDK's reading of files"),
    READV(19, "files, by java.nio"),
    WRITEV(20, "files, by java.nio"),
    FSYNC(74, "the report"),
    FDATASYNC(75, "a disk with --block-sync"),
    FTRUNCATE(77, "a capture's last frame, if it is not whole"),
    FCNTL(72, "a console that is a pipe; locks of disks", Condition.descriptorFlags()),

    MMAP(9, "memory; libraries of the JDK"),
    MUNMAP(11, "memory"),
    MREMAP(25, "memory of libc"),
    MPROTECT(10, "memory; code that the JVM compiled"),
    MADVISE(28, "memory given back"),
    MINCORE(27, "stacks of the JVM"),
    BRK(12, "memory of libc"),
    MEMBARRIER(324, "the JVM's collector and stops of threads"),

    CLONE(56, "threads", Condition.aThread()),
    SET_ROBUST_LIST(273, "the same"),
    RSEQ(334, "the same"),
    GETTID(186, "the same"),
    EXIT(60, "the same"),
    EXIT_GROUP(231, "the end"),
    PRCTL(157, "who looks at the process", Condition.aName()),
    SCHED_YIELD(24, "locks of the JVM"),
    SCHED_GETAFFINITY(204, "how many processors there are"),
    GETCPU(309, "the JVM's memory for each processor"),
    NANOSLEEP(35, "waiting"),
    CLOCK_NANOSLEEP(230, "the JVM's collector, which waits"),
    CLOCK_GETRES(229, "the JVM's clock"),
    GETTIMEOFDAY(96, "the time, where the kernel does not map it"),
    RESTART_SYSCALL(219, "waiting, after a stop and SIGCONT"),
    GETRUSAGE(98, "how the JVM's threads fare"),
    SYSINFO(99, "memory of the host"),
    UNAME(63, "the kernel's release"),
    GETRLIMIT(97, "stacks of threads"),
    PRLIMIT64(302, "stacks of threads", Condition.none("to read only", 4), Condition.none("", 5)),
    GETPID(39, "who this is"),
    GETUID(102, "the same"),
    GETEUID(107, "the same"),
    GETGID(104, "the same"),
    GETEGID(108, "the same"),
    GETRANDOM(318, "tables of hash codes; a guest that asks for random bytes"),

    RT_SIGACTION(13, "the signals that end a run, and their end"),
    RT_SIGPROCMASK(14, "threads; the signal that kicks a vCPU"),
    RT_SIGRETURN(15, "handlers of signals"),
    RT_SIGTIMEDWAIT(128, "the signal that kicks a vCPU"),
    SIGALTSTACK(131, "threads of the JVM"),
    TGKILL(234, "the signal that kicks a vCPU", Condition.ownProcess(0)),

    EVENTFD2(290, "waiting that another thread can end"),
    EPOLL_CREATE1(291, "a guest that waits for several interfaces"),
    EPOLL_CTL(233, "the same"),
    POLL(7, "the JVM's waiting for descriptors"),
    RECVMSG(47, "frames, by a socket that is open"),
    SENDMSG(46, "the same"),
    SENDTO(
            44,
            "a console that is a socket",
            Condition.none("without an address", 8),
            Condition.none("", 9)),
    RECVFROM(45, "the same"),
    GETSOCKNAME(51, "the JDK's loading of java.nio"),
    SOCKETPAIR(53, "the same, on JDK 17", Condition.unix(), Condition.stream()),
    PIPE2(293, "a core that is asked for"),

    ACCEPT4(288, Use.LISTENING, "the next peer"),
    ACCEPT(43, Use.LISTENING, "gdb, by java.nio"),
    DUP2(33, Use.LISTENING, "the end of that"),
    SETSOCKOPT(54, Use.LISTENING, "a peer of frames", Condition.socketLevel(), Condition.buffers()),
    GETSOCKOPT(55, Use.LISTENING, "the same"),
    UNLINK(87, Use.LISTENING, "the socket's path"),

    IOCTL_SCAN(16, Use.GUESTS, "what a guest has written", Condition.pageScan()),
    MEMFD_CREATE(319, Use.GUESTS, "memory that guests begin with"),
    FCNTL_SEAL(72, Use.GUESTS, "the same", Condition.seals()),

    OPEN_ANY(2, Use.WRITING, "files"),
    OPENAT_ANY(257, Use.WRITING, "the same"),
    MKDIR(83, Use.WRITING, "folders"),
    RMDIR(84, Use.WRITING, "the same"),
    UNLINK_ANY(87, Use.WRITING, "files that are needed no more"),
    UNLINKAT(263, Use.WRITING, "the same"),
    RENAME(82, Use.WRITING, "the same"),
    FALLOCATE(285, Use.WRITING, "the same"),
    SENDFILE(40, Use.WRITING, "the file that was asked for"),
    COPY_FILE_RANGE(326, Use.WRITING, "the same"),
    FCNTL_ANY(72, Use.WRITING, "locks of files"),
    RT_SIGSUSPEND(130, Use.WRITING, "threads that stop to be looked at"),
    TIMES(100, Use.WRITING, "processor time"),

    FALLOCATE_HEAP(285, Use.EMBEDDING, "the heap of ZGC"),
    SOCKETPAIR_PACKETS(
            53, Use.EMBEDDING, "a guest in a worker", Condition.unix(), Condition.packets()),
    WAITID(247, Use.EMBEDDING, "the end of a worker"),
    PIDFD_SEND_SIGNAL(424, Use.EMBEDDING, "the same"),
    GETPPID(110, Use.EMBEDDING, "the process that started this one"),
    TIMES_PROCESS(100, Use.EMBEDDING, "processor time of the process"),

    MKDIRAT(258, Use.FILES, "folders"),
    LINK(86, Use.FILES, "names of files"),
    LINKAT(265, Use.FILES, "a snapshot that has its name in the end"),
    SYMLINK(88, Use.FILES, "names of files"),
    RENAMEAT(264, Use.FILES, "a snapshot that takes another's name"),
    TRUNCATE(76, Use.FILES, "files"),
    CHMOD(90, Use.FILES, "rights to files"),
    FCHMOD(91, Use.FILES, "the same"),
    UTIMENSAT(280, Use.FILES, "times of files"),
    FLOCK(73, Use.FILES, "locks of files"),
    STATFS(137, Use.FILES, "room on disks"),
    MSYNC(26, Use.FILES, "files that are mapped"),
    INOTIFY_INIT(253, Use.FILES, "a WatchService"),
    INOTIFY_INIT1(294, Use.FILES, "the same"),
    INOTIFY_ADD_WATCH(254, Use.FILES, "the same"),
    INOTIFY_RM_WATCH(255, Use.FILES, "the same"),

    SOCKET(41, Use.SOCKETS, "peers", Condition.aFamily()),
    CONNECT(42, Use.SOCKETS, "the same"),
    BIND(49, Use.SOCKETS, "the same"),
    LISTEN(50, Use.SOCKETS, "the same"),
    ACCEPT_ANY(43, Use.SOCKETS, "the same"),
    ACCEPT4_ANY(288, Use.SOCKETS, "the same"),
    SHUTDOWN(48, Use.SOCKETS, "the same"),
    GETPEERNAME(52, Use.SOCKETS, "the same"),
    SETSOCKOPT_ANY(54, Use.SOCKETS, "the same"),
    GETSOCKOPT_ANY(55, Use.SOCKETS, "the same"),
    SENDTO_ANY(44, Use.SOCKETS, "datagrams"),
    SENDMMSG(307, Use.SOCKETS, "questions to name servers"),
    DUP2_ANY(33, Use.SOCKETS, "the end of a socket"),
    SENDFILE_ANY(40, Use.SOCKETS, "files that are sent"),
    IOCTL_SOCKETS(16, Use.SOCKETS, "sockets; NetworkInterface", Condition.ofSockets());

    final int number;
    final @Nullable Use use;
    final String why;

    @SuppressWarnings("ImmutableEnumChecker") // A copy that nobody can change.
    final List<Condition> conditions;

    SystemCall(int number, String why, Condition... conditions) {
        this(number, null, why, conditions);
    }

    SystemCall(int number, @Nullable Use use, String why, Condition... conditions) {
        this.number = number;
        this.use = use;
        this.why = why;
        this.conditions = List.of(conditions);
    }
}
