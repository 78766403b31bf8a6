/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdlib.h>

#include "store/store_internal.h"

/*
 * A type: its slots by name and in order
 *
 * The order is one sorted array, so a namespace is a stretch of it. A commit of
 * a few objects moves the array's tail; one of many sorts once.
 */

#define FEW 16

struct gh_type *gh_type_new(struct gh_slice group, struct gh_slice kind)
{
    struct gh_type *t = GH_XNEW(struct gh_type);

    gh_key_set(&t->key, group, kind);
    gh_map_init(&t->by_key);
    t->cut = gh_cut_new();
    t->labels = gh_labels_new();
    return t;
}

struct gh_type *gh_type_free(struct gh_type *t)
{
    size_t it = 0;
    struct gh_map_entry *e;

    if (!t)
        return NULL;
    gh_log_fini(t);
    while ((e = gh_map_next(&t->by_key, &it))) {
        struct gh_slot *slot = e->value;

        gh_object_unref(slot->shown);
        gh_free(slot);
    }
    gh_map_fini(&t->by_key);
    gh_labels_free(t->labels);
    gh_cut_free(t->cut);
    GH_VEC_FREE(&t->slots);
    GH_VEC_FREE(&t->added);
    gh_free(t);
    return NULL;
}

struct gh_slot *gh_type_slot(struct gh_type *t, struct gh_slice key)
{
    struct gh_slot *slot = gh_map_get(&t->by_key, key);
    char *text;

    if (slot)
        return slot;
    slot = gh_xcalloc(1, sizeof(*slot) + key.len);
    text = (char *)(slot + 1);
    memcpy(text, key.ptr, key.len);
    slot->type = t;
    slot->key = gh_slice_of(text, key.len);
    (void)gh_map_put(&t->by_key, slot->key, slot);
    return slot;
}

void gh_slot_drop(struct gh_slot *slot)
{
    assert(!slot->shown && !slot->defs && !slot->listed);
    if (slot->seq != 0 || slot->touched)
        return; /* the log or the commit needs it still */
    (void)gh_map_del(&slot->type->by_key, slot->key);
    gh_free(slot);
}

/* --- order ---------------------------------------------------------------- */

size_t gh_slots_find(const struct gh_slots *s, struct gh_slice key)
{
    size_t low = 0;
    size_t high = s->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (gh_slice_cmp(s->at[middle]->key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void gh_slots_insert(struct gh_slots *s, size_t at, struct gh_slot *slot)
{
    GH_VEC_PUSH(s, slot);
    memmove(s->at + at + 1, s->at + at,
            (s->count - 1 - at) * sizeof(struct gh_slot *));
    s->at[at] = slot;
}

void gh_slots_remove(struct gh_slots *s, size_t at)
{
    s->count--;
    memmove(s->at + at, s->at + at + 1,
            (s->count - at) * sizeof(struct gh_slot *));
}

static int compare_slots(const void *a, const void *b)
{
    const struct gh_slot *const *x = a;
    const struct gh_slot *const *y = b;

    return gh_slice_cmp((*x)->key, (*y)->key);
}

void gh_slot_show(struct gh_slot *slot, struct gh_object *o)
{
    struct gh_type *t = slot->type;
    struct gh_object *old = slot->shown;

    if (old)
        gh_labels_del(t->labels, slot, old);
    slot->shown = o;
    if (!o) {
        t->removed++;
        gh_log_delete(slot, old);
        return;
    }
    (void)gh_object_ref(o);
    t->stored = true;
    gh_labels_add(t->labels, slot, o);
    if (!slot->listed) {
        GH_VEC_PUSH(&t->added, slot);
        slot->listed = true;
    } else if (!old) {
        t->removed--;
    }
    gh_log_put(slot);
    gh_object_unref(old);
}

static void take_out(struct gh_type *t)
{
    size_t kept = 0;

    for (size_t i = 0; i < t->slots.count; i++) {
        struct gh_slot *slot = t->slots.at[i];

        slot->listed = slot->shown != NULL;
        if (slot->listed)
            t->slots.at[kept++] = slot;
    }
    t->slots.count = kept;
}

static void put_in(struct gh_type *t)
{
    if (t->added.count <= FEW) {
        for (size_t i = 0; i < t->added.count; i++)
            gh_slots_insert(&t->slots,
                            gh_slots_find(&t->slots, t->added.at[i]->key),
                            t->added.at[i]);
        return;
    }
    for (size_t i = 0; i < t->added.count; i++)
        GH_VEC_PUSH(&t->slots, t->added.at[i]);
    qsort(t->slots.at, t->slots.count, sizeof(struct gh_slot *), compare_slots);
}

void gh_type_settle(struct gh_type *t)
{
    if (t->removed > 0)
        take_out(t);
    if (t->added.count > 0)
        put_in(t);
    t->added.count = 0;
    t->removed = 0;
    gh_log_trim(t);
}
