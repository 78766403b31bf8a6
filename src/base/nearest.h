/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * "Did you mean ...?"
 *
 * Feed the names that would have been right one by one; the nearest one by
 * edit distance (a swap of neighbours counts one) is kept if it is near enough
 * to be a slip of the hand: about a third of the length.
 */

#include <stddef.h>

#include "base/slice.h"

struct gh_nearest {
    struct gh_slice wanted;
    struct gh_slice best; /* absent when nothing is near; borrowed */
    size_t distance;
};

void gh_nearest_init(struct gh_nearest *n, struct gh_slice wanted);
void gh_nearest_offer(struct gh_nearest *n, struct gh_slice name);
