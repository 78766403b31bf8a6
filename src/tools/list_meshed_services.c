/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Tool: what runs in the mesh?
 */

#include "base/nearest.h"
#include "tools/describe.h"
#include "tools/inventory.h"
#include "tools/page.h"
#include "tools/rows.h"
#include "tools/schema.h"
#include "tools/table.h"

enum { MAX_PODS = 100 };

static const struct gh_arg args[] = {
    {
        .name = "namespace",
        .description = "Only this namespace. Default: all.",
    },
    {
        .name = "include_unmeshed",
        .description = "Also list Services and workloads without any proxy.",
        .type = GH_ARG_BOOLEAN,
        .otherwise = "false",
    },
    GH_PAGE_ARGS,
};

#define MESHED                                                                 \
    "\"no\",\"sidecar\",\"native-sidecar\",\"on-injection\",\"external\","     \
    "\"mixed\""

#define WORKLOAD                                                                                                                                                                           \
    S_OBJECT(                                                                                                                                                                              \
        "\"workload\",\"meshed\",\"pods\",\"readyPods\",\"template\"",                                                                                                                     \
        S_STR("workload", "Kind/name") "," S_ENUM(                                                                                                                                         \
            "meshed",                                                                                                                                                                      \
            "how; on-injection: a template whose pods get "                                                                                                                                \
            "a proxy",                                                                                                                                                                     \
            MESHED) "," S_STR("notMeshedBecause",                                                                                                                                          \
                              "why there is no proxy") "," S_STR("serviceAcco"                                                                                                             \
                                                                 "unt",                                                                                                                    \
                                                                 "of its "                                                                                                                 \
                                                                 "pods") "," S_STR("identity",                                                                                             \
                                                                                   "in the mesh") "," S_STR("proxyVersion",                                                                \
                                                                                                            "as annotated") "," S_INT("pods",                                              \
                                                                                                                                      "known") "," S_INT("readyPods",                      \
                                                                                                                                                         "of them") "," S_BOOL("template", \
                                                                                                                                                                               "no pods are known, only their template"))

#define ENTRY                                                                                                                                                                                      \
    S_OBJECT(                                                                                                                                                                                      \
        "\"namespace\",\"service\",\"kind\",\"meshed\",\"pods\","                                                                                                                                  \
        "\"podCount\",\"ports\",\"workloads\"",                                                                                                                                                    \
        S_STR("namespace", "of the Service") "," S_STR(                                                                                                                                            \
            "service",                                                                                                                                                                             \
            "name "                                                                                                                                                                                \
            "to "                                                                                                                                                                                  \
            "use "                                                                                                                                                                                 \
            "in "                                                                                                                                                                                  \
            "other"                                                                                                                                                                                \
            " tool"                                                                                                                                                                                \
            "s") "," S_STR("kind",                                                                                                                                                                 \
                           "Service, or the kind of a workload that no "                                                                                                                           \
                           "Service selects") "," S_ENUM("meshed", "its pods",                                                                                                                     \
                                                         "\"all\",\"some\","                                                                                                                       \
                                                         "\"none\"") "," S_LIST("pods",                                                                                                            \
                                                                                "names, the first 100") "," S_INT("podCount",                                                                      \
                                                                                                                  "all of them") "," S_PROP("ports",                                               \
                                                                                                                                            S_ARRAY(                                               \
                                                                                                                                                "{\"type\":\"integer\"}")) "," S_PROP("workloads", \
                                                                                                                                                                                      S_ARRAY(     \
                                                                                                                                                                                          WORKLOAD)))

/* clang-format off */
static const char schema[] =
    S_OBJECT("\"totalServices\",\"unmeshedServices\",\"services\"",
             S_INT("totalServices", "listed on all pages") ","
             S_INT("unmeshedServices", "without any proxy; listed with "
                                       "include_unmeshed") ","
             S_PROP("services", S_MAP(ENTRY)) ","
             S_NEXT_CURSOR);
/* clang-format on */

/* --- a workload behind a Service: its pod sets folded --------------------- */

struct folded {
    const struct gh_podset *first;
    size_t pods;
    size_t ready;
    bool mixed;
};

static struct folded fold(const struct gh_inventory_entry *e, size_t *at)
{
    struct folded f = {.first = e->sets[*at]};

    for (; *at < e->set_count && e->sets[*at]->workload == f.first->workload;
         (*at)++) {
        const struct gh_podset *set = e->sets[*at];

        f.pods += set->pod_count;
        for (size_t i = 0; i < set->pod_count; i++)
            f.ready += set->pods[i].ready;
        f.mixed = f.mixed || set->meshed != f.first->meshed;
    }
    return f;
}

static const char *meshed_of(const struct folded *f)
{
    return f->mixed ? "mixed" : gh_meshed_name(f->first->meshed);
}

static const char *meshed_of_all(const struct gh_inventory_entry *e)
{
    if (e->meshed_set_count == 0)
        return "none";
    return e->meshed_set_count == e->set_count ? "all" : "some";
}

static struct gh_slice name_of(const struct gh_inventory_entry *e)
{
    return e->service ? e->service->name : e->workload->name;
}

static struct gh_slice kind_of(const struct gh_inventory_entry *e)
{
    return e->service ? GH_SLICE("Service") : e->workload->kind;
}

/* --- JSON
 * --------------------------------------------------------------------- */

static void write_opt(struct gh_jsonw *w, const char *name, struct gh_slice s)
{
    if (s.len == 0)
        return;
    gh_jsonw_key(w, gh_slice_str(name));
    gh_jsonw_str(w, s);
}

static void write_workloads(const struct gh_inventory_entry *e,
                            struct gh_jsonw *w)
{
    gh_jsonw_karray(w, "workloads");
    for (size_t i = 0; i < e->set_count;) {
        struct folded f = fold(e, &i);
        const struct gh_workload *wl = f.first->workload;

        gh_jsonw_object(w);
        gh_jsonw_key(w, GH_SLICE("workload"));
        gh_jsonw_strf(w, "%.*s/%.*s", GH_FMT(wl->kind), GH_FMT(wl->name));
        gh_jsonw_ktext(w, "meshed", meshed_of(&f));
        if (f.first->meshed == GH_MESHED_NO && f.first->meshed_why)
            gh_jsonw_ktext(w, "notMeshedBecause", f.first->meshed_why);
        write_opt(w, "serviceAccount", f.first->service_account);
        write_opt(w, "identity", f.first->identity);
        write_opt(w, "proxyVersion",
                  gh_podset_annotation(f.first,
                                       GH_SLICE("linkerd.io/proxy-version")));
        gh_jsonw_ki64(w, "pods", f.pods);
        gh_jsonw_ki64(w, "readyPods", f.ready);
        gh_jsonw_kbool(w, "template", f.first->is_template);
        gh_jsonw_end(w);
    }
    gh_jsonw_end(w);
}

static void write_pods(const struct gh_inventory_entry *e, struct gh_jsonw *w)
{
    size_t written = 0;

    gh_jsonw_karray(w, "pods");
    for (size_t i = 0; i < e->set_count; i++)
        for (size_t k = 0; k < e->sets[i]->pod_count; k++)
            if (written++ < MAX_PODS)
                gh_jsonw_str(w, e->sets[i]->pods[k].name);
    gh_jsonw_end(w);
}

static void write_ports(const struct gh_inventory_entry *e, struct gh_jsonw *w)
{
    struct gh_json ports = GH_JSON_NONE;

    gh_jsonw_karray(w, "ports");
    if (e->service)
        ports = gh_json_path(gh_object_root(e->service), "spec/ports");
    for (struct gh_json_iter it = gh_json_iter(ports); gh_json_next(&it);) {
        int64_t number;

        if (gh_json_i64(gh_json_get(it.value, "port"), &number))
            gh_jsonw_i64(w, number);
    }
    for (size_t i = 0;
         !e->service && e->set_count > 0 && i < e->sets[0]->port_count; i++)
        if (e->sets[0]->ports[i].tcp && !e->sets[0]->ports[i].proxy)
            gh_jsonw_i64(w, e->sets[0]->ports[i].number);
    gh_jsonw_end(w);
}

static void write_entry(const struct gh_inventory_entry *e, struct gh_arena *a,
                        struct gh_jsonw *w)
{
    /* A workload alone must not take the name of a Service. */
    if (e->service)
        gh_jsonw_key(
            w, gh_arena_fmt(a, "%.*s/%.*s", GH_FMT(e->ns), GH_FMT(name_of(e))));
    else
        gh_jsonw_key(w, gh_workload_label(e->workload, a));
    gh_jsonw_object(w);
    gh_jsonw_kstr(w, "namespace", e->ns);
    gh_jsonw_kstr(w, "service", name_of(e));
    gh_jsonw_kstr(w, "kind", kind_of(e));
    gh_jsonw_ktext(w, "meshed", meshed_of_all(e));
    write_pods(e, w);
    gh_jsonw_ki64(w, "podCount", e->pod_count);
    write_ports(e, w);
    write_workloads(e, w);
    gh_jsonw_end(w);
}

/* --- table
 * --------------------------------------------------------------------- */

static void write_table(struct gh_call *c, const struct gh_inventory *inv,
                        const struct gh_page *page)
{
    static const char *const heads[] = {
        "NAMESPACE", "NAME", "KIND", "MESHED", "PODS", "WORKLOADS", NULL};
    struct gh_table t;

    gh_table_init(&t, c->arena, heads);
    for (size_t i = page->first; i < gh_page_end(page, inv->count); i++) {
        const struct gh_inventory_entry *e = &inv->at[i];
        struct gh_buf list;

        gh_table_cell(&t, e->ns);
        gh_table_cell(&t, name_of(e));
        gh_table_cell(&t, kind_of(e));
        gh_table_text(&t, meshed_of_all(e));
        gh_table_number(&t, e->pod_count);
        gh_buf_init(&list, 4096);
        for (size_t k = 0; k < e->set_count;) {
            struct folded f = fold(e, &k);

            gh_buf_addf(&list, "%s%.*s/%.*s (%s)", list.len > 0 ? ", " : "",
                        GH_FMT(f.first->workload->kind),
                        GH_FMT(f.first->workload->name), meshed_of(&f));
        }
        gh_table_cell(&t, gh_arena_dup(c->arena, gh_buf_slice(&list)));
        gh_buf_fini(&list);
    }
    gh_table_write(&t, c->text);
    gh_page_note(page, inv->count, c->text);
}

/* --- the call
 * ------------------------------------------------------------------ */

static size_t drop_unmeshed(struct gh_inventory *inv, bool keep)
{
    size_t unmeshed = 0;
    size_t kept = 0;

    for (size_t i = 0; i < inv->count; i++) {
        bool meshed = inv->at[i].meshed_set_count > 0;

        unmeshed += !meshed;
        if (meshed || keep)
            inv->at[kept++] = inv->at[i];
    }
    inv->count = kept;
    return unmeshed;
}

static enum gh_rc unknown_ns(struct gh_call *c, struct gh_slice ns)
{
    struct gh_nearest near;
    struct gh_slice name;

    gh_nearest_init(&near, ns);
    for (size_t i = 0; gh_mesh_ns_at(gh_tools_mesh(c), i, &name); i++)
        gh_nearest_offer(&near, name);
    if (near.best.ptr)
        return gh_call_fail(c,
                            "namespace \"%.*s\" does not exist (did you mean "
                            "\"%.*s\"?)",
                            GH_FMT(gh_slice_head(ns, 200)), GH_FMT(near.best));
    return gh_call_fail(c, "namespace \"%.*s\" does not exist",
                        GH_FMT(gh_slice_head(ns, 200)));
}

static enum gh_rc call(struct gh_call *c)
{
    struct gh_slice ns = gh_call_str(c, "namespace");
    struct gh_inventory inv;
    struct gh_page page;
    size_t unmeshed;

    if (!gh_page_begin(c, "list_meshed_services", &page))
        return GH_OK;
    ns = ns.len > 0 ? ns : (struct gh_slice){0};
    if (ns.ptr && !gh_mesh_has_ns(gh_tools_mesh(c), ns))
        return unknown_ns(c, ns);
    if (!gh_inventory_of(gh_tools_mesh(c), ns, c->arena, &inv))
        return gh_page_too_large(c);
    unmeshed = drop_unmeshed(&inv, gh_call_bool(c, "include_unmeshed"));
    gh_jsonw_object(c->out);
    gh_jsonw_ki64(c->out, "totalServices", inv.count);
    gh_jsonw_ki64(c->out, "unmeshedServices", unmeshed);
    gh_jsonw_kobject(c->out, "services");
    for (size_t i = page.first; i < gh_page_end(&page, inv.count); i++)
        write_entry(&inv.at[i], c->arena, c->out);
    gh_jsonw_end(c->out);
    gh_page_write(&page, inv.count, c->out);
    gh_jsonw_end(c->out);
    if (page.as_table)
        write_table(c, &inv, &page);
    return GH_OK;
}

const struct gh_tool gh_tool_list_meshed_services = {
    .name = "list_meshed_services",
    .title = "What runs in the mesh",
    .description =
        "Lists Services and the workloads behind them, and workloads that no "
        "Service selects, with pods, mesh identity, how they are meshed "
        "(sidecar, native sidecar, on injection) and proxy version. Start "
        "here to learn the names that the other tools take. With "
        "include_unmeshed also what has no proxy. Keys of services are "
        "\"namespace/service\".",
    .args = args,
    .arg_count = GH_COUNT(args),
    .output_schema = schema,
    .flags = GH_TOOL_READ_ONLY | GH_TOOL_IDEMPOTENT,
    .call = call,
};
