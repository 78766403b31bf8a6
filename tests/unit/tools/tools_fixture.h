/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Tools over a mesh in memory, asked through the protocol
 *
 * A test writes YAML, calls a tool with arguments as JSON (quotes written as
 * '), and looks at fields of the answer by path: "paths/0/verdict". Whatever
 * the tool answers is checked against its own output schema first, strictly,
 * by a validator for the small part of JSON Schema that we write.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "mcp/mcp.h"
#include "tools/rows.h"
#include "wire/yaml.h"

struct tools {
    struct gh_store *store;
    struct gh_mesh *mesh;
    struct gh_mcp *mcp;
    struct gh_mcp_peer *peer;
    struct gh_buf sent;    /* the last message of the peer */
    struct gh_arena arena; /* answers; emptied by the next call */
    struct gh_json_doc doc;
    int id;
};

/* --- filling ----------------------------------------------------------------
 */

/* @yaml replaces what the scope held before. */
static inline void tools_write(struct tools *t, const char *scope,
                               const char *yaml)
{
    struct gh_yaml *y = gh_yaml_new(gh_slice_str(yaml), NULL);
    struct gh_txn *txn = gh_store_begin(t->store, GH_SLICE("test"), 0);
    struct gh_json_doc doc;
    struct gh_err err = {0};
    enum gh_rc rc;

    gh_txn_scope(txn, gh_slice_str(scope));
    gh_arena_reset(&t->arena);
    while ((rc = gh_yaml_next(y, &t->arena, &doc, &err)) == GH_OK)
        if (gh_txn_put(txn, gh_json_root(&doc), 1, 1, &err) < 0)
            fail_msg("put: %s", err.text);
    if (rc != GH_END)
        fail_msg("yaml: %u:%u: %s", err.line, err.column, err.text);
    gh_yaml_free(y);
    gh_txn_commit(txn, NULL);
    gh_mesh_sync(t->mesh);
}

static inline enum gh_rc tools_sent(void *ctx, struct gh_slice message)
{
    struct tools *t = ctx;

    gh_buf_clear(&t->sent);
    return gh_buf_add(&t->sent, message);
}

static inline struct tools *tools_new(const char *yaml)
{
    struct tools *t = calloc(1, sizeof(*t));
    struct gh_mcp_options opt = {.name = "gatehouse", .version = "test"};

    assert_non_null(t);
    gh_buf_init(&t->sent, 64 << 20);
    gh_arena_init(&t->arena, 512 << 20);
    t->store = gh_store_new(&(struct gh_store_options){0});
    t->mesh = gh_mesh_new(t->store);
    opt.user = t->mesh;
    t->mcp = gh_mcp_new(&gh_tools_rows, &opt);
    t->peer = gh_mcp_peer_new(t->mcp, tools_sent, t);
    tools_write(t, "mesh.yaml", yaml);
    return t;
}

static inline void tools_free(struct tools *t)
{
    gh_mcp_peer_free(t->peer);
    gh_mcp_free(t->mcp);
    gh_mesh_free(t->mesh);
    gh_store_free(t->store);
    gh_arena_fini(&t->arena);
    gh_buf_fini(&t->sent);
    free(t);
}

/* --- looking ----------------------------------------------------------------
 */

/* "a/0/b"; a name that contains a slash is written with '|' for it. */
static inline struct gh_json look(struct gh_json v, const char *path)
{
    struct gh_slice rest = gh_slice_str(path);
    struct gh_slice part;

    while (gh_slice_cut(&rest, '/', &part)) {
        char name[128];
        uint64_t index;

        (void)snprintf(name, sizeof(name), "%.*s", GH_FMT(part));
        for (char *c = name; *c; c++)
            *c = *c == '|' ? '/' : *c;
        if (gh_json_is(v, GH_JSON_ARRAY) && gh_u64_parse(part, &index))
            v = gh_json_at(v, (size_t)index);
        else
            v = gh_json_getn(v, gh_slice_str(name));
    }
    return v;
}

static inline struct gh_json parse_quoted(struct tools *t, const char *text)
{
    struct gh_slice copy = gh_arena_dup(&t->arena, gh_slice_str(text));
    struct gh_json_doc *doc = GH_ARENA_NEW(&t->arena, struct gh_json_doc);
    struct gh_err err = {0};
    char *at = (char *)(uintptr_t)copy.ptr;

    for (size_t i = 0; i < copy.len; i++)
        at[i] = at[i] == '\'' ? '"' : at[i];
    if (gh_json_parse(copy, &t->arena, NULL, doc, &err) != GH_OK)
        fail_msg("%s: %s", text, err.text);
    return gh_json_root(doc);
}

/* The field at @path is @expected, JSON with ' for quotes; "~text": a string
 * that has the text in it; "-": there is no such field. */
static inline void expect_at(struct tools *t, struct gh_json v,
                             const char *path, const char *expected)
{
    struct gh_json got = look(v, path);
    struct gh_slice raw = got.doc ? gh_json_raw(got) : GH_SLICE("(nothing)");

    if (expected[0] == '-' && expected[1] == '\0') {
        if (got.doc)
            fail_msg("%s is there: %.*s", path, GH_FMT(raw));
        return;
    }
    if (expected[0] == '~') {
        struct gh_slice text = gh_json_str(got);

        if (!text.ptr ||
            !memmem(text.ptr, text.len, expected + 1, strlen(expected + 1)))
            fail_msg("%s: got %.*s, expected %s", path, GH_FMT(raw), expected);
        return;
    }
    if (!gh_json_equal(got, parse_quoted(t, expected)))
        fail_msg("%s: got %.*s, expected %s", path, GH_FMT(raw), expected);
}

/* --- the part of JSON Schema that we write ----------------------------------
 */

static inline void fit_schema(struct gh_json schema, struct gh_json v,
                              const char *where);

static inline void fit_type(struct gh_json schema, struct gh_json v,
                            const char *where)
{
    struct gh_slice type = gh_json_str(gh_json_get(schema, "type"));
    enum gh_json_type t = gh_json_type(v);
    int64_t number;
    bool fits = (gh_slice_is(type, "string") && t == GH_JSON_STRING) ||
                (gh_slice_is(type, "integer") && gh_json_i64(v, &number)) ||
                (gh_slice_is(type, "boolean") &&
                 (t == GH_JSON_TRUE || t == GH_JSON_FALSE)) ||
                (gh_slice_is(type, "array") && t == GH_JSON_ARRAY) ||
                (gh_slice_is(type, "object") && t == GH_JSON_OBJECT);

    if (!fits)
        fail_msg("%s: %s is no %.*s", where, gh_json_type_name(t),
                 GH_FMT(type));
}

static inline void fit_enum(struct gh_json schema, struct gh_json v,
                            const char *where)
{
    struct gh_json values = gh_json_get(schema, "enum");
    bool found = !gh_json_given(values);

    for (struct gh_json_iter it = gh_json_iter(values); gh_json_next(&it);)
        found = found || gh_json_equal(it.value, v);
    if (!found)
        fail_msg("%s: %.*s is not in the enum", where, GH_FMT(gh_json_raw(v)));
}

static inline void fit_object(struct gh_json schema, struct gh_json v,
                              const char *where)
{
    struct gh_json properties = gh_json_get(schema, "properties");
    struct gh_json others = gh_json_get(schema, "additionalProperties");
    char path[512];

    for (struct gh_json_iter it = gh_json_iter(gh_json_get(schema, "required"));
         gh_json_next(&it);)
        if (!gh_json_getn(v, gh_json_str(it.value)).doc)
            fail_msg("%s: %.*s is missing", where,
                     GH_FMT(gh_json_raw(it.value)));
    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);) {
        struct gh_json property = gh_json_getn(properties, it.name);

        (void)snprintf(path, sizeof(path), "%s/%.*s", where, GH_FMT(it.name));
        if (property.doc)
            fit_schema(property, it.value, path);
        else if (gh_json_is(others, GH_JSON_OBJECT))
            fit_schema(others, it.value, path);
        else
            fail_msg("%s: not in the schema", path);
    }
}

static inline void fit_schema(struct gh_json schema, struct gh_json v,
                              const char *where)
{
    size_t i = 0;
    char path[512];

    fit_type(schema, v, where);
    fit_enum(schema, v, where);
    if (gh_json_is(v, GH_JSON_OBJECT))
        fit_object(schema, v, where);
    if (!gh_json_is(v, GH_JSON_ARRAY))
        return;
    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);) {
        (void)snprintf(path, sizeof(path), "%s/%zu", where, i++);
        fit_schema(gh_json_get(schema, "items"), it.value, path);
    }
}

static inline void fit_tool(struct tools *t, const char *tool,
                            struct gh_json content)
{
    for (size_t i = 0; i < gh_tools_rows.tool_count; i++) {
        const struct gh_tool *row = gh_tools_rows.tools[i];
        struct gh_json_doc schema;

        if (strcmp(row->name, tool) != 0)
            continue;
        assert_int_equal(gh_json_parse(gh_slice_str(row->output_schema),
                                       &t->arena, NULL, &schema, NULL),
                         GH_OK);
        fit_schema(gh_json_root(&schema), content, tool);
        return;
    }
    fail_msg("no tool %s", tool);
}

/* --- asking -----------------------------------------------------------------
 */

#define TOOLS_META                                                             \
    "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","   \
    "\"io.modelcontextprotocol/clientCapabilities\":{},"                       \
    "\"io.modelcontextprotocol/clientInfo\":{\"name\":\"t\","                  \
    "\"version\":\"1\"}}"

/* @params: members, with ' for quotes. Return: the whole response. */
static inline struct gh_json ask(struct tools *t, const char *method,
                                 const char *params)
{
    struct gh_buf line;
    struct gh_err err = {0};

    gh_arena_reset(&t->arena);
    gh_buf_init(&line, 1 << 20);
    gh_buf_addf(&line,
                "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"%s\","
                "\"params\":{%s%s" TOOLS_META "}}",
                ++t->id, method, params, *params ? "," : "");
    for (size_t i = 0; i < line.len; i++)
        line.ptr[i] = line.ptr[i] == '\'' ? '"' : line.ptr[i];
    gh_buf_clear(&t->sent);
    assert_int_equal(gh_mcp_peer_message(t->peer, gh_buf_slice(&line)), GH_OK);
    while (gh_mcp_peer_run(t->peer, 1000) == GH_MORE)
        ;
    gh_buf_fini(&line);
    if (gh_json_parse(gh_arena_dup(&t->arena, gh_buf_slice(&t->sent)),
                      &t->arena, NULL, &t->doc, &err) != GH_OK)
        fail_msg("answer: %s", err.text);
    return gh_json_root(&t->doc);
}

/* JSON that came as text. */
static inline struct gh_json parse_text(struct tools *t, struct gh_slice text)
{
    struct gh_json_doc *doc = GH_ARENA_NEW(&t->arena, struct gh_json_doc);

    if (!text.ptr || gh_json_parse(text, &t->arena, NULL, doc, NULL) != GH_OK)
        fail_msg("no JSON: %.*s", GH_FMT(gh_buf_slice(&t->sent)));
    return gh_json_root(doc);
}

static inline struct gh_json call_result(struct tools *t, const char *tool,
                                         const char *args)
{
    char params[4096];

    (void)snprintf(params, sizeof(params), "'name':'%s','arguments':{%s}", tool,
                   args);
    return gh_json_get(ask(t, "tools/call", params), "result");
}

/* The structured content, which fits the schema. */
static inline struct gh_json call(struct tools *t, const char *tool,
                                  const char *args)
{
    struct gh_json result = call_result(t, tool, args);
    struct gh_json content = gh_json_get(result, "structuredContent");

    if (!gh_json_is(content, GH_JSON_OBJECT))
        fail_msg("%s: %.*s", tool, GH_FMT(gh_buf_slice(&t->sent)));
    fit_tool(t, tool, content);
    return content;
}

/* The text of an answer; of an error when @is_error. */
static inline struct gh_slice call_text(struct tools *t, const char *tool,
                                        const char *args, bool is_error)
{
    struct gh_json result = call_result(t, tool, args);

    if (gh_json_true(gh_json_get(result, "isError")) != is_error)
        fail_msg("%s: %.*s", tool, GH_FMT(gh_buf_slice(&t->sent)));
    return gh_json_str(look(result, "content/0/text"));
}

static inline void expect_in(struct gh_slice text, const char *part)
{
    if (!memmem(text.ptr, text.len, part, strlen(part)))
        fail_msg("\"%s\" is not in: %.*s", part, GH_FMT(text));
}

/* Fields of one answer, as a table. */
struct field {
    const char *path;
    const char *expected;
};

struct question {
    const char *name;
    const char *tool;
    const char *args;
    struct field fields[24];
};

static inline void answer_all(struct tools *t, const struct question *q,
                              size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct gh_json content;

        print_message("  %s\n", q[i].name);
        content = call(t, q[i].tool, q[i].args);
        for (const struct field *f = q[i].fields; f->path; f++)
            expect_at(t, content, f->path, f->expected);
    }
}
