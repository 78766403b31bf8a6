/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Colour for people, and only for them
 *
 * On when standard output is a terminal, NO_COLOR is not set and the terminal
 * is not dumb. Nothing but colour depends on it, so a pipe gets the same words.
 */

#include <stdbool.h>

#include "base/buf.h"

enum gh_style { GH_PLAIN, GH_GOOD, GH_BAD, GH_WARN, GH_STRONG, GH_FAINT };

struct gh_styler {
    bool colour;
    struct gh_buf *out;
};

struct gh_styler gh_styler_for_stdout(struct gh_buf *out);

void gh_styled(const struct gh_styler *s, enum gh_style style, const char *fmt,
               ...) GH_PRINTF(3, 4);

/* @text in lines of at most @width, each behind @indent spaces. */
void gh_wrapped(const struct gh_styler *s, enum gh_style style,
                struct gh_slice text, size_t indent, size_t width);

/* Writes all of it to standard output. Return: false when that failed. */
GH_MUST_CHECK bool gh_print(const struct gh_buf *b);
