/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"
#include "wire/yaml_tree.h"

/*
 * Merge keys
 *
 * The rules are those of the Go library that kubectl uses: "<<" takes effect
 * where it stands, so a merged member replaces the same name written above it
 * and is replaced by the one written below; of a list of mappings the first
 * wins. A name that is written out twice in one mapping is another matter, and
 * an error if the caller says so.
 *
 * A few lines of merges can ask for a great deal of work and memory that never
 * shows in the output, so members are counted against a budget.
 */

struct merge {
    struct gh_yaml_merger *m;
    struct gh_yaml_node *into;
    struct gh_map names; /* to the member in into->members */
    struct gh_map own;   /* names written out in @into itself */
    struct gh_err *err;
};

static bool is_merge(const struct gh_yaml_node *name)
{
    return name->type == GH_YAML_SCALAR && gh_slice_is(name->text, "<<") &&
           (name->tag.ptr ? gh_slice_is(name->tag, "tag:yaml.org,2002:merge")
                          : name->plain);
}

bool gh_yaml_has_merge(const struct gh_yaml_node *mapping)
{
    for (const struct gh_yaml_node *n = mapping->first; n; n = n->next->next)
        if (is_merge(n))
            return true;
    return false;
}

static enum gh_rc too_much(struct gh_err *err, struct gh_json_mark at)
{
    (void)gh_yaml_fail(err, at, "merge keys expand too far");
    return GH_ETOOBIG;
}

/* The room that a "<<" may need; flattens what it names. */
static enum gh_rc count_merged(struct merge *g, struct gh_yaml_node *value,
                               size_t *total)
{
    struct gh_yaml_node *from = gh_yaml_follow(value);
    enum gh_rc rc;

    if (from->type != GH_YAML_MAPPING)
        return gh_yaml_fail(g->err, value->mark,
                            "\"<<\" takes a mapping or a list of mappings");
    rc = gh_yaml_flatten(g->m, from, g->err);
    if (rc < 0)
        return rc;
    if (from->member_count >= g->m->budget)
        return too_much(g->err, value->mark);
    g->m->budget -= from->member_count + 1;
    *total += from->member_count;
    return GH_OK;
}

static enum gh_rc count_room(struct merge *g, size_t *total)
{
    enum gh_rc rc = GH_OK;

    for (struct gh_yaml_node *n = g->into->first; n && rc == GH_OK;
         n = n->next->next) {
        struct gh_yaml_node *value = gh_yaml_follow(n->next);

        if (!is_merge(n)) {
            *total += 1;
            continue;
        }
        if (value->type != GH_YAML_SEQUENCE) {
            rc = count_merged(g, n->next, total);
            continue;
        }
        for (value = value->first; value && rc == GH_OK; value = value->next)
            rc = count_merged(g, value, total);
    }
    return rc;
}

static void put_member(struct merge *g, struct gh_slice text,
                       struct gh_yaml_member member)
{
    struct gh_yaml_node *into = g->into;
    struct gh_yaml_member *at = gh_map_get(&g->names, text);

    if (!at) {
        at = &into->members[into->member_count++];
        (void)gh_map_put(&g->names, text, at);
    }
    *at = member;
}

static enum gh_rc put_merged(struct merge *g, struct gh_yaml_node *value)
{
    struct gh_yaml_node *from = gh_yaml_follow(value);

    for (size_t i = 0; i < from->member_count; i++) {
        struct gh_slice text = {NULL, 0};
        enum gh_rc rc =
            gh_yaml_name(from->members[i].name, g->m->arena, &text, g->err);

        if (rc < 0)
            return rc;
        put_member(g, text, from->members[i]);
    }
    return GH_OK;
}

/* The first of the list wins, so it goes in last. */
static enum gh_rc put_list(struct merge *g, struct gh_yaml_node *list)
{
    size_t count = list->child_count;
    struct gh_yaml_node **at =
        GH_ARENA_ARRAY(g->m->arena, struct gh_yaml_node *, count);
    enum gh_rc rc = GH_OK;

    if (!at)
        return too_much(g->err, list->mark);
    for (struct gh_yaml_node *n = list->first; n; n = n->next)
        *at++ = n;
    while (count-- > 0 && rc == GH_OK)
        rc = put_merged(g, *--at);
    return rc;
}

static enum gh_rc put_own(struct merge *g, struct gh_yaml_node *name)
{
    struct gh_slice text = {NULL, 0};
    enum gh_rc rc =
        gh_yaml_name(gh_yaml_follow(name), g->m->arena, &text, g->err);

    if (rc < 0)
        return rc;
    if (gh_map_put(&g->own, text, name) &&
        g->m->duplicates == GH_JSON_DUP_REJECT)
        return gh_yaml_fail(g->err, name->mark, "name \"%.*s\" occurs twice",
                            GH_FMT(gh_slice_head(text, 128)));
    put_member(g, text, (struct gh_yaml_member){name, name->next});
    return GH_OK;
}

static enum gh_rc put_all(struct merge *g)
{
    enum gh_rc rc = GH_OK;

    for (struct gh_yaml_node *n = g->into->first; n && rc == GH_OK;
         n = n->next->next) {
        struct gh_yaml_node *value = gh_yaml_follow(n->next);

        if (!is_merge(n))
            rc = put_own(g, n);
        else if (value->type == GH_YAML_SEQUENCE)
            rc = put_list(g, value);
        else
            rc = put_merged(g, value);
    }
    return rc;
}

enum gh_rc gh_yaml_flatten(struct gh_yaml_merger *m,
                           struct gh_yaml_node *mapping, struct gh_err *err)
{
    struct merge g = {.m = m, .into = mapping, .err = err};
    struct gh_yaml_member *members;
    size_t room = 0;
    enum gh_rc rc;

    if (mapping->members)
        return GH_OK;
    if (m->depth == m->max_depth)
        return too_much(err, mapping->mark);
    m->depth++;
    rc = count_room(&g, &room);
    m->depth--;
    if (rc < 0)
        return rc;
    members = GH_ARENA_ARRAY(m->arena, struct gh_yaml_member, room + 1);
    if (!members)
        return too_much(err, mapping->mark);
    mapping->members = members;
    mapping->member_count = 0;
    gh_map_init(&g.names);
    gh_map_init(&g.own);
    rc = put_all(&g);
    gh_map_fini(&g.names);
    gh_map_fini(&g.own);
    return rc;
}
