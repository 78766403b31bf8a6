/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A target as what rules it: the policies of its ports, and their Servers
 */

#include "mesh/policy.h"
#include "mesh/select.h"

struct gh_target_view {
    const struct gh_port_policy *const *policies; /* pod set x port */
    size_t port_count;
    size_t unenforced_count;
    size_t ignored_count;                   /* authorizations that do not */
    const struct gh_server *const *servers; /* each once */
    size_t server_count;
};

/* Return: false with @err: no such port, or too many. */
bool gh_target_view(struct gh_mesh *m, const struct gh_selection *target,
                    struct gh_slice port, struct gh_arena *a,
                    struct gh_target_view *ret, struct gh_err *err);

/* A few port numbers, each once. */
struct gh_port_set {
    uint16_t *at;
    size_t count;
    size_t cap;
};

/* Return: false: out of arena. */
bool gh_port_set_add(struct gh_port_set *s, uint16_t port, struct gh_arena *a);
struct gh_slice gh_port_set_text(const struct gh_port_set *s,
                                 struct gh_arena *a);
