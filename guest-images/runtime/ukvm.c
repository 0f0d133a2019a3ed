/*
 * What ukvm 0.2 and 0.3 (with hvt 0.4, which only renames it) have in common: the same parameter blocks behind other ports, one
 * unnamed disk and one unnamed NIC. ukvm-02.c and since-ukvm-03.c hold the rest: the clocks and the end of the guest.
 */
#include "cpu.h"
#include "guest.h"

#if UKVM_MINOR == 2
enum {
    PUTS = 0x499, POLL = 0x509,
    BLKINFO = 0x502, BLKWRITE = 0x503, BLKREAD = 0x504, NETINFO = 0x505, NETWRITE = 0x506, NETREAD = 0x507,
};
#else
enum {
    PUTS = 0x502, POLL = 0x503,
    BLKINFO = 0x504, BLKWRITE = 0x505, BLKREAD = 0x506, NETINFO = 0x507, NETWRITE = 0x508, NETREAD = 0x509,
};
#endif

struct boot { uint64_t mem_size, kernel_end, cmdline; }; /* 0.3 has one more word */
struct puts { uint64_t data, len; };
struct poll { uint64_t timeout_ns; int32_t ret; };
struct blkinfo { uint64_t sector_size, num_sectors; int32_t rw; };
struct blk { uint64_t sector, data, len; int32_t ret; uint32_t unused; };
struct net { uint64_t data, len; int32_t ret; uint32_t unused; };

_Static_assert(sizeof(struct poll) == 16, "POLL");
_Static_assert(sizeof(struct blkinfo) == 24, "BLKINFO");
_Static_assert(sizeof(struct blk) == 32, "BLKWRITE, BLKREAD");
_Static_assert(sizeof(struct net) == 24, "NETWRITE, NETREAD");

enum { SECTOR = 512, MTU = 1500, REFUSED = -1 };
static const uint64_t GUARD = 0x6a756b766d2e2e2e;

const bool has_handles = false;
const unsigned position_unit = SECTOR;

const char *command_line(const struct boot *boot)
{
    return (const char *)boot->cmdline;
}

void console_write(const void *data, size_t size)
{
    struct puts puts = {(uint64_t)data, size};
    hypercall(PUTS, &puts);
}

/* There is no ready set: with one NIC, what is ready can only be device 0. */
int poll(uint64_t timeout_ns, uint64_t *ready_set)
{
    struct poll poll = {timeout_ns, UNANSWERED};
    hypercall(POLL, &poll);
    *ready_set = poll.ret > 0;
    return poll.ret;
}

/* Nothing has a name: the device of a type is the one whose name a guest asks for first. */
int device_find(const struct boot *boot, const char *name, enum device_type type)
{
    static const char *names[NET + 1];
    (void)boot;
    if (!names[type]) names[type] = name;
    return same_text(names[type], name) ? 0 : -1;
}

struct block_info block_info(const struct boot *boot, int device)
{
    struct blkinfo info = {0};
    (void)boot, (void)device;
    hypercall(BLKINFO, &info);
    CHECK(info.sector_size == SECTOR, "sectors are not of 512 bytes", info.sector_size);
    return (struct block_info){info.sector_size * info.num_sectors, info.sector_size};
}

int block_raw(enum direction direction, uint64_t handle, uint64_t position, const volatile void *data, uint64_t len)
{
    struct { uint64_t before; struct blk call; uint64_t after; } guarded = {
        GUARD, {position, (uint64_t)data, len, UNANSWERED, (uint32_t)GUARD}, GUARD,
    };
    struct blk *call = &guarded.call;
    (void)handle;
    hypercall(direction == WRITE ? BLKWRITE : BLKREAD, call);
    CHECK(guarded.before == GUARD && guarded.after == GUARD && call->unused == (uint32_t)GUARD && call->sector == position &&
              call->data == (uint64_t)data && call->len == len,
          "a block request changed more than its result", position);
    return call->ret == REFUSED ? INVALID : call->ret;
}

int block_write(int device, uint64_t offset, const volatile void *data, uint64_t len)
{
    return block_raw(WRITE, (uint64_t)device, offset / SECTOR, data, len);
}

int block_read(int device, uint64_t offset, volatile void *data, uint64_t len)
{
    return block_raw(READ, (uint64_t)device, offset / SECTOR, data, len);
}

struct net_info net_info(const struct boot *boot, int device)
{
    struct net_info info = {.mtu = MTU};
    (void)boot, (void)device;
#if UKVM_MINOR == 2
    char text[18] = {0};
    hypercall(NETINFO, text);
    CHECK(parse_mac(text, info.mac), "the address of the NIC is not of the form xx:xx:xx:xx:xx:xx", 0);
#else
    uint8_t mac[8] = {0};
    hypercall(NETINFO, mac);
    memcpy(info.mac, mac, sizeof info.mac);
#endif
    return info;
}

int net_raw(enum direction direction, uint64_t handle, const volatile void *data, uint64_t *len)
{
    struct { uint64_t before; struct net call; uint64_t after; } guarded = {
        GUARD, {(uint64_t)data, *len, UNANSWERED, (uint32_t)GUARD}, GUARD,
    };
    struct net *call = &guarded.call;
    (void)handle;
    hypercall(direction == WRITE ? NETWRITE : NETREAD, call);
    CHECK(guarded.before == GUARD && guarded.after == GUARD && call->unused == (uint32_t)GUARD && call->data == (uint64_t)data &&
              call->len <= *len && (direction == READ || call->len == *len),
          "a net request changed more than its results", call->len);
    *len = call->len;
    if (call->ret == REFUSED) return direction == READ ? AGAIN : INVALID;
    return call->ret;
}

bool net_use_ring(const struct boot *boot)
{
    (void)boot;
    return false;
}

void net_flush(void)
{
}

int net_write(int device, const void *data, uint64_t len)
{
    return net_raw(WRITE, (uint64_t)device, data, &len);
}

int net_read(int device, void *data, uint64_t *len)
{
    return net_raw(READ, (uint64_t)device, data, len);
}

uint64_t memory_size(const struct boot *boot)
{
    return boot->mem_size;
}
