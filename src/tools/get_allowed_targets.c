/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Tool: what may this source call?
 *
 * Every port of every workload of the mesh is judged for the source, without
 * evidence, which takes well under a microsecond a port; only what the page
 * shows is put into words. Ports that nothing guards belong in the answer, too,
 * and are marked: to an attacker they are targets like any other.
 */

#include <assert.h>

#include "tools/describe.h"
#include "tools/page.h"
#include "tools/reach.h"
#include "tools/rows.h"
#include "tools/schema.h"
#include "tools/table.h"

static const struct gh_arg args[] = {
    {
        .name = "source_namespace",
        .description = "Namespace of the caller.",
        .required = true,
    },
    {
        .name = "source_service",
        .description = "The caller: a workload, Service, app label or pod.",
        .required = true,
    },
    {
        .name = "enforced_only",
        .description = "Leave out ports that no policy guards (no proxy, or "
                       "skipped ports).",
        .type = GH_ARG_BOOLEAN,
        .otherwise = "false",
    },
    GH_PAGE_ARGS,
};

#define TARGET                                                                                                                                                               \
    S_OBJECT(                                                                                                                                                                \
        "\"namespace\",\"workload\",\"port\",\"server\",\"labels\","                                                                                                         \
        "\"authorizationPolicy\",\"by\",\"verdict\",\"enforced\","                                                                                                           \
        "\"pods\"",                                                                                                                                                          \
        S_STR("namespace", "of the target") "," S_STR("workload", "Kind/name") "," S_INT("port", "on the pod") "," S_STR("portName", "if the container names it") "," S_STR( \
            "server",                                                                                                                                                        \
            "name of the Server, or default/<policy>, or "                                                                                                                   \
            "none") "," S_PROP("labels",                                                                                                                                     \
                               S_MAP(                                                                                                                                        \
                                   S_STRING)) "," S_STR("authorizationPolicy",                                                                                               \
                                                        "the first that "                                                                                                    \
                                                        "permits; empty: "                                                                                                   \
                                                        "nothing guards the "                                                                                                \
                                                        "port") "," S_LIST("b"                                                                                               \
                                                                           "y",                                                                                              \
                                                                           "a"                                                                                               \
                                                                           "l"                                                                                               \
                                                                           "l"                                                                                               \
                                                                           " "                                                                                               \
                                                                           "t"                                                                                               \
                                                                           "h"                                                                                               \
                                                                           "a"                                                                                               \
                                                                           "t"                                                                                               \
                                                                           " "                                                                                               \
                                                                           "p"                                                                                               \
                                                                           "e"                                                                                               \
                                                                           "r"                                                                                               \
                                                                           "m"                                                                                               \
                                                                           "i"                                                                                               \
                                                                           "t") "," S_ENUM("verdict",                                                                        \
                                                                                           "mixed: only on some routes, or from some "                                       \
                                                                                           "addresses",                                                                      \
                                                                                           S_VERDICTS) "," S_BOOL("enforced",                                                \
                                                                                                                  "false: no policy is in the way at all") "," S_INT("pods", \
                                                                                                                                                                     "known pods; 0: a template"))

/* clang-format off */
static const char schema[] =
    S_OBJECT("\"source\",\"allowedTargets\",\"totalTargets\"",
             S_PROP("source",
                 S_OBJECT("\"namespace\",\"service\",\"serviceAccount\","
                          "\"identities\"",
                          S_STR("namespace", "of the source") ","
                          S_STR("service", "as asked for") ","
                          S_STR("serviceAccount", "of its pods") ","
                          S_LIST("identities", "empty: it is not meshed")))
             ","
             S_PROP("allowedTargets", S_ARRAY(TARGET)) ","
             S_INT("totalTargets", "on all pages") ","
             S_NEXT_CURSOR);
/* clang-format on */

/* A port that the source reaches. */
struct target {
    const struct gh_port_policy *policy;
    struct gh_reach reach;
    size_t pods;
};

struct search {
    struct gh_mesh *mesh;
    struct gh_arena *arena;
    struct gh_callers callers;
    bool enforced_only;
    struct target *at;
    size_t count;
    size_t cap;
    bool failed;
};

/* --- judging -----------------------------------------------------------------
 */

static bool same(const struct target *a, const struct target *b)
{
    const struct gh_reach *x = &a->reach;
    const struct gh_reach *y = &b->reach;

    return a->policy->port == b->policy->port && x->verdict == y->verdict &&
           x->mixed == y->mixed && a->policy->server == b->policy->server &&
           a->policy->fallback == b->policy->fallback &&
           x->by_count == y->by_count &&
           (x->by_count == 0 || x->by[0] == y->by[0] ||
            gh_slice_eq(x->by[0]->label, y->by[0]->label));
}

static void add(struct search *s, const struct target *t)
{
    const struct gh_workload *w = t->policy->podset->workload;

    for (size_t i = s->count;
         i > 0 && s->at[i - 1].policy->podset->workload == w; i--)
        if (same(&s->at[i - 1], t)) {
            s->at[i - 1].pods += t->pods;
            return;
        }
    if (s->count == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 512;
        struct target *at =
            gh_arena_grow(s->arena, s->at, s->cap * sizeof(*at),
                          cap * sizeof(*at), _Alignof(struct target));

        s->failed = !at;
        if (!at)
            return;
        s->at = at;
        s->cap = cap;
    }
    s->at[s->count++] = *t;
}

static void judge_set(struct search *s, const struct gh_podset *set)
{
    size_t count;
    const uint16_t *ports = gh_podset_ports(s->mesh, set, s->arena, &count);

    for (size_t i = 0; i < count && !s->failed; i++) {
        struct target t = {
            .policy = gh_port_policy(s->mesh, set, ports[i]),
            .pods = set->pod_count,
        };

        if (s->enforced_only && t.policy->enforcement != GH_ENFORCED)
            continue;
        for (size_t k = 0; k < s->callers.count; k++)
            gh_reach_add(&t.reach, t.policy, &s->callers.at[k], s->arena);
        if (gh_reach_any(&t.reach))
            add(s, &t);
    }
}

static void judge_all(struct search *s)
{
    struct gh_slice ns;

    for (size_t i = 0; gh_mesh_ns_at(s->mesh, i, &ns); i++) {
        size_t count;
        const struct gh_workload *const *all =
            gh_mesh_workloads(s->mesh, ns, &count);

        for (size_t k = 0; k < count; k++)
            for (size_t p = 0; p < all[k]->set_count; p++)
                judge_set(s, all[k]->sets[p]);
    }
}

static const struct target *target_at(const struct search *s, size_t i)
{
    assert(s->at && i < s->count);
    return &s->at[i];
}

/* --- writing -----------------------------------------------------------------
 */

static struct gh_slice server_name(const struct target *t, struct gh_arena *a)
{
    return t->policy->server ? t->policy->server->name
                             : gh_ruler_label(t->policy, a);
}

static struct gh_slice port_name(const struct target *t)
{
    const struct gh_podset *set = t->policy->podset;

    for (size_t i = 0; i < set->port_count; i++)
        if (set->ports[i].number == t->policy->port && set->ports[i].tcp)
            return set->ports[i].name;
    return (struct gh_slice){0};
}

/* What the Server selects by: matchLabels, as linkerd-mcp shows them. */
static void write_labels(const struct target *t, struct gh_jsonw *w)
{
    struct gh_json labels = GH_JSON_NONE;

    if (t->policy->server)
        labels = gh_json_path(gh_object_root(t->policy->server->object),
                              "spec/podSelector/matchLabels");
    gh_jsonw_kobject(w, "labels");
    for (struct gh_json_iter it = gh_json_iter(labels); gh_json_next(&it);) {
        gh_jsonw_key(w, it.name);
        gh_jsonw_str(w, gh_json_str_or(it.value, GH_SLICE("")));
    }
    gh_jsonw_end(w);
}

static void write_target(const struct target *t, struct gh_arena *a,
                         struct gh_jsonw *w)
{
    const struct gh_workload *wl = t->policy->podset->workload;
    struct gh_slice name = port_name(t);

    gh_jsonw_object(w);
    gh_jsonw_kstr(w, "namespace", wl->ns);
    gh_jsonw_key(w, GH_SLICE("workload"));
    gh_jsonw_strf(w, "%.*s/%.*s", GH_FMT(wl->kind), GH_FMT(wl->name));
    gh_jsonw_ki64(w, "port", t->policy->port);
    if (name.len > 0)
        gh_jsonw_kstr(w, "portName", name);
    gh_jsonw_kstr(w, "server", server_name(t, a));
    write_labels(t, w);
    gh_jsonw_kstr(w, "authorizationPolicy",
                  t->reach.by_count > 0 ? t->reach.by[0]->label : GH_SLICE(""));
    gh_jsonw_key(w, GH_SLICE("by"));
    gh_write_authz_labels(w, t->reach.by, t->reach.by_count);
    gh_jsonw_ktext(w, "verdict", gh_reach_name(&t->reach));
    gh_jsonw_kbool(w, "enforced", t->policy->enforcement == GH_ENFORCED);
    gh_jsonw_ki64(w, "pods", t->pods);
    gh_jsonw_end(w);
}

static void write_source(const struct gh_selection *sel,
                         const struct gh_callers *callers, struct gh_jsonw *w)
{
    struct gh_slice account = sel->sets[0]->service_account;

    gh_jsonw_kobject(w, "source");
    gh_jsonw_kstr(w, "namespace", sel->ns);
    gh_jsonw_kstr(w, "service", sel->name);
    gh_jsonw_kstr(w, "serviceAccount",
                  account.len > 0 ? account : GH_SLICE("default"));
    gh_jsonw_karray(w, "identities");
    for (size_t i = 0; i < callers->count; i++)
        if (callers->at[i].client.tls == GH_CLIENT_IDENTIFIED)
            gh_jsonw_str(w, callers->at[i].client.identity);
    gh_jsonw_end(w);
    gh_jsonw_end(w);
}

static void write_table(struct gh_call *c, const struct search *s,
                        const struct gh_page *page)
{
    static const char *const heads[] = {"TARGET", "PORT", "VERDICT",
                                        "SERVER", "BY",   NULL};
    struct gh_table t;

    gh_table_init(&t, c->arena, heads);
    for (size_t i = page->first; i < gh_page_end(page, s->count); i++) {
        const struct target *one = target_at(s, i);

        gh_table_cell(
            &t, gh_workload_label(one->policy->podset->workload, c->arena));
        gh_table_number(&t, one->policy->port);
        gh_table_text(&t, gh_reach_name(&one->reach));
        gh_table_cell(&t, server_name(one, c->arena));
        gh_table_cell(&t, gh_authz_labels(one->reach.by, one->reach.by_count, 3,
                                          c->arena));
    }
    gh_table_write(&t, c->text);
    if (s->count == 0)
        gh_buf_addf(c->text, "nothing in the mesh admits this source\n");
    gh_page_note(page, s->count, c->text);
}

static enum gh_rc call(struct gh_call *c)
{
    struct gh_selection sel;
    struct gh_page page;
    struct gh_err err;
    struct search s = {
        .mesh = gh_tools_mesh(c),
        .arena = c->arena,
        .enforced_only = gh_call_bool(c, "enforced_only"),
    };

    if (!gh_page_begin(c, "get_allowed_targets", &page))
        return GH_OK;
    if (!gh_select(s.mesh, gh_call_str(c, "source_namespace"),
                   gh_call_str(c, "source_service"), GH_SELECT_SOURCE, c->arena,
                   &sel, &err))
        return gh_call_fail(c, "source: %s", err.text);
    s.callers = gh_callers_of(&sel, c->arena);
    judge_all(&s);
    if (s.failed)
        return gh_page_too_large(c);
    gh_jsonw_object(c->out);
    write_source(&sel, &s.callers, c->out);
    gh_jsonw_karray(c->out, "allowedTargets");
    for (size_t i = page.first; i < gh_page_end(&page, s.count); i++)
        write_target(target_at(&s, i), c->arena, c->out);
    gh_jsonw_end(c->out);
    gh_jsonw_ki64(c->out, "totalTargets", s.count);
    gh_page_write(&page, s.count, c->out);
    gh_jsonw_end(c->out);
    if (page.as_table)
        write_table(c, &s, &page);
    return GH_OK;
}

const struct gh_tool gh_tool_get_allowed_targets = {
    .name = "get_allowed_targets",
    .title = "What may this source call",
    .description =
        "Lists every workload port of the mesh that a source may call, with "
        "the policy that permits it. Ports that no policy guards "
        "(not-enforced) and ports open by a default policy are in the list "
        "and marked: use it to see the blast radius of a workload, or what a "
        "new client can already reach. verdict mixed: some routes or "
        "addresses only; ask analyze_connectivity for those. Use "
        "enforced_only to leave out what no proxy guards. For the other "
        "direction: get_allowed_sources.",
    .args = args,
    .arg_count = GH_COUNT(args),
    .output_schema = schema,
    .flags = GH_TOOL_READ_ONLY | GH_TOOL_IDEMPOTENT,
    .call = call,
};
