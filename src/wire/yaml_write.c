/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "base/mem.h"
#include "wire/json_write.h"
#include "wire/yaml_tree.h"

/*
 * From the tree to JSON
 *
 * Aliases are written out, so what an anchor bomb wants to become is bounded
 * here: by bytes, by values and by depth.
 */

struct writer {
    const struct gh_yaml_limits *limits;
    struct gh_yaml_merger merger;
    struct gh_jsonw json;
    struct gh_buf *out;
    struct gh_yaml_marks *marks;
    struct gh_err *err;
};

/* --- scalars -------------------------------------------------------------- */

static bool tag_is(const struct gh_yaml_node *node, const char *name)
{
    struct gh_slice prefix = GH_SLICE("tag:yaml.org,2002:");

    return node->tag.ptr && gh_slice_starts(node->tag, prefix) &&
           gh_slice_is(gh_slice_drop(node->tag, prefix.len), name);
}

struct tag_rule {
    const char *tag;
    enum gh_yaml_kind kind;
    enum gh_yaml_kind also;
};

/* Other tags, and !!str, make a string. */
static const struct tag_rule tag_rules[] = {
    {"bool", GH_YAML_BOOL, GH_YAML_BOOL},
    {"int", GH_YAML_INT, GH_YAML_INT},
    {"float", GH_YAML_FLOAT, GH_YAML_INT},
    {"null", GH_YAML_NULL, GH_YAML_NULL},
};

enum gh_rc gh_yaml_value(const struct gh_yaml_node *node,
                         struct gh_yaml_scalar *ret, struct gh_err *err)
{
    *ret = (struct gh_yaml_scalar){.kind = GH_YAML_STRING};
    if (!node->tag.ptr && node->plain)
        *ret = gh_yaml_resolve(node->text);
    if (tag_is(node, "binary"))
        return gh_yaml_fail(err, node->mark, "!!binary has no JSON form");
    for (size_t i = 0; i < GH_COUNT(tag_rules); i++) {
        const struct tag_rule *rule = &tag_rules[i];

        if (!tag_is(node, rule->tag))
            continue;
        *ret = gh_yaml_resolve(node->text);
        if (ret->kind != rule->kind && ret->kind != rule->also)
            return gh_yaml_fail(err, node->mark, "\"%.*s\" is no !!%s",
                                GH_FMT(gh_slice_head(node->text, 64)),
                                rule->tag);
    }
    return GH_OK;
}

enum gh_rc gh_yaml_name(const struct gh_yaml_node *node, struct gh_arena *arena,
                        struct gh_slice *ret, struct gh_err *err)
{
    char text[GH_YAML_NAME_BYTES];
    struct gh_yaml_scalar value;
    enum gh_rc rc;

    if (node->type != GH_YAML_SCALAR)
        return gh_yaml_fail(err, node->mark, "a name must be a scalar, no %s",
                            node->type == GH_YAML_MAPPING ? "mapping"
                                                          : "sequence");
    rc = gh_yaml_value(node, &value, err);
    if (rc < 0)
        return rc;
    if (value.kind == GH_YAML_NULL)
        return gh_yaml_fail(err, node->mark, "a name may not be null");
    *ret = node->text;
    if (gh_yaml_scalar_name(&value, text))
        *ret = gh_arena_dup(arena, gh_slice_str(text));
    if (ret->ptr)
        return GH_OK;
    (void)gh_yaml_fail(err, node->mark, "the document is too large");
    return GH_ETOOBIG;
}

static void put_number(struct gh_jsonw *json, const struct gh_yaml_scalar *v)
{
    if (v->kind == GH_YAML_FLOAT)
        gh_jsonw_f64(json, v->real);
    else if (v->negative)
        gh_jsonw_i64(json, (int64_t)(0 - v->magnitude));
    else
        gh_jsonw_u64(json, v->magnitude);
}

static enum gh_rc write_scalar(struct writer *w,
                               const struct gh_yaml_node *node)
{
    struct gh_yaml_scalar value;
    enum gh_rc rc = gh_yaml_value(node, &value, w->err);

    if (rc < 0)
        return rc;
    if (value.kind == GH_YAML_FLOAT && !isfinite(value.real))
        return gh_yaml_fail(w->err, node->mark,
                            "%.*s has no JSON form; quote it if it is text",
                            GH_FMT(gh_slice_head(node->text, 64)));
    switch (value.kind) {
    case GH_YAML_NULL:
        gh_jsonw_null(&w->json);
        break;
    case GH_YAML_BOOL:
        gh_jsonw_bool(&w->json, value.truth);
        break;
    case GH_YAML_INT:
    case GH_YAML_FLOAT:
        put_number(&w->json, &value);
        break;
    case GH_YAML_STRING:
    case GH_YAML_MERGE:
        gh_jsonw_str(&w->json, node->text);
        break;
    }
    return GH_OK;
}

/* --- collections ---------------------------------------------------------- */

static enum gh_rc add_mark(struct writer *w, struct gh_json_mark mark)
{
    struct gh_yaml_marks *m = w->marks;

    if (gh_buf_rc(w->out) < 0 || m->count == w->limits->max_nodes) {
        (void)gh_yaml_fail(w->err, mark,
                           "the document is too large, or its aliases expand "
                           "too far: the limit is %zu bytes or %u values as "
                           "JSON",
                           w->limits->max_bytes, w->limits->max_nodes);
        return GH_ETOOBIG;
    }
    if (m->count == m->cap) {
        m->cap = m->cap ? m->cap * 2 : 64;
        m->at = gh_xrealloc(m->at, m->cap, sizeof(*m->at));
    }
    m->at[m->count++] = mark;
    return GH_OK;
}

static enum gh_rc write_node(struct writer *w, struct gh_yaml_node *node,
                             uint32_t depth);

static enum gh_rc write_member(struct writer *w, struct gh_yaml_node *name,
                               struct gh_yaml_node *value, uint32_t depth)
{
    struct gh_slice text = {NULL, 0};
    enum gh_rc rc =
        gh_yaml_name(gh_yaml_follow(name), w->merger.arena, &text, w->err);

    if (rc == GH_OK)
        rc = add_mark(w, name->mark);
    if (rc < 0)
        return rc;
    gh_jsonw_key(&w->json, text);
    /* An empty value has no place of its own. */
    if (value->type == GH_YAML_SCALAR && value->text.len == 0 && value->plain)
        value->mark = name->mark;
    return write_node(w, value, depth);
}

static enum gh_rc write_mapping(struct writer *w, struct gh_yaml_node *node,
                                uint32_t depth)
{
    enum gh_rc rc = GH_OK;

    if (gh_yaml_has_merge(node)) {
        rc = gh_yaml_flatten(&w->merger, node, w->err);
        for (size_t i = 0; rc == GH_OK && i < node->member_count; i++)
            rc = write_member(w, node->members[i].name, node->members[i].value,
                              depth);
        return rc;
    }
    for (struct gh_yaml_node *n = node->first; n && rc == GH_OK;
         n = n->next->next)
        rc = write_member(w, n, n->next, depth);
    return rc;
}

static enum gh_rc write_collection(struct writer *w, struct gh_yaml_node *node,
                                   uint32_t depth)
{
    enum gh_rc rc = GH_OK;

    if (depth == w->limits->max_depth)
        return gh_yaml_fail(w->err, node->mark, "nested deeper than %u levels",
                            w->limits->max_depth);
    if (node->type == GH_YAML_MAPPING) {
        gh_jsonw_object(&w->json);
        rc = write_mapping(w, node, depth + 1);
    } else {
        gh_jsonw_array(&w->json);
        for (struct gh_yaml_node *n = node->first; n && rc == GH_OK;
             n = n->next)
            rc = write_node(w, n, depth + 1);
    }
    if (rc == GH_OK)
        gh_jsonw_end(&w->json);
    return rc;
}

static enum gh_rc write_node(struct writer *w, struct gh_yaml_node *node,
                             uint32_t depth)
{
    struct gh_yaml_node *target = gh_yaml_follow(node);
    enum gh_rc rc = add_mark(w, node->mark);

    if (rc < 0)
        return rc;
    return target->type == GH_YAML_SCALAR ? write_scalar(w, target)
                                          : write_collection(w, target, depth);
}

enum gh_rc gh_yaml_write(struct gh_yaml_node *root,
                         const struct gh_yaml_limits *limits,
                         struct gh_arena *scratch, struct gh_buf *out,
                         struct gh_yaml_marks *marks, struct gh_err *err)
{
    struct writer w = {
        .limits = limits,
        .merger = {.arena = scratch,
                   .budget = limits->max_nodes,
                   .max_depth = limits->max_depth,
                   .duplicates = limits->duplicates},
        .out = out,
        .marks = marks,
        .err = err,
    };
    enum gh_rc rc;

    gh_jsonw_init(&w.json, out);
    rc = write_node(&w, root, 0);
    if (rc == GH_OK && gh_jsonw_rc(&w.json) < 0)
        rc = add_mark(&w, root->mark); /* for its message */
    return rc;
}
