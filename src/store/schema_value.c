/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A value against its node: types, limits, patterns, enumerations, logic
 *
 * The order of checks, and which of them a wrong type leaves to do, follow the
 * API server, since it decides whether the rules in CEL are asked at all. Its
 * peculiarities are kept: 80.0 is an integer, a format on a string lets lists
 * pass the type, the first of several faults of a string is told.
 */

#include "base/nearest.h"
#include "store/schema_internal.h"

static bool has(const struct gh_schema_node *n, unsigned type)
{
    return n->types & type;
}

/* --- types --------------------------------------------------------------- */

static unsigned type_of(struct gh_json v, const struct gh_schema_node *n)
{
    struct gh_schema_decoded d;

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
        d = gh_schema_decode(v);
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
                     GH_FMT(scalar ? gh_schema_show(v) : GH_SLICE("")),
                     scalar ? gh_schema_dots(v) : "");
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
                         GH_FMT(gh_schema_show(v)), gh_schema_dots(v),
                         GH_FMT(n->pattern->text));
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
            GH_FMT(gh_schema_show(v)), gh_schema_dots(v),
            gh_schema_format_name((enum gh_schema_format)n->format));
}

/* --- enumerations -------------------------------------------------------- */

/* A number becomes an integer before it is compared with one, as it does in
 * the API server: 302.5 passes for 302 here, and fails as an integer. */
static bool is_value(struct gh_json v, struct gh_json allowed)
{
    struct gh_schema_decoded x, y;

    if (gh_json_equal(v, allowed))
        return true;
    if (!gh_json_is(v, GH_JSON_NUMBER) || !gh_json_is(allowed, GH_JSON_NUMBER))
        return false;
    x = gh_schema_decode(v);
    y = gh_schema_decode(allowed);
    return y.is_int && !x.is_int && x.d > -0x1p53 && x.d < 0x1p53 &&
           (int64_t)x.d == y.i;
}

static void check_enum(struct gh_schema_check *c,
                       const struct gh_schema_node *n, struct gh_json v,
                       const struct gh_schema_step *at)
{
    struct gh_violation *bad;
    struct gh_nearest near;
    struct gh_buf all;

    for (size_t i = 0; i < n->enum_count; i++)
        if (is_value(v, n->enums[i]))
            return;
    gh_buf_init(&all, 900);
    gh_nearest_init(&near, gh_json_str_or(v, gh_slice_of("", 0)));
    for (size_t i = 0; i < n->enum_count; i++) {
        gh_buf_addf(&all, "%s%.*s", i > 0 ? ", " : "",
                    GH_FMT(gh_schema_show(n->enums[i])));
        if (gh_json_is(v, GH_JSON_STRING) &&
            gh_json_is(n->enums[i], GH_JSON_STRING))
            gh_nearest_offer(&near, gh_json_str(n->enums[i]));
    }
    gh_schema_report(
        c, at, GH_SCHEMA_NOT_SUPPORTED, "must be %s%.*s, not %.*s%s",
        n->enum_count > 1 ? "one of " : "", GH_FMT(gh_buf_slice(&all)),
        GH_FMT(gh_schema_show(v)), gh_schema_dots(v));
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
    gh_schema_logic(c, n, v, at);
    if (type == GH_JSON_STRING)
        check_string(c, n, v, at);
    else if (type == GH_JSON_NUMBER)
        gh_schema_number(c, n, v, at);
    else if (type == GH_JSON_ARRAY)
        check_list(c, n, v, at);
    if (n->enum_count > 0)
        check_enum(c, n, v, at);
    if (type == GH_JSON_OBJECT)
        check_object(c, n, v, at);
}
