/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh_fixture.h"

#include "mesh/judge.h"

/* Which rows fire on one object, with the field; shape before admission. */

#define SERVER(spec)                                                           \
    "apiVersion: policy.linkerd.io/v1beta3\nkind: Server\n"                    \
    "metadata: {namespace: a, name: s}\nspec: " spec "\n"

static const struct {
    const char *yaml;
    const char *code; /* of the first finding; NULL: of shape and admission
                         there is none */
    const char *path;
    const char *patch; /* NULL: none */
} cases[] = {
    {SERVER("{podSelector: {}, port: 80}"), NULL, NULL, NULL},
    {SERVER("{port: 80}"), "LNKD-002", "spec", NULL},
    {SERVER("{podSelector: {}}"), "LNKD-005", "spec.port", NULL},
    {SERVER("{podSelector: {}, port: 80, proxyProtocl: opaque}"), "LNKD-028",
     "spec.proxyProtocl",
     "[{\"op\":\"remove\",\"path\":\"/spec/proxyProtocl\"},{\"op\":\"add\","
     "\"path\":\"/spec/proxyProtocol\",\"value\":\"opaque\"}]"},
    {SERVER("{podSelector: {}, port: true}"), "LNKD-029", "spec.port", NULL},
    {SERVER("{podSelector: {}, port: 0}"), "LNKD-006", "spec.port", NULL},
    {"apiVersion: policy.linkerd.io/v2\nkind: Server\n"
     "metadata: {namespace: a, name: s}\nspec: {podSelector: {}, port: 1}\n",
     "LNKD-036", "apiVersion", NULL},
    {"apiVersion: policy.linkerd.io/v1alpha1\nkind: MeshTLSAuthentication\n"
     "metadata: {namespace: a, name: s}\nspec: {}\n",
     "LNKD-021", "spec", NULL},
    {"apiVersion: policy.linkerd.io/v1alpha1\nkind: MeshTLSAuthentication\n"
     "metadata: {namespace: a, name: s}\nspec: {identities: [\"*\"], "
     "identityRefs: []}\n",
     "LNKD-032", "spec", NULL},
    {"apiVersion: policy.linkerd.io/v1alpha1\nkind: AuthorizationPolicy\n"
     "metadata: {namespace: a, name: s}\nspec:\n"
     "  targetRef: {group: policy.linkerd.io, kind: Server}\n"
     "  requiredAuthenticationRefs: []\n",
     "LNKD-010", "spec.targetRef.name", NULL},
    {"apiVersion: policy.linkerd.io/v1alpha1\nkind: AuthorizationPolicy\n"
     "metadata: {namespace: a, name: s}\nspec:\n"
     "  targetRef: {group: policy.linkerd.io, kind: Server, name: x}\n"
     "  requiredAuthenticationRefs: [{kind: ServiceAccount}]\n",
     "LNKD-017", "spec.requiredAuthenticationRefs[0].name", NULL},
};

/* Without the mesh: what the judge wants is declared first. */
static struct fixture *fixture_bare(void)
{
    struct fixture *f = fixture_new();

    f->mesh = gh_mesh_free(f->mesh);
    f->store = gh_store_free(f->store);
    f->store = gh_store_new(NULL);
    return f;
}

static const struct gh_finding *first_of_object(const struct gh_findings *f)
{
    for (size_t i = 0; i < f->at.count; i++)
        if (f->at.at[i].row->class != GH_FINDING_MEANING)
            return &f->at.at[i];
    return NULL;
}

static void check_case(struct fixture *f, size_t i)
{
    struct gh_findings found;
    const struct gh_finding *first;

    gh_findings_init(&found, &f->arena, 0);
    gh_judge(f->mesh, &(struct gh_judge_options){0}, &found);
    gh_findings_sort(&found);
    first = first_of_object(&found);
    if (!first != !cases[i].code)
        fail_msg("case %zu: %s, expected %s", i,
                 first ? first->row->code : "nothing", cases[i].code);
    if (first) {
        assert_string_equal(first->row->code, cases[i].code);
        assert_true(gh_slice_is(first->path, cases[i].path));
        if (cases[i].patch)
            assert_true(gh_slice_is(first->patch, cases[i].patch));
    }
    gh_findings_fini(&found);
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        struct fixture *f FIXTURE_CLEANUP = fixture_bare();

        gh_judge_wants(f->store);
        f->mesh = gh_mesh_new(f->store);
        fixture_yaml(f, "a", cases[i].yaml);
        check_case(f, i);
    }
}

/* What is asked for is what is judged. */
static void test_filters(void **state)
{
    static const struct {
        const char *ns;
        const char *kind;
        const char *name;
        size_t count;
    } filters[] = {
        {NULL, NULL, NULL, 1},   {"a", NULL, NULL, 1},
        {"b", NULL, NULL, 0},    {"a", "server", "s", 1},
        {"a", "Server", "t", 0}, {"a", "HTTPRoute", NULL, 0},
    };
    struct fixture *f FIXTURE_CLEANUP = fixture_bare();

    (void)state;
    gh_judge_wants(f->store);
    f->mesh = gh_mesh_new(f->store);
    fixture_yaml(f, "a", SERVER("{podSelector: {}, port: 0}"));
    for (size_t i = 0; i < GH_COUNT(filters); i++) {
        struct gh_judge_options opt = {gh_slice_str(filters[i].ns),
                                       gh_slice_str(filters[i].kind),
                                       gh_slice_str(filters[i].name)};
        struct gh_findings found;
        size_t count = 0;

        gh_findings_init(&found, &f->arena, 0);
        gh_judge(f->mesh, &opt, &found);
        for (size_t k = 0; k < found.at.count; k++)
            count +=
                gh_slice_is(gh_slice_str(found.at.at[k].row->code), "LNKD-006");
        assert_int_equal(count, filters[i].count);
        gh_findings_fini(&found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_filters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
