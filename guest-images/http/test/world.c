#include "world.h"

enum { MOST_FLYING = 4096, LARGEST = LARGEST_FRAME };

uint64_t now, seed;
struct link bad;
void (*world_receive)(uint8_t *frame, size_t size);

static struct flying { uint64_t due; size_t size; bool to_guest; uint8_t *frame; } flying[MOST_FLYING];
static unsigned count;
static uint8_t *memory;
static uint64_t random_state;

void broken(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: seed %lu: not so: %s\n", file, line, (unsigned long)seed, what);
    abort();
}

uint32_t chance(uint32_t bound)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((random_state >> 33) * bound >> 31);
}

bool happens(uint32_t per_mille)
{
    return chance(1000) < per_mille;
}

/* What the stack uses of the runtime. */
void console_write(const void *data, size_t size)
{
    (void)data;
    (void)size;
}

_Noreturn void guest_exit(int status)
{
    broken("guest", status, "no guest_exit");
}

const char dialect[] = "none";

static void launch(const uint8_t *frame, size_t size, bool to_guest)
{
    if (happens(bad.lost)) return;
    for (unsigned copies = 1 + happens(bad.doubled); copies && count < MOST_FLYING; copies--) {
        struct flying *one = &flying[count++];
        *one = (struct flying){now + 100000 + (happens(bad.late) ? chance(30) * 1000000ul : 0), size, to_guest, malloc(size)};
        memcpy(one->frame, frame, size);
        if (size && happens(bad.spoiled)) one->frame[chance((uint32_t)size)] ^= (uint8_t)(1 + chance(255));
    }
}

int net_raw(enum direction direction, uint64_t handle, const volatile void *data, uint64_t *len)
{
    REQUIRE(direction == WRITE && handle == 0 && *len >= 14 && *len <= 14u + nic.mtu);
    launch((const uint8_t *)data, *len, false);
    return OK;
}

int net_write(int device, const void *data, uint64_t len)
{
    return net_raw(WRITE, (uint64_t)device, data, &len);
}

void world_start(uint64_t new_seed, uint64_t size, uint16_t mtu)
{
    while (count) free(flying[--count].frame);
    free(memory);
    memory = malloc(size);
    seed = random_state = new_seed;
    now = SECOND;
    bad = (struct link){0, 0, 0, 0};
    world_receive = NULL;
    server_ends = false;
    tcp_start(memory, size);
    net_start(0, (struct net_info){{2, 0, 0, 0, 0, 2}, mtu}, new_seed);
    net_set_address(0x0200000a);
    dhcp_stop();
}

void world_send(const uint8_t *frame, size_t size)
{
    launch(frame, size, true);
}

void world_step(void)
{
    now += 1000000;
    for (unsigned i = 0; i < count;) {
        struct flying one = flying[i];
        if (one.due > now) {
            i++;
            continue;
        }
        memmove(&flying[i], &flying[i + 1], (--count - i) * sizeof one);
        if (one.to_guest) {
            net_input(one.frame, one.size, now);
            if (tcp_is_pressing()) tcp_serve(now);
        } else if (world_receive) {
            world_receive(one.frame, one.size);
        }
        free(one.frame);
    }
    nic.burst = 0;
    dhcp_tick(now);
    tcp_tick(now);
    tcp_serve(now);
    world_check();
}

size_t make_segment(uint8_t *frame, uint8_t host, uint16_t port, const struct tcp *tcp, const void *data, size_t size)
{
    struct ethernet ethernet = {{2, 0, 0, 0, 0, 2}, {2, 0, 0, 0, 1, host}, TYPE_IPV4};
    size_t whole = sizeof(struct ipv4) + sizeof *tcp + size;
    struct ipv4 ipv4 = {.version_words = IPV4_WORDS, .size = swap((uint16_t)whole), .hops = HOPS, .protocol = PROTOCOL_TCP,
                        .from = {10, 0, 0, host}, .to = {10, 0, 0, 2}};
    struct tcp header = *tcp;
    header.from = swap(port);
    header.to = swap(TCP_PORT);
    if (!header.words) header.words = 5 << 4;
    memcpy(frame, &ethernet, sizeof ethernet);
    memcpy(frame + 14, &ipv4, sizeof ipv4);
    memcpy(frame + 34, &header, sizeof header);
    memcpy(frame + 54, data, size);
    seal(frame, 14 + whole);
    return 14 + whole;
}

void seal(uint8_t *frame, size_t size)
{
    struct ipv4 *ipv4 = (struct ipv4 *)(frame + 14);
    if (size < 34) return;
    size_t header = (ipv4->version_words & 15) * 4u;
    ipv4->check = 0;
    if (14 + header <= size) ipv4->check = checksum(ipv4, header);
    size_t payload = size - 34, at = ipv4->protocol == PROTOCOL_UDP ? 6 : 16;
    if (payload < at + 2) return;
    memset(frame + 34 + at, 0, 2);
    uint16_t check = checksum_between(ipv4->from, ipv4->to, ipv4->protocol, frame + 34, payload);
    memcpy(frame + 34 + at, &check, 2);
}

int main(int argc, char **argv)
{
    uint64_t first = argc > 1 ? strtoul(argv[1], NULL, 0) : 1;
    unsigned rounds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 0) : 20;
    test_requests();
    test_leases(first, rounds / 10);
    test_exchanges(first, rounds);
    test_hostile_frames(first, rounds);
    printf("SUCCESS: %u rounds from seed %lu\n", rounds, (unsigned long)first);
    return 0;
}
