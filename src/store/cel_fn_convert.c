/* SPDX-License-Identifier: Apache-2.0 */

/*
 * CEL's conversions, type() and size()
 */

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/cel_fn.h"

static struct gh_cel_value same(struct gh_cel_eval *e,
                                const struct gh_cel_value *a)
{
    (void)e;
    return a[0];
}

static struct gh_cel_value out_of_range(void)
{
    return gh_cel_error("a number out of range");
}

static struct gh_cel_value to_int(struct gh_cel_eval *e,
                                  const struct gh_cel_value *a)
{
    (void)e;
    if (a[0].kind == GH_CEL_UINT)
        return a[0].u > INT64_MAX ? out_of_range()
                                  : GH_CEL_OF_INT((int64_t)a[0].u);
    if (a[0].kind == GH_CEL_TIMESTAMP)
        return GH_CEL_OF_INT(a[0].time.s);
    if (!(a[0].d > -0x1p63 && a[0].d < 0x1p63))
        return out_of_range();
    return GH_CEL_OF_INT((int64_t)a[0].d);
}

static struct gh_cel_value to_uint(struct gh_cel_eval *e,
                                   const struct gh_cel_value *a)
{
    (void)e;
    if (a[0].kind == GH_CEL_INT)
        return a[0].i < 0 ? out_of_range() : GH_CEL_OF_UINT((uint64_t)a[0].i);
    if (!(a[0].d >= 0 && a[0].d < 0x1p64))
        return out_of_range();
    return GH_CEL_OF_UINT((uint64_t)a[0].d);
}

/* All of @s as decimal digits, with a sign if @negative is given. */
static bool decimal(struct gh_slice s, uint64_t *ret, bool *negative)
{
    uint64_t n = 0;

    if (negative && s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+')) {
        *negative = s.ptr[0] == '-';
        s = gh_slice_drop(s, 1);
    }
    if (s.len == 0)
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < '0' || s.ptr[i] > '9' ||
            __builtin_mul_overflow(n, 10, &n) ||
            __builtin_add_overflow(n, (uint64_t)(s.ptr[i] - '0'), &n))
            return false;
    *ret = n;
    return true;
}

static struct gh_cel_value int_of(struct gh_cel_eval *e,
                                  const struct gh_cel_value *a)
{
    bool negative = false;
    uint64_t n;

    (void)e;
    if (!decimal(a[0].s, &n, &negative) ||
        n > (uint64_t)INT64_MAX + (negative ? 1 : 0))
        return gh_cel_error("the string is no int");
    return GH_CEL_OF_INT((int64_t)(negative ? 0 - n : n));
}

static struct gh_cel_value uint_of(struct gh_cel_eval *e,
                                   const struct gh_cel_value *a)
{
    uint64_t n;

    (void)e;
    if (!decimal(a[0].s, &n, NULL))
        return gh_cel_error("the string is no uint");
    return GH_CEL_OF_UINT(n);
}

static struct gh_cel_value to_double(struct gh_cel_eval *e,
                                     const struct gh_cel_value *a)
{
    (void)e;
    return GH_CEL_OF_DOUBLE(a[0].kind == GH_CEL_INT ? (double)a[0].i
                                                    : (double)a[0].u);
}

static struct gh_cel_value double_of(struct gh_cel_eval *e,
                                     const struct gh_cel_value *a)
{
    struct gh_slice s;
    char *end;
    double d;

    if (a[0].s.len == 0 || a[0].s.len > 400 ||
        !strchr("0123456789+-.iInN", a[0].s.ptr[0]))
        return gh_cel_error("the string is no double");
    s = gh_arena_dup(e->run->arena, a[0].s);
    if (!s.ptr)
        return gh_cel_no_memory(e);
    d = strtod(s.ptr, &end);
    if (end != s.ptr + s.len)
        return gh_cel_error("the string is no double");
    return GH_CEL_OF_DOUBLE(d);
}

static struct gh_cel_value bool_of(struct gh_cel_eval *e,
                                   const struct gh_cel_value *a)
{
    static const struct {
        const char *text;
        bool value;
    } rows[] = {
        {"true", true},   {"True", true}, {"TRUE", true},   {"t", true},
        {"T", true},      {"1", true},    {"false", false}, {"False", false},
        {"FALSE", false}, {"f", false},   {"F", false},     {"0", false},
    };

    (void)e;
    for (size_t i = 0; i < GH_COUNT(rows); i++)
        if (gh_slice_is(a[0].s, rows[i].text))
            return GH_CEL_OF_BOOL(rows[i].value);
    return gh_cel_error("the string is no bool");
}

static struct gh_cel_value owned(struct gh_cel_eval *e, struct gh_slice s)
{
    return s.ptr ? GH_CEL_OF_STRING(s) : gh_cel_no_memory(e);
}

static struct gh_cel_value number_text(struct gh_cel_eval *e,
                                       const struct gh_cel_value *a)
{
    struct gh_arena *arena = e->run->arena;
    char text[40];

    if (a[0].kind == GH_CEL_INT)
        return owned(e, gh_arena_fmt(arena, "%lld", (long long)a[0].i));
    if (a[0].kind == GH_CEL_UINT)
        return owned(e,
                     gh_arena_fmt(arena, "%llu", (unsigned long long)a[0].u));
    if (isnan(a[0].d))
        return GH_CEL_OF_STRING(GH_SLICE("NaN"));
    if (isinf(a[0].d))
        return GH_CEL_OF_STRING(a[0].d > 0 ? GH_SLICE("+Inf")
                                           : GH_SLICE("-Inf"));
    for (int digits = 1; digits <= 17; digits++) { /* the shortest */
        snprintf(text, sizeof(text), "%.*g", digits, a[0].d);
        if (strtod(text, NULL) == a[0].d)
            break;
    }
    return owned(e, gh_arena_fmt(arena, "%s", text));
}

static struct gh_cel_value bool_text(struct gh_cel_eval *e,
                                     const struct gh_cel_value *a)
{
    (void)e;
    return GH_CEL_OF_STRING(a[0].b ? GH_SLICE("true") : GH_SLICE("false"));
}

static struct gh_cel_value time_text(struct gh_cel_eval *e,
                                     const struct gh_cel_value *a)
{
    return owned(e, a[0].kind == GH_CEL_DURATION
                        ? gh_cel_print_duration(a[0].time, e->run->arena)
                        : gh_cel_print_timestamp(a[0].time, e->run->arena));
}

static struct gh_cel_value bytes_text(struct gh_cel_eval *e,
                                      const struct gh_cel_value *a)
{
    size_t count;

    (void)e;
    if (!gh_cel_utf8(a[0].s, &count))
        return gh_cel_error("the bytes are no UTF-8");
    return GH_CEL_OF_STRING(a[0].s);
}

static struct gh_cel_value to_bytes(struct gh_cel_eval *e,
                                    const struct gh_cel_value *a)
{
    (void)e;
    return (struct gh_cel_value){.kind = GH_CEL_BYTES, .s = a[0].s};
}

static struct gh_cel_value duration_of(struct gh_cel_eval *e,
                                       const struct gh_cel_value *a)
{
    struct gh_cel_value v = {.kind = GH_CEL_DURATION};

    if (gh_cel_parse_duration(a[0].s, &v.time))
        return v;
    return gh_cel_errorf(e, "\"%.*s\" is no duration", GH_FMT(a[0].s));
}

static struct gh_cel_value timestamp_of(struct gh_cel_eval *e,
                                        const struct gh_cel_value *a)
{
    struct gh_cel_value v = {.kind = GH_CEL_TIMESTAMP};

    if (a[0].kind == GH_CEL_INT) {
        if (a[0].i < -62135596800 || a[0].i > 253402300799)
            return gh_cel_error("a time out of range");
        v.time.s = a[0].i;
        return v;
    }
    if (gh_cel_parse_timestamp(a[0].s, &v.time))
        return v;
    return gh_cel_errorf(e, "\"%.*s\" is no time", GH_FMT(a[0].s));
}

static struct gh_cel_value type_of(struct gh_cel_eval *e,
                                   const struct gh_cel_value *a)
{
    (void)e;
    return (struct gh_cel_value){.kind = GH_CEL_TYPE,
                                 .of = (enum gh_cel_kind)a[0].kind};
}

static struct gh_cel_value size_of(struct gh_cel_eval *e,
                                   const struct gh_cel_value *a)
{
    size_t count;

    if (a[0].kind == GH_CEL_LIST || a[0].kind == GH_CEL_MAP) {
        count = gh_cel_size(&a[0]);
        gh_cel_pay(e, a[0].is_json ? count / 8 : 0);
        return GH_CEL_OF_INT((int64_t)count);
    }
    gh_cel_pay(e, a[0].s.len / 10);
    if (a[0].kind == GH_CEL_BYTES)
        return GH_CEL_OF_INT((int64_t)a[0].s.len);
    gh_cel_utf8(a[0].s, &count);
    return GH_CEL_OF_INT((int64_t)count);
}

static const struct gh_cel_fn rows[] = {
    {"size", false, "s", 'i', size_of},
    {"size", false, "l", 'i', size_of},
    {"size", false, "m", 'i', size_of},
    {"size", false, "y", 'i', size_of},
    {"size", true, "s", 'i', size_of},
    {"size", true, "l", 'i', size_of},
    {"size", true, "m", 'i', size_of},
    {"size", true, "y", 'i', size_of},
    {"duration", false, "s", 'D', duration_of},
    {"duration", false, "D", 'D', same},
    {"timestamp", false, "s", 'T', timestamp_of},
    {"timestamp", false, "i", 'T', timestamp_of},
    {"timestamp", false, "T", 'T', same},
    {"int", false, "i", 'i', same},
    {"int", false, "s", 'i', int_of},
    {"int", false, "u", 'i', to_int},
    {"int", false, "d", 'i', to_int},
    {"int", false, "T", 'i', to_int},
    {"uint", false, "u", 'u', same},
    {"uint", false, "s", 'u', uint_of},
    {"uint", false, "i", 'u', to_uint},
    {"uint", false, "d", 'u', to_uint},
    {"double", false, "d", 'd', same},
    {"double", false, "s", 'd', double_of},
    {"double", false, "i", 'd', to_double},
    {"double", false, "u", 'd', to_double},
    {"bool", false, "b", 'b', same},
    {"bool", false, "s", 'b', bool_of},
    {"string", false, "s", 's', same},
    {"string", false, "i", 's', number_text},
    {"string", false, "u", 's', number_text},
    {"string", false, "d", 's', number_text},
    {"string", false, "b", 's', bool_text},
    {"string", false, "y", 's', bytes_text},
    {"string", false, "D", 's', time_text},
    {"string", false, "T", 's', time_text},
    {"string", false, "I", 's', gh_cel_net_text},
    {"string", false, "C", 's', gh_cel_net_text},
    {"bytes", false, "y", 'y', same},
    {"bytes", false, "s", 'y', to_bytes},
    {"type", false, "*", 't', type_of},
    {"dyn", false, "*", '*', same},
};

const struct gh_cel_library gh_cel_lib_convert = {rows, GH_COUNT(rows)};
