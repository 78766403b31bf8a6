/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh_fixture.h"

#include <dirent.h>

#include "mesh/judge.h"
#include "wire/json_patch.h"

/*
 * tests/lint: a folder for every finding of class meaning
 *
 * fires.yaml holds what makes the finding come up and begins with a line that
 * says where: "# fires on Server/shop/web at spec.port" (Kind/name for an
 * object without a namespace; "nothing" for the mesh as a whole). silent.yaml
 * is the corrected variant, or one that only looks alike, and is told nothing
 * but information. Where the finding carries a patch, it is applied here, and
 * the finding must be gone.
 */

#define FOLDERS "tests/lint"

struct expectation {
    char object[256];
    char path[256];
};

/* --- one mesh, linted --- */

struct linted {
    struct fixture *f;
    struct gh_findings findings;
};

static void lint(struct linted *l)
{
    gh_findings_init(&l->findings, &l->f->arena, 0);
    gh_lint(l->f->mesh, NULL, &l->findings);
    gh_findings_sort(&l->findings);
}

static void linted_fini(struct linted *l)
{
    gh_findings_fini(&l->findings);
    fixture_free(&l->f);
}

#define LINTED_CLEANUP GH_CLEANUP(linted_fini)

static struct linted lint_file(const char *path)
{
    struct linted l = {.f = fixture_new()};

    fixture_file(l.f, path);
    lint(&l);
    return l;
}

static const char *name_of(const struct gh_object *o, char *buf, size_t size)
{
    if (!o)
        (void)snprintf(buf, size, "nothing");
    else if (o->ns.len > 0)
        (void)snprintf(buf, size, "%.*s/%.*s/%.*s", GH_FMT(o->kind),
                       GH_FMT(o->ns), GH_FMT(o->name));
    else
        (void)snprintf(buf, size, "%.*s/%.*s", GH_FMT(o->kind),
                       GH_FMT(o->name));
    return buf;
}

static const struct gh_finding *find(const struct linted *l, const char *code,
                                     const struct expectation *at)
{
    char name[512];

    for (size_t i = 0; i < l->findings.at.count; i++) {
        const struct gh_finding *f = &l->findings.at.at[i];

        if (strcmp(f->row->code, code) == 0 &&
            (!at ||
             (strcmp(name_of(f->object, name, sizeof(name)), at->object) == 0 &&
              gh_slice_is(f->path, at->path))))
            return f;
    }
    return NULL;
}

static void print_findings(const struct linted *l)
{
    char name[512];

    for (size_t i = 0; i < l->findings.at.count; i++) {
        const struct gh_finding *f = &l->findings.at.at[i];

        print_message("  %s %s %s %.*s: %.*s\n", f->row->code,
                      gh_severity_name(f->row->severity),
                      name_of(f->object, name, sizeof(name)), GH_FMT(f->path),
                      GH_FMT(f->message));
    }
}

/* --- patches --- */

static bool is_object(struct gh_json v, const struct gh_object *o)
{
    struct gh_json meta = gh_json_get(v, "metadata");

    return gh_slice_eq(gh_json_str(gh_json_get(v, "kind")), o->kind) &&
           gh_slice_eq(gh_json_str(gh_json_get(meta, "name")), o->name) &&
           gh_slice_eq(
               gh_json_str_or(gh_json_get(meta, "namespace"), GH_SLICE("")),
               o->ns);
}

static struct gh_json patched(struct gh_arena *a, struct gh_json v,
                              struct gh_slice patch)
{
    struct gh_json_doc ops;
    struct gh_json_doc *doc = GH_ARENA_NEW(a, struct gh_json_doc);
    struct gh_err err = {0};

    assert_non_null(doc);
    if (gh_json_parse(patch, a, NULL, &ops, &err) != GH_OK ||
        gh_json_patch(v, gh_json_root(&ops), a, doc, &err) != GH_OK)
        fail_msg("patch %.*s: %s", GH_FMT(patch), err.text);
    return gh_json_root(doc);
}

/* The mesh of @path again, with the finding's patch applied. */
static struct linted lint_patched(const char *path, const struct gh_finding *f)
{
    struct linted l = {.f = fixture_new()};
    struct gh_txn *t = gh_store_begin(l.f->store, GH_SLICE("test"), 0);
    struct gh_arena *a = &l.f->arena;
    struct gh_json_doc doc;
    struct gh_yaml *y;
    struct gh_err err;
    bool found = false;
    size_t len;
    char *text = slurp(path, &len);

    y = gh_yaml_new(gh_slice_of(text, len), NULL);
    gh_txn_scope(t, gh_slice_str(path));
    while (gh_yaml_next(y, a, &doc, &err) == GH_OK) {
        struct gh_json v = gh_json_root(&doc);

        if (f->object && is_object(v, f->object)) {
            v = patched(a, v, f->patch);
            found = true;
        }
        if (gh_json_given(v))
            fixture_put(t, v);
    }
    assert_true(found);
    gh_txn_commit(t, NULL);
    (void)gh_yaml_free(y);
    free(text);
    gh_mesh_sync(l.f->mesh);
    lint(&l);
    return l;
}

/* --- folders --- */

static void read_expectation(const char *path, struct expectation *ret)
{
    size_t len;
    char *text = slurp(path, &len);

    ret->path[0] = '\0';
    if (sscanf(text, "# fires on %255s at %255s", ret->object, ret->path) < 1)
        fail_msg("%s does not begin with \"# fires on OBJECT at PATH\"", path);
    free(text);
}

/* A patch that breaks something else is no remedy. */
static bool is_no_worse(const struct linted *now, const struct linted *before)
{
    for (size_t i = 0; i < now->findings.at.count; i++) {
        const struct gh_finding_row *row = now->findings.at.at[i].row;

        if (row->severity != GH_SEVERITY_INFO && !find(before, row->code, NULL))
            return false;
    }
    return true;
}

static bool fires(const char *code)
{
    struct expectation at;
    const struct gh_finding *f;
    char path[512];
    bool ok;

    (void)snprintf(path, sizeof(path), FOLDERS "/%s/fires.yaml", code);
    read_expectation(path, &at);
    struct linted l LINTED_CLEANUP = lint_file(path);
    f = find(&l, code, &at);
    if (!f) {
        print_error("%s does not fire on %s at %s, but:\n", code, at.object,
                    at.path);
        print_findings(&l);
        return false;
    }
    if (!f->patch.ptr)
        return true;
    struct linted after LINTED_CLEANUP = lint_patched(path, f);
    ok = !find(&after, code, &at) && is_no_worse(&after, &l);
    if (!ok) {
        print_error("%s: not mended by %.*s\n", code, GH_FMT(f->patch));
        print_findings(&after);
    }
    return ok;
}

/* Information aside: the corrected variant is right in every way. */
static bool is_content(const struct linted *l)
{
    for (size_t i = 0; i < l->findings.at.count; i++)
        if (l->findings.at.at[i].row->severity != GH_SEVERITY_INFO)
            return false;
    return true;
}

static bool is_silent(const char *code)
{
    char path[512];

    (void)snprintf(path, sizeof(path), FOLDERS "/%s/silent.yaml", code);
    struct linted l LINTED_CLEANUP = lint_file(path);
    if (!find(&l, code, NULL) && is_content(&l))
        return true;
    print_error("%s is not silent:\n", path);
    print_findings(&l);
    return false;
}

static void every_row_fires_and_is_silent(void **state)
{
    size_t failed = 0;

    (void)state;
    for (size_t i = 0; i < GH_FINDING_COUNT; i++) {
        const struct gh_finding_row *row = &gh_finding_rows[i];

        if (row->class != GH_FINDING_MEANING)
            continue;
        failed += !fires(row->code);
        failed += !is_silent(row->code);
    }
    assert_int_equal(failed, 0);
}

static int keep_codes(const struct dirent *e)
{
    return e->d_name[0] >= 'A' && e->d_name[0] <= 'Z';
}

static void every_folder_is_a_row(void **state)
{
    struct dirent **list;
    int n = scandir(FOLDERS, &list, keep_codes, alphasort);

    (void)state;
    assert_true(n > 0);
    for (int i = 0; i < n; i++) {
        if (!gh_finding_by_code(gh_slice_str(list[i]->d_name)))
            fail_msg("%s is no finding", list[i]->d_name);
        free(list[i]);
    }
    free(list);
}

/* --- meshes that are what they are --- */

static int keep_yaml(const struct dirent *e)
{
    const char *dot = strrchr(e->d_name, '.');

    return dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".json") == 0);
}

/* Each file of a folder is a scope of its own. */
static void load_folder(struct fixture *f, const char *folder)
{
    struct dirent **list;
    int n = scandir(folder, &list, keep_yaml, alphasort);

    if (n < 0)
        fail_msg("%s cannot be read", folder);
    for (int i = 0; i < n; i++) {
        char path[1024];

        (void)snprintf(path, sizeof(path), "%s/%s", folder, list[i]->d_name);
        fixture_file(f, path);
        free(list[i]);
    }
    free(list);
}

/* Compares with lines of "CODE object path"; information is left out. */
static void expect_told(struct linted *l, const char *const *lines,
                        const char *what)
{
    char name[512];
    char line[1024];
    size_t k = 0;

    lint(l);
    for (size_t i = 0; i < l->findings.at.count; i++) {
        const struct gh_finding *f = &l->findings.at.at[i];

        if (f->row->severity == GH_SEVERITY_INFO)
            continue;
        (void)snprintf(line, sizeof(line), "%s %s %.*s", f->row->code,
                       name_of(f->object, name, sizeof(name)), GH_FMT(f->path));
        if (!lines[k] || strcmp(lines[k], line) != 0) {
            print_findings(l);
            fail_msg("%s is told %s, not %s", what, line,
                     lines[k] ? lines[k] : "nothing more");
        }
        k++;
    }
    if (lines[k])
        fail_msg("%s is not told %s", what, lines[k]);
}

/* The eight faults of examples/shop, and nothing else. */
static void the_shop_is_told_its_faults(void **state)
{
    static const char *const folders[] = {"data", "platform", "shop", "vault"};
    static const char *const told[] = {
        "LNKD-019 AuthorizationPolicy/shop/catalog-writers "
        "spec.requiredAuthenticationRefs[0]",
        "LNKD-111 HTTPRoute/shop/api-v1 spec.rules",
        "LNKD-008 Server/shop/cart-v2 spec.port",
        "LNKD-107 Server/vault/payments-terminals spec.proxyProtocol",
        "LNKD-023 MeshTLSAuthentication/data/reports spec.identities[0]",
        "LNKD-123 AuthorizationPolicy/shop/api-admin-operators "
        "spec.requiredAuthenticationRefs",
        "LNKD-105 Server/shop/web spec.accessPolicy",
        "LNKD-121 AuthorizationPolicy/vault/vault-monitoring spec.targetRef",
        NULL};
    struct linted l LINTED_CLEANUP = {.f = fixture_new()};

    (void)state;
    for (size_t i = 0; i < GH_COUNT(folders); i++) {
        char path[128];

        (void)snprintf(path, sizeof(path), "examples/shop/%s", folders[i]);
        load_folder(l.f, path);
    }
    expect_told(&l, told, "examples/shop");
}

/*
 * Files of others: Linkerd's own manifests, a demo, recorded answers of an
 * API server. What they are told is true: metrics-api and the others of
 * linkerd-viz were recorded without a proxy.
 */
static const struct {
    const char *path;
    bool folder;
    const char *const *told;
} others[] = {
#define MANIFESTS "data/linkerd/manifests/"
#define NOTHING ((const char *const[]){NULL})
    {MANIFESTS "cli-cmd-testdata-install_default.yaml", false, NOTHING},
    {MANIFESTS "cli-cmd-testdata-install_ha_output.yaml", false, NOTHING},
    {MANIFESTS "inject_emojivoto_already_injected.yaml", false, NOTHING},
    {MANIFESTS "inject_emojivoto_deployment_native_sidecar.yaml", false,
     NOTHING},
    {MANIFESTS "inject_emojivoto_deployment_opaque_ports.yaml", false, NOTHING},
    {MANIFESTS "inject_emojivoto_list.yaml", false, NOTHING},
    {MANIFESTS "inject_emojivoto_pod_default_inbound_policy.yaml", false,
     NOTHING},
    {MANIFESTS "inject_emojivoto_pod_nativesidecar.yaml", false, NOTHING},
    {MANIFESTS "inject_emojivoto_statefulset.yaml", false, NOTHING},
    {MANIFESTS "viz-cmd-testdata-install_default.yaml", false, NOTHING},
    {"data/linkerd/demo", true, NOTHING},
    {"data/kube/lists", true,
     (const char *const[]){
         "LNKD-119 AuthorizationPolicy/linkerd-viz/prometheus-admin "
         "spec.requiredAuthenticationRefs[0]",
         "P001 Pod/linkerd-viz/metrics-api-57db8bcff9-7w25h ",
         "P001 Pod/linkerd-viz/prometheus-778b5ccb7d-zdm5f ",
         "P001 Pod/linkerd-viz/tap-666464bcd7-76j88 ",
         "P001 Pod/linkerd-viz/tap-injector-5f579895bb-qpx2b ",
         "P001 Pod/linkerd-viz/web-66f58b47bc-r89c8 ", NULL}},
};

static void others_are_told_what_is_true(void **state)
{
    size_t seen = 0;

    (void)state;
    for (size_t i = 0; i < GH_COUNT(others); i++) {
        struct linted l LINTED_CLEANUP = {.f = fixture_new()};
        char path[1024];

        if (!shared_path(path, sizeof(path), others[i].path))
            continue;
        seen++;
        if (others[i].folder)
            load_folder(l.f, path);
        else
            fixture_file(l.f, path);
        expect_told(&l, others[i].told, others[i].path);
    }
    if (seen == 0)
        left_out("manifests of others");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_fires_and_is_silent),
        cmocka_unit_test(every_folder_is_a_row),
        cmocka_unit_test(the_shop_is_told_its_faults),
        cmocka_unit_test(others_are_told_what_is_true),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
