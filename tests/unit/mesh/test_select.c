/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh_fixture.h"

#include "mesh/select.h"

/* Names and ports as people write them, and what they stand for. */

static const char mesh[] =
    "apiVersion: v1\n"
    "kind: Service\n"
    "metadata: {name: web, namespace: shop}\n"
    "spec:\n"
    "  selector: {app: web}\n"
    "  ports:\n"
    "  - {name: http, port: 80, targetPort: http}\n"
    "  - {name: same, port: 9090}\n"
    "  - {name: side, port: 81, targetPort: side}\n"
    "  - {name: once, port: 82, targetPort: once}\n"
    "  - {name: dns, port: 53, protocol: UDP}\n"
    "---\n"
    "apiVersion: v1\n"
    "kind: Service\n"
    "metadata: {name: nobody, namespace: shop}\n"
    "spec: {selector: {app: nobody}, ports: [{port: 80}]}\n"
    "---\n"
    "apiVersion: v1\n"
    "kind: Service\n"
    "metadata: {name: unselective, namespace: shop}\n"
    "spec: {ports: [{port: 80}]}\n"
    "---\n"
    "apiVersion: v1\n"
    "kind: Pod\n"
    "metadata: {name: web-0, namespace: shop, labels: {app: web}, "
    "ownerReferences: [{kind: StatefulSet, name: web, controller: true}]}\n"
    "spec:\n"
    "  serviceAccountName: w\n"
    "  containers:\n"
    "  - {name: app, ports: [{name: http, containerPort: 8080}, {name: dns, "
    "containerPort: 53, protocol: UDP}, {name: dns-tcp, containerPort: 53}]}\n"
    "  - {name: linkerd-proxy, ports: [{name: linkerd-admin, containerPort: "
    "4191}]}\n"
    "  initContainers:\n"
    "  - {name: side, restartPolicy: Always, ports: [{name: side, "
    "containerPort: 7000}]}\n"
    "  - {name: once, ports: [{name: once, containerPort: 7001}]}\n"
    "status: {podIP: 10.0.0.1}\n"
    "---\n"
    "apiVersion: v1\n"
    "kind: Pod\n"
    "metadata: {name: web-1, namespace: shop, labels: {app: web, canary: x}, "
    "ownerReferences: [{kind: StatefulSet, name: web, controller: true}]}\n"
    "spec: {serviceAccountName: w, containers: [{name: linkerd-proxy}, {name: "
    "app, ports: [{name: http, containerPort: 8081}]}]}\n"
    "status: {podIP: 10.0.0.2}\n"
    "---\n"
    "apiVersion: apps/v1\n"
    "kind: Deployment\n"
    "metadata: {name: cart, namespace: shop}\n"
    "spec: {template: {metadata: {labels: {k8s-app: basket}}, spec: "
    "{containers: [{name: app}]}}}\n"
    "---\n"
    "apiVersion: policy.linkerd.io/v1beta3\n"
    "kind: Server\n"
    "metadata: {name: hidden, namespace: shop}\n"
    "spec: {podSelector: {matchLabels: {app: web}}, port: 6000}\n";

static struct fixture *opened(void)
{
    struct fixture *f = fixture_new();

    fixture_yaml(f, "mesh", mesh);
    return f;
}

/* "by: Kind/name Kind/name", or the error. */
static const char *chosen(struct fixture *f, const char *ns, const char *name,
                          enum gh_select_for what_for)
{
    static const char *const by[] = {
        [GH_BY_SERVICE] = "service",
        [GH_BY_WORKLOAD] = "workload",
        [GH_BY_LABEL] = "label",
        [GH_BY_POD] = "pod",
    };
    struct gh_selection sel;
    struct gh_slice text;
    struct gh_err err;

    if (!gh_select(f->mesh, gh_slice_str(ns), gh_slice_str(name), what_for,
                   &f->arena, &sel, &err))
        return gh_arena_dup(&f->arena, gh_slice_str(err.text)).ptr;
    text = gh_arena_fmt(&f->arena, "%s:", by[sel.by]);
    for (size_t i = 0; i < sel.set_count; i++)
        text = gh_arena_fmt(&f->arena, "%.*s %.*s/%.*s", GH_FMT(text),
                            GH_FMT(sel.sets[i]->workload->kind),
                            GH_FMT(sel.sets[i]->workload->name));
    return text.ptr;
}

static void resolves_names(void **state)
{
    static const struct {
        const char *name;
        enum gh_select_for what_for;
        const char *expected;
    } cases[] = {
        {"web", GH_SELECT_TARGET, "service: StatefulSet/web StatefulSet/web"},
        {"web", GH_SELECT_SOURCE, "workload: StatefulSet/web StatefulSet/web"},
        {"svc/web", GH_SELECT_SOURCE,
         "service: StatefulSet/web StatefulSet/web"},
        {"Service/web", GH_SELECT_SOURCE,
         "service: StatefulSet/web StatefulSet/web"},
        {"sts/web", GH_SELECT_TARGET,
         "workload: StatefulSet/web StatefulSet/web"},
        {"STATEFULSET/web", GH_SELECT_TARGET,
         "workload: StatefulSet/web StatefulSet/web"},
        {"pod/web-1", GH_SELECT_TARGET, "pod: StatefulSet/web"},
        {"web-0", GH_SELECT_TARGET, "pod: StatefulSet/web"},
        {"cart", GH_SELECT_TARGET, "workload: Deployment/cart"},
        {"basket", GH_SELECT_SOURCE, "label: Deployment/cart"},
        {"deploy/cart", GH_SELECT_SOURCE, "workload: Deployment/cart"},
        {"deploy/web", GH_SELECT_TARGET,
         "namespace \"shop\" has no Deployment \"web\", but a StatefulSet of "
         "that "
         "name"},
        {"svc/cart", GH_SELECT_TARGET,
         "namespace \"shop\" has no Service \"cart\", but a Deployment of that "
         "name"},
        {"pod/web-2", GH_SELECT_TARGET,
         "namespace \"shop\" has no Pod \"web-2\" (did you mean \"web-0\"?)"},
        {"sts/wbe", GH_SELECT_TARGET,
         "namespace \"shop\" has no StatefulSet \"wbe\" (did you mean "
         "\"web\"?)"},
        {"ds/wbe", GH_SELECT_TARGET,
         "namespace \"shop\" has no DaemonSet \"wbe\""},
        {"crat", GH_SELECT_TARGET,
         "namespace \"shop\" has no Service, workload or pod \"crat\" (did "
         "you mean \"cart\"?)"},
        {"zzzzzz", GH_SELECT_TARGET,
         "namespace \"shop\" has no Service, workload or pod \"zzzzzz\""},
        {"nobody", GH_SELECT_TARGET,
         "Service \"nobody\" in namespace \"shop\" selects no pods or pod "
         "templates"},
        {"unselective", GH_SELECT_TARGET,
         "Service \"unselective\" in namespace \"shop\" selects no pods or "
         "pod templates"},
        {"thing/web", GH_SELECT_TARGET,
         "\"thing\" is no kind of workload: write svc/, deploy/, sts/, ds/, "
         "job/, cronjob/ or pod/ before a name"},
        {"", GH_SELECT_TARGET,
         "namespace \"shop\" has no Service, workload or pod \"\""},
    };
    struct fixture *f FIXTURE_CLEANUP = opened();

    (void)state;
    for (size_t i = 0; i < GH_COUNT(cases); i++)
        assert_string_equal(chosen(f, "shop", cases[i].name, cases[i].what_for),
                            cases[i].expected);
    assert_string_equal(
        chosen(f, "shopp", "web", GH_SELECT_TARGET),
        "namespace \"shopp\" does not exist (did you mean \"shop\"?)");
    assert_string_equal(
        chosen(f, "warehouse", "web", GH_SELECT_TARGET),
        "namespace \"warehouse\" does not exist; 1 namespaces are known");
}

/* "port=service port(name)" of each, or the error. */
static const char *ports(struct fixture *f, const char *name, const char *port)
{
    const struct gh_target_port *list;
    struct gh_slice text = GH_SLICE("");
    struct gh_selection sel;
    struct gh_err err;
    size_t count;

    assert_true(gh_select(f->mesh, GH_SLICE("shop"), gh_slice_str(name),
                          GH_SELECT_TARGET, &f->arena, &sel, &err));
    if (!gh_target_ports(f->mesh, &sel, gh_slice_str(port), &f->arena, &list,
                         &count, &err))
        return gh_arena_dup(&f->arena, gh_slice_str(err.text)).ptr;
    for (size_t i = 0; i < count; i++)
        text = gh_arena_fmt(
            &f->arena, "%.*s%s%u=%u(%.*s)", GH_FMT(text), i ? " " : "",
            (unsigned)list[i].port, (unsigned)list[i].service_port,
            GH_FMT(list[i].name.ptr ? list[i].name : GH_SLICE("")));
    return text.ptr;
}

static void resolves_ports(void **state)
{
    static const struct {
        const char *name;
        const char *port;
        const char *expected;
    } cases[] = {
        /* A Service's, each pod's own number; not of UDP or of containers
         * that end */
        {"svc/web", NULL,
         "8080=80(http) 8081=80(http) 9090=9090(same) 9090=9090(same) "
         "7000=81(side)"},
        {"svc/web", "http", "8080=80(http) 8081=80(http)"},
        {"svc/web", "80", "8080=80(http) 8081=80(http)"},
        {"svc/web", "81", "7000=81(side)"},
        {"svc/web", "8080",
         "shop/web has no port \"8080\"; it has http (80), same (9090), side "
         "(81)"},
        {"svc/web", "53",
         "shop/web has no port \"53\"; it has http (80), same (9090), side "
         "(81)"},
        /* a pod's, with what a Server names and Services lead to; without
         * the proxy's own */
        {"pod/web-0", NULL,
         "53=0(dns-tcp) 6000=0() 7000=0(side) 8080=0(http) 9090=0()"},
        {"pod/web-0", "http", "8080=0(http)"},
        {"pod/web-0", "dns",
         "shop/web-0 has no port \"dns\"; it has dns-tcp "
         "(53), 6000, side (7000), http (8080), 9090"},
        {"pod/web-0", "once", "7001=0(once)"},
        {"pod/web-0", "4191", "4191=0(linkerd-admin)"},
        {"pod/web-0", "1", "1=0()"},
        {"pod/web-0", "0",
         "shop/web-0 has no port \"0\"; it has dns-tcp (53), "
         "6000, side (7000), http (8080), 9090"},
        {"pod/web-0", "65536",
         "shop/web-0 has no port \"65536\"; it has dns-tcp (53), 6000, side "
         "(7000), http (8080), 9090"},
        {"deploy/cart", NULL,
         "shop/cart has no TCP port that is known: give one"},
        {"deploy/cart", "http", "shop/cart has no port \"http\"; it has none"},
    };
    struct fixture *f FIXTURE_CLEANUP = opened();

    (void)state;
    for (size_t i = 0; i < GH_COUNT(cases); i++)
        assert_string_equal(ports(f, cases[i].name, cases[i].port),
                            cases[i].expected);
}

static void makes_clients(void **state)
{
    struct fixture *f FIXTURE_CLEANUP = opened();
    const struct gh_source_client *list;
    struct gh_selection sel;
    struct gh_err err;
    size_t count;

    (void)state;
    assert_true(gh_select(f->mesh, GH_SLICE("shop"), GH_SLICE("web"),
                          GH_SELECT_SOURCE, &f->arena, &sel, &err));
    list = gh_source_clients(&sel, &f->arena, &count);
    assert_int_equal(count, 2);
    assert_int_equal(list[0].client.tls, GH_CLIENT_IDENTIFIED);
    assert_true(
        gh_slice_is(list[0].client.identity,
                    "w.shop.serviceaccount.identity.linkerd.cluster.local"));
    assert_true(list[1].client.has_ip);
    assert_int_equal((uint32_t)list[1].client.ip.value, 0x0a000002);
    /* one pod */
    assert_true(gh_select(f->mesh, GH_SLICE("shop"), GH_SLICE("pod/web-1"),
                          GH_SELECT_SOURCE, &f->arena, &sel, &err));
    list = gh_source_clients(&sel, &f->arena, &count);
    assert_int_equal(count, 1);
    assert_true(gh_slice_is(list[0].pod->name, "web-1"));
    /* a template that will not be injected: plain, from somewhere */
    assert_true(gh_select(f->mesh, GH_SLICE("shop"), GH_SLICE("cart"),
                          GH_SELECT_SOURCE, &f->arena, &sel, &err));
    list = gh_source_clients(&sel, &f->arena, &count);
    assert_int_equal(count, 1);
    assert_null(list[0].pod);
    assert_int_equal(list[0].client.tls, GH_CLIENT_PLAIN);
    assert_false(list[0].client.has_ip);
}

static void finds_services(void **state)
{
    struct fixture *f FIXTURE_CLEANUP = opened();
    const struct gh_object *const *list;
    size_t count;

    (void)state;
    list = gh_podset_services(
        f->mesh,
        gh_mesh_pod(f->mesh, GH_SLICE("shop"), GH_SLICE("web-1"), NULL),
        &f->arena, &count);
    assert_int_equal(count, 1);
    assert_true(gh_slice_is(list[0]->name, "web"));
    (void)gh_podset_services(f->mesh,
                             gh_mesh_workload(f->mesh, GH_SLICE("shop"),
                                              gh_slice_str(NULL),
                                              GH_SLICE("cart"))
                                 ->sets[0],
                             &f->arena, &count);
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resolves_names),
        cmocka_unit_test(resolves_ports),
        cmocka_unit_test(makes_clients),
        cmocka_unit_test(finds_services),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
