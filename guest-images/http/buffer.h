/* A queue of bytes in memory of buffer_size bytes, a power of two, where it goes round. */
#ifndef BUFFER_H
#define BUFFER_H

#include "guest.h"

extern uint32_t buffer_size;

struct buffer {
    uint8_t *bytes;
    uint32_t start, used;
};

static inline uint32_t buffer_room(const struct buffer *buffer)
{
    return buffer_size - buffer->used;
}

/* What can be read in one piece, from an offset on. */
static inline const uint8_t *buffer_piece(const struct buffer *buffer, uint32_t offset, uint32_t *size)
{
    uint32_t at = (buffer->start + offset) & (buffer_size - 1), left = buffer->used - offset;
    *size = left < buffer_size - at ? left : buffer_size - at;
    return buffer->bytes + at;
}

/* Copies what is inside. */
void buffer_copy(const struct buffer *buffer, uint32_t offset, void *to, uint32_t size);

/* Stores bytes so far behind the last, where there must be room for them, without saying that they are there. */
void buffer_store(struct buffer *buffer, uint32_t offset, const void *data, uint32_t size);

/* Appends bytes, for which there must be room. */
void buffer_append(struct buffer *buffer, const void *data, uint32_t size);

/* Removes the first bytes. */
void buffer_take(struct buffer *buffer, uint32_t size);

#endif
