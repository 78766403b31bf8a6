/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The server, and how clients get to know it
 *
 * server/discover for modern clients; initialize, ping and logging/setLevel for
 * those before. Capabilities say only what the rows honour: tools and prompts
 * are fixed at compile time, so their lists never change and nobody is promised
 * to be told.
 */

#include <assert.h>

#include "mcp/internal.h"

/* --- the server --------------------------------------------------------------
 */

static bool can_complete(const struct gh_arg *args, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (args[i].complete || args[i].values)
            return true;
    return false;
}

static bool some_completion(const struct gh_mcp_rows *rows)
{
    for (size_t i = 0; i < rows->prompt_count; i++)
        if (can_complete(rows->prompts[i]->args, rows->prompts[i]->arg_count))
            return true;
    for (size_t i = 0; i < rows->resource_count; i++)
        if (can_complete(rows->resources[i]->args,
                         rows->resources[i]->arg_count))
            return true;
    return false;
}

struct gh_mcp *gh_mcp_new(const struct gh_mcp_rows *rows,
                          const struct gh_mcp_options *opt)
{
    struct gh_mcp *m = GH_XNEW(struct gh_mcp);
    struct gh_mcp_options *o = &m->opt;

    assert(opt->name && opt->version);
    m->rows = *rows;
    m->opt = *opt;
    o->max_message_bytes =
        o->max_message_bytes ? o->max_message_bytes : (size_t)4 << 20;
    o->max_answer_bytes =
        o->max_answer_bytes ? o->max_answer_bytes : (size_t)16 << 20;
    o->max_pending = o->max_pending ? o->max_pending : 1024;
    o->max_listens = o->max_listens ? o->max_listens : 64;
    o->ttl_ms = o->ttl_ms ? o->ttl_ms : 60000;
    m->completions = some_completion(rows);
    return m;
}

struct gh_mcp *gh_mcp_free(struct gh_mcp *m)
{
    gh_free(m);
    return NULL;
}

/* --- capabilities
 * --------------------------------------------------------------- */

static void write_empty(struct gh_jsonw *w, const char *name)
{
    gh_jsonw_key(w, gh_slice_str(name));
    gh_jsonw_object(w);
    gh_jsonw_end(w);
}

static void write_capabilities(struct gh_jsonw *w, const struct gh_mcp *m,
                               const struct gh_mcp_revision *rev)
{
    gh_jsonw_kobject(w, "capabilities");
    write_empty(w, "logging");
    write_empty(w, "tools");
    if (m->rows.prompt_count > 0)
        write_empty(w, "prompts");
    if (m->rows.resource_count > 0) {
        gh_jsonw_kobject(w, "resources");
        gh_jsonw_kbool(w, "subscribe", true);
        gh_jsonw_kbool(w, "listChanged", true);
        gh_jsonw_end(w);
    }
    if (m->completions && rev->annotations)
        write_empty(w, "completions");
    gh_jsonw_end(w);
}

static void write_instructions(struct gh_jsonw *w, const struct gh_mcp *m)
{
    if (m->opt.instructions)
        gh_jsonw_ktext(w, "instructions", m->opt.instructions);
}

/* --- methods
 * ---------------------------------------------------------------------- */

enum gh_rc gh_mcp_discover(struct gh_mcp_request *r)
{
    const struct gh_mcp *m = r->peer->m;
    struct gh_jsonw *w = gh_mcp_result(r);

    gh_jsonw_karray(w, "supportedVersions");
    gh_jsonw_str(w, gh_slice_str(gh_mcp_revision_modern()->date));
    gh_jsonw_end(w);
    write_capabilities(w, m, r->rev);
    write_instructions(w, m);
    return gh_mcp_result_send(r, GH_MCP_PUBLIC);
}

/* A second initialize starts over: what was subscribed is forgotten. */
static void open_legacy(struct gh_mcp_peer *p,
                        const struct gh_mcp_revision *rev)
{
    p->legacy = rev;
    p->initialized = false;
    gh_mcp_listen_fini(&p->subscribed);
    p->subscribed.list = true;
}

enum gh_rc gh_mcp_initialize(struct gh_mcp_request *r)
{
    struct gh_json wanted = gh_json_get(r->params, "protocolVersion");
    const struct gh_mcp *m = r->peer->m;
    const struct gh_mcp_revision *rev;
    struct gh_jsonw *w;

    if (!gh_json_is(wanted, GH_JSON_STRING))
        return gh_mcp_error(r, GH_MCP_EPARAMS,
                            "params.protocolVersion must be a string");
    rev = gh_mcp_revision_find(gh_json_str(wanted));
    if (!rev || rev->modern)
        rev = gh_mcp_revision_legacy();
    open_legacy(r->peer, rev);
    r->rev = rev;
    w = gh_mcp_result(r);
    gh_jsonw_ktext(w, "protocolVersion", rev->date);
    write_capabilities(w, m, rev);
    gh_jsonw_key(w, GH_SLICE("serverInfo"));
    gh_mcp_write_server(w, m, rev);
    write_instructions(w, m);
    return gh_mcp_result_send(r, GH_MCP_NO_CACHE);
}

enum gh_rc gh_mcp_ping(struct gh_mcp_request *r)
{
    (void)gh_mcp_result(r);
    return gh_mcp_result_send(r, GH_MCP_NO_CACHE);
}

enum gh_rc gh_mcp_set_level(struct gh_mcp_request *r)
{
    int level = gh_mcp_log_level(gh_json_str(gh_json_get(r->params, "level")));

    if (level < 0)
        return gh_mcp_error(r, GH_MCP_EPARAMS,
                            "params.level must be one of debug, info, notice, "
                            "warning, error, critical, alert, emergency");
    r->peer->log_level = level;
    (void)gh_mcp_result(r);
    return gh_mcp_result_send(r, GH_MCP_NO_CACHE);
}
