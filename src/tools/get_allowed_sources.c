/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Tool: who may call this target?
 *
 * Two answers in one. What the authorizations say: identities, accounts,
 * namespaces, networks, each with the policy that lists it. And who that is in
 * this mesh: every known workload is judged as a caller, so that a policy which
 * lists nobody who exists, and one which admits more than its author thought,
 * both show. Entries of the first list come first on the pages.
 */

#include "tools/admitted.h"
#include "tools/describe.h"
#include "tools/page.h"
#include "tools/rows.h"
#include "tools/schema.h"
#include "tools/sources.h"
#include "tools/table.h"

static const struct gh_arg args[] = {
    {
        .name = "target_namespace",
        .description = "Namespace of the target.",
        .required = true,
    },
    {
        .name = "target_service",
        .description = "The target: a Service, workload, app label or pod.",
        .required = true,
    },
    {
        .name = "port",
        .description = "Only this port, by number or name. Default: all.",
    },
    GH_PAGE_ARGS,
};

#define SOURCE                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                         \
    S_OBJECT(                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                          \
        "\"type\",\"description\",\"authenticationPolicy\","                                                                                                                                                                                                                                                                                                                                                                                                                                                                           \
        "\"authorizationPolicy\",\"ports\",\"servers\"",                                                                                                                                                                                                                                                                                                                                                                                                                                                                               \
        S_ENUM("type", "what is admitted",                                                                                                                                                                                                                                                                                                                                                                                                                                                                                             \
               "\"wildcard\",\"identity\",\"serviceAccount\","                                                                                                                                                                                                                                                                                                                                                                                                                                                                         \
               "\"namespace\",\"network\",\"unauthenticated\"") "," S_STR("de"                                                                                                                                                                                                                                                                                                                                                                                                                                                         \
                                                                          "sc"                                                                                                                                                                                                                                                                                                                                                                                                                                                         \
                                                                          "ri"                                                                                                                                                                                                                                                                                                                                                                                                                                                         \
                                                                          "pt"                                                                                                                                                                                                                                                                                                                                                                                                                                                         \
                                                                          "io"                                                                                                                                                                                                                                                                                                                                                                                                                                                         \
                                                                          "n",                                                                                                                                                                                                                                                                                                                                                                                                                                                         \
                                                                          "in"                                                                                                                                                                                                                                                                                                                                                                                                                                                         \
                                                                          " w"                                                                                                                                                                                                                                                                                                                                                                                                                                                         \
                                                                          "or"                                                                                                                                                                                                                                                                                                                                                                                                                                                         \
                                                                          "d"                                                                                                                                                                                                                                                                                                                                                                                                                                                          \
                                                                          "s") "," S_STR("identity",                                                                                                                                                                                                                                                                                                                                                                                                                                   \
                                                                                         "as the policy has it") "," S_STR("serviceAccount",                                                                                                                                                                                                                                                                                                                                                                                           \
                                                                                                                           "of that identity") "," S_STR("namespace",                                                                                                                                                                                                                                                                                                                                                                  \
                                                                                                                                                         "of that identity") "," S_STR("cidr",                                                                                                                                                                                                                                                                                                                                         \
                                                                                                                                                                                       "network") "," S_LIST("except", "of that network") "," S_LIST("networks", "the identity counts only from these") "," S_STR("authenticationPolicy",                                                                                                                                                                                              \
                                                                                                                                                                                                                                                                                                                  "that lists it; empty: the "                                                                                                                                                                                         \
                                                                                                                                                                                                                                                                                                                  "authorization itself") "," S_STR("authorizationPolicy", "that admits it; default/...: no "                                                                                                                          \
                                                                                                                                                                                                                                                                                                                                                                           "object of yours") "," S_PROP("ports",                                                                                                                      \
                                                                                                                                                                                                                                                                                                                                                                                                         S_ARRAY(                                                                                                                      \
                                                                                                                                                                                                                                                                                                                                                                                                             "{\"type\":\"integer\"}")) "," S_LIST("servers",                                                                          \
                                                                                                                                                                                                                                                                                                                                                                                                                                                   "Servers, or default/<policy>") "," S_STR("route",                                  \
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                             "only on this route") "," S_BOOL("known", \
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                              "false: no workload here has this identity"))

#define WORKLOAD                                                                                                                     \
    S_OBJECT(                                                                                                                        \
        "\"namespace\",\"workload\",\"verdict\",\"ports\",\"by\","                                                                   \
        "\"meshed\"",                                                                                                                \
        S_STR("namespace", "of the caller") "," S_STR("workload", "Kind/name") "," S_STR("serviceAccount", "of its pods") "," S_STR( \
            "identity",                                                                                                              \
            "absent: not meshed") "," S_BOOL("meshed",                                                                               \
                                             "has, or gets, a "                                                                      \
                                             "proxy") "," S_ENUM("v"                                                                 \
                                                                 "e"                                                                 \
                                                                 "r"                                                                 \
                                                                 "d"                                                                 \
                                                                 "i"                                                                 \
                                                                 "c"                                                                 \
                                                                 "t",                                                                \
                                                                 "o"                                                                 \
                                                                 "n"                                                                 \
                                                                 " "                                                                 \
                                                                 "t"                                                                 \
                                                                 "h"                                                                 \
                                                                 "o"                                                                 \
                                                                 "s"                                                                 \
                                                                 "e"                                                                 \
                                                                 " "                                                                 \
                                                                 "p"                                                                 \
                                                                 "o"                                                                 \
                                                                 "r"                                                                 \
                                                                 "t"                                                                 \
                                                                 "s",                                                                \
                                                                 S_VERDICTS) "," S_PROP("ports",                                     \
                                                                                        S_ARRAY(                                     \
                                                                                            "{\"type\":"                             \
                                                                                            "\"integer\""                            \
                                                                                            "}")) "," S_LIST("by",                   \
                                                                                                             "authorizations that permit"))

/* clang-format off */
static const char schema[] =
    S_OBJECT("\"target\",\"matchingServers\",\"allowedSources\","
             "\"totalSources\",\"admittedWorkloads\","
             "\"totalAdmittedWorkloads\",\"totalWorkloads\",\"notes\"",
             S_PROP("target",
                 S_OBJECT("\"namespace\",\"service\"",
                          S_STR("namespace", "of the target") ","
                          S_STR("service", "as asked for") ","
                          S_STR("port", "as asked for"))) ","
             S_LIST("matchingServers", "Servers that rule a port; a port "
                                       "without one follows the default "
                                       "policy") ","
             S_PROP("allowedSources", S_ARRAY(SOURCE)) ","
             S_INT("totalSources", "on all pages") ","
             S_PROP("admittedWorkloads", S_ARRAY(WORKLOAD)) ","
             S_INT("totalAdmittedWorkloads", "on all pages") ","
             S_INT("totalWorkloads", "that were judged") ","
             S_LIST("notes", "what else matters here") ","
             S_NEXT_CURSOR);
/* clang-format on */

struct answer {
    const struct gh_selection *target;
    struct gh_target_view view;
    struct gh_sources sources;
    struct gh_admitted admitted;
    struct gh_page page;
    size_t total; /* entries of both lists */
};

/* --- JSON
 * --------------------------------------------------------------------- */

static void write_ports(struct gh_jsonw *w, const struct gh_port_set *ports)
{
    gh_jsonw_karray(w, "ports");
    for (size_t i = 0; i < ports->count; i++)
        gh_jsonw_u64(w, ports->at[i]);
    gh_jsonw_end(w);
}

static void write_who(const struct gh_source_entry *e, struct gh_jsonw *w)
{
    struct gh_id_parts parts;

    if (e->id)
        gh_jsonw_kstr(w, "identity", e->id->text);
    if (e->id && gh_source_id_parts(e, &parts)) {
        if (e->type == GH_SOURCE_ACCOUNT)
            gh_jsonw_kstr(w, "serviceAccount", parts.service_account);
        gh_jsonw_kstr(w, "namespace", parts.ns);
    }
    if (!e->net)
        return;
    gh_jsonw_kstr(w, "cidr", e->net->text);
    if (e->net->except_count == 0)
        return;
    gh_jsonw_karray(w, "except");
    for (size_t i = 0; i < e->net->except_count; i++)
        gh_jsonw_str(w, gh_net_text(e->net->except[i], e->arena));
    gh_jsonw_end(w);
}

static void write_source(const struct gh_source_entry *e, struct gh_mesh *m,
                         struct gh_arena *a, struct gh_jsonw *w)
{
    gh_jsonw_object(w);
    gh_jsonw_ktext(w, "type", gh_source_type_name(e->type));
    gh_jsonw_kstr(w, "description", gh_source_text(e, a));
    write_who(e, w);
    if (e->id && !e->authz->everywhere) {
        gh_jsonw_karray(w, "networks");
        for (size_t i = 0; i < e->authz->nets.count; i++)
            gh_jsonw_str(w, gh_net_rule_text(&e->authz->nets.at[i], a));
        gh_jsonw_end(w);
    }
    gh_jsonw_kstr(w, "authenticationPolicy", gh_source_authn(e, a));
    gh_jsonw_kstr(w, "authorizationPolicy",
                  e->authz ? e->authz->label : GH_SLICE("none"));
    write_ports(w, &e->ports);
    gh_jsonw_karray(w, "servers");
    for (size_t i = 0; i < e->ruler_count; i++)
        gh_jsonw_str(w, gh_ruler_label(e->rulers[i], a));
    gh_jsonw_end(w);
    if (e->route)
        gh_jsonw_kstr(w, "route", e->route->route->label);
    if (e->id)
        gh_jsonw_kbool(w, "known", gh_source_is_known(e, m));
    gh_jsonw_end(w);
}

static void write_workload(const struct gh_admitted_one *one,
                           struct gh_jsonw *w)
{
    const struct gh_workload *wl = one->podset->workload;

    gh_jsonw_object(w);
    gh_jsonw_kstr(w, "namespace", wl->ns);
    gh_jsonw_key(w, GH_SLICE("workload"));
    gh_jsonw_strf(w, "%.*s/%.*s", GH_FMT(wl->kind), GH_FMT(wl->name));
    if (one->podset->service_account.len > 0)
        gh_jsonw_kstr(w, "serviceAccount", one->podset->service_account);
    if (one->podset->identity.len > 0)
        gh_jsonw_kstr(w, "identity", one->podset->identity);
    gh_jsonw_kbool(w, "meshed", one->podset->meshed != GH_MESHED_NO);
    gh_jsonw_ktext(w, "verdict", gh_reach_name(&one->reach));
    write_ports(w, &one->ports);
    gh_jsonw_key(w, GH_SLICE("by"));
    gh_write_authz_labels(w, one->reach.by, one->reach.by_count);
    gh_jsonw_end(w);
}

static void write_target(struct gh_call *c, const struct answer *x)
{
    struct gh_slice port = gh_call_str(c, "port");

    gh_jsonw_kobject(c->out, "target");
    gh_jsonw_kstr(c->out, "namespace", x->target->ns);
    gh_jsonw_kstr(c->out, "service", x->target->name);
    if (port.len > 0)
        gh_jsonw_kstr(c->out, "port", port);
    gh_jsonw_end(c->out);
    gh_jsonw_karray(c->out, "matchingServers");
    for (size_t i = 0; i < x->view.server_count; i++)
        gh_jsonw_str(c->out, x->view.servers[i]->name);
    gh_jsonw_end(c->out);
}

static void write_notes(const struct answer *x, struct gh_arena *a,
                        struct gh_jsonw *w)
{
    gh_jsonw_karray(w, "notes");
    if (x->view.unenforced_count > 0)
        gh_jsonw_str(w, GH_SLICE("Nothing guards some of these ports: no "
                                 "proxy is in the way, so everyone gets "
                                 "through."));
    if (x->view.server_count == 0 &&
        x->view.port_count > x->view.unenforced_count)
        gh_jsonw_str(w, GH_SLICE("No Server selects this target: the default "
                                 "policy decides, and AuthorizationPolicies "
                                 "have no effect on it."));
    if (x->view.ignored_count > 0)
        gh_jsonw_str(w, gh_arena_fmt(a,
                                     "Authorizations that target this and "
                                     "that Linkerd ignores: %zu; "
                                     "explain_policy says why.",
                                     x->view.ignored_count));
    gh_jsonw_end(w);
}

static void write_json(struct gh_call *c, const struct answer *x)
{
    size_t end = gh_page_end(&x->page, x->total);
    size_t sources = x->sources.count;

    gh_jsonw_object(c->out);
    write_target(c, x);
    gh_jsonw_karray(c->out, "allowedSources");
    for (size_t i = x->page.first; i < end && i < sources; i++)
        write_source(&x->sources.at[i], gh_tools_mesh(c), c->arena, c->out);
    gh_jsonw_end(c->out);
    gh_jsonw_ki64(c->out, "totalSources", sources);
    gh_jsonw_karray(c->out, "admittedWorkloads");
    for (size_t i = x->page.first; i < end; i++)
        if (i >= sources)
            write_workload(&x->admitted.at[i - sources], c->out);
    gh_jsonw_end(c->out);
    gh_jsonw_ki64(c->out, "totalAdmittedWorkloads", x->admitted.count);
    gh_jsonw_ki64(c->out, "totalWorkloads", x->admitted.judged);
    write_notes(x, c->arena, c->out);
    gh_page_write(&x->page, x->total, c->out);
    gh_jsonw_end(c->out);
}

/* --- table
 * --------------------------------------------------------------------- */

static void write_table(struct gh_call *c, const struct answer *x)
{
    static const char *const source_heads[] = {"ADMITS", "TYPE", "PORTS", "BY",
                                               NULL};
    static const char *const workload_heads[] = {"WORKLOAD", "VERDICT", "PORTS",
                                                 "BY", NULL};
    size_t end = gh_page_end(&x->page, x->total);
    size_t sources = x->sources.count;
    struct gh_table t;

    gh_table_init(&t, c->arena, source_heads);
    for (size_t i = x->page.first; i < end && i < sources; i++) {
        const struct gh_source_entry *e = &x->sources.at[i];

        gh_table_cell(&t, gh_source_text(e, c->arena));
        gh_table_text(&t, gh_source_type_name(e->type));
        gh_table_cell(&t, gh_port_set_text(&e->ports, c->arena));
        gh_table_cell(&t, e->authz ? e->authz->label : GH_SLICE("none"));
    }
    gh_table_write(&t, c->text);
    gh_table_init(&t, c->arena, workload_heads);
    for (size_t i = x->page.first; i < end; i++) {
        const struct gh_admitted_one *one;

        if (i < sources)
            continue;
        one = &x->admitted.at[i - sources];
        gh_table_cell(&t, gh_workload_label(one->podset->workload, c->arena));
        gh_table_text(&t, gh_reach_name(&one->reach));
        gh_table_cell(&t, gh_port_set_text(&one->ports, c->arena));
        gh_table_cell(&t, gh_authz_labels(one->reach.by, one->reach.by_count, 3,
                                          c->arena));
    }
    gh_buf_addf(c->text, "%zu of %zu known workloads are admitted\n",
                x->admitted.count, x->admitted.judged);
    gh_table_write(&t, c->text);
    gh_page_note(&x->page, x->total, c->text);
}

static enum gh_rc call(struct gh_call *c)
{
    struct gh_mesh *m = gh_tools_mesh(c);
    struct gh_slice port = gh_call_str(c, "port");
    struct gh_selection target;
    struct gh_err err;
    struct answer x = {.target = &target};

    if (!gh_page_begin(c, "get_allowed_sources", &x.page))
        return GH_OK;
    if (!gh_select(m, gh_call_str(c, "target_namespace"),
                   gh_call_str(c, "target_service"), GH_SELECT_TARGET, c->arena,
                   &target, &err) ||
        !gh_target_view(m, &target, port.len > 0 ? port : (struct gh_slice){0},
                        c->arena, &x.view, &err))
        return gh_call_fail(c, "target: %s", err.text);
    if (!gh_sources_of(&x.view, c->arena, &x.sources) ||
        !gh_admitted_to(m, &x.view, c->arena, &x.admitted))
        return gh_page_too_large(c);
    x.total = x.sources.count + x.admitted.count;
    write_json(c, &x);
    if (x.page.as_table)
        write_table(c, &x);
    return GH_OK;
}

const struct gh_tool gh_tool_get_allowed_sources = {
    .name = "get_allowed_sources",
    .title = "Who may call this target",
    .description =
        "Lists who may call a Service or workload: each identity, service "
        "account, namespace or network that an authorization admits, with "
        "the policy that does, and then every known workload that is thereby "
        "admitted (known: false marks identities that no workload here has). "
        "Use it to review access, or to see who is affected by a change. "
        "Type unauthenticated means everyone, also outside the mesh. For why "
        "someone is missing: analyze_connectivity. For the other direction: "
        "get_allowed_targets.",
    .args = args,
    .arg_count = GH_COUNT(args),
    .output_schema = schema,
    .flags = GH_TOOL_READ_ONLY | GH_TOOL_IDEMPOTENT,
    .call = call,
};
