/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What is built in, against the CRDs: node by node
 *
 * The nodes of both compiled schemas are walked side by side: types, required
 * fields, enumerations, patterns, limits, defaults, list types and rules must
 * be the same. The rules' text may be wrapped differently; their messages are
 * our own.
 */

#include "schema_fixture.h"

#include <time.h>

#include "store/schema_internal.h"

struct walk {
    char path[512];
    size_t faults;
    size_t nodes;
};

static void differ(struct walk *w, const char *what)
{
    print_error("%s: %s\n", w->path, what);
    w->faults++;
}

/* Without white space outside quotes. */
static void squeeze(struct gh_slice s, char *to, size_t size)
{
    char quote = '\0';
    size_t len = 0;

    for (size_t i = 0; i < s.len && len + 1 < size; i++) {
        char c = s.ptr[i];

        if (quote == '\0' && (c == ' ' || c == '\n' || c == '\t'))
            continue;
        if (c == '\'' || c == '"')
            quote = quote == c ? '\0' : quote ? quote : c;
        to[len++] = c;
    }
    to[len] = '\0';
}

static bool has_rule(const struct gh_schema_node *n, struct gh_slice text)
{
    char want[4096], got[4096];

    squeeze(text, want, sizeof(want));
    for (size_t i = 0; i < n->rule_count; i++) {
        squeeze(n->rules[i].text, got, sizeof(got));
        if (strcmp(want, got) == 0)
            return true;
    }
    return false;
}

static bool has_name(const struct gh_slice *list, size_t count,
                     struct gh_slice name)
{
    for (size_t i = 0; i < count; i++)
        if (gh_slice_eq(list[i], name))
            return true;
    return false;
}

static void compare_names(struct walk *w, const struct gh_schema_node *a,
                          const struct gh_schema_node *b)
{
    if (a->types == GH_SCHEMA_T_ARRAY) /* means nothing there */
        return;
    for (size_t i = 0; i < a->required_count; i++)
        if (!has_name(b->required, b->required_count, a->required[i]))
            differ(w, "required: the CRD's is missing");
    if (a->required_count != b->required_count)
        differ(w, "required: another number");
}

static void compare_rules(struct walk *w, const struct gh_schema_node *a,
                          const struct gh_schema_node *b)
{
    for (size_t i = 0; i < a->rule_count; i++)
        if (!has_rule(b, a->rules[i].text))
            differ(w, "a rule of the CRD is missing");
    for (size_t i = 0; i < b->rule_count; i++) {
        if (!has_rule(a, b->rules[i].text))
            differ(w, "a rule that the CRD does not have");
        if (!b->rules[i].program)
            differ(w, "a rule that does not compile");
    }
}

static void compare_enums(struct walk *w, const struct gh_schema_node *a,
                          const struct gh_schema_node *b)
{
    if (a->enum_count != b->enum_count) {
        differ(w, "enum");
        return;
    }
    for (size_t i = 0; i < a->enum_count; i++)
        if (!gh_json_equal(a->enums[i], b->enums[i]))
            differ(w, "enum");
}

static void compare_scalars(struct walk *w, const struct gh_schema_node *a,
                            const struct gh_schema_node *b)
{
    unsigned marks = GH_SCHEMA_F_ADDITIONAL * 2 - 1;

    if (a->types != b->types)
        differ(w, "type");
    if (a->format != b->format)
        differ(w, "format");
    if ((a->flags & marks) != (b->flags & marks))
        differ(w, "flags");
    if (a->min_length != b->min_length || a->max_length != b->max_length)
        differ(w, "length");
    if (a->min_items != b->min_items || a->max_items != b->max_items)
        differ(w, "items");
    if (a->min_props != b->min_props || a->max_props != b->max_props)
        differ(w, "properties");
    if (a->minimum < b->minimum || a->minimum > b->minimum ||
        a->maximum < b->maximum || a->maximum > b->maximum)
        differ(w, "range");
    if (!a->pattern != !b->pattern ||
        (a->pattern && !gh_slice_eq(a->pattern->text, b->pattern->text)))
        differ(w, "pattern");
    if (!a->otherwise.doc != !b->otherwise.doc ||
        (a->otherwise.doc && !gh_json_equal(a->otherwise, b->otherwise)))
        differ(w, "default");
    if (a->order != b->order || a->key_count != b->key_count ||
        (a->key_count > 0 && !gh_slice_eq(a->keys[0], b->keys[0])))
        differ(w, "list type");
}

static void compare(struct walk *w, const struct gh_schema_node *a,
                    const struct gh_schema_node *b);

static void enter(struct walk *w, struct gh_slice name,
                  const struct gh_schema_node *a,
                  const struct gh_schema_node *b)
{
    size_t len = strlen(w->path);

    snprintf(w->path + len, sizeof(w->path) - len, ".%.*s", GH_FMT(name));
    if (!a != !b)
        differ(w, "only one has it");
    else if (a)
        compare(w, a, b);
    w->path[len] = '\0';
}

static bool is_meta(const char *path, struct gh_slice name)
{
    return !strchr(path, '.') &&
           (gh_slice_is(name, "apiVersion") || gh_slice_is(name, "kind") ||
            gh_slice_is(name, "metadata"));
}

static void compare_props(struct walk *w, const struct gh_schema_node *a,
                          const struct gh_schema_node *b)
{
    for (size_t i = 0; i < a->prop_count; i++) {
        struct gh_slice name = a->props[i].name;
        const struct gh_schema_prop *p = gh_schema_prop_find(b, name);

        if (!is_meta(w->path, name))
            enter(w, name, a->props[i].node, p ? p->node : NULL);
    }
    for (size_t i = 0; i < b->prop_count; i++)
        if (!gh_schema_prop_find(a, b->props[i].name))
            enter(w, b->props[i].name, NULL, b->props[i].node);
}

static void compare_lists(struct walk *w, const char *name,
                          struct gh_schema_nodes a, struct gh_schema_nodes b)
{
    if (a.count != b.count) {
        differ(w, name);
        return;
    }
    for (size_t i = 0; i < a.count; i++)
        enter(w, gh_slice_str(name), a.at[i], b.at[i]);
}

static void compare(struct walk *w, const struct gh_schema_node *a,
                    const struct gh_schema_node *b)
{
    w->nodes++;
    compare_scalars(w, a, b);
    compare_enums(w, a, b);
    compare_names(w, a, b);
    compare_rules(w, a, b);
    compare_props(w, a, b);
    compare_lists(w, "oneOf", a->one_of, b->one_of);
    compare_lists(w, "anyOf", a->any_of, b->any_of);
    compare_lists(w, "allOf", a->all_of, b->all_of);
    enter(w, GH_SLICE("items"), a->items, b->items);
    enter(w, GH_SLICE("additional"), a->additional, b->additional);
    enter(w, GH_SLICE("not"), a->not, b->not );
}

static const struct {
    const char *group, *kind, *versions;
} kinds[] = {
    {"policy.linkerd.io", "Server", "v1alpha1 v1beta1 v1beta2 v1beta3"},
    {"policy.linkerd.io", "ServerAuthorization", "v1alpha1 v1beta1"},
    {"policy.linkerd.io", "AuthorizationPolicy", "v1alpha1"},
    {"policy.linkerd.io", "MeshTLSAuthentication", "v1alpha1"},
    {"policy.linkerd.io", "NetworkAuthentication", "v1alpha1"},
    {"policy.linkerd.io", "EgressNetwork", "v1alpha1"},
    {"policy.linkerd.io", "HTTPLocalRateLimitPolicy", "v1alpha1"},
    {"policy.linkerd.io", "HTTPRoute", "v1alpha1 v1beta1 v1beta2 v1beta3"},
    {"gateway.networking.k8s.io", "HTTPRoute", "v1 v1beta1"},
    {"gateway.networking.k8s.io", "GRPCRoute", "v1 v1alpha2"},
    {"gateway.networking.k8s.io", "TLSRoute", "v1alpha2"},
    {"gateway.networking.k8s.io", "TCPRoute", "v1alpha2"},
    {"linkerd.io", "ServiceProfile", "v1alpha1 v1alpha2"},
    {"workload.linkerd.io", "ExternalWorkload", "v1alpha1 v1beta1"},
    {"multicluster.linkerd.io", "Link", "v1alpha1 v1alpha2 v1alpha3"},
};

/* All that is built in compiles, and every rule of it is understood. */
static void all_compile(void **state)
{
    struct gh_schemas *s = gh_schemas_new();
    struct timespec from, to;
    size_t count = 0;

    (void)state;
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (size_t i = 0; i < GH_COUNT(kinds); i++) {
        struct gh_slice group = gh_slice_str(kinds[i].group);
        struct gh_slice kind = gh_slice_str(kinds[i].kind);
        struct gh_slice versions = gh_slice_str(kinds[i].versions);
        struct gh_slice version;

        while (gh_slice_cut(&versions, ' ', &version)) {
            const struct gh_schema *schema =
                gh_schemas_find(s, group, version, kind);

            assert_non_null(schema);
            assert_null(gh_schema_unchecked(schema, 0).ptr);
            assert_ptr_equal(schema, gh_schemas_find(s, group, version, kind));
            count++;
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    print_message("%zu versions compiled in %ld us\n", count,
                  (to.tv_sec - from.tv_sec) * 1000000 +
                      (to.tv_nsec - from.tv_nsec) / 1000);
    assert_int_equal(count, 28);
    assert_null(gh_schemas_find(s, GH_SLICE("policy.linkerd.io"),
                                GH_SLICE("v1"), GH_SLICE("Server")));
    assert_null(gh_schemas_find(s, GH_SLICE("policy.linkerd.io"),
                                GH_SLICE("v1beta3"), GH_SLICE("server")));
    gh_schemas_free(s);
}

static void compare_kind(struct gh_schemas *ours, struct gh_schemas *crds,
                         size_t row, struct walk *w)
{
    struct gh_slice group = gh_slice_str(kinds[row].group);
    struct gh_slice kind = gh_slice_str(kinds[row].kind);
    struct gh_slice version;

    for (size_t i = 0; i < 10; i++) {
        const struct gh_schema *a, *b;

        version = gh_schemas_version(crds, group, kind, i);
        if (!version.ptr)
            break;
        a = gh_schemas_find(crds, group, version, kind);
        b = gh_schemas_find(ours, group, version, kind);
        snprintf(w->path, sizeof(w->path), "%s/%.*s", kinds[row].kind,
                 GH_FMT(version));
        if (!a || !b) {
            differ(w, "a version is missing");
            continue;
        }
        if (a->has_status != b->has_status)
            differ(w, "status");
        if (gh_schema_unchecked(a, 0).ptr)
            differ(w, gh_schema_unchecked(a, 0).ptr);
        compare(w, a->root, b->root);
    }
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(gh_schemas_version(crds, group, kind, i).ptr == NULL,
                         gh_schemas_version(ours, group, kind, i).ptr == NULL);
}

static void as_the_crds(void **state)
{
    struct gh_schemas *ours = gh_schemas_new();
    struct gh_schemas *crds = gh_schemas_new();
    struct walk w = {.faults = 0};
    char path[512];

    (void)state;
    if (fixture_shared("data/linkerd/crds/linkerd-crds.yaml", path,
                       sizeof(path))) {
        assert_int_equal(fixture_crds(crds, path), 14);
        assert_true(
            fixture_shared("data/linkerd/crds/multicluster-link-crd.yaml", path,
                           sizeof(path)));
        assert_int_equal(fixture_crds(crds, path), 1);
        for (size_t i = 0; i < GH_COUNT(kinds); i++)
            compare_kind(ours, crds, i, &w);
        print_message("%zu nodes compared\n", w.nodes);
        assert_int_equal(w.faults, 0);
        assert_true(w.nodes > 1500);
    }
    gh_schemas_free(crds);
    gh_schemas_free(ours);
}

/* --- the notation itself ---------------------------------------------------
 */

static const struct {
    const char *text;
    const char *why;
} bad[] = {
    {"kind g v K", "expected kind GROUP VERSIONS KIND [status] ="},
    {"def = string", "expected def NAME ="},
    {"what = string", "column 0 is for pattern, def and kind"},
    {"kind g v K = strin", "not defined, or by itself"},
    {"def a = a\nkind g v K = a", "not defined, or by itself"},
    {"def a = [b]\ndef b = { x a }\nkind g v K = a",
     "not defined, or by itself"},
    {"kind g v K = {\n a string\n", "expected }"},
    {"kind g v K = [string", "expected ]"},
    {"kind g v K = string ~no", "no such pattern"},
    {"pattern p (\nkind g v K = string ~p",
     "pattern: missing closing parenthesis"},
    {"kind g v K = string = {", "expected a JSON value"},
    {"kind g v K = string 1.2", "expected .."},
    {"kind g v K = string 1..x", "expected a number"},
    {"kind g v K = string foo", "no such word behind a type"},
    {"kind g v K = {\n one a\n}", "one needs two names or more"},
    {"kind g v K = {\n rule true\n}", "expected say behind a rule"},
    {"kind g v K = {\n ? string\n}", "expected the name of a field"},
};

static void bad_notation(void **state)
{
    (void)state;
    for (size_t i = 0; i < GH_COUNT(bad); i++) {
        struct gh_notation *n;
        struct gh_arena arena;
        struct gh_err err;

        gh_err_set(&err, "nothing");
        gh_arena_init(&arena, 1 << 20);
        n = gh_notation_open(gh_slice_str(bad[i].text), &arena, &err);
        if (n)
            assert_null(
                gh_notation_compile(n, gh_notation_kind_at(n, 0), &err));
        assert_string_equal(err.text, bad[i].why);
        if (n)
            gh_notation_close(n);
        gh_arena_fini(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_compile),
        cmocka_unit_test(as_the_crds),
        cmocka_unit_test(bad_notation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
