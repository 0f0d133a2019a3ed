/*
 * Checks a monitor's disk against the contract of block requests; or, as words ask, a disk it may only read (ro), or puts a load on
 * it: stamp, throughput MB SIZE, exits N.
 */
#include "guest.h"

DEVICE("storage", BLOCK);

enum { MAX_BLOCK = 32768, SEVERAL = 4, TOUCHED = 64, LARGEST_REQUEST = 1 << 20, GARBAGE = 0xa5 };

static struct block_info info;
static uint64_t blocks;
static int disk;

static uint64_t expected[SEVERAL * MAX_BLOCK / 8];
static struct {
    uint8_t before[64], bytes[LARGEST_REQUEST], after[64];
} buffer __attribute__((aligned(4096)));

/* Every word of the disk gets another value, so that no byte can come from a wrong place unnoticed. */
static void make_pattern(uint64_t *words, uint64_t block, uint64_t size)
{
    uint64_t value = (block + 1) * 0x9e3779b97f4a7c15;
    for (uint64_t i = 0; i < size / 8; i++, value += 0x100000001) words[i] = value;
}

static bool is_garbage(const uint8_t *bytes, size_t size)
{
    bool equal;
    __asm__ volatile("cmp %%rcx, %%rcx\n\trepe scasb" : "+D"(bytes), "+c"(size), "=@cce"(equal) : "a"(GARBAGE) : "memory");
    return equal;
}

/* Only as much of the buffer is filled and checked as a request of that size could reach by mistake. */
static void fill_with_garbage(size_t size)
{
    memset(buffer.before, GARBAGE, sizeof buffer.before + size + sizeof buffer.after);
}

static bool is_untouched_from(size_t size)
{
    return is_garbage(buffer.before, sizeof buffer.before) && is_garbage(buffer.bytes + size, sizeof buffer.after);
}

static uint64_t position(uint64_t block)
{
    return block * info.block_size / position_unit;
}

/* Expects the disk to hold its pattern in the blocks from the given one. */
static void expect_pattern(uint64_t block, uint64_t count)
{
    uint64_t size = count * info.block_size;
    fill_with_garbage(size);
    CHECK(block_read(disk, block * info.block_size, buffer.bytes, size) == OK, "a read was refused, block", block);
    for (uint64_t i = 0; i < count; i++) make_pattern(expected + i * info.block_size / 8, block + i, info.block_size);
    CHECK(memcmp(buffer.bytes, expected, size) == 0, "a read brought other bytes than written, block", block);
    CHECK(is_untouched_from(size), "a read changed memory around its buffer, block", block);
}

static void write_pattern(uint64_t block, uint64_t count)
{
    uint64_t size = count * info.block_size;
    for (uint64_t i = 0; i < count; i++) make_pattern(expected + i * info.block_size / 8, block + i, info.block_size);
    CHECK(block_write(disk, block * info.block_size, expected, size) == OK, "a write was refused, block", block);
}

/* Both directions must be refused, and the read may not touch its buffer. */
static void expect_refusal(uint64_t handle, uint64_t position, uint64_t len, const char *what)
{
    size_t reach = len <= SEVERAL * MAX_BLOCK ? len : SEVERAL * MAX_BLOCK;
    fill_with_garbage(reach);
    int ret = block_raw(READ, handle, position, buffer.bytes, len);
    CHECK(ret == INVALID, what, ret);
    CHECK(is_garbage(buffer.before, sizeof buffer.before + reach + sizeof buffer.after), "a refused read touched memory", position);
    ret = block_raw(WRITE, handle, position, buffer.bytes, len);
    CHECK(ret == INVALID, what, ret);
    CHECK(is_garbage(buffer.bytes, reach), "a refused write touched its buffer", position);
}

static void check_info(void)
{
    CHECK(info.block_size >= 512 && info.block_size <= MAX_BLOCK, "the block size is out of range", info.block_size);
    CHECK((info.block_size & (info.block_size - 1)) == 0, "the block size is no power of two", info.block_size);
    CHECK(info.capacity && info.capacity % info.block_size == 0, "the capacity is no multiple of the block size", info.capacity);
}

/* Every tenth block, of a large disk fewer: all the way to the end, but a bounded number. */
static uint64_t stride(void)
{
    return blocks / TOUCHED > 10 ? blocks / TOUCHED : 10;
}

/* All is written before the first is read: a block written in the wrong place would hit another one. */
static void check_contents(void)
{
    for (uint64_t i = 0; i < blocks; i += stride()) write_pattern(i, 1);
    write_pattern(blocks - 1, 1);
    for (uint64_t i = 0; i < blocks; i += stride()) expect_pattern(i, 1);
    expect_pattern(blocks - 1, 1);
}

static void check_several_blocks(void)
{
    uint64_t count = blocks < SEVERAL ? blocks : SEVERAL;
    write_pattern(blocks - count, count);
    for (uint64_t i = blocks - count; i < blocks; i++) expect_pattern(i, 1);
    write_pattern(0, count);
    expect_pattern(0, count);
    fill_with_garbage(0);
    CHECK(block_raw(READ, (uint64_t)disk, 0, buffer.bytes, 0) == OK, "a read of no bytes was refused", 0);
    CHECK(block_raw(WRITE, (uint64_t)disk, 0, buffer.bytes, 0) == OK, "a write of no bytes was refused", 0);
    CHECK(is_untouched_from(0), "a read of no bytes changed memory", 0);
}

static void check_ranges(void)
{
    uint64_t size = info.block_size, handle = (uint64_t)disk, end = position(blocks), top = 1ull << 63;
    expect_refusal(handle, end, size, "a request at the capacity was not refused");
    expect_refusal(handle, end, 0, "a request of no bytes at the capacity was not refused");
    expect_refusal(handle, end + position(1), size, "a request behind the capacity was not refused");
    expect_refusal(handle, end - position(1), 2 * size, "a request across the capacity was not refused");
    expect_refusal(handle, 0, info.capacity + size, "a request longer than the disk was not refused");
    expect_refusal(handle, top, size, "a request at 2^63 was not refused");
    expect_refusal(handle, top / 256, size, "a request at 2^55 was not refused"); /* 512 times that is 2^64 */
    expect_refusal(handle, 0 - position(1), size, "a request just below 2^64 was not refused");
}

static void check_handles(void)
{
    static const uint64_t wrong[] = {0, 2, 63, 64, UINT32_MAX};
    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect_refusal(wrong[i], 0, info.block_size, "a wrong handle was not refused");
}

/* What Solo5's own monitors do not refuse: they die of such lengths (but the latest) and serve requests that are not aligned. */
static void check_strict(void)
{
    uint64_t size = info.block_size, handle = (uint64_t)disk;
    expect_refusal(handle, 0, 1ull << 63, "a length of 2^63 was not refused");
    expect_refusal(handle, position(blocks > 1), 0 - size, "a length just below 2^64 was not refused");
    if (position_unit == 1) {
        expect_refusal(handle, 1, size, "an offset of 1 was not refused");
        expect_refusal(handle, size - 1, size, "an offset below a block's end was not refused");
        expect_refusal(handle, size / 2, size, "an offset of half a block was not refused");
    }
    expect_refusal(handle, 0, 1, "a length of 1 was not refused");
    expect_refusal(handle, 0, size - 1, "a length one short of a block was not refused");
    expect_refusal(handle, 0, size + size / 2, "a length of one block and a half was not refused");
}

static int check(const char *words)
{
    check_info();
    check_contents();
    check_several_blocks();
    check_ranges();
    if (has_handles) check_handles();
    check_contents();
    if (!has_word(words, "lax")) check_strict();
    return succeed();
}

/* What the disk holds is not ours: it must be the same before and after. */
static int check_read_only(void)
{
    uint64_t size = info.block_size;
    check_info();
    for (uint64_t i = 0; i < blocks; i += stride()) {
        CHECK(block_read(disk, i * size, expected, size) == OK, "a read was refused, block", i);
        memset(buffer.bytes, GARBAGE, size);
        CHECK(block_write(disk, i * size, buffer.bytes, size) != OK, "a write was accepted, block", i);
        CHECK(block_read(disk, i * size, buffer.bytes, size) == OK, "a read was refused, block", i);
        CHECK(memcmp(buffer.bytes, expected, size) == 0, "a refused write changed block", i);
    }
    CHECK(block_write(disk, 0, buffer.bytes, 2 * size) != OK, "a write of two blocks was accepted", 0);
    return succeed();
}

/* A block of stamps can be told from one that was only partly written. */
struct stamp { uint64_t sequence; uint32_t block, check; };
_Static_assert(sizeof(struct stamp) == 16, "stamp");

static _Noreturn void stamp_for_ever(void)
{
    struct line line;
    line.used = 0;
    for (uint64_t i = 0;; i++) {
        uint64_t block = i % blocks;
        struct stamp stamp = {i, (uint32_t)block, (uint32_t)i ^ (uint32_t)(i >> 32) ^ (uint32_t)block ^ 0x6a756b76};
        for (uint64_t at = 0; at < info.block_size; at += sizeof stamp) memcpy(buffer.bytes + at, &stamp, sizeof stamp);
        int ret = block_write(disk, block * info.block_size, buffer.bytes, info.block_size);
        CHECK(ret == OK, "a write failed", ret);
        add_text(&line, "ack ");
        add_decimal(&line, i);
        add_text(&line, " ");
        add_decimal(&line, block);
        add_text(&line, "\n");
        print(&line);
    }
}

/* Requests of one size, one after the other, again from the start where the next would not fit. Returns microseconds. */
static uint64_t transfer(const struct boot *boot, enum direction direction, uint64_t total, uint64_t size)
{
    uint64_t start = clock_monotonic(boot), offset = 0;
    for (uint64_t done = 0; done < total; done += size, offset += size) {
        if (offset + size > info.capacity) offset = 0;
        int ret = direction == WRITE ? block_write(disk, offset, buffer.bytes, size) : block_read(disk, offset, buffer.bytes, size);
        CHECK(ret == OK, "a request failed, at", offset);
    }
    return (clock_monotonic(boot) - start) / 1000;
}

static int measure(const struct boot *boot, uint64_t megabytes, uint64_t size)
{
    struct line line;
    CHECK(size && size % info.block_size == 0, "requests are not of whole blocks", size);
    CHECK(size <= sizeof buffer.bytes && size <= info.capacity, "requests are too large", size);
    uint64_t total = ((megabytes << 20) + size - 1) / size * size;
    memset(buffer.bytes, GARBAGE, size);
    line.used = 0;
    for (enum direction direction = WRITE;; direction = READ) {
        uint64_t usecs = transfer(boot, direction, total, size);
        add_text(&line, direction == WRITE ? "write " : "read ");
        add_decimal(&line, total);
        add_text(&line, " bytes in ");
        add_decimal(&line, usecs);
        add_text(&line, direction == WRITE ? " us, " : " us\n");
        if (direction == READ) break;
    }
    print(&line);
    return succeed();
}

static int read_often(uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        int ret = block_read(disk, i % blocks * info.block_size, buffer.bytes, info.block_size);
        CHECK(ret == OK, "a read was refused, block", i % blocks);
    }
    return succeed();
}

static void print_info(void)
{
    struct line line;
    line.used = 0;
    add_text(&line, "storage: ");
    add_decimal(&line, info.capacity);
    add_text(&line, " bytes in blocks of ");
    add_decimal(&line, info.block_size);
    add_text(&line, "\n");
    print(&line);
}

int guest_main(const struct boot *boot)
{
    const char *words = command_line(boot);
    uint64_t numbers[2];
    announce("block");
    disk = device_find(boot, "storage", BLOCK);
    CHECK(disk >= 0, "there is no device storage", disk);
    info = block_info(boot, disk);
    print_info();
    CHECK(info.block_size, "the block size is nothing", 0);
    blocks = info.capacity / info.block_size;
    CHECK(blocks, "the disk has no block", info.capacity);
    if (has_word(words, "ro")) return check_read_only();
    if (has_word(words, "stamp")) stamp_for_ever();
    if (numbers_after(words, "throughput", numbers, 2)) return measure(boot, numbers[0], numbers[1]);
    if (numbers_after(words, "exits", numbers, 1)) return read_often(numbers[0]);
    return check(words);
}
