/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Tool: everything that applies to a port, in order
 *
 * For the question behind most others: which of all these objects count here,
 * and why not the rest? What was considered and does not count is kept with its
 * reason (mesh/policy.h), so this only writes it down, in the order in which
 * Linkerd looks at it: is there a proxy, which Server, which protocol, which
 * routes, which authorizations.
 */

#include "tools/connectivity.h"
#include "tools/describe.h"
#include "tools/page.h"
#include "tools/policy_json.h"
#include "tools/rows.h"
#include "tools/schema.h"
#include "tools/view.h"

static const struct gh_arg args[] = {
    {
        .name = "namespace",
        .description = "Namespace of the workload.",
        .required = true,
    },
    {
        .name = "workload",
        .description = "A workload, Service, app label or pod.",
        .required = true,
    },
    {
        .name = "port",
        .description = "Only this port, by number or name (of the Service "
                       "where that is one). Default: all.",
    },
    GH_PAGE_ARGS,
};

/* clang-format off */
static const char schema[] =
    S_OBJECT("\"target\",\"ports\",\"totalPorts\"",
             S_PROP("target",
                 S_OBJECT("\"namespace\",\"workload\"",
                          S_STR("namespace", "of the target") ","
                          S_STR("workload", "as asked for"))) ","
             S_PROP("ports", S_ARRAY(GH_POLICY_SCHEMA)) ","
             S_INT("totalPorts", "on all pages") ","
             S_NEXT_CURSOR);
/* clang-format on */

/* --- pod sets of a workload that are ruled alike are one ---------------------
 */

static bool same_authz(const struct gh_authz *const *a, size_t a_count,
                       const struct gh_authz *const *b, size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++)
        if (a[i] != b[i] && !gh_slice_eq(a[i]->label, b[i]->label))
            return false;
    return true;
}

static bool same_policy(const struct gh_port_policy *a,
                        const struct gh_port_policy *b)
{
    return a->podset->workload == b->podset->workload && a->port == b->port &&
           a->enforcement == b->enforcement && a->server == b->server &&
           a->fallback == b->fallback && a->protocol == b->protocol &&
           a->route_count == b->route_count &&
           a->shadowed_count == b->shadowed_count &&
           a->opaque_annotation == b->opaque_annotation &&
           same_authz(a->authz, a->authz_count, b->authz, b->authz_count);
}

static size_t fold(const struct gh_target_view *view, struct gh_arena *a,
                   const struct gh_port_policy ***ret)
{
    const struct gh_port_policy **list =
        GH_ARENA_ARRAY(a, const struct gh_port_policy *, view->port_count);
    size_t count = 0;

    *ret = list;
    for (size_t i = 0; list && i < view->port_count; i++) {
        bool known = false;

        for (size_t k = count; k > 0 && !known; k--)
            known = same_policy(list[k - 1], view->policies[i]);
        if (!known)
            list[count++] = view->policies[i];
    }
    return count;
}

static enum gh_rc call(struct gh_call *c)
{
    struct gh_mesh *m = gh_tools_mesh(c);
    struct gh_slice port = gh_call_str(c, "port");
    const struct gh_port_policy **list;
    struct gh_target_view view;
    struct gh_selection target;
    struct gh_page page;
    struct gh_err err;
    size_t count;
    size_t end;

    if (!gh_page_begin(c, "explain_policy", &page))
        return GH_OK;
    if (!gh_select(m, gh_call_str(c, "namespace"), gh_call_str(c, "workload"),
                   GH_SELECT_TARGET, c->arena, &target, &err) ||
        !gh_target_view(m, &target, port.len > 0 ? port : (struct gh_slice){0},
                        c->arena, &view, &err))
        return gh_call_fail(c, "%s", err.text);
    count = fold(&view, c->arena, &list);
    end = gh_page_end(&page, count);
    gh_jsonw_object(c->out);
    gh_jsonw_kobject(c->out, "target");
    gh_jsonw_kstr(c->out, "namespace", target.ns);
    gh_jsonw_kstr(c->out, "workload", target.name);
    gh_jsonw_end(c->out);
    gh_jsonw_karray(c->out, "ports");
    for (size_t i = page.first; i < end; i++)
        gh_policy_write(list[i], c->arena, c->out);
    gh_jsonw_end(c->out);
    gh_jsonw_ki64(c->out, "totalPorts", count);
    gh_page_write(&page, count, c->out);
    gh_jsonw_end(c->out);
    if (page.as_table) {
        for (size_t i = page.first; i < end; i++)
            gh_policy_outline(list[i], c->arena, c->text);
        gh_page_note(&page, count, c->text);
    }
    return GH_OK;
}

const struct gh_tool gh_tool_explain_policy = {
    .name = "explain_policy",
    .title = "Everything that applies to a port",
    .description =
        "Shows, for each port of a workload, all that Linkerd applies to it, "
        "in order: whether a proxy enforces anything, the Server that rules "
        "(or the default policy and where it comes from), Servers that are "
        "shadowed and why, the protocol and opaque-port traps, routes that "
        "count and those that do not and why, authorizations with whom they "
        "admit, those that Linkerd ignores with why and how to mend them, "
        "probes and rate limits. Use it when an answer of "
        "analyze_connectivity surprises, or to review a workload. Next: "
        "get_allowed_sources for who that admits in practice.",
    .args = args,
    .arg_count = GH_COUNT(args),
    .output_schema = schema,
    .flags = GH_TOOL_READ_ONLY | GH_TOOL_IDEMPOTENT,
    .call = call,
};
