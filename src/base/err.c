/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

/* A text that did not fit ends in "...", and never within a character. */
static void mark_cut(char *text, size_t size, int wanted)
{
    size_t at = size - 4;

    if (wanted < 0 || (size_t)wanted < size)
        return;
    while (at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80)
        at--;
    memcpy(text + at, "...", 4);
}

void gh_err_set(struct gh_err *err, const char *fmt, ...)
{
    va_list args;
    int n;

    *err = (struct gh_err){0};
    va_start(args, fmt);
    n = vsnprintf(err->text, sizeof(err->text), fmt, args);
    va_end(args);
    mark_cut(err->text, sizeof(err->text), n);
}

void gh_err_prefix(struct gh_err *err, const char *fmt, ...)
{
    char prefix[sizeof(err->text)];
    char text[sizeof(err->text)];
    va_list args;
    int n;

    va_start(args, fmt);
    n = vsnprintf(prefix, sizeof(prefix), fmt, args);
    va_end(args);
    mark_cut(prefix, sizeof(prefix), n);
    memcpy(text, err->text, sizeof(text));
    n = snprintf(err->text, sizeof(err->text), "%s: %s", prefix, text);
    mark_cut(err->text, sizeof(err->text), n);
}

void gh_err_at(struct gh_err *err, struct gh_slice source, uint32_t line,
               uint32_t column)
{
    int n = snprintf(err->source, sizeof(err->source), "%.*s", GH_FMT(source));

    mark_cut(err->source, sizeof(err->source), n);
    err->line = line;
    err->column = column;
}

const char *gh_err_format(const struct gh_err *err, char *buf, size_t size)
{
    int n;

    if (err->source[0] == '\0' && err->line > 0 && err->column > 0)
        n = snprintf(buf, size, "%u:%u: %s", err->line, err->column, err->text);
    else if (err->source[0] == '\0')
        n = snprintf(buf, size, "%s", err->text);
    else if (err->line == 0)
        n = snprintf(buf, size, "%s: %s", err->source, err->text);
    else if (err->column == 0)
        n = snprintf(buf, size, "%s:%u: %s", err->source, err->line, err->text);
    else
        n = snprintf(buf, size, "%s:%u:%u: %s", err->source, err->line,
                     err->column, err->text);
    if (size >= 4)
        mark_cut(buf, size, n);
    return buf;
}
