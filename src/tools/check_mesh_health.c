/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Tool: is the mesh healthy, as far as objects show?
 */

#include "tools/describe.h"
#include "tools/health.h"
#include "tools/kinds.h"
#include "tools/page.h"
#include "tools/rows.h"
#include "tools/schema.h"
#include "tools/table.h"

static const struct gh_arg args[] = {
    {
        .name = "namespace",
        .description = "Namespace of the control plane. Default: where "
                       "linkerd-config is, else linkerd.",
    },
    GH_PAGE_ARGS,
};

#define COMPONENT                                                              \
    S_OBJECT("\"name\",\"component\",\"healthy\",\"status\"",                  \
             S_STR("name", "of the pod") "," S_STR(                            \
                 "component",                                                  \
                 "of the control "                                             \
                 "plane") "," S_BOOL("healthy",                                \
                                     "running and ready") "," S_STR("status",  \
                                                                    "phase"))

#define CONTROL                                                                                                                \
    S_OBJECT(                                                                                                                  \
        "\"configFound\",\"trustDomain\",\"clusterDomain\","                                                                   \
        "\"defaultInboundPolicy\",\"clusterNetworks\"",                                                                        \
        S_BOOL("configFound", "false: Linkerd's defaults are assumed") "," S_STR("version", "of the control plane") "," S_STR( \
            "trustDomain",                                                                                                     \
            "of identities") "," S_STR("clusterDomain",                                                                        \
                                       "of names") "," S_STR("defaultInboundP"                                                 \
                                                             "olicy",                                                          \
                                                             "for ports "                                                      \
                                                             "without a "                                                      \
                                                             "Server") "," S_LIST("clusterNetworks",                           \
                                                                                  "as configured"))

#define NAMESPACE                                                                                        \
    S_OBJECT(                                                                                            \
        "\"namespace\",\"meshedPods\",\"unmeshedPods\","                                                 \
        "\"notReadyPods\",\"templates\",\"meshedTemplates\"",                                            \
        S_STR("namespace", "name") "," S_INT("meshedPods", "with a proxy") "," S_INT(                    \
            "unmeshedPods",                                                                              \
            "without") "," S_INT("notReadyPods",                                                         \
                                 "meshed and not ready") "," S_INT("template"                            \
                                                                   "s",                                  \
                                                                   "workloads"                           \
                                                                   " of "                                \
                                                                   "which no "                           \
                                                                   "pod is "                             \
                                                                   "known") "," S_INT("meshedTemplates", \
                                                                                      "of them, that will be meshed"))

#define DATA                                                                                                                                                                                   \
    S_OBJECT(                                                                                                                                                                                  \
        "\"meshedPods\",\"unmeshedPods\",\"notReadyPods\","                                                                                                                                    \
        "\"templates\",\"meshedTemplates\",\"proxyVersions\","                                                                                                                                 \
        "\"namespaces\"",                                                                                                                                                                      \
        S_INT("meshedPods", "with a proxy") "," S_INT(                                                                                                                                         \
            "unmeshedPods",                                                                                                                                                                    \
            "w"                                                                                                                                                                                \
            "i"                                                                                                                                                                                \
            "t"                                                                                                                                                                                \
            "h"                                                                                                                                                                                \
            "o"                                                                                                                                                                                \
            "u"                                                                                                                                                                                \
            "t") "," S_INT("notReadyPods",                                                                                                                                                     \
                           "meshed and not ready") "," S_INT("templates",                                                                                                                      \
                                                             "workloads of "                                                                                                                   \
                                                             "which no pod "                                                                                                                   \
                                                             "is known") "," S_INT("meshedTemplates",                                                                                          \
                                                                                   "of them, that will be meshed") "," S_PROP("proxyVersions",                                                 \
                                                                                                                              S_MAP(                                                           \
                                                                                                                                  "{\"type\":"                                                 \
                                                                                                                                  "\"integer\""                                                \
                                                                                                                                  "}")) "," S_PROP("namespaces",                               \
                                                                                                                                                   S_ARRAY(                                    \
                                                                                                                                                       NAMESPACE)) "," S_INT("moreNamespaces", \
                                                                                                                                                                             "not shown"))

#define FINDING                                                                    \
    S_OBJECT(                                                                      \
        "\"severity\",\"what\",\"why\"",                                           \
        S_ENUM("severity", "how bad", "\"error\",\"warning\",\"info\"") "," S_STR( \
            "what",                                                                \
            "was found") "," S_STR("why",                                          \
                                   "it matters") "," S_STR("remedy",               \
                                                           "what to do"))

/* clang-format off */
static const char schema[] =
    S_OBJECT("\"namespace\",\"totalPods\",\"healthyPods\",\"unhealthyPods\","
             "\"components\",\"healthy\",\"controlPlane\",\"dataPlane\","
             "\"policyObjects\",\"sources\",\"findings\",\"totalFindings\"",
             S_STR("namespace", "of the control plane") ","
             S_INT("totalPods", "of the control plane") ","
             S_INT("healthyPods", "of the control plane") ","
             S_INT("unhealthyPods", "of the control plane") ","
             S_PROP("components", S_ARRAY(COMPONENT)) ","
             S_BOOL("healthy", "no finding is an error") ","
             S_PROP("controlPlane", CONTROL) ","
             S_PROP("dataPlane", DATA) ","
             S_PROP("policyObjects", S_MAP("{\"type\":\"integer\"}")) ","
             S_PROP("sources",
                 S_OBJECT("\"objects\",\"faults\"",
                          S_INT("objects", "that are known") ","
                          S_INT("faults", "that could not be read"))) ","
             S_PROP("findings", S_ARRAY(FINDING)) ","
             S_INT("totalFindings", "on all pages") ","
             S_NEXT_CURSOR);
/* clang-format on */

/* --- JSON
 * ---------------------------------------------------------------------- */

static void write_components(const struct gh_health *h, struct gh_jsonw *w)
{
    gh_jsonw_kstr(w, "namespace", h->control_ns);
    gh_jsonw_ki64(w, "totalPods", h->component_count);
    gh_jsonw_ki64(w, "healthyPods", h->healthy_count);
    gh_jsonw_ki64(w, "unhealthyPods", h->component_count - h->healthy_count);
    gh_jsonw_karray(w, "components");
    for (size_t i = 0; i < h->component_count; i++) {
        const struct gh_component *c = &h->components[i];

        gh_jsonw_object(w);
        gh_jsonw_kstr(w, "name", c->pod->name);
        gh_jsonw_kstr(w, "component", c->component);
        gh_jsonw_kbool(w, "healthy", c->healthy);
        gh_jsonw_kstr(w, "status",
                      c->pod->phase.ptr ? c->pod->phase : GH_SLICE("Unknown"));
        gh_jsonw_end(w);
    }
    gh_jsonw_end(w);
}

static bool has_errors(const struct gh_health *h)
{
    return h->finding_count > 0 && h->findings[0].severity == GH_SEVERITY_ERROR;
}

static void write_control(const struct gh_mesh_config *config,
                          struct gh_jsonw *w)
{
    gh_jsonw_kobject(w, "controlPlane");
    gh_jsonw_kbool(w, "configFound", config->source != NULL);
    if (config->version.ptr)
        gh_jsonw_kstr(w, "version", config->version);
    gh_jsonw_kstr(w, "trustDomain", config->trust_domain);
    gh_jsonw_kstr(w, "clusterDomain", config->cluster_domain);
    gh_jsonw_ktext(w, "defaultInboundPolicy",
                   gh_default_policy_name(config->default_policy));
    gh_jsonw_karray(w, "clusterNetworks");
    for (size_t i = 0; i < config->cluster_networks.count; i++)
        gh_jsonw_str(w, config->cluster_networks.at[i].text);
    gh_jsonw_end(w);
    gh_jsonw_end(w);
}

static void write_counts(const struct gh_ns_health *ns, struct gh_jsonw *w)
{
    gh_jsonw_ki64(w, "meshedPods", ns->meshed);
    gh_jsonw_ki64(w, "unmeshedPods", ns->unmeshed);
    gh_jsonw_ki64(w, "notReadyPods", ns->not_ready);
    gh_jsonw_ki64(w, "templates", ns->templates);
    gh_jsonw_ki64(w, "meshedTemplates", ns->meshed_templates);
}

static void write_data(const struct gh_health *h, size_t limit,
                       struct gh_jsonw *w)
{
    size_t shown = h->ns_count < limit ? h->ns_count : limit;

    gh_jsonw_kobject(w, "dataPlane");
    write_counts(&h->total, w);
    gh_jsonw_kobject(w, "proxyVersions");
    for (size_t i = 0; i < h->version_count; i++) {
        gh_jsonw_key(w, h->versions[i].version);
        gh_jsonw_u64(w, h->versions[i].pods);
    }
    gh_jsonw_end(w);
    gh_jsonw_karray(w, "namespaces");
    for (size_t i = 0; i < shown; i++) {
        gh_jsonw_object(w);
        gh_jsonw_kstr(w, "namespace", h->namespaces[i].ns);
        write_counts(&h->namespaces[i], w);
        gh_jsonw_end(w);
    }
    gh_jsonw_end(w);
    if (h->ns_count > shown)
        gh_jsonw_ki64(w, "moreNamespaces", h->ns_count - shown);
    gh_jsonw_end(w);
}

static size_t count_kind(const struct gh_store *s,
                         const struct gh_policy_kind *kind)
{
    size_t count = 0;

    for (size_t g = 0; g < GH_COUNT(kind->groups) && kind->groups[g]; g++) {
        const struct gh_type *type = gh_store_type(
            s, gh_slice_str(kind->groups[g]), gh_slice_str(kind->kind));

        for (struct gh_store_iter it =
                 gh_store_list(s, type, (struct gh_slice){0});
             gh_store_next(&it);)
            count++;
    }
    return count;
}

static void write_sources(const struct gh_store *s, struct gh_jsonw *w)
{
    gh_jsonw_kobject(w, "policyObjects");
    for (size_t i = 0; i < gh_policy_kind_count; i++) {
        gh_jsonw_key(w, gh_slice_str(gh_policy_kinds[i].kind));
        gh_jsonw_u64(w, count_kind(s, &gh_policy_kinds[i]));
    }
    gh_jsonw_end(w);
    gh_jsonw_kobject(w, "sources");
    gh_jsonw_ki64(w, "objects", gh_store_stats(s).objects);
    gh_jsonw_ki64(w, "faults", gh_store_fault_count(s));
    gh_jsonw_end(w);
}

static void write_finding(const struct gh_health_finding *f, struct gh_jsonw *w)
{
    gh_jsonw_object(w);
    gh_jsonw_ktext(w, "severity", gh_severity_name(f->severity));
    gh_jsonw_kstr(w, "what", f->what);
    gh_jsonw_kstr(w, "why", f->why);
    if (f->remedy.ptr)
        gh_jsonw_kstr(w, "remedy", f->remedy);
    gh_jsonw_end(w);
}

/* --- table
 * --------------------------------------------------------------------- */

static void write_table(struct gh_call *c, const struct gh_health *h,
                        const struct gh_page *page)
{
    static const char *const heads[] = {"SEVERITY", "WHAT", NULL};
    struct gh_table t;

    gh_buf_addf(c->text,
                "control plane %.*s: %zu of %zu pods healthy\n"
                "data plane: %zu pods meshed (%zu not ready), %zu not meshed, "
                "%zu workloads known by template only\n",
                GH_FMT(h->control_ns), h->healthy_count, h->component_count,
                h->total.meshed, h->total.not_ready, h->total.unmeshed,
                h->total.templates);
    gh_table_init(&t, c->arena, heads);
    for (size_t i = page->first; i < gh_page_end(page, h->finding_count); i++) {
        const struct gh_health_finding *f = &h->findings[i];

        gh_table_text(&t, gh_severity_name(f->severity));
        gh_table_cell(&t,
                      f->remedy.ptr
                          ? gh_arena_fmt(c->arena, "%.*s. %.*s Remedy: %.*s",
                                         GH_FMT(f->what), GH_FMT(f->why),
                                         GH_FMT(f->remedy))
                          : gh_arena_fmt(c->arena, "%.*s. %.*s",
                                         GH_FMT(f->what), GH_FMT(f->why)));
    }
    gh_table_write(&t, c->text);
    gh_page_note(page, h->finding_count, c->text);
}

static enum gh_rc call(struct gh_call *c)
{
    struct gh_mesh *m = gh_tools_mesh(c);
    struct gh_slice ns = gh_call_str(c, "namespace");
    struct gh_health h;
    struct gh_page page;

    if (!gh_page_begin(c, "check_mesh_health", &page))
        return GH_OK;
    if (!gh_health_of(m, ns.len > 0 ? ns : (struct gh_slice){0}, c->arena, &h))
        return gh_page_too_large(c);
    gh_jsonw_object(c->out);
    write_components(&h, c->out);
    gh_jsonw_kbool(c->out, "healthy", !has_errors(&h));
    write_control(gh_mesh_config(m), c->out);
    write_data(&h, page.limit, c->out);
    write_sources(gh_mesh_store(m), c->out);
    gh_jsonw_karray(c->out, "findings");
    for (size_t i = page.first; i < gh_page_end(&page, h.finding_count); i++)
        write_finding(&h.findings[i], c->out);
    gh_jsonw_end(c->out);
    gh_jsonw_ki64(c->out, "totalFindings", h.finding_count);
    gh_page_write(&page, h.finding_count, c->out);
    gh_jsonw_end(c->out);
    if (page.as_table)
        write_table(c, &h, &page);
    return GH_OK;
}

const struct gh_tool gh_tool_check_mesh_health = {
    .name = "check_mesh_health",
    .title = "Is the mesh healthy",
    .description =
        "Checks the control plane (pods, configuration) and the data plane "
        "(which pods have a proxy, which should and have none, not ready, "
        "proxy versions that lag behind, trust anchors that differ) and says "
        "which manifests could not be read. Each finding has a severity, why "
        "it matters and a remedy. It sees objects only: certificates, "
        "webhooks and running proxies need linkerd check on the cluster. Use "
        "it first when something seems wrong with the mesh as a whole.",
    .args = args,
    .arg_count = GH_COUNT(args),
    .output_schema = schema,
    .flags = GH_TOOL_READ_ONLY | GH_TOOL_IDEMPOTENT,
    .call = call,
};
