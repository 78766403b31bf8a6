/* SPDX-License-Identifier: Apache-2.0 */

#include "source/locate.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/num.h"
#include "source/manifest.h"
#include "source/stream.h"
#include "wire/json.h"
#include "wire/yaml.h"

#define MAX_FILE_BYTES ((uint64_t)4 << 30)
#define MAX_YAML_BYTES ((size_t)64 << 20)
#define MAX_ITEM_BYTES ((size_t)16 << 20)
#define STEP_BYTES ((size_t)128 << 10)

/*
 * @text is a stretch of the file that begins at @line:@column. Of YAML it is
 * all of it; of JSON, one object's line or lines.
 */
struct gh_locator {
    struct gh_buf file;
    int fd;
    struct gh_stream *stream; /* NULL: nothing is open */
    bool ended;
    bool is_yaml;
    struct gh_buf text;
    uint32_t line;
    uint32_t column;
    struct gh_yaml *yaml;
    struct gh_arena arena;
    struct gh_json_doc doc;
    bool has_doc;
    struct gh_json object; /* the one last asked about */
    uint32_t object_line;
    uint32_t object_column;
};

struct gh_locator *gh_locator_new(void)
{
    struct gh_locator *l = GH_XNEW(struct gh_locator);

    l->fd = -1;
    gh_buf_init(&l->file, 64 << 10);
    gh_buf_init(&l->text, MAX_YAML_BYTES);
    gh_arena_init(&l->arena, (size_t)1 << 30);
    return l;
}

static void close_file(struct gh_locator *l)
{
    l->yaml = l->yaml ? gh_yaml_free(l->yaml) : NULL;
    l->stream = l->stream ? gh_stream_free(l->stream) : NULL;
    if (l->fd >= 0)
        (void)close(l->fd);
    l->fd = -1;
    gh_buf_clear(&l->text);
    gh_arena_reset(&l->arena);
    l->ended = false;
    l->has_doc = false;
    l->object = GH_JSON_NONE;
    l->line = 1;
    l->column = 1;
}

struct gh_locator *gh_locator_free(struct gh_locator *l)
{
    if (!l)
        return NULL;
    close_file(l);
    gh_buf_fini(&l->file);
    gh_buf_fini(&l->text);
    gh_arena_fini(&l->arena);
    gh_free(l);
    return NULL;
}

/* --- bytes --- */

/* More of the file behind the text. Return: false at its end, or when it
 * cannot be read or kept. */
static bool read_more(struct gh_locator *l)
{
    struct gh_err err;
    size_t n = 0;

    if (l->ended || gh_buf_reserve(&l->text, STEP_BYTES) < 0 ||
        gh_stream_read(l->stream, l->text.ptr + l->text.len, STEP_BYTES, &n,
                       &err) != GH_OK) {
        l->ended = true;
        return false;
    }
    l->text.len += n;
    return true;
}

static bool guess_yaml(struct gh_locator *l)
{
    struct gh_slice start;
    enum gh_manifest_format format = gh_manifest_format(gh_buf_slice(&l->file));

    if (format != GH_MANIFEST_NO_NAME)
        return format == GH_MANIFEST_YAML;
    (void)read_more(l);
    start = gh_slice_trim(gh_buf_slice(&l->text));
    return start.len == 0 || (start.ptr[0] != '{' && start.ptr[0] != '[');
}

static bool open_file(struct gh_locator *l, struct gh_slice file)
{
    close_file(l);
    gh_buf_clear(&l->file);
    if (gh_slice_is(file, "-") || gh_buf_add(&l->file, file) < 0 ||
        gh_buf_addc(&l->file, '\0') < 0)
        return false;
    l->file.len--;
    l->fd = open(l->file.ptr, O_RDONLY | O_CLOEXEC);
    if (l->fd < 0)
        return false;
    l->stream = gh_stream_new(l->fd, MAX_FILE_BYTES);
    l->is_yaml = guess_yaml(l);
    while (l->is_yaml && read_more(l))
        ;
    return true;
}

static void drop(struct gh_locator *l, size_t n)
{
    const char *at = l->text.ptr;
    const char *end;
    const char *newline;

    if (n == 0)
        return;
    end = at + n;
    while ((newline = memchr(at, '\n', (size_t)(end - at)))) {
        l->line++;
        l->column = 1;
        at = newline + 1;
    }
    l->column += (uint32_t)(end - at);
    gh_buf_drop(&l->text, n);
}

/* How far into the text line:column is; past its end if it is not there. */
static size_t distance(const struct gh_locator *l, uint32_t line,
                       uint32_t column)
{
    struct gh_slice rest = gh_buf_slice(&l->text);
    uint32_t at = l->line;
    size_t skipped = 0;

    for (; at < line; at++) {
        size_t end = gh_slice_find(rest, '\n');

        if (end == rest.len)
            return l->text.len + 1;
        rest = gh_slice_drop(rest, end + 1);
        skipped += end + 1;
    }
    return skipped + column - (line == l->line ? l->column : 1);
}

/* Makes the text of a JSON file begin at the place. */
static bool seek(struct gh_locator *l, uint32_t line, uint32_t column)
{
    for (;;) {
        size_t n = distance(l, line, column);

        if (n < l->text.len) {
            drop(l, n);
            return true;
        }
        drop(l, l->text.len);
        if (!read_more(l))
            return false;
    }
}

/* --- objects --- */

static bool find_json(struct gh_locator *l, uint32_t line, uint32_t column)
{
    struct gh_json_options opt = {.duplicates = GH_JSON_DUP_LAST};
    enum gh_rc rc;
    size_t used;

    if (!seek(l, line, column))
        return false;
    do {
        gh_arena_reset(&l->arena);
        rc = gh_json_parse_prefix(gh_buf_slice(&l->text), &l->arena, &opt,
                                  &l->doc, &used, NULL);
    } while (rc == GH_MORE && l->text.len < MAX_ITEM_BYTES && read_more(l));
    l->object = gh_json_root(&l->doc);
    return rc == GH_OK;
}

static bool is_at(struct gh_json v, uint32_t line, uint32_t column)
{
    struct gh_json_mark mark = gh_json_mark(v);

    return mark.line == line && (column == 0 || mark.column == column);
}

static bool find_in_document(struct gh_locator *l, uint32_t line,
                             uint32_t column)
{
    struct gh_json root = gh_json_root(&l->doc);
    struct gh_json_iter it = gh_json_iter(gh_json_get(root, "items"));

    l->object = root;
    if (is_at(root, line, column))
        return true;
    while (gh_json_next(&it)) {
        l->object = it.value;
        if (is_at(it.value, line, column))
            return true;
    }
    return false;
}

static bool find_yaml(struct gh_locator *l, uint32_t line, uint32_t column)
{
    struct gh_yaml_options opt = {.duplicates = GH_JSON_DUP_LAST};
    enum gh_rc rc = GH_OK;

    if (!l->yaml)
        l->yaml = gh_yaml_new(gh_buf_slice(&l->text), &opt);
    while (rc != GH_END) {
        if (l->has_doc && find_in_document(l, line, column))
            return true;
        gh_arena_reset(&l->arena);
        rc = gh_yaml_next(l->yaml, &l->arena, &l->doc, NULL);
        l->has_doc = rc == GH_OK;
    }
    return false;
}

static bool is_behind(const struct gh_locator *l, uint32_t line,
                      uint32_t column)
{
    return line < l->object_line ||
           (line == l->object_line && column < l->object_column);
}

static bool find_object(struct gh_locator *l, struct gh_slice file,
                        uint32_t line, uint32_t column)
{
    bool same = l->stream && gh_slice_eq(gh_buf_slice(&l->file), file);
    bool found;

    if (same && l->object.doc && line == l->object_line &&
        column == l->object_column)
        return true;
    if (line == 0)
        return false;
    if ((!same || !l->object.doc || is_behind(l, line, column)) &&
        !open_file(l, file))
        return false;
    found = l->is_yaml ? find_yaml(l, line, column)
                       : find_json(l, line, column ? column : 1);
    if (!found)
        l->object = GH_JSON_NONE;
    l->object_line = line;
    l->object_column = column;
    return found;
}

/* --- fields --- */

struct place {
    struct gh_json value;
    struct gh_json key; /* missing in lists */
};

/* "[12]" or "[name]", also quoted; @rest begins at the bracket. */
static struct gh_slice cut_bracket(struct gh_slice *rest)
{
    size_t end = gh_slice_find(*rest, ']');
    struct gh_slice inner = gh_slice_drop(gh_slice_head(*rest, end), 1);

    *rest = gh_slice_drop(*rest, end < rest->len ? end + 1 : end);
    if (inner.len >= 2 && (inner.ptr[0] == '"' || inner.ptr[0] == '\'') &&
        inner.ptr[inner.len - 1] == inner.ptr[0])
        inner = gh_slice_of(inner.ptr + 1, inner.len - 2);
    return inner;
}

static bool step_name(struct place *p, struct gh_slice name)
{
    bool found = false;
    struct place next = {0};

    for (struct gh_json_iter it = gh_json_iter(p->value); gh_json_next(&it);)
        if (it.key.doc && gh_slice_eq(it.name, name)) {
            next = (struct place){it.value, it.key};
            found = true;
        }
    if (found)
        *p = next;
    return found;
}

static bool step_bracket(struct place *p, struct gh_slice *rest)
{
    struct gh_slice inner = cut_bracket(rest);
    struct gh_json item;
    uint64_t index;

    if (!gh_json_is(p->value, GH_JSON_ARRAY))
        return step_name(p, inner);
    if (!gh_u64_parse(inner, &index))
        return false;
    item = gh_json_at(p->value, (size_t)index);
    if (!item.doc)
        return false;
    *p = (struct place){.value = item};
    return true;
}

/* The shortest part of the path that is a name here: names may hold dots. */
static bool step_dots(struct place *p, struct gh_slice *rest)
{
    for (size_t end = 0; end <= rest->len; end++) {
        bool whole = end == rest->len;

        if (!whole && rest->ptr[end] != '.' && rest->ptr[end] != '[')
            continue;
        if (step_name(p, gh_slice_head(*rest, end))) {
            *rest = gh_slice_drop(*rest, end);
            return true;
        }
    }
    return false;
}

/* Return: whether all of the path was there. */
static bool walk(struct place *p, struct gh_slice path)
{
    while (path.len > 0) {
        bool found;

        if (path.ptr[0] == '.')
            path = gh_slice_drop(path, 1);
        if (path.len == 0)
            break;
        found =
            path.ptr[0] == '[' ? step_bracket(p, &path) : step_dots(p, &path);
        if (!found)
            return false;
    }
    return true;
}

/* Of a JSON object: its marks count from where it begins. */
static struct gh_json_mark mark_in_file(const struct gh_locator *l,
                                        struct gh_json v)
{
    struct gh_json_mark mark = gh_json_mark(v);

    if (l->is_yaml)
        return mark;
    if (mark.line == 1)
        mark.column += l->column - 1;
    mark.line += l->line - 1;
    return mark;
}

static bool is_scalar(struct gh_json v)
{
    enum gh_json_type type = gh_json_type(v);

    return type > GH_JSON_MISSING && type < GH_JSON_ARRAY;
}

/* How long what is written at the mark is, on this line. */
static size_t written_len(struct gh_slice rest, struct gh_json v)
{
    struct gh_slice text = gh_json_str(v);

    if (rest.len == 0)
        return 0;
    if (rest.ptr[0] == '"' || rest.ptr[0] == '\'') {
        size_t end = gh_slice_find(gh_slice_drop(rest, 1), rest.ptr[0]);

        return end + 2 <= rest.len ? end + 2 : rest.len;
    }
    if (text.len > 0 && gh_slice_starts(rest, text))
        return text.len;
    rest = gh_slice_head(rest, gh_slice_find(rest, '#'));
    if (is_scalar(v))
        rest = gh_slice_head(rest, gh_slice_find(rest, ','));
    return gh_slice_trim(rest).len;
}

bool gh_locate(struct gh_locator *l, struct gh_slice file, uint32_t line,
               uint32_t column, struct gh_slice path, struct gh_location *ret)
{
    struct place p = {0};
    struct gh_json shown;
    struct gh_json_mark mark;
    struct gh_slice text;
    uint32_t first;

    *ret = (struct gh_location){line, column, column, false};
    if (!find_object(l, file, line, column))
        return false;
    p.value = l->object;
    ret->exact = walk(&p, path.len > 0 ? path : GH_SLICE("metadata.name"));
    shown = !p.key.doc || is_scalar(p.value) ? p.value : p.key;
    mark = mark_in_file(l, shown);
    ret->line = mark.line;
    ret->column = ret->end_column = mark.column;
    text = gh_locator_line(l, mark.line, &first);
    if (mark.column >= first && mark.column - first < text.len)
        ret->end_column += (uint32_t)written_len(
            gh_slice_drop(text, mark.column - first), shown);
    return true;
}

struct gh_slice gh_locator_line(struct gh_locator *l, uint32_t line,
                                uint32_t *ret_column)
{
    struct gh_slice rest = gh_buf_slice(&l->text);
    size_t n;

    *ret_column = line == l->line ? l->column : 1;
    if (line < l->line || !l->stream)
        return (struct gh_slice){0};
    n = line == l->line ? 0 : distance(l, line, 1);
    if (n > rest.len)
        return (struct gh_slice){0};
    rest = gh_slice_drop(rest, n);
    rest = gh_slice_head(rest, gh_slice_find(rest, '\n'));
    return gh_slice_ends(rest, GH_SLICE("\r"))
               ? gh_slice_head(rest, rest.len - 1)
               : rest;
}
