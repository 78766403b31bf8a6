/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "app/names.h"
#include "wire/yaml.h"

#define DEPLOYMENT(ns, name)                                                   \
    "apiVersion: apps/v1\nkind: Deployment\n"                                  \
    "metadata: {namespace: " ns ", name: " name "}\n"                          \
    "spec: {template: {metadata: {labels: {app: " name                         \
    "}}, spec: {containers: []}}}\n---\n"

static const char yaml[] = DEPLOYMENT("shop", "web") DEPLOYMENT("shop", "api")
    DEPLOYMENT("lab", "api") DEPLOYMENT("deploy", "odd");

struct fixture {
    struct gh_store *store;
    struct gh_mesh *mesh;
    struct gh_arena arena;
};

static void fill(struct fixture *f)
{
    struct gh_yaml *y = gh_yaml_new(gh_slice_str(yaml), NULL);
    struct gh_txn *t;
    struct gh_json_doc doc;
    struct gh_err err;

    f->store = gh_store_new(&(struct gh_store_options){0});
    f->mesh = gh_mesh_new(f->store);
    gh_arena_init(&f->arena, 1 << 24);
    t = gh_store_begin(f->store, GH_SLICE("test"), 0);
    gh_txn_scope(t, GH_SLICE("x"));
    while (gh_yaml_next(y, &f->arena, &doc, &err) == GH_OK)
        assert_int_equal(gh_txn_put(t, gh_json_root(&doc), 1, 1, &err), GH_OK);
    gh_txn_commit(t, NULL);
    gh_yaml_free(y);
    gh_mesh_sync(f->mesh);
}

static void empty(struct fixture *f)
{
    gh_mesh_free(f->mesh);
    gh_store_free(f->store);
    gh_arena_fini(&f->arena);
}

static const struct {
    const char *text;
    const char *default_ns;
    const char *ns; /* NULL: an error */
    const char *name_or_error;
} names[] = {
    {"shop/web", NULL, "shop", "web"},
    {"shop/deploy/web", NULL, "shop", "deploy/web"},
    {"web", NULL, "shop", "web"},
    {"web", "lab", "lab", "web"},
    {"deploy/web", "shop", "deploy", "web"}, /* a namespace of that name */
    {"sts/web", "shop", "shop", "sts/web"},
    {"lab/web", "shop", "lab", "web"},
    {"nowhere/web", NULL, "nowhere", "web"},
    {"api", NULL, NULL, "is in namespace lab and in shop"},
    {"nix", NULL, NULL, "no namespace has anything called \"nix\""},
    {"", NULL, NULL, "empty"},
};

static void test_names(void **state)
{
    struct fixture f;

    (void)state;
    fill(&f);
    for (size_t i = 0; i < GH_COUNT(names); i++) {
        struct gh_cli_name got;
        struct gh_err err = {0};
        bool ok = gh_cli_name_parse(f.mesh, gh_slice_str(names[i].text),
                                    gh_slice_str(names[i].default_ns),
                                    GH_SELECT_SOURCE, &f.arena, &got, &err);

        if (!names[i].ns) {
            if (ok || !strstr(err.text, names[i].name_or_error))
                fail_msg("%s: %s", names[i].text, err.text);
            continue;
        }
        if (!ok)
            fail_msg("%s: %s", names[i].text, err.text);
        assert_true(gh_slice_is(got.ns, names[i].ns));
        assert_true(gh_slice_is(got.name, names[i].name_or_error));
    }
    empty(&f);
}

static void test_port_cut(void **state)
{
    static const struct {
        const char *text;
        const char *rest;
        const char *port;
    } cases[] = {
        {"shop/web:80", "shop/web", "80"},
        {"web:http", "web", "http"},
        {"web:", "web", ""},
        {"web", "web", NULL},
    };

    (void)state;
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        struct gh_slice rest = gh_slice_str(cases[i].text);
        struct gh_slice port = gh_cli_port_cut(&rest);

        assert_true(gh_slice_is(rest, cases[i].rest));
        assert_true(cases[i].port ? gh_slice_is(port, cases[i].port)
                                  : !port.ptr);
    }
}

static void test_identity(void **state)
{
    (void)state;
    assert_true(gh_cli_is_identity(GH_SLICE("spiffe://a/b")));
    assert_true(gh_cli_is_identity(
        GH_SLICE("a.b.serviceaccount.identity.linkerd.cluster.local")));
    assert_false(gh_cli_is_identity(GH_SLICE("shop/web")));
    assert_false(gh_cli_is_identity(GH_SLICE("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_port_cut),
        cmocka_unit_test(test_identity),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
