/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/json_internal.h"

/*
 * Text in JSON strings: UTF-8 and escapes
 *
 * UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above
 * U+10FFFF. An escaped surrogate must be one half of a pair, because a lone
 * one has no UTF-8 form: it could not be given to anybody unharmed.
 */

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Whether the second byte of a sequence fits the first one. */
static bool fits(unsigned char first, unsigned char second)
{
    switch (first) {
    case 0xe0:
        return second >= 0xa0; /* shorter form exists */
    case 0xed:
        return second < 0xa0; /* surrogates */
    case 0xf0:
        return second >= 0x90; /* shorter form exists */
    case 0xf4:
        return second < 0x90; /* above U+10FFFF */
    default:
        return true;
    }
}

int gh_json_utf8_len(const char *c, const char *end)
{
    unsigned char first = (unsigned char)*c;
    int len;

    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    len = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    for (int i = 1; i < len; i++) {
        if (c + i == end)
            return -1;
        if (!is_continuation(c[i]) ||
            (i == 1 && !fits(first, (unsigned char)c[1])))
            return 0;
    }
    return len;
}

const char *gh_json_utf8_check(struct gh_json_parser *p, const char *c)
{
    while (c < p->end && (signed char)*c < 0) {
        int len = gh_json_utf8_len(c, p->end);

        if (len < 0)
            return gh_json_cut(p);
        if (len == 0)
            return gh_json_fail(p, c, "invalid UTF-8 in a string");
        c += len;
    }
    return c;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits at @c, which are known to be valid. */
static uint32_t hex4(const char *c)
{
    uint32_t value = 0;

    for (int i = 0; i < 4; i++)
        value = value << 4 | (uint32_t)hex_digit(c[i]);
    return value;
}

static uint32_t utf8_size(uint32_t point)
{
    return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}

/* Checks "uXXXX" at @c. Return: behind it. */
static const char *unit_check(struct gh_json_parser *p, const char *c)
{
    for (int i = 1; i <= 4; i++) {
        if (c + i == p->end)
            return gh_json_cut(p);
        if (hex_digit(c[i]) < 0)
            return gh_json_unexpected(p, c + i,
                                      "expected four hexadecimal digits");
    }
    return c + 5;
}

/* @c is behind a first surrogate; its other half must follow. */
static const char *second_check(struct gh_json_parser *p, const char *c)
{
    const char *behind;
    uint32_t unit;

    if (c == p->end || (*c == '\\' && c + 1 == p->end))
        return gh_json_cut(p);
    if (c[0] != '\\' || c[1] != 'u')
        return gh_json_fail(p, c, "half of a surrogate pair");
    behind = unit_check(p, c + 1);
    if (!behind)
        return NULL;
    unit = hex4(c + 2);
    if (unit < 0xdc00 || unit > 0xdfff)
        return gh_json_fail(p, c, "half of a surrogate pair");
    return behind;
}

const char *gh_json_escape_check(struct gh_json_parser *p, const char *c,
                                 uint32_t *saved)
{
    const char *behind;
    uint32_t unit;

    if (c + 1 == p->end)
        return gh_json_cut(p);
    if (c[1] != 'u') {
        if (c[1] == '\0' || !strchr("\"\\/bfnrt", c[1]))
            return gh_json_fail(p, c, "unknown escape");
        *saved += 1;
        return c + 2;
    }
    behind = unit_check(p, c + 1);
    if (!behind)
        return NULL;
    unit = hex4(c + 2);
    if (unit >= 0xdc00 && unit <= 0xdfff)
        return gh_json_fail(p, c, "half of a surrogate pair");
    if (unit >= 0xd800 && unit <= 0xdbff) {
        *saved += 8; /* twelve bytes become four */
        return second_check(p, behind);
    }
    *saved += 6 - utf8_size(unit);
    return behind;
}

static char *put_utf8(char *to, uint32_t point)
{
    uint32_t size = utf8_size(point);

    if (size == 1) {
        *to = (char)point;
        return to + 1;
    }
    for (uint32_t i = size - 1; i > 0; i--) {
        to[i] = (char)(0x80 | (point & 0x3f));
        point >>= 6;
    }
    to[0] = (char)((0xf0u << (4 - size)) | point);
    return to + size;
}

/* Decodes the escape at *@c and steps over it. */
static char *put_escape(char *to, const char **c)
{
    static const char from[] = "\"\\/bfnrt";
    static const char into[] = "\"\\/\b\f\n\r\t";
    const char *at = *c;
    uint32_t point;

    if (at[1] != 'u') {
        *to = into[strchr(from, at[1]) - from];
        *c = at + 2;
        return to + 1;
    }
    point = hex4(at + 2);
    *c = at + 6;
    if (point >= 0xd800 && point <= 0xdbff) {
        point = 0x10000 + ((point - 0xd800) << 10) + (hex4(at + 8) - 0xdc00);
        *c = at + 12;
    }
    return put_utf8(to, point);
}

size_t gh_json_unescape(struct gh_slice text, char *to)
{
    const char *c = text.ptr;
    const char *end = text.ptr + text.len;
    char *start = to;

    while (c < end) {
        const char *stop = memchr(c, '\\', (size_t)(end - c));
        size_t plain = (size_t)((stop ? stop : end) - c);

        memcpy(to, c, plain);
        to += plain;
        c += plain;
        if (stop)
            to = put_escape(to, &c);
    }
    return (size_t)(to - start);
}
