/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Kinds of policy objects that have a resource each
 */

#include <stddef.h>

#include "base/slice.h"

struct gh_policy_kind {
    const char *kind;
    const char *groups[2]; /* HTTPRoute has two; the second may be NULL */
};

extern const struct gh_policy_kind gh_policy_kinds[];
extern const size_t gh_policy_kind_count;

/* By name, in any case; NULL: no policy kind. */
const struct gh_policy_kind *gh_policy_kind_find(struct gh_slice kind);
