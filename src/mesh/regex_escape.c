/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a backslash begins
 *
 * A character, a set of characters or a boundary; everything else is an error,
 * so that a later version of the syntax can give it a meaning. Within brackets
 * the same escapes count, less the boundaries.
 */

#include "mesh/regex_internal.h"

static int hex_digit(uint32_t c)
{
    if (c >= '0' && c <= '9')
        return (int)c - '0';
    if (c >= 'a' && c <= 'f')
        return (int)c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? (int)c - 'A' + 10 : -1;
}

/* \x7f \u007f \U0000007f, or any of the three with {7f}. */
static bool hex_escape(struct gh_regex_parser *p, struct gh_regex_prim *ret)
{
    int want = p->c == 'x' ? 2 : p->c == 'u' ? 4 : 8;
    uint64_t value = 0;
    int n = 0;
    bool braces;

    if (!gh_regex_bump_skip(p))
        return gh_regex_fail(p, "incomplete escape");
    braces = p->c == '{';
    if (braces && !gh_regex_bump_skip(p))
        return gh_regex_fail(p, "incomplete escape");
    while (braces ? p->c != '}' : n < want) {
        int digit = hex_digit(p->c);

        if (digit < 0)
            return gh_regex_fail(p, "not a hexadecimal digit");
        if (value <= GH_REGEX_MAX_CHAR)
            value = value * 16 + (uint64_t)digit;
        n++;
        (void)gh_regex_bump_skip(p);
    }
    if (braces)
        (void)gh_regex_bump_skip(p);
    if (n == 0 || value > GH_REGEX_MAX_CHAR || (value >> 11) == 0x1b)
        return gh_regex_fail(p, "not a character's number");
    *ret = (struct gh_regex_prim){
        .kind = GH_NODE_CHAR,
        .c = (uint32_t)value,
        .byte = !braces && want == 2,
    };
    return true;
}

static bool is_dash_letter(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

/* \b{start} and its like; "\b{2}" is a repetition instead. */
static bool word_look(struct gh_regex_parser *p, enum gh_regex_look *ret)
{
    static const struct {
        const char *name;
        enum gh_regex_look look;
    } looks[] = {
        {"start", GH_LOOK_WORD_START},
        {"end", GH_LOOK_WORD_END},
        {"start-half", GH_LOOK_WORD_START_HALF},
        {"end-half", GH_LOOK_WORD_END_HALF},
    };
    struct gh_slice start = p->rest;
    char name[16];
    size_t n = 0;

    *ret = GH_LOOK_WORD;
    if (p->c != '{')
        return true;
    if (!gh_regex_bump_skip(p))
        return gh_regex_fail(p, "unclosed \"{\"");
    if (!is_dash_letter(p->c)) {
        gh_regex_rewind(p, start);
        return true;
    }
    for (; is_dash_letter(p->c); (void)gh_regex_bump_skip(p)) {
        if (n == sizeof(name))
            return gh_regex_fail(p, "unknown word boundary");
        name[n++] = (char)p->c;
    }
    if (p->c != '}')
        return gh_regex_fail(p, "unclosed word boundary");
    (void)gh_regex_bump(p);
    for (size_t i = 0; i < GH_COUNT(looks); i++) {
        if (gh_slice_is(gh_slice_of(name, n), looks[i].name)) {
            *ret = looks[i].look;
            return true;
        }
    }
    return gh_regex_fail(p, "unknown word boundary");
}

static bool look_escape(struct gh_regex_parser *p, uint32_t c,
                        struct gh_regex_prim *ret)
{
    static const struct {
        char c;
        enum gh_regex_look look;
    } looks[] = {
        {'A', GH_LOOK_START},    {'z', GH_LOOK_END},
        {'B', GH_LOOK_NOT_WORD}, {'<', GH_LOOK_WORD_START},
        {'>', GH_LOOK_WORD_END},
    };

    *ret = (struct gh_regex_prim){.kind = GH_NODE_LOOK};
    if (c == 'b')
        return word_look(p, &ret->look);
    for (size_t i = 0; i < GH_COUNT(looks); i++) {
        if ((uint32_t)looks[i].c == c) {
            ret->look = looks[i].look;
            return true;
        }
    }
    return gh_regex_fail(p, "unknown escape");
}

static bool char_escape(uint32_t c, uint32_t *ret)
{
    static const char named[] = "a\af\ft\tn\nr\rv\v";

    for (size_t i = 0; i < sizeof(named) - 1; i += 2) {
        if ((uint32_t)named[i] == c) {
            *ret = (uint32_t)named[i + 1];
            return true;
        }
    }
    *ret = c;
    return c < 0x80 && c != '<' && c != '>' && !(c >= '0' && c <= '9') &&
           !(is_dash_letter(c) && c != '-');
}

bool gh_regex_escape(struct gh_regex_parser *p, struct gh_regex_prim *ret)
{
    uint32_t c;

    if (!gh_regex_bump(p))
        return gh_regex_fail(p, "incomplete escape");
    c = p->c;
    *ret = (struct gh_regex_prim){.kind = GH_NODE_SET};
    switch (c) {
    case 'x':
    case 'u':
    case 'U':
        return hex_escape(p, ret);
    case 'p':
    case 'P':
        ret->set = gh_regex_property(p);
        return ret->set;
    case 'd':
    case 'D':
    case 's':
    case 'S':
    case 'w':
    case 'W':
        (void)gh_regex_bump(p);
        ret->set = gh_regex_perl(p, c);
        return ret->set;
    default:
        break;
    }
    if (c >= '0' && c <= '9')
        return gh_regex_fail(p, "back-references are not supported");
    (void)gh_regex_bump(p);
    if (char_escape(c, &ret->c)) {
        ret->kind = GH_NODE_CHAR;
        return true;
    }
    return look_escape(p, c, ret);
}
