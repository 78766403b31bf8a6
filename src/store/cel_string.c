/* SPDX-License-Identifier: Apache-2.0 */

/*
 * CEL's string and byte literals
 *
 * Single or triple quotes of either sort, raw or with escapes. In strings an
 * escape is a character, in bytes \x and octal are one byte.
 */

#include "store/cel_internal.h"

struct literal {
    struct gh_slice in; /* between the quotes */
    size_t at;
    bool bytes;
    char *out;
    size_t len;
    const char *why;
};

static int hex(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

static void put_utf8(struct literal *l, uint32_t c)
{
    char *to = l->out + l->len;

    if (c < 0x80) {
        to[0] = (char)c;
        l->len += 1;
    } else if (c < 0x800) {
        to[0] = (char)(0xc0 | (c >> 6));
        to[1] = (char)(0x80 | (c & 0x3f));
        l->len += 2;
    } else if (c < 0x10000) {
        to[0] = (char)(0xe0 | (c >> 12));
        to[1] = (char)(0x80 | ((c >> 6) & 0x3f));
        to[2] = (char)(0x80 | (c & 0x3f));
        l->len += 3;
    } else {
        to[0] = (char)(0xf0 | (c >> 18));
        to[1] = (char)(0x80 | ((c >> 12) & 0x3f));
        to[2] = (char)(0x80 | ((c >> 6) & 0x3f));
        to[3] = (char)(0x80 | (c & 0x3f));
        l->len += 4;
    }
}

static bool put_code(struct literal *l, uint32_t c, bool byte)
{
    if (l->bytes && byte) {
        if (c > 0xff)
            return l->why = "an escape over one byte", false;
        l->out[l->len++] = (char)c;
        return true;
    }
    if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return l->why = "an escape that is no character", false;
    put_utf8(l, c);
    return true;
}

static bool hex_escape(struct literal *l, size_t digits)
{
    uint32_t c = 0;

    if (l->in.len - l->at < digits)
        return l->why = "an escape with too few digits", false;
    for (size_t i = 0; i < digits; i++) {
        int d = hex((unsigned char)l->in.ptr[l->at++]);

        if (d < 0)
            return l->why = "an escape with too few digits", false;
        c = c * 16 + (uint32_t)d;
    }
    return put_code(l, c, digits == 2);
}

static bool octal_escape(struct literal *l)
{
    uint32_t c = 0;

    l->at--;
    if (l->in.len - l->at < 3)
        return l->why = "an octal escape needs three digits", false;
    for (size_t i = 0; i < 3; i++) {
        char d = l->in.ptr[l->at++];

        if (d < '0' || d > '7')
            return l->why = "an octal escape needs three digits", false;
        c = c * 8 + (uint32_t)(d - '0');
    }
    return put_code(l, c, true);
}

static bool escape(struct literal *l)
{
    static const char from[] = "abfnrtv\\?\"'`";
    static const char to[] = "\a\b\f\n\r\t\v\\?\"'`";
    const char *row;
    char c;

    if (l->at == l->in.len)
        return l->why = "a \\ at the end", false;
    c = l->in.ptr[l->at++];
    row = c ? strchr(from, c) : NULL;
    if (row) {
        l->out[l->len++] = to[row - from];
        return true;
    }
    if (c == 'x' || c == 'X')
        return hex_escape(l, 2);
    if (c == 'u' && !l->bytes)
        return hex_escape(l, 4);
    if (c == 'U' && !l->bytes)
        return hex_escape(l, 8);
    if (c >= '0' && c <= '3')
        return octal_escape(l);
    return l->why = "no such escape", false;
}

static bool decode(struct literal *l)
{
    while (l->at < l->in.len) {
        char c = l->in.ptr[l->at++];

        if (c != '\\')
            l->out[l->len++] = c;
        else if (!escape(l))
            return false;
    }
    return true;
}

/* The quote's length: 1 or 3. */
static size_t quote_len(struct gh_slice s)
{
    return s.len >= 3 && s.ptr[1] == s.ptr[0] && s.ptr[2] == s.ptr[0] ? 3 : 1;
}

/* Where the closing quote begins; false when there is none. */
static bool find_end(struct gh_slice s, size_t quote, bool raw, size_t *ret)
{
    for (size_t i = quote; i + quote <= s.len; i++) {
        char c = s.ptr[i];

        if (quote == 1 && (c == '\n' || c == '\r'))
            return false;
        if (c == '\\' && !raw)
            i++;
        else if (memcmp(s.ptr + i, s.ptr, quote) == 0)
            return *ret = i, true;
    }
    return false;
}

struct gh_cel_token gh_cel_lex_string(struct gh_cel_lexer *lx, bool raw,
                                      bool bytes, uint32_t at)
{
    struct gh_slice rest = gh_slice_drop(lx->in, lx->at);
    size_t quote = quote_len(rest);
    struct literal l = {.bytes = bytes};
    struct gh_cel_token bad = {.kind = GH_CEL_T_BAD, .at = at};
    size_t end;

    if (!find_end(rest, quote, raw, &end)) {
        lx->why = "a string without an end";
        return bad;
    }
    l.in = gh_slice_of(rest.ptr + quote, end - quote);
    lx->at += end + quote;
    if (raw || gh_slice_find(l.in, '\\') == l.in.len) {
        l.out = (char *)(uintptr_t)l.in.ptr;
        l.len = l.in.len;
    } else {
        l.out = gh_arena_alloc(lx->arena, l.in.len + 1, 1);
        if (!l.out || !decode(&l)) {
            lx->why = l.out ? l.why : "too large";
            return bad;
        }
    }
    return (struct gh_cel_token){
        .kind = bytes ? GH_CEL_T_BYTES : GH_CEL_T_STRING,
        .at = at,
        .str = gh_slice_of(l.out, l.len),
        .text = gh_slice_of(lx->in.ptr + at, lx->at - at),
    };
}
