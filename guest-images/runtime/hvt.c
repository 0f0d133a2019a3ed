/*
 * The hvt dialects: ABI versions 1 and 2, which differ in the notes and in what boot information may hold beyond `mft`.
 * since-ukvm-03.c holds the rest: the clocks and the end of the guest.
 */
#include "cpu.h"
#include "guest.h"
#include "ring.h"

enum {
    PUTS = 0x502, POLL = 0x503, BLOCK_WRITE = 0x504, BLOCK_READ = 0x505, NET_WRITE = 0x506, NET_READ = 0x507,
};

struct boot {
    uint64_t mem_size, kernel_end, cpu_cycle_freq, cmdline, mft;
#if ABI_VERSION == 2
    uint32_t host_features, guest_features;
    uint64_t net_ring;
#endif
};
struct puts { uint64_t data, len; };
struct poll { uint64_t timeout_ns, ready_set; int32_t ret; };
struct block { uint64_t handle, offset, data, len; int32_t ret; uint32_t unused; };
struct net { uint64_t handle, data, len; int32_t ret; uint32_t unused; };

struct entry {
    char name[68];
    uint32_t type;
    union {
        struct { uint64_t capacity; uint16_t block_size; } block;
        struct { uint8_t mac[6]; uint16_t mtu; } net;
    };
    uint64_t private;
    uint8_t attached, unused[7];
};
struct manifest { uint32_t version, entries; struct entry entry[]; };

_Static_assert(sizeof(struct boot) == (ABI_VERSION == 2 ? 56 : 40), "boot information");
_Static_assert(sizeof(struct poll) == 24, "POLL");
_Static_assert(sizeof(struct block) == 40, "BLOCK_WRITE, BLOCK_READ");
_Static_assert(sizeof(struct net) == 32, "NET_WRITE, NET_READ");
_Static_assert(sizeof(struct entry) == 104, "manifest entry");

static const uint64_t GUARD = 0x6a756b766d2e2e2e;

#define TEXT(value) #value
#define VERSION_TEXT(value) TEXT(value)
const char dialect[] = "hvt " VERSION_TEXT(ABI_VERSION);
const bool has_handles = true;
const unsigned position_unit = 1;

const char *command_line(const struct boot *boot)
{
    return (const char *)boot->cmdline;
}

void console_write(const void *data, size_t size)
{
    struct puts puts = {(uint64_t)data, size};
    hypercall(PUTS, &puts);
}

int poll(uint64_t timeout_ns, uint64_t *ready_set)
{
    struct poll poll = {timeout_ns, UINT64_MAX, -1};
    hypercall(POLL, &poll);
    *ready_set = poll.ready_set;
    return poll.ret;
}

static const struct manifest *manifest(const struct boot *boot)
{
    return (const struct manifest *)boot->mft;
}

int device_find(const struct boot *boot, const char *name, enum device_type type)
{
    const struct manifest *all = manifest(boot);
    for (unsigned i = 0; i < all->entries; i++) {
        const struct entry *entry = &all->entry[i];
        if (entry->type == type && same_text(entry->name, name)) {
            CHECK(entry->attached, "a declared device is not attached", i);
            return (int)i;
        }
    }
    return -1;
}

struct block_info block_info(const struct boot *boot, int device)
{
    const struct entry *entry = &manifest(boot)->entry[device];
    return (struct block_info){entry->block.capacity, entry->block.block_size};
}

int block_raw(enum direction direction, uint64_t handle, uint64_t position, const volatile void *data, uint64_t len)
{
    struct { uint64_t before; struct block call; uint64_t after; } guarded = {
        GUARD, {handle, position, (uint64_t)data, len, UNANSWERED, (uint32_t)GUARD}, GUARD,
    };
    struct block *call = &guarded.call;
    hypercall(direction == WRITE ? BLOCK_WRITE : BLOCK_READ, call);
    CHECK(guarded.before == GUARD && guarded.after == GUARD && call->unused == (uint32_t)GUARD && call->handle == handle &&
              call->offset == position && call->data == (uint64_t)data && call->len == len,
          "a block request changed more than its result", position);
    return call->ret;
}

int block_write(int device, uint64_t offset, const volatile void *data, uint64_t len)
{
    return block_raw(WRITE, (uint64_t)device, offset, data, len);
}

int block_read(int device, uint64_t offset, volatile void *data, uint64_t len)
{
    return block_raw(READ, (uint64_t)device, offset, data, len);
}

struct net_info net_info(const struct boot *boot, int device)
{
    const struct entry *entry = &manifest(boot)->entry[device];
    struct net_info info = {.mtu = entry->net.mtu};
    memcpy(info.mac, entry->net.mac, sizeof info.mac);
    return info;
}

int net_raw(enum direction direction, uint64_t handle, const volatile void *data, uint64_t *len)
{
    struct { uint64_t before; struct net call; uint64_t after; } guarded = {
        GUARD, {handle, (uint64_t)data, *len, UNANSWERED, (uint32_t)GUARD}, GUARD,
    };
    struct net *call = &guarded.call;
    hypercall(direction == WRITE ? NET_WRITE : NET_READ, call);
    CHECK(guarded.before == GUARD && guarded.after == GUARD && call->unused == (uint32_t)GUARD && call->handle == handle &&
              call->data == (uint64_t)data && call->len <= *len && (direction == READ || call->len == *len),
          "a net request changed more than its results", call->len);
    *len = call->len;
    return call->ret;
}

#if ABI_VERSION == 2
static struct ring *ring;

bool net_use_ring(const struct boot *boot)
{
    if (boot->host_features & 1 && boot->net_ring) ring = (struct ring *)boot->net_ring;
    return ring;
}

void net_flush(void)
{
    if (ring) ring_flush(ring);
}

/* Only frames that fit the ring's own buffers can go through it: the caller may reuse its buffer at once. */
int net_write(int device, const void *data, uint64_t len)
{
    if (ring && len <= RING_FRAME) return ring_write(ring, (uint32_t)device, data, (uint32_t)len);
    return net_raw(WRITE, (uint64_t)device, data, &len);
}

int net_read(int device, void *data, uint64_t *len)
{
    if (ring) return ring_read(ring, (uint32_t)device, data, len);
    return net_raw(READ, (uint64_t)device, data, len);
}
#else
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
#endif

uint64_t memory_size(const struct boot *boot)
{
    return boot->mem_size;
}
