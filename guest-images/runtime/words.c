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

static bool parse_int(const char *digits, int *value)
{
    bool negative = *digits == '-';
    int64_t number = 0, limit = negative ? -(int64_t)INT_MIN : INT_MAX;
    digits += negative;
    if (ends_word(*digits)) return false;
    for (; !ends_word(*digits); digits++) {
        if (*digits < '0' || *digits > '9') return false;
        number = number * 10 + (*digits - '0');
        if (number > limit) return false;
    }
    *value = (int)(negative ? -number : number);
    return true;
}

bool number_word(const char *line, const char *name, int *value)
{
    for (; *line; line = next_word(line)) {
        const char *digits = after(line, name);
        if (digits && parse_int(digits, value)) return true;
    }
    return false;
}
