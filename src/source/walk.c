/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "source/files_internal.h"

/*
 * Which files there are
 *
 * Folders are walked in the order of their names, links followed; a folder that
 * contains itself through a link is noticed by its inode. Hidden names are
 * passed over: ".git", editors' swap files, and the folders behind "..data" in
 * a mounted ConfigMap, whose files are links beside it.
 */

#define MAX_DEPTH 64

struct folder {
    dev_t dev;
    ino_t ino;
};

struct walker {
    struct gh_walk *walk;
    struct folder above[MAX_DEPTH];
    size_t depth;
};

struct gh_sign gh_sign_of(const struct stat *st)
{
    return (struct gh_sign){st->st_dev, st->st_ino, st->st_size, st->st_mtim,
                            st->st_ctim};
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool gh_sign_eq(const struct gh_sign *a, const struct gh_sign *b)
{
    return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
           same_time(&a->modified, &b->modified) &&
           same_time(&a->changed, &b->changed);
}

void gh_walk_init(struct gh_walk *w, size_t max_files)
{
    *w = (struct gh_walk){.max_files = max_files};
}

void gh_walk_fini(struct gh_walk *w)
{
    for (size_t i = 0; i < w->files.count; i++)
        gh_free(w->files.at[i].path);
    for (size_t i = 0; i < w->folders.count; i++)
        gh_free(w->folders.at[i]);
    for (size_t i = 0; i < w->unread.count; i++)
        gh_free(w->unread.at[i].path);
    GH_VEC_FREE(&w->files);
    GH_VEC_FREE(&w->folders);
    GH_VEC_FREE(&w->unread);
}

bool gh_walk_takes(const char *name)
{
    return name[0] != '.' &&
           gh_manifest_format(gh_slice_str(name)) != GH_MANIFEST_NO_NAME;
}

static void set_errno(struct gh_err *err, const char *path, const char *what,
                      int error)
{
    char text[128];

    gh_err_set(err, "%s: %s", what, strerror_r(error, text, sizeof(text)));
    gh_err_at(err, gh_slice_str(path), 0, 0);
}

static void add_unread(struct gh_walk *w, const char *path,
                       const struct gh_err *err)
{
    GH_VEC_PUSH(&w->unread,
                (struct gh_unread){gh_xstrdup(gh_slice_str(path)), *err});
}

static void fail(struct gh_walk *w, const char *path, const char *what,
                 int error)
{
    struct gh_err err;

    set_errno(&err, path, what, error);
    add_unread(w, path, &err);
}

static void add_file(struct gh_walk *w, const char *path, const struct stat *st)
{
    struct gh_found file = {.sign = gh_sign_of(st)};
    struct stat link;

    file.path = gh_xstrdup(gh_slice_str(path));
    file.link = lstat(path, &link) == 0 && S_ISLNK(link.st_mode);
    GH_VEC_PUSH(&w->files, file);
}

static char *join(const char *folder, const char *name)
{
    size_t n = strlen(folder);
    const char *slash = n > 0 && folder[n - 1] == '/' ? "" : "/";
    size_t size = n + 1 + strlen(name) + 1;
    char *path = gh_xcalloc(size, 1);

    (void)snprintf(path, size, "%s%s%s", folder, slash, name);
    return path;
}

static void walk_folder(struct walker *k, const char *path,
                        const struct stat *st);

static bool is_above(const struct walker *k, const struct stat *st)
{
    for (size_t i = 0; i < k->depth; i++)
        if (k->above[i].dev == st->st_dev && k->above[i].ino == st->st_ino)
            return true;
    return false;
}

static void walk_entry(struct walker *k, const char *path, const char *name)
{
    struct gh_walk *w = k->walk;
    struct stat st;

    if (stat(path, &st) != 0) {
        struct stat link;
        int error = errno;

        /* A link to nowhere is broken; a file that just went is not. */
        if (gh_walk_takes(name) && lstat(path, &link) == 0)
            fail(w, path, "cannot be read", error);
        return;
    }
    if (S_ISDIR(st.st_mode))
        walk_folder(k, path, &st);
    else if (S_ISREG(st.st_mode) && gh_walk_takes(name))
        add_file(w, path, &st);
}

static int not_hidden(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void walk_folder(struct walker *k, const char *path,
                        const struct stat *st)
{
    struct gh_walk *w = k->walk;
    struct dirent **names = NULL;
    int count;

    if (is_above(k, st))
        return;
    if (k->depth == MAX_DEPTH) {
        fail(w, path, "folders are nested too deep", ELOOP);
        return;
    }
    count = scandir(path, &names, not_hidden, by_name);
    if (count < 0) {
        fail(w, path, "the directory cannot be read", errno);
        return;
    }
    GH_VEC_PUSH(&w->folders, gh_xstrdup(gh_slice_str(path)));
    k->above[k->depth++] = (struct folder){st->st_dev, st->st_ino};
    for (int i = 0; i < count; i++) {
        if (w->files.count <= w->max_files) {
            char *below GH_CLEANUP(gh_free_str) = join(path, names[i]->d_name);

            walk_entry(k, below, names[i]->d_name);
        }
        free(names[i]);
    }
    free(names);
    k->depth--;
}

static enum gh_rc check_kind(const struct stat *st, struct gh_err *err)
{
    if (S_ISREG(st->st_mode))
        return GH_OK;
    gh_err_set(err,
               "this is %s; give a file or a directory, or - to read standard "
               "input",
               S_ISFIFO(st->st_mode)   ? "a FIFO"
               : S_ISSOCK(st->st_mode) ? "a socket"
                                       : "a device");
    return GH_EIO;
}

static enum gh_rc walk_root(struct gh_walk *w, const char *path,
                            struct gh_err *err)
{
    struct walker k = {.walk = w};
    size_t files = w->files.count;
    size_t unread = w->unread.count;
    struct stat st;

    if (stat(path, &st) != 0) {
        set_errno(err, path, "cannot be read", errno);
        return GH_EIO;
    }
    if (!S_ISDIR(st.st_mode)) {
        if (check_kind(&st, err) < 0)
            return GH_EIO;
        if (access(path, R_OK) != 0) {
            set_errno(err, path, "cannot be read", errno);
            return GH_EIO;
        }
        add_file(w, path, &st);
        return GH_OK;
    }
    walk_folder(&k, path, &st);
    if (w->files.count > w->max_files) {
        gh_err_set(err, "the directory holds more than %zu manifests",
                   w->max_files);
        return GH_EIO;
    }
    if (w->files.count > files)
        return GH_OK;
    if (w->unread.count > unread)
        *err = w->unread.at[unread].err;
    else
        gh_err_set(err, "the directory holds no manifest: looked for *.json, "
                        "*.yaml and *.yml, also with .gz or .zst behind");
    return GH_EIO;
}

enum gh_rc gh_walk_root(struct gh_walk *w, const char *path, struct gh_err *err)
{
    enum gh_rc rc = walk_root(w, path, err);

    if (rc < 0 && err->source[0] == '\0')
        gh_err_at(err, gh_slice_str(path), 0, 0);
    return rc;
}
