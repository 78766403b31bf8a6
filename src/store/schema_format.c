/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Formats of strings, as the API server checks them
 *
 * Its library is generous: "5 minutes" and "P1D" are durations, since any
 * number with a unit somewhere in the text will do. A format that it does not
 * know means nothing.
 */

#include <arpa/inet.h>

#include "store/schema_internal.h"

static const char *const names[GH_SCHEMA_FORMATS] = {
    [GH_SCHEMA_ANY_FORMAT] = "",       [GH_SCHEMA_INT32] = "int32",
    [GH_SCHEMA_INT64] = "int64",       [GH_SCHEMA_UINT32] = "uint32",
    [GH_SCHEMA_UINT64] = "uint64",     [GH_SCHEMA_FLOAT] = "float",
    [GH_SCHEMA_DOUBLE] = "double",     [GH_SCHEMA_TEXT_FORMATS] = "",
    [GH_SCHEMA_DATE] = "date",         [GH_SCHEMA_DATE_TIME] = "date-time",
    [GH_SCHEMA_DURATION] = "duration", [GH_SCHEMA_BYTE] = "byte",
    [GH_SCHEMA_IPV4] = "ipv4",         [GH_SCHEMA_IPV6] = "ipv6",
    [GH_SCHEMA_CIDR] = "cidr",         [GH_SCHEMA_MAC] = "mac",
    [GH_SCHEMA_UUID] = "uuid",         [GH_SCHEMA_UUID3] = "uuid3",
    [GH_SCHEMA_UUID4] = "uuid4",       [GH_SCHEMA_UUID5] = "uuid5",
    [GH_SCHEMA_URI] = "uri",           [GH_SCHEMA_EMAIL] = "email",
    [GH_SCHEMA_HOSTNAME] = "hostname", [GH_SCHEMA_PASSWORD] = "password",
};

const char *gh_schema_format_name(enum gh_schema_format f)
{
    return names[f];
}

enum gh_schema_format gh_schema_format_of(struct gh_slice name)
{
    if (gh_slice_is(name, "datetime"))
        return GH_SCHEMA_DATE_TIME;
    for (enum gh_schema_format f = GH_SCHEMA_INT32; f < GH_SCHEMA_FORMATS; f++)
        if (f != GH_SCHEMA_TEXT_FORMATS && gh_slice_is(name, names[f]))
            return f;
    return GH_SCHEMA_ANY_FORMAT;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alpha(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool is_hex(char c)
{
    return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* --- time ---------------------------------------------------------------- */

static bool is_date(struct gh_slice s)
{
    struct gh_cel_time t;
    char text[32];

    if (s.len != 10)
        return false;
    memcpy(text, s.ptr, 10);
    memcpy(text + 10, "T00:00:00Z", 11);
    return gh_cel_parse_timestamp(gh_slice_of(text, 20), &t);
}

/* @shape has a 9 for each digit. */
static bool has_shape(struct gh_slice s, const char *shape)
{
    for (size_t i = 0; shape[i]; i++)
        if (i >= s.len ||
            (shape[i] == '9' ? !is_digit(s.ptr[i]) : s.ptr[i] != shape[i]))
            return false;
    return true;
}

static bool is_zone(struct gh_slice s)
{
    if (gh_slice_is(s, "z") || gh_slice_is(s, "Z"))
        return true;
    return s.len == 6 && (s.ptr[0] == '+' || s.ptr[0] == '-') &&
           has_shape(gh_slice_drop(s, 1), "99:99");
}

static bool is_date_time(struct gh_slice s)
{
    if (s.len < 20 || !is_date(gh_slice_head(s, 10)) ||
        (s.ptr[10] | 0x20) != 't')
        return false;
    s = gh_slice_drop(s, 11);
    if (!has_shape(s, "99:99:99") || memcmp(s.ptr, "23", 2) > 0 ||
        memcmp(s.ptr + 3, "59", 2) > 0 || memcmp(s.ptr + 6, "59", 2) > 0)
        return false;
    s = gh_slice_drop(s, 8);
    if (s.len > 1 && is_digit(s.ptr[1]) && !is_zone(s)) {
        s = gh_slice_drop(s, 1);
        while (s.len > 0 && is_digit(s.ptr[0]))
            s = gh_slice_drop(s, 1);
    }
    return is_zone(s);
}

static bool is_unit(struct gh_slice s)
{
    static const char *const words[] = {"ns", "us", "ms", "s",  "m",        "h",
                                        "hr", "d",  "w",  "wk", "\xc2\xb5s"};
    static const char *const starts[] = {"nano", "micro", "milli", "sec",
                                         "min",  "hour",  "day",   "week"};

    for (size_t i = 0; i < GH_COUNT(words); i++)
        if (gh_slice_eq_nocase(s, gh_slice_str(words[i])))
            return true;
    for (size_t i = 0; i < GH_COUNT(starts); i++) {
        struct gh_slice start = gh_slice_str(starts[i]);

        if (gh_slice_eq_nocase(gh_slice_head(s, start.len), start))
            return true;
    }
    return false;
}

static size_t span(struct gh_slice s, bool (*is)(char c))
{
    size_t n = 0;

    while (n < s.len && is(s.ptr[n]))
        n++;
    return n;
}

static bool is_unit_letter(char c)
{
    return is_alpha(c) || c == '\xc2' || c == '\xb5';
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r' && c != '\v');
}

/* Any number with a known unit behind it, anywhere, and no number too large. */
static bool is_duration(struct gh_slice s)
{
    struct gh_cel_time t;
    bool found = false;

    if (gh_cel_parse_duration(s, &t))
        return true;
    while (s.len > 0) {
        struct gh_slice number = gh_slice_head(s, span(s, is_digit));
        size_t letters;

        if (number.len == 0) {
            s = gh_slice_drop(s, 1);
            continue;
        }
        s = gh_slice_drop(s, number.len);
        s = gh_slice_drop(s, span(s, is_space));
        letters = span(s, is_unit_letter);
        if (letters == 0)
            continue;
        while (number.len > 1 && number.ptr[0] == '0')
            number = gh_slice_drop(number, 1);
        if (number.len > 19 ||
            (number.len == 19 &&
             memcmp(number.ptr, "9223372036854775807", 19) > 0))
            return false;
        found |= is_unit(gh_slice_head(s, letters));
        s = gh_slice_drop(s, letters);
    }
    return found;
}

/* --- network ------------------------------------------------------------- */

static bool is_ip(struct gh_slice s, int family)
{
    char text[INET6_ADDRSTRLEN + 1];
    uint8_t byte[16];

    if (s.len == 0 || s.len >= sizeof(text) || memchr(s.ptr, '\0', s.len))
        return false;
    memcpy(text, s.ptr, s.len);
    text[s.len] = '\0';
    return inet_pton(family, text, byte) == 1;
}

static bool is_ipv4(struct gh_slice s)
{
    if (gh_slice_find(s, ':') < s.len) /* "::ffff:1.2.3.4" has a point */
        return gh_slice_find(s, '.') < s.len && is_ip(s, AF_INET6);
    return is_ip(s, AF_INET);
}

static bool is_ipv6(struct gh_slice s)
{
    return is_ip(s, AF_INET6);
}

static bool is_cidr(struct gh_slice s)
{
    size_t slash = gh_slice_find(s, '/');
    struct gh_slice host = gh_slice_head(s, slash);
    unsigned bits = 0;
    bool v4 = is_ip(host, AF_INET);

    if (slash == s.len || (!v4 && !is_ip(host, AF_INET6)))
        return false;
    s = gh_slice_drop(s, slash + 1);
    if (s.len == 0 || s.len > 3 || span(s, is_digit) != s.len)
        return false;
    for (size_t i = 0; i < s.len; i++)
        bits = bits * 10 + (unsigned)(s.ptr[i] - '0');
    return bits <= (v4 ? 32u : 128u);
}

/* 6, 8 or 20 bytes in pairs with : or -, or in groups of four with a point. */
static bool is_mac(struct gh_slice s)
{
    char sign = s.len > 4 ? s.ptr[2] : '\0';
    size_t group = sign == ':' || sign == '-' ? 2 : 4;
    size_t count = 0;

    if (group == 4)
        sign = '.';
    for (;; s = gh_slice_drop(s, 1)) {
        if (s.len < group || span(gh_slice_head(s, group), is_hex) != group)
            return false;
        s = gh_slice_drop(s, group);
        count += group / 2;
        if (s.len == 0)
            break;
        if (s.ptr[0] != sign)
            return false;
    }
    return count == 6 || count == 8 || count == 20;
}

static bool is_uri(struct gh_slice s)
{
    size_t scheme = 0;

    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] <= ' ' || s.ptr[i] == 0x7f)
            return false;
    if (s.len > 0 && s.ptr[0] == '/')
        return true;
    while (scheme < s.len &&
           (is_alpha(s.ptr[scheme]) ||
            (scheme > 0 && (is_digit(s.ptr[scheme]) ||
                            (s.ptr[scheme] && strchr("+-.", s.ptr[scheme]))))))
        scheme++;
    return scheme > 0 && scheme + 1 < s.len && s.ptr[scheme] == ':';
}

/* --- names --------------------------------------------------------------- */

static bool is_label_char(char c)
{
    return is_alpha(c) || is_digit(c) || (unsigned char)c >= 0x80;
}

static bool is_hostname(struct gh_slice s)
{
    struct gh_slice rest = s;
    struct gh_slice label;

    if (s.len > 255)
        return false;
    while (gh_slice_cut(&rest, '.', &label)) {
        if (label.len == 0 || label.len > 63 || !is_label_char(label.ptr[0]) ||
            !is_label_char(label.ptr[label.len - 1]))
            return false;
        for (size_t i = 0; i < label.len; i++)
            if (!is_label_char(label.ptr[i]) && label.ptr[i] != '-')
                return false;
    }
    return true;
}

static bool is_email(struct gh_slice s)
{
    size_t sign = gh_slice_find(s, '@');

    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] <= ' ')
            return false;
    return sign > 0 && sign + 1 < s.len &&
           gh_slice_find(gh_slice_drop(s, sign + 1), '@') == s.len - sign - 1;
}

static bool is_base64(struct gh_slice s)
{
    size_t pad = 0;

    if (s.len == 0 || s.len % 4 != 0)
        return false;
    while (pad < 2 && s.ptr[s.len - 1 - pad] == '=')
        pad++;
    for (size_t i = 0; i < s.len - pad; i++)
        if (!is_alpha(s.ptr[i]) && !is_digit(s.ptr[i]) && s.ptr[i] != '+' &&
            s.ptr[i] != '/')
            return false;
    return true;
}

/* @version '0': any. Hyphens may be left out. */
static bool is_uuid(struct gh_slice s, char version)
{
    char digits[33];
    size_t count = 0;

    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '-' && i > 0 && s.ptr[i - 1] != '-' &&
            (count == 8 || count == 12 || count == 16 || count == 20))
            continue;
        if (!is_hex(s.ptr[i]) || count == 32)
            return false;
        digits[count++] = s.ptr[i];
    }
    if (count != 32 || s.ptr[s.len - 1] == '-')
        return false;
    if (version == '0')
        return true;
    return digits[12] == version &&
           (version == '3' || strchr("89abAB", digits[16]));
}

bool gh_schema_format_fits(enum gh_schema_format f, struct gh_slice s)
{
    switch (f) {
    case GH_SCHEMA_DATE:
        return is_date(s);
    case GH_SCHEMA_DATE_TIME:
        return is_date_time(s);
    case GH_SCHEMA_DURATION:
        return is_duration(s);
    case GH_SCHEMA_BYTE:
        return is_base64(s);
    case GH_SCHEMA_IPV4:
        return is_ipv4(s);
    case GH_SCHEMA_IPV6:
        return is_ipv6(s);
    case GH_SCHEMA_CIDR:
        return is_cidr(s);
    case GH_SCHEMA_MAC:
        return is_mac(s);
    case GH_SCHEMA_UUID:
        return is_uuid(s, '0');
    case GH_SCHEMA_UUID3:
        return is_uuid(s, '3');
    case GH_SCHEMA_UUID4:
        return is_uuid(s, '4');
    case GH_SCHEMA_UUID5:
        return is_uuid(s, '5');
    case GH_SCHEMA_URI:
        return is_uri(s);
    case GH_SCHEMA_EMAIL:
        return is_email(s);
    case GH_SCHEMA_HOSTNAME:
        return is_hostname(s);
    case GH_SCHEMA_ANY_FORMAT:
    case GH_SCHEMA_INT32:
    case GH_SCHEMA_INT64:
    case GH_SCHEMA_UINT32:
    case GH_SCHEMA_UINT64:
    case GH_SCHEMA_FLOAT:
    case GH_SCHEMA_DOUBLE:
    case GH_SCHEMA_TEXT_FORMATS:
    case GH_SCHEMA_PASSWORD:
    case GH_SCHEMA_FORMATS:
    default:
        return true;
    }
}
