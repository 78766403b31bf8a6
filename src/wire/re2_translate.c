/* SPDX-License-Identifier: Apache-2.0 */

/*
 * RE2's syntax, as far as it is not PCRE2's
 *
 * One pass that copies what both understand alike, rewrites what they do not
 * (\s, \S, \v, octal, \x), and refuses what RE2 does not have. What is left
 * (unbalanced groups, ranges the wrong way round) both refuse, so it is left to
 * PCRE2.
 */

#include <stdbool.h>
#include <stdint.h>

#include "wire/re2_internal.h"

#define MAX_REPEAT 1000

struct reader {
    struct gh_slice in;
    size_t at;
    struct gh_buf *out;
    struct gh_err *err;
    bool atom;     /* there is something to repeat */
    bool repeated; /* it is repeated already */
};

static enum gh_rc refuse(const struct reader *r, const char *why)
{
    if (r->err)
        gh_err_set(r->err, "%s at byte %zu", why, r->at + 1);
    return GH_EPROTO;
}

static int peek(const struct reader *r, size_t ahead)
{
    return r->at + ahead < r->in.len ? (unsigned char)r->in.ptr[r->at + ahead]
                                     : -1;
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_octal(int c)
{
    return c >= '0' && c <= '7';
}

static bool is_alpha(int c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static int hex(int c)
{
    if (is_digit(c))
        return c - '0';
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

static void copy(struct reader *r, size_t count)
{
    gh_buf_add(r->out, gh_slice_of(r->in.ptr + r->at, count));
    r->at += count;
}

static enum gh_rc code_point(struct reader *r, uint32_t code)
{
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return refuse(r, "no such character");
    gh_buf_addf(r->out, "\\x{%x}", code);
    return GH_OK;
}

/* At the 'x'. */
static enum gh_rc hex_escape(struct reader *r)
{
    uint32_t code = 0;
    size_t digits = 0;

    if (peek(r, 1) != '{') {
        if (hex(peek(r, 1)) < 0 || hex(peek(r, 2)) < 0)
            return refuse(r, "\\x needs two hexadecimal digits");
        code = (uint32_t)(hex(peek(r, 1)) * 16 + hex(peek(r, 2)));
        r->at += 3;
        return code_point(r, code);
    }
    for (r->at += 2; hex(peek(r, 0)) >= 0 && digits <= 8; r->at++, digits++)
        code = code * 16 + (uint32_t)hex(peek(r, 0));
    if (digits == 0 || digits > 8 || peek(r, 0) != '}')
        return refuse(r, "\\x{ needs hexadecimal digits and }");
    r->at++;
    return code_point(r, code);
}

/* At the first digit. */
static enum gh_rc octal_escape(struct reader *r)
{
    uint32_t code = 0;

    if (peek(r, 0) > '7' || (peek(r, 0) != '0' && !is_octal(peek(r, 1))))
        return refuse(r, "back-references are not supported");
    for (int i = 0; i < 3 && is_octal(peek(r, 0)); i++, r->at++)
        code = code * 8 + (uint32_t)(peek(r, 0) - '0');
    return code_point(r, code);
}

/* At the p or P: \pL, \p{Greek}, \p{^Greek}. */
static enum gh_rc property(struct reader *r)
{
    size_t len = 2;

    if (peek(r, 1) == '{') {
        while (peek(r, len) >= 0 && peek(r, len) != '}')
            len++;
        if (peek(r, len) != '}')
            return refuse(r, "\\p{ without }");
        len++;
    } else if (!is_alpha(peek(r, 1))) {
        return refuse(r, "\\p needs the name of a class");
    }
    gh_buf_addc(r->out, '\\');
    copy(r, len);
    return GH_OK;
}

/* \Q...\E; at the Q. */
static void quoted(struct reader *r)
{
    for (r->at++; r->at < r->in.len; r->at++) {
        int c = peek(r, 0);

        if (c == '\\' && peek(r, 1) == 'E') {
            r->at += 2;
            return;
        }
        if (c < 0x80 && !is_alpha(c) && !is_digit(c))
            gh_buf_addc(r->out, '\\');
        gh_buf_addc(r->out, (char)c);
        r->atom = true;
        r->repeated = false;
    }
}

struct rewrite {
    char letter;
    bool in_class; /* allowed there */
    const char *text;
    const char *class_text;
};

static const struct rewrite rewrites[] = {
    {'s', true, "[\\t\\n\\f\\r ]", "\\t\\n\\f\\r "},
    {'S', true, "[^\\t\\n\\f\\r ]", "\\S\\x0b"},
    {'v', true, "\\x0b", "\\x0b"},
    {'d', true, "\\d", "\\d"},
    {'D', true, "\\D", "\\D"},
    {'w', true, "\\w", "\\w"},
    {'W', true, "\\W", "\\W"},
    {'a', true, "\\a", "\\a"},
    {'f', true, "\\f", "\\f"},
    {'n', true, "\\n", "\\n"},
    {'r', true, "\\r", "\\r"},
    {'t', true, "\\t", "\\t"},
    {'A', false, "\\A", NULL},
    {'z', false, "\\z", NULL},
    {'b', false, "\\b", NULL},
    {'B', false, "\\B", NULL},
};

static const struct rewrite *rewrite_of(int c)
{
    for (size_t i = 0; i < GH_COUNT(rewrites); i++)
        if (rewrites[i].letter == c)
            return &rewrites[i];
    return NULL;
}

/* Behind the backslash. */
static enum gh_rc escape(struct reader *r, bool in_class)
{
    int c = peek(r, 0);
    const struct rewrite *row = rewrite_of(c);

    if (row && (row->in_class || !in_class)) {
        gh_buf_add(r->out,
                   gh_slice_str(in_class ? row->class_text : row->text));
        r->at++;
        return GH_OK;
    }
    if (c == 'x')
        return hex_escape(r);
    if (is_digit(c))
        return octal_escape(r);
    if (c == 'p' || c == 'P')
        return property(r);
    if (c < 0)
        return refuse(r, "nothing behind the last \\");
    if (c >= 0x80 || is_alpha(c))
        return refuse(r, "no such escape");
    gh_buf_addc(r->out, '\\');
    copy(r, 1);
    return GH_OK;
}

/* At "[:". Return: its length, 0 when it is no named class. */
static size_t named_class(const struct reader *r)
{
    size_t len = 2;

    if (peek(r, len) == '^')
        len++;
    while (is_alpha(peek(r, len)))
        len++;
    return peek(r, len) == ':' && peek(r, len + 1) == ']' ? len + 2 : 0;
}

static enum gh_rc class_item(struct reader *r)
{
    int c = peek(r, 0);

    if (c == '\\') {
        r->at++;
        return escape(r, true);
    }
    if (c == '[') {
        size_t len = peek(r, 1) == ':' ? named_class(r) : 0;

        if (len == 0) {
            gh_buf_addc(r->out, '\\');
            len = 1;
        }
        copy(r, len);
        return GH_OK;
    }
    copy(r, 1);
    return GH_OK;
}

/* At the '['. */
static enum gh_rc char_class(struct reader *r)
{
    enum gh_rc rc = GH_OK;

    copy(r, 1);
    if (peek(r, 0) == '^')
        copy(r, 1);
    if (peek(r, 0) == ']') {
        gh_buf_addc(r->out, '\\');
        copy(r, 1);
    }
    while (rc == GH_OK && peek(r, 0) != ']') {
        if (peek(r, 0) < 0)
            return refuse(r, "missing ]");
        rc = class_item(r);
    }
    if (rc == GH_OK)
        copy(r, 1);
    return rc;
}

/* Length of "{2}", "{2,}" or "{2,5}", 0 when it is none and stands for
 * itself. */
static size_t braces(const struct reader *r, uint32_t *ret_min,
                     uint32_t *ret_max)
{
    uint32_t *to = ret_min;
    size_t len = 1;

    *ret_min = 0;
    *ret_max = UINT32_MAX;
    if (!is_digit(peek(r, len)))
        return 0;
    for (;; len++) {
        int c = peek(r, len);

        if (c == '}')
            break;
        if (c == ',' && to == ret_min) {
            to = ret_max;
            if (is_digit(peek(r, len + 1)))
                *to = 0;
        } else if (is_digit(c)) {
            *to = *to > MAX_REPEAT ? *to : *to * 10 + (uint32_t)(c - '0');
        } else {
            return 0;
        }
    }
    if (to == ret_min)
        *ret_max = *ret_min;
    return len + 1;
}

static enum gh_rc repeat(struct reader *r, size_t len)
{
    if (!r->atom)
        return refuse(r, "nothing to repeat");
    if (r->repeated)
        return refuse(r, "a repetition is repeated");
    copy(r, len);
    if (peek(r, 0) == '?')
        copy(r, 1);
    r->repeated = true;
    return GH_OK;
}

static enum gh_rc brace(struct reader *r)
{
    uint32_t min, max;
    size_t len = braces(r, &min, &max);

    if (len == 0) {
        gh_buf_addc(r->out, '\\');
        copy(r, 1);
        r->atom = true;
        r->repeated = false;
        return GH_OK;
    }
    if (min > MAX_REPEAT || (max > MAX_REPEAT && max != UINT32_MAX) ||
        min > max)
        return refuse(r, "a repetition must count 0 to 1000, low to high");
    return repeat(r, len);
}

/* At "(?". */
static enum gh_rc special_group(struct reader *r)
{
    size_t len = 2;

    if (peek(r, 2) == 'P' && peek(r, 3) == '<')
        len = 4;
    else if (peek(r, 2) == '<' && (is_alpha(peek(r, 3)) || peek(r, 3) == '_'))
        len = 3;
    if (len > 2) {
        copy(r, len);
        r->atom = false;
        return GH_OK;
    }
    while (peek(r, len) == 'i' || peek(r, len) == 'm' || peek(r, len) == 's' ||
           peek(r, len) == 'U' || peek(r, len) == '-')
        len++;
    if (peek(r, len) == ':') {
        copy(r, len + 1);
        r->atom = false;
        return GH_OK;
    }
    if (peek(r, len) == ')' && len > 2) {
        copy(r, len + 1);
        return GH_OK;
    }
    return refuse(r, "no such group: only (?:, (?flags) and (?P<name>");
}

static enum gh_rc group(struct reader *r)
{
    if (peek(r, 1) == '?')
        return special_group(r);
    copy(r, 1);
    r->atom = false;
    return GH_OK;
}

static enum gh_rc step(struct reader *r)
{
    int c = peek(r, 0);

    switch (c) {
    case '(':
        return group(r);
    case '|':
        copy(r, 1);
        r->atom = false;
        return GH_OK;
    case '*':
    case '+':
    case '?':
        return repeat(r, 1);
    case '{':
        return brace(r);
    default:
        break;
    }
    r->repeated = false;
    if (c == '\\' && peek(r, 1) == 'Q') {
        r->at++;
        quoted(r);
        return GH_OK;
    }
    r->atom = true;
    if (c == '[')
        return char_class(r);
    if (c == '\\') {
        r->at++;
        return escape(r, false);
    }
    copy(r, 1);
    return GH_OK;
}

enum gh_rc gh_re2_translate(struct gh_slice pattern, struct gh_buf *out,
                            struct gh_err *err)
{
    struct reader r = {.in = pattern, .out = out, .err = err};

    while (r.at < r.in.len) {
        enum gh_rc rc = step(&r);

        if (rc != GH_OK)
            return rc;
    }
    return gh_buf_rc(out);
}
