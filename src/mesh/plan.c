/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh/mesh_internal.h"

/*
 * Plans: the policy of a namespace, compiled when asked for
 *
 * A plan goes stale with its namespace's objects, with the authentications of
 * other namespaces that it refers to, and with GRPCRoutes elsewhere that rival
 * its HTTPRoutes. What it comes to for one port is port_policy.c's.
 */

void gh_plan_free(struct gh_plan *p)
{
    if (!p)
        return;
    gh_free(p->ports);
    GH_VEC_FREE(&p->depends);
    gh_compiled_fini(&p->memory);
    gh_free(p);
}

void gh_plan_depends(struct gh_plan *p, struct gh_slice ns)
{
    struct gh_mesh_ns *space = gh_mesh_space(p->mesh, ns);

    for (size_t i = 0; i < p->depends.count; i++)
        if (p->depends.at[i].ns == space)
            return;
    GH_VEC_PUSH(&p->depends,
                (struct gh_dependency){space, space->authn_revision});
}

static bool is_fresh(const struct gh_plan *p)
{
    if (p->stale || !p->memory.fresh ||
        (p->has_rivals && p->rivals_revision != p->mesh->rivals_revision))
        return false;
    for (size_t i = 0; i < p->depends.count; i++)
        if (p->depends.at[i].ns->authn_revision !=
            p->depends.at[i].authn_revision)
            return false;
    return true;
}

static void compile(struct gh_plan *p)
{
    gh_compiled_clear(&p->memory);
    p->depends.count = 0;
    p->has_rivals = false;
    if (p->ports)
        memset(p->ports, 0, p->port_cap * sizeof(*p->ports));
    p->port_count = 0;
    p->numbers =
        GH_COMPILED_NEW(&p->memory, struct gh_port_numbers, p->ns->set_count);
    p->servers = gh_servers_compile(p, &p->server_count);
    p->authz = gh_authz_compile(p, &p->authz_count);
    p->routes = gh_routes_compile(p, &p->route_count);
    p->stale = false;
    p->memory.fresh = true;
}

static struct gh_plan *fresh_plan(struct gh_mesh *m, struct gh_mesh_ns *space)
{
    if (!space->plan) {
        space->plan = GH_XNEW(struct gh_plan);
        space->plan->mesh = m;
        space->plan->ns = space;
        gh_compiled_init(&space->plan->memory);
    }
    if (!is_fresh(space->plan))
        compile(space->plan);
    return space->plan;
}

struct gh_plan *gh_mesh_plan(struct gh_mesh *m, struct gh_slice ns)
{
    (void)gh_mesh_space(m, ns);
    return fresh_plan(m, gh_workloads_of(m, ns));
}

struct gh_plan *gh_plan_of(struct gh_mesh *m, const struct gh_podset *set)
{
    /* Workloads that are handed out are fresh; see gh_mesh_sync(). */
    assert(set->workload->space->workload_memory.fresh);
    return fresh_plan(m, set->workload->space);
}

const struct gh_server *const *gh_plan_servers(const struct gh_plan *plan,
                                               size_t *ret_count)
{
    *ret_count = plan->server_count;
    return plan->servers;
}

const struct gh_authz *const *gh_plan_authz(const struct gh_plan *plan,
                                            size_t *ret_count)
{
    *ret_count = plan->authz_count;
    return plan->authz;
}

const struct gh_route *const *gh_plan_routes(const struct gh_plan *plan,
                                             size_t *ret_count)
{
    /* A bound route begins with its route. */
    _Static_assert(offsetof(struct gh_bound_route, route) == 0, "layout");
    *ret_count = plan->route_count;
    return (const struct gh_route *const *)plan->routes;
}
