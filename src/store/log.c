/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "store/store_internal.h"

/*
 * The change log of a type
 *
 * One entry for each slot that is shown or was deleted, in the order of the
 * last change; an older entry of the same slot is superseded and goes away when
 * half of the log is. So the log never exceeds twice the objects and the
 * remembered deletions, and reading it from the start is listing all objects.
 *
 * Deletions are remembered up to a bound, those of the last commit in any case.
 * A cursor older than the last forgotten one is told to start over.
 */

#define MIN_TOMBSTONES 1024
#define MIN_SUPERSEDED 64

/* Index of the first entry behind @seq. */
static size_t find_behind(const struct gh_type *t, uint64_t seq)
{
    size_t low = 0;
    size_t high = t->log.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (t->log.at[middle].seq <= seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void forget(struct gh_type *t, struct gh_log_entry *e)
{
    if (e->gone)
        t->tombstones--;
    gh_object_unref(e->gone);
    e->gone = NULL;
    e->slot->seq = 0;
    e->slot = NULL;
    t->superseded++;
}

static void add_entry(struct gh_slot *slot, struct gh_object *gone)
{
    struct gh_type *t = slot->type;

    if (slot->seq != 0) {
        size_t at = find_behind(t, slot->seq - 1);

        assert(at < t->log.count && t->log.at[at].slot == slot);
        forget(t, &t->log.at[at]);
    }
    slot->seq = ++t->last_seq;
    GH_VEC_PUSH(&t->log, (struct gh_log_entry){slot->seq, slot, gone});
    t->tombstones += gone != NULL;
}

void gh_log_put(struct gh_slot *slot)
{
    add_entry(slot, NULL);
}

void gh_log_delete(struct gh_slot *slot, struct gh_object *gone)
{
    add_entry(slot, gone);
}

static void forget_old_deletions(struct gh_type *t, size_t keep)
{
    for (size_t i = 0; t->tombstones > keep; i++) {
        struct gh_log_entry *e = &t->log.at[i];
        struct gh_slot *slot = e->slot;

        if (e->seq > t->settled_seq)
            break;
        if (!e->gone)
            continue;
        t->reset_below = e->seq;
        forget(t, e);
        if (!slot->shown && !slot->defs && !slot->listed)
            gh_slot_drop(slot);
    }
}

static void compact(struct gh_type *t)
{
    size_t kept = 0;

    for (size_t i = 0; i < t->log.count; i++)
        if (t->log.at[i].slot)
            t->log.at[kept++] = t->log.at[i];
    t->log.count = kept;
    t->superseded = 0;
}

void gh_log_trim(struct gh_type *t)
{
    size_t most =
        t->slots.count > MIN_TOMBSTONES ? t->slots.count : MIN_TOMBSTONES;

    if (t->tombstones > most)
        forget_old_deletions(t, most / 2);
    if (t->superseded > MIN_SUPERSEDED && t->superseded * 2 > t->log.count)
        compact(t);
    t->settled_seq = t->last_seq;
}

void gh_log_fini(struct gh_type *t)
{
    for (size_t i = 0; i < t->log.count; i++)
        gh_object_unref(t->log.at[i].gone);
    GH_VEC_FREE(&t->log);
}

bool gh_store_next_change(const struct gh_store *s, const struct gh_type *type,
                          uint64_t *cursor, struct gh_change *ret)
{
    (void)s;
    if (!type || *cursor >= type->last_seq)
        return false;
    if (*cursor > 0 && *cursor < type->reset_below) {
        *ret = (struct gh_change){.kind = GH_CHANGE_RESET};
        *cursor = 0;
        return true;
    }
    for (size_t i = find_behind(type, *cursor); i < type->log.count; i++) {
        const struct gh_log_entry *e = &type->log.at[i];

        if (!e->slot)
            continue;
        *cursor = e->seq;
        *ret = e->gone ? (struct gh_change){GH_CHANGE_DELETE, e->gone}
                       : (struct gh_change){GH_CHANGE_PUT, e->slot->shown};
        return true;
    }
    *cursor = type->last_seq;
    return false;
}
