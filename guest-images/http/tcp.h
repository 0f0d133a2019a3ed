/*
 * A TCP server on one port, RFC 9293: connections come in and are served by server.h. Without urgent data, timestamps and selective
 * acknowledgements. All memory is given at the start, and what is not acknowledged in time makes room.
 */
#ifndef TCP_H
#define TCP_H

#include "buffer.h"
#include "net.h"
#include "server.h"

enum { TCP_PORT = 80, MOST_RANGES = 4 };

/* Bytes that came before others that are missing; [from, to) in sequence numbers. */
struct range { uint32_t from, to; };

/* Who is at the other end. */
struct remote { struct peer peer; uint16_t port; };

struct connection {
    struct connection *next_of_hash, *next_pending;
    struct connection *newer, *older; /* neighbours among those in use */
    struct remote remote;
    uint64_t timer;    /* when to send once more, or probe a closed window */
    uint64_t patience; /* when to give up */
    uint64_t progress; /* when bytes last arrived, here or there */

    /* What we send: the first byte not acknowledged, the next to send, the end of all ever sent. tx begins at the first. */
    struct buffer tx;
    uint32_t unacknowledged, next, end;
    uint32_t window, largest_window, window_sequence, window_acknowledged;
    uint32_t congestion_window, threshold, recovery_end;
    uint32_t timed; /* the byte whose acknowledgement takes as long as the round trip */
    uint64_t timed_since, round_trip, variation, timeout;
    uint16_t segment_size;
    uint8_t window_shift, duplicates, retries;
    bool is_timing, is_recovering, is_closing, is_fin_acknowledged, was_first_to_close;

    /* What we receive: the next byte expected, and the end of the window that the other end knows. rx ends at the next. */
    struct buffer rx;
    uint32_t expected, window_end, fin;
    struct range ranges[MOST_RANGES + 1]; /* one more for what is in order */
    uint8_t range_count, own_shift;
    bool has_fin, is_fin_received;
    bool is_used, is_pending, owes_acknowledgement;

    struct exchange exchange;
};

/* A segment that came in, its numbers as the CPU has them. */
struct segment {
    uint32_t sequence, acknowledgement, size; /* of data */
    uint16_t window;
    uint8_t flags;
    const uint8_t *data;
};

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };

/* Takes memory for connections. */
void tcp_start(uint8_t *memory, uint64_t size);

/* Handles a segment whose checksum is right. */
void tcp_input(const struct peer *from, const uint8_t *data, size_t size, uint64_t now);

/* True if what came in is better served at once than with what comes next. */
bool tcp_is_pressing(void);

/* Serves every connection that something came for. */
void tcp_serve(uint64_t now);

/* Does what is due, and returns when to be called again. */
uint64_t tcp_tick(uint64_t now);

/* Ends all connections without a word: the address that they have is ours no more. */
void tcp_forget_all(void);

/* How many connections there are. */
unsigned tcp_connections(void);

/* For server.c: sends no more than what is in tx; gives up at once; serves the connection again, soon. */
void tcp_close(struct connection *connection);
void tcp_abort(struct connection *connection);
void tcp_wake(struct connection *connection);

#endif
