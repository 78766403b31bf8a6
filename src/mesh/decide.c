/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh/decide.h"

#include "mesh/evidence.h"
#include "mesh/mesh_internal.h"

/*
 * The decision, in the order of the proxy
 *
 * No proxy, no policy. A connection to a port that speaks HTTP only is refused
 * if it is no HTTP, whoever it is. Otherwise one authorization that fits the
 * client and its address is enough; those of the route and those of the Server
 * count alike, and loopback is one more of them. Where the address is not
 * known, the addresses of all fitting authorizations together tell.
 */

static const char *const verdict_names[] = {
    [GH_ALLOW] = "allow",         [GH_DENY] = "deny",
    [GH_NOT_FOUND] = "not-found", [GH_NOT_ENFORCED] = "not-enforced",
    [GH_DEPENDS] = "depends",
};

const char *gh_verdict_name(enum gh_verdict v)
{
    return verdict_names[v];
}

bool gh_authz_admits(const struct gh_authz *a, const struct gh_client *client)
{
    if (a->clients == GH_CLIENTS_ANY)
        return true;
    if (a->clients == GH_CLIENTS_TLS)
        return client->tls != GH_CLIENT_PLAIN;
    if (client->tls != GH_CLIENT_IDENTIFIED)
        return false;
    for (size_t i = 0; i < a->id_count; i++)
        if (gh_id_matches(a->ids[i], client->identity))
            return true;
    return false;
}

struct tally {
    const struct gh_client *client;
    struct gh_arena *arena;
    const struct gh_authz **by;
    size_t count;
    size_t certain; /* of them, whatever the address: kept in front */
    bool failed;    /* out of arena */
};

static void count_one(struct tally *t, const struct gh_authz *a)
{
    const struct gh_client *c = t->client;

    if (!gh_authz_admits(a, c))
        return;
    if (c->has_ip && !a->everywhere && !gh_nets_have(a->nets, c->ip))
        return;
    t->by[t->count++] = a;
    if (c->has_ip || a->everywhere) {
        const struct gh_authz *moved = t->by[t->certain];

        t->by[t->certain++] = a;
        t->by[t->count - 1] = moved;
    }
}

/* No address is known, and no authorization holds for all of them alone. */
static enum gh_verdict judge_cover(struct tally *t)
{
    struct gh_cover cover;

    if (t->count == 0)
        return GH_DENY;
    gh_cover_init(&cover, t->arena);
    for (size_t i = 0; i < t->count; i++)
        gh_cover_add(&cover, t->by[i]->nets);
    if (gh_cover_is_none(&cover)) {
        t->count = 0;
        return GH_DENY;
    }
    gh_cover_add(&cover, gh_nets_loopback());
    return gh_cover_is_all(&cover) ? GH_ALLOW : GH_DEPENDS;
}

static enum gh_verdict judge(struct tally *t)
{
    if (t->failed)
        return GH_DENY;
    if (t->client->has_ip)
        return t->count > 0 ? GH_ALLOW : GH_DENY;
    if (t->certain > 0) {
        t->count = t->certain;
        return GH_ALLOW;
    }
    return judge_cover(t);
}

static bool only_audit(const struct tally *t)
{
    for (size_t i = 0; i < t->count; i++)
        if (!t->by[i]->audit)
            return false;
    return t->count > 0;
}

/* Server authorizations, those of @route if there is one, and loopback. */
static void authorize(const struct gh_port_policy *p,
                      const struct gh_client *client,
                      const struct gh_route_use *route, struct gh_arena *arena,
                      struct gh_decision *ret)
{
    size_t most = p->authz_count + (route ? route->authz_count : 0) + 1;
    struct tally t = {.client = client, .arena = arena};

    t.by = GH_ARENA_ARRAY(arena, const struct gh_authz *, most);
    t.failed = !t.by;
    for (size_t i = 0; !t.failed && route && i < route->authz_count; i++)
        count_one(&t, route->authz[i]);
    for (size_t i = 0; !t.failed && i < p->authz_count; i++)
        count_one(&t, p->authz[i]);
    if (!t.failed && client->has_ip && gh_ip_is_loopback(client->ip))
        count_one(&t, p->localhost);
    ret->verdict = judge(&t);
    ret->by = t.by;
    ret->by_count = t.count;
    ret->audit = ret->verdict == GH_ALLOW && only_audit(&t);
}

static void finish(const struct gh_client *client, enum gh_evidence evidence,
                   struct gh_arena *arena, struct gh_decision *d)
{
    if (evidence == GH_EVIDENCE_FULL)
        gh_evidence_add(client, arena, d);
}

/* What is settled before any authorization is looked at. */
static bool settled(const struct gh_port_policy *p, struct gh_decision *d)
{
    *d = (struct gh_decision){.policy = p};
    if (p->enforcement != GH_ENFORCED)
        d->verdict = GH_NOT_ENFORCED;
    else if (p->refuses_everything)
        d->verdict = GH_DENY;
    else
        return false;
    return true;
}

static bool is_http_only(enum gh_protocol p)
{
    return p == GH_PROTO_HTTP1 || p == GH_PROTO_HTTP2 || p == GH_PROTO_GRPC;
}

static bool has_requests(enum gh_protocol p)
{
    return p != GH_PROTO_OPAQUE && p != GH_PROTO_TLS;
}

/*
 * What the proxy sees of a client. It does not terminate TLS on opaque ports:
 * only a client whose proxy announces itself, with its identity, has any.
 */
static struct gh_client as_seen(const struct gh_port_policy *p,
                                const struct gh_client *client)
{
    struct gh_client seen = *client;

    if (p->protocol == GH_PROTO_OPAQUE && seen.tls == GH_CLIENT_TLS)
        seen.tls = GH_CLIENT_PLAIN;
    return seen;
}

void gh_decide_tcp(const struct gh_port_policy *policy,
                   const struct gh_client *client, enum gh_evidence evidence,
                   struct gh_arena *arena, struct gh_decision *ret)
{
    struct gh_client seen = as_seen(policy, client);

    if (!settled(policy, ret)) {
        if (is_http_only(policy->protocol))
            ret->verdict = GH_DENY;
        else
            authorize(policy, &seen, NULL, arena, ret);
    }
    finish(&seen, evidence, arena, ret);
}

void gh_decide_http(const struct gh_port_policy *policy,
                    const struct gh_client *client,
                    const struct gh_request *request, enum gh_evidence evidence,
                    struct gh_arena *arena, struct gh_decision *ret)
{
    struct gh_client seen = as_seen(policy, client);

    if (!settled(policy, ret)) {
        if (has_requests(policy->protocol)) {
            ret->route = gh_route_find(policy, request, arena);
            ret->verdict = GH_NOT_FOUND;
        }
        if (ret->route || !has_requests(policy->protocol))
            authorize(policy, &seen, ret->route, arena, ret);
    }
    finish(&seen, evidence, arena, ret);
}

void gh_decide_route(const struct gh_port_policy *policy,
                     const struct gh_client *client,
                     const struct gh_route_use *route,
                     enum gh_evidence evidence, struct gh_arena *arena,
                     struct gh_decision *ret)
{
    if (!settled(policy, ret)) {
        ret->route = route;
        authorize(policy, client, route, arena, ret);
    }
    finish(client, evidence, arena, ret);
}
