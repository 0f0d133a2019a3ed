/*
 * Exception handling for the guests that want it. At level 3 the monitor emulates the three loads below and delivers exceptions
 * itself; at level 0 the CPU does. The operand of lgdt and lidt is a plain (%rdi), the form monitors are sure to decode.
 */
#include "guest.h"

enum { VECTORS = 32, BREAKPOINT = 3, DOUBLE_FAULT = 8, CODE = 0x08, TASK = 0x18, STUB_SIZE = 16 };
enum { GATE = 0x8e, USER_GATE = 0xee };

struct __attribute__((packed)) table { uint16_t limit; uint64_t base; };
struct gate { uint16_t low, selector; uint8_t stack, type; uint16_t middle; uint32_t high, zero; };
struct __attribute__((packed)) task { uint32_t zero; uint64_t rsp[3], zero2, stack[7], zero3; uint16_t zero4, io_bitmap; };

_Static_assert(sizeof(struct gate) == 16, "interrupt gate");
_Static_assert(sizeof(struct task) == 104, "task state segment");

extern const char trap_stubs[];
void trap_entered(struct trap *trap);

static struct gate gates[VECTORS] __attribute__((aligned(16)));
static uint64_t descriptors[5] __attribute__((aligned(16)));
static struct task task __attribute__((aligned(16)));
static char double_fault_stack[1024] __attribute__((aligned(16)));
static void (*trap_handler)(struct trap *trap);

bool has_error_code(uint64_t vector)
{
    return vector < VECTORS && (0x60227d00u >> vector & 1);
}

void trap_entered(struct trap *trap)
{
    trap_handler(trap);
}

/* Code and data stay what the monitor loaded; only a task is added, for the stack of the double fault. */
static void load_task(void)
{
    uint64_t base = (uint64_t)&task;
    task.stack[0] = (uint64_t)(double_fault_stack + sizeof double_fault_stack);
    task.io_bitmap = sizeof task;
    descriptors[1] = 0x00af9b000000ffff;
    descriptors[2] = 0x00cf93000000ffff;
    descriptors[3] = 0x0000890000000000 | (sizeof task - 1) | (base & 0xffffff) << 16 | (base >> 24 & 0xff) << 56;
    descriptors[4] = base >> 32;
    struct table gdt = {sizeof descriptors - 1, (uint64_t)descriptors};
    __asm__ volatile("lgdt (%0)" : : "D"(&gdt), "m"(gdt) : "memory");
    __asm__ volatile("ltr %w0" : : "a"(TASK) : "memory");
}

void install_traps(void (*handler)(struct trap *trap))
{
    trap_handler = handler;
    load_task();
    for (unsigned v = 0; v < VECTORS; v++) {
        uint64_t stub = (uint64_t)(trap_stubs + v * STUB_SIZE);
        gates[v] = (struct gate){
            .low = (uint16_t)stub,
            .selector = CODE,
            .stack = v == DOUBLE_FAULT,
            .type = v == BREAKPOINT ? USER_GATE : GATE, /* int3 is an instruction level 3 may use only through such a gate */
            .middle = (uint16_t)(stub >> 16),
            .high = (uint32_t)(stub >> 32),
        };
    }
    struct table idt = {sizeof gates - 1, (uint64_t)gates};
    __asm__ volatile("lidt (%0)" : : "D"(&idt), "m"(idt) : "memory");
}
