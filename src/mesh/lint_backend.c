/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh/lint_internal.h"

/*
 * Lints of backends
 *
 * Only of routes that clients follow: inbound, backends are not looked at. Two
 * old versions of Linkerd's HTTPRoute default a backend's namespace to
 * "default" and not to the route's own.
 */

struct backend {
    const struct gh_object *route;
    struct gh_slice path; /* "spec.rules[0].backendRefs[0]" */
    struct gh_json ref;
    struct gh_slice ns;
    struct gh_slice name;
    bool defaulted; /* the namespace, by the API server, to "default" */
};

static bool defaults_elsewhere(const struct gh_object *route)
{
    return gh_slice_is(route->api_version, GH_GROUP_POLICY "/v1alpha1") ||
           gh_slice_is(route->api_version, GH_GROUP_POLICY "/v1beta1");
}

static void lint_service(struct gh_lint *l, const struct backend *b)
{
    const struct gh_object *s =
        gh_mesh_get(l->mesh, GH_KIND_SERVICE, b->ns, b->name);
    struct gh_slice near;
    struct gh_finding *f;
    int64_t port;

    if (!s) {
        if (!gh_lint_services_at_hand(l, b->route, b->ns) && !b->defaulted)
            return;
        near = gh_lint_nearest(l, GH_KIND_SERVICE, b->ns, b->name);
        f = gh_lint_tell(l, GH_FINDING_ID_BACKEND_MISSING, b->route, b->path,
                         "there is no Service \"%.*s\" in namespace %.*s%s",
                         GH_FMT(b->name), GH_FMT(b->ns),
                         b->defaulted
                             ? ", which is what a backend without a namespace "
                               "means in this API version"
                             : "");
        if (b->defaulted)
            gh_lint_fix(l, f,
                        "Write apiVersion: policy.linkerd.io/v1beta3, or "
                        "the namespace.");
        else if (near.ptr)
            gh_lint_fix(l, f, "Did you mean \"%.*s\"?", GH_FMT(near));
        return;
    }
    if (!gh_json_i64(gh_json_get(b->ref, "port"), &port) ||
        gh_lint_has_port(s, port))
        return;
    f = gh_lint_tell(l, GH_FINDING_ID_BACKEND_PORT_MISSING, b->route,
                     gh_lint_text(l, "%.*s.port", GH_FMT(b->path)),
                     "Service \"%.*s\" has no port %lld", GH_FMT(b->name),
                     (long long)port);
    gh_lint_relate(f, s);
}

static bool is_own_egress(const struct backend *b)
{
    struct gh_lint_parents p = gh_lint_parents_of(b->route);

    while (gh_lint_next_parent(&p))
        if (p.parent.kind == GH_PARENT_EGRESS &&
            gh_slice_eq(p.parent.ns, b->ns) &&
            gh_slice_eq(p.parent.name, b->name))
            return true;
    return false;
}

static void lint_backend(struct gh_lint *l, const struct backend *b)
{
    struct gh_slice group =
        gh_json_str_or(gh_json_get(b->ref, "group"), GH_SLICE(""));
    struct gh_slice kind =
        gh_json_str_or(gh_json_get(b->ref, "kind"), GH_SLICE("Service"));
    bool core = group.len == 0 || gh_slice_is(group, "core");

    if (core && gh_slice_is(kind, "Service")) {
        lint_service(l, b);
        return;
    }
    if (gh_slice_is(group, GH_GROUP_POLICY) &&
        gh_slice_is(kind, "EgressNetwork") && is_own_egress(b))
        return;
    (void)gh_lint_tell(l, GH_FINDING_ID_BACKEND_KIND, b->route, b->path,
                       "%.*s \"%.*s\"%s%.*s is nothing that proxies can send "
                       "to; backends are Services%s",
                       GH_FMT(kind), GH_FMT(b->name), core ? "" : " of group ",
                       GH_FMT(core ? GH_SLICE("") : group),
                       gh_slice_is(kind, "EgressNetwork")
                           ? ", or the EgressNetwork that is the route's parent"
                           : "");
}

static void lint_rule(struct gh_lint *l, const struct gh_object *o,
                      struct gh_json rule, size_t index)
{
    struct gh_json list = gh_json_get(rule, "backendRefs");
    size_t i = 0;

    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it); i++) {
        struct gh_json ns = gh_json_get(it.value, "namespace");
        struct backend b = {
            .route = o,
            .path =
                gh_lint_text(l, "spec.rules[%zu].backendRefs[%zu]", index, i),
            .ref = it.value,
            .ns = gh_json_str_or(ns, o->ns),
            .name = gh_json_str_or(gh_json_get(it.value, "name"), GH_SLICE("")),
        };

        if (!gh_json_given(ns) && defaults_elsewhere(o) &&
            !gh_slice_is(o->ns, "default")) {
            b.ns = GH_SLICE("default");
            b.defaulted = true;
        }
        lint_backend(l, &b);
    }
}

void gh_lint_backends(struct gh_lint *l)
{
    struct gh_lint_routes it = gh_lint_routes_of(l);

    while (gh_lint_next_route(&it)) {
        struct gh_json rules = gh_json_get(gh_lint_spec(it.object), "rules");
        size_t i = 0;

        if (!gh_lint_has_parent(it.object, GH_PARENT_SERVICE) &&
            !gh_lint_has_parent(it.object, GH_PARENT_EGRESS))
            continue;
        for (struct gh_json_iter r = gh_json_iter(rules); gh_json_next(&r); i++)
            lint_rule(l, it.object, r.value, i);
    }
}
