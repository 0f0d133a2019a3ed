/*
 * One interface with one IPv4 address, from Ethernet up to what datagrams and segments need. Nobody is looked for: what is sent goes
 * to where what it answers came from, or to everybody.
 *
 * Everything that comes in is hostile. Addresses and ports are in the order of the network, times are nanoseconds of one clock.
 */
#ifndef NET_H
#define NET_H

#include "wire.h"

static const uint64_t SECOND = 1000000000, NEVER = UINT64_MAX;
static const uint32_t EVERYBODY = UINT32_MAX;

/* The interface, and what became of frames. */
struct nic {
    int device;
    struct net_info info; /* the MTU that the device allows */
    uint16_t mtu;         /* the one in use, which DHCP may have made smaller */
    uint32_t address;     /* 0 while there is none */
    unsigned burst;       /* frames sent since the last wait */
    uint64_t received, sent, dropped, malformed;
};
extern struct nic nic;

/* Somebody else, as a frame of theirs shows them. */
struct peer { uint8_t mac[6]; uint32_t address; };

/* Begins, with no address. The seed makes what others are not to guess. */
void net_start(int device, struct net_info info, uint64_t seed);

/* Takes an address, and tells everybody the MAC; or gives it up, for 0. */
void net_set_address(uint32_t address);

/* Handles one frame, which may be changed. */
void net_input(uint8_t *frame, size_t size, uint64_t now);

/* Where the payload of the next packet belongs, up to nic.mtu - 20 bytes; and sends so many of them. */
void *net_payload(void);
void net_send(const struct peer *to, uint8_t protocol, size_t size);

/* A number that is hard to guess, and one that is always the same for the same value. */
uint64_t net_random(void);
uint64_t net_hash(uint64_t value);

#endif
