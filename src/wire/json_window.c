/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/json_window.h"

#include <stdlib.h>

#include "wire/json_internal.h"

#define FIRST_BYTES ((size_t)1 << 20)

void gh_json_window_init(struct gh_json_window *w, size_t most,
                         const struct gh_json_scanner *scan)
{
    *w = (struct gh_json_window){
        .most = most > FIRST_BYTES ? most : FIRST_BYTES,
        .scan = scan,
        .line = 1,
    };
}

void gh_json_window_fini(struct gh_json_window *w)
{
    free(w->ptr);
    w->ptr = NULL;
}

static void count_lines(struct gh_json_window *w, size_t to)
{
    const char *from = w->ptr + w->counted;
    uint64_t lines;

    if (to <= w->counted)
        return;
    lines = w->scan->count_newlines(from, w->ptr + to);
    if (lines > 0) {
        const char *last = memrchr(from, '\n', to - w->counted);

        w->line += (uint32_t)lines;
        w->line_start = w->offset + (uint64_t)(last - w->ptr) + 1;
    }
    w->counted = to;
}

uint32_t gh_json_window_place(struct gh_json_window *w, size_t at,
                              uint32_t *ret_column)
{
    count_lines(w, at);
    *ret_column = (uint32_t)(w->offset + at - w->line_start) + 1;
    return w->line;
}

static void slide(struct gh_json_window *w)
{
    count_lines(w, w->start);
    memmove(w->ptr, w->ptr + w->start, w->end - w->start);
    w->offset += w->start;
    w->end -= w->start;
    w->counted = w->start = 0;
}

static enum gh_rc grow(struct gh_json_window *w)
{
    size_t cap = w->cap ? w->cap * 2 : FIRST_BYTES;
    char *grown;

    if (w->cap >= w->most)
        return GH_ETOOBIG;
    if (cap > w->most)
        cap = w->most;
    grown = realloc(w->ptr, cap);
    if (!grown)
        return GH_ENOMEM;
    w->ptr = grown;
    w->cap = cap;
    return GH_OK;
}

enum gh_rc gh_json_window_room(struct gh_json_window *w, char **ret_ptr,
                               size_t *ret_len)
{
    enum gh_rc rc = GH_OK;

    if (w->start > 0 && (w->start >= w->cap / 2 || w->end == w->cap))
        slide(w);
    if (w->end == w->cap)
        rc = grow(w);
    if (rc != GH_OK)
        return rc;
    *ret_ptr = w->ptr + w->end;
    *ret_len = w->cap - w->end;
    return GH_OK;
}
