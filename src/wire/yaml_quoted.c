/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Single-quoted scalars that libfyaml cuts short
 *
 * libfyaml 0.7.12 counts an escaped quote that follows another wrongly: the
 * text of 'x '''' y' comes out as "x ''' ". CRDs are full of such text, since
 * the empty string of CEL is written so. This decodes a single-quoted scalar
 * from the source instead (YAML 1.2, 7.3.2): two quotes are one, line ends
 * fold.
 */

#include "wire/yaml_tree.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* From the line end at @at to the next text; *@ret_lines of them. */
static size_t fold(struct gh_slice raw, size_t at, size_t *ret_lines)
{
    *ret_lines = 0;
    while (at < raw.len) {
        if (raw.ptr[at] == '\n')
            ++*ret_lines;
        else if (!is_blank(raw.ptr[at]) && raw.ptr[at] != '\r')
            break;
        at++;
    }
    return at;
}

bool gh_yaml_miscounted(struct gh_slice raw)
{
    return raw.len >= 4 && memmem(raw.ptr, raw.len, "''''", 4);
}

struct gh_slice gh_yaml_unquote(struct gh_slice raw, struct gh_arena *arena)
{
    char *to = gh_arena_alloc(arena, raw.len + 1, 1);
    size_t len = 0;
    size_t lines;

    for (size_t i = 0; to && i < raw.len;) {
        if (raw.ptr[i] == '\n' || raw.ptr[i] == '\r') {
            while (len > 0 && is_blank(to[len - 1]))
                len--;
            i = fold(raw, i, &lines);
            if (lines == 1)
                to[len++] = ' ';
            for (; lines > 1; lines--)
                to[len++] = '\n';
            continue;
        }
        to[len++] = raw.ptr[i];
        i += raw.ptr[i] == '\'' ? 2 : 1;
    }
    if (!to)
        return (struct gh_slice){NULL, 0};
    to[len] = '\0';
    return gh_slice_of(to, len);
}
