#include "dhcp.h"

enum { BOOT_REQUEST = 1, BOOT_REPLY = 2, ETHERNET = 1, SMALLEST = 300, SHORTEST_LEASE = 2 };
enum message { DISCOVER = 1, OFFER = 2, REQUEST = 3, DECLINE = 4, ACK = 5, NAK = 6 };
enum option {
    PAD = 0, MASK = 1, ROUTER = 3, DNS = 6, MTU = 26, WANTED_ADDRESS = 50, LEASE_TIME = 51, MESSAGE = 53, SERVER = 54,
    WANTED_OPTIONS = 55, LARGEST_MESSAGE = 57, RENEWAL_TIME = 58, REBINDING_TIME = 59, END = 255,
};
static const uint32_t COOKIE = 0x63538263; /* in the order of the network */
enum { MOST_REQUESTS = 4, LONGEST_WAIT = 64, SMALLEST_MTU = 576 };

struct PACKED message_format {
    uint8_t operation, hardware, hardware_size, hops;
    uint32_t id;
    uint16_t seconds, flags;
    uint32_t client, yours, server, relay;
    uint8_t mac[16], names[192];
    uint32_t cookie;
    uint8_t options[];
};

_Static_assert(sizeof(struct message_format) == 240, "DHCP");

/* The options of a message that matter; 0 for those it does not have. */
struct options {
    struct lease lease;
    uint32_t server, renewal, rebinding;
    uint16_t mtu;
    uint8_t message;
};

static enum { OFF, SELECTING, REQUESTING, BOUND, RENEWING, REBINDING } state;
static void (*lease_changed)(const struct lease *lease);
static struct options taken;
static struct peer server;
static uint32_t transaction;
static unsigned tries;
static uint64_t due, renew_at, rebind_at, expire_at;

static uint8_t *add_option(uint8_t *at, enum option option, const void *data, uint8_t size)
{
    *at++ = (uint8_t)option;
    *at++ = size;
    memcpy(at, data, size);
    return at + size;
}

static void send(enum message message)
{
    static const struct peer everybody = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, EVERYBODY};
    static const uint8_t wanted[] = {MASK, ROUTER, DNS, MTU, LEASE_TIME, RENEWAL_TIME, REBINDING_TIME};
    struct udp *udp = net_payload();
    struct message_format *format = (struct message_format *)udp->data;
    const uint16_t largest = swap(SMALLEST_MTU);
    uint8_t *at = format->options;
    memset(udp, 0, sizeof *udp + SMALLEST);
    *format = (struct message_format){
        .operation = BOOT_REQUEST,
        .hardware = ETHERNET,
        .hardware_size = 6,
        .id = transaction,
        .client = nic.address,
        .cookie = COOKIE,
    };
    memcpy(format->mac, nic.info.mac, sizeof nic.info.mac);
    at = add_option(at, MESSAGE, &(uint8_t){(uint8_t)message}, 1);
    at = add_option(at, WANTED_OPTIONS, wanted, sizeof wanted);
    at = add_option(at, LARGEST_MESSAGE, &largest, sizeof largest);
    if (state == REQUESTING) {
        at = add_option(at, WANTED_ADDRESS, &taken.lease.address, 4);
        at = add_option(at, SERVER, &taken.server, 4);
    }
    *at = END;
    udp->from = swap(DHCP_CLIENT_PORT);
    udp->to = swap(DHCP_SERVER_PORT);
    udp->size = swap(sizeof *udp + SMALLEST);
    const struct peer *to = state == RENEWING ? &server : &everybody;
    uint16_t check = checksum_between((uint8_t *)&nic.address, (const uint8_t *)&to->address, PROTOCOL_UDP, udp,
                                      sizeof *udp + SMALLEST);
    udp->check = check ? check : 0xffff;
    net_send(to, PROTOCOL_UDP, sizeof *udp + SMALLEST);
}

/* 1, 2, 4 and up to 64 seconds, and up to half a second more or less, so that many guests do not ask at once. */
static uint64_t wait(void)
{
    uint64_t seconds = tries < 6 ? 1u << tries : LONGEST_WAIT;
    tries++;
    return seconds * SECOND - SECOND / 2 + net_random() % SECOND;
}

static void discover(uint64_t now)
{
    if (state != SELECTING) {
        tries = 0;
        transaction = (uint32_t)net_random();
    }
    state = SELECTING;
    due = now + wait();
    send(DISCOVER);
}

void dhcp_start(uint64_t now, void (*changed)(const struct lease *lease))
{
    lease_changed = changed;
    state = OFF;
    discover(now);
}

void dhcp_stop(void)
{
    state = OFF;
}

static void lose(uint64_t now)
{
    static const struct lease none;
    bool had_address = nic.address;
    net_set_address(0);
    if (had_address) lease_changed(&none);
    discover(now);
}

static uint32_t number(const uint8_t *data)
{
    uint32_t value;
    memcpy(&value, data, sizeof value);
    return value;
}

/* Of an option that is there several times, or longer than it need be, the beginning of the last counts. */
static void take_option(struct options *options, uint8_t option, const uint8_t *data, uint8_t size)
{
    if (option == MESSAGE && size >= 1) options->message = data[0];
    if (option == MTU && size >= 2) options->mtu = (uint16_t)(data[0] << 8 | data[1]);
    if (size < 4) return;
    uint32_t value = number(data);
    if (option == MASK) options->lease.mask = value;
    if (option == ROUTER) options->lease.gateway = value;
    if (option == DNS) options->lease.dns = value;
    if (option == SERVER) options->server = value;
    if (option == LEASE_TIME) options->lease.seconds = swap32(value);
    if (option == RENEWAL_TIME) options->renewal = swap32(value);
    if (option == REBINDING_TIME) options->rebinding = swap32(value);
}

/* False if an option does not end where the message does. */
static bool parse_options(struct options *options, const uint8_t *at, const uint8_t *end)
{
    *options = (struct options){.message = 0};
    while (at < end && *at != END) {
        if (*at == PAD) {
            at++;
            continue;
        }
        if (end - at < 2 || end - at - 2 < at[1]) return false;
        take_option(options, at[0], at + 2, at[1]);
        at += 2 + at[1];
    }
    return true;
}

static void bind(const struct peer *from, const struct options *options, uint64_t now)
{
    uint32_t before = nic.address;
    uint32_t seconds = options->lease.seconds < SHORTEST_LEASE ? SHORTEST_LEASE : options->lease.seconds;
    bool has_times = options->renewal && options->renewal < options->rebinding && options->rebinding < seconds;
    taken = *options;
    server = (struct peer){.address = options->server};
    memcpy(server.mac, from->mac, sizeof server.mac);
    state = BOUND;
    renew_at = rebind_at = expire_at = due = NEVER;
    if (seconds != UINT32_MAX) {
        expire_at = now + seconds * SECOND;
        renew_at = due = now + (has_times ? options->renewal * SECOND : seconds * SECOND / 2);
        rebind_at = now + (has_times ? options->rebinding * SECOND : seconds * SECOND / 8 * 7);
    }
    if (options->mtu >= SMALLEST_MTU && options->mtu < nic.info.mtu) nic.mtu = options->mtu;
    net_set_address(options->lease.address);
    if (nic.address != before) lease_changed(&taken.lease);
}

static bool is_usable(uint32_t address)
{
    uint8_t first = (uint8_t)address;
    return first != 0 && first != 127 && first < 224;
}

void dhcp_input(const struct peer *from, const uint8_t *data, size_t size, uint64_t now)
{
    const struct message_format *format = (const struct message_format *)data;
    struct options options;
    if (state == OFF || state == BOUND) return;
    if (size < sizeof *format || format->operation != BOOT_REPLY || format->id != transaction || format->cookie != COOKIE ||
        memcmp(format->mac, nic.info.mac, sizeof nic.info.mac) != 0 || !parse_options(&options, format->options, data + size))
        return;
    options.lease.address = format->yours;
    if (options.message == NAK && state != SELECTING) {
        if (state != REQUESTING || options.server == taken.server) lose(now);
        return;
    }
    if (!is_usable(options.lease.address) || !is_usable(options.server)) return;
    if (state == SELECTING && options.message == OFFER) {
        taken = options;
        state = REQUESTING;
        tries = 0;
        due = now + wait();
        send(REQUEST);
    } else if (state != SELECTING && options.message == ACK && options.lease.seconds) {
        if (state != REBINDING && options.server != taken.server) return;
        bind(from, &options, now);
    }
}

/* Half of what is left until the next step, but a second at least. */
static uint64_t halfway(uint64_t now, uint64_t next)
{
    uint64_t half = next > now ? (next - now) / 2 : 0;
    return half < SECOND ? now + SECOND : now + half;
}

uint64_t dhcp_tick(uint64_t now)
{
    if (state == OFF || now < due) return state == OFF ? NEVER : due;
    switch (state) {
    case SELECTING:
        discover(now);
        break;
    case REQUESTING:
        if (tries >= MOST_REQUESTS) {
            discover(now);
        } else {
            due = now + wait();
            send(REQUEST);
        }
        break;
    default:
        if (now >= expire_at) {
            lose(now);
            break;
        }
        if (state == BOUND) transaction = (uint32_t)net_random();
        state = now >= rebind_at ? REBINDING : RENEWING;
        due = halfway(now, state == REBINDING ? expire_at : rebind_at);
        send(REQUEST);
    }
    return due;
}
