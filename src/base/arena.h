/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Arena: memory that goes away together
 *
 * A bump allocator with a hard cap, one per request, per decoded document or
 * per compiled plan. Nothing in it is freed alone. Resetting keeps the first
 * chunk, so a loop that resets after each item stops calling malloc.
 *
 * The cap makes every allocation whose size an outsider influences fallible:
 * NULL means over the cap or out of memory, and the caller reports GH_ETOOBIG.
 */

#include <stddef.h>

#include "base/attr.h"
#include "base/slice.h"

struct gh_arena_chunk;

struct gh_arena {
    struct gh_arena_chunk *chunk; /* the one in use, earlier ones behind it */
    size_t used_bytes;            /* of all chunks, as malloc gave them */
    size_t limit_bytes;
};

void gh_arena_init(struct gh_arena *a, size_t limit_bytes);
void gh_arena_fini(struct gh_arena *a);

/* Forgets all that was allocated. Keeps one chunk. */
void gh_arena_reset(struct gh_arena *a);

/* @align is a power of two up to 16. Memory is not cleared. */
GH_MUST_CHECK void *gh_arena_alloc(struct gh_arena *a, size_t size,
                                   size_t align);

/* @count objects of @size bytes, cleared. NULL on overflow, too. */
GH_MUST_CHECK void *gh_arena_calloc(struct gh_arena *a, size_t count,
                                    size_t size, size_t align);

/*
 * Makes an earlier allocation larger, in place when it was the last one.
 * The first @old_size bytes are kept; @ptr may be NULL when @old_size is 0.
 */
GH_MUST_CHECK void *gh_arena_grow(struct gh_arena *a, void *ptr,
                                  size_t old_size, size_t new_size,
                                  size_t align);

/* Gives back the end of an allocation, if it was the last one. */
void gh_arena_trim(struct gh_arena *a, void *ptr, size_t old_size,
                   size_t new_size);

/* A copy of @s with a NUL behind it; absent on failure. */
struct gh_slice gh_arena_dup(struct gh_arena *a, struct gh_slice s);

/* Formatted text with a NUL behind it; absent on failure. */
struct gh_slice gh_arena_fmt(struct gh_arena *a, const char *fmt, ...)
    GH_PRINTF(2, 3);

#define GH_ARENA_NEW(arena, type)                                              \
    ((type *)gh_arena_calloc((arena), 1, sizeof(type), _Alignof(type)))
#define GH_ARENA_ARRAY(arena, type, count)                                     \
    ((type *)gh_arena_calloc((arena), (count), sizeof(type), _Alignof(type)))
