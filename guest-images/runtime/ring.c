/*
 * Guest side of the network ring. Writes are fire and forget, from a buffer of their own per slot; a read waits for its
 * completion, so at most one is under way. Counters run freely, and wrap; the slot is their remainder.
 */
#include "guest.h"
#include "ring.h"

enum { SLOTS = 1024, RING_WRITE = 1, RING_READ = 2, KICK = 0x600 };

struct submission { uint32_t op, handle; uint64_t data; uint32_t len, id; uint64_t reserved; };
struct completion { uint32_t id; int32_t ret; uint32_t len, reserved; };
struct ring {
    volatile uint32_t submitted, completions_taken;                 /* by the guest */
    uint8_t pad[56];
    volatile uint32_t submissions_taken, completed, needs_kick;     /* by the monitor */
    uint8_t pad2[52];
    struct submission submission[SLOTS];
    volatile struct completion completion[SLOTS];
};

_Static_assert(sizeof(struct submission) == 32, "submission");
_Static_assert(sizeof(struct completion) == 16, "completion");
_Static_assert(__builtin_offsetof(struct ring, submissions_taken) == 64, "words of the monitor");
_Static_assert(__builtin_offsetof(struct ring, submission) == 128, "submissions");
_Static_assert(sizeof(struct ring) == 49280, "ring");

static uint8_t frames[SLOTS][RING_FRAME] __attribute__((aligned(4096)));

static void pause(void)
{
    __asm__ volatile("pause" : : : "memory");
}

/* One slot stays free, so that a full ring differs from an empty one. */
static struct submission *free_submission(struct ring *ring)
{
    while (ring->submitted - ring->submissions_taken >= SLOTS - 1) pause();
    return &ring->submission[ring->submitted % SLOTS];
}

/* The monitor says that it sleeps, then looks for requests once more; so a guest announces its request, then looks who sleeps. */
static void submit(struct ring *ring)
{
    __atomic_store_n(&ring->submitted, ring->submitted + 1, __ATOMIC_RELEASE);
    __asm__ volatile("mfence" : : : "memory");
    if (ring->needs_kick) __asm__ volatile("outl %0, %1" : : "a"(0), "d"((uint16_t)KICK) : "memory");
}

int ring_write(struct ring *ring, uint32_t handle, const void *data, uint32_t len)
{
    struct submission *request = free_submission(ring);
    uint8_t *frame = frames[ring->submitted % SLOTS];
    memcpy(frame, data, len);
    *request = (struct submission){.op = RING_WRITE, .handle = handle, .data = (uint64_t)frame, .len = len};
    submit(ring);
    return OK;
}

int ring_read(struct ring *ring, uint32_t handle, void *data, uint64_t *len)
{
    struct submission *request = free_submission(ring);
    uint32_t id = ring->submitted, taken = ring->completions_taken;
    *request = (struct submission){.op = RING_READ, .handle = handle, .data = (uint64_t)data, .len = (uint32_t)*len, .id = id};
    submit(ring);
    while (ring->completed == taken) pause();
    const volatile struct completion *result = &ring->completion[taken % SLOTS];
    int ret = result->ret;
    uint32_t size = result->len;
    CHECK(result->id == id, "a completion is not of the request under way", result->id);
    CHECK(size <= *len, "a completion is longer than the buffer", size);
    __atomic_store_n(&ring->completions_taken, taken + 1, __ATOMIC_RELEASE);
    if (ret == OK) *len = size;
    return ret;
}

void ring_flush(struct ring *ring)
{
    while (ring->submissions_taken != ring->submitted) pause();
}
