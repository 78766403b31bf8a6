/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Rules in CEL: compiled against the schema's own types, run over the object
 *
 * What a rule may touch is what the schema declares below its node, so each
 * node gets a CEL type, once, when a rule needs it. A rule that compares with
 * the object's former state is asked on updates only, and there is no former
 * state here.
 *
 * A rule that does not compile was taken by some API server; it is not ours to
 * refuse objects for it. It is noted as a doubt of the schema.
 */

#include "store/schema_internal.h"

static const struct gh_cel_type *
type_of(struct gh_schema_builder *b, const struct gh_schema_node *n, bool root);

static bool list_fields(struct gh_schema_builder *b,
                        const struct gh_schema_node *n,
                        struct gh_cel_field *fields, size_t *count)
{
    for (size_t i = 0; i < n->prop_count; i++) {
        struct gh_cel_field *f = &fields[(*count)++];

        f->name = n->props[i].name;
        f->type = type_of(b, n->props[i].node,
                          n->props[i].node->flags & GH_SCHEMA_F_EMBEDDED);
        if (!f->type)
            return false;
    }
    return true;
}

/* Every object has these, whatever its schema says. */
static void add_meta(const struct gh_schema_node *n,
                     struct gh_cel_field *fields, size_t *count)
{
    static const struct gh_cel_field meta[] = {
        {{"name", 4}, &gh_cel_string},
        {{"generateName", 12}, &gh_cel_string},
    };
    static const struct gh_cel_type meta_type = {
        .kind = GH_CEL_OBJECT, .fields = meta, .field_count = GH_COUNT(meta)};
    static const struct gh_cel_field all[] = {
        {{"apiVersion", 10}, &gh_cel_string},
        {{"kind", 4}, &gh_cel_string},
        {{"metadata", 8}, &meta_type},
    };

    for (size_t i = 0; i < GH_COUNT(all); i++) {
        const struct gh_schema_prop *p = gh_schema_prop_find(n, all[i].name);

        if (!p) {
            fields[(*count)++] = all[i];
            continue;
        }
        for (size_t k = 0; k < *count; k++)
            if (gh_slice_eq(fields[k].name, all[i].name))
                fields[k].type = all[i].type;
    }
}

static bool object_type(struct gh_schema_builder *b,
                        const struct gh_schema_node *n, bool root)
{
    struct gh_cel_type *t = n->cel;
    struct gh_cel_field *fields =
        GH_ARENA_ARRAY(b->arena, struct gh_cel_field, n->prop_count + 3);

    t->kind = GH_CEL_OBJECT;
    if (!fields || !list_fields(b, n, fields, &t->field_count))
        return false;
    if (root)
        add_meta(n, fields, &t->field_count);
    t->fields = fields;
    if (t->field_count == 0 && n->additional) {
        t->kind = GH_CEL_MAP;
        t->elem = type_of(b, n->additional, false);
        return t->elem != NULL;
    }
    t->open = t->field_count == 0;
    return true;
}

static bool list_type(struct gh_schema_builder *b,
                      const struct gh_schema_node *n)
{
    struct gh_cel_type *t = n->cel;

    t->kind = GH_CEL_LIST;
    t->order = (enum gh_cel_order)n->order;
    t->keys = n->keys;
    t->key_count = n->key_count;
    t->elem = n->items ? type_of(b, n->items, false) : &gh_cel_dyn;
    return t->elem != NULL;
}

static enum gh_cel_kind scalar(const struct gh_schema_node *n)
{
    switch (n->types) {
    case GH_SCHEMA_T_STRING:
        if (n->format == GH_SCHEMA_DURATION)
            return GH_CEL_DURATION;
        return n->format == GH_SCHEMA_DATE_TIME ? GH_CEL_TIMESTAMP
                                                : GH_CEL_STRING;
    case GH_SCHEMA_T_INTEGER:
        return GH_CEL_INT;
    case GH_SCHEMA_T_NUMBER:
        return GH_CEL_DOUBLE;
    case GH_SCHEMA_T_BOOLEAN:
        return GH_CEL_BOOL;
    default:
        return GH_CEL_DYN;
    }
}

static const struct gh_cel_type *
type_of(struct gh_schema_builder *b, const struct gh_schema_node *n, bool root)
{
    struct gh_schema_node *to = (struct gh_schema_node *)(uintptr_t)n;
    bool ok = true;

    if (n->cel)
        return n->cel;
    to->cel = GH_ARENA_NEW(b->arena, struct gh_cel_type);
    if (!to->cel)
        return NULL;
    to->cel->nullable = n->flags & GH_SCHEMA_F_NULLABLE;
    to->cel->int_or_string = n->flags & GH_SCHEMA_F_INT_OR_STRING;
    if (n->types == GH_SCHEMA_T_OBJECT)
        ok = object_type(b, n, root);
    else if (n->types == GH_SCHEMA_T_ARRAY)
        ok = list_type(b, n);
    else
        to->cel->kind = scalar(n);
    return ok ? n->cel : NULL;
}

static bool doubt(struct gh_schema_builder *b, const struct gh_schema_rule *r,
                  const struct gh_err *why)
{
    struct gh_schema_doubt *d = GH_ARENA_NEW(b->arena, struct gh_schema_doubt);

    if (!d)
        return false;
    d->text = gh_arena_fmt(b->arena, "%u:%u: %s: %.*s", why->line, why->column,
                           why->text, GH_FMT(r->text));
    d->next = b->doubts;
    b->doubts = d;
    return d->text.ptr != NULL;
}

static bool compile_rule(struct gh_schema_builder *b, struct gh_schema_rule *r,
                         const struct gh_cel_type *self)
{
    struct gh_cel_type *maybe = NULL;
    struct gh_cel_var vars[] = {{"self", self}, {"oldSelf", self}};
    struct gh_err why;

    if (r->compiled)
        return true;
    r->compiled = true;
    if (r->optional_old) {
        maybe = GH_ARENA_NEW(b->arena, struct gh_cel_type);
        if (!maybe)
            return false;
        *maybe = (struct gh_cel_type){.kind = GH_CEL_OPTIONAL, .elem = self};
        vars[1].type = maybe;
    }
    r->program = gh_cel_compile(r->text, vars, GH_COUNT(vars), GH_CEL_BOOL,
                                b->arena, &why);
    if (!r->program)
        return doubt(b, r, &why);
    if (r->tell_text.ptr)
        r->tell = gh_cel_compile(r->tell_text, vars, GH_COUNT(vars),
                                 GH_CEL_STRING, b->arena, &why);
    return true;
}

static bool compile_at(struct gh_schema_builder *b,
                       const struct gh_schema_node *n, bool root);

static bool compile_list(struct gh_schema_builder *b,
                         struct gh_schema_nodes list)
{
    for (size_t i = 0; i < list.count; i++)
        if (!compile_at(b, list.at[i], false))
            return false;
    return true;
}

static bool compile_at(struct gh_schema_builder *b,
                       const struct gh_schema_node *n, bool root)
{
    const struct gh_cel_type *self;

    if (!n || !(n->flags & GH_SCHEMA_F_RULES))
        return true;
    self = n->rule_count > 0 ? type_of(b, n, root) : &gh_cel_dyn;
    for (size_t i = 0; self && i < n->rule_count; i++)
        if (!compile_rule(b, &n->rules[i], self))
            self = NULL;
    for (size_t i = 0; self && i < n->prop_count; i++)
        if (!compile_at(b, n->props[i].node,
                        n->props[i].node->flags & GH_SCHEMA_F_EMBEDDED))
            self = NULL;
    return self && compile_at(b, n->items, false) &&
           compile_at(b, n->additional, false) && compile_list(b, n->all_of);
}

bool gh_schema_compile_rules(struct gh_schema_builder *b,
                             const struct gh_schema_node *root)
{
    if (compile_at(b, root, true))
        return true;
    gh_err_set(b->err, "the schema is too large");
    return false;
}

/* --- running ------------------------------------------------------------- */

static struct gh_slice message_of(struct gh_schema_check *c,
                                  const struct gh_schema_rule *r,
                                  const struct gh_cel_value *vars)
{
    struct gh_cel_value v;

    if (r->tell && gh_cel_eval(r->tell, vars, &c->run, &v) == GH_OK &&
        v.kind == GH_CEL_STRING && v.s.len > 0)
        return v.s;
    if (r->message.ptr)
        return r->message;
    return gh_arena_fmt(c->arena, "failed rule: %.*s", GH_FMT(r->text));
}

/* "fieldPath" names a field below the node: ".spec.ports". */
static void report(struct gh_schema_check *c, const struct gh_schema_rule *r,
                   const struct gh_schema_step *at, struct gh_slice message)
{
    struct gh_violation *v;

    gh_schema_report(c, at, r->reason, "%.*s", GH_FMT(message));
    v = gh_schema_last(c);
    if (!v)
        return;
    v->rule = r->text;
    if (!r->field.ptr || r->field.len == 0)
        return;
    v->field = gh_arena_fmt(c->arena, "%.*s%s%.*s", GH_FMT(v->field),
                            v->field.len > 0 && r->field.ptr[0] != '.' &&
                                    r->field.ptr[0] != '['
                                ? "."
                                : "",
                            GH_FMT(v->field.len > 0 || r->field.ptr[0] != '.'
                                       ? r->field
                                       : gh_slice_drop(r->field, 1)));
}

static void run_rule(struct gh_schema_check *c, const struct gh_schema_rule *r,
                     const struct gh_cel_value *vars,
                     const struct gh_schema_step *at)
{
    struct gh_cel_value v;
    enum gh_rc rc;

    if (!r->program || (gh_cel_uses(r->program, 1) && !r->optional_old))
        return;
    rc = gh_cel_eval(r->program, vars, &c->run, &v);
    if (rc == GH_OK && v.kind == GH_CEL_BOOL && v.b)
        return;
    if (rc == GH_OK && v.kind == GH_CEL_BOOL)
        report(c, r, at, message_of(c, r, vars));
    else if (rc == GH_OK)
        report(c, r, at, GH_SLICE("the rule gives no bool"));
    else
        report(c, r, at,
               gh_arena_fmt(c->arena, "%.*s (in the rule: %.*s)",
                            GH_FMT(gh_cel_text(&v)),
                            GH_FMT(r->message.ptr ? r->message : r->text)));
}

static void rules_here(struct gh_schema_check *c,
                       const struct gh_schema_node *n, struct gh_json v,
                       const struct gh_schema_step *at)
{
    struct gh_cel_value vars[2] = {
        gh_cel_from_json(v, n->cel),
        {.kind = GH_CEL_OPTIONAL},
    };

    for (size_t i = 0; i < n->rule_count; i++)
        run_rule(c, &n->rules[i], vars, at);
}

static void rules_of_members(struct gh_schema_check *c,
                             const struct gh_schema_node *n, struct gh_json v,
                             const struct gh_schema_step *at)
{
    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);) {
        const struct gh_schema_prop *p = gh_schema_prop_find(n, it.name);
        struct gh_schema_step step = {.up = at, .name = it.name, .key = !p};

        if (p || n->additional)
            gh_schema_rules(c, p ? p->node : n->additional, it.value, &step);
    }
}

void gh_schema_rules(struct gh_schema_check *c, const struct gh_schema_node *n,
                     struct gh_json v, const struct gh_schema_step *at)
{
    if (!(n->flags & GH_SCHEMA_F_RULES) || !gh_json_given(v))
        return;
    if (n->rule_count > 0)
        rules_here(c, n, v, at);
    for (size_t i = 0; i < n->all_of.count; i++)
        gh_schema_rules(c, n->all_of.at[i], v, at);
    if (gh_json_is(v, GH_JSON_OBJECT))
        rules_of_members(c, n, v, at);
    if (gh_json_is(v, GH_JSON_ARRAY) && n->items) {
        struct gh_schema_step step = {.up = at};

        for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);
             step.index++)
            gh_schema_rules(c, n->items, it.value, &step);
    }
}
