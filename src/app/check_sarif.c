/* SPDX-License-Identifier: Apache-2.0 */

/*
 * SARIF 2.1.0, for code scanning
 *
 * Rules are the rows of the findings that occur. Columns count code points. A
 * finding's fingerprint is its code, object and field, so that it stays the
 * same finding when lines move. Fixes are offered where the patch of the object
 * comes to one replacement in the text.
 */

#include "app/check_report.h"

#include <stdio.h>

#include "wire/digest.h"
#include "wire/json_write.h"

enum { URI_BYTES = 64 << 10, PATH_BYTES = 16 << 10, FINGERPRINT_BYTES = 16 };

static const char *level_of(enum gh_severity s)
{
    return s == GH_SEVERITY_INFO ? "note" : gh_severity_name(s);
}

/* "](" would begin the target of a link. */
static void put_text(struct gh_jsonw *w, struct gh_slice s)
{
    struct gh_buf out GH_BUF_CLEANUP;

    gh_buf_init(&out, (size_t)1 << 20);
    for (size_t i = 0; i < s.len; i++) {
        gh_buf_addc(&out, s.ptr[i]);
        if (s.ptr[i] == ']' && i + 1 < s.len && s.ptr[i + 1] == '(')
            gh_buf_addc(&out, ' ');
    }
    gh_jsonw_object(w);
    gh_jsonw_kstr(w, "text", gh_buf_slice(&out));
    gh_jsonw_end(w);
}

/* --- rules --- */

/* Index of each row among those that occur; SIZE_MAX: it does not. */
struct used {
    size_t index[GH_FINDING_COUNT];
    size_t count;
};

static void find_used(const struct gh_check *c, struct used *ret)
{
    bool occurs[GH_FINDING_COUNT] = {false};

    ret->count = 0;
    for (size_t i = 0; i < c->count; i++)
        occurs[c->items[i].finding->row - gh_finding_rows] = true;
    for (size_t i = 0; i < GH_FINDING_COUNT; i++)
        ret->index[i] = occurs[i] ? ret->count++ : SIZE_MAX;
}

static void put_rule(const struct gh_finding_row *r, struct gh_jsonw *w)
{
    gh_jsonw_object(w);
    gh_jsonw_ktext(w, "id", r->code);
    gh_jsonw_key(w, GH_SLICE("shortDescription"));
    put_text(w, gh_slice_str(r->title));
    gh_jsonw_key(w, GH_SLICE("fullDescription"));
    put_text(w, gh_slice_str(r->why));
    gh_jsonw_key(w, GH_SLICE("help"));
    put_text(w, gh_slice_str(r->remedy));
    gh_jsonw_kobject(w, "defaultConfiguration");
    gh_jsonw_ktext(w, "level", level_of(r->severity));
    gh_jsonw_end(w);
    gh_jsonw_kobject(w, "properties");
    gh_jsonw_karray(w, "tags");
    gh_jsonw_str(w, gh_slice_str(gh_finding_class_name(r->class)));
    gh_jsonw_end(w);
    gh_jsonw_end(w);
    gh_jsonw_end(w);
}

static void put_tool(const struct used *used, struct gh_jsonw *w)
{
    gh_jsonw_kobject(w, "tool");
    gh_jsonw_kobject(w, "driver");
    gh_jsonw_ktext(w, "name", "gatehouse");
    gh_jsonw_ktext(w, "version", GH_VERSION);
    gh_jsonw_karray(w, "rules");
    for (size_t i = 0; i < GH_FINDING_COUNT; i++)
        if (used->index[i] != SIZE_MAX)
            put_rule(&gh_finding_rows[i], w);
    gh_jsonw_end(w);
    gh_jsonw_end(w);
    gh_jsonw_end(w);
}

/* --- places --- */

static void put_uri(struct gh_slice file, struct gh_jsonw *w)
{
    static const char plain[] = "-._~/";
    struct gh_buf uri GH_BUF_CLEANUP;

    gh_buf_init(&uri, URI_BYTES);
    if (file.len > 0 && file.ptr[0] == '/')
        gh_buf_addf(&uri, "file://");
    for (size_t i = 0; i < file.len; i++) {
        unsigned char c = (unsigned char)file.ptr[i];

        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
            (c >= 'a' && c <= 'z') || (c && strchr(plain, c)))
            gh_buf_addc(&uri, (char)c);
        else
            gh_buf_addf(&uri, "%%%02X", c);
    }
    gh_jsonw_kobject(w, "artifactLocation");
    gh_jsonw_kstr(w, "uri", gh_buf_slice(&uri));
    gh_jsonw_end(w);
}

/* The column in code points; in bytes where the line is not at hand. */
static uint32_t code_points(const struct gh_check_item *i, uint32_t column)
{
    uint32_t n = i->first_column;
    size_t len;

    if (!i->text.ptr || column < i->first_column ||
        column - i->first_column > i->text.len)
        return column;
    len = column - i->first_column;
    for (size_t k = 0; k < len; k++)
        n += ((unsigned char)i->text.ptr[k] & 0xc0) != 0x80;
    return n;
}

static void put_region(const struct gh_check_item *i, const char *name,
                       struct gh_jsonw *w)
{
    gh_jsonw_key(w, gh_slice_str(name));
    gh_jsonw_object(w);
    gh_jsonw_ki64(w, "startLine", i->at.line);
    gh_jsonw_ki64(w, "startColumn", code_points(i, i->at.column));
    if (i->at.end_column > i->at.column)
        gh_jsonw_ki64(w, "endColumn", code_points(i, i->at.end_column));
    gh_jsonw_end(w);
}

static bool has_file(const struct gh_check_item *i)
{
    return i->file.len > 0 && !gh_slice_is(i->file, "-");
}

static void put_locations(const struct gh_check_item *i, struct gh_jsonw *w,
                          struct gh_arena *a)
{
    gh_jsonw_karray(w, "locations");
    gh_jsonw_object(w);
    if (has_file(i)) {
        gh_jsonw_kobject(w, "physicalLocation");
        put_uri(i->file, w);
        if (i->at.line > 0)
            put_region(i, "region", w);
        gh_jsonw_end(w);
    }
    gh_jsonw_karray(w, "logicalLocations");
    gh_jsonw_object(w);
    gh_jsonw_kstr(w, "fullyQualifiedName", gh_finding_subject(i->finding, a));
    gh_jsonw_ktext(w, "kind", "object");
    gh_jsonw_end(w);
    gh_jsonw_end(w);
    gh_jsonw_end(w);
    gh_jsonw_end(w);
}

static void put_fingerprint(const struct gh_finding *f, struct gh_jsonw *w,
                            struct gh_arena *a)
{
    struct gh_slice path = f->path.ptr ? f->path : GH_SLICE("");
    struct gh_slice text =
        gh_arena_fmt(a, "%s\n%.*s\n%.*s", f->row->code,
                     GH_FMT(gh_finding_subject(f, a)), GH_FMT(path));
    struct gh_digest *digest = gh_digest_new();
    uint8_t sum[GH_SHA256_BYTES];
    char hex[2 * FINGERPRINT_BYTES + 1];

    gh_digest_sha256(digest, text.ptr ? text : path, sum);
    (void)gh_digest_free(digest);
    for (size_t i = 0; i < FINGERPRINT_BYTES; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", sum[i]);
    gh_jsonw_kobject(w, "partialFingerprints");
    gh_jsonw_ktext(w, "gatehouseFinding/v1", hex);
    gh_jsonw_end(w);
}

/* --- fixes --- */

/* Whether a JSON pointer is the same field as a path, up to @path's end. */
static bool is_field(struct gh_slice pointer, struct gh_slice path)
{
    struct gh_buf as GH_BUF_CLEANUP;

    gh_buf_init(&as, PATH_BYTES);
    for (size_t i = 0; i < path.len; i++) {
        if (i == 0 || path.ptr[i] == '.' || path.ptr[i] == '[')
            gh_buf_addc(&as, '/');
        if (path.ptr[i] != '.' && path.ptr[i] != '[' && path.ptr[i] != ']')
            gh_buf_addc(&as, path.ptr[i]);
    }
    return gh_buf_rc(&as) == GH_OK && gh_slice_eq(gh_buf_slice(&as), pointer);
}

static struct gh_slice last_part(struct gh_slice pointer)
{
    size_t slash = pointer.len;

    while (slash > 0 && pointer.ptr[slash - 1] != '/')
        slash--;
    return gh_slice_drop(pointer, slash);
}

/* What to write over the text that is underlined; absent: no such thing. */
static struct gh_slice replacement(const struct gh_check_item *i,
                                   struct gh_json patch, struct gh_arena *a)
{
    struct gh_json first = gh_json_at(patch, 0);
    struct gh_json second = gh_json_at(patch, 1);
    struct gh_json value = gh_json_get(first, "value");
    size_t ops = gh_json_count(patch);
    struct gh_slice name =
        last_part(gh_json_str_or(gh_json_get(second, "path"), GH_SLICE("")));

    if (!is_field(gh_json_str_or(gh_json_get(first, "path"), GH_SLICE("")),
                  i->finding->path))
        return (struct gh_slice){0};
    if (ops == 1 && gh_json_str_is(gh_json_get(first, "op"), "replace") &&
        gh_json_type(value) < GH_JSON_ARRAY)
        return gh_json_raw(value);
    if (ops == 2 && gh_json_str_is(gh_json_get(first, "op"), "remove") &&
        gh_json_str_is(gh_json_get(second, "op"), "add") && name.len > 0)
        return i->text.ptr[i->at.column - i->first_column] == '"'
                   ? gh_arena_fmt(a, "\"%.*s\"", GH_FMT(name))
                   : name;
    return (struct gh_slice){0};
}

static void put_fix(const struct gh_check_item *i, struct gh_slice text,
                    struct gh_jsonw *w)
{
    gh_jsonw_karray(w, "fixes");
    gh_jsonw_object(w);
    gh_jsonw_key(w, GH_SLICE("description"));
    put_text(w, gh_check_fix(i->finding));
    gh_jsonw_karray(w, "artifactChanges");
    gh_jsonw_object(w);
    put_uri(i->file, w);
    gh_jsonw_karray(w, "replacements");
    gh_jsonw_object(w);
    put_region(i, "deletedRegion", w);
    gh_jsonw_key(w, GH_SLICE("insertedContent"));
    gh_jsonw_object(w);
    gh_jsonw_kstr(w, "text", text);
    gh_jsonw_end(w);
    gh_jsonw_end(w);
    gh_jsonw_end(w);
    gh_jsonw_end(w);
    gh_jsonw_end(w);
    gh_jsonw_end(w);
    gh_jsonw_end(w);
}

static void put_fixes(const struct gh_check_item *i, struct gh_jsonw *w,
                      struct gh_arena *a)
{
    struct gh_json_doc doc;
    struct gh_slice text;

    if (i->finding->patch.len == 0 || !has_file(i) || !i->text.ptr ||
        !i->at.exact || i->at.end_column == i->at.column ||
        i->at.column < i->first_column ||
        i->at.end_column - i->first_column > i->text.len ||
        gh_json_parse(i->finding->patch, a, NULL, &doc, NULL) < 0)
        return;
    text = replacement(i, gh_json_root(&doc), a);
    if (text.ptr)
        put_fix(i, text, w);
}

static void put_result(const struct gh_check_item *i, size_t rule,
                       struct gh_jsonw *w, struct gh_arena *a)
{
    const struct gh_finding *f = i->finding;

    gh_jsonw_object(w);
    gh_jsonw_ktext(w, "ruleId", f->row->code);
    gh_jsonw_ki64(w, "ruleIndex", rule);
    gh_jsonw_ktext(w, "level", level_of(f->row->severity));
    gh_jsonw_key(w, GH_SLICE("message"));
    put_text(w, gh_arena_fmt(a, "%.*s. %.*s", GH_FMT(f->message),
                             GH_FMT(gh_check_fix(f))));
    put_locations(i, w, a);
    put_fingerprint(f, w, a);
    put_fixes(i, w, a);
    gh_jsonw_end(w);
}

void gh_check_sarif(const struct gh_check *c, struct gh_buf *out)
{
    struct gh_jsonw w;
    struct used used;

    find_used(c, &used);
    gh_jsonw_init(&w, out);
    w.indent = 2;
    gh_jsonw_object(&w);
    gh_jsonw_ktext(&w, "$schema",
                   "https://json.schemastore.org/sarif-2.1.0.json");
    gh_jsonw_ktext(&w, "version", "2.1.0");
    gh_jsonw_karray(&w, "runs");
    gh_jsonw_object(&w);
    put_tool(&used, &w);
    gh_jsonw_ktext(&w, "columnKind", "unicodeCodePoints");
    gh_jsonw_karray(&w, "results");
    for (size_t i = 0; i < c->count; i++)
        put_result(&c->items[i],
                   used.index[c->items[i].finding->row - gh_finding_rows], &w,
                   c->arena);
    gh_jsonw_end(&w);
    gh_jsonw_end(&w);
    gh_jsonw_end(&w);
    gh_jsonw_end(&w);
    gh_buf_addc(out, '\n');
}
