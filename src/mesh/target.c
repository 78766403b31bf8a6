/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/num.h"
#include "mesh/mesh_internal.h"
#include "mesh/select.h"

/*
 * The two ends of a question: ports of a target, clients of a source
 *
 * A Service's port leads to different ports on different pods: target ports
 * have names, and each pod resolves them for itself.
 */

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

        if (!gh_service_selects(it.object, set))
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
