/*
 * What a container may put in the place of the node's client, to harm the daemon or the guests of others:
 *
 *   hostile_container NUMBER DEED SEED
 *
 * NUMBER is the descriptor that the daemon was left by. What deeds are see main; the same seed does the same.
 */
#define _GNU_SOURCE
#include "daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 8, QUIET_MILLIS = 200, TSTP = 20, CONT = 18 };

static uint64_t random_state;
static struct question question;
static int given = -1; /* with the question */

static unsigned any(unsigned below)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(random_state >> 33) % below;
}

static long tell(int to, const void *bytes, size_t length, const int *fds, unsigned count)
{
    union { struct cmsghdr header; char bytes[CMSG_SPACE(MOST * sizeof(int))]; } control = {0};
    struct iovec part = {(void *)bytes, length};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    if (count > 0) {
        header.msg_control = &control;
        header.msg_controllen = CMSG_SPACE(count * sizeof(int));
        control.header = (struct cmsghdr){CMSG_LEN(count * sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
        memcpy(CMSG_DATA(&control.header), fds, count * sizeof(int));
    }
    return sendmsg(to, &header, MSG_NOSIGNAL);
}

static bool hear(int from)
{
    union { struct cmsghdr header; char bytes[CMSG_SPACE(sizeof(int))]; } control = {0};
    struct iovec part = {&question, sizeof question};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    if (given >= 0)
        close(given);
    long length = recvmsg(from, &header, MSG_CMSG_CLOEXEC);
    given = length > 0 && header.msg_controllen > 0 ? *(int *)CMSG_DATA(&control.header) : -1;
    return length > 0;
}

static int enter(int left)
{
    struct notice entry = {.kind = ENTER};
    int fds[] = {0, 1, 2};
    tell(left, &entry, sizeof entry, fds, 3);
    if (!hear(left) || question.kind != ENTERED || given < 0)
        _exit(3);
    return dup(given);
}

static void answer(int own)
{
    struct answer answer = {.kind = ANSWER, .result = -ENOSYS};
    int opened = -1;
    if (question.kind == OPEN)
        answer.result = opened = open(question.text, question.a, question.b);
    else if (question.kind == FILL)
        answer.result = fallocate(given, 0, 0, (off_t)question.request);
    tell(own, &answer, sizeof answer, &opened, opened >= 0);
}

/* Has the guest run. */
static void serve(int own)
{
    struct pollfd from = {own, POLLIN, 0};
    while (poll(&from, 1, QUIET_MILLIS) > 0 && hear(own))
        answer(own);
}

/* Whoever closes the last of it waits for an hour, since nobody reads what it has sent. */
static int lingering(void)
{
    static char bytes[1 << 16];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), fd = socket(AF_INET, SOCK_STREAM, 0);
    listen(listener, 1);
    getsockname(listener, (void *)&address, &size);
    if (connect(fd, (void *)&address, size) < 0)
        _exit(4);
    while (send(fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
        continue;
    struct linger hour = {1, 3600};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &hour, sizeof hour);
    return fd;
}

static int any_file(void)
{
    int pair[2];
    switch (any(9)) {
    case 0: return open("/proc/self/exe", O_RDONLY);
    case 1: return open("/", O_PATH);
    case 2: return memfd_create("hostile", 0);
    case 3: return eventfd(0, 0);
    case 4: return epoll_create1(0);
    case 5: return pipe(pair) < 0 ? -1 : pair[any(2)];
    case 6: return open("/dev/ptmx", O_RDWR);
    case 7: return open("/dev/zero", O_RDWR);
    default: return socketpair(AF_UNIX, any(2) ? SOCK_STREAM : SOCK_SEQPACKET, 0, pair) < 0 ? -1 : pair[0];
    }
}

static void junk(int to)
{
    static const unsigned kinds[] = {HELLO, ANSWER, SIGNAL, STOP, STATUS, RETIRE, CORE, ENTER, GO_COLD, END, KEPT, FILL, ENTERED};
    static const unsigned lengths[] = {0, 1, 4, 7, 8, 9, 55, 56, 57, 72, 4096, 65536, 70000};
    static unsigned char bytes[70000];
    int fds[MOST];
    unsigned count = any(2) ? any(MOST + 1) : 0, length = lengths[any(sizeof lengths / sizeof *lengths)];
    for (unsigned i = 0; i < length; i++)
        bytes[i] = (unsigned char)any(256);
    if (any(4) > 0)
        memcpy(bytes, &kinds[any(sizeof kinds / sizeof *kinds)], sizeof *kinds);
    if (any(2)) /* A plausible result. */
        memset(bytes + 4, 0, 4);
    for (unsigned i = 0; i < count; i++)
        if ((fds[i] = any_file()) < 0)
            fds[i] = 0;
    tell(to, bytes, length, fds, count);
    for (unsigned i = 0; i < count; i++)
        if (fds[i] > 2 && fds[i] != to)
            close(fds[i]);
}

/* Asks for what others may: the daemon's end, a core of another's guest, a run of its own, a second entry. */
static void claim(int left)
{
    static struct hello hello = {.kind = HELLO, .words = 3, .kvm = -ENOENT, .text = "jukvm\0run\0/image/poll.hvt"};
    static const unsigned kinds[] = {STATUS, STOP, RETIRE, CORE};
    struct notice notice = {.kind = kinds[random_state % 4], .number = 1};
    int fds[] = {0, 1, 2};
    if (any(2)) {
        int own = enter(left);
        tell(left, &notice, sizeof notice, fds, notice.kind == CORE);
        tell(left, &(struct notice){ENTER, 0}, sizeof notice, fds, 3);
        tell(own, &notice, sizeof notice, fds, notice.kind == CORE);
    } else if (any(2)) {
        tell(left, &notice, sizeof notice, fds, notice.kind == CORE);
    } else {
        tell(left, &hello, 100, fds, 3);
    }
    tell(left, &hello, 100, fds, 3);
}

int main(int count, char **words)
{
    if (count != 4)
        return 2;
    int left = atoi(words[1]), own;
    const char *deed = words[2];
    random_state = strtoull(words[3], NULL, 10);
    if (strcmp(deed, "junk") == 0) {
        own = any(2) ? left : enter(left);
        for (int i = 0; i < 100; i++)
            junk(own);
    } else if (strcmp(deed, "claim") == 0) {
        claim(left);
    } else if (strcmp(deed, "answers") == 0) {
        for (own = enter(left); hear(own);)
            any(4) ? answer(own) : junk(own);
    } else if (strcmp(deed, "vanish") == 0) {
        own = enter(left);
        for (unsigned more = any(4); more > 0 && hear(own); more--)
            answer(own);
        if (any(3) > 0)
            return 0;
        shutdown(own, any(2) ? SHUT_WR : SHUT_RDWR);
    } else if (strcmp(deed, "silence") == 0) {
        enter(left);
    } else if (strcmp(deed, "flood") == 0) {
        serve(own = enter(left));
        for (unsigned i = 0; tell(own, &(struct notice){SIGNAL, i % 2 ? CONT : TSTP}, sizeof(struct notice), NULL, 0) > 0; i++)
            continue;
    } else if (strcmp(deed, "descriptors") == 0) {
        serve(own = enter(left));
        int last = lingering();
        tell(own, &(struct notice){SIGNAL, CONT}, sizeof(struct notice), &last, 1);
        close(last);
    }
    for (;;)
        pause();
}
