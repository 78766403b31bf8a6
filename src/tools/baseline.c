/* SPDX-License-Identifier: Apache-2.0 */

#include "tools/baseline.h"

#include <stdlib.h>

#include "wire/json_write.h"

enum { MAX_KNOWN = 1000000 };

void gh_baseline_init(struct gh_baseline *b, struct gh_arena *arena)
{
    *b = (struct gh_baseline){.arena = arena};
}

void gh_baseline_fini(struct gh_baseline *b)
{
    GH_VEC_FREE(&b->known);
}

struct gh_slice gh_finding_subject(const struct gh_finding *f,
                                   struct gh_arena *a)
{
    const struct gh_object *o = f->object;
    struct gh_slice text;

    if (!o)
        return f->origin.scope.len > 0 ? f->origin.scope : GH_SLICE("mesh");
    text =
        gh_arena_fmt(a, "%.*s%s%.*s/%.*s%s%.*s", GH_FMT(o->kind),
                     o->group.len > 0 ? "." : "", GH_FMT(o->group),
                     GH_FMT(o->ns), o->ns.len > 0 ? "/" : "", GH_FMT(o->name));
    return text.ptr ? text : o->name;
}

static int compare(const void *a, const void *b)
{
    const struct gh_known *x = a;
    const struct gh_known *y = b;
    int order = gh_slice_cmp(x->object, y->object);

    if (order == 0)
        order = gh_slice_cmp(x->path, y->path);
    return order ? order : gh_slice_cmp(x->code, y->code);
}

static void sort(struct gh_baseline *b)
{
    if (b->known.count > 1)
        qsort(b->known.at, b->known.count, sizeof(*b->known.at), compare);
}

/* --- reading --- */

static bool read_one(struct gh_baseline *b, struct gh_json v, size_t index,
                     struct gh_err *err)
{
    struct gh_slice code = gh_json_str(gh_json_get(v, "code"));
    struct gh_slice object = gh_json_str(gh_json_get(v, "object"));
    struct gh_slice path = gh_json_str_or(gh_json_get(v, "path"), GH_SLICE(""));

    if (!code.ptr || !object.ptr) {
        gh_err_set(err, "findings[%zu] needs code and object, as text", index);
        return false;
    }
    if (b->known.count == MAX_KNOWN) {
        gh_err_set(err, "more than %d findings", MAX_KNOWN);
        return false;
    }
    GH_VEC_PUSH(&b->known,
                (struct gh_known){gh_arena_dup(b->arena, code),
                                  gh_arena_dup(b->arena, object),
                                  gh_arena_dup(b->arena, path), false});
    return true;
}

static bool read_all(struct gh_baseline *b, struct gh_json root,
                     struct gh_err *err)
{
    struct gh_json list = gh_json_get(root, "findings");
    int64_t version;
    size_t i = 0;

    if (!gh_json_i64(gh_json_get(root, "version"), &version) || version != 1 ||
        !gh_json_is(list, GH_JSON_ARRAY)) {
        gh_err_set(err, "this is no baseline: version 1 with a list of "
                        "findings is expected. gatehouse check "
                        "--write-baseline writes one");
        return false;
    }
    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it); i++)
        if (!read_one(b, it.value, i, err)) {
            struct gh_json_mark mark = gh_json_mark(it.value);

            gh_err_at(err, GH_SLICE(""), mark.line, mark.column);
            return false;
        }
    return true;
}

bool gh_baseline_read(struct gh_baseline *b, struct gh_slice text,
                      struct gh_slice file, struct gh_err *err)
{
    struct gh_arena arena;
    struct gh_json_doc doc;
    bool fits;

    gh_arena_init(&arena, (size_t)256 << 20);
    err->line = err->column = 0;
    fits = gh_json_parse(text, &arena, NULL, &doc, err) == GH_OK &&
           read_all(b, gh_json_root(&doc), err);
    if (!fits)
        gh_err_at(err, file, err->line, err->column);
    gh_arena_fini(&arena);
    sort(b);
    return fits;
}

/* --- applying --- */

static struct gh_known known_of(const struct gh_finding *f, struct gh_arena *a)
{
    return (struct gh_known){
        .code = gh_slice_str(f->row->code),
        .object = gh_finding_subject(f, a),
        .path = f->path.ptr ? f->path : GH_SLICE(""),
    };
}

/* The first of those equal to @key that is not yet met, or NULL. */
static struct gh_known *meet(struct gh_baseline *b, const struct gh_known *key)
{
    size_t low = 0;
    size_t high = b->known.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare(&b->known.at[middle], key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    while (low < b->known.count && compare(&b->known.at[low], key) == 0) {
        if (!b->known.at[low].met)
            return &b->known.at[low];
        low++;
    }
    return NULL;
}

void gh_baseline_apply(struct gh_baseline *b, struct gh_findings *f)
{
    size_t kept = 0;

    for (size_t i = 0; i < f->at.count; i++) {
        struct gh_known key = known_of(&f->at.at[i], b->arena);
        struct gh_known *known = meet(b, &key);

        if (known) {
            known->met = true;
            b->met++;
        } else {
            f->at.at[kept++] = f->at.at[i];
        }
    }
    f->at.count = kept;
}

/* --- writing --- */

void gh_baseline_write(const struct gh_findings *f, struct gh_arena *scratch,
                       struct gh_buf *out)
{
    struct gh_baseline b;

    gh_baseline_init(&b, scratch);
    for (size_t i = 0; i < f->at.count; i++)
        GH_VEC_PUSH(&b.known, known_of(&f->at.at[i], scratch));
    sort(&b);
    gh_buf_addf(out, "{\"version\": 1, \"findings\": [");
    for (size_t i = 0; i < b.known.count; i++) {
        struct gh_jsonw w;

        gh_buf_addf(out, "%s\n  ", i ? "," : "");
        gh_jsonw_init(&w, out);
        gh_jsonw_object(&w);
        gh_jsonw_kstr(&w, "code", b.known.at[i].code);
        gh_jsonw_kstr(&w, "object", b.known.at[i].object);
        if (b.known.at[i].path.len > 0)
            gh_jsonw_kstr(&w, "path", b.known.at[i].path);
        gh_jsonw_end(&w);
    }
    gh_buf_addf(out, "%s]}\n", b.known.count > 0 ? "\n" : "");
    gh_baseline_fini(&b);
}
