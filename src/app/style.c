/* SPDX-License-Identifier: Apache-2.0 */

#include "app/style.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct gh_styler gh_styler_for_stdout(struct gh_buf *out)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");

    return (struct gh_styler){
        .colour = isatty(STDOUT_FILENO) && !(no_color && *no_color) &&
                  !(term && strcmp(term, "dumb") == 0),
        .out = out,
    };
}

static const char *code_of(enum gh_style style)
{
    switch (style) {
    case GH_GOOD:
        return "\033[1;32m";
    case GH_BAD:
        return "\033[1;31m";
    case GH_WARN:
        return "\033[33m";
    case GH_STRONG:
        return "\033[1m";
    case GH_FAINT:
        return "\033[2m";
    case GH_PLAIN:
        break;
    }
    return "";
}

void gh_styled(const struct gh_styler *s, enum gh_style style, const char *fmt,
               ...)
{
    bool colour = s->colour && style != GH_PLAIN;
    char text[4096];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    gh_buf_addf(s->out, "%s%s%s", colour ? code_of(style) : "", text,
                colour ? "\033[0m" : "");
}

/* The part of @text that fits into @width, cut at a space where there is one.
 */
static size_t line_len(struct gh_slice text, size_t width)
{
    if (text.len <= width)
        return text.len;
    for (size_t i = width; i > 0; i--)
        if (text.ptr[i] == ' ')
            return i;
    return gh_slice_find(text, ' ');
}

void gh_wrapped(const struct gh_styler *s, enum gh_style style,
                struct gh_slice text, size_t indent, size_t width)
{
    while (text.len > 0) {
        size_t len = line_len(text, width);

        gh_buf_addf(s->out, "%*s", (int)indent, "");
        gh_styled(s, style, "%.*s\n", GH_FMT(gh_slice_head(text, len)));
        text = gh_slice_trim(gh_slice_drop(text, len));
    }
}

bool gh_print(const struct gh_buf *b)
{
    return gh_buf_rc(b) == GH_OK &&
           fwrite(b->ptr ? b->ptr : "", 1, b->len, stdout) == b->len &&
           fflush(stdout) == 0;
}
