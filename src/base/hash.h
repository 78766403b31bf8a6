/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Keyed hash for tables (SipHash-1-3)
 *
 * Names come from outside, so every table hashes with a random key of its own:
 * nobody can choose names that collide. Not for content versions, which must
 * be the same everywhere (wire/digest).
 */

#include <stdint.h>

#include "base/slice.h"

struct gh_hash_key {
    uint64_t k0;
    uint64_t k1;
};

/* A fresh random key, from getrandom(2). */
struct gh_hash_key gh_hash_key_new(void);

uint64_t gh_hash(struct gh_hash_key key, struct gh_slice s);
