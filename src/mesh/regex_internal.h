/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside mesh/regex: the steps from an expression to a verdict
 *
 *   regex_parse.c    text, by Rust's grammar, to a tree of nodes; flags are
 *                    resolved on the way, so later steps know none
 *   regex_escape.c   what stands behind a backslash
 *   regex_class.c    [...] and what else stands for one character: sets
 *   regex_unicode.c  \p{...} and letters of another case, which PCRE2 knows
 *   regex_size.c     would Rust's program for it keep its size limit?
 *   regex_run.c      our program: build it, run it
 *
 * Everything is allocated in the caller's arena. Recursion follows the nesting
 * of the expression, which Rust limits to 250 and so do we.
 */

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/map.h"
#include "base/slice.h"

#define GH_REGEX_END UINT32_MAX /* no character: before or behind the text */
#define GH_REGEX_MAX_NEST 250
#define GH_REGEX_NO_MAX UINT32_MAX
#define GH_REGEX_MAX_CHAR 0x10ffff

/* The next character of valid UTF-8, or GH_REGEX_END. */
uint32_t gh_regex_next(struct gh_slice *rest);
bool gh_regex_utf8_ok(struct gh_slice s);

/* Return: how many bytes of @ret, at most four, @c takes. */
size_t gh_regex_encode(uint32_t c, unsigned char *ret);

/* --- sets of characters -------------------------------------------------- */

enum gh_regex_set_op {
    GH_SET_RANGE,
    GH_SET_CODE,    /* what PCRE2 says about one character */
    GH_SET_UNKNOWN, /* Rust knows the property, PCRE2 does not */
    GH_SET_UNION,
    GH_SET_AND,
    GH_SET_SUB,
    GH_SET_XOR,
    GH_SET_NOT,
};

struct gh_regex_set {
    enum gh_regex_set_op op;
    uint32_t first;
    uint32_t last;
    const pcre2_code *code;
    uint32_t code_bytes; /* of Rust's program for it, see regex_size.c */
    uint32_t height;     /* as Rust counts nesting */
    uint32_t number;     /* in the program, from 1 */
    struct gh_regex_set *child;
    struct gh_regex_set *next; /* sibling */
};

bool gh_regex_set_has(const struct gh_regex_set *set, uint32_t c,
                      pcre2_match_data *scratch);

/* --- the tree ------------------------------------------------------------ */

enum gh_regex_look {
    GH_LOOK_START,
    GH_LOOK_END,
    GH_LOOK_LINE_START,
    GH_LOOK_LINE_END,
    GH_LOOK_CRLF_START,
    GH_LOOK_CRLF_END,
    GH_LOOK_WORD,
    GH_LOOK_NOT_WORD,
    GH_LOOK_WORD_START,
    GH_LOOK_WORD_END,
    GH_LOOK_WORD_START_HALF,
    GH_LOOK_WORD_END_HALF,
};

enum gh_regex_kind {
    GH_NODE_EMPTY,
    GH_NODE_FLAGS, /* (?i): empty, and cannot be repeated */
    GH_NODE_CHAR,
    GH_NODE_SET,
    GH_NODE_LOOK,
    GH_NODE_REPEAT,
    GH_NODE_GROUP,
    GH_NODE_CONCAT,
    GH_NODE_ALT,
};

struct gh_regex_node {
    enum gh_regex_kind kind;
    enum gh_regex_look look;
    bool unicode; /* look: which letters make a word */
    bool lazy;
    bool capture;
    bool can_be_empty;
    bool only_empty;
    uint32_t c;
    uint32_t min;
    uint32_t max;
    uint32_t height;
    struct gh_regex_set *set;
    struct gh_regex_node *child;
    struct gh_regex_node *next;
};

/* --- the parser ---------------------------------------------------------- */

struct gh_regex_flags {
    bool ignore_case;
    bool multi_line;
    bool dot_all;
    bool swap_greed;
    bool unicode;
    bool crlf;
    bool spaced; /* x: white space and comments do not count */
};

struct gh_regex_parser {
    struct gh_arena *arena;
    struct gh_err *err;
    pcre2_general_context *memory;
    struct gh_slice src;
    struct gh_slice rest; /* from the current character on */
    uint32_t c;           /* the current one */
    struct gh_regex_flags flags;
    struct gh_map names;          /* of groups */
    struct gh_regex_set *letters; /* for the names, made when needed */
    struct gh_regex_set *numbers;
    pcre2_match_data *match;
    struct gh_regex_set *word; /* for \b; NULL: no one asks */
    bool failed;
    uint32_t depth;
};

/* The first complaint is the one that people read. */
void gh_regex_complain(struct gh_regex_parser *p, const char *why);

/* For "return gh_regex_fail(...)": no pointer, or false. */
static inline void *gh_regex_fail(struct gh_regex_parser *p, const char *why)
{
    gh_regex_complain(p, why);
    return NULL;
}

/* Moves on. Return: whether there is a character. */
bool gh_regex_bump(struct gh_regex_parser *p);
bool gh_regex_skip(struct gh_regex_parser *p); /* spaces, in x mode */
bool gh_regex_bump_skip(struct gh_regex_parser *p);
bool gh_regex_take(struct gh_regex_parser *p, const char *text);
bool gh_regex_is_space(uint32_t c);

/* An escape, alone or inside of brackets. */
struct gh_regex_prim {
    enum gh_regex_kind kind; /* CHAR, SET or LOOK */
    uint32_t c;
    bool byte; /* \x7f, not \x{7f} */
    struct gh_regex_set *set;
    enum gh_regex_look look;
};

/* Back to @rest, which was the parser's own. */
void gh_regex_rewind(struct gh_regex_parser *p, struct gh_slice rest);

GH_MUST_CHECK bool gh_regex_escape(struct gh_regex_parser *p,
                                   struct gh_regex_prim *ret);

struct gh_regex_node *gh_regex_parse(struct gh_regex_parser *p);

/* What stands at "[", up to and with its "]". */
struct gh_regex_set *gh_regex_bracket(struct gh_regex_parser *p);

/* What \d, \S ... mean here. */
struct gh_regex_set *gh_regex_perl(struct gh_regex_parser *p, uint32_t letter);
struct gh_regex_set *gh_regex_dot(struct gh_regex_parser *p);

/* A character or range in every case that the flags ask for. */
struct gh_regex_set *gh_regex_range(struct gh_regex_parser *p, uint32_t first,
                                    uint32_t last);
struct gh_regex_set *gh_regex_set_new(struct gh_regex_parser *p,
                                      enum gh_regex_set_op op,
                                      struct gh_regex_set *child);

/* What stands behind "\p" or "\P". */
struct gh_regex_set *gh_regex_property(struct gh_regex_parser *p);
struct gh_regex_set *gh_regex_folded(struct gh_regex_parser *p, uint32_t first,
                                     uint32_t last);
struct gh_regex_set *gh_regex_word(struct gh_regex_parser *p);
struct gh_regex_set *gh_regex_digit(struct gh_regex_parser *p);
bool gh_regex_in_name(struct gh_regex_parser *p, uint32_t c, bool first);

/* --- size and program ---------------------------------------------------- */

/* Whether Rust's program stays below its default of 10 MiB. */
bool gh_regex_fits(const struct gh_regex_node *root);

struct gh_regex_prog;

const struct gh_regex_prog *gh_regex_build(const struct gh_regex_node *root,
                                           const struct gh_regex_set *word,
                                           struct gh_arena *a,
                                           pcre2_general_context *memory);
bool gh_regex_run(const struct gh_regex_prog *prog, struct gh_slice text,
                  struct gh_arena *scratch, pcre2_general_context *memory);

/* PCRE2 that allocates in the arena; NULL when full. */
pcre2_general_context *gh_regex_memory(struct gh_arena *a);
