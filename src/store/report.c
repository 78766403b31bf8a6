/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "store/store_internal.h"

/*
 * What people are told about: faults, conflicts, kinds that nobody wants
 *
 * Kept by scope, so that a scope that is read again replaces its own; the
 * lists for readers are built anew at each commit. They are short.
 */

/* --- faults --------------------------------------------------------------- */

void gh_faults_add(struct gh_scope_faults *f, enum gh_fault_class class,
                   const struct gh_err *err)
{
    struct gh_scope_fault fault = {class, *err};

    f->unreadable = f->unreadable || class == GH_FAULT_UNREADABLE ||
                    class == GH_FAULT_FOREIGN;
    if (f->count > GH_STORE_MAX_FAULTS)
        return;
    if (f->count == GH_STORE_MAX_FAULTS)
        (void)snprintf(fault.err.text, sizeof(fault.err.text),
                       "and more: only the first %d faults are shown",
                       GH_STORE_MAX_FAULTS);
    GH_VEC_PUSH(f, fault);
}

static void place_text(const struct gh_object *o, char *to, size_t size)
{
    if (o->origin.line)
        (void)snprintf(to, size, "%.*s:%u", GH_FMT(o->origin.scope),
                       o->origin.line);
    else
        (void)snprintf(to, size, "%.*s", GH_FMT(o->origin.scope));
}

static void report_dispute(struct gh_store *s, const struct gh_slot *slot,
                           const struct gh_def *loser)
{
    const struct gh_object *o = loser->object;
    struct gh_fault fault = {
        .class = GH_FAULT_CONFLICT,
        .source = loser->scope->source,
    };
    char place[200];

    place_text(slot->shown, place, sizeof(place));
    gh_err_set(&fault.err,
               "%.*s \"%.*s%s%.*s\" is defined again in %s; that definition "
               "counts, this one does not",
               GH_FMT(o->kind), GH_FMT(o->ns), o->ns.len ? "/" : "",
               GH_FMT(o->name), place);
    gh_err_at(&fault.err, o->origin.scope, o->origin.line, o->origin.column);
    GH_VEC_PUSH(&s->faults, fault);
}

static void report_disputes(struct gh_store *s)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->disputed.count; i++) {
        struct gh_slot *slot = s->disputed.at[i];

        slot->disputed = slot->defs && slot->defs->next;
        if (!slot->disputed)
            continue;
        s->disputed.at[kept++] = slot;
        for (const struct gh_def *d = slot->defs; d; d = d->next)
            if (memcmp(d->object->version, slot->shown->version,
                       GH_VERSION_BYTES) != 0)
                report_dispute(s, slot, d);
    }
    s->disputed.count = kept;
}

/* --- unwanted kinds ------------------------------------------------------- */

static int compare(const struct gh_unwanted *u, struct gh_slice group,
                   struct gh_slice kind)
{
    int order = gh_slice_cmp(gh_slice_str(u->group), group);

    return order ? order : gh_slice_cmp(gh_slice_str(u->kind), kind);
}

void gh_unwanted_add(struct gh_unwanted_list *l, struct gh_slice group,
                     struct gh_slice kind, size_t count)
{
    size_t at = 0;

    while (at < l->count && compare(&l->at[at], group, kind) < 0)
        at++;
    if (at < l->count && compare(&l->at[at], group, kind) == 0) {
        l->at[at].count += count;
        return;
    }
    if (l->count == GH_STORE_MAX_UNWANTED)
        return;
    GH_VEC_PUSH(l, (struct gh_unwanted){0});
    memmove(l->at + at + 1, l->at + at, (l->count - 1 - at) * sizeof(*l->at));
    l->at[at] =
        (struct gh_unwanted){gh_xstrdup(group), gh_xstrdup(kind), count};
}

void gh_unwanted_fini(struct gh_unwanted_list *l)
{
    for (size_t i = 0; i < l->count; i++) {
        gh_free(l->at[i].group);
        gh_free(l->at[i].kind);
    }
    GH_VEC_FREE(l);
}

void gh_store_report(struct gh_store *s)
{
    s->faults.count = 0;
    gh_unwanted_fini(&s->unwanted);
    for (size_t i = 0; i < s->scope_list.count; i++) {
        const struct gh_scope *scope = s->scope_list.at[i];

        for (size_t j = 0; j < scope->faults.count; j++)
            GH_VEC_PUSH(&s->faults, (struct gh_fault){scope->faults.at[j].class,
                                                      scope->source,
                                                      scope->faults.at[j].err});
        for (size_t j = 0; j < scope->unwanted.count; j++)
            gh_unwanted_add(&s->unwanted,
                            gh_slice_str(scope->unwanted.at[j].group),
                            gh_slice_str(scope->unwanted.at[j].kind),
                            scope->unwanted.at[j].count);
    }
    report_disputes(s);
}
