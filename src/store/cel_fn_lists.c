/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Kubernetes' functions on lists, CEL's on sets and optionals
 */

#include "store/cel_fn.h"

static struct gh_cel_value too_dear(void)
{
    return gh_cel_error("the expression costs too much");
}

static struct gh_cel_value is_sorted(struct gh_cel_eval *e,
                                     const struct gh_cel_value *a)
{
    struct gh_cel_walk w = gh_cel_walk(&a[0]);
    struct gh_cel_value last = {.kind = GH_CEL_NULL};

    while (gh_cel_next(&w)) {
        if (!gh_cel_pay(e, 1))
            return too_dear();
        if (last.kind != GH_CEL_NULL && gh_cel_compare(&last, &w.value) == 1)
            return GH_CEL_OF_BOOL(false);
        last = w.value;
    }
    return GH_CEL_OF_BOOL(true);
}

/* @wanted: what compare must say of a candidate and the best so far. */
static struct gh_cel_value extreme(struct gh_cel_eval *e,
                                   const struct gh_cel_value *a, int wanted)
{
    struct gh_cel_walk w = gh_cel_walk(&a[0]);
    struct gh_cel_value best;
    int order;

    if (!gh_cel_next(&w))
        return gh_cel_error("min and max need a list that is not empty");
    best = w.value;
    while (gh_cel_next(&w)) {
        if (!gh_cel_pay(e, 1))
            return too_dear();
        order = gh_cel_compare(&w.value, &best);
        if (order == 2)
            return gh_cel_error("no such overload: the list holds what cannot "
                                "be compared");
        if (order == wanted)
            best = w.value;
    }
    return best;
}

static struct gh_cel_value min(struct gh_cel_eval *e,
                               const struct gh_cel_value *a)
{
    return extreme(e, a, -1);
}

static struct gh_cel_value max(struct gh_cel_eval *e,
                               const struct gh_cel_value *a)
{
    return extreme(e, a, 1);
}

static struct gh_cel_value sum(struct gh_cel_eval *e,
                               const struct gh_cel_value *a)
{
    size_t rows;
    const struct gh_cel_fn *plus = gh_cel_find(GH_SLICE("+"), false, &rows);
    struct gh_cel_walk w = gh_cel_walk(&a[0]);
    struct gh_cel_value pair[2] = {GH_CEL_OF_INT(0)};
    bool first = true;

    while (gh_cel_next(&w)) {
        size_t i = 0;

        pair[first ? 0 : 1] = w.value;
        if (first) {
            first = false;
            continue;
        }
        while (i < rows && (strlen(plus[i].takes) != 2 ||
                            gh_cel_letter(plus[i].takes[0]) != pair[0].kind ||
                            gh_cel_letter(plus[i].takes[1]) != pair[1].kind))
            i++;
        if (i == rows || pair[0].kind == GH_CEL_LIST)
            return gh_cel_error("no such overload: a sum of such values");
        pair[0] = plus[i].call(e, pair);
        if (pair[0].kind == GH_CEL_ERROR || !gh_cel_pay(e, 1))
            return pair[0];
    }
    return pair[0];
}

struct gh_cel_value gh_cel_list_index_of(struct gh_cel_eval *e,
                                         const struct gh_cel_value *a)
{
    struct gh_cel_walk w = gh_cel_walk(&a[0]);

    for (int64_t i = 0; gh_cel_next(&w); i++)
        if (gh_cel_equal(e, &w.value, &a[1]))
            return GH_CEL_OF_INT(i);
    return GH_CEL_OF_INT(-1);
}

struct gh_cel_value gh_cel_list_last_index_of(struct gh_cel_eval *e,
                                              const struct gh_cel_value *a)
{
    struct gh_cel_walk w = gh_cel_walk(&a[0]);
    int64_t at = -1;

    for (int64_t i = 0; gh_cel_next(&w); i++)
        if (gh_cel_equal(e, &w.value, &a[1]))
            at = i;
    return GH_CEL_OF_INT(at);
}

static bool gather(struct gh_cel_eval *e, const struct gh_cel_value *list,
                   struct gh_cel_builder *b)
{
    struct gh_cel_walk w = gh_cel_walk(list);

    while (gh_cel_next(&w))
        if (!gh_cel_pay(e, 1) || !gh_cel_push(e, b, w.value))
            return false;
    return true;
}

struct gh_cel_value gh_cel_list_reverse(struct gh_cel_eval *e,
                                        const struct gh_cel_value *a)
{
    struct gh_cel_builder b = {0};

    if (!gather(e, &a[0], &b))
        return too_dear();
    for (size_t i = 0; i < b.count / 2; i++) {
        struct gh_cel_value v = b.at[i];

        b.at[i] = b.at[b.count - 1 - i];
        b.at[b.count - 1 - i] = v;
    }
    return gh_cel_built(&b);
}

static struct gh_cel_value slice(struct gh_cel_eval *e,
                                 const struct gh_cel_value *a)
{
    struct gh_cel_builder b = {0};

    if (!gather(e, &a[0], &b))
        return too_dear();
    if (a[1].i < 0 || a[2].i < a[1].i || (uint64_t)a[2].i > b.count)
        return gh_cel_error("index out of range");
    b.at += a[1].i;
    b.count = (size_t)(a[2].i - a[1].i);
    return gh_cel_built(&b);
}

static bool holds(struct gh_cel_eval *e, const struct gh_cel_value *list,
                  const struct gh_cel_value *v)
{
    struct gh_cel_walk w = gh_cel_walk(list);

    while (e->stop == GH_OK && gh_cel_next(&w))
        if (gh_cel_equal(e, &w.value, v))
            return true;
    return false;
}

static struct gh_cel_value distinct(struct gh_cel_eval *e,
                                    const struct gh_cel_value *a)
{
    struct gh_cel_walk w = gh_cel_walk(&a[0]);
    struct gh_cel_builder b = {0};

    while (e->stop == GH_OK && gh_cel_next(&w)) {
        struct gh_cel_value so_far = gh_cel_built(&b);

        if (!holds(e, &so_far, &w.value) && !gh_cel_push(e, &b, w.value))
            return too_dear();
    }
    return gh_cel_built(&b);
}

/* --- sets ---------------------------------------------------------------- */

static bool all_in(struct gh_cel_eval *e, const struct gh_cel_value *set,
                   const struct gh_cel_value *of)
{
    struct gh_cel_walk w = gh_cel_walk(of);

    while (e->stop == GH_OK && gh_cel_next(&w))
        if (!holds(e, set, &w.value))
            return false;
    return true;
}

static struct gh_cel_value sets_contains(struct gh_cel_eval *e,
                                         const struct gh_cel_value *a)
{
    return GH_CEL_OF_BOOL(all_in(e, &a[0], &a[1]));
}

static struct gh_cel_value sets_equivalent(struct gh_cel_eval *e,
                                           const struct gh_cel_value *a)
{
    return GH_CEL_OF_BOOL(all_in(e, &a[0], &a[1]) && all_in(e, &a[1], &a[0]));
}

static struct gh_cel_value sets_intersects(struct gh_cel_eval *e,
                                           const struct gh_cel_value *a)
{
    struct gh_cel_walk w = gh_cel_walk(&a[1]);

    while (e->stop == GH_OK && gh_cel_next(&w))
        if (holds(e, &a[0], &w.value))
            return GH_CEL_OF_BOOL(true);
    return GH_CEL_OF_BOOL(false);
}

/* --- optionals ----------------------------------------------------------- */

static struct gh_cel_value optional_of(struct gh_cel_eval *e,
                                       const struct gh_cel_value *a)
{
    return gh_cel_some(e, a[0]);
}

static struct gh_cel_value optional_none(struct gh_cel_eval *e,
                                         const struct gh_cel_value *a)
{
    (void)e;
    (void)a;
    return (struct gh_cel_value){.kind = GH_CEL_OPTIONAL};
}

static bool is_zero(const struct gh_cel_value *v)
{
    switch ((enum gh_cel_kind)v->kind) {
    case GH_CEL_NULL:
        return true;
    case GH_CEL_BOOL:
        return !v->b;
    case GH_CEL_INT:
        return v->i == 0;
    case GH_CEL_UINT:
        return v->u == 0;
    case GH_CEL_DOUBLE:
        return v->d == 0;
    case GH_CEL_STRING:
    case GH_CEL_BYTES:
        return v->s.len == 0;
    case GH_CEL_LIST:
    case GH_CEL_MAP:
        return gh_cel_size(v) == 0;
    case GH_CEL_DURATION:
    case GH_CEL_TIMESTAMP:
        return v->time.s == 0 && v->time.ns == 0;
    case GH_CEL_OPTIONAL:
        return !v->inner;
    case GH_CEL_ERROR:
    case GH_CEL_DYN:
    case GH_CEL_OBJECT:
    case GH_CEL_TYPE:
    case GH_CEL_IP:
    case GH_CEL_CIDR:
    case GH_CEL_QUANTITY:
    case GH_CEL_URL:
    default:
        return false;
    }
}

static struct gh_cel_value optional_non_zero(struct gh_cel_eval *e,
                                             const struct gh_cel_value *a)
{
    return is_zero(&a[0]) ? optional_none(e, a) : gh_cel_some(e, a[0]);
}

static struct gh_cel_value has_value(struct gh_cel_eval *e,
                                     const struct gh_cel_value *a)
{
    (void)e;
    return GH_CEL_OF_BOOL(a[0].inner != NULL);
}

static struct gh_cel_value value(struct gh_cel_eval *e,
                                 const struct gh_cel_value *a)
{
    (void)e;
    return a[0].inner ? *a[0].inner
                      : gh_cel_error("optional.none() has no "
                                     "value");
}

static struct gh_cel_value or_value(struct gh_cel_eval *e,
                                    const struct gh_cel_value *a)
{
    (void)e;
    return a[0].inner ? *a[0].inner : a[1];
}

static struct gh_cel_value or_optional(struct gh_cel_eval *e,
                                       const struct gh_cel_value *a)
{
    (void)e;
    return a[0].inner ? a[0] : a[1];
}

static const struct gh_cel_fn rows[] = {
    {"isSorted", true, "l", 'b', is_sorted},
    {"sum", true, "l", 'e', sum},
    {"min", true, "l", 'e', min},
    {"max", true, "l", 'e', max},
    {"slice", true, "lii", 'l', slice},
    {"distinct", true, "l", 'l', distinct},
    {"sets.contains", false, "ll", 'b', sets_contains},
    {"sets.equivalent", false, "ll", 'b', sets_equivalent},
    {"sets.intersects", false, "ll", 'b', sets_intersects},
    {"optional.of", false, "*", 'o', optional_of},
    {"optional.none", false, "", 'o', optional_none},
    {"optional.ofNonZeroValue", false, "*", 'o', optional_non_zero},
    {"hasValue", true, "o", 'b', has_value},
    {"value", true, "o", 'e', value},
    {"orValue", true, "o*", 'e', or_value},
    {"or", true, "oo", 'o', or_optional},
};

const struct gh_cel_library gh_cel_lib_lists = {rows, GH_COUNT(rows)};
