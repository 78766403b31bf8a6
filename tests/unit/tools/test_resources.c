/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Resources, completion, the prompt, and what a change announces.
 */

#include "tools_fixture.h"

#include "tools/changes.h"

#include "shop.h"

/* --- resources
 * ---------------------------------------------------------------- */

static struct gh_json read_resource(struct tools *t, const char *uri)
{
    char params[256];

    (void)snprintf(params, sizeof(params), "'uri':'%s'", uri);
    return parse_text(t, gh_json_str(look(ask(t, "resources/read", params),
                                          "result/contents/0/text")));
}

static const struct {
    const char *uri;
    struct field fields[8];
} resources[] = {
    {"mesh://namespaces",
     {{"namespaces/0/name", "'lab'"},
      {"namespaces/1/name", "'shop'"},
      {"namespaces/1/servers", "3"}}},
    {"mesh://workloads/shop/Deployment/web",
     {{"name", "'web'"},
      {"podSets/0/template", "true"},
      {"podSets/0/identity", "'" ID("web", "shop") "'"},
      {"podSets/0/ports/0/port", "8080"}}},
    {"mesh://servers/shop/api-http",
     {{"object/spec/proxyProtocol", "'HTTP/1'"},
      {"resolved/counts", "true"},
      {"resolved/hasEffectOn/0/workload", "'shop/Pod/api-0'"},
      {"resolved/hasEffectOn/1/workload", "'shop/Pod/api-1'"},
      {"origin/file", "'mesh.yaml'"}}},
    {"mesh://servers/shop/zz-late", {{"resolved/hasEffectOn", "[]"}}},
    {"mesh://policies/shop/AuthorizationPolicy/api-clients",
     {{"object/kind", "'AuthorizationPolicy'"},
      {"resolved/admits", "'shop/web, shop/ghost'"},
      {"resolved/hasEffectOn/0/port", "8080"}}},
    {"mesh://policies/shop/authorizationpolicy/api-typo",
     {{"resolved/counts", "false"},
      {"resolved/ignoredBecause", "~web-idd"},
      {"resolved/hasEffectOn", "[]"}}},
    {"mesh://policies/shop/MeshTLSAuthentication/web-id",
     {{"resolved/hasEffectOn/0/workload", "'shop/Pod/api-0'"}}},
};

static void test_resources(void **state)
{
    struct tools *t = tools_new(shop_yaml);

    (void)state;
    for (size_t i = 0; i < GH_COUNT(resources); i++) {
        struct gh_json v = read_resource(t, resources[i].uri);

        for (const struct field *f = resources[i].fields; f->path; f++)
            expect_at(t, v, f->path, f->expected);
    }
    tools_free(t);
}

static void test_resources_listed(void **state)
{
    struct tools *t = tools_new(shop_yaml);
    struct gh_json list = look(ask(t, "resources/list", ""), "result");

    (void)state;
    /* namespaces, 6 workloads, 3 Servers, 9 policy objects */
    assert_int_equal(gh_json_count(look(list, "resources")), 19);
    expect_at(t, list, "resources/1/uri", "'mesh://workloads/lab/Pod/box-0'");
    list = look(ask(t, "resources/templates/list", ""), "result");
    assert_int_equal(gh_json_count(look(list, "resourceTemplates")), 3);
    for (size_t i = 0; i < 2; i++) {
        static const char *const gone[] = {
            "'uri':'mesh://workloads/shop/Deployment/none'",
            "'uri':'mesh://policies/shop/Secret/web-id'"};
        struct gh_json error = look(ask(t, "resources/read", gone[i]), "error");

        assert_true(gh_json_given(error));
    }
    tools_free(t);
}

/* --- completion
 * ---------------------------------------------------------------- */

#define PROMPT(argument, value, others)                                        \
    "'ref':{'type':'ref/prompt','name':'explain_access'},"                     \
    "'argument':{'name':'" argument "','value':'" value "'},"                  \
    "'context':{'arguments':{" others "}}"
#define RESOURCE(uri, argument, value, others)                                 \
    "'ref':{'type':'ref/resource','uri':'" uri "'},"                           \
    "'argument':{'name':'" argument "','value':'" value "'},"                  \
    "'context':{'arguments':{" others "}}"
#define POLICIES "mesh://policies/{namespace}/{kind}/{name}"
#define WORKLOADS "mesh://workloads/{namespace}/{kind}/{name}"

static const struct {
    const char *params;
    const char *values;
} completions[] = {
    {PROMPT("source_namespace", "s", ""), "['shop']"},
    {PROMPT("source_service", "", "'source_namespace':'shop'"),
     "['web','api-0','api-1','db-0','old-0','api']"},
    {PROMPT("source_service", "w", "'source_namespace':'shop'"), "['web']"},
    {PROMPT("source_service", "", ""), "[]"},
    {PROMPT("target_service", "box", "'source_namespace':'lab'"),
     "['box-0','box']"},
    {PROMPT("port", "", "'target_namespace':'shop','target_service':'api'"),
     "['http','80']"},
    {PROMPT("port", "", "'target_namespace':'shop','target_service':'no'"),
     "[]"},
    {RESOURCE(POLICIES, "kind", "Net", ""), "['NetworkAuthentication']"},
    {RESOURCE(POLICIES, "name", "api-",
              "'namespace':'shop','kind':'AuthorizationPolicy'"),
     "['api-clients','api-typo']"},
    {RESOURCE(WORKLOADS, "kind", "Dep", ""), "['Deployment']"},
    {RESOURCE(WORKLOADS, "name", "", "'namespace':'shop','kind':'Deployment'"),
     "['web']"},
    {RESOURCE("mesh://servers/{namespace}/{name}", "name", "",
              "'namespace':'shop'"),
     "['api-http','db','zz-late']"},
};

static void test_completion(void **state)
{
    struct tools *t = tools_new(shop_yaml);

    (void)state;
    for (size_t i = 0; i < GH_COUNT(completions); i++)
        expect_at(t, ask(t, "completion/complete", completions[i].params),
                  "result/completion/values", completions[i].values);
    tools_free(t);
}

/* --- the prompt names tools that exist
 * ------------------------------------------ */

static void test_prompt(void **state)
{
    struct tools *t = tools_new(shop_yaml);
    struct gh_slice text = gh_json_str(
        look(ask(t, "prompts/get",
                 "'name':'explain_access','arguments':{'source_namespace':"
                 "'shop','source_service':'web','target_namespace':'shop',"
                 "'target_service':'api','port':'80'}"),
             "result/messages/0/content/text"));

    (void)state;
    expect_in(text, "web in namespace shop may call api in namespace shop, "
                    "port 80,");
    expect_in(text, gh_tool_analyze_connectivity.name);
    expect_in(text, gh_tool_explain_policy.name);
    expect_in(text, gh_tool_get_allowed_sources.name);
    tools_free(t);
}

/* --- rows
 * ----------------------------------------------------------------------------
 */

static void test_rows(void **state)
{
    struct tools *t = tools_new("");
    struct gh_json list = look(ask(t, "tools/list", ""), "result/tools");

    (void)state;
    assert_int_equal(gh_json_count(list), gh_tools_rows.tool_count);
    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it);) {
        expect_at(t, it.value, "annotations/readOnlyHint", "true");
        expect_at(t, it.value, "annotations/openWorldHint", "false");
        expect_at(t, it.value, "outputSchema/type", "'object'");
        expect_at(t, it.value, "outputSchema/additionalProperties", "false");
        expect_at(t, it.value, "inputSchema/properties/limit/type",
                  "'integer'");
    }
    tools_free(t);
}

/* --- changes
 * -------------------------------------------------------------------------- */

static void note(void *ctx, enum gh_mcp_changed what, struct gh_slice prefix)
{
    gh_buf_addf(ctx, "%s %.*s\n",
                what == GH_MCP_LIST_CHANGED ? "list" : "updated",
                GH_FMT(prefix));
}

static void expect_changes(struct tools *t, struct gh_changes *c,
                           const char *expected)
{
    struct gh_buf got;

    gh_buf_init(&got, 1 << 16);
    gh_changes_announce(c, t->store, note, &got);
    gh_buf_addc(&got, '\0');
    assert_string_equal(got.ptr, expected);
    gh_buf_fini(&got);
}

static void test_changes(void **state)
{
    struct tools *t = tools_new(shop_yaml);
    struct gh_changes c;

    (void)state;
    gh_changes_init(&c, t->store);
    expect_changes(t, &c, "");
    tools_write(t, "more.yaml", SERVER("third", "web", "HTTP/1"));
    expect_changes(t, &c,
                   "updated mesh://namespaces\n"
                   "updated mesh://workloads/shop/\n"
                   "updated mesh://servers/shop/\n"
                   "updated mesh://policies/shop/\n"
                   "list mesh://\n");
    expect_changes(t, &c, "");
    /* Another namespace may refer to it. */
    tools_write(t, "more.yaml", MESHTLS("x", "\"*\""));
    expect_changes(t, &c, "updated mesh://\nlist mesh://\n");
    tools_free(t);
}

/* The answers follow the store. */
static void test_follows(void **state)
{
    struct tools *t = tools_new(shop_yaml);
    static const char question[] =
        "'source_namespace':'lab','source_service':'box',"
        "'target_namespace':'shop','target_service':'web'";

    (void)state;
    expect_at(t, call(t, "analyze_connectivity", question), "verdict",
              "'allow'");
    tools_write(t, "more.yaml", SERVER("web", "web", "HTTP/1"));
    expect_at(t, call(t, "analyze_connectivity", question), "verdict",
              "'deny'");
    tools_write(t, "more.yaml", "");
    expect_at(t, call(t, "analyze_connectivity", question), "verdict",
              "'allow'");
    tools_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resources),
        cmocka_unit_test(test_resources_listed),
        cmocka_unit_test(test_completion),
        cmocka_unit_test(test_prompt),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_follows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
