/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh_fixture.h"

#include "mesh/decide.h"

/*
 * Why: for each way to miss, the sentence and the remedy as people read them
 *
 * One mesh; each row asks one port and compares the whole answer, line by line:
 * the reason, then the near misses in order.
 */

#define ID(account, domain) account ".serviceaccount.identity.linkerd." domain
#define COOK ID("cook.shop", "cluster.local")
#define COOK_ELSEWHERE ID("cook.shop", "example.org")
#define GUEST ID("guest.shop", "cluster.local")
#define INJECT                                                                 \
    "inject the client (linkerd.io/inject: enabled), or add a policy that "    \
    "requires only a NetworkAuthentication"

struct question {
    const char *pod;
    uint16_t port;
    const char *identity; /* NULL: none; "tls": TLS without one */
    const char *ip;
    const char *path; /* NULL: not HTTP */
    const char *expected;
};

static const char *answer(struct fixture *f, const struct question *q)
{
    const struct gh_podset *set =
        gh_mesh_pod(f->mesh, GH_SLICE("shop"), gh_slice_str(q->pod), NULL);
    const struct gh_port_policy *p = gh_port_policy(f->mesh, set, q->port);
    struct gh_client client = {.identity = gh_slice_str(q->identity)};
    struct gh_request request = {.method = GH_SLICE("GET"),
                                 .path = gh_slice_str(q->path)};
    struct gh_decision d;
    struct gh_slice text;

    if (q->identity)
        client.tls = strcmp(q->identity, "tls") == 0 ? GH_CLIENT_TLS
                                                     : GH_CLIENT_IDENTIFIED;
    if (q->ip) {
        client.has_ip = true;
        assert_true(gh_ip_parse(gh_slice_str(q->ip), &client.ip));
    }
    if (q->path)
        gh_decide_http(p, &client, &request, GH_EVIDENCE_FULL, &f->arena, &d);
    else
        gh_decide_tcp(p, &client, GH_EVIDENCE_FULL, &f->arena, &d);
    text = gh_arena_fmt(&f->arena, "%s: %.*s", gh_verdict_name(d.verdict),
                        GH_FMT(d.reason));
    for (size_t i = 0; i < d.miss_count; i++)
        text =
            gh_arena_fmt(&f->arena, "%.*s\n%s %.*s %.*s\n%.*s", GH_FMT(text),
                         gh_near_miss_name(d.misses[i].why),
                         GH_FMT(d.misses[i].authz->label),
                         GH_FMT(d.misses[i].text), GH_FMT(d.misses[i].remedy));
    return text.ptr;
}

static void ask(const struct question *questions, size_t count)
{
    struct fixture *f FIXTURE_CLEANUP = fixture_new();

    fixture_file(f, "tests/unit/mesh/data/evidence.yaml");
    for (size_t i = 0; i < count; i++)
        assert_string_equal(answer(f, &questions[i]), questions[i].expected);
}

#define ASK(questions) ask((questions), GH_COUNT(questions))

static void explains_identities(void **state)
{
    static const struct question questions[] = {
        {"web", 80, COOK, NULL, "/",
         "allow: permitted by AuthorizationPolicy/shop/staff, under Server "
         "shop/ids"},
        {"web", 80, COOK_ELSEWHERE, NULL, "/",
         "deny: no authorization of Server shop/ids admits this client\n"
         "trust-domain AuthorizationPolicy/shop/staff lists " COOK
         ": the same service account, but another control plane or trust "
         "domain than the client's " COOK_ELSEWHERE "\n"
         "add " COOK_ELSEWHERE " to MeshTLSAuthentication shop/staff, or refer "
         "to accounts rather than to their names"},
        {"web", 80, GUEST, NULL, "/",
         "deny: no authorization of Server shop/ids admits this client\n"
         "identity AuthorizationPolicy/shop/staff admits " COOK ", not " GUEST
         "\n"
         "add " GUEST " to MeshTLSAuthentication shop/staff"},
        {"web", 80, "spiffe://x/y", NULL, "/",
         "deny: no authorization of Server shop/ids admits this client\n"
         "identity AuthorizationPolicy/shop/staff admits " COOK
         ", not spiffe://x/y\n"
         "add spiffe://x/y to MeshTLSAuthentication shop/staff"},
        {"web", 80, NULL, "10.0.0.1", "/",
         "deny: no authorization of Server shop/ids admits this client\n"
         "unmeshed AuthorizationPolicy/shop/staff admits " COOK
         "; the client has no mesh identity\n" INJECT},
        {"web", 80, "tls", NULL, "/",
         "deny: no authorization of Server shop/ids admits this client\n"
         "unmeshed AuthorizationPolicy/shop/staff admits " COOK
         "; the client has mesh TLS but no identity\n" INJECT},
        {"web", 87, NULL, NULL, "/",
         "deny: no authorization of Server shop/tls admits this client\n"
         "unmeshed ServerAuthorization/shop/tls admits any client with mesh "
         "TLS; the client has no mesh identity\n" INJECT},
        {"web", 90, "spiffe://x/y", NULL, "/",
         "deny: no authorization of Server shop/any admits this client\n"
         "spiffe ServerAuthorization/shop/any admits *.local and 2 more; "
         "wildcards never match SPIFFE identities such as spiffe://x/y\n"
         "add spiffe://x/y to ServerAuthorization/shop/any"},
        {"web", 87, "a.b", "192.0.2.1", "/",
         "deny: no authorization of Server shop/tls admits this client\n"
         "network ServerAuthorization/shop/tls admits this client, but only "
         "from 10.0.0.0/8\n"
         "add the client's network to ServerAuthorization/shop/tls"},
    };

    (void)state;
    ASK(questions);
}

static void explains_networks(void **state)
{
    static const struct question questions[] = {
        {"web", 81, NULL, "10.9.0.1", NULL,
         "deny: no authorization of Server shop/nets admits this client\n"
         "network AuthorizationPolicy/shop/near admits this client, but only "
         "from 10.1.0.0/16 (with exceptions), 10.2.0.0/16, 10.3.0.0/16 and 1 "
         "more\n"
         "add the client's network to NetworkAuthentication shop/near"},
        {"web", 81, NULL, NULL, NULL,
         "depends: depends on the client's address: "
         "AuthorizationPolicy/shop/near admits it from 10.1.0.0/16 (with "
         "exceptions), 10.2.0.0/16, 10.3.0.0/16 and 1 more\n"
         "network AuthorizationPolicy/shop/near admits this client from "
         "10.1.0.0/16 (with exceptions), 10.2.0.0/16, 10.3.0.0/16 and 1 more; "
         "its address is not known\n"
         "add the client's network to NetworkAuthentication shop/near"},
        {"near", 80, "spiffe://x/y", "10.0.0.1", "/",
         "deny: no authorization of the default policy "
         "\"cluster-authenticated\" (the pod's default-inbound-policy "
         "annotation) admits this client\n"
         "spiffe default/cluster-authenticated admits *; wildcards never match "
         "SPIFFE identities such as spiffe://x/y\n"
         "write a Server, and a policy that requires a MeshTLSAuthentication "
         "with spiffe://x/y"},
        {"near", 80, "a.b", "192.0.2.1", "/",
         "deny: no authorization of the default policy "
         "\"cluster-authenticated\" (the pod's default-inbound-policy "
         "annotation) admits this client\n"
         "network default/cluster-authenticated admits this client, but only "
         "from 10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12 and 2 more\n"
         "write a Server, and a policy that admits the client's network, or "
         "add it to the networks that Linkerd was installed with"},
        {"near", 80, "a.b", NULL, "/",
         "depends: depends on the client's address: "
         "default/cluster-authenticated admits it from 10.0.0.0/8, "
         "100.64.0.0/10, 172.16.0.0/12 and 2 more\n"
         "network default/cluster-authenticated admits this client from "
         "10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12 and 2 more; its address is "
         "not known\n"
         "write a Server, and a policy that admits the client's network, or "
         "add it to the networks that Linkerd was installed with"},
    };

    (void)state;
    ASK(questions);
}

static void explains_ignored_policies(void **state)
{
    static const struct question questions[] = {
        {"web", 82, "a.b", NULL, "/",
         "deny: nothing permits anyone under Server shop/gone\n"
         "ignored AuthorizationPolicy/shop/gone is ignored by Linkerd: "
         "NetworkAuthentication \"lost\", which it requires, does not exist in "
         "namespace shop\n"
         "create NetworkAuthentication shop/lost, or correct the reference\n"
         "ignored AuthorizationPolicy/shop/groupless is ignored by Linkerd: it "
         "requires a NetworkAuthentication of group \"\", which is no kind of "
         "authentication\n"
         "set group: policy.linkerd.io on the reference\n"
         "ignored AuthorizationPolicy/shop/two is ignored by Linkerd: it "
         "requires more than one MeshTLSAuthentication or ServiceAccount\n"
         "merge them into one object, or write a second policy: references are "
         "ANDed, policies are ORed"},
    };

    (void)state;
    ASK(questions);
}

static void explains_routes(void **state)
{
    static const struct question questions[] = {
        {"web", 83, GUEST, NULL, "/b",
         "deny: no authorization of Server shop/routed admits this client\n"
         "ignored AuthorizationPolicy/shop/b-lost is ignored by Linkerd: "
         "MeshTLSAuthentication \"lost\", which it requires, does not exist in "
         "namespace shop\n"
         "create MeshTLSAuthentication shop/lost, or correct the reference\n"
         "identity AuthorizationPolicy/shop/b admits " COOK ", not " GUEST "\n"
         "write a policy that requires a MeshTLSAuthentication with " GUEST "\n"
         "route AuthorizationPolicy/shop/a admits this client, but only on "
         "HTTPRoute/shop/a\n"
         "target the Server, or the route the request takes"},
        {"web", 83, "a.b", NULL, "/c",
         "not-found: no route of Server shop/routed matches the request: HTTP "
         "404; with a route on a Server, only its routes exist"},
        {"web", 85, "a.b", NULL, "/",
         "deny: nothing permits anyone under Server shop/lost\n"
         "route AuthorizationPolicy/shop/lost admits this client, but only on "
         "HTTPRoute/shop/lost, which is not in effect: a parentRef to a Server "
         "sets port\n"
         "mend the route, or target the Server"},
        {"web", 83, NULL, NULL, "/b",
         "deny: no authorization of Server shop/routed admits this client\n"
         "ignored AuthorizationPolicy/shop/b-lost is ignored by Linkerd: "
         "MeshTLSAuthentication \"lost\", which it requires, does not exist in "
         "namespace shop\n"
         "create MeshTLSAuthentication shop/lost, or correct the reference\n"
         "unmeshed AuthorizationPolicy/shop/b admits " COOK
         "; the client has no mesh identity\n" INJECT "\n"
         "route AuthorizationPolicy/shop/a admits this client, but only on "
         "HTTPRoute/shop/a\n"
         "target the Server, or the route the request takes"},
        {"web", 91, "a.b", NULL, "/",
         "deny: a GRPCRoute on Server shop/calls has a match without method: "
         "proxies up to v2.366 refuse the whole policy and deny everything on "
         "the port"},
        {"web", 92, "a.b", NULL, "/",
         "not-found: no route of Server shop/plain-calls matches the request: "
         "HTTP 404 (gRPC: only POST /service/method exists)"},
    };

    (void)state;
    ASK(questions);
}

static void explains_servers(void **state)
{
    static const struct question questions[] = {
        {"web", 84, "a.b", NULL, "/",
         "deny: nothing permits anyone under Server shop/twice\n"
         "other-server AuthorizationPolicy/shop/twice-too admits this client, "
         "but targets Server \"twice-too\", which is shadowed: Server "
         "\"twice\", which comes first (same age, by name), has the port\n"
         "target Server \"twice\", or remove one of the two Servers"},
        {"web", 86, "a.b", NULL, NULL,
         "deny: Server shop/http speaks HTTP/1 only: a connection that is "
         "opaque, or not HTTP, is refused whoever the client is"},
        {"web", 86, "a.b", NULL, "/",
         "allow: permitted by default/all-unauthenticated, under Server "
         "shop/http"},
        {"web", 88, "a.b", NULL, "/",
         "deny: nothing permits anyone under Server shop/empty"},
        {"web", 89, NULL, NULL, "/",
         "allow: allowed only by accessPolicy audit, and logged: without it, "
         "this would be denied\n"
         "unmeshed AuthorizationPolicy/shop/audit admits " COOK
         "; the client has no mesh identity\n" INJECT},
        {"web", 89, COOK, NULL, "/",
         "allow: permitted by AuthorizationPolicy/shop/audit and 1 more, under "
         "Server shop/audit"},
    };

    (void)state;
    ASK(questions);
}

static void explains_the_absence_of_servers(void **state)
{
    static const struct question questions[] = {
        {"bare", 80, NULL, NULL, "/",
         "not-enforced: no policy is enforced: the target is not in the mesh "
         "(the pod has no linkerd-proxy container)"},
        {"skips", 80, NULL, NULL, "/",
         "not-enforced: no policy is enforced: port 80 is in "
         "config.linkerd.io/skip-inbound-ports and bypasses the proxy"},
        {"skips", 81, NULL, NULL, "/",
         "allow: permitted by default/all-unauthenticated, under the default "
         "policy \"all-unauthenticated\" (the cluster's default: the pod's "
         "default-inbound-policy annotation is invalid)"},
        {"closed", 80, "a.b", NULL, "/",
         "deny: nothing permits anyone under the default policy \"deny\" (the "
         "pod's default-inbound-policy annotation)"},
    };

    (void)state;
    ASK(questions);
}

/* Verdicts alone cost no text; both say the same. */
static void formats_only_when_asked(void **state)
{
    struct fixture *f FIXTURE_CLEANUP = fixture_new();
    struct gh_client client = {.tls = GH_CLIENT_PLAIN};
    struct gh_request get = {.method = GH_SLICE("GET"), .path = GH_SLICE("/")};
    const struct gh_podset *set;
    struct gh_decision d;

    (void)state;
    fixture_file(f, "tests/unit/mesh/data/evidence.yaml");
    set = gh_mesh_pod(f->mesh, GH_SLICE("shop"), GH_SLICE("web"), NULL);
    gh_decide_http(gh_port_policy(f->mesh, set, 80), &client, &get,
                   GH_EVIDENCE_NONE, &f->arena, &d);
    assert_int_equal(d.verdict, GH_DENY);
    assert_null(d.reason.ptr);
    assert_int_equal(d.miss_count, 0);
}

/* Where memory ends, the verdict stands, and is never an allow too many. */
static void decides_without_memory(void **state)
{
    struct fixture *f FIXTURE_CLEANUP = fixture_new();
    struct gh_client client = {.tls = GH_CLIENT_PLAIN};
    struct gh_arena none;
    struct gh_decision d;

    (void)state;
    fixture_file(f, "tests/unit/mesh/data/evidence.yaml");
    gh_arena_init(&none, 0);
    gh_decide_tcp(gh_port_policy(f->mesh,
                                 gh_mesh_pod(f->mesh, GH_SLICE("shop"),
                                             GH_SLICE("web"), NULL),
                                 82),
                  &client, GH_EVIDENCE_FULL, &none, &d);
    assert_int_equal(d.verdict, GH_DENY);
    assert_int_equal(d.miss_count, 0);
    gh_arena_fini(&none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(explains_identities),
        cmocka_unit_test(explains_networks),
        cmocka_unit_test(explains_ignored_policies),
        cmocka_unit_test(explains_routes),
        cmocka_unit_test(explains_servers),
        cmocka_unit_test(explains_the_absence_of_servers),
        cmocka_unit_test(formats_only_when_asked),
        cmocka_unit_test(decides_without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
