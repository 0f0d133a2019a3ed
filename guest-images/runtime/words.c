#include <limits.h>

#include "guest.h"

static const char *next_word(const char *text)
{
    while (*text && *text != ' ') text++;
    while (*text == ' ') text++;
    return text;
}

/* Returns what follows the prefix, or NULL if the text does not begin with it. */
static const char *after(const char *text, const char *prefix)
{
    while (*prefix)
        if (*text++ != *prefix++) return NULL;
    return text;
}

static bool ends_word(char c)
{
    return c == 0 || c == ' ';
}

bool has_word(const char *line, const char *word)
{
    for (; *line; line = next_word(line)) {
        const char *end = after(line, word);
        if (end && ends_word(*end)) return true;
    }
    return false;
}

/* Reads decimal digits up to the first other character, which it returns; NULL if there is no number that fits. */
static const char *parse_decimal(const char *digits, uint64_t *value)
{
    const char *first = digits;
    *value = 0;
    for (; *digits >= '0' && *digits <= '9'; digits++) {
        uint64_t digit = (uint64_t)(*digits - '0');
        if (__builtin_mul_overflow(*value, 10, value) || __builtin_add_overflow(*value, digit, value)) return NULL;
    }
    return digits == first ? NULL : digits;
}

static bool parse_size(const char *digits, uint64_t *value)
{
    digits = parse_decimal(digits, value);
    return digits && ends_word(*digits);
}

bool number_word(const char *line, const char *name, int *value)
{
    for (; *line; line = next_word(line)) {
        const char *digits = after(line, name);
        uint64_t size;
        if (!digits) continue;
        bool negative = *digits == '-';
        if (!parse_size(digits + negative, &size) || size > (uint64_t)INT_MAX + negative) continue;
        *value = (int)(negative ? -(int64_t)size : (int64_t)size);
        return true;
    }
    return false;
}

bool size_word(const char *line, const char *name, uint64_t *value)
{
    const char *digits = text_word(line, name);
    uint64_t size;
    if (!digits || !parse_size(digits, &size)) return false;
    *value = size;
    return true;
}

bool numbers_after(const char *line, const char *word, uint64_t *values, unsigned count)
{
    for (; *line; line = next_word(line)) {
        const char *end = after(line, word);
        if (!end || !ends_word(*end)) continue;
        for (unsigned i = 0; i < count; i++) {
            line = next_word(line);
            if (!parse_size(line, &values[i])) return false;
        }
        return true;
    }
    return false;
}

const char *text_word(const char *line, const char *name)
{
    for (; *line; line = next_word(line)) {
        const char *text = after(line, name);
        if (text) return text;
    }
    return NULL;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool parse_mac(const char *text, uint8_t mac[6])
{
    for (int i = 0; i < 6; i++, text += 3) {
        int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);
        if (low < 0 || !(i < 5 ? text[2] == ':' : ends_word(text[2]))) return false;
        mac[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* Reads a dotted address, and returns what follows it; or NULL. */
static const char *read_address(const char *text, uint8_t address[4])
{
    for (int i = 0; i < 4; i++) {
        uint64_t value;
        if (i && *text++ != '.') return NULL;
        text = parse_decimal(text, &value);
        if (!text || value > 255) return NULL;
        address[i] = (uint8_t)value;
    }
    return text;
}

bool parse_address(const char *text, uint8_t address[4])
{
    text = read_address(text, address);
    return text && ends_word(*text);
}

bool parse_network(const char *text, uint8_t address[4], unsigned *bits)
{
    uint64_t value;
    text = read_address(text, address);
    if (!text || *text != '/' || !parse_size(text + 1, &value) || value > 32) return false;
    *bits = (unsigned)value;
    return true;
}

bool same_text(const char *left, const char *right)
{
    while (*left && *left == *right) left++, right++;
    return *left == *right;
}
