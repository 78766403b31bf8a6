/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Findings: what is wrong with a mesh's configuration
 *
 * A kind of finding is a row of one table: code, class, severity, title, why
 * it matters, remedy. Reports, documentation (docs/findings.md), SARIF rules
 * and tests all come from the rows. A finding is a row that fired: on which
 * object, at which field, with a message of its own and, where the remedy is
 * mechanical, a patch.
 *
 * Codes are stable. Those of linkerd-mcp (LNKD-001 to 027, P001 to P016) mean
 * here what they mean there; the others continue its numbering.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/mem.h"
#include "base/slice.h"
#include "store/store.h"

enum gh_finding_class {
    GH_FINDING_SHAPE,     /* the API server would refuse the object */
    GH_FINDING_ADMISSION, /* Linkerd's webhook would */
    GH_FINDING_MEANING,   /* both accept it, and it does not do what it says */
    GH_FINDING_SOURCE,    /* the files themselves, and what they suppress */
};

enum gh_severity {
    GH_SEVERITY_ERROR,   /* broken, or not enforced as written */
    GH_SEVERITY_WARNING, /* works, but probably not as meant */
    GH_SEVERITY_INFO,    /* worth knowing; hidden unless asked for */
};

struct gh_finding_row {
    const char *code; /* "LNKD-019" */
    enum gh_finding_class class;
    enum gh_severity severity;
    const char *title;  /* "a required authentication does not exist" */
    const char *why;    /* why it matters, one or two sentences */
    const char *remedy; /* what to do, in general */
};

enum gh_finding_id {
#define X(id, code, class, severity, title, why, remedy) GH_FINDING_ID_##id,
#include "mesh/finding_rows.inc"
#undef X
    GH_FINDING_COUNT,
};

extern const struct gh_finding_row gh_finding_rows[GH_FINDING_COUNT];

const char *gh_finding_class_name(enum gh_finding_class c); /* "shape" */
const char *gh_severity_name(enum gh_severity s);           /* "error" */

/* By code, case not counting; NULL: there is none. */
const struct gh_finding_row *gh_finding_by_code(struct gh_slice code);

struct gh_finding {
    const struct gh_finding_row *row;
    const struct gh_object *object; /* NULL: about the mesh as a whole, or */
    struct gh_origin origin;        /* about this place in a file */
    struct gh_slice path;           /* "spec.rules[0].matches[1]"; or absent */
    struct gh_slice message;
    struct gh_slice fix;   /* what to change here; absent: the row's remedy */
    struct gh_slice patch; /* JSON Patch (RFC 6902) of the object, or absent */
    const struct gh_object *related; /* the other object it is about, or NULL */
};

struct gh_findings {
    struct gh_arena *arena; /* texts */
    GH_VEC(struct gh_finding) at;
    size_t limit; /* more are counted, not kept */
    size_t dropped;
};

/* @limit: 0 means 100,000. */
void gh_findings_init(struct gh_findings *f, struct gh_arena *arena,
                      size_t limit);
void gh_findings_fini(struct gh_findings *f);

/**
 * gh_finding_add() - a row fired
 * @path: copied; may be absent
 *
 * Return: the finding, to which fix, patch and related may be added at once;
 * NULL when over the limit. Texts are in the list's arena.
 */
struct gh_finding *gh_finding_add(struct gh_findings *f, enum gh_finding_id id,
                                  const struct gh_object *object,
                                  struct gh_slice path, const char *fmt, ...)
    GH_PRINTF(5, 6);

/* Sets fix; accepts NULL. */
void gh_finding_fix(struct gh_findings *f, struct gh_finding *finding,
                    const char *fmt, ...) GH_PRINTF(3, 4);

/* Errors first; then by namespace, kind, name, path, code. */
void gh_findings_sort(struct gh_findings *f);
