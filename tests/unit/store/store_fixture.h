/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "store/store.h"

/*
 * Helpers for the store's tests: objects from JSON in one line, and what the
 * store shows as one line of text.
 */

static inline enum gh_rc put(struct gh_txn *t, const char *json, uint32_t line)
{
    struct gh_json_options opt = {.duplicates = GH_JSON_DUP_LAST};
    struct gh_arena arena;
    struct gh_json_doc doc;
    struct gh_err err = {0};
    enum gh_rc rc;

    gh_arena_init(&arena, 16u << 20);
    assert_int_equal(
        gh_json_parse(gh_slice_str(json), &arena, &opt, &doc, &err), GH_OK);
    rc = gh_txn_put(t, gh_json_root(&doc), line, 1, &err);
    gh_arena_fini(&arena);
    return rc;
}

/* A Server of the given name, "ns/name", with a port that tells versions
 * apart. */
static inline enum gh_rc put_server(struct gh_txn *t, const char *name,
                                    const char *port, uint32_t line)
{
    const char *slash = strchr(name, '/');
    char json[512];

    assert_non_null(slash);
    (void)snprintf(json, sizeof(json),
                   "{\"apiVersion\":\"policy.linkerd.io/v1beta3\","
                   "\"kind\":\"Server\",\"metadata\":{\"namespace\":\"%.*s\","
                   "\"name\":\"%s\"},\"spec\":{\"port\":\"%s\"}}",
                   (int)(slash - name), name, slash + 1, port);
    return put(t, json, line);
}

static inline struct gh_txn *begin(struct gh_store *s, const char *scope)
{
    struct gh_txn *t = gh_store_begin(s, GH_SLICE("test"), 0);

    gh_txn_scope(t, gh_slice_str(scope));
    return t;
}

static inline struct gh_commit commit(struct gh_txn *t)
{
    struct gh_commit result;

    gh_txn_commit(t, &result);
    return result;
}

static const char *const fixture_server_fields[] = {"spec port",
                                                    "metadata labels", NULL};
static const struct gh_want fixture_wants[] = {
    {"policy.linkerd.io", "Server", fixture_server_fields, NULL},
};

static inline struct gh_store *new_store(void)
{
    struct gh_store *s = gh_store_new(NULL);

    gh_store_want(s, fixture_wants, GH_COUNT(fixture_wants));
    return s;
}

static inline const struct gh_type *servers(const struct gh_store *s)
{
    return gh_store_type(s, GH_SLICE("policy.linkerd.io"), GH_SLICE("Server"));
}

static inline const char *describe(struct gh_buf *out,
                                   const struct gh_object *o)
{
    struct gh_json port = gh_json_path(gh_object_root(o), "spec/port");

    (void)gh_buf_addf(out, "%.*s/%.*s=%.*s%s ", GH_FMT(o->ns), GH_FMT(o->name),
                      GH_FMT(gh_json_str_or(port, GH_SLICE("?"))),
                      o->stale ? "!" : "");
    return out->ptr;
}

static inline void finish(struct gh_buf *out)
{
    if (out->len > 0)
        out->len--; /* the last space */
    (void)gh_buf_addc(out, '\0');
}

/* "ns/name=port ns/name=port!": what is listed; '!' is stale. */
#define ASSERT_LISTED(iter, expected)                                          \
    do {                                                                       \
        struct gh_store_iter it_ = (iter);                                     \
        struct gh_buf out_ GH_BUF_CLEANUP;                                     \
        gh_buf_init(&out_, 1u << 20);                                          \
        while (gh_store_next(&it_))                                            \
            (void)describe(&out_, it_.object);                                 \
        finish(&out_);                                                         \
        assert_string_equal(out_.ptr, (expected));                             \
    } while (0)

#define ASSERT_SERVERS(s, expected)                                            \
    ASSERT_LISTED(gh_store_list((s), servers(s), (struct gh_slice){0}),        \
                  (expected))

/* "+ns/name=port -ns/name=port reset": what changed since @cursor. */
#define ASSERT_CHANGES(s, cursor, expected)                                    \
    do {                                                                       \
        struct gh_change change_;                                              \
        struct gh_buf out_ GH_BUF_CLEANUP;                                     \
        gh_buf_init(&out_, 1u << 20);                                          \
        while (gh_store_next_change((s), servers(s), (cursor), &change_)) {    \
            if (change_.kind == GH_CHANGE_RESET) {                             \
                (void)gh_buf_add(&out_, GH_SLICE("reset "));                   \
                continue;                                                      \
            }                                                                  \
            (void)gh_buf_addc(&out_,                                           \
                              change_.kind == GH_CHANGE_PUT ? '+' : '-');      \
            (void)describe(&out_, change_.object);                             \
        }                                                                      \
        finish(&out_);                                                         \
        assert_string_equal(out_.ptr, (expected));                             \
    } while (0)
