/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A window that slides over a stream, for json_items.c
 *
 * Bytes are filled in at the end and consumed at the start; what is between is
 * moved to the front only when room is needed, so each byte moves a bounded
 * number of times. It knows where in the stream it stands: offset, line and
 * column of any byte in it, each newline counted once.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/rc.h"

struct gh_json_scanner;

struct gh_json_window {
    char *ptr;
    size_t cap;
    size_t start; /* consumed before; the owner moves it forward */
    size_t end;   /* filled before */
    size_t most;  /* bytes that it may hold */
    const struct gh_json_scanner *scan;
    uint64_t offset;     /* of the window in the stream */
    uint64_t line_start; /* offset of the line that @counted is in */
    size_t counted;      /* lines are counted up to here */
    uint32_t line;
};

void gh_json_window_init(struct gh_json_window *w, size_t most,
                         const struct gh_json_scanner *scan);
void gh_json_window_fini(struct gh_json_window *w);

/* Return: GH_OK and at least one byte at @ret_ptr; GH_ETOOBIG when all that may
 * be held is held; GH_ENOMEM. */
GH_MUST_CHECK enum gh_rc gh_json_window_room(struct gh_json_window *w,
                                             char **ret_ptr, size_t *ret_len);

/* Line and column of the byte at @at, not before one that was asked for
 * earlier. Return: the line; *@ret_column from 1. */
uint32_t gh_json_window_place(struct gh_json_window *w, size_t at,
                              uint32_t *ret_column);
