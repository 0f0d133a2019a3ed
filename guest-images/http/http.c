/*
 * Serves HTTP on port 80 of service0, whose address DHCP gives, or the words --ipv4=ADDRESS/BITS and --ipv4-gateway=ADDRESS. With
 * limit=N it ends when so many requests were answered.
 */
#include "dhcp.h"
#include "net.h"
#include "tcp.h"

DEVICE("service0", NET);

enum { BATCH = 64, STACK = 64 << 10 };

static uint8_t frame[LARGEST_FRAME] __attribute__((aligned(4096)));

static void add_address(struct line *line, uint32_t address)
{
    const uint8_t *bytes = (const uint8_t *)&address;
    for (int i = 0; i < 4; i++) {
        if (i) add_text(line, ".");
        add_decimal(line, bytes[i]);
    }
}

static void print_lease(const struct lease *lease)
{
    struct line line;
    unsigned bits = 0;
    for (uint32_t mask = lease->mask; mask; mask &= mask - 1) bits++;
    line.used = 0;
    if (!lease->address) {
        print_text("service0: has lost its address\n");
        return;
    }
    add_text(&line, "service0: address ");
    add_address(&line, lease->address);
    add_text(&line, "/");
    add_decimal(&line, bits);
    if (lease->gateway) {
        add_text(&line, ", gateway ");
        add_address(&line, lease->gateway);
    }
    add_text(&line, ", MTU is ");
    add_decimal(&line, nic.mtu);
    add_text(&line, "\nserves HTTP on port 80\n");
    print(&line);
}

/* Takes the words of MirageOS, if they are there. */
static bool read_address(const char *words, struct lease *lease)
{
    const char *address = text_word(words, "--ipv4="), *gateway = text_word(words, "--ipv4-gateway=");
    uint8_t bytes[4];
    unsigned bits;
    *lease = (struct lease){.address = 0};
    if (!address) return false;
    CHECK(parse_network(address, bytes, &bits), "--ipv4= is not followed by ADDRESS/BITS", 0);
    memcpy(&lease->address, bytes, sizeof bytes);
    lease->mask = swap32((uint32_t)(UINT64_MAX << (32 - bits)));
    CHECK(lease->address, "--ipv4= has the address of nobody", 0);
    if (!gateway) return true;
    CHECK(parse_address(gateway, bytes), "--ipv4-gateway= is not followed by an address", 0);
    memcpy(&lease->gateway, bytes, sizeof bytes);
    return true;
}

/* Handles frames until there are no more, but not so many that nobody is served meanwhile. */
static void receive(uint64_t now)
{
    for (unsigned i = 0; i < BATCH; i++) {
        uint64_t size = sizeof frame;
        int ret = net_raw(READ, (uint64_t)nic.device, frame, &size); /* the ring would have us spin for an answer */
        if (ret == AGAIN || ret == FAILED) return;
        CHECK(ret == OK, "a read was refused", ret);
        net_input(frame, size, now);
        if (tcp_is_pressing()) tcp_serve(now);
    }
}

static uint64_t earlier(uint64_t left, uint64_t right)
{
    return left < right ? left : right;
}

/*
 * Until the limit, and then until the connections are closed, for a while. The clock is read once each time the guest has waited:
 * what it does then takes less than a wait is exact to.
 */
static void serve(const struct boot *boot)
{
    uint64_t ready, end = NEVER, now = clock_monotonic(boot);
    while (!server_ends || (tcp_connections() && now < end)) {
        uint64_t next = earlier(earlier(dhcp_tick(now), tcp_tick(now)), end);
        tcp_serve(now);
        if (server_answered >= server_limit && !server_ends) {
            server_ends = true;
            end = now + SECOND;
            continue;
        }
        next = earlier(next, tcp_tick(now));
        nic.burst = 0;
        poll(next > now ? next - now : 0, &ready);
        now = clock_monotonic(boot);
        if (ready >> nic.device & 1) receive(now);
    }
}

static void print_statistics(void)
{
    struct line line;
    line.used = 0;
    add_text(&line, "service0: ");
    add_decimal(&line, nic.received);
    add_text(&line, " received, ");
    add_decimal(&line, nic.sent);
    add_text(&line, " sent, ");
    add_decimal(&line, nic.dropped);
    add_text(&line, " dropped, ");
    add_decimal(&line, nic.malformed);
    add_text(&line, " malformed; ");
    add_decimal(&line, server_answered);
    add_text(&line, " requests answered\n");
    print(&line);
}

int guest_main(const struct boot *boot)
{
    const char *words = command_line(boot);
    struct lease lease;
    announce("http");
    int device = device_find(boot, "service0", NET);
    CHECK(device >= 0, "there is no device service0", device);
    struct net_info info = net_info(boot, device);
    CHECK(info.mtu >= 576, "the MTU is too small for IPv4", info.mtu);
    uint8_t *memory = (uint8_t *)image_end;
    uint64_t end = memory_size(boot) - STACK;
    CHECK((uint64_t)memory < end, "there is no memory for connections", memory_size(boot));
    if (!has_word(words, "noring") && net_use_ring(boot)) print_text("uses the ring\n");
    size_word(words, "limit=", &server_limit);
    net_start(device, info, clock_wall(boot) ^ clock_monotonic(boot) << 20);
    tcp_start(memory, end - (uint64_t)memory);
    if (read_address(words, &lease)) {
        net_set_address(lease.address);
        print_lease(&lease);
    } else {
        dhcp_start(clock_monotonic(boot), print_lease);
    }
    serve(boot);
    net_flush();
    print_statistics();
    return succeed();
}
