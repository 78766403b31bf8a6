/* SPDX-License-Identifier: Apache-2.0 */

/*
 * CEL tokens to nodes
 *
 * Binary operators by precedence climbing, so a level of nesting costs two C
 * frames. Chains of && and || become one node with many arguments. Macros are
 * recognised by name and shape here, as the language says. Operators become
 * calls of functions named like them.
 */

#include <stdarg.h>
#include <stdio.h>

#include "store/cel_internal.h"

struct parser {
    struct gh_cel_lexer lx;
    struct gh_cel_token t; /* the one to come */
    struct gh_arena *arena;
    struct gh_err *err;
    struct gh_slice text;
    uint32_t depth;
    uint32_t nodes;
};

struct args {
    struct gh_cel_node **at;
    uint32_t count;
    uint32_t cap;
};

static struct gh_cel_node *expr(struct parser *p);
static struct gh_cel_node *unary(struct parser *p);

void gh_cel_fault(struct gh_err *err, struct gh_slice text, uint32_t at,
                  const char *fmt, ...)
{
    char why[256];
    uint32_t line = 1;
    uint32_t column = 1;
    va_list list;

    if (!err)
        return;
    va_start(list, fmt);
    vsnprintf(why, sizeof(why), fmt, list);
    va_end(list);
    for (size_t i = 0; i < at && i < text.len; i++) {
        column++;
        if (text.ptr[i] == '\n') {
            line++;
            column = 1;
        }
    }
    gh_err_set(err, "%s", why);
    gh_err_at(err, GH_SLICE(""), line, column);
}

static void *fault(struct parser *p, uint32_t at, const char *why)
{
    gh_cel_fault(p->err, p->text, at, "%s", why);
    return NULL;
}

static bool advance(struct parser *p)
{
    p->t = gh_cel_lex(&p->lx);
    if (p->t.kind != GH_CEL_T_BAD)
        return true;
    fault(p, p->t.at, p->lx.why);
    return false;
}

static bool at_sign(const struct parser *p, const char *sign)
{
    return p->t.kind == GH_CEL_T_SIGN && gh_slice_is(p->t.text, sign);
}

static bool expect(struct parser *p, const char *sign)
{
    if (at_sign(p, sign))
        return advance(p);
    gh_cel_fault(p->err, p->text, p->t.at, "expected \"%s\"%s", sign,
                 p->t.kind == GH_CEL_T_END ? ", found the end" : "");
    return false;
}

static struct gh_cel_node *node(struct parser *p, enum gh_cel_op op,
                                uint32_t at)
{
    struct gh_cel_node *n = NULL;

    if (p->nodes++ < GH_CEL_MAX_NODES)
        n = GH_ARENA_NEW(p->arena, struct gh_cel_node);
    if (!n)
        return fault(p, at, "the expression is too large");
    n->op = (uint8_t)op;
    n->at = at;
    return n;
}

static bool push(struct parser *p, struct args *a, struct gh_cel_node *n)
{
    if (!n)
        return false;
    if (a->count == a->cap) {
        uint32_t cap = a->cap ? a->cap * 2 : 2;
        struct gh_cel_node **at =
            gh_arena_grow(p->arena, a->at, a->cap * sizeof(*at),
                          cap * sizeof(*at), _Alignof(struct gh_cel_node *));

        if (!at)
            return fault(p, n->at, "the expression is too large") != NULL;
        a->at = at;
        a->cap = cap;
    }
    a->at[a->count++] = n;
    return true;
}

/* Bounds the depth of the tree, and with it the stack of whoever walks it. */
static struct gh_cel_node *with_args(struct parser *p, struct gh_cel_node *n,
                                     struct args a)
{
    n->args = a.at;
    n->count = a.count;
    for (uint32_t i = 0; i < a.count; i++)
        if (a.at[i]->depth >= n->depth)
            n->depth = (uint16_t)(a.at[i]->depth + 1);
    if (n->depth > GH_CEL_MAX_DEPTH)
        return fault(p, n->at, "the expression is too deep");
    return n;
}

static struct gh_cel_node *operation(struct parser *p, const char *name,
                                     uint32_t at, struct gh_cel_node *left,
                                     struct gh_cel_node *right)
{
    struct gh_cel_node *n = left ? node(p, GH_CEL_CALL, at) : NULL;
    struct args a = {0};

    if (!n || !push(p, &a, left) || (right && !push(p, &a, right)))
        return NULL;
    n->name = gh_slice_str(name);
    return with_args(p, n, a);
}

static struct gh_cel_node *literal(struct parser *p, struct gh_cel_value v)
{
    struct gh_cel_node *n = node(p, GH_CEL_LITERAL, p->t.at);

    if (n)
        n->literal = v;
    return n && advance(p) ? n : NULL;
}

static struct gh_cel_node *int_literal(struct parser *p, bool negative)
{
    uint64_t n = p->t.number;

    if (n > (uint64_t)INT64_MAX + (negative ? 1 : 0))
        return fault(p, p->t.at, "a number too large");
    return literal(p, GH_CEL_OF_INT((int64_t)(negative ? 0 - n : n)));
}

/* Expressions up to @close, which is consumed. */
static bool list_of(struct parser *p, const char *close, struct args *a)
{
    while (!at_sign(p, close)) {
        if (!push(p, a, expr(p)))
            return false;
        if (!at_sign(p, ","))
            break;
        if (!advance(p))
            return false;
    }
    return expect(p, close);
}

static struct gh_cel_node *map_literal(struct parser *p)
{
    struct gh_cel_node *n = node(p, GH_CEL_MAKE_MAP, p->t.at);
    struct args a = {0};

    if (!n || !advance(p))
        return NULL;
    while (!at_sign(p, "}")) {
        if (!push(p, &a, expr(p)) || !expect(p, ":") || !push(p, &a, expr(p)))
            return NULL;
        if (!at_sign(p, ","))
            break;
        if (!advance(p))
            return NULL;
    }
    return expect(p, "}") ? with_args(p, n, a) : NULL;
}

static bool is_reserved(struct gh_slice name)
{
    static const char *const words[] = {
        "as",    "break", "const", "continue", "else",   "for",
        "while", "if",    "let",   "function", "import", "in",
        "loop",  "var",   "void",  "package",  "return", "namespace",
    };

    for (size_t i = 0; i < GH_COUNT(words); i++)
        if (gh_slice_is(name, words[i]))
            return true;
    return false;
}

/* The field test: has(e.f). */
static struct gh_cel_node *has(struct parser *p, uint32_t at, struct args *a)
{
    struct gh_cel_node *n;

    if (a->count != 1 || a->at[0]->op != GH_CEL_SELECT)
        return fault(p, at, "has() takes a field: has(self.name)");
    n = a->at[0];
    n->op = GH_CEL_HAS;
    return n;
}

static struct gh_cel_node *call(struct parser *p, uint32_t at,
                                struct gh_slice name)
{
    struct gh_cel_node *n;
    struct args a = {0};

    if (!advance(p) || !list_of(p, ")", &a))
        return NULL;
    if (gh_slice_is(name, "has"))
        return has(p, at, &a);
    n = node(p, GH_CEL_CALL, at);
    if (!n)
        return NULL;
    n->name = name;
    return with_args(p, n, a);
}

static struct gh_cel_node *named(struct parser *p)
{
    struct gh_slice name = p->t.text;
    uint32_t at = p->t.at;
    struct gh_cel_node *n;

    if (gh_slice_is(name, "true") || gh_slice_is(name, "false"))
        return literal(p, GH_CEL_OF_BOOL(name.ptr[0] == 't'));
    if (gh_slice_is(name, "null"))
        return literal(p, (struct gh_cel_value){.kind = GH_CEL_NULL});
    if (is_reserved(name)) {
        gh_cel_fault(p->err, p->text, at, "\"%.*s\" is a reserved word",
                     GH_FMT(name));
        return NULL;
    }
    if (!advance(p))
        return NULL;
    if (at_sign(p, "("))
        return call(p, at, name);
    n = node(p, GH_CEL_NAME, at);
    if (n)
        n->name = name;
    return n;
}

static struct gh_cel_node *bracketed(struct parser *p)
{
    struct gh_cel_node *n = NULL;
    struct args a = {0};

    if (at_sign(p, "{"))
        return map_literal(p);
    if (at_sign(p, "[")) {
        n = node(p, GH_CEL_MAKE_LIST, p->t.at);
        return n && advance(p) && list_of(p, "]", &a) ? with_args(p, n, a)
                                                      : NULL;
    }
    if (at_sign(p, "(")) {
        n = advance(p) ? expr(p) : NULL;
        return n && expect(p, ")") ? n : NULL;
    }
    return fault(p, p->t.at,
                 p->t.kind == GH_CEL_T_END ? "the expression ends too early"
                                           : "expected a value");
}

static struct gh_cel_node *primary(struct parser *p)
{
    if (at_sign(p, ".") && !advance(p))
        return NULL;
    switch (p->t.kind) {
    case GH_CEL_T_NAME:
        return named(p);
    case GH_CEL_T_INT:
        return int_literal(p, false);
    case GH_CEL_T_UINT:
        return literal(p, GH_CEL_OF_UINT(p->t.number));
    case GH_CEL_T_DOUBLE:
        return literal(p, GH_CEL_OF_DOUBLE(p->t.real));
    case GH_CEL_T_STRING:
        return literal(p, GH_CEL_OF_STRING(p->t.str));
    case GH_CEL_T_BYTES:
        return literal(
            p, (struct gh_cel_value){.kind = GH_CEL_BYTES, .s = p->t.str});
    case GH_CEL_T_SIGN:
    case GH_CEL_T_END:
    case GH_CEL_T_QUOTED_NAME:
    case GH_CEL_T_BAD:
    default:
        return bracketed(p);
    }
}

static int macro_of(struct gh_slice name, uint32_t count)
{
    static const struct {
        const char *name;
        enum gh_cel_macro macro;
        uint32_t count;
    } rows[] = {
        {"all", GH_CEL_ALL, 2},
        {"exists", GH_CEL_EXISTS, 2},
        {"exists_one", GH_CEL_EXISTS_ONE, 2},
        {"existsOne", GH_CEL_EXISTS_ONE, 2},
        {"map", GH_CEL_TRANSFORM, 2},
        {"map", GH_CEL_TRANSFORM, 3},
        {"filter", GH_CEL_FILTER, 2},
    };

    for (size_t i = 0; i < GH_COUNT(rows); i++)
        if (rows[i].count == count && gh_slice_is(name, rows[i].name))
            return (int)rows[i].macro;
    return -1;
}

/* e.name(args): a macro or a method. */
static struct gh_cel_node *method(struct parser *p, struct gh_cel_node *of,
                                  struct gh_slice name, uint32_t at)
{
    struct args a = {0};
    struct gh_cel_node *n = node(p, GH_CEL_CALL, at);
    int macro;

    if (!n || !push(p, &a, of) || !advance(p) || !list_of(p, ")", &a))
        return NULL;
    macro = macro_of(name, a.count - 1);
    n->name = name;
    n->method = true;
    if (macro < 0)
        return with_args(p, n, a);
    if (a.at[1]->op != GH_CEL_NAME)
        return fault(p, a.at[1]->at, "the macro's variable must be a name");
    n->op = GH_CEL_LOOP;
    n->macro = (uint8_t)macro;
    n->name = a.at[1]->name;
    a.at[1] = a.at[0];
    a.at++;
    a.count--;
    return with_args(p, n, a);
}

/* Behind a dot; @maybe behind ".?". */
static struct gh_cel_node *selected(struct parser *p, struct gh_cel_node *of,
                                    bool maybe)
{
    struct gh_cel_token t = p->t;
    struct gh_cel_node *n;
    struct args a = {0};

    if (t.kind != GH_CEL_T_NAME && t.kind != GH_CEL_T_QUOTED_NAME)
        return fault(p, t.at, "expected the name of a field");
    if (t.kind == GH_CEL_T_NAME && is_reserved(t.text)) {
        gh_cel_fault(p->err, p->text, t.at,
                     "\"%.*s\" is a reserved word; write __%.*s__",
                     GH_FMT(t.text), GH_FMT(t.text));
        return NULL;
    }
    if (!advance(p))
        return NULL;
    if (at_sign(p, "(") && t.kind == GH_CEL_T_NAME && !maybe)
        return method(p, of, t.text, t.at);
    n = node(p, maybe ? GH_CEL_MAYBE : GH_CEL_SELECT, t.at);
    if (!n || !push(p, &a, of))
        return NULL;
    n->name = t.text;
    n->method = t.kind == GH_CEL_T_QUOTED_NAME; /* not to be unescaped */
    return with_args(p, n, a);
}

static struct gh_cel_node *indexed(struct parser *p, struct gh_cel_node *of,
                                   const char *name)
{
    uint32_t at = p->t.at;
    struct gh_cel_node *index = advance(p) ? expr(p) : NULL;

    if (!index || !expect(p, "]"))
        return NULL;
    return operation(p, name, at, of, index);
}

static struct gh_cel_node *postfix(struct parser *p)
{
    struct gh_cel_node *n = primary(p);

    while (n && p->t.kind == GH_CEL_T_SIGN) {
        bool maybe = at_sign(p, ".?");

        if (maybe || at_sign(p, "."))
            n = advance(p) ? selected(p, n, maybe) : NULL;
        else if (at_sign(p, "[") || at_sign(p, "[?"))
            n = indexed(p, n, at_sign(p, "[") ? "[]" : "[?]");
        else
            break;
    }
    return n;
}

/* "!" or "-", as often as it stands there: two of a kind cancel. */
static struct gh_cel_node *prefixed(struct parser *p, const char *sign)
{
    uint32_t at = p->t.at;
    uint32_t count = 0;
    struct gh_cel_node *n;

    for (; at_sign(p, sign); count++)
        if (!advance(p))
            return NULL;
    if (sign[0] == '-' && count % 2 == 1 && p->t.kind == GH_CEL_T_INT)
        n = int_literal(p, true);
    else if (count % 2 == 0)
        return unary(p);
    else
        return operation(p, sign, at, unary(p), NULL);
    return n;
}

static struct gh_cel_node *unary(struct parser *p)
{
    struct gh_cel_node *n;

    if (++p->depth > GH_CEL_MAX_DEPTH)
        return fault(p, p->t.at, "the expression is too deep");
    if (at_sign(p, "!"))
        n = prefixed(p, "!");
    else if (at_sign(p, "-"))
        n = prefixed(p, "-");
    else
        n = postfix(p);
    p->depth--;
    return n;
}

struct binary {
    const char *sign;
    int level;
};

static const struct binary *binary_of(const struct parser *p)
{
    static const struct binary rows[] = {
        {"||", 1}, {"&&", 2}, {"==", 3}, {"!=", 3}, {"<", 3},
        {"<=", 3}, {">", 3},  {">=", 3}, {"in", 3}, {"+", 4},
        {"-", 4},  {"*", 5},  {"/", 5},  {"%", 5},
    };

    if (p->t.kind != GH_CEL_T_SIGN && p->t.kind != GH_CEL_T_NAME)
        return NULL;
    for (size_t i = 0; i < GH_COUNT(rows); i++)
        if (gh_slice_is(p->t.text, rows[i].sign))
            return &rows[i];
    return NULL;
}

static struct gh_cel_node *binary(struct parser *p, int level);

/* One more operand of an && or || chain. */
static struct gh_cel_node *chain(struct parser *p, const struct binary *row,
                                 struct gh_cel_node *first)
{
    struct gh_cel_node *n =
        node(p, row->level == 1 ? GH_CEL_OR : GH_CEL_AND, p->t.at);
    struct args a = {0};

    if (!n || !push(p, &a, first))
        return NULL;
    while (at_sign(p, row->sign))
        if (!advance(p) || !push(p, &a, binary(p, row->level + 1)))
            return NULL;
    return with_args(p, n, a);
}

static struct gh_cel_node *combined(struct parser *p, const struct binary *row,
                                    struct gh_cel_node *left)
{
    uint32_t at = p->t.at;
    struct gh_cel_node *right;

    if (row->level <= 2)
        return chain(p, row, left);
    right = advance(p) ? binary(p, row->level + 1) : NULL;
    return right ? operation(p, row->sign, at, left, right) : NULL;
}

static struct gh_cel_node *binary(struct parser *p, int level)
{
    struct gh_cel_node *left = unary(p);

    while (left) {
        const struct binary *row = binary_of(p);

        if (!row || row->level < level)
            break;
        left = combined(p, row, left);
    }
    return left;
}

static struct gh_cel_node *expr(struct parser *p)
{
    struct gh_cel_node *n;
    struct gh_cel_node *choice;
    struct args a = {0};

    if (++p->depth > GH_CEL_MAX_DEPTH)
        return fault(p, p->t.at, "the expression is too deep");
    n = binary(p, 1);
    if (n && at_sign(p, "?")) {
        choice = node(p, GH_CEL_CHOOSE, p->t.at);
        if (!choice || !advance(p) || !push(p, &a, n) ||
            !push(p, &a, binary(p, 1)) || !expect(p, ":") ||
            !push(p, &a, expr(p)))
            return NULL;
        n = with_args(p, choice, a);
    }
    p->depth--;
    return n;
}

struct gh_cel_node *gh_cel_parse(struct gh_slice text, struct gh_arena *arena,
                                 struct gh_err *err)
{
    struct parser p = {
        .lx = {.in = text, .arena = arena},
        .arena = arena,
        .err = err,
        .text = text,
    };
    struct gh_cel_node *n = advance(&p) ? expr(&p) : NULL;

    if (n && p.t.kind != GH_CEL_T_END)
        return fault(&p, p.t.at, "the expression should end here");
    return n;
}
