/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Baselines: what an old mesh is known to have
 *
 * A file of findings that a check leaves out, so that a pipeline can be strict
 * about new ones from its first day. A finding is known by its code, its object
 * and the field's path, not by lines, which move. What is in the file and
 * occurs no more is told, so that the file can shrink; it is written again as a
 * whole.
 *
 *   {"version": 1, "findings": [
 *     {"code": "LNKD-003", "object": "Server.policy.linkerd.io/shop/web",
 *      "path": "spec.podSelector"}]}
 *
 * Of several equal findings the file holds as many entries.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "mesh/finding.h"

struct gh_known {
    struct gh_slice code;
    struct gh_slice object;
    struct gh_slice path;
    bool met;
};

struct gh_baseline {
    struct gh_arena *arena;
    GH_VEC(struct gh_known) known;
    size_t met;
};

void gh_baseline_init(struct gh_baseline *b, struct gh_arena *arena);
void gh_baseline_fini(struct gh_baseline *b);

/* Return: false with @err when it is no baseline. */
GH_MUST_CHECK bool gh_baseline_read(struct gh_baseline *b, struct gh_slice text,
                                    struct gh_slice file, struct gh_err *err);

/* Takes known findings out. What was not met then is gone. */
void gh_baseline_apply(struct gh_baseline *b, struct gh_findings *f);

/* The findings as a baseline. */
void gh_baseline_write(const struct gh_findings *f, struct gh_arena *scratch,
                       struct gh_buf *out);

/* "Server.policy.linkerd.io/shop/web"; a file's name; or "mesh". */
struct gh_slice gh_finding_subject(const struct gh_finding *f,
                                   struct gh_arena *a);
