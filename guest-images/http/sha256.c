#include "sha256.h"

static const uint32_t CONSTANTS[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t value, int count)
{
    return value >> count | value << (32 - count);
}

/* One round. The eight words do not move, what they are called does: the one called a is at the offset, which is known. */
static inline __attribute__((always_inline)) void round_of(uint32_t s[8], int offset, uint32_t word)
{
    uint32_t a = s[offset & 7], b = s[(offset + 1) & 7], c = s[(offset + 2) & 7], e = s[(offset + 4) & 7];
    uint32_t f = s[(offset + 5) & 7], g = s[(offset + 6) & 7];
    word += s[(offset + 7) & 7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g));
    s[(offset + 3) & 7] += word;
    s[(offset + 7) & 7] = word + (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
}

static void add_block(uint32_t state[8], const uint8_t *block)
{
    uint32_t words[64], s[8];
    memcpy(words, block, 64);
    memcpy(s, state, sizeof s);
    for (int i = 0; i < 16; i++) words[i] = __builtin_bswap32(words[i]);
    for (int i = 16; i < 64; i++) {
        uint32_t low = words[i - 15], high = words[i - 2];
        words[i] = words[i - 16] + words[i - 7] + (rotate(low, 7) ^ rotate(low, 18) ^ low >> 3) +
                   (rotate(high, 17) ^ rotate(high, 19) ^ high >> 10);
    }
    for (int i = 0; i < 64; i += 8) {
#pragma GCC unroll 8
        for (int j = 0; j < 8; j++) round_of(s, 8 - j, CONSTANTS[i + j] + words[i + j]);
    }
    for (int i = 0; i < 8; i++) state[i] += s[i];
}

void sha256_start(struct sha256 *digest)
{
    *digest = (struct sha256){.state = {
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    }};
}

void sha256_add(struct sha256 *digest, const uint8_t *data, size_t size)
{
    while (size) {
        size_t used = digest->size % sizeof digest->block, left = sizeof digest->block - used, part = size < left ? size : left;
        if (part == sizeof digest->block) {
            add_block(digest->state, data);
        } else {
            memcpy(digest->block + used, data, part);
            if (part == left) add_block(digest->state, digest->block);
        }
        digest->size += part;
        data += part;
        size -= part;
    }
}

void sha256_finish(struct sha256 *digest, uint8_t result[32])
{
    static const uint8_t padding[64] = {0x80};
    uint64_t bits = __builtin_bswap64(digest->size * 8);
    sha256_add(digest, padding, 1 + (119 - digest->size % 64) % 64);
    sha256_add(digest, (const uint8_t *)&bits, sizeof bits);
    for (int i = 0; i < 8; i++) {
        uint32_t word = __builtin_bswap32(digest->state[i]);
        memcpy(result + 4 * i, &word, sizeof word);
    }
}
