/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Unknown fields
 *
 * What a schema does not name is dropped by the API server, or refused when it
 * is asked to be strict, which is the default of kubectl. Below
 * x-kubernetes-preserve-unknown-fields anything goes, but what is named there
 * is pruned again.
 */

#include "base/nearest.h"
#include "store/schema_internal.h"

#define NAMES_SHOWN 12

static void known_names(const struct gh_schema_node *n, struct gh_slice unknown,
                        bool root, struct gh_nearest *near, struct gh_buf *all)
{
    static const char *const meta[] = {"apiVersion", "kind", "metadata"};
    size_t shown = 0;

    gh_nearest_init(near, unknown);
    for (size_t i = 0; root && i < GH_COUNT(meta); i++)
        gh_nearest_offer(near, gh_slice_str(meta[i]));
    for (size_t i = 0; n && i < n->prop_count; i++) {
        gh_nearest_offer(near, n->props[i].name);
        if (root && gh_slice_is(n->props[i].name, "status"))
            continue;
        if (shown++ < NAMES_SHOWN)
            gh_buf_addf(all, "%s%.*s", shown > 1 ? ", " : "",
                        GH_FMT(n->props[i].name));
    }
    if (shown > NAMES_SHOWN)
        gh_buf_addf(all, " and %zu more", shown - NAMES_SHOWN);
}

static void unknown(struct gh_schema_check *c, const struct gh_schema_node *n,
                    const struct gh_schema_step *at)
{
    struct gh_violation *v;
    struct gh_nearest near;
    struct gh_buf all;

    c->rewrite = true;
    if (c->lenient)
        return;
    gh_buf_init(&all, 4096);
    known_names(n, at->name, !at->up, &near, &all);
    if (near.best.ptr)
        gh_schema_report(c, at, GH_SCHEMA_UNKNOWN,
                         "unknown field (did you mean \"%.*s\"?)",
                         GH_FMT(near.best));
    else if (all.len > 0)
        gh_schema_report(c, at, GH_SCHEMA_UNKNOWN,
                         "unknown field (known here: %.*s)",
                         GH_FMT(gh_buf_slice(&all)));
    else
        gh_schema_report(c, at, GH_SCHEMA_UNKNOWN,
                         "unknown field (none are known here)");
    v = gh_schema_last(c);
    if (v && near.best.ptr)
        v->nearest = near.best;
    gh_buf_fini(&all);
}

static bool is_meta(struct gh_slice name)
{
    return gh_slice_is(name, "apiVersion") || gh_slice_is(name, "kind") ||
           gh_slice_is(name, "metadata");
}

static void prune(struct gh_schema_check *c, const struct gh_schema_node *n,
                  struct gh_json v, const struct gh_schema_step *at, bool keep);

static void prune_object(struct gh_schema_check *c,
                         const struct gh_schema_node *n, struct gh_json v,
                         const struct gh_schema_step *at, bool keep)
{
    bool own_meta = !at || (n && n->flags & GH_SCHEMA_F_EMBEDDED);

    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);) {
        struct gh_schema_step step = {.up = at, .name = it.name};
        const struct gh_schema_prop *p =
            n ? gh_schema_prop_find(n, it.name) : NULL;

        if (own_meta && is_meta(it.name))
            continue;
        if (p) {
            prune(c, p->node, it.value, &step, false);
        } else if (n && (n->additional || n->flags & GH_SCHEMA_F_ADDITIONAL)) {
            step.key = true;
            prune(c, n->additional, it.value, &step, false);
        } else if (!keep) {
            unknown(c, n, &step);
        }
    }
}

/* @keep: unknown fields stay, as those around do. */
static void prune(struct gh_schema_check *c, const struct gh_schema_node *n,
                  struct gh_json v, const struct gh_schema_step *at, bool keep)
{
    if (n && n->flags & GH_SCHEMA_F_PRESERVE)
        keep = true;
    if (keep && !n)
        return;
    if (gh_json_is(v, GH_JSON_OBJECT)) {
        prune_object(c, n, v, at, keep);
    } else if (gh_json_is(v, GH_JSON_ARRAY)) {
        struct gh_schema_step step = {.up = at};

        for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);
             step.index++)
            prune(c, n ? n->items : NULL, it.value, &step, keep);
    }
}

void gh_schema_prune(struct gh_schema_check *c, struct gh_json object)
{
    prune(c, c->schema->root, object, NULL, false);
}
