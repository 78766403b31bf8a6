/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh/select.h"

#include <stdlib.h>

#include "base/nearest.h"
#include "base/num.h"
#include "mesh/mesh_internal.h"

/* Prefixes as kubectl knows them; "" is a Service or a pod, see below. */
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

static bool is_selected(struct gh_json selector, struct gh_labels labels)
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

static struct gh_json selector_of(const struct gh_object *service)
{
    return gh_json_path(gh_object_root(service), "spec/selector");
}

static void add_if_selected(struct chooser *c, const struct gh_podset *set,
                            struct gh_json selector)
{
    if (is_selected(selector, set->labels))
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
            add_if_selected(c, space->workloads[i]->sets[j],
                            selector_of(service));
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
        if (is_selected(selector_of(it.object), podset->labels))
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

/* --- ports --- */

struct port_list {
    GH_VEC(struct gh_target_port) at;
};

static void add_port(struct port_list *list, const struct gh_podset *set,
                     uint16_t port, uint16_t service_port, struct gh_slice name)
{
    for (size_t i = 0; i < list->at.count; i++)
        if (list->at.at[i].podset == set && list->at.at[i].port == port)
            return;
    GH_VEC_PUSH(&list->at, (struct gh_target_port){
                               .podset = set,
                               .port = port,
                               .service_port = service_port,
                               .name = name,
                           });
}

/* A named target port: of the first container, or native sidecar, that has it.
 */
static bool container_port(const struct gh_podset *set, struct gh_slice name,
                           uint16_t *ret)
{
    for (size_t i = 0; i < set->port_count; i++) {
        const struct gh_port *p = &set->ports[i];

        if (p->name.ptr && p->tcp && (!p->init || p->sidecar) &&
            gh_slice_eq(p->name, name)) {
            *ret = p->number;
            return true;
        }
    }
    return false;
}

/* Where a port of a Service leads to on a pod. */
static bool target_of(struct gh_json service_port, const struct gh_podset *set,
                      uint16_t *ret)
{
    struct gh_json target = gh_json_get(service_port, "targetPort");
    int64_t number;

    if (gh_json_is(target, GH_JSON_STRING))
        return container_port(set, gh_json_str(target), ret);
    if (!gh_json_given(target))
        target = gh_json_get(service_port, "port");
    if (!gh_json_i64(target, &number) || number < 1 || number > UINT16_MAX)
        return false;
    *ret = (uint16_t)number;
    return true;
}

static bool is_udp(struct gh_json service_port)
{
    struct gh_slice p = gh_json_str(gh_json_get(service_port, "protocol"));

    return p.ptr && !gh_slice_eq_nocase(p, GH_SLICE("TCP"));
}

/* Whether the text, if any, means this port of the Service. */
static bool means_port(struct gh_slice wanted, struct gh_json service_port)
{
    struct gh_slice name = gh_json_str(gh_json_get(service_port, "name"));
    uint64_t number;
    int64_t port;

    if (!wanted.ptr)
        return true;
    if (gh_u64_parse(wanted, &number))
        return gh_json_i64(gh_json_get(service_port, "port"), &port) &&
               (uint64_t)port == number;
    return name.ptr && gh_slice_eq(name, wanted);
}

static void service_ports(const struct gh_selection *sel, struct gh_slice port,
                          struct port_list *list)
{
    struct gh_json ports =
        gh_json_path(gh_object_root(sel->service), "spec/ports");

    for (struct gh_json_iter it = gh_json_iter(ports); gh_json_next(&it);) {
        int64_t number = 0;

        if (is_udp(it.value) || !means_port(port, it.value) ||
            !gh_json_i64(gh_json_get(it.value, "port"), &number))
            continue;
        for (size_t i = 0; i < sel->set_count; i++) {
            uint16_t target;

            if (target_of(it.value, sel->sets[i], &target))
                add_port(list, sel->sets[i], target, (uint16_t)number,
                         gh_json_str(gh_json_get(it.value, "name")));
        }
    }
}

static struct gh_slice port_name(const struct gh_podset *set, uint16_t port)
{
    for (size_t i = 0; i < set->port_count; i++)
        if (set->ports[i].number == port && set->ports[i].tcp &&
            set->ports[i].name.ptr)
            return set->ports[i].name;
    return gh_slice_str(NULL);
}

static void pod_ports(struct gh_mesh *m, const struct gh_podset *set,
                      struct gh_slice port, struct gh_arena *a,
                      struct port_list *list)
{
    uint64_t number;
    size_t count;
    const uint16_t *all;

    if (!port.ptr) {
        all = gh_podset_ports(m, set, a, &count);
        for (size_t i = 0; i < count; i++)
            add_port(list, set, all[i], 0, port_name(set, all[i]));
    } else if (gh_u64_parse(port, &number)) {
        if (number >= 1 && number <= UINT16_MAX)
            add_port(list, set, (uint16_t)number, 0,
                     port_name(set, (uint16_t)number));
    } else {
        for (size_t i = 0; i < set->port_count; i++)
            if (set->ports[i].tcp && set->ports[i].name.ptr &&
                gh_slice_eq(set->ports[i].name, port))
                add_port(list, set, set->ports[i].number, 0, port);
    }
}

static unsigned shown_number(const struct gh_target_port *p)
{
    return p->service_port ? p->service_port : p->port;
}

/* Whether the port was listed before, of another pod set. */
static bool is_repeated(const struct port_list *list, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (shown_number(&list->at.at[i]) ==
                shown_number(&list->at.at[index]) &&
            gh_slice_eq(list->at.at[i].name, list->at.at[index].name))
            return true;
    return false;
}

/* "http (80), metrics (9090)": what could have been asked for. */
static void no_such_port(struct gh_mesh *m, const struct gh_selection *sel,
                         struct gh_slice port, struct gh_arena *a,
                         struct gh_err *err)
{
    struct port_list all = {0};
    struct gh_slice text = GH_SLICE("");

    if (sel->by == GH_BY_SERVICE)
        service_ports(sel, gh_slice_str(NULL), &all);
    else
        for (size_t i = 0; i < sel->set_count; i++)
            pod_ports(m, sel->sets[i], gh_slice_str(NULL), a, &all);
    for (size_t i = 0; i < all.at.count && text.len < 200; i++) {
        const struct gh_target_port *p = &all.at.at[i];
        unsigned number = shown_number(p);

        if (is_repeated(&all, i))
            continue;
        text = p->name.ptr
                   ? gh_arena_fmt(a, "%.*s%s%.*s (%u)", GH_FMT(text),
                                  i ? ", " : "", GH_FMT(p->name), number)
                   : gh_arena_fmt(a, "%.*s%s%u", GH_FMT(text), i ? ", " : "",
                                  number);
    }
    GH_VEC_FREE(&all.at);
    if (!port.ptr)
        gh_err_set(err, "%.*s/%.*s has no TCP port that is known: give one",
                   GH_FMT(sel->ns), GH_FMT(sel->name));
    else
        gh_err_set(err, "%.*s/%.*s has no port \"%.*s\"; it has %.*s",
                   GH_FMT(sel->ns), GH_FMT(sel->name), GH_FMT(port),
                   GH_FMT(text.len ? text : GH_SLICE("none")));
}

/* NOLINTNEXTLINE(readability-function-size): arena and error are two of 7 */
bool gh_target_ports(struct gh_mesh *m, const struct gh_selection *sel,
                     struct gh_slice port, struct gh_arena *a,
                     const struct gh_target_port **ret, size_t *ret_count,
                     struct gh_err *err)
{
    struct port_list list = {0};
    struct gh_target_port *copy;

    if (sel->by == GH_BY_SERVICE)
        service_ports(sel, port, &list);
    else
        for (size_t i = 0; i < sel->set_count; i++)
            pod_ports(m, sel->sets[i], port, a, &list);
    copy = GH_ARENA_ARRAY(a, struct gh_target_port, list.at.count);
    if (list.at.count == 0 || !copy) {
        GH_VEC_FREE(&list.at);
        no_such_port(m, sel, port, a, err);
        return false;
    }
    memcpy(copy, list.at.at, list.at.count * sizeof(*copy));
    *ret = copy;
    *ret_count = list.at.count;
    GH_VEC_FREE(&list.at);
    return true;
}

/* --- ports worth asking about --- */

struct number_list {
    GH_VEC(uint16_t) at;
};

static void add_number(struct number_list *list, uint16_t number)
{
    for (size_t i = 0; i < list->at.count; i++)
        if (list->at.at[i] == number)
            return;
    GH_VEC_PUSH(&list->at, number);
}

static int by_number(const void *a, const void *b)
{
    return *(const uint16_t *)a - *(const uint16_t *)b;
}

static void add_service_targets(struct gh_mesh *m, const struct gh_podset *set,
                                struct number_list *list)
{
    struct gh_store_iter it =
        gh_mesh_list(m, GH_KIND_SERVICE, set->workload->ns);

    while (gh_store_next(&it)) {
        struct gh_json ports =
            gh_json_path(gh_object_root(it.object), "spec/ports");
        uint16_t target;

        if (!is_selected(selector_of(it.object), set->labels))
            continue;
        for (struct gh_json_iter p = gh_json_iter(ports); gh_json_next(&p);)
            if (!is_udp(p.value) && target_of(p.value, set, &target))
                add_number(list, target);
    }
}

static void list_numbers(struct gh_plan *plan, const struct gh_podset *podset,
                         struct gh_port_numbers *out)
{
    struct number_list list = {0};
    uint16_t *copy;

    for (size_t i = 0; i < podset->port_count; i++)
        if (podset->ports[i].tcp && !podset->ports[i].proxy &&
            (!podset->ports[i].init || podset->ports[i].sidecar))
            add_number(&list, podset->ports[i].number);
    for (size_t i = 0; i < plan->server_count; i++)
        if (plan->servers[i]->port != 0 &&
            gh_server_claims(plan->servers[i], podset, plan->servers[i]->port))
            add_number(&list, plan->servers[i]->port);
    add_service_targets(plan->mesh, podset, &list);
    if (list.at.count > 1)
        qsort(list.at.at, list.at.count, sizeof(uint16_t), by_number);
    copy = GH_COMPILED_NEW(&plan->memory, uint16_t, list.at.count);
    if (list.at.count > 0)
        memcpy(copy, list.at.at, list.at.count * sizeof(*copy));
    *out = (struct gh_port_numbers){copy, list.at.count, true};
    GH_VEC_FREE(&list.at);
}

const uint16_t *gh_podset_ports(struct gh_mesh *m,
                                const struct gh_podset *podset,
                                struct gh_arena *arena, size_t *ret_count)
{
    struct gh_plan *plan = gh_plan_of(m, podset);
    struct gh_port_numbers *known = &plan->numbers[podset->index];
    uint16_t *copy;

    if (!known->listed)
        list_numbers(plan, podset, known);
    copy =
        gh_arena_alloc(arena, known->count * sizeof(*copy), _Alignof(uint16_t));
    *ret_count = copy ? known->count : 0;
    if (*ret_count > 0)
        memcpy(copy, known->at, known->count * sizeof(*copy));
    return copy;
}

/* --- sources --- */

static struct gh_client client_of(const struct gh_podset *set,
                                  const struct gh_pod *pod)
{
    struct gh_client c = {
        .tls = set->identity.len > 0 ? GH_CLIENT_IDENTIFIED : GH_CLIENT_PLAIN,
        .identity = set->identity,
    };

    if (pod && pod->has_ip) {
        c.has_ip = true;
        c.ip = pod->ip;
    }
    return c;
}

const struct gh_source_client *gh_source_clients(const struct gh_selection *sel,
                                                 struct gh_arena *a,
                                                 size_t *ret_count)
{
    struct gh_source_client *list;
    size_t most = 0;
    size_t count = 0;

    for (size_t i = 0; i < sel->set_count; i++)
        most += sel->sets[i]->pod_count + 1;
    list = GH_ARENA_ARRAY(a, struct gh_source_client, most);
    for (size_t i = 0; list && i < sel->set_count; i++) {
        const struct gh_podset *set = sel->sets[i];

        for (size_t j = 0; j < set->pod_count; j++)
            if (!sel->pod || sel->pod == &set->pods[j])
                list[count++] = (struct gh_source_client){
                    set, &set->pods[j], client_of(set, &set->pods[j])};
        if (set->pod_count == 0)
            list[count++] =
                (struct gh_source_client){set, NULL, client_of(set, NULL)};
    }
    *ret_count = count;
    return list;
}
