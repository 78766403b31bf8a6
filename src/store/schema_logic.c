/* SPDX-License-Identifier: Apache-2.0 */

/*
 * anyOf, oneOf, allOf and not
 *
 * A branch is tried like any node, and what it reported is taken back. When
 * none fits, the first branch's faults are told beside, as the API server does:
 * a field that one of them misses then counts as missing.
 */

#include "store/schema_internal.h"

/* Where a try began, to go back to. */
struct mark {
    size_t count, total;
    bool blocked;
};

static struct mark mark(const struct gh_schema_check *c)
{
    return (struct mark){c->count, c->total, c->blocked};
}

static void go_back(struct gh_schema_check *c, struct mark m)
{
    c->count = m.count;
    c->total = m.total;
    c->blocked = m.blocked;
}

/* What the first branch that failed had to say. */
struct failure {
    struct gh_violation *at;
    size_t count;
    size_t total;
    bool blocked;
};

static void keep(struct gh_schema_check *c, struct mark m, struct failure *f)
{
    if (f->total > 0)
        return;
    f->total = c->total - m.total;
    f->count = c->count - m.count;
    f->blocked = c->blocked;
    f->at = GH_ARENA_ARRAY(c->arena, struct gh_violation, f->count + 1);
    if (!f->at)
        f->count = 0;
    else if (f->count > 0)
        memcpy(f->at, c->at + m.count, f->count * sizeof(*f->at));
}

static void tell(struct gh_schema_check *c, const struct failure *f)
{
    c->total += f->total;
    c->blocked |= f->blocked;
    for (size_t i = 0; i < f->count && c->count < c->cap; i++)
        c->at[c->count++] = f->at[i];
}

/* How many branches the value fits. */
static size_t try(struct gh_schema_check *c, struct gh_schema_nodes list,
                  struct gh_json v, const struct gh_schema_step *at,
                  struct failure *ret_first)
{
    size_t fits = 0;

    *ret_first = (struct failure){0};
    for (size_t i = 0; i < list.count; i++) {
        struct mark m = mark(c);

        gh_schema_value(c, list.at[i], v, at);
        if (c->total == m.total)
            fits++;
        else
            keep(c, m, ret_first);
        go_back(c, m);
    }
    return fits;
}

/* Branches that only ask for fields: their names. */
static bool wanted_fields(struct gh_schema_nodes list, struct gh_buf *out)
{
    for (size_t i = 0; i < list.count; i++) {
        const struct gh_schema_node *n = list.at[i];

        if (n->required_count == 0 || n->prop_count > 0 || n->not )
            return false;
        gh_buf_addf(out, "%s", i > 0 ? ", " : "");
        for (size_t k = 0; k < n->required_count; k++)
            gh_buf_addf(out, "%s%.*s", k > 0 ? " and " : "",
                        GH_FMT(n->required[k]));
    }
    return true;
}

static void not_one(struct gh_schema_check *c, const struct gh_schema_node *n,
                    const struct gh_schema_step *at, size_t fits)
{
    struct gh_buf names;

    gh_buf_init(&names, 512);
    if (wanted_fields(n->one_of, &names))
        gh_schema_report(c, at, GH_SCHEMA_INVALID,
                         "must have exactly one of %.*s, but has %s",
                         GH_FMT(gh_buf_slice(&names)),
                         fits == 0 ? "none" : "more than one");
    else
        gh_schema_report(c, at, GH_SCHEMA_INVALID,
                         "must fit exactly one of %zu alternatives, but fits "
                         "%zu",
                         n->one_of.count, fits);
    gh_buf_fini(&names);
}

static void check_all_of(struct gh_schema_check *c,
                         const struct gh_schema_node *n, struct gh_json v,
                         const struct gh_schema_step *at)
{
    size_t before = c->total;

    for (size_t i = 0; i < n->all_of.count; i++)
        gh_schema_value(c, n->all_of.at[i], v, at);
    if (c->total > before)
        gh_schema_report(c, at, GH_SCHEMA_INVALID,
                         "must fit all of %zu conditions", n->all_of.count);
}

void gh_schema_logic(struct gh_schema_check *c, const struct gh_schema_node *n,
                     struct gh_json v, const struct gh_schema_step *at)
{
    struct failure first;
    struct mark m;
    size_t fits;

    if (n->any_of.count > 0 && try(c, n->any_of, v, at, &first) == 0) {
        gh_schema_report(c, at, GH_SCHEMA_INVALID,
                         "must fit at least one of %zu alternatives",
                         n->any_of.count);
        tell(c, &first);
    }
    if (n->one_of.count > 0) {
        fits = try(c, n->one_of, v, at, &first);
        if (fits != 1)
            not_one(c, n, at, fits);
        if (fits == 0)
            tell(c, &first);
    }
    check_all_of(c, n, v, at);
    if (!n->not )
        return;
    m = mark(c);
    gh_schema_value(c, n->not, v, at);
    fits = c->total == m.total;
    go_back(c, m);
    if (fits)
        gh_schema_report(c, at, GH_SCHEMA_INVALID,
                         "must not be what the schema rules out (not)");
}
