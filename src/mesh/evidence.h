/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Why: the sentence and the near misses of a decision
 *
 * Apart from the decision, which is asked thousands of times a second and
 * mostly for its verdict.
 */

#include "base/arena.h"
#include "mesh/decide.h"

/* Fills reason and misses. Texts that no longer fit the arena stay absent. */
void gh_evidence_add(const struct gh_client *client, struct gh_arena *arena,
                     struct gh_decision *d);

/* Whether the authorization's clients include this one, address aside. */
bool gh_authz_admits(const struct gh_authz *a, const struct gh_client *client);
