/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the files of this floor share; nobody outside includes it
 *
 * A message becomes requests (envelope.c), a request waits in its peer's queue
 * (peer.c) and is then worked on in steps by the function of its method (one
 * file per family of methods), which answers through reply.c. What a revision
 * of the protocol knows and what it does not is one row in revision.c, so no
 * method compares dates.
 *
 * Ownership: a request owns its arena and everything it was made of; it is
 * freed when it has been answered or cancelled. A peer owns its requests and
 * listens. Failures of the transport stick in the peer; whoever entered through
 * mcp.h reports them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "mcp/mcp.h"

/* --- revisions -------------------------------------------------------------
 */

struct gh_mcp_revision {
    const char *date;
    bool modern;      /* stateless: _meta on every request, resultType */
    bool batches;     /* arrays of messages are received */
    bool annotations; /* of tools; completions capability; progress message */
    bool titles;      /* title beside name; structured content */
    bool id_optional; /* an error may come without id (else it is null) */
    int not_found;    /* code for an unknown resource */
};

/* Return: the revision, or NULL. */
const struct gh_mcp_revision *gh_mcp_revision_find(struct gh_slice date);
const struct gh_mcp_revision *gh_mcp_revision_modern(void);
const struct gh_mcp_revision *gh_mcp_revision_legacy(void); /* the newest */

/* --- requests ----------------------------------------------------------------
 */

enum {
    GH_MCP_EPARSE = -32700,
    GH_MCP_EREQUEST = -32600,
    GH_MCP_EMETHOD = -32601,
    GH_MCP_EPARAMS = -32602,
    GH_MCP_EINTERNAL = -32603,
    GH_MCP_EVERSION = -32022,
    GH_MCP_ENOTFOUND_LEGACY = -32002,
};

#define GH_MCP_META "io.modelcontextprotocol/"

struct gh_mcp_request;

/* Return: GH_OK when the request was answered, GH_MORE to be called again. */
typedef enum gh_rc gh_mcp_step_fn(struct gh_mcp_request *r);

enum {
    GH_MCP_IN_MODERN = 1,
    GH_MCP_IN_LEGACY = 2,
    GH_MCP_AT_ONCE = 4, /* in order of arrival, not queued */
};

/* Which of the server's rows a method needs to exist. */
enum gh_mcp_offer { GH_MCP_ALWAYS, GH_MCP_PROMPTS, GH_MCP_RESOURCES };

struct gh_mcp_method {
    const char *name;
    unsigned flags;
    enum gh_mcp_offer offer;
    gh_mcp_step_fn *step;
};

/* The answers to one array of requests, sent together. */
struct gh_mcp_batch {
    struct gh_buf buf;
    size_t open; /* requests not answered yet, and one while it is read */
};

struct gh_mcp_request {
    struct gh_call call; /* first: what a row's function sees */
    struct gh_mcp_peer *peer;
    struct gh_mcp_request *next;
    const struct gh_mcp_revision *rev;
    const struct gh_mcp_method *method;
    struct gh_mcp_batch *batch; /* NULL: answered alone */
    struct gh_slice message;    /* the arena's */
    struct gh_slice id;         /* as JSON text; the message's */
    struct gh_arena arena;
    struct gh_json_doc doc;
    struct gh_json params;
    struct gh_slice token; /* progressToken as JSON text, or absent */
    double progress;       /* last one sent */
    int log_level;         /* messages below are not wanted */
    bool started;
    bool failed; /* gh_call_fail() was called; text says why */
    struct gh_buf out;
    struct gh_buf text;
    struct gh_jsonw w;

    /* tools/call, prompts/get, resources/read: the row and its arguments */
    const struct gh_tool *tool;
    const struct gh_prompt *prompt;
    const struct gh_resource *reading;
    size_t next_row; /* to try when @reading has no such resource */
    const struct gh_arg *args;
    size_t arg_count;

    /* resources/list: the page that is being filled */
    uint64_t offered;
    uint64_t page_from;
    uint64_t page_to;
    const struct gh_resource *listing;
};

/* --- peers -------------------------------------------------------------------
 */

/* A URI that someone wants to hear of. */
struct gh_mcp_watch {
    char *uri;
    bool dirty;
};

/* subscriptions/listen, open; and one for what a legacy client subscribed to.
 */
struct gh_mcp_listen {
    char *id; /* as JSON text; NULL for the legacy one */
    bool list;
    bool list_dirty;
    GH_VEC(struct gh_mcp_watch) watches;
};

struct gh_mcp {
    struct gh_mcp_rows rows;
    struct gh_mcp_options opt;
    bool completions; /* some argument can be completed */
};

struct gh_mcp_peer {
    struct gh_mcp *m;
    gh_mcp_send_fn *send;
    void *ctx;
    enum gh_rc failed; /* the transport refused a message */
    bool shared;       /* one channel for all (see mcp.h) */

    const struct gh_mcp_revision *legacy; /* since initialize; else NULL */
    bool initialized;
    int log_level;
    struct gh_mcp_listen subscribed; /* of the legacy client */
    GH_VEC(struct gh_mcp_listen *) listens;
    bool dirty; /* some listen has something to send */

    struct gh_mcp_request *first; /* the queue; the first is worked on */
    struct gh_mcp_request *last;
    size_t pending;
    size_t pending_bytes;

    struct gh_arena scratch; /* the message that is being read */
    struct gh_buf msg;       /* the message that is being written */
    struct gh_jsonw w;
};

static inline struct gh_mcp_request *gh_mcp_request_of(struct gh_call *c)
{
    return (struct gh_mcp_request *)(void *)c;
}

static inline const struct gh_mcp_request *
gh_mcp_request_ofc(const struct gh_call *c)
{
    return (const struct gh_mcp_request *)(const void *)c;
}

/* envelope.c: cuts a message into requests and notifications. */
void gh_mcp_envelope_take(struct gh_mcp_peer *p, struct gh_slice message);

/* Normalised JSON text of an id or progress token, in @arena; absent when it is
 * neither a string nor an integer, or too long. */
struct gh_slice gh_mcp_id_text(struct gh_json id, struct gh_arena *arena);

/* method.c */
const struct gh_mcp_method *gh_mcp_method_find(struct gh_slice name);

/* peer.c; ids are normalised text */
struct gh_mcp_request *gh_mcp_request_new(struct gh_mcp_peer *p,
                                          struct gh_slice message,
                                          struct gh_slice id);
void gh_mcp_request_free(struct gh_mcp_request *r);
bool gh_mcp_peer_is_open(const struct gh_mcp_peer *p, struct gh_slice id);
bool gh_mcp_peer_has_room(const struct gh_mcp_peer *p, size_t bytes);
void gh_mcp_peer_enqueue(struct gh_mcp_peer *p, struct gh_mcp_request *r);
void gh_mcp_peer_cancel(struct gh_mcp_peer *p, struct gh_slice id);
/* One step; frees the request when it is answered. */
enum gh_rc gh_mcp_request_step(struct gh_mcp_request *r);

/* --- answering (reply.c)
 * ------------------------------------------------------ */

enum gh_mcp_cache { GH_MCP_NO_CACHE, GH_MCP_PUBLIC, GH_MCP_PRIVATE };

/* Opens the result; the caller adds its members and calls the end. */
struct gh_jsonw *gh_mcp_result(struct gh_mcp_request *r);

/* Adds what every result of the revision carries, and sends. Return: GH_OK, or
 * GH_ETOOBIG when the answer is over its limit: nothing was sent then. */
GH_MUST_CHECK enum gh_rc gh_mcp_result_end(struct gh_mcp_request *r,
                                           enum gh_mcp_cache cache);

/* The same, for results that cannot be cut by asking better: over the limit, an
 * internal error is sent. Return: GH_OK. */
enum gh_rc gh_mcp_result_send(struct gh_mcp_request *r,
                              enum gh_mcp_cache cache);

/* Sends an error. Return: GH_OK, since the request is answered. */
enum gh_rc gh_mcp_error(struct gh_mcp_request *r, int code, const char *fmt,
                        ...) GH_PRINTF(3, 4);

/* Sends an error with data: {@name: @value}. */
enum gh_rc gh_mcp_error_about(struct gh_mcp_request *r, int code,
                              const char *name, struct gh_slice value,
                              const char *fmt, ...) GH_PRINTF(5, 6);

/* For what never became a request. @id: JSON text or absent; @batch or NULL. */
void gh_mcp_peer_error(struct gh_mcp_peer *p, struct gh_mcp_batch *batch,
                       struct gh_slice id, int code, const char *fmt, ...)
    GH_PRINTF(5, 6);

/* The error of a version that is not served; names those that are. */
void gh_mcp_peer_error_version(struct gh_mcp_peer *p, struct gh_slice id,
                               struct gh_slice requested);

/* Opens a notification up to its params' members. */
struct gh_jsonw *gh_mcp_notify(struct gh_mcp_peer *p, const char *method);
/* @subscription: JSON text of the listen's id, or NULL. */
void gh_mcp_notify_end(struct gh_mcp_peer *p, const char *subscription);

/* The result that ends a listen. */
void gh_mcp_listen_result(struct gh_mcp_peer *p, const char *id);

/* An answered or dropped request of a batch. Sends the batch after the last. */
void gh_mcp_batch_leave(struct gh_mcp_peer *p, struct gh_mcp_batch *batch);

/* serverInfo as the revision knows it. */
void gh_mcp_write_server(struct gh_jsonw *w, const struct gh_mcp *m,
                         const struct gh_mcp_revision *rev);

/* --- arguments (schema.c, args.c)
 * --------------------------------------------- */

void gh_mcp_write_schema(struct gh_jsonw *w, const struct gh_arg *args,
                         size_t count);

/* Writes a line about each thing wrong with @given. Return: how many. */
size_t gh_mcp_args_check(struct gh_json given, const struct gh_arg *args,
                         size_t count, struct gh_buf *problems);

const struct gh_arg *gh_mcp_arg_find(const struct gh_arg *args, size_t count,
                                     struct gh_slice name);

/* --- URIs (uri.c)
 * --------------------------------------------------------------- */

bool gh_mcp_uri_has_variables(const char *uri_template);

/* Matches and writes the variables as a JSON object to @ret_object, which may
 * be NULL. */
bool gh_mcp_uri_match(const char *uri_template, struct gh_slice uri,
                      struct gh_buf *ret_object);

/* --- listens (listen.c)
 * ---------------------------------------------------------- */

bool gh_mcp_listen_is_open(const struct gh_mcp_peer *p, struct gh_slice id);
bool gh_mcp_listen_cancel(struct gh_mcp_peer *p, struct gh_slice id);
/* Ends all of them in good order. */
void gh_mcp_listen_end_all(struct gh_mcp_peer *p);
/* Sends what is due, as far as it may be sent already. */
void gh_mcp_listen_flush(struct gh_mcp_peer *p);
void gh_mcp_listen_fini(struct gh_mcp_listen *l);
void gh_mcp_listen_free_all(struct gh_mcp_peer *p);

/* --- rows (prompts.c, resources.c) -------------------------------------------
 */

const struct gh_prompt *gh_mcp_prompt_find(const struct gh_mcp_rows *rows,
                                           struct gh_slice name);
enum gh_rc gh_mcp_refuse_prompt(struct gh_mcp_request *r, struct gh_slice name);
/* Whether some row's template fits. */
bool gh_mcp_resource_known(const struct gh_mcp *m, struct gh_slice uri);

/* --- log levels (call.c)
 * ------------------------------------------------------------ */

#define GH_MCP_LOG_NONE 99

/* Return: 0 (debug) to 7 (emergency), or -1. */
int gh_mcp_log_level(struct gh_slice name);

/* --- methods
 * ---------------------------------------------------------------------------
 */

gh_mcp_step_fn gh_mcp_initialize, gh_mcp_ping, gh_mcp_set_level,
    gh_mcp_discover;
gh_mcp_step_fn gh_mcp_tools_list, gh_mcp_tools_call;
gh_mcp_step_fn gh_mcp_prompts_list, gh_mcp_prompts_get;
gh_mcp_step_fn gh_mcp_resources_list, gh_mcp_templates_list,
    gh_mcp_resources_read;
gh_mcp_step_fn gh_mcp_complete;
gh_mcp_step_fn gh_mcp_listen_open, gh_mcp_subscribe, gh_mcp_unsubscribe;

/* Prepares call->out, ->text and ->args for a row. */
void gh_mcp_call_ready(struct gh_mcp_request *r, struct gh_json args,
                       const struct gh_arg *rows, size_t count);

/* An integer, or a string that holds one. */
bool gh_mcp_int_read(struct gh_json v, int64_t *ret);
bool gh_mcp_int_text(struct gh_slice s, int64_t *ret);

/* A list that fits one page has no cursor but the absent one. Return: true when
 * there is one, and then an error was sent. */
bool gh_mcp_refuse_cursor(struct gh_mcp_request *r);
