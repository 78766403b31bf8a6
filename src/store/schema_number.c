/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Numbers against their node
 *
 * The API server decodes a number without fraction and exponent as an integer,
 * if it fits, and any other as a double. Both may be an integer to a schema:
 * 80.0 is one.
 */

#include <math.h>

#include "store/schema_internal.h"

struct gh_schema_decoded gh_schema_decode(struct gh_json v)
{
    struct gh_slice raw = gh_json_raw(v);
    struct gh_schema_decoded n = {.is_int = true};

    for (size_t i = 0; i < raw.len; i++)
        if (raw.ptr[i] == '.' || (raw.ptr[i] | 0x20) == 'e')
            n.is_int = false;
    if (n.is_int)
        n.is_int = gh_json_i64(v, &n.i);
    if (!gh_json_f64(v, &n.d))
        n.d = raw.len > 0 && raw.ptr[0] == '-' ? -(double)INFINITY
                                               : (double)INFINITY;
    return n;
}

/* Nearly whole is whole, and beyond 2^53 nothing is. */
bool gh_schema_is_whole(double d)
{
    double most = 9007199254740991.0;
    double nearest, sum;

    if (!(d >= -most && d <= most))
        return false;
    nearest = d < 0 ? ceil(d) : floor(d);
    if (d == nearest)
        return true;
    /* The comparison that is used there, one-sided as it is. */
    nearest = d < 0 ? 0 : floor(d);
    sum = fabs(d) + fabs(nearest);
    return sum > 0 && fabs(d - nearest) / sum < 1e-9;
}

static bool fits_format(const struct gh_schema_node *n,
                        struct gh_schema_decoded v)
{
    bool whole = v.is_int || v.d == floor(v.d);

    if (n->types == GH_SCHEMA_T_INTEGER) {
        double d = v.is_int ? (double)v.i : v.d;

        if (!whole)
            return false;
        if (n->format == GH_SCHEMA_INT32)
            return d >= INT32_MIN && d <= INT32_MAX;
        if (n->format == GH_SCHEMA_UINT32)
            return d >= 0 && d <= UINT32_MAX;
        if (n->format == GH_SCHEMA_UINT64)
            return d >= 0 && d < 0x1p64;
        return v.is_int || (d >= -0x1p63 && d < 0x1p63);
    }
    if (n->format == GH_SCHEMA_FLOAT)
        return fabs(v.d) < 0x1.ffffffp127;
    return true;
}

static const char *number_name(const struct gh_schema_node *n)
{
    if (n->format)
        return gh_schema_format_name((enum gh_schema_format)n->format);
    return n->types == GH_SCHEMA_T_INTEGER ? "int64" : "number";
}

static bool over(struct gh_schema_decoded v, double limit, bool itself)
{
    if (v.is_int && fabs(limit) < 0x1p63)
        return v.i > (int64_t)limit || (itself && v.i == (int64_t)limit);
    return v.d > limit || (itself && v.d == limit);
}

static bool under(struct gh_schema_decoded v, double limit, bool itself)
{
    if (v.is_int && fabs(limit) < 0x1p63)
        return v.i < (int64_t)limit || (itself && v.i == (int64_t)limit);
    return v.d < limit || (itself && v.d == limit);
}

static bool is_multiple(struct gh_schema_decoded v, double of)
{
    if (!(of > 0))
        return true;
    if (v.is_int && of >= 1 && of < 0x1p63)
        return v.i % (int64_t)of == 0;
    return gh_schema_is_whole(of < 1 ? 1 / of * v.d : v.d / of);
}

void gh_schema_number(struct gh_schema_check *c, const struct gh_schema_node *n,
                      struct gh_json v, const struct gh_schema_step *at)
{
    struct gh_schema_decoded d = gh_schema_decode(v);
    bool above = n->flags & GH_SCHEMA_F_ABOVE;
    bool below = n->flags & GH_SCHEMA_F_BELOW;

    if (!fits_format(n, d))
        gh_schema_report(c, at, GH_SCHEMA_INVALID, "%.*s%s does not fit %s",
                         GH_FMT(gh_schema_show(v)), gh_schema_dots(v),
                         number_name(n));
    if (n->flags & GH_SCHEMA_F_MULTIPLE && !is_multiple(d, n->multiple))
        gh_schema_report(c, at, GH_SCHEMA_INVALID, "must be a multiple of %g",
                         n->multiple);
    if (n->flags & GH_SCHEMA_F_MAXIMUM && over(d, n->maximum, below))
        gh_schema_report(c, at, GH_SCHEMA_INVALID,
                         "must be %s %.15g, not "
                         "%.*s%s",
                         below ? "less than" : "at most", n->maximum,
                         GH_FMT(gh_schema_show(v)), gh_schema_dots(v));
    if (n->flags & GH_SCHEMA_F_MINIMUM && under(d, n->minimum, above))
        gh_schema_report(c, at, GH_SCHEMA_INVALID,
                         "must be %s %.15g, not "
                         "%.*s%s",
                         above ? "more than" : "at least", n->minimum,
                         GH_FMT(gh_schema_show(v)), gh_schema_dots(v));
}
