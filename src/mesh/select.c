/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh/select.h"

#include "base/nearest.h"
#include "mesh/mesh_internal.h"

/* Prefixes as kubectl knows them. */
static const struct {
    const char *alias;
    const char *kind;
} aliases[] = {
    {"svc", "Service"},
    {"service", "Service"},
    {"po", "Pod"},
    {"pod", "Pod"},
    {"deploy", "Deployment"},
    {"deployment", "Deployment"},
    {"sts", "StatefulSet"},
    {"statefulset", "StatefulSet"},
    {"ds", "DaemonSet"},
    {"daemonset", "DaemonSet"},
    {"rs", "ReplicaSet"},
    {"replicaset", "ReplicaSet"},
    {"rc", "ReplicationController"},
    {"replicationcontroller", "ReplicationController"},
    {"job", "Job"},
    {"cj", "CronJob"},
    {"cronjob", "CronJob"},
    {"externalworkload", "ExternalWorkload"},
};

struct chooser {
    struct gh_mesh *mesh;
    struct gh_slice ns;
    struct gh_arena *arena;
    struct gh_selection *out;
    GH_VEC(const struct gh_podset *) sets;
};

/* --- Services --- */

static bool matches_all(struct gh_json selector, struct gh_labels labels)
{
    bool any = false;

    for (struct gh_json_iter it = gh_json_iter(selector); gh_json_next(&it);) {
        struct gh_slice value = gh_labels_get(labels, it.name);

        if (!value.ptr ||
            !gh_slice_eq(value, gh_json_str_or(it.value, GH_SLICE(""))))
            return false;
        any = true;
    }
    return any; /* a Service without selector selects nothing */
}

bool gh_service_selects(const struct gh_object *service,
                        const struct gh_podset *set)
{
    return matches_all(gh_json_path(gh_object_root(service), "spec/selector"),
                       set->labels);
}

static void add_if_selected(struct chooser *c, const struct gh_podset *set,
                            const struct gh_object *service)
{
    if (gh_service_selects(service, set))
        GH_VEC_PUSH(&c->sets, set);
}

static bool by_service(struct chooser *c, struct gh_slice name)
{
    const struct gh_object *service =
        gh_mesh_get(c->mesh, GH_KIND_SERVICE, c->ns, name);
    struct gh_mesh_ns *space = gh_workloads_of(c->mesh, c->ns);
    size_t i;

    if (!service)
        return false;
    c->out->by = GH_BY_SERVICE;
    c->out->service = service;
    for (i = 0; space && i < space->workload_count; i++)
        for (size_t j = 0; j < space->workloads[i]->set_count; j++)
            add_if_selected(c, space->workloads[i]->sets[j], service);
    return true;
}

const struct gh_object *const *
gh_podset_services(struct gh_mesh *m, const struct gh_podset *podset,
                   struct gh_arena *a, size_t *ret_count)
{
    struct gh_store_iter it =
        gh_mesh_list(m, GH_KIND_SERVICE, podset->workload->ns);
    GH_VEC(const struct gh_object *) found = {0};
    const struct gh_object **list;

    while (gh_store_next(&it))
        if (gh_service_selects(it.object, podset))
            GH_VEC_PUSH(&found, it.object);
    list = GH_ARENA_ARRAY(a, const struct gh_object *, found.count);
    *ret_count = list ? found.count : 0;
    if (*ret_count > 0)
        memcpy(list, found.at, found.count * sizeof(*list));
    GH_VEC_FREE(&found);
    return list;
}

/* --- workloads, labels, pods --- */

static bool by_workload(struct chooser *c, struct gh_slice kind,
                        struct gh_slice name)
{
    const struct gh_workload *w = gh_mesh_workload(c->mesh, c->ns, kind, name);

    if (!w)
        return false;
    c->out->by = GH_BY_WORKLOAD;
    c->out->workload = w;
    for (size_t i = 0; i < w->set_count; i++)
        GH_VEC_PUSH(&c->sets, w->sets[i]);
    return true;
}

static bool has_app_label(const struct gh_podset *set, struct gh_slice name)
{
    struct gh_slice app = gh_labels_get(set->labels, GH_SLICE("app"));

    if (!app.ptr)
        app = gh_labels_get(set->labels, GH_SLICE("k8s-app"));
    return app.ptr && gh_slice_eq(app, name);
}

static bool by_label(struct chooser *c, struct gh_slice name)
{
    struct gh_mesh_ns *space = gh_workloads_of(c->mesh, c->ns);

    for (size_t i = 0; space && i < space->workload_count; i++) {
        const struct gh_workload *w = space->workloads[i];

        for (size_t j = 0; j < w->set_count; j++)
            if (has_app_label(w->sets[j], name))
                GH_VEC_PUSH(&c->sets, w->sets[j]);
    }
    c->out->by = GH_BY_LABEL;
    return c->sets.count > 0;
}

static bool by_pod(struct chooser *c, struct gh_slice name)
{
    const struct gh_pod *pod = NULL;
    const struct gh_podset *set = gh_mesh_pod(c->mesh, c->ns, name, &pod);

    if (!set)
        return false;
    c->out->by = GH_BY_POD;
    c->out->pod = pod;
    GH_VEC_PUSH(&c->sets, set);
    return true;
}

/* --- names that do not exist --- */

static bool wants_kind(const char *kind, const char *wanted)
{
    return !wanted || strcmp(kind, wanted) == 0;
}

static void offer_set(const struct gh_podset *set, struct gh_nearest *near)
{
    for (size_t i = 0; i < set->pod_count; i++)
        gh_nearest_offer(near, set->pods[i].name);
}

/* What there is of @kind, or of all (then pods only by their workload). */
static void offer_names(struct chooser *c, const char *kind,
                        struct gh_nearest *near)
{
    struct gh_store_iter it = gh_mesh_list(c->mesh, GH_KIND_SERVICE, c->ns);
    struct gh_mesh_ns *space = gh_workloads_of(c->mesh, c->ns);

    while (wants_kind("Service", kind) && gh_store_next(&it))
        gh_nearest_offer(near, it.object->name);
    for (size_t i = 0; space && i < space->workload_count; i++) {
        const struct gh_workload *w = space->workloads[i];

        if (!kind || gh_slice_is(w->kind, kind))
            gh_nearest_offer(near, w->name);
        for (size_t j = 0; kind && j < w->set_count; j++)
            if (strcmp(kind, "Pod") == 0)
                offer_set(w->sets[j], near);
    }
}

static bool no_such_namespace(struct chooser *c, struct gh_err *err)
{
    struct gh_nearest near;
    struct gh_slice name;
    size_t i;

    gh_nearest_init(&near, c->ns);
    for (i = 0; gh_mesh_ns_at(c->mesh, i, &name); i++)
        gh_nearest_offer(&near, name);
    if (near.best.ptr)
        gh_err_set(err,
                   "namespace \"%.*s\" does not exist (did you mean "
                   "\"%.*s\"?)",
                   GH_FMT(c->ns), GH_FMT(near.best));
    else
        gh_err_set(err,
                   "namespace \"%.*s\" does not exist; %zu namespaces are "
                   "known",
                   GH_FMT(c->ns), i);
    return false;
}

static bool no_such_name(struct chooser *c, const char *kind,
                         struct gh_slice name, struct gh_err *err)
{
    const char *what = kind ? kind : "Service, workload or pod";
    const struct gh_workload *other;
    struct gh_nearest near;

    if (!gh_mesh_has_ns(c->mesh, c->ns))
        return no_such_namespace(c, err);
    other = gh_mesh_workload(c->mesh, c->ns, gh_slice_str(NULL), name);
    gh_nearest_init(&near, name);
    offer_names(c, kind, &near);
    if (other) /* of another kind, or it would have been found */
        gh_err_set(err,
                   "namespace \"%.*s\" has no %s \"%.*s\", but a %.*s of "
                   "that name",
                   GH_FMT(c->ns), what, GH_FMT(name), GH_FMT(other->kind));
    else if (near.best.ptr)
        gh_err_set(err,
                   "namespace \"%.*s\" has no %s \"%.*s\" (did you mean "
                   "\"%.*s\"?)",
                   GH_FMT(c->ns), what, GH_FMT(name), GH_FMT(near.best));
    else
        gh_err_set(err, "namespace \"%.*s\" has no %s \"%.*s\"", GH_FMT(c->ns),
                   what, GH_FMT(name));
    return false;
}

/* --- the lookup --- */

static const char *kind_of_alias(struct gh_slice alias)
{
    for (size_t i = 0; i < GH_COUNT(aliases); i++)
        if (gh_slice_eq_nocase(alias, gh_slice_str(aliases[i].alias)))
            return aliases[i].kind;
    return NULL;
}

static bool by_kind(struct chooser *c, const char *kind, struct gh_slice name)
{
    if (strcmp(kind, "Service") == 0)
        return by_service(c, name);
    if (strcmp(kind, "Pod") == 0)
        return by_pod(c, name);
    return by_workload(c, gh_slice_str(kind), name);
}

static bool by_any(struct chooser *c, struct gh_slice name,
                   enum gh_select_for what_for)
{
    struct gh_slice any_kind = {NULL, 0};

    if (what_for == GH_SELECT_SOURCE)
        return by_workload(c, any_kind, name) || by_label(c, name) ||
               by_service(c, name) || by_pod(c, name);
    return by_service(c, name) || by_workload(c, any_kind, name) ||
           by_label(c, name) || by_pod(c, name);
}

static bool keep(struct chooser *c, struct gh_slice name, struct gh_err *err)
{
    const struct gh_podset **list =
        GH_ARENA_ARRAY(c->arena, const struct gh_podset *, c->sets.count);

    if (c->sets.count == 0) {
        gh_err_set(err,
                   "Service \"%.*s\" in namespace \"%.*s\" selects no pods or "
                   "pod templates",
                   GH_FMT(name), GH_FMT(c->ns));
        return false;
    }
    if (!list) {
        gh_err_set(err, "too many pods behind \"%.*s\"", GH_FMT(name));
        return false;
    }
    memcpy(list, c->sets.at, c->sets.count * sizeof(*list));
    c->out->sets = list;
    c->out->set_count = c->sets.count;
    return true;
}

/* NOLINTNEXTLINE(readability-function-size): arena and error are two of 7 */
bool gh_select(struct gh_mesh *m, struct gh_slice ns, struct gh_slice name,
               enum gh_select_for what_for, struct gh_arena *a,
               struct gh_selection *ret, struct gh_err *err)
{
    struct chooser c = {.mesh = m, .ns = ns, .arena = a, .out = ret};
    size_t slash = gh_slice_find(name, '/');
    const char *kind = NULL;
    bool found;

    *ret = (struct gh_selection){.ns = ns, .name = name};
    if (slash < name.len) {
        struct gh_slice alias = gh_slice_head(name, slash);

        kind = kind_of_alias(alias);
        if (!kind) {
            gh_err_set(err,
                       "\"%.*s\" is no kind of workload: write svc/, deploy/, "
                       "sts/, ds/, job/, cronjob/ or pod/ before a name",
                       GH_FMT(alias));
            return false;
        }
        ret->name = name = gh_slice_drop(name, slash + 1);
        found = by_kind(&c, kind, name);
    } else {
        found = by_any(&c, name, what_for);
    }
    found = found ? keep(&c, name, err) : no_such_name(&c, kind, name, err);
    GH_VEC_FREE(&c.sets);
    return found;
}
