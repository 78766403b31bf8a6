/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh/selector.h"

struct gh_labels gh_labels_from_json(struct gh_json object, struct gh_arena *a)
{
    struct gh_label *labels;
    size_t n = 0;

    if (!gh_json_is(object, GH_JSON_OBJECT))
        return (struct gh_labels){0};
    labels = GH_ARENA_ARRAY(a, struct gh_label, gh_json_count(object));
    if (!labels)
        return (struct gh_labels){0};
    for (struct gh_json_iter it = gh_json_iter(object); gh_json_next(&it);) {
        struct gh_slice value = gh_json_str(it.value);

        if (value.ptr)
            labels[n++] = (struct gh_label){it.name, value};
    }
    return (struct gh_labels){labels, n};
}

struct gh_slice gh_labels_get(struct gh_labels labels, struct gh_slice key)
{
    for (size_t i = 0; i < labels.count; i++) {
        if (gh_slice_eq(labels.at[i].key, key))
            return labels.at[i].value;
    }
    return (struct gh_slice){0};
}

/* All of them strings; an absent list leaves the term without values. */
static bool values_from_json(struct gh_json list, struct gh_arena *a,
                             struct gh_selector_term *term)
{
    struct gh_slice *values;
    size_t n = 0;

    if (!gh_json_given(list))
        return true;
    if (!gh_json_is(list, GH_JSON_ARRAY))
        return false;
    values = GH_ARENA_ARRAY(a, struct gh_slice, gh_json_count(list) + 1);
    if (!values)
        return false;
    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it);) {
        values[n] = gh_json_str(it.value);
        if (!values[n++].ptr)
            return false;
    }
    term->values = values;
    term->value_count = n;
    return true;
}

static bool term_from_json(struct gh_json v, struct gh_arena *a,
                           struct gh_selector_term *term)
{
    static const struct {
        const char *name;
        enum gh_selector_op op;
        bool wants_values;
    } ops[] = {
        {"In", GH_OP_IN, true},
        {"NotIn", GH_OP_NOT_IN, true},
        {"Exists", GH_OP_EXISTS, false},
        {"DoesNotExist", GH_OP_NOT_EXISTS, false},
    };
    struct gh_slice op = gh_json_str(gh_json_get(v, "operator"));

    term->key = gh_json_str(gh_json_get(v, "key"));
    if (!term->key.ptr || !op.ptr ||
        !values_from_json(gh_json_get(v, "values"), a, term))
        return false;
    for (size_t i = 0; i < GH_COUNT(ops); i++) {
        if (gh_slice_is(op, ops[i].name)) {
            bool fits = (term->values != NULL) == ops[i].wants_values;

            term->op = fits ? ops[i].op : GH_OP_ILLEGAL;
            return true;
        }
    }
    return false;
}

/* matchLabels {k: v} is the expression "k In [v]". */
static bool term_from_label(const struct gh_json_iter *label,
                            struct gh_arena *a, struct gh_selector_term *term)
{
    struct gh_slice *value = GH_ARENA_NEW(a, struct gh_slice);

    if (!value)
        return false;
    *value = gh_json_str(label->value);
    *term = (struct gh_selector_term){label->name, GH_OP_IN, value, 1};
    return value->ptr != NULL;
}

static bool absent_or(struct gh_json v, enum gh_json_type type)
{
    return !gh_json_given(v) || gh_json_is(v, type);
}

bool gh_selector_from_json(struct gh_json v, struct gh_arena *a,
                           struct gh_selector *ret)
{
    struct gh_json labels = gh_json_get(v, "matchLabels");
    struct gh_json terms = gh_json_get(v, "matchExpressions");
    size_t max = gh_json_count(labels) + gh_json_count(terms);
    struct gh_selector_term *all;
    size_t n = 0;

    if (!absent_or(v, GH_JSON_OBJECT) || !absent_or(labels, GH_JSON_OBJECT) ||
        !absent_or(terms, GH_JSON_ARRAY))
        return false;
    all = GH_ARENA_ARRAY(a, struct gh_selector_term, max + 1);
    if (!all)
        return false;
    for (struct gh_json_iter it = gh_json_iter(labels); gh_json_next(&it);) {
        if (!term_from_label(&it, a, &all[n++]))
            return false;
    }
    for (struct gh_json_iter it = gh_json_iter(terms); gh_json_next(&it);) {
        if (!term_from_json(it.value, a, &all[n++]))
            return false;
    }
    *ret = (struct gh_selector){all, n};
    return true;
}

static bool has_value(const struct gh_selector_term *t, struct gh_slice value)
{
    for (size_t i = 0; i < t->value_count; i++) {
        if (gh_slice_eq(t->values[i], value))
            return true;
    }
    return false;
}

static bool term_matches(const struct gh_selector_term *t,
                         struct gh_labels labels)
{
    struct gh_slice value = gh_labels_get(labels, t->key);

    switch (t->op) {
    case GH_OP_IN:
        return value.ptr && has_value(t, value);
    case GH_OP_NOT_IN:
        return !value.ptr || !has_value(t, value);
    case GH_OP_EXISTS:
        return value.ptr;
    case GH_OP_NOT_EXISTS:
        return !value.ptr;
    case GH_OP_ILLEGAL:
        break;
    }
    return false;
}

bool gh_selector_matches(const struct gh_selector *s, struct gh_labels labels)
{
    for (size_t i = 0; i < s->count; i++) {
        if (!term_matches(&s->at[i], labels))
            return false;
    }
    return true;
}
