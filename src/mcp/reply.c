/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Everything that is sent
 *
 * Results, errors and notifications are written here and nowhere else, so what
 * each revision wants around them (resultType, caching hints, serverInfo, the
 * id of an unreadable message) is decided once.
 */

#include <stdarg.h>
#include <stdio.h>

#include "mcp/internal.h"

static void send(struct gh_mcp_peer *p, struct gh_slice message)
{
    enum gh_rc rc;

    if (p->failed)
        return;
    rc = p->send(p->ctx, message);
    if (rc < 0)
        p->failed = rc;
}

/* --- batches
 * ------------------------------------------------------------------ */

static void batch_send(struct gh_mcp_peer *p, struct gh_mcp_batch *b)
{
    if (b->buf.len == 0)
        return;
    (void)gh_buf_addc(&b->buf, ']');
    if (gh_buf_rc(&b->buf) == GH_OK)
        send(p, gh_buf_slice(&b->buf));
    gh_buf_clear(&b->buf);
}

/* A batch whose answers do not fit one message is answered with several. */
static void batch_add(struct gh_mcp_peer *p, struct gh_mcp_batch *b,
                      struct gh_slice message)
{
    if (b->buf.len + message.len + 2 > b->buf.limit)
        batch_send(p, b);
    (void)gh_buf_addc(&b->buf, b->buf.len == 0 ? '[' : ',');
    (void)gh_buf_add(&b->buf, message);
}

void gh_mcp_batch_leave(struct gh_mcp_peer *p, struct gh_mcp_batch *batch)
{
    if (!batch || --batch->open > 0)
        return;
    batch_send(p, batch);
    gh_buf_fini(&batch->buf);
    gh_free(batch);
}

static void deliver(struct gh_mcp_peer *p, struct gh_mcp_batch *batch)
{
    if (batch)
        batch_add(p, batch, gh_buf_slice(&p->msg));
    else
        send(p, gh_buf_slice(&p->msg));
}

/* --- results
 * ------------------------------------------------------------------- */

static struct gh_jsonw *begin(struct gh_mcp_peer *p)
{
    gh_buf_clear(&p->msg);
    gh_jsonw_init(&p->w, &p->msg);
    gh_jsonw_object(&p->w);
    gh_jsonw_kstr(&p->w, "jsonrpc", GH_SLICE("2.0"));
    return &p->w;
}

struct gh_jsonw *gh_mcp_result(struct gh_mcp_request *r)
{
    struct gh_jsonw *w = begin(r->peer);

    gh_jsonw_key(w, GH_SLICE("id"));
    gh_jsonw_raw(w, r->id);
    gh_jsonw_kobject(w, "result");
    if (r->rev->modern)
        gh_jsonw_kstr(w, "resultType", GH_SLICE("complete"));
    return w;
}

void gh_mcp_write_server(struct gh_jsonw *w, const struct gh_mcp *m,
                         const struct gh_mcp_revision *rev)
{
    gh_jsonw_object(w);
    gh_jsonw_ktext(w, "name", m->opt.name);
    if (rev->titles && m->opt.title)
        gh_jsonw_ktext(w, "title", m->opt.title);
    gh_jsonw_ktext(w, "version", m->opt.version);
    gh_jsonw_end(w);
}

static void write_modern_tail(struct gh_jsonw *w, struct gh_mcp_request *r,
                              enum gh_mcp_cache cache)
{
    if (cache != GH_MCP_NO_CACHE) {
        gh_jsonw_ki64(w, "ttlMs", r->peer->m->opt.ttl_ms);
        gh_jsonw_ktext(w, "cacheScope",
                       cache == GH_MCP_PUBLIC ? "public" : "private");
    }
    gh_jsonw_kobject(w, "_meta");
    gh_jsonw_key(w, GH_SLICE(GH_MCP_META "serverInfo"));
    gh_mcp_write_server(w, r->peer->m, r->rev);
    gh_jsonw_end(w);
}

enum gh_rc gh_mcp_result_end(struct gh_mcp_request *r, enum gh_mcp_cache cache)
{
    struct gh_jsonw *w = &r->peer->w;

    if (r->rev->modern)
        write_modern_tail(w, r, cache);
    gh_jsonw_end(w);
    gh_jsonw_end(w);
    if (gh_jsonw_rc(w) != GH_OK)
        return GH_ETOOBIG;
    deliver(r->peer, r->batch);
    return GH_OK;
}

void gh_mcp_listen_result(struct gh_mcp_peer *p, const char *id)
{
    struct gh_jsonw *w = begin(p);

    gh_jsonw_key(w, GH_SLICE("id"));
    gh_jsonw_raw(w, gh_slice_str(id));
    gh_jsonw_kobject(w, "result");
    gh_jsonw_kstr(w, "resultType", GH_SLICE("complete"));
    gh_jsonw_kobject(w, "_meta");
    gh_jsonw_key(w, GH_SLICE(GH_MCP_META "serverInfo"));
    gh_mcp_write_server(w, p->m, gh_mcp_revision_modern());
    gh_jsonw_key(w, GH_SLICE(GH_MCP_META "subscriptionId"));
    gh_jsonw_raw(w, gh_slice_str(id));
    gh_jsonw_end(w);
    gh_jsonw_end(w);
    gh_jsonw_end(w);
    if (gh_jsonw_rc(w) == GH_OK)
        send(p, gh_buf_slice(&p->msg));
}

enum gh_rc gh_mcp_result_send(struct gh_mcp_request *r, enum gh_mcp_cache cache)
{
    if (gh_mcp_result_end(r, cache) == GH_OK)
        return GH_OK;
    return gh_mcp_error(r, GH_MCP_EINTERNAL,
                        "The answer is larger than the limit of %zu bytes",
                        r->peer->m->opt.max_answer_bytes);
}

/* --- errors
 * --------------------------------------------------------------------- */

/* An id that could not be read is left out where the revision allows it; older
 * ones follow JSON-RPC 2.0, which asks for null. */
static void write_id(struct gh_mcp_peer *p, struct gh_jsonw *w,
                     struct gh_slice id)
{
    bool leave_out = !p->legacy || p->legacy->id_optional;

    if (!id.ptr && leave_out)
        return;
    gh_jsonw_key(w, GH_SLICE("id"));
    if (id.ptr)
        gh_jsonw_raw(w, id);
    else
        gh_jsonw_null(w);
}

static struct gh_jsonw *begin_error(struct gh_mcp_peer *p, struct gh_slice id,
                                    int code, const char *text)
{
    struct gh_jsonw *w = begin(p);

    write_id(p, w, id);
    gh_jsonw_kobject(w, "error");
    gh_jsonw_ki64(w, "code", code);
    gh_jsonw_ktext(w, "message", text);
    return w;
}

static void end_error(struct gh_mcp_peer *p, struct gh_mcp_batch *batch)
{
    gh_jsonw_end(&p->w);
    gh_jsonw_end(&p->w);
    if (gh_jsonw_rc(&p->w) == GH_OK)
        deliver(p, batch);
    else
        p->failed = GH_ETOOBIG; /* an id as long as an answer */
}

#define MESSAGE_BYTES 2048

void gh_mcp_peer_error(struct gh_mcp_peer *p, struct gh_mcp_batch *batch,
                       struct gh_slice id, int code, const char *fmt, ...)
{
    char text[MESSAGE_BYTES];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    (void)begin_error(p, id, code, text);
    end_error(p, batch);
}

enum gh_rc gh_mcp_error(struct gh_mcp_request *r, int code, const char *fmt,
                        ...)
{
    char text[MESSAGE_BYTES];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    (void)begin_error(r->peer, r->id, code, text);
    end_error(r->peer, r->batch);
    return GH_OK;
}

enum gh_rc gh_mcp_error_about(struct gh_mcp_request *r, int code,
                              const char *name, struct gh_slice value,
                              const char *fmt, ...)
{
    char text[MESSAGE_BYTES];
    struct gh_jsonw *w;
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    w = begin_error(r->peer, r->id, code, text);
    gh_jsonw_kobject(w, "data");
    gh_jsonw_key(w, gh_slice_str(name));
    gh_jsonw_str(w, value);
    gh_jsonw_end(w);
    end_error(r->peer, r->batch);
    return GH_OK;
}

void gh_mcp_peer_error_version(struct gh_mcp_peer *p, struct gh_slice id,
                               struct gh_slice requested)
{
    struct gh_jsonw *w =
        begin_error(p, id, GH_MCP_EVERSION, "Unsupported protocol version");

    gh_jsonw_kobject(w, "data");
    gh_jsonw_karray(w, "supported");
    gh_jsonw_str(w, gh_slice_str(gh_mcp_revision_modern()->date));
    gh_jsonw_end(w);
    gh_jsonw_kstr(w, "requested", requested);
    gh_jsonw_end(w);
    end_error(p, NULL);
}

/* --- notifications
 * --------------------------------------------------------------- */

struct gh_jsonw *gh_mcp_notify(struct gh_mcp_peer *p, const char *method)
{
    struct gh_jsonw *w = begin(p);

    gh_jsonw_ktext(w, "method", method);
    gh_jsonw_kobject(w, "params");
    return w;
}

void gh_mcp_notify_end(struct gh_mcp_peer *p, const char *subscription)
{
    struct gh_jsonw *w = &p->w;

    if (subscription) {
        gh_jsonw_kobject(w, "_meta");
        gh_jsonw_key(w, GH_SLICE(GH_MCP_META "subscriptionId"));
        gh_jsonw_raw(w, gh_slice_str(subscription));
        gh_jsonw_end(w);
    }
    gh_jsonw_end(w);
    gh_jsonw_end(w);
    if (gh_jsonw_rc(w) == GH_OK)
        send(p, gh_buf_slice(&p->msg));
}
