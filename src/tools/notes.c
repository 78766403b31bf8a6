/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What people should know about a port beside the verdict
 *
 * Each note is one of Linkerd's surprises that applies here: a template that
 * stands in for pods, an opaque annotation that a Server overrules, routes that
 * hide probes, a policy that only logs.
 */

#include "tools/describe.h"

enum { MAX_NOTES = 16 };

struct notes {
    struct gh_arena *arena;
    struct gh_slice *at;
    size_t count;
};

static void add(struct notes *n, struct gh_slice text)
{
    if (n->at && n->count < MAX_NOTES && text.ptr)
        n->at[n->count++] = text;
}

static void note_podset(struct notes *n, const struct gh_podset *set)
{
    if (set->is_template)
        add(n, GH_SLICE("No pods are known: the pod template stands in for "
                        "them, after what injection adds."));
    if (set->meshed_why && set->meshed != GH_MESHED_SIDECAR &&
        set->meshed != GH_MESHED_NATIVE_SIDECAR)
        add(n, gh_arena_fmt(n->arena, "Meshed: %s (%s).",
                            gh_meshed_name(set->meshed), set->meshed_why));
}

static void note_protocol(struct notes *n, const struct gh_port_policy *p)
{
    bool fixed = p->protocol == GH_PROTO_HTTP1 ||
                 p->protocol == GH_PROTO_HTTP2 || p->protocol == GH_PROTO_GRPC;

    if (p->opaque_annotation && p->server && fixed)
        add(n, gh_arena_fmt(
                   n->arena,
                   "Opaque trap: the port is in config.linkerd.io/opaque-ports "
                   "but the Server says proxyProtocol %s. Meshed clients send "
                   "it as opaque, which such a Server refuses whatever its "
                   "authorizations say. Take the port off the annotation or "
                   "set proxyProtocol: opaque.",
                   gh_protocol_name(p->protocol)));
    if (p->refuses_everything)
        add(n, GH_SLICE("A GRPCRoute here has a match without method; current "
                        "proxies cannot read it and refuse everything on this "
                        "port. Give each match a method."));
}

static void note_routes(struct notes *n, const struct gh_port_policy *p)
{
    if (p->probes_lost)
        add(n, GH_SLICE("Routes on this Server hide the automatic probe "
                        "route: kubelet probes need a route and an "
                        "authorization of their own."));
    for (size_t i = 0; i < p->route_count; i++)
        if (p->routes[i].route->assumed) {
            add(n, GH_SLICE("Route status is not in the manifests: what the "
                            "controller would accept is assumed."));
            break;
        }
    if (p->rate_limit.ptr)
        add(n, gh_arena_fmt(n->arena,
                            "Requests over the limits of "
                            "HTTPLocalRateLimitPolicy %.*s get 429.",
                            GH_FMT(p->rate_limit)));
}

static void note_shadowed(struct notes *n, const struct gh_port_policy *p)
{
    for (size_t i = 0; i < p->shadowed_count; i++)
        add(n, gh_arena_fmt(n->arena, "Server %.*s has no effect here: %.*s.",
                            GH_FMT(p->shadowed[i].server->name),
                            GH_FMT(p->shadowed[i].why)));
}

const struct gh_slice *gh_policy_notes(const struct gh_port_policy *p,
                                       struct gh_arena *a, size_t *ret_count)
{
    struct notes n = {a, GH_ARENA_ARRAY(a, struct gh_slice, MAX_NOTES), 0};

    if (p->enforcement == GH_ENFORCED) {
        note_protocol(&n, p);
        note_routes(&n, p);
        note_shadowed(&n, p);
    }
    note_podset(&n, p->podset);
    *ret_count = n.count;
    return n.at;
}
