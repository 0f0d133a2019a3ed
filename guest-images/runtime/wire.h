/* Headers as frames have them, whose numbers are in the order of the network, and the checksum of the internet. */
#ifndef WIRE_H
#define WIRE_H

#include "guest.h"

#define PACKED __attribute__((packed))

/* Numbers of the network have their bytes the other way round than the CPU. */
static inline uint16_t swap(uint16_t value)
{
    return (uint16_t)(value << 8 | value >> 8);
}

static inline uint32_t swap32(uint32_t value)
{
    return __builtin_bswap32(value);
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

/* What the checksums of UDP and TCP also cover. */
struct PACKED pseudo { uint8_t from[4], to[4]; uint16_t protocol, size; };

static const uint16_t TYPE_ARP = 0x0608, TYPE_IPV4 = 0x0008; /* already in the order of the network */
enum { ARP_REQUEST = 1, ARP_REPLY = 2, ECHO_REPLY = 0, ECHO_REQUEST = 8, LARGEST_FRAME = 14 + 65535 };
enum { IPV4_WORDS = 0x45, PROTOCOL_ICMP = 1, PROTOCOL_TCP = 6, PROTOCOL_UDP = 17, HOPS = 64 };

_Static_assert(sizeof(struct ethernet) == 14, "Ethernet");
_Static_assert(sizeof(struct arp) == 28, "ARP");
_Static_assert(sizeof(struct ipv4) == 20, "IPv4");
_Static_assert(sizeof(struct icmp) == 8, "ICMP");
_Static_assert(sizeof(struct udp) == 8, "UDP");

static inline uint64_t add_words(uint64_t sum, const uint64_t words[4])
{
    __asm__("add (%1), %0\n\tadc 8(%1), %0\n\tadc 16(%1), %0\n\tadc 24(%1), %0\n\tadc $0, %0"
            : "+r"(sum)
            : "r"(words), "m"(*(const uint64_t (*)[4])words)
            : "cc");
    return sum;
}

/* Adds bytes to a sum, which may be done in words of any size; all but the last of several pieces are of an even size. */
static inline uint64_t sum_bytes(uint64_t sum, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    uint64_t last[4] = {0};
    for (; size >= sizeof last; size -= sizeof last, bytes += sizeof last) sum = add_words(sum, (const uint64_t *)bytes);
    memcpy(last, bytes, size);
    return add_words(sum, last);
}

/* The checksum of what was added up, which is 0 over data that holds its own. */
static inline uint16_t fold(uint64_t sum)
{
    sum = (sum & UINT32_MAX) + (sum >> 32);
    sum = (sum & UINT16_MAX) + (sum >> 16 & UINT16_MAX) + (sum >> 32);
    sum = (sum & UINT16_MAX) + (sum >> 16);
    sum = (sum & UINT16_MAX) + (sum >> 16);
    return (uint16_t)~sum;
}

static inline uint16_t checksum(const void *data, size_t size)
{
    return fold(sum_bytes(0, data, size));
}

/* The checksum of a UDP datagram or TCP segment between two addresses. */
static inline uint16_t checksum_between(const uint8_t from[4], const uint8_t to[4], uint8_t protocol, const void *data, size_t size)
{
    struct pseudo pseudo = {.protocol = swap(protocol), .size = swap((uint16_t)size)};
    memcpy(pseudo.from, from, sizeof pseudo.from);
    memcpy(pseudo.to, to, sizeof pseudo.to);
    return fold(sum_bytes(sum_bytes(0, &pseudo, sizeof pseudo), data, size));
}

#endif
