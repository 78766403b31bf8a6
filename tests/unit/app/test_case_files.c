/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Cases in all the forms they come in, and malformed ones between them.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "app/case_files.h"
#include "base/buf.h"

static void on_case(void *ctx, struct gh_json v, const struct gh_err *place)
{
    gh_buf_addf(ctx, "%.*s@%u:%u ",
                GH_FMT(gh_json_str_or(gh_json_get(v, "name"), GH_SLICE("?"))),
                place->line, place->column);
}

static void on_bad(void *ctx, const struct gh_err *err)
{
    gh_buf_addf(ctx, "!%u ", err->line);
}

static void write_file(const char *path, struct gh_slice text)
{
    FILE *f = fopen(path, "we");

    assert_non_null(f);
    assert_int_equal(fwrite(text.ptr, 1, text.len, f), text.len);
    assert_int_equal(fclose(f), 0);
}

static void expect_read(const char *path, const char *expected)
{
    struct gh_buf got GH_BUF_CLEANUP;
    struct gh_case_reader reader = {on_case, on_bad, &got, 0};
    struct gh_err err = {0};

    gh_buf_init(&got, 1 << 20);
    if (!gh_case_files_read(&reader, path, &err))
        fail_msg("%s: %s", path, err.text);
    gh_buf_addc(&got, '\0');
    assert_string_equal(got.ptr, expected);
}

static const struct {
    const char *name;
    const char *text;
    const char *got;
} files[] = {
    {"a.yaml", "name: a\n---\nname: b\n", "a@1:1 b@3:1 "},
    {"list.yaml", "- name: a\n- name: b\n", "a@1:3 b@2:3 "},
    {"empty.yaml", "# nothing\n", ""},
    {"broken.yaml", "name: a\n---\nname: [\n---\nname: c\n", "a@1:1 !4 c@5:1 "},
    {"a.jsonl", "{\"name\":\"a\"}\n\n{\"name\":\"b\"}\n", "a@1:1 b@3:1 "},
    {"broken.jsonl", "{\"name\":\"a\"}\n{\"name\n{\"name\":\"c\"}",
     "a@1:1 !2 c@3:1 "},
    {"a.ndjson", "{\"name\":\"a\"}\r\n", "a@1:1 "},
    {"a.json", "{\n \"name\":\"a\"}\n{\"name\":\"b\"}", "a@1:1 b@3:1 "},
    {"list.json", "[{\"name\":\"a\"},\n {\"name\":\"b\"}]", "a@1:2 b@2:2 "},
    {"broken.json", "[{\"name\":\"a\"},\n {\"name\":}]", "a@1:2 !2 "},
    {"lines", "{\"name\":\"a\"}\n{\"name\":\"b\"}\n", "a@1:1 b@2:1 "},
    {"yaml", "name: a\n", "a@1:1 "},
    {"scalar.yaml", "just words\n", "?@1:1 "},
};

static void test_files(void **state)
{
    char dir[] = "/tmp/gatehouse-cases-XXXXXX";

    (void)state;
    assert_non_null(mkdtemp(dir));
    for (size_t i = 0; i < GH_COUNT(files); i++) {
        char path[256];

        (void)snprintf(path, sizeof(path), "%s/%s", dir, files[i].name);
        write_file(path, gh_slice_str(files[i].text));
        print_message("  %s\n", files[i].name);
        expect_read(path, files[i].got);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(dir), 0);
}

static void test_packed(void **state)
{
    char path[] = "/tmp/gatehouse-cases-XXXXXX.jsonl.gz";
    int fd = mkstemps(path, (int)strlen(".jsonl.gz"));
    gzFile z = gzdopen(fd, "wb");

    (void)state;
    assert_non_null(z);
    assert_true(gzputs(z, "{\"name\":\"a\"}\n{\"name\":\"b\"}\n") > 0);
    assert_int_equal(gzclose(z), Z_OK);
    expect_read(path, "a@1:1 b@2:1 ");
    assert_int_equal(truncate(path, 20), 0);
    {
        struct gh_buf got GH_BUF_CLEANUP;
        struct gh_case_reader reader = {on_case, on_bad, &got, 0};
        struct gh_err err = {0};

        gh_buf_init(&got, 1 << 20);
        assert_false(gh_case_files_read(&reader, path, &err));
        assert_string_equal(err.source, path);
    }
    assert_int_equal(unlink(path), 0);
}

/* In a directory: by name, in order, without manifests and hidden files. */
static void test_directory(void **state)
{
    static const struct {
        const char *name;
        const char *text;
    } tree[] = {
        {"b.yaml", "name: b\n"},
        {"a/z.yml", "name: az\n"},
        {"a/pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"},
        {"a/.hidden.yaml", "name: no\n"},
        {"a/readme.md", "name: no\n"},
    };
    char dir[] = "/tmp/gatehouse-cases-XXXXXX";
    char path[256];

    (void)state;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof(path), "%s/a", dir);
    assert_int_equal(mkdir(path, 0700), 0);
    for (size_t i = 0; i < GH_COUNT(tree); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", dir, tree[i].name);
        write_file(path, gh_slice_str(tree[i].text));
    }
    expect_read(dir, "az@1:1 b@1:1 ");
    /* Named, it is a case that is malformed, not silently nothing. */
    (void)snprintf(path, sizeof(path), "%s/a/pod.yaml", dir);
    expect_read(path, "?@1:1 ");
    for (size_t i = 0; i < GH_COUNT(tree); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", dir, tree[i].name);
        assert_int_equal(unlink(path), 0);
    }
    (void)snprintf(path, sizeof(path), "%s/a", dir);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(dir), 0);
}

static void test_missing(void **state)
{
    struct gh_case_reader reader = {on_case, on_bad, NULL, 0};
    struct gh_err err = {0};

    (void)state;
    assert_false(gh_case_files_read(&reader, "/nowhere/x.yaml", &err));
    assert_string_equal(err.text, "No such file or directory");
    assert_string_equal(err.source, "/nowhere/x.yaml");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_packed),
        cmocka_unit_test(test_directory),
        cmocka_unit_test(test_missing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
