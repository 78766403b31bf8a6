/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Bytes into the stdio framing and a peer with the fixture's rows
 *
 * The first byte decides how the rest is cut. Whatever comes out must be one
 * JSON message a line.
 */

#include <stdint.h>
#include <stdlib.h>

#include "mcp/lines.h"
#include "mcp/mcp.h"

#include "../peers/fixture_rows.h"

#define STEPS 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum gh_rc check_message(void *ctx, struct gh_slice message)
{
    struct gh_arena arena;
    struct gh_json_doc doc;

    (void)ctx;
    if (memchr(message.ptr, '\n', message.len))
        abort();
    gh_arena_init(&arena, (size_t)64 << 20);
    if (gh_json_parse(message, &arena, NULL, &doc, NULL) != GH_OK)
        abort();
    gh_arena_fini(&arena);
    return GH_OK;
}

static void feed(struct gh_lines *lines, struct gh_mcp_peer *p,
                 struct gh_slice in)
{
    struct gh_slice line;
    enum gh_rc rc;

    while ((rc = gh_lines_next(lines, &in, &line)) != GH_MORE) {
        rc = rc == GH_OK ? gh_mcp_peer_message(p, line)
                         : gh_mcp_peer_reject(p, rc);
        if (rc < 0 || gh_mcp_peer_run(p, 0) < 0)
            abort();
    }
}

/* Bounded: the fixture has a tool that takes as many steps as it is told. */
static void finish(struct gh_mcp_peer *p)
{
    for (int i = 0; i < STEPS; i++)
        if (gh_mcp_peer_run(p, 0) == GH_OK)
            break;
    if (gh_mcp_peer_changed(p, GH_MCP_LIST_CHANGED, GH_SLICE("test://")) < 0 ||
        gh_mcp_peer_run(p, 0) < 0 || gh_mcp_peer_shutdown(p) < 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gh_mcp_options options = fixture_options;
    struct gh_slice in = gh_slice_of((const char *)data, size);
    struct gh_mcp_peer *p;
    struct gh_lines lines;
    struct gh_mcp *m;
    size_t step;

    if (size == 0)
        return 0;
    options.max_message_bytes = 4096;
    options.max_answer_bytes = 100000;
    options.max_pending = 8;
    options.max_listens = 4;
    m = gh_mcp_new(&fixture_rows, &options);
    p = gh_mcp_peer_new(m, check_message, NULL);
    gh_mcp_peer_share_channel(p);
    gh_lines_init(&lines, 2048);
    step = data[0] ? data[0] : size;
    for (in = gh_slice_drop(in, 1); in.len > 0;) {
        struct gh_slice part = gh_slice_head(in, step);

        feed(&lines, p, part);
        in = gh_slice_drop(in, part.len);
    }
    finish(p);
    gh_lines_fini(&lines);
    gh_mcp_peer_free(p);
    gh_mcp_free(m);
    return 0;
}
