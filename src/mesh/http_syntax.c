/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh/http_syntax.h"

#include "base/num.h"

static bool is_token_byte(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') || (c && strchr("!#$%&'*+-.^_`|~", c));
}

bool gh_header_name_ok(struct gh_slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_token_byte((unsigned char)s.ptr[i]))
            return false;
    return s.len > 0;
}

bool gh_header_value_ok(struct gh_slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];

        if (c != '\t' && (c < 0x20 || c == 0x7f))
            return false;
    }
    return true;
}

bool gh_annotation_duration(struct gh_slice s, uint64_t *ret)
{
    static const struct {
        const char *unit;
        uint64_t ms;
    } units[] = {{"ms", 1},
                 {"s", 1000},
                 {"m", 60 * 1000},
                 {"h", 3600 * 1000},
                 {"d", 86400 * 1000}};
    struct gh_slice digits = gh_slice_trim(s);
    struct gh_slice unit;
    uint64_t magnitude;
    size_t n = 0;

    if (digits.len > 1 && digits.ptr[0] == '+')
        digits = gh_slice_drop(digits, 1);
    while (n < digits.len && digits.ptr[n] >= '0' && digits.ptr[n] <= '9')
        n++;
    unit = gh_slice_drop(digits, n);
    if (!gh_u64_parse(gh_slice_head(digits, n), &magnitude))
        return false;
    for (size_t i = 0; i < GH_COUNT(units); i++)
        if (gh_slice_is(unit, units[i].unit))
            return !__builtin_mul_overflow(magnitude, units[i].ms, ret);
    *ret = 0;
    return unit.len == 0 && magnitude == 0;
}

bool gh_annotation_duration_ok(struct gh_slice s)
{
    uint64_t ms;

    return gh_annotation_duration(s, &ms);
}

static bool is_status(struct gh_slice s, uint64_t *ret)
{
    if (s.len > 1 && s.ptr[0] == '+')
        s = gh_slice_drop(s, 1);
    return gh_u64_parse(s, ret) && *ret >= 100 && *ret <= 599;
}

bool gh_annotation_http_ok(struct gh_slice list)
{
    struct gh_slice item;

    while (gh_slice_cut(&list, ',', &item)) {
        size_t dash = gh_slice_find(item, '-');
        uint64_t from;
        uint64_t to;

        if (gh_slice_eq_nocase(item, GH_SLICE("5xx")) ||
            gh_slice_eq_nocase(item, GH_SLICE("gateway-error")) ||
            is_status(item, &from))
            continue;
        if (dash == item.len || !is_status(gh_slice_head(item, dash), &from) ||
            !is_status(gh_slice_drop(item, dash + 1), &to) || from > to)
            return false;
    }
    return true;
}

bool gh_annotation_grpc_ok(struct gh_slice list)
{
    static const char *const names[] = {"cancelled", "deadline-exceeded",
                                        "internal", "resource-exhausted",
                                        "unavailable"};
    struct gh_slice item;

    while (gh_slice_cut(&list, ',', &item)) {
        bool known = false;

        for (size_t i = 0; i < GH_COUNT(names); i++)
            known |= gh_slice_eq_nocase(item, gh_slice_str(names[i]));
        if (!known)
            return false;
    }
    return true;
}

bool gh_annotation_limit_ok(struct gh_slice s)
{
    uint64_t n;

    if (s.len > 1 && s.ptr[0] == '+')
        s = gh_slice_drop(s, 1);
    return gh_u64_parse(s, &n) && n <= UINT16_MAX;
}

/* Digits with an optional fraction; drops them from @s. */
static bool decimal(struct gh_slice *s, double *ret)
{
    double scale = 1;
    bool digits = false;
    bool fraction = false;

    *ret = 0;
    while (s->len > 0) {
        char c = s->ptr[0];

        if (c == '.' && !fraction) {
            fraction = true;
        } else if (c >= '0' && c <= '9') {
            digits = true;
            scale = fraction ? scale / 10 : scale;
            *ret = fraction ? *ret + (c - '0') * scale : *ret * 10 + (c - '0');
        } else {
            break;
        }
        *s = gh_slice_drop(*s, 1);
    }
    return digits;
}

/* Longest names first: "m" is also the beginning of "ms". */
static bool go_unit(struct gh_slice *s, double *ret)
{
    static const struct {
        const char *name;
        double ns;
    } units[] = {{"ns", 1},          {"us", 1e3},  {"\xc2\xb5s", 1e3},
                 {"\xce\xbcs", 1e3}, {"ms", 1e6},  {"s", 1e9},
                 {"m", 6e10},        {"h", 3.6e12}};

    for (size_t i = 0; i < GH_COUNT(units); i++) {
        struct gh_slice name = gh_slice_str(units[i].name);

        if (gh_slice_starts(*s, name)) {
            *s = gh_slice_drop(*s, name.len);
            *ret = units[i].ns;
            return true;
        }
    }
    return false;
}

bool gh_go_duration(struct gh_slice s, double *ret)
{
    bool negative = s.len > 0 && s.ptr[0] == '-';
    double total = 0;
    double number;
    double unit;

    if (s.len > 0 && (negative || s.ptr[0] == '+'))
        s = gh_slice_drop(s, 1);
    if (gh_slice_is(s, "0")) {
        *ret = 0;
        return true;
    }
    do {
        if (!decimal(&s, &number) || !go_unit(&s, &unit))
            return false;
        total += number * unit;
    } while (s.len > 0);
    if (total > 9.223372036854775e18)
        return false;
    *ret = negative ? -total : total;
    return true;
}
