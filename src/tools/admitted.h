/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which known workloads a target admits
 */

#include "tools/reach.h"
#include "tools/view.h"

struct gh_admitted_one {
    const struct gh_podset *podset; /* first of the workload's */
    struct gh_reach reach;
    struct gh_port_set ports; /* that it reaches */
};

struct gh_admitted {
    struct gh_admitted_one *at; /* by namespace, kind and name */
    size_t count;
    size_t judged; /* workloads looked at */
    size_t cap;
};

/* Return: false: out of arena. */
bool gh_admitted_to(struct gh_mesh *m, const struct gh_target_view *view,
                    struct gh_arena *a, struct gh_admitted *ret);
