/* SPDX-License-Identifier: Apache-2.0 */

/*
 * From bytes to requests
 *
 * Everything that can be wrong with a message before its method matters is
 * found here, in the order in which the specification wants it reported: not
 * JSON, not JSON-RPC, the id, the era with what that era demands, the method. A
 * message that passes is copied into a request of its own; the bytes it came in
 * are not needed after that.
 *
 * Era: whoever carries one of the modern keys in params._meta is modern, in
 * every message anew; everyone else is what initialize made of this peer.
 */

#include "mcp/internal.h"

#define MAX_NODES (1u << 18)
#define MAX_ID_BYTES 1024

/* What is known of a message while it is judged. */
struct incoming {
    struct gh_json value;
    struct gh_json params;
    struct gh_json meta;
    struct gh_slice id;     /* absent: a notification, or unreadable */
    struct gh_slice method; /* of the scratch arena or the message */
    struct gh_mcp_batch *batch;
};

struct gh_slice gh_mcp_id_text(struct gh_json id, struct gh_arena *arena)
{
    struct gh_slice text = gh_json_str(id);
    struct gh_slice copy;
    struct gh_jsonw w;
    struct gh_buf buf;
    int64_t number;

    if (text.ptr ? text.len > MAX_ID_BYTES : !gh_json_i64(id, &number))
        return (struct gh_slice){0};
    gh_buf_init(&buf, (size_t)MAX_ID_BYTES * 8);
    gh_jsonw_init(&w, &buf);
    if (text.ptr)
        gh_jsonw_str(&w, text);
    else
        gh_jsonw_i64(&w, number);
    copy = gh_jsonw_rc(&w) == GH_OK ? gh_arena_dup(arena, gh_buf_slice(&buf))
                                    : (struct gh_slice){0};
    gh_buf_fini(&buf);
    return copy;
}

/* Nothing of the message can be trusted: an error without id. */
#define REFUSE(p, in, code, ...)                                               \
    gh_mcp_peer_error((p), (in)->batch, (in)->id, (code), __VA_ARGS__)

/* --- notifications
 * -------------------------------------------------------------- */

static void take_notification(struct gh_mcp_peer *p, const struct incoming *in)
{
    if (gh_slice_is(in->method, "notifications/cancelled")) {
        struct gh_slice id =
            gh_mcp_id_text(gh_json_get(in->params, "requestId"), &p->scratch);

        if (id.ptr)
            gh_mcp_peer_cancel(p, id);
    } else if (gh_slice_is(in->method, "notifications/initialized")) {
        p->initialized = p->legacy != NULL;
    }
}

/* --- era
 * -------------------------------------------------------------------------- */

static bool meta_is_modern(struct gh_json meta)
{
    static const char *const keys[] = {"protocolVersion", "clientCapabilities",
                                       "clientInfo"};

    for (struct gh_json_iter it = gh_json_iter(meta); gh_json_next(&it);) {
        if (!gh_slice_starts(it.name, GH_SLICE(GH_MCP_META)))
            continue;
        for (size_t i = 0; i < GH_COUNT(keys); i++)
            if (gh_slice_is(gh_slice_drop(it.name, strlen(GH_MCP_META)),
                            keys[i]))
                return true;
    }
    return false;
}

static bool check_modern_meta(struct gh_mcp_peer *p, const struct incoming *in)
{
    struct gh_json version =
        gh_json_get(in->meta, GH_MCP_META "protocolVersion");
    struct gh_json level = gh_json_get(in->meta, GH_MCP_META "logLevel");

    if (!gh_json_is(version, GH_JSON_STRING)) {
        REFUSE(p, in, GH_MCP_EPARAMS,
               "params._meta must have \"" GH_MCP_META
               "protocolVersion\", a string");
        return false;
    }
    if (!gh_json_is(gh_json_get(in->meta, GH_MCP_META "clientCapabilities"),
                    GH_JSON_OBJECT)) {
        REFUSE(p, in, GH_MCP_EPARAMS,
               "params._meta must have \"" GH_MCP_META
               "clientCapabilities\", an object");
        return false;
    }
    if (!gh_json_str_is(version, gh_mcp_revision_modern()->date)) {
        gh_mcp_peer_error_version(p, in->id, gh_json_str(version));
        return false;
    }
    if (gh_json_type(level) != GH_JSON_MISSING &&
        gh_mcp_log_level(gh_json_str(level)) < 0) {
        REFUSE(p, in, GH_MCP_EPARAMS,
               "params._meta \"" GH_MCP_META "logLevel\" must be one of debug, "
               "info, notice, warning, error, critical, alert, emergency");
        return false;
    }
    return true;
}

/* Return: the revision to serve, or NULL when an error was sent. */
static const struct gh_mcp_revision *modern_revision(struct gh_mcp_peer *p,
                                                     const struct incoming *in)
{
    if (in->batch) {
        REFUSE(p, in, GH_MCP_EREQUEST, "Revision %s has no batches",
               gh_mcp_revision_modern()->date);
        return NULL;
    }
    return check_modern_meta(p, in) ? gh_mcp_revision_modern() : NULL;
}

static const struct gh_mcp_revision *
legacy_revision(struct gh_mcp_peer *p, const struct incoming *in,
                const struct gh_mcp_method *method)
{
    bool opens = gh_slice_is(in->method, "initialize");

    if (opens && in->batch) {
        REFUSE(p, in, GH_MCP_EREQUEST, "initialize may not be in a batch");
        return NULL;
    }
    if (p->legacy)
        return p->legacy;
    if (!method || opens || gh_slice_is(in->method, "ping"))
        return gh_mcp_revision_legacy();
    REFUSE(p, in,
           method->flags & GH_MCP_IN_MODERN ? GH_MCP_EPARAMS : GH_MCP_EREQUEST,
           "Missing \"" GH_MCP_META "protocolVersion\" in params._meta "
           "(clients of revisions before %s: send initialize first)",
           gh_mcp_revision_modern()->date);
    return NULL;
}

/* --- requests
 * ----------------------------------------------------------------------- */

static bool offers(const struct gh_mcp *m, enum gh_mcp_offer offer)
{
    switch (offer) {
    case GH_MCP_PROMPTS:
        return m->rows.prompt_count > 0;
    case GH_MCP_RESOURCES:
        return m->rows.resource_count > 0;
    case GH_MCP_ALWAYS:
        break;
    }
    return true;
}

static bool check_token(struct gh_mcp_peer *p, const struct incoming *in)
{
    struct gh_json token = gh_json_get(in->meta, "progressToken");

    if (gh_json_type(token) == GH_JSON_MISSING ||
        gh_mcp_id_text(token, &p->scratch).ptr)
        return true;
    REFUSE(p, in, GH_MCP_EPARAMS,
           "params._meta.progressToken must be a string or an integer");
    return false;
}

static void accept(struct gh_mcp_peer *p, const struct incoming *in,
                   const struct gh_mcp_revision *rev,
                   const struct gh_mcp_method *method)
{
    struct gh_mcp_request *r =
        gh_mcp_request_new(p, gh_json_raw(in->value), in->id);

    if (!r) {
        REFUSE(p, in, GH_MCP_EINTERNAL, "Out of memory");
        return;
    }
    r->rev = rev;
    r->method = method;
    r->batch = in->batch;
    if (r->batch)
        r->batch->open++;
    if (method->flags & GH_MCP_AT_ONCE)
        (void)gh_mcp_request_step(r);
    else
        gh_mcp_peer_enqueue(p, r);
}

static void take_request(struct gh_mcp_peer *p, const struct incoming *in)
{
    const struct gh_mcp_method *method = gh_mcp_method_find(in->method);
    const struct gh_mcp_revision *rev;
    bool known;

    if (gh_mcp_peer_is_open(p, in->id)) {
        REFUSE(p, in, GH_MCP_EREQUEST,
               "This id is in use by a request that is not answered yet");
        return;
    }
    rev = meta_is_modern(in->meta) ? modern_revision(p, in)
                                   : legacy_revision(p, in, method);
    if (!rev || !check_token(p, in))
        return;
    known = method && offers(p->m, method->offer) &&
            (method->flags &
             (rev->modern ? GH_MCP_IN_MODERN : GH_MCP_IN_LEGACY)) != 0;
    if (!known)
        REFUSE(p, in, GH_MCP_EMETHOD, "Method not found: %.*s",
               GH_FMT(in->method));
    else if (!gh_mcp_peer_has_room(p, gh_json_raw(in->value).len))
        REFUSE(p, in, GH_MCP_EINTERNAL,
               "Too many requests are waiting: read answers before sending "
               "more");
    else
        accept(p, in, rev, method);
}

/* --- shape
 * -----------------------------------------------------------------------------
 */

/* Return: false when there is an id that no message may have. */
static bool read_id(struct gh_mcp_peer *p, struct incoming *in)
{
    struct gh_json id = gh_json_get(in->value, "id");

    if (gh_json_type(id) == GH_JSON_MISSING)
        return true;
    in->id = gh_mcp_id_text(id, &p->scratch);
    return in->id.ptr != NULL;
}

static bool is_response(struct gh_json v)
{
    return gh_json_type(gh_json_get(v, "method")) == GH_JSON_MISSING &&
           (gh_json_type(gh_json_get(v, "result")) != GH_JSON_MISSING ||
            gh_json_type(gh_json_get(v, "error")) != GH_JSON_MISSING);
}

/* Return: what is wrong with the shape, or NULL. */
static const char *shape_problem(const struct incoming *in, bool id_ok)
{
    if (!gh_json_str_is(gh_json_get(in->value, "jsonrpc"), "2.0"))
        return "\"jsonrpc\" must be \"2.0\"";
    if (!id_ok)
        return "\"id\" must be a string (of at most 1,024 bytes) or an integer";
    if (!in->method.ptr)
        return "\"method\" must be a string";
    return NULL;
}

static void take_one(struct gh_mcp_peer *p, struct gh_json value,
                     struct gh_mcp_batch *batch)
{
    struct incoming in = {.value = value, .batch = batch};
    enum gh_json_type params;
    const char *problem;
    bool id_ok;

    if (is_response(value))
        return; /* we asked nothing; an answer to it would be noise */
    id_ok = read_id(p, &in);
    in.method = gh_json_str(gh_json_get(value, "method"));
    in.params = gh_json_get(value, "params");
    in.meta = gh_json_get(in.params, "_meta");
    params = gh_json_type(in.params);
    problem = shape_problem(&in, id_ok);
    if (problem)
        REFUSE(p, &in, GH_MCP_EREQUEST, "Invalid request: %s", problem);
    else if (gh_json_type(gh_json_get(value, "id")) == GH_JSON_MISSING)
        take_notification(p, &in);
    else if (params != GH_JSON_MISSING && params != GH_JSON_OBJECT)
        REFUSE(p, &in, GH_MCP_EPARAMS, "\"params\" must be an object");
    else if (gh_json_type(in.meta) != GH_JSON_MISSING &&
             gh_json_type(in.meta) != GH_JSON_OBJECT)
        REFUSE(p, &in, GH_MCP_EPARAMS, "\"params._meta\" must be an object");
    else
        take_request(p, &in);
}

static void take_batch(struct gh_mcp_peer *p, struct gh_json array)
{
    static const struct incoming nobody = {0};
    struct gh_mcp_batch *b;

    if (!p->legacy || !p->legacy->batches) {
        REFUSE(p, &nobody, GH_MCP_EREQUEST,
               "Invalid request: an array of messages (a batch) is part of "
               "revision 2025-03-26 only");
        return;
    }
    if (gh_json_count(array) == 0) {
        REFUSE(p, &nobody, GH_MCP_EREQUEST, "Invalid request: an empty batch");
        return;
    }
    b = GH_XNEW(struct gh_mcp_batch);
    gh_buf_init(&b->buf, p->msg.limit + 2);
    b->open = 1;
    for (struct gh_json_iter it = gh_json_iter(array); gh_json_next(&it);) {
        if (gh_json_is(it.value, GH_JSON_OBJECT))
            take_one(p, it.value, b);
        else
            gh_mcp_peer_error(p, b, (struct gh_slice){0}, GH_MCP_EREQUEST,
                              "Invalid request: not an object");
    }
    gh_mcp_batch_leave(p, b);
}

/* A repeated name means different things to different readers: refused, with
 * the place. The id is echoed when the message itself repeats nothing. */
static void refuse_duplicates(struct gh_mcp_peer *p, struct gh_slice message,
                              struct gh_json root)
{
    static const struct gh_json_options reject = {.max_nodes = MAX_NODES};
    struct incoming in = {.value = root};
    struct gh_json_doc doc;
    struct gh_err err = {0};

    if (gh_json_is(root, GH_JSON_OBJECT) &&
        !(root.doc->nodes[root.at].flags & GH_JSON_F_DUP))
        (void)read_id(p, &in);
    if (gh_json_parse(message, &p->scratch, &reject, &doc, &err) == GH_OK)
        err.text[0] = '\0';
    REFUSE(p, &in, GH_MCP_EREQUEST, "Invalid request: %s (column %u)",
           err.text[0] ? err.text : "a name occurs twice", err.column);
}

static void refuse_json(struct gh_mcp_peer *p, enum gh_rc rc,
                        const struct gh_err *err)
{
    static const struct incoming nobody = {0};

    if (rc == GH_ETOOBIG || rc == GH_ENOMEM)
        REFUSE(p, &nobody, GH_MCP_EREQUEST,
               "Invalid request: more than %u values in one message",
               MAX_NODES);
    else
        REFUSE(p, &nobody, GH_MCP_EPARSE, "Parse error: %s (column %u)",
               err->text, err->column);
}

void gh_mcp_envelope_take(struct gh_mcp_peer *p, struct gh_slice message)
{
    static const struct gh_json_options options = {
        .duplicates = GH_JSON_DUP_LAST, .max_nodes = MAX_NODES};
    static const struct incoming nobody = {0};
    struct gh_json_doc doc;
    struct gh_err err = {0};
    struct gh_json root;
    enum gh_rc rc;

    gh_arena_reset(&p->scratch);
    rc = gh_json_parse(message, &p->scratch, &options, &doc, &err);
    if (rc != GH_OK) {
        refuse_json(p, rc, &err);
        return;
    }
    root = gh_json_root(&doc);
    if (doc.has_duplicates)
        refuse_duplicates(p, message, root);
    else if (gh_json_is(root, GH_JSON_ARRAY))
        take_batch(p, root);
    else if (gh_json_is(root, GH_JSON_OBJECT))
        take_one(p, root, NULL);
    else
        REFUSE(p, &nobody, GH_MCP_EREQUEST,
               "Invalid request: a message is an object");
}
