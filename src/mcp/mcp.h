/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The Model Context Protocol, served
 *
 * What a server offers is rows: tools, prompts, resources. This floor knows the
 * protocol in all its revisions and nothing else: not who transports it, not
 * what the tools are about. Era is decided per message (2026-07-28 carries its
 * version in params._meta; older clients open with initialize), so one peer may
 * even mix them.
 *
 * It is sans-I/O: an endpoint (stdio today, HTTP next) feeds messages to a
 * struct gh_mcp_peer and gives it a function that takes messages to send. A
 * request is queued when it arrives and works in steps when the endpoint calls
 * gh_mcp_peer_run(), so a cancellation that is already in the pipe arrives
 * before the work, and a long answer does not hold up others.
 *
 * Threads: everything here belongs to the control thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/rc.h"
#include "base/slice.h"
#include "wire/json.h"
#include "wire/json_write.h"

/* --- rows ---------------------------------------------------------------- */

enum gh_arg_type {
    GH_ARG_STRING,
    GH_ARG_INTEGER,
    GH_ARG_BOOLEAN,
    GH_ARG_STRING_MAP, /* an object whose members are strings */
};

struct gh_call;
struct gh_completion;

/*
 * One argument of a tool or prompt (or variable of a resource template). From
 * these rows come inputSchema, validation with its messages, and completion.
 */
struct gh_arg {
    const char *name;
    const char *description;
    enum gh_arg_type type;
    bool required;
    const char *otherwise;     /* default, as text; NULL: none */
    const char *const *values; /* allowed strings, NULL-terminated; or NULL */
    int64_t min, max;          /* integers; both 0: any */
    /* Offers values that fit what was typed; NULL: none to offer. */
    void (*complete)(struct gh_completion *c);
};

enum {
    GH_TOOL_READ_ONLY = 1,
    GH_TOOL_DESTRUCTIVE = 2,
    GH_TOOL_IDEMPOTENT = 4,
    GH_TOOL_OPEN_WORLD = 8,
};

struct gh_tool {
    const char *name;
    const char *title;
    const char *description;
    const struct gh_arg *args;
    size_t arg_count;
    const char *output_schema; /* JSON Schema text of structuredContent */
    unsigned flags;
    /*
     * Does the work, or a slice of about a millisecond of it.
     * Return: GH_OK when the result is written (or gh_call_fail() was called),
     * GH_MORE to be called again, negative for an internal error.
     */
    enum gh_rc (*call)(struct gh_call *call);
};

struct gh_prompt {
    const char *name;
    const char *title;
    const char *description;
    const struct gh_arg *args; /* strings only */
    size_t arg_count;
    /* Writes messages with gh_prompt_say(). */
    enum gh_rc (*get)(struct gh_call *call);
};

/*
 * A family of resources under one URI template. list() offers concrete ones,
 * read() answers for any URI that fits the template; its variables are the
 * call's arguments.
 */
struct gh_resource {
    const char *uri_template; /* "mesh://workloads/{namespace}/{name}"; without
                                 variables: one resource */
    const char *name;
    const char *title;
    const char *description;
    const char *mime_type;
    const struct gh_arg *args; /* the variables */
    size_t arg_count;
    /* Offers URIs with gh_resource_offer(); NULL: only the template is listed.
     */
    void (*list)(struct gh_call *call);
    /* Writes the text. GH_END: there is no such resource. */
    enum gh_rc (*read)(struct gh_call *call);
};

struct gh_mcp_rows {
    const struct gh_tool *const *tools; /* listed in this order */
    size_t tool_count;
    const struct gh_prompt *const *prompts;
    size_t prompt_count;
    const struct gh_resource *const *resources;
    size_t resource_count;
};

/* --- what a row's function may do with its call ----------------------------
 */

struct gh_call {
    void *user;             /* the server's, e.g. the mesh */
    struct gh_arena *arena; /* until the call has been answered */
    struct gh_json args;    /* validated; an object */
    void *state;            /* the row's own between steps; starts NULL */
    struct gh_jsonw *out;   /* structuredContent, or the resource's text if it
                               is JSON */
    struct gh_buf *text;    /* text content. Left empty, a tool's text is its
                               structuredContent */
};

/* The argument, its default, or absent. */
struct gh_slice gh_call_str(const struct gh_call *c, const char *name);
int64_t gh_call_int(const struct gh_call *c, const char *name);
bool gh_call_bool(const struct gh_call *c, const char *name);
struct gh_json gh_call_value(const struct gh_call *c, const char *name);

/*
 * The tool ran and failed, or was asked nonsense: a result with isError that
 * the agent can read and act on. Discards what was written. Return: GH_OK.
 */
enum gh_rc gh_call_fail(struct gh_call *c, const char *fmt, ...)
    GH_PRINTF(2, 3);

/* Progress, if the client asked for it. Rises strictly; @total 0: unknown. */
void gh_call_progress(struct gh_call *c, double progress, double total,
                      const char *message);

/* A log message, if the client asked for that level. */
void gh_call_log(struct gh_call *c, const char *level, struct gh_slice text);

/* @role: "user" or "assistant". */
void gh_prompt_say(struct gh_call *c, const char *role, struct gh_slice text);

void gh_resource_offer(struct gh_call *c, struct gh_slice uri,
                       struct gh_slice name, struct gh_slice description);

/* Values that start with what was typed, in the order offered, at most 100. */
struct gh_completion {
    void *user;
    struct gh_arena *arena;
    struct gh_slice typed;
    struct gh_json others; /* arguments already known: an object, or missing */
    void *hidden;
};

void gh_completion_offer(struct gh_completion *c, struct gh_slice value);

/* --- the server ------------------------------------------------------------
 */

struct gh_mcp;

struct gh_mcp_options {
    const char *name; /* serverInfo */
    const char *title;
    const char *version;
    const char *instructions; /* may be NULL */
    void *user;
    size_t max_message_bytes; /* 0: 4 MiB */
    size_t max_answer_bytes;  /* 0: 16 MiB */
    uint32_t max_pending;     /* queued requests a peer; 0: 1,024 */
    uint32_t max_listens;     /* open subscriptions a peer; 0: 64 */
    uint32_t ttl_ms;          /* caching hint of lists; 0: 60,000 */
};

struct gh_mcp *gh_mcp_new(const struct gh_mcp_rows *rows,
                          const struct gh_mcp_options *opt);
struct gh_mcp *gh_mcp_free(struct gh_mcp *m);

/* --- a peer ------------------------------------------------------------------
 */

struct gh_mcp_peer;

/*
 * Takes one message (no newline) to the peer; the bytes are borrowed for the
 * call. Return: negative when the peer can take no more and is to be closed.
 */
typedef enum gh_rc gh_mcp_send_fn(void *ctx, struct gh_slice message);

struct gh_mcp_peer *gh_mcp_peer_new(struct gh_mcp *m, gh_mcp_send_fn *send,
                                    void *ctx);
struct gh_mcp_peer *gh_mcp_peer_free(struct gh_mcp_peer *p);

/* All messages of this peer share one channel (stdio): the end of a listen is
 * announced with notifications/cancelled, too. */
void gh_mcp_peer_share_channel(struct gh_mcp_peer *p);

/*
 * One message arrived. Whatever is wrong with it is answered as the protocol
 * says. Return: GH_OK, or negative when the peer is to be closed.
 */
GH_MUST_CHECK enum gh_rc gh_mcp_peer_message(struct gh_mcp_peer *p,
                                             struct gh_slice message);

/* The transport could not even cut a message: over the limit, say. Answers
 * with an error without id. */
GH_MUST_CHECK enum gh_rc gh_mcp_peer_reject(struct gh_mcp_peer *p,
                                            enum gh_rc why);

/* Another request might be refused for want of room in the queue: better not to
 * read on before some were worked on. */
bool gh_mcp_peer_full(const struct gh_mcp_peer *p);

/* Works on queued requests for about @budget_us. Return: GH_OK when nothing is
 * left to do, GH_MORE to be called again, negative when to be closed. */
GH_MUST_CHECK enum gh_rc gh_mcp_peer_run(struct gh_mcp_peer *p,
                                         uint32_t budget_us);

/*
 * What the resources are made of has changed: peers that listen hear it.
 * @uri_prefix: which ones were updated ("mesh://workloads/shop/"); may be
 * called several times. @list: whether the set of resources changed, too.
 */
enum gh_mcp_changed { GH_MCP_UPDATED, GH_MCP_LIST_CHANGED };

GH_MUST_CHECK enum gh_rc gh_mcp_peer_changed(struct gh_mcp_peer *p,
                                             enum gh_mcp_changed what,
                                             struct gh_slice uri_prefix);

/* Ends listens gracefully, before the transport closes. */
GH_MUST_CHECK enum gh_rc gh_mcp_peer_shutdown(struct gh_mcp_peer *p);
