/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Resources: mesh://…
 *
 * What a person would attach to a conversation: a workload with what rules its
 * ports, a Server, a policy object. Objects come from the store, which never
 * keeps managedFields, and never sees a Secret because nobody wants any.
 */

#include "tools/complete.h"
#include "tools/describe.h"
#include "tools/kinds.h"
#include "tools/policy_json.h"
#include "tools/resolved.h"
#include "tools/rows.h"

static void offer(struct gh_call *c, struct gh_slice uri, struct gh_slice name,
                  const char *what)
{
    if (uri.ptr)
        gh_resource_offer(c, uri, name, gh_slice_str(what));
}

/* --- mesh://namespaces
 * -------------------------------------------------------- */

static enum gh_rc read_namespaces(struct gh_call *c)
{
    struct gh_mesh *m = gh_tools_mesh(c);
    struct gh_slice ns;

    gh_jsonw_object(c->out);
    gh_jsonw_karray(c->out, "namespaces");
    for (size_t i = 0; gh_mesh_ns_at(m, i, &ns); i++) {
        size_t workloads;
        size_t servers;

        (void)gh_mesh_workloads(m, ns, &workloads);
        (void)gh_plan_servers(gh_mesh_plan(m, ns), &servers);
        gh_jsonw_object(c->out);
        gh_jsonw_kstr(c->out, "name", ns);
        gh_jsonw_ki64(c->out, "workloads", workloads);
        gh_jsonw_ki64(c->out, "servers", servers);
        gh_jsonw_end(c->out);
    }
    gh_jsonw_end(c->out);
    gh_jsonw_end(c->out);
    return GH_OK;
}

const struct gh_resource gh_resource_namespaces = {
    .uri_template = "mesh://namespaces",
    .name = "namespaces",
    .title = "Namespaces of the mesh",
    .description = "Every namespace with the number of its workloads and "
                   "Servers.",
    .mime_type = "application/json",
    .read = read_namespaces,
};

/* --- mesh://workloads/{namespace}/{kind}/{name}
 * -------------------------------- */

static void list_workloads(struct gh_call *c)
{
    struct gh_mesh *m = gh_tools_mesh(c);
    struct gh_slice ns;

    for (size_t i = 0; gh_mesh_ns_at(m, i, &ns); i++) {
        size_t count;
        const struct gh_workload *const *all = gh_mesh_workloads(m, ns, &count);

        for (size_t k = 0; k < count; k++) {
            struct gh_slice label = gh_workload_label(all[k], c->arena);

            offer(
                c,
                gh_arena_fmt(c->arena, "mesh://workloads/%.*s", GH_FMT(label)),
                label, "Workload, and what rules its ports");
        }
    }
}

static void write_set(struct gh_mesh *m, const struct gh_podset *set,
                      struct gh_call *c)
{
    size_t count;
    const uint16_t *ports = gh_podset_ports(m, set, c->arena, &count);

    gh_jsonw_object(c->out);
    gh_jsonw_ktext(c->out, "meshed", gh_meshed_name(set->meshed));
    if (set->meshed_why)
        gh_jsonw_ktext(c->out, "why", set->meshed_why);
    gh_jsonw_kbool(c->out, "template", set->is_template);
    if (set->identity.len > 0)
        gh_jsonw_kstr(c->out, "identity", set->identity);
    gh_jsonw_kobject(c->out, "labels");
    for (size_t i = 0; i < set->labels.count; i++) {
        gh_jsonw_key(c->out, set->labels.at[i].key);
        gh_jsonw_str(c->out, set->labels.at[i].value);
    }
    gh_jsonw_end(c->out);
    gh_jsonw_karray(c->out, "pods");
    for (size_t i = 0; i < set->pod_count; i++)
        gh_jsonw_str(c->out, set->pods[i].name);
    gh_jsonw_end(c->out);
    gh_jsonw_karray(c->out, "ports");
    for (size_t i = 0; i < count; i++)
        gh_policy_write(gh_port_policy(m, set, ports[i]), c->arena, c->out);
    gh_jsonw_end(c->out);
    gh_jsonw_end(c->out);
}

static enum gh_rc read_workload(struct gh_call *c)
{
    struct gh_mesh *m = gh_tools_mesh(c);
    const struct gh_workload *w =
        gh_mesh_workload(m, gh_call_str(c, "namespace"), gh_call_str(c, "kind"),
                         gh_call_str(c, "name"));

    if (!w)
        return GH_END;
    gh_jsonw_object(c->out);
    gh_jsonw_kstr(c->out, "namespace", w->ns);
    gh_jsonw_kstr(c->out, "kind", w->kind);
    gh_jsonw_kstr(c->out, "name", w->name);
    gh_jsonw_karray(c->out, "podSets");
    for (size_t i = 0; i < w->set_count; i++)
        write_set(m, w->sets[i], c);
    gh_jsonw_end(c->out);
    gh_jsonw_end(c->out);
    return GH_OK;
}

static const struct gh_arg workload_args[] = {
    {.name = "namespace",
     .description = "Namespace",
     .required = true,
     .complete = gh_complete_namespace},
    {.name = "kind",
     .description = "Deployment, StatefulSet, ...",
     .required = true,
     .complete = gh_complete_workload_kind},
    {.name = "name",
     .description = "Name",
     .required = true,
     .complete = gh_complete_workload_name},
};

const struct gh_resource gh_resource_workloads = {
    .uri_template = "mesh://workloads/{namespace}/{kind}/{name}",
    .name = "workload",
    .title = "A workload and what rules its ports",
    .description = "Pods, identity, how it is meshed, and for each port the "
                   "effective policy.",
    .mime_type = "application/json",
    .args = workload_args,
    .arg_count = GH_COUNT(workload_args),
    .list = list_workloads,
    .read = read_workload,
};

/* --- mesh://servers/{namespace}/{name}
 * ------------------------------------------ */

static void list_servers(struct gh_call *c)
{
    struct gh_mesh *m = gh_tools_mesh(c);
    struct gh_slice ns;

    for (size_t i = 0; gh_mesh_ns_at(m, i, &ns); i++) {
        size_t count;
        const struct gh_server *const *all =
            gh_plan_servers(gh_mesh_plan(m, ns), &count);

        for (size_t k = 0; k < count; k++)
            offer(c,
                  gh_arena_fmt(c->arena, "mesh://servers/%.*s/%.*s", GH_FMT(ns),
                               GH_FMT(all[k]->name)),
                  gh_server_label(all[k], c->arena),
                  "Server, and the ports that it rules");
    }
}

static enum gh_rc read_server(struct gh_call *c)
{
    return gh_resolved_write(c, "policy.linkerd.io", "Server",
                             gh_call_str(c, "namespace"),
                             gh_call_str(c, "name"));
}

static const struct gh_arg server_args[] = {
    {.name = "namespace",
     .description = "Namespace",
     .required = true,
     .complete = gh_complete_namespace},
    {.name = "name",
     .description = "Name of the Server",
     .required = true,
     .complete = gh_complete_server},
};

const struct gh_resource gh_resource_servers = {
    .uri_template = "mesh://servers/{namespace}/{name}",
    .name = "server",
    .title = "A Server and the ports that it rules",
    .description = "The object, and the workload ports on which it has an "
                   "effect.",
    .mime_type = "application/json",
    .args = server_args,
    .arg_count = GH_COUNT(server_args),
    .list = list_servers,
    .read = read_server,
};

/* --- mesh://policies/{namespace}/{kind}/{name}
 * ----------------------------------- */

static void list_policies(struct gh_call *c)
{
    const struct gh_store *s = gh_mesh_store(gh_tools_mesh(c));

    for (size_t i = 0; i < gh_policy_kind_count; i++) {
        const struct gh_policy_kind *kind = &gh_policy_kinds[i];

        for (size_t g = 0; g < GH_COUNT(kind->groups) && kind->groups[g]; g++) {
            const struct gh_type *type = gh_store_type(
                s, gh_slice_str(kind->groups[g]), gh_slice_str(kind->kind));
            struct gh_store_iter it =
                gh_store_list(s, type, (struct gh_slice){0});

            while (gh_store_next(&it))
                offer(c,
                      gh_arena_fmt(c->arena, "mesh://policies/%.*s/%s/%.*s",
                                   GH_FMT(it.object->ns), kind->kind,
                                   GH_FMT(it.object->name)),
                      gh_object_label(it.object, c->arena),
                      "Policy object, and what it resolves to");
        }
    }
}

static enum gh_rc read_policy(struct gh_call *c)
{
    const struct gh_policy_kind *kind =
        gh_policy_kind_find(gh_call_str(c, "kind"));
    enum gh_rc rc = GH_END;

    for (size_t g = 0;
         kind && rc == GH_END && g < GH_COUNT(kind->groups) && kind->groups[g];
         g++)
        rc = gh_resolved_write(c, kind->groups[g], kind->kind,
                               gh_call_str(c, "namespace"),
                               gh_call_str(c, "name"));
    return rc;
}

static const struct gh_arg policy_args[] = {
    {.name = "namespace",
     .description = "Namespace",
     .required = true,
     .complete = gh_complete_namespace},
    {.name = "kind",
     .description = "AuthorizationPolicy, HTTPRoute, ...",
     .required = true,
     .complete = gh_complete_policy_kind},
    {.name = "name",
     .description = "Name",
     .required = true,
     .complete = gh_complete_policy_name},
};

const struct gh_resource gh_resource_policies = {
    .uri_template = "mesh://policies/{namespace}/{kind}/{name}",
    .name = "policy",
    .title = "A policy object and what it resolves to",
    .description = "The object as it is, whether it counts and why not, whom "
                   "it admits, and where it has an effect.",
    .mime_type = "application/json",
    .args = policy_args,
    .arg_count = GH_COUNT(policy_args),
    .list = list_policies,
    .read = read_policy,
};
