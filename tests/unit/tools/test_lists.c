/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The tools that list: targets, sources, services, health, policy; and pages.
 */

#include "tools_fixture.h"

#include "shop.h"

static const struct question questions[] = {
    {"targets: guarded, open by default, and unguarded",
     "get_allowed_targets",
     "'source_namespace':'shop','source_service':'api'",
     {{"source/serviceAccount", "'api'"},
      {"totalTargets", "4"},
      {"allowedTargets/0/namespace", "'lab'"},
      {"allowedTargets/0/workload", "'Pod/box-0'"},
      {"allowedTargets/0/enforced", "false"},
      {"allowedTargets/0/verdict", "'not-enforced'"},
      {"allowedTargets/0/server", "'none'"},
      {"allowedTargets/1/workload", "'Deployment/web'"},
      {"allowedTargets/1/server", "'default/all-unauthenticated'"},
      {"allowedTargets/1/authorizationPolicy", "'default/all-unauthenticated'"},
      {"allowedTargets/2/server", "'db'"},
      {"allowedTargets/2/labels", "{'app':'db'}"},
      {"allowedTargets/2/port", "8080"},
      {"allowedTargets/2/portName", "'http'"},
      {"allowedTargets/2/verdict", "'mixed'"},
      {"allowedTargets/2/by", "['AuthorizationPolicy/shop/db-clients']"},
      {"allowedTargets/3/workload", "'Pod/old-0'"}}},
    {"targets: only what a proxy guards",
     "get_allowed_targets",
     "'source_namespace':'shop','source_service':'api','enforced_only':true",
     {{"totalTargets", "2"},
      {"allowedTargets/0/workload", "'Deployment/web'"}}},
    {"targets of a client without identity",
     "get_allowed_targets",
     "'source_namespace':'lab','source_service':'box','enforced_only':true",
     {{"source/identities", "[]"}, {"totalTargets", "1"}}},
    {"sources: by identity, known and unknown",
     "get_allowed_sources",
     "'target_namespace':'shop','target_service':'api'",
     {{"matchingServers", "['api-http']"},
      {"totalSources", "2"},
      {"allowedSources/0/type", "'serviceAccount'"},
      {"allowedSources/0/identity", "'" ID("web", "shop") "'"},
      {"allowedSources/0/serviceAccount", "'web'"},
      {"allowedSources/0/namespace", "'shop'"},
      {"allowedSources/0/authorizationPolicy",
       "'AuthorizationPolicy/shop/api-clients'"},
      {"allowedSources/0/authenticationPolicy",
       "'MeshTLSAuthentication/shop/web-id'"},
      {"allowedSources/0/known", "true"},
      {"allowedSources/0/ports", "[8080]"},
      {"allowedSources/0/servers", "['Server/shop/api-http']"},
      {"allowedSources/1/known", "false"},
      {"totalWorkloads", "6"},
      {"totalAdmittedWorkloads", "1"},
      {"admittedWorkloads/0/workload", "'Deployment/web'"},
      {"admittedWorkloads/0/verdict", "'allow'"},
      {"notes/0", "~ignores: 2"}}},
    {"sources: an identity from certain networks",
     "get_allowed_sources",
     "'target_namespace':'shop','target_service':'db'",
     {{"allowedSources/0/networks", "['10.1.0.0/31 except 10.1.0.0/32']"},
      {"admittedWorkloads/0/workload", "'Pod/api-0'"},
      {"totalAdmittedWorkloads", "1"}}},
    {"sources: the default policy",
     "get_allowed_sources",
     "'target_namespace':'shop','target_service':'web'",
     {{"matchingServers", "[]"},
      {"allowedSources/0/type", "'unauthenticated'"},
      {"allowedSources/0/authorizationPolicy", "'default/all-unauthenticated'"},
      {"totalAdmittedWorkloads", "6"},
      {"notes/0", "~No Server selects this target"}}},
    {"sources: no proxy",
     "get_allowed_sources",
     "'target_namespace':'shop','target_service':'old'",
     {{"allowedSources/0/type", "'unauthenticated'"},
      {"allowedSources/0/authorizationPolicy", "'none'"},
      {"admittedWorkloads/0/verdict", "'not-enforced'"},
      {"notes/0", "~Nothing guards"}}},
    {"services: what is meshed",
     "list_meshed_services",
     "'namespace':'shop'",
     {{"totalServices", "3"},
      {"unmeshedServices", "1"},
      {"services/shop|api/service", "'api'"},
      {"services/shop|api/kind", "'Service'"},
      {"services/shop|api/pods", "['api-0','api-1']"},
      {"services/shop|api/ports", "[80]"},
      {"services/shop|api/meshed", "'all'"},
      {"services/shop|api/workloads/1/proxyVersion", "'edge-26.8.1'"},
      {"services/shop|api/workloads/1/readyPods", "0"},
      {"services/shop|web/workloads/0/meshed", "'on-injection'"},
      {"services/shop|web/workloads/0/template", "true"},
      {"services/shop|Pod|db-0/kind", "'Pod'"},
      {"services/shop|Pod|old-0", "-"}}},
    {"services: what is not",
     "list_meshed_services",
     "'include_unmeshed':true",
     {{"totalServices", "5"},
      {"unmeshedServices", "2"},
      {"services/lab|box/meshed", "'none'"},
      {"services/lab|box/workloads/0/notMeshedBecause", "~no linkerd-proxy"}}},
    {"health: what objects show",
     "check_mesh_health",
     "",
     {{"namespace", "'linkerd'"},
      {"totalPods", "0"},
      {"healthy", "true"},
      {"controlPlane/configFound", "false"},
      {"dataPlane/meshedPods", "3"},
      {"dataPlane/unmeshedPods", "2"},
      {"dataPlane/notReadyPods", "1"},
      {"dataPlane/templates", "1"},
      {"dataPlane/proxyVersions", "{'edge-26.9.1':1,'edge-26.8.1':1}"},
      {"policyObjects/Server", "3"},
      {"sources/faults", "0"},
      {"totalFindings", "7"},
      {"findings/0/what", "~not ready are 1 of 1 pods: api-1"},
      {"findings/1/what", "~shop/Pod/old-0: the proxy is missing"},
      {"findings/1/remedy", "~create it again"},
      {"findings/2/what", "~linkerd-config"},
      {"findings/3/what", "~another version"},
      {"findings/6/severity", "'info'"}}},
    {"policy: in order, and what does not count",
     "explain_policy",
     "'namespace':'shop','workload':'pod/api-0','port':'http'",
     {{"totalPorts", "1"},
      {"ports/0/enforcement", "'enforced'"},
      {"ports/0/server/name", "'Server/shop/api-http'"},
      {"ports/0/server/accessPolicy", "'deny'"},
      {"ports/0/default", "-"},
      {"ports/0/shadowedServers/0/server", "'Server/shop/zz-late'"},
      {"ports/0/shadowedServers/0/why", "~api-http"},
      {"ports/0/routes/0/route", "'default'"},
      {"ports/0/authorizations/0/admits", "'shop/web, shop/ghost'"},
      {"ports/0/authorizations/0/references",
       "['MeshTLSAuthentication/shop/web-id']"},
      {"ports/0/ignoredAuthorizations/0/why", "~web-idd"},
      {"ports/0/ignoredAuthorizations/0/remedy", "~create"},
      {"ports/0/loopback", "~localhost"}}},
    {"policy: a default, and where it comes from",
     "explain_policy",
     "'namespace':'shop','workload':'web'",
     {{"ports/0/server", "-"},
      {"ports/0/default/policy", "'all-unauthenticated'"},
      {"ports/0/default/source", "~default"},
      {"ports/0/template", "true"}}},
    {"policy: none",
     "explain_policy",
     "'namespace':'lab','workload':'box'",
     {{"ports/0/enforcement", "'unmeshed'"},
      {"ports/0/summary", "~Nothing is enforced"},
      {"ports/0/loopback", "-"}}},
};

static void test_questions(void **state)
{
    struct tools *t = tools_new(shop_yaml);

    (void)state;
    answer_all(t, questions, GH_COUNT(questions));
    tools_free(t);
}

/* --- the control plane
 * -------------------------------------------------------------- */

#define CONTROL_POD(name, component, ready)                                    \
    "apiVersion: v1\nkind: Pod\nmetadata:\n  namespace: linkerd\n  "           \
    "name: " name                                                              \
    "\n  labels: {linkerd.io/control-plane-component: " component              \
    "}\nspec: {containers: [{name: x}, {name: linkerd-proxy}]}\n"              \
    "status: {phase: Running, conditions: [{type: Ready, status: \"" ready     \
    "\"}]}\n---\n"

static const char control_yaml[] =
    CONTROL_POD("dst-1", "destination", "True") CONTROL_POD(
        "id-1", "identity",
        "False") "apiVersion: v1\nkind: ConfigMap\n"
                 "metadata: {namespace: linkerd, name: linkerd-config}\n"
                 "data:\n  values: |\n    identityTrustDomain: mesh.example\n"
                 "    linkerdVersion: edge-26.9.1\n"
                 "    proxy: {defaultInboundPolicy: deny}\n";

static const struct question control_questions[] = {
    {"components, and what is missing",
     "check_mesh_health",
     "",
     {{"totalPods", "2"},
      {"healthyPods", "1"},
      {"unhealthyPods", "1"},
      {"components/0",
       "{'name':'dst-1','component':'destination','healthy':true,"
       "'status':'Running'}"},
      {"components/1/healthy", "false"},
      {"healthy", "false"},
      {"controlPlane/configFound", "true"},
      {"controlPlane/trustDomain", "'mesh.example'"},
      {"controlPlane/version", "'edge-26.9.1'"},
      {"controlPlane/defaultInboundPolicy", "'deny'"},
      {"findings/0/severity", "'error'"},
      {"findings/0/what", "~id-1 (identity) is not healthy"},
      {"findings/1/what", "~no proxy-injector pod"}}},
    {"the cluster's default policy is the one that counts",
     "analyze_connectivity",
     "'source_namespace':'lab','source_service':'box',"
     "'target_namespace':'shop','target_service':'web'",
     {{"verdict", "'deny'"}, {"policies", "['default/deny']"}}},
};

static void test_control_plane(void **state)
{
    struct tools *t = tools_new(shop_yaml);

    (void)state;
    tools_write(t, "control.yaml", control_yaml);
    answer_all(t, control_questions, GH_COUNT(control_questions));
    tools_free(t);
}

/* --- pages
 * ----------------------------------------------------------------------------
 */

#define TARGETS "'source_namespace':'shop','source_service':'api'"

static void test_pages(void **state)
{
    struct tools *t = tools_new(shop_yaml);
    char args[256];
    char cursor[64];
    struct gh_json page;
    size_t seen = 0;

    (void)state;
    page = call(t, "get_allowed_targets", TARGETS ",'limit':1");
    for (; seen < 4; seen++) {
        struct gh_slice next = gh_json_str(look(page, "nextCursor"));

        assert_int_equal(gh_json_count(look(page, "allowedTargets")), 1);
        expect_at(t, page, "totalTargets", "4");
        if (!next.ptr)
            break;
        (void)snprintf(cursor, sizeof(cursor), "%.*s", GH_FMT(next));
        (void)snprintf(args, sizeof(args), TARGETS ",'limit':1,'cursor':'%s'",
                       cursor);
        page = call(t, "get_allowed_targets", args);
    }
    assert_int_equal(seen, 3);
    /* The order of arguments does not matter, their values do. */
    (void)snprintf(args, sizeof(args),
                   "'cursor':'%s','source_service':'api',"
                   "'source_namespace':'shop'",
                   cursor);
    (void)call(t, "get_allowed_targets", args);
    (void)snprintf(args, sizeof(args),
                   "'source_namespace':'shop','source_service':'web',"
                   "'cursor':'%s'",
                   cursor);
    expect_in(call_text(t, "get_allowed_targets", args, true),
              "belongs to another question");
    tools_free(t);
}

/* A cursor far beyond the end gives an empty last page, not a fault. */
static void test_page_beyond(void **state)
{
    struct tools *t = tools_new(shop_yaml);
    char args[256];
    struct gh_json page = call(t, "get_allowed_targets", TARGETS ",'limit':1");
    struct gh_slice next = gh_json_str(look(page, "nextCursor"));

    (void)state;
    (void)snprintf(args, sizeof(args), TARGETS ",'cursor':'%.*sffffffff'", 8,
                   next.ptr);
    page = call(t, "get_allowed_targets", args);
    assert_int_equal(gh_json_count(look(page, "allowedTargets")), 0);
    assert_false(gh_json_given(look(page, "nextCursor")));
    tools_free(t);
}

/* --- tables
 * ----------------------------------------------------------------------------
 */

static const struct {
    const char *tool;
    const char *args;
    const char *parts[3];
} tables[] = {
    {"get_allowed_targets",
     TARGETS ",'limit':2",
     {"TARGET               PORT  VERDICT       SERVER",
      "lab/Pod/box-0        8080  not-enforced  none                         -",
      "entries 1 to 2 of 4; go on with cursor "}},
    {"get_allowed_sources",
     "'target_namespace':'shop','target_service':'api'",
     {"service account shop/web    serviceAccount  8080",
      "1 of 6 known workloads are admitted", "shop/Deployment/web"}},
    {"list_meshed_services",
     "",
     {"NAMESPACE  NAME", "Deployment/web (on-injection)", "all"}},
    {"check_mesh_health",
     "",
     {"data plane: 3 pods meshed (1 not ready)", "SEVERITY", "warning"}},
    {"explain_policy",
     "'namespace':'shop','workload':'pod/api-0'",
     {"shop/Pod/api-0 port 8080", "admits shop/web, shop/ghost",
      "ignored AuthorizationPolicy/shop/api-typo"}},
    {"analyze_connectivity",
     "'source_identity':'a.b','target_namespace':'shop',"
     "'target_service':'pod/api-0'",
     {"deny: no authorization", "VERDICT  TARGET", "near miss, port 8080"}},
};

static void test_tables(void **state)
{
    struct tools *t = tools_new(shop_yaml);

    (void)state;
    for (size_t i = 0; i < GH_COUNT(tables); i++) {
        struct gh_slice text;
        char args[256];

        (void)snprintf(args, sizeof(args), "%s%s'format':'table'",
                       tables[i].args, *tables[i].args ? "," : "");
        text = call_text(t, tables[i].tool, args, false);
        for (size_t k = 0; k < 3; k++)
            expect_in(text, tables[i].parts[k]);
    }
    tools_free(t);
}

static void test_unknown_names(void **state)
{
    struct tools *t = tools_new(shop_yaml);

    (void)state;
    expect_in(call_text(t, "list_meshed_services", "'namespace':'shopp'", true),
              "did you mean \"shop\"?");
    expect_in(call_text(t, "get_allowed_targets",
                        "'source_namespace':'shop','source_service':'nix'",
                        true),
              "source: namespace \"shop\" has no");
    expect_in(call_text(t, "get_allowed_sources",
                        "'target_namespace':'shop','target_service':'api',"
                        "'port':'9'",
                        true),
              "target:");
    expect_in(call_text(t, "explain_policy",
                        "'namespace':'shop','workload':'apii'", true),
              "did you mean");
    tools_free(t);
}

/* An empty mesh has answers, too. */
static void test_empty(void **state)
{
    struct tools *t = tools_new("");

    (void)state;
    expect_at(t, call(t, "list_meshed_services", ""), "totalServices", "0");
    expect_at(t, call(t, "check_mesh_health", ""), "totalPods", "0");
    tools_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_questions), cmocka_unit_test(test_control_plane),
        cmocka_unit_test(test_pages),     cmocka_unit_test(test_page_beyond),
        cmocka_unit_test(test_tables),    cmocka_unit_test(test_unknown_names),
        cmocka_unit_test(test_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
