/* What is served on each connection: HTTP/1.1, RFC 9112, with a few paths. */
#ifndef SERVER_H
#define SERVER_H

#include "request.h"
#include "sha256.h"

struct connection;

/* Where a connection stands in its present exchange of a request and an answer. */
struct exchange {
    enum { HEAD_COMES, BODY_COMES, PATTERN_GOES, LEAVING } phase;
    enum { DISCARD, ECHO, DIGEST } sink; /* of the body */
    enum { SIZED_DATA, CHUNK_LINE, CHUNK_DATA, CHUNK_END, TRAILER } part; /* of the body that comes next */
    bool keeps_alive, answers_chunked, sends_pattern;
    uint32_t scanned;           /* bytes of the head in which its end is not */
    uint32_t trailer;           /* bytes of trailers so far */
    uint64_t left;              /* bytes of this body or chunk to come */
    uint64_t position, size;    /* of the pattern */
    struct sha256 digest;
};

void server_open(struct connection *connection, uint64_t now);

/* Takes what has come and makes answers as far as there is room for them. */
void server_run(struct connection *connection, uint64_t now);

/* Called when the connection's patience is over. */
void server_expire(struct connection *connection, uint64_t now);

/* Requests that were answered since the start, whatever the answer. */
extern uint64_t server_answered;

/* How many are answered at most; the last answer says that it is. */
extern uint64_t server_limit;

/* Whether every answer is the last of its connection from now on. */
extern bool server_ends;

#endif
