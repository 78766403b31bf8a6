/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"

#define MIN_CAP 16

void gh_map_init(struct gh_map *m)
{
    *m = (struct gh_map){.key = gh_hash_key_new()};
}

void gh_map_fini(struct gh_map *m)
{
    free(m->at);
    *m = (struct gh_map){0};
}

void gh_map_clear(struct gh_map *m)
{
    if (m->cap > 0)
        memset(m->at, 0, m->cap * sizeof(*m->at));
    m->count = m->used = 0;
}

/* The entry of @key, or the first free one; there always is one. */
static struct gh_map_entry *find(const struct gh_map *m, struct gh_slice key,
                                 uint64_t hash)
{
    size_t i = (size_t)hash & (m->cap - 1);

    for (;; i = (i + 1) & (m->cap - 1)) {
        struct gh_map_entry *e = &m->at[i];

        if (!e->key.ptr)
            return e;
        if (e->value && e->hash == hash && gh_slice_eq(e->key, key))
            return e;
    }
}

void *gh_map_get(const struct gh_map *m, struct gh_slice key)
{
    if (m->count == 0)
        return NULL;
    return find(m, key, gh_hash(m->key, key))->value;
}

static void grow(struct gh_map *m)
{
    struct gh_map old = *m;

    m->cap = old.count * 4 < MIN_CAP ? MIN_CAP : old.cap;
    while (m->cap < old.count * 4)
        m->cap *= 2;
    m->at = gh_xcalloc(m->cap, sizeof(*m->at));
    m->used = m->count;
    for (size_t i = 0; i < old.cap; i++)
        if (old.at[i].value)
            *find(m, old.at[i].key, old.at[i].hash) = old.at[i];
    free(old.at);
}

void *gh_map_put(struct gh_map *m, struct gh_slice key, void *value)
{
    uint64_t hash = gh_hash(m->key, key);
    struct gh_map_entry *e;
    void *old;

    assert(value && key.ptr);
    if ((m->used + 1) * 3 > m->cap * 2)
        grow(m);
    e = find(m, key, hash);
    old = e->value;
    if (!old) {
        m->count++;
        m->used++;
    }
    *e = (struct gh_map_entry){key, hash, value};
    return old;
}

void *gh_map_del(struct gh_map *m, struct gh_slice key)
{
    struct gh_map_entry *e;
    void *old;

    if (m->count == 0)
        return NULL;
    e = find(m, key, gh_hash(m->key, key));
    old = e->value;
    if (!old)
        return NULL;
    *e = (struct gh_map_entry){.key = GH_SLICE("")}; /* gone, not free */
    m->count--;
    return old;
}

struct gh_map_entry *gh_map_next(const struct gh_map *m, size_t *it)
{
    while (*it < m->cap) {
        struct gh_map_entry *e = &m->at[(*it)++];

        if (e->value)
            return e;
    }
    return NULL;
}
