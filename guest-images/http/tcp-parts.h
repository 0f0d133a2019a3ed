/* What the parts of TCP know of each other: tcp.c who is connected, tcp-input.c what comes in, tcp-output.c what goes out. */
#ifndef TCP_PARTS_H
#define TCP_PARTS_H

#include "tcp.h"

struct PACKED tcp {
    uint16_t from, to;
    uint32_t sequence, acknowledgement;
    uint8_t words, flags;
    uint16_t window, check, urgent;
    uint8_t options[];
};
_Static_assert(sizeof(struct tcp) == 20, "TCP");

enum { OPTION_END = 0, OPTION_NOTHING = 1, OPTION_SEGMENT_SIZE = 2, OPTION_WINDOW_SHIFT = 3 };
enum {
    HEADERS = sizeof(struct ipv4) + sizeof(struct tcp),
    SMALLEST_SEGMENT = 536, /* that everybody takes */
    LEAST_SEGMENT = 64,     /* whatever they say */
    LARGEST_SHIFT = 14,
    NO_SHIFT = 255,
};

/* Sequence numbers go round. */
static inline bool is_before(uint32_t left, uint32_t right)
{
    return (int32_t)(left - right) < 0;
}

static inline uint32_t smaller(uint32_t left, uint32_t right)
{
    return left < right ? left : right;
}

static inline uint32_t larger(uint32_t left, uint32_t right)
{
    return left > right ? left : right;
}

/*
 * What is kept of somebody who has no connection: a handshake that is not complete, or one that has ended and may have to be told so
 * again. There is a fixed number, and the oldest make room: who floods us with handshakes gains no memory.
 */
struct trace {
    struct remote remote;
    enum { NOTHING, HANDSHAKE, ENDED } kind;
    uint8_t tries, window_shift; /* NO_SHIFT if they cannot scale windows */
    uint16_t segment_size;       /* that they take */
    uint32_t expected, next;     /* sequence numbers: theirs and ours */
    uint64_t since, due;
};

struct trace *trace_find(const struct remote *remote);
struct trace *trace_make(const struct remote *remote, uint64_t now);

/* Ends a connection without a word. */
void connection_end(struct connection *connection);

struct connection *connection_find(const struct remote *remote);

/* Makes a connection of a handshake, or returns NULL if there are too many. */
struct connection *connection_make(const struct trace *trace, uint64_t now);

/* Lets the next tick be no later. */
void tcp_expect(uint64_t when);

/* The segments that we take have so many bytes at most, and how the window that we tell is shifted. */
uint32_t own_segment_size(void);
uint8_t own_window_shift(void);

/* Handles a segment of a connection. */
void connection_input(struct connection *connection, const struct segment *segment, uint64_t now);

/* Sends what may be sent, and what is owed. */
void connection_output(struct connection *connection, uint64_t now);

/* Sends the bytes from a sequence number on, as many as a segment takes. */
void connection_resend(struct connection *connection, uint32_t sequence);

/* What to do when the connection's timer is due. */
void connection_timeout(struct connection *connection, uint64_t now);

/* Starts the connection's timer anew. */
void connection_start_timer(struct connection *connection, uint64_t now);

void send_handshake(const struct trace *trace);
void send_acknowledgement(const struct remote *to, uint32_t sequence, uint32_t acknowledgement, uint32_t window);
void send_reset(const struct remote *to, uint32_t sequence, uint32_t acknowledgement);

/* Answers what no connection is there for. */
void refuse(const struct remote *to, const struct segment *segment);

#endif
