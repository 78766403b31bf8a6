/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A peer: its queue of requests, and whose turn it is
 *
 * Requests wait in order of arrival. The first takes a step; when it wants
 * more, it goes to the back, so a long answer never keeps a short one waiting
 * for longer than a step. A cancelled request leaves the queue wherever it is,
 * and nothing is ever sent for it again.
 */

#include "base/clock.h"
#include "mcp/internal.h"

/* For what a row needs to work with, beside the message and its tape. */
#define WORK_BYTES ((size_t)64 << 20)
/* Around an answer: the envelope, an id, serverInfo. */
#define ENVELOPE_BYTES ((size_t)64 << 10)
/* Room to say what is wrong, however small answers have to be. */
#define COMPLAINT_BYTES ((size_t)8 << 10)
/* Messages waiting in the queue, in units of the longest one. */
#define MAX_PENDING_MESSAGES 8

/* --- requests
 * ------------------------------------------------------------------- */

struct gh_mcp_request *gh_mcp_request_new(struct gh_mcp_peer *p,
                                          struct gh_slice message,
                                          struct gh_slice id)
{
    const struct gh_mcp_options *opt = &p->m->opt;
    struct gh_mcp_request *r = GH_XNEW(struct gh_mcp_request);

    r->peer = p;
    gh_arena_init(&r->arena, opt->max_message_bytes * 2 + WORK_BYTES);
    gh_buf_init(&r->out, opt->max_answer_bytes);
    gh_buf_init(&r->text, opt->max_answer_bytes + COMPLAINT_BYTES);
    r->message = gh_arena_dup(&r->arena, message);
    r->id = gh_arena_dup(&r->arena, id);
    r->log_level = GH_MCP_LOG_NONE;
    r->progress = -1;
    if (!r->message.ptr || !r->id.ptr) {
        gh_mcp_request_free(r);
        return NULL;
    }
    return r;
}

void gh_mcp_request_free(struct gh_mcp_request *r)
{
    struct gh_mcp_peer *p = r->peer;
    struct gh_mcp_batch *batch = r->batch;

    gh_buf_fini(&r->out);
    gh_buf_fini(&r->text);
    gh_arena_fini(&r->arena);
    gh_free(r);
    gh_mcp_batch_leave(p, batch);
}

static void read_meta(struct gh_mcp_request *r)
{
    struct gh_json meta = gh_json_get(r->params, "_meta");
    struct gh_json level = gh_json_get(meta, GH_MCP_META "logLevel");

    r->token = gh_mcp_id_text(gh_json_get(meta, "progressToken"), &r->arena);
    if (!r->rev->modern)
        r->log_level = r->peer->log_level;
    else if (gh_json_is(level, GH_JSON_STRING))
        r->log_level = gh_mcp_log_level(gh_json_str(level));
}

/* The message was valid when it arrived; here it can only outgrow memory. */
static bool start(struct gh_mcp_request *r)
{
    static const struct gh_json_options options = {.duplicates =
                                                       GH_JSON_DUP_LAST};

    r->started = true;
    if (gh_json_parse(r->message, &r->arena, &options, &r->doc, NULL) != GH_OK)
        return false;
    r->params = gh_json_get(gh_json_root(&r->doc), "params");
    r->call.user = r->peer->m->opt.user;
    r->call.arena = &r->arena;
    r->call.out = &r->w;
    r->call.text = &r->text;
    read_meta(r);
    return true;
}

enum gh_rc gh_mcp_request_step(struct gh_mcp_request *r)
{
    enum gh_rc rc;

    if (!r->started && !start(r))
        rc = gh_mcp_error(r, GH_MCP_EINTERNAL, "Out of memory");
    else
        rc = r->method->step(r);
    if (rc == GH_MORE)
        return rc;
    gh_mcp_request_free(r);
    return GH_OK;
}

/* --- the queue
 * -------------------------------------------------------------------- */

void gh_mcp_peer_enqueue(struct gh_mcp_peer *p, struct gh_mcp_request *r)
{
    r->next = NULL;
    if (p->last)
        p->last->next = r;
    else
        p->first = r;
    p->last = r;
    p->pending++;
    p->pending_bytes += r->message.len;
}

static void unlink_after(struct gh_mcp_peer *p, struct gh_mcp_request *before,
                         struct gh_mcp_request *r)
{
    if (before)
        before->next = r->next;
    else
        p->first = r->next;
    if (p->last == r)
        p->last = before;
    r->next = NULL;
    p->pending--;
    p->pending_bytes -= r->message.len;
}

bool gh_mcp_peer_is_open(const struct gh_mcp_peer *p, struct gh_slice id)
{
    for (const struct gh_mcp_request *r = p->first; r; r = r->next)
        if (gh_slice_eq(r->id, id))
            return true;
    return gh_mcp_listen_is_open(p, id);
}

bool gh_mcp_peer_has_room(const struct gh_mcp_peer *p, size_t bytes)
{
    return p->pending < p->m->opt.max_pending &&
           p->pending_bytes + bytes <=
               p->m->opt.max_message_bytes * MAX_PENDING_MESSAGES;
}

void gh_mcp_peer_cancel(struct gh_mcp_peer *p, struct gh_slice id)
{
    struct gh_mcp_request *before = NULL;

    for (struct gh_mcp_request *r = p->first; r; before = r, r = r->next) {
        if (!gh_slice_eq(r->id, id))
            continue;
        unlink_after(p, before, r);
        gh_mcp_request_free(r);
        return;
    }
    (void)gh_mcp_listen_cancel(p, id);
}

/* --- the peer
 * ----------------------------------------------------------------------- */

struct gh_mcp_peer *gh_mcp_peer_new(struct gh_mcp *m, gh_mcp_send_fn *send_fn,
                                    void *ctx)
{
    struct gh_mcp_peer *p = GH_XNEW(struct gh_mcp_peer);

    p->m = m;
    p->send = send_fn;
    p->ctx = ctx;
    p->log_level = gh_mcp_log_level(GH_SLICE("warning"));
    gh_arena_init(&p->scratch, m->opt.max_message_bytes * 2 + WORK_BYTES);
    gh_buf_init(&p->msg, m->opt.max_answer_bytes + ENVELOPE_BYTES);
    return p;
}

struct gh_mcp_peer *gh_mcp_peer_free(struct gh_mcp_peer *p)
{
    if (!p)
        return NULL;
    p->failed = GH_ECLOSED; /* nothing is sent from here on */
    while (p->first) {
        struct gh_mcp_request *r = p->first;

        unlink_after(p, NULL, r);
        gh_mcp_request_free(r);
    }
    gh_mcp_listen_free_all(p);
    gh_arena_fini(&p->scratch);
    gh_buf_fini(&p->msg);
    gh_free(p);
    return NULL;
}

void gh_mcp_peer_share_channel(struct gh_mcp_peer *p)
{
    p->shared = true;
}

/* A message of the largest kind leaves memory behind that an idle peer does not
 * need. */
static void shrink(struct gh_mcp_peer *p)
{
    if (p->first || p->msg.cap <= ENVELOPE_BYTES)
        return;
    gh_buf_fini(&p->msg);
    gh_buf_init(&p->msg, p->m->opt.max_answer_bytes + ENVELOPE_BYTES);
}

enum gh_rc gh_mcp_peer_message(struct gh_mcp_peer *p, struct gh_slice message)
{
    if (p->failed)
        return p->failed;
    if (message.len > p->m->opt.max_message_bytes)
        return gh_mcp_peer_reject(p, GH_ETOOBIG);
    gh_mcp_envelope_take(p, message);
    return p->failed;
}

enum gh_rc gh_mcp_peer_reject(struct gh_mcp_peer *p, enum gh_rc why)
{
    static const struct gh_slice no_id = {0};

    if (why == GH_ETOOBIG)
        gh_mcp_peer_error(p, NULL, no_id, GH_MCP_EREQUEST,
                          "Invalid request: longer than the limit of %zu bytes",
                          p->m->opt.max_message_bytes);
    else
        gh_mcp_peer_error(p, NULL, no_id, GH_MCP_EPARSE, "Parse error: %s",
                          gh_rc_text(why));
    return p->failed;
}

bool gh_mcp_peer_full(const struct gh_mcp_peer *p)
{
    return !gh_mcp_peer_has_room(p, p->m->opt.max_message_bytes);
}

static void run_first(struct gh_mcp_peer *p)
{
    struct gh_mcp_request *r = p->first;

    unlink_after(p, NULL, r);
    if (gh_mcp_request_step(r) == GH_MORE)
        gh_mcp_peer_enqueue(p, r);
}

enum gh_rc gh_mcp_peer_run(struct gh_mcp_peer *p, uint32_t budget_us)
{
    int64_t end = gh_clock_us() + budget_us;

    gh_mcp_listen_flush(p);
    while (p->first && !p->failed) {
        run_first(p);
        if (gh_clock_us() >= end)
            break;
    }
    shrink(p);
    if (p->failed)
        return p->failed;
    return p->first ? GH_MORE : GH_OK;
}

enum gh_rc gh_mcp_peer_shutdown(struct gh_mcp_peer *p)
{
    gh_mcp_listen_flush(p);
    gh_mcp_listen_end_all(p);
    return p->failed;
}
