/* The instructions the dialects need. */
#ifndef CPU_H
#define CPU_H

#include <stdint.h>

/* Every dialect takes the guest-physical address of a parameter block through a 32-bit port; memory is mapped one to one. */
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

/* Nanoseconds of the TSC. The product needs 128 bits; the compiler would call a library for the division. */
static inline uint64_t read_tsc_nsecs(uint64_t frequency)
{
    uint64_t value = read_tsc(), high;
    __asm__("mulq %2\n\tdivq %3"
            : "+a"(value), "=&d"(high)
            : "r"((uint64_t)1000000000), "r"(frequency)
            : "cc");
    return value;
}

#endif
