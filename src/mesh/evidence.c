/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh/evidence.h"

#include <stdlib.h>

#include "mesh/mesh_internal.h"

/*
 * A near miss is an authorization that would have permitted, but for one
 * condition: its network, its list of identities, a reference that dangles. It
 * names that condition and the change that would meet it. Nearest first: what
 * is one word away from permitting before what is a new policy away.
 */

struct explainer {
    const struct gh_client *client;
    struct gh_arena *arena;
    struct gh_decision *d;
    struct gh_near_miss *misses;
    size_t count;
    size_t cap;
};

const char *gh_near_miss_name(enum gh_near_miss_why why)
{
    static const char *const names[] = {
        [GH_MISS_NETWORK] = "network",
        [GH_MISS_IGNORED] = "ignored",
        [GH_MISS_TRUST_DOMAIN] = "trust-domain",
        [GH_MISS_IDENTITY] = "identity",
        [GH_MISS_SPIFFE] = "spiffe",
        [GH_MISS_UNMESHED] = "unmeshed",
        [GH_MISS_ROUTE] = "route",
        [GH_MISS_OTHER_SERVER] = "other-server",
    };

    return names[why];
}

/* --- what the object to change is called --- */

/* The object that lists identities or networks: the authentication, or a
 * ServerAuthorization itself. Absent: there is none to add to. */
static struct gh_slice holder(const struct explainer *x,
                              const struct gh_authz *a, const char *kind)
{
    for (size_t i = 0; i < a->ref_count; i++) {
        const struct gh_authz_ref *r = &a->refs[i];

        if (gh_slice_eq_nocase(r->kind, gh_slice_str(kind)))
            return gh_arena_fmt(x->arena, "%s %.*s/%.*s", kind, GH_FMT(r->ns),
                                GH_FMT(r->name));
    }
    return a->kind == GH_AUTHZ_SERVER ? a->label : gh_slice_str(NULL);
}

/* Where only a default rules, a policy has nothing to be attached to yet. */
static const char *new_policy(const struct explainer *x)
{
    return x->d->policy->server ? "a policy" : "a Server, and a policy";
}

static struct gh_slice add_identity(const struct explainer *x,
                                    const struct gh_authz *a)
{
    struct gh_slice where = holder(x, a, "MeshTLSAuthentication");
    struct gh_slice id = x->client->identity;

    if (where.ptr)
        return gh_arena_fmt(x->arena, "add %.*s to %.*s", GH_FMT(id),
                            GH_FMT(where));
    return gh_arena_fmt(x->arena,
                        "write %s that requires a MeshTLSAuthentication with "
                        "%.*s",
                        new_policy(x), GH_FMT(id));
}

static struct gh_slice add_network(const struct explainer *x,
                                   const struct gh_authz *a)
{
    struct gh_slice where = holder(x, a, "NetworkAuthentication");

    if (where.ptr)
        return gh_arena_fmt(x->arena, "add the client's network to %.*s",
                            GH_FMT(where));
    return gh_arena_fmt(x->arena,
                        "write %s that admits the client's network, or add it "
                        "to the networks that Linkerd was installed with",
                        new_policy(x));
}

static struct gh_slice clients_of(const struct explainer *x,
                                  const struct gh_authz *a)
{
    if (a->clients == GH_CLIENTS_TLS)
        return GH_SLICE("any client with mesh TLS");
    if (a->id_count == 1)
        return gh_arena_fmt(x->arena, "%.*s", GH_FMT(a->ids[0].text));
    if (a->id_count == 2)
        return gh_arena_fmt(x->arena, "%.*s and %.*s", GH_FMT(a->ids[0].text),
                            GH_FMT(a->ids[1].text));
    return gh_arena_fmt(x->arena, "%.*s and %zu more", GH_FMT(a->ids[0].text),
                        a->id_count - 1);
}

static struct gh_slice networks_of(const struct explainer *x,
                                   const struct gh_authz *a)
{
    struct gh_slice text = GH_SLICE("");

    for (size_t i = 0; i < a->nets.count && i < 3; i++)
        text = gh_arena_fmt(x->arena, "%.*s%s%.*s%s", GH_FMT(text),
                            i ? ", " : "", GH_FMT(a->nets.at[i].text),
                            a->nets.at[i].except_count ? " (with exceptions)"
                                                       : "");
    if (a->nets.count > 3)
        text = gh_arena_fmt(x->arena, "%.*s and %zu more", GH_FMT(text),
                            a->nets.count - 3);
    return text;
}

/* --- one condition each --- */

static void put(struct explainer *x, const struct gh_authz *a,
                enum gh_near_miss_why why, struct gh_slice text,
                struct gh_slice remedy)
{
    if (x->count < x->cap)
        x->misses[x->count++] = (struct gh_near_miss){a, why, text, remedy};
}

static bool same_account(struct gh_slice wanted, struct gh_slice have)
{
    struct gh_id_parts w;
    struct gh_id_parts h;

    return gh_id_split(wanted, &w) && gh_id_split(have, &h) &&
           gh_slice_eq(w.service_account, h.service_account) &&
           gh_slice_eq(w.ns, h.ns);
}

static void miss_identity(struct explainer *x, const struct gh_authz *a)
{
    struct gh_slice id = x->client->identity;
    bool has_wildcard = false;

    for (size_t i = 0; i < a->id_count; i++) {
        has_wildcard |= a->ids[i].is_suffix;
        if (!same_account(a->ids[i].text, id))
            continue;
        put(x, a, GH_MISS_TRUST_DOMAIN,
            gh_arena_fmt(x->arena,
                         "lists %.*s: the same service account, but another "
                         "control plane or trust domain than the client's "
                         "%.*s",
                         GH_FMT(a->ids[i].text), GH_FMT(id)),
            gh_arena_fmt(x->arena,
                         "%.*s, or refer to accounts rather than to their "
                         "names",
                         GH_FMT(add_identity(x, a))));
        return;
    }
    if (has_wildcard && gh_id_is_spiffe(id)) {
        put(x, a, GH_MISS_SPIFFE,
            gh_arena_fmt(x->arena,
                         "admits %.*s; wildcards never match SPIFFE "
                         "identities such as %.*s",
                         GH_FMT(clients_of(x, a)), GH_FMT(id)),
            add_identity(x, a));
        return;
    }
    put(x, a, GH_MISS_IDENTITY,
        gh_arena_fmt(x->arena, "admits %.*s, not %.*s",
                     GH_FMT(clients_of(x, a)), GH_FMT(id)),
        add_identity(x, a));
}

static void miss_unmeshed(struct explainer *x, const struct gh_authz *a)
{
    bool tls = x->client->tls == GH_CLIENT_TLS;

    put(x, a, GH_MISS_UNMESHED,
        gh_arena_fmt(x->arena, "admits %.*s; the client has %s",
                     GH_FMT(clients_of(x, a)),
                     tls ? "mesh TLS but no identity" : "no mesh identity"),
        GH_SLICE("inject the client (linkerd.io/inject: enabled), or add a "
                 "policy that requires only a NetworkAuthentication"));
}

static void miss_network(struct explainer *x, const struct gh_authz *a)
{
    put(x, a, GH_MISS_NETWORK,
        x->client->has_ip
            ? gh_arena_fmt(x->arena, "admits this client, but only from %.*s",
                           GH_FMT(networks_of(x, a)))
            : gh_arena_fmt(x->arena,
                           "admits this client from %.*s; its address is not "
                           "known",
                           GH_FMT(networks_of(x, a))),
        add_network(x, a));
}

/* The first condition of @a that fails; nothing when all hold. */
static void consider(struct explainer *x, const struct gh_authz *a)
{
    if (a->ignored.ptr) {
        put(x, a, GH_MISS_IGNORED,
            gh_arena_fmt(x->arena, "is ignored by Linkerd: %.*s",
                         GH_FMT(a->ignored)),
            a->remedy);
    } else if (!gh_authz_admits(a, x->client)) {
        if (x->client->tls == GH_CLIENT_IDENTIFIED)
            miss_identity(x, a);
        else
            miss_unmeshed(x, a);
    } else if (!a->everywhere &&
               (!x->client->has_ip || !gh_nets_have(a->nets, x->client->ip))) {
        miss_network(x, a);
    }
}

/* Admits the client, somewhere else on this port. */
static void consider_elsewhere(struct explainer *x)
{
    const struct gh_port_policy *p = x->d->policy;

    for (size_t i = 0; i < p->route_count; i++) {
        const struct gh_route_use *u = &p->routes[i];

        if (u == x->d->route)
            continue;
        for (size_t j = 0; j < u->authz_count; j++)
            if (u->authz[j]->kind != GH_AUTHZ_DEFAULT &&
                gh_authz_admits(u->authz[j], x->client))
                put(x, u->authz[j], GH_MISS_ROUTE,
                    gh_arena_fmt(x->arena,
                                 "admits this client, but only on %.*s",
                                 GH_FMT(u->route->label)),
                    GH_SLICE("target the Server, or the route the request "
                             "takes"));
    }
}

/* Policies of the route that takes the request, and do not count. */
static void consider_ignored(struct explainer *x, const struct gh_plan *plan)
{
    for (size_t i = 0; x->d->route && i < plan->authz_count; i++)
        if (plan->authz[i]->ignored.ptr &&
            gh_authz_targets_route(plan->authz[i], x->d->route->route))
            consider(x, plan->authz[i]);
}

/* Policies of routes that name the Server in vain. */
static void consider_lost_routes(struct explainer *x,
                                 const struct gh_plan *plan)
{
    const struct gh_port_policy *p = x->d->policy;

    for (size_t i = 0; i < p->route_miss_count; i++) {
        const struct gh_route_miss *lost = &p->route_misses[i];

        for (size_t j = 0; j < plan->authz_count; j++) {
            const struct gh_authz *a = plan->authz[j];

            if (!a->ignored.ptr && gh_authz_targets_route(a, lost->route) &&
                gh_authz_admits(a, x->client))
                put(x, a, GH_MISS_ROUTE,
                    gh_arena_fmt(x->arena,
                                 "admits this client, but only on %.*s, which "
                                 "is not in effect: %.*s",
                                 GH_FMT(lost->route->label), GH_FMT(lost->why)),
                    GH_SLICE("mend the route, or target the Server"));
        }
    }
}

/* Policies of Servers that claim the port in vain. */
static void consider_shadowed(struct explainer *x, const struct gh_plan *plan)
{
    const struct gh_port_policy *p = x->d->policy;

    for (size_t i = 0; i < p->shadowed_count; i++) {
        const struct gh_server *s = p->shadowed[i].server;

        for (size_t j = 0; j < plan->authz_count; j++) {
            const struct gh_authz *a = plan->authz[j];

            if (!a->ignored.ptr && a->target == GH_TARGET_SERVER &&
                gh_slice_eq(a->target_name, s->name) &&
                gh_authz_admits(a, x->client))
                put(x, a, GH_MISS_OTHER_SERVER,
                    gh_arena_fmt(x->arena,
                                 "admits this client, but targets Server "
                                 "\"%.*s\", which is shadowed: %.*s",
                                 GH_FMT(s->name), GH_FMT(p->shadowed[i].why)),
                    gh_arena_fmt(x->arena,
                                 "target Server \"%.*s\", or remove one of the "
                                 "two Servers",
                                 GH_FMT(p->server->name)));
        }
    }
}

/* A connection where only requests are taken. */
static bool wants_http(const struct gh_decision *d)
{
    enum gh_protocol protocol = d->policy->protocol;

    return !d->route &&
           (protocol == GH_PROTO_HTTP1 || protocol == GH_PROTO_HTTP2 ||
            protocol == GH_PROTO_GRPC);
}

static int by_nearness(const void *a, const void *b)
{
    const struct gh_near_miss *x = a;
    const struct gh_near_miss *y = b;

    if (x->why != y->why)
        return x->why < y->why ? -1 : 1;
    return gh_slice_cmp(x->authz->label, y->authz->label);
}

static void find_misses(struct explainer *x)
{
    const struct gh_decision *d = x->d;
    const struct gh_port_policy *p = d->policy;
    size_t i;

    if (wants_http(d) || p->refuses_everything)
        return; /* no authorization is near: none could help */
    x->cap = p->authz_count + p->ignored_count + p->plan->authz_count * 3 +
             (d->route ? d->route->authz_count : 0);
    x->misses = GH_ARENA_ARRAY(x->arena, struct gh_near_miss, x->cap);
    if (!x->misses)
        return;
    for (i = 0; d->route && i < d->route->authz_count; i++)
        consider(x, d->route->authz[i]);
    for (i = 0; i < p->authz_count; i++)
        consider(x, p->authz[i]);
    for (i = 0; i < p->ignored_count; i++)
        consider(x, p->ignored[i]);
    consider_ignored(x, p->plan);
    consider_elsewhere(x);
    consider_lost_routes(x, p->plan);
    consider_shadowed(x, p->plan);
    if (x->count > 1)
        qsort(x->misses, x->count, sizeof(*x->misses), by_nearness);
    x->d->misses = x->misses;
    x->d->miss_count = x->count;
}

/* --- the sentence --- */

static struct gh_slice ruler(const struct explainer *x)
{
    const struct gh_port_policy *p = x->d->policy;

    if (p->server)
        return gh_arena_fmt(x->arena, "Server %.*s/%.*s",
                            GH_FMT(p->server->object->ns),
                            GH_FMT(p->server->name));
    return gh_arena_fmt(x->arena, "the default policy \"%s\" (%s)",
                        gh_default_policy_name(p->fallback),
                        p->fallback_source);
}

static struct gh_slice not_enforced_reason(const struct explainer *x)
{
    const struct gh_port_policy *p = x->d->policy;

    if (p->enforcement == GH_UNMESHED)
        return gh_arena_fmt(x->arena,
                            "no policy is enforced: the target is not in the "
                            "mesh (%s)",
                            p->podset->meshed_why ? p->podset->meshed_why
                                                  : "no proxy");
    return gh_arena_fmt(x->arena,
                        "no policy is enforced: port %u is in "
                        "config.linkerd.io/skip-inbound-ports and bypasses "
                        "the proxy",
                        p->port);
}

static struct gh_slice allow_reason(const struct explainer *x)
{
    const struct gh_decision *d = x->d;
    struct gh_slice who = d->by[0]->label;

    if (d->by[0]->kind == GH_AUTHZ_DEFAULT && d->policy->server &&
        d->by[0]->audit)
        who = GH_SLICE("accessPolicy audit");
    if (d->audit)
        return gh_arena_fmt(x->arena,
                            "allowed only by %.*s, and logged: without it, "
                            "this would be denied",
                            GH_FMT(who));
    if (d->by_count > 1)
        return gh_arena_fmt(x->arena,
                            "permitted by %.*s and %zu more, under "
                            "%.*s",
                            GH_FMT(who), d->by_count - 1, GH_FMT(ruler(x)));
    return gh_arena_fmt(x->arena, "permitted by %.*s, under %.*s", GH_FMT(who),
                        GH_FMT(ruler(x)));
}

static struct gh_slice deny_reason(const struct explainer *x)
{
    const struct gh_port_policy *p = x->d->policy;

    if (p->refuses_everything)
        return gh_arena_fmt(x->arena,
                            "a GRPCRoute on %.*s has a match without method: "
                            "proxies up to v2.366 refuse the whole policy and "
                            "deny everything on the port",
                            GH_FMT(ruler(x)));
    if (wants_http(x->d))
        return gh_arena_fmt(x->arena,
                            "%.*s speaks %s only: a connection that is opaque, "
                            "or not HTTP, is refused whoever the client is",
                            GH_FMT(ruler(x)), gh_protocol_name(p->protocol));
    if (p->authz_count == 0 && (!x->d->route || x->d->route->authz_count == 0))
        return gh_arena_fmt(x->arena, "nothing permits anyone under %.*s",
                            GH_FMT(ruler(x)));
    return gh_arena_fmt(x->arena, "no authorization of %.*s admits this client",
                        GH_FMT(ruler(x)));
}

static struct gh_slice reason(const struct explainer *x)
{
    switch (x->d->verdict) {
    case GH_ALLOW:
        return allow_reason(x);
    case GH_DENY:
        return deny_reason(x);
    case GH_NOT_FOUND:
        return gh_arena_fmt(x->arena,
                            "no route of %.*s matches the request: HTTP 404%s",
                            GH_FMT(ruler(x)),
                            x->d->policy->default_routes
                                ? " (gRPC: only POST /service/method exists)"
                                : "; with a route on a Server, only its "
                                  "routes exist");
    case GH_NOT_ENFORCED:
        return not_enforced_reason(x);
    case GH_DEPENDS:
        return gh_arena_fmt(x->arena,
                            "depends on the client's address: %.*s admits it "
                            "from %.*s",
                            GH_FMT(x->d->by[0]->label),
                            GH_FMT(networks_of(x, x->d->by[0])));
    }
    return GH_SLICE("");
}

void gh_evidence_add(const struct gh_client *client, struct gh_arena *arena,
                     struct gh_decision *d)
{
    struct explainer x = {.client = client, .arena = arena, .d = d};

    d->reason = reason(&x);
    if (d->verdict == GH_DENY || d->verdict == GH_DEPENDS || d->audit)
        find_misses(&x);
}
