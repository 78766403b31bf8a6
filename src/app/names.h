/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Names on the command line
 *
 * "ns/name", "ns/kind/name", or a name alone: in --namespace where that is
 * given, else in the only namespace that knows it.
 */

#include "base/arena.h"
#include "base/err.h"
#include "mesh/mesh.h"
#include "mesh/select.h"

struct gh_cli_name {
    struct gh_slice ns;
    struct gh_slice name; /* "web" or "deploy/web" */
};

/* Return: false with @err, which lists the namespaces when several fit. */
bool gh_cli_name_parse(struct gh_mesh *m, struct gh_slice text,
                       struct gh_slice default_ns, enum gh_select_for what_for,
                       struct gh_arena *a, struct gh_cli_name *ret,
                       struct gh_err *err);

/* Cuts ":port" off the end of @target; absent when there is none. */
struct gh_slice gh_cli_port_cut(struct gh_slice *target);

/* "-" or an identity: a source that is no workload. */
bool gh_cli_is_identity(struct gh_slice source);
