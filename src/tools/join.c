/* SPDX-License-Identifier: Apache-2.0 */

#include "tools/join.h"

#include <stdint.h>
#include <string.h>

void gh_join_init(struct gh_join *j, struct gh_arena *a, const char *separator,
                  size_t max)
{
    *j = (struct gh_join){
        .arena = a,
        .separator = separator,
        .text = GH_SLICE(""),
        .max = max,
    };
}

static void append(struct gh_join *j, struct gh_slice part)
{
    size_t len = j->text.len;
    char *text;

    if (part.len == 0)
        return;
    /* The literal "" of a fresh list is not the arena's to grow. */
    text = gh_arena_grow(j->arena, len ? (void *)(uintptr_t)j->text.ptr : NULL,
                         len, len + part.len, 1);
    if (!text)
        return;
    memcpy(text + len, part.ptr, part.len);
    j->text = gh_slice_of(text, len + part.len);
}

void gh_join_add(struct gh_join *j, struct gh_slice part)
{
    if (j->count++ >= j->max)
        return;
    if (j->count > 1)
        append(j, gh_slice_str(j->separator));
    append(j, part);
}

struct gh_slice gh_join_text(const struct gh_join *j)
{
    struct gh_slice all;

    if (j->count <= j->max)
        return j->text;
    all = gh_arena_fmt(j->arena, "%.*s and %zu more", GH_FMT(j->text),
                       j->count - j->max);
    return all.ptr ? all : j->text;
}
