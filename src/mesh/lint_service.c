/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh/decide.h"
#include "mesh/lint_internal.h"

/*
 * Lints of Services: what clients are told about ports, and other clusters
 *
 * A client's proxy learns from the Service what is opaque, the server's from
 * its pod. Requests from other clusters come through a gateway, with the
 * gateway's identity.
 */

#define OPAQUE_PORTS "config.linkerd.io/opaque-ports"

/* --- opaque ports --- */

/* Return: false when the list cannot be read as numbers. */
static bool list_has(struct gh_slice list, uint16_t port, bool *ret)
{
    bool valid = true;

    *ret = list.ptr && gh_port_list_has(list, port, &valid);
    return valid;
}

static void tell_opaque(struct gh_lint *l, const struct gh_object *service,
                        const struct gh_podset *set, uint16_t port,
                        uint16_t target, bool by_service)
{
    struct gh_finding *f;

    if (by_service)
        f = gh_lint_tell(
            l, GH_FINDING_ID_SERVICE_OPAQUE, service,
            GH_SLICE("metadata.annotations[" OPAQUE_PORTS "]"),
            "port %u is opaque here, and port %u of %.*s, to which it leads, "
            "is not: the server's proxy waits for a protocol to detect",
            (unsigned)port, (unsigned)target, GH_FMT(gh_lint_workload(l, set)));
    else
        f = gh_lint_tell(
            l, GH_FINDING_ID_SERVICE_OPAQUE, service,
            GH_SLICE("metadata.annotations[" OPAQUE_PORTS "]"),
            "port %u leads to port %u of %.*s, which is opaque, and is not "
            "opaque here: clients wait for a protocol to detect",
            (unsigned)port, (unsigned)target, GH_FMT(gh_lint_workload(l, set)));
    gh_lint_fix(l, f,
                by_service ? "Add \"%u\" to " OPAQUE_PORTS
                             " of the pods (in the pod template)."
                           : "Add \"%u\" to " OPAQUE_PORTS " of the Service.",
                (unsigned)(by_service ? target : port));
    gh_lint_relate(f, gh_lint_object_of(set));
}

static bool has_own_list(const struct gh_object *service)
{
    return gh_json_given(
        gh_json_get(gh_lint_meta(service, "annotations"), OPAQUE_PORTS));
}

/* Return: whether something was told; once is enough for a Service. */
static bool lint_opaque_port(struct gh_lint *l, const struct gh_object *service,
                             const struct gh_podset *set, struct gh_json port)
{
    struct gh_slice protocol =
        gh_json_str_or(gh_json_get(port, "protocol"), GH_SLICE("TCP"));
    struct gh_slice pods = gh_podset_annotation(set, GH_SLICE(OPAQUE_PORTS));
    bool by_service;
    bool by_pod;
    uint16_t target;
    int64_t number;

    if (!gh_slice_is(protocol, "TCP") ||
        !gh_json_i64(gh_json_get(port, "port"), &number) || number < 1 ||
        number > UINT16_MAX || !gh_lint_target_port(set, port, &target) ||
        !list_has(gh_lint_opaque_of(l, service), (uint16_t)number,
                  &by_service) ||
        !list_has(pods, target, &by_pod) || by_service == by_pod)
        return false;
    if (by_service && !has_own_list(service))
        return false; /* by default only */
    tell_opaque(l, service, set, (uint16_t)number, target, by_service);
    return true;
}

static void lint_opaque(struct gh_lint *l, const struct gh_object *service)
{
    struct gh_lint_sets it = gh_lint_sets(l, l->ns);
    struct gh_json ports = gh_json_get(gh_lint_spec(service), "ports");

    while (gh_lint_next_set(&it)) {
        if (it.set->meshed == GH_MESHED_NO ||
            it.set->meshed == GH_MESHED_EXTERNAL ||
            !gh_lint_selects(l, service, it.set))
            continue;
        for (struct gh_json_iter p = gh_json_iter(ports); gh_json_next(&p);)
            if (lint_opaque_port(l, service, it.set, p.value))
                return;
    }
}

/* --- other clusters --- */

static bool is_linked(struct gh_lint *l, struct gh_slice cluster)
{
    struct gh_store_iter it =
        gh_mesh_list(l->mesh, GH_KIND_LINK, gh_slice_str(NULL));

    while (gh_store_next(&it))
        if (gh_slice_eq(it.object->name, cluster) ||
            gh_slice_eq(gh_json_str_or(gh_json_get(gh_lint_spec(it.object),
                                                   "targetClusterName"),
                                       GH_SLICE("")),
                        cluster))
            return true;
    return false;
}

static void lint_mirror(struct gh_lint *l, const struct gh_object *service)
{
    struct gh_json labels = gh_lint_meta(service, "labels");
    struct gh_slice cluster =
        gh_json_str(gh_json_get(labels, "mirror.linkerd.io/cluster-name"));

    if (!gh_json_str_is(
            gh_json_get(labels, "mirror.linkerd.io/mirrored-service"),
            "true") ||
        !cluster.ptr || is_linked(l, cluster) ||
        !gh_lint_ns_at_hand(l, GH_SLICE("linkerd-multicluster")))
        return;
    (void)gh_lint_tell(
        l, GH_FINDING_ID_MIRROR_ORPHAN, service,
        GH_SLICE("metadata.labels[mirror.linkerd.io/cluster-name]"),
        "there is no Link to the cluster \"%.*s\", of which this is a mirror",
        GH_FMT(cluster));
}

static const struct gh_podset *gateway(struct gh_lint *l)
{
    struct gh_lint_sets it = gh_lint_sets(l, GH_SLICE("linkerd-multicluster"));

    while (gh_lint_next_set(&it))
        if (gh_slice_is(it.set->service_account, "linkerd-gateway") &&
            it.set->identity.len > 0)
            return it.set;
    return NULL;
}

/* Whether any request, or any connection, of the client gets through. */
static bool gets_through(struct gh_lint *l, const struct gh_port_policy *p,
                         const struct gh_client *client)
{
    struct gh_decision d;

    for (size_t i = 0; i < p->route_count; i++) {
        if (p->routes[i].route->object || p->default_routes) {
            gh_decide_route(p, client, &p->routes[i], GH_EVIDENCE_NONE,
                            &l->scratch, &d);
            if (d.verdict != GH_DENY)
                return true;
        }
    }
    gh_decide_tcp(p, client, GH_EVIDENCE_NONE, &l->scratch, &d);
    return d.verdict != GH_DENY;
}

static void lint_export(struct gh_lint *l, const struct gh_object *service)
{
    struct gh_json ports = gh_json_get(gh_lint_spec(service), "ports");
    struct gh_lint_sets it = gh_lint_sets(l, l->ns);
    struct gh_client client = {.tls = GH_CLIENT_IDENTIFIED};
    const struct gh_podset *g;

    if (!gh_json_str_is(gh_json_get(gh_lint_meta(service, "labels"),
                                    "mirror.linkerd.io/exported"),
                        "true"))
        return;
    g = gateway(l);
    if (!g)
        return;
    client.identity = g->identity;
    while (gh_lint_next_set(&it)) {
        if (!gh_lint_selects(l, service, it.set))
            continue;
        for (struct gh_json_iter p = gh_json_iter(ports); gh_json_next(&p);) {
            const struct gh_port_policy *policy;
            struct gh_finding *f;
            uint16_t target;

            if (!gh_lint_target_port(it.set, p.value, &target))
                continue;
            policy = gh_port_policy(l->mesh, it.set, target);
            if (policy->refuses_everything || gets_through(l, policy, &client))
                continue;
            f = gh_lint_tell(
                l, GH_FINDING_ID_GATEWAY_REFUSED, service,
                GH_SLICE("metadata.labels[mirror.linkerd.io/exported]"),
                "%.*s refuses the gateway (%.*s) on port %u, so no request of "
                "another cluster gets through",
                GH_FMT(gh_lint_workload(l, it.set)), GH_FMT(g->identity),
                (unsigned)target);
            gh_lint_relate(f, policy->server ? policy->server->object : NULL);
            return;
        }
    }
}

void gh_lint_services(struct gh_lint *l)
{
    struct gh_store_iter it = gh_mesh_list(l->mesh, GH_KIND_SERVICE, l->ns);

    while (gh_store_next(&it)) {
        lint_opaque(l, it.object);
        lint_mirror(l, it.object);
        lint_export(l, it.object);
    }
}
