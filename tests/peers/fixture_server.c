/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A server with rows made for testing the protocol
 *
 * It is what tests/peers drives when the subject is MCP itself: a tool of each
 * kind (quick, slow with progress, failing, too big), prompts and resources of
 * each kind, and a change that can be caused from outside: it watches the file
 * named by --from, and says that its resources have changed when it does.
 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "io/loop.h"
#include "mcp/stdio.h"

#include "fixture_rows.h"

struct watch {
    struct gh_loop_fd source;
    struct gh_mcp_stdio *stdio;
};

static void on_change(void *ctx, unsigned ready)
{
    struct watch *w = ctx;
    char events[4096];

    (void)ready;
    if (read(w->source.fd, events, sizeof(events)) <= 0)
        return;
    gh_mcp_stdio_changed(w->stdio, GH_MCP_LIST_CHANGED, GH_SLICE("test://"));
}

static void watch_start(struct watch *w, struct gh_loop *loop, const char *path)
{
    w->source = (struct gh_loop_fd){
        .fd = inotify_init1(IN_NONBLOCK), .fn = on_change, .ctx = w};
    if (inotify_add_watch(w->source.fd, path,
                          IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE) < 0 ||
        gh_loop_fd_start(loop, &w->source, GH_LOOP_READ) != GH_OK) {
        perror(path);
        exit(2);
    }
}

/* mcp --from PATH, as gatehouse is called. */
int main(int argc, char **argv)
{
    struct gh_mcp *m = gh_mcp_new(&fixture_rows, &fixture_options);
    struct gh_mcp_stdio_options opt = {
        .in_fd = 0, .out_fd = 1, .signals = true};
    struct gh_err err = {0};
    struct gh_loop *loop = gh_loop_new(&err);
    struct watch watch = {0};
    enum gh_rc rc;

    if (loop)
        watch.stdio = gh_mcp_stdio_new(loop, m, &opt, &err);
    if (!watch.stdio) {
        (void)fprintf(stderr, "%s\n", err.text);
        return 2;
    }
    if (argc == 4)
        watch_start(&watch, loop, argv[3]);
    rc = gh_loop_run(loop);
    (void)gh_mcp_stdio_free(watch.stdio);
    (void)gh_loop_free(loop);
    (void)gh_mcp_free(m);
    return rc == GH_OK ? 0 : 1;
}
