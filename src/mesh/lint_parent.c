/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh/lint_internal.h"

/*
 * Routes and their parents
 *
 * Group and kind of a parentRef default separately, and differently in the two
 * groups of HTTPRoutes; they compare without case. A ref that falls between
 * two kinds that way is the lint of lint_route.c; for all others it is simply
 * not ours.
 */

static const enum gh_mesh_kind route_kinds[] = {
    GH_KIND_POLICY_HTTP_ROUTE, GH_KIND_GATEWAY_HTTP_ROUTE, GH_KIND_GRPC_ROUTE,
    GH_KIND_TLS_ROUTE,         GH_KIND_TCP_ROUTE,
};

struct gh_lint_routes gh_lint_routes_of(struct gh_lint *l)
{
    return (struct gh_lint_routes){
        .lint = l,
        .it = gh_mesh_list(l->mesh, route_kinds[0], l->ns),
    };
}

bool gh_lint_next_route(struct gh_lint_routes *r)
{
    for (;;) {
        if (gh_store_next(&r->it)) {
            r->kind = route_kinds[r->kind_at];
            r->object = r->it.object;
            return true;
        }
        if (++r->kind_at >= GH_COUNT(route_kinds)) {
            r->kind_at--;
            return false;
        }
        r->it =
            gh_mesh_list(r->lint->mesh, route_kinds[r->kind_at], r->lint->ns);
    }
}

static bool is_core(struct gh_slice group)
{
    return group.len == 0 || gh_slice_eq_nocase(group, GH_SLICE("core"));
}

static enum gh_lint_parent_kind kind_of(const struct gh_object *route,
                                        struct gh_json ref)
{
    struct gh_slice group =
        gh_json_str_or(gh_json_get(ref, "group"), route->group);
    struct gh_slice kind =
        gh_json_str_or(gh_json_get(ref, "kind"), GH_SLICE("Gateway"));

    if (is_core(group) && gh_slice_eq_nocase(kind, GH_SLICE("Service")))
        return GH_PARENT_SERVICE;
    if (!gh_slice_eq_nocase(group, GH_SLICE(GH_GROUP_POLICY)))
        return GH_PARENT_OTHER;
    if (gh_slice_eq_nocase(kind, GH_SLICE("Server")))
        return GH_PARENT_SERVER;
    if (gh_slice_eq_nocase(kind, GH_SLICE("EgressNetwork")))
        return GH_PARENT_EGRESS;
    return GH_PARENT_OTHER;
}

struct gh_lint_parents gh_lint_parents_of(const struct gh_object *route)
{
    return (struct gh_lint_parents){
        .it = gh_json_iter(gh_json_get(gh_lint_spec(route), "parentRefs")),
        .route = route,
    };
}

bool gh_lint_next_parent(struct gh_lint_parents *p)
{
    struct gh_json ref;

    if (!gh_json_next(&p->it))
        return false;
    ref = p->it.value;
    p->parent = (struct gh_lint_parent){
        .kind = kind_of(p->route, ref),
        .ns = gh_json_str_or(gh_json_get(ref, "namespace"), p->route->ns),
        .name = gh_json_str_or(gh_json_get(ref, "name"), GH_SLICE("")),
        .index = p->count++,
        .ref = ref,
    };
    if (!gh_json_i64(gh_json_get(ref, "port"), &p->parent.port))
        p->parent.port = 0;
    return true;
}

bool gh_lint_has_parent(const struct gh_object *route,
                        enum gh_lint_parent_kind kind)
{
    struct gh_lint_parents p = gh_lint_parents_of(route);

    while (gh_lint_next_parent(&p))
        if (p.parent.kind == kind)
            return true;
    return false;
}

struct gh_slice gh_lint_parent_path(struct gh_lint *l,
                                    const struct gh_lint_parent *p)
{
    return gh_lint_text(l, "spec.parentRefs[%zu]", p->index);
}

bool gh_lint_has_port(const struct gh_object *service, int64_t port)
{
    struct gh_json ports = gh_json_get(gh_lint_spec(service), "ports");

    for (struct gh_json_iter it = gh_json_iter(ports); gh_json_next(&it);) {
        int64_t number;

        if (gh_json_i64(gh_json_get(it.value, "port"), &number) &&
            number == port)
            return true;
    }
    return false;
}

bool gh_lint_services_at_hand(struct gh_lint *l, const struct gh_object *asking,
                              struct gh_slice ns)
{
    struct gh_store_iter it = gh_mesh_list(l->mesh, GH_KIND_SERVICE, ns);

    return gh_store_next(&it) ||
           (asking->created_s < 0 && gh_slice_eq(asking->ns, ns));
}
