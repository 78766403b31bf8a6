/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a change of configuration changes: calls, and nothing else
 *
 * Two meshes, before and after. Every port of every pod set is compared, for
 * every identity that a workload has and for clients without one, and for each
 * kind of request that the routes of either side tell apart. What is reported
 * is what a caller would notice: a call that becomes allowed, denied or
 * unenforced, or that begins or ceases to be let through by policy "audit"
 * alone. A renamed policy, a Server split in two, a hundred new objects without
 * an effect are no difference.
 *
 * Where an address decides, and none is known, the addresses at the edges of
 * all networks involved are tried: a wider block is a call that becomes
 * allowed, from an address that is named.
 */

#include "mesh/decide.h"
#include "mesh/mesh.h"

enum gh_diff_change {
    GH_DIFF_ALLOWED,
    GH_DIFF_DENIED,
    GH_DIFF_UNENFORCED,
    GH_DIFF_AUDITED,   /* passes, but only because of policy "audit" */
    GH_DIFF_UNAUDITED, /* passed for that reason, and now by right */
};

const char *gh_diff_change_name(enum gh_diff_change c); /* "allowed" ... */

struct gh_diff_side {
    enum gh_verdict verdict;
    bool audit;
    struct gh_slice by; /* labels of what decides */
};

struct gh_diff_row {
    enum gh_diff_change change;
    const struct gh_slice *clients; /* workloads, or "clients without mTLS" */
    size_t client_count;
    struct gh_slice from;   /* only from some addresses, such as this; absent */
    struct gh_slice target; /* "shop/Deployment/web" */
    size_t pods;            /* 0: a template */
    uint16_t port;
    struct gh_slice port_name;    /* absent: none */
    const struct gh_slice *calls; /* "GET /cards", "any request" ... */
    size_t call_count;
    struct gh_diff_side before;
    struct gh_diff_side after;
};

struct gh_diff {
    const struct gh_diff_row *rows; /* by target and port */
    size_t row_count;
    const struct gh_slice *added; /* workloads on one side only: not compared */
    size_t added_count;
    const struct gh_slice *removed;
    size_t removed_count;
    size_t ports;   /* compared */
    size_t changed; /* of those: what applies to them is not the same */
    bool cut;       /* out of memory, or too many rows: there are more */
};

struct gh_diff_options {
    const struct gh_slice *namespaces; /* of targets; NULL: all */
    size_t namespace_count;
};

/* @ret is in @a, which does not outlive either mesh's next gh_mesh_sync(). */
void gh_diff(struct gh_mesh *before, struct gh_mesh *after,
             const struct gh_diff_options *opt, struct gh_arena *a,
             struct gh_diff *ret);
