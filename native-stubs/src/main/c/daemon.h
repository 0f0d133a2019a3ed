/*
 * What a client and the daemon send each other: a message each time, over a SOCK_SEQPACKET socket, in the byte order of the
 * machine that both are on. jukvm.daemon.DaemonProtocol has the same numbers.
 *
 * A client says hello, with its standard descriptors. Then the daemon asks it to open what the run names, each question answered
 * before the next, since the run has the rights of its client and not of the daemon. In the end it says the status. Meanwhile the
 * client tells it of signals: those that end the guest, stop it or let it go on. Whoever goes away ends the other's part: a guest
 * without its client is stopped.
 *
 * A container runtime says hello with words of its own. The daemon makes the bundle one of a guest that runs here, keeps the run in
 * mind, and the connection goes to the container's process: that can have this very run, once, and ask for nothing else.
 */
#ifndef DAEMON_H
#define DAEMON_H

#include <stdint.h>

enum {
    /* Of the client. The kind of hello is the protocol's version, too. */
    HELLO = 0x6a6b0001, /* with descriptors 0, 1 and 2, and what was opened in advance */
    ANSWER = 1,         /* with the descriptor, where one was asked for and result is not negative */
    SIGNAL = 2,

    /* Of the command jukvm daemon; each is answered by END, with the daemon's build as argument, and text. */
    STOP = 3, /* end, and the guests that run before */
    STATUS = 4,
    RETIRE = 5, /* end when the guests that run have ended */

    /* Of the command jukvm core: a struct notice, with the process of another client instead of the signal, and a pipe into
       which a core of its guest is written. Nothing answers but that, and the pipe's end. */
    CORE = 6,
    /* Of a container's process, once, by the connection it was left: with descriptors 0, 1 and 2. */
    ENTER = 7,

    /* Of the daemon; the first two are the same in all versions. */
    GO_COLD = 16,   /* "run it in a JVM of its own": nothing was done yet, and nothing will be */
    STALE = 17,     /* the same, and this daemon ends, so start another */
    END = 18,       /* a: exit status */
    OPEN = 19,      /* a: flags, b: mode, text: path; answered with a descriptor */
    SOCKET = 20,    /* a: domain, b: type; a socket of the client's network; answered with a descriptor */
    INHERITED = 21, /* a: number of a descriptor that the client has; answered with it */
    IOCTL = 22,     /* with a descriptor, request and argument; answered with the argument */
    BEGUN = 23,     /* the guest runs, for longer than the client would wait for a first word */
    CONNECT = 24,   /* text: path of a stream socket; answered with a descriptor that is connected to it */
    LISTEN = 25,    /* text: path; answered with the descriptor of a stream socket that waits there */
    UNLINK = 26,    /* text: path */
    START = 27,     /* with descriptors of its output and its third; text: the words of a program, each with a zero byte,
                       as many as a; answered with a descriptor of its process */
    KEPT = 28,      /* to a container runtime: the bundle is of a guest that will run here, and this connection its process's */
    FILL = 29,      /* with the descriptor of a file, request: its bytes; answered when the kernel has memory for them, which is
                       charged to the client */
    ENTERED = 30,   /* with a socket, by which all goes on: others may have the connection, too */
};

enum { STANDARD = 3, DESCRIPTORS = STANDARD + 2, ARGUMENT = 48, LONGEST_PATH = 4096, LONGEST_HELLO = 65536 };

/* The file whose state is that of the build, in the client's own folder. */
#define BUILD_FILE "jukvm.jar"

struct build { uint64_t device, inode, size, modified; };

struct hello {
    uint32_t kind, words;
    uint64_t began; /* CLOCK_MONOTONIC in ns */
    struct build build;
    /* What every run opens was opened in advance: a question is two changes of process. Each is 0 or more, then its
       descriptor comes along, or the negated errno. The guest is that word, if it is not 0, opened to be read. */
    int32_t kvm, guest;
    uint32_t guest_word, unused;
    char text[LONGEST_HELLO - 64]; /* the name the command was called by, then its arguments, each with a zero byte */
};
_Static_assert(sizeof(struct hello) == LONGEST_HELLO, "no padding");

struct question {
    uint32_t kind;
    int32_t a, b, unused;
    uint64_t request;
    uint8_t argument[ARGUMENT]; /* struct ifreq, and at 40 what it may point at */
    char text[LONGEST_PATH];
};
_Static_assert(sizeof(struct question) == 72 + LONGEST_PATH, "no padding");

struct answer {
    uint32_t kind;
    int32_t result; /* 0 or more, or the negated errno */
    uint8_t argument[ARGUMENT];
};
_Static_assert(sizeof(struct answer) == 56, "no padding");

struct notice {
    uint32_t kind;
    int32_t number; /* of the signal */
};

#endif
