/* A DHCP client, RFC 2131: it asks until somebody leases an address, and renews the lease. */
#ifndef DHCP_H
#define DHCP_H

#include "net.h"

enum { DHCP_SERVER_PORT = 67, DHCP_CLIENT_PORT = 68 };

/* What a server said; 0 where it said nothing. */
struct lease {
    uint32_t address, mask, gateway, dns;
    uint32_t seconds; /* UINT32_MAX: for ever */
};

/* Begins to ask. Called whenever an address is leased, or lost (a lease of address 0). */
void dhcp_start(uint64_t now, void (*changed)(const struct lease *lease));

/* Asks no more, as at the start. */
void dhcp_stop(void);

void dhcp_input(const struct peer *from, const uint8_t *data, size_t size, uint64_t now);

/* Does what is due, and returns when to be called again. */
uint64_t dhcp_tick(uint64_t now);

#endif
