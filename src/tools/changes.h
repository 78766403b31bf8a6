/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which resources a change of the store touches
 *
 * A cursor a kind; after a commit, the namespaces in which something of it
 * changed become URI prefixes. What workloads and policies resolve to can
 * depend on authentications of other namespaces and on the cluster's
 * configuration, so those touch everything.
 */

#include <stdint.h>

#include "mcp/mcp.h"
#include "store/store.h"

enum { GH_CHANGES_MAX_KINDS = 32 };

struct gh_changes {
    uint64_t cursors[GH_CHANGES_MAX_KINDS];
};

typedef void gh_changes_fn(void *ctx, enum gh_mcp_changed what,
                           struct gh_slice uri_prefix);

/* From here on; what is in the store already is not announced. */
void gh_changes_init(struct gh_changes *c, const struct gh_store *s);

/* Calls @fn once for each prefix, and once when the list changed. */
void gh_changes_announce(struct gh_changes *c, const struct gh_store *s,
                         gh_changes_fn *fn, void *ctx);
