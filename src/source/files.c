/* SPDX-License-Identifier: Apache-2.0 */
#include "source/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "source/files_internal.h"

#define DEFAULT_MAX_FILE_BYTES ((uint64_t)4 << 30)
#define DEFAULT_MAX_ITEM_BYTES ((size_t)16 << 20)
#define DEFAULT_MAX_FILES 100000
#define NO_SIZE (-1)      /* equals no file's */
#define FRESH_NS 20000000 /* coarser than any file system's clock tick */

static const char standard_input[] = "-";

struct gh_files *gh_files_new(struct gh_store *store, const char *const *paths,
                              size_t count, const struct gh_files_options *opt)
{
    struct gh_files *f = GH_XNEW(struct gh_files);

    f->store = store;
    f->limits = (struct gh_manifest_limits){
        .max_file_bytes = opt && opt->max_file_bytes ? opt->max_file_bytes
                                                     : DEFAULT_MAX_FILE_BYTES,
        .max_item_bytes = opt && opt->max_item_bytes ? opt->max_item_bytes
                                                     : DEFAULT_MAX_ITEM_BYTES,
    };
    f->max_files = opt && opt->max_files ? opt->max_files : DEFAULT_MAX_FILES;
    gh_map_init(&f->by_path);
    for (size_t i = 0; i < count; i++) {
        struct gh_slice path = gh_slice_str(paths[i]);

        while (path.len > 1 && path.ptr[path.len - 1] == '/')
            path.len--;
        GH_VEC_PUSH(&f->roots, gh_xstrdup(path));
    }
    return f;
}

static void free_file(struct gh_file *file)
{
    gh_free(file->path);
    gh_free(file);
}

struct gh_files *gh_files_free(struct gh_files *f)
{
    struct gh_map_entry *e;
    size_t it = 0;

    if (!f)
        return NULL;
    (void)gh_watch_free(f->watch);
    while ((e = gh_map_next(&f->by_path, &it)))
        free_file(e->value);
    gh_map_fini(&f->by_path);
    for (size_t i = 0; i < f->roots.count; i++)
        gh_free(f->roots.at[i]);
    for (size_t i = 0; i < f->unread.count; i++)
        gh_free(f->unread.at[i]);
    GH_VEC_FREE(&f->roots);
    GH_VEC_FREE(&f->unread);
    gh_free(f);
    return NULL;
}

static bool is_root(const struct gh_files *f, const char *path)
{
    for (size_t i = 0; i < f->roots.count; i++)
        if (strcmp(f->roots.at[i], path) == 0)
            return true;
    return false;
}

static struct gh_file *find_file(const struct gh_files *f, const char *path)
{
    return gh_map_get(&f->by_path, gh_slice_str(path));
}

static struct gh_file *add_file(struct gh_files *f, const char *path)
{
    struct gh_file *file = find_file(f, path);

    if (file)
        return file;
    file = GH_XNEW(struct gh_file);
    file->path = gh_xstrdup(gh_slice_str(path));
    file->named = is_root(f, path);
    (void)gh_map_put(&f->by_path, gh_slice_str(file->path), file);
    return file;
}

/* --- transactions --------------------------------------------------------- */

/* Begun when the first thing is to be done. */
struct taking {
    struct gh_files *files;
    struct gh_txn *txn;
};

static struct gh_txn *txn_of(struct taking *k)
{
    if (!k->txn)
        k->txn = gh_store_begin(k->files->store, GH_SLICE("files"), 0);
    return k->txn;
}

static bool finish(struct taking *k, struct gh_commit *ret)
{
    if (ret)
        *ret = (struct gh_commit){0};
    if (!k->txn)
        return false;
    gh_txn_commit(k->txn, ret);
    return true;
}

static void fail_scope(struct taking *k, const char *path,
                       const struct gh_err *err)
{
    gh_txn_scope(txn_of(k), gh_slice_str(path));
    gh_txn_fault(k->txn, err);
}

static void drop_file(struct taking *k, struct gh_file *file)
{
    gh_txn_drop_scope(txn_of(k), gh_slice_str(file->path));
    (void)gh_map_del(&k->files->by_path, gh_slice_str(file->path));
    free_file(file);
}

/* Its objects stay, as stale: what is unreachable is not deleted. */
static void lose_file(struct taking *k, struct gh_file *file,
                      const struct gh_err *why)
{
    struct gh_err err = *why;

    if (file->lost)
        return;
    file->lost = true;
    gh_err_prefix(&err, "what was read before is kept");
    gh_err_at(&err, gh_slice_str(file->path), 0, 0);
    fail_scope(k, file->path, &err);
}

static void open_failed(struct taking *k, struct gh_file *file, int error)
{
    struct gh_err err;
    char text[128];

    if (error == ENOENT && !file->named) {
        drop_file(k, file); /* it went between looking and opening */
        return;
    }
    gh_err_set(&err, "cannot be read: %s",
               strerror_r(error, text, sizeof(text)));
    fail_scope(k, file->path, &err);
}

/* What was written in the same tick of the clock could change once more and
 * look the same, so it is never taken as known. */
static struct gh_sign sign_of_read(const struct stat *st)
{
    struct gh_sign sign = gh_sign_of(st);
    struct timespec now;
    int64_t age_ns;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    age_ns = (now.tv_sec - sign.changed.tv_sec) * INT64_C(1000000000) +
             now.tv_nsec - sign.changed.tv_nsec;
    if (age_ns < FRESH_NS)
        sign.size = NO_SIZE;
    return sign;
}

static void load_file(struct taking *k, struct gh_file *file)
{
    struct stat st;
    int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0) {
        open_failed(k, file, errno);
        return;
    }
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        file->sign = sign_of_read(&st);
        file->lost = false;
        gh_txn_scope(txn_of(k), gh_slice_str(file->path));
        gh_manifest_read(fd, gh_manifest_format(gh_slice_str(file->path)),
                         &k->files->limits, k->txn);
    } else {
        open_failed(k, file, EINVAL);
    }
    (void)close(fd);
}

/* --- taking over what is there -------------------------------------------- */

enum gh_rc gh_files_look(const struct gh_files *f, struct gh_walk *w,
                         struct gh_err *err)
{
    enum gh_rc rc = GH_OK;

    for (size_t i = 0; i < f->roots.count; i++) {
        const char *root = f->roots.at[i];
        struct gh_err one;

        if (strcmp(root, standard_input) == 0 ||
            gh_walk_root(w, root, &one) == GH_OK)
            continue;
        GH_VEC_PUSH(&w->unread,
                    (struct gh_unread){gh_xstrdup(gh_slice_str(root)), one});
        if (rc == GH_OK)
            *err = one;
        rc = GH_EIO;
    }
    return rc;
}

/* @path is @folder or lies below it. */
static bool is_below(const char *path, const char *folder)
{
    size_t n = strlen(folder);

    return strncmp(path, folder, n) == 0 &&
           (path[n] == '\0' || path[n] == '/' ||
            (n > 0 && folder[n - 1] == '/'));
}

static const struct gh_unread *why_unread(const struct gh_walk *w,
                                          const char *path)
{
    for (size_t i = 0; i < w->unread.count; i++)
        if (is_below(path, w->unread.at[i].path))
            return &w->unread.at[i];
    return NULL;
}

static void take_found(struct taking *k, const struct gh_walk *w)
{
    struct gh_files *f = k->files;

    for (size_t i = 0; i < w->files.count; i++) {
        const struct gh_found *found = &w->files.at[i];
        bool known = find_file(f, found->path) != NULL;
        struct gh_file *file = add_file(f, found->path);

        if (known && file->seen == f->looks)
            continue; /* below two roots */
        file->seen = f->looks;
        if (!known || file->lost || !gh_sign_eq(&file->sign, &found->sign))
            load_file(k, file);
    }
}

static void take_missing(struct taking *k, const struct gh_walk *w)
{
    struct gh_files *f = k->files;
    struct gh_map_entry *e;
    size_t it = 0;

    while ((e = gh_map_next(&f->by_path, &it))) {
        struct gh_file *file = e->value;
        const struct gh_unread *why;

        if (file->seen == f->looks)
            continue;
        why = why_unread(w, file->path);
        if (why)
            lose_file(k, file, &why->err);
        else
            drop_file(k, file);
    }
}

/* Folders and links that could not be read have a scope of their own, without
 * objects, to hold the fault. */
static void take_unread(struct taking *k, const struct gh_walk *w)
{
    struct gh_files *f = k->files;

    for (size_t i = 0; i < f->unread.count; i++) {
        char *path = f->unread.at[i];

        if (!find_file(f, path))
            gh_txn_drop_scope(txn_of(k), gh_slice_str(path));
        gh_free(path);
    }
    f->unread.count = 0;
    for (size_t i = 0; i < w->unread.count; i++) {
        const struct gh_unread *u = &w->unread.at[i];

        if (find_file(f, u->path))
            continue; /* its own scope has the fault */
        fail_scope(k, u->path, &u->err);
        GH_VEC_PUSH(&f->unread, gh_xstrdup(gh_slice_str(u->path)));
    }
}

bool gh_files_take(struct gh_files *f, const struct gh_walk *w,
                   struct gh_commit *ret)
{
    struct taking k = {.files = f};

    f->looks++;
    take_found(&k, w);
    take_missing(&k, w);
    take_unread(&k, w);
    return finish(&k, ret);
}

bool gh_files_take_paths(struct gh_files *f, char *const *paths, size_t count,
                         struct gh_commit *ret)
{
    struct taking k = {.files = f};

    for (size_t i = 0; i < count; i++) {
        struct gh_file *file = find_file(f, paths[i]);
        struct stat st;

        if (stat(paths[i], &st) == 0 && S_ISREG(st.st_mode)) {
            load_file(&k, file ? file : add_file(f, paths[i]));
        } else if (file && file->named) {
            struct gh_err err;

            gh_err_set(&err, "the file is not there");
            lose_file(&k, file, &err);
        } else if (file) {
            drop_file(&k, file);
        }
    }
    return finish(&k, ret);
}

void gh_files_doubt(struct gh_files *f, char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct gh_file *file = find_file(f, paths[i]);

        if (file)
            file->sign.size = NO_SIZE;
    }
}

bool gh_files_differ(const struct gh_files *f, const struct gh_walk *w)
{
    if (w->files.count != f->by_path.count ||
        w->unread.count != f->unread.count)
        return true;
    for (size_t i = 0; i < w->files.count; i++) {
        const struct gh_file *file = find_file(f, w->files.at[i].path);

        if (!file || !gh_sign_eq(&file->sign, &w->files.at[i].sign))
            return true;
    }
    return false;
}

/* --- the start ------------------------------------------------------------ */

static void load_standard_input(struct taking *k)
{
    gh_txn_scope(txn_of(k), GH_SLICE("-"));
    gh_manifest_read(STDIN_FILENO, GH_MANIFEST_NO_NAME, &k->files->limits,
                     k->txn);
}

enum gh_rc gh_files_load(struct gh_files *f, struct gh_commit *ret,
                         struct gh_err *err)
{
    struct taking k = {.files = f};
    struct gh_walk w;
    enum gh_rc rc;

    gh_walk_init(&w, f->max_files);
    rc = gh_files_look(f, &w, err);
    if (rc == GH_OK) {
        for (size_t i = 0; i < f->roots.count; i++)
            if (strcmp(f->roots.at[i], standard_input) == 0)
                load_standard_input(&k);
        f->looks++;
        take_found(&k, &w);
        take_missing(&k, &w);
        take_unread(&k, &w);
        (void)finish(&k, ret);
    }
    gh_walk_fini(&w);
    return rc;
}
