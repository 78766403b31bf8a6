/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the walk and the findings of a health survey share
 */

#include "tools/health.h"

struct gh_survey {
    struct gh_mesh *mesh;
    struct gh_arena *arena;
    struct gh_health *health;
    struct gh_slice trust_root; /* hash of the first proxy's */
    size_t other_roots;         /* pods with another one */
    bool failed;                /* out of arena */
};

void gh_health_add(struct gh_survey *s, struct gh_health_finding finding);

/* Findings about one pod set. */
void gh_health_see(struct gh_survey *s, const struct gh_podset *set);

/* Findings about the whole, at the end. */
void gh_health_conclude(struct gh_survey *s);
