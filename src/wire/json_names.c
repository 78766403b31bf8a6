/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "wire/json_internal.h"

/*
 * Duplicate names, in the objects where it was not decided while parsing
 *
 * By now all names are decoded. Few members are compared with each other; many
 * go through a table under a random key, so that nobody can choose names that
 * collide. The table holds four bytes a member, a fraction of what the tape
 * already took from the arena, so it is bounded by the arena's cap.
 */

static struct gh_slice text_of(const struct gh_json_doc *doc, uint32_t key)
{
    return gh_json_str((struct gh_json){doc, key});
}

static bool few(struct gh_json_parser *p, const struct gh_json_doc *doc,
                uint32_t object)
{
    const struct gh_json_node *nodes = doc->nodes;
    uint32_t end = nodes[object].next;

    for (uint32_t i = object + 1; i < end; i = gh_json_behind(nodes, i + 1))
        for (uint32_t j = object + 1; j < i; j = gh_json_behind(nodes, j + 1))
            if (gh_slice_eq(text_of(doc, i), text_of(doc, j)) &&
                !gh_json_repeated(p, object, i))
                return false;
    return true;
}

/* Where @name is in the table, or the free place where it belongs. A place is
 * the index of the name's node; that is never 0, which is the root. */
static uint32_t *slot(const struct gh_json_index *ix, struct gh_slice name)
{
    size_t i = (size_t)gh_hash(ix->secret, name) & ix->mask;

    for (; ix->table[i] != 0; i = (i + 1) & ix->mask)
        if (gh_slice_eq(text_of(ix->object.doc, ix->table[i]), name))
            break;
    return &ix->table[i];
}

static bool make_table(struct gh_json_index *ix, size_t members)
{
    size_t cap = 64;

    while (cap < members * 2)
        cap *= 2;
    ix->mask = cap - 1;
    ix->table = calloc(cap, sizeof(*ix->table));
    if (ix->table)
        ix->secret = gh_hash_key_new();
    return ix->table != NULL;
}

void gh_json_index_init(struct gh_json_index *ix, struct gh_json object)
{
    size_t members = gh_json_count(object);

    *ix = (struct gh_json_index){.object = object};
    if (members <= GH_JSON_FEW_MEMBERS || !make_table(ix, members))
        return;
    for (struct gh_json_iter it = gh_json_iter(object); gh_json_next(&it);)
        *slot(ix, it.name) = it.key.at;
}

void gh_json_index_fini(struct gh_json_index *ix)
{
    free(ix->table);
    ix->table = NULL;
}

struct gh_json gh_json_find(const struct gh_json_index *ix,
                            struct gh_slice name)
{
    uint32_t key;

    if (!ix->table)
        return gh_json_getn(ix->object, name);
    key = *slot(ix, name);
    return key ? (struct gh_json){ix->object.doc, key + 1} : GH_JSON_NONE;
}

static bool many(struct gh_json_parser *p, const struct gh_json_doc *doc,
                 uint32_t object, size_t members)
{
    struct gh_json_index ix = {.object = {doc, object}};
    bool ok = true;

    if (!make_table(&ix, members)) {
        (void)gh_json_fail(p, NULL, "out of memory");
        p->rc = GH_ENOMEM;
        return false;
    }
    for (struct gh_json_iter it = gh_json_iter(ix.object);
         ok && gh_json_next(&it);) {
        uint32_t *at = slot(&ix, it.name);

        if (*at != 0)
            ok = gh_json_repeated(p, object, it.key.at);
        *at = it.key.at;
    }
    gh_json_index_fini(&ix);
    return ok;
}

bool gh_json_check_names(struct gh_json_parser *p,
                         const struct gh_json_doc *doc)
{
    for (uint32_t i = 0; i < p->count; i++) {
        size_t members;
        bool ok;

        if (!(p->nodes[i].flags & GH_JSON_F_CHECK))
            continue;
        p->nodes[i].flags &= (uint8_t)~GH_JSON_F_CHECK;
        members = gh_json_count((struct gh_json){doc, i});
        ok = members <= GH_JSON_FEW_MEMBERS ? few(p, doc, i)
                                            : many(p, doc, i, members);
        if (!ok)
            return false;
    }
    return true;
}
