/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Nodes to a value
 *
 * A tree walk. Each step is paid for; once the budget is gone or memory is,
 * @stop is set and every function returns at once. An error is a value: most
 * operations pass it on, && and || absorb one that the other side makes
 * irrelevant, and so do all() and exists().
 */

#include "store/cel_internal.h"

static struct gh_cel_value run(struct gh_cel_eval *e,
                               const struct gh_cel_node *n)
{
    return gh_cel_run_node(e, n);
}

static bool is_error(const struct gh_cel_value *v)
{
    return v->kind == GH_CEL_ERROR;
}

/* --- fields -------------------------------------------------------------- */

static struct gh_cel_value no_such_key(struct gh_cel_eval *e,
                                       struct gh_slice name)
{
    return gh_cel_errorf(e, "no such key: %.*s", GH_FMT(name));
}

/* @ret_found: whether the field is there. */
static struct gh_cel_value field(struct gh_cel_eval *e,
                                 const struct gh_cel_value *of,
                                 struct gh_slice name, bool *ret_found)
{
    struct gh_cel_value v = {.kind = GH_CEL_NULL};

    *ret_found = false;
    if (of->kind != GH_CEL_MAP)
        return gh_cel_errorf(e, "a value of type %s has no field %.*s",
                             gh_cel_kind_name(of->kind), GH_FMT(name));
    *ret_found = gh_cel_named(of, name, &v);
    return v;
}

/* e.name of an optional is the optional field; so is e.?name. */
static struct gh_cel_value select_maybe(struct gh_cel_eval *e,
                                        struct gh_cel_value of,
                                        struct gh_slice name)
{
    struct gh_cel_value none = {.kind = GH_CEL_OPTIONAL};
    struct gh_cel_value v;
    bool found;

    if (of.kind == GH_CEL_OPTIONAL) {
        if (!of.inner)
            return none;
        of = *of.inner;
    }
    v = field(e, &of, name, &found);
    if (is_error(&v))
        return v;
    return found ? gh_cel_some(e, v) : none;
}

static struct gh_cel_value select_field(struct gh_cel_eval *e,
                                        const struct gh_cel_node *n)
{
    struct gh_cel_value of = run(e, n->args[0]);
    struct gh_cel_value v;
    bool found;

    if (is_error(&of))
        return of;
    if (n->op == GH_CEL_MAYBE || of.kind == GH_CEL_OPTIONAL) {
        v = select_maybe(e, of, n->name);
        if (n->op == GH_CEL_HAS && !is_error(&v))
            return GH_CEL_OF_BOOL(v.inner != NULL);
        return v;
    }
    v = field(e, &of, n->name, &found);
    if (n->op == GH_CEL_HAS)
        return found || !is_error(&v) ? GH_CEL_OF_BOOL(found) : v;
    return found || is_error(&v) ? v : no_such_key(e, n->name);
}

/* --- literals ------------------------------------------------------------ */

static struct gh_cel_value make_list(struct gh_cel_eval *e,
                                     const struct gh_cel_node *n)
{
    struct gh_cel_builder b = {0};

    for (uint32_t i = 0; i < n->count; i++) {
        struct gh_cel_value v = run(e, n->args[i]);

        if (is_error(&v) || e->stop != GH_OK)
            return v;
        if (!gh_cel_push(e, &b, v))
            break;
    }
    return gh_cel_built(&b);
}

static bool may_be_key(const struct gh_cel_value *v)
{
    return v->kind == GH_CEL_STRING || v->kind == GH_CEL_INT ||
           v->kind == GH_CEL_UINT || v->kind == GH_CEL_BOOL;
}

static struct gh_cel_value make_map(struct gh_cel_eval *e,
                                    const struct gh_cel_node *n)
{
    struct gh_cel_pair *at = gh_cel_alloc(e, n->count / 2, sizeof(*at));
    struct gh_cel_value m = {.kind = GH_CEL_MAP, .map = {at, 0}};

    for (uint32_t i = 0; at && i + 1 < n->count; i += 2) {
        struct gh_cel_value key = run(e, n->args[i]);
        struct gh_cel_value value = run(e, n->args[i + 1]);
        struct gh_cel_value old;

        if (is_error(&key) || is_error(&value) || e->stop != GH_OK)
            return is_error(&key) ? key : value;
        if (!may_be_key(&key))
            return gh_cel_error("a key must be a string, number or bool");
        if (gh_cel_member(e, &m, &key, &old))
            return gh_cel_error("a map with a repeated key");
        at[m.map.count++] = (struct gh_cel_pair){key, value};
    }
    return m;
}

/* --- logic --------------------------------------------------------------- */

static struct gh_cel_value not_bool(struct gh_cel_eval *e,
                                    const struct gh_cel_value *v)
{
    if (is_error(v))
        return *v;
    return gh_cel_errorf(e, "no such overload: expected bool, found %s",
                         gh_cel_kind_name(v->kind));
}

/* && and ||: @decides is what settles the matter, whatever the rest says. */
static struct gh_cel_value logic(struct gh_cel_eval *e,
                                 const struct gh_cel_node *n, bool decides)
{
    struct gh_cel_value ret = GH_CEL_OF_BOOL(!decides);

    for (uint32_t i = 0; i < n->count && e->stop == GH_OK; i++) {
        struct gh_cel_value v = run(e, n->args[i]);

        if (v.kind == GH_CEL_BOOL && v.b == decides)
            return v;
        if (v.kind != GH_CEL_BOOL && !is_error(&ret))
            ret = not_bool(e, &v);
    }
    return ret;
}

static struct gh_cel_value choose(struct gh_cel_eval *e,
                                  const struct gh_cel_node *n)
{
    struct gh_cel_value v = run(e, n->args[0]);

    if (v.kind != GH_CEL_BOOL)
        return not_bool(e, &v);
    return run(e, n->args[v.b ? 1 : 2]);
}

/* --- macros -------------------------------------------------------------- */

static struct gh_cel_value loop_item(const struct gh_cel_walk *w)
{
    return w->of->kind == GH_CEL_LIST ? w->value : w->key;
}

static struct gh_cel_value quantify(struct gh_cel_eval *e,
                                    const struct gh_cel_node *n,
                                    struct gh_cel_walk *w)
{
    bool decides = n->macro == GH_CEL_EXISTS;
    struct gh_cel_value ret = GH_CEL_OF_BOOL(!decides);

    while (e->stop == GH_OK && gh_cel_next(w)) {
        struct gh_cel_value v;

        e->slots[n->slot] = loop_item(w);
        v = run(e, n->args[1]);
        if (v.kind == GH_CEL_BOOL && v.b == decides)
            return v;
        if (v.kind != GH_CEL_BOOL && !is_error(&ret))
            ret = not_bool(e, &v);
    }
    return ret;
}

static struct gh_cel_value exists_one(struct gh_cel_eval *e,
                                      const struct gh_cel_node *n,
                                      struct gh_cel_walk *w)
{
    size_t count = 0;

    while (e->stop == GH_OK && gh_cel_next(w)) {
        struct gh_cel_value v;

        e->slots[n->slot] = loop_item(w);
        v = run(e, n->args[1]);
        if (v.kind != GH_CEL_BOOL)
            return not_bool(e, &v);
        count += v.b;
    }
    return GH_CEL_OF_BOOL(count == 1);
}

/* map(x, e), map(x, p, e) and filter(x, p). */
static struct gh_cel_value collect(struct gh_cel_eval *e,
                                   const struct gh_cel_node *n,
                                   struct gh_cel_walk *w)
{
    bool filter = n->macro == GH_CEL_FILTER;
    struct gh_cel_builder b = {0};

    while (e->stop == GH_OK && gh_cel_next(w)) {
        struct gh_cel_value v = loop_item(w);

        e->slots[n->slot] = v;
        if (filter || n->count == 3) {
            struct gh_cel_value keep = run(e, n->args[1]);

            if (keep.kind != GH_CEL_BOOL)
                return not_bool(e, &keep);
            if (!keep.b)
                continue;
        }
        if (!filter)
            v = run(e, n->args[n->count - 1]);
        if (is_error(&v))
            return v;
        if (!gh_cel_push(e, &b, v))
            break;
    }
    return gh_cel_built(&b);
}

static struct gh_cel_value loop(struct gh_cel_eval *e,
                                const struct gh_cel_node *n)
{
    struct gh_cel_value of = run(e, n->args[0]);
    struct gh_cel_walk w;

    if (is_error(&of))
        return of;
    if (of.kind != GH_CEL_LIST && of.kind != GH_CEL_MAP)
        return gh_cel_errorf(e, "no such overload: a macro over %s",
                             gh_cel_kind_name(of.kind));
    w = gh_cel_walk(&of);
    switch ((enum gh_cel_macro)n->macro) {
    case GH_CEL_ALL:
    case GH_CEL_EXISTS:
        return quantify(e, n, &w);
    case GH_CEL_EXISTS_ONE:
        return exists_one(e, n, &w);
    case GH_CEL_TRANSFORM:
    case GH_CEL_FILTER:
    default:
        return collect(e, n, &w);
    }
}

/* --- calls --------------------------------------------------------------- */

static bool takes(const struct gh_cel_fn *row, const struct gh_cel_value *args,
                  uint32_t count)
{
    if (strlen(row->takes) != count)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        enum gh_cel_kind want = gh_cel_letter(row->takes[i]);

        if (want != GH_CEL_DYN && args[i].kind != want)
            return false;
    }
    return true;
}

static struct gh_cel_value no_overload(struct gh_cel_eval *e,
                                       const struct gh_cel_node *n,
                                       const struct gh_cel_value *args)
{
    return gh_cel_errorf(e, "no such overload: %.*s(%s%s%s)", GH_FMT(n->name),
                         n->count > 0 ? gh_cel_kind_name(args[0].kind) : "",
                         n->count > 1 ? ", " : "",
                         n->count > 1 ? gh_cel_kind_name(args[1].kind) : "");
}

static struct gh_cel_value call(struct gh_cel_eval *e,
                                const struct gh_cel_node *n)
{
    struct gh_cel_value args[GH_CEL_MAX_ARGS];

    for (uint32_t i = 0; i < n->count; i++) {
        args[i] = run(e, n->args[i]);
        if (is_error(&args[i]) || e->stop != GH_OK)
            return args[i];
    }
    for (uint32_t i = 0; i < n->rows; i++)
        if (takes(&n->fn[i], args, n->count)) {
            e->node = n;
            return n->fn[i].call(e, args);
        }
    return no_overload(e, n, args);
}

struct gh_cel_value gh_cel_run_node(struct gh_cel_eval *e,
                                    const struct gh_cel_node *n)
{
    if (e->stop != GH_OK || !gh_cel_pay(e, 1))
        return gh_cel_error("the expression costs too much");
    switch ((enum gh_cel_op)n->op) {
    case GH_CEL_LITERAL:
        return n->literal;
    case GH_CEL_SLOT:
        return e->slots[n->slot];
    case GH_CEL_SELECT:
    case GH_CEL_MAYBE:
    case GH_CEL_HAS:
        return select_field(e, n);
    case GH_CEL_CALL:
        return call(e, n);
    case GH_CEL_MAKE_LIST:
        return make_list(e, n);
    case GH_CEL_MAKE_MAP:
        return make_map(e, n);
    case GH_CEL_AND:
        return logic(e, n, false);
    case GH_CEL_OR:
        return logic(e, n, true);
    case GH_CEL_CHOOSE:
        return choose(e, n);
    case GH_CEL_LOOP:
        return loop(e, n);
    case GH_CEL_NAME:
    default:
        return gh_cel_error("an unresolved name");
    }
}
