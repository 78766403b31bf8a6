/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Content digests (SHA-256)
 *
 * The version of an object is the hash of what it says: the same on every
 * replica and after every restart, so nobody has to agree on numbers. libcrypto
 * looks an algorithm up by name at every use unless it was fetched before, and
 * that costs more than hashing a kilobyte; so an owner fetches it once.
 *
 * Threads: one digest belongs to one thread.
 */

#include <stdint.h>

#include "base/slice.h"

#define GH_SHA256_BYTES 32

struct gh_digest;

struct gh_digest *gh_digest_new(void);
struct gh_digest *gh_digest_free(struct gh_digest *d);

void gh_digest_sha256(struct gh_digest *d, struct gh_slice s,
                      uint8_t ret[static GH_SHA256_BYTES]);
