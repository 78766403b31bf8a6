/* SPDX-License-Identifier: Apache-2.0 */

/*
 * prompts/list and prompts/get
 *
 * A person fills in a prompt's arguments, usually in a form made from this
 * list; so what is wrong with them is an error of the request, not an answer.
 */

#include "base/nearest.h"
#include "mcp/internal.h"

static void write_argument(struct gh_jsonw *w, const struct gh_arg *arg)
{
    gh_jsonw_object(w);
    gh_jsonw_ktext(w, "name", arg->name);
    if (arg->description)
        gh_jsonw_ktext(w, "description", arg->description);
    gh_jsonw_kbool(w, "required", arg->required);
    gh_jsonw_end(w);
}

static void write_prompt(struct gh_jsonw *w, const struct gh_prompt *prompt,
                         const struct gh_mcp_revision *rev)
{
    gh_jsonw_object(w);
    gh_jsonw_ktext(w, "name", prompt->name);
    if (rev->titles && prompt->title)
        gh_jsonw_ktext(w, "title", prompt->title);
    if (prompt->description)
        gh_jsonw_ktext(w, "description", prompt->description);
    if (prompt->arg_count > 0) {
        gh_jsonw_karray(w, "arguments");
        for (size_t i = 0; i < prompt->arg_count; i++)
            write_argument(w, &prompt->args[i]);
        gh_jsonw_end(w);
    }
    gh_jsonw_end(w);
}

enum gh_rc gh_mcp_prompts_list(struct gh_mcp_request *r)
{
    const struct gh_mcp_rows *rows = &r->peer->m->rows;
    struct gh_jsonw *w;

    if (gh_mcp_refuse_cursor(r))
        return GH_OK;
    w = gh_mcp_result(r);
    gh_jsonw_karray(w, "prompts");
    for (size_t i = 0; i < rows->prompt_count; i++)
        write_prompt(w, rows->prompts[i], r->rev);
    gh_jsonw_end(w);
    return gh_mcp_result_send(r, GH_MCP_PUBLIC);
}

const struct gh_prompt *gh_mcp_prompt_find(const struct gh_mcp_rows *rows,
                                           struct gh_slice name)
{
    for (size_t i = 0; i < rows->prompt_count; i++)
        if (gh_slice_is(name, rows->prompts[i]->name))
            return rows->prompts[i];
    return NULL;
}

enum gh_rc gh_mcp_refuse_prompt(struct gh_mcp_request *r, struct gh_slice name)
{
    const struct gh_mcp_rows *rows = &r->peer->m->rows;
    struct gh_nearest near;

    gh_nearest_init(&near, name);
    for (size_t i = 0; i < rows->prompt_count; i++)
        gh_nearest_offer(&near, gh_slice_str(rows->prompts[i]->name));
    if (near.best.ptr)
        return gh_mcp_error(
            r, GH_MCP_EPARAMS, "Unknown prompt: %.*s (did you mean %.*s?)",
            GH_FMT(gh_slice_head(name, 256)), GH_FMT(near.best));
    return gh_mcp_error(r, GH_MCP_EPARAMS, "Unknown prompt: %.*s",
                        GH_FMT(gh_slice_head(name, 256)));
}

/* Return: true when the arguments are wrong, and that was answered. */
static bool refuse_arguments(struct gh_mcp_request *r, struct gh_json args,
                             const struct gh_prompt *prompt)
{
    size_t found =
        gh_mcp_args_check(args, prompt->args, prompt->arg_count, &r->text);

    if (found > 0)
        (void)gh_mcp_error(r, GH_MCP_EPARAMS,
                           "Invalid arguments of prompt %s:\n%.*s",
                           prompt->name, (int)r->text.len - 1, r->text.ptr);
    gh_buf_clear(&r->text);
    return found > 0;
}

static enum gh_rc answer(struct gh_mcp_request *r,
                         const struct gh_prompt *prompt)
{
    struct gh_jsonw *w;

    if (r->failed)
        return gh_mcp_error(r, GH_MCP_EPARAMS, "%.*s",
                            GH_FMT(gh_buf_slice(&r->text)));
    gh_jsonw_end(&r->w);
    if (gh_jsonw_rc(&r->w) != GH_OK)
        return gh_mcp_error(r, GH_MCP_EINTERNAL,
                            "Prompt %s is larger than the limit of %zu bytes",
                            prompt->name, r->peer->m->opt.max_answer_bytes);
    w = gh_mcp_result(r);
    if (prompt->description)
        gh_jsonw_ktext(w, "description", prompt->description);
    gh_jsonw_key(w, GH_SLICE("messages"));
    gh_jsonw_raw(w, gh_buf_slice(&r->out));
    return gh_mcp_result_send(r, GH_MCP_NO_CACHE);
}

/* Return: the prompt, ready to be got; NULL when an error was sent. */
static const struct gh_prompt *prepare(struct gh_mcp_request *r)
{
    struct gh_slice name = gh_json_str(gh_json_get(r->params, "name"));
    struct gh_json args = gh_json_get(r->params, "arguments");
    const struct gh_prompt *prompt =
        gh_mcp_prompt_find(&r->peer->m->rows, name);

    if (!name.ptr)
        (void)gh_mcp_error(r, GH_MCP_EPARAMS,
                           "params.name must be the name of a prompt");
    else if (!prompt)
        (void)gh_mcp_refuse_prompt(r, name);
    else if (gh_json_given(args) && !gh_json_is(args, GH_JSON_OBJECT))
        (void)gh_mcp_error(r, GH_MCP_EPARAMS,
                           "params.arguments must be an object");
    else if (!refuse_arguments(r, args, prompt))
        return prompt;
    return NULL;
}

enum gh_rc gh_mcp_prompts_get(struct gh_mcp_request *r)
{
    enum gh_rc rc;

    if (!r->prompt) {
        r->prompt = prepare(r);
        if (!r->prompt)
            return GH_OK;
        gh_mcp_call_ready(r, gh_json_get(r->params, "arguments"),
                          r->prompt->args, r->prompt->arg_count);
        gh_jsonw_array(&r->w);
    }
    rc = r->prompt->get(&r->call);
    if (rc == GH_MORE)
        return rc;
    if (rc < 0)
        return gh_mcp_error(r, GH_MCP_EINTERNAL, "Prompt %s failed: %s",
                            r->prompt->name, gh_rc_text(rc));
    return answer(r, r->prompt);
}
