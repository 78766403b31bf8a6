/* SPDX-License-Identifier: Apache-2.0 */

#include "tools/describe.h"
#include "tools/health_internal.h"
#include "tools/join.h"

enum { MAX_FAULTS = 50 };

/* --- about one pod set
 * ----------------------------------------------------------- */

static bool wants_injection(struct gh_survey *s, const struct gh_podset *set)
{
    struct gh_slice key = GH_SLICE("linkerd.io/inject");
    struct gh_slice own = gh_podset_annotation(set, key);
    const struct gh_object *ns = gh_mesh_object(
        s->mesh, "", "Namespace", GH_SLICE(""), set->workload->ns);
    struct gh_slice value;

    if (ns && !own.ptr)
        value = gh_json_str(gh_json_getn(
            gh_json_path(gh_object_root(ns), "metadata/annotations"), key));
    else
        value = own;
    return gh_slice_is(value, "enabled") || gh_slice_is(value, "ingress");
}

/* Pods that belong to nobody come back only if someone makes them. */
static struct gh_slice make_anew(struct gh_survey *s,
                                 const struct gh_workload *w)
{
    if (gh_slice_is(w->kind, "Pod"))
        return gh_arena_fmt(s->arena,
                            "Delete pod %.*s in namespace %.*s and create it "
                            "again",
                            GH_FMT(w->name), GH_FMT(w->ns));
    return gh_arena_fmt(s->arena, "kubectl -n %.*s rollout restart %.*s/%.*s",
                        GH_FMT(w->ns), GH_FMT(w->kind), GH_FMT(w->name));
}

static void see_missing_proxy(struct gh_survey *s, const struct gh_podset *set)
{
    if (set->is_template || set->pod_count == 0 ||
        set->meshed != GH_MESHED_NO || !wants_injection(s, set))
        return;
    gh_health_add(
        s, (struct gh_health_finding){
               .severity = GH_SEVERITY_WARNING,
               .what = gh_arena_fmt(
                   s->arena, "%.*s: the proxy is missing in %zu of its pods",
                   GH_FMT(gh_workload_label(set->workload, s->arena)),
                   set->pod_count),
               .why = GH_SLICE("Injection is enabled, but these pods were "
                               "made without it (before it was enabled, or "
                               "while the injector did not answer). They "
                               "have no identity and no policy protects "
                               "them."),
               .remedy = make_anew(s, set->workload),
           });
}

static void see_not_ready(struct gh_survey *s, const struct gh_podset *set)
{
    struct gh_join names;

    if (set->meshed == GH_MESHED_NO)
        return;
    gh_join_init(&names, s->arena, ", ", 5);
    for (size_t i = 0; i < set->pod_count; i++)
        if (!set->pods[i].ready &&
            !gh_slice_is(set->pods[i].phase, "Succeeded") &&
            !gh_slice_is(set->pods[i].phase, "Failed"))
            gh_join_add(&names, set->pods[i].name);
    if (names.count == 0)
        return;
    gh_health_add(
        s, (struct gh_health_finding){
               .severity = GH_SEVERITY_WARNING,
               .what = gh_arena_fmt(
                   s->arena, "%.*s: not ready are %zu of %zu pods: %.*s",
                   GH_FMT(gh_workload_label(set->workload, s->arena)),
                   names.count, set->pod_count, GH_FMT(gh_join_text(&names))),
               .why = GH_SLICE("They get no traffic. The proxy's own "
                               "readiness is part of the pod's."),
               .remedy = gh_arena_fmt(
                   s->arena,
                   "kubectl -n %.*s describe pod %.*s; then the logs of its "
                   "container linkerd-proxy",
                   GH_FMT(set->workload->ns), GH_FMT(set->pods[0].name)),
           });
}

static void see_trust_root(struct gh_survey *s, const struct gh_podset *set)
{
    struct gh_slice root =
        gh_podset_annotation(set, GH_SLICE("linkerd.io/trust-root-sha256"));

    if (set->meshed == GH_MESHED_NO || root.len == 0)
        return;
    if (!s->trust_root.ptr)
        s->trust_root = root;
    else if (!gh_slice_eq(s->trust_root, root))
        s->other_roots += set->pod_count;
}

void gh_health_see(struct gh_survey *s, const struct gh_podset *set)
{
    struct gh_slice component = gh_labels_get(
        set->labels, GH_SLICE("linkerd.io/control-plane-component"));

    see_trust_root(s, set);
    if (component.ptr && gh_slice_eq(set->workload->ns, s->health->control_ns))
        return; /* has findings of its own */
    see_missing_proxy(s, set);
    see_not_ready(s, set);
}

/* --- about the control plane
 * ------------------------------------------------------ */

static void conclude_components(struct gh_survey *s)
{
    static const char *const needed[] = {"destination", "identity",
                                         "proxy-injector"};
    const struct gh_health *h = s->health;

    for (size_t i = 0; i < h->component_count; i++) {
        const struct gh_component *c = &h->components[i];

        if (c->healthy)
            continue;
        gh_health_add(
            s, (struct gh_health_finding){
                   .severity = GH_SEVERITY_ERROR,
                   .what = gh_arena_fmt(
                       s->arena,
                       "control plane pod %.*s (%.*s) is "
                       "not healthy: %.*s",
                       GH_FMT(c->pod->name), GH_FMT(c->component),
                       GH_FMT(c->pod->phase.ptr ? c->pod->phase
                                                : GH_SLICE("not ready"))),
                   .why = GH_SLICE("Proxies keep what they know, but nothing "
                                   "new reaches them."),
                   .remedy = gh_arena_fmt(
                       s->arena, "kubectl -n %.*s describe pod %.*s",
                       GH_FMT(h->control_ns), GH_FMT(c->pod->name)),
               });
    }
    for (size_t i = 0; h->component_count > 0 && i < GH_COUNT(needed); i++) {
        bool found = false;

        for (size_t k = 0; k < h->component_count && !found; k++)
            found = gh_slice_is(h->components[k].component, needed[i]);
        if (!found)
            gh_health_add(
                s,
                (struct gh_health_finding){
                    .severity = GH_SEVERITY_ERROR,
                    .what = gh_arena_fmt(
                        s->arena, "the control plane has no %s pod", needed[i]),
                    .why = GH_SLICE("The mesh does not work without it."),
                });
    }
}

static void conclude_config(struct gh_survey *s)
{
    const struct gh_mesh_config *config = gh_mesh_config(s->mesh);

    if (!config->source)
        gh_health_add(
            s, (struct gh_health_finding){
                   .severity = GH_SEVERITY_WARNING,
                   .what = GH_SLICE("ConfigMap linkerd-config is not among "
                                    "the objects"),
                   .why = GH_SLICE("Linkerd's defaults are assumed: control "
                                   "plane in linkerd, trust domain "
                                   "cluster.local, default policy "
                                   "all-unauthenticated. Where the cluster "
                                   "differs, answers are wrong."),
                   .remedy = GH_SLICE("Add it: kubectl -n linkerd get "
                                      "configmap linkerd-config -o yaml"),
               });
    else if (config->problem.ptr)
        gh_health_add(
            s, (struct gh_health_finding){
                   .severity = GH_SEVERITY_ERROR,
                   .what = gh_arena_fmt(s->arena,
                                        "linkerd-config was not understood: "
                                        "%.*s",
                                        GH_FMT(config->problem)),
                   .why = GH_SLICE("Linkerd's defaults are assumed instead."),
               });
    if (s->health->component_count == 0)
        gh_health_add(
            s, (struct gh_health_finding){
                   .severity = GH_SEVERITY_INFO,
                   .what = gh_arena_fmt(s->arena,
                                        "no control plane pods are known in "
                                        "namespace %.*s",
                                        GH_FMT(s->health->control_ns)),
                   .why = GH_SLICE("Either the objects at hand leave them out "
                                   "(manifests usually do), or Linkerd is in "
                                   "another namespace."),
               });
}

/* --- about the data plane
 * --------------------------------------------------------- */

static void conclude_versions(struct gh_survey *s)
{
    const struct gh_health *h = s->health;
    struct gh_slice wanted = gh_mesh_config(s->mesh)->version;
    struct gh_join others;
    size_t pods = 0;

    if (!wanted.ptr && h->version_count > 0)
        wanted = h->versions[0].version;
    gh_join_init(&others, s->arena, ", ", 5);
    for (size_t i = 0; i < h->version_count; i++)
        if (!gh_slice_eq(h->versions[i].version, wanted)) {
            gh_join_add(&others, h->versions[i].version);
            pods += h->versions[i].pods;
        }
    if (others.count == 0)
        return;
    gh_health_add(
        s, (struct gh_health_finding){
               .severity = GH_SEVERITY_WARNING,
               .what = gh_arena_fmt(s->arena,
                                    "proxies of another version than %.*s run "
                                    "in %zu pods: %.*s",
                                    GH_FMT(wanted), pods,
                                    GH_FMT(gh_join_text(&others))),
               .why = GH_SLICE("Proxies are changed only when their pods are; "
                               "after an upgrade they stay behind until a "
                               "restart."),
               .remedy = GH_SLICE("Restart the workloads (kubectl rollout "
                                  "restart); list_meshed_services shows the "
                                  "version of each."),
           });
}

static void conclude_trust(struct gh_survey *s)
{
    if (s->other_roots == 0)
        return;
    gh_health_add(
        s, (struct gh_health_finding){
               .severity = GH_SEVERITY_ERROR,
               .what = gh_arena_fmt(s->arena,
                                    "trust anchors differ: those of %zu pods "
                                    "are not those of the rest",
                                    s->other_roots),
               .why = GH_SLICE("Unless the anchors are bundled, mTLS between "
                               "the two groups fails."),
               .remedy = GH_SLICE("Finish the rotation: restart the "
                                  "workloads that still have the old "
                                  "anchors."),
           });
}

static void conclude_unmeshed(struct gh_survey *s)
{
    struct gh_join names;
    size_t pods = 0;

    gh_join_init(&names, s->arena, ", ", 10);
    for (size_t i = 0; i < s->health->ns_count; i++) {
        const struct gh_ns_health *ns = &s->health->namespaces[i];

        if (ns->unmeshed == 0)
            continue;
        pods += ns->unmeshed;
        gh_join_add(&names, gh_arena_fmt(s->arena, "%.*s (%zu)", GH_FMT(ns->ns),
                                         ns->unmeshed));
    }
    if (pods == 0)
        return;
    gh_health_add(
        s,
        (struct gh_health_finding){
            .severity = GH_SEVERITY_INFO,
            .what = gh_arena_fmt(s->arena, "pods without a proxy: %zu, in %.*s",
                                 pods, GH_FMT(gh_join_text(&names))),
            .why = GH_SLICE("As servers no policy protects them; as "
                            "clients they have no identity."),
        });
}

/* --- about what we know
 * ----------------------------------------------------------- */

static void conclude_faults(struct gh_survey *s)
{
    const struct gh_store *store = gh_mesh_store(s->mesh);
    size_t count = gh_store_fault_count(store);

    for (size_t i = 0; i < count && i < MAX_FAULTS; i++) {
        const struct gh_fault *fault = gh_store_fault(store, i);
        bool conflict = fault->class == GH_FAULT_CONFLICT;
        char text[1024];

        gh_health_add(
            s,
            (struct gh_health_finding){
                .severity = conflict ? GH_SEVERITY_WARNING : GH_SEVERITY_ERROR,
                .what = gh_arena_fmt(
                    s->arena, "%s",
                    gh_err_format(&fault->err, text, sizeof(text))),
                .why = conflict ? GH_SLICE("Two definitions of one object: "
                                           "only one of them counts.")
                                : GH_SLICE("What could not be read is missing "
                                           "from answers, or stays as it was "
                                           "before."),
                .remedy = GH_SLICE("Mend the file."),
            });
    }
    if (count > MAX_FAULTS)
        gh_health_add(s, (struct gh_health_finding){
                             .severity = GH_SEVERITY_ERROR,
                             .what = gh_arena_fmt(s->arena,
                                                  "%zu more faults in the "
                                                  "sources",
                                                  count - MAX_FAULTS),
                             .why = GH_SLICE("See the messages at the start."),
                         });
}

void gh_health_conclude(struct gh_survey *s)
{
    conclude_components(s);
    conclude_config(s);
    conclude_versions(s);
    conclude_trust(s);
    conclude_faults(s);
    conclude_unmeshed(s);
    gh_health_add(
        s, (struct gh_health_finding){
               .severity = GH_SEVERITY_INFO,
               .what = GH_SLICE("not looked at: certificates and their "
                                "expiry, webhooks, and what running proxies "
                                "say of themselves"),
               .why = GH_SLICE("Objects in files do not show it; linkerd "
                               "check on the cluster does."),
           });
}
