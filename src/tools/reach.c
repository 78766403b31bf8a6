/* SPDX-License-Identifier: Apache-2.0 */

#include "tools/reach.h"

#include "tools/connectivity.h"
#include "tools/describe.h"

static int openness(enum gh_verdict v)
{
    switch (v) {
    case GH_NOT_ENFORCED:
        return 4;
    case GH_ALLOW:
        return 3;
    case GH_DEPENDS:
        return 2;
    case GH_NOT_FOUND:
        return 1;
    case GH_DENY:
        break;
    }
    return 0;
}

static void take(struct gh_reach *r, const struct gh_decision *d)
{
    if (!r->asked)
        r->verdict = d->verdict;
    else if (r->verdict != d->verdict)
        r->mixed = true;
    r->asked = true;
    if (openness(d->verdict) > openness(r->verdict))
        r->verdict = d->verdict;
    if (r->by_count == 0) {
        r->by = d->by;
        r->by_count = d->by_count;
    }
}

void gh_reach_add(struct gh_reach *r, const struct gh_port_policy *p,
                  const struct gh_caller *caller, struct gh_arena *a)
{
    bool by_route = p->enforcement == GH_ENFORCED && p->route_count > 0 &&
                    gh_protocol_is_http(p->protocol) &&
                    !gh_client_is_trapped(p, &caller->client);
    size_t questions = by_route ? p->route_count : 1;

    for (size_t i = 0; i < questions; i++) {
        struct gh_what what = {by_route ? &p->routes[i] : NULL, NULL};
        struct gh_outcome outcomes[GH_OUTCOMES];
        size_t count;

        if (by_route && gh_route_is_probe(&p->routes[i]))
            continue;
        count = gh_caller_judge(caller, p, what, a, outcomes);
        for (size_t k = 0; k < count; k++)
            take(r, &outcomes[k].decision);
    }
}

bool gh_reach_any(const struct gh_reach *r)
{
    return r->asked &&
           (gh_verdict_passes(r->verdict) || r->verdict == GH_DEPENDS);
}

const char *gh_reach_name(const struct gh_reach *r)
{
    return r->mixed ? "mixed" : gh_verdict_name(r->verdict);
}
