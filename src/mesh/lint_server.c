/* SPDX-License-Identifier: Apache-2.0 */
#include "base/nearest.h"
#include "base/num.h"
#include "mesh/decide.h"
#include "mesh/lint_internal.h"

/*
 * Lints of Servers
 *
 * A Server is judged by what becomes of it on the ports it claims: each is
 * asked for its policy, and whether this Server is the one in it. What it
 * comes to on one set of pods is summed up over all, so that a Server with
 * fifty pods is told once.
 */

struct view { /* one Server, over all pods it selects */
    struct gh_lint *lint;
    const struct gh_server *server;
    size_t selected; /* sets */
    size_t unmeshed; /* of them, certainly */
    size_t claimed;  /* ports of sets */
    size_t lost;     /* of them, to another Server */
    size_t skipped;  /* of them, past the proxy */
    bool declared;   /* a container declares the port */
    const struct gh_server *winner;
    const struct gh_podset *first;
    const struct gh_podset *lost_on;
    const struct gh_podset *skipped_on;
    const struct gh_podset *opaque_on;
    const struct gh_object *opaque_service;
    uint16_t opaque_port;
};

static bool is_http_only(enum gh_protocol p)
{
    return p == GH_PROTO_HTTP1 || p == GH_PROTO_HTTP2 || p == GH_PROTO_GRPC;
}

/* --- seeing --- */

/* A Service with an annotation that makes the pod's port opaque. */
static const struct gh_object *
opaque_service(struct gh_lint *l, const struct gh_podset *set, uint16_t port)
{
    struct gh_store_iter it = gh_mesh_list(l->mesh, GH_KIND_SERVICE, l->ns);

    while (gh_store_next(&it)) {
        struct gh_json ports = gh_json_get(gh_lint_spec(it.object), "ports");
        struct gh_slice list =
            gh_json_str(gh_json_get(gh_lint_meta(it.object, "annotations"),
                                    "config.linkerd.io/opaque-ports"));

        if (!list.ptr || !gh_lint_selects(l, it.object, set))
            continue;
        for (struct gh_json_iter p = gh_json_iter(ports); gh_json_next(&p);) {
            uint16_t target;
            int64_t number;
            bool valid;

            if (gh_lint_target_port(set, p.value, &target) && target == port &&
                gh_json_i64(gh_json_get(p.value, "port"), &number) &&
                number > 0 && number <= UINT16_MAX &&
                gh_port_list_has(list, (uint16_t)number, &valid))
                return it.object;
        }
    }
    return NULL;
}

static void see_opaque(struct view *v, const struct gh_podset *set,
                       const struct gh_port_policy *p)
{
    const struct gh_object *service = NULL;

    if (v->opaque_on || !is_http_only(v->server->protocol))
        return;
    if (!p->opaque_annotation) {
        service = opaque_service(v->lint, set, p->port);
        if (!service)
            return;
    }
    v->opaque_on = set;
    v->opaque_service = service;
    v->opaque_port = p->port;
}

static void see_port(struct view *v, const struct gh_podset *set, uint16_t port)
{
    const struct gh_port_policy *p = gh_port_policy(v->lint->mesh, set, port);

    v->claimed++;
    if (p->server != v->server) {
        v->lost++;
        v->winner = p->server;
        v->lost_on = set;
    } else if (p->enforcement == GH_PORT_SKIPPED) {
        v->skipped++;
        v->skipped_on = set;
    } else if (p->enforcement == GH_ENFORCED) {
        see_opaque(v, set, p);
    }
}

static void see_set(struct view *v, const struct gh_podset *set)
{
    const struct gh_server *s = v->server;
    bool external = set->meshed == GH_MESHED_EXTERNAL;

    if (s->external != external ||
        !gh_selector_matches(&s->selector, set->labels))
        return;
    v->selected++;
    if (!v->first)
        v->first = set;
    v->unmeshed += gh_lint_is_unmeshed(v->lint, set);
    for (size_t i = 0; i < set->port_count; i++)
        if (s->port_name.ptr) {
            if (gh_server_claims(s, set, set->ports[i].number) &&
                gh_slice_eq(set->ports[i].name, s->port_name))
                see_port(v, set, set->ports[i].number);
        } else if (set->ports[i].number == s->port) {
            v->declared = true;
        }
    if (!s->port_name.ptr)
        see_port(v, set, s->port);
}

/* --- telling --- */

static void tell_selection(struct view *v)
{
    const struct gh_server *s = v->server;
    struct gh_finding *f;

    if (s->selector.count == 0)
        (void)gh_lint_tell(
            v->lint, GH_FINDING_ID_EMPTY_SELECTOR, s->object,
            s->external ? GH_SLICE("spec.externalWorkloadSelector")
                        : GH_SLICE("spec.podSelector"),
            "the selector is empty, so the Server is for every "
            "%s of namespace %.*s",
            s->external ? "ExternalWorkload" : "pod", GH_FMT(s->object->ns));
    if (v->selected > 0)
        return;
    f = gh_lint_tell(v->lint, GH_FINDING_ID_SELECTS_NOTHING, s->object,
                     s->external ? GH_SLICE("spec.externalWorkloadSelector")
                                 : GH_SLICE("spec.podSelector"),
                     "no %s of namespace %.*s has the labels that this Server "
                     "selects",
                     s->external ? "ExternalWorkload" : "pod",
                     GH_FMT(s->object->ns));
    if (f)
        gh_lint_fix(v->lint, f,
                    "Compare the selector with the labels of the pods; those "
                    "of a Deployment are in spec.template.metadata.labels.");
}

static struct gh_slice nearest_port(struct view *v)
{
    struct gh_lint_sets it = gh_lint_sets(v->lint, v->lint->ns);
    struct gh_nearest nearest;

    gh_nearest_init(&nearest, v->server->port_name);
    while (gh_lint_next_set(&it)) {
        if (!gh_selector_matches(&v->server->selector, it.set->labels))
            continue;
        for (size_t i = 0; i < it.set->port_count; i++)
            if (it.set->ports[i].name.ptr && !it.set->ports[i].proxy)
                gh_nearest_offer(&nearest, it.set->ports[i].name);
    }
    return nearest.best;
}

static void tell_quoted_port(struct view *v)
{
    const struct gh_server *s = v->server;
    struct gh_finding *f = gh_lint_tell(
        v->lint, GH_FINDING_ID_PORT_IN_QUOTES, s->object, GH_SLICE("spec.port"),
        "the port \"%.*s\" is in quotes, which makes it a name; no container "
        "port has it, so the Server is for no port at all",
        GH_FMT(s->port_name));

    gh_lint_fix(v->lint, f, "Write port: %.*s, without quotes.",
                GH_FMT(s->port_name));
    gh_lint_patch(v->lint, f, "replace", GH_SLICE("/spec/port"), s->port_name);
}

static void tell_unknown_port(struct view *v)
{
    const struct gh_server *s = v->server;
    struct gh_slice near = nearest_port(v);
    struct gh_finding *f;

    f = gh_lint_tell(
        v->lint, GH_FINDING_ID_PORT_NAME_UNKNOWN, s->object,
        GH_SLICE("spec.port"),
        "no container of the selected pods (%.*s%s) has a TCP port named "
        "\"%.*s\", so the Server is for no port at all",
        GH_FMT(gh_lint_workload(v->lint, v->first)),
        v->selected > 1 ? " and others" : "", GH_FMT(s->port_name));
    if (near.ptr)
        gh_lint_fix(v->lint, f, "Did you mean \"%.*s\"?", GH_FMT(near));
    gh_lint_relate(f, gh_lint_object_of(v->first));
}

static void tell_port(struct view *v)
{
    const struct gh_server *s = v->server;
    struct gh_finding *f;
    uint64_t number;

    if (v->selected == 0 || v->claimed > 0) {
        if (v->selected == 0 || s->port_name.ptr || v->declared)
            return;
        f = gh_lint_tell(v->lint, GH_FINDING_ID_PORT_UNDECLARED, s->object,
                         GH_SLICE("spec.port"),
                         "no container of the selected pods declares port %u",
                         (unsigned)s->port);
        gh_lint_relate(f, gh_lint_object_of(v->first));
        return;
    }
    if (gh_u64_parse(s->port_name, &number) && number >= 1 &&
        number <= UINT16_MAX && s->port_name.ptr[0] != '0')
        tell_quoted_port(v);
    else
        tell_unknown_port(v);
}

static void tell_shadow(struct view *v)
{
    const struct gh_server *s = v->server;
    const struct gh_server *w = v->winner;
    struct gh_finding *f;
    const char *why;

    if (v->lost == 0 || !w)
        return;
    why = w->object->created_s == s->object->created_s
              ? "of equal age and first by name"
              : "older";
    if (v->lost == v->claimed)
        f = gh_lint_tell(v->lint, GH_FINDING_ID_SERVER_SHADOWED, s->object,
                         GH_SLICE("spec.port"),
                         "Server \"%.*s\", which is %s, has this port on every "
                         "pod that this Server selects; what is authorized on "
                         "\"%.*s\" counts for nothing",
                         GH_FMT(w->name), why, GH_FMT(s->name));
    else
        f = gh_lint_tell(v->lint, GH_FINDING_ID_SERVER_PARTLY_SHADOWED,
                         s->object, GH_SLICE("spec.port"),
                         "on the pods of %.*s the port belongs to Server "
                         "\"%.*s\", which is %s",
                         GH_FMT(gh_lint_workload(v->lint, v->lost_on)),
                         GH_FMT(w->name), why);
    gh_lint_fix(v->lint, f,
                "Delete Server \"%.*s\" or \"%.*s\", or make their selectors "
                "disjoint; target policies at the one that has the port.",
                GH_FMT(s->name), GH_FMT(w->name));
    gh_lint_relate(f, w->object);
}

static void tell_enforcement(struct view *v)
{
    const struct gh_server *s = v->server;
    struct gh_finding *f;

    if (v->selected > 0 && v->unmeshed == v->selected) {
        f = gh_lint_tell(
            v->lint, GH_FINDING_ID_SERVER_UNMESHED, s->object,
            GH_SLICE("spec.podSelector"),
            "none of the pods that this Server selects (%.*s%s) has a proxy, "
            "so nothing of it is enforced: everybody is let in",
            GH_FMT(gh_lint_workload(v->lint, v->first)),
            v->selected > 1 ? " and others" : "");
        gh_lint_relate(f, gh_lint_object_of(v->first));
    }
    if (!v->skipped_on)
        return;
    f = gh_lint_tell(v->lint, GH_FINDING_ID_PORT_SKIPPED, s->object,
                     GH_SLICE("spec.port"),
                     "%.*s has the port in its annotation "
                     "config.linkerd.io/skip-inbound-ports: connections go "
                     "past the proxy, and this Server is not enforced",
                     GH_FMT(gh_lint_workload(v->lint, v->skipped_on)));
    gh_lint_relate(f, gh_lint_object_of(v->skipped_on));
}

static void tell_opaque(struct view *v)
{
    const struct gh_server *s = v->server;
    const struct gh_object *o;
    struct gh_finding *f;

    if (!v->opaque_on)
        return;
    o = v->opaque_service ? v->opaque_service : gh_lint_object_of(v->opaque_on);
    f = gh_lint_tell(
        v->lint, GH_FINDING_ID_HTTP_ON_OPAQUE, s->object,
        GH_SLICE("spec.proxyProtocol"),
        "port %u is opaque to clients (annotation "
        "config.linkerd.io/opaque-ports of %.*s %.*s), and this Server says "
        "%s: connections from the mesh are refused, whatever is authorized",
        (unsigned)v->opaque_port,
        GH_FMT(v->opaque_service ? GH_SLICE("Service")
                                 : v->opaque_on->workload->kind),
        GH_FMT(v->opaque_service ? v->opaque_service->name
                                 : v->opaque_on->workload->name),
        gh_protocol_name(s->protocol));
    gh_lint_fix(v->lint, f,
                "Set proxyProtocol: opaque; or, if the port does speak HTTP, "
                "take %u out of the annotation.",
                (unsigned)v->opaque_port);
    gh_lint_patch(v->lint, f, "replace", GH_SLICE("/spec/proxyProtocol"),
                  GH_SLICE("\"opaque\""));
    gh_lint_relate(f, o);
}

/* --- authorizations of a Server --- */

static bool route_is_authorized(const struct gh_plan *p,
                                const struct gh_route *r)
{
    for (size_t i = 0; i < p->authz_count; i++)
        if (gh_authz_targets_route(p->authz[i], r))
            return true; /* an ignored one has its own finding */
    return false;
}

static void tell_nobody(struct view *v)
{
    const struct gh_plan *p = v->lint->plan;
    const struct gh_server *s = v->server;
    struct gh_finding *f;

    if (s->access != GH_DEFAULT_DENY ||
        (v->claimed > 0 && v->lost == v->claimed) ||
        (v->selected > 0 && v->claimed == 0))
        return;
    for (size_t i = 0; i < p->authz_count; i++)
        if (gh_authz_targets_server(p->authz[i], s))
            return;
    for (size_t i = 0; i < p->route_count; i++)
        if (gh_route_names_server(p->routes[i], s) &&
            route_is_authorized(p, &p->routes[i]->route))
            return;
    if (s->object->created_s >= 0 && p->authz_count == 0)
        return; /* from a cluster, perhaps without its policies */
    f = gh_lint_tell(v->lint, GH_FINDING_ID_SERVER_ADMITS_NOBODY, s->object,
                     GH_SLICE("spec"),
                     "no policy authorizes anybody on this Server, so every "
                     "client is refused");
    gh_lint_fix(v->lint, f,
                "Write an AuthorizationPolicy with targetRef {group: "
                "policy.linkerd.io, kind: Server, name: %.*s}.",
                GH_FMT(s->name));
}

/* An authorization that @all makes pointless; only those written for this
 * very Server: one for the namespace has other work to do. */
static const struct gh_authz *
find_pointless(struct view *v, const struct gh_authz *all, bool meshed_only)
{
    const struct gh_plan *p = v->lint->plan;

    for (size_t i = 0; i < p->authz_count; i++) {
        const struct gh_authz *a = p->authz[i];

        if (a != all && !a->ignored.ptr && a->target != GH_TARGET_NAMESPACE &&
            gh_authz_targets_server(a, v->server) &&
            (!meshed_only || a->clients == GH_CLIENTS_IDENTITIES))
            return a;
    }
    return NULL;
}

static void tell_open_server(struct view *v)
{
    const struct gh_server *s = v->server;
    bool meshed_only = s->access == GH_DEFAULT_ALL_AUTHENTICATED;
    const struct gh_authz *other;
    struct gh_finding *f;

    if (!meshed_only && s->access != GH_DEFAULT_ALL_UNAUTHENTICATED)
        return;
    other = find_pointless(v, NULL, meshed_only);
    if (!other)
        return;
    f = gh_lint_tell(v->lint, GH_FINDING_ID_OTHERS_POINTLESS, s->object,
                     GH_SLICE("spec.accessPolicy"),
                     "accessPolicy %s admits every client%s already, so "
                     "%.*s changes nothing; authorizations add up",
                     gh_default_policy_name(s->access),
                     meshed_only ? " of the mesh" : "", GH_FMT(other->label));
    gh_lint_fix(v->lint, f,
                "If only authorized clients are to get in, remove "
                "spec.accessPolicy.");
    gh_lint_patch(v->lint, f, "remove", GH_SLICE("/spec/accessPolicy"),
                  gh_slice_str(NULL));
    gh_lint_relate(f, other->object);
}

static bool admits_all(const struct gh_authz *a)
{
    return !a->ignored.ptr && a->clients == GH_CLIENTS_ANY && a->everywhere;
}

static void tell_open_policies(struct view *v)
{
    const struct gh_plan *p = v->lint->plan;

    for (size_t i = 0; i < p->authz_count; i++) {
        const struct gh_authz *a = p->authz[i];
        const struct gh_authz *other;
        struct gh_finding *f;

        if (!admits_all(a) || a->target == GH_TARGET_NAMESPACE ||
            (a->kind == GH_AUTHZ_POLICY && a->ref_count == 0) ||
            !gh_authz_targets_server(a, v->server))
            continue;
        other = find_pointless(v, a, false);
        if (!other || (admits_all(other) && other < a))
            continue;
        f = gh_lint_tell(v->lint, GH_FINDING_ID_OTHERS_POINTLESS, a->object,
                         GH_SLICE("spec"),
                         "on Server \"%.*s\" this admits every client, from "
                         "everywhere, so %.*s changes nothing; authorizations "
                         "add up",
                         GH_FMT(v->server->name), GH_FMT(other->label));
        gh_lint_relate(f, other->object);
    }
}

static void tell_audit(struct view *v)
{
    const struct gh_server *s = v->server;
    struct gh_finding *f;

    if (s->access != GH_DEFAULT_AUDIT)
        return;
    f = gh_lint_tell(v->lint, GH_FINDING_ID_AUDIT_MODE, s->object,
                     GH_SLICE("spec.accessPolicy"),
                     "accessPolicy is audit: everybody is let in, and who is "
                     "not authorized is only logged");
    gh_lint_fix(v->lint, f,
                "When the roll-out is over, set accessPolicy: deny.");
    gh_lint_patch(v->lint, f, "replace", GH_SLICE("/spec/accessPolicy"),
                  GH_SLICE("\"deny\""));
}

static void tell_version(struct view *v)
{
    const struct gh_object *o = v->server->object;
    struct gh_finding *f;

    if (!gh_slice_is(o->api_version, GH_GROUP_POLICY "/v1alpha1") &&
        !gh_slice_is(o->api_version, GH_GROUP_POLICY "/v1beta1"))
        return;
    f = gh_lint_tell(v->lint, GH_FINDING_ID_OLD_VERSION, o,
                     GH_SLICE("apiVersion"), "%.*s of Server is deprecated",
                     GH_FMT(o->api_version));
    gh_lint_fix(v->lint, f, "Write apiVersion: policy.linkerd.io/v1beta3.");
    gh_lint_patch(v->lint, f, "replace", GH_SLICE("/apiVersion"),
                  GH_SLICE("\"policy.linkerd.io/v1beta3\""));
}

static void lint_server(struct gh_lint *l, const struct gh_server *s)
{
    struct gh_lint_sets it = gh_lint_sets(l, l->ns);
    struct view v = {.lint = l, .server = s};

    tell_version(&v);
    if (s->ignored.ptr)
        return; /* refused by the webhook, which tells it */
    while (gh_lint_next_set(&it))
        see_set(&v, it.set);
    if (it.count > 0)
        tell_selection(&v);
    tell_port(&v);
    tell_shadow(&v);
    tell_enforcement(&v);
    tell_opaque(&v);
    tell_nobody(&v);
    tell_open_server(&v);
    tell_open_policies(&v);
    tell_audit(&v);
}

/* --- rate limits --- */

static const struct gh_server *find_server(struct gh_lint *l,
                                           struct gh_slice name)
{
    for (size_t i = 0; i < l->plan->server_count; i++)
        if (gh_slice_eq(l->plan->servers[i]->name, name))
            return l->plan->servers[i];
    return NULL;
}

static void lint_rate_limit(struct gh_lint *l, const struct gh_object *o)
{
    struct gh_json target = gh_json_get(gh_lint_spec(o), "targetRef");
    struct gh_slice name =
        gh_json_str_or(gh_json_get(target, "name"), GH_SLICE(""));
    const struct gh_server *s = find_server(l, name);
    const struct gh_object *first;
    struct gh_finding *f;

    if (!gh_slice_eq_nocase(gh_json_str(gh_json_get(target, "kind")),
                            GH_SLICE("Server")))
        return; /* the webhook's */
    if (!s) {
        if (gh_lint_policies_at_hand(l, o, l->ns))
            (void)gh_lint_tell(l, GH_FINDING_ID_TARGET_MISSING, o,
                               GH_SLICE("spec.targetRef.name"),
                               "there is no Server \"%.*s\" in namespace %.*s",
                               GH_FMT(name), GH_FMT(l->ns));
        return;
    }
    if (s->protocol == GH_PROTO_OPAQUE || s->protocol == GH_PROTO_TLS) {
        f = gh_lint_tell(l, GH_FINDING_ID_RATE_LIMIT_NO_REQUESTS, o,
                         GH_SLICE("spec.targetRef.name"),
                         "Server \"%.*s\" has proxyProtocol %s: the proxy sees "
                         "no requests there that it could count",
                         GH_FMT(name), gh_protocol_name(s->protocol));
        gh_lint_relate(f, s->object);
    }
    first = gh_rate_limit_of(l->plan, s);
    if (!first || first == o)
        return;
    f = gh_lint_tell(l, GH_FINDING_ID_RATE_LIMIT_SECOND, o,
                     GH_SLICE("spec.targetRef.name"),
                     "Server \"%.*s\" has the rate limit \"%.*s\" already, "
                     "which is first; this one is not applied",
                     GH_FMT(name), GH_FMT(first->name));
    gh_lint_relate(f, first);
}

void gh_lint_servers(struct gh_lint *l)
{
    struct gh_store_iter it;

    for (size_t i = 0; i < l->plan->server_count; i++)
        lint_server(l, l->plan->servers[i]);
    it = gh_mesh_list(l->mesh, GH_KIND_RATE_LIMIT, l->ns);
    while (gh_store_next(&it))
        lint_rate_limit(l, it.object);
}
