/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"

static _Noreturn void out_of_memory(size_t count, size_t size)
{
    (void)fprintf(stderr, "gatehouse: out of memory (%zu x %zu bytes)\n", count,
                  size);
    abort();
}

void *gh_xcalloc(size_t count, size_t size)
{
    void *ptr = calloc(count ? count : 1, size ? size : 1);

    if (!ptr)
        out_of_memory(count, size);
    return ptr;
}

void *gh_xrealloc(void *ptr, size_t count, size_t size)
{
    size_t bytes;
    void *moved;

    if (!gh_size_mul(count, size, &bytes))
        out_of_memory(count, size);
    moved = realloc(ptr, bytes ? bytes : 1);
    if (!moved)
        out_of_memory(count, size);
    return moved;
}

void *gh_vec_grow(void *at, size_t *cap, size_t size)
{
    *cap = *cap ? *cap * 2 : 8;
    return gh_xrealloc(at, *cap, size);
}

char *gh_xstrdup(struct gh_slice s)
{
    char *copy = gh_xcalloc(s.len + 1, 1);

    if (s.len > 0)
        memcpy(copy, s.ptr, s.len);
    return copy;
}

void gh_free(void *ptr)
{
    free(ptr);
}

void gh_free_str(char **text)
{
    free(*text);
    *text = NULL;
}
