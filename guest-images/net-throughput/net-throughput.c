/*
 * Sends frames as fast as it can (send BYTES FRAMESIZE, to=MAC) or receives them (receive, limit=BYTES). The frames are of a type
 * that is free for experiments, and numbered; a few with an end mark close the stream.
 */
#include "guest.h"

DEVICE("service0", NET);

enum { DATA = 0, END = 1, END_FRAMES = 3, LARGEST_FRAME = 14 + 65535, PATIENCE_SECONDS = 5 };

static const uint16_t TYPE = 0xb588; /* 0x88b5 in the order of the network */
static const uint64_t SECOND = 1000000000;

struct __attribute__((packed)) header {
    uint8_t to[6], from[6];
    uint16_t type;
    uint16_t mark;
    uint64_t number;
};

static uint8_t frame[LARGEST_FRAME] __attribute__((aligned(4096)));
static struct header *const header = (struct header *)frame;
static struct net_info info;
static int nic;

static void print_result(const char *verb, uint64_t bytes, uint64_t frames, uint64_t nsecs)
{
    struct line line;
    line.used = 0;
    add_text(&line, verb);
    add_text(&line, " ");
    add_decimal(&line, bytes);
    add_text(&line, " bytes, ");
    add_decimal(&line, frames);
    add_text(&line, " frames in ");
    add_decimal(&line, nsecs / 1000);
    add_text(&line, " us\n");
    print(&line);
}

/* A monitor whose NIC takes no more for now may say so; whatever else it says is the end. */
static void send_frame(uint64_t size)
{
    int ret;
    while ((ret = net_write(nic, frame, size)) == AGAIN) {
    }
    CHECK(ret == OK, "a write failed", ret);
}

static int send(const struct boot *boot, uint64_t total, uint64_t size)
{
    const char *to = text_word(command_line(boot), "to=");
    uint64_t bytes = 0, frames = 0;
    CHECK(size >= sizeof *header && size <= 14u + info.mtu, "frames are too small or too large", size);
    memset(header->to, 0xff, sizeof header->to);
    if (to) CHECK(parse_mac(to, header->to), "to= is not followed by a MAC", 0);
    memcpy(header->from, info.mac, sizeof header->from);
    header->type = TYPE;
    header->mark = DATA;
    uint64_t start = clock_monotonic(boot);
    for (; bytes < total; bytes += size, frames++) {
        header->number = frames;
        send_frame(size);
    }
    net_flush();
    uint64_t nsecs = clock_monotonic(boot) - start;
    header->mark = END;
    header->number = frames;
    for (int i = 0; i < END_FRAMES; i++) send_frame(size);
    net_flush();
    print_result("sent", bytes, frames, nsecs);
    return succeed();
}

/* The time runs from the first frame to the end mark or the limit. */
static int receive(const struct boot *boot)
{
    uint64_t limit = UINT64_MAX, bytes = 0, frames = 0, start = 0, ready;
    size_word(command_line(boot), "limit=", &limit);
    while (bytes < limit) {
        uint64_t size = sizeof frame;
        int ret = net_read(nic, frame, &size);
        if (ret == AGAIN) {
            poll(PATIENCE_SECONDS * SECOND, &ready);
            CHECK(ready || !frames, "the stream has stopped without an end, frames so far", frames);
            continue;
        }
        CHECK(ret == OK, "a read was refused", ret);
        if (size < sizeof *header || header->type != TYPE) continue;
        if (header->mark == END) break;
        if (!frames) start = clock_monotonic(boot);
        bytes += size;
        frames++;
    }
    print_result("received", bytes, frames, frames ? clock_monotonic(boot) - start : 0);
    return succeed();
}

int guest_main(const struct boot *boot)
{
    const char *words = command_line(boot);
    uint64_t numbers[2];
    announce("net-throughput");
    nic = device_find(boot, "service0", NET);
    CHECK(nic >= 0, "there is no device service0", nic);
    info = net_info(boot, nic);
    if (!has_word(words, "noring") && net_use_ring(boot)) print_text("uses the ring\n");
    if (numbers_after(words, "send", numbers, 2)) return send(boot, numbers[0], numbers[1]);
    if (has_word(words, "receive")) return receive(boot);
    fail(__LINE__, "the words ask neither to send nor to receive", 0);
}
