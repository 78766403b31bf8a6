/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"
#include "source/files.h"

/*
 * Helpers for the tests of source/files: a temporary folder, and a store that
 * wants ConfigMaps, shown as "name=value" of their member data.v.
 */

struct world {
    char *outer; /* ours alone: what is above the folder is watched, too */
    char *folder;
    struct gh_store *store;
    struct gh_files *files;
    int fd; /* of the watch; -1 */
};

static const char *const fixture_fields[] = {"data v", NULL};
static const struct gh_want fixture_wants[] = {
    {"", "ConfigMap", fixture_fields, NULL},
};

static inline int world_new(void **state)
{
    struct world *w = calloc(1, sizeof(*w));

    assert_non_null(w);
    w->outer = strdup("/tmp/gatehouse-test-XXXXXX");
    assert_non_null(mkdtemp(w->outer));
    assert_true(asprintf(&w->folder, "%s/manifests", w->outer) > 0);
    assert_int_equal(mkdir(w->folder, 0700), 0);
    w->fd = -1;
    w->store = gh_store_new(NULL);
    gh_store_want(w->store, fixture_wants, GH_COUNT(fixture_wants));
    *state = w;
    return 0;
}

static inline int remove_one(const char *path, const struct stat *st, int type,
                             struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static inline void remove_tree(const char *path)
{
    (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline int world_free(void **state)
{
    struct world *w = *state;

    (void)gh_files_free(w->files);
    (void)gh_store_free(w->store);
    remove_tree(w->outer);
    free(w->outer);
    free(w->folder);
    free(w);
    return 0;
}

/* Path of @name in the folder; the buffer is the caller's. */
static inline char *path_of(const struct world *w, const char *name, char *to)
{
    (void)snprintf(to, 512, "%s%s%s", w->folder, name[0] ? "/" : "", name);
    return to;
}

static inline void write_bytes(const struct world *w, const char *name,
                               struct gh_slice bytes)
{
    char path[512];
    FILE *f = fopen(path_of(w, name, path), "wb");

    assert_non_null(f);
    if (bytes.len > 0)
        assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, f), bytes.len);
    assert_int_equal(fclose(f), 0);
}

static inline void write_text(const struct world *w, const char *name,
                              const char *text)
{
    write_bytes(w, name, gh_slice_str(text));
}

static inline const char *map_yaml(const char *name, const char *value,
                                   char *to)
{
    (void)snprintf(to, 256,
                   "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: "
                   "%s\ndata:\n  v: \"%s\"\n  unread: x\n",
                   name, value);
    return to;
}

static inline void write_map(const struct world *w, const char *file,
                             const char *name, const char *value)
{
    char text[256];

    write_text(w, file, map_yaml(name, value, text));
}

static inline void make_dir(const struct world *w, const char *name)
{
    char path[512];

    assert_int_equal(mkdir(path_of(w, name, path), 0700), 0);
}

static inline enum gh_rc load(struct world *w, const char *const *names,
                              size_t count, struct gh_commit *ret,
                              struct gh_err *err)
{
    char paths[8][512];
    const char *at[8];

    assert_true(count <= 8);
    for (size_t i = 0; i < count; i++)
        at[i] = strcmp(names[i], "-") == 0 ? names[i]
                                           : path_of(w, names[i], paths[i]);
    (void)gh_files_free(w->files);
    w->files = gh_files_new(w->store, at, count, NULL);
    return gh_files_load(w->files, ret, err);
}

static inline void load_folder(struct world *w)
{
    static const char *const names[] = {""};
    struct gh_err err = {0};

    if (load(w, names, 1, NULL, &err) < 0)
        fail_msg("%s: %s", err.source, err.text);
}

/* "name=value name=value!" of all objects, '!' being stale. */
#define ASSERT_MAPS(w, expected)                                               \
    do {                                                                       \
        struct gh_buf out_ GH_BUF_CLEANUP;                                     \
        gh_buf_init(&out_, 1u << 20);                                          \
        for (struct gh_store_iter it_ =                                        \
                 gh_store_list((w)->store,                                     \
                               gh_store_type((w)->store, GH_SLICE(""),         \
                                             GH_SLICE("ConfigMap")),           \
                               (struct gh_slice){0});                          \
             gh_store_next(&it_);)                                             \
            (void)gh_buf_addf(                                                 \
                &out_, "%s%.*s=%.*s%s", out_.len ? " " : "",                   \
                GH_FMT(it_.object->name),                                      \
                GH_FMT(gh_json_str_or(                                         \
                    gh_json_path(gh_object_root(it_.object), "data/v"),        \
                    GH_SLICE("?"))),                                           \
                it_.object->stale ? "!" : "");                                 \
        (void)gh_buf_addc(&out_, '\0');                                        \
        assert_string_equal(out_.ptr, (expected));                             \
    } while (0)

/* Fault number @i is "name:line:column: text"; the text may be its start. */
static inline void assert_fault(const struct world *w, size_t i,
                                const char *name, uint32_t line,
                                uint32_t column, const char *text)
{
    const struct gh_fault *fault = gh_store_fault(w->store, i);
    char path[512];

    assert_non_null(fault);
    assert_string_equal(fault->err.source, path_of(w, name, path));
    if (strncmp(fault->err.text, text, strlen(text)) != 0)
        assert_string_equal(fault->err.text, text);
    assert_int_equal(fault->err.line, line);
    assert_int_equal(fault->err.column, column);
}
