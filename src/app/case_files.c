/* SPDX-License-Identifier: Apache-2.0 */

#include "app/case_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/slurp.h"
#include "base/mem.h"
#include "wire/json_items.h"
#include "wire/yaml.h"

enum {
    MAX_DEPTH = 32,           /* of directories */
    MAX_CASE_BYTES = 1 << 20, /* of JSON */
    ARENA_BYTES = 1 << 30,
};

/* One file while it is read. */
struct reading {
    const struct gh_case_reader *reader;
    const char *path;
    bool explicitly; /* named, not found in a directory */
    struct gh_arena arena;
};

/* --- one value
 * ---------------------------------------------------------------- */

static bool is_manifest(struct gh_json v)
{
    return gh_json_is(gh_json_get(v, "apiVersion"), GH_JSON_STRING) &&
           gh_json_is(gh_json_get(v, "kind"), GH_JSON_STRING);
}

static void place_at(const struct reading *r, uint32_t line, uint32_t column,
                     struct gh_err *ret)
{
    *ret = (struct gh_err){0};
    gh_err_at(ret, gh_slice_str(r->path), line, column);
}

static void bad(const struct reading *r, struct gh_err *err, uint32_t line,
                uint32_t column)
{
    gh_err_at(err, gh_slice_str(r->path), line, column);
    r->reader->on_bad(r->reader->ctx, err);
}

static void one_case(const struct reading *r, struct gh_json v, uint32_t line,
                     uint32_t column)
{
    struct gh_err place;

    if (is_manifest(v) && !r->explicitly)
        return;
    place_at(r, line, column, &place);
    r->reader->on_case(r->reader->ctx, v, &place);
}

/* --- JSON Lines
 * ----------------------------------------------------------------- Line by
 * line, so that one broken line is one fault. */

static void read_line(struct reading *r, struct gh_slice line, uint32_t number)
{
    struct gh_json_doc doc;
    struct gh_err err = {0};

    if (gh_slice_trim(line).len == 0)
        return;
    gh_arena_reset(&r->arena);
    if (gh_json_parse(line, &r->arena, NULL, &doc, &err) == GH_OK)
        one_case(r, gh_json_root(&doc), number, 1);
    else
        bad(r, &err, number, err.column);
}

static void read_lines(struct reading *r, struct gh_slice text)
{
    struct gh_slice line;
    uint32_t number = 0;

    while (gh_slice_cut(&text, '\n', &line))
        read_line(r, line, ++number);
}

/* --- JSON --------------------------------------------------------------------
 */

static void read_items(struct reading *r, struct gh_slice text)
{
    struct gh_json_items *items = gh_json_items_new(MAX_CASE_BYTES, NULL);
    struct gh_json_item item;
    struct gh_err err = {0};
    enum gh_rc rc;
    size_t room;
    char *ptr;

    while ((rc = gh_json_items_next(items, &item, &err)) >= 0 && rc != GH_END) {
        if (rc == GH_OK) {
            one_case(r, item.value, item.line, item.column);
            continue;
        }
        rc = gh_json_items_room(items, &ptr, &room);
        if (rc < 0)
            break;
        room = room < text.len ? room : text.len;
        memcpy(ptr, text.ptr, room);
        text = gh_slice_drop(text, room);
        gh_json_items_filled(items, room);
    }
    if (rc < 0) {
        if (!err.text[0])
            gh_err_set(&err, "%s", gh_rc_text(rc));
        bad(r, &err, err.line, err.column);
    }
    gh_json_items_free(items);
}

/* --- YAML
 * ---------------------------------------------------------------------- */

static void read_document(const struct reading *r, struct gh_json root)
{
    struct gh_json_mark mark = gh_json_mark(root);

    if (gh_json_is(root, GH_JSON_NULL))
        return;
    if (!gh_json_is(root, GH_JSON_ARRAY)) {
        one_case(r, root, mark.line, mark.column);
        return;
    }
    for (struct gh_json_iter it = gh_json_iter(root); gh_json_next(&it);) {
        mark = gh_json_mark(it.value);
        one_case(r, it.value, mark.line, mark.column);
    }
}

static void read_yaml(struct reading *r, struct gh_slice text)
{
    struct gh_yaml *yaml = gh_yaml_new(text, NULL);
    struct gh_json_doc doc;
    struct gh_err err = {0};
    enum gh_rc rc;

    while ((rc = gh_yaml_next(yaml, &r->arena, &doc, &err)) != GH_END) {
        if (rc == GH_OK)
            read_document(r, gh_json_root(&doc));
        else
            bad(r, &err, err.line, err.column);
        gh_arena_reset(&r->arena);
        err = (struct gh_err){0};
    }
    gh_yaml_free(yaml);
}

/* --- files and directories
 * ----------------------------------------------------- */

enum form { FORM_UNKNOWN, FORM_YAML, FORM_JSON, FORM_LINES };

/* By name, without what packs it. */
static enum form form_of(struct gh_slice name)
{
    static const struct {
        const char *suffix;
        enum form form;
    } forms[] = {
        {".yaml", FORM_YAML},   {".yml", FORM_YAML},     {".json", FORM_JSON},
        {".jsonl", FORM_LINES}, {".ndjson", FORM_LINES},
    };

    if (gh_slice_ends(name, GH_SLICE(".gz")))
        name.len -= strlen(".gz");
    else if (gh_slice_ends(name, GH_SLICE(".zst")))
        name.len -= strlen(".zst");
    for (size_t i = 0; i < GH_COUNT(forms); i++)
        if (gh_slice_ends(name, gh_slice_str(forms[i].suffix)))
            return forms[i].form;
    return FORM_UNKNOWN;
}

/* A file without a telling name: JSON begins with a brace or bracket. */
static enum form form_by_content(struct gh_slice text)
{
    text = gh_slice_trim(text);
    if (text.len == 0 || (text.ptr[0] != '{' && text.ptr[0] != '['))
        return FORM_YAML;
    text = gh_slice_head(text, gh_slice_find(text, '\n'));
    text = gh_slice_trim(text);
    return text.ptr[0] == '{' && text.ptr[text.len - 1] == '}' ? FORM_LINES
                                                               : FORM_JSON;
}

static bool read_file(const struct gh_case_reader *reader, const char *path,
                      bool explicitly, struct gh_err *err)
{
    static void (*const readers[])(struct reading *, struct gh_slice) = {
        [FORM_YAML] = read_yaml,
        [FORM_JSON] = read_items,
        [FORM_LINES] = read_lines,
    };
    struct reading r = {
        .reader = reader, .path = path, .explicitly = explicitly};
    enum form form = form_of(gh_slice_str(path));
    struct gh_buf text GH_BUF_CLEANUP;

    gh_buf_init(&text,
                reader->max_file_bytes ? reader->max_file_bytes : 1u << 30);
    if (!gh_slurp(path, &text, err))
        return false;
    if (form == FORM_UNKNOWN)
        form = form_by_content(gh_buf_slice(&text));
    gh_arena_init(&r.arena, ARENA_BYTES);
    readers[form](&r, gh_buf_slice(&text));
    gh_arena_fini(&r.arena);
    return true;
}

static bool read_path(const struct gh_case_reader *r, const char *path,
                      unsigned depth, struct gh_err *err);

static int visible(const struct dirent *e)
{
    return e->d_name[0] != '.';
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static bool read_directory(const struct gh_case_reader *r, const char *path,
                           unsigned depth, struct gh_err *err)
{
    struct dirent **entries;
    int count = scandir(path, &entries, visible, by_name);
    bool ok = true;

    if (count < 0) {
        gh_err_set(err, "%s", strerrordesc_np(errno));
        gh_err_at(err, gh_slice_str(path), 0, 0);
        return false;
    }
    for (int i = 0; i < count; i++) {
        char *child = NULL;

        if (ok && asprintf(&child, "%s/%s", path, entries[i]->d_name) > 0)
            ok = read_path(r, child, depth + 1, err);
        free(child);
        free(entries[i]);
    }
    free(entries);
    return ok;
}

static bool read_path(const struct gh_case_reader *r, const char *path,
                      unsigned depth, struct gh_err *err)
{
    bool explicitly = depth == 0;
    struct stat st;

    if (strcmp(path, "-") == 0 && explicitly)
        return read_file(r, path, true, err);
    if (stat(path, &st) < 0) {
        gh_err_set(err, "%s", strerrordesc_np(errno));
        gh_err_at(err, gh_slice_str(path), 0, 0);
        return false;
    }
    if (S_ISDIR(st.st_mode) && depth < MAX_DEPTH)
        return read_directory(r, path, depth, err);
    if (explicitly || form_of(gh_slice_str(path)) != FORM_UNKNOWN)
        return read_file(r, path, explicitly, err);
    return true;
}

bool gh_case_files_read(const struct gh_case_reader *r, const char *path,
                        struct gh_err *err)
{
    return read_path(r, path, 0, err);
}
