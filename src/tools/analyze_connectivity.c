/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Tool: may this source call that target, and why
 */

#include "tools/connectivity.h"
#include "tools/describe.h"
#include "tools/page.h"
#include "tools/question.h"
#include "tools/rows.h"
#include "tools/table.h"

enum { MAX_MISSES = 3 };

static const struct gh_arg args[] = {
    {
        .name = "source_namespace",
        .description = "Namespace of the caller. Needed with source_service.",
    },
    {
        .name = "source_service",
        .description = "The caller: a workload, Service, app label or pod "
                       "(\"checkout\", \"deploy/checkout\", \"pod/web-0\"). "
                       "Leave it out when source_identity or source_ip says "
                       "who calls.",
    },
    {
        .name = "target_namespace",
        .description = "Namespace of the target; default: source_namespace.",
    },
    {
        .name = "target_service",
        .description = "The target: a Service, workload, app label or pod.",
        .required = true,
    },
    {
        .name = "port",
        .description = "Port of the target, by number or name: of the Service "
                       "where the target is one, else of the pod. Default: "
                       "every port.",
    },
    {
        .name = "path",
        .description = "HTTP path (with query) to decide one request. Without "
                       "path, method and host every route is judged.",
    },
    {
        .name = "method",
        .description = "HTTP method of that request; default GET.",
    },
    {
        .name = "host",
        .description = "Host header (authority) of that request, where routes "
                       "have hostnames.",
    },
    {
        .name = "source_identity",
        .description = "Instead of a workload: a mesh identity, "
                       "\"<account>.<ns>.serviceaccount.identity.linkerd."
                       "cluster.local\" or \"spiffe://...\".",
    },
    {
        .name = "source_ip",
        .description = "The address that the target's proxy sees, where "
                       "policies look at networks. Alone: a client without "
                       "mTLS from there.",
    },
    GH_PAGE_ARGS,
};

static struct gh_slice given(const struct gh_call *c, const char *name)
{
    struct gh_slice s = gh_call_str(c, name);

    return s.len > 0 ? s : (struct gh_slice){0};
}

static struct gh_question_text read_question(const struct gh_call *c)
{
    return (struct gh_question_text){
        .source_ns = given(c, "source_namespace"),
        .source = given(c, "source_service"),
        .identity = given(c, "source_identity"),
        .ip = given(c, "source_ip"),
        .target_ns = given(c, "target_namespace"),
        .target = given(c, "target_service"),
        .port = given(c, "port"),
        .method = given(c, "method"),
        .path = given(c, "path"),
        .host = given(c, "host"),
    };
}

static void write_misses(const struct gh_path *p, struct gh_buf *out)
{
    for (size_t i = 0; i < p->decision.miss_count && i < MAX_MISSES; i++) {
        const struct gh_near_miss *miss = &p->decision.misses[i];

        gh_buf_addf(out, "near miss, port %u: %.*s: %.*s", p->to.port,
                    GH_FMT(miss->authz->label), GH_FMT(miss->text));
        if (miss->remedy.len > 0)
            gh_buf_addf(out, ". Remedy: %.*s", GH_FMT(miss->remedy));
        gh_buf_addc(out, '\n');
    }
}

static void write_table(struct gh_call *c, struct gh_connectivity *con,
                        const struct gh_page *page)
{
    static const char *const heads[] = {"VERDICT", "TARGET", "PORT",   "ROUTE",
                                        "SERVER",  "BY",     "REASON", NULL};
    size_t end = gh_page_end(page, con->count);
    struct gh_table t;

    gh_buf_addf(c->text, "%s: %.*s\n", con->verdict,
                GH_FMT(gh_connectivity_text(con, c->arena)));
    gh_table_init(&t, c->arena, heads);
    for (size_t i = page->first; i < end; i++) {
        const struct gh_path *p = &con->paths[i];

        gh_table_text(&t, gh_verdict_name(p->decision.verdict));
        gh_table_cell(&t, gh_workload_label(p->to.podset->workload, c->arena));
        gh_table_number(&t, p->to.port);
        gh_table_cell(&t, gh_path_route(p));
        gh_table_cell(&t, gh_ruler_label(p->policy, c->arena));
        gh_table_cell(&t, gh_authz_labels(p->decision.by, p->decision.by_count,
                                          3, c->arena));
        gh_table_cell(&t, p->decision.reason);
    }
    gh_table_write(&t, c->text);
    for (size_t i = page->first; i < end; i++)
        write_misses(&con->paths[i], c->text);
    gh_page_note(page, con->count, c->text);
}

static enum gh_rc call(struct gh_call *c)
{
    struct gh_mesh *m = gh_tools_mesh(c);
    struct gh_question_text text = read_question(c);
    struct gh_connectivity con;
    struct gh_asked asked;
    struct gh_page page;
    struct gh_err err;
    size_t end;

    if (!gh_page_begin(c, "analyze_connectivity", &page))
        return GH_OK;
    if (!gh_question_build(m, &text, c->arena, &asked, &err) ||
        !gh_connectivity(m, &asked.question, c->arena, &con, &err))
        return gh_call_fail(c, "%s", err.text);
    end = gh_page_end(&page, con.count);
    gh_jsonw_object(c->out);
    gh_connectivity_write(&con, c->arena, c->out);
    gh_jsonw_karray(c->out, "paths");
    for (size_t i = page.first; i < end; i++)
        gh_path_write(&con.paths[i], c->arena, c->out);
    gh_jsonw_end(c->out);
    gh_page_write(&page, con.count, c->out);
    gh_jsonw_end(c->out);
    if (page.as_table)
        write_table(c, &con, &page);
    return GH_OK;
}

const struct gh_tool gh_tool_analyze_connectivity = {
    .name = "analyze_connectivity",
    .title = "May A call B, and why",
    .description =
        "Decides whether one workload may call another in the Linkerd mesh, "
        "with the policy that decides and, on a denial, what almost permitted "
        "it and what to change. Use it for \"can A reach B\", \"why does A "
        "get 403 from B\", or to check a change. Give port, path and method "
        "to decide one request; without them every port and route of the "
        "target is judged. Verdicts: allow, deny (HTTP 403 or connection "
        "refused), not-found (no route matches: 404), not-enforced (no proxy "
        "in the way: everything passes), depends (on the client's address), "
        "mixed. Next: explain_policy for everything that applies to the "
        "target's port, get_allowed_sources for who else may call it.",
    .args = args,
    .arg_count = GH_COUNT(args),
    .output_schema = gh_connectivity_schema,
    .flags = GH_TOOL_READ_ONLY | GH_TOOL_IDEMPOTENT,
    .call = call,
};
