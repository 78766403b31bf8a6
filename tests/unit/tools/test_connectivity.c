/* SPDX-License-Identifier: Apache-2.0 */

#include "tools_fixture.h"

#include "shop.h"

#define WEB_TO_API                                                             \
    "'source_namespace':'shop','source_service':'web','target_service':'api'"

static const struct question questions[] = {
    {"allowed; the fields of linkerd-mcp, and more",
     "analyze_connectivity",
     WEB_TO_API,
     {{"allowed", "true"},
      {"verdict", "'allow'"},
      {"source/namespace", "'shop'"},
      {"source/service", "'web'"},
      {"source/identities/0", "'" ID("web", "shop") "'"},
      {"source/ip", "-"},
      {"target/namespace", "'shop'"},
      {"target/service", "'api'"},
      {"policies", "['Server/shop/api-http',"
                   "'AuthorizationPolicy/shop/api-clients']"},
      {"explanation", "~2 of 2 paths are open"},
      {"request", "-"},
      {"totalPaths", "2"},
      {"paths/0/target", "'shop/Pod/api-0'"},
      {"paths/0/servicePort", "80"},
      {"paths/0/port", "8080"},
      {"paths/0/protocol", "'HTTP/1'"},
      {"paths/0/server", "'Server/shop/api-http'"},
      {"paths/0/by", "['AuthorizationPolicy/shop/api-clients']"},
      {"paths/0/nearMisses", "[]"},
      {"paths/0/notes/0", "~template"},
      {"paths/0/notes/1", "~zz-late"},
      {"nextCursor", "-"}}},
    {"denied, with what almost permitted, and the remedy",
     "analyze_connectivity",
     "'source_identity':'" ID("cart", "shop") "','target_namespace':'shop',"
                                              "'target_service':'pod/api-0'",
     {{"allowed", "false"},
      {"verdict", "'deny'"},
      {"policies", "['Server/shop/api-http']"},
      {"source/namespace", "-"},
      {"source/pods", "-"},
      {"totalPaths", "1"},
      {"explanation", "~no authorization of Server shop/api-http"},
      {"paths/0/client", "'service account shop/cart'"},
      {"paths/0/nearMisses/0/policy", "'AuthorizationPolicy/shop/api-typo'"},
      {"paths/0/nearMisses/0/why", "'ignored'"},
      {"paths/0/nearMisses/1/why", "'identity'"},
      {"paths/0/nearMisses/1/remedy", "~add cart.shop."}}},
    {"one request",
     "analyze_connectivity",
     WEB_TO_API ",'port':'80','path':'/v1?x=1','method':'POST','host':'api'",
     {{"allowed", "true"},
      {"request/path", "'/v1?x=1'"},
      {"request/method", "'POST'"},
      {"request/host", "'api'"},
      {"target/port", "'80'"},
      {"paths/0/route", "'default'"}}},
    {"a pod's address decides: the pods of one workload differ",
     "analyze_connectivity",
     "'source_namespace':'shop','source_service':'api',"
     "'target_service':'db'",
     {{"allowed", "false"},
      {"verdict", "'mixed'"},
      {"totalPaths", "2"},
      {"paths/0/verdict", "'allow'"},
      {"paths/0/sourceIps", "1"},
      {"paths/0/route", "'connection'"},
      {"paths/1/verdict", "'deny'"},
      {"paths/1/nearMisses/0/why", "'network'"}}},
    {"no address is known: it depends",
     "analyze_connectivity",
     "'source_identity':'" ID("api", "shop") "','target_namespace':'shop',"
                                             "'target_service':'db'",
     {{"verdict", "'depends'"}, {"allowed", "false"}}},
    {"an address that is given",
     "analyze_connectivity",
     "'source_identity':'" ID(
         "api", "shop") "','target_namespace':'shop',"
                        "'target_service':'db','source_ip':'10.1.0.1'",
     {{"verdict", "'allow'"}, {"source/ip", "'10.1.0.1'"}}},
    {"only an address: a client without mTLS",
     "analyze_connectivity",
     "'source_ip':'10.9.9.9','target_namespace':'shop',"
     "'target_service':'api'",
     {{"verdict", "'deny'"},
      {"source/identities", "[]"},
      {"paths/0/client", "'a client without mTLS'"}}},
    {"the default policy, on a template",
     "analyze_connectivity",
     "'source_namespace':'lab','source_service':'box',"
     "'target_namespace':'shop','target_service':'web'",
     {{"verdict", "'allow'"},
      {"policies", "['default/all-unauthenticated']"},
      {"paths/0/server", "'default/all-unauthenticated'"},
      {"paths/0/pods", "0"}}},
    {"no proxy, no policy",
     "analyze_connectivity",
     "'source_namespace':'shop','source_service':'web',"
     "'target_service':'old'",
     {{"allowed", "true"},
      {"verdict", "'not-enforced'"},
      {"policies", "[]"},
      {"paths/0/server", "'none'"}}},
};

static void test_questions(void **state)
{
    struct tools *t = tools_new(shop_yaml);

    (void)state;
    answer_all(t, questions, GH_COUNT(questions));
    tools_free(t);
}

/* --- routes
 * ------------------------------------------------------------------- */

#define ROUTE(name, match)                                                     \
    "apiVersion: policy.linkerd.io/v1beta3\nkind: HTTPRoute\n"                 \
    "metadata: {namespace: shop, name: " name "}\nspec:\n"                     \
    "  parentRefs: [{group: policy.linkerd.io, kind: Server, name: "           \
    "api-http}]\n  rules: [{matches: [" match "]}]\n---\n"

static const char routes_yaml[] =
    ROUTE("read", "{path: {type: PathPrefix, value: /v1}, method: GET}")
        ROUTE("admin", "{path: {type: Exact, value: /admin}}")
            POLICY("readers", "HTTPRoute", "read",
                   REF("MeshTLSAuthentication", "cart-id"))
                MESHTLS("cart-id", "\"" ID("cart", "shop") "\"");

#define CART                                                                   \
    "'source_identity':'" ID("cart", "shop") "','target_namespace':'shop',"    \
                                             "'target_service':'pod/api-0'"

static const struct question route_questions[] = {
    {"every route is judged",
     "analyze_connectivity",
     CART,
     {{"verdict", "'mixed'"},
      {"totalPaths", "2"},
      {"paths/0/route", "'HTTPRoute/shop/admin'"},
      {"paths/0/matches", "'/admin'"},
      {"paths/0/verdict", "'deny'"},
      {"paths/1/route", "'HTTPRoute/shop/read'"},
      {"paths/1/matches", "'GET /v1/*'"},
      {"paths/1/verdict", "'allow'"},
      {"paths/1/by", "['AuthorizationPolicy/shop/readers']"},
      {"paths/1/notes/0", "~status"}}},
    {"a request takes one",
     "analyze_connectivity",
     CART ",'path':'/v1/items'",
     {{"verdict", "'allow'"}, {"paths/0/route", "'HTTPRoute/shop/read'"}}},
    {"or none",
     "analyze_connectivity",
     CART ",'path':'/v2'",
     {{"verdict", "'not-found'"}, {"paths/0/route", "'none'"}}},
    {"the route shows in whom the target admits",
     "get_allowed_sources",
     "'target_namespace':'shop','target_service':'pod/api-0'",
     {{"totalSources", "3"},
      {"allowedSources/2/route", "'HTTPRoute/shop/read'"},
      {"allowedSources/2/serviceAccount", "'cart'"},
      {"allowedSources/2/known", "false"}}},
};

static void test_routes(void **state)
{
    struct tools *t = tools_new(shop_yaml);

    (void)state;
    tools_write(t, "routes.yaml", routes_yaml);
    answer_all(t, route_questions, GH_COUNT(route_questions));
    tools_free(t);
}

/* --- pods of one workload
 * ----------------------------------------------------- */

#define MEMBER(name, extra, status)                                            \
    "apiVersion: v1\nkind: Pod\nmetadata:\n  namespace: shop\n  name: " name   \
    "\n  labels: {app: mix" extra "}\n"                                        \
    "  ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: mix, " \
    "uid: u, controller: true}]\n"                                             \
    "spec:\n  serviceAccountName: api\n  containers:\n"                        \
    "  - {name: main, ports: [{name: http, containerPort: 8080}]}\n"           \
    "  - {name: linkerd-proxy}\nstatus: {phase: Running" status "}\n---\n"

static const char members_yaml[] = MEMBER("mix-0", "", ", podIP: 10.1.0.1")
    MEMBER("mix-1", "", "") MEMBER("mix-2", ", odd: yes", ", podIP: 10.1.0.9")
        SERVER("mix", "mix", "HTTP/1");

static const struct question member_questions[] = {
    {"as a source: by address, where one is known",
     "analyze_connectivity",
     "'source_namespace':'shop','source_service':'mix',"
     "'target_service':'db'",
     {{"source/pods", "3"},
      {"totalPaths", "3"},
      {"paths/0/verdict", "'allow'"},
      {"paths/1/verdict", "'deny'"},
      {"paths/2/verdict", "'depends'"},
      {"verdict", "'mixed'"}}},
    {"as a target: pods that answer alike are one path",
     "analyze_connectivity",
     "'source_namespace':'shop','source_service':'web',"
     "'target_service':'mix'",
     {{"totalPaths", "1"},
      {"paths/0/target", "'shop/StatefulSet/mix'"},
      {"paths/0/pods", "3"}}},
    {"and one entry in the policy",
     "explain_policy",
     "'namespace':'shop','workload':'mix'",
     {{"totalPorts", "1"}}},
};

static void test_members(void **state)
{
    struct tools *t = tools_new(shop_yaml);
    struct gh_json v;

    (void)state;
    tools_write(t, "members.yaml", members_yaml);
    answer_all(t, member_questions, GH_COUNT(member_questions));
    v = ask(t, "resources/read", "'uri':'mesh://servers/shop/mix'");
    v = parse_text(t, gh_json_str(look(v, "result/contents/0/text")));
    assert_int_equal(gh_json_count(look(v, "resolved/hasEffectOn")), 1);
    tools_free(t);
}

/* --- what cannot be answered
 * ----------------------------------------------------- */

static const struct {
    const char *args;
    const char *text;
} mistakes[] = {
    {"'source_namespace':'shop','source_service':'web'", "target_service"},
    {"'target_namespace':'shop','target_service':'api'", "who is asking"},
    {"'source_service':'web','target_service':'api'", "source_namespace"},
    {"'source_identity':'a.b','target_service':'api'", "target_namespace"},
    {"'source_namespace':'shop','source_service':'wep','target_service':'api'",
     "source: namespace \"shop\" has no Service, workload or pod \"wep\" (did "
     "you mean \"web\"?)"},
    {"'source_namespace':'shp','source_service':'web','target_service':'api'",
     "did you mean \"shop\"?"},
    {WEB_TO_API ",'port':'htpp'", "http"},
    {WEB_TO_API ",'path':'v1'", "slash"},
    {WEB_TO_API ",'source_ip':'10.1.0'", "no IPv4 or IPv6 address"},
    {WEB_TO_API ",'source_identity':'x'", "not both"},
    {WEB_TO_API ",'prt':'80'", "did you mean"},
    {WEB_TO_API ",'cursor':'zz'", "cursor"},
    {WEB_TO_API ",'limit':0", "limit"},
    {WEB_TO_API ",'format':'tabel'", "table"},
};

static void test_mistakes(void **state)
{
    struct tools *t = tools_new(shop_yaml);

    (void)state;
    for (size_t i = 0; i < GH_COUNT(mistakes); i++)
        expect_in(call_text(t, "analyze_connectivity", mistakes[i].args, true),
                  mistakes[i].text);
    tools_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_questions),
        cmocka_unit_test(test_routes),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_mistakes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
