/* What the compiler may call unasked. String instructions, not loops: where guests are emulated, instructions are what costs. */
#include "guest.h"

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    void *end = to;
    size_t words = size / 8, rest = size % 8;
    __asm__ volatile("rep movsq\n\tmov %3, %2\n\trep movsb" : "+&D"(end), "+&S"(from), "+&c"(words) : "r"(rest) : "memory");
    return to;
}

void *memset(void *to, int byte, size_t size)
{
    void *end = to;
    size_t words = size / 8, rest = size % 8;
    uint64_t pattern = (uint8_t)byte * 0x0101010101010101ull;
    __asm__ volatile("rep stosq\n\tmov %2, %1\n\trep stosb" : "+&D"(end), "+&c"(words) : "r"(rest), "a"(pattern) : "memory");
    return to;
}

int memcmp(const void *left, const void *right, size_t size)
{
    const uint8_t *a = left, *b = right;
    bool equal;
    __asm__ volatile("cmp %%rcx, %%rcx\n\trepe cmpsb" : "+S"(a), "+D"(b), "+c"(size), "=@cce"(equal) : : "memory");
    return equal ? 0 : a[-1] - b[-1];
}
