/* SPDX-License-Identifier: Apache-2.0 */

/*
 * completion/complete
 *
 * What can be typed for an argument of a prompt, or a variable of a resource
 * template: its row's fixed values, or whatever its row's function offers. The
 * protocol sends at most 100; the rest is counted.
 */

#include "mcp/internal.h"

#define MAX_VALUES 100

struct collector {
    struct gh_jsonw *w;
    size_t total;
};

void gh_completion_offer(struct gh_completion *c, struct gh_slice value)
{
    struct collector *collector = c->hidden;

    if (!gh_slice_starts(value, c->typed))
        return;
    if (collector->total++ < MAX_VALUES)
        gh_jsonw_str(collector->w, value);
}

static const struct gh_resource *resource_find(const struct gh_mcp_rows *rows,
                                               struct gh_slice uri)
{
    for (size_t i = 0; i < rows->resource_count; i++)
        if (gh_slice_is(uri, rows->resources[i]->uri_template))
            return rows->resources[i];
    return NULL;
}

/* Finds whose argument is meant. Return: false when an error was sent. */
static bool find_args(struct gh_mcp_request *r, struct gh_json ref)
{
    const struct gh_mcp_rows *rows = &r->peer->m->rows;
    struct gh_slice name = gh_json_str(gh_json_get(ref, "name"));
    struct gh_slice uri = gh_json_str(gh_json_get(ref, "uri"));

    if (gh_json_str_is(gh_json_get(ref, "type"), "ref/prompt") && name.ptr) {
        const struct gh_prompt *prompt = gh_mcp_prompt_find(rows, name);

        if (!prompt)
            return gh_mcp_refuse_prompt(r, name) != GH_OK;
        r->args = prompt->args;
        r->arg_count = prompt->arg_count;
        return true;
    }
    if (gh_json_str_is(gh_json_get(ref, "type"), "ref/resource") && uri.ptr) {
        const struct gh_resource *row = resource_find(rows, uri);

        if (!row)
            return gh_mcp_error_about(r, GH_MCP_EPARAMS, "uri", uri,
                                      "Unknown resource template") != GH_OK;
        r->args = row->args;
        r->arg_count = row->arg_count;
        return true;
    }
    return gh_mcp_error(r, GH_MCP_EPARAMS,
                        "params.ref must be {\"type\": \"ref/prompt\", "
                        "\"name\"} or {\"type\": \"ref/resource\", \"uri\"}") !=
           GH_OK;
}

static void write_values(struct gh_mcp_request *r, struct gh_jsonw *w,
                         const struct gh_arg *arg, struct gh_slice typed)
{
    struct collector collector = {.w = w};
    struct gh_completion c = {
        .user = r->call.user,
        .arena = &r->arena,
        .typed = typed,
        .others = gh_json_path(r->params, "context/arguments"),
        .hidden = &collector,
    };

    gh_jsonw_kobject(w, "completion");
    gh_jsonw_karray(w, "values");
    if (arg->complete)
        arg->complete(&c);
    for (const char *const *v = arg->values; v && !arg->complete && *v; v++)
        gh_completion_offer(&c, gh_slice_str(*v));
    gh_jsonw_end(w);
    gh_jsonw_ki64(w, "total", collector.total);
    gh_jsonw_kbool(w, "hasMore", collector.total > MAX_VALUES);
    gh_jsonw_end(w);
}

enum gh_rc gh_mcp_complete(struct gh_mcp_request *r)
{
    struct gh_json argument = gh_json_get(r->params, "argument");
    struct gh_slice name = gh_json_str(gh_json_get(argument, "name"));
    struct gh_slice typed = gh_json_str(gh_json_get(argument, "value"));
    const struct gh_arg *arg;

    if (!find_args(r, gh_json_get(r->params, "ref")))
        return GH_OK;
    if (!name.ptr || !typed.ptr)
        return gh_mcp_error(r, GH_MCP_EPARAMS,
                            "params.argument must have \"name\" and \"value\", "
                            "both strings");
    arg = gh_mcp_arg_find(r->args, r->arg_count, name);
    if (!arg)
        return gh_mcp_error(r, GH_MCP_EPARAMS, "Unknown argument: %.*s",
                            GH_FMT(gh_slice_head(name, 256)));
    write_values(r, gh_mcp_result(r), arg, typed);
    return gh_mcp_result_send(r, GH_MCP_NO_CACHE);
}
