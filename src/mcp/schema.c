/* SPDX-License-Identifier: Apache-2.0 */

/*
 * inputSchema, from the rows of a tool's arguments
 *
 * What a client is told and what args.c checks come from the same rows. Only
 * plain JSON Schema is used (no $ref, no combinators), so every client and
 * every model reads it.
 */

#include "mcp/internal.h"

static void write_type(struct gh_jsonw *w, const struct gh_arg *arg)
{
    static const char *const names[] = {
        [GH_ARG_STRING] = "string",
        [GH_ARG_INTEGER] = "integer",
        [GH_ARG_BOOLEAN] = "boolean",
        [GH_ARG_STRING_MAP] = "object",
    };

    gh_jsonw_ktext(w, "type", names[arg->type]);
    if (arg->type != GH_ARG_STRING_MAP)
        return;
    gh_jsonw_kobject(w, "additionalProperties");
    gh_jsonw_kstr(w, "type", GH_SLICE("string"));
    gh_jsonw_end(w);
}

static void write_default(struct gh_jsonw *w, const struct gh_arg *arg)
{
    int64_t number;

    if (!arg->otherwise)
        return;
    gh_jsonw_key(w, GH_SLICE("default"));
    switch (arg->type) {
    case GH_ARG_INTEGER:
        if (gh_mcp_int_text(gh_slice_str(arg->otherwise), &number))
            gh_jsonw_i64(w, number);
        else
            gh_jsonw_null(w);
        break;
    case GH_ARG_BOOLEAN:
        gh_jsonw_bool(w, strcmp(arg->otherwise, "true") == 0);
        break;
    case GH_ARG_STRING_MAP:
        gh_jsonw_raw(w, gh_slice_str(arg->otherwise));
        break;
    case GH_ARG_STRING:
        gh_jsonw_str(w, gh_slice_str(arg->otherwise));
        break;
    }
}

static void write_arg(struct gh_jsonw *w, const struct gh_arg *arg)
{
    gh_jsonw_object(w);
    write_type(w, arg);
    if (arg->description)
        gh_jsonw_ktext(w, "description", arg->description);
    if (arg->values) {
        gh_jsonw_karray(w, "enum");
        for (const char *const *v = arg->values; *v; v++)
            gh_jsonw_str(w, gh_slice_str(*v));
        gh_jsonw_end(w);
    }
    write_default(w, arg);
    if (arg->type == GH_ARG_INTEGER && (arg->min || arg->max)) {
        gh_jsonw_ki64(w, "minimum", arg->min);
        gh_jsonw_ki64(w, "maximum", arg->max);
    }
    gh_jsonw_end(w);
}

static void write_required(struct gh_jsonw *w, const struct gh_arg *args,
                           size_t count)
{
    size_t required = 0;

    for (size_t i = 0; i < count; i++)
        required += args[i].required;
    if (required == 0)
        return;
    gh_jsonw_karray(w, "required");
    for (size_t i = 0; i < count; i++)
        if (args[i].required)
            gh_jsonw_str(w, gh_slice_str(args[i].name));
    gh_jsonw_end(w);
}

void gh_mcp_write_schema(struct gh_jsonw *w, const struct gh_arg *args,
                         size_t count)
{
    gh_jsonw_object(w);
    gh_jsonw_kstr(w, "type", GH_SLICE("object"));
    gh_jsonw_kobject(w, "properties");
    for (size_t i = 0; i < count; i++) {
        gh_jsonw_key(w, gh_slice_str(args[i].name));
        write_arg(w, &args[i]);
    }
    gh_jsonw_end(w);
    write_required(w, args, count);
    gh_jsonw_kbool(w, "additionalProperties", false);
    gh_jsonw_end(w);
}
