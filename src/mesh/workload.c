/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "mesh/identity.h"
#include "mesh/podspec.h"

/*
 * Workloads of a namespace: pods grouped by owner, owners without pods by
 * their templates
 *
 * A pod belongs to the workload at the end of its chain of owners: ReplicaSet
 * to Deployment, Job to CronJob. Where the object in the middle is not known,
 * the name tells: a ReplicaSet is called <deployment>-<pod-template-hash>.
 *
 * Pods are folded into sets by comparing what policy can see of them, byte by
 * byte: objects in the store are in canonical form.
 */

struct builder_set {
    struct gh_podset set;
    struct gh_json spec; /* what was compared */
    GH_VEC(struct gh_pod) pods;
};

struct builder_workload {
    struct gh_slice key; /* "Kind/name" */
    struct gh_slice kind;
    struct gh_slice name;
    const struct gh_object *object;
    GH_VEC(struct builder_set *) sets;
};

struct builder {
    struct gh_mesh *mesh;
    struct gh_mesh_ns *ns;
    struct gh_compiled *memory;
    const struct gh_object *ns_object; /* the Namespace, or NULL */
    struct gh_map by_key;
    GH_VEC(struct builder_workload *) all;
};

/* Controllers whose templates stand in for pods. */
static const struct {
    enum gh_mesh_kind kind;
    const char *template_path;
    bool owned_ones_too; /* or only those that nobody else owns */
} templates[] = {
    {GH_KIND_DEPLOYMENT, "spec/template", true},
    {GH_KIND_STATEFUL_SET, "spec/template", true},
    {GH_KIND_DAEMON_SET, "spec/template", true},
    {GH_KIND_REPLICATION_CONTROLLER, "spec/template", true},
    {GH_KIND_CRON_JOB, "spec/jobTemplate/spec/template", true},
    {GH_KIND_REPLICA_SET, "spec/template", false},
    {GH_KIND_JOB, "spec/template", false},
};

const char *gh_meshed_name(enum gh_meshed m)
{
    switch (m) {
    case GH_MESHED_NO:
        return "no";
    case GH_MESHED_SIDECAR:
        return "sidecar";
    case GH_MESHED_NATIVE_SIDECAR:
        return "native-sidecar";
    case GH_MESHED_ON_INJECTION:
        return "on-injection";
    case GH_MESHED_EXTERNAL:
        return "external";
    }
    return "no";
}

/* --- owners --- */

struct owner {
    struct gh_slice kind;
    struct gh_slice name;
};

static bool owner_of(struct gh_json root, struct owner *ret)
{
    struct gh_json list = gh_json_path(root, "metadata/ownerReferences");
    struct gh_json chosen = gh_json_at(list, 0);

    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it);)
        if (gh_json_true(gh_json_get(it.value, "controller")))
            chosen = it.value;
    ret->kind = gh_json_str(gh_json_get(chosen, "kind"));
    ret->name = gh_json_str(gh_json_get(chosen, "name"));
    return ret->kind.len > 0 && ret->name.len > 0;
}

static struct owner deployment_by_name(struct owner rs, struct gh_json pod)
{
    struct gh_slice hash = gh_json_str(
        gh_json_get(gh_json_path(pod, "metadata/labels"), "pod-template-hash"));

    if (hash.len > 0 && rs.name.len > hash.len + 1 &&
        gh_slice_ends(rs.name, hash) &&
        rs.name.ptr[rs.name.len - hash.len - 1] == '-')
        return (struct owner){
            GH_SLICE("Deployment"),
            gh_slice_head(rs.name, rs.name.len - hash.len - 1)};
    return rs;
}

/* Follows the chain one step beyond a ReplicaSet or a Job. */
static struct owner top_owner(struct builder *b, const struct gh_object *pod)
{
    struct gh_json root = gh_object_root(pod);
    struct owner o;
    struct owner above;
    const struct gh_object *middle = NULL;
    bool is_rs;

    if (!owner_of(root, &o))
        return (struct owner){GH_SLICE("Pod"), pod->name};
    is_rs = gh_slice_is(o.kind, "ReplicaSet");
    if (is_rs)
        middle = gh_mesh_get(b->mesh, GH_KIND_REPLICA_SET, b->ns->name, o.name);
    else if (gh_slice_is(o.kind, "Job"))
        middle = gh_mesh_get(b->mesh, GH_KIND_JOB, b->ns->name, o.name);
    if (middle)
        return owner_of(gh_object_root(middle), &above) ? above : o;
    return is_rs ? deployment_by_name(o, root) : o;
}

static struct builder_workload *
workload(struct builder *b, struct gh_slice kind, struct gh_slice name)
{
    struct gh_slice key =
        gh_compiled_fmt(b->memory, "%.*s/%.*s", GH_FMT(kind), GH_FMT(name));
    struct builder_workload *w = gh_map_get(&b->by_key, key);

    if (w)
        return w;
    w = GH_COMPILED_NEW(b->memory, struct builder_workload, 1);
    w->key = key;
    w->kind = kind;
    w->name = name;
    (void)gh_map_put(&b->by_key, key, w);
    GH_VEC_PUSH(&b->all, w);
    return w;
}

/* --- pods --- */

/* Where nothing was kept, an empty object and none are the same. */
static bool same(struct gh_json a, struct gh_json b)
{
    if (gh_json_count(a) == 0 && gh_json_count(b) == 0)
        return true;
    return gh_slice_eq(gh_json_raw(a), gh_json_raw(b));
}

/* Whether policy cannot tell a pod from those of a set. */
static bool alike(const struct builder_set *s, struct gh_json meta,
                  struct gh_json spec)
{
    struct gh_json other = s->spec;
    struct gh_json other_meta =
        gh_json_get(gh_json_root(other.doc), "metadata");

    return same(gh_json_get(meta, "labels"),
                gh_json_get(other_meta, "labels")) &&
           same(gh_json_get(meta, "annotations"),
                gh_json_get(other_meta, "annotations")) &&
           same(spec, other);
}

static struct gh_slice account_of(struct gh_json spec)
{
    struct gh_slice name = gh_json_str(gh_json_get(spec, "serviceAccountName"));

    return name.len > 0 ? name : GH_SLICE("default");
}

static struct gh_slice identity_of(struct builder *b, struct gh_slice account)
{
    const struct gh_mesh_config *c = &b->mesh->config;

    return gh_id_of_account(account, b->ns->name, c->control_plane_ns,
                            c->trust_domain, &b->memory->arena);
}

static struct builder_set *add_set(struct builder *b,
                                   struct builder_workload *w,
                                   struct gh_json meta, struct gh_json spec,
                                   const struct gh_podspec *read)
{
    struct builder_set *s = GH_COMPILED_NEW(b->memory, struct builder_set, 1);

    s->spec = spec;
    s->set = (struct gh_podset){
        .meshed = read->meshed,
        .meshed_why = read->meshed_why,
        .labels =
            gh_labels_from_json(gh_json_get(meta, "labels"), &b->memory->arena),
        .annotations = gh_json_get(meta, "annotations"),
        .service_account = account_of(spec),
        .ports = read->ports,
        .port_count = read->port_count,
        .probes = read->probes,
        .probe_count = read->probe_count,
    };
    if (read->meshed != GH_MESHED_NO && read->meshed != GH_MESHED_EXTERNAL)
        s->set.identity = identity_of(b, s->set.service_account);
    GH_VEC_PUSH(&w->sets, s);
    return s;
}

/* @otherwise: when nothing says so. */
static bool is_ready(struct gh_json status, bool otherwise)
{
    for (struct gh_json_iter it =
             gh_json_iter(gh_json_get(status, "conditions"));
         gh_json_next(&it);)
        if (gh_json_str_is(gh_json_get(it.value, "type"), "Ready"))
            return gh_json_str_is(gh_json_get(it.value, "status"), "True");
    return otherwise;
}

static void add_pod(struct builder *b, const struct gh_object *o)
{
    struct gh_json root = gh_object_root(o);
    struct gh_json meta = gh_json_get(root, "metadata");
    struct gh_json spec = gh_json_get(root, "spec");
    struct gh_json status = gh_json_get(root, "status");
    struct owner owner = top_owner(b, o);
    struct builder_workload *w = workload(b, owner.kind, owner.name);
    struct builder_set *set = NULL;
    struct gh_pod pod = {
        .object = gh_compiled_hold(b->memory, o),
        .name = o->name,
        .phase = gh_json_str(gh_json_get(status, "phase")),
        .ready = is_ready(status, false),
    };

    for (size_t i = 0; i < w->sets.count && !set; i++)
        if (alike(w->sets.at[i], meta, spec))
            set = w->sets.at[i];
    if (!set) {
        struct gh_podspec read;

        gh_podspec_read(spec, b->memory, &read);
        set = add_set(b, w, meta, spec, &read);
    }
    pod.has_ip =
        gh_ip_parse(gh_json_str(gh_json_get(status, "podIP")), &pod.ip);
    GH_VEC_PUSH(&set->pods, pod);
}

static void add_external(struct builder *b, const struct gh_object *o)
{
    struct gh_json root = gh_object_root(o);
    struct gh_json spec = gh_json_get(root, "spec");
    struct builder_workload *w =
        workload(b, GH_SLICE("ExternalWorkload"), o->name);
    struct gh_json ip =
        gh_json_get(gh_json_at(gh_json_get(spec, "workloadIPs"), 0), "ip");
    struct gh_pod pod = {.object = gh_compiled_hold(b->memory, o),
                         .name = o->name,
                         .ready = is_ready(gh_json_get(root, "status"), true)};
    struct gh_podspec read;
    struct builder_set *set;

    w->object = pod.object;
    gh_podspec_read_external(spec, b->memory, &read);
    set = add_set(b, w, gh_json_get(root, "metadata"), spec, &read);
    set->set.identity = gh_json_str(gh_json_path(spec, "meshTLS/identity"));
    set->set.service_account = gh_slice_str(NULL);
    pod.has_ip = gh_ip_parse(gh_json_str(ip), &pod.ip);
    GH_VEC_PUSH(&set->pods, pod);
}

/* --- templates --- */

/* The injector gives a pod that has no list of opaque ports the default one,
 * as far as the pod has those ports. */
static struct gh_slice opaque_added(struct builder *b,
                                    const struct gh_podset *set)
{
    struct gh_slice rest = b->mesh->config.opaque_ports;
    struct gh_slice added = {NULL, 0};
    struct gh_slice item;
    bool valid;

    while (gh_slice_cut(&rest, ',', &item))
        for (size_t i = 0; i < set->port_count; i++)
            if (gh_port_list_has(item, set->ports[i].number, &valid)) {
                added = gh_compiled_fmt(b->memory, "%.*s%s%u", GH_FMT(added),
                                        added.len ? "," : "",
                                        (unsigned)set->ports[i].number);
                break;
            }
    return added;
}

/* Labels that injection adds; Servers of extensions select by them. */
static void add_injected_labels(struct builder *b, struct gh_podset *set)
{
    struct gh_label *at =
        GH_COMPILED_NEW(b->memory, struct gh_label, set->labels.count + 2);

    if (set->labels.count > 0)
        memcpy(at, set->labels.at, set->labels.count * sizeof(*at));
    at[set->labels.count] =
        (struct gh_label){GH_SLICE("linkerd.io/control-plane-ns"),
                          b->mesh->config.control_plane_ns};
    at[set->labels.count + 1] =
        (struct gh_label){GH_SLICE("linkerd.io/workload-ns"), b->ns->name};
    set->labels.at = at;
    set->labels.count += 2;
}

static void add_template(struct builder *b, struct builder_workload *w,
                         const char *path)
{
    struct gh_json template = gh_json_path(gh_object_root(w->object), path);
    struct gh_json spec = gh_json_get(template, "spec");
    struct gh_json meta = gh_json_get(template, "metadata");
    struct gh_podspec read;
    struct gh_podset *set;

    gh_podspec_read_template(spec, gh_json_get(meta, "annotations"),
                             b->ns_object, b->memory, &read);
    set = &add_set(b, w, meta, spec, &read)->set;
    set->is_template = true;
    if (set->meshed != GH_MESHED_ON_INJECTION)
        return;
    if (b->ns_object)
        set->ns_annotations =
            gh_json_path(gh_object_root(b->ns_object), "metadata/annotations");
    set->opaque_added = opaque_added(b, set);
    add_injected_labels(b, set);
}

static void add_controllers(struct builder *b)
{
    struct owner ignored;

    for (size_t i = 0; i < GH_COUNT(templates); i++) {
        struct gh_store_iter it =
            gh_mesh_list(b->mesh, templates[i].kind, b->ns->name);

        while (gh_store_next(&it)) {
            struct builder_workload *w;

            if (!templates[i].owned_ones_too &&
                owner_of(gh_object_root(it.object), &ignored))
                continue;
            w = workload(b, it.object->kind, it.object->name);
            w->object = gh_compiled_hold(b->memory, it.object);
            if (w->sets.count == 0)
                add_template(b, w, templates[i].template_path);
        }
    }
}

struct gh_slice gh_podset_annotation(const struct gh_podset *p,
                                     struct gh_slice key)
{
    struct gh_slice value = gh_json_str(gh_json_getn(p->annotations, key));

    if (value.ptr || !p->is_template)
        return value;
    if (gh_slice_starts(key, GH_SLICE("config.linkerd.io/")) ||
        gh_slice_starts(key, GH_SLICE("config.alpha.linkerd.io/")))
        value = gh_json_str(gh_json_getn(p->ns_annotations, key));
    if (!value.ptr && gh_slice_is(key, "config.linkerd.io/opaque-ports"))
        value = p->opaque_added;
    return value;
}

/* --- the result --- */

static int by_kind_and_name(const void *a, const void *b)
{
    const struct builder_workload *const *x = a;
    const struct builder_workload *const *y = b;
    int order = gh_slice_cmp((*x)->kind, (*y)->kind);

    return order ? order : gh_slice_cmp((*x)->name, (*y)->name);
}

static const struct gh_podset *finish_set(struct builder *b,
                                          struct builder_set *s,
                                          const struct gh_workload *w)
{
    struct gh_pod *pods =
        GH_COMPILED_NEW(b->memory, struct gh_pod, s->pods.count);

    if (s->pods.count > 0)
        memcpy(pods, s->pods.at, s->pods.count * sizeof(*pods));
    s->set.pods = pods;
    s->set.pod_count = s->pods.count;
    s->set.workload = w;
    s->set.index = (uint32_t)b->ns->set_count++;
    GH_VEC_FREE(&s->pods);
    if (!gh_slice_is(w->kind, "ExternalWorkload"))
        for (size_t i = 0; i < s->set.pod_count; i++)
            (void)gh_map_put(&b->ns->pods, pods[i].name, &s->set);
    return &s->set;
}

static const struct gh_workload *finish_workload(struct builder *b,
                                                 struct builder_workload *from)
{
    struct gh_workload *w = GH_COMPILED_NEW(b->memory, struct gh_workload, 1);
    const struct gh_podset **sets =
        GH_COMPILED_NEW(b->memory, const struct gh_podset *, from->sets.count);

    *w = (struct gh_workload){
        .ns = b->ns->name,
        .kind = from->kind,
        .name = from->name,
        .object = from->object,
        .sets = sets,
        .set_count = from->sets.count,
        .space = b->ns,
    };
    for (size_t i = 0; i < from->sets.count; i++)
        sets[i] = finish_set(b, from->sets.at[i], w);
    GH_VEC_FREE(&from->sets);
    return w;
}

static void finish(struct builder *b)
{
    const struct gh_workload **list =
        GH_COMPILED_NEW(b->memory, const struct gh_workload *, b->all.count);

    if (b->all.count > 1)
        qsort(b->all.at, b->all.count, sizeof(*b->all.at), by_kind_and_name);
    for (size_t i = 0; i < b->all.count; i++)
        list[i] = finish_workload(b, b->all.at[i]);
    b->ns->workloads = list;
    b->ns->workload_count = b->all.count;
}

void gh_workloads_build(struct gh_mesh *m, struct gh_mesh_ns *ns)
{
    struct builder b = {.mesh = m, .ns = ns, .memory = &ns->workload_memory};
    struct gh_store_iter it;

    gh_map_clear(&ns->pods);
    gh_compiled_clear(b.memory);
    ns->set_count = 0;
    gh_map_init(&b.by_key);
    b.ns_object = gh_mesh_get(m, GH_KIND_NAMESPACE, GH_SLICE(""), ns->name);
    if (b.ns_object)
        (void)gh_compiled_hold(b.memory, b.ns_object);
    for (it = gh_mesh_list(m, GH_KIND_POD, ns->name); gh_store_next(&it);)
        add_pod(&b, it.object);
    it = gh_mesh_list(m, GH_KIND_EXTERNAL_WORKLOAD, ns->name);
    while (gh_store_next(&it))
        add_external(&b, it.object);
    add_controllers(&b);
    finish(&b);
    gh_map_fini(&b.by_key);
    GH_VEC_FREE(&b.all);
    b.memory->fresh = true;
}
