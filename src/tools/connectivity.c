/* SPDX-License-Identifier: Apache-2.0 */

#include "tools/connectivity.h"

#include "tools/describe.h"

bool gh_verdict_passes(enum gh_verdict v)
{
    return v == GH_ALLOW || v == GH_NOT_ENFORCED;
}

struct gh_slice gh_path_route(const struct gh_path *path)
{
    if (path->decision.route)
        return path->decision.route->route->label;
    if (path->decision.verdict == GH_NOT_FOUND)
        return GH_SLICE("none");
    return GH_SLICE("connection");
}

/* --- folding
 * ------------------------------------------------------------------ */

static bool same_labels(const struct gh_authz *const *a, size_t a_count,
                        const struct gh_authz *const *b, size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++)
        if (a[i] != b[i] && !gh_slice_eq(a[i]->label, b[i]->label))
            return false;
    return true;
}

static bool same_route(const struct gh_path *a, const struct gh_path *b)
{
    const struct gh_route_use *x = a->what.route;
    const struct gh_route_use *y = b->what.route;

    if (!x || !y)
        return x == y;
    return gh_slice_eq(x->route->label, y->route->label);
}

static bool same_ruler(const struct gh_port_policy *a,
                       const struct gh_port_policy *b)
{
    return a->server == b->server && a->enforcement == b->enforcement &&
           (a->server || a->fallback == b->fallback);
}

static bool same_answer(const struct gh_path *a, const struct gh_path *b)
{
    return a->to.port == b->to.port && a->from == b->from &&
           a->decision.verdict == b->decision.verdict &&
           a->decision.audit == b->decision.audit && same_route(a, b) &&
           same_ruler(a->policy, b->policy) &&
           same_labels(a->decision.by, a->decision.by_count, b->decision.by,
                       b->decision.by_count);
}

/* Another pod set of the same workload that answered the same: its path. */
static struct gh_path *like(struct gh_connectivity *c,
                            const struct gh_path *path)
{
    for (size_t i = c->count; i > 0; i--) {
        struct gh_path *other = &c->paths[i - 1];

        if (other->to.podset->workload != path->to.podset->workload)
            return NULL;
        if (other->to.podset != path->to.podset && same_answer(other, path))
            return other;
    }
    return NULL;
}

static bool add_path(struct gh_connectivity *c, const struct gh_path *path,
                     struct gh_arena *a)
{
    struct gh_path *other = like(c, path);

    if (other) {
        other->target_pods += path->target_pods;
        return true;
    }
    if (c->count == c->cap) {
        size_t cap = c->cap ? c->cap * 2 : 16;
        struct gh_path *paths =
            gh_arena_grow(a, c->paths, c->cap * sizeof(*paths),
                          cap * sizeof(*paths), _Alignof(struct gh_path));

        if (!paths)
            return false;
        c->paths = paths;
        c->cap = cap;
    }
    c->paths[c->count++] = *path;
    return true;
}

/* --- asking
 * --------------------------------------------------------------------- */

struct asking {
    struct gh_connectivity *c;
    struct gh_arena *arena;
    const struct gh_target_port *to;
    const struct gh_port_policy *policy;
};

static bool ask(struct asking *k, const struct gh_caller *from,
                struct gh_what what)
{
    struct gh_outcome outcomes[GH_OUTCOMES];
    size_t count = gh_caller_judge(from, k->policy, what, k->arena, outcomes);

    for (size_t i = 0; i < count; i++) {
        struct gh_path path = {
            .to = *k->to,
            .policy = k->policy,
            .from = from,
            .client = outcomes[i].client,
            .what = what,
            .decision = outcomes[i].decision,
            .probe = what.route && gh_route_is_probe(what.route),
            .target_pods = k->to->podset->pod_count,
            .source_ips = outcomes[i].ip_count,
        };

        if (k->c->question->target->pod)
            path.target_pods = 1;
        if (!add_path(k->c, &path, k->arena))
            return false;
    }
    return true;
}

/* Without a request, a port that carries HTTP is asked about route by route. */
static bool ask_port(struct asking *k, const struct gh_caller *from)
{
    const struct gh_port_policy *p = k->policy;
    const struct gh_request *request = k->c->question->request;

    if (request || p->enforcement != GH_ENFORCED || p->route_count == 0 ||
        !gh_protocol_is_http(p->protocol) ||
        gh_client_is_trapped(p, &from->client))
        return ask(k, from, (struct gh_what){.request = request});
    for (size_t i = 0; i < p->route_count; i++)
        if (!ask(k, from, (struct gh_what){.route = &p->routes[i]}))
            return false;
    return true;
}

static bool counts(const struct gh_connectivity *c, const struct gh_path *path,
                   bool only_probes)
{
    return !path->probe || only_probes || c->question->request;
}

static void sum_up(struct gh_connectivity *c)
{
    bool only_probes = true;
    bool first = true;

    for (size_t i = 0; i < c->count; i++)
        only_probes = only_probes && c->paths[i].probe;
    c->allowed = true;
    for (size_t i = 0; i < c->count; i++) {
        enum gh_verdict v = c->paths[i].decision.verdict;

        if (!counts(c, &c->paths[i], only_probes))
            continue;
        c->allowed = c->allowed && gh_verdict_passes(v);
        if (first)
            c->verdict = gh_verdict_name(v);
        else if (!gh_slice_is(gh_slice_str(c->verdict), gh_verdict_name(v)))
            c->verdict = "mixed";
        first = false;
    }
}

bool gh_connectivity(struct gh_mesh *m, const struct gh_question *q,
                     struct gh_arena *a, struct gh_connectivity *ret,
                     struct gh_err *err)
{
    const struct gh_target_port *ports;
    size_t port_count;

    *ret = (struct gh_connectivity){.question = q};
    if (!gh_target_ports(m, q->target, q->port, a, &ports, &port_count, err))
        return false;
    for (size_t i = 0; i < port_count; i++) {
        struct asking k = {
            .c = ret,
            .arena = a,
            .to = &ports[i],
            .policy = gh_port_policy(m, ports[i].podset, ports[i].port),
        };

        for (size_t s = 0; s < q->callers.count; s++)
            if (!ask_port(&k, &q->callers.at[s])) {
                gh_err_set(err, "the answer is too large: name a port or a "
                                "single workload");
                return false;
            }
    }
    if (ret->count == 0) {
        gh_err_set(err, "nothing to judge: no client or no port is known");
        return false;
    }
    sum_up(ret);
    return true;
}

/* --- evidence
 * -------------------------------------------------------------------- */

/* On a port that is read as HTTP when it looks like HTTP, other bytes are
 * judged as a connection, where routes do not count. */
static struct gh_slice note_not_http(const struct gh_path *path,
                                     struct gh_arena *a)
{
    struct gh_decision d;

    if (path->policy->protocol != GH_PROTO_DETECT || path->probe ||
        path->policy->default_routes || !path->decision.route)
        return (struct gh_slice){0};
    gh_decide_tcp(path->policy, &path->client, GH_EVIDENCE_NONE, a, &d);
    if (d.verdict == path->decision.verdict)
        return (struct gh_slice){0};
    return gh_arena_fmt(a, "A connection that is not HTTP: %s.",
                        gh_verdict_name(d.verdict));
}

static size_t extra_notes(const struct gh_path *path, struct gh_arena *a,
                          struct gh_slice ret[4])
{
    const struct gh_podset *from = path->from->podset;
    size_t n = 0;

    if (path->decision.audit)
        ret[n++] = GH_SLICE("Allowed only because of policy \"audit\": the "
                            "proxy logs it; in enforcement it would be "
                            "denied.");
    ret[n] = note_not_http(path, a);
    n += ret[n].ptr != NULL;
    if (from && from->is_template)
        ret[n++] = GH_SLICE("The source's pod template stands in for pods.");
    if (path->probe)
        ret[n++] = GH_SLICE("For the kubelet's probes; callers do not use it.");
    return n;
}

void gh_path_detail(struct gh_path *path, struct gh_arena *a)
{
    struct gh_slice extra[4];
    size_t extra_count;
    const struct gh_slice *notes;
    struct gh_slice *all;
    size_t count;

    if (path->detailed)
        return;
    path->detailed = true;
    extra_count = extra_notes(path, a, extra);
    notes = gh_policy_notes(path->policy, a, &count);
    all = GH_ARENA_ARRAY(a, struct gh_slice, extra_count + count);

    gh_ask(path->policy, &path->client, path->what, GH_EVIDENCE_FULL, a,
           &path->decision);
    if (!all)
        return;
    for (size_t i = 0; i < extra_count + count; i++)
        all[i] = i < extra_count ? extra[i] : notes[i - extra_count];
    path->notes = all;
    path->note_count = extra_count + count;
}

/* --- in words
 * -------------------------------------------------------------------- */

/* The path that best explains the whole: the first that is in the way, else
 * the first. */
static struct gh_path *telling(struct gh_connectivity *c)
{
    struct gh_path *best = NULL;

    for (size_t i = 0; i < c->count; i++) {
        struct gh_path *p = &c->paths[i];

        if (p->probe && !c->question->request)
            continue;
        if (!gh_verdict_passes(p->decision.verdict))
            return p;
        best = best ? best : p;
    }
    return best ? best : &c->paths[0];
}

struct gh_slice gh_connectivity_text(struct gh_connectivity *c,
                                     struct gh_arena *a)
{
    struct gh_path *path = telling(c);
    size_t passing = 0;
    size_t total = 0;

    for (size_t i = 0; i < c->count; i++) {
        if (c->paths[i].probe && !c->question->request)
            continue;
        total++;
        passing += gh_verdict_passes(c->paths[i].decision.verdict);
    }
    gh_path_detail(path, a);
    if (total <= 1)
        return path->decision.reason;
    return gh_arena_fmt(
        a,
        "%zu of %zu paths are open. Port %u of %.*s/%.*s: "
        "%.*s",
        passing, total, path->to.port, GH_FMT(path->to.podset->workload->kind),
        GH_FMT(path->to.podset->workload->name), GH_FMT(path->decision.reason));
}

struct labels {
    struct gh_slice *at;
    size_t count;
    size_t cap;
};

static void add_label(struct labels *l, struct gh_slice label)
{
    for (size_t i = 0; i < l->count; i++)
        if (gh_slice_eq(l->at[i], label))
            return;
    if (l->count < l->cap && label.ptr)
        l->at[l->count++] = label;
}

const struct gh_slice *gh_connectivity_policies(const struct gh_connectivity *c,
                                                struct gh_arena *a,
                                                size_t *ret_count)
{
    enum { MAX_LABELS = 100 };
    struct labels l = {GH_ARENA_ARRAY(a, struct gh_slice, MAX_LABELS), 0,
                       MAX_LABELS};

    for (size_t i = 0; l.at && i < c->count; i++) {
        const struct gh_path *p = &c->paths[i];

        if (p->probe && !c->question->request)
            continue;
        if (p->policy->enforcement != GH_ENFORCED)
            continue;
        if (p->policy->server)
            add_label(&l, gh_server_label(p->policy->server, a));
        for (size_t k = 0; k < p->decision.by_count; k++)
            add_label(&l, p->decision.by[k]->label);
        if (p->decision.by_count == 0)
            add_label(&l, gh_ruler_label(p->policy, a));
    }
    *ret_count = l.count;
    return l.at;
}
