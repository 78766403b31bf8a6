/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Arguments against their rows
 *
 * Whoever calls is usually a language model: it reads the complaint and tries
 * again, so all problems are named at once, each with what would have been
 * right. Two slips that models make often are forgiven because they have one
 * meaning only: an integer or boolean written as a string ("10", "true"), and
 * null for an optional argument, which counts as not given.
 */

#include "base/nearest.h"
#include "mcp/internal.h"

const struct gh_arg *gh_mcp_arg_find(const struct gh_arg *args, size_t count,
                                     struct gh_slice name)
{
    for (size_t i = 0; i < count; i++)
        if (gh_slice_is(name, args[i].name))
            return &args[i];
    return NULL;
}

/* --- one line a problem
 * -------------------------------------------------------- */

#define SHOWN_BYTES 80
#define MAX_UNKNOWN 16

/* What was given, as JSON, cut to a readable length. */
static void add_shown(struct gh_buf *b, struct gh_json v)
{
    struct gh_slice raw = gh_json_raw(v);

    (void)gh_buf_add(b, gh_slice_head(raw, SHOWN_BYTES));
    if (raw.len > SHOWN_BYTES)
        (void)gh_buf_add(b, GH_SLICE("..."));
}

static void begin_problem(struct gh_buf *b, const struct gh_arg *arg)
{
    (void)gh_buf_addf(b, "- argument \"%s\"", arg->name);
}

static void add_names(struct gh_buf *b, const struct gh_arg *args, size_t count)
{
    for (size_t i = 0; i < count; i++)
        (void)gh_buf_addf(b, "%s%s", i > 0 ? ", " : "", args[i].name);
}

static void say_unknown(struct gh_buf *b, struct gh_slice name,
                        const struct gh_arg *args, size_t count)
{
    struct gh_nearest near;

    gh_nearest_init(&near, name);
    for (size_t i = 0; i < count; i++)
        gh_nearest_offer(&near, gh_slice_str(args[i].name));
    (void)gh_buf_addf(b, "- unknown argument \"%.*s\"",
                      GH_FMT(gh_slice_head(name, SHOWN_BYTES)));
    if (near.best.ptr) {
        (void)gh_buf_addf(b, " (did you mean \"%.*s\"?)", GH_FMT(near.best));
    } else if (count > 0) {
        (void)gh_buf_add(b, GH_SLICE("; there are: "));
        add_names(b, args, count);
    } else {
        (void)gh_buf_add(b, GH_SLICE("; there are none"));
    }
    (void)gh_buf_addc(b, '\n');
}

static void say_missing(struct gh_buf *b, const struct gh_arg *arg)
{
    begin_problem(b, arg);
    (void)gh_buf_add(b, GH_SLICE(" is required and missing"));
    if (arg->description)
        (void)gh_buf_addf(b, ": %s", arg->description);
    (void)gh_buf_addc(b, '\n');
}

static void say_type(struct gh_buf *b, const struct gh_arg *arg,
                     struct gh_json given)
{
    static const char *const wanted[] = {
        [GH_ARG_STRING] = "a string",
        [GH_ARG_INTEGER] = "an integer",
        [GH_ARG_BOOLEAN] = "true or false",
        [GH_ARG_STRING_MAP] = "an object whose values are strings",
    };

    begin_problem(b, arg);
    (void)gh_buf_addf(b, " must be %s, not ", wanted[arg->type]);
    add_shown(b, given);
    (void)gh_buf_addc(b, '\n');
}

static void say_values(struct gh_buf *b, const struct gh_arg *arg,
                       struct gh_json given)
{
    struct gh_nearest near;

    gh_nearest_init(&near, gh_json_str(given));
    begin_problem(b, arg);
    (void)gh_buf_add(b, GH_SLICE(" must be one of"));
    for (const char *const *v = arg->values; *v; v++) {
        gh_nearest_offer(&near, gh_slice_str(*v));
        (void)gh_buf_addf(b, "%s \"%s\"", v == arg->values ? "" : ",", *v);
    }
    (void)gh_buf_add(b, GH_SLICE(", not "));
    add_shown(b, given);
    if (near.best.ptr)
        (void)gh_buf_addf(b, " (did you mean \"%.*s\"?)", GH_FMT(near.best));
    (void)gh_buf_addc(b, '\n');
}

static void say_range(struct gh_buf *b, const struct gh_arg *arg, int64_t value)
{
    begin_problem(b, arg);
    (void)gh_buf_addf(b,
                      " must be from %lld to %lld, not %lld (the nearest is "
                      "%lld)\n",
                      (long long)arg->min, (long long)arg->max,
                      (long long)value,
                      (long long)(value < arg->min ? arg->min : arg->max));
}

/* --- checks: each says what is wrong and returns whether something was
 * ------------ */

static bool check_string(struct gh_buf *b, const struct gh_arg *arg,
                         struct gh_json given)
{
    if (!arg->values) {
        if (!gh_json_is(given, GH_JSON_STRING))
            say_type(b, arg, given);
        return !gh_json_is(given, GH_JSON_STRING);
    }
    for (const char *const *v = arg->values; *v; v++)
        if (gh_json_str_is(given, *v))
            return false;
    say_values(b, arg, given);
    return true;
}

static bool check_integer(struct gh_buf *b, const struct gh_arg *arg,
                          struct gh_json given)
{
    int64_t value;

    if (!gh_mcp_int_read(given, &value)) {
        say_type(b, arg, given);
        return true;
    }
    if ((arg->min == 0 && arg->max == 0) ||
        (value >= arg->min && value <= arg->max))
        return false;
    say_range(b, arg, value);
    return true;
}

static bool check_boolean(struct gh_buf *b, const struct gh_arg *arg,
                          struct gh_json given)
{
    if (gh_json_is(given, GH_JSON_TRUE) || gh_json_is(given, GH_JSON_FALSE) ||
        gh_json_str_is(given, "true") || gh_json_str_is(given, "false"))
        return false;
    say_type(b, arg, given);
    return true;
}

static bool check_map(struct gh_buf *b, const struct gh_arg *arg,
                      struct gh_json given)
{
    bool ok = gh_json_is(given, GH_JSON_OBJECT);

    for (struct gh_json_iter it = gh_json_iter(given); ok && gh_json_next(&it);)
        ok = gh_json_is(it.value, GH_JSON_STRING);
    if (!ok)
        say_type(b, arg, given);
    return !ok;
}

static bool check_one(struct gh_buf *b, const struct gh_arg *arg,
                      struct gh_json given)
{
    if (!gh_json_given(given)) {
        if (arg->required)
            say_missing(b, arg);
        return arg->required;
    }
    switch (arg->type) {
    case GH_ARG_STRING:
        return check_string(b, arg, given);
    case GH_ARG_INTEGER:
        return check_integer(b, arg, given);
    case GH_ARG_BOOLEAN:
        return check_boolean(b, arg, given);
    case GH_ARG_STRING_MAP:
        return check_map(b, arg, given);
    }
    return false;
}

size_t gh_mcp_args_check(struct gh_json given, const struct gh_arg *args,
                         size_t count, struct gh_buf *problems)
{
    size_t found = 0;

    for (struct gh_json_iter it = gh_json_iter(given); gh_json_next(&it);) {
        if (gh_mcp_arg_find(args, count, it.name))
            continue;
        if (found++ < MAX_UNKNOWN)
            say_unknown(problems, it.name, args, count);
    }
    if (found > MAX_UNKNOWN)
        (void)gh_buf_addf(problems, "- and %zu more unknown arguments\n",
                          found - MAX_UNKNOWN);
    for (size_t i = 0; i < count; i++)
        found += check_one(problems, &args[i],
                           gh_json_getn(given, gh_slice_str(args[i].name)));
    return found;
}
