/* The instructions both dialects need. */
#ifndef CPU_H
#define CPU_H

#include <stdint.h>

/* Both dialects take the guest-physical address of a parameter block through a 32-bit port; memory is mapped one to one. */
static inline void hypercall(uint16_t port, const volatile void *parameters)
{
    __asm__ volatile("outl %0, %1" : : "a"((uint32_t)(uintptr_t)parameters), "d"(port) : "memory");
}

static inline uint64_t read_tsc(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

#endif
