/* SPDX-License-Identifier: Apache-2.0 */

#include "tools/callers.h"

static bool same_identity(const struct gh_client *a, const struct gh_client *b)
{
    return a->tls == b->tls && gh_slice_eq(a->identity, b->identity);
}

/* A caller while its addresses are being gathered. */
struct gathering {
    struct gh_caller *at;
    size_t count;
    struct gh_ip *ips; /* room for all, handed out in runs */
    const struct gh_source_client *clients;
    size_t client_count;
};

static struct gh_caller *caller_for(struct gathering *g,
                                    const struct gh_source_client *sc)
{
    for (size_t i = 0; i < g->count; i++)
        if (same_identity(&g->at[i].client, &sc->client))
            return &g->at[i];
    g->at[g->count] = (struct gh_caller){
        .podset = sc->podset,
        .client = {.tls = sc->client.tls, .identity = sc->client.identity},
    };
    return &g->at[g->count++];
}

static void gather_ips(struct gathering *g, struct gh_caller *caller)
{
    const struct gh_podset *last = NULL;

    caller->ips = g->ips;
    for (size_t i = 0; i < g->client_count; i++) {
        const struct gh_source_client *sc = &g->clients[i];

        if (!same_identity(&caller->client, &sc->client))
            continue;
        if (sc->podset && sc->podset != last)
            caller->pod_count += sc->podset->pod_count;
        last = sc->podset;
        if (sc->client.has_ip)
            g->ips[caller->ip_count++] = sc->client.ip;
        else
            caller->some_without_ip = true;
    }
    g->ips += caller->ip_count;
}

/* Out of arena there are no callers, and the question comes to nothing: the
 * caller of this sees a count of 0. */
struct gh_callers gh_callers_of(const struct gh_selection *sel,
                                struct gh_arena *a)
{
    struct gathering g = {0};

    g.clients = gh_source_clients(sel, a, &g.client_count);
    g.at = GH_ARENA_ARRAY(a, struct gh_caller, g.client_count);
    g.ips = GH_ARENA_ARRAY(a, struct gh_ip, g.client_count);
    if (!g.at || !g.ips)
        return (struct gh_callers){0};
    for (size_t i = 0; i < g.client_count; i++)
        (void)caller_for(&g, &g.clients[i]);
    for (size_t i = 0; i < g.count; i++) {
        gather_ips(&g, &g.at[i]);
        if (sel->pod)
            g.at[i].pod_count = 1;
    }
    return (struct gh_callers){g.at, g.count};
}

struct gh_callers gh_callers_one(struct gh_client client, struct gh_arena *a)
{
    struct gh_caller *caller = GH_ARENA_NEW(a, struct gh_caller);

    if (!caller)
        return (struct gh_callers){0};
    caller->client = client;
    return (struct gh_callers){caller, 1};
}

void gh_callers_come_from(struct gh_callers *callers, struct gh_ip ip,
                          struct gh_arena *a)
{
    struct gh_caller *copy =
        GH_ARENA_ARRAY(a, struct gh_caller, callers->count);

    if (!copy) {
        callers->count = 0;
        return;
    }
    for (size_t i = 0; i < callers->count; i++) {
        copy[i] = callers->at[i];
        copy[i].client.has_ip = true;
        copy[i].client.ip = ip;
        copy[i].ip_count = 0;
        copy[i].some_without_ip = false;
    }
    callers->at = copy;
}

bool gh_client_is_trapped(const struct gh_port_policy *policy,
                          const struct gh_client *client)
{
    return policy->opaque_annotation && policy->server &&
           policy->enforcement == GH_ENFORCED &&
           (policy->protocol == GH_PROTO_HTTP1 ||
            policy->protocol == GH_PROTO_HTTP2 ||
            policy->protocol == GH_PROTO_GRPC) &&
           client->tls != GH_CLIENT_PLAIN;
}

void gh_ask(const struct gh_port_policy *policy, const struct gh_client *client,
            struct gh_what what, enum gh_evidence evidence, struct gh_arena *a,
            struct gh_decision *ret)
{
    bool trapped = gh_client_is_trapped(policy, client);

    if (what.request && !trapped)
        gh_decide_http(policy, client, what.request, evidence, a, ret);
    else if (what.route && !trapped)
        gh_decide_route(policy, client, what.route, evidence, a, ret);
    else
        gh_decide_tcp(policy, client, evidence, a, ret);
}

static size_t add_outcome(struct gh_outcome ret[GH_OUTCOMES], size_t count,
                          struct gh_outcome one)
{
    for (size_t i = 0; i < count; i++)
        if (ret[i].decision.verdict == one.decision.verdict) {
            ret[i].ip_count += one.ip_count;
            return count;
        }
    ret[count] = one;
    return count + 1;
}

size_t gh_caller_judge(const struct gh_caller *caller,
                       const struct gh_port_policy *policy, struct gh_what what,
                       struct gh_arena *a, struct gh_outcome ret[GH_OUTCOMES])
{
    struct gh_outcome open = {.client = caller->client};
    size_t count = 0;

    gh_ask(policy, &open.client, what, GH_EVIDENCE_NONE, a, &open.decision);
    if (open.decision.verdict != GH_DEPENDS || caller->ip_count == 0) {
        ret[0] = open;
        return 1;
    }
    for (size_t i = 0; i < caller->ip_count; i++) {
        struct gh_outcome one = {.client = caller->client, .ip_count = 1};

        one.client.has_ip = true;
        one.client.ip = caller->ips[i];
        gh_ask(policy, &one.client, what, GH_EVIDENCE_NONE, a, &one.decision);
        count = add_outcome(ret, count, one);
    }
    return caller->some_without_ip ? add_outcome(ret, count, open) : count;
}
