/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "source/files_internal.h"

/*
 * When to look again
 *
 * Three kinds of places are watched: the folders that were walked; the folder
 * above each root, or the nearest that there is, so that a root that comes back
 * is seen; and files that are reached through a link. An event about a
 * manifest alone loads that file again. Everything else, from a new folder to
 * the swap of a ConfigMap's "..data" and a queue that overflowed, means to look
 * at the whole.
 *
 * A folder is watched before it is walked, so nothing falls between the two:
 * walking is repeated until it finds no folder that was not watched yet.
 */

#define MAX_ROUNDS 8
#define EVENT_BYTES 16384

#define FOLDER_MASK                                                            \
    (IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |    \
     IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)
#define LINK_MASK (IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF)

enum spot_kind { SPOT_FOLDER, SPOT_ABOVE, SPOT_LINK };

struct spot {
    enum spot_kind kind;
    int wd;
    char *path;
    uint64_t round; /* the last in which it was wanted */
};

struct gh_watch {
    int poll_fd; /* what the caller polls: the two below */
    int inotify_fd;
    int wake_fd;
    uint64_t round;
    bool failed; /* some place cannot be watched: @why */
    struct gh_err why;
    GH_VEC(struct spot) spots;
};

/* What events ask for. */
struct wish {
    bool look; /* at everything */
    struct gh_map known;
    GH_VEC(char *) paths; /* of files to load again */
};

static void close_fd(int fd)
{
    if (fd >= 0)
        (void)close(fd);
}

struct gh_watch *gh_watch_free(struct gh_watch *w)
{
    if (!w)
        return NULL;
    close_fd(w->poll_fd);
    close_fd(w->inotify_fd);
    close_fd(w->wake_fd);
    for (size_t i = 0; i < w->spots.count; i++)
        gh_free(w->spots.at[i].path);
    GH_VEC_FREE(&w->spots);
    gh_free(w);
    return NULL;
}

/* --- places --------------------------------------------------------------- */

static void set_error(struct gh_err *err, const char *path, int error)
{
    char text[128];

    if (error == ENOSPC)
        gh_err_set(err, "changes cannot be watched: the user's limit of "
                        "inotify watches is reached "
                        "(fs.inotify.max_user_watches)");
    else if (error == EMFILE)
        gh_err_set(err, "changes cannot be watched: the limit of open files or "
                        "of inotify instances is reached (ulimit -n, "
                        "fs.inotify.max_user_instances)");
    else
        gh_err_set(err, "changes cannot be watched: %s",
                   strerror_r(error, text, sizeof(text)));
    gh_err_at(err, gh_slice_str(path), 0, 0);
}

static struct spot *find_spot(struct gh_watch *w, enum spot_kind kind, int wd,
                              const char *path)
{
    for (size_t i = 0; i < w->spots.count; i++) {
        struct spot *spot = &w->spots.at[i];

        if (spot->wd == wd && spot->kind == kind &&
            strcmp(spot->path, path) == 0)
            return spot;
    }
    return NULL;
}

/* Return: 1 when it was not watched before, 0 when it was, or a negative
 * errno. */
static int want_spot(struct gh_watch *w, enum spot_kind kind, const char *path)
{
    const char *at = path[0] == '\0' ? "." : path;
    int wd = inotify_add_watch(w->inotify_fd, at,
                               kind == SPOT_LINK ? LINK_MASK : FOLDER_MASK);
    struct spot *spot;

    if (wd < 0)
        return -errno;
    spot = find_spot(w, kind, wd, path);
    if (spot) {
        spot->round = w->round;
        return 0;
    }
    GH_VEC_PUSH(
        &w->spots,
        (struct spot){kind, wd, gh_xstrdup(gh_slice_str(path)), w->round});
    return 1;
}

static bool is_wanted(const struct gh_watch *w, int wd)
{
    for (size_t i = 0; i < w->spots.count; i++)
        if (w->spots.at[i].wd == wd && w->spots.at[i].round == w->round)
            return true;
    return false;
}

/* Places that the last round did not want. */
static void drop_spots(struct gh_watch *w)
{
    size_t kept = 0;

    for (size_t i = 0; i < w->spots.count; i++)
        if (!is_wanted(w, w->spots.at[i].wd))
            (void)inotify_rm_watch(w->inotify_fd, w->spots.at[i].wd);
    for (size_t i = 0; i < w->spots.count; i++) {
        if (w->spots.at[i].round == w->round)
            w->spots.at[kept++] = w->spots.at[i];
        else
            gh_free(w->spots.at[i].path);
    }
    w->spots.count = kept;
}

/* Cuts the last name off. Return: false when nothing is above. */
static bool go_up(char *path)
{
    char *slash = strrchr(path, '/');

    if (path[0] == '\0' || strcmp(path, "/") == 0)
        return false;
    if (!slash)
        path[0] = '\0'; /* the working directory */
    else
        slash[slash == path] = '\0';
    return true;
}

/* The nearest folder above a root that is there. */
static int want_above(struct gh_watch *w, const char *root)
{
    char *path GH_CLEANUP(gh_free_str) = gh_xstrdup(gh_slice_str(root));
    int result = 0;

    while (go_up(path)) {
        result = want_spot(w, SPOT_ABOVE, path);
        if (result >= 0 || result == -ENOSPC)
            break;
    }
    return result;
}

/* A place that cannot be watched is a fault as one that cannot be read. */
static void note(struct gh_watch *w, struct gh_walk *walk, const char *path,
                 int error)
{
    struct gh_unread unread;

    set_error(&unread.err, path, error);
    unread.path = gh_xstrdup(gh_slice_str(path));
    GH_VEC_PUSH(&walk->unread, unread);
    w->why = unread.err;
    w->failed = true;
}

/* Watches all that @walk found. Return: how many places are new. What cannot
 * be watched, short of having vanished, is added to walk->unread. */
static size_t want_all(struct gh_files *f, struct gh_walk *walk)
{
    struct gh_watch *w = f->watch;
    size_t added = 0;
    int n;

    w->round++;
    for (size_t i = 0; i < f->roots.count; i++) {
        if (strcmp(f->roots.at[i], "-") == 0)
            continue;
        n = want_above(w, f->roots.at[i]);
        added += n > 0;
        if (n == -ENOSPC)
            note(w, walk, f->roots.at[i], -n);
    }
    for (size_t i = 0; i < walk->folders.count; i++) {
        n = want_spot(w, SPOT_FOLDER, walk->folders.at[i]);
        added += n > 0;
        if (n < 0 && n != -ENOENT)
            note(w, walk, walk->folders.at[i], -n);
    }
    for (size_t i = 0; i < walk->files.count; i++) {
        if (!walk->files.at[i].link)
            continue;
        n = want_spot(w, SPOT_LINK, walk->files.at[i].path);
        added += n > 0;
    }
    drop_spots(w);
    return added;
}

/* Walks until all that was walked had been watched before. */
static void look_and_watch(struct gh_files *f, struct gh_walk *walk)
{
    struct gh_err ignored;
    size_t added = 1;

    for (int round = 0; added > 0 && round < MAX_ROUNDS; round++) {
        gh_walk_fini(walk);
        gh_walk_init(walk, f->max_files);
        (void)gh_files_look(f, walk, &ignored);
        added = want_all(f, walk);
    }
}

/* --- events --------------------------------------------------------------- */

static void wish_path(struct wish *wish, const char *path)
{
    char *copy;

    if (gh_map_get(&wish->known, gh_slice_str(path)))
        return;
    copy = gh_xstrdup(gh_slice_str(path));
    GH_VEC_PUSH(&wish->paths, copy);
    (void)gh_map_put(&wish->known, gh_slice_str(copy), copy);
}

static bool is_link(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

static bool is_watched(const struct gh_watch *w, const char *path)
{
    for (size_t i = 0; i < w->spots.count; i++)
        if (w->spots.at[i].kind == SPOT_FOLDER &&
            strcmp(w->spots.at[i].path, path) == 0)
            return true;
    return false;
}

static void on_folder(struct gh_files *f, const char *path, const char *name,
                      uint32_t mask, struct wish *wish)
{
    if (name[0] == '.') {
        wish->look = wish->look || strcmp(name, "..data") == 0;
        return;
    }
    /* Folders, and links, which may be folders, change what there is. */
    if ((mask & IN_ISDIR) || is_watched(f->watch, path) || is_link(path))
        wish->look = true;
    if (gh_walk_takes(name) && !(mask & IN_ISDIR))
        wish_path(wish, path);
}

/* Something happened to a root or to a folder on the way to it. */
static void on_above(const struct gh_files *f, const char *path, uint32_t mask,
                     struct wish *wish)
{
    size_t n = strlen(path);

    for (size_t i = 0; i < f->roots.count; i++) {
        const char *root = f->roots.at[i];

        if (strncmp(root, path, n) != 0 || (root[n] != '\0' && root[n] != '/'))
            continue;
        if (root[n] == '\0' && !(mask & IN_ISDIR) && !is_link(path) &&
            gh_map_get(&f->by_path, gh_slice_str(path)))
            wish_path(wish, path);
        else
            wish->look = true;
    }
}

static void on_spot(struct gh_files *f, const struct spot *spot,
                    const struct inotify_event *e, struct wish *wish)
{
    const char *name = e->len > 0 ? e->name : "";
    char path[PATH_MAX];
    size_t n = strlen(spot->path);
    int len;

    if (e->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)) {
        wish->look = true;
        return;
    }
    if (spot->kind == SPOT_LINK) {
        wish->look = wish->look || !(e->mask & IN_CLOSE_WRITE);
        wish_path(wish, spot->path);
        return;
    }
    len = snprintf(path, sizeof(path), "%s%s%s", spot->path,
                   n == 0 || spot->path[n - 1] == '/' ? "" : "/", name);
    if (len < 0 || (size_t)len >= sizeof(path))
        wish->look = true;
    else if (spot->kind == SPOT_FOLDER)
        on_folder(f, path, name, e->mask, wish);
    else
        on_above(f, path, e->mask, wish);
}

/* The kernel has dropped the watch. */
static void forget_spots(struct gh_watch *w, int wd)
{
    size_t kept = 0;

    for (size_t i = 0; i < w->spots.count; i++) {
        if (w->spots.at[i].wd == wd)
            gh_free(w->spots.at[i].path);
        else
            w->spots.at[kept++] = w->spots.at[i];
    }
    w->spots.count = kept;
}

static void on_event(struct gh_files *f, const struct inotify_event *e,
                     struct wish *wish)
{
    struct gh_watch *w = f->watch;

    if (e->mask & IN_Q_OVERFLOW)
        wish->look = true;
    for (size_t i = 0; i < w->spots.count; i++)
        if (w->spots.at[i].wd == e->wd)
            on_spot(f, &w->spots.at[i], e, wish);
    if (e->mask & IN_IGNORED)
        forget_spots(w, e->wd);
}

static void drain(struct gh_files *f, struct wish *wish)
{
    _Alignas(struct inotify_event) char buf[EVENT_BYTES];
    struct gh_watch *w = f->watch;
    uint64_t woken;
    ssize_t n;

    if (read(w->wake_fd, &woken, sizeof(woken)) == (ssize_t)sizeof(woken))
        wish->look = true;
    while ((n = read(w->inotify_fd, buf, sizeof(buf))) > 0) {
        const char *at = buf;

        while (at < buf + n) {
            const struct inotify_event *e = (const void *)at;

            on_event(f, e, wish);
            at += sizeof(*e) + e->len;
        }
    }
}

/* --- the two that callers know -------------------------------------------- */

static bool add_to_poll(struct gh_watch *w, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

    return fd >= 0 && epoll_ctl(w->poll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static struct gh_watch *watch_new(struct gh_err *err)
{
    struct gh_watch *w = GH_XNEW(struct gh_watch);

    w->poll_fd = epoll_create1(EPOLL_CLOEXEC);
    w->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    w->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (w->poll_fd >= 0 && add_to_poll(w, w->inotify_fd) &&
        add_to_poll(w, w->wake_fd))
        return w;
    set_error(err, "", errno);
    return gh_watch_free(w);
}

int gh_files_watch(struct gh_files *f, struct gh_err *err)
{
    static const uint64_t once = 1;
    struct gh_walk walk = {0};
    bool differs;

    if (f->watch)
        return f->watch->poll_fd;
    f->watch = watch_new(err);
    if (!f->watch)
        return -1;
    look_and_watch(f, &walk);
    differs = gh_files_differ(f, &walk);
    gh_walk_fini(&walk);
    if (f->watch->failed) {
        *err = f->watch->why;
        f->watch = gh_watch_free(f->watch);
        return -1;
    }
    if (differs) /* something changed since loading: be called at once */
        (void)!write(f->watch->wake_fd, &once, sizeof(once));
    return f->watch->poll_fd;
}

static bool look_again(struct gh_files *f, const struct wish *wish,
                       struct gh_commit *ret)
{
    struct gh_walk walk = {0};
    bool taken;

    gh_files_doubt(f, wish->paths.at, wish->paths.count);
    look_and_watch(f, &walk);
    taken = gh_files_take(f, &walk, ret);
    gh_walk_fini(&walk);
    return taken;
}

bool gh_files_dispatch(struct gh_files *f, struct gh_commit *ret)
{
    uint64_t revision = gh_store_revision(f->store);
    size_t faults = gh_store_fault_count(f->store);
    struct gh_commit commit = {0};
    struct wish wish = {0};
    bool taken;

    if (ret)
        *ret = commit;
    if (!f->watch)
        return false;
    gh_map_init(&wish.known);
    drain(f, &wish);
    taken = wish.look ? look_again(f, &wish, &commit)
                      : gh_files_take_paths(f, wish.paths.at, wish.paths.count,
                                            &commit);
    gh_map_fini(&wish.known);
    for (size_t i = 0; i < wish.paths.count; i++)
        gh_free(wish.paths.at[i]);
    GH_VEC_FREE(&wish.paths);
    if (ret)
        *ret = commit;
    return taken &&
           (revision != gh_store_revision(f->store) ||
            faults != gh_store_fault_count(f->store) || commit.faults > 0);
}
