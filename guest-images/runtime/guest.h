/*
 * What a guest may use, whichever dialect it is linked for. hvt.c, ukvm*.c and since-*.c implement what needs the monitor.
 * Nothing here is called unless the guest calls it, and what is not called is not linked.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Boot information in the layout of the dialect; lives in memory the monitor wrote, possibly read-only. */
struct boot;

/* State of the CPU at an exception, as hvt monitors expect it behind the cookie of HALT: seven words at the start of 512 bytes. */
struct abort_frame {
    uint64_t cr2, error, rip, cs, rflags, rsp, ss;
    uint64_t unused[57];
};

/* Written by each guest. Its result is the exit status. */
int guest_main(const struct boot *boot);

/* Name and version of the dialect: "hvt 1", "hvt 2", "ukvm 0.2", "ukvm 0.3". */
extern const char dialect[];

const char *command_line(const struct boot *boot);
void console_write(const void *data, size_t size);

/* Ends the guest normally. ukvm 0.2 has no way to tell the status. */
_Noreturn void guest_exit(int status);

/* Ends the guest as failed: status 255 but in ukvm 0.2, with the frame or NULL. The caller prints the reason and the word ABORT. */
_Noreturn void guest_abort(const struct abort_frame *frame);

/* Nanoseconds since some moment before the start of the guest. */
uint64_t clock_monotonic(const struct boot *boot);

/* Nanoseconds since 1970-01-01 UTC. */
uint64_t clock_wall(const struct boot *boot);

/*
 * Waits until the time is over or a NIC is readable. Returns the number of readable NICs, and their handles as bits of the set.
 * Both hold rubbish unless the monitor writes them.
 */
int poll(uint64_t timeout_ns, uint64_t *ready_set);

/* Results of requests. A monitor without such numbers (ukvm) only refuses, which is AGAIN for net_read and INVALID for the rest. */
enum { OK = 0, AGAIN = 1, INVALID = 2, FAILED = 3 };

/* What a result holds until the monitor writes it. */
enum { UNANSWERED = 0x5a5a5a5a };

enum device_type { BLOCK = 1, NET = 2 };

/*
 * Declares a device in the manifest, at the top level of a guest: DEVICE("storage", BLOCK). Handles count from 1, in the order of
 * declaration.
 */
#define DEVICE(name, type) DEVICE_ENTRY(name, DEVICE_TYPE_##type)
#define DEVICE_ENTRY(name, type) \
    __asm__(".pushsection .note.solo5.manifest.device, \"a\", @note\n" \
            ".balign 8\n" \
            "0: .asciz \"" name "\"\n" \
            ".fill 68 - (. - 0b)\n" \
            ".long " type "\n" \
            ".fill 32\n" \
            ".popsection")
#define DEVICE_TYPE_BLOCK "1"
#define DEVICE_TYPE_NET "2"

/* Returns the handle of a device, or -1. ukvm knows no names: there the first name asked for means the one device of that type. */
int device_find(const struct boot *boot, const char *name, enum device_type type);

/* False in ukvm, which has one disk and one NIC and ignores handles. */
extern const bool has_handles;

struct block_info { uint64_t capacity, block_size; };
struct net_info { uint8_t mac[6]; uint16_t mtu; };
enum direction { READ, WRITE };

/* Offsets and lengths are in bytes. ukvm rounds offsets down to sectors. */
struct block_info block_info(const struct boot *boot, int device);
int block_read(int device, uint64_t offset, volatile void *data, uint64_t len);
int block_write(int device, uint64_t offset, const volatile void *data, uint64_t len);

/* One request as it is given, right or wrong. The position is in bytes or sectors: position_unit is 1 or 512. */
int block_raw(enum direction direction, uint64_t handle, uint64_t position, const volatile void *data, uint64_t len);
extern const unsigned position_unit;

/* Frames begin at the Ethernet header. Reading takes the size of the buffer in *len and returns that of the frame, or AGAIN. */
struct net_info net_info(const struct boot *boot, int device);
int net_read(int device, void *data, uint64_t *len);
int net_write(int device, const void *data, uint64_t len);

/* One hypercall as it is given, right or wrong; never through the ring. */
int net_raw(enum direction direction, uint64_t handle, const volatile void *data, uint64_t *len);

/* Lets net_read and net_write use the ring, if the monitor offers one; returns whether it does. */
bool net_use_ring(const struct boot *boot);

/* Waits until the monitor has taken all frames written. */
void net_flush(void);

/*
 * Random bytes that no other guest has, from a monitor that knows of them: with others the number stays 0. In a clone of a snapshot
 * bytes and number are others than before; both change within a hypercall only.
 */
struct seed {
    uint64_t number;
    uint8_t bytes[56];
};

/* Asks for one, at the top level of a guest, which has one at most: SEED(name). */
#define SEED(name) \
    volatile struct seed name __attribute__((aligned(64))); \
    __asm__(".pushsection .note.jukvm.seed, \"a\", @note\n" \
            ".balign 4\n" \
            ".long 6, 8, 0x44454553\n" \
            ".asciz \"jukvm\"\n" \
            ".balign 4\n" \
            ".quad " #name "\n" \
            ".popsection")

/* First address after the image, page-aligned; and the size of all memory, at whose end the stack is. */
extern char image_end[];
uint64_t memory_size(const struct boot *boot);

/*
 * Text on its way to the console, collected so that it costs one hypercall. Start with used = 0. What does not fit is written
 * earlier, and what is longer than the whole buffer is written from where it lies. The size keeps it inside one stack page.
 */
struct line {
    size_t used;
    char bytes[2048];
};

void add_bytes(struct line *line, const void *data, size_t size);
void add_text(struct line *line, const char *text);
void add_decimal(struct line *line, uint64_t value);
void add_hex(struct line *line, uint64_t value); /* with the leading 0x */
void print(struct line *line);
void print_text(const char *text);

/* Prints the name of the guest and the dialect. As the first hypercall it tells the monitor the dialect, too. */
void announce(const char *name);

/* Prints SUCCESS and returns the status for it. */
int succeed(void);

/* Ends the guest with a line of FAILURE unless the condition holds; the value says more. */
#define CHECK(condition, what, value) ((condition) ? (void)0 : fail(__LINE__, what, (uint64_t)(value)))
_Noreturn void fail(int line, const char *what, uint64_t value);

/* Words on a command line are separated by blanks. */
bool has_word(const char *line, const char *word);

/* Finds the first word that is the name followed by a decimal number that fits an int, e.g. name "exit=" and word "exit=-3". */
bool number_word(const char *line, const char *name, int *value);

/* The same for numbers that fit 64 bits and have no sign. */
bool size_word(const char *line, const char *name, uint64_t *value);

/* Finds the word and reads so many numbers from the words behind it, as in "send 1000 60". */
bool numbers_after(const char *line, const char *word, uint64_t *values, unsigned count);

/* Finds the first word that begins with the name, and returns what follows the name, or NULL. */
const char *text_word(const char *line, const char *name);

/* Reads six bytes in hexadecimal with colons between them. */
bool parse_mac(const char *text, uint8_t mac[6]);

/* Reads a dotted address into the bytes of the network. */
bool parse_address(const char *text, uint8_t address[4]);

/* Reads a dotted address, a slash and how many bits of it are the network's, as in 10.0.0.2/24. */
bool parse_network(const char *text, uint8_t address[4], unsigned *bits);

bool same_text(const char *left, const char *right);

/* The compiler may call these, too. */
void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *left, const void *right, size_t size);

/* Registers and the exception's own words, in the order traps.S and the CPU push them. The handler may change them. */
struct trap {
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
    uint64_t vector, error, rip, cs, rflags, rsp, ss;
};

/* Loads descriptor tables that lead every exception to the handler; when it returns, the guest goes on at trap->rip. */
void install_traps(void (*handler)(struct trap *trap));

/* True for the exceptions that bring an error code. */
bool has_error_code(uint64_t vector);

#endif
