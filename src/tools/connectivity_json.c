/* SPDX-License-Identifier: Apache-2.0 */

/*
 * An answer about connectivity as JSON
 *
 * Fields and their schema side by side: change both or neither.
 */

#include "tools/connectivity.h"

#include "tools/describe.h"
#include "tools/schema.h"
#include "wire/json_write.h"

enum { MAX_MISSES = 5 };

#define SOURCE                                                                                           \
    S_OBJECT(                                                                                            \
        "",                                                                                              \
        S_STR("namespace", "of the source") "," S_STR(                                                   \
            "service",                                                                                   \
            "as"                                                                                         \
            " a"                                                                                         \
            "sk"                                                                                         \
            "ed"                                                                                         \
            " f"                                                                                         \
            "o"                                                                                          \
            "r") "," S_LIST("workloads",                                                                 \
                            "namespace/Kind/name") "," S_LIST("identities",                              \
                                                              "mesh "                                    \
                                                              "identities it "                           \
                                                              "calls with; "                             \
                                                              "empty: "                                  \
                                                              "none, it is "                             \
                                                              "not "                                     \
                                                              "meshed") "," S_STR("i"                    \
                                                                                  "p",                   \
                                                                                  "t"                    \
                                                                                  "h"                    \
                                                                                  "e"                    \
                                                                                  " "                    \
                                                                                  "a"                    \
                                                                                  "d"                    \
                                                                                  "d"                    \
                                                                                  "r"                    \
                                                                                  "e"                    \
                                                                                  "s"                    \
                                                                                  "s"                    \
                                                                                  " "                    \
                                                                                  "t"                    \
                                                                                  "h"                    \
                                                                                  "a"                    \
                                                                                  "t"                    \
                                                                                  " "                    \
                                                                                  "w"                    \
                                                                                  "a"                    \
                                                                                  "s"                    \
                                                                                  " "                    \
                                                                                  "a"                    \
                                                                                  "s"                    \
                                                                                  "s"                    \
                                                                                  "u"                    \
                                                                                  "m"                    \
                                                                                  "e"                    \
                                                                                  "d") "," S_INT("pods", \
                                                                                                 "known pods; 0: only a template"))

#define TARGET                                                                 \
    S_OBJECT(                                                                  \
        "\"namespace\",\"service\",\"workloads\"",                             \
        S_STR("namespace", "of the target") "," S_STR(                         \
            "service",                                                         \
            "as asked for") "," S_STR("port",                                  \
                                      "as asked for") "," S_LIST("workloads",  \
                                                                 "namespace/"  \
                                                                 "Kind/name"))

#define REQUEST                                                                \
    S_OBJECT("\"method\",\"path\"",                                            \
             S_STR("method", "of the request") "," S_STR(                      \
                 "path", "with query") "," S_STR("host", "if one was given"))

#define MISS                                                                                                  \
    S_OBJECT(                                                                                                 \
        "\"policy\",\"why\",\"text\"",                                                                        \
        S_STR("policy", "the authorization that almost admits") "," S_ENUM(                                   \
            "why", "the first condition that fails",                                                          \
            "\"network\",\"ignored\",\"trust-domain\",\"identity\","                                          \
            "\"spiffe\",\"unmeshed\",\"route\",\"other-server\"") "," S_STR("text",                           \
                                                                            "what fails") "," S_STR("remedy", \
                                                                                                    "what to change"))

#define PATH                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                  \
    S_OBJECT(                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                 \
        "\"target\",\"port\",\"route\",\"verdict\",\"by\",\"server\","                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                        \
        "\"protocol\",\"reason\",\"nearMisses\",\"notes\"",                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                   \
        S_STR("target", "namespace/Kind/name") "," S_INT("pods",                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                              \
                                                         "pods of "                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                           \
                                                         "the target "                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                        \
                                                         "judged so; "                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                        \
                                                         "0: a "                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                              \
                                                         "template") "," S_INT("port", "on the pod") "," S_INT("servicePort",                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                 \
                                                                                                               "of the Service") "," S_STR("portName", "of the port") "," S_STR("route", "that the request takes; default: no route is "                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                      \
                                                                                                                                                                                         "defined; connection: judged per connection") "," S_STR("matches", "what the route matches") "," S_STR("client",                                                                                                                                                                                                                                                                                                                                                                                                                                     \
                                                                                                                                                                                                                                                                                                "who was judged") "," S_INT("sourceIps",                                                                                                                                                                                                                                                                                                                                                                                                      \
                                                                                                                                                                                                                                                                                                                            "addresses of the source judged so") "," S_ENUM("verdict",                                                                                                                                                                                                                                                                                                                                                        \
                                                                                                                                                                                                                                                                                                                                                                            "the answer",                                                                                                                                                                                                                                                                                                                                                     \
                                                                                                                                                                                                                                                                                                                                                                            S_VERDICTS) "," S_BOOL("audit",                                                                                                                                                                                                                                                                                                                                   \
                                                                                                                                                                                                                                                                                                                                                                                                   "allowed and logged by policy audit only") "," S_BOOL("probe", "for kubelet probes; not in the sum") "," S_LIST("by",                                                                                                                                                                                                                      \
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                   "every authorization that permits") "," S_STR("server", "what rules the port: a Server, or the default "                                                                                                                   \
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                           "policy") "," S_STR("protocol",                                                                                                                                    \
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                               "as a Server names it") "," S_STR("reason", "one sentence") "," S_PROP("nearMisses", S_ARRAY(MISS)) "," S_INT("moreNearMisses",                \
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                             "not shown") "," S_LIST("notes", \
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                     "what else matters here"))

/* clang-format off */
const char gh_connectivity_schema[] =
    S_OBJECT("\"source\",\"target\",\"allowed\",\"verdict\",\"policies\","
             "\"explanation\",\"paths\",\"totalPaths\"",
             S_PROP("source", SOURCE) ","
             S_PROP("target", TARGET) ","
             S_PROP("request", REQUEST) ","
             S_BOOL("allowed", "true if nothing asked about is in the way")
             ","
             S_ENUM("verdict", "of all paths together", S_VERDICTS) ","
             S_LIST("policies", "objects that decided") ","
             S_STR("explanation", "the answer in a sentence") ","
             S_INT("totalPaths", "target x port x route") ","
             S_PROP("paths", S_ARRAY(PATH)) ","
             S_NEXT_CURSOR);
/* clang-format on */

static void write_workloads(const struct gh_selection *sel, struct gh_arena *a,
                            struct gh_jsonw *w)
{
    const struct gh_workload *last = NULL;

    gh_jsonw_karray(w, "workloads");
    for (size_t i = 0; i < sel->set_count; i++) {
        if (sel->sets[i]->workload != last)
            gh_jsonw_str(w, gh_workload_label(sel->sets[i]->workload, a));
        last = sel->sets[i]->workload;
    }
    gh_jsonw_end(w);
}

static void write_source(const struct gh_question *q, struct gh_arena *a,
                         struct gh_jsonw *w)
{
    const struct gh_callers *callers = &q->callers;
    size_t pods = 0;

    gh_jsonw_kobject(w, "source");
    if (q->source) {
        gh_jsonw_kstr(w, "namespace", q->source->ns);
        gh_jsonw_kstr(w, "service", q->source->name);
        write_workloads(q->source, a, w);
    }
    gh_jsonw_karray(w, "identities");
    for (size_t i = 0; i < callers->count; i++) {
        pods += callers->at[i].pod_count;
        if (callers->at[i].client.tls == GH_CLIENT_IDENTIFIED)
            gh_jsonw_str(w, callers->at[i].client.identity);
    }
    gh_jsonw_end(w);
    if (callers->count > 0 && callers->at[0].client.has_ip)
        gh_jsonw_kstr(w, "ip", gh_ip_text(callers->at[0].client.ip, a));
    if (q->source)
        gh_jsonw_ki64(w, "pods", pods);
    gh_jsonw_end(w);
}

static void write_target(const struct gh_question *q, struct gh_arena *a,
                         struct gh_jsonw *w)
{
    gh_jsonw_kobject(w, "target");
    gh_jsonw_kstr(w, "namespace", q->target->ns);
    gh_jsonw_kstr(w, "service", q->target->name);
    if (q->port.ptr)
        gh_jsonw_kstr(w, "port", q->port);
    write_workloads(q->target, a, w);
    gh_jsonw_end(w);
}

static void write_request(const struct gh_request *r, struct gh_jsonw *w)
{
    gh_jsonw_kobject(w, "request");
    gh_jsonw_kstr(w, "method", r->method);
    gh_jsonw_kstr(w, "path", r->path);
    if (r->host.ptr)
        gh_jsonw_kstr(w, "host", r->host);
    gh_jsonw_end(w);
}

void gh_connectivity_write(struct gh_connectivity *c, struct gh_arena *a,
                           struct gh_jsonw *w)
{
    const struct gh_slice *policies;
    size_t count;

    write_source(c->question, a, w);
    write_target(c->question, a, w);
    if (c->question->request)
        write_request(c->question->request, w);
    gh_jsonw_kbool(w, "allowed", c->allowed);
    gh_jsonw_ktext(w, "verdict", c->verdict);
    policies = gh_connectivity_policies(c, a, &count);
    gh_jsonw_key(w, GH_SLICE("policies"));
    gh_write_strings(w, policies, count);
    gh_jsonw_kstr(w, "explanation", gh_connectivity_text(c, a));
    gh_jsonw_ki64(w, "totalPaths", c->count);
}

/* --- a path ----------------------------------------------------------------
 */

static void write_miss(const struct gh_near_miss *miss, struct gh_jsonw *w)
{
    gh_jsonw_object(w);
    gh_jsonw_kstr(w, "policy", miss->authz->label);
    gh_jsonw_ktext(w, "why", gh_near_miss_name(miss->why));
    gh_jsonw_kstr(w, "text", miss->text);
    if (miss->remedy.ptr)
        gh_jsonw_kstr(w, "remedy", miss->remedy);
    gh_jsonw_end(w);
}

static void write_misses(const struct gh_decision *d, struct gh_jsonw *w)
{
    size_t count = d->miss_count < MAX_MISSES ? d->miss_count : MAX_MISSES;

    gh_jsonw_karray(w, "nearMisses");
    for (size_t i = 0; i < count; i++)
        write_miss(&d->misses[i], w);
    gh_jsonw_end(w);
    if (d->miss_count > count)
        gh_jsonw_ki64(w, "moreNearMisses", d->miss_count - count);
}

static void write_where(const struct gh_path *path, struct gh_arena *a,
                        struct gh_jsonw *w)
{
    gh_jsonw_kstr(w, "target", gh_workload_label(path->to.podset->workload, a));
    gh_jsonw_ki64(w, "pods", path->target_pods);
    gh_jsonw_ki64(w, "port", path->to.port);
    if (path->to.service_port > 0)
        gh_jsonw_ki64(w, "servicePort", path->to.service_port);
    if (path->to.name.len > 0)
        gh_jsonw_kstr(w, "portName", path->to.name);
    gh_jsonw_kstr(w, "route", gh_path_route(path));
    if (path->decision.route && path->decision.route->route->object)
        gh_jsonw_kstr(w, "matches",
                      gh_route_text(path->decision.route->route, a));
    gh_jsonw_kstr(w, "client", gh_client_label(&path->client, a));
    if (path->source_ips > 0)
        gh_jsonw_ki64(w, "sourceIps", path->source_ips);
}

void gh_path_write(struct gh_path *path, struct gh_arena *a, struct gh_jsonw *w)
{
    const struct gh_decision *d = &path->decision;

    gh_path_detail(path, a);
    gh_jsonw_object(w);
    write_where(path, a, w);
    gh_jsonw_ktext(w, "verdict", gh_verdict_name(d->verdict));
    if (d->audit)
        gh_jsonw_kbool(w, "audit", true);
    if (path->probe)
        gh_jsonw_kbool(w, "probe", true);
    gh_jsonw_key(w, GH_SLICE("by"));
    gh_write_authz_labels(w, d->by, d->by_count);
    gh_jsonw_kstr(w, "server", gh_ruler_label(path->policy, a));
    gh_jsonw_ktext(w, "protocol", gh_protocol_name(path->policy->protocol));
    gh_jsonw_kstr(w, "reason", d->reason);
    write_misses(d, w);
    gh_jsonw_key(w, GH_SLICE("notes"));
    gh_write_strings(w, path->notes, path->note_count);
    gh_jsonw_end(w);
}
