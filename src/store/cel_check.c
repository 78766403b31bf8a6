/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Names and types, before anything runs
 *
 * Variables become slots, function names become rows of the tables. Where
 * types are declared, a field that does not exist, an operator between kinds
 * that do not mix or a call with the wrong arguments is a fault of the
 * expression with its place, as the API server says it when a CRD is created.
 * What is dynamic passes and is judged while running.
 */

#include "store/cel_internal.h"

static void *fault_name(struct gh_cel_checker *c, const struct gh_cel_node *n,
                        const char *what)
{
    gh_cel_fault(c->err, c->text, n->at, "%s \"%.*s\"", what, GH_FMT(n->name));
    return NULL;
}

static bool is_dyn(const struct gh_cel_type *t)
{
    return t->kind == GH_CEL_DYN;
}

static bool is_number(enum gh_cel_kind kind)
{
    return kind == GH_CEL_INT || kind == GH_CEL_UINT || kind == GH_CEL_DOUBLE;
}

static enum gh_cel_kind shape(const struct gh_cel_type *t)
{
    return t->kind == GH_CEL_OBJECT ? GH_CEL_MAP : t->kind;
}

/* Whether values of the two types can be equal. */
static bool comparable(const struct gh_cel_type *a, const struct gh_cel_type *b)
{
    if (is_dyn(a) || is_dyn(b) || shape(a) == shape(b))
        return true;
    if (a->kind == GH_CEL_NULL || b->kind == GH_CEL_NULL)
        return true;
    return is_number(a->kind) && is_number(b->kind) && a->kind == b->kind;
}

static const struct gh_cel_type *join(const struct gh_cel_type *a,
                                      const struct gh_cel_type *b)
{
    if (!a || a == b)
        return b;
    return a->kind == b->kind && a->kind != GH_CEL_LIST &&
                   a->kind != GH_CEL_MAP && a->kind != GH_CEL_OBJECT &&
                   a->kind != GH_CEL_OPTIONAL
               ? a
               : &gh_cel_dyn;
}

static const struct gh_cel_type *container(struct gh_cel_checker *c,
                                           enum gh_cel_kind kind,
                                           const struct gh_cel_type *elem)
{
    struct gh_cel_type *t = GH_ARENA_NEW(c->arena, struct gh_cel_type);

    if (!t) {
        gh_cel_fault(c->err, c->text, 0, "the expression is too large");
        return NULL;
    }
    t->kind = kind;
    t->elem = elem;
    return t;
}

static bool check_args(struct gh_cel_checker *c, struct gh_cel_node *n,
                       const struct gh_cel_type **types)
{
    for (uint32_t i = 0; i < n->count; i++) {
        const struct gh_cel_type *t = gh_cel_check(c, n->args[i]);

        if (!t)
            return false;
        if (i < GH_CEL_MAX_ARGS)
            types[i] = t;
    }
    return true;
}

/* --- names --------------------------------------------------------------- */

static const struct gh_cel_type *type_name(struct gh_cel_node *n)
{
    for (enum gh_cel_kind k = GH_CEL_NULL; k <= GH_CEL_URL; k++) {
        if (k == GH_CEL_OBJECT || !gh_slice_is(n->name, gh_cel_kind_name(k)))
            continue;
        n->op = GH_CEL_LITERAL;
        n->literal = (struct gh_cel_value){.kind = GH_CEL_TYPE, .of = k};
        return gh_cel_basic_type(GH_CEL_TYPE);
    }
    return NULL;
}

static const struct gh_cel_type *check_name(struct gh_cel_checker *c,
                                            struct gh_cel_node *n)
{
    const struct gh_cel_type *t;

    for (uint32_t i = c->slots; i-- > 0;) {
        if (!gh_slice_eq(c->names[i], n->name))
            continue;
        n->op = GH_CEL_SLOT;
        n->slot = (uint16_t)i;
        if (i < c->var_count)
            c->uses |= 1u << i;
        return c->types[i];
    }
    t = type_name(n);
    return t ? t : fault_name(c, n, "unknown name");
}

/* "google.protobuf.Duration" and the like, when no variable is meant. */
static bool dotted_name(struct gh_cel_checker *c, struct gh_cel_node *n)
{
    const struct gh_cel_node *first = n;
    struct gh_slice whole;

    while (first->op == GH_CEL_SELECT)
        first = first->args[0];
    if (first->op != GH_CEL_NAME || n->op != GH_CEL_SELECT)
        return false;
    for (uint32_t i = 0; i < c->slots; i++)
        if (gh_slice_eq(c->names[i], first->name))
            return false;
    whole = gh_slice_of(first->name.ptr,
                        (size_t)(n->name.ptr + n->name.len - first->name.ptr));
    for (enum gh_cel_kind k = GH_CEL_NULL; k <= GH_CEL_URL; k++)
        if (gh_slice_is(whole, gh_cel_kind_name(k))) {
            n->name = whole;
            return true;
        }
    return false;
}

/* --- fields -------------------------------------------------------------- */

static const struct gh_cel_type *field_of(struct gh_cel_checker *c,
                                          const struct gh_cel_type *of,
                                          struct gh_cel_node *n)
{
    if (!n->method && memmem(n->name.ptr, n->name.len, "__", 2))
        n->name = gh_cel_unescape(n->name, c->arena);
    for (size_t i = 0; i < of->field_count; i++)
        if (gh_slice_eq(of->fields[i].name, n->name))
            return of->fields[i].type;
    if (of->open)
        return &gh_cel_dyn;
    return fault_name(c, n, "undefined field");
}

static const struct gh_cel_type *member_type(struct gh_cel_checker *c,
                                             const struct gh_cel_type *of,
                                             struct gh_cel_node *n)
{
    if (of->kind == GH_CEL_OPTIONAL)
        of = of->elem ? of->elem : &gh_cel_dyn;
    if (of->kind == GH_CEL_OBJECT)
        return field_of(c, of, n);
    if (of->kind == GH_CEL_MAP)
        return of->elem ? of->elem : &gh_cel_dyn;
    if (is_dyn(of))
        return &gh_cel_dyn;
    gh_cel_fault(c->err, c->text, n->at, "a value of type %s has no fields",
                 gh_cel_kind_name(of->kind));
    return NULL;
}

static const struct gh_cel_type *check_field(struct gh_cel_checker *c,
                                             struct gh_cel_node *n)
{
    const struct gh_cel_type *of, *t;

    if (dotted_name(c, n))
        return type_name(n);
    of = gh_cel_check(c, n->args[0]);
    t = of ? member_type(c, of, n) : NULL;
    if (!t)
        return NULL;
    if (n->op == GH_CEL_HAS)
        return &gh_cel_bool;
    return n->op == GH_CEL_MAYBE || of->kind == GH_CEL_OPTIONAL
               ? container(c, GH_CEL_OPTIONAL, t)
               : t;
}

/* --- literals ------------------------------------------------------------ */

static const struct gh_cel_type *check_list(struct gh_cel_checker *c,
                                            struct gh_cel_node *n)
{
    const struct gh_cel_type *elem = NULL;

    for (uint32_t i = 0; i < n->count; i++) {
        const struct gh_cel_type *t = gh_cel_check(c, n->args[i]);

        if (!t)
            return NULL;
        elem = join(elem, t);
    }
    return container(c, GH_CEL_LIST, elem ? elem : &gh_cel_dyn);
}

static const struct gh_cel_type *check_map(struct gh_cel_checker *c,
                                           struct gh_cel_node *n)
{
    const struct gh_cel_type *elem = NULL;

    for (uint32_t i = 0; i < n->count; i++) {
        const struct gh_cel_type *t = gh_cel_check(c, n->args[i]);

        if (!t)
            return NULL;
        if (i % 2 == 1)
            elem = join(elem, t);
    }
    return container(c, GH_CEL_MAP, elem ? elem : &gh_cel_dyn);
}

/* --- logic --------------------------------------------------------------- */

static bool want_bool(struct gh_cel_checker *c, struct gh_cel_node *n)
{
    const struct gh_cel_type *t = gh_cel_check(c, n);

    if (!t)
        return false;
    if (is_dyn(t) || t->kind == GH_CEL_BOOL)
        return true;
    gh_cel_fault(c->err, c->text, n->at, "expected bool, found %s",
                 gh_cel_kind_name(t->kind));
    return false;
}

static const struct gh_cel_type *check_logic(struct gh_cel_checker *c,
                                             struct gh_cel_node *n)
{
    for (uint32_t i = 0; i < n->count; i++)
        if (!want_bool(c, n->args[i]))
            return NULL;
    return &gh_cel_bool;
}

static const struct gh_cel_type *check_choice(struct gh_cel_checker *c,
                                              struct gh_cel_node *n)
{
    const struct gh_cel_type *a, *b;

    if (!want_bool(c, n->args[0]))
        return NULL;
    a = gh_cel_check(c, n->args[1]);
    b = a ? gh_cel_check(c, n->args[2]) : NULL;
    return b ? join(a, b) : NULL;
}

static const struct gh_cel_type *loop_over(struct gh_cel_checker *c,
                                           struct gh_cel_node *n)
{
    const struct gh_cel_type *of = gh_cel_check(c, n->args[0]);

    if (!of)
        return NULL;
    if (of->kind == GH_CEL_LIST)
        return of->elem ? of->elem : &gh_cel_dyn;
    if (of->kind == GH_CEL_MAP)
        return of->elem ? &gh_cel_string : &gh_cel_dyn;
    if (is_dyn(of))
        return of;
    gh_cel_fault(c->err, c->text, n->at, "a macro over %s",
                 gh_cel_kind_name(of->kind));
    return NULL;
}

static const struct gh_cel_type *check_loop(struct gh_cel_checker *c,
                                            struct gh_cel_node *n)
{
    const struct gh_cel_type *elem = loop_over(c, n);
    const struct gh_cel_type *last = elem;

    if (!elem)
        return NULL;
    if (c->slots == GH_CEL_MAX_SLOTS)
        return fault_name(c, n, "too many nested macros for");
    n->slot = (uint16_t)c->slots;
    c->names[c->slots] = n->name;
    c->types[c->slots++] = elem;
    for (uint32_t i = 1; last && i < n->count; i++) {
        bool transform = n->macro == GH_CEL_TRANSFORM && i == n->count - 1;

        if (transform)
            last = gh_cel_check(c, n->args[i]);
        else if (!want_bool(c, n->args[i]))
            last = NULL;
    }
    c->slots--;
    if (!last)
        return NULL;
    if (n->macro == GH_CEL_TRANSFORM || n->macro == GH_CEL_FILTER)
        return container(c, GH_CEL_LIST, last);
    return &gh_cel_bool;
}

/* --- calls --------------------------------------------------------------- */

static bool may_take(const struct gh_cel_fn *row,
                     const struct gh_cel_type *const *types, uint32_t count)
{
    if (strlen(row->takes) != count)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        enum gh_cel_kind want = gh_cel_letter(row->takes[i]);

        if (want != GH_CEL_DYN && !is_dyn(types[i]) &&
            shape(types[i]) != want &&
            !(types[i]->nullable && want == GH_CEL_NULL))
            return false;
    }
    return true;
}

static const struct gh_cel_type *
result_type(struct gh_cel_checker *c, const struct gh_cel_fn *row,
            const struct gh_cel_type *const *types, uint32_t count)
{
    enum gh_cel_kind kind = gh_cel_letter(row->gives);

    if (row->gives == 'e')
        return count > 0 && types[0]->elem ? types[0]->elem : &gh_cel_dyn;
    if (row->gives == 'l' && row->takes[0] == 's')
        return container(c, GH_CEL_LIST, &gh_cel_string);
    if (kind == GH_CEL_LIST || kind == GH_CEL_MAP)
        return count > 0 && types[0]->kind == kind
                   ? types[0]
                   : container(c, kind, &gh_cel_dyn);
    return gh_cel_basic_type(kind);
}

static const struct gh_cel_type *
overload(struct gh_cel_checker *c, struct gh_cel_node *n, size_t rows,
         const struct gh_cel_fn *fn, const struct gh_cel_type *const *types)
{
    const struct gh_cel_type *t = NULL;

    for (size_t i = 0; i < rows; i++) {
        const struct gh_cel_type *one;

        if (!may_take(&fn[i], types, n->count))
            continue;
        if (!t) {
            n->fn = &fn[i];
            n->rows = (uint32_t)(rows - i);
        }
        one = result_type(c, &fn[i], types, n->count);
        if (!one)
            return NULL;
        t = t ? join(t, one) : one;
    }
    return t;
}

/* A pattern that is a literal is compiled once. */
static bool check_pattern(struct gh_cel_checker *c, struct gh_cel_node *n)
{
    const struct gh_cel_node *pattern = n->args[1];
    struct gh_err err;

    if (!gh_slice_is(n->name, "matches") || pattern->op != GH_CEL_LITERAL ||
        pattern->literal.kind != GH_CEL_STRING)
        return true;
    n->re = gh_re2_compile(pattern->literal.s, c->arena, &err);
    if (n->re)
        return true;
    gh_cel_fault(c->err, c->text, pattern->at, "bad regular expression: %s",
                 err.text);
    return false;
}

static void no_overload(struct gh_cel_checker *c, const struct gh_cel_node *n,
                        const struct gh_cel_type *const *types)
{
    char kinds[128] = "";
    size_t len = 0;

    for (uint32_t i = 0; i < n->count && i < GH_CEL_MAX_ARGS; i++) {
        const char *name = gh_cel_kind_name(types[i]->kind);
        size_t room = sizeof(kinds) - len;

        if (strlen(name) + 3 > room)
            break;
        if (i > 0) {
            memcpy(kinds + len, ", ", 2);
            len += 2;
        }
        memcpy(kinds + len, name, strlen(name) + 1);
        len += strlen(name);
    }
    gh_cel_fault(c->err, c->text, n->at, "\"%.*s\" does not take (%s)",
                 GH_FMT(n->name), kinds);
}

/* "optional.of(x)" and "sets.contains(a, b)" are functions with a dot in their
 * name, not methods. */
static bool undot(struct gh_cel_checker *c, struct gh_cel_node *n)
{
    static const char *const spaces[] = {"optional", "sets", "ip", "math"};
    const struct gh_cel_node *of;
    struct gh_slice whole;
    size_t rows;

    if (!n->method || n->args[0]->op != GH_CEL_NAME)
        return false;
    of = n->args[0];
    for (uint32_t i = 0; i < c->slots; i++)
        if (gh_slice_eq(c->names[i], of->name))
            return false;
    for (size_t i = 0; i < GH_COUNT(spaces); i++) {
        if (!gh_slice_is(of->name, spaces[i]))
            continue;
        whole = gh_arena_fmt(c->arena, "%s.%.*s", spaces[i], GH_FMT(n->name));
        if (!whole.ptr || !gh_cel_find(whole, false, &rows))
            return false;
        n->name = whole;
        n->method = false;
        n->args++;
        n->count--;
        return true;
    }
    return false;
}

static const struct gh_cel_type *check_call(struct gh_cel_checker *c,
                                            struct gh_cel_node *n)
{
    const struct gh_cel_type *types[GH_CEL_MAX_ARGS] = {NULL};
    const struct gh_cel_fn *fn;
    const struct gh_cel_type *t;
    size_t rows;

    undot(c, n);
    fn = gh_cel_find(n->name, n->method, &rows);
    if (!fn)
        return fault_name(c, n,
                          n->method ? "unknown method" : "unknown function");
    if (!check_args(c, n, types))
        return NULL;
    if (n->count > GH_CEL_MAX_ARGS)
        return fault_name(c, n, "too many arguments for");
    n->re = NULL;
    t = overload(c, n, rows, fn, types);
    if (!t) {
        no_overload(c, n, types);
        return NULL;
    }
    if ((gh_slice_is(n->name, "==") || gh_slice_is(n->name, "!=")) &&
        !comparable(types[0], types[1])) {
        no_overload(c, n, types);
        return NULL;
    }
    if (gh_slice_is(n->name, "in") && types[1]->kind == GH_CEL_LIST &&
        types[1]->elem && !comparable(types[0], types[1]->elem)) {
        no_overload(c, n, types);
        return NULL;
    }
    return check_pattern(c, n) ? t : NULL;
}

const struct gh_cel_type *gh_cel_check(struct gh_cel_checker *c,
                                       struct gh_cel_node *n)
{
    switch ((enum gh_cel_op)n->op) {
    case GH_CEL_LITERAL:
        return gh_cel_basic_type((enum gh_cel_kind)n->literal.kind);
    case GH_CEL_NAME:
        return check_name(c, n);
    case GH_CEL_SLOT:
        return c->types[n->slot];
    case GH_CEL_SELECT:
    case GH_CEL_MAYBE:
    case GH_CEL_HAS:
        return check_field(c, n);
    case GH_CEL_CALL:
        return check_call(c, n);
    case GH_CEL_MAKE_LIST:
        return check_list(c, n);
    case GH_CEL_MAKE_MAP:
        return check_map(c, n);
    case GH_CEL_AND:
    case GH_CEL_OR:
        return check_logic(c, n);
    case GH_CEL_CHOOSE:
        return check_choice(c, n);
    case GH_CEL_LOOP:
        return check_loop(c, n);
    default:
        return NULL;
    }
}
