/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Nodes of a schema, whichever notation they were written in
 *
 * Patterns are compiled once per text: the Gateway kinds have 369 of them in a
 * dozen wordings. A finished node knows whether rules or list types wait below
 * it, so that a check does not walk where there is nothing to find.
 */

#include <stdlib.h>

#include "store/schema_internal.h"

void gh_schema_builder_init(struct gh_schema_builder *b, struct gh_arena *arena,
                            struct gh_err *err)
{
    *b = (struct gh_schema_builder){.arena = arena, .err = err};
    gh_map_init(&b->patterns);
}

void gh_schema_builder_fini(struct gh_schema_builder *b)
{
    gh_map_fini(&b->patterns);
}

struct gh_schema_node *gh_schema_node_new(struct gh_schema_builder *b)
{
    struct gh_schema_node *n = NULL;

    if (b->nodes++ < GH_SCHEMA_MAX_NODES)
        n = GH_ARENA_NEW(b->arena, struct gh_schema_node);
    if (!n) {
        gh_err_set(b->err, "the schema is too large");
        return NULL;
    }
    n->max_length = n->max_items = n->max_props = GH_SCHEMA_ABSENT;
    return n;
}

bool gh_schema_node_pattern(struct gh_schema_builder *b,
                            struct gh_schema_node *n, struct gh_slice text)
{
    struct gh_schema_pattern *p = gh_map_get(&b->patterns, text);
    struct gh_err why;

    if (!p) {
        p = GH_ARENA_NEW(b->arena, struct gh_schema_pattern);
        if (p)
            p->text = gh_arena_dup(b->arena, text);
        if (!p || !p->text.ptr) {
            gh_err_set(b->err, "the schema is too large");
            return false;
        }
        p->re = gh_re2_compile(text, b->arena, &why);
        if (!p->re) {
            gh_err_set(b->err, "pattern: %s", why.text);
            return false;
        }
        gh_map_put(&b->patterns, p->text, p);
    }
    n->pattern = p;
    return true;
}

struct gh_json gh_schema_copy(struct gh_schema_builder *b, struct gh_json v)
{
    struct gh_json_doc *doc = GH_ARENA_NEW(b->arena, struct gh_json_doc);
    struct gh_json copy = GH_JSON_NONE;
    struct gh_jsonw w;
    struct gh_slice text;
    struct gh_buf out;

    gh_buf_init(&out, 1 << 20);
    gh_jsonw_init(&w, &out);
    gh_jsonw_value(&w, v);
    text = gh_jsonw_rc(&w) == GH_OK ? gh_arena_dup(b->arena, gh_buf_slice(&out))
                                    : (struct gh_slice){NULL, 0};
    gh_buf_fini(&out);
    if (doc && text.ptr &&
        gh_json_parse(text, b->arena, NULL, doc, NULL) == GH_OK)
        copy = gh_json_root(doc);
    else
        gh_err_set(b->err, "the schema is too large");
    return copy;
}

static int by_name(const void *a, const void *b)
{
    const struct gh_schema_prop *x = a;
    const struct gh_schema_prop *y = b;

    return gh_slice_cmp(x->name, y->name);
}

const struct gh_schema_prop *gh_schema_prop_find(const struct gh_schema_node *n,
                                                 struct gh_slice name)
{
    size_t low = 0;
    size_t high = n->prop_count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = gh_slice_cmp(name, n->props[middle].name);

        if (order == 0)
            return &n->props[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static void below(struct gh_schema_node *n, const struct gh_schema_node *child)
{
    if (!child)
        return;
    n->flags |= child->flags & (GH_SCHEMA_F_RULES | GH_SCHEMA_F_LISTS);
    if (child->depth >= n->depth)
        n->depth = (uint16_t)(child->depth + 1);
}

static void below_all(struct gh_schema_node *n, struct gh_schema_nodes list)
{
    for (size_t i = 0; i < list.count; i++)
        below(n, list.at[i]);
}

bool gh_schema_node_finish(struct gh_schema_builder *b,
                           struct gh_schema_node *n)
{
    if (n->prop_count > 1)
        qsort((void *)(uintptr_t)n->props, n->prop_count, sizeof(*n->props),
              by_name);
    for (size_t i = 0; i < n->prop_count; i++)
        below(n, n->props[i].node);
    below(n, n->items);
    below(n, n->additional);
    below(n, n->not );
    below_all(n, n->all_of);
    below_all(n, n->any_of);
    below_all(n, n->one_of);
    if (n->rule_count > 0)
        n->flags |= GH_SCHEMA_F_RULES;
    if (n->order != GH_CEL_ORDERED)
        n->flags |= GH_SCHEMA_F_LISTS;
    if (n->depth <= GH_SCHEMA_MAX_DEPTH)
        return true;
    gh_err_set(b->err, "the schema is nested deeper than %d",
               GH_SCHEMA_MAX_DEPTH);
    return false;
}

bool gh_schema_finish(struct gh_schema_builder *b,
                      const struct gh_schema_node *root, struct gh_schema *ret)
{
    if (!gh_schema_compile_rules(b, root))
        return false;
    ret->root = root;
    ret->doubts = b->doubts;
    return true;
}

struct gh_slice gh_schema_unchecked(const struct gh_schema *s, size_t index)
{
    const struct gh_schema_doubt *d = s->doubts;

    for (; d && index > 0; index--)
        d = d->next;
    return d ? d->text : (struct gh_slice){NULL, 0};
}
