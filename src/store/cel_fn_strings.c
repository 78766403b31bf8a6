/* SPDX-License-Identifier: Apache-2.0 */

/*
 * CEL's functions on strings, and Kubernetes' on strings and expressions
 *
 * Positions count characters, not bytes. What walks a text is paid for by its
 * length.
 */

#include "store/cel_fn.h"

/* Bytes of the character at @i, or 0 when none begins there. */
static size_t char_len(struct gh_slice s, size_t i)
{
    static const uint8_t lengths[16] = {1, 1, 1, 1, 1, 1, 1, 1,
                                        0, 0, 0, 0, 2, 2, 3, 4};
    unsigned char c = (unsigned char)s.ptr[i];
    size_t len = lengths[c >> 4];

    if (c == 0xc0 || c == 0xc1 || c > 0xf4 || len > s.len - i)
        return 0;
    for (size_t k = 1; k < len; k++)
        if ((s.ptr[i + k] & 0xc0) != 0x80)
            return 0;
    return len;
}

bool gh_cel_utf8(struct gh_slice s, size_t *ret_count)
{
    *ret_count = 0;
    for (size_t i = 0, len; i < s.len; i += len) {
        len = char_len(s, i);
        if (len == 0)
            return false;
        ++*ret_count;
    }
    return true;
}

bool gh_cel_char_at(struct gh_slice s, size_t index, size_t *ret)
{
    size_t i = 0;

    for (; index > 0 && i < s.len; index--)
        for (i++; i < s.len && (s.ptr[i] & 0xc0) == 0x80;)
            i++;
    *ret = i;
    return index == 0;
}

static size_t chars(struct gh_slice s)
{
    size_t count;

    gh_cel_utf8(s, &count);
    return count;
}

static bool pay_for(struct gh_cel_eval *e, const struct gh_cel_value *a)
{
    return gh_cel_pay(e, a[0].s.len / 10 + 1);
}

static struct gh_cel_value too_dear(void)
{
    return gh_cel_error("the expression costs too much");
}

static struct gh_cel_value bad_index(void)
{
    return gh_cel_error("index out of range");
}

/* First place of @part at or behind @from; false when there is none. */
static bool find(struct gh_slice s, struct gh_slice part, size_t from,
                 size_t *ret)
{
    const char *at;

    if (from > s.len)
        return false;
    if (part.len == 0)
        return *ret = from, true;
    if (s.len == from)
        return false;
    at = memmem(s.ptr + from, s.len - from, part.ptr, part.len);
    if (!at)
        return false;
    *ret = (size_t)(at - s.ptr);
    return true;
}

static struct gh_cel_value contains(struct gh_cel_eval *e,
                                    const struct gh_cel_value *a)
{
    size_t at;

    if (!pay_for(e, a))
        return too_dear();
    return GH_CEL_OF_BOOL(find(a[0].s, a[1].s, 0, &at));
}

static struct gh_cel_value starts_with(struct gh_cel_eval *e,
                                       const struct gh_cel_value *a)
{
    gh_cel_pay(e, a[1].s.len / 10);
    return GH_CEL_OF_BOOL(gh_slice_starts(a[0].s, a[1].s));
}

static struct gh_cel_value ends_with(struct gh_cel_eval *e,
                                     const struct gh_cel_value *a)
{
    gh_cel_pay(e, a[1].s.len / 10);
    return GH_CEL_OF_BOOL(gh_slice_ends(a[0].s, a[1].s));
}

/* --- regular expressions ------------------------------------------------- */

/* The call's own pattern, or args[1] compiled now. */
static const struct gh_re2 *pattern(struct gh_cel_eval *e,
                                    const struct gh_cel_value *a,
                                    struct gh_cel_value *ret_error)
{
    struct gh_err err;
    const struct gh_re2 *re = e->node->re;

    *ret_error = too_dear();
    if (!gh_cel_pay(e, (a[0].s.len / 10 + 1) * (a[1].s.len / 4 + 1)))
        return NULL;
    if (re)
        return re;
    if (!gh_cel_pay(e, 100 + 10 * a[1].s.len))
        return NULL;
    re = gh_re2_compile(a[1].s, e->run->arena, &err);
    if (!re)
        *ret_error = gh_cel_errorf(e, "bad regular expression: %s", err.text);
    return re;
}

static enum gh_rc search(struct gh_cel_eval *e, const struct gh_re2 *re,
                         struct gh_slice s, size_t from, struct gh_re2_hit *ret)
{
    struct gh_re2_scratch own = {NULL, NULL, NULL};
    enum gh_rc rc;

    if (e->run->regex)
        return gh_re2_search(re, s, from, e->run->regex, ret);
    rc = gh_re2_search(re, s, from, &own, ret);
    gh_re2_scratch_fini(&own);
    return rc;
}

static struct gh_cel_value matches(struct gh_cel_eval *e,
                                   const struct gh_cel_value *a)
{
    struct gh_cel_value error;
    const struct gh_re2 *re = pattern(e, a, &error);
    enum gh_rc rc;

    if (!re)
        return error;
    rc = search(e, re, a[0].s, 0, NULL);
    if (rc < 0)
        return gh_cel_error("matching takes too long");
    return GH_CEL_OF_BOOL(rc == GH_OK);
}

static struct gh_slice hit_of(struct gh_slice s, struct gh_re2_hit hit)
{
    return gh_slice_of(s.ptr + hit.start, hit.end - hit.start);
}

static struct gh_cel_value find_one(struct gh_cel_eval *e,
                                    const struct gh_cel_value *a)
{
    struct gh_cel_value error;
    const struct gh_re2 *re = pattern(e, a, &error);
    struct gh_re2_hit hit;
    enum gh_rc rc;

    if (!re)
        return error;
    rc = search(e, re, a[0].s, 0, &hit);
    if (rc < 0)
        return gh_cel_error("matching takes too long");
    return GH_CEL_OF_STRING(rc == GH_OK ? hit_of(a[0].s, hit) : GH_SLICE(""));
}

/* args[2], if given, is how many at most; negative: all. */
static struct gh_cel_value find_all(struct gh_cel_eval *e,
                                    const struct gh_cel_value *a)
{
    struct gh_cel_value error;
    const struct gh_re2 *re = pattern(e, a, &error);
    int64_t most = e->node->count > 2 ? a[2].i : -1;
    struct gh_cel_builder b = {0};
    struct gh_re2_hit hit;
    size_t from = 0;
    enum gh_rc rc;

    if (!re)
        return error;
    while (most != 0 && from <= a[0].s.len) {
        rc = search(e, re, a[0].s, from, &hit);
        if (rc == GH_END)
            break;
        if (rc < 0 || !gh_cel_pay(e, 10) ||
            !gh_cel_push(e, &b, GH_CEL_OF_STRING(hit_of(a[0].s, hit))))
            return gh_cel_error("matching takes too long");
        from = hit.end;
        if (hit.end == hit.start) /* on to the next character */
            for (from++;
                 from < a[0].s.len && (a[0].s.ptr[from] & 0xc0) == 0x80;)
                from++;
        most -= most > 0;
    }
    return gh_cel_built(&b);
}

/* --- places -------------------------------------------------------------- */

static struct gh_cel_value place(struct gh_slice s, size_t byte)
{
    return GH_CEL_OF_INT((int64_t)chars(gh_slice_head(s, byte)));
}

/* args[2], if given, is where to begin. */
static struct gh_cel_value index_of(struct gh_cel_eval *e,
                                    const struct gh_cel_value *a)
{
    size_t from = 0;
    size_t at;

    if (!pay_for(e, a))
        return too_dear();
    if (e->node->count > 2 &&
        (a[2].i < 0 || !gh_cel_char_at(a[0].s, (size_t)a[2].i, &from)))
        return bad_index();
    return find(a[0].s, a[1].s, from, &at) ? place(a[0].s, at)
                                           : GH_CEL_OF_INT(-1);
}

/* args[2], if given, is the last place that counts. */
static struct gh_cel_value last_index_of(struct gh_cel_eval *e,
                                         const struct gh_cel_value *a)
{
    struct gh_slice s = a[0].s;
    size_t last = s.len;

    if (!gh_cel_pay(e, s.len / 10 * (a[1].s.len / 10 + 1)))
        return too_dear();
    if (e->node->count > 2 &&
        (a[2].i < 0 || !gh_cel_char_at(s, (size_t)a[2].i, &last)))
        return bad_index();
    if (a[1].s.len > s.len)
        return GH_CEL_OF_INT(-1);
    if (last > s.len - a[1].s.len)
        last = s.len - a[1].s.len;
    for (size_t i = last + 1; i-- > 0;)
        if (gh_slice_starts(gh_slice_drop(s, i), a[1].s))
            return place(s, i);
    return GH_CEL_OF_INT(-1);
}

static struct gh_cel_value char_at(struct gh_cel_eval *e,
                                   const struct gh_cel_value *a)
{
    size_t from, to;

    if (!pay_for(e, a))
        return too_dear();
    if (a[1].i < 0 || !gh_cel_char_at(a[0].s, (size_t)a[1].i, &from))
        return bad_index();
    if (!gh_cel_char_at(gh_slice_drop(a[0].s, from), 1, &to))
        to = 0;
    return GH_CEL_OF_STRING(gh_slice_of(a[0].s.ptr + from, to));
}

static struct gh_cel_value substring(struct gh_cel_eval *e,
                                     const struct gh_cel_value *a)
{
    size_t from;
    size_t to = a[0].s.len;

    if (!pay_for(e, a))
        return too_dear();
    if (a[1].i < 0 || !gh_cel_char_at(a[0].s, (size_t)a[1].i, &from))
        return bad_index();
    if (e->node->count > 2 &&
        (a[2].i < a[1].i || !gh_cel_char_at(a[0].s, (size_t)a[2].i, &to)))
        return bad_index();
    return GH_CEL_OF_STRING(gh_slice_of(a[0].s.ptr + from, to - from));
}

/* --- new texts ----------------------------------------------------------- */

static struct gh_cel_value with_case(struct gh_cel_eval *e,
                                     const struct gh_cel_value *a, char first,
                                     int shift)
{
    size_t len = a[0].s.len;
    char *to = pay_for(e, a) ? gh_cel_alloc(e, len + 1, 1) : NULL;

    if (!to)
        return gh_cel_no_memory(e);
    for (size_t i = 0; i < len; i++) {
        char c = a[0].s.ptr[i];

        to[i] = c >= first && c <= first + 25 ? (char)(c + shift) : c;
    }
    return GH_CEL_OF_STRING(gh_slice_of(to, len));
}

static struct gh_cel_value lower_ascii(struct gh_cel_eval *e,
                                       const struct gh_cel_value *a)
{
    return with_case(e, a, 'A', 'a' - 'A');
}

static struct gh_cel_value upper_ascii(struct gh_cel_eval *e,
                                       const struct gh_cel_value *a)
{
    return with_case(e, a, 'a', 'A' - 'a');
}

/* Length of the white space at the start, as Unicode defines it. */
static size_t space_len(struct gh_slice s)
{
    static const char *const wide[] = {
        "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\xa8",
        "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
    };

    if (s.len == 0)
        return 0;
    if (s.ptr[0] == ' ' || (s.ptr[0] >= '\t' && s.ptr[0] <= '\r'))
        return 1;
    for (size_t i = 0; i < GH_COUNT(wide); i++)
        if (gh_slice_starts(s, gh_slice_str(wide[i])))
            return strlen(wide[i]);
    return s.len >= 3 && memcmp(s.ptr, "\xe2\x80", 2) == 0 &&
                   (unsigned char)s.ptr[2] >= 0x80 &&
                   (unsigned char)s.ptr[2] <= 0x8a
               ? 3
               : 0;
}

static struct gh_cel_value trim(struct gh_cel_eval *e,
                                const struct gh_cel_value *a)
{
    struct gh_slice s = a[0].s;
    size_t end = 0;

    if (!pay_for(e, a))
        return too_dear();
    while (space_len(s) > 0)
        s = gh_slice_drop(s, space_len(s));
    for (size_t i = 0; i < s.len;) {
        size_t len = space_len(gh_slice_drop(s, i));

        i += len ? len : 1;
        if (len == 0)
            end = i;
    }
    return GH_CEL_OF_STRING(gh_slice_head(s, end));
}

/* args[3], if given, is how many at most; negative: all. */
static struct gh_cel_value replace(struct gh_cel_eval *e,
                                   const struct gh_cel_value *a)
{
    int64_t most = e->node->count > 3 ? a[3].i : -1;
    struct gh_slice s = a[0].s;
    struct gh_buf out;
    struct gh_slice copy = {NULL, 0};
    size_t from = 0;
    size_t at;

    gh_buf_init(&out, 1 << 20);
    while (pay_for(e, a) && most != 0 && find(s, a[1].s, from, &at)) {
        gh_buf_add(&out, gh_slice_of(s.ptr + from, at - from));
        gh_buf_add(&out, a[2].s);
        from = at + a[1].s.len;
        most -= most > 0;
        if (a[1].s.len > 0)
            continue;
        if (from == s.len)
            break;
        gh_cel_char_at(gh_slice_drop(s, from), 1, &at);
        gh_buf_add(&out, gh_slice_of(s.ptr + from, at));
        from += at;
    }
    gh_buf_add(&out, gh_slice_drop(s, from));
    if (gh_buf_rc(&out) == GH_OK && gh_cel_pay(e, out.len / 10))
        copy = gh_arena_dup(e->run->arena, gh_buf_slice(&out));
    gh_buf_fini(&out);
    return copy.ptr ? GH_CEL_OF_STRING(copy) : gh_cel_no_memory(e);
}

/* Into single characters. */
static struct gh_cel_value explode(struct gh_cel_eval *e, struct gh_slice s,
                                   int64_t most)
{
    struct gh_cel_builder b = {0};
    size_t len;

    for (; s.len > 0; s = gh_slice_drop(s, len), most -= most > 0) {
        if (most == 1)
            len = s.len;
        else if (!gh_cel_char_at(s, 1, &len))
            break;
        if (!gh_cel_pay(e, 1) ||
            !gh_cel_push(e, &b, GH_CEL_OF_STRING(gh_slice_head(s, len))))
            return too_dear();
    }
    return gh_cel_built(&b);
}

/* args[2], if given, is how many parts at most; negative: all. */
static struct gh_cel_value split(struct gh_cel_eval *e,
                                 const struct gh_cel_value *a)
{
    int64_t most = e->node->count > 2 ? a[2].i : -1;
    struct gh_cel_builder b = {0};
    struct gh_slice s = a[0].s;
    size_t at;

    if (!pay_for(e, a))
        return too_dear();
    if (most == 0)
        return gh_cel_built(&b);
    if (a[1].s.len == 0)
        return explode(e, s, most);
    while (most != 1 && find(s, a[1].s, 0, &at)) {
        if (!gh_cel_pay(e, 1) ||
            !gh_cel_push(e, &b, GH_CEL_OF_STRING(gh_slice_head(s, at))))
            return too_dear();
        s = gh_slice_drop(s, at + a[1].s.len);
        most -= most > 0;
    }
    gh_cel_push(e, &b, GH_CEL_OF_STRING(s));
    return gh_cel_built(&b);
}

/* args[1], if given, goes between. */
static struct gh_cel_value join(struct gh_cel_eval *e,
                                const struct gh_cel_value *a)
{
    struct gh_cel_walk w = gh_cel_walk(&a[0]);
    struct gh_slice copy = {NULL, 0};
    bool first = true;
    struct gh_buf out;

    gh_buf_init(&out, 1 << 20);
    while (e->stop == GH_OK && gh_cel_next(&w)) {
        if (w.value.kind != GH_CEL_STRING) {
            gh_buf_fini(&out);
            return gh_cel_error("no such overload: join of a list that holds "
                                "more than strings");
        }
        if (!first && e->node->count > 1)
            gh_buf_add(&out, a[1].s);
        gh_buf_add(&out, w.value.s);
        gh_cel_pay(e, w.value.s.len / 10 + 1);
        first = false;
    }
    if (gh_buf_rc(&out) == GH_OK)
        copy = gh_arena_dup(e->run->arena, gh_buf_slice(&out));
    gh_buf_fini(&out);
    return copy.ptr ? GH_CEL_OF_STRING(copy) : gh_cel_no_memory(e);
}

static struct gh_cel_value reverse(struct gh_cel_eval *e,
                                   const struct gh_cel_value *a)
{
    struct gh_slice s = a[0].s;
    char *to = pay_for(e, a) ? gh_cel_alloc(e, s.len + 1, 1) : NULL;
    size_t end = s.len;

    if (!to)
        return gh_cel_no_memory(e);
    while (s.len > 0) {
        size_t len;

        gh_cel_char_at(s, 1, &len);
        end -= len;
        memcpy(to + end, s.ptr, len);
        s = gh_slice_drop(s, len);
    }
    return GH_CEL_OF_STRING(gh_slice_of(to, a[0].s.len));
}

static const struct gh_cel_fn rows[] = {
    {"matches", true, "ss", 'b', matches},
    {"matches", false, "ss", 'b', matches},
    {"startsWith", true, "ss", 'b', starts_with},
    {"endsWith", true, "ss", 'b', ends_with},
    {"contains", true, "ss", 'b', contains},
    {"find", true, "ss", 's', find_one},
    {"findAll", true, "ss", 'l', find_all},
    {"findAll", true, "ssi", 'l', find_all},
    {"charAt", true, "si", 's', char_at},
    {"indexOf", true, "ss", 'i', index_of},
    {"indexOf", true, "ssi", 'i', index_of},
    {"indexOf", true, "l*", 'i', gh_cel_list_index_of},
    {"lastIndexOf", true, "ss", 'i', last_index_of},
    {"lastIndexOf", true, "ssi", 'i', last_index_of},
    {"lastIndexOf", true, "l*", 'i', gh_cel_list_last_index_of},
    {"lowerAscii", true, "s", 's', lower_ascii},
    {"upperAscii", true, "s", 's', upper_ascii},
    {"replace", true, "sss", 's', replace},
    {"replace", true, "sssi", 's', replace},
    {"split", true, "ss", 'l', split},
    {"split", true, "ssi", 'l', split},
    {"substring", true, "si", 's', substring},
    {"substring", true, "sii", 's', substring},
    {"trim", true, "s", 's', trim},
    {"join", true, "l", 's', join},
    {"join", true, "ls", 's', join},
    {"reverse", true, "s", 's', reverse},
    {"reverse", true, "l", 'l', gh_cel_list_reverse},
};

const struct gh_cel_library gh_cel_lib_strings = {rows, GH_COUNT(rows)};
