/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The grammar of Rust's regex-syntax 0.8
 *
 * Close to Perl's, with differences that decide whether a route exists at all:
 * no look-around and no back-references; "{" must begin a repetition; "a**" is
 * a repeated repetition; an unknown escape is an error. Flags are resolved
 * here, where each character is made.
 */

#include "mesh/regex_internal.h"

void gh_regex_complain(struct gh_regex_parser *p, const char *why)
{
    if (p->err && !p->failed)
        gh_err_set(p->err, "regular expression: %s (byte %zu)", why,
                   p->src.len - p->rest.len + 1);
    p->failed = true;
}

/* --- characters ---------------------------------------------------------- */

static void load(struct gh_regex_parser *p)
{
    struct gh_slice at = p->rest;

    p->c = gh_regex_next(&at);
}

bool gh_regex_bump(struct gh_regex_parser *p)
{
    (void)gh_regex_next(&p->rest);
    load(p);
    return p->c != GH_REGEX_END;
}

bool gh_regex_is_space(uint32_t c)
{
    return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xa0 ||
           c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
           c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

bool gh_regex_skip(struct gh_regex_parser *p)
{
    bool comment = false;

    while (p->flags.spaced && p->c != GH_REGEX_END) {
        if (p->c == '#')
            comment = true;
        else if (!comment && !gh_regex_is_space(p->c))
            break;
        else if (p->c == '\n')
            comment = false;
        (void)gh_regex_bump(p);
    }
    return p->c != GH_REGEX_END;
}

bool gh_regex_bump_skip(struct gh_regex_parser *p)
{
    (void)gh_regex_bump(p);
    return gh_regex_skip(p);
}

void gh_regex_rewind(struct gh_regex_parser *p, struct gh_slice rest)
{
    p->rest = rest;
    load(p);
}

bool gh_regex_take(struct gh_regex_parser *p, const char *text)
{
    struct gh_slice s = gh_slice_str(text);

    if (!gh_slice_starts(p->rest, s))
        return false;
    gh_regex_rewind(p, gh_slice_drop(p->rest, s.len));
    return true;
}

/* --- nodes --------------------------------------------------------------- */

static struct gh_regex_node *new_node(struct gh_regex_parser *p,
                                      enum gh_regex_kind kind)
{
    struct gh_regex_node *n = GH_ARENA_NEW(p->arena, struct gh_regex_node);

    if (!n)
        return gh_regex_fail(p, "too large");
    n->kind = kind;
    n->can_be_empty = n->only_empty =
        kind == GH_NODE_EMPTY || kind == GH_NODE_FLAGS || kind == GH_NODE_LOOK;
    return n;
}

/* What a list of children tells about their parent. */
static struct gh_regex_node *wrap(struct gh_regex_parser *p,
                                  enum gh_regex_kind kind,
                                  struct gh_regex_node *first)
{
    struct gh_regex_node *n = new_node(p, kind);
    bool any = false;
    bool all = true;

    if (!n)
        return NULL;
    n->child = first;
    n->only_empty = true;
    for (const struct gh_regex_node *c = first; c; c = c->next) {
        n->height = c->height > n->height ? c->height : n->height;
        n->only_empty &= c->only_empty;
        any |= c->can_be_empty;
        all &= c->can_be_empty;
    }
    n->height++;
    n->can_be_empty = kind == GH_NODE_ALT ? any : all;
    return n;
}

static struct gh_regex_node *look_node(struct gh_regex_parser *p,
                                       enum gh_regex_look look)
{
    struct gh_regex_node *n = new_node(p, GH_NODE_LOOK);

    if (!n)
        return NULL;
    n->look = look;
    n->unicode = p->flags.unicode;
    if (look >= GH_LOOK_WORD && n->unicode && !p->word)
        p->word = gh_regex_word(p);
    return n;
}

static struct gh_regex_node *set_node(struct gh_regex_parser *p,
                                      struct gh_regex_set *set)
{
    struct gh_regex_node *n = set ? new_node(p, GH_NODE_SET) : NULL;

    if (n)
        n->set = set;
    return n;
}

static struct gh_regex_node *char_node(struct gh_regex_parser *p, uint32_t c)
{
    struct gh_regex_set *set;
    struct gh_regex_node *n;

    if (p->flags.ignore_case) {
        set = gh_regex_range(p, c, c);
        if (!set || set->op != GH_SET_RANGE)
            return set_node(p, set);
    }
    n = new_node(p, GH_NODE_CHAR);
    if (n)
        n->c = c;
    return n;
}

/* --- escapes ------------------------------------------------------------- */

static struct gh_regex_node *escape(struct gh_regex_parser *p)
{
    struct gh_regex_prim prim;

    if (!gh_regex_escape(p, &prim))
        return NULL;
    if (prim.kind == GH_NODE_LOOK)
        return look_node(p, prim.look);
    if (prim.kind == GH_NODE_SET)
        return set_node(p, prim.set);
    if (prim.byte && prim.c > 0x7f && !p->flags.unicode)
        return gh_regex_fail(p, "could match what is not UTF-8");
    return char_node(p, prim.c);
}

/* --- repetition ---------------------------------------------------------- */

/* White space around is fine in any mode. */
static bool decimal(struct gh_regex_parser *p, uint32_t *ret)
{
    uint64_t value = 0;
    bool any = false;

    while (gh_regex_is_space(p->c))
        (void)gh_regex_bump(p);
    for (; p->c >= '0' && p->c <= '9'; (void)gh_regex_bump_skip(p)) {
        any = true;
        if (value <= UINT32_MAX)
            value = value * 10 + (p->c - '0');
    }
    while (gh_regex_is_space(p->c))
        (void)gh_regex_bump_skip(p);
    *ret = (uint32_t)value;
    return any && value <= UINT32_MAX;
}

/* "{2}", "{2,}", "{2,3}"; not "{,3}". */
static bool counts(struct gh_regex_parser *p, uint32_t *min, uint32_t *max)
{
    if (!gh_regex_bump_skip(p) || !decimal(p, min))
        return gh_regex_fail(p, "a repetition needs a number");
    *max = *min;
    if (p->c == ',') {
        (void)gh_regex_bump_skip(p);
        *max = GH_REGEX_NO_MAX;
        if (p->c != '}' && !decimal(p, max))
            return gh_regex_fail(p, "a repetition needs a number");
    }
    if (p->c != '}')
        return gh_regex_fail(p, "unclosed repetition");
    (void)gh_regex_bump_skip(p);
    if (*min > *max)
        return gh_regex_fail(p, "a repetition's numbers are out of order");
    return true;
}

static bool operator_counts(struct gh_regex_parser *p, uint32_t *min,
                            uint32_t *max)
{
    if (p->c == '{')
        return counts(p, min, max);
    *min = p->c == '+';
    *max = p->c == '?' ? 1 : GH_REGEX_NO_MAX;
    (void)gh_regex_bump(p);
    return true;
}

/* @what is followed by a repetition; @what is NULL when nothing precedes. */
static struct gh_regex_node *repeat(struct gh_regex_parser *p,
                                    struct gh_regex_node *what)
{
    struct gh_regex_node *n;
    uint32_t min;
    uint32_t max;
    bool lazy;

    if (!what || what->kind == GH_NODE_EMPTY || what->kind == GH_NODE_FLAGS)
        return gh_regex_fail(p, "nothing to repeat");
    if (!operator_counts(p, &min, &max))
        return NULL;
    lazy = p->c == '?';
    if (lazy)
        (void)gh_regex_bump(p);
    n = wrap(p, GH_NODE_REPEAT, what);
    if (!n)
        return NULL;
    n->min = min;
    n->max = max;
    n->lazy = lazy != p->flags.swap_greed;
    n->can_be_empty |= min == 0;
    n->only_empty |= max == 0;
    return n;
}

/* --- groups -------------------------------------------------------------- */

static bool *flag_of(struct gh_regex_flags *f, uint32_t c)
{
    switch (c) {
    case 'i':
        return &f->ignore_case;
    case 'm':
        return &f->multi_line;
    case 's':
        return &f->dot_all;
    case 'U':
        return &f->swap_greed;
    case 'u':
        return &f->unicode;
    case 'R':
        return &f->crlf;
    case 'x':
        return &f->spaced;
    default:
        return NULL;
    }
}

/* "i-s" up to ":" or ")". Return: whether they are fine. */
static bool flags(struct gh_regex_parser *p, struct gh_regex_flags *ret,
                  bool *ret_any)
{
    struct gh_regex_flags seen = {0};
    bool off = false;
    bool dangling = false;

    *ret_any = false;
    while (p->c != ':' && p->c != ')') {
        bool *flag = flag_of(ret, p->c);

        if (p->c == '-') {
            if (off)
                return gh_regex_fail(p, "flags are negated twice");
            off = dangling = true;
        } else {
            if (!flag || *flag_of(&seen, p->c))
                return gh_regex_fail(p, "unknown or repeated flag");
            *flag_of(&seen, p->c) = true;
            *flag = !off;
            dangling = false;
        }
        *ret_any = true;
        (void)gh_regex_bump(p);
    }
    if (dangling)
        return gh_regex_fail(p, "no flag is negated");
    return true;
}

static bool group_name(struct gh_regex_parser *p)
{
    struct gh_slice name = p->rest;

    for (bool first = true; p->c != '>'; first = false) {
        if (p->c == GH_REGEX_END || !gh_regex_in_name(p, p->c, first))
            return gh_regex_fail(p, "bad group name");
        (void)gh_regex_bump(p);
    }
    name.len -= p->rest.len;
    (void)gh_regex_bump(p);
    if (name.len == 0)
        return gh_regex_fail(p, "empty group name");
    if (gh_map_put(&p->names, name, p))
        return gh_regex_fail(p, "two groups of one name");
    return true;
}

static struct gh_regex_node *alternatives(struct gh_regex_parser *p);

/* What "(" and its kind begin, with the flags from before restored. */
static struct gh_regex_node *group_body(struct gh_regex_parser *p,
                                        struct gh_regex_flags inside,
                                        bool capture)
{
    struct gh_regex_flags outside = p->flags;
    struct gh_regex_node *n;

    if (++p->depth > GH_REGEX_MAX_NEST)
        return gh_regex_fail(p, "too deeply nested");
    p->flags = inside;
    n = alternatives(p);
    if (n && p->c != ')')
        return gh_regex_fail(p, "unclosed group");
    n = n ? wrap(p, GH_NODE_GROUP, n) : NULL;
    if (!n)
        return NULL;
    n->capture = capture;
    p->flags = outside;
    p->depth--;
    (void)gh_regex_bump(p);
    return n;
}

static struct gh_regex_node *group(struct gh_regex_parser *p)
{
    static const char *const look_around[] = {"?=", "?!", "?<=", "?<!"};
    struct gh_regex_flags inside = p->flags;
    bool any;

    (void)gh_regex_bump_skip(p);
    for (size_t i = 0; i < GH_COUNT(look_around); i++) {
        if (gh_slice_starts(p->rest, gh_slice_str(look_around[i])))
            return gh_regex_fail(p, "look-around is not supported");
    }
    if (gh_regex_take(p, "?P<") || gh_regex_take(p, "?<"))
        return group_name(p) ? group_body(p, inside, true) : NULL;
    if (!gh_regex_take(p, "?"))
        return group_body(p, inside, true);
    if (!flags(p, &inside, &any))
        return NULL;
    if (p->c == ':') {
        (void)gh_regex_bump(p);
        return group_body(p, inside, false);
    }
    if (!any)
        return gh_regex_fail(p, "nothing to repeat");
    (void)gh_regex_bump(p);
    p->flags = inside;
    return new_node(p, GH_NODE_FLAGS);
}

/* --- sequences ----------------------------------------------------------- */

static struct gh_regex_node *dollar(struct gh_regex_parser *p, uint32_t c)
{
    enum gh_regex_look look = c == '^' ? GH_LOOK_START : GH_LOOK_END;

    if (p->flags.multi_line && p->flags.crlf)
        look = c == '^' ? GH_LOOK_CRLF_START : GH_LOOK_CRLF_END;
    else if (p->flags.multi_line)
        look = c == '^' ? GH_LOOK_LINE_START : GH_LOOK_LINE_END;
    return look_node(p, look);
}

static struct gh_regex_node *bracket_node(struct gh_regex_parser *p)
{
    struct gh_regex_set *set = gh_regex_bracket(p);
    struct gh_regex_node *n = set_node(p, set);

    if (n)
        n->height = set->height;
    return n;
}

static struct gh_regex_node *item(struct gh_regex_parser *p)
{
    uint32_t c = p->c;

    switch (c) {
    case '(':
        return group(p);
    case '[':
        return bracket_node(p);
    case '\\':
        return escape(p);
    case '.':
        (void)gh_regex_bump(p);
        return set_node(p, gh_regex_dot(p));
    case '^':
    case '$':
        (void)gh_regex_bump(p);
        return dollar(p, c);
    default:
        (void)gh_regex_bump(p);
        return char_node(p, c);
    }
}

static bool is_repetition(uint32_t c)
{
    return c == '*' || c == '+' || c == '?' || c == '{';
}

/* Items up to "|", ")" or the end; one alone stands for itself. */
static struct gh_regex_node *sequence(struct gh_regex_parser *p)
{
    struct gh_regex_node *first = NULL;
    struct gh_regex_node **last = NULL;
    struct gh_regex_node **end = &first;

    while (gh_regex_skip(p) && p->c != '|' && p->c != ')') {
        struct gh_regex_node *n;

        if (is_repetition(p->c)) {
            n = repeat(p, last ? *last : NULL);
            end = last ? last : end;
        } else {
            n = item(p);
        }
        if (!n)
            return NULL;
        *end = n;
        last = end;
        end = &n->next;
    }
    if (!first)
        return new_node(p, GH_NODE_EMPTY);
    return first->next ? wrap(p, GH_NODE_CONCAT, first) : first;
}

static struct gh_regex_node *alternatives(struct gh_regex_parser *p)
{
    struct gh_regex_node *first = sequence(p);
    struct gh_regex_node *last = first;

    while (last && p->c == '|') {
        (void)gh_regex_bump(p);
        last->next = sequence(p);
        last = last->next;
    }
    if (!last)
        return NULL;
    return first->next ? wrap(p, GH_NODE_ALT, first) : first;
}

struct gh_regex_node *gh_regex_parse(struct gh_regex_parser *p)
{
    struct gh_regex_node *root;

    load(p);
    root = alternatives(p);
    if (root && p->c == ')')
        return gh_regex_fail(p, "unopened group");
    if (root && root->height > GH_REGEX_MAX_NEST)
        return gh_regex_fail(p, "too deeply nested");
    return p->failed ? NULL : root;
}
