/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Lines out of a stream of bytes
 *
 * The framing of the stdio transport: one message a line. A line that arrived
 * in one piece is handed out where it lies; only one that came in parts is put
 * together in a buffer. A line over the limit is reported once, and the rest of
 * it is thrown away as it comes, without being kept.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/rc.h"
#include "base/slice.h"

struct gh_lines {
    struct gh_buf part; /* of a line that is not complete */
    size_t limit;
    bool skipping; /* up to the next LF */
    bool given;    /* the buffer was handed out and is to be emptied */
};

void gh_lines_init(struct gh_lines *l, size_t max_line_bytes);
void gh_lines_fini(struct gh_lines *l);

/**
 * gh_lines_next() - the next line out of @in
 * @in:  what is left of the bytes that arrived; advanced
 * @ret: the line without LF, CR LF; valid until the next call
 *
 * Return: GH_OK with a line; GH_MORE when @in is used up; GH_ETOOBIG for a line
 * over the limit, after which the next call goes on.
 */
GH_MUST_CHECK enum gh_rc gh_lines_next(struct gh_lines *l, struct gh_slice *in,
                                       struct gh_slice *ret);

/* At the end of the stream: a last line without LF. Return: true if any. */
bool gh_lines_rest(struct gh_lines *l, struct gh_slice *ret);
