/*
 * The guest's stack in a process of the host, with a link that loses, doubles, delays and spoils frames, and peers that speak TCP.
 * Time is a number, chance has a seed, so whatever happens happens again.
 */
#ifndef WORLD_H
#define WORLD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../dhcp.h"
#include "../tcp-parts.h"

#define REQUIRE(condition) ((condition) ? (void)0 : broken(__FILE__, __LINE__, #condition))
_Noreturn void broken(const char *file, int line, const char *what);

extern uint64_t now, seed;

/* A number below a bound, and whether something of so many per mille happens. */
uint32_t chance(uint32_t bound);
bool happens(uint32_t per_mille);

/* How bad the link is, per mille of frames, in each direction. */
struct link { uint32_t lost, doubled, late, spoiled; };
extern struct link bad;

/* Begins anew with so much memory for connections and an MTU. */
void world_start(uint64_t new_seed, uint64_t memory, uint16_t mtu);

/* Sends a frame to the guest by the link. */
void world_send(const uint8_t *frame, size_t size);

/* Called with each frame that comes from the guest. */
extern void (*world_receive)(uint8_t *frame, size_t size);

/* Lets a millisecond pass, with all that comes and is due in it; then looks whether the stack is sound. */
void world_step(void);
void world_check(void);

/* Builds a frame of TCP to the guest, from 10.0.0.HOST; returns its size. */
size_t make_segment(uint8_t *frame, uint8_t host, uint16_t port, const struct tcp *tcp, const void *data, size_t size);

/* Puts the right checksums into a frame of IPv4 with TCP or UDP, wrong as its sizes may be. */
void seal(uint8_t *frame, size_t size);

/* Peers who ask over the link, and must get the right answers; and all sorts of bytes, which must do no harm. */
void test_exchanges(uint64_t first_seed, unsigned rounds);
void test_hostile_frames(uint64_t first_seed, unsigned rounds);
void test_leases(uint64_t first_seed, unsigned rounds);
void test_requests(void);

#endif
