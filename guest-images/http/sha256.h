/* SHA-256, FIPS 180-4. */
#ifndef SHA256_H
#define SHA256_H

#include "guest.h"

struct sha256 {
    uint32_t state[8];
    uint64_t size;
    uint8_t block[64];
};

void sha256_start(struct sha256 *digest);
void sha256_add(struct sha256 *digest, const uint8_t *data, size_t size);
void sha256_finish(struct sha256 *digest, uint8_t result[32]);

#endif
