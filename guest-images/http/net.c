#include "dhcp.h"
#include "net.h"
#include "tcp.h"

struct nic nic;

static const uint8_t BROADCAST[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static const uint16_t FRAGMENT = 0xff3f; /* offset or "more fragments", in the order of the network */

enum { FEW_FRAMES = 2 };

static uint64_t random_state, hash_key;
static uint16_t packet_id;

struct PACKED arp_frame { struct ethernet ethernet; struct arp arp; };
struct PACKED packet { struct ethernet ethernet; struct ipv4 ipv4; uint8_t payload[]; };

static union {
    struct packet packet;
    uint8_t bytes[LARGEST_FRAME];
} out __attribute__((aligned(4096)));

/* The finalizer of SplitMix64. */
static uint64_t mix(uint64_t value)
{
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
    value = (value ^ value >> 27) * 0x94d049bb133111eb;
    return value ^ value >> 31;
}

uint64_t net_random(void)
{
    return mix(random_state += 0x9e3779b97f4a7c15);
}

uint64_t net_hash(uint64_t value)
{
    return mix(mix(value ^ hash_key) + hash_key);
}

void net_start(int device, struct net_info info, uint64_t seed)
{
    nic = (struct nic){.device = device, .info = info, .mtu = info.mtu};
    random_state = seed;
    memcpy(&hash_key, info.mac, sizeof info.mac);
    random_state ^= mix(hash_key);
    hash_key = net_random();
}

/* An answer of few frames is soonest there by hypercall, where nobody must be woken; many go by the ring, if there is one. */
static void transmit(const void *frame, size_t size)
{
    uint64_t len = size;
    int ret = nic.burst++ < FEW_FRAMES ? net_raw(WRITE, (uint64_t)nic.device, frame, &len) : net_write(nic.device, frame, size);
    if (ret == OK)
        nic.sent++;
    else
        nic.dropped++;
}

static void send_arp(uint16_t operation, const uint8_t frame_to[6], const uint8_t to_mac[6], const uint8_t to[4])
{
    struct arp_frame frame = {.ethernet.type = TYPE_ARP, .arp = {swap(1), TYPE_IPV4, 6, 4, swap(operation)}};
    memcpy(frame.ethernet.to, frame_to, sizeof frame.ethernet.to);
    memcpy(frame.ethernet.from, nic.info.mac, sizeof frame.ethernet.from);
    memcpy(frame.arp.from_mac, nic.info.mac, sizeof frame.arp.from_mac);
    memcpy(frame.arp.from, &nic.address, sizeof frame.arp.from);
    memcpy(frame.arp.to_mac, to_mac, sizeof frame.arp.to_mac);
    memcpy(frame.arp.to, to, sizeof frame.arp.to);
    transmit(&frame, sizeof frame);
}

void net_set_address(uint32_t address)
{
    static const uint8_t unknown[6];
    if (address == nic.address) return;
    nic.address = address;
    tcp_forget_all();
    if (address) send_arp(ARP_REQUEST, BROADCAST, unknown, (const uint8_t *)&nic.address);
}

void *net_payload(void)
{
    return out.packet.payload;
}

void net_send(const struct peer *to, uint8_t protocol, size_t size)
{
    struct packet *packet = &out.packet;
    memcpy(packet->ethernet.to, to->mac, sizeof packet->ethernet.to);
    memcpy(packet->ethernet.from, nic.info.mac, sizeof packet->ethernet.from);
    packet->ethernet.type = TYPE_IPV4;
    packet->ipv4 = (struct ipv4){
        .version_words = IPV4_WORDS,
        .size = swap((uint16_t)(sizeof packet->ipv4 + size)),
        .id = swap(packet_id++),
        .hops = HOPS,
        .protocol = protocol,
    };
    memcpy(packet->ipv4.from, &nic.address, sizeof packet->ipv4.from);
    memcpy(packet->ipv4.to, &to->address, sizeof packet->ipv4.to);
    packet->ipv4.check = checksum(&packet->ipv4, sizeof packet->ipv4);
    transmit(packet, sizeof *packet + size);
}

static void arp_input(const struct arp *arp, size_t size)
{
    if (size < sizeof *arp || arp->hardware != swap(1) || arp->protocol != TYPE_IPV4 || arp->hardware_size != 6 ||
        arp->protocol_size != 4) {
        nic.malformed++;
        return;
    }
    bool is_ours = nic.address && memcmp(arp->to, &nic.address, sizeof arp->to) == 0;
    if (is_ours && arp->operation == swap(ARP_REQUEST) && !(arp->from_mac[0] & 1))
        send_arp(ARP_REPLY, arp->from_mac, arp->from_mac, arp->from);
}

static void icmp_input(const struct peer *from, const struct icmp *request, size_t size)
{
    if (size < sizeof *request || checksum(request, size) != 0) {
        nic.malformed++;
        return;
    }
    if (request->type != ECHO_REQUEST || request->code != 0) return;
    struct icmp *reply = net_payload();
    memcpy(reply, request, size);
    reply->type = ECHO_REPLY;
    reply->check = 0;
    reply->check = checksum(reply, size);
    net_send(from, PROTOCOL_ICMP, size);
}

/* Only DHCP has a port. Its answers may come before the address that they are sent to is ours. */
static void udp_input(const struct peer *from, const struct ipv4 *ipv4, const struct udp *udp, size_t given, uint64_t now)
{
    size_t size = given < sizeof *udp ? 0 : swap(udp->size);
    if (size < sizeof *udp || size > given ||
        (udp->check && checksum_between(ipv4->from, ipv4->to, PROTOCOL_UDP, udp, size) != 0)) {
        nic.malformed++;
        return;
    }
    if (udp->from == swap(DHCP_SERVER_PORT) && udp->to == swap(DHCP_CLIENT_PORT))
        dhcp_input(from, udp->data, size - sizeof *udp, now);
}

/* Nobody who could be answered has such an address. */
static bool is_strange(uint32_t address)
{
    uint8_t first = (uint8_t)address;
    return first == 0 || first == 127 || first >= 224 || address == nic.address;
}

static void ipv4_input(const struct ethernet *ethernet, const struct ipv4 *ipv4, size_t given, bool is_broadcast, uint64_t now)
{
    size_t whole = given < sizeof *ipv4 ? 0 : swap(ipv4->size);
    if (whole < sizeof *ipv4 || whole > given || ipv4->version_words >> 4 != 4 || (ipv4->version_words & 15) < 5 ||
        whole < (ipv4->version_words & 15) * 4u || checksum(ipv4, (ipv4->version_words & 15) * 4u) != 0) {
        nic.malformed++;
        return;
    }
    if (ipv4->version_words != IPV4_WORDS || ipv4->fragment & FRAGMENT) return;
    struct peer from;
    uint32_t to;
    memcpy(from.mac, ethernet->from, sizeof from.mac);
    memcpy(&from.address, ipv4->from, sizeof from.address);
    memcpy(&to, ipv4->to, sizeof to);
    if (is_strange(from.address)) return;
    const void *payload = ipv4 + 1;
    size_t size = whole - sizeof *ipv4;
    if (ipv4->protocol == PROTOCOL_UDP) udp_input(&from, ipv4, payload, size, now);
    if (is_broadcast || !nic.address || to != nic.address) return;
    if (ipv4->protocol == PROTOCOL_ICMP) icmp_input(&from, payload, size);
    if (ipv4->protocol == PROTOCOL_TCP) {
        if (checksum_between(ipv4->from, ipv4->to, PROTOCOL_TCP, payload, size) == 0)
            tcp_input(&from, payload, size, now);
        else
            nic.malformed++;
    }
}

void net_input(uint8_t *frame, size_t size, uint64_t now)
{
    const struct ethernet *ethernet = (const struct ethernet *)frame;
    nic.received++;
    if (size < sizeof *ethernet || size > sizeof *ethernet + nic.info.mtu || ethernet->from[0] & 1) {
        nic.malformed++;
        return;
    }
    bool is_broadcast = memcmp(ethernet->to, BROADCAST, sizeof BROADCAST) == 0;
    if (!is_broadcast && memcmp(ethernet->to, nic.info.mac, sizeof nic.info.mac) != 0) return;
    const void *payload = ethernet + 1;
    size -= sizeof *ethernet;
    if (ethernet->type == TYPE_ARP) arp_input(payload, size);
    if (ethernet->type == TYPE_IPV4) ipv4_input(ethernet, payload, size, is_broadcast, now);
}
