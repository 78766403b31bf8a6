/* SPDX-License-Identifier: Apache-2.0 */
#include "source/manifest.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "source/stream.h"
#include "wire/json_items.h"
#include "wire/json_repeat.h"
#include "wire/json_write.h"
#include "wire/yaml.h"

#define MAX_YAML_BYTES ((size_t)64 << 20)
#define YAML_MEMORY_BYTES ((size_t)1 << 30)
#define FIRST_YAML_BYTES ((size_t)64 << 10)
#define PEEK_BYTES 4096

struct reader {
    struct gh_txn *txn;
    struct gh_stream *stream;
    const struct gh_manifest_limits *limits;
    struct gh_slice peeked; /* bytes read to find out what this is */
    char peek[PEEK_BYTES];
};

/* --- objects -------------------------------------------------------------- */

struct place {
    struct gh_slice list_kind; /* of the list around; absent when none */
    struct gh_slice list_api_version;
    uint32_t line;
    uint32_t column;
};

/* Kubernetes takes the last of several; so do we, and say so. */
static void warn_repeated(struct gh_txn *t, struct gh_json root,
                          const struct place *place)
{
    struct gh_json name = gh_json_find_repeated(root.doc);
    struct gh_json_mark start = gh_json_mark(root);
    struct gh_json_mark mark = gh_json_mark(name);
    struct gh_err err;

    if (mark.line == start.line)
        mark.column += place->column - start.column;
    mark.line += place->line - start.line;
    gh_err_set(&err, "name \"%.*s\" occurs twice; the last one counts",
               GH_FMT(gh_slice_head(gh_json_str(name), 128)));
    gh_err_at(&err, GH_SLICE(""), mark.line, mark.column);
    gh_txn_warn(t, &err);
}

/* "PodList" for "Pod"; absent for "List" and what is none. */
static struct gh_slice item_kind(struct gh_slice list_kind)
{
    struct gh_slice suffix = GH_SLICE("List");

    if (!gh_slice_ends(list_kind, suffix) || list_kind.len == suffix.len)
        return (struct gh_slice){NULL, 0};
    return gh_slice_head(list_kind, list_kind.len - suffix.len);
}

static void write_named(struct gh_json v, struct gh_slice kind,
                        struct gh_slice api_version, struct gh_buf *out)
{
    struct gh_jsonw w;

    gh_jsonw_init(&w, out);
    gh_jsonw_object(&w);
    gh_jsonw_key(&w, GH_SLICE("apiVersion"));
    gh_jsonw_str(&w, api_version);
    gh_jsonw_key(&w, GH_SLICE("kind"));
    gh_jsonw_str(&w, kind);
    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);) {
        if (gh_slice_is(it.name, "apiVersion") || gh_slice_is(it.name, "kind"))
            continue;
        gh_jsonw_key(&w, it.name);
        gh_jsonw_raw(&w, gh_json_raw(it.value));
    }
    gh_jsonw_end(&w);
}

/* An item of a typed list, which has its kind from there. */
static enum gh_rc put_named(struct reader *r, struct gh_json v,
                            const struct place *place, struct gh_slice kind)
{
    struct gh_json_options opt = {.duplicates = GH_JSON_DUP_LAST};
    size_t max = r->limits->max_item_bytes + PEEK_BYTES;
    struct gh_buf text GH_BUF_CLEANUP;
    struct gh_arena arena;
    struct gh_json_doc doc;
    struct gh_err err;
    enum gh_rc rc = GH_ETOOBIG;

    gh_buf_init(&text, max);
    gh_arena_init(&arena, max * 20);
    write_named(v, kind, place->list_api_version, &text);
    if (gh_buf_rc(&text) == GH_OK &&
        gh_json_parse(gh_buf_slice(&text), &arena, &opt, &doc, &err) == GH_OK) {
        rc = gh_txn_put(r->txn, gh_json_root(&doc), place->line, place->column,
                        NULL);
    } else {
        gh_err_set(&err, "the item is too large");
        gh_err_at(&err, GH_SLICE(""), place->line, place->column);
        gh_txn_fault(r->txn, &err);
    }
    gh_arena_fini(&arena);
    return rc;
}

/* A case of `gatehouse test`, kept beside the manifests that it is about. */
static bool is_case(struct gh_json v)
{
    return gh_json_given(gh_json_get(v, "to")) &&
           gh_json_given(gh_json_get(v, "expect")) &&
           !gh_json_given(gh_json_get(v, "kind")) &&
           !gh_json_given(gh_json_get(v, "apiVersion"));
}

static enum gh_rc put_item(struct reader *r, struct gh_json v,
                           const struct place *place)
{
    struct gh_slice kind = item_kind(place->list_kind);

    if (is_case(v))
        return GH_END;
    if (kind.ptr && place->list_api_version.ptr &&
        gh_json_is(v, GH_JSON_OBJECT) &&
        !gh_json_given(gh_json_get(v, "kind")) &&
        !gh_json_given(gh_json_get(v, "apiVersion")))
        return put_named(r, v, place, kind);
    return gh_txn_put(r->txn, v, place->line, place->column, NULL);
}

/* --- bytes ---------------------------------------------------------------- */

static enum gh_rc next_bytes(struct reader *r, char *to, size_t size,
                             size_t *ret_len, struct gh_err *err)
{
    size_t n = r->peeked.len < size ? r->peeked.len : size;

    if (n == 0)
        return gh_stream_read(r->stream, to, size, ret_len, err);
    memcpy(to, r->peeked.ptr, n);
    r->peeked = gh_slice_drop(r->peeked, n);
    *ret_len = n;
    return GH_OK;
}

/* --- JSON ----------------------------------------------------------------- */

static enum gh_rc feed(struct reader *r, struct gh_json_items *items,
                       struct gh_err *err)
{
    char *to;
    size_t room;
    size_t n = 0;
    enum gh_rc rc = gh_json_items_room(items, &to, &room);

    if (rc < 0) {
        gh_err_set(err, "%s", gh_rc_text(rc));
        return rc;
    }
    rc = next_bytes(r, to, room, &n, err);
    if (rc < 0)
        return rc;
    gh_json_items_filled(items, rc == GH_END ? 0 : n);
    return GH_OK;
}

static enum gh_rc read_items(struct reader *r, struct gh_json_items *items,
                             struct gh_err *err)
{
    struct gh_json_item item;
    enum gh_rc rc;

    while ((rc = gh_json_items_next(items, &item, err)) >= 0 && rc != GH_END) {
        struct place place;

        if (rc == GH_MORE) {
            rc = feed(r, items, err);
            if (rc < 0)
                break;
            continue;
        }
        place = (struct place){item.list_kind, item.list_api_version, item.line,
                               item.column};
        if (put_item(r, item.value, &place) == GH_OK &&
            item.value.doc->has_duplicates)
            warn_repeated(r->txn, item.value, &place);
    }
    return rc;
}

static enum gh_rc read_json(struct reader *r, struct gh_err *err)
{
    struct gh_json_options opt = {.duplicates = GH_JSON_DUP_LAST};
    struct gh_json_items *items =
        gh_json_items_new(r->limits->max_item_bytes, &opt);
    enum gh_rc rc = read_items(r, items, err);

    (void)gh_json_items_free(items);
    return rc;
}

/* --- YAML ----------------------------------------------------------------- */

static struct place place_of(struct gh_json v)
{
    struct gh_json_mark mark = gh_json_mark(v);

    return (struct place){.line = mark.line, .column = mark.column};
}

/* Return: whether anything of it was stored. */
static bool put_list(struct reader *r, struct gh_json root,
                     struct gh_json items)
{
    struct gh_slice api_version = gh_json_str(gh_json_get(root, "apiVersion"));
    struct gh_slice kind = gh_json_str(gh_json_get(root, "kind"));
    bool stored = false;

    for (struct gh_json_iter it = gh_json_iter(items); gh_json_next(&it);) {
        struct place place = place_of(it.value);

        place.list_kind = kind;
        place.list_api_version = api_version;
        stored |= put_item(r, it.value, &place) == GH_OK;
    }
    return stored;
}

static void put_document(struct reader *r, struct gh_json root)
{
    struct gh_json items = gh_json_get(root, "items");
    struct gh_slice kind =
        gh_json_str_or(gh_json_get(root, "kind"), GH_SLICE(""));
    struct place place = place_of(root);
    bool stored;

    if (gh_json_is(items, GH_JSON_ARRAY) &&
        gh_slice_ends(kind, GH_SLICE("List")))
        stored = put_list(r, root, items);
    else
        stored = put_item(r, root, &place) == GH_OK;
    if (stored && root.doc->has_duplicates)
        warn_repeated(r->txn, root, &place);
}

static void read_documents(struct reader *r, struct gh_slice text)
{
    struct gh_yaml_options opt = {.duplicates = GH_JSON_DUP_LAST};
    struct gh_yaml *y = gh_yaml_new(text, &opt);
    struct gh_arena arena;
    struct gh_json_doc doc;
    struct gh_err err;
    enum gh_rc rc;

    gh_arena_init(&arena, YAML_MEMORY_BYTES);
    while ((rc = gh_yaml_next(y, &arena, &doc, &err)) != GH_END) {
        if (rc < 0)
            gh_txn_fault(r->txn, &err);
        else
            put_document(r, gh_json_root(&doc));
        gh_arena_reset(&arena);
    }
    gh_arena_fini(&arena);
    (void)gh_yaml_free(y);
}

static enum gh_rc read_whole(struct reader *r, struct gh_buf *text,
                             struct gh_err *err)
{
    enum gh_rc rc = GH_OK;

    while (rc == GH_OK) {
        size_t n = 0;

        if (gh_buf_reserve(text, 1) < 0) {
            gh_err_set(err,
                       "the file is larger than %zu MiB, too large for YAML; "
                       "as JSON it may have any size",
                       MAX_YAML_BYTES >> 20);
            return GH_ETOOBIG;
        }
        rc = next_bytes(r, text->ptr + text->len, text->cap - text->len, &n,
                        err);
        text->len += rc == GH_OK ? n : 0;
    }
    return rc;
}

static enum gh_rc read_yaml(struct reader *r, struct gh_err *err)
{
    struct gh_buf text GH_BUF_CLEANUP;
    enum gh_rc rc;

    gh_buf_init(&text, MAX_YAML_BYTES);
    if (gh_buf_reserve(&text, FIRST_YAML_BYTES) < 0) {
        gh_err_set(err, "out of memory");
        return GH_ENOMEM;
    }
    rc = read_whole(r, &text, err);
    if (rc == GH_END)
        read_documents(r, gh_buf_slice(&text));
    return rc;
}

/* --- which of the two ----------------------------------------------------- */

static struct gh_slice without_suffix(struct gh_slice name,
                                      struct gh_slice suffix)
{
    return gh_slice_ends(name, suffix)
               ? gh_slice_head(name, name.len - suffix.len)
               : name;
}

enum gh_manifest_format gh_manifest_format(struct gh_slice name)
{
    name = without_suffix(name, GH_SLICE(".gz"));
    name = without_suffix(name, GH_SLICE(".zst"));
    if (gh_slice_ends(name, GH_SLICE(".json")))
        return GH_MANIFEST_JSON;
    if (gh_slice_ends(name, GH_SLICE(".yaml")) ||
        gh_slice_ends(name, GH_SLICE(".yml")))
        return GH_MANIFEST_YAML;
    return GH_MANIFEST_NO_NAME;
}

/* Return: GH_EPROTO for what is no text at all. */
static enum gh_rc find_out(struct reader *r, enum gh_manifest_format *format,
                           struct gh_err *err)
{
    size_t n = 0;
    enum gh_rc rc = gh_stream_read(r->stream, r->peek, PEEK_BYTES, &n, err);
    struct gh_slice text;

    if (rc < 0)
        return rc;
    r->peeked = gh_slice_of(r->peek, n);
    text = gh_slice_trim(r->peeked);
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)r->peek[i] < '\t') {
            gh_err_set(err, "this is no text: neither JSON nor YAML");
            return GH_EPROTO;
        }
    }
    *format = text.len > 0 && (text.ptr[0] == '{' || text.ptr[0] == '[')
                  ? GH_MANIFEST_JSON
                  : GH_MANIFEST_YAML;
    return GH_OK;
}

void gh_manifest_read(int fd, enum gh_manifest_format format,
                      const struct gh_manifest_limits *limits, struct gh_txn *t)
{
    struct reader r = {.txn = t, .limits = limits};
    struct gh_err err = {0};
    enum gh_rc rc = GH_OK;

    r.stream = gh_stream_new(fd, limits->max_file_bytes);
    if (format == GH_MANIFEST_NO_NAME)
        rc = find_out(&r, &format, &err);
    if (rc >= 0)
        rc = format == GH_MANIFEST_JSON ? read_json(&r, &err)
                                        : read_yaml(&r, &err);
    if (rc < 0)
        gh_txn_fault(t, &err);
    (void)gh_stream_free(r.stream);
}
