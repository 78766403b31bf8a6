/* SPDX-License-Identifier: Apache-2.0 */
#include "store_fixture.h"

/* What a reader sees: objects, order, labels, faults, unwanted kinds. */

static void test_object(void **state)
{
    struct gh_store *s = new_store();
    struct gh_txn *t = begin(s, "a.yaml");
    const struct gh_object *o;

    (void)state;
    assert_null(servers(s));
    assert_int_equal(
        put(t,
            "{\"kind\":\"Server\",\"apiVersion\":\"policy.linkerd.io/v1\","
            "\"metadata\":{\"name\":\"web\",\"creationTimestamp\":"
            "\"1970-01-02T00:00:01Z\",\"uid\":\"u\",\"labels\":{\"a\\u0062\":"
            "\"q\\\"\"}},\"spec\":{\"port\":80,\"x\":1}}",
            7),
        GH_OK);
    assert_null(servers(s));
    assert_int_equal(commit(t).added, 1);
    o = gh_store_get(s, servers(s), GH_SLICE("default"), GH_SLICE("web"));
    assert_non_null(o);
    assert_ptr_equal(o->type, servers(s));
    assert_true(gh_slice_is(o->api_version, "policy.linkerd.io/v1"));
    assert_true(gh_slice_is(o->group, "policy.linkerd.io"));
    assert_true(gh_slice_is(o->kind, "Server"));
    assert_true(gh_slice_is(o->ns, "default"));
    assert_true(gh_slice_is(o->origin.source, "test"));
    assert_true(gh_slice_is(o->origin.scope, "a.yaml"));
    assert_int_equal(o->origin.line, 7);
    assert_int_equal(o->created_s, 86401);
    assert_true(gh_slice_is(gh_json_raw(gh_object_root(o)),
                            "{\"apiVersion\":\"policy.linkerd.io/v1\",\"kind\":"
                            "\"Server\",\"metadata\":{\"creationTimestamp\":"
                            "\"1970-01-02T00:00:01Z\",\"labels\":{\"ab\":"
                            "\"q\\\"\"},\"name\":\"web\"},\"spec\":{\"port\":"
                            "80}}"));
    assert_true(gh_json_str_is(
        gh_json_path(gh_object_root(o), "metadata/labels/ab"), "q\""));
    assert_null(gh_store_get(s, servers(s), GH_SLICE(""), GH_SLICE("web")));
    assert_int_equal(gh_store_stats(s).objects, 1);
    assert_true(gh_store_stats(s).object_bytes > sizeof(*o));

    (void)gh_object_ref(o); /* outlives the store */
    assert_null(gh_store_free(s));
    assert_true(gh_slice_is(o->name, "web"));
    gh_object_unref(o);
    gh_object_unref(NULL);
}

static void test_scope_of_kinds(void **state)
{
    static const struct gh_want rows[] = {
        {"", "Namespace", NULL, NULL},
        {"", "Pod", NULL, NULL},
        {"policy.linkerd.io", "Namespace", NULL, NULL},
    };
    static const struct {
        const char *json;
        const char *group;
        const char *kind;
        const char *ns;
    } cases[] = {
        {"{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":"
         "\"x\",\"namespace\":\"wrong\"}}",
         "", "Namespace", ""},
        {"{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":"
         "\"x\",\"namespace\":\"\"}}",
         "", "Pod", "default"},
        {"{\"apiVersion\":\"policy.linkerd.io/v1\",\"kind\":\"Namespace\","
         "\"metadata\":{\"name\":\"x\"}}",
         "policy.linkerd.io", "Namespace", "default"},
    };
    struct gh_store *s = gh_store_new(NULL);
    struct gh_txn *t;

    (void)state;
    gh_store_want(s, rows, GH_COUNT(rows));
    t = begin(s, "a");
    for (size_t i = 0; i < GH_COUNT(cases); i++)
        assert_int_equal(put(t, cases[i].json, 1), GH_OK);
    assert_int_equal(commit(t).added, GH_COUNT(cases));
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        const struct gh_type *type = gh_store_type(
            s, gh_slice_str(cases[i].group), gh_slice_str(cases[i].kind));

        assert_non_null(
            gh_store_get(s, type, gh_slice_str(cases[i].ns), GH_SLICE("x")));
    }
    assert_null(gh_store_type(s, GH_SLICE(""), GH_SLICE("namespace")));
    gh_store_free(s);
}

static void test_bad_objects(void **state)
{
    static const struct {
        const char *json;
        const char *text;
    } cases[] = {
        {"[]", "this is no Kubernetes object but array"},
        {"\"x\"", "this is no Kubernetes object but string"},
        {"{}", "the object has no kind"},
        {"{\"kind\":5}", "the object's kind must be a string, not number"},
        {"{\"kind\":\"Server\"}", "Server has no apiVersion"},
        {"{\"kind\":\"Server\",\"apiVersion\":\"a/b/c\"}",
         "Server's apiVersion \"a/b/c\" is not a valid name"},
        {"{\"kind\":\"Server\",\"apiVersion\":\"/v1\"}",
         "Server's apiVersion \"/v1\" is not a valid name"},
        {"{\"kind\":\"Server\",\"apiVersion\":\"policy.linkerd.io/v1\"}",
         "Server has no metadata.name"},
        {"{\"kind\":\"Server\",\"apiVersion\":\"policy.linkerd.io/v1\","
         "\"metadata\":{\"name\":\"a/b\"}}",
         "Server's metadata.name \"a/b\" is not a valid name"},
        {"{\"kind\":\"Server\",\"apiVersion\":\"policy.linkerd.io/v1\","
         "\"metadata\":{\"name\":\"a\\u0000b\"}}",
         "is not a valid name"},
        {"{\"kind\":\"Server\",\"apiVersion\":\"policy.linkerd.io/v1\","
         "\"metadata\":{\"name\":\"\"}}",
         "Server's metadata.name \"\" is not a valid name"},
        {"{\"kind\":\"Server\",\"apiVersion\":\"policy.linkerd.io/v1\","
         "\"metadata\":{\"name\":\"a\",\"namespace\":[]}}",
         "Server's metadata.namespace must be a string, not array"},
    };
    struct gh_store *s = new_store();
    struct gh_txn *t = begin(s, "a.yaml");

    (void)state;
    for (size_t i = 0; i < GH_COUNT(cases); i++)
        assert_int_equal(put(t, cases[i].json, 3 + (uint32_t)i), GH_EPROTO);
    assert_int_equal(put_server(t, "a/good", "1", 1), GH_OK);
    assert_int_equal(commit(t).faults, GH_COUNT(cases));
    ASSERT_SERVERS(s, "a/good=1");
    assert_int_equal(gh_store_fault_count(s), GH_COUNT(cases));
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        const struct gh_fault *fault = gh_store_fault(s, i);

        assert_non_null(strstr(fault->err.text, cases[i].text));
        assert_string_equal(fault->err.source, "a.yaml");
        assert_int_equal(fault->err.line, 3 + i);
        /* With neither kind nor apiVersion it is of some other tool. */
        assert_int_equal(fault->class, strstr(cases[i].json, "kind") ||
                                               strstr(cases[i].json, "apiV")
                                           ? GH_FAULT_UNREADABLE
                                           : GH_FAULT_FOREIGN);
        assert_true(gh_slice_is(fault->source, "test"));
    }
    assert_null(gh_store_fault(s, GH_COUNT(cases)));
    gh_store_free(s);
}

static void test_long_names(void **state)
{
    struct gh_store *s = new_store();
    struct gh_txn *t = begin(s, "a");
    char json[1024];
    struct gh_slice huge;

    (void)state;
    for (int len = 253; len <= 254; len++) {
        (void)snprintf(json, sizeof(json),
                       "{\"apiVersion\":\"policy.linkerd.io/v1\",\"kind\":"
                       "\"Server\",\"metadata\":{\"name\":\"%0*d\"}}",
                       len, 7);
        assert_int_equal(put(t, json, 1), len == 253 ? GH_OK : GH_EPROTO);
    }
    (void)commit(t);
    memset(json, 'x', sizeof(json));
    huge = gh_slice_of(json, sizeof(json));
    assert_null(gh_store_get(s, servers(s), huge, huge));
    assert_null(gh_store_type(s, huge, huge));
    ASSERT_LISTED(gh_store_list(s, servers(s), huge), "");
    ASSERT_LISTED(gh_store_by_label(s, servers(s), huge, huge, huge), "");
    gh_store_free(s);
}

static void test_order(void **state)
{
    static const char *const names[] = {"b/x", "a/z",   "a-b/a", "a/a",
                                        "c/q", "a.c/m", "a/b"};
    struct gh_store *s = new_store();
    struct gh_txn *t = begin(s, "a");

    (void)state;
    for (size_t i = 0; i < GH_COUNT(names); i++)
        assert_int_equal(put_server(t, names[i], "1", 1), GH_OK);
    (void)commit(t);
    ASSERT_SERVERS(s, "a/a=1 a/b=1 a/z=1 a-b/a=1 a.c/m=1 b/x=1 c/q=1");
    ASSERT_LISTED(gh_store_list(s, servers(s), GH_SLICE("a")),
                  "a/a=1 a/b=1 a/z=1");
    ASSERT_LISTED(gh_store_list(s, servers(s), GH_SLICE("c")), "c/q=1");
    ASSERT_LISTED(gh_store_list(s, servers(s), GH_SLICE("aa")), "");
    ASSERT_LISTED(gh_store_list(s, servers(s), GH_SLICE("")), "");
    ASSERT_LISTED(gh_store_list(s, NULL, GH_SLICE("a")), "");
    gh_store_free(s);
}

/* Both ways of keeping the order: few changes and many. */
static void test_order_in_bulk(void **state)
{
    struct gh_store *s = new_store();
    struct gh_store_iter it;
    char before[32] = "";
    size_t count = 0;

    (void)state;
    for (int round = 0; round < 4; round++) {
        struct gh_txn *t = begin(s, round % 2 ? "odd" : "even");
        int size = round < 2 ? 300 : round == 2 ? 5 : 290;

        for (int i = 0; i < size; i++) {
            char name[32];

            (void)snprintf(name, sizeof(name), "ns/%04d",
                           (i * 7919 % 1000) * 2 + round % 2);
            assert_int_equal(put_server(t, name, "1", 1), GH_OK);
        }
        (void)commit(t);
    }
    it = gh_store_list(s, servers(s), (struct gh_slice){0});
    while (gh_store_next(&it)) {
        char name[32];

        (void)snprintf(name, sizeof(name), "%.*s", GH_FMT(it.object->name));
        assert_true(strcmp(before, name) < 0);
        memcpy(before, name, sizeof(name));
        count++;
    }
    assert_int_equal(count, 295);
    assert_int_equal(gh_store_stats(s).objects, 295);
    gh_store_free(s);
}

static enum gh_rc put_labelled(struct gh_txn *t, const char *ns,
                               const char *name, const char *labels)
{
    char json[512];

    (void)snprintf(json, sizeof(json),
                   "{\"apiVersion\":\"policy.linkerd.io/v1\",\"kind\":"
                   "\"Server\",\"metadata\":{\"name\":\"%s\",\"namespace\":"
                   "\"%s\",\"labels\":%s}}",
                   name, ns, labels);
    return put(t, json, 1);
}

static void test_labels(void **state)
{
    struct gh_store *s = new_store();
    const struct gh_slice all = {NULL, 0};
    struct gh_txn *t = begin(s, "a");

    (void)state;
    put_labelled(t, "n", "c", "{\"app\":\"web\",\"tier\":\"x\"}");
    put_labelled(t, "m", "a", "{\"app\":\"web\"}");
    put_labelled(t, "n", "b", "{\"app\":\"db\",\"odd\":7,\"\":\"\"}");
    put_labelled(t, "n", "d", "null");
    (void)commit(t);
    for (int round = 0; round < 2; round++) {
        ASSERT_LISTED(gh_store_by_label(s, servers(s), all, GH_SLICE("app"),
                                        GH_SLICE("web")),
                      "m/a=? n/c=?");
        ASSERT_LISTED(gh_store_by_label(s, servers(s), GH_SLICE("n"),
                                        GH_SLICE("app"), GH_SLICE("web")),
                      "n/c=?");
        ASSERT_LISTED(gh_store_by_label(s, servers(s), GH_SLICE("x"),
                                        GH_SLICE("app"), GH_SLICE("web")),
                      "");
        ASSERT_LISTED(gh_store_by_label(s, servers(s), all, GH_SLICE("odd"),
                                        GH_SLICE("7")),
                      "");
        ASSERT_LISTED(
            gh_store_by_label(s, servers(s), all, GH_SLICE(""), GH_SLICE("")),
            "n/b=?");
        ASSERT_LISTED(
            gh_store_by_label(s, NULL, all, GH_SLICE("app"), GH_SLICE("web")),
            "");
    }
    /* the index follows */
    t = begin(s, "a");
    put_labelled(t, "n", "c", "{\"app\":\"db\",\"tier\":\"x\"}");
    put_labelled(t, "n", "b", "{\"app\":\"db\"}");
    put_labelled(t, "n", "e", "{\"app\":\"web\"}");
    (void)commit(t);
    ASSERT_LISTED(
        gh_store_by_label(s, servers(s), all, GH_SLICE("app"), GH_SLICE("web")),
        "n/e=?");
    ASSERT_LISTED(
        gh_store_by_label(s, servers(s), all, GH_SLICE("app"), GH_SLICE("db")),
        "n/b=? n/c=?");
    ASSERT_LISTED(
        gh_store_by_label(s, servers(s), all, GH_SLICE("tier"), GH_SLICE("x")),
        "n/c=?");
    ASSERT_LISTED(
        gh_store_by_label(s, servers(s), all, GH_SLICE(""), GH_SLICE("")), "");
    gh_store_free(s);
}

static void test_unwanted(void **state)
{
    static const char *const kinds[] = {"Secret", "Pod", "Secret"};
    struct gh_store *s = new_store();
    struct gh_txn *t = begin(s, "a");
    struct gh_slice group;
    struct gh_slice kind;
    size_t count;

    (void)state;
    for (size_t i = 0; i < GH_COUNT(kinds); i++) {
        char json[128];

        (void)snprintf(json, sizeof(json),
                       "{\"apiVersion\":\"v1\",\"kind\":\"%s\"}", kinds[i]);
        assert_int_equal(put(t, json, 1), GH_END);
    }
    gh_txn_scope(t, GH_SLICE("b"));
    assert_int_equal(put(t, "{\"apiVersion\":\"x/v1\",\"kind\":\"Server\"}", 1),
                     GH_END);
    assert_int_equal(put(t, "{\"apiVersion\":\"v1\",\"kind\":\"Pod\"}", 1),
                     GH_END);
    (void)commit(t);
    assert_true(gh_store_unwanted(s, 0, &group, &kind, &count));
    assert_true(gh_slice_is(kind, "Pod") && count == 2);
    assert_true(gh_store_unwanted(s, 1, &group, &kind, &count));
    assert_true(gh_slice_is(kind, "Secret") && count == 2);
    assert_true(gh_store_unwanted(s, 2, &group, &kind, &count));
    assert_true(gh_slice_is(group, "x") && count == 1);
    assert_false(gh_store_unwanted(s, 3, &group, &kind, &count));
    (void)commit(begin(s, "a")); /* counts follow the scope */
    assert_true(gh_store_unwanted(s, 0, &group, &kind, &count));
    assert_int_equal(count, 1);
    assert_int_equal(gh_store_stats(s).objects, 0);
    gh_store_free(s);
}

static void test_limits(void **state)
{
    const struct gh_store_options small = {.max_object_bytes = 200};
    const struct gh_store_options few = {.max_bytes = 1000};
    struct gh_store *s = gh_store_new(&small);
    char port[300];
    struct gh_txn *t;

    (void)state;
    gh_store_want(s, fixture_wants, GH_COUNT(fixture_wants));
    memset(port, '7', sizeof(port));
    port[sizeof(port) - 1] = '\0';
    t = begin(s, "a");
    assert_int_equal(put_server(t, "a/big", port, 5), GH_ETOOBIG);
    assert_int_equal(put_server(t, "a/small", "1", 9), GH_OK);
    assert_int_equal(commit(t).faults, 1);
    assert_string_equal(gh_store_fault(s, 0)->err.text,
                        "Server \"big\" is too large: one object has at most "
                        "200 bytes");
    ASSERT_SERVERS(s, "a/small=1");
    gh_store_free(s);

    s = gh_store_new(&few);
    gh_store_want(s, fixture_wants, GH_COUNT(fixture_wants));
    t = begin(s, "a");
    assert_int_equal(put_server(t, "a/one", "1", 1), GH_OK);
    assert_int_equal(put_server(t, "a/two", "2", 2), GH_ETOOBIG);
    (void)commit(t);
    ASSERT_SERVERS(s, "a/one=1");
    gh_store_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_object),
        cmocka_unit_test(test_scope_of_kinds),
        cmocka_unit_test(test_bad_objects),
        cmocka_unit_test(test_long_names),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_order_in_bulk),
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_unwanted),
        cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
