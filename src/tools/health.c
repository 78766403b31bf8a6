/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The walk. Findings are in health_findings.c.
 */

#include "tools/health.h"

#include "tools/health_internal.h"

static bool grow(struct gh_arena *a, void **at, size_t count, size_t size)
{
    /* Powers of two from 16 on: room is made when the count reaches one. */
    if (count != 0 && (count < 16 || (count & (count - 1)) != 0))
        return true;
    *at = gh_arena_grow(a, *at, count * size, (count ? count * 2 : 16) * size,
                        16);
    return *at != NULL;
}

static void add_component(struct gh_survey *s, const struct gh_pod *pod,
                          struct gh_slice component)
{
    struct gh_health *h = s->health;
    void *at = h->components;
    bool running = !pod->phase.ptr || gh_slice_is(pod->phase, "Running");

    if (!grow(s->arena, &at, h->component_count, sizeof(*h->components))) {
        s->failed = true;
        return;
    }
    h->components = at;
    h->components[h->component_count++] = (struct gh_component){
        .pod = pod,
        .component = component,
        .healthy = running && pod->ready,
    };
    h->healthy_count += running && pod->ready;
}

static void count_version(struct gh_health *h, const struct gh_podset *set)
{
    struct gh_slice version =
        gh_podset_annotation(set, GH_SLICE("linkerd.io/proxy-version"));

    if (version.len == 0 || set->pod_count == 0)
        return;
    for (size_t i = 0; i < h->version_count; i++)
        if (gh_slice_eq(h->versions[i].version, version)) {
            h->versions[i].pods += set->pod_count;
            return;
        }
    if (h->version_count < GH_HEALTH_MAX_VERSIONS)
        h->versions[h->version_count++] =
            (struct gh_proxy_version){version, set->pod_count};
}

/* Jobs that are done and pods that are on their way out are no concern. */
static bool is_finished(const struct gh_pod *pod)
{
    return gh_slice_is(pod->phase, "Succeeded") ||
           gh_slice_is(pod->phase, "Failed");
}

static void count_set(struct gh_survey *s, struct gh_ns_health *ns,
                      const struct gh_podset *set)
{
    bool meshed = set->meshed != GH_MESHED_NO;

    if (set->is_template) {
        ns->templates++;
        ns->meshed_templates += meshed;
    }
    for (size_t i = 0; i < set->pod_count; i++) {
        if (is_finished(&set->pods[i]))
            continue;
        if (meshed)
            ns->meshed++;
        else
            ns->unmeshed++;
        ns->not_ready += meshed && !set->pods[i].ready;
    }
    if (meshed)
        count_version(s->health, set);
}

static void see_set(struct gh_survey *s, struct gh_ns_health *ns,
                    const struct gh_podset *set)
{
    struct gh_slice component = gh_labels_get(
        set->labels, GH_SLICE("linkerd.io/control-plane-component"));

    if (component.ptr && gh_slice_eq(ns->ns, s->health->control_ns))
        for (size_t i = 0; i < set->pod_count; i++)
            add_component(s, &set->pods[i], component);
    else
        count_set(s, ns, set);
    gh_health_see(s, set);
}

static void see_ns(struct gh_survey *s, struct gh_slice name)
{
    struct gh_health *h = s->health;
    struct gh_ns_health ns = {.ns = name};
    void *at = h->namespaces;
    size_t count;
    const struct gh_workload *const *all =
        gh_mesh_workloads(s->mesh, name, &count);

    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < all[i]->set_count; k++)
            see_set(s, &ns, all[i]->sets[k]);
    h->total.meshed += ns.meshed;
    h->total.unmeshed += ns.unmeshed;
    h->total.not_ready += ns.not_ready;
    h->total.templates += ns.templates;
    h->total.meshed_templates += ns.meshed_templates;
    if (ns.meshed + ns.unmeshed + ns.templates == 0)
        return;
    if (!grow(s->arena, &at, h->ns_count, sizeof(*h->namespaces))) {
        s->failed = true;
        return;
    }
    h->namespaces = at;
    h->namespaces[h->ns_count++] = ns;
}

void gh_health_add(struct gh_survey *s, struct gh_health_finding finding)
{
    struct gh_health *h = s->health;
    void *at = h->findings;

    if (!grow(s->arena, &at, h->finding_count, sizeof(*h->findings))) {
        s->failed = true;
        return;
    }
    h->findings = at;
    h->findings[h->finding_count++] = finding;
}

/* Stable: findings of one severity stay in the order of the walk. */
static bool sort_findings(struct gh_health *h, struct gh_arena *a)
{
    struct gh_health_finding *sorted =
        GH_ARENA_ARRAY(a, struct gh_health_finding, h->finding_count);
    size_t n = 0;

    if (!sorted)
        return false;
    for (int severity = GH_SEVERITY_ERROR; severity <= GH_SEVERITY_INFO;
         severity++)
        for (size_t i = 0; i < h->finding_count; i++)
            if ((int)h->findings[i].severity == severity)
                sorted[n++] = h->findings[i];
    h->findings = sorted;
    return true;
}

bool gh_health_of(struct gh_mesh *m, struct gh_slice ns, struct gh_arena *a,
                  struct gh_health *ret)
{
    struct gh_survey s = {.mesh = m, .arena = a, .health = ret};
    struct gh_slice name;

    *ret = (struct gh_health){
        .control_ns = ns.ptr ? ns : gh_mesh_config(m)->control_plane_ns,
    };
    for (size_t i = 0; gh_mesh_ns_at(m, i, &name) && !s.failed; i++)
        see_ns(&s, name);
    gh_health_conclude(&s);
    return !s.failed && sort_findings(ret, a);
}
