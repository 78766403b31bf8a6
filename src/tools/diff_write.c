/* SPDX-License-Identifier: Apache-2.0 */

#include "tools/diff_write.h"

#include "tools/join.h"
#include "tools/table.h"

enum { MAX_CLIENTS = 20, SHOWN_CLIENTS = 4, SHOWN_CALLS = 3, SHOWN_NAMES = 5 };

static struct gh_slice joined(const struct gh_slice *at, size_t count,
                              size_t max, struct gh_arena *a)
{
    struct gh_join j;

    gh_join_init(&j, a, ", ", max);
    for (size_t i = 0; i < count; i++)
        gh_join_add(&j, at[i]);
    return gh_join_text(&j);
}

static struct gh_slice side_text(const struct gh_diff_side *s,
                                 struct gh_arena *a)
{
    return gh_arena_fmt(a, "%s%s (%.*s)", gh_verdict_name(s->verdict),
                        s->audit ? ", audit" : "", GH_FMT(s->by));
}

static struct gh_slice clients_text(const struct gh_diff_row *r,
                                    struct gh_arena *a)
{
    struct gh_slice all = joined(r->clients, r->client_count, SHOWN_CLIENTS, a);

    return r->from.len > 0
               ? gh_arena_fmt(a, "%.*s, from some addresses such as %.*s",
                              GH_FMT(all), GH_FMT(r->from))
               : all;
}

static struct gh_slice target_text(const struct gh_diff_row *r,
                                   struct gh_arena *a)
{
    if (r->port_name.len > 0)
        return gh_arena_fmt(a, "%.*s:%u (%.*s)", GH_FMT(r->target), r->port,
                            GH_FMT(r->port_name));
    return gh_arena_fmt(a, "%.*s:%u", GH_FMT(r->target), r->port);
}

struct gh_slice gh_diff_summary(const struct gh_diff *d, struct gh_arena *a)
{
    size_t counts[GH_DIFF_UNAUDITED + 1] = {0};
    struct gh_join j;
    struct gh_slice text;

    for (size_t i = 0; i < d->row_count; i++)
        counts[d->rows[i].change]++;
    gh_join_init(&j, a, ", ", GH_DIFF_UNAUDITED + 1);
    for (int c = GH_DIFF_ALLOWED; c <= GH_DIFF_UNAUDITED; c++)
        if (counts[c] > 0)
            gh_join_add(
                &j, gh_arena_fmt(a, "%zu %s", counts[c],
                                 gh_diff_change_name((enum gh_diff_change)c)));
    text = d->row_count == 0
               ? GH_SLICE("No call changes")
               : gh_arena_fmt(a, "Kinds of calls that change: %.*s",
                              GH_FMT(gh_join_text(&j)));
    return gh_arena_fmt(
        a, "%.*s (ports compared: %zu, ruled differently: %zu).%s",
        GH_FMT(text), d->ports, d->changed, d->cut ? " There are more." : "");
}

/* Workloads that are on one side only. */
static struct gh_slice alone(const char *what, const struct gh_slice *at,
                             size_t count, struct gh_arena *a)
{
    return gh_arena_fmt(a, "Not compared, because %s: %.*s.", what,
                        GH_FMT(joined(at, count, SHOWN_NAMES, a)));
}

static void put_notes(const struct gh_diff *d, const char *between,
                      struct gh_arena *a, struct gh_buf *out)
{
    if (d->added_count > 0)
        gh_buf_addf(out, "%s%.*s\n", between,
                    GH_FMT(alone("new", d->added, d->added_count, a)));
    if (d->removed_count > 0)
        gh_buf_addf(out, "%s%.*s\n", between,
                    GH_FMT(alone("gone", d->removed, d->removed_count, a)));
}

/* --- a table --- */

void gh_diff_table(const struct gh_diff *d, size_t first, size_t end,
                   struct gh_arena *a, struct gh_buf *out)
{
    static const char *const heads[] = {"CHANGE", "CLIENT", "TARGET", "CALL",
                                        "BEFORE", "AFTER",  NULL};
    struct gh_table t;

    gh_buf_addf(out, "%.*s\n", GH_FMT(gh_diff_summary(d, a)));
    gh_table_init(&t, a, heads);
    for (size_t i = first; i < end; i++) {
        const struct gh_diff_row *r = &d->rows[i];

        gh_table_text(&t, gh_diff_change_name(r->change));
        gh_table_cell(&t, clients_text(r, a));
        gh_table_cell(&t, target_text(r, a));
        gh_table_cell(&t, joined(r->calls, r->call_count, SHOWN_CALLS, a));
        gh_table_cell(&t, side_text(&r->before, a));
        gh_table_cell(&t, side_text(&r->after, a));
    }
    gh_table_write(&t, out);
    put_notes(d, "", a, out);
}

/* --- Markdown --- */

/* Names are the authors' of manifests: nothing of them is markup. */
static void put_cell(struct gh_slice s, struct gh_buf *out)
{
    gh_buf_addf(out, " ");
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];

        if (c == '<')
            gh_buf_addf(out, "&lt;");
        else if (c == '&')
            gh_buf_addf(out, "&amp;");
        else if (c == '@')
            gh_buf_addf(out, "&#64;");
        else if (c && strchr("\\`*_[]|~#!", c))
            gh_buf_addf(out, "\\%c", c);
        else
            gh_buf_addc(out, c < ' ' || c == 0x7f ? ' ' : (char)c);
    }
    gh_buf_addf(out, " |");
}

void gh_diff_markdown(const struct gh_diff *d, struct gh_arena *a,
                      struct gh_buf *out)
{
    gh_buf_addf(out, "### Mesh policy\n\n%.*s\n",
                GH_FMT(gh_diff_summary(d, a)));
    if (d->row_count > 0)
        gh_buf_addf(out, "\n| change | client | target | call | before | after "
                         "|\n|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < d->row_count; i++) {
        const struct gh_diff_row *r = &d->rows[i];

        gh_buf_addf(out, "| **%s** |", gh_diff_change_name(r->change));
        put_cell(clients_text(r, a), out);
        put_cell(target_text(r, a), out);
        put_cell(joined(r->calls, r->call_count, SHOWN_CALLS, a), out);
        put_cell(side_text(&r->before, a), out);
        put_cell(side_text(&r->after, a), out);
        gh_buf_addc(out, '\n');
    }
    put_notes(d, "\n", a, out);
}

/* --- JSON --- */

static void write_side(const char *name, const struct gh_diff_side *s,
                       struct gh_jsonw *w)
{
    gh_jsonw_key(w, gh_slice_str(name));
    gh_jsonw_object(w);
    gh_jsonw_ktext(w, "verdict", gh_verdict_name(s->verdict));
    gh_jsonw_kstr(w, "by", s->by);
    if (s->audit)
        gh_jsonw_kbool(w, "audit", true);
    gh_jsonw_end(w);
}

static void write_list(const char *name, const struct gh_slice *at,
                       size_t count, struct gh_jsonw *w)
{
    gh_jsonw_key(w, gh_slice_str(name));
    gh_jsonw_array(w);
    for (size_t i = 0; i < count; i++)
        gh_jsonw_str(w, at[i]);
    gh_jsonw_end(w);
}

void gh_diff_row_write(const struct gh_diff_row *r, struct gh_jsonw *w)
{
    gh_jsonw_object(w);
    gh_jsonw_ktext(w, "change", gh_diff_change_name(r->change));
    write_list("clients", r->clients,
               r->client_count < MAX_CLIENTS ? r->client_count : MAX_CLIENTS,
               w);
    gh_jsonw_ki64(w, "clientCount", r->client_count);
    if (r->from.len > 0)
        gh_jsonw_kstr(w, "from", r->from);
    gh_jsonw_kstr(w, "target", r->target);
    gh_jsonw_ki64(w, "port", r->port);
    if (r->port_name.len > 0)
        gh_jsonw_kstr(w, "portName", r->port_name);
    write_list("calls", r->calls, r->call_count, w);
    write_side("before", &r->before, w);
    write_side("after", &r->after, w);
    gh_jsonw_end(w);
}

void gh_diff_json(const struct gh_diff *d, struct gh_arena *a,
                  struct gh_buf *out)
{
    struct gh_jsonw w;

    gh_jsonw_init(&w, out);
    w.indent = 2;
    gh_jsonw_object(&w);
    gh_jsonw_kstr(&w, "summary", gh_diff_summary(d, a));
    gh_jsonw_karray(&w, "changes");
    for (size_t i = 0; i < d->row_count; i++)
        gh_diff_row_write(&d->rows[i], &w);
    gh_jsonw_end(&w);
    write_list("added", d->added, d->added_count, &w);
    write_list("removed", d->removed, d->removed_count, &w);
    gh_jsonw_kbool(&w, "cut", d->cut);
    gh_jsonw_end(&w);
    gh_buf_addc(out, '\n');
}
