/*
 * Answers ARP, ping and the echo port of UDP, for ever or until limit=N answers on every NIC. With the word ping=WHOM it is the
 * one who pings (pinger.c). echo2 is the same guest with a second NIC.
 */
#include "packets.h"

DEVICE("service0", NET);

enum { MAX_NICS = 2 };

static const uint64_t HOUR = 3600000000000;

static struct nic nics[MAX_NICS] = {
    {.name = "service0", .address = {10, 0, 0, 2}},
    {.name = "service1", .address = {10, 1, 0, 2}},
};
static unsigned count;
static uint8_t frame[LARGEST_FRAME] __attribute__((aligned(4096)));

static void print_nic(const struct nic *nic)
{
    struct line line;
    line.used = 0;
    add_text(&line, nic->name);
    add_text(&line, ": address ");
    for (int i = 0; i < 4; i++) {
        if (i) add_text(&line, ".");
        add_decimal(&line, nic->address[i]);
    }
    add_text(&line, ", MAC ");
    for (int i = 0; i < 6; i++) {
        static const char digits[] = "0123456789abcdef";
        char text[3] = {digits[nic->info.mac[i] >> 4], digits[nic->info.mac[i] & 15], ':'};
        add_bytes(&line, text, i < 5 ? 3 : 2);
    }
    add_text(&line, ", MTU is ");
    add_decimal(&line, nic->info.mtu);
    add_text(&line, "\n");
    print(&line);
}

static void print_statistics(const struct nic *nic)
{
    struct line line;
    line.used = 0;
    add_text(&line, nic->name);
    add_text(&line, ": ");
    add_decimal(&line, nic->received);
    add_text(&line, " received, ");
    add_decimal(&line, nic->echoed);
    add_text(&line, " echoed, ");
    add_decimal(&line, nic->dropped);
    add_text(&line, " dropped, ");
    add_decimal(&line, nic->malformed);
    add_text(&line, " malformed\n");
    print(&line);
}

static void find_nics(const struct boot *boot)
{
    const char *address = text_word(command_line(boot), "address=");
    unsigned bits;
    CHECK(!address || parse_address(address, nics[0].address) || parse_network(address, nics[0].address, &bits),
          "address= is not followed by an address", 0);
    for (; count < MAX_NICS; count++) {
        struct nic *nic = &nics[count];
        nic->device = device_find(boot, nic->name, NET);
        if (nic->device < 0) break;
        nic->info = net_info(boot, nic->device);
        CHECK((nic->info.mac[0] & 1) == 0, "the MAC is that of a group", nic->info.mac[0]);
        CHECK(nic->info.mtu, "the MTU is nothing", 0);
        print_nic(nic);
    }
    CHECK(count, "there is no device service0", 0);
}

/* Nothing may be read from or written to a handle that is no NIC, and the frame stays as it is. */
static void check_handles(void)
{
    static const uint64_t wrong[] = {0, MAX_NICS + 1, 63, 64, UINT32_MAX};
    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++)
        for (enum direction direction = READ; direction <= WRITE; direction++) {
            uint64_t size = 60;
            memset(frame, 0, size);
            CHECK(net_raw(direction, wrong[i], frame, &size) == INVALID, "a wrong handle was not refused", wrong[i]);
            CHECK(size == 60, "a refused request changed the size", size);
            for (unsigned j = 0; j < size; j++) CHECK(frame[j] == 0, "a refused request changed the frame", j);
        }
}

static bool is_over(int limit)
{
    for (unsigned i = 0; i < count; i++)
        if (nics[i].echoed < (uint64_t)limit) return false;
    return true;
}

static void serve(int limit)
{
    while (!limit || !is_over(limit)) {
        uint64_t ready;
        enum kind kind;
        poll(HOUR, &ready);
        for (unsigned i = 0; i < count; i++)
            if (ready >> nics[i].device & 1)
                while (receive(&nics[i], frame, &kind)) {
                }
    }
}

int guest_main(const struct boot *boot)
{
    const char *words = command_line(boot);
    int limit = 0, status = 0;
    announce("echo");
    find_nics(boot);
    if (has_handles) check_handles();
    if (!has_word(words, "noring") && net_use_ring(boot)) print_text("uses the ring\n");
    for (unsigned i = 0; i < count; i++) send_arp_request(&nics[i], nics[i].address);
    if (text_word(words, "ping=")) {
        status = ping(boot, &nics[0], words);
    } else {
        number_word(words, "limit=", &limit);
        serve(limit);
    }
    net_flush();
    for (unsigned i = 0; i < count; i++) print_statistics(&nics[i]);
    return status ? status : succeed();
}
