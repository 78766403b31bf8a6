/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/yaml_scalar.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/attr.h"

/*
 * The rules, in the order in which they are tried
 *
 *  1. the words below: y, yes, on, true and their opposites in three
 *     spellings; the empty scalar, ~ and null; .inf and .nan; "<<"
 *  2. what begins with a digit or a sign, after dropping every '_': an integer
 *     in Go's notation (0x, 0o, 0b, and a leading 0 for octal) that fits in 64
 *     bits, else a decimal number; so 0o17 and 017 are 15, 08 is 8, and
 *     99999999999999999999 is a float. Hexadecimal beyond 64 bits is a float
 *  3. what begins with '.': a decimal number
 *  4. everything else is a string: timestamps, versions such as 1.2.3,
 *     quantities such as 100m, sexagesimals such as 12:30, 1e999
 */

struct word {
    const char *text[3]; /* lower, title, upper case; NULL: no such spelling */
    enum gh_yaml_kind kind;
    bool truth;
    double real;
};

static const struct word words[] = {
    {{"y", NULL, "Y"}, GH_YAML_BOOL, true, 0},
    {{"yes", "Yes", "YES"}, GH_YAML_BOOL, true, 0},
    {{"true", "True", "TRUE"}, GH_YAML_BOOL, true, 0},
    {{"on", "On", "ON"}, GH_YAML_BOOL, true, 0},
    {{"n", NULL, "N"}, GH_YAML_BOOL, false, 0},
    {{"no", "No", "NO"}, GH_YAML_BOOL, false, 0},
    {{"false", "False", "FALSE"}, GH_YAML_BOOL, false, 0},
    {{"off", "Off", "OFF"}, GH_YAML_BOOL, false, 0},
    {{"", "~", NULL}, GH_YAML_NULL, false, 0},
    {{"null", "Null", "NULL"}, GH_YAML_NULL, false, 0},
    {{".nan", ".NaN", ".NAN"}, GH_YAML_FLOAT, false, (double)NAN},
    {{".inf", ".Inf", ".INF"}, GH_YAML_FLOAT, false, (double)INFINITY},
    {{"+.inf", "+.Inf", "+.INF"}, GH_YAML_FLOAT, false, (double)INFINITY},
    {{"-.inf", "-.Inf", "-.INF"}, GH_YAML_FLOAT, false, -(double)INFINITY},
    {{"<<", NULL, NULL}, GH_YAML_MERGE, false, 0},
};

#define MAX_WORD 5
#define MAX_NUMBER 128 /* longer ones are strings */

static bool is_word(struct gh_slice s, struct gh_yaml_scalar *ret)
{
    if (s.len > MAX_WORD)
        return false;
    for (size_t i = 0; i < GH_COUNT(words); i++) {
        const struct word *w = &words[i];

        for (size_t j = 0; j < GH_COUNT(w->text); j++) {
            if (w->text[j] && gh_slice_is(s, w->text[j])) {
                *ret = (struct gh_yaml_scalar){
                    .kind = w->kind, .truth = w->truth, .real = w->real};
                return true;
            }
        }
    }
    return false;
}

static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'z')
        return (unsigned)(c - 'a') + 10;
    if (c >= 'A' && c <= 'Z')
        return (unsigned)(c - 'A') + 10;
    return 99;
}

/* Takes "0x" and the like off @digits. */
static unsigned take_base(struct gh_slice *digits)
{
    char mark = digits->len > 1 ? (char)(digits->ptr[1] | 0x20) : '\0';
    unsigned base = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 0;

    if (digits->len < 2 || digits->ptr[0] != '0')
        return 10;
    *digits = gh_slice_drop(*digits, base ? 2 : 1);
    return base ? base : 8;
}

/* A plain integer; what is too large for 64 bits goes to @real, in hexadecimal
 * and its kin, and is left to the decimal rule otherwise. */
static bool is_integer(struct gh_slice s, struct gh_yaml_scalar *ret)
{
    bool negative = s.ptr[0] == '-';
    struct gh_slice digits =
        gh_slice_drop(s, s.ptr[0] == '-' || s.ptr[0] == '+');
    bool fits = true;
    uint64_t value = 0;
    double real = 0;
    unsigned base;

    base = take_base(&digits);
    if (digits.len == 0)
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        unsigned d = digit_value(digits.ptr[i]);

        if (d >= base)
            return false;
        real = real * base + d;
        fits = fits && !__builtin_mul_overflow(value, base, &value) &&
               !__builtin_add_overflow(value, d, &value);
    }
    if (negative && value > (uint64_t)INT64_MAX + 1)
        fits = false;
    if (!fits && base == 10)
        return false;
    *ret = (struct gh_yaml_scalar){
        .kind = fits ? GH_YAML_INT : GH_YAML_FLOAT,
        .negative = negative && value != 0,
        .magnitude = value,
        .real = negative ? -real : real,
    };
    return true;
}

static size_t count_digits(struct gh_slice s, size_t from)
{
    size_t n = from;

    while (n < s.len && s.ptr[n] >= '0' && s.ptr[n] <= '9')
        n++;
    return n - from;
}

/* [-+]? (.[0-9]+ | [0-9]+(.[0-9]*)?) ([eE][-+]?[0-9]+)? */
static bool looks_decimal(struct gh_slice s)
{
    size_t at = s.ptr[0] == '-' || s.ptr[0] == '+';
    size_t whole = count_digits(s, at);
    size_t fraction = 0;
    size_t exponent;

    at += whole;
    if (at < s.len && s.ptr[at] == '.') {
        fraction = count_digits(s, at + 1);
        at += 1 + fraction;
    }
    if (whole == 0 && fraction == 0)
        return false;
    if (at == s.len)
        return true;
    if ((s.ptr[at] | 0x20) != 'e')
        return false;
    at++;
    at += at < s.len && (s.ptr[at] == '-' || s.ptr[at] == '+');
    exponent = count_digits(s, at);
    return exponent > 0 && at + exponent == s.len;
}

/* @s is terminated by a NUL. */
static bool is_decimal(struct gh_slice s, struct gh_yaml_scalar *ret)
{
    double real;

    if (!looks_decimal(s))
        return false;
    real = strtod(s.ptr, NULL);
    if (!isfinite(real))
        return false;
    *ret = (struct gh_yaml_scalar){.kind = GH_YAML_FLOAT, .real = real};
    return true;
}

static bool is_number(struct gh_slice s, struct gh_yaml_scalar *ret)
{
    bool dot = s.ptr[0] == '.';
    char plain[MAX_NUMBER + 1];
    size_t len = 0;

    if (s.len > MAX_NUMBER)
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] != '_' || dot)
            plain[len++] = s.ptr[i];
    plain[len] = '\0';
    return (!dot && is_integer(gh_slice_of(plain, len), ret)) ||
           is_decimal(gh_slice_of(plain, len), ret);
}

struct gh_yaml_scalar gh_yaml_resolve(struct gh_slice text)
{
    struct gh_yaml_scalar ret = {.kind = GH_YAML_STRING};

    if (is_word(text, &ret))
        return ret;
    if ((text.ptr[0] >= '0' && text.ptr[0] <= '9') || text.ptr[0] == '-' ||
        text.ptr[0] == '+' || text.ptr[0] == '.')
        (void)is_number(text, &ret);
    return ret;
}

/* Go's FormatFloat(v, 'g', -1, 32): the shortest digits that give the same
 * single-precision number, with an exponent below 1e-4 and from 1e6 on. */
static void float_name(double real, char ret[static GH_YAML_NAME_BYTES])
{
    float single = (float)real;
    int digits = 0;
    int exponent;

    if (isnan(real) || isinf(single)) {
        const char *name = isnan(real) ? ".nan" : real < 0 ? "-.inf" : ".inf";

        (void)snprintf(ret, GH_YAML_NAME_BYTES, "%s", name);
        return;
    }
    do
        (void)snprintf(ret, GH_YAML_NAME_BYTES, "%.*e", digits, (double)single);
    while (strtof(ret, NULL) != single && ++digits < 9);
    exponent = (int)strtol(strchr(ret, 'e') + 1, NULL, 10);
    if (exponent >= -4 && exponent < 6)
        (void)snprintf(ret, GH_YAML_NAME_BYTES, "%.*f",
                       digits > exponent ? digits - exponent : 0,
                       (double)single);
}

bool gh_yaml_scalar_name(const struct gh_yaml_scalar *s,
                         char ret[static GH_YAML_NAME_BYTES])
{
    switch (s->kind) {
    case GH_YAML_BOOL:
        (void)snprintf(ret, GH_YAML_NAME_BYTES, "%s",
                       s->truth ? "true" : "false");
        return true;
    case GH_YAML_INT:
        (void)snprintf(ret, GH_YAML_NAME_BYTES, "%s%" PRIu64,
                       s->negative ? "-" : "", s->magnitude);
        return true;
    case GH_YAML_FLOAT:
        float_name(s->real, ret);
        return true;
    case GH_YAML_MERGE:
        (void)snprintf(ret, GH_YAML_NAME_BYTES, "<<");
        return true;
    case GH_YAML_STRING:
    case GH_YAML_NULL:
        break;
    }
    return false;
}
