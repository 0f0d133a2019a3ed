/* Ethernet, ARP, IPv4, ICMP and UDP as far as echoing needs them. */
#ifndef PACKETS_H
#define PACKETS_H

#include "guest.h"

#define PACKED __attribute__((packed))

/* Numbers of the network have their bytes the other way round than the CPU. */
static inline uint16_t swap(uint16_t value)
{
    return (uint16_t)(value << 8 | value >> 8);
}

struct PACKED ethernet { uint8_t to[6], from[6]; uint16_t type; };
struct PACKED arp {
    uint16_t hardware, protocol;
    uint8_t hardware_size, protocol_size;
    uint16_t operation;
    uint8_t from_mac[6], from[4], to_mac[6], to[4];
};
struct PACKED ipv4 {
    uint8_t version_words, service;
    uint16_t size, id, fragment;
    uint8_t hops, protocol;
    uint16_t check;
    uint8_t from[4], to[4];
};
struct PACKED icmp { uint8_t type, code; uint16_t check, id, sequence; uint8_t data[]; };

struct PACKED udp { uint16_t from, to, size, check; uint8_t data[]; };

struct PACKED arp_frame { struct ethernet ethernet; struct arp arp; };
struct PACKED icmp_frame { struct ethernet ethernet; struct ipv4 ipv4; struct icmp icmp; };
struct PACKED udp_frame { struct ethernet ethernet; struct ipv4 ipv4; struct udp udp; };

_Static_assert(sizeof(struct arp_frame) == 42, "ARP");
_Static_assert(sizeof(struct icmp_frame) == 42, "ICMP");
_Static_assert(sizeof(struct udp_frame) == 42, "UDP");

enum { ARP_REQUEST = 1, ARP_REPLY = 2, ECHO_REPLY = 0, ECHO_REQUEST = 8, LARGEST_FRAME = 14 + 65535 };

/* A NIC and what came of the frames it received. */
struct nic {
    const char *name;
    int device;
    uint8_t address[4];
    struct net_info info;
    uint64_t received, echoed, dropped, malformed;
};

/* What a received frame is to a caller that may have asked for it. */
enum kind { OTHER, ARP_ANSWER, ECHO_ANSWER };

/* Reads one frame into the buffer, of LARGEST_FRAME bytes, and answers what is to be answered. False if there is none,
 * as there will be none any more when the monitor has lost the NIC. */
bool receive(struct nic *nic, void *frame, enum kind *kind);

/* A request for the own address is a gratuitous one, which tells everybody the MAC. */
void send_arp_request(struct nic *nic, const uint8_t wanted[4]);

/* Fills in the headers around data already in the frame, and sends it. Returns the result of the write. */
int send_echo_request(struct nic *nic, struct icmp_frame *frame, const uint8_t to_mac[6], const uint8_t to[4], uint16_t sequence,
                      size_t data_size);

/* The rest of an echo guest: it asks instead of waiting. Returns the exit status. */
int ping(const struct boot *boot, struct nic *nic, const char *words);

#endif
