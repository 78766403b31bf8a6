/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What answers call things: kinds of sources, routes, notes on traps.
 */

#include "tools_fixture.h"

#include "shop.h"

#define AP(name, refs) POLICY(name, "Server", "api-http", refs)
#define META(kind, name)                                                       \
    "kind: " kind "\nmetadata: {namespace: shop, name: " name "}\n"
#define V1 "apiVersion: policy.linkerd.io/v1alpha1\n"

/* --- everyone whom an authorization can admit -------------------------------
 */

static const char sources_yaml[] = AP("b-any",
                                      REF("MeshTLSAuthentication", "any"))
    AP("c-ns", REF("MeshTLSAuthentication", "of-ns"))
        AP("d-spiffe", REF("MeshTLSAuthentication", "spiffe")) AP(
            "e-net", REF("NetworkAuthentication", "rack")) AP("f-open", "")
            AP("g-account",
               "{kind: ServiceAccount, name: cron}") MESHTLS("any", "\"*\"")
                MESHTLS("spiffe", "\"spiffe://a/b\"") V1 META(
                    "MeshTLSAuthentication",
                    "of-ns") "spec: {identityRefs: [{kind: Namespace, name: "
                             "lab}]}\n---\n"
                             "apiVersion: policy.linkerd.io/v1beta1\n" META(
                                 "ServerAuthorization",
                                 "h-tls") "spec: {server: {name: api-http}, "
                                          "client: {networks: [{cidr: "
                                          "10.0.0.0/8}], meshTLS: "
                                          "{unauthenticatedTLS: true}}}\n---\n";

static const struct {
    const char *policy; /* its end */
    struct field fields[8];
} sources[] = {
    {"/b-any",
     {{"type", "'wildcard'"},
      {"description", "'All authenticated services'"},
      {"known", "true"}}},
    {"/c-ns",
     {{"type", "'namespace'"},
      {"namespace", "'lab'"},
      {"serviceAccount", "-"},
      {"description", "'every service account of namespace lab'"},
      {"known", "false"}}},
    {"/d-spiffe",
     {{"type", "'identity'"},
      {"identity", "'spiffe://a/b'"},
      {"known", "false"}}},
    {"/e-net",
     {{"type", "'network'"},
      {"cidr", "'10.1.0.0/31'"},
      {"except", "['10.1.0.0/32']"},
      {"authenticationPolicy", "'NetworkAuthentication/shop/rack'"}}},
    {"/f-open",
     {{"type", "'unauthenticated'"}, {"authenticationPolicy", "''"}}},
    {"/g-account",
     {{"type", "'serviceAccount'"},
      {"serviceAccount", "'cron'"},
      {"authenticationPolicy", "'ServiceAccount/shop/cron'"}}},
    {"/h-tls",
     {{"type", "'wildcard'"},
      {"description", "~from certain networks only"},
      {"identity", "-"}}},
};

static struct gh_json find_source(struct gh_json answer, const char *policy)
{
    struct gh_json list = look(answer, "allowedSources");

    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it);)
        if (gh_slice_ends(
                gh_json_str(gh_json_get(it.value, "authorizationPolicy")),
                gh_slice_str(policy)))
            return it.value;
    fail_msg("no entry of %s", policy);
    return GH_JSON_NONE;
}

static void test_sources(void **state)
{
    struct tools *t = tools_new(shop_yaml);
    struct gh_json answer;

    (void)state;
    tools_write(t, "more.yaml", sources_yaml);
    answer = call(t, "get_allowed_sources",
                  "'target_namespace':'shop','target_service':'api'");
    for (size_t i = 0; i < GH_COUNT(sources); i++) {
        struct gh_json entry = find_source(answer, sources[i].policy);

        for (const struct field *f = sources[i].fields; f->path; f++)
            expect_at(t, entry, f->path, f->expected);
    }
    /* Open to everyone now: all known workloads, meshed or not. */
    expect_at(t, answer, "totalAdmittedWorkloads", "6");
    tools_free(t);
}

/* --- routes
 * ------------------------------------------------------------------- */

#define ROUTE(group, kind, name, server, spec)                                 \
    "apiVersion: " group                                                       \
    "\n" META(kind, name) "spec:\n"                                            \
                          "  parentRefs: [{group: policy.linkerd.io, kind: "   \
                          "Server, name: " server "}]\n" spec "---\n"
#define POLICY_HTTP(name, spec)                                                \
    ROUTE("policy.linkerd.io/v1beta3", "HTTPRoute", name, "api-http", spec)

static const char routes_yaml[] = POLICY_HTTP(
    "a", "  hostnames: [api, api.shop]\n"
         "  rules: [{matches: [{path: {type: PathPrefix, value: "
         "/}, method: GET}]}]\n")
    POLICY_HTTP("b", "  rules: [{matches: [{path: {type: RegularExpression, "
                     "value: '/x/[0-9]+'}}, {headers: [{name: k, value: v}], "
                     "queryParams: [{name: q, value: w}]}]}]\n")
        POLICY_HTTP("c", "  rules: [{}]\n") POLICY_HTTP(
            "d", "  rules: [{matches: [{path: {type: RegularExpression, "
                 "value: '('}}]}]\n") SERVER("grpc", "old2", "gRPC")
            POD("shop", "rpc-0", "old2", "10.1.0.7", "True", SIDECAR, "")
                ROUTE("gateway.networking.k8s.io/v1", "GRPCRoute", "g", "grpc",
                      "  rules: [{matches: [{method: {service: a.B, method: "
                      "C}}, {method: "
                      "{service: a.B}}]}]\n");

static const struct question routes[] = {
    {"in words",
     "explain_policy",
     "'namespace':'shop','workload':'pod/api-0'",
     {{"ports/0/routes/0/route", "'HTTPRoute/shop/a'"},
      {"ports/0/routes/0/matches", "'GET /* for host api|api.shop'"},
      {"ports/0/routes/0/statusAssumed", "true"},
      {"ports/0/routes/1/matches", "'~/x/[0-9]+, header k=v query q=w'"},
      {"ports/0/routes/2/matches", "'everything'"},
      {"ports/0/ignoredRoutes/0/route", "'HTTPRoute/shop/d'"}}},
    {"of gRPC",
     "explain_policy",
     "'namespace':'shop','workload':'pod/rpc-0'",
     {{"ports/0/protocol", "'gRPC'"},
      {"ports/0/routes/0/matches", "'rpc a.B/C, rpc a.B/*'"}}},
};

static void test_routes(void **state)
{
    struct tools *t = tools_new(shop_yaml);

    (void)state;
    tools_write(t, "more.yaml", routes_yaml);
    answer_all(t, routes, GH_COUNT(routes));
    tools_free(t);
}

/* --- notes
 * -------------------------------------------------------------------- */

#define TRAP_POD                                                               \
    POD("shop", "trap-0", "trap", "10.1.0.8", "True", SIDECAR,                 \
        "config.linkerd.io/opaque-ports: \"8080\"")

static const struct {
    const char *name;
    const char *yaml;
    const char *args;
    const char *note;
} notes[] = {
    {"opaque", TRAP_POD SERVER("trap", "trap", "HTTP/1"),
     "'source_ip':'10.1.1.1','target_namespace':'shop',"
     "'target_service':'pod/trap-0'",
     "Opaque trap"},
    {"audit",
     "apiVersion: policy.linkerd.io/v1beta3\n" META(
         "Server",
         "aa") "spec: {podSelector: {matchLabels: {app: api}}, port: http, "
               "proxyProtocol: HTTP/1, accessPolicy: audit}\n",
     "'source_ip':'10.1.1.1','target_namespace':'shop',"
     "'target_service':'pod/api-0'",
     "only because of policy \\\"audit\\\""},
    {"rate limit",
     V1 META(
         "HTTPLocalRateLimitPolicy",
         "slow") "spec: {targetRef: {group: policy.linkerd.io, kind: Server, "
                 "name: "
                 "api-http}, total: {requestsPerSecond: 1}}\n"
                 "status: {conditions: [{type: Accepted, status: \"True\"}], "
                 "targetRef: "
                 "{group: policy.linkerd.io, kind: Server, name: api-http}}\n",
     "'source_ip':'10.1.1.1','target_namespace':'shop',"
     "'target_service':'pod/api-0'",
     "get 429"},
    {"what is not HTTP",
     "apiVersion: policy.linkerd.io/v1beta3\n" META(
         "Server",
         "aa") "spec: {podSelector: {matchLabels: {app: api}}, port: http, "
               "proxyProtocol: unknown}\n---\n" ROUTE(
                   "policy.linkerd.io/v1beta3", "HTTPRoute", "r", "aa",
                   "  rules: [{}]\n") POLICY("r-open", "HTTPRoute", "r", ""),
     "'source_ip':'10.1.1.1','target_namespace':'shop',"
     "'target_service':'pod/api-0'",
     "A connection that is not HTTP: deny."},
};

/* Who is in the mesh is refused there, even where everyone is authorized. */
static const struct question trap[] = {
    {"a client in the mesh",
     "analyze_connectivity",
     "'source_namespace':'shop','source_service':'web',"
     "'target_service':'pod/trap-0'",
     {{"verdict", "'deny'"},
      {"totalPaths", "1"},
      {"paths/0/route", "'connection'"},
      {"paths/0/nearMisses", "[]"},
      {"paths/0/notes/1", "~Opaque trap"}}},
    {"the same with a request",
     "analyze_connectivity",
     "'source_namespace':'shop','source_service':'web',"
     "'target_service':'pod/trap-0','path':'/'",
     {{"verdict", "'deny'"}}},
    {"a client outside of it",
     "analyze_connectivity",
     "'source_ip':'10.1.1.1','target_namespace':'shop',"
     "'target_service':'pod/trap-0'",
     {{"verdict", "'allow'"}}},
};

static void test_trap(void **state)
{
    struct tools *t = tools_new(shop_yaml);

    (void)state;
    tools_write(t, "more",
                TRAP_POD SERVER("trap", "trap", "HTTP/1")
                    POLICY("trap-open", "Server", "trap", "")
                        POLICY("trap-api", "Server", "trap",
                               "{kind: ServiceAccount, name: api}"));
    answer_all(t, trap, GH_COUNT(trap));
    tools_free(t);
}

static void test_notes(void **state)
{
    (void)state;
    for (size_t i = 0; i < GH_COUNT(notes); i++) {
        struct tools *t = tools_new(shop_yaml);
        struct gh_json v;

        print_message("  %s\n", notes[i].name);
        tools_write(t, "more.yaml", notes[i].yaml);
        v = call(t, "analyze_connectivity", notes[i].args);
        expect_in(gh_json_raw(look(v, "paths/0/notes")), notes[i].note);
        tools_free(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sources),
        cmocka_unit_test(test_routes),
        cmocka_unit_test(test_trap),
        cmocka_unit_test(test_notes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
