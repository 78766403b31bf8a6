/* SPDX-License-Identifier: Apache-2.0 */

#include "tools/suppress.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/date.h"
#include "base/nearest.h"
#include "wire/yaml.h"

enum { MAX_SHOWN = 80, MAX_RULES = 10000 };

void gh_suppress_init(struct gh_suppress *s, struct gh_arena *arena,
                      int32_t today)
{
    *s = (struct gh_suppress){.arena = arena, .today = today};
}

void gh_suppress_fini(struct gh_suppress *s)
{
    GH_VEC_FREE(&s->rules);
}

static const struct gh_finding_row *row_of(struct gh_slice code,
                                           struct gh_err *err)
{
    const struct gh_finding_row *row = gh_finding_by_code(code);
    struct gh_nearest near;

    if (row)
        return row;
    gh_nearest_init(&near, code);
    for (size_t i = 0; i < GH_FINDING_COUNT; i++)
        gh_nearest_offer(&near, gh_slice_str(gh_finding_rows[i].code));
    if (near.best.ptr)
        gh_err_set(err, "there is no finding \"%.*s\" (did you mean %.*s?)",
                   GH_FMT(gh_slice_head(code, MAX_SHOWN)), GH_FMT(near.best));
    else
        gh_err_set(err, "there is no finding \"%.*s\"",
                   GH_FMT(gh_slice_head(code, MAX_SHOWN)));
    return NULL;
}

/* --- annotations --- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct gh_slice cut_word(struct gh_slice *rest)
{
    struct gh_slice all = gh_slice_trim(*rest);
    size_t end = 0;

    while (end < all.len && !is_space(all.ptr[end]))
        end++;
    *rest = gh_slice_trim(gh_slice_drop(all, end));
    return gh_slice_head(all, end);
}

static const struct gh_finding_row *parse_entry(struct gh_slice rest,
                                                struct gh_ignore_entry *ret)
{
    struct gh_slice code = cut_word(&rest);
    const struct gh_finding_row *row = row_of(code, &ret->error);
    struct gh_slice after = rest;

    if (!row)
        return NULL;
    if (gh_slice_is(cut_word(&after), "until")) {
        struct gh_slice day = cut_word(&after);

        if (!gh_date_parse(day, &ret->until)) {
            gh_err_set(&ret->error,
                       "until \"%.*s\": write a day that exists, as "
                       "2027-01-31",
                       GH_FMT(gh_slice_head(day, MAX_SHOWN)));
            return NULL;
        }
        rest = after;
    }
    ret->reason = rest;
    if (rest.len == 0) {
        gh_err_set(&ret->error, "%s without a reason: say why it is kept",
                   row->code);
        return NULL;
    }
    return row;
}

static size_t entry_len(struct gh_slice s)
{
    size_t semicolon = gh_slice_find(s, ';');
    size_t newline = gh_slice_find(s, '\n');

    return semicolon < newline ? semicolon : newline;
}

bool gh_ignore_next(struct gh_slice *rest, struct gh_ignore_entry *ret)
{
    while (rest->len > 0) {
        size_t end = entry_len(*rest);

        *ret = (struct gh_ignore_entry){
            .text = gh_slice_trim(gh_slice_head(*rest, end)),
            .until = INT32_MAX,
        };
        *rest = gh_slice_drop(*rest, end < rest->len ? end + 1 : end);
        if (ret->text.len == 0)
            continue;
        ret->row = parse_entry(ret->text, ret);
        return true;
    }
    return false;
}

/* --- the file --- */

struct reading {
    struct gh_suppress *s;
    struct gh_findings *out;
};

GH_PRINTF(4, 5)
static void tell(struct reading *r, enum gh_finding_id id, uint32_t line,
                 const char *fmt, ...)
{
    struct gh_finding *f;
    char text[512];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    f = gh_finding_add(r->out, id, NULL, (struct gh_slice){0}, "%s", text);
    if (f)
        f->origin = (struct gh_origin){.scope = r->s->file, .line = line};
}

static bool is_field(struct gh_slice name)
{
    static const char *const fields[] = {"code", "namespace", "kind",
                                         "name", "reason",    "until"};

    for (size_t i = 0; i < GH_COUNT(fields); i++)
        if (gh_slice_is(name, fields[i]))
            return true;
    return false;
}

/* Return: false when a field is unknown or no text, with @err. */
static bool check_fields(struct gh_json v, struct gh_err *err)
{
    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);) {
        if (!is_field(it.name)) {
            gh_err_set(err,
                       "unknown field \"%.*s\": write code, namespace, kind, "
                       "name, reason, until",
                       GH_FMT(gh_slice_head(it.name, MAX_SHOWN)));
            return false;
        }
        if (!gh_json_is(it.value, GH_JSON_STRING)) {
            gh_err_set(err, "%.*s is %s, not a text", GH_FMT(it.name),
                       gh_json_type_name(gh_json_type(it.value)));
            return false;
        }
    }
    return true;
}

static struct gh_slice kept(struct gh_suppress *s, struct gh_json v,
                            const char *name)
{
    struct gh_slice text = gh_json_str(gh_json_getn(v, gh_slice_str(name)));

    return text.ptr ? gh_arena_dup(s->arena, text) : text;
}

static bool read_rule(struct gh_suppress *s, struct gh_json v,
                      struct gh_ignore_rule *ret, struct gh_err *err)
{
    struct gh_slice until = gh_json_str(gh_json_get(v, "until"));
    struct gh_slice reason =
        gh_json_str_or(gh_json_get(v, "reason"), GH_SLICE(""));

    *ret = (struct gh_ignore_rule){.until = INT32_MAX};
    if (!gh_json_is(v, GH_JSON_OBJECT)) {
        gh_err_set(err, "an entry is an object with code and reason, not %s",
                   gh_json_type_name(gh_json_type(v)));
        return false;
    }
    if (!check_fields(v, err))
        return false;
    ret->row =
        row_of(gh_json_str_or(gh_json_get(v, "code"), GH_SLICE("")), err);
    if (!ret->row)
        return false;
    if (gh_slice_trim(reason).len == 0) {
        gh_err_set(err, "%s without a reason: say why it is kept",
                   ret->row->code);
        return false;
    }
    if (until.ptr && !gh_date_parse(until, &ret->until)) {
        gh_err_set(err,
                   "until \"%.*s\": write a day that exists, as 2027-01-31",
                   GH_FMT(gh_slice_head(until, MAX_SHOWN)));
        return false;
    }
    ret->ns = kept(s, v, "namespace");
    ret->kind = kept(s, v, "kind");
    ret->name = kept(s, v, "name");
    return true;
}

static bool read_list(struct reading *r, struct gh_json root,
                      struct gh_err *err)
{
    if (gh_json_is(root, GH_JSON_NULL))
        return true;
    if (!gh_json_is(root, GH_JSON_ARRAY)) {
        gh_err_set(err, "this is %s, not a list of suppressions",
                   gh_json_type_name(gh_json_type(root)));
        return false;
    }
    for (struct gh_json_iter it = gh_json_iter(root); gh_json_next(&it);) {
        struct gh_ignore_rule rule;
        struct gh_err why;
        uint32_t line = gh_json_mark(it.value).line;

        if (r->s->rules.count == MAX_RULES) {
            gh_err_set(err, "more than %d suppressions", MAX_RULES);
            return false;
        }
        if (!read_rule(r->s, it.value, &rule, &why)) {
            tell(r, GH_FINDING_ID_IGNORE_MALFORMED, line, "%s", why.text);
            continue;
        }
        rule.line = line;
        if (rule.until < r->s->today)
            tell(r, GH_FINDING_ID_IGNORE_EXPIRED, line,
                 "the suppression of %s ended %d day%s ago", rule.row->code,
                 r->s->today - rule.until,
                 r->s->today - rule.until == 1 ? "" : "s");
        else
            GH_VEC_PUSH(&r->s->rules, rule);
    }
    return true;
}

bool gh_suppress_read(struct gh_suppress *s, struct gh_slice text,
                      struct gh_slice file, struct gh_findings *out,
                      struct gh_err *err)
{
    struct gh_yaml *y = gh_yaml_new(text, NULL);
    struct reading r = {s, out};
    struct gh_arena arena;
    struct gh_json_doc doc;
    bool fits = true;
    enum gh_rc rc = GH_OK;

    s->file = gh_arena_dup(s->arena, file);
    gh_arena_init(&arena, (size_t)64 << 20);
    while (fits && (rc = gh_yaml_next(y, &arena, &doc, err)) == GH_OK) {
        fits = read_list(&r, gh_json_root(&doc), err);
        if (!fits)
            gh_err_at(err, file, gh_json_mark(gh_json_root(&doc)).line, 0);
    }
    if (rc < 0) {
        fits = false;
        gh_err_at(err, file, err->line, err->column);
    }
    gh_arena_fini(&arena);
    (void)gh_yaml_free(y);
    return fits;
}

/* --- applying --- */

/* '*' stands for any text; linear in the pattern's stars times the text. */
static bool glob(struct gh_slice pattern, struct gh_slice text)
{
    size_t p = 0;
    size_t t = 0;
    size_t star = pattern.len;
    size_t mark = 0;

    while (t < text.len) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = p++;
            mark = t;
        } else if (p < pattern.len && pattern.ptr[p] == text.ptr[t]) {
            p++;
            t++;
        } else if (star < pattern.len) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*')
        p++;
    return p == pattern.len;
}

static bool rule_fits(const struct gh_ignore_rule *r,
                      const struct gh_finding *f)
{
    const struct gh_object *o = f->object;

    if (r->row != f->row)
        return false;
    if (!o)
        return !r->ns.ptr && !r->kind.ptr && !r->name.ptr;
    return (!r->ns.ptr || glob(r->ns, o->ns)) &&
           (!r->kind.ptr || gh_slice_eq_nocase(r->kind, o->kind)) &&
           (!r->name.ptr || glob(r->name, o->name));
}

static struct gh_slice annotation_of(const struct gh_object *o)
{
    struct gh_json all =
        gh_json_path(gh_object_root(o), "metadata/annotations");

    return gh_json_str(gh_json_get(all, GH_IGNORE_ANNOTATION));
}

static bool is_ignored(const struct gh_suppress *s, const struct gh_finding *f)
{
    struct gh_slice rest =
        f->object ? annotation_of(f->object) : (struct gh_slice){0};
    struct gh_ignore_entry entry;

    while (gh_ignore_next(&rest, &entry))
        if (entry.row == f->row && entry.until >= s->today)
            return true;
    return false;
}

static bool is_suppressed(struct gh_suppress *s, const struct gh_finding *f)
{
    bool fits = false;

    if (f->row == &gh_finding_rows[GH_FINDING_ID_IGNORE_MALFORMED] ||
        f->row == &gh_finding_rows[GH_FINDING_ID_IGNORE_EXPIRED])
        return false;
    for (size_t i = 0; i < s->rules.count; i++)
        if (rule_fits(&s->rules.at[i], f)) {
            s->rules.at[i].used++;
            fits = true;
        }
    return fits || is_ignored(s, f);
}

struct telling {
    struct gh_suppress *s;
    const struct gh_findings *all; /* before anything was taken out */
    struct gh_findings *out;
};

static bool has_finding(const struct gh_findings *all,
                        const struct gh_object *object,
                        const struct gh_finding_row *row)
{
    for (size_t i = 0; i < all->at.count; i++)
        if (all->at.at[i].object == object && all->at.at[i].row == row)
            return true;
    return false;
}

/* What there is to say about the entries of an object's annotation. */
static void tell_object(void *ctx, const struct gh_object *o)
{
    static const struct gh_slice path =
        GH_SLICE("metadata.annotations[" GH_IGNORE_ANNOTATION "]");
    struct telling *t = ctx;
    struct gh_slice rest = annotation_of(o);
    struct gh_ignore_entry entry;

    while (gh_ignore_next(&rest, &entry)) {
        if (!entry.row)
            (void)gh_finding_add(t->out, GH_FINDING_ID_IGNORE_MALFORMED, o,
                                 path, "%s", entry.error.text);
        else if (entry.until < t->s->today)
            (void)gh_finding_add(t->out, GH_FINDING_ID_IGNORE_EXPIRED, o, path,
                                 "the suppression of %s ended %d day%s ago",
                                 entry.row->code, t->s->today - entry.until,
                                 t->s->today - entry.until == 1 ? "" : "s");
        else if (!has_finding(t->all, o, entry.row))
            (void)gh_finding_add(t->out, GH_FINDING_ID_IGNORE_UNUSED, o, path,
                                 "%s does not occur on this object",
                                 entry.row->code);
    }
}

static void tell_unused(struct gh_suppress *s, struct gh_findings *f)
{
    struct reading r = {s, f};

    for (size_t i = 0; i < s->rules.count; i++)
        if (s->rules.at[i].used == 0)
            tell(&r, GH_FINDING_ID_IGNORE_UNUSED, s->rules.at[i].line,
                 "nothing that the suppression of %s names has it",
                 s->rules.at[i].row->code);
}

void gh_suppress_apply(struct gh_suppress *s, struct gh_mesh *m,
                       const struct gh_judge_options *opt,
                       struct gh_findings *f)
{
    struct gh_findings told;
    struct telling t = {s, f, &told};
    size_t kept_count = 0;

    gh_findings_init(&told, f->arena, f->limit);
    gh_judge_objects(m, opt, tell_object, &t);
    for (size_t i = 0; i < f->at.count; i++)
        if (!is_suppressed(s, &f->at.at[i]))
            f->at.at[kept_count++] = f->at.at[i];
    s->suppressed += f->at.count - kept_count;
    f->at.count = kept_count;
    for (size_t i = 0; i < told.at.count; i++)
        GH_VEC_PUSH(&f->at, told.at.at[i]);
    gh_findings_fini(&told);
    tell_unused(s, f);
}
