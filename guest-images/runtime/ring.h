/* The network ring of hvt: requests the monitor takes from memory without an exit. See ring.c. */
#ifndef RING_H
#define RING_H

#include <stdint.h>

enum { RING_FRAME = 2048 };

struct ring;

int ring_write(struct ring *ring, uint32_t handle, const void *data, uint32_t len);
int ring_read(struct ring *ring, uint32_t handle, void *data, uint64_t *len);

/* Waits until the monitor has taken every request: what is still queued when the guest ends may be lost. */
void ring_flush(struct ring *ring);

#endif
