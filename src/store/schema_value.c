/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A value against its node: types, limits, patterns, enumerations, logic
 *
 * The order of checks, and which of them a wrong type leaves to do, follow the
 * API server, since it decides whether the rules in CEL are asked at all. Its
 * peculiarities are kept: 80.0 is an integer, a format on a string lets lists
 * pass the type, the first of several faults of a string is told.
 */

#include <math.h>

#include "base/nearest.h"
#include "store/schema_internal.h"

#define SHOWN_BYTES 60

static bool has(const struct gh_schema_node *n, unsigned type)
{
    return n->types & type;
}

/* Written as in the source, not too much of it, not half a character. */
static struct gh_slice show(struct gh_json v)
{
    struct gh_slice raw = gh_json_raw(v);
    size_t len = raw.len < SHOWN_BYTES ? raw.len : SHOWN_BYTES;

    while (len < raw.len && len > 0 && (raw.ptr[len] & 0xc0) == 0x80)
        len--;
    return gh_slice_head(raw, len);
}

static const char *dots(struct gh_json v)
{
    return show(v).len < gh_json_raw(v).len ? "..." : "";
}

/* --- numbers ------------------------------------------------------------- */

struct gh_schema_number gh_schema_number_of(struct gh_json v)
{
    struct gh_slice raw = gh_json_raw(v);
    struct gh_schema_number n = {.is_int = true};

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
                        struct gh_schema_number v)
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

static bool over(struct gh_schema_number v, double limit, bool itself)
{
    if (v.is_int && fabs(limit) < 0x1p63)
        return v.i > (int64_t)limit || (itself && v.i == (int64_t)limit);
    return v.d > limit || (itself && v.d == limit);
}

static bool under(struct gh_schema_number v, double limit, bool itself)
{
    if (v.is_int && fabs(limit) < 0x1p63)
        return v.i < (int64_t)limit || (itself && v.i == (int64_t)limit);
    return v.d < limit || (itself && v.d == limit);
}

static bool is_multiple(struct gh_schema_number v, double of)
{
    if (!(of > 0))
        return true;
    if (v.is_int && of >= 1 && of < 0x1p63)
        return v.i % (int64_t)of == 0;
    return gh_schema_is_whole(of < 1 ? 1 / of * v.d : v.d / of);
}

static void check_number(struct gh_schema_check *c,
                         const struct gh_schema_node *n, struct gh_json v,
                         const struct gh_schema_step *at)
{
    struct gh_schema_number d = gh_schema_number_of(v);
    bool above = n->flags & GH_SCHEMA_F_ABOVE;
    bool below = n->flags & GH_SCHEMA_F_BELOW;

    if (!fits_format(n, d))
        gh_schema_report(c, at, GH_SCHEMA_INVALID, "%.*s%s does not fit %s",
                         GH_FMT(show(v)), dots(v), number_name(n));
    if (n->flags & GH_SCHEMA_F_MULTIPLE && !is_multiple(d, n->multiple))
        gh_schema_report(c, at, GH_SCHEMA_INVALID, "must be a multiple of %g",
                         n->multiple);
    if (n->flags & GH_SCHEMA_F_MAXIMUM && over(d, n->maximum, below))
        gh_schema_report(c, at, GH_SCHEMA_INVALID,
                         "must be %s %.15g, not "
                         "%.*s%s",
                         below ? "less than" : "at most", n->maximum,
                         GH_FMT(show(v)), dots(v));
    if (n->flags & GH_SCHEMA_F_MINIMUM && under(d, n->minimum, above))
        gh_schema_report(c, at, GH_SCHEMA_INVALID,
                         "must be %s %.15g, not "
                         "%.*s%s",
                         above ? "more than" : "at least", n->minimum,
                         GH_FMT(show(v)), dots(v));
}

/* --- types --------------------------------------------------------------- */

static unsigned type_of(struct gh_json v, const struct gh_schema_node *n)
{
    struct gh_schema_number d;

    switch (gh_json_type(v)) {
    case GH_JSON_OBJECT:
        return GH_SCHEMA_T_OBJECT;
    case GH_JSON_ARRAY:
        return GH_SCHEMA_T_ARRAY;
    case GH_JSON_STRING:
        return GH_SCHEMA_T_STRING;
    case GH_JSON_TRUE:
    case GH_JSON_FALSE:
        return GH_SCHEMA_T_BOOLEAN;
    case GH_JSON_NUMBER:
        d = gh_schema_number_of(v);
        if (d.is_int)
            return GH_SCHEMA_T_INTEGER |
                   (has(n, GH_SCHEMA_T_NUMBER) ? GH_SCHEMA_T_NUMBER : 0u);
        return GH_SCHEMA_T_NUMBER |
               (gh_schema_is_whole(d.d) ? GH_SCHEMA_T_INTEGER : 0u);
    case GH_JSON_MISSING:
    case GH_JSON_NULL:
    default:
        return 0;
    }
}

static bool type_fits(const struct gh_schema_node *n, struct gh_json v)
{
    bool text = gh_json_is(v, GH_JSON_STRING) || gh_json_is(v, GH_JSON_ARRAY);

    if (n->types == 0)
        return true;
    if (text && n->format && !has(n, GH_SCHEMA_T_NUMBER | GH_SCHEMA_T_INTEGER))
        return true;
    return has(n, type_of(v, n));
}

static void write_types(const struct gh_schema_node *n, struct gh_buf *out)
{
    static const struct {
        uint8_t type;
        const char *name;
    } rows[] = {
        {GH_SCHEMA_T_OBJECT, "an object"},   {GH_SCHEMA_T_ARRAY, "a list"},
        {GH_SCHEMA_T_INTEGER, "an integer"}, {GH_SCHEMA_T_STRING, "a string"},
        {GH_SCHEMA_T_NUMBER, "a number"},    {GH_SCHEMA_T_BOOLEAN, "a boolean"},
    };

    for (size_t i = 0; i < GH_COUNT(rows); i++)
        if (n->types & rows[i].type)
            gh_buf_addf(out, "%s%s", out->len > 0 ? " or " : "", rows[i].name);
}

static void wrong_type(struct gh_schema_check *c,
                       const struct gh_schema_node *n, struct gh_json v,
                       const struct gh_schema_step *at)
{
    struct gh_buf want;
    bool scalar = gh_json_type(v) < GH_JSON_ARRAY;

    gh_buf_init(&want, 256);
    write_types(n, &want);
    gh_schema_report(c, at, GH_SCHEMA_TYPE_INVALID,
                     "must be %.*s, not %s%.*s%s", GH_FMT(gh_buf_slice(&want)),
                     scalar                         ? ""
                     : gh_json_is(v, GH_JSON_ARRAY) ? "a list"
                                                    : "an object",
                     GH_FMT(scalar ? show(v) : GH_SLICE("")),
                     scalar ? dots(v) : "");
    gh_buf_fini(&want);
}

/* --- strings ------------------------------------------------------------- */

static size_t characters(struct gh_slice s)
{
    size_t count = 0;

    for (size_t i = 0; i < s.len; i++)
        count += (s.ptr[i] & 0xc0) != 0x80;
    return count;
}

static void check_pattern(struct gh_schema_check *c,
                          const struct gh_schema_node *n, struct gh_json v,
                          const struct gh_schema_step *at)
{
    enum gh_rc rc =
        gh_re2_search(n->pattern->re, gh_json_str(v), 0, &c->regex, NULL);

    if (rc == GH_ENOMEM)
        c->out_of_memory = true;
    else if (rc < 0)
        gh_schema_report(c, at, GH_SCHEMA_INVALID,
                         "is too long to be matched with %.*s",
                         GH_FMT(n->pattern->text));
    else if (rc == GH_END)
        gh_schema_report(c, at, GH_SCHEMA_INVALID, "%.*s%s must match %.*s",
                         GH_FMT(show(v)), dots(v), GH_FMT(n->pattern->text));
}

static void check_string(struct gh_schema_check *c,
                         const struct gh_schema_node *n, struct gh_json v,
                         const struct gh_schema_step *at)
{
    struct gh_slice s = gh_json_str(v);
    bool limited = n->max_length != GH_SCHEMA_ABSENT || n->min_length > 0;
    size_t len = limited ? characters(s) : 0;

    if (len > n->max_length)
        gh_schema_report(c, at, GH_SCHEMA_TOO_LONG,
                         "must have at most %u characters, but has %zu",
                         n->max_length, len);
    else if (len < n->min_length)
        gh_schema_report(c, at, GH_SCHEMA_INVALID,
                         n->min_length == 1
                             ? "must not be empty"
                             : "must have at least %u characters, but has %zu",
                         n->min_length, len);
    else if (n->pattern)
        check_pattern(c, n, v, at);
    if (n->format > GH_SCHEMA_TEXT_FORMATS &&
        !gh_schema_format_fits((enum gh_schema_format)n->format, s))
        gh_schema_report(
            c, at, GH_SCHEMA_TYPE_INVALID, "%.*s%s must be a valid %s",
            GH_FMT(show(v)), dots(v),
            gh_schema_format_name((enum gh_schema_format)n->format));
}

/* --- enumerations -------------------------------------------------------- */

static void check_enum(struct gh_schema_check *c,
                       const struct gh_schema_node *n, struct gh_json v,
                       const struct gh_schema_step *at)
{
    struct gh_violation *bad;
    struct gh_nearest near;
    struct gh_buf all;

    for (size_t i = 0; i < n->enum_count; i++)
        if (gh_json_equal(v, n->enums[i]))
            return;
    gh_buf_init(&all, 900);
    gh_nearest_init(&near, gh_json_str_or(v, gh_slice_of("", 0)));
    for (size_t i = 0; i < n->enum_count; i++) {
        gh_buf_addf(&all, "%s%.*s", i > 0 ? ", " : "",
                    GH_FMT(show(n->enums[i])));
        if (gh_json_is(v, GH_JSON_STRING) &&
            gh_json_is(n->enums[i], GH_JSON_STRING))
            gh_nearest_offer(&near, gh_json_str(n->enums[i]));
    }
    gh_schema_report(c, at, GH_SCHEMA_NOT_SUPPORTED,
                     "must be %s%.*s, not %.*s%s",
                     n->enum_count > 1 ? "one of " : "",
                     GH_FMT(gh_buf_slice(&all)), GH_FMT(show(v)), dots(v));
    bad = gh_schema_last(c);
    if (bad && near.best.ptr)
        bad->nearest = near.best;
    gh_buf_fini(&all);
}

/* --- containers ---------------------------------------------------------- */

static void check_list(struct gh_schema_check *c,
                       const struct gh_schema_node *n, struct gh_json v,
                       const struct gh_schema_step *at)
{
    struct gh_schema_step step = {.up = at};

    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);
         step.index++)
        if (n->items)
            gh_schema_value(c, n->items, it.value, &step);
    if (step.index < n->min_items)
        gh_schema_report(c, at, GH_SCHEMA_INVALID,
                         "must have at least %u item%s, but has %zu",
                         n->min_items, n->min_items == 1 ? "" : "s",
                         step.index);
    if (step.index > n->max_items)
        gh_schema_report(c, at, GH_SCHEMA_TOO_MANY,
                         "must have at most %u item%s, but has %zu",
                         n->max_items, n->max_items == 1 ? "" : "s",
                         step.index);
}

static void check_required(struct gh_schema_check *c,
                           const struct gh_schema_node *n, struct gh_json v,
                           const struct gh_schema_step *at)
{
    for (size_t i = 0; i < n->required_count; i++) {
        struct gh_schema_step step = {.up = at, .name = n->required[i]};

        if (gh_json_is(gh_json_getn(v, n->required[i]), GH_JSON_MISSING))
            gh_schema_report(c, &step, GH_SCHEMA_REQUIRED, "is required");
    }
}

static void check_members(struct gh_schema_check *c,
                          const struct gh_schema_node *n, struct gh_json v,
                          const struct gh_schema_step *at)
{
    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);) {
        const struct gh_schema_prop *p = gh_schema_prop_find(n, it.name);
        struct gh_schema_step step = {.up = at, .name = it.name, .key = !p};

        if (!at && c->schema->has_status && gh_slice_is(it.name, "status"))
            continue;
        if (p || n->additional)
            gh_schema_value(c, p ? p->node : n->additional, it.value, &step);
    }
}

static void check_object(struct gh_schema_check *c,
                         const struct gh_schema_node *n, struct gh_json v,
                         const struct gh_schema_step *at)
{
    size_t count = 0;

    if (n->min_props > 0 || n->max_props != GH_SCHEMA_ABSENT)
        count = gh_json_count(v);
    if (count < n->min_props) {
        gh_schema_report(c, at, GH_SCHEMA_INVALID,
                         "must have at least %u fields, but has %zu",
                         n->min_props, count);
        return;
    }
    if (count > n->max_props) {
        gh_schema_report(c, at, GH_SCHEMA_TOO_MANY,
                         "must have at most %u fields, but has %zu",
                         n->max_props, count);
        return;
    }
    if (n->prop_count > 0 || n->additional)
        check_members(c, n, v, at);
    check_required(c, n, v, at);
}

/* --- logic --------------------------------------------------------------- */

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

static void check_logic(struct gh_schema_check *c,
                        const struct gh_schema_node *n, struct gh_json v,
                        const struct gh_schema_step *at)
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

void gh_schema_value(struct gh_schema_check *c, const struct gh_schema_node *n,
                     struct gh_json v, const struct gh_schema_step *at)
{
    enum gh_json_type type = gh_json_type(v);

    if (type == GH_JSON_NULL) {
        if (n->types != 0 && !(n->flags & GH_SCHEMA_F_NULLABLE))
            wrong_type(c, n, v, at);
        if (n->enum_count > 0)
            check_enum(c, n, v, at);
        return;
    }
    if (!type_fits(n, v))
        wrong_type(c, n, v, at);
    check_logic(c, n, v, at);
    if (type == GH_JSON_STRING)
        check_string(c, n, v, at);
    else if (type == GH_JSON_NUMBER)
        check_number(c, n, v, at);
    else if (type == GH_JSON_ARRAY)
        check_list(c, n, v, at);
    if (n->enum_count > 0)
        check_enum(c, n, v, at);
    if (type == GH_JSON_OBJECT)
        check_object(c, n, v, at);
}
