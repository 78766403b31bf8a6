/* SPDX-License-Identifier: Apache-2.0 */

#include "tools/complete.h"

#include "mesh/policy.h"
#include "mesh/select.h"
#include "tools/kinds.h"

static struct gh_slice other(const struct gh_completion *c, const char *name)
{
    return gh_json_str(gh_json_getn(c->others, gh_slice_str(name)));
}

void gh_complete_namespace(struct gh_completion *c)
{
    struct gh_slice ns;

    for (size_t i = 0; gh_mesh_ns_at(c->user, i, &ns); i++)
        gh_completion_offer(c, ns);
}

static void offer_workloads(struct gh_completion *c, struct gh_slice ns,
                            struct gh_slice kind)
{
    size_t count;
    const struct gh_workload *const *all =
        gh_mesh_workloads(c->user, ns, &count);

    for (size_t i = 0; i < count; i++)
        if (!kind.ptr || gh_slice_eq_nocase(all[i]->kind, kind))
            gh_completion_offer(c, all[i]->name);
}

/* Services whose name no workload has: those are offered already. */
static void offer_services(struct gh_completion *c, struct gh_slice ns)
{
    const struct gh_store *s = gh_mesh_store(c->user);
    const struct gh_type *type =
        gh_store_type(s, GH_SLICE(""), GH_SLICE("Service"));

    for (struct gh_store_iter it = gh_store_list(s, type, ns);
         gh_store_next(&it);)
        if (!gh_mesh_workload(c->user, ns, (struct gh_slice){0},
                              it.object->name))
            gh_completion_offer(c, it.object->name);
}

static void offer_names(struct gh_completion *c, struct gh_slice ns)
{
    if (!ns.ptr)
        return;
    offer_workloads(c, ns, (struct gh_slice){0});
    offer_services(c, ns);
}

void gh_complete_source(struct gh_completion *c)
{
    offer_names(c, other(c, "source_namespace"));
}

static struct gh_slice target_ns(const struct gh_completion *c)
{
    struct gh_slice ns = other(c, "target_namespace");

    return ns.len > 0 ? ns : other(c, "source_namespace");
}

void gh_complete_target(struct gh_completion *c)
{
    offer_names(c, target_ns(c));
}

static bool seen_before(const struct gh_target_port *ports, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (ports[k].port == ports[i].port &&
            ports[k].service_port == ports[i].service_port)
            return true;
    return false;
}

void gh_complete_target_port(struct gh_completion *c)
{
    const struct gh_target_port *ports;
    struct gh_selection sel;
    struct gh_err ignored;
    size_t count;

    if (!target_ns(c).ptr || !other(c, "target_service").ptr ||
        !gh_select(c->user, target_ns(c), other(c, "target_service"),
                   GH_SELECT_TARGET, c->arena, &sel, &ignored) ||
        !gh_target_ports(c->user, &sel, (struct gh_slice){0}, c->arena, &ports,
                         &count, &ignored))
        return;
    for (size_t i = 0; i < count; i++) {
        uint16_t number =
            ports[i].service_port ? ports[i].service_port : ports[i].port;

        if (seen_before(ports, i))
            continue;
        if (ports[i].name.len > 0)
            gh_completion_offer(c, ports[i].name);
        gh_completion_offer(c, gh_arena_fmt(c->arena, "%u", number));
    }
}

/* --- resources
 * ---------------------------------------------------------------- */

void gh_complete_workload_kind(struct gh_completion *c)
{
    static const char *const kinds[] = {
        "CronJob",    "DaemonSet", "Deployment", "ExternalWorkload",
        "Job",        "Pod",       "ReplicaSet", "ReplicationController",
        "StatefulSet"};

    for (size_t i = 0; i < GH_COUNT(kinds); i++)
        gh_completion_offer(c, gh_slice_str(kinds[i]));
}

void gh_complete_workload_name(struct gh_completion *c)
{
    if (other(c, "namespace").ptr)
        offer_workloads(c, other(c, "namespace"), other(c, "kind"));
}

static void offer_objects(struct gh_completion *c, const char *group,
                          const char *kind)
{
    const struct gh_store *s = gh_mesh_store(c->user);
    const struct gh_type *type =
        gh_store_type(s, gh_slice_str(group), gh_slice_str(kind));

    for (struct gh_store_iter it =
             gh_store_list(s, type, other(c, "namespace"));
         gh_store_next(&it);)
        gh_completion_offer(c, it.object->name);
}

void gh_complete_server(struct gh_completion *c)
{
    if (other(c, "namespace").ptr)
        offer_objects(c, "policy.linkerd.io", "Server");
}

void gh_complete_policy_kind(struct gh_completion *c)
{
    for (size_t i = 0; i < gh_policy_kind_count; i++)
        gh_completion_offer(c, gh_slice_str(gh_policy_kinds[i].kind));
}

void gh_complete_policy_name(struct gh_completion *c)
{
    const struct gh_policy_kind *kind = gh_policy_kind_find(other(c, "kind"));

    if (!kind || !other(c, "namespace").ptr)
        return;
    for (size_t i = 0; i < GH_COUNT(kind->groups) && kind->groups[i]; i++)
        offer_objects(c, kind->groups[i], kind->kind);
}
