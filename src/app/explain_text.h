/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * An answer about connectivity as a person wants to read it
 *
 * The verdict first, then why, then what almost permitted it and what to
 * change. Paths that answer alike share a block.
 */

#include "app/style.h"
#include "tools/connectivity.h"

void gh_explain_text(struct gh_connectivity *c, struct gh_arena *a,
                     const struct gh_styler *s);
