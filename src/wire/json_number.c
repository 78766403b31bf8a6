/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/json_internal.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * Numbers: from text exactly, and back in the fewest digits
 *
 * The C library converts correctly in both directions but takes the decimal
 * separator from the locale. So it never gets to see one: strtod() is given an
 * integer with an exponent, and of printf()'s output only digits are read.
 */

/* More digits than can decide a rounding; the rest only says "and a bit". */
#define MAX_DIGITS 780
#define MAX_EXPONENT 1000000

/* The digits of a number, without sign, point and leading zeros. */
struct decimal {
    char digit[MAX_DIGITS + 1];
    size_t count;
    int64_t exponent; /* value = digits times ten to this power */
    bool negative;
};

static void add_digit(struct decimal *d, char digit)
{
    if (d->count == 0 && digit == '0')
        return;
    if (d->count < MAX_DIGITS) {
        d->digit[d->count++] = digit;
        return;
    }
    d->exponent++;
    if (digit != '0')
        d->digit[MAX_DIGITS - 1] |= 1; /* sticky: an even digit becomes odd */
}

/* Text of a valid JSON number. */
static void split(struct gh_slice text, struct decimal *d)
{
    const char *c = text.ptr;
    const char *end = text.ptr + text.len;
    int64_t exponent = 0;
    bool negative = false;

    d->count = 0;
    d->exponent = 0;
    d->negative = *c == '-';
    c += d->negative;
    for (; c < end && *c >= '0' && *c <= '9'; c++)
        add_digit(d, *c);
    if (c < end && *c == '.')
        for (c++; c < end && *c >= '0' && *c <= '9'; c++) {
            d->exponent--;
            add_digit(d, *c);
        }
    if (c < end) {
        c++;
        negative = *c == '-';
        if (*c == '-' || *c == '+')
            c++;
        for (; c < end; c++)
            if (exponent < INT32_MAX)
                exponent = exponent * 10 + (*c - '0');
    }
    d->exponent += negative ? -exponent : exponent;
}

static void strip_zeros(struct decimal *d)
{
    while (d->count > 0 && d->digit[d->count - 1] == '0') {
        d->count--;
        d->exponent++;
    }
}

/* The digits as an unsigned number; false when it is none or too large. */
static bool to_u64(struct decimal *d, uint64_t *ret)
{
    uint64_t value = 0;

    strip_zeros(d);
    if (d->count == 0) {
        *ret = 0;
        return true;
    }
    if (d->exponent < 0 || (int64_t)d->count + d->exponent > 20)
        return false;
    for (size_t i = 0; i < d->count + (size_t)d->exponent; i++) {
        unsigned digit = i < d->count ? (unsigned)(d->digit[i] - '0') : 0;

        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, digit, &value))
            return false;
    }
    *ret = value;
    return true;
}

/* Up to 18 digits and nothing else, the usual integer. */
static bool plain_integer(struct gh_slice text, int64_t *ret)
{
    int64_t value = 0;
    bool negative = text.ptr[0] == '-';

    if (text.len > 18u + negative)
        return false;
    for (size_t i = negative; i < text.len; i++) {
        unsigned digit = (unsigned char)text.ptr[i] - (unsigned)'0';

        if (digit > 9)
            return false;
        value = value * 10 + digit;
    }
    *ret = negative ? -value : value;
    return true;
}

bool gh_json_i64(struct gh_json v, int64_t *ret)
{
    struct decimal d;
    uint64_t value;

    if (!gh_json_is(v, GH_JSON_NUMBER))
        return false;
    if (plain_integer(gh_json_raw(v), ret))
        return true;
    split(gh_json_raw(v), &d);
    if (!to_u64(&d, &value) || value > (uint64_t)INT64_MAX + d.negative)
        return false;
    *ret = d.negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

bool gh_json_f64(struct gh_json v, double *ret)
{
    char text[MAX_DIGITS + 32];
    struct decimal d;
    int64_t small;
    int64_t exponent;
    double value;

    if (!gh_json_is(v, GH_JSON_NUMBER))
        return false;
    if (plain_integer(gh_json_raw(v), &small) && small != 0) {
        *ret = (double)small; /* rounds to nearest, as all here */
        return true;
    }
    split(gh_json_raw(v), &d);
    exponent = d.exponent < -MAX_EXPONENT  ? -MAX_EXPONENT
               : d.exponent > MAX_EXPONENT ? MAX_EXPONENT
                                           : d.exponent;
    d.digit[d.count] = '\0';
    (void)snprintf(text, sizeof(text), "%s%se%lld", d.negative ? "-" : "",
                   d.count ? d.digit : "0", (long long)exponent);
    value = strtod(text, NULL);
    if (!isfinite(value))
        return false;
    *ret = value;
    return true;
}

bool gh_json_number_equal(struct gh_json a, struct gh_json b)
{
    struct decimal x;
    struct decimal y;

    split(gh_json_raw(a), &x);
    split(gh_json_raw(b), &y);
    strip_zeros(&x);
    strip_zeros(&y);
    if (x.count == 0 || y.count == 0)
        return x.count == y.count;
    return x.negative == y.negative && x.exponent == y.exponent &&
           x.count == y.count && memcmp(x.digit, y.digit, x.count) == 0;
}

/* @value rounded to @count digits. Return: the exponent of the first one. */
static int print_digits(double value, int count, char digit[static 32])
{
    char text[64];
    const char *c = text;
    size_t n = 0;

    (void)snprintf(text, sizeof(text), "%.*e", count - 1, value);
    for (; *c != 'e'; c++)
        if (*c >= '0' && *c <= '9')
            digit[n++] = *c;
    digit[n] = '\0';
    return (int)strtol(c + 1, NULL, 10);
}

static bool same_value(double value, const char *digit, int exponent)
{
    char text[64];

    (void)snprintf(text, sizeof(text), "%se%d", digit,
                   exponent - (int)strlen(digit) + 1);
    return strtod(text, NULL) == value;
}

/* The next larger number of as many digits; there is none after 99...9, which
 * is never called for: a power of two is not that near to a power of ten. */
static void increment(char *digit)
{
    size_t i = strlen(digit);

    while (i > 0 && digit[i - 1] == '9')
        digit[--i] = '0';
    if (i > 0)
        digit[i - 1]++;
}

/*
 * The fewest digits that give @value back; of several the nearest. Up to 15
 * digits there is at most one such number, and rounding finds it. With 16 the
 * nearest may fail where the one above does not: below a power of two doubles
 * lie closer together. 17 always do. Subnormal numbers have less precision,
 * so there one has to try.
 */
static int shortest(double value, char digit[static 32])
{
    int count = value < DBL_MIN ? 1 : 15;
    int exponent;
    size_t n;

    for (; count <= 17; count++) {
        exponent = print_digits(value, count, digit);
        if (same_value(value, digit, exponent))
            break;
        if (count != 16)
            continue;
        increment(digit);
        if (same_value(value, digit, exponent))
            break;
    }
    n = strlen(digit);
    while (n > 1 && digit[n - 1] == '0')
        digit[--n] = '\0';
    return exponent;
}

/* ECMAScript's Number::toString(), with the point at @point digits. */
static size_t lay_out(const char *digit, int point, char *to, size_t size)
{
    int count = (int)strlen(digit);
    int n;

    if (point > 21 || point <= -6)
        n = snprintf(to, size, "%c%s%se%+d", digit[0], count > 1 ? "." : "",
                     digit + 1, point - 1);
    else if (point <= 0)
        n = snprintf(to, size, "0.%.*s%s", -point, "000000", digit);
    else if (point >= count)
        n = snprintf(to, size, "%s%.*s", digit, point - count,
                     "000000000000000000000");
    else
        n = snprintf(to, size, "%.*s.%s", point, digit, digit + point);
    return (size_t)n;
}

size_t gh_json_format_f64(double value, char to[static GH_JSON_F64_SIZE])
{
    char digit[32];
    size_t sign = value < 0;
    int exponent;

    if (!isfinite(value))
        return (size_t)snprintf(to, GH_JSON_F64_SIZE, "null");
    if (value == 0)
        return (size_t)snprintf(to, GH_JSON_F64_SIZE, "0");
    if (fabs(value) < 1e15 && value == (double)(int64_t)value)
        return (size_t)snprintf(to, GH_JSON_F64_SIZE, "%lld", (long long)value);
    to[0] = '-';
    exponent = shortest(fabs(value), digit);
    return sign +
           lay_out(digit, exponent + 1, to + sign, GH_JSON_F64_SIZE - sign);
}
