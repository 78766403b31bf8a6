/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>

#include "mesh/lint_internal.h"
#include "wire/json_write.h"

/*
 * The driver of the lints
 *
 * Lints are rows: a function and what it looks at. Namespaces come in order,
 * so findings do, too, before anybody sorts them.
 */

#define SCRATCH_MAX_BYTES ((size_t)256 << 20)

static void (*const lints[])(struct gh_lint *) = {
    gh_lint_servers,   gh_lint_authz,       gh_lint_authn,     gh_lint_probes,
    gh_lint_routes,    gh_lint_outbound,    gh_lint_backends,  gh_lint_egress,
    gh_lint_profiles,  gh_lint_annotations, gh_lint_workloads, gh_lint_services,
    gh_lint_namespace,
};

static void lint_ns(struct gh_lint *l, struct gh_slice ns)
{
    l->ns = ns;
    l->plan = gh_mesh_plan(l->mesh, ns);
    for (size_t i = 0; i < GH_COUNT(lints); i++)
        lints[i](l);
    gh_arena_reset(&l->scratch);
}

void gh_lint(struct gh_mesh *m, const struct gh_judge_options *opt,
             struct gh_findings *out)
{
    static const struct gh_judge_options everything = {0};
    struct gh_lint l = {
        .mesh = m,
        .opt = opt ? opt : &everything,
        .out = out,
    };
    struct gh_slice ns;

    gh_arena_init(&l.scratch, SCRATCH_MAX_BYTES);
    if (l.opt->ns.ptr) {
        if (gh_mesh_has_ns(m, l.opt->ns))
            lint_ns(&l, l.opt->ns);
    } else {
        for (size_t i = 0; gh_mesh_ns_at(m, i, &ns); i++)
            lint_ns(&l, ns);
    }
    gh_lint_mesh(&l);
    gh_arena_fini(&l.scratch);
}

/* --- telling --- */

static bool is_asked_for(const struct gh_judge_options *opt,
                         const struct gh_object *o)
{
    struct gh_slice ns;

    if (!o)
        return !opt->ns.ptr && !opt->kind.ptr && !opt->name.ptr;
    ns = gh_slice_is(o->kind, "Namespace") ? o->name : o->ns;
    return (!opt->ns.ptr || gh_slice_eq(opt->ns, ns)) &&
           (!opt->kind.ptr || gh_slice_eq_nocase(opt->kind, o->kind)) &&
           (!opt->name.ptr || gh_slice_eq(opt->name, o->name));
}

__attribute__((format(printf, 2, 0))) static struct gh_slice
text_of(struct gh_lint *l, const char *fmt, va_list args)
{
    char text[2048];
    struct gh_slice copy;
    int n = vsnprintf(text, sizeof(text), fmt, args);

    if (n < 0)
        return GH_SLICE("");
    copy = gh_arena_dup(&l->scratch, gh_slice_head(gh_slice_of(text, (size_t)n),
                                                   sizeof(text) - 1));
    return copy.ptr ? copy : GH_SLICE("");
}

struct gh_slice gh_lint_text(struct gh_lint *l, const char *fmt, ...)
{
    struct gh_slice text;
    va_list args;

    va_start(args, fmt);
    text = text_of(l, fmt, args);
    va_end(args);
    return text;
}

struct gh_finding *gh_lint_tell(struct gh_lint *l, enum gh_finding_id id,
                                const struct gh_object *object,
                                struct gh_slice path, const char *fmt, ...)
{
    struct gh_slice text;
    va_list args;

    if (!is_asked_for(l->opt, object))
        return NULL;
    va_start(args, fmt);
    text = text_of(l, fmt, args);
    va_end(args);
    return gh_finding_add(l->out, id, object, path, "%.*s", GH_FMT(text));
}

void gh_lint_fix(struct gh_lint *l, struct gh_finding *f, const char *fmt, ...)
{
    struct gh_slice text;
    va_list args;

    va_start(args, fmt);
    text = text_of(l, fmt, args);
    va_end(args);
    gh_finding_fix(l->out, f, "%.*s", GH_FMT(text));
}

void gh_lint_relate(struct gh_finding *f, const struct gh_object *o)
{
    if (f)
        f->related = o;
}

void gh_lint_patch(struct gh_lint *l, struct gh_finding *f, const char *op,
                   struct gh_slice pointer, struct gh_slice value)
{
    struct gh_slice before;
    struct gh_slice where;

    if (!f)
        return;
    before = f->patch.len > 1 ? gh_slice_head(f->patch, f->patch.len - 1)
                              : GH_SLICE("[");
    where = gh_lint_quote(l, pointer);
    f->patch = gh_arena_fmt(
        l->out->arena, "%.*s%s{\"op\":\"%s\",\"path\":%.*s%s%.*s}]",
        GH_FMT(before), before.len > 1 ? "," : "", op, GH_FMT(where),
        value.ptr ? ",\"value\":" : "", GH_FMT(value));
}

struct gh_slice gh_lint_quote(struct gh_lint *l, struct gh_slice s)
{
    struct gh_buf buf;
    struct gh_jsonw w;
    struct gh_slice copy;

    gh_buf_init(&buf, s.len * 6 + 16);
    gh_jsonw_init(&w, &buf);
    gh_jsonw_str(&w, s);
    copy = gh_arena_dup(&l->scratch, gh_buf_slice(&buf));
    gh_buf_fini(&buf);
    return copy.ptr ? copy : GH_SLICE("\"\"");
}

struct gh_slice gh_lint_step(struct gh_lint *l, struct gh_slice name)
{
    char *out = gh_arena_alloc(&l->scratch, name.len * 2 + 1, 1);
    size_t len = 0;

    if (!out)
        return GH_SLICE("");
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        if (c == '~' || c == '/') {
            out[len++] = '~';
            out[len++] = c == '~' ? '0' : '1';
        } else {
            out[len++] = c;
        }
    }
    return gh_slice_of(out, len);
}

struct gh_slice gh_lint_workload(struct gh_lint *l, const struct gh_podset *s)
{
    return gh_lint_text(l, "%.*s %.*s", GH_FMT(s->workload->kind),
                        GH_FMT(s->workload->name));
}

const struct gh_object *gh_lint_object_of(const struct gh_podset *s)
{
    if (s->workload->object)
        return s->workload->object;
    return s->pod_count > 0 ? s->pods[0].object : NULL;
}

#define NAMES_SHOWN 5

void gh_lint_names_add(struct gh_lint_names *n, struct gh_slice name)
{
    if (n->count++ >= NAMES_SHOWN)
        return;
    n->text = gh_lint_text(n->lint, "%.*s%s%.*s", GH_FMT(n->text),
                           n->text.len ? ", " : "", GH_FMT(name));
    n->shown++;
}

struct gh_slice gh_lint_names_text(struct gh_lint_names *n)
{
    if (n->count == n->shown)
        return n->text;
    return gh_lint_text(n->lint, "%.*s and %zu more", GH_FMT(n->text),
                        n->count - n->shown);
}
