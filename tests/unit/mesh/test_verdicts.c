/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh_fixture.h"

/*
 * Verdicts of the running Linkerd
 *
 * Generated meshes as an API server holds them, and what Linkerd's policy
 * controller and proxy decided there: verdict and every authorization that
 * matched must be the same. The records are not part of this repository; see
 * tests/policy for meshes of our own.
 */

#define POLICY "data/linkerd/verdicts/policy"
#define SHOWN 40

static size_t run_lines(struct fixture *f, char *text, size_t len,
                        size_t *ret_failed)
{
    struct gh_slice rest = gh_slice_of(text, len);
    struct gh_slice line;
    size_t count = 0;

    while (gh_slice_cut(&rest, '\n', &line)) {
        struct gh_slice name;
        struct gh_slice why;
        struct gh_json_doc doc;

        if (gh_slice_trim(line).len == 0)
            continue;
        count++;
        fixture_forget(f);
        assert_int_equal(gh_json_parse(line, &f->arena, NULL, &doc, NULL),
                         GH_OK);
        name = gh_json_str(gh_json_get(gh_json_root(&doc), "name"));
        if (!fixture_case(f, gh_json_root(&doc), &why) &&
            (*ret_failed)++ < SHOWN)
            print_error("%.*s: %.*s\n", GH_FMT(name), GH_FMT(why));
    }
    return count;
}

static size_t run_record(const char *seed, size_t *ret_failed)
{
    struct fixture *f FIXTURE_CLEANUP = fixture_new();
    char file[64];
    char path[512];
    size_t len;
    char *cases;
    size_t count;

    (void)snprintf(file, sizeof(file), POLICY "/%s/mesh.json.gz", seed);
    if (!shared_path(path, sizeof(path), file))
        return 0;
    fixture_file(f, path);
    (void)snprintf(file, sizeof(file), POLICY "/%s/cases.jsonl.gz", seed);
    assert_non_null(shared_path(path, sizeof(path), file));
    cases = slurp(path, &len);
    count = run_lines(f, cases, len, ret_failed);
    free(cases);
    return count;
}

static void equals_the_running_linkerd(void **state)
{
    static const char *const seeds[] = {"1", "2", "13"};
    size_t failed = 0;
    size_t count = 0;

    (void)state;
    for (size_t i = 0; i < GH_COUNT(seeds); i++)
        count += run_record(seeds[i], &failed);
    if (count == 0)
        left_out("the recorded verdicts of Linkerd");
    print_message("%zu recorded verdicts, %zu differ\n", count, failed);
    assert_int_equal(failed, 0);
}

/* --- the demo of linkerd-mcp --- */

#define DEMO "data/linkerd/demo/"

static const char *const services[] = {"frontend", "api-gateway", "catalog",
                                       "cart",     "checkout",    "payment",
                                       "database"};

/* Who may call it; NULL: everyone, also unmeshed. */
static const struct {
    const char *target;
    const char *sources[4];
    const char *port;
    const char *over;
} matrix[] = {
    {"frontend", {NULL}, "http", "http"},
    {"api-gateway", {"frontend"}, "http", "http"},
    {"catalog", {"api-gateway", "cart"}, "http", "http"},
    {"cart", {"api-gateway", "checkout"}, "http", "http"},
    {"checkout", {"api-gateway"}, "http", "http"},
    {"payment", {"checkout"}, "http", "http"},
    {"database", {"catalog", "cart", "checkout", "payment"}, "postgres", "tcp"},
};

static bool may_call(size_t target, const char *source)
{
    bool anyone = !matrix[target].sources[0];

    for (size_t i = 0; source && i < GH_COUNT(matrix[0].sources); i++)
        if (matrix[target].sources[i] &&
            strcmp(matrix[target].sources[i], source) == 0)
            return true;
    return anyone;
}

/* Return: whether the verdict is what the matrix says. */
static bool check_pair(struct fixture *f, size_t target, const char *source)
{
    struct gh_slice from =
        source ? gh_arena_fmt(&f->arena, "workload: demo-app/Deployment/%s",
                              source)
               : GH_SLICE("unauthenticated: true");
    struct gh_slice text = gh_arena_fmt(
        &f->arena,
        "{name: %s to %s, from: {%.*s}, to: {workload: demo-app/Deployment/%s,"
        " port: %s}, over: %s, expect: %s}",
        source ? source : "unmeshed", matrix[target].target, GH_FMT(from),
        matrix[target].target, matrix[target].port, matrix[target].over,
        may_call(target, source) ? "allow" : "deny");
    struct gh_slice why;

    if (fixture_case(f, fixture_json(f, text.ptr), &why))
        return true;
    print_error("%s to %s: %.*s\n", source ? source : "unmeshed",
                matrix[target].target, GH_FMT(why));
    return false;
}

static void knows_the_demo(void **state)
{
    static const char *const files[] = {
        DEMO "namespace.yaml", DEMO "deployments.yaml", DEMO "servers.yaml",
        DEMO "auth-policies.yaml"};
    struct fixture *f FIXTURE_CLEANUP = fixture_new();
    size_t failed = 0;
    char path[512];

    (void)state;
    for (size_t i = 0; i < GH_COUNT(files); i++) {
        if (!shared_path(path, sizeof(path), files[i]))
            left_out("the demo's matrix");
        fixture_file(f, path);
    }
    for (size_t i = 0; i < GH_COUNT(matrix); i++) {
        for (size_t j = 0; j < GH_COUNT(services); j++)
            failed += !check_pair(f, i, services[j]);
        failed += !check_pair(f, i, NULL);
    }
    assert_int_equal(failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_the_running_linkerd),
        cmocka_unit_test(knows_the_demo),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
