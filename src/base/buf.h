/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Growable byte buffer with a hard limit
 *
 * A buffer cannot be created without stating how big it may ever become, so a
 * peer never decides how much memory we hold for it.
 *
 * A writer that builds one text out of many parts would drown in checks: such
 * code ignores each result and asks gh_buf_rc() once at the end. The first
 * failure sticks and makes every later addition a no-op until gh_buf_clear().
 */

#include <stddef.h>

#include "base/attr.h"
#include "base/rc.h"
#include "base/slice.h"

struct gh_buf {
    char *ptr;
    size_t len;
    size_t cap;
    size_t limit;
    enum gh_rc failed;
};

void gh_buf_init(struct gh_buf *b, size_t limit);
void gh_buf_fini(struct gh_buf *b);

/*
 * Return: GH_OK, GH_ETOOBIG past the limit, or GH_ENOMEM; on failure the
 * content is as before.
 */
enum gh_rc gh_buf_add(struct gh_buf *b, struct gh_slice s);
enum gh_rc gh_buf_addc(struct gh_buf *b, char c);
enum gh_rc gh_buf_addf(struct gh_buf *b, const char *fmt, ...) GH_PRINTF(2, 3);

/* Makes room for @n more bytes at ptr + len; the caller then raises len. */
GH_MUST_CHECK enum gh_rc gh_buf_reserve(struct gh_buf *b, size_t n);

/* Drops the first @n bytes; @n may not exceed the length. */
void gh_buf_drop(struct gh_buf *b, size_t n);

static inline enum gh_rc gh_buf_rc(const struct gh_buf *b)
{
    return b->failed;
}

static inline void gh_buf_clear(struct gh_buf *b)
{
    b->len = 0;
    b->failed = GH_OK;
}

/* Valid until the buffer is next written or finished. */
static inline struct gh_slice gh_buf_slice(const struct gh_buf *b)
{
    return gh_slice_of(b->ptr ? b->ptr : "", b->len);
}

#define GH_BUF_CLEANUP GH_CLEANUP(gh_buf_fini)
