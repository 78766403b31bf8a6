/* SPDX-License-Identifier: Apache-2.0 */
#include "base/nearest.h"
#include "mesh/lint_internal.h"

/*
 * What lints ask of the mesh before they say anything
 *
 * Mostly whether something that seems to be missing can be known to be
 * missing. Objects with a creation time come from a cluster, where a listing
 * of one kind says nothing about the others; manifests are what somebody
 * wrote, and are taken as all there is in their namespace.
 */

#define OPAQUE_PORTS "config.linkerd.io/opaque-ports"

struct gh_lint_sets gh_lint_sets(struct gh_lint *l, struct gh_slice ns)
{
    struct gh_lint_sets it = {0};

    it.workloads = gh_mesh_workloads(l->mesh, ns, &it.count);
    return it;
}

bool gh_lint_next_set(struct gh_lint_sets *it)
{
    while (it->at < it->count) {
        const struct gh_workload *w = it->workloads[it->at];

        if (it->set_at < w->set_count) {
            it->set = w->sets[it->set_at++];
            return true;
        }
        it->at++;
        it->set_at = 0;
    }
    return false;
}

bool gh_lint_is_gone(const struct gh_podset *s)
{
    for (size_t i = 0; i < s->pod_count; i++)
        if (!gh_slice_is(s->pods[i].phase, "Succeeded") &&
            !gh_slice_is(s->pods[i].phase, "Failed"))
            return false;
    return s->pod_count > 0;
}

bool gh_lint_is_manifest(const struct gh_podset *s)
{
    return s->pod_count > 0 && !s->pods[0].phase.ptr &&
           s->pods[0].object->created_s < 0;
}

bool gh_lint_is_unmeshed(struct gh_lint *l, const struct gh_podset *s)
{
    if (s->meshed != GH_MESHED_NO || gh_lint_is_gone(s) ||
        gh_lint_is_manifest(s))
        return false;
    return !s->is_template ||
           gh_json_given(gh_json_get(s->annotations, "linkerd.io/inject")) ||
           gh_mesh_get(l->mesh, GH_KIND_NAMESPACE, GH_SLICE(""),
                       s->workload->ns);
}

bool gh_lint_ns_at_hand(struct gh_lint *l, struct gh_slice ns)
{
    return gh_mesh_has_ns(l->mesh, ns);
}

static bool has_any(struct gh_lint *l, enum gh_mesh_kind kind,
                    struct gh_slice ns)
{
    struct gh_store_iter it = gh_mesh_list(l->mesh, kind, ns);

    return gh_store_next(&it);
}

bool gh_lint_policies_at_hand(struct gh_lint *l, const struct gh_object *asking,
                              struct gh_slice ns)
{
    static const enum gh_mesh_kind kinds[] = {
        GH_KIND_SERVER,
        GH_KIND_MESHTLS_AUTHENTICATION,
        GH_KIND_NETWORK_AUTHENTICATION,
        GH_KIND_POLICY_HTTP_ROUTE,
        GH_KIND_GATEWAY_HTTP_ROUTE,
        GH_KIND_GRPC_ROUTE,
    };

    for (size_t i = 0; i < GH_COUNT(kinds); i++)
        if (has_any(l, kinds[i], ns))
            return true;
    return asking->created_s < 0 && gh_slice_eq(asking->ns, ns);
}

bool gh_lint_target_port(const struct gh_podset *set, struct gh_json port,
                         uint16_t *ret)
{
    struct gh_json target = gh_json_get(port, "targetPort");
    struct gh_slice name = gh_json_str(target);
    int64_t number;

    if (!gh_json_given(target))
        target = gh_json_get(port, "port");
    if (!name.ptr) {
        if (!gh_json_i64(target, &number) || number < 1 || number > UINT16_MAX)
            return false;
        *ret = (uint16_t)number;
        return true;
    }
    for (size_t i = 0; i < set->port_count; i++)
        if (set->ports[i].name.ptr && gh_slice_eq(set->ports[i].name, name)) {
            *ret = set->ports[i].number;
            return true;
        }
    return false;
}

bool gh_lint_selects(struct gh_lint *l, const struct gh_object *service,
                     const struct gh_podset *set)
{
    struct gh_json selector = gh_json_get(gh_lint_spec(service), "selector");

    (void)l;
    for (struct gh_json_iter it = gh_json_iter(selector); gh_json_next(&it);) {
        struct gh_slice value = gh_labels_get(set->labels, it.name);

        if (!value.ptr || !gh_slice_eq(value, gh_json_str(it.value)))
            return false;
    }
    return gh_json_count(selector) > 0;
}

struct gh_slice gh_lint_opaque_of(struct gh_lint *l,
                                  const struct gh_object *service)
{
    struct gh_slice list = gh_json_str(
        gh_json_get(gh_lint_meta(service, "annotations"), OPAQUE_PORTS));
    const struct gh_object *ns =
        gh_mesh_get(l->mesh, GH_KIND_NAMESPACE, GH_SLICE(""), service->ns);

    if (!list.ptr && ns)
        list = gh_json_str(
            gh_json_get(gh_lint_meta(ns, "annotations"), OPAQUE_PORTS));
    return list.ptr ? list : gh_mesh_config(l->mesh)->opaque_ports;
}

struct gh_slice gh_lint_nearest(struct gh_lint *l, enum gh_mesh_kind kind,
                                struct gh_slice ns, struct gh_slice name)
{
    struct gh_store_iter it = gh_mesh_list(l->mesh, kind, ns);
    struct gh_nearest nearest;

    gh_nearest_init(&nearest, name);
    while (gh_store_next(&it))
        gh_nearest_offer(&nearest, it.object->name);
    return nearest.best;
}
