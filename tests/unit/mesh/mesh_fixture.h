/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "mesh/cases.h"
#include "mesh/mesh.h"
#include "wire/json_write.h"
#include "wire/yaml.h"

/*
 * A mesh in a store, filled from YAML
 *
 * Each text goes into a scope of its own, as a file would: writing a scope
 * again replaces it, which is how the tests change, add and delete. The mesh
 * is synced after every write. What a test asks for is in one arena, emptied
 * by fixture_forget() where that would grow.
 */

struct fixture {
    struct gh_store *store;
    struct gh_mesh *mesh;
    struct gh_arena arena;
};

static inline struct fixture *fixture_new(void)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    f->store = gh_store_new(NULL);
    f->mesh = gh_mesh_new(f->store);
    gh_arena_init(&f->arena, (size_t)256 << 20);
    return f;
}

static inline void fixture_free(struct fixture **at)
{
    struct fixture *f = *at;

    if (!f)
        return;
    (void)gh_mesh_free(f->mesh);
    (void)gh_store_free(f->store);
    gh_arena_fini(&f->arena);
    free(f);
}

#define FIXTURE_CLEANUP GH_CLEANUP(fixture_free)

static inline void fixture_forget(struct fixture *f)
{
    gh_arena_reset(&f->arena);
}

/* An item of a typed List ("PodList") as an API server writes it: kind and
 * apiVersion are the List's. */
static inline void fixture_put_item(struct gh_txn *t, struct gh_json list,
                                    struct gh_json item)
{
    struct gh_slice kind = gh_json_str(gh_json_get(list, "kind"));
    struct gh_json_doc doc;
    struct gh_arena arena;
    struct gh_jsonw w;
    struct gh_buf buf;
    struct gh_err err;

    gh_arena_init(&arena, (size_t)64 << 20);
    gh_buf_init(&buf, (size_t)16 << 20);
    gh_jsonw_init(&w, &buf);
    gh_jsonw_object(&w);
    gh_jsonw_kstr(&w, "kind", gh_slice_head(kind, kind.len - 4));
    gh_jsonw_kstr(&w, "apiVersion",
                  gh_json_str(gh_json_get(list, "apiVersion")));
    for (struct gh_json_iter it = gh_json_iter(item); gh_json_next(&it);) {
        gh_jsonw_key(&w, it.name);
        gh_jsonw_value(&w, it.value);
    }
    gh_jsonw_end(&w);
    if (gh_json_parse(gh_buf_slice(&buf), &arena, NULL, &doc, &err) != GH_OK ||
        gh_txn_put(t, gh_json_root(&doc), 0, 0, &err) < 0)
        fail_msg("put: %s", err.text);
    gh_buf_fini(&buf);
    gh_arena_fini(&arena);
}

/* One object, or the items of a List. */
static inline void fixture_put(struct gh_txn *t, struct gh_json v)
{
    struct gh_json items = gh_json_get(v, "items");
    struct gh_err err = {0};

    if (!gh_json_is(items, GH_JSON_ARRAY)) {
        if (gh_txn_put(t, v, 0, 0, &err) < 0)
            fail_msg("put: %s", err.text);
        return;
    }
    for (struct gh_json_iter it = gh_json_iter(items); gh_json_next(&it);)
        if (gh_json_given(gh_json_get(it.value, "kind")))
            fixture_put(t, it.value);
        else
            fixture_put_item(t, v, it.value);
}

/* Replaces @scope by the documents of @yaml; names repeat as for kubectl. */
static inline void fixture_write(struct fixture *f, const char *scope,
                                 struct gh_slice yaml)
{
    const struct gh_yaml_options opt = {.duplicates = GH_JSON_DUP_LAST};
    struct gh_yaml *y = gh_yaml_new(yaml, &opt);
    struct gh_txn *t = gh_store_begin(f->store, GH_SLICE("test"), 0);
    struct gh_arena arena;
    struct gh_json_doc doc;
    struct gh_err err;
    enum gh_rc rc;

    gh_arena_init(&arena, (size_t)256 << 20);
    gh_txn_scope(t, gh_slice_str(scope));
    while ((rc = gh_yaml_next(y, &arena, &doc, &err)) == GH_OK)
        if (gh_json_given(gh_json_root(&doc)))
            fixture_put(t, gh_json_root(&doc));
    if (rc != GH_END)
        fail_msg("%s:%u:%u: %s", scope, err.line, err.column, err.text);
    gh_txn_commit(t, NULL);
    (void)gh_yaml_free(y);
    gh_arena_fini(&arena);
    gh_mesh_sync(f->mesh);
}

static inline void fixture_yaml(struct fixture *f, const char *scope,
                                const char *yaml)
{
    fixture_write(f, scope, gh_slice_str(yaml));
}

static inline void fixture_drop(struct fixture *f, const char *scope)
{
    struct gh_txn *t = gh_store_begin(f->store, GH_SLICE("test"), 0);

    gh_txn_drop_scope(t, gh_slice_str(scope));
    gh_txn_commit(t, NULL);
    gh_mesh_sync(f->mesh);
}

/* A whole file, unpacked if it is packed (zlib reads both); to be freed. */
static inline char *slurp(const char *path, size_t *ret_len)
{
    gzFile in = gzopen(path, "rb");
    size_t cap = 1u << 16;
    char *text = malloc(cap + 1);
    int n;

    if (!in)
        fail_msg("%s cannot be opened", path);
    *ret_len = 0;
    while (text &&
           (n = gzread(in, text + *ret_len, (unsigned)(cap - *ret_len))) > 0) {
        *ret_len += (size_t)n;
        if (*ret_len == cap)
            text = realloc(text, (cap *= 2) + 1);
    }
    if (!text || n < 0) {
        fail_msg("%s cannot be read", path);
        abort();
    }
    (void)gzclose(in);
    text[*ret_len] = '\0';
    return text;
}

static inline void fixture_file(struct fixture *f, const char *path)
{
    size_t len;
    char *text = slurp(path, &len);

    fixture_write(f, path, gh_slice_of(text, len));
    free(text);
}

/* A file of recorded facts that is not part of this repository; NULL when it
 * is not there, which the caller says. */
static inline const char *shared_path(char *buf, size_t size, const char *file)
{
    const char *base = getenv("GATEHOUSE_SHARED");
    FILE *f;

    (void)snprintf(buf, size, "%s/%s", base ? base : "../shared", file);
    f = fopen(buf, "rb");
    if (!f)
        return NULL;
    (void)fclose(f);
    return buf;
}

/* What is left out is said on standard error, where nobody overlooks it. */
static inline void left_out(const char *what)
{
    print_message("LEFT OUT: %s (set GATEHOUSE_SHARED)\n", what);
    skip();
}

static inline struct gh_json fixture_json(struct fixture *f, const char *yaml)
{
    struct gh_json_doc *doc = GH_ARENA_NEW(&f->arena, struct gh_json_doc);
    struct gh_yaml *y = gh_yaml_new(gh_slice_str(yaml), NULL);
    struct gh_err err;

    assert_non_null(doc);
    if (gh_yaml_next(y, &f->arena, doc, &err) != GH_OK)
        fail_msg("%u:%u: %s in %s", err.line, err.column, err.text, yaml);
    (void)gh_yaml_free(y);
    return gh_json_root(doc);
}

/* "a b c": the labels of what decided, in order of the alphabet. */
static inline struct gh_slice labels_of(struct gh_arena *a,
                                        const struct gh_slice *by, size_t count)
{
    struct gh_slice text = GH_SLICE("");
    struct gh_slice last = {NULL, 0};

    for (size_t n = 0; n < count; n++) {
        struct gh_slice least = {NULL, 0};

        for (size_t i = 0; i < count; i++)
            if ((!last.ptr || gh_slice_cmp(by[i], last) > 0) &&
                (!least.ptr || gh_slice_cmp(by[i], least) < 0))
                least = by[i];
        if (!least.ptr)
            break;
        text = gh_arena_fmt(a, "%.*s%s%.*s", GH_FMT(text), n ? " " : "",
                            GH_FMT(least));
        last = least;
    }
    return text;
}

static inline struct gh_slice wanted_labels(struct gh_arena *a,
                                            struct gh_json by)
{
    size_t count = gh_json_count(by);
    struct gh_slice *list = GH_ARENA_ARRAY(a, struct gh_slice, count);
    size_t n = 0;

    assert_non_null(list);
    for (struct gh_json_iter it = gh_json_iter(by); gh_json_next(&it);)
        list[n++] = gh_json_str(it.value);
    return labels_of(a, list, count);
}

/*
 * Judges one case; where it says "by", that must be all that permits, which
 * is more than `gatehouse test` asks for. Return: false with @why.
 */
static inline bool fixture_case(struct fixture *f, struct gh_json value,
                                struct gh_slice *why)
{
    struct gh_arena *a = &f->arena;
    struct gh_json by = gh_json_get(value, "by");
    struct gh_case_result res;
    struct gh_slice got;
    struct gh_slice wanted;
    struct gh_err err;

    if (!gh_case_run(f->mesh, value, a, &res, &err)) {
        *why = gh_arena_fmt(a, "%s (line %u)", err.text, err.line);
        return false;
    }
    got = labels_of(a, res.by, res.by_count);
    wanted = wanted_labels(a, by);
    *why = gh_arena_fmt(a, "expected %.*s by [%.*s], got %s by [%.*s]: %.*s",
                        GH_FMT(res.expect), GH_FMT(wanted), res.got,
                        GH_FMT(got), GH_FMT(res.reason));
    return res.passed &&
           (!gh_json_given(by) || gh_slice_eq_nocase(got, wanted));
}
