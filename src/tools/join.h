/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Lists in sentences: "a, b, c and 4 more"
 *
 * Answers quote lists of any length; a sentence with four hundred identities
 * in it helps nobody.
 */

#include <stddef.h>

#include "base/arena.h"

struct gh_join {
    struct gh_arena *arena;
    const char *separator;
    struct gh_slice text;
    size_t count;
    size_t max;
};

void gh_join_init(struct gh_join *j, struct gh_arena *a, const char *separator,
                  size_t max);
void gh_join_add(struct gh_join *j, struct gh_slice part);

/* Never absent. */
struct gh_slice gh_join_text(const struct gh_join *j);
