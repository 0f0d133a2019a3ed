/*
 * Draws random numbers, and prints them. Before each it looks whether its seed is another one; so no clone of a snapshot draws what
 * another does. With the word blind it never looks again, as guests do that know nothing of clones.
 */
#include "guest.h"
#include "../http/sha256.h"

static const uint64_t MILLISECOND = 1000000;

SEED(seed);

static uint64_t seeded_by;
static uint8_t state[32];

/* What there was counts on: a monitor that gives the same bytes twice, or none, does no harm. */
static void stir(const void *data, size_t size)
{
    struct sha256 digest;
    sha256_start(&digest);
    sha256_add(&digest, state, sizeof state);
    sha256_add(&digest, data, size);
    sha256_finish(&digest, state);
}

/* The bytes are of use to nobody else, so none stay where they came. */
static void seed_again(void)
{
    struct seed copy;
    copy.number = seed.number;
    for (unsigned i = 0; i < sizeof copy.bytes; i++) {
        copy.bytes[i] = seed.bytes[i];
        seed.bytes[i] = 0;
    }
    stir(&copy, sizeof copy);
    memset(&copy, 0, sizeof copy);
    __asm__ volatile("" : : "r"(&copy) : "memory");
    seeded_by = seed.number;
}

/* The number is told of the state by one way, and the next state by another: neither tells of the other, nor of what was. */
static uint64_t draw(void)
{
    struct sha256 digest;
    uint8_t result[32];
    uint64_t number;
    sha256_start(&digest);
    sha256_add(&digest, (const uint8_t *)"number", 6);
    sha256_add(&digest, state, sizeof state);
    sha256_finish(&digest, result);
    stir("next", 4);
    memcpy(&number, result, sizeof number);
    return number;
}

int guest_main(const struct boot *boot)
{
    const char *words = command_line(boot);
    uint64_t draws = 2, pause = 0, ready;
    bool blind = has_word(words, "blind");
    size_word(words, "draws=", &draws);
    size_word(words, "pause=", &pause);
    announce("random");
    for (uint64_t i = 0; i < draws; i++) {
        struct line line = {0};
        if (i > 0) poll(pause * MILLISECOND, &ready);
        if (seed.number != seeded_by && (i == 0 || !blind)) seed_again();
        add_text(&line, "seed ");
        add_decimal(&line, seeded_by);
        add_text(&line, ": ");
        add_hex(&line, draw());
        add_text(&line, "\n");
        print(&line);
    }
    return succeed();
}
