/* Has as many devices as a manifest can hold, and checks that each is what its handle says. */
#include "guest.h"

#define STORAGE(number) DEVICE("storage" #number, BLOCK)
#define TEN(tens) \
    STORAGE(tens##0); STORAGE(tens##1); STORAGE(tens##2); STORAGE(tens##3); STORAGE(tens##4); \
    STORAGE(tens##5); STORAGE(tens##6); STORAGE(tens##7); STORAGE(tens##8); STORAGE(tens##9)
TEN();
TEN(1);
TEN(2);
TEN(3);
TEN(4);
TEN(5);
STORAGE(60);
STORAGE(61);
STORAGE(62);

enum { DEVICES = 63, FIRST = 1, LAST = 63, MAX_BLOCK = 32768 };

static uint8_t buffer[MAX_BLOCK];

static uint64_t find(const struct boot *boot, unsigned number)
{
    char name[] = "storageNN";
    if (number < 10) {
        name[7] = (char)('0' + number);
        name[8] = 0;
    } else {
        name[7] = (char)('0' + number / 10);
        name[8] = (char)('0' + number % 10);
    }
    int device = device_find(boot, name, BLOCK);
    CHECK(device == (int)number + 1, "a device has another handle than its place in the manifest", device);
    CHECK(device_find(boot, name, NET) == -1, "a disk is a NIC, too", device);
    struct block_info info = block_info(boot, device);
    CHECK(info.block_size && info.block_size <= MAX_BLOCK, "the block size is out of range", info.block_size);
    CHECK(info.capacity >= info.block_size, "a disk has no block", number);
    return info.block_size;
}

static void write_block(int device, uint64_t size)
{
    memset(buffer, 'a' + device, size);
    CHECK(block_write(device, 0, buffer, size) == OK, "a write was refused, device", device);
}

static void expect_block(int device, uint64_t size)
{
    memset(buffer, 0, size);
    CHECK(block_read(device, 0, buffer, size) == OK, "a read was refused, device", device);
    for (uint64_t i = 0; i < size; i++)
        CHECK(buffer[i] == (uint8_t)('a' + device), "a disk holds other bytes than its own, device", device);
}

int guest_main(const struct boot *boot)
{
    uint64_t sizes[DEVICES];
    announce("many-devices");
    for (unsigned i = 0; i < DEVICES; i++) sizes[i] = find(boot, i);
    CHECK(device_find(boot, "storage63", BLOCK) == -1, "a device was found that is not declared", 63);
    write_block(FIRST, sizes[0]);
    write_block(LAST, sizes[DEVICES - 1]);
    expect_block(FIRST, sizes[0]);
    expect_block(LAST, sizes[DEVICES - 1]);
    return succeed();
}
