/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define DEFAULT_LIMIT 100000
#define TEXT_MAX_BYTES 2048

const struct gh_finding_row gh_finding_rows[GH_FINDING_COUNT] = {
#define X(id, code, class, severity, title, why, remedy)                       \
    [GH_FINDING_ID_##id] = {                                                   \
        code, GH_FINDING_##class, GH_SEVERITY_##severity, title, why, remedy},
#include "mesh/finding_rows.inc"
#undef X
};

const char *gh_finding_class_name(enum gh_finding_class c)
{
    static const char *const names[] = {
        [GH_FINDING_SHAPE] = "shape",
        [GH_FINDING_ADMISSION] = "admission",
        [GH_FINDING_MEANING] = "meaning",
        [GH_FINDING_SOURCE] = "source",
    };

    return names[c];
}

const char *gh_severity_name(enum gh_severity s)
{
    static const char *const names[] = {
        [GH_SEVERITY_ERROR] = "error",
        [GH_SEVERITY_WARNING] = "warning",
        [GH_SEVERITY_INFO] = "info",
    };

    return names[s];
}

const struct gh_finding_row *gh_finding_by_code(struct gh_slice code)
{
    for (size_t i = 0; i < GH_FINDING_COUNT; i++)
        if (gh_slice_eq_nocase(code, gh_slice_str(gh_finding_rows[i].code)))
            return &gh_finding_rows[i];
    return NULL;
}

void gh_findings_init(struct gh_findings *f, struct gh_arena *arena,
                      size_t limit)
{
    *f = (struct gh_findings){
        .arena = arena,
        .limit = limit ? limit : DEFAULT_LIMIT,
    };
}

void gh_findings_fini(struct gh_findings *f)
{
    GH_VEC_FREE(&f->at);
}

__attribute__((format(printf, 2, 0))) static struct gh_slice
text_of(struct gh_findings *f, const char *fmt, va_list args)
{
    char text[TEXT_MAX_BYTES];
    int n = vsnprintf(text, sizeof(text), fmt, args);

    if (n < 0)
        return gh_slice_str(NULL);
    return gh_arena_dup(f->arena, gh_slice_head(gh_slice_of(text, (size_t)n),
                                                sizeof(text) - 1));
}

struct gh_finding *gh_finding_add(struct gh_findings *f, enum gh_finding_id id,
                                  const struct gh_object *object,
                                  struct gh_slice path, const char *fmt, ...)
{
    struct gh_finding finding = {
        .row = &gh_finding_rows[id],
        .object = object,
    };
    va_list args;

    if (f->at.count >= f->limit) {
        f->dropped++;
        return NULL;
    }
    if (path.len > 0)
        finding.path = gh_arena_dup(f->arena, path);
    va_start(args, fmt);
    finding.message = text_of(f, fmt, args);
    va_end(args);
    GH_VEC_PUSH(&f->at, finding);
    return &f->at.at[f->at.count - 1];
}

void gh_finding_fix(struct gh_findings *f, struct gh_finding *finding,
                    const char *fmt, ...)
{
    va_list args;

    if (!finding)
        return;
    va_start(args, fmt);
    finding->fix = text_of(f, fmt, args);
    va_end(args);
}

static int compare_objects(const struct gh_object *a, const struct gh_object *b)
{
    int order;

    if (!a || !b)
        return a == b ? 0 : a ? 1 : -1;
    order = gh_slice_cmp(a->ns, b->ns);
    if (order == 0)
        order = gh_slice_cmp(a->kind, b->kind);
    return order ? order : gh_slice_cmp(a->name, b->name);
}

static int by_importance(const void *a, const void *b)
{
    const struct gh_finding *x = a;
    const struct gh_finding *y = b;
    int order = (int)x->row->severity - (int)y->row->severity;

    if (order == 0)
        order = compare_objects(x->object, y->object);
    if (order == 0)
        order = gh_slice_cmp(x->path, y->path);
    return order ? order : strcmp(x->row->code, y->row->code);
}

void gh_findings_sort(struct gh_findings *f)
{
    if (f->at.count > 1)
        qsort(f->at.at, f->at.count, sizeof(*f->at.at), by_importance);
}
