/* Sends echo requests, one at a time, and wants every answer to be what it sent. */
#include "packets.h"

enum { ATTEMPTS = 60 };

/* An answer is lost, and not only late on a host that is busy with other things, when it is not here after a minute. */
static const uint64_t SECOND = 1000000000, MINUTE = 60000000000;

static uint8_t request[LARGEST_FRAME + 8] __attribute__((aligned(64))), answer[LARGEST_FRAME] __attribute__((aligned(64)));

/* Reads frames until one is of the kind wanted, an answer to ping also of that sequence; false after a time. */
static bool wait_for(const struct boot *boot, struct nic *nic, enum kind wanted, uint16_t sequence, uint64_t time)
{
    const struct icmp_frame *echo = (const struct icmp_frame *)answer;
    uint64_t now = clock_monotonic(boot), end = now + time, ready;
    enum kind kind;
    do {
        poll(end - now, &ready);
        while (receive(nic, answer, &kind))
            if (kind == wanted && (kind != ECHO_ANSWER || echo->icmp.sequence == swap(sequence))) return true;
        now = clock_monotonic(boot);
    } while (now < end);
    return false;
}

static void resolve(const struct boot *boot, struct nic *nic, const uint8_t address[4], uint8_t mac[6])
{
    const struct arp *arp = &((const struct arp_frame *)answer)->arp;
    for (int i = 0; i < ATTEMPTS; i++) {
        send_arp_request(nic, address);
        if (wait_for(boot, nic, ARP_ANSWER, 0, SECOND) && memcmp(arp->from, address, sizeof arp->from) == 0) {
            memcpy(mac, arp->from_mac, sizeof arp->from_mac);
            return;
        }
    }
    fail(__LINE__, "nobody has the address to ping, requests sent", ATTEMPTS);
}

/* Asks the name server dns=A.B.C.D until it knows the name. */
static void find(const struct boot *boot, struct nic *nic, const char *words, const char *name, uint8_t address[4])
{
    struct udp_frame *sent = (struct udp_frame *)request;
    const struct udp_frame *got = (const struct udp_frame *)answer;
    const char *dns = text_word(words, "dns=");
    uint8_t server[4], mac[6];
    CHECK(dns && parse_address(dns, server), "ping= is followed by a name, but dns= not by an address", 0);
    resolve(boot, nic, server, mac);
    for (uint16_t id = 1; id <= ATTEMPTS; id++) {
        int ret = send_question(nic, sent, mac, server, make_question(sent->udp.data, id, name));
        CHECK(ret == OK, "a write failed", ret);
        if (!wait_for(boot, nic, NAME_ANSWER, 0, SECOND)) continue;
        size_t size = swap(got->udp.size) - sizeof got->udp;
        if (memcmp(got->ipv4.from, server, sizeof server) == 0 && read_answer(got->udp.data, size, id, address)) return;
        wait_for(boot, nic, NAME_ANSWER, 0, SECOND); /* It may be known later. */
    }
    fail(__LINE__, "nobody knows the name to ping, questions sent", ATTEMPTS);
}

/* May write up to seven bytes more than asked for. */
static void make_data(uint8_t *data, size_t size, uint64_t sequence)
{
    uint64_t value = (sequence + 1) * 0x9e3779b97f4a7c15;
    for (size_t i = 0; i < size; i += sizeof value, value += 0x0101010101010107) memcpy(data + i, &value, sizeof value);
}

int ping(const struct boot *boot, struct nic *nic, const char *words)
{
    struct icmp_frame *sent = (struct icmp_frame *)request;
    const struct icmp_frame *got = (const struct icmp_frame *)answer;
    const size_t headers = sizeof sent->ipv4 + sizeof sent->icmp;
    int count = 1, size = 56;
    uint64_t received = 0;
    uint8_t address[4], mac[6];
    struct line line;

    const char *whom = text_word(words, "ping=");
    if (!parse_address(whom, address)) find(boot, nic, words, whom, address);
    number_word(words, "count=", &count);
    number_word(words, "size=", &size);
    CHECK(size >= 0 && headers + (size_t)size <= nic->info.mtu, "so much data does not fit a frame", size);
    resolve(boot, nic, address, mac);
    for (int i = 0; i < count; i++) {
        make_data(sent->icmp.data, (size_t)size, (uint64_t)i);
        int ret = send_echo_request(nic, sent, mac, address, (uint16_t)i, (size_t)size);
        CHECK(ret == OK, "a write failed", ret);
        if (!wait_for(boot, nic, ECHO_ANSWER, (uint16_t)i, MINUTE)) continue;
        CHECK(swap(got->ipv4.size) == headers + (size_t)size, "an answer has another size than the request, sequence", i);
        CHECK(memcmp(got->icmp.data, sent->icmp.data, (size_t)size) == 0, "an answer has other data than the request, sequence", i);
        CHECK(memcmp(got->ipv4.from, address, sizeof address) == 0, "an answer is from another address, sequence", i);
        received++;
    }
    line.used = 0;
    add_decimal(&line, (uint64_t)count);
    add_text(&line, " sent, ");
    add_decimal(&line, received);
    add_text(&line, " received\n");
    print(&line);
    if (received == (uint64_t)count) return 0;
    print_text("FAILURE: answers are missing\n");
    return 1;
}
