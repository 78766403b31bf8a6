/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the files of source/files* share; nobody else includes this
 *
 *   files.c   roots, loading, and what a look at the disk means for the store
 *   walk.c    which files there are
 *   watch.c   when to look again
 *
 * There is one way to take over changes: look at the disk, compare with what
 * was loaded last, load what differs. Events only say when to look, and, when
 * nothing but files changed, where. So a queue that overflowed, a folder that
 * came back, and the start are the same case.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/map.h"
#include "base/mem.h"
#include "source/files.h"
#include "source/manifest.h"

/* Tells one content of a path from another. */
struct gh_sign {
    dev_t dev;
    ino_t ino;
    off_t size;
    struct timespec modified;
    struct timespec changed;
};

struct gh_sign gh_sign_of(const struct stat *st);
bool gh_sign_eq(const struct gh_sign *a, const struct gh_sign *b);

/* --- what is on the disk (walk.c) ----------------------------------------- */

struct gh_found {
    char *path;
    struct gh_sign sign;
    bool link; /* the path itself is a symbolic link */
};

struct gh_unread {
    char *path; /* a file or folder that cannot be looked at */
    struct gh_err err;
};

struct gh_walk {
    size_t max_files;
    GH_VEC(struct gh_found) files; /* in the order of walking */
    GH_VEC(char *) folders;
    GH_VEC(struct gh_unread) unread;
};

void gh_walk_init(struct gh_walk *w, size_t max_files);
void gh_walk_fini(struct gh_walk *w);

/**
 * gh_walk_root() - what a path that a user named stands for
 *
 * What cannot be read below it goes to w->unread.
 *
 * Return: GH_OK; GH_EIO with @err when the path itself cannot be used: not
 * there, not readable, no file and no folder, or without a manifest.
 */
GH_MUST_CHECK enum gh_rc gh_walk_root(struct gh_walk *w, const char *path,
                                      struct gh_err *err);

/* Whether a file of this name is taken from a folder. */
bool gh_walk_takes(const char *name);

/* --- what was loaded (files.c) -------------------------------------------- */

struct gh_file {
    char *path; /* the scope's name, too */
    struct gh_sign sign;
    uint64_t seen; /* number of the last look that found it */
    bool named;    /* a root, so it does not go away */
    bool lost;     /* not to be found; its objects are stale */
};

struct gh_watch;

struct gh_files {
    struct gh_store *store;
    GH_VEC(char *) roots;
    struct gh_manifest_limits limits;
    size_t max_files;
    struct gh_map by_path;
    GH_VEC(char *) unread; /* scopes that hold a folder's fault */
    uint64_t looks;
    struct gh_watch *watch;
};

/* Looks at everything. Return: GH_EIO when a root cannot be used; the others
 * were walked all the same, and the root is in w->unread. */
enum gh_rc gh_files_look(const struct gh_files *f, struct gh_walk *w,
                         struct gh_err *err);

/* Takes over what @w found, in one transaction. Return: false when there was
 * nothing to do. */
bool gh_files_take(struct gh_files *f, const struct gh_walk *w,
                   struct gh_commit *ret);

/* The same for some paths only. */
bool gh_files_take_paths(struct gh_files *f, char *const *paths, size_t count,
                         struct gh_commit *ret);

/* Has these files loaded again at the next look, whatever it sees. */
void gh_files_doubt(struct gh_files *f, char *const *paths, size_t count);

/* Whether @w shows anything that was not loaded. */
bool gh_files_differ(const struct gh_files *f, const struct gh_walk *w);

struct gh_watch *gh_watch_free(struct gh_watch *w);
