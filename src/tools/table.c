/* SPDX-License-Identifier: Apache-2.0 */

#include "tools/table.h"

#include <assert.h>

void gh_table_init(struct gh_table *t, struct gh_arena *arena,
                   const char *const *heads)
{
    *t = (struct gh_table){.arena = arena, .heads = heads};
    while (heads[t->column_count])
        t->column_count++;
    assert(t->column_count > 0 && t->column_count <= GH_TABLE_MAX_COLUMNS);
}

/* Out of arena, rows are missing: the answer's own limit strikes first. */
void gh_table_cell(struct gh_table *t, struct gh_slice text)
{
    if (t->cell_count == t->cell_cap) {
        size_t cap = t->cell_cap ? t->cell_cap * 2 : 64;
        struct gh_slice *cells =
            gh_arena_grow(t->arena, t->cells, t->cell_cap * sizeof(*cells),
                          cap * sizeof(*cells), _Alignof(struct gh_slice));

        if (!cells)
            return;
        t->cells = cells;
        t->cell_cap = cap;
    }
    t->cells[t->cell_count++] = text.len > 0 ? text : GH_SLICE("-");
}

void gh_table_text(struct gh_table *t, const char *text)
{
    gh_table_cell(t, gh_slice_str(text));
}

void gh_table_number(struct gh_table *t, size_t n)
{
    gh_table_cell(t, gh_arena_fmt(t->arena, "%zu", n));
}

/* In code points: near enough to what a terminal shows. */
static size_t width_of(struct gh_slice s)
{
    size_t width = 0;

    for (size_t i = 0; i < s.len; i++)
        width += ((unsigned char)s.ptr[i] & 0xc0) != 0x80;
    return width;
}

/* A line break inside a cell would look like another row. */
static void put(struct gh_slice s, struct gh_buf *out)
{
    for (size_t i = 0; i < s.len; i++)
        gh_buf_addc(out, (unsigned char)s.ptr[i] < ' ' ? ' ' : s.ptr[i]);
}

static void put_row(const struct gh_table *t, const struct gh_slice *cells,
                    const size_t *widths, struct gh_buf *out)
{
    for (size_t c = 0; c < t->column_count; c++) {
        size_t pad = widths[c] - width_of(cells[c]) + 2;

        put(cells[c], out);
        while (c + 1 < t->column_count && pad-- > 0)
            gh_buf_addc(out, ' ');
    }
    gh_buf_addc(out, '\n');
}

void gh_table_write(const struct gh_table *t, struct gh_buf *out)
{
    size_t rows = t->cell_count / t->column_count;
    struct gh_slice heads[GH_TABLE_MAX_COLUMNS];
    size_t widths[GH_TABLE_MAX_COLUMNS];

    if (rows == 0)
        return;
    for (size_t c = 0; c < t->column_count; c++) {
        heads[c] = gh_slice_str(t->heads[c]);
        widths[c] = heads[c].len;
    }
    for (size_t i = 0; i < rows * t->column_count; i++) {
        size_t width = width_of(t->cells[i]);

        if (width > widths[i % t->column_count])
            widths[i % t->column_count] = width;
    }
    put_row(t, heads, widths, out);
    for (size_t r = 0; r < rows; r++)
        put_row(t, t->cells + r * t->column_count, widths, out);
}
