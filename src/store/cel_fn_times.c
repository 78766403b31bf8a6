/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Durations and points in time
 *
 * A duration is written as Go writes it ("1h30m", "-1.5s"), a time as RFC 3339
 * has it. Both are seconds and nanoseconds, the latter never negative. Parts of
 * a time are those in UTC or at a fixed offset; zones by name need a database
 * that may not be there, and are refused.
 */

#include <stdio.h>
#include <time.h>

#include "store/cel_internal.h"

#define SECOND 1000000000

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

struct unit {
    struct gh_slice name;
    int64_t ns;
};

static const struct unit *unit_of(struct gh_slice s)
{
    static const struct unit units[] = {
        {{"ns", 2}, 1},
        {{"us", 2}, 1000},
        {{"\xc2\xb5s", 3}, 1000},
        {{"\xce\xbcs", 3}, 1000},
        {{"ms", 2}, 1000000},
        {{"s", 1}, SECOND},
        {{"m", 1}, 60ll * SECOND},
        {{"h", 1}, 3600ll * SECOND},
    };
    size_t len = 0;

    while (len < s.len && s.ptr[len] != '.' && !is_digit(s.ptr[len]))
        len++;
    for (size_t i = 0; i < GH_COUNT(units); i++)
        if (gh_slice_eq(gh_slice_head(s, len), units[i].name))
            return &units[i];
    return NULL;
}

/* Digits; false when they pass @limit. */
static bool digits(struct gh_slice *s, uint64_t *ret, size_t *ret_count)
{
    uint64_t n = 0;
    size_t i = 0;

    for (; i < s->len && is_digit(s->ptr[i]); i++)
        if (__builtin_mul_overflow(n, 10, &n) ||
            __builtin_add_overflow(n, (uint64_t)(s->ptr[i] - '0'), &n))
            return false;
    *s = gh_slice_drop(*s, i);
    *ret = n;
    *ret_count = i;
    return true;
}

/* Digits behind the point, as a share of one; those past the range of 64 bits
 * do not matter. */
static double share(struct gh_slice *s, size_t *ret_count)
{
    double value = 0;
    double scale = 0.1;
    size_t i = 0;

    for (; i < s->len && is_digit(s->ptr[i]); i++) {
        value += scale * (s->ptr[i] - '0');
        scale /= 10;
    }
    *s = gh_slice_drop(*s, i);
    *ret_count = i;
    return value;
}

/* One number with its unit, added to @ns. */
static bool part(struct gh_slice *s, uint64_t *ns)
{
    const struct unit *unit;
    uint64_t n;
    size_t before, behind = 0;
    double rest = 0;

    if (!digits(s, &n, &before))
        return false;
    if (s->len > 0 && s->ptr[0] == '.') {
        *s = gh_slice_drop(*s, 1);
        rest = share(s, &behind);
    }
    unit = unit_of(*s);
    if (before + behind == 0 || !unit)
        return false;
    *s = gh_slice_drop(*s, unit->name.len);
    return !__builtin_mul_overflow(n, (uint64_t)unit->ns, &n) &&
           !__builtin_add_overflow(
               n, (uint64_t)(rest * (double)unit->ns + 1e-6), &n) &&
           !__builtin_add_overflow(*ns, n, ns) && *ns <= (uint64_t)1 << 63;
}

bool gh_cel_parse_duration(struct gh_slice s, struct gh_cel_time *ret)
{
    bool negative = s.len > 0 && s.ptr[0] == '-';
    uint64_t ns = 0;

    if (s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+'))
        s = gh_slice_drop(s, 1);
    if (s.len == 0)
        return false;
    if (gh_slice_is(s, "0")) {
        *ret = (struct gh_cel_time){0, 0};
        return true;
    }
    while (s.len > 0)
        if (!part(&s, &ns))
            return false;
    if (ns > INT64_MAX && !(negative && ns == (uint64_t)1 << 63))
        return false;
    ret->s = (int64_t)(ns / SECOND);
    ret->ns = (int32_t)(ns % SECOND);
    if (negative) {
        ret->s = -ret->s - (ret->ns > 0);
        ret->ns = ret->ns > 0 ? SECOND - ret->ns : 0;
    }
    return true;
}

/* A number of exactly @count digits within bounds, and the sign behind it. */
static bool fixed(struct gh_slice *s, size_t count, int low, int high, int *ret)
{
    int n = 0;

    if (s->len < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!is_digit(s->ptr[i]))
            return false;
        n = n * 10 + (s->ptr[i] - '0');
    }
    *s = gh_slice_drop(*s, count);
    *ret = n;
    return n >= low && n <= high;
}

static bool sign(struct gh_slice *s, char c)
{
    if (s->len == 0 || (s->ptr[0] != c && s->ptr[0] != (c | 0x20)))
        return false;
    *s = gh_slice_drop(*s, 1);
    return true;
}

/* "Z", "+02:00"; seconds east. */
static bool offset(struct gh_slice *s, int64_t *ret)
{
    bool west = s->len > 0 && s->ptr[0] == '-';
    int h, m;

    *ret = 0;
    if (sign(s, 'Z'))
        return true;
    if (!sign(s, west ? '-' : '+') || !fixed(s, 2, 0, 23, &h) ||
        !sign(s, ':') || !fixed(s, 2, 0, 59, &m))
        return false;
    *ret = (west ? -1 : 1) * (h * 3600 + m * 60);
    return true;
}

static bool nanoseconds(struct gh_slice *s, int32_t *ret)
{
    int32_t scale = SECOND / 10;

    *ret = 0;
    if (!sign(s, '.'))
        return true;
    if (s->len == 0 || !is_digit(s->ptr[0]))
        return false;
    for (; s->len > 0 && is_digit(s->ptr[0]); scale /= 10) {
        *ret += scale * (s->ptr[0] - '0');
        *s = gh_slice_drop(*s, 1);
    }
    return true;
}

static bool date_exists(const struct tm *tm)
{
    static const uint8_t days[] = {31, 29, 31, 30, 31, 30,
                                   31, 31, 30, 31, 30, 31};
    int year = tm->tm_year + 1900;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return tm->tm_mday <= days[tm->tm_mon] &&
           (tm->tm_mon != 1 || tm->tm_mday <= 28 || leap);
}

bool gh_cel_parse_timestamp(struct gh_slice s, struct gh_cel_time *ret)
{
    struct tm tm = {0};
    int64_t east;
    int32_t ns;
    int year;

    if (!fixed(&s, 4, 0, 9999, &year) || !sign(&s, '-') ||
        !fixed(&s, 2, 1, 12, &tm.tm_mon) || !sign(&s, '-') ||
        !fixed(&s, 2, 1, 31, &tm.tm_mday))
        return false;
    tm.tm_year = year - 1900;
    tm.tm_mon--;
    if (!date_exists(&tm))
        return false;
    if (!sign(&s, 'T') || !fixed(&s, 2, 0, 23, &tm.tm_hour) || !sign(&s, ':') ||
        !fixed(&s, 2, 0, 59, &tm.tm_min) || !sign(&s, ':') ||
        !fixed(&s, 2, 0, 59, &tm.tm_sec) || !nanoseconds(&s, &ns) ||
        !offset(&s, &east) || s.len > 0)
        return false;
    *ret = (struct gh_cel_time){(int64_t)timegm(&tm) - east, ns};
    return true;
}

static int fraction(char *to, size_t size, int32_t ns)
{
    int len;

    if (ns == 0)
        return 0;
    len = snprintf(to, size, ".%09d", ns);
    while (len > 0 && to[len - 1] == '0')
        to[--len] = '\0';
    return len;
}

/* CEL prints seconds alone: "5400s". */
struct gh_slice gh_cel_print_duration(struct gh_cel_time t,
                                      struct gh_arena *arena)
{
    char rest[16] = "";
    bool negative = t.s < 0;

    if (negative && t.ns > 0) {
        t.s++;
        t.ns = SECOND - t.ns;
    }
    fraction(rest, sizeof(rest), t.ns);
    return gh_arena_fmt(arena, "%s%lld%ss", negative ? "-" : "",
                        (long long)(negative ? -t.s : t.s), rest);
}

struct gh_slice gh_cel_print_timestamp(struct gh_cel_time t,
                                       struct gh_arena *arena)
{
    char rest[16] = "";
    time_t s = (time_t)t.s;
    struct tm tm = {0};

    gmtime_r(&s, &tm);
    fraction(rest, sizeof(rest), t.ns);
    return gh_arena_fmt(arena, "%04d-%02d-%02dT%02d:%02d:%02d%sZ",
                        tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
                        tm.tm_hour, tm.tm_min, tm.tm_sec, rest);
}

/* --- parts --------------------------------------------------------------- */

static bool zone(struct gh_slice s, int64_t *ret)
{
    struct gh_slice rest = s;

    *ret = 0;
    if (gh_slice_is(s, "UTC") || s.len == 0)
        return true;
    if (is_digit(s.ptr[0])) { /* a sign is optional */
        int h, m;

        if (!fixed(&rest, 2, 0, 23, &h) || !sign(&rest, ':') ||
            !fixed(&rest, 2, 0, 59, &m))
            return false;
        *ret = h * 3600 + m * 60;
    } else if (!offset(&rest, ret)) {
        return false;
    }
    return rest.len == 0;
}

/* args[1], if it is a string, is the zone. */
static struct gh_cel_value split(const struct gh_cel_value *a, struct tm *ret)
{
    int64_t east = 0;
    time_t s;

    if (a[1].kind == GH_CEL_STRING && !zone(a[1].s, &east))
        return gh_cel_error("a time zone must be UTC or an offset: +02:00");
    s = (time_t)(a[0].time.s + east);
    gmtime_r(&s, ret);
    return GH_CEL_OF_INT(0);
}

#define PART(name, expression)                                                 \
    static struct gh_cel_value name##_at(struct gh_cel_eval *e,                \
                                         const struct gh_cel_value *a)         \
    {                                                                          \
        struct tm tm = {0};                                                    \
        struct gh_cel_value v = split(a, &tm);                                 \
                                                                               \
        (void)e;                                                               \
        return v.kind == GH_CEL_ERROR ? v : GH_CEL_OF_INT(expression);         \
    }                                                                          \
    static struct gh_cel_value name(struct gh_cel_eval *e,                     \
                                    const struct gh_cel_value *a)              \
    {                                                                          \
        struct gh_cel_value args[2] = {a[0], {.kind = GH_CEL_NULL}};           \
                                                                               \
        return name##_at(e, args);                                             \
    }

PART(full_year, tm.tm_year + 1900)
PART(month, tm.tm_mon)
PART(date, tm.tm_mday)
PART(day_of_month, tm.tm_mday - 1)
PART(day_of_week, tm.tm_wday)
PART(day_of_year, tm.tm_yday)
PART(hours, tm.tm_hour)
PART(minutes, tm.tm_min)
PART(seconds, tm.tm_sec)
PART(milliseconds, a[0].time.ns / 1000000)

/* Whole units of a duration, towards zero. */
static int64_t whole(struct gh_cel_time t, int64_t unit_s)
{
    int64_t s = t.s < 0 && t.ns > 0 ? t.s + 1 : t.s;

    return s / unit_s;
}

#define SPAN(name, unit)                                                       \
    static struct gh_cel_value name(struct gh_cel_eval *e,                     \
                                    const struct gh_cel_value *a)              \
    {                                                                          \
        (void)e;                                                               \
        return GH_CEL_OF_INT(whole(a[0].time, unit));                          \
    }

SPAN(span_hours, 3600)
SPAN(span_minutes, 60)
SPAN(span_seconds, 1)

static struct gh_cel_value span_milliseconds(struct gh_cel_eval *e,
                                             const struct gh_cel_value *a)
{
    (void)e;
    return GH_CEL_OF_INT(a[0].time.s * 1000 + a[0].time.ns / 1000000);
}

#define PARTS(text, fn)                                                        \
    {text, true, "T", 'i', fn},                                                \
    {                                                                          \
        text, true, "Ts", 'i', fn##_at                                         \
    }

static const struct gh_cel_fn rows[] = {
    PARTS("getFullYear", full_year),
    PARTS("getMonth", month),
    PARTS("getDate", date),
    PARTS("getDayOfMonth", day_of_month),
    PARTS("getDayOfWeek", day_of_week),
    PARTS("getDayOfYear", day_of_year),
    PARTS("getHours", hours),
    {"getHours", true, "D", 'i', span_hours},
    PARTS("getMinutes", minutes),
    {"getMinutes", true, "D", 'i', span_minutes},
    PARTS("getSeconds", seconds),
    {"getSeconds", true, "D", 'i', span_seconds},
    PARTS("getMilliseconds", milliseconds),
    {"getMilliseconds", true, "D", 'i', span_milliseconds},
};

const struct gh_cel_library gh_cel_lib_times = {rows, GH_COUNT(rows)};
