/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh/decide.h"
#include "mesh/lint_internal.h"

/*
 * Lints of what must get through: the kubelet's probes, and metrics
 *
 * Both are asked of the decision itself: may a client without identity GET the
 * probe's path, may linkerd-viz's Prometheus GET /metrics. An answer that
 * depends on the client's address counts as yes.
 */

#define ADMIN_PORT 4191

static enum gh_verdict may_get(struct gh_lint *l,
                               const struct gh_port_policy *p,
                               const struct gh_client *client,
                               struct gh_slice path)
{
    struct gh_request request = {.method = GH_SLICE("GET"), .path = path};
    struct gh_decision d;

    gh_decide_http(p, client, &request, GH_EVIDENCE_NONE, &l->scratch, &d);
    return d.verdict;
}

/* --- probes --- */

struct refused { /* on one port of a set */
    const struct gh_port_policy *policy;
    struct gh_lint_names paths;
    enum gh_verdict verdict;
};

static void ask_probes(struct gh_lint *l, const struct gh_podset *set,
                       struct refused *r)
{
    static const struct gh_client kubelet = {.tls = GH_CLIENT_PLAIN};
    struct gh_slice last = {NULL, 0};

    for (size_t i = 0; i < set->probe_count; i++) {
        const struct gh_probe *probe = &set->probes[i];
        enum gh_verdict v;

        if (probe->port != r->policy->port || !probe->path.ptr ||
            (last.ptr && gh_slice_eq(last, probe->path)))
            continue;
        last = probe->path;
        v = may_get(l, r->policy, &kubelet, probe->path);
        if (v != GH_DENY && v != GH_NOT_FOUND)
            continue;
        r->verdict = v;
        gh_lint_names_add(&r->paths,
                          gh_lint_text(l, "GET %.*s", GH_FMT(probe->path)));
    }
}

/* Whose fault it is: the first route, the Server, or the pod itself. */
static const struct gh_object *culprit(const struct refused *r,
                                       struct gh_slice *ret_path)
{
    const struct gh_port_policy *p = r->policy;

    if (p->server && !p->default_routes && p->route_count > 0) {
        *ret_path = GH_SLICE("spec.rules");
        return p->routes[0].route->object;
    }
    *ret_path = p->server ? GH_SLICE("spec.proxyProtocol")
                          : GH_SLICE("spec.template.spec.containers");
    return p->server ? p->server->object : gh_lint_object_of(p->podset);
}

static void tell_refused(struct gh_lint *l, const struct gh_podset *set,
                         struct refused *r)
{
    struct gh_slice path;
    const struct gh_object *o = culprit(r, &path);
    bool routes = r->policy->server && !r->policy->default_routes;
    struct gh_finding *f;

    f = gh_lint_tell(
        l, GH_FINDING_ID_PROBES_REFUSED, o, path,
        "the kubelet's %.*s on port %u of %.*s %s: %s",
        GH_FMT(gh_lint_names_text(&r->paths)), (unsigned)r->policy->port,
        GH_FMT(gh_lint_workload(l, set)),
        r->verdict == GH_NOT_FOUND ? "will get 404, as no route matches"
                                   : "will be refused",
        routes ? "with a route of yours on the Server, the automatic route "
                 "for probes is gone"
               : "there is no automatic route for probes on a port of this "
                 "protocol, and the kubelet has no identity");
    if (routes)
        gh_lint_fix(l, f,
                    "Add an HTTPRoute on Server \"%.*s\" that matches the "
                    "probes' paths exactly, and an AuthorizationPolicy on it "
                    "that requires a NetworkAuthentication with the nodes' "
                    "networks.",
                    GH_FMT(r->policy->server->name));
    gh_lint_relate(f, gh_lint_object_of(set));
}

static void lint_probes(struct gh_lint *l, const struct gh_podset *set)
{
    for (size_t i = 0; i < set->probe_count; i++) {
        struct refused r = {.paths = {.lint = l}};
        bool seen = false;

        for (size_t k = 0; k < i && !seen; k++)
            seen = set->probes[k].port == set->probes[i].port;
        if (seen)
            continue;
        r.policy = gh_port_policy(l->mesh, set, set->probes[i].port);
        if (r.policy->enforcement != GH_ENFORCED ||
            r.policy->refuses_everything)
            continue;
        ask_probes(l, set, &r);
        if (r.paths.count > 0)
            tell_refused(l, set, &r);
    }
}

/* --- metrics --- */

static const struct gh_podset *viz_prometheus(struct gh_lint *l)
{
    struct gh_lint_sets it = gh_lint_sets(l, GH_SLICE("linkerd-viz"));

    while (gh_lint_next_set(&it))
        if (gh_slice_is(it.set->service_account, "prometheus") &&
            it.set->identity.len > 0)
            return it.set;
    return NULL;
}

/* One set of each workload; those without a proxy have no metrics. */
static void lint_scrapes(struct gh_lint *l)
{
    const struct gh_podset *prometheus = viz_prometheus(l);
    struct gh_lint_sets it = gh_lint_sets(l, l->ns);
    struct gh_lint_names refused = {.lint = l};
    const struct gh_workload *last = NULL;
    const struct gh_object *o = NULL;
    struct gh_client client = {.tls = GH_CLIENT_IDENTIFIED};
    struct gh_finding *f;

    if (!prometheus)
        return;
    client.identity = prometheus->identity;
    while (gh_lint_next_set(&it)) {
        const struct gh_port_policy *p;
        enum gh_verdict v;

        if (it.set->workload == last || it.set->meshed == GH_MESHED_NO ||
            it.set->meshed == GH_MESHED_EXTERNAL || gh_lint_is_gone(it.set))
            continue;
        last = it.set->workload;
        p = gh_port_policy(l->mesh, it.set, ADMIN_PORT);
        v = may_get(l, p, &client, GH_SLICE("/metrics"));
        if (v != GH_DENY && v != GH_NOT_FOUND)
            continue;
        if (!o)
            o = gh_lint_object_of(it.set);
        gh_lint_names_add(&refused, gh_lint_workload(l, it.set));
    }
    if (refused.count == 0)
        return;
    f = gh_lint_tell(l, GH_FINDING_ID_SCRAPES_REFUSED, o, gh_slice_str(NULL),
                     "the Prometheus of linkerd-viz is refused on port 4191 "
                     "(linkerd-admin) of %.*s: linkerd viz shows nothing of "
                     "them",
                     GH_FMT(gh_lint_names_text(&refused)));
    gh_lint_fix(l, f,
                "linkerd viz allow-scrapes --target-namespace %.*s | kubectl "
                "apply -f -",
                GH_FMT(l->ns));
    gh_lint_relate(f, gh_lint_object_of(prometheus));
}

void gh_lint_probes(struct gh_lint *l)
{
    struct gh_lint_sets it = gh_lint_sets(l, l->ns);
    const struct gh_workload *last = NULL;

    while (gh_lint_next_set(&it)) {
        if (it.set->workload == last || gh_lint_is_gone(it.set))
            continue; /* sets of a workload differ in other things */
        last = it.set->workload;
        lint_probes(l, it.set);
    }
    lint_scrapes(l);
}
