/* SPDX-License-Identifier: Apache-2.0 */

#include "tools/admitted.h"

/* The caller of a pod set; its addresses only if some policy asks for them. */
static bool caller_of(const struct gh_podset *set, struct gh_arena *a,
                      struct gh_caller *ret)
{
    struct gh_ip *ips = GH_ARENA_ARRAY(a, struct gh_ip, set->pod_count);

    if (!ips)
        return false;
    *ret = (struct gh_caller){.podset = set, .ips = ips};
    if (set->identity.len > 0) {
        ret->client.tls = GH_CLIENT_IDENTIFIED;
        ret->client.identity = set->identity;
    }
    for (size_t i = 0; i < set->pod_count; i++) {
        if (set->pods[i].has_ip)
            ips[ret->ip_count++] = set->pods[i].ip;
        else
            ret->some_without_ip = true;
    }
    return true;
}

static bool judge_set(const struct gh_target_view *view,
                      const struct gh_podset *set, struct gh_arena *a,
                      struct gh_admitted_one *one)
{
    struct gh_caller caller;

    if (!caller_of(set, a, &caller))
        return false;
    for (size_t i = 0; i < view->port_count; i++) {
        const struct gh_port_policy *policy = view->policies[i];
        struct gh_reach reach = {0};

        gh_reach_add(&reach, policy, &caller, a);
        if (gh_reach_any(&reach) &&
            !gh_port_set_add(&one->ports, policy->port, a))
            return false;
        if (!gh_reach_any(&reach))
            continue;
        if (one->reach.asked && one->reach.verdict != reach.verdict)
            one->reach.mixed = true;
        if (!one->reach.asked)
            one->reach = reach;
    }
    return true;
}

static bool judge_workload(const struct gh_target_view *view,
                           const struct gh_workload *w, struct gh_arena *a,
                           struct gh_admitted *list)
{
    struct gh_admitted_one one = {.podset = w->sets[0]};

    list->judged++;
    for (size_t i = 0; i < w->set_count; i++)
        if (!judge_set(view, w->sets[i], a, &one))
            return false;
    if (one.ports.count == 0)
        return true;
    if (list->count == list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 64;
        struct gh_admitted_one *at =
            gh_arena_grow(a, list->at, list->cap * sizeof(*at),
                          cap * sizeof(*at), _Alignof(struct gh_admitted_one));

        if (!at)
            return false;
        list->at = at;
        list->cap = cap;
    }
    list->at[list->count++] = one;
    return true;
}

bool gh_admitted_to(struct gh_mesh *m, const struct gh_target_view *view,
                    struct gh_arena *a, struct gh_admitted *ret)
{
    struct gh_slice ns;

    *ret = (struct gh_admitted){0};
    for (size_t i = 0; gh_mesh_ns_at(m, i, &ns); i++) {
        size_t count;
        const struct gh_workload *const *all = gh_mesh_workloads(m, ns, &count);

        for (size_t k = 0; k < count; k++)
            if (all[k]->set_count > 0 && !judge_workload(view, all[k], a, ret))
                return false;
    }
    return true;
}
