/* SPDX-License-Identifier: Apache-2.0 */

#include "tools/inventory.h"

#include "mesh/select.h"

static struct gh_inventory_entry *
add_entry(struct gh_inventory *inv, struct gh_arena *a, struct gh_slice ns)
{
    if (inv->count == inv->cap) {
        size_t cap = inv->cap ? inv->cap * 2 : 64;
        struct gh_inventory_entry *at =
            gh_arena_grow(a, inv->at, inv->cap * sizeof(*at), cap * sizeof(*at),
                          _Alignof(struct gh_inventory_entry));

        if (!at)
            return NULL;
        inv->at = at;
        inv->cap = cap;
    }
    inv->at[inv->count] = (struct gh_inventory_entry){.ns = ns};
    return &inv->at[inv->count++];
}

static bool add_set(struct gh_inventory_entry *e, struct gh_arena *a,
                    const struct gh_podset *set)
{
    if (e->set_count == e->set_cap) {
        size_t cap = e->set_cap ? e->set_cap * 2 : 4;
        const struct gh_podset **sets =
            gh_arena_grow(a, e->sets, e->set_cap * sizeof(*sets),
                          cap * sizeof(*sets), _Alignof(void *));

        if (!sets)
            return false;
        e->sets = sets;
        e->set_cap = cap;
    }
    e->sets[e->set_count++] = set;
    e->pod_count += set->pod_count;
    e->meshed_set_count += set->meshed != GH_MESHED_NO;
    return true;
}

/* Services of a namespace lie in order of their names. */
static struct gh_inventory_entry *find(struct gh_inventory *inv, size_t first,
                                       const struct gh_object *service)
{
    size_t low = first;
    size_t high = inv->count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        struct gh_inventory_entry *e = &inv->at[mid];
        int cmp =
            e->service ? gh_slice_cmp(service->name, e->service->name) : -1;

        if (cmp == 0)
            return e;
        if (cmp < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

/* @first: index of the namespace's first Service. */
static bool place_set(struct gh_mesh *m, const struct gh_podset *set,
                      size_t first, struct gh_arena *a,
                      struct gh_inventory *inv)
{
    struct gh_inventory_entry *e;
    size_t count;
    const struct gh_object *const *services =
        gh_podset_services(m, set, a, &count);

    for (size_t i = 0; i < count; i++) {
        e = find(inv, first, services[i]);
        if (e && !add_set(e, a, set))
            return false;
    }
    if (count > 0)
        return true;
    e = inv->count > first ? &inv->at[inv->count - 1] : NULL;
    if (!e || e->workload != set->workload) {
        e = add_entry(inv, a, set->workload->ns);
        if (!e)
            return false;
        e->workload = set->workload;
    }
    return add_set(e, a, set);
}

static bool add_ns(struct gh_mesh *m, struct gh_slice ns, struct gh_arena *a,
                   struct gh_inventory *inv)
{
    const struct gh_store *store = gh_mesh_store(m);
    size_t first = inv->count;
    size_t count;
    const struct gh_workload *const *all = gh_mesh_workloads(m, ns, &count);

    for (struct gh_store_iter it = gh_store_list(
             store, gh_store_type(store, GH_SLICE(""), GH_SLICE("Service")),
             ns);
         gh_store_next(&it);) {
        struct gh_inventory_entry *e = add_entry(inv, a, ns);

        if (!e)
            return false;
        e->service = it.object;
    }
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < all[i]->set_count; k++)
            if (!place_set(m, all[i]->sets[k], first, a, inv))
                return false;
    return true;
}

bool gh_inventory_of(struct gh_mesh *m, struct gh_slice ns, struct gh_arena *a,
                     struct gh_inventory *ret)
{
    struct gh_slice name;

    *ret = (struct gh_inventory){0};
    if (ns.ptr)
        return add_ns(m, ns, a, ret);
    for (size_t i = 0; gh_mesh_ns_at(m, i, &name); i++)
        if (!add_ns(m, name, a, ret))
            return false;
    return true;
}
