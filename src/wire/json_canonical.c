/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "wire/json_internal.h"
#include "wire/json_write.h"

/*
 * Canonical JSON (RFC 8785)
 *
 * What comes from kubectl and most clients is sorted already, so order is
 * checked first and only what is out of order is sorted. A string without
 * escapes and a short integer are canonical as they stand.
 *
 * A number that no double can hold (1e400) is outside of RFC 8785; it is
 * written as it was, so that two documents that differ in it differ still.
 */

struct member {
    struct gh_slice name;
    struct gh_json key;
};

/* Where a byte comes among the first bytes of characters, by UTF-16 code unit:
 * characters of four bytes have surrogates, so they precede U+E000..U+FFFF. */
static unsigned utf16_rank(char c)
{
    unsigned byte = (unsigned char)c;

    if (byte >= 0xf0)
        return 0xed * 8 + 1 + (byte - 0xf0);
    return byte * 8;
}

static int by_utf16(struct gh_slice a, struct gh_slice b)
{
    size_t n = a.len < b.len ? a.len : b.len;

    for (size_t i = 0; i < n; i++)
        if (a.ptr[i] != b.ptr[i])
            return utf16_rank(a.ptr[i]) < utf16_rank(b.ptr[i]) ? -1 : 1;
    return a.len == b.len ? 0 : a.len < b.len ? -1 : 1;
}

/* Of equal names the later one comes later. */
static int compare_members(const void *x, const void *y)
{
    const struct member *a = x;
    const struct member *b = y;
    int order = by_utf16(a->name, b->name);

    if (order != 0)
        return order;
    return a->key.at < b->key.at ? -1 : 1;
}

static bool is_sorted(struct gh_json object)
{
    const struct gh_json_node *nodes = object.doc->nodes;
    uint32_t end = nodes[object.at].next;
    uint32_t key = object.at + 1;

    while (key < end) {
        uint32_t next = gh_json_behind(nodes, key + 1);

        if (next < end && by_utf16(gh_json_text(object.doc, key),
                                   gh_json_text(object.doc, next)) >= 0)
            return false;
        key = next;
    }
    return true;
}

static bool is_canonical_number(struct gh_slice raw)
{
    if (raw.len > 15 || gh_slice_is(raw, "-0"))
        return false;
    for (size_t i = 0; i < raw.len; i++)
        if (raw.ptr[i] > '9' || raw.ptr[i] == '.')
            return false;
    return true;
}

/* gh_buf_add() where there is room; nearly always. */
static inline void put(struct gh_buf *out, struct gh_slice text)
{
    if (GH_UNLIKELY(out->failed < 0 || out->cap - out->len < text.len)) {
        (void)gh_buf_add(out, text);
        return;
    }
    memcpy(out->ptr + out->len, text.ptr, text.len);
    out->len += text.len;
}

static void put_string(struct gh_json v, struct gh_buf *out)
{
    const struct gh_json_node *n = &v.doc->nodes[v.at];

    if (n->flags & GH_JSON_F_ESCAPED)
        gh_json_quote(out, gh_json_str(v));
    else
        put(out, gh_slice_of(v.doc->src + n->off - 1, (size_t)n->len + 2));
}

static void put_scalar(struct gh_json v, struct gh_buf *out)
{
    struct gh_slice raw = gh_json_raw(v);
    char text[GH_JSON_F64_SIZE];
    double value;

    if (gh_json_is(v, GH_JSON_NUMBER) && !is_canonical_number(raw) &&
        gh_json_f64(v, &value))
        raw = gh_slice_of(text, gh_json_format_f64(value, text));
    put(out, raw);
}

static enum gh_rc put_value(struct gh_json v, struct gh_arena *scratch,
                            struct gh_buf *out);

static enum gh_rc put_member(struct gh_json key, struct gh_arena *scratch,
                             struct gh_buf *out, bool *comma)
{
    if (*comma)
        put(out, GH_SLICE(","));
    *comma = true;
    put_string(key, out);
    put(out, GH_SLICE(":"));
    return put_value((struct gh_json){key.doc, key.at + 1}, scratch, out);
}

static enum gh_rc put_sorted(struct gh_json object, struct gh_arena *scratch,
                             struct gh_buf *out)
{
    size_t count = gh_json_count(object);
    size_t bytes = count * sizeof(struct member); /* below 16 times 4 GiB */
    struct member *m = gh_arena_alloc(scratch, bytes, _Alignof(struct member));
    enum gh_rc rc = GH_OK;
    bool comma = false;
    size_t n = 0;

    if (!m)
        return GH_ETOOBIG;
    for (struct gh_json_iter it = gh_json_iter(object); gh_json_next(&it);)
        m[n++] = (struct member){it.name, it.key};
    qsort(m, count, sizeof(*m), compare_members);
    for (size_t i = 0; i < count && rc == GH_OK; i++)
        if (i + 1 == count || !gh_slice_eq(m[i].name, m[i + 1].name))
            rc = put_member(m[i].key, scratch, out, &comma);
    gh_arena_trim(scratch, m, bytes, 0);
    return rc;
}

static enum gh_rc put_object(struct gh_json v, struct gh_arena *scratch,
                             struct gh_buf *out)
{
    const struct gh_json_node *nodes = v.doc->nodes;
    uint32_t end = nodes[v.at].next;
    enum gh_rc rc = GH_OK;
    bool comma = false;

    put(out, GH_SLICE("{"));
    if (!is_sorted(v)) {
        rc = put_sorted(v, scratch, out);
        end = 0;
    }
    for (uint32_t i = v.at + 1; i < end && rc == GH_OK;
         i = gh_json_behind(nodes, i + 1))
        rc = put_member((struct gh_json){v.doc, i}, scratch, out, &comma);
    put(out, GH_SLICE("}"));
    return rc;
}

static enum gh_rc put_array(struct gh_json v, struct gh_arena *scratch,
                            struct gh_buf *out)
{
    const struct gh_json_node *nodes = v.doc->nodes;
    uint32_t end = nodes[v.at].next;
    enum gh_rc rc = GH_OK;

    put(out, GH_SLICE("["));
    for (uint32_t i = v.at + 1; i < end && rc == GH_OK;
         i = gh_json_behind(nodes, i)) {
        if (i > v.at + 1)
            put(out, GH_SLICE(","));
        rc = put_value((struct gh_json){v.doc, i}, scratch, out);
    }
    put(out, GH_SLICE("]"));
    return rc;
}

/* As deep as the parser's limit. */
static enum gh_rc put_value(struct gh_json v, struct gh_arena *scratch,
                            struct gh_buf *out)
{
    if (gh_json_is(v, GH_JSON_OBJECT))
        return put_object(v, scratch, out);
    if (gh_json_is(v, GH_JSON_ARRAY))
        return put_array(v, scratch, out);
    if (gh_json_is(v, GH_JSON_STRING))
        put_string(v, out);
    else
        put_scalar(v, out);
    return gh_buf_rc(out);
}

enum gh_rc gh_json_canonical(struct gh_json v, struct gh_arena *scratch,
                             struct gh_buf *out)
{
    enum gh_rc rc;

    if (!v.doc)
        return gh_buf_add(out, GH_SLICE("null"));
    rc = put_value(v, scratch, out);
    return rc == GH_OK ? gh_buf_rc(out) : rc;
}
