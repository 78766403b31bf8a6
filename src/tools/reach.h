/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Does a caller get anywhere on a port?
 *
 * For lists, where a port is one line whatever its routes: the verdicts of all
 * routes and addresses together, and who permits. The kubelet's probe route is
 * left out, because it is open to everyone and nobody asks about it.
 */

#include "tools/callers.h"

struct gh_reach {
    bool asked; /* something was judged */
    bool mixed; /* verdicts differ; @verdict then is the most open one */
    enum gh_verdict verdict;
    const struct gh_authz *const *by; /* of the first that is permitted */
    size_t by_count;
};

/* Judges and adds; may be called for several callers and ports. */
void gh_reach_add(struct gh_reach *r, const struct gh_port_policy *policy,
                  const struct gh_caller *caller, struct gh_arena *a);

bool gh_reach_any(const struct gh_reach *r);
const char *gh_reach_name(const struct gh_reach *r);
