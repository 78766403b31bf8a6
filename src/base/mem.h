/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Allocation that cannot fail, and growable arrays
 *
 * For sizes that our own constants or already bounded inputs decide: running
 * out of memory here ends the process with a message. Sizes that a peer can
 * push go through an arena or a buffer, which have limits and can fail.
 */

#include <stddef.h>

#include "base/attr.h"
#include "base/slice.h"

GH_MUST_CHECK GH_MALLOC void *gh_xcalloc(size_t count, size_t size);
GH_MUST_CHECK void *gh_xrealloc(void *ptr, size_t count, size_t size);
GH_MUST_CHECK GH_MALLOC char *gh_xstrdup(struct gh_slice s);

/* Doubles an array's *@cap. */
GH_MUST_CHECK void *gh_vec_grow(void *at, size_t *cap, size_t size);

/* The array, with room for one more behind @count. */
GH_MUST_CHECK static inline void *gh_vec_room(void *at, size_t count,
                                              size_t *cap, size_t size)
{
    return count < *cap ? at : gh_vec_grow(at, cap, size);
}

#define GH_XNEW(type) ((type *)gh_xcalloc(1, sizeof(type)))

/*
 * struct { T *at; size_t count, cap; } v = {0};
 * GH_VEC_PUSH(&v, item); ... GH_VEC_FREE(&v);
 */
#define GH_VEC(type)                                                           \
    struct {                                                                   \
        type *at;                                                              \
        size_t count;                                                          \
        size_t cap;                                                            \
    }

#define GH_VEC_PUSH(v, ...)                                                    \
    ((v)->at = gh_vec_room((v)->at, (v)->count, &(v)->cap, sizeof(*(v)->at)),  \
     (void)((v)->at[(v)->count++] = (__VA_ARGS__)))

#define GH_VEC_FREE(v)                                                         \
    do {                                                                       \
        gh_free((v)->at);                                                      \
        (v)->at = NULL;                                                        \
        (v)->count = (v)->cap = 0;                                             \
    } while (0)

void gh_free(void *ptr);

/* For GH_CLEANUP on a char * variable. */
void gh_free_str(char **text);
