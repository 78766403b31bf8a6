/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh_fixture.h"

/*
 * Machines outside of the cluster. Manifests carry no status: a machine that
 * nobody calls unready is not reported as such.
 */
static void ready_unless_told_otherwise(void **state)
{
    static const struct {
        const char *status;
        bool ready;
    } cases[] = {
        {"", true},
        {"status: {conditions: []}", true},
        {"status: {conditions: [{type: Ready, status: 'True'}]}", true},
        {"status: {conditions: [{type: Ready, status: 'False'}]}", false},
        {"status: {conditions: [{type: Ready, status: Unknown}]}", false},
    };

    (void)state;
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        struct fixture *f FIXTURE_CLEANUP = fixture_new();
        const struct gh_pod *pod;
        char text[512];

        (void)snprintf(text, sizeof(text),
                       "apiVersion: workload.linkerd.io/v1beta1\n"
                       "kind: ExternalWorkload\n"
                       "metadata: {name: vm, namespace: cellar}\n"
                       "spec: {meshTLS: {identity: x, serverName: x}}\n%s\n",
                       cases[i].status);
        fixture_yaml(f, "vm", text);
        assert_non_null(
            gh_mesh_external(f->mesh, GH_SLICE("cellar"), GH_SLICE("vm")));
        pod =
            gh_mesh_external(f->mesh, GH_SLICE("cellar"), GH_SLICE("vm"))->pods;
        assert_int_equal(pod->ready, cases[i].ready);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(ready_unless_told_otherwise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
