/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * MCP over standard input and output
 *
 * Connects one peer with two descriptors on an event loop: a line is a message.
 * What bounds it:
 *
 *  - Output waits in a queue. Above a high-water mark nothing more is read and
 *    no request is worked on, so a client that never reads costs a queue, not
 *    all memory.
 *  - When the queue of requests is full, reading stops until it is not.
 *  - At the end of input everything that was asked is still answered. A client
 *    that takes nothing for a while (flush_ms) is given up.
 *
 * The descriptors are usually shared with others (a shell, a parent), who do
 * not expect them to become non-blocking: pipes and terminals are opened anew,
 * sockets are asked call by call, and where neither works, no more is written
 * than fits for certain. Nothing needs to be restored, not even after a crash.
 *
 * SIGTERM and SIGINT end it like the end of input, but within flush_ms in all;
 * a second one at once. SIGPIPE is ignored while it lives.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"
#include "io/loop.h"
#include "mcp/mcp.h"

struct gh_mcp_stdio;

struct gh_mcp_stdio_options {
    int in_fd;
    int out_fd;
    size_t max_line_bytes;   /* 0: 4 MiB; the server's limit should agree */
    size_t high_water_bytes; /* 0: 1 MiB */
    uint32_t flush_ms;       /* 0: 5,000 */
    bool signals;            /* handle SIGTERM and SIGINT */
    /* Tells a person; NULL: standard error. */
    void (*warn)(void *ctx, const char *text);
    void *ctx;
};

/*
 * @loop and @m are borrowed, and so are the descriptors. When the conversation
 * has ended, gh_loop_stop() is called. Return: NULL with @err when a descriptor
 * cannot be used.
 */
struct gh_mcp_stdio *gh_mcp_stdio_new(struct gh_loop *loop, struct gh_mcp *m,
                                      const struct gh_mcp_stdio_options *opt,
                                      struct gh_err *err);
struct gh_mcp_stdio *gh_mcp_stdio_free(struct gh_mcp_stdio *s);

/* What the resources are made of has changed; see gh_mcp_peer_changed(). */
void gh_mcp_stdio_changed(struct gh_mcp_stdio *s, enum gh_mcp_changed what,
                          struct gh_slice uri_prefix);

/* Ends the conversation as SIGTERM does. */
void gh_mcp_stdio_stop(struct gh_mcp_stdio *s);
