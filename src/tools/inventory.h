/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What runs in the mesh, by the name people call it
 *
 * An entry is a Service with the workloads behind it, or a workload that no
 * Service selects. Real Service objects count, not labels.
 */

#include "mesh/mesh.h"

struct gh_inventory_entry {
    struct gh_slice ns;
    const struct gh_object *service;    /* NULL: a workload alone */
    const struct gh_workload *workload; /* then this one */
    const struct gh_podset **sets;      /* by workload */
    size_t set_count;
    size_t set_cap;
    size_t pod_count;
    size_t meshed_set_count;
};

struct gh_inventory {
    struct gh_inventory_entry *at; /* by namespace; Services first */
    size_t count;
    size_t cap;
};

/* @ns: absent for all. Return: false: out of arena. */
bool gh_inventory_of(struct gh_mesh *m, struct gh_slice ns, struct gh_arena *a,
                     struct gh_inventory *ret);
