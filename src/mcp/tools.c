/* SPDX-License-Identifier: Apache-2.0 */

/*
 * tools/list and tools/call
 *
 * A tool that ran and failed, and a tool that was called wrongly, are results
 * with isError: the model reads them. Only a name that is no tool at all is an
 * error of the protocol.
 */

#include "base/nearest.h"
#include "mcp/internal.h"

/* --- list --------------------------------------------------------------------
 */

static void write_hints(struct gh_jsonw *w, const struct gh_tool *tool,
                        const struct gh_mcp_revision *rev)
{
    bool reads = (tool->flags & GH_TOOL_READ_ONLY) != 0;

    gh_jsonw_kobject(w, "annotations");
    if (tool->title && !rev->titles)
        gh_jsonw_ktext(w, "title", tool->title);
    gh_jsonw_kbool(w, "readOnlyHint", reads);
    if (!reads) { /* the two mean nothing for a tool that only reads */
        gh_jsonw_kbool(w, "destructiveHint",
                       (tool->flags & GH_TOOL_DESTRUCTIVE) != 0);
        gh_jsonw_kbool(w, "idempotentHint",
                       (tool->flags & GH_TOOL_IDEMPOTENT) != 0);
    }
    gh_jsonw_kbool(w, "openWorldHint", (tool->flags & GH_TOOL_OPEN_WORLD) != 0);
    gh_jsonw_end(w);
}

static void write_tool(struct gh_jsonw *w, const struct gh_tool *tool,
                       const struct gh_mcp_revision *rev)
{
    gh_jsonw_object(w);
    gh_jsonw_ktext(w, "name", tool->name);
    if (rev->titles && tool->title)
        gh_jsonw_ktext(w, "title", tool->title);
    if (tool->description)
        gh_jsonw_ktext(w, "description", tool->description);
    gh_jsonw_key(w, GH_SLICE("inputSchema"));
    gh_mcp_write_schema(w, tool->args, tool->arg_count);
    if (rev->titles && tool->output_schema) {
        gh_jsonw_key(w, GH_SLICE("outputSchema"));
        gh_jsonw_raw(w, gh_slice_str(tool->output_schema));
    }
    if (rev->annotations)
        write_hints(w, tool, rev);
    gh_jsonw_end(w);
}

bool gh_mcp_refuse_cursor(struct gh_mcp_request *r)
{
    if (!gh_json_given(gh_json_get(r->params, "cursor")))
        return false;
    (void)gh_mcp_error(r, GH_MCP_EPARAMS,
                       "Invalid cursor: this list has one page, and no cursor "
                       "was given out");
    return true;
}

enum gh_rc gh_mcp_tools_list(struct gh_mcp_request *r)
{
    const struct gh_mcp_rows *rows = &r->peer->m->rows;
    struct gh_jsonw *w;

    if (gh_mcp_refuse_cursor(r))
        return GH_OK;
    w = gh_mcp_result(r);
    gh_jsonw_karray(w, "tools");
    for (size_t i = 0; i < rows->tool_count; i++)
        write_tool(w, rows->tools[i], r->rev);
    gh_jsonw_end(w);
    return gh_mcp_result_send(r, GH_MCP_PUBLIC);
}

/* --- call: the answer
 * ----------------------------------------------------------- */

static void write_text(struct gh_jsonw *w, struct gh_slice text)
{
    gh_jsonw_karray(w, "content");
    gh_jsonw_object(w);
    gh_jsonw_kstr(w, "type", GH_SLICE("text"));
    gh_jsonw_kstr(w, "text", text);
    gh_jsonw_end(w);
    gh_jsonw_end(w);
}

static enum gh_rc answer_failed(struct gh_mcp_request *r, struct gh_slice text)
{
    struct gh_jsonw *w = gh_mcp_result(r);

    write_text(w, text);
    gh_jsonw_kbool(w, "isError", true);
    return gh_mcp_result_send(r, GH_MCP_NO_CACHE);
}

static enum gh_rc answer_too_long(struct gh_mcp_request *r)
{
    (void)gh_call_fail(&r->call,
                       "The answer of %s is larger than the limit of %zu "
                       "bytes. Ask a narrower question%s.",
                       r->tool->name, r->peer->m->opt.max_answer_bytes,
                       r->tool->arg_count > 0 ? ": use the tool's arguments to "
                                                "select less"
                                              : "");
    return answer_failed(r, gh_buf_slice(&r->text));
}

/* Whether the revision may see what the row wrote as structured content. */
static bool shows_structure(const struct gh_mcp_request *r)
{
    return r->out.len > 0 && r->rev->titles &&
           (r->rev->modern || r->out.ptr[0] == '{');
}

static enum gh_rc answer(struct gh_mcp_request *r)
{
    struct gh_slice out = gh_buf_slice(&r->out);
    struct gh_slice text = gh_buf_slice(&r->text);
    struct gh_jsonw *w;

    if (r->failed)
        return answer_failed(r, text);
    if (gh_buf_rc(&r->out) != GH_OK || gh_buf_rc(&r->text) != GH_OK ||
        text.len > r->peer->m->opt.max_answer_bytes)
        return answer_too_long(r);
    if (out.len > 0 ? !r->w.done : r->tool->output_schema != NULL)
        return gh_mcp_error(r, GH_MCP_EINTERNAL,
                            "%s did not finish its structured answer",
                            r->tool->name);
    w = gh_mcp_result(r);
    write_text(w, text.len > 0 ? text : out);
    if (shows_structure(r)) {
        gh_jsonw_key(w, GH_SLICE("structuredContent"));
        gh_jsonw_raw(w, out);
    }
    if (gh_mcp_result_end(r, GH_MCP_NO_CACHE) != GH_OK)
        return answer_too_long(r);
    return GH_OK;
}

/* --- call: the question
 * ------------------------------------------------------------ */

static enum gh_rc refuse_unknown(struct gh_mcp_request *r, struct gh_slice name)
{
    const struct gh_mcp_rows *rows = &r->peer->m->rows;
    struct gh_nearest near;

    gh_nearest_init(&near, name);
    for (size_t i = 0; i < rows->tool_count; i++)
        gh_nearest_offer(&near, gh_slice_str(rows->tools[i]->name));
    if (near.best.ptr)
        return gh_mcp_error(
            r, GH_MCP_EPARAMS, "Unknown tool: %.*s (did you mean %.*s?)",
            GH_FMT(gh_slice_head(name, 256)), GH_FMT(near.best));
    return gh_mcp_error(r, GH_MCP_EPARAMS, "Unknown tool: %.*s",
                        GH_FMT(gh_slice_head(name, 256)));
}

static const struct gh_tool *find(const struct gh_mcp_rows *rows,
                                  struct gh_slice name)
{
    for (size_t i = 0; i < rows->tool_count; i++)
        if (gh_slice_is(name, rows->tools[i]->name))
            return rows->tools[i];
    return NULL;
}

/* Return: true when the arguments are wrong, and that was answered. */
static bool refuse_arguments(struct gh_mcp_request *r, struct gh_json args)
{
    const struct gh_tool *tool = r->tool;
    size_t found;

    (void)gh_buf_addf(&r->text, "%s was not called, its arguments are wrong:\n",
                      tool->name);
    found = gh_mcp_args_check(args, tool->args, tool->arg_count, &r->text);
    if (found > 0)
        (void)answer_failed(
            r, gh_slice_head(gh_buf_slice(&r->text), r->text.len - 1));
    gh_buf_clear(&r->text);
    return found > 0;
}

/* Return: true when the tool can be called; false when that was answered. */
static bool prepare(struct gh_mcp_request *r)
{
    struct gh_slice name = gh_json_str(gh_json_get(r->params, "name"));
    struct gh_json args = gh_json_get(r->params, "arguments");

    if (!name.ptr) {
        (void)gh_mcp_error(r, GH_MCP_EPARAMS,
                           "params.name must be the name of a tool");
        return false;
    }
    r->tool = find(&r->peer->m->rows, name);
    if (!r->tool) {
        (void)refuse_unknown(r, name);
        return false;
    }
    if (gh_json_given(args) && !gh_json_is(args, GH_JSON_OBJECT)) {
        (void)gh_mcp_error(r, GH_MCP_EPARAMS,
                           "params.arguments must be an object");
        return false;
    }
    gh_mcp_call_ready(r, args, r->tool->args, r->tool->arg_count);
    return !refuse_arguments(r, args);
}

enum gh_rc gh_mcp_tools_call(struct gh_mcp_request *r)
{
    enum gh_rc rc;

    if (!r->tool && !prepare(r))
        return GH_OK;
    rc = r->tool->call(&r->call);
    if (rc == GH_MORE)
        return rc;
    if (rc < 0)
        return gh_mcp_error(r, GH_MCP_EINTERNAL, "%s failed: %s", r->tool->name,
                            gh_rc_text(rc));
    return answer(r);
}
