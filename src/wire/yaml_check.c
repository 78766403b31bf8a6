/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/yaml_tree.h"

/*
 * What libfyaml must not see
 *
 * Bytes that are no UTF-8 and control characters, which YAML forbids, end in a
 * message of ours with the exact place. And two shapes that no manifest has but
 * that take libfyaml 0.7 time in the square of their length: long runs of empty
 * lines, and tags with many percent escapes. Short runs are free, longer ones
 * draw on a budget.
 */

#define FREE_BREAKS 16                 /* line breaks in a row */
#define GAP_BUDGET ((uint64_t)1 << 24) /* sum of the squares of longer runs */
#define MAX_TAG_ESCAPES 64

struct checker {
    struct gh_slice text;
    uint32_t first_line;
    struct gh_err *err;
};

static struct gh_json_mark place_of(const struct checker *c, const char *at)
{
    struct gh_json_mark mark = {c->first_line, 1};

    for (const char *p = c->text.ptr; p < at; p++) {
        bool pair = *p == '\r' && p + 1 < at && p[1] == '\n';

        mark.column++;
        if ((*p == '\n' || *p == '\r') && !pair) {
            mark.line++;
            mark.column = 1;
        }
    }
    return mark;
}

/* --- bytes ---------------------------------------------------------------- */

/* Length of a well-formed UTF-8 sequence (Unicode 3.9, table 3-7), or 0. */
static size_t utf8_len(struct gh_slice s)
{
    unsigned char a = (unsigned char)s.ptr[0];
    unsigned char b = s.len > 1 ? (unsigned char)s.ptr[1] : 0;
    size_t len = a < 0x80 ? 1 : a < 0xe0 ? 2 : a < 0xf0 ? 3 : 4;

    if (len == 1)
        return 1;
    if (a < 0xc2 || a > 0xf4 || s.len < len || (b & 0xc0) != 0x80)
        return 0;
    if ((a == 0xe0 && b < 0xa0) || (a == 0xed && b > 0x9f) ||
        (a == 0xf0 && b < 0x90) || (a == 0xf4 && b > 0x8f))
        return 0;
    for (size_t i = 2; i < len; i++)
        if (((unsigned char)s.ptr[i] & 0xc0) != 0x80)
            return 0;
    return len;
}

static bool is_control(struct gh_slice s, size_t len)
{
    unsigned char c = (unsigned char)s.ptr[0];

    if (len == 1)
        return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
    /* U+0080 to U+009F but NEL, a byte-order mark, U+FFFE and U+FFFF */
    if (len == 2)
        return c == 0xc2 && (unsigned char)s.ptr[1] < 0xa0 &&
               (unsigned char)s.ptr[1] != 0x85;
    return len == 3 && (memcmp(s.ptr, "\xef\xbb\xbf", 3) == 0 ||
                        memcmp(s.ptr, "\xef\xbf\xbe", 3) == 0 ||
                        memcmp(s.ptr, "\xef\xbf\xbf", 3) == 0);
}

static enum gh_rc bad_byte(const struct checker *c, struct gh_slice rest,
                           size_t len)
{
    struct gh_json_mark at = place_of(c, rest.ptr);
    unsigned byte = (unsigned char)rest.ptr[0];

    if (len == 0 && at.line == 1 && at.column == 1 && byte >= 0xfe)
        return gh_yaml_fail(c->err, at, "this is UTF-16; only UTF-8 is read");
    if (len == 0)
        return gh_yaml_fail(c->err, at, "byte 0x%02x is not valid UTF-8", byte);
    return gh_yaml_fail(c->err, at, "control character%s is not allowed",
                        byte == 0 ? " NUL" : "");
}

static enum gh_rc check_bytes(const struct checker *c)
{
    struct gh_slice s = c->text;

    while (s.len > 0) {
        unsigned char byte = (unsigned char)s.ptr[0];
        size_t len;

        if (GH_LIKELY(byte >= 0x20 && byte < 0x7f)) {
            s = gh_slice_drop(s, 1);
            continue;
        }
        len = utf8_len(s);
        if (len == 0 || is_control(s, len))
            return bad_byte(c, s, len);
        s = gh_slice_drop(s, len);
    }
    return GH_OK;
}

/* --- shapes --------------------------------------------------------------- */

/* Length of a line break, of YAML 1.1's further ones too, or 0. */
static size_t break_len(struct gh_slice s)
{
    if (s.ptr[0] == '\n' || s.ptr[0] == '\r')
        return 1;
    if (gh_slice_starts(s, GH_SLICE("\xc2\x85")))
        return 2;
    return gh_slice_starts(s, GH_SLICE("\xe2\x80\xa8")) ||
                   gh_slice_starts(s, GH_SLICE("\xe2\x80\xa9"))
               ? 3
               : 0;
}

/* The white space that @s begins with, and the line breaks in it. */
static size_t gap_len(struct gh_slice s, uint64_t *ret_breaks)
{
    size_t all = s.len;

    *ret_breaks = 0;
    while (s.len > 0) {
        size_t len = break_len(s);

        *ret_breaks += len > 0;
        if (len == 0 && s.ptr[0] != ' ' && s.ptr[0] != '\t')
            break;
        s = gh_slice_drop(s, len ? len : 1);
    }
    return all - s.len;
}

static size_t count_tag_escapes(struct gh_slice s)
{
    size_t count = 0;

    for (size_t i = 0; i < s.len && s.ptr[i] != ' ' && s.ptr[i] != '\n'; i++)
        count += s.ptr[i] == '%';
    return count;
}

static enum gh_rc check_shapes(const struct checker *c)
{
    struct gh_slice s = c->text;
    uint64_t budget = GAP_BUDGET;

    while (s.len > 0) {
        uint64_t breaks;
        size_t gap = gap_len(s, &breaks);

        if (breaks > FREE_BREAKS && breaks * breaks > budget)
            return gh_yaml_fail(c->err, place_of(c, s.ptr),
                                "too many empty lines in a row");
        budget -= breaks > FREE_BREAKS ? breaks * breaks : 0;
        s = gh_slice_drop(s, gap);
        if (s.len > 0 && s.ptr[0] == '!' &&
            count_tag_escapes(s) > MAX_TAG_ESCAPES)
            return gh_yaml_fail(c->err, place_of(c, s.ptr),
                                "the tag has more than %d escapes",
                                MAX_TAG_ESCAPES);
        while (s.len > 0 && (unsigned char)s.ptr[0] > ' ' && !break_len(s))
            s = gh_slice_drop(s, 1);
    }
    return GH_OK;
}

enum gh_rc gh_yaml_check(struct gh_slice text, uint32_t first_line,
                         struct gh_err *err)
{
    const struct checker c = {text, first_line, err};
    enum gh_rc rc = check_bytes(&c);

    return rc == GH_OK ? check_shapes(&c) : rc;
}
