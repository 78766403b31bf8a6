/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "store/store_internal.h"

/*
 * Objects of a type by label
 *
 * Built when a label of the type is first asked for, and kept in step from then
 * on. One bucket for each pair of key and value, its slots in order.
 */

struct bucket {
    struct gh_slots slots;
    size_t len;
    char key[]; /* label NUL value */
};

struct gh_labels {
    struct gh_map buckets;
    bool built;
};

struct gh_labels *gh_labels_new(void)
{
    struct gh_labels *l = GH_XNEW(struct gh_labels);

    gh_map_init(&l->buckets);
    return l;
}

struct gh_labels *gh_labels_free(struct gh_labels *l)
{
    struct gh_map_entry *e;
    size_t it = 0;

    if (!l)
        return NULL;
    while ((e = gh_map_next(&l->buckets, &it))) {
        struct bucket *b = e->value;

        GH_VEC_FREE(&b->slots);
        gh_free(b);
    }
    gh_map_fini(&l->buckets);
    gh_free(l);
    return NULL;
}

static struct bucket *find_bucket(const struct gh_labels *l, struct gh_slice k,
                                  struct gh_slice v)
{
    struct gh_key key;

    if (k.len > GH_STORE_MAX_NAME || v.len > GH_STORE_MAX_NAME)
        return NULL;
    gh_key_set(&key, k, v);
    return gh_map_get(&l->buckets, gh_key_slice(&key));
}

static struct bucket *add_bucket(struct gh_labels *l, struct gh_slice k,
                                 struct gh_slice v)
{
    struct bucket *b = find_bucket(l, k, v);
    struct gh_key key;

    if (b)
        return b;
    gh_key_set(&key, k, v);
    b = gh_xcalloc(1, sizeof(*b) + key.len);
    b->len = key.len;
    memcpy(b->key, key.text, key.len);
    (void)gh_map_put(&l->buckets, gh_slice_of(b->key, b->len), b);
    return b;
}

static struct gh_json labels_of(const struct gh_object *o)
{
    return gh_json_get(gh_json_get(gh_object_root(o), "metadata"), "labels");
}

/* No label that Kubernetes accepts is longer, and none holds a NUL. */
static bool is_indexed(struct gh_slice key, struct gh_slice value)
{
    return value.ptr && key.len <= GH_STORE_MAX_NAME &&
           value.len <= GH_STORE_MAX_NAME &&
           gh_slice_find(key, '\0') == key.len;
}

static void add_labels(struct gh_labels *l, struct gh_slot *slot,
                       const struct gh_object *o)
{
    for (struct gh_json_iter it = gh_json_iter(labels_of(o));
         gh_json_next(&it);) {
        struct gh_slice value = gh_json_str(it.value);
        struct gh_slots *slots;

        if (!is_indexed(it.name, value))
            continue;
        slots = &add_bucket(l, it.name, value)->slots;
        gh_slots_insert(slots, gh_slots_find(slots, slot->key), slot);
    }
}

void gh_labels_add(struct gh_labels *l, struct gh_slot *slot,
                   const struct gh_object *o)
{
    if (l->built)
        add_labels(l, slot, o);
}

void gh_labels_del(struct gh_labels *l, struct gh_slot *slot,
                   const struct gh_object *o)
{
    if (!l->built)
        return;
    for (struct gh_json_iter it = gh_json_iter(labels_of(o));
         gh_json_next(&it);) {
        struct gh_slice value = gh_json_str(it.value);
        struct bucket *b;
        size_t at;

        if (!is_indexed(it.name, value))
            continue;
        b = find_bucket(l, it.name, value);
        assert(b);
        at = gh_slots_find(&b->slots, slot->key);
        assert(at < b->slots.count && b->slots.at[at] == slot);
        gh_slots_remove(&b->slots, at);
        if (b->slots.count > 0)
            continue;
        (void)gh_map_del(&l->buckets, gh_slice_of(b->key, b->len));
        GH_VEC_FREE(&b->slots);
        gh_free(b);
    }
}

const struct gh_slots *gh_labels_find(const struct gh_type *t,
                                      struct gh_slice key,
                                      struct gh_slice value)
{
    struct gh_labels *l = t->labels;
    struct bucket *b;

    for (size_t i = 0; !l->built && i < t->slots.count; i++)
        add_labels(l, t->slots.at[i], t->slots.at[i]->shown);
    l->built = true;
    b = find_bucket(l, key, value);
    return b ? &b->slots : NULL;
}
