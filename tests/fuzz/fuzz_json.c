/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "wire/json_internal.h"
#include "wire/json_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * Any bytes as a document. All back ends agree; a prefix that is refused stays
 * refused; what was accepted can be walked, equals itself, is written so that
 * it reads the same, and its canonical form is its own canonical form.
 */

static void require(bool holds)
{
    if (!holds)
        abort();
}

static const struct gh_json_options opt = {.duplicates = GH_JSON_DUP_LAST};

static void agree(struct gh_slice text, const struct gh_json_doc *doc,
                  enum gh_rc rc, const struct gh_err *err)
{
    const struct gh_json_scanner *scan;
    struct gh_arena arena;
    struct gh_json_doc other;
    struct gh_err said = {0};

    gh_arena_init(&arena, 64u << 20);
    for (size_t i = 0; (scan = gh_json_scanner_at(i)); i++) {
        struct gh_json_input in = {scan, text, &arena, &opt};

        if (!scan->usable())
            continue;
        require(gh_json_parse_with(&in, &other, NULL, &said) == rc);
        if (rc != GH_OK) {
            require(strcmp(said.text, err->text) == 0 &&
                    said.line == err->line && said.column == err->column);
            continue;
        }
        require(other.count == doc->count);
        require(memcmp(other.nodes, doc->nodes,
                       doc->count * sizeof(*doc->nodes)) == 0);
    }
    gh_arena_fini(&arena);
}

static void cut(struct gh_slice text, enum gh_rc whole)
{
    size_t step = text.len / 64 + 1;
    enum gh_rc before = GH_MORE;
    struct gh_arena arena;

    gh_arena_init(&arena, 64u << 20);
    for (size_t len = 0; len < text.len && before != GH_OK; len += step) {
        struct gh_json_doc doc;
        size_t used;
        enum gh_rc rc;

        gh_arena_reset(&arena);
        rc = gh_json_parse_prefix(gh_slice_head(text, len), &arena, &opt, &doc,
                                  &used, NULL);
        require(rc != GH_OK || used <= len);
        require(before != GH_EPROTO || rc == GH_EPROTO);
        require(whole != GH_OK || rc >= 0);
        before = rc;
    }
    gh_arena_fini(&arena);
}

static void walk(struct gh_json v)
{
    struct gh_slice raw = gh_json_raw(v);
    int64_t integer;
    double real;

    require(raw.ptr >= v.doc->src &&
            raw.ptr + raw.len <= v.doc->src + v.doc->src_len);
    if (gh_json_i64(v, &integer) && gh_json_f64(v, &real))
        require((double)integer == real);
    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);) {
        struct gh_json found = gh_json_getn(v, it.name);

        require(!it.object || found.at >= it.value.at);
        walk(it.value);
    }
}

/* Parses what was written and compares it with @v. */
static void reads_back(struct gh_buf *out, struct gh_json v,
                       struct gh_json_doc *ret, struct gh_arena *arena)
{
    require(gh_buf_rc(out) == GH_OK);
    require(gh_json_parse(gh_buf_slice(out), arena, &opt, ret, NULL) == GH_OK);
    if (v.doc)
        require(gh_json_equal(v, gh_json_root(ret)));
}

static void write_again(struct gh_json v, struct gh_arena *arena)
{
    struct gh_json_doc doc;
    struct gh_buf out;
    struct gh_buf again;
    struct gh_jsonw w;

    gh_buf_init(&out, 64u << 20);
    gh_buf_init(&again, 64u << 20);
    gh_jsonw_init(&w, &out);
    gh_jsonw_value(&w, v);
    reads_back(&out, v, &doc, arena);
    gh_buf_clear(&out);
    require(gh_json_canonical(v, arena, &out) == GH_OK);
    reads_back(&out, GH_JSON_NONE, &doc, arena);
    require(!doc.has_duplicates);
    require(gh_json_canonical(gh_json_root(&doc), arena, &again) == GH_OK);
    require(gh_slice_eq(gh_buf_slice(&out), gh_buf_slice(&again)));
    gh_buf_fini(&out);
    gh_buf_fini(&again);
}

/* The bytes as a string: always valid, and the same if they were UTF-8. */
static void quote(struct gh_slice text, struct gh_arena *arena)
{
    struct gh_json_doc doc;
    struct gh_buf out;
    struct gh_slice back;
    const char *c = text.ptr;
    bool utf8 = true;

    gh_buf_init(&out, 64u << 20);
    gh_json_quote(&out, text);
    reads_back(&out, GH_JSON_NONE, &doc, arena);
    back = gh_json_str(gh_json_root(&doc));
    while (utf8 && c < text.ptr + text.len) {
        int len = gh_json_utf8_len(c, text.ptr + text.len);

        utf8 = len > 0;
        c += len;
    }
    require(gh_slice_eq(back, text) == utf8);
    gh_buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gh_slice text = gh_slice_of((const char *)data, size);
    struct gh_arena arena;
    struct gh_json_doc doc = {0};
    struct gh_err err = {0};
    enum gh_rc rc;

    gh_arena_init(&arena, 256u << 20);
    rc = gh_json_parse(text, &arena, &opt, &doc, &err);
    agree(text, &doc, rc, &err);
    cut(text, rc);
    if (rc == GH_OK) {
        walk(gh_json_root(&doc));
        require(gh_json_equal(gh_json_root(&doc), gh_json_root(&doc)));
        write_again(gh_json_root(&doc), &arena);
    }
    quote(text, &arena);
    gh_arena_fini(&arena);
    return 0;
}
