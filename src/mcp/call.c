/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a row's function may do with its call
 *
 * A row sees its arguments and two places to write to. Whether a progress or
 * log message may be sent at all, the request's own wishes decide, here.
 */

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/num.h"
#include "mcp/internal.h"

/* --- arguments ---------------------------------------------------------------
 */

void gh_mcp_call_ready(struct gh_mcp_request *r, struct gh_json args,
                       const struct gh_arg *rows, size_t count)
{
    r->call.args = args;
    r->args = rows;
    r->arg_count = count;
    gh_buf_clear(&r->out);
    gh_buf_clear(&r->text);
    gh_jsonw_init(&r->w, &r->out);
}

/* A row that asks for an argument it did not declare is mistaken. */
static const char *default_of(const struct gh_call *c, const char *name)
{
    const struct gh_mcp_request *r = gh_mcp_request_ofc(c);
    const struct gh_arg *arg =
        gh_mcp_arg_find(r->args, r->arg_count, gh_slice_str(name));

    assert(arg);
    return arg->otherwise;
}

struct gh_json gh_call_value(const struct gh_call *c, const char *name)
{
    return gh_json_getn(c->args, gh_slice_str(name));
}

struct gh_slice gh_call_str(const struct gh_call *c, const char *name)
{
    struct gh_slice s = gh_json_str(gh_call_value(c, name));

    return s.ptr ? s : gh_slice_str(default_of(c, name));
}

bool gh_mcp_int_read(struct gh_json v, int64_t *ret)
{
    return gh_json_i64(v, ret) || gh_mcp_int_text(gh_json_str(v), ret);
}

bool gh_mcp_int_text(struct gh_slice s, int64_t *ret)
{
    bool negative = s.len > 0 && s.ptr[0] == '-';
    uint64_t digits;

    if (!gh_u64_parse(gh_slice_drop(s, negative), &digits) ||
        digits > (uint64_t)INT64_MAX)
        return false;
    *ret = negative ? -(int64_t)digits : (int64_t)digits;
    return true;
}

int64_t gh_call_int(const struct gh_call *c, const char *name)
{
    int64_t value = 0;

    if (!gh_mcp_int_read(gh_call_value(c, name), &value))
        (void)gh_mcp_int_text(gh_slice_str(default_of(c, name)), &value);
    return value;
}

bool gh_call_bool(const struct gh_call *c, const char *name)
{
    struct gh_json v = gh_call_value(c, name);
    const char *otherwise;

    if (gh_json_given(v))
        return gh_json_true(v) || gh_json_str_is(v, "true");
    otherwise = default_of(c, name);
    return otherwise && strcmp(otherwise, "true") == 0;
}

/* --- failure
 * -------------------------------------------------------------------- */

enum gh_rc gh_call_fail(struct gh_call *c, const char *fmt, ...)
{
    struct gh_mcp_request *r = gh_mcp_request_of(c);
    char text[4096];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    r->failed = true;
    gh_buf_clear(&r->out);
    gh_buf_clear(&r->text);
    (void)gh_buf_add(&r->text, gh_slice_str(text));
    return GH_OK;
}

/* --- progress and log
 * -------------------------------------------------------------- */

void gh_call_progress(struct gh_call *c, double progress, double total,
                      const char *message)
{
    struct gh_mcp_request *r = gh_mcp_request_of(c);
    struct gh_jsonw *w;

    if (!r->token.ptr || !(progress > r->progress))
        return;
    r->progress = progress;
    w = gh_mcp_notify(r->peer, "notifications/progress");
    gh_jsonw_key(w, GH_SLICE("progressToken"));
    gh_jsonw_raw(w, r->token);
    gh_jsonw_key(w, GH_SLICE("progress"));
    gh_jsonw_f64(w, progress);
    if (total > 0) {
        gh_jsonw_key(w, GH_SLICE("total"));
        gh_jsonw_f64(w, total);
    }
    if (message && r->rev->annotations)
        gh_jsonw_ktext(w, "message", message);
    gh_mcp_notify_end(r->peer, NULL);
}

int gh_mcp_log_level(struct gh_slice name)
{
    static const char *const levels[] = {"debug",   "info",     "notice",
                                         "warning", "error",    "critical",
                                         "alert",   "emergency"};

    for (size_t i = 0; i < GH_COUNT(levels); i++)
        if (gh_slice_is(name, levels[i]))
            return (int)i;
    return -1;
}

void gh_call_log(struct gh_call *c, const char *level, struct gh_slice text)
{
    struct gh_mcp_request *r = gh_mcp_request_of(c);
    int wanted = gh_mcp_log_level(gh_slice_str(level));
    struct gh_jsonw *w;

    assert(wanted >= 0);
    if (wanted < r->log_level)
        return;
    w = gh_mcp_notify(r->peer, "notifications/message");
    gh_jsonw_ktext(w, "level", level);
    gh_jsonw_ktext(w, "logger", r->peer->m->opt.name);
    gh_jsonw_kstr(w, "data", text);
    gh_mcp_notify_end(r->peer, NULL);
}

/* --- prompts and resources
 * ----------------------------------------------------------- */

void gh_prompt_say(struct gh_call *c, const char *role, struct gh_slice text)
{
    struct gh_jsonw *w = c->out;

    gh_jsonw_object(w);
    gh_jsonw_ktext(w, "role", role);
    gh_jsonw_kobject(w, "content");
    gh_jsonw_kstr(w, "type", GH_SLICE("text"));
    gh_jsonw_kstr(w, "text", text);
    gh_jsonw_end(w);
    gh_jsonw_end(w);
}

void gh_resource_offer(struct gh_call *c, struct gh_slice uri,
                       struct gh_slice name, struct gh_slice description)
{
    struct gh_mcp_request *r = gh_mcp_request_of(c);
    uint64_t at = r->offered++;
    struct gh_jsonw *w = c->out;

    if (at < r->page_from || at >= r->page_to)
        return;
    gh_jsonw_object(w);
    gh_jsonw_kstr(w, "uri", uri);
    gh_jsonw_kstr(w, "name", name);
    if (description.ptr)
        gh_jsonw_kstr(w, "description", description);
    if (r->listing->mime_type)
        gh_jsonw_ktext(w, "mimeType", r->listing->mime_type);
    gh_jsonw_end(w);
}
