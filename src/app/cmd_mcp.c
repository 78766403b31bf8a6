/* SPDX-License-Identifier: Apache-2.0 */

/*
 * gatehouse mcp: a server for one agent on standard input and output
 *
 * One thread, one loop: the agent's lines on one side, the file watch on the
 * other. A change of manifests is one transaction, one sync of the mesh, and
 * one round of notifications. Standard output belongs to MCP alone; what people
 * should know goes to standard error.
 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/load.h"
#include "mcp/stdio.h"
#include "tools/changes.h"
#include "tools/rows.h"

struct server {
    struct gh_loaded loaded;
    struct gh_load_options load;
    struct gh_loop *loop;
    struct gh_mcp *mcp;
    struct gh_mcp_stdio *stdio;
    struct gh_loop_fd watch;
    struct gh_changes changes;
};

static void announce(void *ctx, enum gh_mcp_changed what,
                     struct gh_slice prefix)
{
    struct server *s = ctx;

    gh_mcp_stdio_changed(s->stdio, what, prefix);
}

static void on_files(void *ctx, unsigned ready)
{
    struct server *s = ctx;
    struct gh_commit commit = {0};

    (void)ready;
    if (!gh_files_dispatch(s->loaded.files, &commit)) {
        if (commit.faults > 0)
            gh_load_report(s->loaded.store, &s->load);
        return;
    }
    gh_mesh_sync(s->loaded.mesh);
    (void)fprintf(stderr,
                  "gatehouse: manifests read again: %zu added, %zu changed, "
                  "%zu removed\n",
                  commit.added, commit.changed, commit.deleted);
    gh_load_report(s->loaded.store, &s->load);
    gh_changes_announce(&s->changes, s->loaded.store, announce, s);
}

/* Without a watch the answers are those of the start: worth saying, no reason
 * to refuse. */
static void start_watch(struct server *s)
{
    struct gh_err err = {0};

    s->watch = (struct gh_loop_fd){
        .fd = gh_files_watch(s->loaded.files, &err),
        .fn = on_files,
        .ctx = s,
    };
    if (s->watch.fd < 0 ||
        gh_loop_fd_start(s->loop, &s->watch, GH_LOOP_READ) != GH_OK)
        (void)fprintf(stderr,
                      "gatehouse: changes of the manifests will not be "
                      "noticed: %s\n",
                      err.text);
}

static bool start(struct server *s, struct gh_err *err)
{
    struct gh_mcp_options mcp = {
        .name = "gatehouse",
        .title = "Gatehouse: what the mesh allows, and why",
        .version = GH_VERSION,
        .instructions = gh_tools_instructions,
        .user = s->loaded.mesh,
    };
    struct gh_mcp_stdio_options stdio = {
        .in_fd = STDIN_FILENO, .out_fd = STDOUT_FILENO, .signals = true};

    s->loop = gh_loop_new(err);
    if (!s->loop)
        return false;
    s->mcp = gh_mcp_new(&gh_tools_rows, &mcp);
    s->stdio = gh_mcp_stdio_new(s->loop, s->mcp, &stdio, err);
    if (!s->stdio)
        return false;
    gh_changes_init(&s->changes, s->loaded.store);
    start_watch(s);
    return true;
}

static void stop(struct server *s)
{
    if (s->loop && s->watch.fn)
        gh_loop_fd_stop(s->loop, &s->watch);
    gh_mcp_stdio_free(s->stdio);
    gh_mcp_free(s->mcp);
    gh_loop_free(s->loop);
    gh_load_fini(&s->loaded);
}

static int complain(const struct gh_err *err)
{
    char line[1024];

    (void)fprintf(stderr, "gatehouse: %s\n",
                  gh_err_format(err, line, sizeof(line)));
    return GH_EXIT_TROUBLE;
}

static int serve(struct server *s)
{
    struct gh_err err = {0};
    int code = GH_EXIT_OK;

    if (!start(s, &err))
        code = complain(&err);
    else if (gh_loop_run(s->loop) != GH_OK)
        code = GH_EXIT_TROUBLE;
    stop(s);
    return code;
}

static int run_mcp(const struct gh_options *o)
{
    struct server s = {0};
    struct gh_err err = {0};
    size_t count;
    const char **paths = gh_load_paths(o, 0, &count);
    int code;

    s.load = (struct gh_load_options){.paths = paths, .path_count = count};
    for (size_t i = 0; i < count; i++)
        if (strcmp(paths[i], "-") == 0) {
            gh_free(paths);
            (void)fprintf(stderr,
                          "gatehouse: standard input is where the client "
                          "talks: write the manifests to a file and give "
                          "that\n");
            return GH_EXIT_TROUBLE;
        }
    code = gh_load(&s.load, &s.loaded, &err) ? serve(&s) : complain(&err);
    gh_free(paths);
    return code;
}

static const struct gh_option options[] = {
    GH_OPTION_FROM,
};

const struct gh_command gh_cmd_mcp = {
    .name = "mcp",
    .summary = "answer an AI agent over the Model Context Protocol on stdio",
    .operands = "[PATH…]",
    .max_operands = 1000,
    .options = options,
    .option_count = GH_COUNT(options),
    .help =
        "Speaks MCP (2024-11-05 to 2026-07-28) on standard input and output, "
        "and follows\nchanges of the manifests. In an assistant's "
        "configuration:\n\n"
        "  {\"mcpServers\": {\"mesh\": {\"command\": \"gatehouse\",\n"
        "                           \"args\": [\"mcp\", \"--from\", "
        "\"/path/to/manifests\"]}}}\n\n"
        "Exit codes: 0 the client has closed, 2 could not start.\n",
    .run = run_mcp,
};
