/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh_fixture.h"

#include <dirent.h>

/*
 * tests/policy: a folder for every point of Linkerd's policy
 *
 * Each holds a mesh and what is expected of it. Here "by" is the whole list of
 * what permits, so that an authorization too many is seen, too.
 */

#define FOLDERS "tests/policy"

static bool is_folder(const struct dirent *e)
{
    return e->d_name[0] >= '0' && e->d_name[0] <= '9';
}

static int keep_folders(const struct dirent *e)
{
    return is_folder(e);
}

/* Return: how many cases failed. */
static size_t run_cases(struct fixture *f, const char *folder, const char *text,
                        size_t len, size_t *ret_count)
{
    struct gh_yaml *y = gh_yaml_new(gh_slice_of(text, len), NULL);
    size_t failed = 0;
    struct gh_json_doc doc;
    struct gh_err err;
    enum gh_rc rc;

    while ((rc = gh_yaml_next(y, &f->arena, &doc, &err)) == GH_OK) {
        struct gh_json value = gh_json_root(&doc);
        struct gh_slice name = gh_json_str(gh_json_get(value, "name"));
        struct gh_slice why;

        (*ret_count)++;
        if (!fixture_case(f, value, &why)) {
            print_error("%s: %.*s: %.*s\n", folder, GH_FMT(name), GH_FMT(why));
            failed++;
        }
        fixture_forget(f);
    }
    if (rc != GH_END)
        fail_msg("%s/cases.yaml:%u: %s", folder, err.line, err.text);
    (void)gh_yaml_free(y);
    return failed;
}

static size_t run_folder(const char *folder, size_t *ret_count)
{
    struct fixture *f FIXTURE_CLEANUP = fixture_new();
    char path[512];
    size_t before = *ret_count;
    size_t failed;
    size_t len;
    char *text;

    (void)snprintf(path, sizeof(path), FOLDERS "/%s/mesh.yaml", folder);
    fixture_file(f, path);
    (void)snprintf(path, sizeof(path), FOLDERS "/%s/cases.yaml", folder);
    text = slurp(path, &len);
    failed = run_cases(f, folder, text, len, ret_count);
    free(text);
    if (*ret_count == before)
        fail_msg("%s has no cases", folder);
    return failed;
}

static void decides_every_folder(void **state)
{
    struct dirent **list;
    int n = scandir(FOLDERS, &list, keep_folders, alphasort);
    size_t failed = 0;
    size_t count = 0;

    (void)state;
    assert_true(n > 0);
    for (int i = 0; i < n; i++) {
        failed += run_folder(list[i]->d_name, &count);
        free(list[i]);
    }
    free(list);
    print_message("%d folders, %zu cases, %zu failed\n", n, count, failed);
    assert_int_equal(failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decides_every_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
