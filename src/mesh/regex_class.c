/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Sets of characters
 *
 * Brackets hold characters, ranges, classes, further brackets, and the
 * operators "&&", "--" and "~~", all of one precedence, from left to right.
 * Without Unicode (flag -u) a set may hold ASCII alone: anything more could
 * match half of a character, which Rust refuses.
 */

#include "mesh/regex_internal.h"

struct range {
    uint32_t first;
    uint32_t last;
};

struct gh_regex_set *gh_regex_set_new(struct gh_regex_parser *p,
                                      enum gh_regex_set_op op,
                                      struct gh_regex_set *child)
{
    struct gh_regex_set *s = GH_ARENA_NEW(p->arena, struct gh_regex_set);

    if (!s)
        return gh_regex_fail(p, "too large");
    s->op = op;
    s->child = child;
    return s;
}

/* --- sets that have names ------------------------------------------------ */

static struct gh_regex_set *plain_range(struct gh_regex_parser *p,
                                        uint32_t first, uint32_t last)
{
    struct gh_regex_set *s = gh_regex_set_new(p, GH_SET_RANGE, NULL);

    if (s) {
        s->first = first;
        s->last = last;
    }
    return s;
}

/* @s before @list. */
static struct gh_regex_set *push(struct gh_regex_set *s,
                                 struct gh_regex_set *list)
{
    if (s)
        s->next = list;
    return s;
}

/* The letters of @first to @last that lie in @from to @to, moved by @by. */
static struct gh_regex_set *other_case(struct gh_regex_parser *p,
                                       struct range in, struct range from,
                                       int by, struct gh_regex_set *list)
{
    uint32_t first = in.first > from.first ? in.first : from.first;
    uint32_t last = in.last < from.last ? in.last : from.last;

    if (!list || first > last)
        return list;
    return push(
        plain_range(p, (uint32_t)((int)first + by), (uint32_t)((int)last + by)),
        list);
}

static bool holds_letter(struct range r, uint32_t lower)
{
    return (r.first <= lower && lower <= r.last) ||
           (r.first <= lower - 32 && lower - 32 <= r.last);
}

struct gh_regex_set *gh_regex_range(struct gh_regex_parser *p, uint32_t first,
                                    uint32_t last)
{
    struct range r = {first, last};
    struct gh_regex_set *s;

    if (p->flags.ignore_case && p->flags.unicode && last > 0x7f)
        return gh_regex_folded(p, first, last);
    s = plain_range(p, first, last);
    if (!p->flags.ignore_case)
        return s;
    s = other_case(p, r, (struct range){'A', 'Z'}, 32, s);
    s = other_case(p, r, (struct range){'a', 'z'}, -32, s);
    /* The signs for Kelvin and the long s are letters of another case. */
    if (s && p->flags.unicode && holds_letter(r, 'k'))
        s = push(plain_range(p, 0x212a, 0x212a), s);
    if (s && p->flags.unicode && holds_letter(r, 's'))
        s = push(plain_range(p, 0x17f, 0x17f), s);
    return s && s->next ? gh_regex_set_new(p, GH_SET_UNION, s) : s;
}

static struct gh_regex_set *ranges(struct gh_regex_parser *p,
                                   const struct range *at, size_t count)
{
    struct gh_regex_set *list = NULL;

    for (size_t i = 0; i < count; i++) {
        list = push(gh_regex_range(p, at[i].first, at[i].last), list);
        if (!list)
            return NULL;
    }
    return gh_regex_set_new(p, GH_SET_UNION, list);
}

/* Without Unicode, whatever is not ASCII could be half of a character. */
static struct gh_regex_set *negate(struct gh_regex_parser *p,
                                   struct gh_regex_set *s)
{
    if (s && !p->flags.unicode)
        return gh_regex_fail(p, "could match what is not UTF-8");
    return s ? gh_regex_set_new(p, GH_SET_NOT, s) : NULL;
}

static const struct range ascii_digit[] = {{'0', '9'}};
static const struct range ascii_space[] = {{'\t', '\r'}, {' ', ' '}};
static const struct range ascii_word[] = {
    {'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
static const struct range unicode_space[] = {
    {'\t', '\r'},     {' ', ' '},       {0x85, 0x85},     {0xa0, 0xa0},
    {0x1680, 0x1680}, {0x2000, 0x200a}, {0x2028, 0x2029}, {0x202f, 0x202f},
    {0x205f, 0x205f}, {0x3000, 0x3000},
};

static struct gh_regex_set *unicode_perl(struct gh_regex_parser *p,
                                         uint32_t lower)
{
    if (lower == 'd')
        return gh_regex_digit(p);
    if (lower == 's')
        return ranges(p, unicode_space, GH_COUNT(unicode_space));
    return gh_regex_word(p);
}

static struct gh_regex_set *ascii_perl(struct gh_regex_parser *p,
                                       uint32_t lower)
{
    if (lower == 'd')
        return ranges(p, ascii_digit, GH_COUNT(ascii_digit));
    if (lower == 's')
        return ranges(p, ascii_space, GH_COUNT(ascii_space));
    return ranges(p, ascii_word, GH_COUNT(ascii_word));
}

struct gh_regex_set *gh_regex_perl(struct gh_regex_parser *p, uint32_t letter)
{
    uint32_t lower = letter | 32;
    struct gh_regex_set *s =
        p->flags.unicode ? unicode_perl(p, lower) : ascii_perl(p, lower);

    return s && letter != lower ? negate(p, s) : s;
}

struct gh_regex_set *gh_regex_dot(struct gh_regex_parser *p)
{
    struct gh_regex_set *lines = NULL;

    if (!p->flags.unicode)
        return gh_regex_fail(p, "could match what is not UTF-8");
    if (p->flags.dot_all)
        return plain_range(p, 0, GH_REGEX_MAX_CHAR);
    lines = plain_range(p, '\n', '\n');
    if (lines && p->flags.crlf)
        lines = push(plain_range(p, '\r', '\r'), lines);
    if (lines)
        lines = gh_regex_set_new(p, GH_SET_UNION, lines);
    return lines ? gh_regex_set_new(p, GH_SET_NOT, lines) : NULL;
}

/* --- [:alpha:] ----------------------------------------------------------- */

static struct gh_regex_set *ascii_named(struct gh_regex_parser *p,
                                        struct gh_slice name)
{
    static const struct {
        const char *name;
        struct range ranges[4];
        size_t count;
    } classes[] = {
        {"alnum", {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}}, 3},
        {"alpha", {{'A', 'Z'}, {'a', 'z'}}, 2},
        {"ascii", {{0, 0x7f}}, 1},
        {"blank", {{'\t', '\t'}, {' ', ' '}}, 2},
        {"cntrl", {{0, 0x1f}, {0x7f, 0x7f}}, 2},
        {"digit", {{'0', '9'}}, 1},
        {"graph", {{'!', '~'}}, 1},
        {"lower", {{'a', 'z'}}, 1},
        {"print", {{' ', '~'}}, 1},
        {"punct", {{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}}, 4},
        {"space", {{'\t', '\r'}, {' ', ' '}}, 2},
        {"upper", {{'A', 'Z'}}, 1},
        {"word", {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}, 4},
        {"xdigit", {{'0', '9'}, {'A', 'F'}, {'a', 'f'}}, 3},
    };

    for (size_t i = 0; i < GH_COUNT(classes); i++) {
        if (gh_slice_is(name, classes[i].name))
            return ranges(p, classes[i].ranges, classes[i].count);
    }
    return NULL;
}

/* The name in "[:name:]" or "[:^name:]", and whether these are such. */
static bool ascii_name(struct gh_slice rest, struct gh_slice *ret,
                       bool *ret_negated)
{
    size_t end;

    if (!gh_slice_starts(rest, GH_SLICE("[:")))
        return false;
    rest = gh_slice_drop(rest, 2);
    *ret_negated = gh_slice_starts(rest, GH_SLICE("^"));
    rest = gh_slice_drop(rest, *ret_negated);
    end = gh_slice_find(rest, ':');
    *ret = gh_slice_head(rest, end);
    return gh_slice_starts(gh_slice_drop(rest, end), GH_SLICE(":]"));
}

/* Anything else that begins so is an ordinary bracket: *ret_is says. */
static struct gh_regex_set *ascii_class(struct gh_regex_parser *p, bool *ret_is)
{
    struct gh_slice name;
    struct gh_regex_set *s = NULL;
    bool negated;

    *ret_is = ascii_name(p->rest, &name, &negated);
    if (*ret_is)
        s = ascii_named(p, name);
    *ret_is = s != NULL;
    if (!s)
        return NULL;
    for (size_t n = name.len + 4 + negated; n > 0; n--)
        (void)gh_regex_bump(p);
    return negated ? negate(p, s) : s;
}

/* --- brackets ------------------------------------------------------------ */

/* A set being read: the operands so far, and what the next ones add to. */
struct bracket {
    struct gh_regex_set *items;
    struct gh_regex_set *left;
    enum gh_regex_set_op op;
};

static bool add(struct bracket *b, struct gh_regex_set *s)
{
    if (!s)
        return false;
    s->next = b->items;
    b->items = s;
    return true;
}

static uint32_t tallest(const struct gh_regex_set *list)
{
    uint32_t height = 0;

    for (; list; list = list->next)
        height = list->height > height ? list->height : height;
    return height;
}

/* Closes an operand, and joins it with what stands left of it. */
static bool close_operand(struct gh_regex_parser *p, struct bracket *b)
{
    bool many = b->items && b->items->next;
    struct gh_regex_set *s = gh_regex_set_new(p, GH_SET_UNION, b->items);
    struct gh_regex_set *joined;

    if (!s)
        return false;
    s->height = tallest(b->items) + many;
    b->items = NULL;
    if (b->left) {
        b->left->next = s;
        joined = gh_regex_set_new(p, b->op, b->left);
        if (!joined)
            return false;
        joined->height = tallest(b->left) + 1;
        s = joined;
    }
    b->left = s;
    return true;
}

static bool take_operator(struct gh_regex_parser *p, enum gh_regex_set_op *ret)
{
    if (gh_regex_take(p, "&&"))
        *ret = GH_SET_AND;
    else if (gh_regex_take(p, "--"))
        *ret = GH_SET_SUB;
    else if (gh_regex_take(p, "~~"))
        *ret = GH_SET_XOR;
    else
        return false;
    return true;
}

static bool class_prim(struct gh_regex_parser *p, struct gh_regex_prim *ret)
{
    if (p->c == '\\') {
        if (!gh_regex_escape(p, ret))
            return false;
    } else {
        *ret = (struct gh_regex_prim){.kind = GH_NODE_CHAR, .c = p->c};
        (void)gh_regex_bump(p);
    }
    if (ret->kind == GH_NODE_LOOK)
        return gh_regex_fail(p, "a boundary inside of brackets");
    if (ret->kind == GH_NODE_CHAR && ret->c > 0x7f && !p->flags.unicode)
        return gh_regex_fail(p, "could match what is not UTF-8");
    return true;
}

/* The character behind the current "-", spaces left out. */
static uint32_t behind_dash(const struct gh_regex_parser *p)
{
    struct gh_regex_parser ahead = *p;

    (void)gh_regex_bump_skip(&ahead);
    return ahead.c;
}

static struct gh_regex_set *class_item(struct gh_regex_parser *p)
{
    struct gh_regex_prim from;
    struct gh_regex_prim to;
    uint32_t next;

    if (!class_prim(p, &from))
        return NULL;
    if (!gh_regex_skip(p))
        return gh_regex_fail(p, "unclosed bracket");
    next = p->c == '-' ? behind_dash(p) : ']';
    if (next == ']' || next == '-')
        return from.kind == GH_NODE_SET ? from.set
                                        : gh_regex_range(p, from.c, from.c);
    if (!gh_regex_bump_skip(p))
        return gh_regex_fail(p, "unclosed bracket");
    if (!class_prim(p, &to))
        return NULL;
    if (from.kind != GH_NODE_CHAR || to.kind != GH_NODE_CHAR)
        return gh_regex_fail(p, "a range ends in no character");
    if (from.c > to.c)
        return gh_regex_fail(p, "a range's ends are out of order");
    return gh_regex_range(p, from.c, to.c);
}

/* "[", "^", and what is literal when it stands first. */
static bool open_bracket(struct gh_regex_parser *p, struct bracket *b,
                         bool *ret_negated)
{
    if (!gh_regex_bump_skip(p))
        return gh_regex_fail(p, "unclosed bracket");
    *ret_negated = p->c == '^';
    if (*ret_negated && !gh_regex_bump_skip(p))
        return gh_regex_fail(p, "unclosed bracket");
    while (p->c == '-' || (p->c == ']' && !b->items)) {
        bool dash = p->c == '-';

        if (!add(b, gh_regex_range(p, p->c, p->c)))
            return false;
        if (!gh_regex_bump_skip(p))
            return gh_regex_fail(p, "unclosed bracket");
        if (!dash)
            break;
    }
    return true;
}

static bool bracket_item(struct gh_regex_parser *p, struct bracket *b)
{
    struct gh_regex_set *s;
    enum gh_regex_set_op op;
    bool named;

    if (p->c == '[') {
        s = ascii_class(p, &named);
        return add(b, named ? s : gh_regex_bracket(p));
    }
    if (!take_operator(p, &op))
        return add(b, class_item(p));
    if (!close_operand(p, b))
        return false;
    b->op = op;
    return true;
}

struct gh_regex_set *gh_regex_bracket(struct gh_regex_parser *p)
{
    struct bracket b = {0};
    struct gh_regex_set *s;
    bool negated = false;

    if (++p->depth > GH_REGEX_MAX_NEST)
        return gh_regex_fail(p, "too deeply nested");
    if (!open_bracket(p, &b, &negated))
        return NULL;
    while (gh_regex_skip(p) && p->c != ']') {
        if (!bracket_item(p, &b))
            return NULL;
    }
    if (p->c != ']')
        return gh_regex_fail(p, "unclosed bracket");
    (void)gh_regex_bump(p);
    p->depth--;
    if (!close_operand(p, &b))
        return NULL;
    s = b.left;
    if (negated)
        s = negate(p, s);
    else
        s = gh_regex_set_new(p, GH_SET_UNION, s);
    if (s)
        s->height = s->child->height + 1;
    return s;
}
