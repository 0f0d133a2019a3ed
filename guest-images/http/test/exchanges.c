/* Peers with a small TCP of their own ask for pages and have bodies sent back, all at once. */
#include "world.h"

enum { MOST_PEERS = 12, MOST_SENT = 400000, MOST_GOT = 800000, TIMEOUT_MS = 300, LIMIT_MS = 900000 };

static struct peer_state {
    uint16_t port, mss, window_limit;
    enum { GREETING, OPEN, DONE, RESET } state;
    uint32_t first, sent, acknowledged, window, got, their_first; /* counts from the first data byte */
    uint8_t duplicates, sloppiness; /* bytes sent past the window */
    bool fin_sent, fin_got;
    uint64_t timer;
    uint8_t *request, *expected, *answer;
    uint32_t request_size, expected_size;
} peers[MOST_PEERS];
static unsigned count;

static void send_segment(struct peer_state *peer, uint32_t at, uint32_t size, uint8_t flags)
{
    static uint8_t frame[LARGEST_FRAME], data[LARGEST_FRAME];
    struct tcp tcp = {.sequence = swap32(peer->first + 1 + at), .flags = flags, .window = swap(peer->window_limit)};
    if (flags & ACK) tcp.acknowledgement = swap32(peer->their_first + 1 + peer->got + peer->fin_got);
    if (flags & SYN) {
        const uint8_t options[] = {2, 4, (uint8_t)(peer->mss >> 8), (uint8_t)peer->mss};
        memcpy(data, options, size = sizeof options);
        tcp.sequence = swap32(peer->first);
        tcp.words = 6 << 4;
    } else {
        memcpy(data, peer->request + at, size);
    }
    world_send(frame, make_segment(frame, 7, peer->port, &tcp, data, size));
}

/* Sends what the window allows from a position on, and the end behind the last. */
static void send_more(struct peer_state *peer)
{
    while (peer->sent < peer->request_size && peer->sent - peer->acknowledged < peer->window) {
        uint32_t size = smaller(peer->mss, peer->request_size - peer->sent);
        size = smaller(size, peer->window - (peer->sent - peer->acknowledged));
        send_segment(peer, peer->sent, size, ACK | (happens(500) ? PSH : 0));
        peer->sent += size;
    }
}

static struct peer_state *find(uint16_t port)
{
    for (unsigned i = 0; i < count; i++)
        if (peers[i].port == port) return &peers[i];
    return NULL;
}

static void take(struct peer_state *peer, uint32_t offset, const uint8_t *data, uint32_t size, bool fin)
{
    if (offset > peer->got || (offset + size < peer->got && size)) return;
    uint32_t old = peer->got - offset;
    if (old < size) {
        REQUIRE(peer->got + size - old <= MOST_GOT);
        memcpy(peer->answer + peer->got, data + old, size - old);
        peer->got += size - old;
    }
    if (fin && offset + size == peer->got) peer->fin_got = true;
}

static void receive(uint8_t *frame, size_t size)
{
    struct ipv4 *ipv4 = (struct ipv4 *)(frame + 14);
    struct tcp *tcp = (struct tcp *)(frame + 34);
    if (size < 54 || ((struct ethernet *)frame)->type != TYPE_IPV4 || ipv4->version_words != IPV4_WORDS) return;
    size_t whole = swap(ipv4->size);
    if (whole < 40 || whole > size - 14 || checksum(ipv4, 20) || ipv4->protocol != PROTOCOL_TCP) return;
    if (checksum_between(ipv4->from, ipv4->to, PROTOCOL_TCP, tcp, whole - 20)) return;
    struct peer_state *peer = find(swap(tcp->to));
    if (!peer || peer->state == DONE || peer->state == RESET) return;
    size_t header = tcp->words / 16 * 4u;
    uint32_t data = (uint32_t)(whole - 20 - header), acknowledged = swap32(tcp->acknowledgement) - peer->first - 1;
    if (tcp->flags & RST) {
        peer->state = RESET;
        return;
    }
    if (peer->state == GREETING) {
        if ((tcp->flags & (SYN | ACK)) != (SYN | ACK) || acknowledged != 0) return;
        peer->their_first = swap32(tcp->sequence);
        peer->state = OPEN;
    }
    if (tcp->flags & SYN) {
        send_segment(peer, peer->sent, 0, ACK);
    } else {
        if (acknowledged > peer->acknowledged && acknowledged <= peer->request_size + 1) {
            peer->acknowledged = smaller(acknowledged, peer->request_size);
            if (peer->sent < peer->acknowledged) peer->sent = peer->acknowledged;
            peer->timer = now + TIMEOUT_MS * 1000000ul;
            peer->duplicates = 0;
        } else if (acknowledged == peer->acknowledged && !data && ++peer->duplicates == 3) {
            send_segment(peer, peer->acknowledged, smaller(peer->mss, peer->request_size - peer->acknowledged), ACK);
        }
        take(peer, swap32(tcp->sequence) - peer->their_first - 1, (uint8_t *)tcp + header, data, tcp->flags & FIN);
        if (data || tcp->flags & FIN) send_segment(peer, peer->sent, 0, ACK);
    }
    peer->window = swap(tcp->window) + peer->sloppiness;
    send_more(peer);
    if (peer->fin_got && peer->acknowledged == peer->request_size) {
        send_segment(peer, peer->request_size, 0, FIN | ACK);
        peer->state = DONE;
    }
}

static void tick(struct peer_state *peer)
{
    if (peer->state == DONE || peer->state == RESET || now < peer->timer) return;
    peer->timer = now + TIMEOUT_MS * 1000000ul;
    if (peer->state == GREETING) {
        send_segment(peer, 0, 0, SYN);
        return;
    }
    peer->sent = peer->acknowledged;
    uint32_t window = peer->window;
    if (!window) peer->window = 1;
    send_more(peer);
    peer->window = window;
    if (peer->acknowledged == peer->request_size) send_segment(peer, peer->request_size, 0, ACK);
}

static void add(uint8_t *to, uint32_t *size, const void *data, size_t more)
{
    memcpy(to + *size, data, more);
    *size += (uint32_t)more;
}

static void add_string(uint8_t *to, uint32_t *size, const char *text)
{
    add(to, size, text, strlen(text));
}

/* A few requests, one behind another, and all that must come back for them. */
static void make_exchange(struct peer_state *peer)
{
    static uint8_t body[200000];
    char text[300];
    for (unsigned left = 1 + chance(4); left; left--) {
        const char *way = left == 1 ? "close" : "keep-alive";
        uint32_t size = happens(300) ? chance(60000) : chance(3000);
        for (uint32_t i = 0; i < size; i++) body[i] = (uint8_t)(i % 251);
        if (happens(500)) {
            snprintf(text, sizeof text, "GET /bytes/%u HTTP/1.1\r\nHost: a\r\nConnection: %s\r\n\r\n", size, way);
            add_string(peer->request, &peer->request_size, text);
        } else {
            for (uint32_t i = 0; i < size; i++) body[i] = (uint8_t)chance(256);
            snprintf(text, sizeof text, "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: %s\r\nContent-Length: %u\r\n\r\n", way, size);
            add_string(peer->request, &peer->request_size, text);
            add(peer->request, &peer->request_size, body, size);
        }
        snprintf(text, sizeof text,
                 "HTTP/1.1 200 OK\r\nConnection: %s\r\nContent-Type: application/octet-stream\r\nContent-Length: %u\r\n\r\n", way,
                 size);
        add_string(peer->expected, &peer->expected_size, text);
        add(peer->expected, &peer->expected_size, body, size);
    }
}

static void open_peer(struct peer_state *peer, uint16_t port)
{
    *peer = (struct peer_state){
        .port = port,
        .mss = (uint16_t)(happens(500) ? 1460 : 100 + chance(1360)),
        .window_limit = (uint16_t)(happens(700) ? 65535 : 2000 + chance(20000)),
        .sloppiness = happens(300) ? (uint8_t)chance(100) : 0,
        .first = happens(300) ? UINT32_MAX - chance(5000) : chance(UINT32_MAX),
        .timer = now + chance(100) * 1000000ul,
        .request = malloc(MOST_SENT),
        .expected = malloc(MOST_GOT),
        .answer = malloc(MOST_GOT),
    };
    make_exchange(peer);
}

static bool all_done(void)
{
    for (unsigned i = 0; i < count; i++)
        if (peers[i].state != DONE) return false;
    return true;
}

static void exchange(uint64_t a_seed)
{
    world_start(a_seed, (1 + chance(3)) << 20, 1500);
    world_receive = receive;
    if (a_seed % 4) bad = (struct link){chance(100), chance(50), chance(200), chance(50)};
    uint64_t before = server_answered;
    count = 1 + chance(MOST_PEERS);
    for (unsigned i = 0; i < count; i++) open_peer(&peers[i], (uint16_t)(1000 + i));
    for (unsigned ms = 0; ms < LIMIT_MS && !all_done(); ms++) {
        world_step();
        for (unsigned i = 0; i < count; i++) tick(&peers[i]);
    }
    for (unsigned i = 0; i < count; i++) {
        struct peer_state *peer = &peers[i];
        REQUIRE(peer->state == DONE);
        REQUIRE(peer->got == peer->expected_size);
        REQUIRE(memcmp(peer->answer, peer->expected, peer->got) == 0);
        free(peer->request);
        free(peer->expected);
        free(peer->answer);
    }
    REQUIRE(server_answered >= before + count);
    /* Whoever is gone is forgotten. */
    for (unsigned s = 0; s < 200; s++) {
        now += SECOND;
        world_step();
    }
    REQUIRE(tcp_connections() == 0);
    REQUIRE(tcp_tick(now) == NEVER);
}

void test_exchanges(uint64_t first_seed, unsigned rounds)
{
    for (unsigned i = 0; i < rounds; i++) exchange(first_seed + i);
}
