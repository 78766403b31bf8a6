/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"

#define FIRST_CHUNK_BYTES 4096
#define MAX_GROWTH_BYTES (4u << 20)

struct gh_arena_chunk {
    struct gh_arena_chunk *before;
    size_t cap;
    size_t len;
    _Alignas(16) char bytes[];
};

void gh_arena_init(struct gh_arena *a, size_t limit_bytes)
{
    *a = (struct gh_arena){.limit_bytes = limit_bytes};
}

static void free_behind(struct gh_arena *a, struct gh_arena_chunk *keep)
{
    struct gh_arena_chunk *c = keep ? keep->before : a->chunk;

    while (c) {
        struct gh_arena_chunk *before = c->before;

        a->used_bytes -= sizeof(*c) + c->cap;
        free(c);
        c = before;
    }
    if (keep)
        keep->before = NULL;
}

void gh_arena_fini(struct gh_arena *a)
{
    free_behind(a, NULL);
    a->chunk = NULL;
}

void gh_arena_reset(struct gh_arena *a)
{
    if (!a->chunk)
        return;
    free_behind(a, a->chunk);
    a->chunk->len = 0;
}

static struct gh_arena_chunk *add_chunk(struct gh_arena *a, size_t need)
{
    size_t cap = a->chunk ? a->chunk->cap * 2 : FIRST_CHUNK_BYTES;
    size_t total;
    struct gh_arena_chunk *c;

    if (cap > MAX_GROWTH_BYTES)
        cap = MAX_GROWTH_BYTES;
    if (cap < need)
        cap = need;
    if (!gh_size_add(cap, sizeof(*c) + a->used_bytes, &total))
        return NULL;
    if (total > a->limit_bytes) {
        cap = need;
        if (!gh_size_add(cap, sizeof(*c) + a->used_bytes, &total) ||
            total > a->limit_bytes)
            return NULL;
    }
    c = malloc(sizeof(*c) + cap);
    if (!c)
        return NULL;
    *c = (struct gh_arena_chunk){.before = a->chunk, .cap = cap};
    a->chunk = c;
    a->used_bytes = total;
    return c;
}

void *gh_arena_alloc(struct gh_arena *a, size_t size, size_t align)
{
    struct gh_arena_chunk *c = a->chunk;
    size_t at;

    assert(align > 0 && align <= 16 && (align & (align - 1)) == 0);
    if (c) {
        at = (c->len + align - 1) & ~(align - 1);
        if (at <= c->cap && size <= c->cap - at) {
            c->len = at + size;
            return c->bytes + at;
        }
    }
    c = add_chunk(a, size);
    if (!c)
        return NULL;
    c->len = size;
    return c->bytes;
}

void *gh_arena_calloc(struct gh_arena *a, size_t count, size_t size,
                      size_t align)
{
    size_t bytes;
    void *ptr;

    if (!gh_size_mul(count, size, &bytes))
        return NULL;
    ptr = gh_arena_alloc(a, bytes, align);
    return ptr ? memset(ptr, 0, bytes) : NULL;
}

void *gh_arena_grow(struct gh_arena *a, void *ptr, size_t old_size,
                    size_t new_size, size_t align)
{
    struct gh_arena_chunk *c = a->chunk;
    void *moved;

    assert(new_size >= old_size);
    assert(ptr || old_size == 0);
    if (c && ptr && (char *)ptr + old_size == c->bytes + c->len &&
        new_size - old_size <= c->cap - c->len) {
        c->len += new_size - old_size;
        return ptr;
    }
    moved = gh_arena_alloc(a, new_size, align);
    if (moved && old_size > 0)
        memcpy(moved, ptr, old_size);
    return moved;
}

void gh_arena_trim(struct gh_arena *a, void *ptr, size_t old_size,
                   size_t new_size)
{
    struct gh_arena_chunk *c = a->chunk;

    assert(new_size <= old_size);
    if (c && ptr && (char *)ptr + old_size == c->bytes + c->len)
        c->len -= old_size - new_size;
}

struct gh_slice gh_arena_dup(struct gh_arena *a, struct gh_slice s)
{
    char *copy = gh_arena_alloc(a, s.len + 1, 1);

    if (!copy)
        return (struct gh_slice){NULL, 0};
    if (s.len > 0)
        memcpy(copy, s.ptr, s.len);
    copy[s.len] = '\0';
    return gh_slice_of(copy, s.len);
}

struct gh_slice gh_arena_fmt(struct gh_arena *a, const char *fmt, ...)
{
    va_list args;
    char *text;
    int n;

    va_start(args, fmt);
    n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (n < 0)
        return (struct gh_slice){NULL, 0};
    text = gh_arena_alloc(a, (size_t)n + 1, 1);
    if (!text)
        return (struct gh_slice){NULL, 0};
    va_start(args, fmt);
    (void)vsnprintf(text, (size_t)n + 1, fmt, args);
    va_end(args);
    return gh_slice_of(text, (size_t)n);
}
