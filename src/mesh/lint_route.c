/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh/lint_internal.h"

/*
 * Lints of routes on Servers
 *
 * A route's status says whether it was accepted; it does not say that the
 * index dropped it all the same, or that its Server has no use for it. The
 * plan knows all three.
 */

/* --- parents --- */

static struct gh_slice
pointer_of(struct gh_lint *l, const struct gh_lint_parent *p, const char *field)
{
    return gh_lint_text(l, "/spec/parentRefs/%zu/%s", p->index, field);
}

/* What Linkerd would look at under this name; absent: cannot tell. */
static struct gh_slice kind_meant(struct gh_lint *l,
                                  const struct gh_lint_parent *p)
{
    struct gh_slice kind = gh_json_str(gh_json_get(p->ref, "kind"));
    static const char *const kinds[] = {"Server", "Service", "EgressNetwork"};

    for (size_t i = 0; kind.ptr && i < GH_COUNT(kinds); i++)
        if (gh_slice_eq_nocase(kind, gh_slice_str(kinds[i])))
            return gh_slice_str(kinds[i]);
    if (kind.ptr)
        return gh_slice_str(NULL);
    if (gh_mesh_get(l->mesh, GH_KIND_SERVER, p->ns, p->name))
        return GH_SLICE("Server");
    if (gh_mesh_get(l->mesh, GH_KIND_SERVICE, p->ns, p->name))
        return GH_SLICE("Service");
    return gh_slice_str(NULL);
}

/* A parentRef without kind in a Gateway route is a Gateway, and right. */
static bool seems_ours(const struct gh_object *route,
                       const struct gh_lint_parent *p)
{
    struct gh_json kind = gh_json_get(p->ref, "kind");
    struct gh_slice group =
        gh_json_str_or(gh_json_get(p->ref, "group"), route->group);

    if (gh_json_given(kind))
        return true;
    return !gh_slice_eq_nocase(group, GH_SLICE(GH_GROUP_GATEWAY));
}

static void lint_other_parent(struct gh_lint *l, const struct gh_object *o,
                              const struct gh_lint_parent *p)
{
    struct gh_slice kind = kind_meant(l, p);
    bool service = kind.ptr && gh_slice_is(kind, "Service");
    struct gh_slice group =
        service ? GH_SLICE("core") : GH_SLICE(GH_GROUP_POLICY);
    struct gh_finding *f;

    if (!seems_ours(o, p) ||
        (!kind.ptr && gh_json_given(gh_json_get(p->ref, "kind"))))
        return;
    f = gh_lint_tell(
        l, GH_FINDING_ID_PARENT_KIND, o, gh_lint_parent_path(l, p),
        "with the defaults of what is left out, this refers to a %.*s of group "
        "%.*s, which Linkerd does not look at: the route is bound to nothing",
        GH_FMT(
            gh_json_str_or(gh_json_get(p->ref, "kind"), GH_SLICE("Gateway"))),
        GH_FMT(gh_json_str_or(gh_json_get(p->ref, "group"), o->group)));
    if (!kind.ptr) {
        gh_lint_fix(l, f, "Write group and kind of \"%.*s\".", GH_FMT(p->name));
        return;
    }
    gh_lint_fix(l, f, "Write group: %.*s and kind: %.*s.", GH_FMT(group),
                GH_FMT(kind));
    gh_lint_patch(l, f, "add", pointer_of(l, p, "group"),
                  gh_lint_quote(l, group));
    gh_lint_patch(l, f, "add", pointer_of(l, p, "kind"),
                  gh_lint_quote(l, kind));
}

static void tell_too_much(struct gh_lint *l, const struct gh_object *o,
                          const struct gh_lint_parent *p, const char *field)
{
    struct gh_finding *f = gh_lint_tell(
        l, GH_FINDING_ID_PARENT_VOIDS, o,
        gh_lint_text(l, "spec.parentRefs[%zu].%s", p->index, field),
        "a Server is referred to by its name alone; because of %s Linkerd "
        "drops the whole route",
        field);

    if (strcmp(field, "namespace") == 0) {
        gh_lint_fix(l, f,
                    "Write the route in namespace %.*s, where the Server is.",
                    GH_FMT(p->ns));
        return;
    }
    gh_lint_fix(l, f, "Remove %s.", field);
    gh_lint_patch(l, f, "remove", pointer_of(l, p, field), gh_slice_str(NULL));
}

static void lint_server_parent(struct gh_lint *l, const struct gh_object *o,
                               const struct gh_lint_parent *p)
{
    struct gh_slice near;
    struct gh_finding *f;

    if (!gh_slice_eq(p->ns, o->ns))
        tell_too_much(l, o, p, "namespace");
    if (gh_json_given(gh_json_get(p->ref, "port")))
        tell_too_much(l, o, p, "port");
    if (gh_json_given(gh_json_get(p->ref, "sectionName")))
        tell_too_much(l, o, p, "sectionName");
    if (gh_mesh_get(l->mesh, GH_KIND_SERVER, p->ns, p->name) ||
        !gh_slice_eq(p->ns, o->ns) ||
        (o->created_s >= 0 && l->plan->server_count == 0))
        return;
    near = gh_lint_nearest(l, GH_KIND_SERVER, p->ns, p->name);
    f = gh_lint_tell(l, GH_FINDING_ID_PARENT_MISSING, o,
                     gh_lint_parent_path(l, p),
                     "there is no Server \"%.*s\" in namespace %.*s",
                     GH_FMT(p->name), GH_FMT(p->ns));
    if (near.ptr)
        gh_lint_fix(l, f, "Did you mean \"%.*s\"?", GH_FMT(near));
}

static void lint_parents(struct gh_lint *l, const struct gh_object *o)
{
    struct gh_lint_parents p = gh_lint_parents_of(o);

    while (gh_lint_next_parent(&p)) {
        if (p.parent.kind == GH_PARENT_OTHER)
            lint_other_parent(l, o, &p.parent);
        else if (p.parent.kind == GH_PARENT_SERVER)
            lint_server_parent(l, o, &p.parent);
    }
}

/* --- GRPCRoutes against HTTPRoutes --- */

static const struct gh_bound_route *
http_route_on(struct gh_lint *l, const struct gh_lint_parent *p)
{
    struct gh_plan *plan;

    if (!gh_lint_ns_at_hand(l, p->ns))
        return NULL;
    plan = gh_mesh_plan(l->mesh, p->ns);
    for (size_t i = 0; i < plan->route_count; i++) {
        const struct gh_bound_route *r = plan->routes[i];

        for (size_t k = 0; !r->route.grpc && k < r->server_count; k++)
            if (gh_slice_eq(r->servers[k], p->name))
                return r;
    }
    return NULL;
}

static void lint_rivals(struct gh_lint *l, const struct gh_object *o)
{
    struct gh_lint_parents p = gh_lint_parents_of(o);

    while (gh_lint_next_parent(&p)) {
        const struct gh_bound_route *r;
        struct gh_finding *f;

        if (p.parent.kind != GH_PARENT_SERVER)
            continue;
        r = http_route_on(l, &p.parent);
        if (!r)
            continue;
        f = gh_lint_tell(
            l, GH_FINDING_ID_GRPC_VOIDS_HTTP, o,
            gh_lint_parent_path(l, &p.parent),
            "because of this GRPCRoute, HTTPRoute \"%.*s\" on Server \"%.*s\" "
            "is not in effect, nor what is authorized on it",
            GH_FMT(r->route.name), GH_FMT(p.parent.name));
        gh_lint_relate(f, r->route.object);
    }
}

/* --- matches and filters --- */

/* Patches a rule of which every match is empty: no matches mean the same. */
static void patch_empty(struct gh_lint *l, struct gh_finding *f, size_t rule,
                        struct gh_json matches)
{
    for (struct gh_json_iter it = gh_json_iter(matches); gh_json_next(&it);)
        if (gh_json_count(it.value) > 0)
            return;
    gh_lint_patch(l, f, "remove",
                  gh_lint_text(l, "/spec/rules/%zu/matches", rule),
                  gh_slice_str(NULL));
}

static void lint_methods(struct gh_lint *l, const struct gh_object *o)
{
    struct gh_json rules = gh_json_get(gh_lint_spec(o), "rules");
    size_t i = 0;

    for (struct gh_json_iter r = gh_json_iter(rules); gh_json_next(&r); i++) {
        struct gh_json matches = gh_json_get(r.value, "matches");
        size_t k = 0;

        for (struct gh_json_iter m = gh_json_iter(matches); gh_json_next(&m);
             k++) {
            struct gh_finding *f;

            if (gh_json_given(gh_json_get(m.value, "method")))
                continue;
            f = gh_lint_tell(
                l, GH_FINDING_ID_GRPC_WITHOUT_METHOD, o,
                gh_lint_text(l, "spec.rules[%zu].matches[%zu]", i, k),
                "this match has no method; proxies refuse "
                "everything on the Server's port because of it");
            gh_lint_fix(l, f,
                        "Give it a method with a service; if everything is "
                        "meant, leave matches out.");
            patch_empty(l, f, i, matches);
            return;
        }
    }
}

static bool is_inbound_filter(struct gh_slice type, bool grpc)
{
    return gh_slice_is(type, "RequestHeaderModifier") ||
           gh_slice_is(type, "ResponseHeaderModifier") ||
           (!grpc && gh_slice_is(type, "RequestRedirect"));
}

static bool is_known_filter(struct gh_slice type)
{
    return gh_slice_is(type, "URLRewrite") ||
           gh_slice_is(type, "RequestMirror") ||
           gh_slice_is(type, "ExtensionRef") ||
           gh_slice_is(type, "RequestRedirect");
}

static void lint_filters(struct gh_lint *l, const struct gh_bound_route *r)
{
    const struct gh_object *o = r->route.object;
    struct gh_json rules = gh_json_get(gh_lint_spec(o), "rules");
    size_t i = 0;

    for (struct gh_json_iter it = gh_json_iter(rules); gh_json_next(&it); i++) {
        struct gh_json filters = gh_json_get(it.value, "filters");
        size_t k = 0;

        for (struct gh_json_iter v = gh_json_iter(filters); gh_json_next(&v);
             k++) {
            struct gh_slice type =
                gh_json_str_or(gh_json_get(v.value, "type"), GH_SLICE(""));
            struct gh_finding *f;

            if (is_inbound_filter(type, r->route.grpc) ||
                !is_known_filter(type))
                continue;
            f = gh_lint_tell(
                l, GH_FINDING_ID_FILTER_VOIDS, o,
                gh_lint_text(l, "spec.rules[%zu].filters[%zu]", i, k),
                "inbound proxies have no filter %.*s: Linkerd "
                "drops the whole route from its Server",
                GH_FMT(type));
            gh_lint_patch(l, f, "remove",
                          gh_lint_text(l, "/spec/rules/%zu/filters/%zu", i, k),
                          gh_slice_str(NULL));
            return; /* the next one is told when this one is gone */
        }
    }
}

/* --- what becomes of it on its Servers --- */

static bool is_authorized(const struct gh_plan *p,
                          const struct gh_bound_route *r,
                          const struct gh_server *s, bool *ret_others)
{
    *ret_others = false;
    if (s->access != GH_DEFAULT_DENY)
        return true;
    for (size_t i = 0; i < p->authz_count; i++) {
        const struct gh_authz *a = p->authz[i];

        if (gh_authz_targets_server(a, s) ||
            gh_authz_targets_route(a, &r->route))
            return true;
        *ret_others |= a->target == GH_TARGET_ROUTE;
    }
    return false;
}

static void tell_closed(struct gh_lint *l, const struct gh_bound_route *r,
                        const struct gh_server *s)
{
    struct gh_finding *f;
    bool others;

    if (is_authorized(l->plan, r, s, &others) || !others)
        return; /* without any policy the Server itself is told */
    f = gh_lint_tell(l, GH_FINDING_ID_ROUTE_CLOSED, r->route.object,
                     GH_SLICE("spec"),
                     "no policy authorizes anybody on this route or on Server "
                     "\"%.*s\" as a whole: requests that match it are refused",
                     GH_FMT(s->name));
    gh_lint_fix(l, f,
                "Write an AuthorizationPolicy with targetRef {group: %.*s, "
                "kind: %.*s, name: %.*s}.",
                GH_FMT(r->route.object->group), GH_FMT(r->route.object->kind),
                GH_FMT(r->route.name));
    gh_lint_relate(f, s->object);
}

static bool has_grpc_on(struct gh_lint *l, const struct gh_server *s)
{
    struct gh_store_iter it =
        gh_mesh_list(l->mesh, GH_KIND_GRPC_ROUTE, gh_slice_str(NULL));

    while (gh_store_next(&it)) {
        struct gh_lint_parents p = gh_lint_parents_of(it.object);

        while (gh_lint_next_parent(&p))
            if (p.parent.kind == GH_PARENT_SERVER &&
                gh_slice_eq(p.parent.ns, l->ns) &&
                gh_slice_eq(p.parent.name, s->name))
                return true;
    }
    return false;
}

static void lint_on_server(struct gh_lint *l, const struct gh_bound_route *r,
                           const struct gh_server *s)
{
    enum gh_route_miss_kind kind;
    struct gh_finding *f = NULL;
    struct gh_slice why;
    bool assumed;

    why = gh_route_missed(l->plan, r, s, &assumed, &kind);
    if (!why.ptr) {
        tell_closed(l, r, s);
        return;
    }
    if (kind == GH_ROUTE_PROTOCOL)
        f = gh_lint_tell(l, GH_FINDING_ID_ROUTE_PROTOCOL, r->route.object,
                         GH_SLICE("spec.parentRefs"),
                         "Server \"%.*s\" has proxyProtocol %s: %.*s, so this "
                         "route has no effect there",
                         GH_FMT(s->name), gh_protocol_name(s->protocol),
                         GH_FMT(why));
    else if (kind == GH_ROUTE_REFUSED && (r->route.grpc || !has_grpc_on(l, s)))
        f = gh_lint_tell(l, GH_FINDING_ID_ROUTE_NOT_ACCEPTED, r->route.object,
                         GH_SLICE("status.parents"),
                         "on Server \"%.*s\" this route is not in effect: %.*s",
                         GH_FMT(s->name), GH_FMT(why));
    gh_lint_relate(f, s->object);
}

static void lint_bound(struct gh_lint *l, const struct gh_bound_route *r)
{
    const struct gh_plan *p = l->plan;

    if (r->server_count == 0)
        return;
    if (r->route.voided.ptr)
        lint_filters(l, r);
    else if (r->route.missing_rpc)
        lint_methods(l, r->route.object);
    for (size_t i = 0; i < p->server_count; i++)
        if (!p->servers[i]->ignored.ptr &&
            gh_route_names_server(r, p->servers[i]))
            lint_on_server(l, r, p->servers[i]);
}

void gh_lint_routes(struct gh_lint *l)
{
    struct gh_lint_routes it = gh_lint_routes_of(l);

    while (gh_lint_next_route(&it)) {
        lint_parents(l, it.object);
        if (it.kind == GH_KIND_GRPC_ROUTE)
            lint_rivals(l, it.object);
    }
    for (size_t i = 0; i < l->plan->route_count; i++)
        lint_bound(l, l->plan->routes[i]);
}
