/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"

#define BUF_MIN_CAP 64

void gh_buf_init(struct gh_buf *b, size_t limit)
{
    *b = (struct gh_buf){.limit = limit};
}

void gh_buf_fini(struct gh_buf *b)
{
    free(b->ptr);
    *b = (struct gh_buf){0};
}

/* Doubles, but never past the limit; @need is already known to fit in it. */
static size_t grown_cap(const struct gh_buf *b, size_t need)
{
    size_t cap = b->cap < BUF_MIN_CAP ? BUF_MIN_CAP : b->cap;

    while (cap < need) {
        if (!gh_size_mul(cap, 2, &cap))
            return need;
    }
    return cap < b->limit ? cap : b->limit;
}

enum gh_rc gh_buf_reserve(struct gh_buf *b, size_t n)
{
    size_t need;

    if (b->failed < 0)
        return b->failed;
    if (!gh_size_add(b->len, n, &need) || need > b->limit)
        return b->failed = GH_ETOOBIG;
    if (need > b->cap) {
        size_t cap = grown_cap(b, need);
        char *grown = realloc(b->ptr, cap + 1); /* a formatter's NUL */

        if (!grown)
            return b->failed = GH_ENOMEM;
        b->ptr = grown;
        b->cap = cap;
    }
    assert(need <= b->cap && b->cap <= b->limit);
    return GH_OK;
}

enum gh_rc gh_buf_add(struct gh_buf *b, struct gh_slice s)
{
    enum gh_rc rc;

    if (s.len == 0)
        return b->failed;
    rc = gh_buf_reserve(b, s.len);
    if (rc < 0)
        return rc;
    memcpy(b->ptr + b->len, s.ptr, s.len);
    b->len += s.len;
    return GH_OK;
}

enum gh_rc gh_buf_addc(struct gh_buf *b, char c)
{
    return gh_buf_add(b, gh_slice_of(&c, 1));
}

enum gh_rc gh_buf_addf(struct gh_buf *b, const char *fmt, ...)
{
    char small[256];
    va_list args;
    enum gh_rc rc;
    int n;

    va_start(args, fmt);
    n = vsnprintf(small, sizeof(small), fmt, args);
    va_end(args);
    if (n < 0)
        return b->failed = GH_EINVAL;
    if ((size_t)n < sizeof(small))
        return gh_buf_add(b, gh_slice_of(small, (size_t)n));
    rc = gh_buf_reserve(b, (size_t)n);
    if (rc < 0)
        return rc;
    va_start(args, fmt);
    (void)vsnprintf(b->ptr + b->len, (size_t)n + 1, fmt, args);
    va_end(args);
    b->len += (size_t)n;
    return GH_OK;
}

void gh_buf_drop(struct gh_buf *b, size_t n)
{
    assert(n <= b->len);
    b->len -= n;
    if (b->len > 0 && n > 0)
        memmove(b->ptr, b->ptr + n, b->len);
}
