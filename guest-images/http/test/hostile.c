/* Frames and requests that mean harm, or nothing. */
#include "world.h"

static const char *const HEADS[] = {
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "POST /digest HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nx: y\r\n\r\n",
    "HEAD /bytes/100000 HTTP/1.1\r\nHost: a\r\n\r\n", "GET /bytes/18446744073709551615 HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /bytes/9000000000000000000 HTTP/1.1\r\nHost: a\r\n\r\n", "\r\n\r\n\r\n", "PUT /\r\n",
    "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
};
enum { HEAD_COUNT = sizeof HEADS / sizeof *HEADS, PEERS = 4 };

/* What a peer who listens knows, to be nearly right. */
static struct { uint32_t sequence, acknowledgement; } known[PEERS];
static uint32_t asked; /* the last question of DHCP */

static void listen_to(uint8_t *frame, size_t size)
{
    struct tcp *tcp = (struct tcp *)(frame + 34);
    if (size > 300 && ((struct ipv4 *)(frame + 14))->protocol == PROTOCOL_UDP) memcpy(&asked, frame + 34 + 8 + 4, 4);
    if (size < 54 || ((struct ipv4 *)(frame + 14))->protocol != PROTOCOL_TCP) return;
    unsigned who = (unsigned)swap(tcp->to) - 2000;
    if (who >= PEERS) return;
    uint32_t data = (uint32_t)(size - 34 - tcp->words / 16 * 4);
    known[who].acknowledgement = swap32(tcp->sequence) + data + !!(tcp->flags & SYN) + !!(tcp->flags & FIN);
    if (tcp->flags & ACK) known[who].sequence = swap32(tcp->acknowledgement);
}

static uint32_t nearly(uint32_t value)
{
    switch (chance(8)) {
    case 0: return value + chance(3000);
    case 1: return value - chance(3000);
    case 2: return chance(UINT32_MAX);
    case 3: return value + buffer_size - 2 + chance(4);
    default: return value;
    }
}

static size_t hostile_segment(uint8_t *frame)
{
    static uint8_t data[1460];
    static const uint8_t flags[] = {SYN, ACK, ACK, ACK, ACK | PSH, ACK | FIN, RST, RST | ACK, SYN | ACK, FIN, 0, 0xff};
    unsigned who = chance(PEERS);
    struct tcp tcp = {
        .sequence = swap32(nearly(known[who].sequence)),
        .acknowledgement = swap32(nearly(known[who].acknowledgement)),
        .flags = flags[chance(sizeof flags)],
        .words = (uint8_t)(happens(900) ? 0 : chance(256)),
        .window = swap((uint16_t)(happens(300) ? chance(3) : chance(65536))),
    };
    const char *head = HEADS[chance(HEAD_COUNT)];
    size_t size = happens(300) ? 0 : strlen(head);
    memcpy(data, head, size);
    if (happens(200)) size = chance(sizeof data);
    if (size && happens(100)) data[chance((uint32_t)size)] = (uint8_t)chance(256);
    return make_segment(frame, 7, (uint16_t)(2000 + who), &tcp, data, size);
}

static size_t dhcp_message(uint8_t *frame)
{
    uint8_t data[8 + 240 + 60] = {0, 67, 0, 68, 1, 52, 0, 0, 2, 1, 6};
    size_t size = make_segment(frame, 1, 9, &(struct tcp){.flags = 0}, data, sizeof data);
    memmove(frame + 34, frame + 54, sizeof data);
    size -= 20;
    ((struct ipv4 *)(frame + 14))->protocol = PROTOCOL_UDP;
    ((struct ipv4 *)(frame + 14))->size = swap((uint16_t)(size - 14));
    for (unsigned i = 34 + 8 + 240; i < size; i++) frame[i] = (uint8_t)(happens(500) ? chance(64) : chance(256));
    memcpy(frame + 34 + 8 + 4, &asked, 4);
    memcpy(frame + 34 + 8 + 28, nic.info.mac, 6);
    memcpy(frame + 34 + 8 + 236, "\x63\x82\x53\x63\x35\1", 6);
    frame[34 + 8 + 242] = (uint8_t)chance(8);
    seal(frame, size);
    return size;
}

static void lease_changed(const struct lease *lease)
{
    REQUIRE(lease->address == nic.address);
}

static void attack(uint64_t a_seed)
{
    static uint8_t frame[LARGEST_FRAME];
    world_start(a_seed, (1 + chance(3)) << 18, (uint16_t)(happens(500) ? 1500 : 600 + chance(60000)));
    world_receive = listen_to;
    if (happens(200)) dhcp_start(now, lease_changed);
    for (unsigned i = 0; i < 3000; i++) {
        size_t size = happens(30) ? dhcp_message(frame) : hostile_segment(frame);
        if (happens(50)) size = chance((uint32_t)size + 1);
        bool is_bent = happens(100);
        for (unsigned bends = is_bent ? 1 + chance(4) : 0; bends && size; bends--) frame[chance((uint32_t)size)] = (uint8_t)chance(256);
        if (is_bent && happens(800)) seal(frame, size);
        uint8_t *exact = malloc(size ? size : 1); /* so that a byte too far is seen */
        memcpy(exact, frame, size);
        net_input(exact, size, now);
        free(exact);
        if (happens(300)) world_step();
        if (happens(20)) now += chance(20) * SECOND;
        world_check();
    }
    for (unsigned s = 0; s < 300; s++) {
        now += SECOND;
        world_step();
    }
    REQUIRE(tcp_connections() == 0);
}

void test_hostile_frames(uint64_t first_seed, unsigned rounds)
{
    for (unsigned i = 0; i < rounds; i++) attack(first_seed + i);
}
