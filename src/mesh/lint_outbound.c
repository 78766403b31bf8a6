/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh/lint_internal.h"

/*
 * Lints of routes that say how clients reach something
 *
 * Their parents are Services and EgressNetworks. Of several kinds of routes on
 * one port only one counts, and a ServiceProfile beats them all; the route's
 * own status need not tell either.
 */

/* --- parents --- */

static bool is_headless(const struct gh_object *service)
{
    struct gh_json spec = gh_lint_spec(service);

    return gh_json_str_is(gh_json_get(spec, "clusterIP"), "None") ||
           gh_json_str_is(gh_json_get(spec, "type"), "ExternalName");
}

static void tell_no_parent(struct gh_lint *l, const struct gh_object *o,
                           const struct gh_lint_parent *p, const char *kind,
                           struct gh_slice near)
{
    struct gh_finding *f = gh_lint_tell(
        l, GH_FINDING_ID_PARENT_MISSING, o, gh_lint_parent_path(l, p),
        "there is no %s \"%.*s\" in namespace %.*s", kind, GH_FMT(p->name),
        GH_FMT(p->ns));

    if (near.ptr)
        gh_lint_fix(l, f, "Did you mean \"%.*s\"?", GH_FMT(near));
}

static void lint_service_parent(struct gh_lint *l, const struct gh_object *o,
                                const struct gh_lint_parent *p)
{
    const struct gh_object *s =
        gh_mesh_get(l->mesh, GH_KIND_SERVICE, p->ns, p->name);
    struct gh_finding *f;

    if (!s) {
        if (gh_lint_services_at_hand(l, o, p->ns))
            tell_no_parent(l, o, p, "Service",
                           gh_lint_nearest(l, GH_KIND_SERVICE, p->ns, p->name));
        return;
    }
    if (is_headless(s)) {
        f = gh_lint_tell(l, GH_FINDING_ID_PARENT_HEADLESS, o,
                         gh_lint_parent_path(l, p),
                         "Service \"%.*s\" has no cluster address (headless or "
                         "ExternalName), and routes are found by it",
                         GH_FMT(p->name));
        gh_lint_relate(f, s);
    } else if (p->port > 0 && !gh_lint_has_port(s, p->port)) {
        f = gh_lint_tell(l, GH_FINDING_ID_PARENT_PORT, o,
                         gh_lint_text(l, "spec.parentRefs[%zu].port", p->index),
                         "Service \"%.*s\" has no port %lld", GH_FMT(p->name),
                         (long long)p->port);
        gh_lint_relate(f, s);
    }
}

static void lint_egress_parent(struct gh_lint *l, const struct gh_object *o,
                               enum gh_mesh_kind kind,
                               const struct gh_lint_parent *p)
{
    bool lenient = kind == GH_KIND_TLS_ROUTE || kind == GH_KIND_TCP_ROUTE;

    if (lenient && p->port == 0)
        (void)gh_lint_tell(l, GH_FINDING_ID_EGRESS_PORT_MISSING, o,
                           gh_lint_parent_path(l, p),
                           "the parentRef to EgressNetwork \"%.*s\" has no "
                           "port",
                           GH_FMT(p->name));
    if (gh_mesh_get(l->mesh, GH_KIND_EGRESS_NETWORK, p->ns, p->name) ||
        (o->created_s >= 0 || !gh_slice_eq(o->ns, p->ns)))
        return;
    tell_no_parent(l, o, p, "EgressNetwork",
                   gh_lint_nearest(l, GH_KIND_EGRESS_NETWORK, p->ns, p->name));
}

/* --- one kind of route beats another --- */

static unsigned rank_of(enum gh_mesh_kind kind)
{
    if (kind == GH_KIND_GRPC_ROUTE)
        return 3;
    if (kind == GH_KIND_TLS_ROUTE)
        return 1;
    return kind == GH_KIND_TCP_ROUTE ? 0 : 2;
}

static bool same_parent(const struct gh_lint_parent *a,
                        const struct gh_lint_parent *b)
{
    return a->kind == b->kind && gh_slice_eq(a->ns, b->ns) &&
           gh_slice_eq(a->name, b->name) &&
           (a->port == b->port || a->port == 0 || b->port == 0);
}

static const struct gh_object *find_rival(struct gh_lint *l,
                                          enum gh_mesh_kind kind,
                                          const struct gh_lint_parent *parent,
                                          struct gh_slice ns)
{
    struct gh_store_iter it = gh_mesh_list(l->mesh, kind, ns);

    while (gh_store_next(&it)) {
        struct gh_lint_parents p = gh_lint_parents_of(it.object);

        while (gh_lint_next_parent(&p))
            if (same_parent(&p.parent, parent))
                return it.object;
    }
    return NULL;
}

/* A route of higher rank in the route's own namespace, or in the parent's. */
static void lint_conflict(struct gh_lint *l, const struct gh_object *o,
                          enum gh_mesh_kind kind,
                          const struct gh_lint_parent *p)
{
    static const enum gh_mesh_kind kinds[] = {
        GH_KIND_GRPC_ROUTE, GH_KIND_GATEWAY_HTTP_ROUTE,
        GH_KIND_POLICY_HTTP_ROUTE, GH_KIND_TLS_ROUTE};

    for (size_t i = 0; i < GH_COUNT(kinds); i++) {
        const struct gh_object *rival = NULL;
        struct gh_finding *f;

        if (rank_of(kinds[i]) <= rank_of(kind))
            continue;
        rival = find_rival(l, kinds[i], p, o->ns);
        if (!rival && !gh_slice_eq(p->ns, o->ns))
            rival = find_rival(l, kinds[i], p, p->ns);
        if (!rival)
            continue;
        f = gh_lint_tell(l, GH_FINDING_ID_CONFLICTING_KINDS, o,
                         gh_lint_parent_path(l, p),
                         "%.*s \"%.*s\" is for the same parent, and of the two "
                         "kinds %.*s comes before %.*s: this route is not in "
                         "effect",
                         GH_FMT(rival->kind), GH_FMT(rival->name),
                         GH_FMT(rival->kind), GH_FMT(o->kind));
        gh_lint_relate(f, rival);
        return;
    }
}

/* --- ServiceProfiles --- */

static bool rules_traffic(const struct gh_object *profile)
{
    struct gh_json spec = gh_lint_spec(profile);

    return gh_json_count(gh_json_get(spec, "routes")) > 0 ||
           gh_json_count(gh_json_get(spec, "dstOverrides")) > 0;
}

static void lint_profile_beside(struct gh_lint *l, const struct gh_object *o,
                                const struct gh_lint_parent *p)
{
    struct gh_slice name =
        gh_lint_text(l, "%.*s.%.*s.svc.%.*s", GH_FMT(p->name), GH_FMT(p->ns),
                     GH_FMT(gh_mesh_config(l->mesh)->cluster_domain));
    const struct gh_object *profile =
        gh_mesh_get(l->mesh, GH_KIND_SERVICE_PROFILE, p->ns, name);
    struct gh_finding *f;

    if (!profile)
        profile = gh_mesh_get(l->mesh, GH_KIND_SERVICE_PROFILE, o->ns, name);
    if (!profile || !rules_traffic(profile))
        return;
    f = gh_lint_tell(
        l, GH_FINDING_ID_PROFILE_OVERRIDES, o, gh_lint_parent_path(l, p),
        "ServiceProfile %.*s/%.*s says how to reach Service "
        "\"%.*s\": proxies follow it, and not this route",
        GH_FMT(profile->ns), GH_FMT(profile->name), GH_FMT(p->name));
    gh_lint_relate(f, profile);
}

/* --- routes that the controller cannot parse --- */

static void lint_parsing(struct gh_lint *l, const struct gh_object *o,
                         enum gh_mesh_kind kind)
{
    struct gh_json spec = gh_lint_spec(o);
    struct gh_json rules = gh_json_get(spec, "rules");
    size_t i = 0;

    if (kind == GH_KIND_TLS_ROUTE &&
        !gh_json_given(gh_json_get(spec, "hostnames")))
        (void)gh_lint_tell(l, GH_FINDING_ID_ROUTE_UNPARSED, o,
                           GH_SLICE("spec.hostnames"),
                           "there are no hostnames, so Linkerd cannot parse "
                           "the route: it does not exist for it");
    for (struct gh_json_iter it = gh_json_iter(rules); gh_json_next(&it); i++)
        if (!gh_json_given(gh_json_get(it.value, "backendRefs")))
            (void)gh_lint_tell(
                l, GH_FINDING_ID_ROUTE_UNPARSED, o,
                gh_lint_text(l, "spec.rules[%zu].backendRefs", i),
                "a rule has no backendRefs, so Linkerd cannot "
                "parse the route: it does not exist for it");
}

static void lint_parent(struct gh_lint *l, const struct gh_object *o,
                        enum gh_mesh_kind kind, const struct gh_lint_parent *p)
{
    if (p->kind == GH_PARENT_SERVICE)
        lint_service_parent(l, o, p);
    else if (p->kind == GH_PARENT_EGRESS)
        lint_egress_parent(l, o, kind, p);
    else
        return;
    lint_conflict(l, o, kind, p);
    if (p->kind == GH_PARENT_SERVICE && rank_of(kind) >= 2)
        lint_profile_beside(l, o, p);
}

void gh_lint_outbound(struct gh_lint *l)
{
    struct gh_lint_routes it = gh_lint_routes_of(l);

    while (gh_lint_next_route(&it)) {
        struct gh_lint_parents p = gh_lint_parents_of(it.object);

        while (gh_lint_next_parent(&p))
            lint_parent(l, it.object, it.kind, &p.parent);
        if ((it.kind == GH_KIND_TLS_ROUTE || it.kind == GH_KIND_TCP_ROUTE) &&
            (gh_lint_has_parent(it.object, GH_PARENT_SERVICE) ||
             gh_lint_has_parent(it.object, GH_PARENT_EGRESS)))
            lint_parsing(l, it.object, it.kind);
    }
}
