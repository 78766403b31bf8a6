/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/json_write.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "wire/json_internal.h"

/*
 * A level's byte says what it is and whether something is in it already.
 */
enum {
    LEVEL_ARRAY = 0,
    LEVEL_OBJECT = 1,
    LEVEL_USED = 2,
};

void gh_jsonw_init(struct gh_jsonw *w, struct gh_buf *out)
{
    w->out = out;
    w->depth = 0;
    w->indent = 0;
    w->has_key = false;
    w->done = false;
}

static void new_line(struct gh_jsonw *w)
{
    if (w->indent == 0)
        return;
    (void)gh_buf_addc(w->out, '\n');
    for (uint64_t i = 0; i < (uint64_t)w->indent * w->depth; i++)
        (void)gh_buf_addc(w->out, ' ');
}

/* The comma and the line before an element or a name. */
static void next_part(struct gh_jsonw *w)
{
    uint8_t *level = &w->level[w->depth - 1];

    if (*level & LEVEL_USED)
        (void)gh_buf_addc(w->out, ',');
    *level |= LEVEL_USED;
    new_line(w);
}

static void before_value(struct gh_jsonw *w)
{
    assert(!w->done);
    if (w->depth == 0)
        return;
    if (w->level[w->depth - 1] & LEVEL_OBJECT) {
        assert(w->has_key);
        w->has_key = false;
        return;
    }
    next_part(w);
}

static void after_value(struct gh_jsonw *w)
{
    w->done = w->depth == 0;
}

static void put_raw(struct gh_jsonw *w, struct gh_slice text)
{
    before_value(w);
    (void)gh_buf_add(w->out, text);
    after_value(w);
}

static void begin(struct gh_jsonw *w, uint8_t level)
{
    before_value(w);
    assert(w->depth < GH_JSONW_MAX_DEPTH);
    w->level[w->depth++] = level;
    (void)gh_buf_addc(w->out, level & LEVEL_OBJECT ? '{' : '[');
}

void gh_jsonw_object(struct gh_jsonw *w)
{
    begin(w, LEVEL_OBJECT);
}

void gh_jsonw_array(struct gh_jsonw *w)
{
    begin(w, LEVEL_ARRAY);
}

void gh_jsonw_end(struct gh_jsonw *w)
{
    uint8_t level;

    assert(w->depth > 0 && !w->has_key);
    level = w->level[--w->depth];
    if (level & LEVEL_USED)
        new_line(w);
    (void)gh_buf_addc(w->out, level & LEVEL_OBJECT ? '}' : ']');
    after_value(w);
}

void gh_jsonw_key(struct gh_jsonw *w, struct gh_slice name)
{
    assert(w->depth > 0 && w->level[w->depth - 1] & LEVEL_OBJECT &&
           !w->has_key);
    next_part(w);
    gh_json_quote(w->out, name);
    (void)gh_buf_add(w->out, w->indent ? GH_SLICE(": ") : GH_SLICE(":"));
    w->has_key = true;
}

void gh_jsonw_str(struct gh_jsonw *w, struct gh_slice s)
{
    before_value(w);
    gh_json_quote(w->out, s);
    after_value(w);
}

void gh_jsonw_strf(struct gh_jsonw *w, const char *fmt, ...)
{
    struct gh_buf text;
    va_list args;
    char small[512];
    int n;

    va_start(args, fmt);
    n = vsnprintf(small, sizeof(small), fmt, args);
    va_end(args);
    if (n >= 0 && (size_t)n < sizeof(small)) {
        gh_jsonw_str(w, gh_slice_of(small, (size_t)n));
        return;
    }
    gh_buf_init(&text, w->out->limit);
    if (n >= 0 && gh_buf_reserve(&text, (size_t)n + 1) == GH_OK) {
        va_start(args, fmt);
        (void)vsnprintf(text.ptr, (size_t)n + 1, fmt, args);
        va_end(args);
        text.len = (size_t)n;
    } else if (w->out->failed == GH_OK) {
        w->out->failed = n < 0 ? GH_EINVAL : text.failed;
    }
    gh_jsonw_str(w, gh_buf_slice(&text));
    gh_buf_fini(&text);
}

void gh_jsonw_i64(struct gh_jsonw *w, int64_t v)
{
    char text[32];
    int n = snprintf(text, sizeof(text), "%lld", (long long)v);

    put_raw(w, gh_slice_of(text, (size_t)n));
}

void gh_jsonw_u64(struct gh_jsonw *w, uint64_t v)
{
    char text[32];
    int n = snprintf(text, sizeof(text), "%llu", (unsigned long long)v);

    put_raw(w, gh_slice_of(text, (size_t)n));
}

void gh_jsonw_f64(struct gh_jsonw *w, double v)
{
    char text[GH_JSON_F64_SIZE];

    put_raw(w, gh_slice_of(text, gh_json_format_f64(v, text)));
}

void gh_jsonw_bool(struct gh_jsonw *w, bool v)
{
    put_raw(w, v ? GH_SLICE("true") : GH_SLICE("false"));
}

void gh_jsonw_null(struct gh_jsonw *w)
{
    put_raw(w, GH_SLICE("null"));
}

void gh_jsonw_raw(struct gh_jsonw *w, struct gh_slice json)
{
    put_raw(w, json);
}

/*
 * What was parsed is valid JSON but for the space between, so strings and
 * numbers are copied with their escapes, and how long it all becomes can be
 * counted first. Does not use the writer's levels: how deep a peer's value is
 * must not matter here.
 */
static size_t compact_len(const struct gh_json_node *nodes, uint32_t at)
{
    uint32_t end = gh_json_behind(nodes, at);
    size_t len = 0;

    for (uint32_t i = at; i < end; i++) {
        const struct gh_json_node *n = &nodes[i];
        bool nonempty = n->type >= GH_JSON_ARRAY && n->next > i + 1;

        len += n->type >= GH_JSON_ARRAY ? 2 : n->len;
        len += n->type == GH_JSON_STRING ? 2 : 0;
        len += 1; /* a comma behind a value, a colon behind a name */
        len -= nonempty;
    }
    return len - 1;
}

static char *copy(char *to, const char *from, size_t len)
{
    memcpy(to, from, len);
    return to + len;
}

/* Room for compact_len() bytes is at @to. As deep as the parser's limit. */
static char *put_compact(const struct gh_json_doc *doc, uint32_t at, char *to)
{
    const struct gh_json_node *n = &doc->nodes[at];
    const char *start = doc->src + n->off;

    if (n->type == GH_JSON_STRING)
        return copy(to, start - 1, (size_t)n->len + 2);
    if (n->type < GH_JSON_ARRAY)
        return copy(to, start, n->len);
    *to++ = *start;
    for (uint32_t i = at + 1; i < n->next; i = gh_json_behind(doc->nodes, i)) {
        if (i > at + 1)
            *to++ = ',';
        if (n->type == GH_JSON_OBJECT) {
            to = put_compact(doc, i++, to);
            *to++ = ':';
        }
        to = put_compact(doc, i, to);
    }
    *to = n->type == GH_JSON_OBJECT ? '}' : ']';
    return to + 1;
}

void gh_jsonw_value(struct gh_jsonw *w, struct gh_json v)
{
    size_t len;

    if (!v.doc) {
        put_raw(w, GH_SLICE("null"));
        return;
    }
    before_value(w);
    len = compact_len(v.doc->nodes, v.at);
    if (gh_buf_reserve(w->out, len) == GH_OK) {
        char *end = put_compact(v.doc, v.at, w->out->ptr + w->out->len);

        assert(end == w->out->ptr + w->out->len + len);
        w->out->len += len;
    }
    after_value(w);
}

enum gh_rc gh_jsonw_rc(const struct gh_jsonw *w)
{
    return gh_buf_rc(w->out);
}
