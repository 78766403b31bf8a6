/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Hash map from bytes to a pointer
 *
 * Open addressing, keyed hash. The map borrows its keys: they must live as
 * long as their entry, so most callers key by a name inside the value. Order
 * of iteration is arbitrary; whoever shows results to people sorts them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/slice.h"

struct gh_map_entry {
    struct gh_slice key;
    uint64_t hash;
    void *value; /* NULL: free, or gone when the key is not absent */
};

struct gh_map {
    struct gh_map_entry *at;
    size_t cap; /* a power of two, or 0 */
    size_t count;
    size_t used; /* count and those gone */
    struct gh_hash_key key;
};

void gh_map_init(struct gh_map *m);
void gh_map_fini(struct gh_map *m);
void gh_map_clear(struct gh_map *m);

/* Return: the value, or NULL. */
void *gh_map_get(const struct gh_map *m, struct gh_slice key);

/* @value is not NULL. Return: the value that was replaced, or NULL; the entry
 * then borrows the new key. */
void *gh_map_put(struct gh_map *m, struct gh_slice key, void *value);

/* Return: the value that was removed, or NULL. */
void *gh_map_del(struct gh_map *m, struct gh_slice key);

/* Starts with *@it = 0; the map may not change meanwhile, but the entry just
 * handed out may be deleted. Return: the next entry, or NULL. */
struct gh_map_entry *gh_map_next(const struct gh_map *m, size_t *it);
