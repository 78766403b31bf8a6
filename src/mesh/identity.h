/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Mesh identities and the patterns that match them
 *
 * A workload's identity is a DNS-like name,
 *   <service account>.<namespace>.serviceaccount.identity.<control plane
 *   namespace>.<trust domain>,
 * or a SPIFFE URI outside the cluster. A pattern is "*" (any), "*.suffix", or
 * exact; anything else with a star in it is exact, too. SPIFFE identities match
 * exact patterns only: not even "*" admits them. Case counts.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/slice.h"

struct gh_id_match {
    struct gh_slice text; /* as written */
    bool is_suffix;       /* then what must end it follows the star */
};

struct gh_id_match gh_id_match_of(struct gh_slice pattern);
bool gh_id_matches(struct gh_id_match m, struct gh_slice identity);
bool gh_id_is_spiffe(struct gh_slice identity);

/* The parts of a service account's identity; false for others. */
struct gh_id_parts {
    struct gh_slice service_account;
    struct gh_slice ns;
    struct gh_slice control_plane_ns;
    struct gh_slice trust_domain;
};

bool gh_id_split(struct gh_slice identity, struct gh_id_parts *ret);

/* Absent when the arena is full. */
struct gh_slice gh_id_of_account(struct gh_slice account, struct gh_slice ns,
                                 struct gh_slice control_plane_ns,
                                 struct gh_slice trust_domain,
                                 struct gh_arena *a);
