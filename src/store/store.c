/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "store/store_internal.h"

#define DEFAULT_MAX_BYTES ((size_t)4 << 30)
#define DEFAULT_MAX_OBJECT_BYTES ((size_t)4 << 20)
#define SCRATCH_FACTOR 40 /* tape and sorting for one object's JSON */

struct gh_store *gh_store_new(const struct gh_store_options *opt)
{
    struct gh_store *s = GH_XNEW(struct gh_store);

    s->max_bytes = opt && opt->max_bytes ? opt->max_bytes : DEFAULT_MAX_BYTES;
    s->max_object_bytes = opt && opt->max_object_bytes
                              ? opt->max_object_bytes
                              : DEFAULT_MAX_OBJECT_BYTES;
    s->digest = gh_digest_new();
    gh_map_init(&s->types);
    gh_map_init(&s->scopes);
    gh_arena_init(&s->scratch,
                  s->max_object_bytes * SCRATCH_FACTOR + (1u << 20));
    gh_buf_init(&s->cut, s->max_object_bytes);
    return s;
}

static void free_scope(struct gh_scope *scope)
{
    for (size_t i = 0; i < scope->defs.count; i++) {
        gh_object_unref(scope->defs.at[i]->object);
        gh_free(scope->defs.at[i]);
    }
    GH_VEC_FREE(&scope->defs);
    GH_VEC_FREE(&scope->faults);
    gh_unwanted_fini(&scope->unwanted);
    gh_free(scope);
}

struct gh_store *gh_store_free(struct gh_store *s)
{
    if (!s)
        return NULL;
    assert(!s->in_txn);
    for (size_t i = 0; i < s->scope_list.count; i++)
        free_scope(s->scope_list.at[i]);
    for (size_t i = 0; i < s->type_list.count; i++)
        gh_type_free(s->type_list.at[i]);
    GH_VEC_FREE(&s->scope_list);
    GH_VEC_FREE(&s->type_list);
    GH_VEC_FREE(&s->disputed);
    GH_VEC_FREE(&s->faults);
    gh_unwanted_fini(&s->unwanted);
    gh_map_fini(&s->types);
    gh_map_fini(&s->scopes);
    gh_arena_fini(&s->scratch);
    gh_buf_fini(&s->cut);
    gh_digest_free(s->digest);
    gh_free(s);
    return NULL;
}

struct gh_type *gh_store_find_type(const struct gh_store *s,
                                   struct gh_slice group, struct gh_slice kind)
{
    struct gh_key key;

    if (group.len > GH_STORE_MAX_NAME || kind.len > GH_STORE_MAX_NAME)
        return NULL;
    gh_key_set(&key, group, kind);
    return gh_map_get(&s->types, gh_key_slice(&key));
}

void gh_store_want(struct gh_store *s, const struct gh_want *rows, size_t count)
{
    assert(s->commits == 0 && !s->in_txn);
    for (size_t i = 0; i < count; i++) {
        struct gh_slice group = gh_slice_str(rows[i].group);
        struct gh_slice kind = gh_slice_str(rows[i].kind);
        struct gh_type *t = gh_store_find_type(s, group, kind);

        if (!t) {
            t = gh_type_new(group, kind);
            GH_VEC_PUSH(&s->type_list, t);
            (void)gh_map_put(&s->types, gh_key_slice(&t->key), t);
        }
        gh_cut_add(t->cut, &rows[i]);
    }
}

/* --- reading -------------------------------------------------------------- */

const struct gh_type *gh_store_type(const struct gh_store *s,
                                    struct gh_slice group, struct gh_slice kind)
{
    const struct gh_type *t = gh_store_find_type(s, group, kind);

    return t && t->stored ? t : NULL;
}

const struct gh_object *gh_store_get(const struct gh_store *s,
                                     const struct gh_type *type,
                                     struct gh_slice ns, struct gh_slice name)
{
    const struct gh_slot *slot;
    struct gh_key key;

    (void)s;
    if (!type || ns.len > GH_STORE_MAX_NAME || name.len > GH_STORE_MAX_NAME)
        return NULL;
    gh_key_set(&key, ns, name);
    slot = gh_map_get(&type->by_key, gh_key_slice(&key));
    return slot ? slot->shown : NULL;
}

static struct gh_slice namespace_of(const struct gh_slot *slot)
{
    return gh_slice_head(slot->key, gh_slice_find(slot->key, '\0'));
}

static struct gh_store_iter iterate(const struct gh_slots *slots,
                                    struct gh_slice ns)
{
    struct gh_store_iter it = {.at = slots};
    struct gh_key key;

    if (!slots || !ns.ptr)
        return it;
    if (ns.len > GH_STORE_MAX_NAME)
        return (struct gh_store_iter){0};
    gh_key_set(&key, ns, GH_SLICE(""));
    it.index = gh_slots_find(slots, gh_key_slice(&key));
    if (it.index == slots->count ||
        !gh_slice_eq(namespace_of(slots->at[it.index]), ns))
        return (struct gh_store_iter){0};
    it.within = slots->at[it.index];
    return it;
}

struct gh_store_iter gh_store_list(const struct gh_store *s,
                                   const struct gh_type *type,
                                   struct gh_slice ns)
{
    (void)s;
    return iterate(type ? &type->slots : NULL, ns);
}

struct gh_store_iter gh_store_by_label(const struct gh_store *s,
                                       const struct gh_type *type,
                                       struct gh_slice ns, struct gh_slice key,
                                       struct gh_slice value)
{
    (void)s;
    return iterate(type ? gh_labels_find(type, key, value) : NULL, ns);
}

bool gh_store_next(struct gh_store_iter *it)
{
    const struct gh_slots *slots = it->at;
    const struct gh_slot *first = it->within;
    const struct gh_slot *slot;

    it->object = NULL;
    if (!slots || it->index == slots->count)
        return false;
    slot = slots->at[it->index];
    if (first && !gh_slice_eq(namespace_of(slot), namespace_of(first)))
        return false;
    it->index++;
    it->object = slot->shown;
    return true;
}

uint64_t gh_store_revision(const struct gh_store *s)
{
    return s->revision;
}

struct gh_store_stats gh_store_stats(const struct gh_store *s)
{
    return s->stats;
}

size_t gh_store_fault_count(const struct gh_store *s)
{
    return s->faults.count;
}

const struct gh_fault *gh_store_fault(const struct gh_store *s, size_t index)
{
    return index < s->faults.count ? &s->faults.at[index] : NULL;
}

bool gh_store_unwanted(const struct gh_store *s, size_t index,
                       struct gh_slice *ret_group, struct gh_slice *ret_kind,
                       size_t *ret_count)
{
    if (index >= s->unwanted.count)
        return false;
    *ret_group = gh_slice_str(s->unwanted.at[index].group);
    *ret_kind = gh_slice_str(s->unwanted.at[index].kind);
    *ret_count = s->unwanted.at[index].count;
    return true;
}
