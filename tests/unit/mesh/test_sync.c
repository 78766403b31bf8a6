/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh_fixture.h"

/*
 * What changed is in the next answer, and nothing of what was remains
 *
 * Each step writes one thing and asks the same question again. Scopes are
 * like files: writing one replaces it.
 */

#define POLICY "apiVersion: policy.linkerd.io/v1beta3\n"
#define ALPHA "apiVersion: policy.linkerd.io/v1alpha1\n"
#define AT_SERVER                                                              \
    "targetRef: {group: policy.linkerd.io, kind: Server, name: web}"

static const char base[] =
    "apiVersion: v1\n"
    "kind: Pod\n"
    "metadata: {name: web, namespace: shop, labels: {app: web}}\n"
    "spec: {containers: [{name: linkerd-proxy},\n"
    "  {name: web, ports: [{name: http, containerPort: 8080}]}]}\n"
    "---\n" POLICY "kind: Server\n"
    "metadata: {name: web, namespace: shop}\n"
    "spec: {podSelector: {matchLabels: {app: web}}, port: http}\n";

static const char account_policy[] =
    ALPHA "kind: AuthorizationPolicy\n"
          "metadata: {name: clients, namespace: shop}\n"
          "spec: {" AT_SERVER ",\n"
          "  requiredAuthenticationRefs: [{kind: ServiceAccount, name: a}]}\n";

static const char open_policy[] =
    ALPHA "kind: AuthorizationPolicy\n"
          "metadata: {name: clients, namespace: shop}\n"
          "spec: {" AT_SERVER ", requiredAuthenticationRefs: []}\n";

static const char far_policy[] =
    ALPHA "kind: AuthorizationPolicy\n"
          "metadata: {name: clients, namespace: shop}\n"
          "spec: {" AT_SERVER ", requiredAuthenticationRefs: [{group: "
          "policy.linkerd.io, kind: MeshTLSAuthentication, name: staff, "
          "namespace: platform}]}\n";

static const char staff[] =
    ALPHA "kind: MeshTLSAuthentication\n"
          "metadata: {name: staff, namespace: platform}\n"
          "spec: {identities: [stranger.example]}\n";

/* The question: may "a", may a stranger? */
static const char *ask(struct fixture *f, const char *from)
{
    struct gh_slice text =
        gh_arena_fmt(&f->arena,
                     "{from: {%s}, to: {pod: shop/web, port: 8080}, request: "
                     "{path: /api}, expect: allow}",
                     from);
    struct gh_case_result res;
    struct gh_err err;

    if (!gh_case_run(f->mesh, fixture_json(f, text.ptr), &f->arena, &res, &err))
        return "error";
    return res.got;
}

#define A "identity: a.shop.serviceaccount.identity.linkerd.cluster.local"
#define STRANGER "identity: stranger.example"
#define ASSERT_ASKED(f, from, verdict)                                         \
    assert_string_equal(ask((f), (from)), (verdict))

static struct fixture *opened(const char *policy)
{
    struct fixture *f = fixture_new();

    fixture_yaml(f, "base", base);
    if (policy)
        fixture_yaml(f, "policy", policy);
    return f;
}

static void takes_in_a_policy(void **state)
{
    struct fixture *f FIXTURE_CLEANUP = opened(NULL);

    (void)state;
    ASSERT_ASKED(f, A, "deny");
    fixture_yaml(f, "policy", account_policy);
    ASSERT_ASKED(f, A, "allow");
    ASSERT_ASKED(f, STRANGER, "deny");
    fixture_yaml(f, "policy", open_policy);
    ASSERT_ASKED(f, STRANGER, "allow");
    fixture_yaml(f, "policy", account_policy);
    ASSERT_ASKED(f, STRANGER, "deny");
    fixture_drop(f, "policy");
    ASSERT_ASKED(f, A, "deny");
}

static void takes_in_an_authentication_elsewhere(void **state)
{
    struct fixture *f FIXTURE_CLEANUP = opened(far_policy);

    (void)state;
    ASSERT_ASKED(f, STRANGER, "deny");
    fixture_yaml(f, "staff", staff);
    ASSERT_ASKED(f, STRANGER, "allow");
    fixture_yaml(f, "staff",
                 ALPHA "kind: MeshTLSAuthentication\n"
                       "metadata: {name: staff, namespace: platform}\n"
                       "spec: {identities: [other.example]}\n");
    ASSERT_ASKED(f, STRANGER, "deny");
    fixture_yaml(f, "staff", staff);
    ASSERT_ASKED(f, STRANGER, "allow");
    fixture_drop(f, "staff");
    ASSERT_ASKED(f, STRANGER, "deny");
}

static void takes_in_servers_and_pods(void **state)
{
    struct fixture *f FIXTURE_CLEANUP = opened(account_policy);

    (void)state;
    ASSERT_ASKED(f, STRANGER, "deny");
    /* Another Server is older by name, and open. */
    fixture_yaml(f, "more",
                 POLICY "kind: Server\n"
                        "metadata: {name: a, namespace: shop}\n"
                        "spec: {podSelector: {}, port: 8080, accessPolicy: "
                        "all-unauthenticated}\n");
    ASSERT_ASKED(f, STRANGER, "allow");
    fixture_drop(f, "more");
    ASSERT_ASKED(f, STRANGER, "deny");
    /* The pod is selected no longer, then bypasses, then is gone. */
    fixture_yaml(f, "base",
                 "apiVersion: v1\n"
                 "kind: Pod\n"
                 "metadata: {name: web, namespace: shop, labels: {app: x}}\n"
                 "spec: {containers: [{name: linkerd-proxy}]}\n");
    ASSERT_ASKED(f, STRANGER, "allow");
    fixture_yaml(f, "base",
                 "apiVersion: v1\n"
                 "kind: Pod\n"
                 "metadata: {name: web, namespace: shop}\n"
                 "spec: {containers: [{name: web}]}\n");
    ASSERT_ASKED(f, STRANGER, "not-enforced");
    fixture_drop(f, "base");
    ASSERT_ASKED(f, STRANGER, "error");
}

static void takes_in_the_configuration(void **state)
{
    struct fixture *f FIXTURE_CLEANUP = opened(account_policy);

    (void)state;
    ASSERT_ASKED(f, A, "allow");
    fixture_yaml(f, "config",
                 "apiVersion: v1\n"
                 "kind: ConfigMap\n"
                 "metadata: {name: linkerd-config, namespace: linkerd}\n"
                 "data: {values: \"identityTrustDomain: example.org\"}\n");
    ASSERT_ASKED(f, A, "deny");
    ASSERT_ASKED(f,
                 "identity: a.shop.serviceaccount.identity.linkerd.example.org",
                 "allow");
    fixture_drop(f, "config");
    ASSERT_ASKED(f, A, "allow");
}

static const char route[] =
    POLICY "kind: HTTPRoute\n"
           "metadata: {name: web, namespace: shop}\n"
           "spec: {parentRefs: [{kind: Server, name: web}], rules: [{matches: "
           "[{path: {value: /other}}]}]}\n";

static void takes_in_routes(void **state)
{
    struct fixture *f FIXTURE_CLEANUP = opened(open_policy);

    (void)state;
    ASSERT_ASKED(f, A, "allow");
    fixture_yaml(f, "route", route);
    ASSERT_ASKED(f, A, "not-found");
    fixture_drop(f, "route");
    ASSERT_ASKED(f, A, "allow");
}

/* A GRPCRoute of any namespace takes an HTTPRoute's acceptance away. */
static void takes_in_rivals_elsewhere(void **state)
{
    struct fixture *f FIXTURE_CLEANUP = opened(open_policy);

    (void)state;
    fixture_yaml(f, "route", route);
    ASSERT_ASKED(f, A, "not-found");
    fixture_yaml(f, "rival",
                 "apiVersion: gateway.networking.k8s.io/v1\n"
                 "kind: GRPCRoute\n"
                 "metadata: {name: far, namespace: platform}\n"
                 "spec: {parentRefs: [{group: policy.linkerd.io, kind: Server, "
                 "name: web, namespace: shop}]}\n");
    ASSERT_ASKED(f, A, "allow");
    fixture_yaml(f, "rival",
                 "apiVersion: gateway.networking.k8s.io/v1\n"
                 "kind: GRPCRoute\n"
                 "metadata: {name: far, namespace: platform}\n"
                 "spec: {parentRefs: [{group: policy.linkerd.io, kind: Server, "
                 "name: web}]}\n");
    ASSERT_ASKED(f, A, "not-found");
}

/* Injection follows the Namespace's annotations. */
static void takes_in_namespaces(void **state)
{
    struct fixture *f FIXTURE_CLEANUP = fixture_new();
    static const char deployment[] =
        "apiVersion: apps/v1\n"
        "kind: Deployment\n"
        "metadata: {name: web, namespace: shop}\n"
        "spec: {template: {spec: {containers: [{name: web}]}}}\n";
    static const char question[] =
        "{from: {unauthenticated: true}, to: {workload: shop/web, port: 80}, "
        "expect: allow}";
    struct gh_case_result res;
    struct gh_err err;

    (void)state;
    fixture_yaml(f, "web", deployment);
    assert_true(
        gh_case_run(f->mesh, fixture_json(f, question), &f->arena, &res, &err));
    assert_string_equal(res.got, "not-enforced");
    fixture_yaml(f, "ns",
                 "apiVersion: v1\n"
                 "kind: Namespace\n"
                 "metadata: {name: shop, annotations: {linkerd.io/inject: "
                 "enabled, config.linkerd.io/default-inbound-policy: deny}}\n");
    assert_true(
        gh_case_run(f->mesh, fixture_json(f, question), &f->arena, &res, &err));
    assert_string_equal(res.got, "deny");
}

static size_t port_count(struct fixture *f)
{
    const struct gh_podset *set =
        gh_mesh_pod(f->mesh, GH_SLICE("shop"), GH_SLICE("web"), NULL);
    size_t count;

    assert_non_null(set);
    (void)gh_podset_ports(f->mesh, set, &f->arena, &count);
    return count;
}

/* The list of ports is kept; a Service adds to it. */
static void takes_in_services(void **state)
{
    struct fixture *f FIXTURE_CLEANUP = opened(NULL);

    (void)state;
    assert_int_equal(port_count(f), 1);
    fixture_yaml(f, "service",
                 "apiVersion: v1\n"
                 "kind: Service\n"
                 "metadata: {name: web, namespace: shop}\n"
                 "spec: {selector: {app: web}, ports: [{port: 9999}]}\n");
    assert_int_equal(port_count(f), 2);
    fixture_drop(f, "service");
    assert_int_equal(port_count(f), 1);
}

static void knows_its_namespaces(void **state)
{
    struct fixture *f FIXTURE_CLEANUP = opened(NULL);
    struct gh_slice name;

    (void)state;
    fixture_yaml(f, "staff", staff);
    assert_true(gh_mesh_ns_at(f->mesh, 0, &name));
    assert_true(gh_slice_is(name, "platform"));
    assert_true(gh_mesh_ns_at(f->mesh, 1, &name));
    assert_true(gh_slice_is(name, "shop"));
    assert_false(gh_mesh_ns_at(f->mesh, 2, &name));
    assert_true(gh_mesh_has_ns(f->mesh, GH_SLICE("platform")));
    fixture_drop(f, "staff");
    assert_false(gh_mesh_has_ns(f->mesh, GH_SLICE("platform")));
    assert_true(gh_mesh_ns_at(f->mesh, 0, &name));
    assert_true(gh_slice_is(name, "shop"));
    assert_false(gh_mesh_ns_at(f->mesh, 1, &name));
    /* One that was only asked for does not come to be. */
    (void)gh_mesh_plan(f->mesh, GH_SLICE("asked"));
    assert_false(gh_mesh_has_ns(f->mesh, GH_SLICE("asked")));
    assert_false(gh_mesh_has_ns(f->mesh, gh_slice_str(NULL)));
}

/* Where it lags behind so far that deletions are forgotten, it starts over. */
static void starts_over_when_it_lags(void **state)
{
    struct fixture *f FIXTURE_CLEANUP = opened(open_policy);

    (void)state;
    ASSERT_ASKED(f, STRANGER, "allow");
    for (int i = 0; i < 3000; i++) {
        struct gh_txn *t = gh_store_begin(f->store, GH_SLICE("test"), 0);
        char name[32];

        (void)snprintf(name, sizeof(name), "policy-%d", i);
        gh_txn_scope(t, GH_SLICE("churn"));
        fixture_forget(f);
        fixture_put(t,
                    fixture_json(
                        f, gh_arena_fmt(&f->arena,
                                        ALPHA "kind: AuthorizationPolicy\n"
                                              "metadata: {name: %s, namespace: "
                                              "shop}\nspec: {}\n",
                                        name)
                               .ptr));
        gh_txn_commit(t, NULL);
    }
    fixture_drop(f, "policy");
    fixture_drop(f, "churn");
    ASSERT_ASKED(f, STRANGER, "deny");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_in_a_policy),
        cmocka_unit_test(takes_in_an_authentication_elsewhere),
        cmocka_unit_test(takes_in_servers_and_pods),
        cmocka_unit_test(takes_in_the_configuration),
        cmocka_unit_test(takes_in_routes),
        cmocka_unit_test(takes_in_rivals_elsewhere),
        cmocka_unit_test(takes_in_namespaces),
        cmocka_unit_test(takes_in_services),
        cmocka_unit_test(knows_its_namespaces),
        cmocka_unit_test(starts_over_when_it_lags),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
