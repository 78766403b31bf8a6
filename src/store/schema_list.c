/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Lists that are sets or maps: nothing may occur twice
 *
 * Elements (of maps: their keys) are compared one by one in short lists and
 * through a table in long ones, so that no list makes this quadratic. Like the
 * API server, the second occurrence is told, further ones are not.
 */

#include "store/schema_internal.h"

#define FEW 16

/* Whether the two are the same element, or have the same key. */
static bool same(const struct gh_schema_node *n, struct gh_json a,
                 struct gh_json b)
{
    if (n->order == GH_CEL_SET)
        return gh_json_equal(a, b);
    for (size_t i = 0; i < n->key_count; i++) {
        struct gh_json x = gh_json_getn(a, n->keys[i]);
        struct gh_json y = gh_json_getn(b, n->keys[i]);
        bool gone = gh_json_is(x, GH_JSON_MISSING);

        if (gone != gh_json_is(y, GH_JSON_MISSING) ||
            (!gone && !gh_json_equal(x, y)))
            return false;
    }
    return true;
}

static void twice(struct gh_schema_check *c, const struct gh_schema_node *n,
                  struct gh_json v, const struct gh_schema_step *at)
{
    struct gh_buf key;

    gh_buf_init(&key, 400);
    for (size_t i = 0; i < n->key_count && n->order == GH_CEL_KEYED; i++)
        gh_buf_addf(&key, "%s%.*s %.*s", i > 0 ? ", " : "", GH_FMT(n->keys[i]),
                    GH_FMT(gh_slice_head(
                        gh_json_raw(gh_json_getn(v, n->keys[i])), 60)));
    if (gh_buf_rc(&key) == GH_OK && key.len > 0)
        gh_schema_report(c, at, GH_SCHEMA_DUPLICATE,
                         "occurs twice (the same %.*s)",
                         GH_FMT(gh_buf_slice(&key)));
    else
        gh_schema_report(c, at, GH_SCHEMA_DUPLICATE, "occurs twice");
    gh_buf_fini(&key);
}

static void compare_few(struct gh_schema_check *c,
                        const struct gh_schema_node *n,
                        const struct gh_json *list, size_t count,
                        const struct gh_schema_step *at)
{
    for (size_t i = 1; i < count; i++) {
        size_t times = 0;
        struct gh_schema_step step = {.up = at, .index = i};

        for (size_t k = 0; k < i; k++)
            times += same(n, list[k], list[i]);
        if (times == 1)
            twice(c, n, list[i], &step);
    }
}

/* One text for each element or key, the same for the same. */
static struct gh_slice canonical(struct gh_schema_check *c,
                                 const struct gh_schema_node *n,
                                 struct gh_json v)
{
    struct gh_slice text = {NULL, 0};
    struct gh_buf out;

    gh_buf_init(&out, 16u << 20);
    if (n->order == GH_CEL_SET && gh_json_canonical(v, c->arena, &out) != GH_OK)
        c->out_of_memory = true;
    for (size_t i = 0; i < n->key_count && n->order == GH_CEL_KEYED; i++) {
        struct gh_json key = gh_json_getn(v, n->keys[i]);

        gh_buf_addc(&out, ',');
        if (!gh_json_is(key, GH_JSON_MISSING) &&
            gh_json_canonical(key, c->arena, &out) != GH_OK)
            c->out_of_memory = true;
    }
    if (gh_buf_rc(&out) == GH_OK)
        text = gh_arena_dup(c->arena, gh_buf_slice(&out));
    gh_buf_fini(&out);
    if (!text.ptr)
        c->out_of_memory = true;
    return text;
}

static void compare_many(struct gh_schema_check *c,
                         const struct gh_schema_node *n,
                         const struct gh_json *list, size_t count,
                         const struct gh_schema_step *at)
{
    void *more = (void *)(uintptr_t)(list + count); /* twice or oftener */
    struct gh_map seen;

    gh_map_init(&seen);
    for (size_t i = 0; i < count && !c->out_of_memory; i++) {
        struct gh_slice key = canonical(c, n, list[i]);
        struct gh_schema_step step = {.up = at, .index = i};
        void *was = key.ptr ? gh_map_get(&seen, key) : NULL;

        if (!key.ptr)
            break;
        if (was && was != more)
            twice(c, n, list[i], &step);
        gh_map_put(&seen, key, was ? more : (void *)(uintptr_t)(list + i));
    }
    gh_map_fini(&seen);
}

static void unique(struct gh_schema_check *c, const struct gh_schema_node *n,
                   struct gh_json v, const struct gh_schema_step *at)
{
    size_t count = gh_json_count(v);
    struct gh_json *list;
    size_t i = 0;

    if (count == 0)
        return;
    list = GH_ARENA_ARRAY(c->arena, struct gh_json, count);
    if (!list) {
        c->out_of_memory = true;
        return;
    }
    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it); i++) {
        struct gh_schema_step step = {.up = at, .index = i};

        list[i] = it.value;
        if (n->order == GH_CEL_KEYED && gh_json_given(it.value) &&
            !gh_json_is(it.value, GH_JSON_OBJECT)) {
            gh_schema_report(c, &step, GH_SCHEMA_INVALID, "must be an object");
            return;
        }
    }
    if (count <= FEW)
        compare_few(c, n, list, count, at);
    else
        compare_many(c, n, list, count, at);
}

void gh_schema_lists(struct gh_schema_check *c, const struct gh_schema_node *n,
                     struct gh_json v, const struct gh_schema_step *at)
{
    if (!(n->flags & GH_SCHEMA_F_LISTS))
        return;
    if (gh_json_is(v, GH_JSON_ARRAY)) {
        struct gh_schema_step step = {.up = at};

        if (n->order != GH_CEL_ORDERED)
            unique(c, n, v, at);
        for (struct gh_json_iter it = gh_json_iter(v);
             n->items && gh_json_next(&it); step.index++)
            gh_schema_lists(c, n->items, it.value, &step);
        return;
    }
    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);) {
        const struct gh_schema_prop *p = gh_schema_prop_find(n, it.name);
        struct gh_schema_step step = {.up = at, .name = it.name, .key = !p};

        if (!at && c->schema->has_status && gh_slice_is(it.name, "status"))
            continue;
        if (p || n->additional)
            gh_schema_lists(c, p ? p->node : n->additional, it.value, &step);
    }
}
