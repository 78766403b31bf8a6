/* SPDX-License-Identifier: Apache-2.0 */

#include "app/check_report.h"

#include "wire/json_write.h"

enum { INDENT = 4, WIDTH = 74, MAX_SHOWN_BYTES = 110, MAX_GONE = 10 };

size_t gh_check_gone(const struct gh_check *c)
{
    return c->baseline ? c->baseline->known.count - c->baseline->met : 0;
}

struct gh_slice gh_check_object(const struct gh_finding *f, struct gh_arena *a)
{
    const struct gh_object *o = f->object;

    if (!o)
        return GH_SLICE("");
    return gh_arena_fmt(a, "%.*s %.*s%s%.*s", GH_FMT(o->kind), GH_FMT(o->ns),
                        o->ns.len > 0 ? "/" : "", GH_FMT(o->name));
}

struct gh_slice gh_check_fix(const struct gh_finding *f)
{
    return f->fix.len > 0 ? f->fix : gh_slice_str(f->row->remedy);
}

/* Bytes of a character that shows as nothing or as something else: C0, DEL, C1,
 * and the controls that reorder or hide text; 0: an ordinary one. */
static size_t odd_len(struct gh_slice s)
{
    const unsigned char *p = (const unsigned char *)s.ptr;

    if (p[0] < ' ' || p[0] == 0x7f)
        return 1;
    if (s.len >= 2 && p[0] == 0xc2 && p[1] < 0xa0)
        return 2;
    if (s.len >= 3 && p[0] == 0xe2 &&
        ((p[1] == 0x80 &&
          ((p[2] >= 0x8b && p[2] <= 0x8f) || (p[2] >= 0xa8 && p[2] <= 0xae))) ||
         (p[1] == 0x81 && p[2] >= 0xa0 && p[2] <= 0xaf)))
        return 3;
    return 0;
}

struct gh_slice gh_check_plain(struct gh_slice s, struct gh_arena *a)
{
    char *copy;
    size_t len = 0;

    if (s.len == 0)
        return GH_SLICE("");
    copy = gh_arena_alloc(a, s.len, 1);
    if (!copy)
        return GH_SLICE("?");
    for (size_t i = 0; i < s.len;) {
        size_t odd = odd_len(gh_slice_drop(s, i));

        copy[len++] = odd ? '?' : s.ptr[i];
        i += odd ? odd : 1;
    }
    return gh_slice_of(copy, len);
}

/* --- for people --- */

static enum gh_style style_of(enum gh_severity s)
{
    return s == GH_SEVERITY_ERROR     ? GH_BAD
           : s == GH_SEVERITY_WARNING ? GH_WARN
                                      : GH_FAINT;
}

/* A tab stays one column wide, so that the caret stands right. */
static struct gh_slice shown(struct gh_slice s, struct gh_arena *a)
{
    struct gh_slice plain = gh_check_plain(s, a);
    char *p = (char *)(uintptr_t)plain.ptr;

    for (size_t i = 0; i < s.len && i < plain.len; i++)
        if (s.ptr[i] == '\t')
            p[i] = ' ';
    return plain;
}

/* In code points: near enough to what a terminal shows. */
static int columns(struct gh_slice s)
{
    int n = 0;

    for (size_t i = 0; i < s.len; i++)
        n += ((unsigned char)s.ptr[i] & 0xc0) != 0x80;
    return n;
}

static size_t char_start(struct gh_slice s, size_t at)
{
    while (at > 0 && at < s.len && ((unsigned char)s.ptr[at] & 0xc0) == 0x80)
        at--;
    return at;
}

/* Of a long line, what is around the field. */
static void put_excerpt(const struct gh_check *c, const struct gh_check_item *i,
                        const struct gh_styler *s)
{
    size_t at = i->at.column - i->first_column;
    size_t len = i->at.end_column - i->at.column;
    size_t from = char_start(
        i->text, at > MAX_SHOWN_BYTES - 30 ? at - MAX_SHOWN_BYTES / 2 : 0);
    struct gh_slice part =
        gh_slice_head(gh_slice_drop(i->text, from), MAX_SHOWN_BYTES);
    struct gh_slice lead = gh_slice_head(part, at - from);
    struct gh_slice marked = gh_slice_head(gh_slice_drop(part, lead.len), len);
    int carets = columns(marked) > 0 ? columns(marked) : 1;

    part = gh_slice_head(part, char_start(i->text, from + part.len) - from);
    gh_styled(s, GH_FAINT, "%*s%5u | ", INDENT - 2, "", i->at.line);
    gh_buf_addf(s->out, "%.*s\n", GH_FMT(shown(part, c->arena)));
    gh_styled(s, GH_FAINT, "%*s      | ", INDENT - 2, "");
    gh_buf_addf(s->out, "%*s", columns(lead), "");
    for (int k = 0; k < carets; k++)
        gh_styled(s, style_of(i->finding->row->severity), "^");
    gh_buf_addc(s->out, '\n');
}

static void put_before(const struct gh_check *c, const struct gh_check_item *i,
                       const struct gh_styler *s)
{
    if (!i->before.ptr || gh_slice_trim(i->before).len == 0 ||
        i->before.len > MAX_SHOWN_BYTES)
        return;
    gh_styled(s, GH_FAINT, "%*s%5u | %.*s\n", INDENT - 2, "", i->at.line - 1,
              GH_FMT(shown(i->before, c->arena)));
}

static void put_item(const struct gh_check *c, const struct gh_check_item *i,
                     const struct gh_styler *s)
{
    const struct gh_finding *f = i->finding;
    struct gh_slice object =
        gh_check_plain(gh_check_object(f, c->arena), c->arena);

    gh_buf_addf(s->out, "\n  ");
    gh_styled(s, style_of(f->row->severity), "%s",
              gh_severity_name(f->row->severity));
    gh_styled(s, GH_STRONG, " %s", f->row->code);
    if (i->at.line > 0)
        gh_buf_addf(s->out, " at %u:%u", i->at.line, i->at.column);
    if (object.len > 0)
        gh_buf_addf(s->out, ", %.*s", GH_FMT(object));
    gh_buf_addc(s->out, '\n');
    gh_wrapped(s, GH_PLAIN, gh_check_plain(f->message, c->arena), INDENT,
               WIDTH);
    if (i->text.ptr && i->at.column >= i->first_column &&
        i->at.column - i->first_column <= i->text.len) {
        put_before(c, i, s);
        put_excerpt(c, i, s);
    } else if (f->path.len > 0) {
        gh_styled(s, GH_FAINT, "%*sat %.*s\n", INDENT, "",
                  GH_FMT(gh_check_plain(f->path, c->arena)));
    }
    gh_wrapped(s, GH_GOOD,
               gh_arena_fmt(c->arena, "fix: %.*s",
                            GH_FMT(gh_check_plain(gh_check_fix(f), c->arena))),
               INDENT, WIDTH);
}

static void put_count(struct gh_buf *out, const char *before, size_t n,
                      const char *what)
{
    gh_buf_addf(out, "%s%zu %s%s", before, n, what, n == 1 ? "" : "s");
}

static void put_gone(const struct gh_check *c, const struct gh_styler *s)
{
    size_t gone = gh_check_gone(c);
    size_t told = 0;

    if (gone == 0)
        return;
    gh_buf_addf(s->out,
                "\n%zu of the baseline occur%s no more; "
                "--write-baseline makes it shorter:\n",
                gone, gone == 1 ? "s" : "");
    for (size_t i = 0; i < c->baseline->known.count && told < MAX_GONE; i++) {
        const struct gh_known *k = &c->baseline->known.at[i];

        if (k->met)
            continue;
        told++;
        gh_buf_addf(s->out, "  %.*s %.*s %.*s\n",
                    GH_FMT(gh_check_plain(k->code, c->arena)),
                    GH_FMT(gh_check_plain(k->object, c->arena)),
                    GH_FMT(gh_check_plain(k->path, c->arena)));
    }
    if (gone > told)
        gh_buf_addf(s->out, "  ... and %zu more\n", gone - told);
}

static void put_summary(const struct gh_check *c, const struct gh_styler *s)
{
    enum gh_style style = c->errors ? GH_BAD : c->warnings ? GH_WARN : GH_GOOD;

    if (c->count > 0)
        gh_buf_addc(s->out, '\n');
    if (c->count == 0)
        gh_styled(s, style, "nothing found");
    else
        gh_styled(s, style, "%zu error%s, %zu warning%s", c->errors,
                  c->errors == 1 ? "" : "s", c->warnings,
                  c->warnings == 1 ? "" : "s");
    if (c->infos > 0)
        put_count(s->out, ", ", c->infos, "info");
    put_count(s->out, " in ", c->objects, "object");
    if (c->hidden > 0)
        gh_buf_addf(s->out, "; %zu below --min-severity", c->hidden);
    if (c->suppressed > 0)
        gh_buf_addf(s->out, "; %zu suppressed", c->suppressed);
    if (c->baseline && c->baseline->met > 0)
        gh_buf_addf(s->out, "; %zu in the baseline", c->baseline->met);
    if (c->dropped > 0)
        gh_buf_addf(s->out, "; %zu more were not kept", c->dropped);
    gh_buf_addc(s->out, '\n');
}

void gh_check_text(const struct gh_check *c, const struct gh_styler *s)
{
    for (size_t i = 0; i < c->count; i++) {
        const struct gh_check_item *item = &c->items[i];

        if (i == 0 || !gh_slice_eq(item->file, c->items[i - 1].file))
            gh_styled(s, GH_STRONG, "%s%.*s\n", i ? "\n" : "",
                      GH_FMT(item->file.len > 0
                                 ? gh_check_plain(item->file, c->arena)
                                 : GH_SLICE("(the mesh)")));
        put_item(c, item, s);
    }
    put_gone(c, s);
    put_summary(c, s);
}

/* --- for programs --- */

static void json_object(const struct gh_object *o, struct gh_jsonw *w)
{
    gh_jsonw_object(w);
    gh_jsonw_kstr(w, "apiVersion", o->api_version);
    gh_jsonw_kstr(w, "kind", o->kind);
    gh_jsonw_kstr(w, "namespace", o->ns);
    gh_jsonw_kstr(w, "name", o->name);
    gh_jsonw_end(w);
}

static void json_item(const struct gh_check_item *i, struct gh_jsonw *w)
{
    const struct gh_finding *f = i->finding;

    gh_jsonw_object(w);
    gh_jsonw_ktext(w, "code", f->row->code);
    gh_jsonw_ktext(w, "class", gh_finding_class_name(f->row->class));
    gh_jsonw_ktext(w, "severity", gh_severity_name(f->row->severity));
    gh_jsonw_kstr(w, "message", f->message);
    gh_jsonw_kstr(w, "fix", gh_check_fix(f));
    if (f->object) {
        gh_jsonw_key(w, GH_SLICE("object"));
        json_object(f->object, w);
    }
    if (f->path.len > 0)
        gh_jsonw_kstr(w, "path", f->path);
    if (i->file.len > 0)
        gh_jsonw_kstr(w, "file", i->file);
    if (i->at.line > 0) {
        gh_jsonw_ki64(w, "line", i->at.line);
        gh_jsonw_ki64(w, "column", i->at.column);
        gh_jsonw_ki64(w, "endColumn", i->at.end_column);
    }
    if (f->patch.len > 0) {
        gh_jsonw_key(w, GH_SLICE("patch"));
        gh_jsonw_raw(w, f->patch);
    }
    if (f->related) {
        gh_jsonw_key(w, GH_SLICE("related"));
        json_object(f->related, w);
    }
    gh_jsonw_end(w);
}

static void json_summary(const struct gh_check *c, struct gh_jsonw *w)
{
    gh_jsonw_kobject(w, "summary");
    gh_jsonw_ki64(w, "errors", c->errors);
    gh_jsonw_ki64(w, "warnings", c->warnings);
    gh_jsonw_ki64(w, "info", c->infos);
    gh_jsonw_ki64(w, "hidden", c->hidden);
    gh_jsonw_ki64(w, "suppressed", c->suppressed);
    gh_jsonw_ki64(w, "inBaseline", c->baseline ? c->baseline->met : 0);
    gh_jsonw_ki64(w, "goneFromBaseline", gh_check_gone(c));
    gh_jsonw_ki64(w, "objects", c->objects);
    gh_jsonw_ki64(w, "notKept", c->dropped);
    gh_jsonw_end(w);
}

void gh_check_json(const struct gh_check *c, struct gh_buf *out)
{
    struct gh_jsonw w;

    gh_jsonw_init(&w, out);
    w.indent = 2;
    gh_jsonw_object(&w);
    gh_jsonw_karray(&w, "findings");
    for (size_t i = 0; i < c->count; i++)
        json_item(&c->items[i], &w);
    gh_jsonw_end(&w);
    json_summary(c, &w);
    gh_jsonw_end(&w);
    gh_buf_addc(out, '\n');
}
