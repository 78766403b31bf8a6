/* SPDX-License-Identifier: Apache-2.0 */
#include "base/nearest.h"
#include "mesh/lint_internal.h"

/*
 * Lints of authorizations: targets and what they require
 *
 * The plan has every authorization compiled, with its references resolved and
 * the reason where Linkerd ignores it. What the webhook refuses (two identity
 * lists, a target of a wrong kind) is not told again here.
 */

/* --- targets --- */

static struct gh_finding *tell_missing(struct gh_lint *l,
                                       const struct gh_object *o,
                                       const char *path, struct gh_slice kind,
                                       struct gh_slice name)
{
    return gh_lint_tell(l, GH_FINDING_ID_TARGET_MISSING, o, gh_slice_str(path),
                        "there is no %.*s \"%.*s\" in namespace %.*s, so this "
                        "authorizes nothing",
                        GH_FMT(kind), GH_FMT(name), GH_FMT(l->ns));
}

static void lint_server_target(struct gh_lint *l, const struct gh_authz *a)
{
    const char *path =
        a->kind == GH_AUTHZ_POLICY ? "spec.targetRef.name" : "spec.server.name";
    struct gh_finding *f;
    struct gh_slice near;

    if (gh_mesh_get(l->mesh, GH_KIND_SERVER, l->ns, a->target_name) ||
        !gh_lint_policies_at_hand(l, a->object, l->ns))
        return;
    near = gh_lint_nearest(l, GH_KIND_SERVER, l->ns, a->target_name);
    f = tell_missing(l, a->object, path, GH_SLICE("Server"), a->target_name);
    if (near.ptr)
        gh_lint_fix(l, f, "Did you mean Server \"%.*s\"?", GH_FMT(near));
    else
        gh_lint_fix(l, f,
                    "Create the Server, or target one of this namespace.");
}

static bool is_route(const struct gh_bound_route *r, const struct gh_authz *a,
                     bool any_group)
{
    return gh_slice_eq_nocase(a->target_kind, r->route.object->kind) &&
           gh_slice_eq_nocase(a->target_name, r->route.name) &&
           (any_group ||
            gh_slice_eq_nocase(a->target_group, r->route.object->group));
}

static const struct gh_bound_route *
find_route(const struct gh_lint *l, const struct gh_authz *a, bool any_group)
{
    for (size_t i = 0; i < l->plan->route_count; i++)
        if (is_route(l->plan->routes[i], a, any_group))
            return l->plan->routes[i];
    return NULL;
}

static void tell_missing_route(struct gh_lint *l, const struct gh_authz *a)
{
    const struct gh_bound_route *other = find_route(l, a, true);
    struct gh_slice group = other ? other->route.object->group : GH_SLICE("");
    struct gh_finding *f;

    if (!other) {
        (void)tell_missing(l, a->object, "spec.targetRef.name", a->target_kind,
                           a->target_name);
        return;
    }
    f = gh_lint_tell(l, GH_FINDING_ID_TARGET_MISSING, a->object,
                     GH_SLICE("spec.targetRef.group"),
                     "there is no %.*s \"%.*s\" of group %.*s in namespace "
                     "%.*s, but there is one of group %.*s",
                     GH_FMT(a->target_kind), GH_FMT(a->target_name),
                     GH_FMT(a->target_group), GH_FMT(l->ns), GH_FMT(group));
    gh_lint_fix(l, f, "Write group: %.*s.", GH_FMT(group));
    gh_lint_patch(l, f, "replace", GH_SLICE("/spec/targetRef/group"),
                  gh_lint_quote(l, group));
    gh_lint_relate(f, other->route.object);
}

static bool can_be_authorized(const struct gh_authz *a)
{
    bool policy =
        gh_slice_eq_nocase(a->target_group, GH_SLICE(GH_GROUP_POLICY));
    bool gateway =
        gh_slice_eq_nocase(a->target_group, GH_SLICE(GH_GROUP_GATEWAY));

    if (gh_slice_eq_nocase(a->target_kind, GH_SLICE("HTTPRoute")))
        return policy || gateway;
    return gateway && gh_slice_eq_nocase(a->target_kind, GH_SLICE("GRPCRoute"));
}

static void lint_route_target(struct gh_lint *l, const struct gh_authz *a)
{
    const struct gh_bound_route *r = find_route(l, a, false);
    struct gh_finding *f;

    if (!can_be_authorized(a))
        return;
    if (!r) {
        if (gh_lint_policies_at_hand(l, a->object, l->ns))
            tell_missing_route(l, a);
        return;
    }
    if (r->server_count > 0)
        return;
    f = gh_lint_tell(l, GH_FINDING_ID_TARGET_NOT_INBOUND, a->object,
                     GH_SLICE("spec.targetRef"),
                     "%.*s \"%.*s\" has no Server for a parent: it says how "
                     "clients reach something, and nobody is authorized on it",
                     GH_FMT(r->route.object->kind), GH_FMT(r->route.name));
    gh_lint_relate(f, r->route.object);
}

static void lint_selector_target(struct gh_lint *l, const struct gh_authz *a)
{
    for (size_t i = 0; i < l->plan->server_count; i++)
        if (gh_authz_targets_server(a, l->plan->servers[i]))
            return;
    if (!gh_lint_policies_at_hand(l, a->object, l->ns))
        return;
    (void)gh_lint_tell(l, GH_FINDING_ID_SELECTS_NO_SERVER, a->object,
                       GH_SLICE("spec.server.selector"),
                       "no Server of namespace %.*s has these labels",
                       GH_FMT(l->ns));
}

/* --- a policy for the Namespace --- */

static bool is_gap(struct gh_lint *l, const struct gh_podset *set,
                   const struct gh_port *port)
{
    const struct gh_port_policy *p;

    if (!port->tcp || port->proxy || (port->init && !port->sidecar))
        return false;
    p = gh_port_policy(l->mesh, set, port->number);
    return !p->server && p->enforcement == GH_ENFORCED;
}

static void lint_namespace_gaps(struct gh_lint *l, const struct gh_authz *a)
{
    struct gh_lint_sets it = gh_lint_sets(l, l->ns);
    struct gh_lint_names gaps = {.lint = l};
    const struct gh_object *first = NULL;
    const struct gh_workload *last = NULL;
    struct gh_finding *f;

    while (gh_lint_next_set(&it)) {
        if (it.set->workload == last || gh_lint_is_gone(it.set))
            continue; /* one set of a workload tells enough */
        last = it.set->workload;
        for (size_t i = 0; i < it.set->port_count; i++) {
            if (!is_gap(l, it.set, &it.set->ports[i]))
                continue;
            if (!first)
                first = gh_lint_object_of(it.set);
            gh_lint_names_add(
                &gaps,
                gh_lint_text(l, "%u of %.*s", (unsigned)it.set->ports[i].number,
                             GH_FMT(gh_lint_workload(l, it.set))));
        }
    }
    if (gaps.count == 0)
        return;
    f = gh_lint_tell(
        l, GH_FINDING_ID_NAMESPACE_GAP, a->object, GH_SLICE("spec.targetRef"),
        "this does not reach port%s %.*s: a policy for the "
        "Namespace authorizes on ports that have a Server only",
        gaps.count > 1 ? "s" : "", GH_FMT(gh_lint_names_text(&gaps)));
    gh_lint_relate(f, first);
}

static void lint_namespace_target(struct gh_lint *l, const struct gh_authz *a)
{
    if (a->ignored.ptr)
        return;
    if (l->plan->server_count > 0) {
        lint_namespace_gaps(l, a);
        return;
    }
    if (gh_lint_policies_at_hand(l, a->object, l->ns))
        (void)gh_lint_tell(
            l, GH_FINDING_ID_NAMESPACE_NO_SERVER, a->object,
            GH_SLICE("spec.targetRef"),
            "namespace %.*s has no Server, and a policy for the Namespace "
            "authorizes on Servers: this one has no effect",
            GH_FMT(l->ns));
}

/* --- what is required --- */

static struct gh_slice ref_path(struct gh_lint *l, size_t index)
{
    return gh_lint_text(l, "spec.requiredAuthenticationRefs[%zu]", index);
}

static void tell_dangling(struct gh_lint *l, const struct gh_authz *a,
                          size_t index)
{
    const struct gh_authz_ref *r = &a->refs[index];
    bool network =
        gh_slice_eq_nocase(r->kind, GH_SLICE("NetworkAuthentication"));
    struct gh_slice near =
        gh_lint_nearest(l,
                        network ? GH_KIND_NETWORK_AUTHENTICATION
                                : GH_KIND_MESHTLS_AUTHENTICATION,
                        r->ns, r->name);
    struct gh_finding *f;

    if (!gh_slice_eq(r->ns, a->object->ns) && !gh_lint_ns_at_hand(l, r->ns)) {
        (void)gh_lint_tell(l, GH_FINDING_ID_REF_ELSEWHERE, a->object,
                           ref_path(l, index),
                           "%.*s \"%.*s\" would be in namespace %.*s, of which "
                           "nothing is at hand",
                           GH_FMT(r->kind), GH_FMT(r->name), GH_FMT(r->ns));
        return;
    }
    f = gh_lint_tell(l, GH_FINDING_ID_DANGLING_REF, a->object,
                     ref_path(l, index),
                     "there is no %.*s \"%.*s\" in namespace %.*s; Linkerd "
                     "ignores this whole policy because of it",
                     GH_FMT(r->kind), GH_FMT(r->name), GH_FMT(r->ns));
    if (near.ptr)
        gh_lint_fix(l, f, "Did you mean \"%.*s\"?", GH_FMT(near));
    else
        gh_lint_fix(l, f, "Create %.*s %.*s/%.*s, or correct the reference.",
                    GH_FMT(r->kind), GH_FMT(r->ns), GH_FMT(r->name));
}

static void lint_refs(struct gh_lint *l, const struct gh_authz *a)
{
    for (size_t i = 0; i < a->ref_count; i++) {
        const struct gh_authz_ref *r = &a->refs[i];
        struct gh_finding *f;

        if (!r->names_object)
            continue;
        if (!r->object) {
            if (gh_lint_policies_at_hand(l, a->object, l->ns))
                tell_dangling(l, a, i);
            continue;
        }
        if (!r->problem)
            continue;
        f = gh_lint_tell(
            l, GH_FINDING_ID_REF_UNREADABLE, a->object, ref_path(l, i),
            "%.*s %.*s/%.*s %s; Linkerd ignores this whole policy "
            "because of it",
            GH_FMT(r->kind), GH_FMT(r->ns), GH_FMT(r->name), r->problem);
        gh_lint_relate(f, r->object);
    }
}

static void lint_empty_refs(struct gh_lint *l, const struct gh_authz *a)
{
    struct gh_finding *f;

    if (a->ref_count > 0 || a->ignored.ptr || a->target == GH_TARGET_ROUTE)
        return;
    f = gh_lint_tell(l, GH_FINDING_ID_ADMITS_EVERYONE, a->object,
                     GH_SLICE("spec.requiredAuthenticationRefs"),
                     "the list is empty: everybody is admitted %s, with or "
                     "without a proxy, from everywhere",
                     a->target == GH_TARGET_NAMESPACE
                         ? "on every Server of the namespace"
                         : "on the Server");
    gh_lint_fix(l, f,
                "List what clients must prove. If everybody is meant, set "
                "accessPolicy: all-unauthenticated on the Server, where it is "
                "seen.");
}

/* --- identity and network at once --- */

static bool nets_meet(struct gh_nets a, struct gh_nets b)
{
    for (size_t i = 0; i < a.count; i++)
        for (size_t k = 0; k < b.count; k++)
            if (a.at[i].net.v6 == b.at[k].net.v6 &&
                a.at[i].net.first <= b.at[k].net.last &&
                b.at[k].net.first <= a.at[i].net.last)
                return true;
    return false;
}

static bool some_pod_is_in(struct gh_lint *l, struct gh_nets nets)
{
    struct gh_store_iter it =
        gh_mesh_list(l->mesh, GH_KIND_POD, gh_slice_str(NULL));

    while (gh_store_next(&it)) {
        struct gh_ip ip;

        if (gh_ip_parse(gh_json_str(gh_json_path(gh_object_root(it.object),
                                                 "status/podIP")),
                        &ip) &&
            gh_nets_have(nets, ip))
            return true;
    }
    return false;
}

static bool all_in_mesh(struct gh_lint *l, const struct gh_authz *a)
{
    for (size_t i = 0; i < a->id_count; i++) {
        struct gh_id_parts parts;

        if (!gh_id_split(a->ids[i].text, &parts) ||
            !gh_slice_eq(parts.trust_domain,
                         gh_mesh_config(l->mesh)->trust_domain))
            return false;
    }
    return a->id_count > 0;
}

static void lint_and(struct gh_lint *l, const struct gh_authz *a)
{
    const struct gh_mesh_config *c = gh_mesh_config(l->mesh);
    struct gh_finding *f;

    if (a->kind != GH_AUTHZ_POLICY || a->ignored.ptr || a->everywhere ||
        a->clients != GH_CLIENTS_IDENTITIES || !all_in_mesh(l, a) ||
        nets_meet(a->nets, c->cluster_networks) || some_pod_is_in(l, a->nets))
        return;
    f = gh_lint_tell(l, GH_FINDING_ID_NOBODY_FITS, a->object,
                     GH_SLICE("spec.requiredAuthenticationRefs"),
                     "clients must have an identity of the mesh and an address "
                     "in %.*s%s, which is outside of the cluster: nobody has "
                     "both",
                     GH_FMT(a->nets.at[0].text),
                     a->nets.count > 1 ? " (or the other networks)" : "");
    gh_lint_fix(l, f,
                "If either is enough, split this into two policies, one for "
                "each reference.");
    for (size_t i = 0; i < a->ref_count; i++)
        if (gh_slice_eq_nocase(a->refs[i].kind,
                               GH_SLICE("NetworkAuthentication")))
            gh_lint_relate(f, a->refs[i].object);
}

/* --- all of them --- */

static void lint_target(struct gh_lint *l, const struct gh_authz *a)
{
    switch (a->target) {
    case GH_TARGET_SERVER:
        lint_server_target(l, a);
        break;
    case GH_TARGET_ROUTE:
        lint_route_target(l, a);
        break;
    case GH_TARGET_SELECTOR:
        lint_selector_target(l, a);
        break;
    case GH_TARGET_NAMESPACE:
        lint_namespace_target(l, a);
        break;
    case GH_TARGET_DEFAULT:
        break;
    }
}

void gh_lint_authz(struct gh_lint *l)
{
    const struct gh_object *unchecked = NULL;

    for (size_t i = 0; i < l->plan->authz_count; i++) {
        const struct gh_authz *a = l->plan->authz[i];

        lint_target(l, a);
        lint_and(l, a);
        if (a->kind == GH_AUTHZ_SERVER) {
            (void)gh_lint_tell(l, GH_FINDING_ID_OLD_AUTHORIZATION, a->object,
                               GH_SLICE("kind"),
                               "AuthorizationPolicy has taken the place of "
                               "ServerAuthorization");
            continue;
        }
        lint_refs(l, a);
        lint_empty_refs(l, a);
        if (!gh_lint_policies_at_hand(l, a->object, l->ns))
            unchecked = a->object;
    }
    if (unchecked)
        (void)gh_lint_tell(l, GH_FINDING_ID_NOT_CHECKED, unchecked,
                           gh_slice_str(NULL),
                           "whether what the policies of namespace %.*s refer "
                           "to exists was not checked: nothing else of the "
                           "namespace's policy is at hand",
                           GH_FMT(l->ns));
}
