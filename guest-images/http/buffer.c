#include "buffer.h"

uint32_t buffer_size;

void buffer_copy(const struct buffer *buffer, uint32_t offset, void *to, uint32_t size)
{
    uint32_t first;
    const uint8_t *piece = buffer_piece(buffer, offset, &first);
    if (first > size) first = size;
    memcpy(to, piece, first);
    memcpy((uint8_t *)to + first, buffer->bytes, size - first);
}

void buffer_store(struct buffer *buffer, uint32_t offset, const void *data, uint32_t size)
{
    uint32_t at = (buffer->start + buffer->used + offset) & (buffer_size - 1);
    uint32_t first = size < buffer_size - at ? size : buffer_size - at;
    memcpy(buffer->bytes + at, data, first);
    memcpy(buffer->bytes, (const uint8_t *)data + first, size - first);
}

void buffer_append(struct buffer *buffer, const void *data, uint32_t size)
{
    buffer_store(buffer, 0, data, size);
    buffer->used += size;
}

void buffer_take(struct buffer *buffer, uint32_t size)
{
    buffer->start = (buffer->start + size) & (buffer_size - 1);
    buffer->used -= size;
}
