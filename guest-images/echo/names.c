/* Questions to a name server and its answers. Source: RFC 1035, 4.1; what is compressed, 4.1.4. */
#include "packets.h"

enum { HEADER = 12, FLAGS = 2, ANSWERS = 6, TYPE_A = 1, CLASS_IN = 1, LONGEST_LABEL = 63 };
enum { IS_ANSWER = 0x80, WANTS_RECURSION = 0x01, RESULT = 0x0f };

static uint8_t *put_short(uint8_t *to, unsigned value)
{
    *to++ = (uint8_t)(value >> 8);
    *to++ = (uint8_t)value;
    return to;
}

static unsigned short_at(const uint8_t *from)
{
    return (unsigned)from[0] << 8 | from[1];
}

size_t make_question(uint8_t data[LONGEST_QUESTION], uint16_t id, const char *name)
{
    const uint8_t *end = data + LONGEST_QUESTION - 5; /* What follows the name, and the byte that ends it. */
    uint8_t *to = put_short(data, id);
    memset(to, 0, HEADER - 2);
    data[FLAGS] = WANTS_RECURSION;
    data[FLAGS + 3] = 1; /* One question. */
    for (to = data + HEADER; *name && *name != ' '; name += *name == '.') {
        uint8_t *length = to++;
        for (; *name && *name != ' ' && *name != '.'; name++) {
            CHECK(to < end, "a name is too long", to - data);
            *to++ = (uint8_t)*name;
        }
        *length = (uint8_t)(to - length - 1);
        CHECK(*length && to - length - 1 <= LONGEST_LABEL, "a part of a name is empty or too long", *length);
    }
    *to++ = 0;
    to = put_short(to, TYPE_A);
    return (size_t)(put_short(to, CLASS_IN) - data);
}

/* Returns what follows a name, or NULL. */
static const uint8_t *after_name(const uint8_t *at, const uint8_t *end)
{
    while (at < end) {
        if (*at >> 6 == 3) return end - at >= 2 ? at + 2 : NULL;
        if (*at == 0) return at + 1;
        if (*at > LONGEST_LABEL || *at >= end - at) return NULL;
        at += 1 + *at;
    }
    return NULL;
}

bool read_answer(const uint8_t *data, size_t size, uint16_t id, uint8_t address[4])
{
    const uint8_t *end = data + size, *at = data + HEADER;
    if (size < HEADER || short_at(data) != id || !(data[FLAGS] & IS_ANSWER) || data[FLAGS + 1] & RESULT) return false;
    at = after_name(at, end);
    if (!at || end - at < 4) return false;
    at += 4;
    for (unsigned left = short_at(data + ANSWERS); left; left--) {
        at = after_name(at, end);
        if (!at || end - at < 10) return false;
        unsigned type = short_at(at), class = short_at(at + 2), length = short_at(at + 8);
        at += 10;
        if ((size_t)(end - at) < length) return false;
        if (type == TYPE_A && class == CLASS_IN && length == 4) {
            memcpy(address, at, 4);
            return true;
        }
        at += length;
    }
    return false;
}
