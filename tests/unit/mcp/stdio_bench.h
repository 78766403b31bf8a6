/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

/*
 * A stdio endpoint between two descriptors of ours
 *
 * Pipes, sockets or files; the test is the client. Everything happens on one
 * thread: what a client does while the endpoint runs, it does as a callback of
 * the same loop.
 */

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conversation.h"
#include "mcp/stdio.h"

#define PING(id) "{\"jsonrpc\":\"2.0\",\"id\":" #id ",\"method\":\"ping\"}"
#define PONG(id) "{\"jsonrpc\":\"2.0\",\"id\":" #id ",\"result\":{}}\n"
#define META                                                                   \
    "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","   \
    "\"io.modelcontextprotocol/clientCapabilities\":{}}"
#define CALL(id, name, args)                                                   \
    "{\"jsonrpc\":\"2.0\",\"id\":" #id ",\"method\":\"tools/call\","           \
    "\"params\":{\"name\":\"" name "\",\"arguments\":" args "," META "}}\n"

/* An endpoint between two descriptors of ours. */
struct bench {
    struct gh_loop *loop;
    struct gh_mcp *m;
    struct gh_mcp_stdio *s;
    int theirs_in, theirs_out; /* what the endpoint was given */
    int to, from;              /* our ends; -1: none */
    struct gh_buf heard;
    char warned[256];
};

static inline void on_warn(void *ctx, const char *text)
{
    struct bench *b = ctx;

    (void)snprintf(b->warned, sizeof(b->warned), "%s", text);
}

static inline void bench_start(struct bench *b,
                               const struct gh_mcp_stdio_options *opt,
                               const struct gh_mcp_options *limits)
{
    struct gh_mcp_stdio_options o = *opt;
    struct gh_err err;

    gh_buf_init(&b->heard, (size_t)64 << 20);
    b->loop = gh_loop_new(&err);
    b->m = gh_mcp_new(&fixture_rows, limits);
    o.in_fd = b->theirs_in;
    o.out_fd = b->theirs_out;
    o.warn = on_warn;
    o.ctx = b;
    b->s = gh_mcp_stdio_new(b->loop, b->m, &o, &err);
    assert_non_null(b->s);
}

static inline void close_if(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

static inline void bench_end(struct bench *b)
{
    (void)gh_mcp_stdio_free(b->s);
    (void)gh_mcp_free(b->m);
    (void)gh_loop_free(b->loop);
    gh_buf_fini(&b->heard);
    close_if(&b->to);
    close_if(&b->from);
    close_if(&b->theirs_in);
    close_if(&b->theirs_out);
}

static inline void use_pipes(struct bench *b)
{
    int in[2];
    int out[2];

    *b = (struct bench){0};
    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    b->theirs_in = in[0];
    b->to = in[1];
    b->from = out[0];
    b->theirs_out = out[1];
}

static inline void use_sockets(struct bench *b)
{
    int in[2];
    int out[2];

    *b = (struct bench){0};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, in), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, out), 0);
    b->theirs_in = in[0];
    b->to = in[1];
    b->from = out[0];
    b->theirs_out = out[1];
}

static inline void use_files(struct bench *b)
{
    *b = (struct bench){.to = memfd_create("in", 0),
                        .from = memfd_create("out", 0)};
    b->theirs_in = dup(b->to);
    b->theirs_out = dup(b->from);
}

static inline void say(struct bench *b, struct gh_slice text)
{
    assert_int_equal(write(b->to, text.ptr, text.len), text.len);
}

static inline void hang_up(struct bench *b)
{
    (void)lseek(b->theirs_in, 0, SEEK_SET); /* files */
    close_if(&b->to);
}

static inline void hear(struct bench *b)
{
    ssize_t n;

    close_if(&b->theirs_out);
    (void)lseek(b->from, 0, SEEK_SET);
    do {
        assert_int_equal(gh_buf_reserve(&b->heard, 65536), GH_OK);
        n = read(b->from, b->heard.ptr + b->heard.len, 65536);
        b->heard.len += n > 0 ? (size_t)n : 0;
    } while (n > 0);
}

static inline bool heard(const struct bench *b, const char *part)
{
    return memmem(b->heard.ptr, b->heard.len, part, strlen(part)) != NULL;
}

static inline void assert_heard_all(const struct bench *b, const char *text)
{
    if (!gh_slice_is(gh_buf_slice(&b->heard), text))
        fail_msg("heard    %.*s\nexpected %s", GH_FMT(gh_buf_slice(&b->heard)),
                 text);
}

typedef void use_fn(struct bench *b);
static use_fn *const uses[] = {use_pipes, use_sockets, use_files};

static inline void say_big(struct bench *b, int count, int bytes)
{
    for (int id = 100; id < 100 + count; id++) {
        struct gh_buf line;

        gh_buf_init(&line, 4096);
        (void)gh_buf_addf(&line,
                          "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":"
                          "\"tools/call\",\"params\":{\"name\":\"big\","
                          "\"arguments\":{\"bytes\":%d}," META "}}\n",
                          id, bytes);
        say(b, gh_buf_slice(&line));
        gh_buf_fini(&line);
    }
}
