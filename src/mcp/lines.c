/* SPDX-License-Identifier: Apache-2.0 */
#include "mcp/lines.h"

/* An idle stream does not hold on to the memory of its longest line. */
#define KEPT_BYTES ((size_t)64 << 10)

void gh_lines_init(struct gh_lines *l, size_t max_line_bytes)
{
    *l = (struct gh_lines){.limit = max_line_bytes};
    gh_buf_init(&l->part, max_line_bytes + 1); /* and a CR */
}

void gh_lines_fini(struct gh_lines *l)
{
    gh_buf_fini(&l->part);
}

static void empty(struct gh_lines *l)
{
    size_t limit = l->part.limit;

    l->given = false;
    gh_buf_clear(&l->part);
    if (l->part.cap <= KEPT_BYTES)
        return;
    gh_buf_fini(&l->part);
    gh_buf_init(&l->part, limit);
}

static struct gh_slice without_cr(struct gh_slice line)
{
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    return line;
}

/* The bytes up to @end join the line. Return: GH_ETOOBIG once for a line. */
static enum gh_rc collect(struct gh_lines *l, struct gh_slice bytes)
{
    if (l->skipping || bytes.len == 0)
        return GH_OK;
    if (gh_buf_add(&l->part, bytes) == GH_OK)
        return GH_OK;
    empty(l);
    l->skipping = true;
    return GH_ETOOBIG;
}

/* A complete line, or what is wrong with it. */
static enum gh_rc give(struct gh_lines *l, struct gh_slice line,
                       struct gh_slice *ret)
{
    line = without_cr(line);
    if (line.len > l->limit)
        return GH_ETOOBIG;
    *ret = line;
    return GH_OK;
}

enum gh_rc gh_lines_next(struct gh_lines *l, struct gh_slice *in,
                         struct gh_slice *ret)
{
    while (in->len > 0) {
        size_t end = gh_slice_find(*in, '\n');
        struct gh_slice bytes = gh_slice_head(*in, end);
        bool whole = end < in->len;
        enum gh_rc rc;

        if (l->given)
            empty(l);
        *in = gh_slice_drop(*in, whole ? end + 1 : end);
        if (whole && l->part.len == 0 && !l->skipping)
            return give(l, bytes, ret);
        rc = collect(l, bytes);
        if (whole && l->skipping) {
            l->skipping = false;
            if (rc == GH_OK)
                continue; /* was reported when it crossed the limit */
        }
        if (rc != GH_OK)
            return rc;
        if (whole) {
            l->given = true;
            return give(l, gh_buf_slice(&l->part), ret);
        }
    }
    if (l->given)
        empty(l);
    return GH_MORE;
}

bool gh_lines_rest(struct gh_lines *l, struct gh_slice *ret)
{
    if (l->given || l->skipping || l->part.len == 0)
        return false;
    *ret = without_cr(gh_buf_slice(&l->part));
    return true;
}
