/* SPDX-License-Identifier: Apache-2.0 */
#include "files_fixture.h"

/*
 * Watching. Nothing here waits for time to pass: the kernel queues events
 * before the call that caused them returns.
 */

static void watch(struct world *w)
{
    struct gh_err err = {0};

    w->fd = gh_files_watch(w->files, &err);
    if (w->fd < 0)
        fail_msg("%s", err.text);
    /* files this fresh are read a second time */
    (void)gh_files_dispatch(w->files, NULL);
}

static bool is_readable(const struct world *w)
{
    struct pollfd p = {.fd = w->fd, .events = POLLIN};

    return poll(&p, 1, 0) == 1;
}

static bool dispatch(struct world *w, struct gh_commit *ret)
{
    assert_true(is_readable(w));
    return gh_files_dispatch(w->files, ret);
}

static void move(const struct world *w, const char *from, const char *to)
{
    char a[512];
    char b[512];

    assert_int_equal(rename(path_of(w, from, a), path_of(w, to, b)), 0);
}

static void unlink_file(const struct world *w, const char *name)
{
    char path[512];

    assert_int_equal(remove(path_of(w, name, path)), 0);
}

static void test_files_come_and_go(void **state)
{
    struct world *w = *state;
    struct gh_commit c;

    write_map(w, "a.yaml", "a", "1");
    write_map(w, "b.yaml", "b", "1");
    load_folder(w);
    watch(w);
    assert_false(is_readable(w));

    write_map(w, "a.yaml", "a", "2");
    write_map(w, "c.yaml", "c", "1");
    unlink_file(w, "b.yaml");
    write_map(w, "d.txt", "d", "1");
    write_map(w, ".hidden.yaml", "h", "1");
    assert_true(dispatch(w, &c)); /* one transaction */
    ASSERT_MAPS(w, "a=2 c=1");
    assert_int_equal(c.added, 1);
    assert_int_equal(c.changed, 1);
    assert_int_equal(c.deleted, 1);
    assert_false(is_readable(w));

    write_map(w, "a.yaml", "a", "2"); /* the same again */
    assert_false(dispatch(w, &c));
    assert_int_equal(c.unchanged, 1);
    unlink_file(w, "d.txt");
    assert_false(dispatch(w, &c));
    assert_int_equal(c.unchanged, 0);

    write_map(w, "d.txt", "a", "3"); /* how editors save */
    move(w, "d.txt", "a.yaml");
    assert_true(dispatch(w, &c));
    assert_int_equal(c.changed, 1);
    move(w, "a.yaml", "a.yaml~");
    write_map(w, "a.yaml", "a", "4");
    assert_true(dispatch(w, &c));
    assert_int_equal(c.changed, 1);
    ASSERT_MAPS(w, "a=4 c=1");
    move(w, "a.yaml", "z.yaml"); /* only the name */
    assert_true(dispatch(w, &c));
    assert_int_equal(c.deleted, 0);
    ASSERT_MAPS(w, "a=4 c=1");
}

static void test_half_written(void **state)
{
    struct world *w = *state;
    char path[512];
    int fd;

    write_map(w, "a.yaml", "a", "1");
    load_folder(w);
    watch(w);
    fd = open(path_of(w, "a.yaml", path), O_WRONLY | O_TRUNC | O_CLOEXEC);
    assert_int_equal(write(fd, "a: [", 4), 4);
    assert_false(is_readable(w)); /* not before it is closed */
    (void)close(fd);
    assert_true(dispatch(w, NULL));
    ASSERT_MAPS(w, "a=1!");
    assert_int_equal(gh_store_fault_count(w->store), 1);
    write_map(w, "a.yaml", "a", "2");
    assert_true(dispatch(w, NULL));
    ASSERT_MAPS(w, "a=2");
    assert_int_equal(gh_store_fault_count(w->store), 0);
}

static void test_folders(void **state)
{
    struct world *w = *state;
    struct gh_commit c;
    char path[512];

    write_map(w, "a.yaml", "a", "1");
    load_folder(w);
    watch(w);
    make_dir(w, "new");
    make_dir(w, "new/deep");
    write_map(w, "new/deep/b.yaml", "b", "1");
    assert_true(dispatch(w, &c));
    ASSERT_MAPS(w, "a=1 b=1");
    write_map(w, "new/deep/b.yaml", "b", "2"); /* watched by now */
    assert_true(dispatch(w, NULL));
    ASSERT_MAPS(w, "a=1 b=2");
    move(w, "new", "moved");
    assert_true(dispatch(w, &c));
    assert_int_equal(c.deleted, 0);
    write_map(w, "moved/deep/b.yaml", "b", "3");
    assert_true(dispatch(w, NULL));
    ASSERT_MAPS(w, "a=1 b=3");
    remove_tree(path_of(w, "moved", path));
    assert_true(dispatch(w, NULL));
    ASSERT_MAPS(w, "a=1");
    make_dir(w, "empty");
    assert_false(dispatch(w, NULL));
    assert_int_equal(symlink(".", path_of(w, "self", path)), 0);
    assert_false(dispatch(w, NULL));
}

/* A folder that a user named vanishes: what was read is kept. */
static void test_root_vanishes(void **state)
{
    static const char *const names[] = {"up/root"};
    struct world *w = *state;
    struct gh_err err;
    char path[512];

    make_dir(w, "up");
    make_dir(w, "up/root");
    write_map(w, "up/root/a.yaml", "a", "1");
    assert_int_equal(load(w, names, 1, NULL, &err), GH_OK);
    watch(w);
    move(w, "up/root", "up/away");
    assert_true(dispatch(w, NULL));
    ASSERT_MAPS(w, "a=1!");
    assert_true(gh_store_fault_count(w->store) > 0);
    make_dir(w, "up/root");
    write_map(w, "up/root/a.yaml", "a", "2");
    assert_true(dispatch(w, NULL));
    ASSERT_MAPS(w, "a=2");
    assert_int_equal(gh_store_fault_count(w->store), 0);

    /* with all that is above it */
    move(w, "up", "gone");
    assert_true(dispatch(w, NULL));
    ASSERT_MAPS(w, "a=2!");
    make_dir(w, "up");
    (void)dispatch(w, NULL);
    make_dir(w, "up/root");
    (void)dispatch(w, NULL);
    write_map(w, "up/root/a.yaml", "a", "3");
    assert_true(dispatch(w, NULL));
    ASSERT_MAPS(w, "a=3");
    remove_tree(path_of(w, "up", path));
    assert_true(dispatch(w, NULL));
    assert_true(gh_store_fault_count(w->store) > 0);
    move(w, "gone", "up");
    assert_true(dispatch(w, NULL));
    ASSERT_MAPS(w, "a=2");
    assert_int_equal(gh_store_fault_count(w->store), 0);
}

static void test_named_file(void **state)
{
    static const char *const names[] = {"a", "other.yaml"};
    struct world *w = *state;
    struct gh_err err;

    write_map(w, "a", "a", "1");
    write_map(w, "other.yaml", "o", "1");
    assert_int_equal(load(w, names, 2, NULL, &err), GH_OK);
    watch(w);
    write_map(w, "b", "b", "1"); /* a neighbour is nobody's */
    assert_false(dispatch(w, NULL));
    write_map(w, "a", "a", "2");
    assert_true(dispatch(w, NULL));
    ASSERT_MAPS(w, "a=2 o=1");
    unlink_file(w, "a");
    assert_true(dispatch(w, NULL));
    ASSERT_MAPS(w, "a=2! o=1");
    assert_fault(w, 0, "a", 0, 0, "what was read before is kept");
    write_map(w, "a", "a", "3");
    assert_true(dispatch(w, NULL));
    ASSERT_MAPS(w, "a=3 o=1");
    write_map(w, "tmp", "a", "4");
    move(w, "tmp", "a");
    assert_true(dispatch(w, NULL));
    ASSERT_MAPS(w, "a=4 o=1");
}

/* Kubernetes mounts a ConfigMap as links through "..data" and swaps that. */
static void test_config_map_volume(void **state)
{
    struct world *w = *state;
    struct gh_commit c;
    char path[512];

    make_dir(w, "..1");
    write_map(w, "..1/a.yaml", "a", "1");
    write_map(w, "..1/b.yaml", "b", "1");
    assert_int_equal(symlink("..1", path_of(w, "..data", path)), 0);
    assert_int_equal(symlink("..data/a.yaml", path_of(w, "a.yaml", path)), 0);
    assert_int_equal(symlink("..data/b.yaml", path_of(w, "b.yaml", path)), 0);
    load_folder(w);
    ASSERT_MAPS(w, "a=1 b=1");
    assert_int_equal(gh_store_fault_count(w->store), 0);
    watch(w);
    make_dir(w, "..2");
    write_map(w, "..2/a.yaml", "a", "2");
    write_map(w, "..2/c.yaml", "c", "2");
    assert_int_equal(symlink("..2", path_of(w, "..tmp", path)), 0);
    (void)gh_files_dispatch(w->files, &c);
    ASSERT_MAPS(w, "a=1 b=1");
    move(w, "..tmp", "..data"); /* nothing but the swap */
    assert_true(dispatch(w, &c));
    ASSERT_MAPS(w, "a=2 b=1!");
    assert_int_equal(symlink("..data/c.yaml", path_of(w, "c.yaml", path)), 0);
    unlink_file(w, "b.yaml");
    remove_tree(path_of(w, "..1", path));
    assert_true(dispatch(w, &c));
    ASSERT_MAPS(w, "a=2 c=2");
    assert_int_equal(gh_store_fault_count(w->store), 0);
}

static void test_links(void **state)
{
    struct world *w = *state;
    static const char *const names[] = {"in"};
    struct gh_err err;
    char path[512];

    make_dir(w, "in");
    make_dir(w, "out");
    write_map(w, "out/a.yaml", "a", "1");
    make_dir(w, "out/more");
    write_map(w, "out/more/b.yaml", "b", "1");
    assert_int_equal(symlink("../out/a.yaml", path_of(w, "in/a.yaml", path)),
                     0);
    assert_int_equal(load(w, names, 1, NULL, &err), GH_OK);
    watch(w);
    write_map(w, "out/a.yaml", "a", "2");
    assert_true(dispatch(w, NULL));
    ASSERT_MAPS(w, "a=2");
    write_map(w, "out/tmp", "a", "3");
    move(w, "out/tmp", "out/a.yaml");
    assert_true(dispatch(w, NULL));
    ASSERT_MAPS(w, "a=3");
    write_map(w, "out/a.yaml", "a", "4"); /* the new one is watched */
    assert_true(dispatch(w, NULL));
    ASSERT_MAPS(w, "a=4");
    assert_int_equal(symlink("../out/more", path_of(w, "in/more", path)), 0);
    assert_true(dispatch(w, NULL));
    ASSERT_MAPS(w, "a=4 b=1");
    write_map(w, "out/more/b.yaml", "b", "2");
    assert_true(dispatch(w, NULL));
    ASSERT_MAPS(w, "a=4 b=2");
    unlink_file(w, "in/more");
    assert_true(dispatch(w, NULL));
    ASSERT_MAPS(w, "a=4");
    unlink_file(w, "out/a.yaml");
    assert_true(dispatch(w, NULL));
    ASSERT_MAPS(w, "a=4!");
}

/* Changes between loading and watching are not lost. */
static void test_changed_before_watching(void **state)
{
    struct world *w = *state;
    struct gh_err err;

    write_map(w, "a.yaml", "a", "1");
    load_folder(w);
    write_map(w, "a.yaml", "a", "2");
    write_map(w, "b.yaml", "b", "1");
    w->fd = gh_files_watch(w->files, &err);
    assert_true(dispatch(w, NULL));
    ASSERT_MAPS(w, "a=2 b=1");
    assert_false(is_readable(w));
}

/* More events than the queue holds. */
static void test_overflow(void **state)
{
    struct world *w = *state;
    long limit = 16384;
    char path[512];
    FILE *f = fopen("/proc/sys/fs/inotify/max_queued_events", "r");

    if (f) {
        if (fgets(path, sizeof(path), f))
            limit = strtol(path, NULL, 10);
        (void)fclose(f);
    }
    if (limit > 100000) {
        print_message("left out: the queue holds %ld events\n", limit);
        skip();
    }
    write_map(w, "a.yaml", "a", "1");
    load_folder(w);
    watch(w);
    for (long i = 0; i < limit / 2 + 100; i++) {
        (void)snprintf(path, sizeof(path), "%s/f%ld", w->folder, i);
        (void)close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    }
    write_map(w, "late.yaml", "late", "1");
    assert_true(dispatch(w, NULL));
    ASSERT_MAPS(w, "a=1 late=1");
}

static void test_without_a_watch(void **state)
{
    struct world *w = *state;
    struct gh_commit c = {.added = 7};

    write_map(w, "a.yaml", "a", "1");
    load_folder(w);
    assert_false(gh_files_dispatch(w->files, &c));
    assert_int_equal(c.added, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_new, world_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_files_come_and_go),
        TEST(test_half_written),
        TEST(test_folders),
        TEST(test_root_vanishes),
        TEST(test_named_file),
        TEST(test_config_map_volume),
        TEST(test_links),
        TEST(test_changed_before_watching),
        TEST(test_overflow),
        TEST(test_without_a_watch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
