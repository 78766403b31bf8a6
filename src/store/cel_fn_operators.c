/* SPDX-License-Identifier: Apache-2.0 */

/*
 * CEL's operators, as functions named like their signs
 *
 * Arithmetic never wraps: what does not fit is an error. Numbers of different
 * kinds compare by value but do not add up.
 */

#include <math.h>

#include "store/cel_internal.h"

static struct gh_cel_value overflow(void)
{
    return gh_cel_error("integer overflow");
}

static struct gh_cel_value by_zero(void)
{
    return gh_cel_error("divide by zero");
}

#define INT_OP(name, builtin)                                                  \
    static struct gh_cel_value int_##name(struct gh_cel_eval *e,               \
                                          const struct gh_cel_value *a)        \
    {                                                                          \
        int64_t n;                                                             \
                                                                               \
        (void)e;                                                               \
        return builtin(a[0].i, a[1].i, &n) ? overflow() : GH_CEL_OF_INT(n);    \
    }                                                                          \
    static struct gh_cel_value uint_##name(struct gh_cel_eval *e,              \
                                           const struct gh_cel_value *a)       \
    {                                                                          \
        uint64_t n;                                                            \
                                                                               \
        (void)e;                                                               \
        return builtin(a[0].u, a[1].u, &n) ? overflow() : GH_CEL_OF_UINT(n);   \
    }

INT_OP(add, __builtin_add_overflow)
INT_OP(sub, __builtin_sub_overflow)
INT_OP(mul, __builtin_mul_overflow)

#define DOUBLE_OP(name, sign)                                                  \
    static struct gh_cel_value double_##name(struct gh_cel_eval *e,            \
                                             const struct gh_cel_value *a)     \
    {                                                                          \
        (void)e;                                                               \
        return GH_CEL_OF_DOUBLE(a[0].d sign a[1].d);                           \
    }

DOUBLE_OP(add, +)
DOUBLE_OP(sub, -)
DOUBLE_OP(mul, *)

static struct gh_cel_value double_div(struct gh_cel_eval *e,
                                      const struct gh_cel_value *a)
{
    (void)e;
    if (a[1].d == 0) /* what IEEE 754 says, without dividing */
        return GH_CEL_OF_DOUBLE(a[0].d == 0 || isnan(a[0].d) ? (double)NAN
                                : signbit(a[0].d) == signbit(a[1].d)
                                    ? (double)INFINITY
                                    : -(double)INFINITY);
    return GH_CEL_OF_DOUBLE(a[0].d / a[1].d);
}

static struct gh_cel_value int_div(struct gh_cel_eval *e,
                                   const struct gh_cel_value *a)
{
    (void)e;
    if (a[1].i == 0)
        return by_zero();
    if (a[0].i == INT64_MIN && a[1].i == -1)
        return overflow();
    return GH_CEL_OF_INT(a[0].i / a[1].i);
}

static struct gh_cel_value int_mod(struct gh_cel_eval *e,
                                   const struct gh_cel_value *a)
{
    (void)e;
    if (a[1].i == 0)
        return gh_cel_error("modulus by zero");
    if (a[0].i == INT64_MIN && a[1].i == -1)
        return overflow();
    return GH_CEL_OF_INT(a[0].i % a[1].i);
}

static struct gh_cel_value uint_div(struct gh_cel_eval *e,
                                    const struct gh_cel_value *a)
{
    (void)e;
    return a[1].u == 0 ? by_zero() : GH_CEL_OF_UINT(a[0].u / a[1].u);
}

static struct gh_cel_value uint_mod(struct gh_cel_eval *e,
                                    const struct gh_cel_value *a)
{
    (void)e;
    if (a[1].u == 0)
        return gh_cel_error("modulus by zero");
    return GH_CEL_OF_UINT(a[0].u % a[1].u);
}

static struct gh_cel_value int_minus(struct gh_cel_eval *e,
                                     const struct gh_cel_value *a)
{
    (void)e;
    return a[0].i == INT64_MIN ? overflow() : GH_CEL_OF_INT(-a[0].i);
}

static struct gh_cel_value double_minus(struct gh_cel_eval *e,
                                        const struct gh_cel_value *a)
{
    (void)e;
    return GH_CEL_OF_DOUBLE(-a[0].d);
}

static struct gh_cel_value text_add(struct gh_cel_eval *e,
                                    const struct gh_cel_value *a)
{
    size_t len = a[0].s.len + a[1].s.len;
    struct gh_cel_value v = {.kind = a[0].kind};
    char *to;

    if (!gh_cel_pay(e, len / 10))
        return gh_cel_error("the expression costs too much");
    to = gh_cel_alloc(e, len + 1, 1);
    if (!to)
        return gh_cel_error("out of memory");
    if (a[0].s.len > 0)
        memcpy(to, a[0].s.ptr, a[0].s.len);
    if (a[1].s.len > 0)
        memcpy(to + a[0].s.len, a[1].s.ptr, a[1].s.len);
    v.s = gh_slice_of(to, len);
    return v;
}

static bool append_all(struct gh_cel_eval *e, struct gh_cel_builder *b,
                       const struct gh_cel_value *list)
{
    struct gh_cel_walk w = gh_cel_walk(list);

    while (gh_cel_next(&w))
        if (!gh_cel_pay(e, 1) || !gh_cel_push(e, b, w.value))
            return false;
    return true;
}

static struct gh_cel_value list_add(struct gh_cel_eval *e,
                                    const struct gh_cel_value *a)
{
    struct gh_cel_builder b = {0};

    if (!append_all(e, &b, &a[0]) || !append_all(e, &b, &a[1]))
        return gh_cel_error("the expression costs too much");
    return gh_cel_built(&b);
}

/* --- time ---------------------------------------------------------------- */

static struct gh_cel_value moment(enum gh_cel_kind kind, int64_t s, int64_t ns)
{
    struct gh_cel_value v = {.kind = (uint8_t)kind};

    if (ns < 0 || ns >= 1000000000) {
        int64_t carry = ns < 0 ? -1 : 1;

        ns -= carry * 1000000000;
        if (__builtin_add_overflow(s, carry, &s))
            return gh_cel_error("a time out of range");
    }
    if (kind == GH_CEL_TIMESTAMP && (s < -62135596800 || s > 253402300799))
        return gh_cel_error("a time out of range");
    if (kind == GH_CEL_DURATION && (s < -9223372037 || s > 9223372036))
        return gh_cel_error("a duration out of range");
    v.time = (struct gh_cel_time){s, (int32_t)ns};
    return v;
}

static struct gh_cel_value time_add(struct gh_cel_eval *e,
                                    const struct gh_cel_value *a)
{
    bool stamp = a[0].kind == GH_CEL_TIMESTAMP || a[1].kind == GH_CEL_TIMESTAMP;

    (void)e;
    return moment(stamp ? GH_CEL_TIMESTAMP : GH_CEL_DURATION,
                  a[0].time.s + a[1].time.s, a[0].time.ns + a[1].time.ns);
}

static struct gh_cel_value time_sub(struct gh_cel_eval *e,
                                    const struct gh_cel_value *a)
{
    bool stamp = a[0].kind == GH_CEL_TIMESTAMP && a[1].kind == GH_CEL_DURATION;

    (void)e;
    return moment(stamp ? GH_CEL_TIMESTAMP : GH_CEL_DURATION,
                  a[0].time.s - a[1].time.s, a[0].time.ns - a[1].time.ns);
}

/* --- comparison ---------------------------------------------------------- */

static struct gh_cel_value not(struct gh_cel_eval * e,
                               const struct gh_cel_value *a)
{
    (void)e;
    return GH_CEL_OF_BOOL(!a[0].b);
}

static struct gh_cel_value equal(struct gh_cel_eval *e,
                                 const struct gh_cel_value *a)
{
    return GH_CEL_OF_BOOL(gh_cel_equal(e, &a[0], &a[1]));
}

static struct gh_cel_value unequal(struct gh_cel_eval *e,
                                   const struct gh_cel_value *a)
{
    return GH_CEL_OF_BOOL(!gh_cel_equal(e, &a[0], &a[1]));
}

static int order(struct gh_cel_eval *e, const struct gh_cel_value *a)
{
    if (a[0].kind == GH_CEL_STRING || a[0].kind == GH_CEL_BYTES)
        gh_cel_pay(e, a[0].s.len / 10);
    return gh_cel_compare(&a[0], &a[1]);
}

static struct gh_cel_value less(struct gh_cel_eval *e,
                                const struct gh_cel_value *a)
{
    return GH_CEL_OF_BOOL(order(e, a) == -1);
}

static struct gh_cel_value at_most(struct gh_cel_eval *e,
                                   const struct gh_cel_value *a)
{
    return GH_CEL_OF_BOOL(order(e, a) <= 0);
}

static struct gh_cel_value more(struct gh_cel_eval *e,
                                const struct gh_cel_value *a)
{
    return GH_CEL_OF_BOOL(order(e, a) == 1);
}

static struct gh_cel_value at_least(struct gh_cel_eval *e,
                                    const struct gh_cel_value *a)
{
    int o = order(e, a);

    return GH_CEL_OF_BOOL(o == 0 || o == 1);
}

/* --- containers ---------------------------------------------------------- */

static struct gh_cel_value in_list(struct gh_cel_eval *e,
                                   const struct gh_cel_value *a)
{
    struct gh_cel_walk w = gh_cel_walk(&a[1]);
    struct gh_cel_value ret = GH_CEL_OF_BOOL(false);

    while (e->stop == GH_OK && gh_cel_next(&w)) {
        if (w.value.kind == GH_CEL_ERROR)
            ret = w.value;
        else if (gh_cel_equal(e, &a[0], &w.value))
            return GH_CEL_OF_BOOL(true);
    }
    return ret;
}

static struct gh_cel_value in_map(struct gh_cel_eval *e,
                                  const struct gh_cel_value *a)
{
    struct gh_cel_value v;

    return GH_CEL_OF_BOOL(gh_cel_member(e, &a[1], &a[0], &v));
}

/* An index of any kind of number, if it is whole and in range. */
static bool whole(const struct gh_cel_value *v, size_t *ret)
{
    if (v->kind == GH_CEL_INT && v->i >= 0 && v->i <= UINT32_MAX)
        *ret = (size_t)v->i;
    else if (v->kind == GH_CEL_UINT && v->u <= UINT32_MAX)
        *ret = (size_t)v->u;
    else if (v->kind == GH_CEL_DOUBLE && v->d >= 0 && v->d <= UINT32_MAX &&
             v->d == floor(v->d))
        *ret = (size_t)v->d;
    else
        return false;
    return true;
}

static bool element(struct gh_cel_eval *e, const struct gh_cel_value *a,
                    struct gh_cel_value *ret)
{
    size_t i;

    if (a[0].kind == GH_CEL_MAP)
        return gh_cel_member(e, &a[0], &a[1], ret);
    if (!whole(&a[1], &i))
        return false;
    /* Elements on the tape are found by walking. */
    return (!a[0].is_json || gh_cel_pay(e, i / 8)) &&
           gh_cel_index(&a[0], i, ret);
}

static struct gh_cel_value at_index(struct gh_cel_eval *e,
                                    const struct gh_cel_value *a)
{
    struct gh_cel_value v;

    if (element(e, a, &v))
        return v;
    if (a[1].kind == GH_CEL_STRING)
        return gh_cel_errorf(e, "no such key: %.*s", GH_FMT(a[1].s));
    if (a[1].kind == GH_CEL_INT)
        return gh_cel_errorf(e, "index out of bounds: %lld", (long long)a[1].i);
    return gh_cel_error(a[0].kind == GH_CEL_MAP ? "no such key"
                                                : "index out of bounds");
}

static struct gh_cel_value at_maybe(struct gh_cel_eval *e,
                                    const struct gh_cel_value *a)
{
    struct gh_cel_value args[2] = {a[0], a[1]};
    struct gh_cel_value none = {.kind = GH_CEL_OPTIONAL};
    struct gh_cel_value v;

    if (a[0].kind == GH_CEL_OPTIONAL) {
        if (!a[0].inner)
            return none;
        args[0] = *a[0].inner;
        if (args[0].kind != GH_CEL_MAP && args[0].kind != GH_CEL_LIST)
            return gh_cel_error("no such overload: an index of an optional "
                                "that is no list or map");
    }
    return element(e, args, &v) ? gh_cel_some(e, v) : none;
}

#define ORDERED(name, fn)                                                      \
    {name, false, "ii", 'b', fn}, {name, false, "ss", 'b', fn},                \
        {name, false, "dd", 'b', fn}, {name, false, "uu", 'b', fn},            \
        {name, false, "DD", 'b', fn}, {name, false, "TT", 'b', fn},            \
        {name, false, "bb", 'b', fn}, {name, false, "yy", 'b', fn},            \
        {name, false, "iu", 'b', fn}, {name, false, "ui", 'b', fn},            \
        {name, false, "id", 'b', fn}, {name, false, "di", 'b', fn},            \
        {name, false, "ud", 'b', fn},                                          \
    {                                                                          \
        name, false, "du", 'b', fn                                             \
    }

static const struct gh_cel_fn rows[] = {
    {"==", false, "**", 'b', equal},
    {"!=", false, "**", 'b', unequal},
    {"!", false, "b", 'b', not },
    {"in", false, "*l", 'b', in_list},
    {"in", false, "*m", 'b', in_map},
    {"[]", false, "li", 'e', at_index},
    {"[]", false, "lu", 'e', at_index},
    {"[]", false, "ld", 'e', at_index},
    {"[]", false, "m*", 'e', at_index},
    {"[]", false, "o*", '*', at_maybe},
    {"[?]", false, "li", 'o', at_maybe},
    {"[?]", false, "m*", 'o', at_maybe},
    {"[?]", false, "o*", 'o', at_maybe},
    ORDERED("<", less),
    ORDERED("<=", at_most),
    ORDERED(">", more),
    ORDERED(">=", at_least),
    {"+", false, "ii", 'i', int_add},
    {"+", false, "ss", 's', text_add},
    {"+", false, "uu", 'u', uint_add},
    {"+", false, "dd", 'd', double_add},
    {"+", false, "yy", 'y', text_add},
    {"+", false, "ll", 'l', list_add},
    {"+", false, "DD", 'D', time_add},
    {"+", false, "DT", 'T', time_add},
    {"+", false, "TD", 'T', time_add},
    {"-", false, "ii", 'i', int_sub},
    {"-", false, "uu", 'u', uint_sub},
    {"-", false, "dd", 'd', double_sub},
    {"-", false, "DD", 'D', time_sub},
    {"-", false, "TT", 'D', time_sub},
    {"-", false, "TD", 'T', time_sub},
    {"-", false, "i", 'i', int_minus},
    {"-", false, "d", 'd', double_minus},
    {"*", false, "ii", 'i', int_mul},
    {"*", false, "uu", 'u', uint_mul},
    {"*", false, "dd", 'd', double_mul},
    {"/", false, "ii", 'i', int_div},
    {"/", false, "uu", 'u', uint_div},
    {"/", false, "dd", 'd', double_div},
    {"%", false, "ii", 'i', int_mod},
    {"%", false, "uu", 'u', uint_mod},
};

const struct gh_cel_library gh_cel_lib_operators = {rows, GH_COUNT(rows)};
