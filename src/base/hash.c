/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <stdlib.h>
#include <sys/random.h>

struct gh_hash_key gh_hash_key_new(void)
{
    struct gh_hash_key key;

    if (getrandom(&key, sizeof(key), 0) != (ssize_t)sizeof(key))
        abort(); /* cannot happen for 16 bytes once the kernel has booted */
    return key;
}

static uint64_t rotl(uint64_t x, int bits)
{
    return (x << bits) | (x >> (64 - bits));
}

struct sip {
    uint64_t v0, v1, v2, v3;
};

static void sip_round(struct sip *s)
{
    s->v0 += s->v1;
    s->v1 = rotl(s->v1, 13) ^ s->v0;
    s->v0 = rotl(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = rotl(s->v3, 16) ^ s->v2;
    s->v0 += s->v3;
    s->v3 = rotl(s->v3, 21) ^ s->v0;
    s->v2 += s->v1;
    s->v1 = rotl(s->v1, 17) ^ s->v2;
    s->v2 = rotl(s->v2, 32);
}

static void sip_word(struct sip *s, uint64_t word)
{
    s->v3 ^= word;
    sip_round(s);
    s->v0 ^= word;
}

uint64_t gh_hash(struct gh_hash_key key, struct gh_slice s)
{
    struct sip state = {
        key.k0 ^ 0x736f6d6570736575u,
        key.k1 ^ 0x646f72616e646f6du,
        key.k0 ^ 0x6c7967656e657261u,
        key.k1 ^ 0x7465646279746573u,
    };
    uint64_t last = (uint64_t)s.len << 56;
    size_t whole = s.len & ~(size_t)7;
    uint64_t word;

    for (size_t i = 0; i < whole; i += 8) {
        memcpy(&word, s.ptr + i, 8);
        sip_word(&state, word);
    }
    for (size_t i = whole; i < s.len; i++)
        last |= (uint64_t)(unsigned char)s.ptr[i] << (8 * (i - whole));
    sip_word(&state, last);
    state.v2 ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(&state);
    return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}
