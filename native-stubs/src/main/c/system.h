/* The system calls that the client makes. It has no libc: starting one costs more than all that the client does. */
#ifndef SYSTEM_H
#define SYSTEM_H

#include <sys/syscall.h>

static inline long call(long number, long a, long b, long c, long d, long e)
{
    register long fourth __asm__("r10") = d;
    register long fifth __asm__("r8") = e;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth)
                     : "rcx", "r11", "memory");
    return result;
}

#define CALL(name, a, b, c, d, e) call(SYS_##name, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e))

static inline unsigned long length_of(const char *text)
{
    unsigned long length = 0;
    while (text[length])
        length++;
    return length;
}

/* Copies the text with its zero byte; returns where that is. */
static inline char *copy(char *to, const char *text)
{
    while ((*to = *text++))
        to++;
    return to;
}

static inline int is(const char *text, const char *other)
{
    while (*text && *text == *other)
        text++, other++;
    return *text == *other;
}

/* Returns what follows the beginning of the text, or null if it begins otherwise. */
static inline const char *after(const char *beginning, const char *text)
{
    while (*beginning)
        if (*beginning++ != *text++)
            return 0;
    return text;
}

static inline int has(const char *text, char wanted)
{
    while (*text && *text != wanted)
        text++;
    return *text == wanted;
}

static inline const char *last_part(const char *path)
{
    const char *part = path;
    for (; *path; path++)
        if (*path == '/')
            part = path + 1;
    return part;
}

#endif
