/* What the parts of floor share: the machine, the guest in it, and where things lie in its memory. */
#ifndef FLOOR_H
#define FLOOR_H

#define _GNU_SOURCE
#include <linux/kvm.h>
#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

static const u64 PAGE = 0x1000, REGION = 0x200000, MIB = 1 << 20;

/* Guest-physical addresses below the image. At level 3 a guest sees only what lies from BOOT_INFO to TABLES. */
enum { SYSTEM = 0x1000, PML4 = 0x2000, PDPT = 0x3000, PD = 0x4000, PT = 0x5000 };
enum { BOOT_INFO = 0x10000, MANIFEST = 0x10100, COMMAND_LINE = 0x12000, TABLES = 0x20000, IMAGE = 0x100000 };

/* The page of SYSTEM: segments, task state with the bitmap of ports, gates, stubs, and the stack of the stubs down from its end. */
enum { GDT = SYSTEM, TASK = SYSTEM + 0x80, GATES = SYSTEM + 0x200, STUBS = SYSTEM + 0x400, STUB = 16, STACK_END = SYSTEM + 0x1000 };
/* The bitmap opens every port from 0 to 0x807, those of hypercalls among them. */
enum { TASK_STATE = 104, PORT_BITS = 0x101 + 1, VECTORS = 32, TRAP_PORT = 0x40 };
_Static_assert(TASK + TASK_STATE + PORT_BITS <= GATES, "the bitmap ends before the gates");

/* Bits of page-table entries. */
enum { PRESENT = 1, WRITE = 2, USER = 4, LARGE = 0x80 };
static const u64 NO_EXECUTE = 1ull << 63;

enum { LONGEST_COMMAND_LINE = 0x2000 };

/* What was asked for. */
struct options { const char *guest, *arguments; u64 memory; int ring, runs; bool keep, exits, serve; double seconds; };
extern struct options options;

/* The one machine there is at a time. */
struct machine { int vm, vcpu; struct kvm_run *run; u8 *memory; };
extern struct machine machine;

/* What the loader found, what the registers are at the start, and where the guest has its own gates; 0 if it has none. */
struct guest { u64 entry, image_end, gates; struct kvm_sregs sregs; };
extern struct guest guest;

/* Prints a line and ends the process. */
_Noreturn void fail(const char *format, ...);

/* Returns what a system call returned, unless that is an error. */
long must(long result, const char *what);
void *must_map(void *mapping, const char *what);

/* Guest memory at an address. */
void *at(u64 gpa);

void open_kvm(void);
void create_machine(void);
void destroy_machine(void);

/* Reads the image and lays out memory; chooses the registers of the start without setting them. */
void lay_out(void);
void set_registers(void);

/* Answers an exception at level 3; returns whether the guest goes on. */
bool trap(unsigned vector);
bool has_error_code(unsigned vector);

#endif
