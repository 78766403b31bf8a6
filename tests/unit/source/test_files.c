/* SPDX-License-Identifier: Apache-2.0 */
#include "files_fixture.h"

#include <dirent.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <zlib.h>
#include <zstd.h>

/* Loading: which files, in which form, and what is said of those that break. */

static void test_folder(void **state)
{
    struct world *w = *state;
    const struct gh_object *o;
    char path[512];
    char to[512];

    make_dir(w, "sub");
    make_dir(w, "sub/deep");
    make_dir(w, ".git");
    write_map(w, "b.yaml", "b", "1");
    write_map(w, "a.yml", "a", "1");
    write_map(w, "sub/deep/c.yaml", "c", "1");
    write_map(w, ".git/d.yaml", "hidden", "1");
    write_map(w, ".swap.yaml", "hidden", "1");
    write_map(w, "notes.txt", "other", "1");
    write_map(w, "values.yaml.bak", "other", "1");
    write_text(w, "empty.yaml", "");
    write_text(w, "blank.json", " \n");
    write_text(w, "j.json",
               "{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\","
               "\"metadata\":{\"name\":\"j\"},\"data\":{\"v\":"
               "\"2\"}}\n{\"kind\":\"ConfigMap\",\"apiVersion\":"
               "\"v1\",\"metadata\":{\"name\":\"k\"}}");
    assert_int_equal(symlink("..", path_of(w, "sub/loop", path)), 0);
    assert_int_equal(
        symlink(path_of(w, "b.yaml", to), path_of(w, "notes.link", path)), 0);
    load_folder(w);
    ASSERT_MAPS(w, "a=1 b=1 c=1 j=2 k=?");
    assert_int_equal(gh_store_fault_count(w->store), 0);
    o = gh_store_get(
        w->store, gh_store_type(w->store, GH_SLICE(""), GH_SLICE("ConfigMap")),
        GH_SLICE("default"), GH_SLICE("k"));
    assert_true(
        gh_slice_eq(o->origin.scope, gh_slice_str(path_of(w, "j.json", path))));
    assert_int_equal(o->origin.line, 2);
    assert_int_equal(o->origin.column, 1);
}

static void test_named_files(void **state)
{
    static const char *const names[] = {"x", "y.txt", "sub/"};
    struct world *w = *state;
    struct gh_commit c;
    struct gh_err err;

    make_dir(w, "sub");
    write_map(w, "sub/z.yaml", "z", "1");
    write_map(w, "x", "x", "1");
    write_text(w, "y.txt",
               "  [{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\","
               "\"metadata\":{\"name\":\"y\"}}]");
    assert_int_equal(load(w, names, 3, &c, &err), GH_OK);
    assert_int_equal(c.added, 3);
    ASSERT_MAPS(w, "x=1 y=? z=1");
}

/* Expectations beside the manifests are no faults; half of one is. */
static void test_cases_are_passed_over(void **state)
{
    struct world *w = *state;

    write_map(w, "a.yaml", "a", "1");
    write_text(w, "cases.yaml",
               "name: x\nfrom: {workload: n/d}\nto: {workload: n/e}\n"
               "expect: deny\n---\nto: {}\nexpect: allow\n");
    write_text(w, "cases.json", "[{\"to\":{},\"expect\":\"deny\"}]");
    load_folder(w);
    assert_int_equal(gh_store_fault_count(w->store), 0);
    write_text(w, "half.yaml",
               "to: {}\n---\nexpect: deny\n---\n"
               "kind: X\nto: {}\nexpect: deny\n");
    load_folder(w);
    assert_int_equal(gh_store_fault_count(w->store), 3);
    ASSERT_MAPS(w, "a=1");
}

static void test_lists(void **state)
{
    struct world *w = *state;
    const struct gh_type *type;

    write_text(w, "a.yaml",
               "apiVersion: v1\nkind: List\nitems:\n"
               "- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a}\n"
               "- apiVersion: v1\n  kind: Secret\n  metadata: {name: s}\n"
               "- 5\n");
    write_text(w, "b.yaml",
               "apiVersion: v1\nkind: ConfigMapList\nitems:\n"
               "- metadata: {name: b}\n  data: {v: \"1\"}\n");
    write_text(w, "c.json",
               "{\"kind\":\"ConfigMapList\",\"apiVersion\":\"v1\","
               "\"metadata\":{},\"items\":[{\"metadata\":{"
               "\"name\":\"c\"},\"data\":{\"v\":\"1\"}},\n{"
               "\"metadata\":{\"name\":\"d\"}},{\"kind\":"
               "\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":"
               "{\"name\":\"e\"}}]}");
    write_text(w, "d.json",
               "{\"apiVersion\":\"v1\",\"items\":[{\"kind\":"
               "\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":"
               "{\"name\":\"f\"}},{}],\"kind\":\"List\"}");
    load_folder(w);
    ASSERT_MAPS(w, "a=? b=1 c=1 d=? e=? f=?");
    assert_int_equal(gh_store_fault_count(w->store), 2);
    assert_fault(w, 0, "a.yaml", 10, 3, "this is no Kubernetes object but");
    assert_fault(w, 1, "d.json", 1, 92, "the object has no kind");
    type = gh_store_type(w->store, GH_SLICE(""), GH_SLICE("ConfigMap"));
    assert_int_equal(
        gh_store_get(w->store, type, GH_SLICE("default"), GH_SLICE("b"))
            ->origin.line,
        4);
    assert_int_equal(
        gh_store_get(w->store, type, GH_SLICE("default"), GH_SLICE("d"))
            ->origin.line,
        2);
}

/* Each is reported with its place, and the rest is loaded. */
static void test_broken_files(void **state)
{
    struct world *w = *state;
    char path[512];

    write_map(w, "a.yaml", "good", "1");
    write_text(w, "b.yaml",
               "a: [1\n---\napiVersion: v1\nkind: ConfigMap\n"
               "metadata: {name: behind}\n");
    write_text(w, "c.json",
               "{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\","
               "\"metadata\":{\"name\":\"before\"}}\n{\"a\":}");
    write_bytes(w, "d.yaml",
                gh_slice_of("\x7f"
                            "ELF\0\1",
                            6));
    write_bytes(w, "e.json.gz", gh_slice_of("\x1f\x8b\x08\x00", 4));
    write_text(w, "f.yaml", "a: *b\n");
    write_text(w, "g.yaml", "replicas: 3\n");
    write_text(w, "h.yaml",
               "apiVersion: v1\nkind: ConfigMap\nmetadata:\n"
               "  name: twice\nkind: ConfigMap\n");
    write_text(w, "i.json",
               "\n {\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\","
               "\"metadata\":{\"name\":\"i\"},\n\"data\":{},"
               "\"data\":{}}");
    assert_int_equal(symlink("nowhere", path_of(w, "z.yaml", path)), 0);
    load_folder(w);
    ASSERT_MAPS(w, "before=? behind=? good=1 i=? twice=?");
    assert_int_equal(gh_store_fault_count(w->store), 9);
    assert_fault(w, 0, "b.yaml", 2, 1, "not valid YAML: flow sequence");
    assert_fault(w, 1, "c.json", 2, 6, "");
    assert_fault(w, 2, "d.yaml", 1, 1, "control character");
    assert_fault(w, 3, "e.json.gz", 0, 0,
                 "the gzip data is damaged: it ends too early");
    assert_fault(w, 4, "f.yaml", 1, 4, "alias \"*b\" has no anchor");
    assert_fault(w, 5, "g.yaml", 1, 1, "the object has no kind");
    assert_fault(w, 6, "h.yaml", 5, 1, "name \"kind\" occurs twice; the last");
    assert_int_equal(gh_store_fault(w->store, 6)->class, GH_FAULT_WARNING);
    assert_fault(w, 7, "i.json", 3, 11, "name \"data\" occurs twice");
    assert_fault(w, 8, "z.yaml", 0, 0,
                 "cannot be read: No such file or directory");
}

static void test_binary(void **state)
{
    static const char *const names[] = {"prog"};
    struct world *w = *state;
    struct gh_err err;

    write_bytes(w, "prog",
                gh_slice_of("\x7f"
                            "ELF\2\1\1\0",
                            8));
    assert_int_equal(load(w, names, 1, NULL, &err), GH_OK);
    assert_fault(w, 0, "prog", 0, 0, "this is no text: neither JSON nor YAML");
}

/* What a user must fix first: nothing is committed. */
static void test_bad_roots(void **state)
{
    static const struct {
        const char *name;
        const char *text;
    } cases[] = {
        {"missing", "cannot be read: No such file or directory"},
        {"good.yaml/x", "cannot be read: Not a directory"},
        {"empty", "the directory holds no manifest: looked for *.json, *.yaml "
                  "and *.yml, also with .gz or .zst behind"},
        {"fifo", "this is a FIFO; give a file or a directory, or - to read "
                 "standard input"},
        {"socket", "this is a socket;"},
        {"null", "this is a device;"},
        {"loop", "cannot be read: Too many levels of symbolic links"},
    };
    struct world *w = *state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char path[512];
    int fd;

    make_dir(w, "empty");
    write_map(w, "empty/x.txt", "x", "1");
    write_map(w, "good.yaml", "good", "1");
    assert_int_equal(mkfifo(path_of(w, "fifo", path), 0600), 0);
    assert_int_equal(symlink("/dev/null", path_of(w, "null", path)), 0);
    assert_int_equal(symlink("loop", path_of(w, "loop", path)), 0);
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket",
                   w->folder);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    (void)close(fd);
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        const char *names[] = {"good.yaml", cases[i].name};
        struct gh_err err = {0};

        assert_int_equal(load(w, names, 2, NULL, &err), GH_EIO);
        assert_string_equal(err.source, path_of(w, cases[i].name, path));
        if (strncmp(err.text, cases[i].text, strlen(cases[i].text)) != 0)
            assert_string_equal(err.text, cases[i].text);
        ASSERT_MAPS(w, "");
    }
}

static void test_special_files_in_folders(void **state)
{
    struct world *w = *state;
    char path[512];

    write_map(w, "a.yaml", "a", "1");
    assert_int_equal(mkfifo(path_of(w, "fifo.yaml", path), 0600), 0);
    assert_int_equal(symlink("/dev/zero", path_of(w, "zero.yaml", path)), 0);
    load_folder(w);
    ASSERT_MAPS(w, "a=1");
    assert_int_equal(gh_store_fault_count(w->store), 0);
}

static void test_unreadable(void **state)
{
    struct world *w = *state;
    struct gh_err err;
    const char *names[] = {"b.yaml"};
    char path[512];

    if (geteuid() == 0) {
        print_message("left out: everything is readable for root\n");
        skip();
    }
    write_map(w, "a.yaml", "a", "1");
    write_map(w, "b.yaml", "b", "1");
    make_dir(w, "closed");
    assert_int_equal(chmod(path_of(w, "b.yaml", path), 0), 0);
    assert_int_equal(chmod(path_of(w, "closed", path), 0), 0);
    load_folder(w);
    ASSERT_MAPS(w, "a=1");
    assert_fault(w, 0, "b.yaml", 0, 0, "cannot be read: Permission denied");
    assert_fault(w, 1, "closed", 0, 0, "the directory cannot be read");
    assert_int_equal(load(w, names, 1, NULL, &err), GH_EIO);
    assert_int_equal(chmod(path_of(w, "closed", path), 0700), 0);
}

/* Names need not be UTF-8. */
static void test_strange_names(void **state)
{
    struct world *w = *state;

    write_map(w, "\xff\xfe.yaml", "a", "1");
    write_map(w, "new\nline.yaml", "b", "1");
    write_text(w, "\xff.json", "[");
    load_folder(w);
    ASSERT_MAPS(w, "a=1 b=1");
    assert_int_equal(gh_store_fault_count(w->store), 1);
}

/* --- compression ---------------------------------------------------------- */

static struct gh_slice gzip(const char *text, char *to, size_t size)
{
    z_stream z = {0};

    assert_int_equal(
        deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)text;
    z.avail_in = (uInt)strlen(text);
    z.next_out = (Bytef *)to;
    z.avail_out = (uInt)size;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    (void)deflateEnd(&z);
    return gh_slice_of(to, size - z.avail_out);
}

static void test_compressed(void **state)
{
    struct world *w = *state;
    struct gh_buf bytes GH_BUF_CLEANUP;
    char packed[1024];
    char text[256];
    size_t len;

    gh_buf_init(&bytes, 4096);
    write_bytes(w, "a.yaml.gz",
                gzip(map_yaml("a", "1", text), packed, sizeof(packed)));
    /* members and frames behind each other */
    (void)gh_buf_add(&bytes, gzip(map_yaml("b", "1", text), packed, 1024));
    (void)gh_buf_add(&bytes, gzip("---\n", packed, 1024));
    (void)gh_buf_add(&bytes, gzip("", packed, 1024));
    (void)gh_buf_add(&bytes, gzip(map_yaml("c", "1", text), packed, 1024));
    (void)gh_buf_add(&bytes, gh_slice_of("\0\0\0", 3));
    write_bytes(w, "b.yaml.gz", gh_buf_slice(&bytes));
    gh_buf_clear(&bytes);
    for (int i = 0; i < 2; i++) {
        const char *part = i ? "---\n{apiVersion: v1, kind: ConfigMap, "
                               "metadata: {name: e}}"
                             : map_yaml("d", "1", text);

        len = ZSTD_compress(packed, sizeof(packed), part, strlen(part), 3);
        (void)gh_buf_add(&bytes, gh_slice_of(packed, len));
    }
    write_bytes(w, "d.yaml.zst", gh_buf_slice(&bytes));
    /* a name does not make it so */
    write_map(w, "f.yaml.gz", "f", "1");
    write_bytes(w, "g.yaml",
                gzip(map_yaml("g", "1", text), packed, sizeof(packed)));
    load_folder(w);
    ASSERT_MAPS(w, "a=1 b=1 c=1 d=1 e=? f=1 g=1");
    assert_int_equal(gh_store_fault_count(w->store), 0);
}

static void test_damaged(void **state)
{
    struct world *w = *state;
    struct gh_slice s;
    char packed[1024];
    char text[256];

    s = gzip(map_yaml("a", "1", text), packed, sizeof(packed));
    packed[s.len] = 'x';
    write_bytes(w, "garbage.yaml.gz", gh_slice_of(packed, s.len + 1));
    write_bytes(w, "cut.yaml.gz", gh_slice_head(s, s.len - 1));
    packed[s.len - 6] ^= 1;
    write_bytes(w, "sum.yaml.gz", s);
    s.len = ZSTD_compress(packed, sizeof(packed), text, strlen(text), 3);
    write_bytes(w, "cut.yaml.zst", gh_slice_head(s, s.len - 1));
    packed[6] ^= 0x55;
    write_bytes(w, "flip.yaml.zst", s);
    load_folder(w);
    ASSERT_MAPS(w, "");
    assert_int_equal(gh_store_fault_count(w->store), 5);
    assert_fault(w, 0, "cut.yaml.gz", 0, 0,
                 "the gzip data is damaged: it ends too early");
    assert_fault(w, 1, "cut.yaml.zst", 0, 0,
                 "the Zstandard data is damaged: it ends too early");
    assert_fault(w, 2, "flip.yaml.zst", 0, 0, "the Zstandard data is damaged");
    assert_fault(w, 3, "garbage.yaml.gz", 0, 0,
                 "the gzip data is damaged: other bytes follow it");
    assert_fault(w, 4, "sum.yaml.gz", 0, 0,
                 "the gzip data is damaged: incorrect data check");
}

static void test_limits(void **state)
{
    const struct gh_files_options tiny = {.max_file_bytes = 100,
                                          .max_files = 2};
    struct world *w = *state;
    struct gh_err err;
    const char *paths[1] = {w->folder};
    char packed[1024];
    char text[2048];

    memset(text, ' ', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    write_bytes(w, "bomb.json.gz", gzip(text, packed, sizeof(packed)));
    write_text(w, "big.yaml", text);
    w->files = gh_files_new(w->store, paths, 1, &tiny);
    assert_int_equal(gh_files_load(w->files, NULL, &err), GH_OK);
    assert_int_equal(gh_store_fault_count(w->store), 2);
    assert_fault(w, 0, "big.yaml", 0, 0, "the file is larger than 100 bytes");
    assert_fault(w, 1, "bomb.json.gz", 0, 0,
                 "the file is larger than 100 bytes");
    write_text(w, "third.yaml", "");
    (void)gh_files_free(w->files);
    w->files = gh_files_new(w->store, paths, 1, &tiny);
    assert_int_equal(gh_files_load(w->files, NULL, &err), GH_EIO);
    assert_string_equal(err.text, "the directory holds more than 2 manifests");
}

/* YAML is read as a whole, so it has a lower limit. A file full of holes costs
 * the test nothing. */
static void test_huge_yaml(void **state)
{
    struct world *w = *state;
    char path[512];

    write_text(w, "huge.yaml", "");
    assert_int_equal(truncate(path_of(w, "huge.yaml", path), (off_t)1 << 30),
                     0);
    load_folder(w);
    assert_fault(w, 0, "huge.yaml", 0, 0,
                 "the file is larger than 64 MiB, too large for YAML");
}

/* --- standard input ------------------------------------------------------- */

static void test_standard_input(void **state)
{
    static const char *const names[] = {"-", "x.yaml"};
    struct world *w = *state;
    struct gh_err err;
    int saved = dup(STDIN_FILENO);
    int ends[2];
    char text[256];
    size_t len;

    write_map(w, "x.yaml", "x", "1");
    assert_int_equal(pipe(ends), 0);
    len = strlen(map_yaml("piped", "1", text));
    assert_int_equal(write(ends[1], text, len), len);
    (void)close(ends[1]);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    assert_int_equal(load(w, names, 2, NULL, &err), GH_OK);
    (void)dup2(saved, STDIN_FILENO);
    (void)close(saved);
    (void)close(ends[0]);
    ASSERT_MAPS(w, "piped=1 x=1");
}

/* --- secrets -------------------------------------------------------------- */

static void test_secrets_are_not_kept(void **state)
{
    struct world *w = *state;
    struct gh_slice group;
    struct gh_slice kind;
    size_t count;
    char json[1024];

    write_text(w, "s.yaml",
               "apiVersion: v1\nkind: Secret\nmetadata: {name: s}"
               "\nstringData: {password: hunter2}\n");
    write_text(w, "t.json",
               "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{"
               "\"name\":\"t\"},\"data\":{\"p\":\"aHVudGVyMg==\",\"p\":1}}");
    write_text(w, "u.yaml",
               "apiVersion: v1\nkind: Secret\nstringData: "
               "hunter2: [\n");
    load_folder(w);
    assert_int_equal(gh_store_stats(w->store).objects, 0);
    assert_true(gh_store_unwanted(w->store, 0, &group, &kind, &count));
    assert_int_equal(count, 2);
    for (size_t i = 0; i < gh_store_fault_count(w->store); i++) {
        (void)gh_err_format(&gh_store_fault(w->store, i)->err, json,
                            sizeof(json));
        assert_null(strstr(json, "hunter2"));
        assert_null(strstr(json, "aHVudGVyMg"));
    }
}

/* --- real data ------------------------------------------------------------ */

static size_t load_each(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    size_t count = 0;

    while (dir && (entry = readdir(dir))) {
        char path[1024];
        const char *paths[] = {path};
        struct gh_store *store = gh_store_new(NULL);
        struct gh_commit c = {0};
        struct gh_files *files;
        struct gh_err err;

        (void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (strstr(entry->d_name, ".yaml") || strstr(entry->d_name, ".json")) {
            gh_store_want(store, fixture_wants, GH_COUNT(fixture_wants));
            files = gh_files_new(store, paths, 1, NULL);
            assert_int_equal(gh_files_load(files, &c, &err), GH_OK);
            for (size_t i = 0; i < gh_store_fault_count(store); i++) {
                print_message("%s\n", gh_store_fault(store, i)->err.text);
                assert_int_equal(gh_store_fault(store, i)->class,
                                 GH_FAULT_WARNING);
            }
            (void)gh_files_free(files);
            count++;
        }
        (void)gh_store_free(store);
    }
    if (dir)
        (void)closedir(dir);
    return count;
}

static void test_shared_data(void **state)
{
    static const char *const folders[] = {"linkerd/manifests", "linkerd/demo",
                                          "linkerd/crds", "kube/lists"};
    const char *shared = getenv("GATEHOUSE_SHARED");
    size_t files = 0;

    (void)state;
    for (size_t i = 0; i < GH_COUNT(folders); i++) {
        char path[512];

        (void)snprintf(path, sizeof(path), "%s/data/%s",
                       shared ? shared : "../shared", folders[i]);
        files += load_each(path);
    }
    if (files == 0) {
        print_message("left out: no shared data here\n");
        skip();
    }
    assert_true(files > 20);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_new, world_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_folder),
        TEST(test_named_files),
        TEST(test_cases_are_passed_over),
        TEST(test_lists),
        TEST(test_broken_files),
        TEST(test_binary),
        TEST(test_bad_roots),
        TEST(test_special_files_in_folders),
        TEST(test_unreadable),
        TEST(test_strange_names),
        TEST(test_compressed),
        TEST(test_damaged),
        TEST(test_limits),
        TEST(test_huge_yaml),
        TEST(test_standard_input),
        TEST(test_secrets_are_not_kept),
        TEST(test_shared_data),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
