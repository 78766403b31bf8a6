/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/quantity.h"

#include <stdio.h>

#define NANO_PER_UNIT 1000000000
#define NANO_PLACES 9
#define MAX_UNITS_PLACES 28 /* 10^28 units, 10^37 billionths: below 2^127 */
#define MAX_BINARY_UNITS INT64_MAX

typedef unsigned __int128 magnitude;

/* --- reading ------------------------------------------------------------- */

/* The parts of "-12.5e3": digits in front of and behind the point. */
struct parts {
    bool negative;
    struct gh_slice whole;
    struct gh_slice fraction;
    struct gh_slice suffix;
};

static struct gh_slice take_any(struct gh_slice *rest, const char *set)
{
    size_t n = 0;

    while (n < rest->len && rest->ptr[n] && strchr(set, rest->ptr[n]))
        n++;
    *rest = gh_slice_drop(*rest, n);
    return gh_slice_of(rest->ptr - n, n);
}

static bool take(struct gh_slice *rest, char c)
{
    if (rest->len == 0 || rest->ptr[0] != c)
        return false;
    *rest = gh_slice_drop(*rest, 1);
    return true;
}

static bool split(struct gh_slice s, struct parts *ret)
{
    static const char digits[] = "0123456789";
    const char *start;

    if (s.len == 0)
        return false;
    *ret = (struct parts){0};
    ret->negative = take(&s, '-');
    if (!ret->negative)
        (void)take(&s, '+');
    ret->whole = take_any(&s, digits);
    if (take(&s, '.'))
        ret->fraction = take_any(&s, digits);
    start = s.ptr;
    (void)take_any(&s, "eEinumkKMGTP");
    if (!take(&s, '-'))
        (void)take(&s, '+');
    (void)take_any(&s, digits);
    ret->suffix = gh_slice_of(start, (size_t)(s.ptr - start));
    return s.len == 0;
}

/* "e6", "E-03": an int64 that is then cut to 32 bits, as Go does it. */
static bool exponent_of(struct gh_slice s, int32_t *ret)
{
    bool negative;
    uint64_t value = 0;

    if (!take(&s, 'e') && !take(&s, 'E'))
        return false;
    negative = take(&s, '-');
    if (!negative)
        (void)take(&s, '+');
    if (s.len == 0)
        return false;
    for (; s.len > 0; s = gh_slice_drop(s, 1)) {
        if (s.ptr[0] < '0' || s.ptr[0] > '9' ||
            __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(s.ptr[0] - '0'), &value))
            return false;
    }
    if (value > (uint64_t)INT64_MAX + negative)
        return false;
    *ret = (int32_t)(uint32_t)(negative ? 0 - value : value);
    return true;
}

struct suffix {
    char text[3];
    enum gh_quantity_format format;
    int exponent; /* of ten, or of two */
};

static const struct suffix suffixes[] = {
    {"n", GH_QUANTITY_DECIMAL, -9}, {"u", GH_QUANTITY_DECIMAL, -6},
    {"m", GH_QUANTITY_DECIMAL, -3}, {"", GH_QUANTITY_DECIMAL, 0},
    {"k", GH_QUANTITY_DECIMAL, 3},  {"M", GH_QUANTITY_DECIMAL, 6},
    {"G", GH_QUANTITY_DECIMAL, 9},  {"T", GH_QUANTITY_DECIMAL, 12},
    {"P", GH_QUANTITY_DECIMAL, 15}, {"E", GH_QUANTITY_DECIMAL, 18},
    {"Ki", GH_QUANTITY_BINARY, 10}, {"Mi", GH_QUANTITY_BINARY, 20},
    {"Gi", GH_QUANTITY_BINARY, 30}, {"Ti", GH_QUANTITY_BINARY, 40},
    {"Pi", GH_QUANTITY_BINARY, 50}, {"Ei", GH_QUANTITY_BINARY, 60},
};

static bool interpret(struct gh_slice s, enum gh_quantity_format *ret_format,
                      int32_t *ret_exponent)
{
    for (size_t i = 0; i < GH_COUNT(suffixes); i++) {
        if (gh_slice_is(s, suffixes[i].text)) {
            *ret_format = suffixes[i].format;
            *ret_exponent = suffixes[i].exponent;
            return true;
        }
    }
    *ret_format = GH_QUANTITY_EXPONENT;
    return exponent_of(s, ret_exponent);
}

static magnitude power_of_ten(int n)
{
    magnitude value = 1;

    while (n-- > 0)
        value *= 10;
    return value;
}

/* Digit by digit, as long as they count for billionths; what is left then only
 * says whether to round. */
struct sum {
    magnitude nano;
    int64_t place; /* of the next digit: 10^place units */
    bool over;
    bool rest;
};

static void add_digits(struct sum *sum, struct gh_slice digits)
{
    magnitude most = power_of_ten(MAX_UNITS_PLACES + NANO_PLACES);

    for (size_t i = 0; i < digits.len; i++, sum->place--) {
        unsigned digit = (unsigned)(digits.ptr[i] - '0');

        if (sum->place < -NANO_PLACES) {
            sum->rest |= digit > 0;
        } else if (!sum->over) {
            sum->nano = sum->nano * 10 + digit;
            sum->over = sum->nano >= most;
        }
    }
}

static magnitude decimal(const struct parts *p, int32_t exponent)
{
    magnitude most = power_of_ten(MAX_UNITS_PLACES + NANO_PLACES);
    struct sum sum = {.place = (int64_t)p->whole.len - 1 + exponent};

    add_digits(&sum, p->whole);
    add_digits(&sum, p->fraction);
    /* Digits that were not written are zeros. */
    for (; sum.nano > 0 && !sum.over && sum.place >= -NANO_PLACES;
         sum.place--) {
        sum.nano *= 10;
        sum.over = sum.nano >= most;
    }
    return sum.over ? most : sum.nano + sum.rest;
}

/* The fraction times @unit, from its last digit on: each step's division is
 * exact or leaves a rest, and any rest rounds the whole up. */
static magnitude fraction_of(struct gh_slice digits, magnitude unit)
{
    magnitude value = 0;
    bool rest = false;

    for (size_t i = digits.len; i > 0; i--) {
        value += (unsigned)(digits.ptr[i - 1] - '0') * unit;
        rest |= value % 10 != 0;
        value /= 10;
    }
    return value + rest;
}

static magnitude binary(const struct parts *p, int32_t exponent)
{
    magnitude most = (magnitude)MAX_BINARY_UNITS * NANO_PER_UNIT;
    magnitude unit = ((magnitude)1 << exponent) * NANO_PER_UNIT;
    magnitude whole = 0;
    magnitude nano;

    for (size_t i = 0; i < p->whole.len; i++) {
        whole = whole * 10 + (unsigned)(p->whole.ptr[i] - '0');
        if (whole > (magnitude)MAX_BINARY_UNITS >> exponent)
            return most;
    }
    nano = whole * unit + fraction_of(p->fraction, unit);
    return nano < most ? nano : most;
}

/* Without any digit, Kubernetes takes its quick way or fails. */
static bool may_be_empty(enum gh_quantity_format format, int32_t exponent)
{
    return format == GH_QUANTITY_BINARY ? exponent < 50
                                        : exponent >= -NANO_PLACES;
}

bool gh_quantity_parse(struct gh_slice s, struct gh_quantity *ret)
{
    struct gh_quantity q;
    struct parts p;
    int32_t exponent;
    magnitude nano;

    if (!split(s, &p) || !interpret(p.suffix, &q.format, &exponent))
        return false;
    if (p.whole.len + p.fraction.len == 0 && !may_be_empty(q.format, exponent))
        return false;
    nano = q.format == GH_QUANTITY_BINARY ? binary(&p, exponent)
                                          : decimal(&p, exponent);
    if (q.format == GH_QUANTITY_BINARY && nano < NANO_PER_UNIT)
        q.format = GH_QUANTITY_DECIMAL;
    q.nano = p.negative ? -(__int128)nano : (__int128)nano;
    *ret = q;
    return true;
}

/* --- using --------------------------------------------------------------- */

int64_t gh_quantity_milli(struct gh_quantity q)
{
    magnitude nano = (magnitude)(q.nano < 0 ? -q.nano : q.nano);
    magnitude milli = nano / 1000000 + (nano % 1000000 != 0);

    if (q.nano >= 0)
        return milli > INT64_MAX ? INT64_MAX : (int64_t)milli;
    return milli > INT64_MAX ? INT64_MIN : -(int64_t)milli;
}

int gh_quantity_cmp(struct gh_quantity a, struct gh_quantity b)
{
    return (a.nano > b.nano) - (a.nano < b.nano);
}

/* --- printing ------------------------------------------------------------ */

/* Right-aligned, with @suffix behind. */
static struct gh_slice print_number(magnitude n, bool negative,
                                    const char *suffix,
                                    struct gh_quantity_text *text)
{
    char *end = text->bytes + sizeof(text->bytes);
    struct gh_slice behind = gh_slice_str(suffix);
    char *at = end - behind.len;

    memcpy(at, behind.ptr, behind.len);
    do {
        *--at = (char)('0' + (int)(n % 10));
        n /= 10;
    } while (n > 0);
    if (negative)
        *--at = '-';
    return gh_slice_of(at, (size_t)(end - at));
}

static const char *suffix_text(enum gh_quantity_format format, int exponent)
{
    for (size_t i = 0; i < GH_COUNT(suffixes); i++) {
        if (suffixes[i].format == format && suffixes[i].exponent == exponent)
            return suffixes[i].text;
    }
    return NULL;
}

static struct gh_slice print_decimal(magnitude nano, struct gh_quantity q,
                                     struct gh_quantity_text *text)
{
    int exponent = -NANO_PLACES;
    const char *suffix;
    char power[16];

    for (; nano % 10 == 0; nano /= 10)
        exponent++;
    for (; exponent % 3 != 0; exponent--)
        nano *= 10;
    suffix = suffix_text(GH_QUANTITY_DECIMAL, exponent);
    if ((q.format == GH_QUANTITY_EXPONENT && exponent != 0) || !suffix) {
        (void)snprintf(power, sizeof(power), "e%d", exponent);
        suffix = power;
    }
    return print_number(nano, q.nano < 0, suffix, text);
}

struct gh_slice gh_quantity_print(struct gh_quantity q,
                                  struct gh_quantity_text *text)
{
    magnitude nano = (magnitude)(q.nano < 0 ? -q.nano : q.nano);
    magnitude units = nano / NANO_PER_UNIT;
    int exponent = 0;

    if (nano == 0)
        return print_number(0, false, "", text);
    if (q.format != GH_QUANTITY_BINARY || nano % NANO_PER_UNIT != 0 ||
        units < 1024)
        return print_decimal(nano, q, text);
    for (; units % 1024 == 0 && exponent < 60; units /= 1024)
        exponent += 10;
    return print_number(
        units, q.nano < 0,
        exponent ? suffix_text(GH_QUANTITY_BINARY, exponent) : "", text);
}
