/* SPDX-License-Identifier: Apache-2.0 */

/*
 * CEL text to tokens
 *
 * One token at a time, so a hostile text costs no more than what the parser
 * gets through. Strings are in cel_string.c.
 */

#include <errno.h>
#include <stdlib.h>

#include "store/cel_internal.h"

static int peek(const struct gh_cel_lexer *lx, size_t ahead)
{
    return lx->at + ahead < lx->in.len
               ? (unsigned char)lx->in.ptr[lx->at + ahead]
               : -1;
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_name(int c)
{
    return c == '_' || is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static int hex(int c)
{
    if (is_digit(c))
        return c - '0';
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

static void skip_space(struct gh_cel_lexer *lx)
{
    for (;;) {
        int c = peek(lx, 0);

        if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
            lx->at++;
        } else if (c == '/' && peek(lx, 1) == '/') {
            while (peek(lx, 0) >= 0 && peek(lx, 0) != '\n')
                lx->at++;
        } else {
            return;
        }
    }
}

static struct gh_cel_token bad(struct gh_cel_lexer *lx, uint32_t at,
                               const char *why)
{
    lx->why = why;
    return (struct gh_cel_token){.kind = GH_CEL_T_BAD, .at = at};
}

static struct gh_cel_token token(const struct gh_cel_lexer *lx,
                                 enum gh_cel_token_kind kind, uint32_t at)
{
    return (struct gh_cel_token){
        .kind = kind,
        .at = at,
        .text = gh_slice_of(lx->in.ptr + at, lx->at - at),
    };
}

/* Digits of @base; false when the number does not fit 64 bits. */
static bool digits(struct gh_cel_lexer *lx, int base, uint64_t *ret)
{
    bool fits = true;
    uint64_t n = 0;
    int d;

    for (; (d = hex(peek(lx, 0))) >= 0 && d < base; lx->at++)
        fits = fits && !__builtin_mul_overflow(n, (uint64_t)base, &n) &&
               !__builtin_add_overflow(n, (uint64_t)d, &n);
    *ret = n;
    return fits;
}

static struct gh_cel_token real(struct gh_cel_lexer *lx, uint32_t at)
{
    char text[400];
    struct gh_cel_token t;

    while (is_digit(peek(lx, 0)))
        lx->at++;
    if (peek(lx, 0) == '.' && is_digit(peek(lx, 1)))
        for (lx->at++; is_digit(peek(lx, 0));)
            lx->at++;
    if ((peek(lx, 0) | 0x20) == 'e') {
        size_t sign = peek(lx, 1) == '+' || peek(lx, 1) == '-' ? 1 : 0;

        if (!is_digit(peek(lx, 1 + sign)))
            return bad(lx, at, "a number without an exponent");
        for (lx->at += 1 + sign; is_digit(peek(lx, 0));)
            lx->at++;
    }
    t = token(lx, GH_CEL_T_DOUBLE, at);
    if (t.text.len >= sizeof(text))
        return bad(lx, at, "a number with too many digits");
    memcpy(text, t.text.ptr, t.text.len);
    text[t.text.len] = '\0';
    t.real = strtod(text, NULL);
    return t;
}

static struct gh_cel_token number(struct gh_cel_lexer *lx, uint32_t at)
{
    struct gh_cel_token t;
    uint64_t n = 0;
    bool fits;

    if (peek(lx, 0) == '0' && (peek(lx, 1) | 0x20) == 'x') {
        lx->at += 2;
        if (hex(peek(lx, 0)) < 0)
            return bad(lx, at, "0x without digits");
        fits = digits(lx, 16, &n);
    } else {
        fits = digits(lx, 10, &n);
        if ((peek(lx, 0) == '.' && is_digit(peek(lx, 1))) ||
            (peek(lx, 0) | 0x20) == 'e') {
            lx->at = at;
            return real(lx, at);
        }
    }
    if (!fits)
        return bad(lx, at, "a number too large");
    t.kind = GH_CEL_T_INT;
    if ((peek(lx, 0) | 0x20) == 'u') {
        t.kind = GH_CEL_T_UINT;
        lx->at++;
    }
    if (is_name(peek(lx, 0)))
        return bad(lx, at, "a number that runs into a name");
    t = token(lx, t.kind, at);
    t.number = n;
    return t;
}

static bool is_quote(int c)
{
    return c == '"' || c == '\'';
}

/* A name, or a string with a prefix: r, b, rb, br in either case. */
static struct gh_cel_token name(struct gh_cel_lexer *lx, uint32_t at)
{
    bool raw = false;
    bool bytes = false;

    for (size_t i = 0; i < 3; i++) {
        int c = peek(lx, i);

        if (i > 0 && is_quote(c)) {
            lx->at += i;
            return gh_cel_lex_string(lx, raw, bytes, at);
        }
        if ((c | 0x20) == 'r' && !raw)
            raw = true;
        else if ((c | 0x20) == 'b' && !bytes)
            bytes = true;
        else
            break;
    }
    while (is_name(peek(lx, 0)))
        lx->at++;
    return token(lx, GH_CEL_T_NAME, at);
}

static struct gh_cel_token quoted_name(struct gh_cel_lexer *lx, uint32_t at)
{
    struct gh_cel_token t;

    for (lx->at++; is_name(peek(lx, 0)) || peek(lx, 0) == '.' ||
                   peek(lx, 0) == '-' || peek(lx, 0) == '/' ||
                   peek(lx, 0) == ' ';)
        lx->at++;
    if (peek(lx, 0) != '`' || lx->at == at + 1)
        return bad(lx, at, "a name in backquotes without an end");
    lx->at++;
    t = token(lx, GH_CEL_T_QUOTED_NAME, at);
    t.text = gh_slice_of(t.text.ptr + 1, t.text.len - 2);
    return t;
}

static const char *const signs[] = {
    "&&", "||", "==", "!=", "<=", ">=", ".?", "[?", "(", ")", "[", "]", "{",
    "}",  ".",  ",",  ":",  "?",  "+",  "-",  "*",  "/", "%", "!", "<", ">",
};

struct gh_cel_token gh_cel_lex(struct gh_cel_lexer *lx)
{
    uint32_t at;
    int c;

    skip_space(lx);
    at = (uint32_t)lx->at;
    c = peek(lx, 0);
    if (c < 0)
        return token(lx, GH_CEL_T_END, at);
    if (is_digit(c) || (c == '.' && is_digit(peek(lx, 1))))
        return c == '.' ? real(lx, at) : number(lx, at);
    if (is_name(c))
        return name(lx, at);
    if (is_quote(c))
        return gh_cel_lex_string(lx, false, false, at);
    if (c == '`')
        return quoted_name(lx, at);
    for (size_t i = 0; i < GH_COUNT(signs); i++) {
        struct gh_slice sign = gh_slice_str(signs[i]);

        if (gh_slice_starts(gh_slice_drop(lx->in, lx->at), sign)) {
            lx->at += sign.len;
            return token(lx, GH_CEL_T_SIGN, at);
        }
    }
    return bad(lx, at, "a character that does not belong here");
}
