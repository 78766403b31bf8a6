/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Source: manifests in files
 *
 * A directory (recursive), a file, or "-" for standard input. By name: .json,
 * .yaml, .yml, each also with .gz or .zst behind; any other file named
 * explicitly is judged by its first bytes. In directories other names, hidden
 * files and directories (".git", Kubernetes' "..data" aside) are passed over.
 * Lists are opened. Each file is a scope of the store (path as given), so a
 * file that breaks keeps its last good objects, and the rest is loaded.
 *
 * Reading is streamed: a 500 MB List is held in memory one item at a time.
 *
 * Watching: inotify over directories and files; all that happened until the
 * queue was empty becomes one transaction. A path that vanishes and comes back
 * is noticed; a queue overflow rescans. Editors' rename-over-the-old-file and
 * ConfigMap symlink swaps are one change.
 *
 * Threads: the control thread; reading a file never waits for a peer except
 * for standard input, which is read once, at the start.
 */

#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/rc.h"
#include "store/store.h"

struct gh_files;

struct gh_files_options {
    size_t max_file_bytes; /* after decompression; 0: 4 GiB */
    size_t max_item_bytes; /* one object; 0: 16 MiB */
    size_t max_files;      /* 0: 100,000 */
};

/* @store is borrowed. @paths are copied. */
struct gh_files *gh_files_new(struct gh_store *store, const char *const *paths,
                              size_t count, const struct gh_files_options *opt);
struct gh_files *gh_files_free(struct gh_files *f);

/**
 * gh_files_load() - read everything, as one transaction
 * @ret: may be NULL
 *
 * Return: GH_OK, also when some files are broken (see the store's faults);
 * GH_EIO with @err when a path that was named cannot be read at all, or a
 * directory holds no manifest: what a user must fix first. Nothing is
 * committed then.
 */
GH_MUST_CHECK enum gh_rc
gh_files_load(struct gh_files *f, struct gh_commit *ret, struct gh_err *err);

/* Starts watching. Return: a descriptor to poll for reading, owned by @f, or
 * -1 with @err (a system limit; says which). */
int gh_files_watch(struct gh_files *f, struct gh_err *err);

/* When the descriptor is readable: takes what happened, commits at most one
 * transaction. Return: true when the store changed. */
bool gh_files_dispatch(struct gh_files *f, struct gh_commit *ret);
