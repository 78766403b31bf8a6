/* SPDX-License-Identifier: Apache-2.0 */

#include "mesh/diff_internal.h"

/*
 * What two port policies come to for all clients
 *
 * Each client and call has at most two outcomes: from some addresses it opened,
 * from others it closed. Clients with the same outcomes become one row, and so
 * do their calls.
 */

enum { MAX_OUTCOMES = 250, MAX_EDGES = 128, MAX_BY = 3, NONE = 0 };

struct outcome {
    enum gh_diff_change change;
    struct gh_diff_side before;
    struct gh_diff_side after;
    struct gh_slice from;
};

struct judging {
    const struct gh_diff_pair *pair;
    struct gh_diff_calls calls;
    struct gh_arena *scratch;
    struct gh_arena *a;
    struct gh_ip edges[MAX_EDGES];
    size_t edge_count;
    struct outcome outcomes[MAX_OUTCOMES]; /* [0] is not used */
    size_t outcome_count;
};

/* --- deciding --- */

static const struct gh_route_use *route_of(const struct gh_port_policy *p,
                                           struct gh_slice label)
{
    for (size_t i = 0; i < p->route_count; i++)
        if (gh_slice_eq(p->routes[i].route->label, label))
            return &p->routes[i];
    return NULL;
}

static void decide(const struct gh_port_policy *p, const struct gh_client *c,
                   const struct gh_diff_call *call, struct gh_arena *scratch,
                   struct gh_decision *ret)
{
    static const struct gh_request other = {
        .method = GH_SLICE("POST"), .path = GH_SLICE("/gatehouse.any/any")};
    const struct gh_route_use *use =
        call->route.ptr ? route_of(p, call->route) : NULL;

    if (call->connection)
        gh_decide_tcp(p, c, GH_EVIDENCE_NONE, scratch, ret);
    else if (use)
        gh_decide_route(p, c, use, GH_EVIDENCE_NONE, scratch, ret);
    else
        gh_decide_http(p, c, call->route.ptr ? &other : &call->request,
                       GH_EVIDENCE_NONE, scratch, ret);
}

static struct gh_slice ruler_of(const struct gh_port_policy *p,
                                struct gh_arena *a)
{
    if (p->enforcement == GH_UNMESHED)
        return GH_SLICE("no proxy");
    if (p->enforcement == GH_PORT_SKIPPED)
        return GH_SLICE("skip-inbound-ports");
    if (p->server)
        return gh_arena_fmt(a, "Server/%.*s/%.*s",
                            GH_FMT(p->podset->workload->ns),
                            GH_FMT(p->server->name));
    return gh_arena_fmt(a, "default/%s", gh_default_policy_name(p->fallback));
}

static struct gh_diff_side side_of(const struct gh_port_policy *p,
                                   const struct gh_decision *d,
                                   struct gh_arena *a)
{
    struct gh_diff_side side = {d->verdict, d->audit, {0}};

    for (size_t i = 0; i < d->by_count && i < MAX_BY; i++)
        side.by = side.by.ptr ? gh_arena_fmt(a, "%.*s, %.*s", GH_FMT(side.by),
                                             GH_FMT(d->by[i]->label))
                              : d->by[i]->label;
    if (d->by_count > MAX_BY)
        side.by = gh_arena_fmt(a, "%.*s and %zu more", GH_FMT(side.by),
                               d->by_count - MAX_BY);
    if (!side.by.ptr)
        side.by = ruler_of(p, a);
    return side;
}

/* How far a call gets. */
static int openness(enum gh_verdict v)
{
    switch (v) {
    case GH_DENY:
    case GH_NOT_FOUND:
        return 0;
    case GH_DEPENDS:
        return 1;
    case GH_ALLOW:
        return 2;
    case GH_NOT_ENFORCED:
        break;
    }
    return 3;
}

/* Return: whether a caller would notice. */
static bool classify(const struct gh_decision *b, const struct gh_decision *x,
                     enum gh_diff_change *ret)
{
    int before = openness(b->verdict);
    int after = openness(x->verdict);

    if (after == 3 && before < 3)
        *ret = GH_DIFF_UNENFORCED;
    else if (after > before)
        *ret = GH_DIFF_ALLOWED;
    else if (after < before && !(before == 3 && after == 2))
        *ret = GH_DIFF_DENIED;
    else if (x->audit && !b->audit)
        *ret = GH_DIFF_AUDITED;
    else if (b->audit && !x->audit && after == before)
        *ret = GH_DIFF_UNAUDITED;
    else
        return false;
    return true;
}

/* --- addresses --- */

static void add_edge(struct judging *j, unsigned __int128 value, bool v6)
{
    if (!v6 && value > UINT32_MAX)
        return;
    for (size_t i = 0; i < j->edge_count; i++)
        if (j->edges[i].v6 == v6 && j->edges[i].value == value)
            return;
    if (j->edge_count < MAX_EDGES)
        j->edges[j->edge_count++] = (struct gh_ip){value, v6};
}

static void add_net_edges(struct judging *j, const struct gh_net *net)
{
    add_edge(j, net->first, net->v6);
    add_edge(j, net->last, net->v6);
    if (net->first > 0)
        add_edge(j, net->first - 1, net->v6);
    add_edge(j, net->last + 1, net->v6);
}

static void add_authz_edges(struct judging *j, const struct gh_authz *const *at,
                            size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < at[i]->nets.count; k++) {
            const struct gh_net_rule *rule = &at[i]->nets.at[k];

            add_net_edges(j, &rule->net);
            for (size_t e = 0; e < rule->except_count; e++)
                add_net_edges(j, &rule->except[e]);
        }
}

static void add_policy_edges(struct judging *j, const struct gh_port_policy *p)
{
    add_authz_edges(j, p->authz, p->authz_count);
    for (size_t i = 0; i < p->route_count; i++)
        add_authz_edges(j, p->routes[i].authz, p->routes[i].authz_count);
}

static struct gh_slice text_of_ip(struct gh_ip ip, struct gh_arena *a)
{
    unsigned v[8];

    if (!ip.v6)
        return gh_arena_fmt(a, "%u.%u.%u.%u", (unsigned)(ip.value >> 24) & 0xff,
                            (unsigned)(ip.value >> 16) & 0xff,
                            (unsigned)(ip.value >> 8) & 0xff,
                            (unsigned)ip.value & 0xff);
    for (int i = 0; i < 8; i++)
        v[i] = (unsigned)(ip.value >> (112 - 16 * i)) & 0xffff;
    return gh_arena_fmt(a, "%x:%x:%x:%x:%x:%x:%x:%x", v[0], v[1], v[2], v[3],
                        v[4], v[5], v[6], v[7]);
}

/* --- outcomes --- */

static bool same_side(const struct gh_diff_side *a,
                      const struct gh_diff_side *b)
{
    return a->verdict == b->verdict && a->audit == b->audit &&
           gh_slice_eq(a->by, b->by);
}

/* Index of the outcome; those beyond the limit count as the last one. */
static uint8_t outcome_index(struct judging *j, const struct outcome *o)
{
    for (size_t i = 1; i < j->outcome_count; i++) {
        const struct outcome *p = &j->outcomes[i];

        if (p->change == o->change && same_side(&p->before, &o->before) &&
            same_side(&p->after, &o->after) && gh_slice_eq(p->from, o->from))
            return (uint8_t)i;
    }
    if (j->outcome_count < MAX_OUTCOMES)
        j->outcomes[j->outcome_count++] = *o;
    return (uint8_t)(j->outcome_count - 1);
}

/* Decides on both sides. Return: the outcome's index, or NONE. */
static uint8_t compare(struct judging *j, const struct gh_diff_client *c,
                       const struct gh_diff_call *call, const struct gh_ip *ip)
{
    struct gh_client before = c->before;
    struct gh_client after = c->after;
    struct gh_decision b;
    struct gh_decision x;
    struct outcome o = {0};

    if (ip) {
        before.has_ip = after.has_ip = true;
        before.ip = after.ip = *ip;
    }
    decide(j->pair->before, &before, call, j->scratch, &b);
    decide(j->pair->after, &after, call, j->scratch, &x);
    if (!classify(&b, &x, &o.change))
        return NONE;
    o.before = side_of(j->pair->before, &b, j->a);
    o.after = side_of(j->pair->after, &x, j->a);
    if (ip)
        o.from = text_of_ip(*ip, j->a);
    return outcome_index(j, &o);
}

static bool depends(struct judging *j, const struct gh_diff_client *c,
                    const struct gh_diff_call *call)
{
    struct gh_decision b;
    struct gh_decision x;

    decide(j->pair->before, &c->before, call, j->scratch, &b);
    decide(j->pair->after, &c->after, call, j->scratch, &x);
    return b.verdict == GH_DEPENDS || x.verdict == GH_DEPENDS;
}

/* Of the addresses at the edges: the first for which the call opens, and the
 * first for which it closes. */
static void compare_edges(struct judging *j, const struct gh_diff_client *c,
                          const struct gh_diff_call *call, uint8_t ret[2])
{
    for (size_t i = 0; i < j->edge_count && !(ret[0] && ret[1]); i++) {
        uint8_t index;
        bool closes;

        if (gh_ip_is_loopback(j->edges[i]))
            continue;
        index = compare(j, c, call, &j->edges[i]);
        closes = index && j->outcomes[index].change == GH_DIFF_DENIED;
        if (index && !ret[closes])
            ret[closes] = index;
    }
}

static void judge_client(struct judging *j, const struct gh_diff_client *c,
                         uint8_t *vector)
{
    for (size_t i = 0; i < j->calls.count; i++) {
        const struct gh_diff_call *call = &j->calls.at[i];

        if (depends(j, c, call))
            compare_edges(j, c, call, vector + 2 * i);
        else
            vector[2 * i] = compare(j, c, call, NULL);
        gh_arena_reset(j->scratch);
    }
}

/* --- rows --- */

struct rows {
    struct gh_diff_row *at;
    size_t count;
    size_t cap;
};

static void add_row(struct judging *j, struct rows *r,
                    const struct gh_diff_row *row)
{
    if (r->count == r->cap) {
        size_t cap = r->cap ? r->cap * 2 : 8;
        struct gh_diff_row *at =
            gh_arena_grow(j->a, r->at, r->cap * sizeof(*at), cap * sizeof(*at),
                          _Alignof(struct gh_diff_row));

        if (!at)
            return;
        r->at = at;
        r->cap = cap;
    }
    r->at[r->count++] = *row;
}

/* The calls of a vector that have this outcome. */
static void row_calls(struct judging *j, const uint8_t *vector, size_t outcome,
                      struct gh_diff_row *row)
{
    struct gh_slice *calls =
        GH_ARENA_ARRAY(j->a, struct gh_slice, j->calls.count);
    size_t count = 0;

    for (size_t i = 0; calls && i < j->calls.count; i++)
        if (vector[2 * i] == outcome || vector[2 * i + 1] == outcome)
            calls[count++] = j->calls.at[i].label;
    row->calls = calls;
    row->call_count = count;
}

static void add_rows(struct judging *j, const uint8_t *vector,
                     const struct gh_slice *clients, size_t client_count,
                     struct rows *r)
{
    for (size_t o = 1; o < j->outcome_count; o++) {
        struct gh_diff_row row = {
            .change = j->outcomes[o].change,
            .clients = clients,
            .client_count = client_count,
            .from = j->outcomes[o].from,
            .before = j->outcomes[o].before,
            .after = j->outcomes[o].after,
        };

        row_calls(j, vector, o, &row);
        if (row.call_count > 0)
            add_row(j, r, &row);
    }
}

static bool is_nothing(const uint8_t *vector, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (vector[i] != NONE)
            return false;
    return true;
}

/* Clients with equal vectors, each group once. */
static void fold(struct judging *j, const uint8_t *vectors, struct rows *r)
{
    size_t count = j->pair->client_count;
    size_t len = 2 * j->calls.count;
    bool *done = GH_ARENA_ARRAY(j->a, bool, count + 1);

    for (size_t i = 0; done && i < count; i++) {
        const uint8_t *vector = vectors + i * len;
        struct gh_slice *labels;
        size_t label_count = 0;

        if (done[i] || is_nothing(vector, len))
            continue;
        labels = GH_ARENA_ARRAY(j->a, struct gh_slice, count - i);
        for (size_t k = i; labels && k < count; k++)
            if (!done[k] && memcmp(vector, vectors + k * len, len) == 0) {
                done[k] = true;
                labels[label_count++] = j->pair->clients[k].label;
            }
        add_rows(j, vector, labels, label_count, r);
    }
}

const struct gh_diff_judged *gh_diff_judge(const struct gh_diff_pair *pair,
                                           struct gh_arena *scratch,
                                           struct gh_arena *a)
{
    struct gh_diff_judged *ret = GH_ARENA_NEW(a, struct gh_diff_judged);
    struct judging *j = GH_ARENA_NEW(a, struct judging);
    struct rows rows = {0};
    uint8_t *vectors;

    if (!ret || !j)
        return NULL;
    *j = (struct judging){
        .pair = pair, .scratch = scratch, .a = a, .outcome_count = 1};
    j->calls = gh_diff_calls_of(pair->before, pair->after, a);
    add_policy_edges(j, pair->before);
    add_policy_edges(j, pair->after);
    vectors =
        GH_ARENA_ARRAY(a, uint8_t, pair->client_count * 2 * j->calls.count + 1);
    if (!vectors)
        return NULL;
    for (size_t i = 0; i < pair->client_count; i++)
        judge_client(j, &pair->clients[i], vectors + i * 2 * j->calls.count);
    fold(j, vectors, &rows);
    ret->rows = rows.at;
    ret->count = rows.count;
    return ret;
}
