/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The object as it would be stored
 *
 * Defaults are filled in top-down, also into what a default itself brings. A
 * null that the schema does not allow is taken for a field that is not there:
 * it gets the default or goes. Unknown fields go. Where nothing of this is to
 * be done, which a first walk finds out, the object is left as it is.
 */

#include "store/schema_internal.h"

static bool is_dropped_null(const struct gh_schema_node *n, struct gh_json v)
{
    return gh_json_is(v, GH_JSON_NULL) && n &&
           !(n->flags & GH_SCHEMA_F_NULLABLE);
}

static const struct gh_schema_node *child_of(const struct gh_schema_node *n,
                                             struct gh_slice name)
{
    const struct gh_schema_prop *p = gh_schema_prop_find(n, name);

    return p ? p->node : n->additional;
}

static bool incomplete(const struct gh_schema_node *n, struct gh_json v);

static bool object_incomplete(const struct gh_schema_node *n, struct gh_json v)
{
    for (size_t i = 0; i < n->prop_count; i++)
        if (n->props[i].node->otherwise.doc &&
            gh_json_is(gh_json_getn(v, n->props[i].name), GH_JSON_MISSING))
            return true;
    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);) {
        const struct gh_schema_node *child = child_of(n, it.name);

        if (child &&
            (is_dropped_null(child, it.value) || incomplete(child, it.value)))
            return true;
    }
    return false;
}

static bool incomplete(const struct gh_schema_node *n, struct gh_json v)
{
    if (gh_json_is(v, GH_JSON_OBJECT))
        return object_incomplete(n, v);
    if (!gh_json_is(v, GH_JSON_ARRAY) || !n->items)
        return false;
    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);)
        if ((is_dropped_null(n->items, it.value) && n->items->otherwise.doc) ||
            incomplete(n->items, it.value))
            return true;
    return false;
}

static void put(struct gh_jsonw *w, const struct gh_schema_node *n,
                struct gh_json v, bool keep);

static void put_member(struct gh_jsonw *w, const struct gh_schema_node *child,
                       const struct gh_json_iter *it)
{
    struct gh_json v = it->value;

    if (is_dropped_null(child, v))
        v = child->otherwise;
    if (!v.doc)
        return;
    gh_jsonw_key(w, it->name);
    put(w, child, v, false);
}

static bool own_meta(const struct gh_schema_node *n, struct gh_slice name,
                     bool root)
{
    return (root || (n && n->flags & GH_SCHEMA_F_EMBEDDED)) &&
           (gh_slice_is(name, "apiVersion") || gh_slice_is(name, "kind") ||
            gh_slice_is(name, "metadata"));
}

static void put_object(struct gh_jsonw *w, const struct gh_schema_node *n,
                       struct gh_json v, bool keep)
{
    bool root = w->depth == 0;

    gh_jsonw_object(w);
    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);) {
        const struct gh_schema_node *child = n ? child_of(n, it.name) : NULL;
        bool open = n && n->flags & GH_SCHEMA_F_ADDITIONAL;

        if (gh_json_getn(v, it.name).at != it.value.at)
            continue; /* repeated: the last one counts */
        if (own_meta(n, it.name, root) || (keep && !child && !open)) {
            gh_jsonw_key(w, it.name);
            gh_jsonw_value(w, it.value);
        } else if (child) {
            put_member(w, child, &it);
        } else if (open) {
            gh_jsonw_key(w, it.name);
            put(w, NULL, it.value, false);
        }
    }
    for (size_t i = 0; n && i < n->prop_count; i++) {
        const struct gh_schema_node *child = n->props[i].node;

        if (!child->otherwise.doc ||
            !gh_json_is(gh_json_getn(v, n->props[i].name), GH_JSON_MISSING))
            continue;
        gh_jsonw_key(w, n->props[i].name);
        put(w, child, child->otherwise, false);
    }
    gh_jsonw_end(w);
}

/* @keep: unknown fields stay. */
static void put(struct gh_jsonw *w, const struct gh_schema_node *n,
                struct gh_json v, bool keep)
{
    if (n && n->flags & GH_SCHEMA_F_PRESERVE)
        keep = true;
    if (w->depth + 1 >= GH_JSONW_MAX_DEPTH) {
        gh_jsonw_null(w);
        return;
    }
    if (gh_json_is(v, GH_JSON_OBJECT)) {
        put_object(w, n, v, keep);
    } else if (gh_json_is(v, GH_JSON_ARRAY)) {
        const struct gh_schema_node *items = n ? n->items : NULL;

        gh_jsonw_array(w);
        for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);)
            if (items && items->otherwise.doc &&
                is_dropped_null(items, it.value))
                put(w, items, items->otherwise, keep);
            else
                put(w, items, it.value, keep);
        gh_jsonw_end(w);
    } else {
        gh_jsonw_value(w, v);
    }
}

static enum gh_rc rewrite(const struct gh_schema_node *root, struct gh_json v,
                          struct gh_arena *arena, struct gh_json *ret)
{
    struct gh_json_doc *doc = GH_ARENA_NEW(arena, struct gh_json_doc);
    struct gh_slice text = {NULL, 0};
    struct gh_jsonw w;
    struct gh_buf out;
    enum gh_rc rc;

    gh_buf_init(&out, 64u << 20);
    gh_jsonw_init(&w, &out);
    put(&w, root, v, false);
    if (gh_jsonw_rc(&w) == GH_OK)
        text = gh_arena_dup(arena, gh_buf_slice(&out));
    gh_buf_fini(&out);
    if (!doc || !text.ptr)
        return GH_ETOOBIG;
    rc = gh_json_parse(text, arena, NULL, doc, NULL);
    if (rc == GH_OK)
        *ret = gh_json_root(doc);
    return rc == GH_OK ? GH_OK : GH_ETOOBIG;
}

enum gh_rc gh_schema_rewrite(struct gh_schema_check *c, struct gh_json object)
{
    const struct gh_schema_node *root = c->schema->root;

    c->object = object;
    if (!gh_json_is(object, GH_JSON_OBJECT) ||
        (!c->rewrite && !incomplete(root, object)))
        return GH_OK;
    return rewrite(root, object, c->arena, &c->object);
}
