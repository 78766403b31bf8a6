/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh/regex.h"

#include "mesh/regex_internal.h"

struct gh_regex {
    const struct gh_regex_prog *prog;
    bool unknown; /* has a property of which we only know that it exists */
};

/* --- UTF-8 --------------------------------------------------------------- */

/* Length by the first byte; 0 for bytes that begin nothing. */
static size_t length_of(unsigned char c)
{
    if (c < 0x80)
        return 1;
    if (c < 0xc2 || c > 0xf4)
        return 0;
    return c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

static uint32_t decode(const unsigned char *s, size_t len)
{
    uint32_t c = len == 1 ? s[0] : s[0] & (0xffu >> (len + 1));

    for (size_t i = 1; i < len; i++)
        c = c << 6 | (s[i] & 0x3f);
    return c;
}

uint32_t gh_regex_next(struct gh_slice *rest)
{
    const unsigned char *s = (const unsigned char *)rest->ptr;
    size_t len;

    if (rest->len == 0)
        return GH_REGEX_END;
    len = length_of(s[0]);
    *rest = gh_slice_drop(*rest, len);
    return decode(s, len);
}

bool gh_regex_utf8_ok(struct gh_slice s)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

    while (s.len > 0) {
        const unsigned char *at = (const unsigned char *)s.ptr;
        size_t len = length_of(at[0]);
        uint32_t c;

        if (len == 0 || len > s.len)
            return false;
        for (size_t i = 1; i < len; i++) {
            if (at[i] >> 6 != 2)
                return false;
        }
        c = decode(at, len);
        if (c < least[len] || c > GH_REGEX_MAX_CHAR || c >> 11 == 0x1b)
            return false;
        s = gh_slice_drop(s, len);
    }
    return true;
}

/* --- sets ---------------------------------------------------------------- */

size_t gh_regex_encode(uint32_t c, unsigned char *ret)
{
    static const unsigned char marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

    for (size_t i = len - 1; i > 0; i--) {
        ret[i] = (unsigned char)(0x80 | (c & 0x3f));
        c >>= 6;
    }
    ret[0] = (unsigned char)(marks[len] | c);
    return len;
}

static bool code_has(const pcre2_code *code, uint32_t c,
                     pcre2_match_data *scratch)
{
    unsigned char text[4];
    size_t len = gh_regex_encode(c, text);

    return pcre2_match(code, text, len, 0, PCRE2_NO_UTF_CHECK, scratch, NULL) >=
           0;
}

static bool union_has(const struct gh_regex_set *list, uint32_t c,
                      pcre2_match_data *scratch)
{
    for (; list; list = list->next) {
        if (gh_regex_set_has(list, c, scratch))
            return true;
    }
    return false;
}

bool gh_regex_set_has(const struct gh_regex_set *set, uint32_t c,
                      pcre2_match_data *scratch)
{
    const struct gh_regex_set *a = set->child;
    bool left;

    switch (set->op) {
    case GH_SET_RANGE:
        return set->first <= c && c <= set->last;
    case GH_SET_CODE:
        return code_has(set->code, c, scratch);
    case GH_SET_UNKNOWN:
        return false;
    case GH_SET_UNION:
        return union_has(a, c, scratch);
    case GH_SET_NOT:
        return !gh_regex_set_has(a, c, scratch);
    case GH_SET_AND:
    case GH_SET_SUB:
    case GH_SET_XOR:
        break;
    }
    left = gh_regex_set_has(a, c, scratch);
    if (!left && set->op != GH_SET_XOR)
        return false;
    return left ==
           (gh_regex_set_has(a->next, c, scratch) == (set->op == GH_SET_AND));
}

static bool set_is_unknown(const struct gh_regex_set *set)
{
    if (set->op == GH_SET_UNKNOWN)
        return true;
    for (const struct gh_regex_set *c = set->child; c; c = c->next) {
        if (set_is_unknown(c))
            return true;
    }
    return false;
}

static bool is_unknown(const struct gh_regex_node *n)
{
    if (n->set && set_is_unknown(n->set))
        return true;
    for (const struct gh_regex_node *c = n->child; c; c = c->next) {
        if (is_unknown(c))
            return true;
    }
    return false;
}

/* --- memory for PCRE2 ---------------------------------------------------- */

static void *take(size_t size, void *arena)
{
    return gh_arena_alloc(arena, size, 16);
}

static void give_back(void *ptr, void *arena)
{
    (void)ptr;
    (void)arena;
}

pcre2_general_context *gh_regex_memory(struct gh_arena *a)
{
    return pcre2_general_context_create(take, give_back, a);
}

/* --- the whole ----------------------------------------------------------- */

static const struct gh_regex *compile(struct gh_regex_parser *p)
{
    struct gh_regex *re = GH_ARENA_NEW(p->arena, struct gh_regex);
    const struct gh_regex_node *root = re ? gh_regex_parse(p) : NULL;

    if (!root)
        return NULL;
    if (!gh_regex_fits(root))
        return gh_regex_fail(p, "too large");
    re->unknown = is_unknown(root);
    re->prog = gh_regex_build(root, p->word, p->arena, p->memory);
    return re->prog ? re : gh_regex_fail(p, "too large");
}

const struct gh_regex *gh_regex_compile(struct gh_slice pattern,
                                        struct gh_arena *arena,
                                        struct gh_err *err)
{
    struct gh_regex_parser p = {
        .arena = arena,
        .err = err,
        .memory = gh_regex_memory(arena),
        .src = pattern,
        .rest = pattern,
        .flags = {.unicode = true},
    };
    const struct gh_regex *re;

    if (!p.memory)
        return gh_regex_fail(&p, "too large");
    if (!gh_regex_utf8_ok(pattern))
        return gh_regex_fail(&p, "not UTF-8");
    gh_map_init(&p.names);
    re = compile(&p);
    if (!re)
        (void)gh_regex_fail(&p, "too large");
    gh_map_fini(&p.names);
    return re;
}

bool gh_regex_spans(const struct gh_regex *re, struct gh_slice text,
                    struct gh_arena *scratch)
{
    pcre2_general_context *memory = gh_regex_memory(scratch);

    return memory && !re->unknown && gh_regex_utf8_ok(text) &&
           gh_regex_run(re->prog, text, scratch, memory);
}
