/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Kubernetes' quantities: "100m", "1.5Gi", "2e3"
 *
 * Kept as whole nanos in 128 bits, which holds more than the API server's own
 * arithmetic promises; what is finer is rounded up, as it does.
 */

#include "store/cel_fn.h"

struct quantity {
    __int128 nano;
};

#define NANO 1000000000
#define MOST ((__int128)1 << 120)

struct suffix {
    const char *text;
    unsigned power; /* of the base */
    unsigned base;
    bool smaller;
};

static const struct suffix *suffix_of(struct gh_slice s)
{
    static const struct suffix rows[] = {
        {"", 0, 10, false},   {"m", 3, 10, true},   {"u", 6, 10, true},
        {"n", 9, 10, true},   {"k", 3, 10, false},  {"M", 6, 10, false},
        {"G", 9, 10, false},  {"T", 12, 10, false}, {"P", 15, 10, false},
        {"E", 18, 10, false}, {"Ki", 10, 2, false}, {"Mi", 20, 2, false},
        {"Gi", 30, 2, false}, {"Ti", 40, 2, false}, {"Pi", 50, 2, false},
        {"Ei", 60, 2, false},
    };

    for (size_t i = 0; i < GH_COUNT(rows); i++)
        if (gh_slice_is(s, rows[i].text))
            return &rows[i];
    return NULL;
}

/* n * base^power, or divided by it (rounded up). */
static bool scale(__int128 *n, unsigned base, unsigned power, bool smaller)
{
    for (; power > 0; power--) {
        if (!smaller && *n > MOST / base)
            return false;
        *n = smaller ? (*n + base - 1) / base : *n * base;
    }
    return true;
}

/* "e3", "E-2". */
static bool exponent(struct gh_slice s, unsigned *ret, bool *ret_smaller)
{
    unsigned n = 0;

    if (s.len < 2 || (s.ptr[0] | 0x20) != 'e')
        return false;
    s = gh_slice_drop(s, 1);
    *ret_smaller = s.ptr[0] == '-';
    if (s.ptr[0] == '-' || s.ptr[0] == '+')
        s = gh_slice_drop(s, 1);
    if (s.len == 0 || s.len > 2)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
        n = n * 10 + (unsigned)(s.ptr[i] - '0');
    }
    *ret = n;
    return true;
}

/* Digits with at most one point. @ret_behind: digits behind it. */
static bool number(struct gh_slice *s, __int128 *ret, unsigned *ret_behind)
{
    bool point = false;
    bool any = false;
    size_t i = 0;

    *ret = 0;
    *ret_behind = 0;
    for (; i < s->len; i++) {
        char c = s->ptr[i];

        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9')
            break;
        any = true;
        if (*ret > MOST / 10)
            return false;
        *ret = *ret * 10 + (c - '0');
        *ret_behind += point;
    }
    *s = gh_slice_drop(*s, i);
    return any;
}

static bool parse(struct gh_slice s, struct quantity *ret)
{
    bool negative = s.len > 0 && s.ptr[0] == '-';
    const struct suffix *suffix;
    unsigned behind, power;
    bool smaller;
    __int128 n;

    if (s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+'))
        s = gh_slice_drop(s, 1);
    if (!number(&s, &n, &behind) || behind > 30 || n > MOST / NANO)
        return false;
    n *= NANO;
    suffix = suffix_of(s);
    if (suffix) {
        if (!scale(&n, suffix->base, suffix->power, suffix->smaller))
            return false;
    } else if (!exponent(s, &power, &smaller) ||
               !scale(&n, 10, power, smaller)) {
        return false;
    }
    scale(&n, 10, behind, true);
    ret->nano = negative ? -n : n;
    return true;
}

static const struct quantity *of(const struct gh_cel_value *v)
{
    return v->other;
}

static struct gh_cel_value owned(struct gh_cel_eval *e, __int128 nano)
{
    struct quantity *q = gh_cel_alloc(e, 1, sizeof(*q));

    if (!q)
        return gh_cel_no_memory(e);
    if (nano > MOST || nano < -MOST)
        return gh_cel_error("a quantity out of range");
    q->nano = nano;
    return (struct gh_cel_value){.kind = GH_CEL_QUANTITY, .other = q};
}

int gh_cel_compare_quantities(const struct gh_cel_value *a,
                              const struct gh_cel_value *b)
{
    __int128 x = of(a)->nano;
    __int128 y = of(b)->nano;

    return x < y ? -1 : x > y;
}

static struct gh_cel_value quantity_of(struct gh_cel_eval *e,
                                       const struct gh_cel_value *a)
{
    struct quantity q;

    if (!parse(a[0].s, &q))
        return gh_cel_errorf(e, "\"%.*s\" is no quantity", GH_FMT(a[0].s));
    return owned(e, q.nano);
}

static struct gh_cel_value is_quantity(struct gh_cel_eval *e,
                                       const struct gh_cel_value *a)
{
    struct quantity q;

    (void)e;
    return GH_CEL_OF_BOOL(parse(a[0].s, &q));
}

static struct gh_cel_value sign(struct gh_cel_eval *e,
                                const struct gh_cel_value *a)
{
    __int128 n = of(&a[0])->nano;

    (void)e;
    return GH_CEL_OF_INT(n < 0 ? -1 : n > 0);
}

static bool whole(const struct gh_cel_value *v, int64_t *ret)
{
    __int128 n = of(v)->nano;

    if (n % NANO != 0 || n / NANO > INT64_MAX || n / NANO < INT64_MIN)
        return false;
    *ret = (int64_t)(n / NANO);
    return true;
}

static struct gh_cel_value is_integer(struct gh_cel_eval *e,
                                      const struct gh_cel_value *a)
{
    int64_t n;

    (void)e;
    return GH_CEL_OF_BOOL(whole(&a[0], &n));
}

static struct gh_cel_value as_integer(struct gh_cel_eval *e,
                                      const struct gh_cel_value *a)
{
    int64_t n;

    (void)e;
    return whole(&a[0], &n) ? GH_CEL_OF_INT(n)
                            : gh_cel_error("the quantity is no integer");
}

static struct gh_cel_value as_float(struct gh_cel_eval *e,
                                    const struct gh_cel_value *a)
{
    (void)e;
    return GH_CEL_OF_DOUBLE((double)of(&a[0])->nano / NANO);
}

static __int128 other(const struct gh_cel_value *v)
{
    return v->kind == GH_CEL_INT ? (__int128)v->i * NANO : of(v)->nano;
}

static struct gh_cel_value add(struct gh_cel_eval *e,
                               const struct gh_cel_value *a)
{
    return owned(e, of(&a[0])->nano + other(&a[1]));
}

static struct gh_cel_value sub(struct gh_cel_eval *e,
                               const struct gh_cel_value *a)
{
    return owned(e, of(&a[0])->nano - other(&a[1]));
}

static struct gh_cel_value compare_to(struct gh_cel_eval *e,
                                      const struct gh_cel_value *a)
{
    (void)e;
    return GH_CEL_OF_INT(gh_cel_compare_quantities(&a[0], &a[1]));
}

static struct gh_cel_value is_greater(struct gh_cel_eval *e,
                                      const struct gh_cel_value *a)
{
    (void)e;
    return GH_CEL_OF_BOOL(gh_cel_compare_quantities(&a[0], &a[1]) > 0);
}

static struct gh_cel_value is_less(struct gh_cel_eval *e,
                                   const struct gh_cel_value *a)
{
    (void)e;
    return GH_CEL_OF_BOOL(gh_cel_compare_quantities(&a[0], &a[1]) < 0);
}

static const struct gh_cel_fn rows[] = {
    {"quantity", false, "s", 'Q', quantity_of},
    {"isQuantity", false, "s", 'b', is_quantity},
    {"sign", true, "Q", 'i', sign},
    {"isInteger", true, "Q", 'b', is_integer},
    {"asInteger", true, "Q", 'i', as_integer},
    {"asApproximateFloat", true, "Q", 'd', as_float},
    {"add", true, "QQ", 'Q', add},
    {"add", true, "Qi", 'Q', add},
    {"sub", true, "QQ", 'Q', sub},
    {"sub", true, "Qi", 'Q', sub},
    {"compareTo", true, "QQ", 'i', compare_to},
    {"isGreaterThan", true, "QQ", 'b', is_greater},
    {"isLessThan", true, "QQ", 'b', is_less},
};

const struct gh_cel_library gh_cel_lib_quantities = {rows, GH_COUNT(rows)};
