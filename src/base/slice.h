/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Slices: borrowed, length-delimited bytes
 *
 * Two words, passed by value. A slice never owns what it points at; the comment
 * on whoever hands one out says how long it stays valid. An absent value is a
 * slice whose pointer is NULL, an empty one has a pointer and no length.
 */

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct gh_slice {
    const char *ptr;
    size_t len;
};

#define GH_SLICE(literal)                                                      \
    ((struct gh_slice){"" literal "", sizeof(literal) - 1})

/* For a "%.*s" conversion. */
#define GH_FMT(s) gh_slice_precision(s), (s).ptr

static inline int gh_slice_precision(struct gh_slice s)
{
    return s.len > INT_MAX ? INT_MAX : (int)s.len;
}

static inline struct gh_slice gh_slice_of(const char *ptr, size_t len)
{
    return (struct gh_slice){ptr, len};
}

/* Accepts NULL, which gives the absent slice. */
static inline struct gh_slice gh_slice_str(const char *text)
{
    return (struct gh_slice){text, text ? strlen(text) : 0};
}

static inline bool gh_slice_eq(struct gh_slice a, struct gh_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* ASCII letters compare without case. */
bool gh_slice_eq_nocase(struct gh_slice a, struct gh_slice b);

/* By bytes, a prefix first; as strcmp(). */
int gh_slice_cmp(struct gh_slice a, struct gh_slice b);

static inline bool gh_slice_is(struct gh_slice s, const char *text)
{
    return gh_slice_eq(s, gh_slice_str(text));
}

static inline bool gh_slice_starts(struct gh_slice s, struct gh_slice prefix)
{
    return s.len >= prefix.len &&
           (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

static inline bool gh_slice_ends(struct gh_slice s, struct gh_slice suffix)
{
    return s.len >= suffix.len &&
           (suffix.len == 0 ||
            memcmp(s.ptr + s.len - suffix.len, suffix.ptr, suffix.len) == 0);
}

/* The first @n bytes go; @n may not exceed the length. */
static inline struct gh_slice gh_slice_drop(struct gh_slice s, size_t n)
{
    return n == 0 ? s : (struct gh_slice){s.ptr + n, s.len - n};
}

/* At most the first @n bytes. */
static inline struct gh_slice gh_slice_head(struct gh_slice s, size_t n)
{
    return (struct gh_slice){s.ptr, s.len < n ? s.len : n};
}

/* Without leading and trailing space, tab, CR and LF. */
struct gh_slice gh_slice_trim(struct gh_slice s);

/*
 * Takes the part of *@rest before the first @sep into *@ret_part and drops it
 * and the separator. Return: false when *@rest is absent; the last part leaves
 * it absent, so "a,,b" gives three parts and "" gives one.
 */
bool gh_slice_cut(struct gh_slice *rest, char sep, struct gh_slice *ret_part);

/* Index of the first @c, or the length where there is none. */
static inline size_t gh_slice_find(struct gh_slice s, char c)
{
    const char *at = s.len ? memchr(s.ptr, c, s.len) : NULL;

    return at ? (size_t)(at - s.ptr) : s.len;
}
