/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Suppression: findings that someone looked at and keeps
 *
 * Two places to say so. On the object, an annotation of entries divided by
 * semicolons or new lines:
 *
 *   gatehouse.dev/ignore: "LNKD-003 every pod is meant; LNKD-101 until
 *   2027-01-31 waits for the new gateway"
 *
 *   entry = code [ "until" day ] reason
 *
 * Or in a file beside the manifests, .gatehouse-ignore.yaml, a list of objects:
 *
 *   - code: LNKD-003
 *     namespace: shop        # these three may be left out: any
 *     kind: Server
 *     name: web-*            # '*' stands for any text
 *     reason: every pod is meant
 *     until: 2027-01-31      # optional; the last day on which it holds
 *
 * A reason is mandatory: whoever finds the entry in a year must be able to
 * judge it. What cannot be understood, has expired or suppresses nothing is a
 * finding itself, which cannot be suppressed. The day it is comes from the
 * caller.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "mesh/judge.h"

#define GH_IGNORE_ANNOTATION "gatehouse.dev/ignore"

/* One entry of an annotation. */
struct gh_ignore_entry {
    struct gh_slice text;             /* as written, trimmed */
    const struct gh_finding_row *row; /* NULL when malformed */
    struct gh_slice reason;
    int32_t until;       /* INT32_MAX: for ever */
    struct gh_err error; /* when malformed: what is wrong */
};

/* Takes the next entry off *@rest. Return: false at the end. */
bool gh_ignore_next(struct gh_slice *rest, struct gh_ignore_entry *ret);

/* One entry of a file. */
struct gh_ignore_rule {
    const struct gh_finding_row *row;
    struct gh_slice ns; /* absent: any */
    struct gh_slice kind;
    struct gh_slice name;
    int32_t until;
    uint32_t line;
    size_t used;
};

struct gh_suppress {
    struct gh_arena *arena;
    int32_t today;
    struct gh_slice file;
    GH_VEC(struct gh_ignore_rule) rules;
    size_t suppressed; /* findings taken out by gh_suppress_apply() */
};

void gh_suppress_init(struct gh_suppress *s, struct gh_arena *arena,
                      int32_t today);
void gh_suppress_fini(struct gh_suppress *s);

/**
 * gh_suppress_read() - take in a file
 * @file: its name, for findings about it
 * @out:  receives a finding for each malformed entry
 *
 * Return: false with @err when it is no list at all.
 */
GH_MUST_CHECK bool gh_suppress_read(struct gh_suppress *s, struct gh_slice text,
                                    struct gh_slice file,
                                    struct gh_findings *out,
                                    struct gh_err *err);

/* Takes out what is suppressed, and adds findings about the entries. Call it
 * once, after the judge. */
void gh_suppress_apply(struct gh_suppress *s, struct gh_mesh *m,
                       const struct gh_judge_options *opt,
                       struct gh_findings *f);
