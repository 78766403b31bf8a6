/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a check found, and the forms in which it is written
 *
 * Names in manifests are the authors' of manifests, not ours: every form has
 * its own way of being broken by a name (escape sequences on a terminal, "::"
 * at GitHub, "]]>" in XML), so each writer escapes all that it did not write.
 */

#include "app/style.h"
#include "mesh/finding.h"
#include "source/locate.h"
#include "tools/baseline.h"

/* A finding and its place, when that is known. */
struct gh_check_item {
    const struct gh_finding *finding;
    struct gh_slice file;   /* empty: about no file */
    struct gh_location at;  /* line 0: somewhere in the file */
    struct gh_slice before; /* the line before, or absent */
    struct gh_slice text;   /* the line; absent when not at hand */
    uint32_t first_column;  /* of @text */
    bool fails;             /* reaches --fail-on */
};

struct gh_check {
    struct gh_arena *arena;
    struct gh_check_item *items; /* by file and place */
    size_t count;
    size_t errors;
    size_t warnings;
    size_t infos;
    size_t hidden; /* below --min-severity */
    size_t suppressed;
    size_t objects;
    size_t dropped; /* over the limit, and not even counted by severity */
    const struct gh_baseline *baseline;
};

void gh_check_text(const struct gh_check *c, const struct gh_styler *s);
void gh_check_json(const struct gh_check *c, struct gh_buf *out);
void gh_check_sarif(const struct gh_check *c, struct gh_buf *out);
void gh_check_junit(const struct gh_check *c, struct gh_buf *out);
void gh_check_github(const struct gh_check *c, struct gh_buf *out);

/* Of baseline: how many occur no more. */
size_t gh_check_gone(const struct gh_check *c);

/* "AuthorizationPolicy shop/web"; empty: no object. */
struct gh_slice gh_check_object(const struct gh_finding *f, struct gh_arena *a);

/* What to do: the finding's own, else its row's. */
struct gh_slice gh_check_fix(const struct gh_finding *f);

/* For a terminal: control characters, and those that reorder text, become
 * question marks. */
struct gh_slice gh_check_plain(struct gh_slice s, struct gh_arena *a);

/* The rows themselves; @code absent: all. */
void gh_rows_text(const struct gh_finding_row *only, const struct gh_styler *s);
void gh_rows_json(const struct gh_finding_row *only, struct gh_buf *out);
void gh_rows_markdown(struct gh_buf *out);
