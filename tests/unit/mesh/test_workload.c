/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh_fixture.h"

/*
 * Workloads: whose a pod is, which pods are alike, and what a template will
 * become. A whole namespace is described in a line, and compared.
 */

/* "Kind/name[pods...|template] ..." with '+' between sets. */
static const char *describe(struct fixture *f, const char *ns)
{
    struct gh_slice text = GH_SLICE("");
    size_t count;
    const struct gh_workload *const *all =
        gh_mesh_workloads(f->mesh, gh_slice_str(ns), &count);

    for (size_t i = 0; i < count; i++) {
        text = gh_arena_fmt(&f->arena, "%.*s%s%.*s/%.*s[", GH_FMT(text),
                            i ? " " : "", GH_FMT(all[i]->kind),
                            GH_FMT(all[i]->name));
        for (size_t j = 0; j < all[i]->set_count; j++) {
            const struct gh_podset *s = all[i]->sets[j];

            text = gh_arena_fmt(&f->arena, "%.*s%s%s", GH_FMT(text),
                                j ? "+" : "", s->is_template ? "template" : "");
            for (size_t k = 0; k < s->pod_count; k++)
                text = gh_arena_fmt(&f->arena, "%.*s%s%.*s", GH_FMT(text),
                                    k ? " " : "", GH_FMT(s->pods[k].name));
        }
        text = gh_arena_fmt(&f->arena, "%.*s]", GH_FMT(text));
    }
    return text.ptr;
}

#define POD(name, more)                                                        \
    "---\napiVersion: v1\nkind: Pod\n"                                         \
    "metadata: {name: " name ", namespace: shop" more "}\n"                    \
    "spec: {containers: [{name: linkerd-proxy}, {name: app}]}\n"
#define OWNED(kind, owner)                                                     \
    ", ownerReferences: [{kind: " kind ", name: " owner ", controller: true}]"
#define HASH(h) ", labels: {pod-template-hash: " h "}"
#define OBJECT(version, kind, name, more)                                      \
    "---\napiVersion: " version "\nkind: " kind "\nmetadata: {name: " name     \
    ", namespace: shop" more "}\n"
#define TEMPLATE "spec: {template: {spec: {containers: [{name: app}]}}}\n"

static void follows_owners(void **state)
{
    static const struct {
        const char *yaml;
        const char *expected;
    } cases[] = {
        {POD("lone", ""), "Pod/lone[lone]"},
        {POD("web-0", OWNED("StatefulSet", "web")), "StatefulSet/web[web-0]"},
        {POD("log-x", OWNED("DaemonSet", "log")), "DaemonSet/log[log-x]"},
        {POD("own-x", OWNED("Rollout", "own")), "Rollout/own[own-x]"},
        /* through a ReplicaSet that is there */
        {OBJECT("apps/v1", "ReplicaSet", "rs", OWNED("Deployment", "web"))
             POD("a", OWNED("ReplicaSet", "rs") HASH("rs")),
         "Deployment/web[a]"},
        /* one that nobody owns is itself the workload */
        {OBJECT("apps/v1", "ReplicaSet", "web-5f", "")
             POD("a", OWNED("ReplicaSet", "web-5f") HASH("5f")),
         "ReplicaSet/web-5f[a]"},
        /* one that is gone tells by its name */
        {POD("a", OWNED("ReplicaSet", "my-web-5f") HASH("5f")),
         "Deployment/my-web[a]"},
        {POD("a", OWNED("ReplicaSet", "web-5f") HASH("6f")),
         "ReplicaSet/web-5f[a]"},
        {POD("a", OWNED("ReplicaSet", "5f") HASH("5f")), "ReplicaSet/5f[a]"},
        {POD("a", OWNED("ReplicaSet", "web-5f")), "ReplicaSet/web-5f[a]"},
        /* a Job, and the CronJob above it */
        {OBJECT("batch/v1", "Job", "night-1", OWNED("CronJob", "night"))
             POD("a", OWNED("Job", "night-1")),
         "CronJob/night[a]"},
        {POD("a", OWNED("Job", "night-1")), "Job/night-1[a]"},
        /* of several owners, the controller */
        {"apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop, "
         "ownerReferences: [{kind: Node, name: n}, {kind: StatefulSet, name: "
         "db, controller: true}]}\nspec: {}\n",
         "StatefulSet/db[a]"},
        /* an owner that says nothing is none */
        {POD("a", ", ownerReferences: [{kind: StatefulSet}]"), "Pod/a[a]"},
    };

    (void)state;
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        struct fixture *f FIXTURE_CLEANUP = fixture_new();

        fixture_yaml(f, "it", cases[i].yaml);
        assert_string_equal(describe(f, "shop"), cases[i].expected);
    }
}

static void folds_what_is_alike(void **state)
{
    struct fixture *f FIXTURE_CLEANUP = fixture_new();

    (void)state;
    fixture_yaml(f, "alike",
                 POD("a", OWNED("StatefulSet", "web"))
                     POD("b", OWNED("StatefulSet", "web")));
    assert_string_equal(describe(f, "shop"), "StatefulSet/web[a b]");
    fixture_yaml(f, "labels",
                 POD("c", OWNED("StatefulSet", "web") ", labels: {x: y}"));
    fixture_yaml(f, "annotations",
                 POD("d",
                     OWNED("StatefulSet",
                           "web") ", annotations: "
                                  "{config.linkerd.io/opaque-ports: \"80\"}"));
    fixture_yaml(
        f, "spec",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: e, namespace: "
        "shop" OWNED(
            "StatefulSet",
            "web") "}\n"
                   "spec: {serviceAccountName: web, containers: [{name: "
                   "linkerd-proxy}, {name: app}]}\n");
    assert_string_equal(describe(f, "shop"), "StatefulSet/web[a b+c+d+e]");
    /* What policy cannot see does not tell them apart. */
    fixture_yaml(
        f, "image",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: f, namespace: "
        "shop, annotations: {example.org/x: y}" OWNED(
            "StatefulSet",
            "web") "}\n"
                   "spec: {nodeName: n, containers: [{name: linkerd-proxy, "
                   "image: x}, {name: app}]}\n");
    assert_string_equal(describe(f, "shop"), "StatefulSet/web[a b f+c+d+e]");
}

static void lets_templates_stand_in(void **state)
{
    static const struct {
        const char *yaml;
        const char *expected;
    } cases[] = {
        {OBJECT("apps/v1", "Deployment", "web", "") TEMPLATE,
         "Deployment/web[template]"},
        {OBJECT("apps/v1", "Deployment", "web", "")
             TEMPLATE POD("a", OWNED("ReplicaSet", "web-5f") HASH("5f")),
         "Deployment/web[a]"},
        {OBJECT("apps/v1", "StatefulSet", "s",
                "") TEMPLATE OBJECT("apps/v1", "DaemonSet", "d", "")
             TEMPLATE OBJECT("v1", "ReplicationController", "r", "") TEMPLATE,
         "DaemonSet/d[template] ReplicationController/r[template] "
         "StatefulSet/s[template]"},
        /* ReplicaSets and Jobs only where nobody owns them */
        {OBJECT("apps/v1", "ReplicaSet", "old", OWNED("Deployment", "web"))
             TEMPLATE OBJECT("apps/v1", "ReplicaSet", "bare", "")
                 TEMPLATE OBJECT("batch/v1", "Job", "once", "") TEMPLATE,
         "Job/once[template] ReplicaSet/bare[template]"},
        {OBJECT("batch/v1", "CronJob", "night",
                "") "spec: {jobTemplate: {spec: {template: {spec: "
                    "{containers: [{name: app}]}}}}}\n",
         "CronJob/night[template]"},
    };

    (void)state;
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        struct fixture *f FIXTURE_CLEANUP = fixture_new();

        fixture_yaml(f, "it", cases[i].yaml);
        assert_string_equal(describe(f, "shop"), cases[i].expected);
    }
}

/* --- in the mesh or not --- */

static const struct gh_podset *only_set(struct fixture *f)
{
    size_t count;
    const struct gh_workload *const *all =
        gh_mesh_workloads(f->mesh, GH_SLICE("shop"), &count);

    assert_int_equal(count, 1);
    assert_int_equal(all[0]->set_count, 1);
    return all[0]->sets[0];
}

static void tells_who_is_meshed(void **state)
{
    static const struct {
        const char *spec;
        enum gh_meshed meshed;
    } cases[] = {
        {"containers: [{name: app}]", GH_MESHED_NO},
        {"containers: [{name: app}, {name: linkerd-proxy}]", GH_MESHED_SIDECAR},
        {"initContainers: [{name: linkerd-proxy, restartPolicy: Always}]",
         GH_MESHED_NATIVE_SIDECAR},
        {"initContainers: [{name: linkerd-proxy}]", GH_MESHED_NO},
        {"initContainers: [{name: linkerd-init}], containers: [{name: a}]",
         GH_MESHED_NO},
        {"containers: [{name: linkerd-proxy2}]", GH_MESHED_NO},
    };

    (void)state;
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        struct fixture *f FIXTURE_CLEANUP = fixture_new();
        const struct gh_podset *s;

        fixture_yaml(f, "it",
                     gh_arena_fmt(&f->arena,
                                  "apiVersion: v1\nkind: Pod\nmetadata: {name: "
                                  "a, namespace: shop}\nspec: {%s}\n",
                                  cases[i].spec)
                         .ptr);
        s = only_set(f);
        assert_int_equal(s->meshed, cases[i].meshed);
        if (s->meshed == GH_MESHED_NO) {
            assert_null(s->identity.ptr);
            assert_non_null(s->meshed_why);
        } else {
            assert_true(gh_slice_is(s->identity,
                                    "default.shop.serviceaccount.identity."
                                    "linkerd.cluster.local"));
            assert_null(s->meshed_why);
        }
    }
}

static void predicts_injection(void **state)
{
    static const struct {
        const char *ns;   /* of its metadata; NULL: no Namespace is known */
        const char *meta; /* of the template */
        const char *spec;
        enum gh_meshed meshed;
        const char *why; /* contained in it */
    } cases[] = {
        {NULL, "", "", GH_MESHED_NO, "neither its template nor"},
        {NULL, "annotations: {linkerd.io/inject: enabled}", "",
         GH_MESHED_ON_INJECTION, NULL},
        {NULL, "annotations: {linkerd.io/inject: ingress}", "",
         GH_MESHED_ON_INJECTION, NULL},
        {NULL, "annotations: {linkerd.io/inject: disabled}", "", GH_MESHED_NO,
         "does not enable injection"},
        {NULL, "annotations: {linkerd.io/inject: \"true\"}", "", GH_MESHED_NO,
         "does not enable injection"},
        {"annotations: {linkerd.io/inject: enabled}", "", "",
         GH_MESHED_ON_INJECTION, NULL},
        {"annotations: {linkerd.io/inject: enabled}",
         "annotations: {linkerd.io/inject: disabled}", "", GH_MESHED_NO,
         "does not enable injection"},
        {"annotations: {linkerd.io/inject: disabled}",
         "annotations: {linkerd.io/inject: enabled}", "",
         GH_MESHED_ON_INJECTION, NULL},
        /* the label is not the annotation */
        {"labels: {linkerd.io/inject: enabled}", "", "", GH_MESHED_NO,
         "neither its template nor"},
        {"annotations: {linkerd.io/inject: enabled}, labels: "
         "{config.linkerd.io/admission-webhooks: disabled}",
         "", "", GH_MESHED_NO, "exempt"},
        {"annotations: {linkerd.io/inject: enabled}", "", "hostNetwork: true, ",
         GH_MESHED_NO, "hostNetwork"},
        {NULL, "",
         "initContainers: [{name: linkerd-proxy, restartPolicy: "
         "Always}], ",
         GH_MESHED_NATIVE_SIDECAR, NULL},
    };

    (void)state;
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        struct fixture *f FIXTURE_CLEANUP = fixture_new();
        const struct gh_podset *s;

        if (cases[i].ns)
            fixture_yaml(f, "ns",
                         gh_arena_fmt(&f->arena,
                                      "apiVersion: v1\nkind: Namespace\n"
                                      "metadata: {name: shop, %s}\n",
                                      cases[i].ns)
                             .ptr);
        fixture_yaml(
            f, "it",
            gh_arena_fmt(&f->arena,
                         OBJECT("apps/v1", "Deployment", "web",
                                "") "spec: {template: {metadata: {%s}, spec: "
                                    "{%scontainers: [{name: app}]}}}\n",
                         cases[i].meta, cases[i].spec)
                .ptr);
        s = only_set(f);
        assert_int_equal(s->meshed, cases[i].meshed);
        if (cases[i].why)
            assert_non_null(strstr(s->meshed_why, cases[i].why));
        else
            assert_null(s->meshed_why);
        assert_true(s->is_template);
    }
}

static const char injected[] =
    "apiVersion: v1\n"
    "kind: Namespace\n"
    "metadata:\n"
    "  name: shop\n"
    "  annotations:\n"
    "    linkerd.io/inject: enabled\n"
    "    config.linkerd.io/default-inbound-policy: deny\n"
    "    config.alpha.linkerd.io/x: alpha\n"
    "    linkerd.io/y: not copied\n"
    "---\n"
    "apiVersion: apps/v1\n"
    "kind: Deployment\n"
    "metadata: {name: web, namespace: shop}\n"
    "spec:\n"
    "  template:\n"
    "    metadata: {labels: {app: web}%s}\n"
    "    spec:\n"
    "      serviceAccountName: w\n"
    "      containers:\n"
    "      - {name: app, ports: [{containerPort: 3306}, {containerPort: 80},\n"
    "          {containerPort: 25}]}\n";

static const struct gh_podset *inject(struct fixture *f, const char *more)
{
    char yaml[1024];

    (void)snprintf(yaml, sizeof(yaml), injected, more);
    fixture_yaml(f, "it", yaml);
    return only_set(f);
}

#define ANNOTATION(set, key) gh_podset_annotation((set), GH_SLICE(key))

static void adds_what_injection_adds(void **state)
{
    struct fixture *f FIXTURE_CLEANUP = fixture_new();
    const struct gh_podset *s = inject(f, "");

    (void)state;
    assert_true(gh_slice_is(
        ANNOTATION(s, "config.linkerd.io/default-inbound-policy"), "deny"));
    assert_true(
        gh_slice_is(ANNOTATION(s, "config.alpha.linkerd.io/x"), "alpha"));
    assert_null(ANNOTATION(s, "linkerd.io/y").ptr);
    /* The default opaque ports that it has, in the list's order. */
    assert_true(gh_slice_is(ANNOTATION(s, "config.linkerd.io/opaque-ports"),
                            "25,3306"));
    assert_true(gh_slice_is(
        s->identity, "w.shop.serviceaccount.identity.linkerd.cluster.local"));
    assert_true(gh_slice_is(
        gh_labels_get(s->labels, GH_SLICE("linkerd.io/control-plane-ns")),
        "linkerd"));
    assert_true(gh_slice_is(
        gh_labels_get(s->labels, GH_SLICE("linkerd.io/workload-ns")), "shop"));
    assert_true(gh_slice_is(gh_labels_get(s->labels, GH_SLICE("app")), "web"));
    assert_int_equal(s->port_count, 5);
    assert_int_equal(s->probe_count, 2);
    assert_int_equal(s->pod_count, 0);
}

static void leaves_what_a_template_says(void **state)
{
    struct fixture *f FIXTURE_CLEANUP = fixture_new();
    const struct gh_podset *s =
        inject(f, ", annotations: {config.linkerd.io/opaque-ports: \"80\", "
                  "config.linkerd.io/default-inbound-policy: audit}");

    (void)state;
    assert_true(
        gh_slice_is(ANNOTATION(s, "config.linkerd.io/opaque-ports"), "80"));
    assert_true(gh_slice_is(
        ANNOTATION(s, "config.linkerd.io/default-inbound-policy"), "audit"));
    /* Pods are what they are: their Namespace adds nothing any more. */
    fixture_yaml(f, "pod", POD("a", OWNED("ReplicaSet", "web-5f") HASH("5f")));
    s = only_set(f);
    assert_false(s->is_template);
    assert_null(ANNOTATION(s, "config.linkerd.io/default-inbound-policy").ptr);
    assert_null(ANNOTATION(s, "config.linkerd.io/opaque-ports").ptr);
}

/* --- what pods tell of themselves --- */

static void reads_pods(void **state)
{
    struct fixture *f FIXTURE_CLEANUP = fixture_new();
    const struct gh_pod *pod = NULL;
    const struct gh_podset *s;

    (void)state;
    fixture_yaml(
        f, "it",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}\n"
        "spec: {serviceAccountName: w, containers: [{name: app}]}\n"
        "status: {phase: Running, podIP: 10.0.0.7, conditions: [{type: Other, "
        "status: \"False\"}, {type: Ready, status: \"True\"}]}\n" POD(
            "b",
            "") "status: {podIP: nonsense, conditions: [{type: Ready, status: "
                "\"False\"}]}\n");
    s = gh_mesh_pod(f->mesh, GH_SLICE("shop"), GH_SLICE("a"), &pod);
    assert_non_null(s);
    assert_true(gh_slice_is(s->service_account, "w"));
    assert_true(gh_slice_is(pod->phase, "Running"));
    assert_true(pod->ready && pod->has_ip);
    assert_int_equal((uint32_t)pod->ip.value, 0x0a000007);
    s = gh_mesh_pod(f->mesh, GH_SLICE("shop"), GH_SLICE("b"), &pod);
    assert_true(gh_slice_is(s->service_account, "default"));
    assert_null(pod->phase.ptr);
    assert_false(pod->ready || pod->has_ip);
    assert_null(gh_mesh_pod(f->mesh, GH_SLICE("shop"), GH_SLICE("c"), &pod));
    assert_null(gh_mesh_pod(f->mesh, GH_SLICE("x"), GH_SLICE("a"), &pod));
    assert_null(
        gh_mesh_pod(f->mesh, gh_slice_str(NULL), gh_slice_str(NULL), &pod));
}

static void reads_external_workloads(void **state)
{
    struct fixture *f FIXTURE_CLEANUP = fixture_new();
    const struct gh_podset *s;

    (void)state;
    fixture_yaml(f, "it",
                 "apiVersion: workload.linkerd.io/v1beta1\n"
                 "kind: ExternalWorkload\n"
                 "metadata: {name: till, namespace: shop, labels: {app: t}}\n"
                 "spec: {meshTLS: {identity: \"spiffe://x/till\", serverName: "
                 "t.x}, workloadIPs: [{ip: 192.0.2.7}], ports: [{name: http, "
                 "port: 80}, {port: 53, protocol: UDP}, {port: 0}]}\n"
                 "status: {conditions: [{type: Ready, status: \"True\"}]}\n");
    assert_string_equal(describe(f, "shop"), "ExternalWorkload/till[till]");
    s = gh_mesh_external(f->mesh, GH_SLICE("shop"), GH_SLICE("till"));
    assert_non_null(s);
    assert_int_equal(s->meshed, GH_MESHED_EXTERNAL);
    assert_true(gh_slice_is(s->identity, "spiffe://x/till"));
    assert_null(s->service_account.ptr);
    assert_int_equal(s->port_count, 2);
    assert_true(s->ports[0].tcp && !s->ports[1].tcp);
    assert_true(s->pods[0].has_ip && s->pods[0].ready);
    assert_null(gh_mesh_external(f->mesh, GH_SLICE("shop"), GH_SLICE("x")));
    /* It is no pod, also where one has its name. */
    assert_null(gh_mesh_pod(f->mesh, GH_SLICE("shop"), GH_SLICE("till"), NULL));
}

static void finds_workloads(void **state)
{
    struct fixture *f FIXTURE_CLEANUP = fixture_new();
    const struct gh_slice shop = GH_SLICE("shop");
    const struct gh_slice web = GH_SLICE("web");

    (void)state;
    fixture_yaml(f, "it",
                 OBJECT("apps/v1", "Deployment", "web", "")
                     TEMPLATE OBJECT("apps/v1", "StatefulSet", "web", "")
                         TEMPLATE);
    assert_true(gh_slice_is(
        gh_mesh_workload(f->mesh, shop, GH_SLICE("statefulSET"), web)->kind,
        "StatefulSet"));
    assert_true(gh_slice_is(
        gh_mesh_workload(f->mesh, shop, gh_slice_str(NULL), web)->kind,
        "Deployment"));
    assert_null(gh_mesh_workload(f->mesh, shop, GH_SLICE("Job"), web));
    assert_null(
        gh_mesh_workload(f->mesh, GH_SLICE("x"), gh_slice_str(NULL), web));
    assert_string_equal(gh_meshed_name(GH_MESHED_ON_INJECTION), "on-injection");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_owners),
        cmocka_unit_test(folds_what_is_alike),
        cmocka_unit_test(lets_templates_stand_in),
        cmocka_unit_test(tells_who_is_meshed),
        cmocka_unit_test(predicts_injection),
        cmocka_unit_test(adds_what_injection_adds),
        cmocka_unit_test(leaves_what_a_template_says),
        cmocka_unit_test(reads_pods),
        cmocka_unit_test(reads_external_workloads),
        cmocka_unit_test(finds_workloads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
