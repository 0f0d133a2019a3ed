/* A server of DHCP that may be silent or refuse, behind a bad link. */
#include "world.h"

enum { MESSAGE_AT = 14 + 20 + 8, OPTIONS_AT = MESSAGE_AT + 240, DISCOVER = 1, OFFER = 2, REQUEST = 3, ACKNOWLEDGE = 5, REFUSE = 6 };

static struct { uint8_t answers; uint32_t seconds; unsigned requests, unicasts; bool is_silent; } server;
static struct lease last;
static unsigned changes;

static void changed(const struct lease *lease)
{
    last = *lease;
    changes++;
}

/* The answer to a message is the message, with some fields and other options. */
static void receive(uint8_t *frame, size_t size)
{
    struct udp *udp = (struct udp *)(frame + 34);
    const struct ipv4 *ipv4 = (const struct ipv4 *)(frame + 14);
    if (size < OPTIONS_AT + 60 || udp->to != swap(67) || checksum(ipv4, sizeof *ipv4) ||
        checksum_between(ipv4->from, ipv4->to, PROTOCOL_UDP, udp, size - 34))
        return;
    uint8_t kind = frame[OPTIONS_AT + 2];
    REQUIRE(frame[OPTIONS_AT] == 53 && (kind == DISCOVER || kind == REQUEST));
    server.unicasts += frame[0] != 0xff;
    server.requests++;
    if (server.is_silent) return;
    uint8_t options[] = {53, 1, kind == DISCOVER ? OFFER : server.answers, 54, 4, 10, 0, 0, 1, 51, 4, 0, 0, 0, 0, 1, 4, 255, 255, 255, 0,
                         3, 4, 10, 0, 0, 1, 0, 6, 4, 10, 0, 0, 3, 26, 2, 5, 0x78, 255};
    uint32_t seconds = swap32(server.seconds), address = 0x0f00000a;
    memcpy(options + 11, &seconds, 4);
    memset(frame, 0xff, 6);
    memcpy(frame + 6, "\2\0\0\0\1\1", 6);
    memcpy(frame + 26, (uint8_t[]){10, 0, 0, 1, 255, 255, 255, 255}, 8);
    udp->from = swap(67);
    udp->to = swap(68);
    frame[MESSAGE_AT] = 2;
    memcpy(frame + MESSAGE_AT + 16, &address, 4);
    memcpy(frame + OPTIONS_AT, options, sizeof options);
    seal(frame, size);
    world_send(frame, size);
}

static void pass(unsigned seconds)
{
    for (unsigned ms = 0; ms < seconds * 1000; ms++) world_step();
}

/* Waits for a change, which lost frames may put off. */
static void await(unsigned wanted)
{
    for (unsigned s = 0; s < 2000 && changes < wanted; s++) pass(1);
    REQUIRE(changes == wanted);
}

static void lease(uint64_t a_seed)
{
    world_start(a_seed, 1 << 20, 1500);
    world_receive = receive;
    if (a_seed % 2) bad = (struct link){200, 200, 200, 50};
    server.answers = ACKNOWLEDGE;
    server.seconds = 600;
    server.is_silent = false;
    server.unicasts = changes = 0;
    net_set_address(0);
    dhcp_start(now, changed);
    await(1);
    REQUIRE(nic.address == 0x0f00000a && last.gateway == 0x0100000a && last.dns == 0x0300000a);
    REQUIRE(last.mask == 0x00ffffff && nic.mtu == 1400);
    pass(2000);
    REQUIRE(nic.address == 0x0f00000a && changes == 1 && server.unicasts >= 3);
    server.is_silent = true;
    unsigned before = server.requests;
    pass(700);
    REQUIRE(nic.address == 0 && changes == 2 && server.requests > before && server.requests < before + 40);
    server.is_silent = false;
    await(3);
    REQUIRE(nic.address == 0x0f00000a);
    server.answers = REFUSE;
    await(4);
    pass(60);
    REQUIRE(nic.address == 0 && changes == 4);
}

void test_leases(uint64_t first_seed, unsigned rounds)
{
    for (unsigned i = 0; i < rounds; i++) lease(first_seed + i);
}
