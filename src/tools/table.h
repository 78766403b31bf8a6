/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Plain tables
 *
 * What an agent or a person reads at a glance: a line of headings, a line a
 * row, columns aligned by spaces. An empty cell shows as "-", so that columns
 * can be told apart; the last column is not padded, so long texts go there.
 */

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"

#define GH_TABLE_MAX_COLUMNS 12

struct gh_table {
    struct gh_arena *arena;
    const char *const *heads;
    size_t column_count;
    struct gh_slice *cells;
    size_t cell_count;
    size_t cell_cap;
};

/* @heads: upper-case column names, NULL-terminated, static. */
void gh_table_init(struct gh_table *t, struct gh_arena *arena,
                   const char *const *heads);

/* The next cell, row by row; borrowed. */
void gh_table_cell(struct gh_table *t, struct gh_slice text);
void gh_table_text(struct gh_table *t, const char *text);
void gh_table_number(struct gh_table *t, size_t n);

/* Writes nothing when there is no row. */
void gh_table_write(const struct gh_table *t, struct gh_buf *out);
