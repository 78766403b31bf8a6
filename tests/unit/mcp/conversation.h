/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Conversations with a peer, as tables
 *
 * A case is what is sent and what comes back, line by line. To keep it
 * readable, quotes are written as ' and these are spelled out:
 *
 *   $M  the _meta of a modern request       $P  ttlMs and cacheScope, public
 *   $S  the _meta of a modern result        $V  the same, private
 *
 * A sent line that starts with '!' is done instead: !run (until nothing is
 * left), !step (one step), !updated PREFIX, !list PREFIX, !shutdown, !shared,
 * !reject. After the last line, everything runs.
 *
 * An expected line is compared as JSON; one that starts with '~' is a part of
 * the line.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mcp/internal.h"

#include "../../peers/fixture_rows.h"

#define MAX_LINES 64

struct conversation {
    const char *name;
    const char *sent[MAX_LINES];
    const char *expected[MAX_LINES];
};

/* What a peer sent, a line each. */
struct transcript {
    struct gh_buf text;
    enum gh_rc answer; /* of the transport */
};

static enum gh_rc transcript_send(void *ctx, struct gh_slice message)
{
    struct transcript *t = ctx;

    assert_null(memchr(message.ptr, '\n', message.len));
    (void)gh_buf_add(&t->text, message);
    (void)gh_buf_addc(&t->text, '\n');
    return t->answer;
}

static void expand_one(struct gh_buf *out, char c)
{
    static const char *const texts[] = {
        ['M'] = "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":"
                "\"2026-07-28\",\"io.modelcontextprotocol/"
                "clientCapabilities\":{}}",
        ['S'] = "\"_meta\":{\"io.modelcontextprotocol/serverInfo\":{"
                "\"name\":\"fixture\",\"title\":\"Fixture\","
                "\"version\":\"1.2.3\"}}",
        ['P'] = "\"ttlMs\":60000,\"cacheScope\":\"public\"",
        ['V'] = "\"ttlMs\":60000,\"cacheScope\":\"private\"",
    };

    (void)gh_buf_add(out, gh_slice_str(texts[(unsigned char)c]));
}

static void expand(struct gh_buf *out, const char *line)
{
    gh_buf_clear(out);
    for (; *line; line++) {
        if (*line == '$' && line[1] && strchr("MSPV", line[1]))
            expand_one(out, *++line);
        else
            (void)gh_buf_addc(out, *line == '\'' ? '"' : *line);
    }
    assert_int_equal(gh_buf_rc(out), GH_OK);
}

static void run_all(struct gh_mcp_peer *p)
{
    enum gh_rc rc;

    do
        rc = gh_mcp_peer_run(p, 0);
    while (rc == GH_MORE);
}

static void command(struct gh_mcp_peer *p, const char *line)
{
    const char *arg = strchr(line, ' ');
    struct gh_slice prefix = gh_slice_str(arg ? arg + 1 : "");
    enum gh_rc rc = GH_OK;

    if (strcmp(line, "!run") == 0)
        run_all(p);
    else if (strcmp(line, "!step") == 0)
        rc = gh_mcp_peer_run(p, 0);
    else if (strncmp(line, "!updated", 8) == 0)
        rc = gh_mcp_peer_changed(p, GH_MCP_UPDATED, prefix);
    else if (strncmp(line, "!list", 5) == 0)
        rc = gh_mcp_peer_changed(p, GH_MCP_LIST_CHANGED, prefix);
    else if (strcmp(line, "!shutdown") == 0)
        rc = gh_mcp_peer_shutdown(p);
    else if (strcmp(line, "!shared") == 0)
        gh_mcp_peer_share_channel(p);
    else if (strcmp(line, "!reject") == 0)
        rc = gh_mcp_peer_reject(p, GH_ETOOBIG);
    else
        fail_msg("unknown command %s", line);
    assert_true(rc >= 0);
}

static bool same_json(struct gh_slice a, struct gh_slice b)
{
    struct gh_json_doc doc_a;
    struct gh_json_doc doc_b;
    struct gh_arena arena;
    bool same;

    gh_arena_init(&arena, (size_t)64 << 20);
    if (gh_json_parse(a, &arena, NULL, &doc_a, NULL) != GH_OK)
        fail_msg("expected is not JSON: %.*s", GH_FMT(a));
    same = gh_json_parse(b, &arena, NULL, &doc_b, NULL) == GH_OK &&
           gh_json_equal(gh_json_root(&doc_a), gh_json_root(&doc_b));
    gh_arena_fini(&arena);
    return same;
}

static bool matches(struct gh_slice expected, struct gh_slice line)
{
    if (expected.len > 0 && expected.ptr[0] == '~')
        return memmem(line.ptr, line.len, expected.ptr + 1, expected.len - 1);
    return same_json(expected, line);
}

static void check_lines(const struct conversation *c, struct gh_slice out)
{
    struct gh_slice line;
    struct gh_buf want;
    size_t i = 0;

    gh_buf_init(&want, 1 << 20);
    while (gh_slice_cut(&out, '\n', &line) && out.ptr) {
        if (!c->expected[i]) {
            fail_msg("%s: line %zu was not expected: %.*s", c->name, i + 1,
                     GH_FMT(line));
            return;
        }
        expand(&want, c->expected[i++]);
        if (!matches(gh_buf_slice(&want), line))
            fail_msg("%s: line %zu\n  is       %.*s\n  expected %.*s", c->name,
                     i, GH_FMT(line), GH_FMT(gh_buf_slice(&want)));
    }
    if (c->expected[i])
        fail_msg("%s: missing: %s", c->name, c->expected[i]);
    gh_buf_fini(&want);
}

static inline void converse_with(const struct conversation *c, struct gh_mcp *m)
{
    struct transcript t = {0};
    struct gh_mcp_peer *p;
    struct gh_buf line;

    gh_buf_init(&t.text, (size_t)64 << 20);
    gh_buf_init(&line, 1 << 20);
    p = gh_mcp_peer_new(m, transcript_send, &t);
    for (size_t i = 0; c->sent[i]; i++) {
        expand(&line, c->sent[i]);
        if (c->sent[i][0] == '!')
            command(p, c->sent[i]);
        else
            assert_int_equal(gh_mcp_peer_message(p, gh_buf_slice(&line)),
                             GH_OK);
    }
    run_all(p);
    check_lines(c, gh_buf_slice(&t.text));
    gh_mcp_peer_free(p);
    gh_buf_fini(&line);
    gh_buf_fini(&t.text);
}

static inline void converse(const struct conversation *cases, size_t count)
{
    struct gh_mcp *m = gh_mcp_new(&fixture_rows, &fixture_options);

    for (size_t i = 0; i < count; i++)
        converse_with(&cases[i], m);
    gh_mcp_free(m);
}

#define CONVERSE(cases) converse((cases), GH_COUNT(cases))
