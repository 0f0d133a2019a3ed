/* The head of a request: RFC 9112, read strictly, since what two readers may understand in two ways is how attacks begin. */
#ifndef REQUEST_H
#define REQUEST_H

#include "guest.h"

enum { LARGEST_HEAD = 8192, LARGEST_TARGET = 1024 };

struct request {
    enum { GET, HEAD, POST, OTHER_METHOD } method;
    enum { NO_BODY, SIZED, CHUNKED } framing;
    bool is_old; /* HTTP/1.0 */
    bool keeps_alive, expects_continue;
    const char *path; /* without a query */
    size_t path_size;
    uint64_t size; /* of a body that is SIZED */
};

/*
 * Reads a head, which ends with an empty line. Returns 0, or the status to refuse it with. The path lies in the head.
 */
int parse_request(const char *head, size_t size, struct request *request);

/* Returns a pointer to the first such byte, or the end. */
const char *find_byte(const char *from, const char *end, char byte);

/* Reads digits of a base up to 16. False if there is none, another character, or so large a number that 2^63 does not hold it. */
bool parse_number(const char *from, const char *end, unsigned base, uint64_t *value);

/* Whether these are the bytes of the text, whose letters are small, in capital or small letters. */
bool is_text(const char *from, const char *end, const char *text);

#endif
