/* SPDX-License-Identifier: Apache-2.0 */
#include "base/nearest.h"
#include "mesh/lint_internal.h"

/*
 * Lints of workloads: is the configuration of their pods read at all
 *
 * Configuration is read from pods, so it is looked at where pods get it from:
 * the template of a workload that is at hand, else one of its pods, and the
 * Namespace, whose annotations the injector copies. What a pod has from its
 * Namespace is told once, on the Namespace.
 */

#define CONFIG "config.linkerd.io/"
#define ALPHA "config.alpha.linkerd.io/"
#define POLICY CONFIG "default-inbound-policy"

struct gh_slice gh_lint_annotation(const struct gh_lint_carrier *c,
                                   const char *key)
{
    return gh_json_str(
        gh_json_getn(gh_json_get(c->meta, "annotations"), gh_slice_str(key)));
}

struct gh_slice gh_lint_annotation_path(struct gh_lint *l,
                                        const struct gh_lint_carrier *c,
                                        struct gh_slice key)
{
    return gh_lint_text(l, "%s.annotations[%.*s]", c->path, GH_FMT(key));
}

/* --- names and lists --- */

static const char *const known[] = {
    "linkerd.io/inject",
    ALPHA "proxy-wait-before-exit-seconds",
    ALPHA "proxy-enable-native-sidecar",
    CONFIG "access-log",
    CONFIG "admin-port",
    CONFIG "close-wait-timeout",
    CONFIG "control-port",
    CONFIG "debug-image",
    CONFIG "debug-image-pull-policy",
    CONFIG "debug-image-version",
    CONFIG "default-inbound-policy",
    CONFIG "enable-debug-sidecar",
    CONFIG "image-pull-policy",
    CONFIG "inbound-port",
    CONFIG "init-image",
    CONFIG "init-image-version",
    CONFIG "opaque-ports",
    CONFIG "outbound-port",
    CONFIG "pod-inbound-ports",
    CONFIG "proxy-admin-shutdown",
    CONFIG "proxy-await",
    CONFIG "proxy-cpu-limit",
    CONFIG "proxy-cpu-ratio-limit",
    CONFIG "proxy-cpu-request",
    CONFIG "proxy-disable-inbound-protocol-detect-timeout",
    CONFIG "proxy-disable-outbound-protocol-detect-timeout",
    CONFIG "proxy-enable-external-profiles",
    CONFIG "proxy-enable-native-sidecar",
    CONFIG "proxy-ephemeral-storage-limit",
    CONFIG "proxy-ephemeral-storage-request",
    CONFIG "proxy-gid",
    CONFIG "proxy-image",
    CONFIG "proxy-inbound-connect-timeout",
    CONFIG "proxy-inbound-discovery-cache-unused-timeout",
    CONFIG "proxy-log-format",
    CONFIG "proxy-log-http-headers",
    CONFIG "proxy-log-level",
    CONFIG "proxy-memory-limit",
    CONFIG "proxy-memory-request",
    CONFIG "proxy-metrics-hostname-labels",
    CONFIG "proxy-outbound-connect-timeout",
    CONFIG "proxy-outbound-discovery-cache-unused-timeout",
    CONFIG "proxy-outbound-transport-mode",
    CONFIG "proxy-require-identity-inbound-ports",
    CONFIG "proxy-uid",
    CONFIG "proxy-version",
    CONFIG "shutdown-grace-period",
    CONFIG "skip-inbound-ports",
    CONFIG "skip-outbound-ports",
    CONFIG "skip-subnets",
    CONFIG "trace-collector",
};

static bool is_config(struct gh_slice key)
{
    return gh_slice_starts(key, GH_SLICE(CONFIG)) ||
           gh_slice_starts(key, GH_SLICE(ALPHA)) ||
           gh_slice_is(key, "linkerd.io/inject");
}

/* Only what is nearly a known name: Linkerd gains new ones. */
static void lint_name(struct gh_lint *l, const struct gh_lint_carrier *c,
                      struct gh_slice key)
{
    struct gh_nearest nearest;
    struct gh_finding *f;
    struct gh_slice best;

    if (!is_config(key))
        return;
    gh_nearest_init(&nearest, key);
    for (size_t i = 0; i < GH_COUNT(known); i++) {
        if (gh_slice_is(key, known[i]))
            return;
        gh_nearest_offer(&nearest, gh_slice_str(known[i]));
    }
    best = nearest.best;
    if (!best.ptr || nearest.distance > 2)
        return;
    f = gh_lint_tell(l, GH_FINDING_ID_ANNOTATION_UNKNOWN, c->object,
                     gh_lint_annotation_path(l, c, key),
                     "Linkerd has no annotation of this name");
    gh_lint_fix(l, f, "Did you mean %.*s?", GH_FMT(best));
}

/* A port's name, of this pod or of another: the injector passes over those
 * that it does not find. */
static bool is_port_name(struct gh_slice s)
{
    bool letter = false;

    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];

        letter |= c >= 'a' && c <= 'z';
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
            return false;
    }
    return letter && s.len <= 15;
}

static void lint_ports(struct gh_lint *l, const struct gh_lint_carrier *c,
                       const char *key, bool names)
{
    struct gh_slice rest = gh_lint_annotation(c, key);
    struct gh_slice item;

    while (gh_slice_cut(&rest, ',', &item)) {
        bool valid;

        item = gh_slice_trim(item);
        (void)gh_port_list_has(item, 1, &valid);
        if (valid || (names && is_port_name(item)))
            continue;
        (void)gh_lint_tell(l, GH_FINDING_ID_PORT_LIST, c->object,
                           gh_lint_annotation_path(l, c, gh_slice_str(key)),
                           "\"%.*s\" is no port%s and no range of ports: the "
                           "whole list is not read",
                           GH_FMT(item), names ? ", no port's name" : "");
        return;
    }
}

static void lint_default_policy(struct gh_lint *l,
                                const struct gh_lint_carrier *c)
{
    struct gh_slice text = gh_lint_annotation(c, POLICY);
    struct gh_slice path = gh_lint_annotation_path(l, c, GH_SLICE(POLICY));
    enum gh_default_policy p = gh_default_policy_parse(text);

    if (!text.ptr)
        return;
    if (p == GH_DEFAULT_INVALID)
        (void)gh_lint_tell(
            l, GH_FINDING_ID_DEFAULT_POLICY, c->object, path,
            "\"%.*s\" is no default policy; Linkerd ignores it, and the "
            "cluster's default applies: %s",
            GH_FMT(text),
            gh_default_policy_name(gh_mesh_config(l->mesh)->default_policy));
    else if (p == GH_DEFAULT_AUDIT)
        (void)gh_lint_tell(l, GH_FINDING_ID_AUDIT_MODE, c->object, path,
                           "ports without a Server let everybody in, and only "
                           "log who would be refused");
}

/* --- labels and annotations in the wrong place --- */

/* Adding a member is safe only where the map is known to be there. */
static bool has_annotations(struct gh_json meta)
{
    return gh_json_count(gh_json_get(meta, "annotations")) > 0;
}

static void lint_labels(struct gh_lint *l, const struct gh_lint_carrier *c)
{
    struct gh_json labels = gh_json_get(c->meta, "labels");

    for (struct gh_json_iter it = gh_json_iter(labels); gh_json_next(&it);) {
        struct gh_slice step = gh_lint_step(l, it.name);
        struct gh_finding *f;

        if (!is_config(it.name) ||
            gh_slice_is(it.name, CONFIG "admission-webhooks") ||
            gh_json_given(
                gh_json_getn(gh_json_get(c->meta, "annotations"), it.name)))
            continue; /* said as it should be, too: harmless */
        f = gh_lint_tell(
            l, GH_FINDING_ID_LABEL_FOR_ANNOTATION, c->object,
            gh_lint_text(l, "%s.labels[%.*s]", c->path, GH_FMT(it.name)),
            "this is an annotation's name, and a label has no "
            "effect");
        gh_lint_fix(l, f, "Move it to %s.annotations.", c->path);
        if (!has_annotations(c->meta))
            continue;
        gh_lint_patch(
            l, f, "add",
            gh_lint_text(l, "%s/annotations/%.*s", c->pointer, GH_FMT(step)),
            gh_json_raw(it.value));
        gh_lint_patch(
            l, f, "remove",
            gh_lint_text(l, "%s/labels/%.*s", c->pointer, GH_FMT(step)),
            gh_slice_str(NULL));
    }
}

/* Linkerd's own charts have some there; nobody else can move them. */
static void lint_workload_meta(struct gh_lint *l,
                               const struct gh_lint_carrier *c)
{
    struct gh_json own = gh_lint_meta(c->object, "annotations");

    if (gh_json_given(gh_json_get(own, "linkerd.io/created-by")))
        return;
    for (struct gh_json_iter it = gh_json_iter(own); gh_json_next(&it);) {
        struct gh_slice step = gh_lint_step(l, it.name);
        struct gh_finding *f;

        if (!is_config(it.name) ||
            gh_json_given(
                gh_json_getn(gh_json_get(c->meta, "annotations"), it.name)))
            continue;
        f = gh_lint_tell(
            l, GH_FINDING_ID_ANNOTATION_MISPLACED, c->object,
            gh_lint_text(l, "metadata.annotations[%.*s]", GH_FMT(it.name)),
            "Linkerd reads this from pods, and the pods of this %.*s do not "
            "get it",
            GH_FMT(c->object->kind));
        gh_lint_fix(l, f, "Move it to %s.annotations.", c->path);
        if (!has_annotations(c->meta))
            continue;
        gh_lint_patch(
            l, f, "add",
            gh_lint_text(l, "%s/annotations/%.*s", c->pointer, GH_FMT(step)),
            gh_json_raw(it.value));
        gh_lint_patch(
            l, f, "remove",
            gh_lint_text(l, "/metadata/annotations/%.*s", GH_FMT(step)),
            gh_slice_str(NULL));
    }
}

/* --- carriers --- */

static void lint_carrier(struct gh_lint *l, const struct gh_lint_carrier *c)
{
    struct gh_json all = gh_json_get(c->meta, "annotations");

    lint_labels(l, c);
    gh_lint_proxy(l, c);
    for (struct gh_json_iter it = gh_json_iter(all); gh_json_next(&it);)
        lint_name(l, c, it.name);
    lint_ports(l, c, CONFIG "opaque-ports", true);
    lint_ports(l, c, CONFIG "skip-inbound-ports", false);
    lint_ports(l, c, CONFIG "skip-outbound-ports", false);
    lint_ports(l, c, CONFIG "proxy-require-identity-inbound-ports", false);
    lint_default_policy(l, c);
}

/* Return: false when the workload is read from elsewhere. */
static bool carrier_of(const struct gh_workload *w, struct gh_lint_carrier *ret)
{
    const struct gh_podset *set = w->set_count > 0 ? w->sets[0] : NULL;
    struct gh_json root;

    if (!set || set->meshed == GH_MESHED_EXTERNAL)
        return false;
    *ret = (struct gh_lint_carrier){
        .object = gh_lint_object_of(set),
        .set = set,
        .path = "metadata",
        .pointer = "/metadata",
    };
    if (!ret->object)
        return false;
    root = gh_object_root(ret->object);
    if (gh_slice_is(ret->object->kind, "CronJob")) {
        ret->path = "spec.jobTemplate.spec.template.metadata";
        ret->pointer = "/spec/jobTemplate/spec/template/metadata";
        root = gh_json_path(root, "spec/jobTemplate/spec/template");
    } else if (!gh_slice_is(ret->object->kind, "Pod")) {
        ret->path = "spec.template.metadata";
        ret->pointer = "/spec/template/metadata";
        root = gh_json_path(root, "spec/template");
    }
    ret->meta = gh_json_get(root, "metadata");
    ret->spec = gh_json_get(root, "spec");
    return true;
}

/* An injected pod carries its Namespace's annotations: whether it has no
 * others. */
static bool is_copied(struct gh_lint *l, const struct gh_lint_carrier *c)
{
    const struct gh_object *ns =
        gh_mesh_get(l->mesh, GH_KIND_NAMESPACE, GH_SLICE(""), l->ns);
    struct gh_json theirs = ns ? gh_lint_meta(ns, "annotations") : GH_JSON_NONE;
    struct gh_json own = gh_json_get(c->meta, "annotations");

    if (!gh_slice_is(c->object->kind, "Pod"))
        return false;
    for (struct gh_json_iter it = gh_json_iter(own); gh_json_next(&it);)
        if (is_config(it.name) &&
            !gh_json_equal(it.value, gh_json_getn(theirs, it.name)))
            return false;
    return gh_json_count(theirs) > 0;
}

/* --- injection that did not happen --- */

static bool wants_proxy(struct gh_lint *l, const struct gh_podset *set)
{
    const struct gh_object *ns =
        gh_mesh_get(l->mesh, GH_KIND_NAMESPACE, GH_SLICE(""), l->ns);
    struct gh_slice own =
        gh_json_str(gh_json_get(set->annotations, "linkerd.io/inject"));

    if (!own.ptr && ns && !set->is_template)
        own = gh_json_str(
            gh_json_get(gh_lint_meta(ns, "annotations"), "linkerd.io/inject"));
    return own.ptr &&
           (gh_slice_is(own, "enabled") || gh_slice_is(own, "ingress"));
}

static void lint_missing_proxy(struct gh_lint *l, const struct gh_workload *w,
                               const struct gh_lint_carrier *c)
{
    const struct gh_podset *first = NULL;
    struct gh_finding *f;
    size_t pods = 0;

    for (size_t i = 0; i < w->set_count; i++) {
        const struct gh_podset *s = w->sets[i];

        if (s->meshed != GH_MESHED_NO || gh_lint_is_gone(s) ||
            gh_lint_is_manifest(s) || !wants_proxy(l, s))
            continue;
        if (!first)
            first = s;
        pods += s->pod_count;
    }
    if (!first || (!first->is_template &&
                   gh_json_true(gh_json_get(c->spec, "hostNetwork"))))
        return;
    if (first->is_template)
        (void)gh_lint_tell(
            l, GH_FINDING_ID_PROXY_MISSING, c->object,
            gh_lint_annotation_path(l, c, GH_SLICE("linkerd.io/inject")),
            "injection is asked for and will not happen: %s",
            first->meshed_why ? first->meshed_why : "nobody knows why");
    else {
        f = gh_lint_tell(l, GH_FINDING_ID_PROXY_MISSING, c->object,
                         gh_slice_str(NULL),
                         "injection is enabled, and %.*s has no proxy in %zu "
                         "of its pods: made before it was, or while the "
                         "injector did not answer",
                         GH_FMT(gh_lint_workload(l, first)), pods);
        if (!gh_slice_is(w->kind, "Pod"))
            gh_lint_fix(l, f, "kubectl -n %.*s rollout restart %.*s/%.*s",
                        GH_FMT(w->ns), GH_FMT(w->kind), GH_FMT(w->name));
    }
}

static void lint_skipped(struct gh_lint *l, const struct gh_lint_carrier *c)
{
    static const char key[] = CONFIG "skip-inbound-ports";
    struct gh_slice list = gh_lint_annotation(c, key);

    if (list.len > 0)
        (void)gh_lint_tell(l, GH_FINDING_ID_PORTS_SKIPPED, c->object,
                           gh_lint_annotation_path(l, c, gh_slice_str(key)),
                           "connections to port %.*s go past the proxy: they "
                           "are neither encrypted nor authorized",
                           GH_FMT(list));
}

void gh_lint_workloads(struct gh_lint *l)
{
    size_t count;
    const struct gh_workload *const *all =
        gh_mesh_workloads(l->mesh, l->ns, &count);

    for (size_t i = 0; i < count; i++) {
        struct gh_lint_carrier c;

        if (!carrier_of(all[i], &c))
            continue;
        lint_missing_proxy(l, all[i], &c);
        if (gh_slice_is(c.object->kind, "Pod") && gh_lint_is_gone(c.set))
            continue;
        lint_skipped(l, &c);
        if (is_copied(l, &c))
            continue;
        lint_carrier(l, &c);
        if (!gh_slice_is(c.object->kind, "Pod"))
            lint_workload_meta(l, &c);
    }
}

/* --- the Namespace --- */

static bool is_undecided(const struct gh_podset *s)
{
    return s->meshed == GH_MESHED_NO &&
           !gh_json_given(gh_json_get(s->annotations, "linkerd.io/inject"));
}

static void lint_inject_unsaid(struct gh_lint *l, const struct gh_object *ns)
{
    struct gh_lint_sets it = gh_lint_sets(l, l->ns);

    if (gh_json_given(gh_json_get(gh_lint_meta(ns, "annotations"),
                                  "linkerd.io/inject")) ||
        it.count == 0)
        return;
    while (gh_lint_next_set(&it))
        if (!is_undecided(it.set))
            return;
    (void)gh_lint_tell(l, GH_FINDING_ID_INJECT_UNSAID, ns,
                       GH_SLICE("metadata.annotations"),
                       "neither the Namespace nor any of its workloads has the "
                       "annotation linkerd.io/inject: none is in the mesh");
}

/* Running pods whose effective policy is not what the Namespace says now. A
 * template that says something itself is meant to differ. */
static bool is_stale(const struct gh_podset *set, enum gh_default_policy wanted)
{
    const struct gh_object *o = set->workload->object;
    struct gh_json template =
        o ? gh_json_path(gh_object_root(o),
                         "spec/template/metadata/annotations")
          : GH_JSON_NONE;
    struct gh_slice has = gh_json_str(gh_json_get(set->annotations, POLICY));

    if (set->is_template || set->meshed == GH_MESHED_NO ||
        set->meshed == GH_MESHED_EXTERNAL || gh_lint_is_gone(set) ||
        gh_json_given(gh_json_get(template, POLICY)))
        return false;
    if (!has.ptr)
        return true;
    return o && gh_default_policy_parse(has) != wanted;
}

static void lint_stale_policy(struct gh_lint *l, const struct gh_object *ns)
{
    struct gh_slice says =
        gh_json_str(gh_json_get(gh_lint_meta(ns, "annotations"), POLICY));
    enum gh_default_policy wanted = gh_default_policy_parse(says);
    struct gh_lint_sets it = gh_lint_sets(l, l->ns);
    struct gh_lint_names stale = {.lint = l};
    const struct gh_workload *last = NULL;
    struct gh_finding *f;

    if (wanted == GH_DEFAULT_INVALID)
        return;
    while (gh_lint_next_set(&it)) {
        if (it.set->workload == last || !is_stale(it.set, wanted))
            continue;
        last = it.set->workload;
        gh_lint_names_add(&stale, gh_lint_workload(l, it.set));
    }
    if (stale.count == 0)
        return;
    f = gh_lint_tell(
        l, GH_FINDING_ID_POLICY_STALE, ns,
        GH_SLICE("metadata.annotations[" POLICY "]"),
        "the Namespace says %.*s; pods of %.*s are older than that, and do not "
        "have it",
        GH_FMT(says), GH_FMT(gh_lint_names_text(&stale)));
    gh_lint_fix(l, f, "kubectl -n %.*s rollout restart these workloads.",
                GH_FMT(l->ns));
}

void gh_lint_namespace(struct gh_lint *l)
{
    const struct gh_object *ns =
        gh_mesh_get(l->mesh, GH_KIND_NAMESPACE, GH_SLICE(""), l->ns);
    struct gh_lint_carrier c = {
        .object = ns, .path = "metadata", .pointer = "/metadata"};

    if (!ns)
        return;
    c.meta = gh_json_get(gh_object_root(ns), "metadata");
    lint_carrier(l, &c);
    lint_inject_unsaid(l, ns);
    lint_stale_policy(l, ns);
}
