/* Ethernet, ARP, IPv4, ICMP and UDP as far as echoing needs them. */
#ifndef PACKETS_H
#define PACKETS_H

#include "wire.h"

struct PACKED arp_frame { struct ethernet ethernet; struct arp arp; };
struct PACKED icmp_frame { struct ethernet ethernet; struct ipv4 ipv4; struct icmp icmp; };
struct PACKED udp_frame { struct ethernet ethernet; struct ipv4 ipv4; struct udp udp; };

_Static_assert(sizeof(struct arp_frame) == 42, "ARP");
_Static_assert(sizeof(struct icmp_frame) == 42, "ICMP");
_Static_assert(sizeof(struct udp_frame) == 42, "UDP");

/* A NIC and what came of the frames it received. */
struct nic {
    const char *name;
    int device;
    uint8_t address[4];
    struct net_info info;
    uint64_t received, echoed, dropped, malformed;
};

/* What a received frame is to a caller that may have asked for it. */
enum kind { OTHER, ARP_ANSWER, ECHO_ANSWER, NAME_ANSWER };

/* Reads one frame into the buffer, of LARGEST_FRAME bytes, and answers what is to be answered. False if there is none,
 * as there will be none any more when the monitor has lost the NIC. */
bool receive(struct nic *nic, void *frame, enum kind *kind);

/* A request for the own address is a gratuitous one, which tells everybody the MAC. */
void send_arp_request(struct nic *nic, const uint8_t wanted[4]);

/* Fills in the headers around data already in the frame, and sends it. Returns the result of the write. */
int send_echo_request(struct nic *nic, struct icmp_frame *frame, const uint8_t to_mac[6], const uint8_t to[4], uint16_t sequence,
                      size_t data_size);

/* Fills in the headers around a question to a name server that is already in the frame, and sends it. */
int send_question(struct nic *nic, struct udp_frame *frame, const uint8_t to_mac[6], const uint8_t to[4], size_t data_size);

/* Writes the question for the IPv4 address of a name, which ends at a blank or with the text. Returns its size. */
enum { LONGEST_QUESTION = 512 };
size_t make_question(uint8_t data[LONGEST_QUESTION], uint16_t id, const char *name);

/* Reads the first address of an answer to the question of that number. False if there is none. */
bool read_answer(const uint8_t *data, size_t size, uint16_t id, uint8_t address[4]);

/* The rest of an echo guest: it asks instead of waiting. Returns the exit status. */
int ping(const struct boot *boot, struct nic *nic, const char *words);

#endif
