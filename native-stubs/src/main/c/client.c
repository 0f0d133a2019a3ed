/*
 * client: the command `jukvm` where a daemon runs, which runs the guest on its behalf; elsewhere it becomes the launcher, a script
 * that starts a JVM.
 *
 *   client SCRIPT ARGS…   as the launcher starts it, by the name that SCRIPT ends with
 *   jukvm ARGS…           by a link of that name (or solo5-hvt, solo5-hvt.1 and .2, solo5-elftool); the launcher is the file of that
 *                         name beside it
 *
 *   client jukvm-runtime … as the launcher starts it, for a container that the daemon may run the guest of; command.h has the words
 *   jukvm-guest NUMBER    in such a container: the descriptor of that number was left open for it
 *
 * Only `run`, solo5-hvt and containers are for the daemon. Whatever the daemon does not take, and whatever is not as it should be
 * before the first question is answered, goes to the launcher, as if there were no daemon; but not in a container, where none is.
 */
#define _GNU_SOURCE
#include "command.h"
#include "daemon.h"
#include "program.h"
#include "system.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/time_types.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

enum { PATIENCE_SECONDS = 5 };
static const struct __kernel_timespec patience = {.tv_sec = PATIENCE_SECONDS};

static struct hello hello;
static struct question question;
static struct sockaddr_un address;
static int given[DESCRIPTORS]; /* with the question */
static unsigned given_count;
static bool told; /* of a signal: what the daemon has not read need not be the hello */

/* Writes the hello; returns its length, 0 if it is too long or there is no build. */
static unsigned write_hello(void)
{
    struct stat status;
    char build[LONGEST_PATH];
    copy(copy(build, command.folder), BUILD_FILE);
    if (CALL(stat, build, &status, 0, 0, 0) < 0)
        return 0;
    hello.kind = HELLO;
    hello.build = (struct build){
        .device = status.st_dev,
        .inode = status.st_ino,
        .size = (uint64_t)status.st_size,
        .modified = (uint64_t)status.st_mtim.tv_sec * 1000000000 + (uint64_t)status.st_mtim.tv_nsec,
    };
    char *end = hello.text;
    const char *limit = hello.text + sizeof hello.text;
    const char *word = command.name;
    for (char **next = command.arguments; word; word = *next++) {
        if (length_of(word) >= (unsigned long)(limit - end))
            return 0;
        end = copy(end, word) + 1;
        hello.words++;
    }
    return (unsigned)(end - (char *)&hello);
}

/* Whether an option of `run` is one word, its value within or none. */
static bool is_one_word(const char *option)
{
    return has(option, '=') || is(option, "--time") || is(option, "--no-net-ring") || is(option, "--trace") ||
           is(option, "--trace-summary") || is(option, "--no-daemon");
}

/* Returns the guest, null if only the daemon can tell: the first word that is no option, or the one after "--". */
static char **find_guest(void)
{
    bool is_tender = is_solo5_hvt(command.name);
    char **word = command.arguments + (is_tender ? 0 : 1);
    while (*word && **word == '-' && !is(*word, "--") && (is_tender || is_one_word(*word)))
        word++;
    bool is_marked = *word && is(*word, "--");
    word += is_marked;
    /* A dash alone is standard input. */
    return *word && !is(*word, "-") && (is_marked || **word != '-') ? word : NULL;
}

static void open_in_advance(void)
{
    hello.kvm = -ENOENT;
    if (is_runtime())
        return;
    hello.kvm = (int32_t)CALL(open, "/dev/kvm", O_RDWR | O_CLOEXEC, 0, 0, 0);
    char **word = find_guest();
    if (word) {
        hello.guest_word = (uint32_t)(word - command.arguments) + 1;
        hello.guest = (int32_t)CALL(open, *word, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0, 0, 0);
    }
}

/* Returns a socket to this user's daemon, negative if there is none. */
static int reach_daemon(void)
{
    char user[24] = "", *digit = user + sizeof user - 1;
    uint32_t uid = (uint32_t)CALL(geteuid, 0, 0, 0, 0, 0);
    for (uint32_t rest = uid; digit == user + sizeof user - 1 || rest; rest /= 10)
        *--digit = (char)('0' + rest % 10);
    if (length_of(settings.runtime) > sizeof address.sun_path - sizeof "/jukvm/daemon")
        return -ENAMETOOLONG;
    address.sun_family = AF_UNIX;
    char *end = *settings.runtime ? copy(copy(address.sun_path, settings.runtime), "/jukvm")
                                  : copy(copy(address.sun_path, "/tmp/jukvm-"), digit);
    /* Another's socket could keep us waiting. */
    struct stat folder;
    if (CALL(lstat, address.sun_path, &folder, 0, 0, 0) < 0 || !S_ISDIR(folder.st_mode) || folder.st_uid != uid)
        return -1;
    copy(end, "/daemon");

    int fd = (int)CALL(socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, 0, 0);
    struct ucred peer = {0};
    socklen_t size = sizeof peer;
    /* A daemon that hangs, or has more clients than it takes, keeps nobody waiting for long. */
    struct __kernel_old_timeval limit = {.tv_sec = PATIENCE_SECONDS};
    if (fd < 0 || CALL(setsockopt, fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) < 0
        || CALL(connect, fd, &address, sizeof address, 0, 0) < 0
        || CALL(getsockopt, fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || peer.uid != uid)
        return -1;
    return fd;
}

/*
 * Returns what signals can be read from: those that end a process, stop it, or let it go on, but for those that this one is to
 * ignore. Being let go on happens all the same, and is the only thing that can be read of a SIGSTOP.
 */
static int open_signals(void)
{
    static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT};
    for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++) {
        struct { void *handler; unsigned long flags; void *restorer; uint64_t mask; } action = {0};
        CALL(rt_sigaction, signals[i], NULL, &action, sizeof action.mask, 0);
        if (action.handler != (void *)SIG_IGN)
            blocked |= 1ull << (signals[i] - 1);
    }
    CALL(rt_sigprocmask, SIG_BLOCK, &blocked, NULL, sizeof blocked, 0);
    return (int)CALL(signalfd4, -1, &blocked, sizeof blocked, SFD_CLOEXEC, 0);
}

/* Room for the descriptors of one message. */
union control { struct cmsghdr header; char bytes[CMSG_SPACE(DESCRIPTORS * sizeof(int))]; };

/* Sends a message with descriptors; returns what sendmsg does. */
static long transmit(int daemon, void *message, unsigned length, const int *fds, unsigned count)
{
    union control control;
    struct iovec part = {.iov_base = message, .iov_len = length};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    if (count > 0) {
        header.msg_control = &control;
        header.msg_controllen = CMSG_SPACE(count * sizeof(int));
        control.header = (struct cmsghdr){CMSG_LEN(count * sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
        for (unsigned i = 0; i < count; i++)
            ((int *)CMSG_DATA(&control.header))[i] = fds[i];
    }
    return CALL(sendmsg, daemon, &header, MSG_NOSIGNAL, 0, 0);
}

static long say_hello(int daemon, unsigned length)
{
    int fds[DESCRIPTORS] = {0, 1, 2};
    unsigned count = STANDARD;
    if (hello.kvm >= 0)
        fds[count++] = hello.kvm;
    if (hello.guest_word && hello.guest >= 0)
        fds[count++] = hello.guest;
    long sent = transmit(daemon, &hello, length, fds, count);
    while (count > STANDARD)
        CALL(close, fds[--count], 0, 0, 0, 0);
    return sent;
}

/* Receives a question, with the descriptors that came along; returns its length, 0 or less if the daemon is gone. */
static long receive(int daemon)
{
    union control control;
    struct iovec part = {.iov_base = &question, .iov_len = sizeof question - 1};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    long length = CALL(recvmsg, daemon, &header, MSG_CMSG_CLOEXEC, 0, 0);
    if (length == -ECONNRESET) {
        /* It has not read all, and the kernel says so first; its last word comes after that. */
        header.msg_controllen = sizeof control;
        long last = CALL(recvmsg, daemon, &header, MSG_CMSG_CLOEXEC, 0, 0);
        length = last > 0 ? last : length;
    }
    given_count = 0;
    if (length > 0 && header.msg_controllen >= CMSG_LEN(sizeof(int)) && control.header.cmsg_type == SCM_RIGHTS)
        for (; CMSG_LEN((given_count + 1) * sizeof(int)) <= control.header.cmsg_len; given_count++)
            given[given_count] = ((int *)CMSG_DATA(&control.header))[given_count];
    if (length >= 0)
        ((char *)&question)[length] = 0;
    return length >= 0 && length < (long)offsetof(struct question, text) ? 0 : length;
}

static long ask_interface(void)
{
    if (question.request == SIOCETHTOOL)
        *(uint8_t **)(question.argument + 16) = question.argument + 40;
    return CALL(ioctl, given_count > 0 ? given[0] : -1, question.request, question.argument, 0, 0);
}

/* Returns a stream socket at a path, connected or waiting. */
static long open_at_path(void)
{
    struct sockaddr_un path = {.sun_family = AF_UNIX};
    if (length_of(question.text) >= sizeof path.sun_path)
        return -ENAMETOOLONG;
    copy(path.sun_path, question.text);
    bool waits = question.kind == LISTEN;
    long fd = CALL(socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | (waits ? SOCK_NONBLOCK : 0), 0, 0, 0);
    if (fd < 0)
        return fd;
    long result = waits ? CALL(bind, fd, &path, sizeof path, 0, 0) : CALL(connect, fd, &path, sizeof path, 0, 0);
    if (result == 0 && waits)
        result = CALL(listen, fd, 1, 0, 0, 0);
    if (result == 0)
        return fd;
    CALL(close, fd, 0, 0, 0, 0);
    return result;
}

static void answer(int daemon)
{
    long result;
    bool gives = question.kind != IOCTL && question.kind != UNLINK && question.kind != FILL;
    switch (question.kind) {
    case OPEN:
        /* It may wait, as for the reader of a FIFO: then a signal ends the process, and so the run. */
        CALL(rt_sigprocmask, SIG_UNBLOCK, &blocked, NULL, sizeof blocked, 0);
        result = CALL(open, question.text, question.a | O_CLOEXEC, question.b, 0, 0);
        CALL(rt_sigprocmask, SIG_BLOCK, &blocked, NULL, sizeof blocked, 0);
        break;
    case SOCKET:
        result = CALL(socket, question.a, question.b | SOCK_CLOEXEC, 0, 0, 0);
        break;
    case INHERITED:
        result = CALL(fcntl, question.a, F_GETFD, 0, 0, 0);
        if (result >= 0)
            result = question.a;
        break;
    case IOCTL:
        result = ask_interface();
        break;
    case CONNECT:
    case LISTEN:
        result = open_at_path();
        break;
    case UNLINK:
        result = CALL(unlink, question.text, 0, 0, 0, 0);
        break;
    case START:
        result = given_count == 2 ? start_program(question.text, question.a, given) : -EINVAL;
        break;
    case FILL:
        result = given_count == 1 ? CALL(fallocate, given[0], 0, 0, question.request, 0) : -EINVAL;
        break;
    default:
        result = -ENOSYS;
    }
    struct answer answer = {.kind = ANSWER, .result = (int32_t)result};
    for (unsigned i = 0; i < ARGUMENT; i++)
        answer.argument[i] = question.argument[i];
    int opened = (int)result;
    long sent = transmit(daemon, &answer, sizeof answer, &opened, gives && result >= 0);
    if (sent < 0) {
        /* One that cannot be passed on, such as an io_uring. */
        answer.result = (int32_t)sent;
        transmit(daemon, &answer, sizeof answer, NULL, 0);
    }
    if (gives && result >= 0 && question.kind != INHERITED)
        CALL(close, result, 0, 0, 0, 0);
}

static void tell_of(int daemon, int number)
{
    struct notice notice = {.kind = SIGNAL, .number = number};
    transmit(daemon, &notice, sizeof notice, NULL, 0);
    told = true;
}

/* Stops as the signal would have; the kernel knows whether it may, which depends on the process group. */
static void stop_by(int number)
{
    uint64_t one = 1ull << (number - 1);
    CALL(kill, CALL(getpid, 0, 0, 0, 0, 0), number, 0, 0, 0);
    CALL(rt_sigprocmask, SIG_UNBLOCK, &one, NULL, sizeof one, 0);
    CALL(rt_sigprocmask, SIG_BLOCK, &one, NULL, sizeof one, 0);
}

static void pass_signal_on(int daemon, int signals)
{
    struct signalfd_siginfo info;
    if (CALL(read, signals, &info, sizeof info, 0, 0) != (long)sizeof info)
        return;
    int number = (int)info.ssi_signo;
    tell_of(daemon, number);
    switch (number) {
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
        stop_by(number);
        tell_of(daemon, SIGCONT);
        break;
    case SIGCONT:
        break;
    default:
        passed_on = number;
    }
}

/* Waits for a question or a signal; returns whether there is one before the time is up, if there is one. */
static bool wait(struct pollfd *from, const struct __kernel_timespec *limit)
{
    struct __kernel_timespec left = limit ? *limit : (struct __kernel_timespec){0};
    long ready;
    do
        ready = CALL(ppoll, from, 2, limit ? &left : NULL, NULL, sizeof(uint64_t));
    while (ready == -EINTR); /* Linux has written to it what is left. */
    return ready > 0;
}

static _Noreturn void lose_daemon(void)
{
    if (!*command.script)
        fail("the node's daemon ended while it ran the guest", "");
    copy(address.sun_path + length_of(address.sun_path), ".log");
    fail("the daemon ended while it ran the guest. Run it again, or with JUKVM_DAEMON=off; see ", address.sun_path);
}

/* A daemon that went away without a word has begun nothing if it has not even read the hello, which resets the connection. */
static _Noreturn void go_on_alone(long received)
{
    if (received == -ECONNRESET && !told)
        go_cold("off");
    lose_daemon();
}

static bool is_unread(int daemon)
{
    int bytes = 0;
    return CALL(ioctl, daemon, SIOCOUTQ, &bytes, 0, 0) == 0 && bytes > 0 && !told;
}

/*
 * Ends the wait for the first word. The daemon sees that before it begins anything, and says so when it comes to that; if it had
 * begun, it stops the guest, whose end is ours. Nothing is run twice.
 */
static _Noreturn void give_up(int daemon)
{
    struct pollfd from[] = {{.fd = daemon, .events = POLLIN}, {.fd = -1}};
    CALL(shutdown, daemon, SHUT_WR, 0, 0, 0);
    /* It has more clients than it takes, or hangs, and would see that this one is gone. */
    if (is_unread(daemon) || !wait(from, &patience))
        go_cold("off");
    long received = receive(daemon);
    if (received <= 0)
        go_on_alone(received);
    if (question.kind == GO_COLD || question.kind == STALE)
        go_cold("off");
    fail("the daemon took too long to begin; it has stopped the guest", "");
}

/* Has the low-level runtime leave the connection open for the container's process, by the number that the daemon was told of. */
static _Noreturn void leave_open(int daemon)
{
    int number = number_of(command.arguments[5]);
    if (daemon == number)
        CALL(fcntl, daemon, F_SETFD, 0, 0, 0);
    else if (CALL(dup2, daemon, number, 0, 0, 0) < 0)
        fail("cannot leave a descriptor open for the container", "");
    become_low_level(true);
}

static _Noreturn void serve(int daemon, int signals)
{
    struct pollfd from[] = {{.fd = daemon, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
    for (bool begun = false;;) {
        /* A command that was told to end does, whatever holds the daemon or its guest up. */
        bool ready = wait(from, begun && !passed_on ? NULL : &patience);
        if (!ready && passed_on)
            fail("the daemon has not stopped the guest in time; it is left to it", "");
        if (!ready)
            give_up(daemon);
        if (from[1].revents)
            pass_signal_on(daemon, signals);
        if (!from[0].revents)
            continue;
        long received = receive(daemon);
        if (received <= 0 && !begun)
            go_on_alone(received);
        if (received <= 0)
            lose_daemon();
        if (question.kind == END) {
            forget_programs();
            if (is_runtime() && question.a == 0)
                become_low_level(false);
            leave(question.a);
        }
        if (question.kind == KEPT && is_runtime())
            leave_open(daemon);
        if (question.kind == GO_COLD || question.kind == STALE)
            go_cold(question.kind == STALE ? "replace" : "off");
        if (question.kind == ENTERED && given_count == 1) {
            CALL(close, daemon, 0, 0, 0, 0);
            from[0].fd = daemon = given[0];
            if (passed_on) /* Nobody reads the other any more. */
                tell_of(daemon, passed_on);
            continue;
        }
        begun = true;
        if (question.kind != BEGUN)
            answer(daemon);
        while (given_count > 0)
            CALL(close, given[--given_count], 0, 0, 0, 0);
    }
}

/* In a container, goes on by the connection that was left open. */
static _Noreturn void enter(void)
{
    *command.script = 0;
    int left = number_of(command.arguments[0] ? command.arguments[0] : "");
    int signals = open_signals(), fds[STANDARD] = {0, 1, 2};
    struct notice entry = {.kind = ENTER};
    if (signals < 0 || transmit(left, &entry, sizeof entry, fds, STANDARD) < 0)
        fail("the node's daemon has ended since the container was created; create it anew", "");
    serve(left, signals);
}

/* The stack begins with the number of words, the words, and the environment, the last two with a null each. */
__attribute__((noreturn, used)) static void start(long *stack)
{
    struct __kernel_timespec now;
    CALL(clock_gettime, CLOCK_MONOTONIC, &now, 0, 0, 0);
    hello.began = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;

    command.environment = (char **)stack + stack[0] + 2;
    fill_standard_descriptors();
    find_launcher((char **)stack + 1);
    if (is(command.name, "jukvm-guest"))
        enter();
    read_environment();
    unsigned length = is_for_daemon() ? write_hello() : 0;
    int daemon = length > 0 ? reach_daemon() : -1;
    if (daemon < 0)
        go_cold("off");
    int signals = open_signals();
    open_in_advance();
    if (signals < 0 || say_hello(daemon, length) < 0)
        go_cold("off");
    serve(daemon, signals);
}

__asm__(".globl _start\n_start:\n\tmov %rsp, %rdi\n\txor %ebp, %ebp\n\tand $-16, %rsp\n\tcall start\n");
