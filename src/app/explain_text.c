/* SPDX-License-Identifier: Apache-2.0 */

#include "app/explain_text.h"

#include "tools/describe.h"

enum { INDENT = 4, WIDTH = 74, MAX_MISSES = 5, MAX_PATHS = 40, MAX_NOTES = 12 };

struct face {
    const char *word;
    enum gh_style style;
};

static struct face face_of(enum gh_verdict v)
{
    switch (v) {
    case GH_ALLOW:
        return (struct face){"ALLOWED", GH_GOOD};
    case GH_DENY:
        return (struct face){"DENIED", GH_BAD};
    case GH_NOT_FOUND:
        return (struct face){"NOT FOUND", GH_BAD};
    case GH_NOT_ENFORCED:
        return (struct face){"NOT ENFORCED", GH_WARN};
    case GH_DEPENDS:
        break;
    }
    return (struct face){"IT DEPENDS", GH_WARN};
}

/* The whole's, by its first path where all agree. */
static struct face face_of_all(const struct gh_connectivity *c)
{
    if (gh_slice_is(gh_slice_str(c->verdict), "mixed"))
        return (struct face){"MIXED", GH_WARN};
    for (size_t i = 0; i < c->count; i++) {
        enum gh_verdict v = c->paths[i].decision.verdict;

        if (gh_slice_is(gh_slice_str(c->verdict), gh_verdict_name(v)))
            return face_of(v);
    }
    return face_of(GH_DEPENDS);
}

static void put_heading(const struct gh_connectivity *c, struct gh_arena *a,
                        const struct gh_styler *s)
{
    const struct gh_question *q = c->question;
    struct face face = face_of_all(c);
    struct gh_slice from =
        q->source ? gh_arena_fmt(a, "%.*s/%.*s", GH_FMT(q->source->ns),
                                 GH_FMT(q->source->name))
                  : gh_client_label(&q->callers.at[0].client, a);

    gh_styled(s, face.style, "%s", face.word);
    gh_buf_addf(s->out, "  ");
    gh_styled(s, GH_STRONG, "%.*s → %.*s/%.*s", GH_FMT(from),
              GH_FMT(q->target->ns), GH_FMT(q->target->name));
    if (q->port.ptr)
        gh_styled(s, GH_STRONG, ":%.*s", GH_FMT(q->port));
    if (q->request)
        gh_styled(s, GH_STRONG, "  %.*s %.*s", GH_FMT(q->request->method),
                  GH_FMT(q->request->path));
    gh_buf_addf(s->out, "\n");
}

static void put_misses(const struct gh_decision *d, struct gh_arena *a,
                       const struct gh_styler *s)
{
    size_t count = d->miss_count < MAX_MISSES ? d->miss_count : MAX_MISSES;

    if (count > 0)
        gh_buf_addf(s->out, "\n%*sAlmost:\n", INDENT, "");
    for (size_t i = 0; i < count; i++) {
        const struct gh_near_miss *miss = &d->misses[i];

        gh_buf_addf(s->out, "%*s• ", INDENT, "");
        gh_styled(s, GH_STRONG, "%.*s\n", GH_FMT(miss->authz->label));
        gh_wrapped(s, GH_PLAIN, miss->text, INDENT + 2, WIDTH);
        if (miss->remedy.len > 0)
            gh_wrapped(s, GH_GOOD,
                       gh_arena_fmt(a, "fix: %.*s", GH_FMT(miss->remedy)),
                       INDENT + 2, WIDTH);
    }
    if (d->miss_count > count)
        gh_buf_addf(s->out, "%*s  ... and %zu more\n", INDENT, "",
                    d->miss_count - count);
}

/* One path needs no verdict of its own: the heading has it. */
static void put_where(const struct gh_path *p, bool only, struct gh_arena *a,
                      const struct gh_styler *s)
{
    struct face face = face_of(p->decision.verdict);

    gh_buf_addf(s->out, "\n  ");
    if (!only)
        gh_styled(s, face.style, "%-13s", face.word);
    gh_styled(s, GH_STRONG, "%.*s port %u",
              GH_FMT(gh_workload_label(p->to.podset->workload, a)), p->to.port);
    if (p->to.name.len > 0)
        gh_styled(s, GH_STRONG, " (%.*s)", GH_FMT(p->to.name));
    if (p->decision.route && p->decision.route->route->object)
        gh_buf_addf(s->out, ", %.*s: %.*s", GH_FMT(gh_path_route(p)),
                    GH_FMT(gh_route_text(p->decision.route->route, a)));
    else if (p->probe)
        gh_buf_addf(s->out, ", kubelet probes only");
    if (p->target_pods > 1)
        gh_buf_addf(s->out, ", %zu pods", p->target_pods);
    gh_buf_addc(s->out, '\n');
}

static void put_path(struct gh_path *p, bool only, struct gh_arena *a,
                     const struct gh_styler *s)
{
    const struct gh_decision *d = &p->decision;

    put_where(p, only, a, s);
    gh_wrapped(s, GH_PLAIN, d->reason, INDENT, WIDTH);
    if (p->policy->enforcement == GH_ENFORCED) {
        gh_buf_addf(s->out, "%*s", INDENT, "");
        gh_styled(s, GH_FAINT, "ruled by %.*s, protocol %s\n",
                  GH_FMT(gh_ruler_label(p->policy, a)),
                  gh_protocol_name(p->policy->protocol));
    }
    if (d->by_count > 1)
        gh_wrapped(
            s, GH_FAINT,
            gh_arena_fmt(a, "all that permit: %.*s",
                         GH_FMT(gh_authz_labels(d->by, d->by_count, 6, a))),
            INDENT, WIDTH);
    put_misses(d, a, s);
}

/* Notes of all paths, each once. */
static void put_notes(const struct gh_connectivity *c, size_t shown,
                      struct gh_arena *a, const struct gh_styler *s)
{
    struct gh_slice seen[MAX_NOTES];
    size_t count = 0;

    for (size_t i = 0; i < shown; i++)
        for (size_t k = 0; k < c->paths[i].note_count; k++) {
            struct gh_slice note = c->paths[i].notes[k];
            bool known = count == MAX_NOTES;

            for (size_t n = 0; n < count && !known; n++)
                known = gh_slice_eq(seen[n], note);
            if (known)
                continue;
            seen[count++] = note;
            gh_buf_addf(s->out, "%s", count == 1 ? "\n" : "");
            gh_wrapped(s, GH_FAINT, gh_arena_fmt(a, "Note: %.*s", GH_FMT(note)),
                       2, WIDTH);
        }
}

void gh_explain_text(struct gh_connectivity *c, struct gh_arena *a,
                     const struct gh_styler *s)
{
    size_t shown = c->count < MAX_PATHS ? c->count : MAX_PATHS;

    put_heading(c, a, s);
    for (size_t i = 0; i < shown; i++) {
        gh_path_detail(&c->paths[i], a);
        put_path(&c->paths[i], c->count == 1, a, s);
    }
    if (c->count > shown)
        gh_buf_addf(s->out, "\n  ... and %zu more paths: name a port\n",
                    c->count - shown);
    put_notes(c, shown, a, s);
}
