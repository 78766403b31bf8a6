/* SPDX-License-Identifier: Apache-2.0 */

#include "tools/resolved.h"

#include "tools/describe.h"
#include "tools/rows.h"

/* --- which ports an object has an effect on
 * ------------------------------------ */

struct effect {
    struct gh_call *call;
    const struct gh_object *object;
};

static bool has_authz(const struct gh_authz *const *at, size_t count,
                      const struct gh_object *o)
{
    for (size_t i = 0; i < count; i++)
        if (at[i]->object == o)
            return true;
    return false;
}

static bool refers(const struct gh_authz *const *at, size_t count,
                   const struct gh_object *o)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < at[i]->ref_count; k++)
            if (at[i]->refs[k].object == o)
                return true;
    return false;
}

static bool matters(const struct gh_port_policy *p, const struct gh_object *o)
{
    if (p->enforcement != GH_ENFORCED)
        return false;
    if (p->server && p->server->object == o)
        return true;
    if (has_authz(p->authz, p->authz_count, o) ||
        refers(p->authz, p->authz_count, o))
        return true;
    for (size_t i = 0; i < p->route_count; i++)
        if (p->routes[i].route->object == o ||
            has_authz(p->routes[i].authz, p->routes[i].authz_count, o) ||
            refers(p->routes[i].authz, p->routes[i].authz_count, o))
            return true;
    return false;
}

static void write_set(const struct effect *e, const struct gh_podset *set,
                      const struct gh_workload *last, uint16_t *last_port)
{
    struct gh_mesh *m = gh_tools_mesh(e->call);
    struct gh_jsonw *w = e->call->out;
    size_t count;
    const uint16_t *ports = gh_podset_ports(m, set, e->call->arena, &count);

    for (size_t i = 0; i < count; i++) {
        if (!matters(gh_port_policy(m, set, ports[i]), e->object))
            continue;
        if (last == set->workload && *last_port >= ports[i])
            continue; /* another pod set of the same workload */
        *last_port = ports[i];
        gh_jsonw_object(w);
        gh_jsonw_kstr(w, "workload",
                      gh_workload_label(set->workload, e->call->arena));
        gh_jsonw_ki64(w, "port", ports[i]);
        gh_jsonw_end(w);
    }
}

static void write_ns(const struct effect *e, struct gh_slice ns)
{
    size_t count;
    const struct gh_workload *const *all =
        gh_mesh_workloads(gh_tools_mesh(e->call), ns, &count);

    for (size_t i = 0; i < count; i++) {
        const struct gh_workload *last = NULL;
        uint16_t last_port = 0;

        for (size_t k = 0; k < all[i]->set_count; k++) {
            write_set(e, all[i]->sets[k], last, &last_port);
            last = all[i];
        }
    }
}

/* Authentications may be referred to from other namespaces. */
static void write_effects(struct gh_call *c, const struct gh_object *o)
{
    struct effect e = {c, o};
    struct gh_slice ns;

    gh_jsonw_karray(c->out, "hasEffectOn");
    if (!gh_slice_ends(o->kind, GH_SLICE("Authentication")))
        write_ns(&e, o->ns);
    else
        for (size_t i = 0; gh_mesh_ns_at(gh_tools_mesh(c), i, &ns); i++)
            write_ns(&e, ns);
    gh_jsonw_end(c->out);
}

/* --- what the plan made of it
 * ---------------------------------------------------- */

static void write_ignored(struct gh_jsonw *w, struct gh_slice why,
                          struct gh_slice remedy)
{
    gh_jsonw_kbool(w, "counts", !why.ptr);
    if (why.ptr)
        gh_jsonw_kstr(w, "ignoredBecause", why);
    if (why.ptr && remedy.len > 0)
        gh_jsonw_kstr(w, "remedy", remedy);
}

static void write_authz(struct gh_call *c, const struct gh_plan *plan,
                        const struct gh_object *o)
{
    size_t count;
    const struct gh_authz *const *all = gh_plan_authz(plan, &count);

    for (size_t i = 0; i < count; i++) {
        if (all[i]->object != o)
            continue;
        write_ignored(c->out, all[i]->ignored, all[i]->remedy);
        if (!all[i]->ignored.ptr)
            gh_jsonw_kstr(c->out, "admits", gh_authz_text(all[i], c->arena));
        return;
    }
}

static void write_server(struct gh_call *c, const struct gh_plan *plan,
                         const struct gh_object *o)
{
    size_t count;
    const struct gh_server *const *all = gh_plan_servers(plan, &count);

    for (size_t i = 0; i < count; i++)
        if (all[i]->object == o) {
            write_ignored(c->out, all[i]->ignored, (struct gh_slice){0});
            return;
        }
}

static void write_route(struct gh_call *c, const struct gh_plan *plan,
                        const struct gh_object *o)
{
    size_t count;
    const struct gh_route *const *all = gh_plan_routes(plan, &count);

    for (size_t i = 0; i < count; i++)
        if (all[i]->object == o) {
            write_ignored(c->out, all[i]->voided, (struct gh_slice){0});
            gh_jsonw_kstr(c->out, "matches", gh_route_text(all[i], c->arena));
            return;
        }
}

enum gh_rc gh_resolved_write(struct gh_call *c, const char *group,
                             const char *kind, struct gh_slice ns,
                             struct gh_slice name)
{
    struct gh_mesh *m = gh_tools_mesh(c);
    const struct gh_object *o = gh_mesh_object(m, group, kind, ns, name);
    const struct gh_plan *plan = gh_mesh_plan(m, ns);

    if (!o)
        return GH_END;
    gh_jsonw_object(c->out);
    gh_jsonw_key(c->out, GH_SLICE("object"));
    gh_jsonw_value(c->out, gh_object_root(o));
    gh_jsonw_kobject(c->out, "origin");
    gh_jsonw_kstr(c->out, "file", o->origin.scope);
    if (o->origin.line > 0)
        gh_jsonw_ki64(c->out, "line", o->origin.line);
    gh_jsonw_kbool(c->out, "stale", o->stale);
    gh_jsonw_end(c->out);
    gh_jsonw_kobject(c->out, "resolved");
    if (plan) {
        write_authz(c, plan, o);
        write_server(c, plan, o);
        write_route(c, plan, o);
    }
    write_effects(c, o);
    gh_jsonw_end(c->out);
    gh_jsonw_end(c->out);
    return GH_OK;
}
