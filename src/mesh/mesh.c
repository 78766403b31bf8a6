/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh/mesh.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "mesh/mesh_internal.h"

/* Bounded by what the store holds; the arena's cap is only a last resort. */
#define COMPILED_MAX_BYTES ((size_t)8 << 30)

void gh_compiled_init(struct gh_compiled *c)
{
    *c = (struct gh_compiled){0};
    gh_arena_init(&c->arena, COMPILED_MAX_BYTES);
}

void gh_compiled_clear(struct gh_compiled *c)
{
    for (size_t i = 0; i < c->refs.count; i++)
        gh_object_unref(c->refs.at[i]);
    c->refs.count = 0;
    gh_arena_reset(&c->arena);
    c->fresh = false;
}

void gh_compiled_fini(struct gh_compiled *c)
{
    gh_compiled_clear(c);
    GH_VEC_FREE(&c->refs);
    gh_arena_fini(&c->arena);
}

const struct gh_object *gh_compiled_hold(struct gh_compiled *c,
                                         const struct gh_object *o)
{
    GH_VEC_PUSH(&c->refs, gh_object_ref(o));
    return o;
}

static _Noreturn void out_of_memory(void)
{
    (void)fprintf(stderr, "gatehouse: out of memory while compiling policy\n");
    abort();
}

void *gh_compiled_alloc(struct gh_compiled *c, size_t count, size_t size,
                        size_t align)
{
    void *ptr = gh_arena_calloc(&c->arena, count ? count : 1, size, align);

    if (!ptr)
        out_of_memory();
    return ptr;
}

struct gh_slice gh_compiled_fmt(struct gh_compiled *c, const char *fmt, ...)
{
    char text[1024];
    struct gh_slice copy;
    va_list args;
    int n;

    va_start(args, fmt);
    n = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    assert(n >= 0);
    copy = gh_arena_dup(&c->arena, gh_slice_head(gh_slice_of(text, (size_t)n),
                                                 sizeof(text) - 1));
    if (!copy.ptr)
        out_of_memory();
    return copy;
}

struct gh_mesh *gh_mesh_new(struct gh_store *store)
{
    struct gh_mesh *m = GH_XNEW(struct gh_mesh);

    m->store = store;
    gh_map_init(&m->spaces);
    gh_compiled_init(&m->config_memory);
    for (size_t i = 0; i < GH_KIND_COUNT; i++)
        gh_store_want(store, &gh_mesh_kinds[i].want, 1);
    gh_mesh_config_load(m);
    return m;
}

static void space_free(struct gh_mesh_ns *ns)
{
    gh_plan_free(ns->plan);
    gh_map_fini(&ns->pods);
    gh_compiled_fini(&ns->workload_memory);
    gh_free((void *)(uintptr_t)ns->name.ptr);
    gh_free(ns);
}

struct gh_mesh *gh_mesh_free(struct gh_mesh *m)
{
    struct gh_map_entry *e;
    size_t it = 0;

    if (!m)
        return NULL;
    while ((e = gh_map_next(&m->spaces, &it)))
        space_free(e->value);
    gh_map_fini(&m->spaces);
    GH_VEC_FREE(&m->sorted);
    gh_compiled_fini(&m->config_memory);
    gh_free(m);
    return NULL;
}

struct gh_mesh_ns *gh_mesh_space(struct gh_mesh *m, struct gh_slice name)
{
    struct gh_mesh_ns *ns = gh_map_get(&m->spaces, name);

    if (ns)
        return ns;
    ns = GH_XNEW(struct gh_mesh_ns);
    ns->name = gh_slice_of(gh_xstrdup(name), name.len);
    gh_compiled_init(&ns->workload_memory);
    gh_map_init(&ns->pods);
    (void)gh_map_put(&m->spaces, ns->name, ns);
    m->sorted_fresh = false;
    return ns;
}

/* Plans compare the revision of authentications themselves. */
static void mark_stale(struct gh_mesh_ns *ns, unsigned stales)
{
    if (stales & GH_STALE_WORKLOADS)
        ns->workload_memory.fresh = false;
    if (stales & GH_STALE_AUTHN)
        ns->authn_revision++;
    /* Port policies point into pod sets, so they go with either. */
    if (ns->plan && (stales & (GH_STALE_PLAN | GH_STALE_WORKLOADS)))
        ns->plan->stale = true;
}

static void mark_all_stale(struct gh_mesh *m)
{
    struct gh_map_entry *e;
    size_t it = 0;

    while ((e = gh_map_next(&m->spaces, &it)))
        mark_stale(e->value, GH_STALE_WORKLOADS | GH_STALE_PLAN);
}

static unsigned take_changes(struct gh_mesh *m, enum gh_mesh_kind kind)
{
    const struct gh_mesh_kind_row *row = &gh_mesh_kinds[kind];
    const struct gh_type *type = gh_store_type(
        m->store, gh_slice_str(row->want.group), gh_slice_str(row->want.kind));
    struct gh_change change;
    unsigned global = 0;

    while (type &&
           gh_store_next_change(m->store, type, &m->cursors[kind], &change)) {
        struct gh_slice ns;

        m->sorted_fresh = false;
        if (row->stales & GH_STALE_RIVALS)
            m->rivals_revision++;
        global |= row->stales & GH_STALE_CONFIG;
        if (change.kind == GH_CHANGE_RESET) {
            mark_all_stale(m);
            continue;
        }
        if (kind == GH_KIND_NODE)
            continue; /* in no namespace */
        ns =
            kind == GH_KIND_NAMESPACE ? change.object->name : change.object->ns;
        mark_stale(gh_mesh_space(m, ns), row->stales);
    }
    return global;
}

void gh_mesh_sync(struct gh_mesh *m)
{
    unsigned global = 0;

    for (size_t kind = 0; kind < GH_KIND_COUNT; kind++)
        global |= take_changes(m, (enum gh_mesh_kind)kind);
    if (global & GH_STALE_CONFIG) {
        mark_all_stale(m);
        gh_mesh_config_load(m);
    }
}

struct gh_store *gh_mesh_store(const struct gh_mesh *m)
{
    return m->store;
}

const struct gh_mesh_config *gh_mesh_config(const struct gh_mesh *m)
{
    return &m->config;
}

static const struct gh_type *type_of(const struct gh_mesh *m,
                                     enum gh_mesh_kind kind)
{
    const struct gh_want *want = &gh_mesh_kinds[kind].want;

    return gh_store_type(m->store, gh_slice_str(want->group),
                         gh_slice_str(want->kind));
}

struct gh_store_iter gh_mesh_list(const struct gh_mesh *m,
                                  enum gh_mesh_kind kind, struct gh_slice ns)
{
    return gh_store_list(m->store, type_of(m, kind), ns);
}

const struct gh_object *gh_mesh_get(const struct gh_mesh *m,
                                    enum gh_mesh_kind kind, struct gh_slice ns,
                                    struct gh_slice name)
{
    const struct gh_type *type = type_of(m, kind);

    return type ? gh_store_get(m->store, type, ns, name) : NULL;
}

const struct gh_object *gh_mesh_object(const struct gh_mesh *m,
                                       const char *group, const char *kind,
                                       struct gh_slice ns, struct gh_slice name)
{
    const struct gh_type *type =
        gh_store_type(m->store, gh_slice_str(group), gh_slice_str(kind));

    return type ? gh_store_get(m->store, type, ns, name) : NULL;
}

/* --- namespaces --- */

static bool holds_anything(const struct gh_mesh *m, const struct gh_mesh_ns *ns)
{
    if (gh_mesh_get(m, GH_KIND_NAMESPACE, GH_SLICE(""), ns->name))
        return true;
    for (size_t kind = GH_KIND_POD; kind < GH_KIND_COUNT; kind++) {
        struct gh_store_iter it =
            gh_mesh_list(m, (enum gh_mesh_kind)kind, ns->name);

        if (gh_store_next(&it))
            return true;
    }
    return false;
}

static int by_name(const void *a, const void *b)
{
    const struct gh_mesh_ns *const *x = a;
    const struct gh_mesh_ns *const *y = b;

    return gh_slice_cmp((*x)->name, (*y)->name);
}

static void sort_spaces(struct gh_mesh *m)
{
    struct gh_map_entry *e;
    size_t it = 0;

    m->sorted.count = 0;
    while ((e = gh_map_next(&m->spaces, &it)))
        if (holds_anything(m, e->value))
            GH_VEC_PUSH(&m->sorted, e->value);
    if (m->sorted.count > 1)
        qsort(m->sorted.at, m->sorted.count, sizeof(*m->sorted.at), by_name);
    m->sorted_fresh = true;
}

bool gh_mesh_ns_at(struct gh_mesh *m, size_t index, struct gh_slice *ret_name)
{
    if (!m->sorted_fresh)
        sort_spaces(m);
    if (index >= m->sorted.count)
        return false;
    *ret_name = m->sorted.at[index]->name;
    return true;
}

bool gh_mesh_has_ns(struct gh_mesh *m, struct gh_slice name)
{
    struct gh_mesh_ns *ns = name.ptr ? gh_map_get(&m->spaces, name) : NULL;

    return ns && holds_anything(m, ns);
}

struct gh_mesh_ns *gh_workloads_of(struct gh_mesh *m, struct gh_slice ns)
{
    struct gh_mesh_ns *space = ns.ptr ? gh_map_get(&m->spaces, ns) : NULL;

    if (space && !space->workload_memory.fresh)
        gh_workloads_build(m, space);
    return space;
}

const struct gh_workload *const *
gh_mesh_workloads(struct gh_mesh *m, struct gh_slice ns, size_t *ret_count)
{
    struct gh_mesh_ns *space = gh_workloads_of(m, ns);

    *ret_count = space ? space->workload_count : 0;
    return space ? space->workloads : NULL;
}

const struct gh_workload *gh_mesh_workload(struct gh_mesh *m,
                                           struct gh_slice ns,
                                           struct gh_slice kind,
                                           struct gh_slice name)
{
    struct gh_mesh_ns *space = gh_workloads_of(m, ns);

    for (size_t i = 0; space && i < space->workload_count; i++) {
        const struct gh_workload *w = space->workloads[i];

        if (gh_slice_eq(w->name, name) &&
            (!kind.ptr || gh_slice_eq_nocase(w->kind, kind)))
            return w;
    }
    return NULL;
}

const struct gh_podset *gh_mesh_pod(struct gh_mesh *m, struct gh_slice ns,
                                    struct gh_slice name,
                                    const struct gh_pod **ret_pod)
{
    struct gh_mesh_ns *space = gh_workloads_of(m, ns);
    const struct gh_podset *set =
        space && name.ptr ? gh_map_get(&space->pods, name) : NULL;

    for (size_t i = 0; set && ret_pod && i < set->pod_count; i++)
        if (gh_slice_eq(set->pods[i].name, name))
            *ret_pod = &set->pods[i];
    return set;
}

const struct gh_podset *gh_mesh_external(struct gh_mesh *m, struct gh_slice ns,
                                         struct gh_slice name)
{
    const struct gh_workload *w =
        gh_mesh_workload(m, ns, GH_SLICE("ExternalWorkload"), name);

    return w ? w->sets[0] : NULL;
}
