#include "packets.h"

static const uint16_t ID = 0x756a;
static const uint16_t ECHO_PORT = 7; /* RFC 862 */
static const uint16_t NAME_PORT = 53, OWN_PORT = 49153;

static void address_ethernet(const struct nic *nic, struct ethernet *ethernet, const uint8_t to[6])
{
    memcpy(ethernet->to, to, sizeof ethernet->to);
    memcpy(ethernet->from, nic->info.mac, sizeof ethernet->from);
}

static int send_arp(struct nic *nic, uint16_t operation, const uint8_t frame_to[6], const uint8_t to_mac[6], const uint8_t to[4])
{
    struct arp_frame frame = {.ethernet.type = TYPE_ARP, .arp = {swap(1), TYPE_IPV4, 6, 4, swap(operation)}};
    address_ethernet(nic, &frame.ethernet, frame_to);
    memcpy(frame.arp.from_mac, nic->info.mac, sizeof frame.arp.from_mac);
    memcpy(frame.arp.from, nic->address, sizeof frame.arp.from);
    memcpy(frame.arp.to_mac, to_mac, sizeof frame.arp.to_mac);
    memcpy(frame.arp.to, to, sizeof frame.arp.to);
    return net_write(nic->device, &frame, sizeof frame);
}

void send_arp_request(struct nic *nic, const uint8_t wanted[4])
{
    static const uint8_t everybody[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, unknown[6];
    if (send_arp(nic, ARP_REQUEST, everybody, unknown, wanted) != OK) nic->dropped++;
}

/* Fills in the headers around a packet already in the frame, but for its size and protocol, and sends it. */
static int send_ipv4(struct nic *nic, struct ethernet *ethernet, const uint8_t to_mac[6], const uint8_t to[4])
{
    struct ipv4 *ipv4 = (struct ipv4 *)(ethernet + 1);
    address_ethernet(nic, ethernet, to_mac);
    memcpy(ipv4->to, to, sizeof ipv4->to);
    memcpy(ipv4->from, nic->address, sizeof ipv4->from);
    ipv4->hops = HOPS;
    ipv4->check = 0;
    ipv4->check = checksum(ipv4, sizeof *ipv4);
    return net_write(nic->device, ethernet, sizeof *ethernet + swap(ipv4->size));
}

int send_echo_request(struct nic *nic, struct icmp_frame *frame, const uint8_t to_mac[6], const uint8_t to[4], uint16_t sequence,
                      size_t data_size)
{
    frame->ethernet.type = TYPE_IPV4;
    frame->ipv4 = (struct ipv4){
        .version_words = IPV4_WORDS,
        .size = swap((uint16_t)(sizeof frame->ipv4 + sizeof frame->icmp + data_size)),
        .protocol = PROTOCOL_ICMP,
    };
    frame->icmp.type = ECHO_REQUEST;
    frame->icmp.code = 0;
    frame->icmp.id = ID;
    frame->icmp.sequence = swap(sequence);
    frame->icmp.check = 0;
    frame->icmp.check = checksum(&frame->icmp, sizeof frame->icmp + data_size);
    return send_ipv4(nic, &frame->ethernet, to_mac, to);
}

static enum kind handle_arp(struct nic *nic, struct arp_frame *frame, size_t size)
{
    struct arp *arp = &frame->arp;
    if (size < sizeof *frame || arp->hardware != swap(1) || arp->protocol != TYPE_IPV4 || arp->hardware_size != 6 ||
        arp->protocol_size != 4) {
        nic->malformed++;
        return OTHER;
    }
    if (memcmp(arp->to, nic->address, sizeof arp->to) != 0) return OTHER;
    if (arp->operation == swap(ARP_REPLY)) return ARP_ANSWER;
    if (arp->operation == swap(ARP_REQUEST) && send_arp(nic, ARP_REPLY, arp->from_mac, arp->from_mac, arp->from) != OK)
        nic->dropped++;
    return OTHER;
}

static void send_back(struct nic *nic, struct ethernet *ethernet)
{
    const struct ipv4 *ipv4 = (const struct ipv4 *)(ethernet + 1);
    uint8_t mac[6], address[4];
    memcpy(mac, ethernet->from, sizeof mac);
    memcpy(address, ipv4->from, sizeof address);
    if (send_ipv4(nic, ethernet, mac, address) == OK)
        nic->echoed++;
    else
        nic->dropped++;
}

/* The request becomes the reply; nothing but its type changes, and the checksum as much. */
static void echo(struct nic *nic, struct icmp_frame *frame)
{
    uint32_t check = frame->icmp.check + (uint32_t)ECHO_REQUEST;
    frame->icmp.check = (uint16_t)(check + (check >> 16));
    frame->icmp.type = ECHO_REPLY;
    send_back(nic, &frame->ethernet);
}

static uint16_t udp_checksum(const struct udp_frame *frame)
{
    return checksum_between(frame->ipv4.from, frame->ipv4.to, PROTOCOL_UDP, &frame->udp, swap(frame->udp.size));
}

int send_question(struct nic *nic, struct udp_frame *frame, const uint8_t to_mac[6], const uint8_t to[4], size_t data_size)
{
    uint16_t size = (uint16_t)(sizeof frame->udp + data_size);
    frame->ethernet.type = TYPE_IPV4;
    frame->ipv4 = (struct ipv4){
        .version_words = IPV4_WORDS,
        .size = swap((uint16_t)(sizeof frame->ipv4 + size)),
        .protocol = PROTOCOL_UDP,
    };
    memcpy(frame->ipv4.from, nic->address, sizeof frame->ipv4.from);
    memcpy(frame->ipv4.to, to, sizeof frame->ipv4.to);
    frame->udp.from = swap(OWN_PORT);
    frame->udp.to = swap(NAME_PORT);
    frame->udp.size = swap(size);
    frame->udp.check = 0;
    uint16_t check = udp_checksum(frame);
    frame->udp.check = check ? check : UINT16_MAX; /* Nothing means that there is none. */
    return send_ipv4(nic, &frame->ethernet, to_mac, to);
}

/* Sends back what comes to the echo port. Ports and addresses change places, so the checksum stays. */
static enum kind handle_udp(struct nic *nic, struct udp_frame *frame, size_t given)
{
    struct udp *udp = &frame->udp;
    size_t size = swap(udp->size);
    if (given < sizeof *udp || size > given || size < sizeof *udp || (udp->check && udp_checksum(frame) != 0)) {
        nic->malformed++;
        return OTHER;
    }
    if (udp->to == swap(OWN_PORT) && udp->from == swap(NAME_PORT)) return NAME_ANSWER;
    if (udp->to != swap(ECHO_PORT)) return OTHER;
    udp->to = udp->from;
    udp->from = swap(ECHO_PORT);
    send_back(nic, &frame->ethernet);
    return OTHER;
}

static enum kind handle_ipv4(struct nic *nic, struct icmp_frame *frame, size_t size)
{
    struct ipv4 *ipv4 = &frame->ipv4;
    if (memcmp(frame->ethernet.to, nic->info.mac, sizeof frame->ethernet.to) != 0) return OTHER;
    size_t given = size - sizeof frame->ethernet, used = swap(ipv4->size);
    if (given < sizeof *ipv4 || used > given || used < sizeof *ipv4 || checksum(ipv4, (ipv4->version_words & 15) * 4u) != 0) {
        nic->malformed++;
        return OTHER;
    }
    bool is_ours = memcmp(ipv4->to, nic->address, sizeof ipv4->to) == 0;
    bool is_whole = ipv4->version_words == IPV4_WORDS && (ipv4->fragment & swap(0x3fff)) == 0;
    if (!is_ours || !is_whole) return OTHER;
    if (ipv4->protocol == PROTOCOL_UDP) return handle_udp(nic, (struct udp_frame *)frame, used - sizeof *ipv4);
    if (ipv4->protocol != PROTOCOL_ICMP) return OTHER;
    size_t icmp_size = used - sizeof *ipv4;
    if (icmp_size < sizeof frame->icmp || checksum(&frame->icmp, icmp_size) != 0) {
        nic->malformed++;
        return OTHER;
    }
    if (frame->icmp.code != 0) return OTHER;
    if (frame->icmp.type == ECHO_REPLY) return frame->icmp.id == ID ? ECHO_ANSWER : OTHER;
    if (frame->icmp.type == ECHO_REQUEST) echo(nic, frame);
    return OTHER;
}

bool receive(struct nic *nic, void *frame, enum kind *kind)
{
    struct ethernet *ethernet = frame;
    uint64_t size = LARGEST_FRAME;
    int ret = net_read(nic->device, frame, &size);
    *kind = OTHER;
    if (ret == AGAIN || ret == FAILED) return false;
    CHECK(ret == OK, "a read was refused", ret);
    nic->received++;
    if (size < sizeof *ethernet || size > sizeof *ethernet + nic->info.mtu)
        nic->malformed++;
    else if (ethernet->type == TYPE_ARP)
        *kind = handle_arp(nic, frame, size);
    else if (ethernet->type == TYPE_IPV4)
        *kind = handle_ipv4(nic, frame, size);
    return true;
}
