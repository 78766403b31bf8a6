/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "mesh/regex.h"

/*
 * What Rust's regex crate 1.13 (regex-syntax 0.8) said about each row: whether
 * the expression exists, and whether the first hit in a text is all of it.
 */

static const char *const accepted[] = {
    "a**",
    "a++",
    "a*+",
    "a{2}{3}",
    "a{2,}",
    "a{ 2 , 3 }",
    "a{2}?",
    "(?x)a {2}",
    "(?x)a * ?",
    "()*",
    "^*",
    "\\b*",
    "\\b{2}",
    "$+",
    "(|a)+",
    "}",
    "a}",
    "]",
    "a]",
    "|",
    "",
    "()",
    "(?:)",
    "a||b",
    "(?i)",
    "(?i)a",
    "(?i-s:a)",
    "(?-u:a)",
    "(?-u:\\B)",
    "(?-u)\xc3\xa9",
    "(?imsURux)a",
    "(?P<n>a)",
    "(?<n>a)",
    "(?<_n1.[x]>a)",
    "(?<\xc3\xa9>a)",
    "(?<a>x)(?<b>y)",
    "[]a]",
    "[^]a]",
    "[-a]",
    "[a-]",
    "[a-b-c]",
    "[--a]",
    "[a--]",
    "[&&]",
    "[a&&]",
    "[~~]",
    "[[:foo:]]",
    "[:alpha:]",
    "[[a]b]",
    "[a[^b]]",
    "[\\w--\\d]",
    "[a|b]",
    "[$^.]",
    "\\<a\\>",
    "\\b{start}a",
    "\\b{end}",
    "\\b{start-half}",
    "\\b{end-half}",
    "\\x41",
    "\\x{41}",
    "\\u0041",
    "\\U00000041",
    "\\u{41}",
    "(?x)\\x { 4 1 }",
    "\\/",
    "\\-",
    "\\ ",
    "\\%",
    "\\_",
    "\\\"",
    "\\p{Greek}",
    "\\pL",
    "\\PL",
    "\\p{gc:Lu}",
    "\\p{sc!=Latin}",
    "\\p{scx=Greek}",
    "\\p{is_greek}",
    "\\p{Age=3.0}",
    "\\p{wb=ALetter}",
    "\\p{Kawi}",
    "\\p{Alphabetic}",
    "\\p{Emoji}",
    "\\p{any}",
    "\\p{Uppercase_Letter}",
    "[\\p{Greek}\\d]",
    "(a{0}){1000000}",
    "^{1000000}",
    "a{100000}",
    ".{1000}",
    "x{0,10000}",
};

static const char *const refused[] = {
    /* what other dialects have */
    "(?=a)",
    "(?!a)",
    "(?<=a)",
    "(?<!a)",
    "(?>a)",
    "(?#a)",
    "(?'n'a)",
    "(?P=n)",
    "(a)\\1",
    "\\0",
    "\\8",
    "\\Z",
    "\\K",
    "\\h",
    "\\Q",
    "\\E",
    "\\e",
    "\\R",
    "\\N",
    "\\X",
    "\\G",
    "\\cA",
    "\\\xc3\xa9",
    "\\g",
    "\\k",
    /* repetition */
    "*",
    "+",
    "?",
    "{2}",
    "(*)",
    "|*",
    "(?i)*",
    "a|*",
    "{",
    "a{",
    "a{,3}",
    "a{}",
    "a{a}",
    "a{1",
    "a{1,",
    "a{1,2",
    "a{3,2}",
    "a{-1}",
    "a{4294967296}",
    "a{1,2,3}",
    "x{{2}",
    /* groups */
    "(",
    ")",
    "a)",
    "(a",
    "(?",
    "(?)",
    "(?i",
    "(?i-)a",
    "(?-)a",
    "(?--i)a",
    "(?ii)a",
    "(?i-i)a",
    "(?z)a",
    "(?I)a",
    "(?P<n",
    "(?<n",
    "(?<>a)",
    "(?<1>a)",
    "(?<a-b>a)",
    "(?<n>a)(?<n>b)",
    "(?P<n>a)|(?<n>b)",
    "(?P<n a>a)",
    /* brackets */
    "[",
    "[]",
    "[^]",
    "[a",
    "[a-",
    "[a-]b[",
    "[z-a]",
    "[a-\\d]",
    "[\\d-a]",
    "[\\b]",
    "[\\A]",
    "[\\b{start}]",
    "[a&&",
    "[[a]",
    "[\\Z]",
    "[\\1]",
    "[[:alpha:]",
    "[[:alpha]",
    /* boundaries */
    "\\b{foo}",
    "\\b{",
    "\\b{start",
    "\\b{start }x{",
    "\\b{}",
    /* characters */
    "\\",
    "\\x",
    "\\x4",
    "\\xg0",
    "\\x{}",
    "\\x{110000}",
    "\\x{d800}",
    "\\u004",
    "\\u{d800}",
    "\\ud800",
    "\\U0011",
    "\\x{41",
    "\\x{4 1}",
    /* properties */
    "\\p",
    "\\p{",
    "\\p{}",
    "\\p{Foo}",
    "\\p{^L}",
    "\\p{L&}",
    "\\p{Cs}",
    "\\p{Xan}",
    "\\p{Zzzz}",
    "\\p{isc}",
    "\\p{sc=Foo}",
    "\\p{Block=Arrows}",
    "\\p{alpha=yes}",
    "\\p{age=99}",
    "\\p{a!=b}",
    "\\p\xc3\xa9",
    "\\p\\d",
    "\\p{"
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "aaaa}",
    /* not UTF-8, or half of it */
    "\xff",
    "\xc3",
    "a\xc0\x80",
    "\xed\xa0\x80",
    "\xf4\x90\x80\x80",
    "(?-u).",
    "(?-u)\\D",
    "(?-u)\\W",
    "(?-u)[^a]",
    "(?-u)\\xff",
    "(?-u)[\\xff]",
    "(?-u)[\xc3\xa9]",
    "(?-u)\\pL",
    "(?-u)[[:^alpha:]]",
    "(?s-u:.)",
};

static const struct {
    const char *pattern;
    const char *text;
    bool spans;
} cases[] = {
    {"", "", true},
    {"", "a", false},
    {"a", "a", true},
    {"a", "", false},
    {"a", "b", false},
    {"a", "aa", false},
    {"/a|/a/b", "/a", true},
    {"/a|/a/b", "/a/b", false},
    {"/a/b|/a", "/a", true},
    {"/a/b|/a", "/a/b", true},
    {"a|ab|abc", "a", true},
    {"a|ab|abc", "abc", false},
    {"abc|ab|a", "a", true},
    {"abc|ab|a", "ab", true},
    {"abc|ab|a", "abc", true},
    {"(?:a|ab)(?:c|bcd)", "ac", true},
    {"(?:a|ab)(?:c|bcd)", "abcd", true},
    {"(?:a|ab)(?:c|bcd)", "abc", true},
    {"(?:a|ab)(?:c|bcd)?", "a", true},
    {"(?:a|ab)(?:c|bcd)?", "ab", false},
    {"(?:a|ab)(?:c|bcd)?", "abcd", true},
    {"/users/[0-9]+", "/users/7", true},
    {"/users/[0-9]+", "/users/", false},
    {"/users/[0-9]+", "/users/7/", false},
    {"/users/.*", "/users/", true},
    {"/users/.*", "/users/a/b", true},
    {"/users/.*", "/user", false},
    {"/v\\d+/[^/]+", "/v1/x", true},
    {"/v\\d+/[^/]+", "/v1/x/y", false},
    {"/v\\d+/[^/]+", "/v/x", false},
    {"b", "ab", false},
    {".*b", "ab", true},
    {".*b", "abc", false},
    {".*?", "", true},
    {".*?", "a", false},
    {"a*?", "", true},
    {"a*?", "a", false},
    {"a+?", "a", true},
    {"a+?", "aa", false},
    {"a?\?", "", true},
    {"a?\?", "a", false},
    {"(?U)a*", "", true},
    {"(?U)a*", "a", false},
    {"(?U)a*?", "aaa", true},
    {"a{2}", "a", false},
    {"a{2}", "aa", true},
    {"a{2}", "aaa", false},
    {"a{2,}", "a", false},
    {"a{2,}", "aaaaa", true},
    {"a{1,2}", "aa", true},
    {"a{1,2}", "aaa", false},
    {"a{2}{2}", "aa", false},
    {"a{2}{2}", "aaaa", true},
    {"a++b", "aab", true},
    {"a++a", "aa", true},
    {"a++a", "a", false},
    {"a**", "", true},
    {"a**", "aaa", true},
    {"(|a)*", "", true},
    {"(|a)*", "a", false},
    {"(|a)+", "", true},
    {"(|a)+", "a", false},
    {"(|a)+", "aa", false},
    {"(a|)+", "", true},
    {"(a|)+", "aa", true},
    {"(a*)*", "", true},
    {"(a*)*", "aaa", true},
    {"(a*)+b", "aab", true},
    {"(a|b|)*", "abba", true},
    {"(?:a*?b?\?)*", "", true},
    {"(?:a*?b?\?)*", "ab", false},
    {"(?:a?)*?", "", true},
    {"(?:a?)*?", "a", false},
    {"(a?\?)*", "a", false},
    {"(?:a|b)*abb", "ababb", true},
    {"(?:a|b)*abb", "abab", false},
    {".", "a", true},
    {".", "\xc3\xa9", true},
    {".", "\n", false},
    {".", "\r", true},
    {".", "", false},
    {"(?s).", "\n", true},
    {"(?R).", "\r", false},
    {"(?R).", "\n", false},
    {"(?R).", "a", true},
    {"(?sR).", "\r", true},
    {"a$", "a", true},
    {"a$", "a\n", false},
    {"(?m)a$\n", "a\n", true},
    {"(?m)a\n^b$", "a\nb", true},
    {"a\n^b", "a\nb", false},
    {"(?mR)a$\r\n^b", "a\r\nb", true},
    {"(?mR)a\r^\nb", "a\r\nb", false},
    {"\\Aa\\z", "a", true},
    {"a\\Ab", "ab", false},
    {"\\ba b\\b", "a b", true},
    {"a\\b", "a", true},
    {"a\\b", "a\xc3\xa9", false},
    {"a\\b.", "a\xc3\xa9", false},
    {"a\\b.", "a-", true},
    {"(?-u:a\\b).", "a\xc3\xa9", true},
    {"a\\B.", "ab", true},
    {"a\\B.", "a-", false},
    {"a\\B.", "a\xc3\xa9", true},
    {"\\<ab\\>", "ab", true},
    {"a\\<b", "ab", false},
    {"\\b{start}a\\b{end}", "a", true},
    {"a\\b{start-half}-", "a-", false},
    {"a\\b{end-half}-", "a-", true},
    {"a\\b{end-half}b", "ab", false},
    {"\\d", "0", true},
    {"\\d", "\xd9\xa3", true},
    {"\\d", "a", false},
    {"\\d", "\xc2\xb2", false},
    {"(?-u)\\d", "0", true},
    {"(?-u)\\d", "\xd9\xa3", false},
    {"\\w", "a", true},
    {"\\w", "_", true},
    {"\\w", "\xc3\xa9", true},
    {"\\w", "-", false},
    {"\\w", "\xe2\x80\x8d", true},
    {"\\w", "\xd9\xa3", true},
    {"\\w", "\xc2\xaa", true},
    {"\\w", "\xe2\x80\xbf", true},
    {"(?-u)\\w", "a", true},
    {"(?-u)\\w", "\xc3\xa9", false},
    {"\\s", " ", true},
    {"\\s", "\xc2\xa0", true},
    {"\\s", "\xe3\x80\x80", true},
    {"\\s", "\xe1\xa0\x8e", false},
    {"\\s", "\xc2\x85", true},
    {"\\s", "\t", true},
    {"(?-u)\\s", "\x0b", true},
    {"(?-u)\\s", "\xc2\xa0", false},
    {"\\D", "a", true},
    {"\\D", "3", false},
    {"\\W", "-", true},
    {"\\W", "\xc3\xa9", false},
    {"\\S", "a", true},
    {"\\S", "\xe2\x80\xa8", false},
    {"(?i)k", "K", true},
    {"(?i)k", "\xe2\x84\xaa", true},
    {"(?i)k", "k", true},
    {"(?i)k", "l", false},
    {"(?i)s", "\xc5\xbf", true},
    {"(?-u)(?i)k", "K", true},
    {"(?-u)(?i)k", "\xe2\x84\xaa", false},
    {"(?i)\xc3\xa9", "\xc3\x89", true},
    {"(?i)\xc3\xa9", "\xc3\xa9", true},
    {"(?i)\xc3\xa9", "e", false},
    {"(?i)\xc3\x9f", "\xe1\xba\x9e", true},
    {"(?i)\xc3\x9f", "ss", false},
    {"(?i)\xcf\x83", "\xce\xa3", true},
    {"(?i)\xcf\x83", "\xcf\x82", true},
    {"(?i)[a-c]", "B", true},
    {"(?i)[a-c]", "d", false},
    {"(?i)[^k]", "K", false},
    {"(?i)[^k]", "\xe2\x84\xaa", false},
    {"(?i)[^k]", "l", true},
    {"(?i)a(?-i)b", "Ab", true},
    {"(?i)a(?-i)b", "AB", false},
    {"(?i:a)b", "Ab", true},
    {"(?i:a)b", "AB", false},
    {"a(?i)b|c", "aB", true},
    {"a(?i)b|c", "C", true},
    {"a(?i)b|c", "A", false},
    {"(a(?i)b)c", "aBc", true},
    {"(a(?i)b)c", "aBC", false},
    {"(?i)[[:lower:]]", "A", true},
    {"(?i)[[:lower:]]", "\xc5\xbf", true},
    {"(?i)\\p{Lu}", "a", true},
    {"(?i)\\p{Lu}", "1", false},
    {"(?i)[\xc3\xa0-\xc3\xa9]", "\xc3\x89", true},
    {"[a&&b]", "a", false},
    {"[ab&&b]", "b", true},
    {"[ab&&b]", "a", false},
    {"[a-c--b]", "a", true},
    {"[a-c--b]", "b", false},
    {"[ab~~bc]", "a", true},
    {"[ab~~bc]", "b", false},
    {"[ab~~bc]", "c", true},
    {"[a-d&&b-e--c]", "b", true},
    {"[a-d&&b-e--c]", "c", false},
    {"[a-d&&b-e--c]", "d", true},
    {"[^a&&b]", "a", true},
    {"[^a&&b]", "b", true},
    {"[[:alpha:]_]", "a", true},
    {"[[:alpha:]_]", "_", true},
    {"[[:alpha:]_]", "1", false},
    {"[[:alpha:]_]", "\xc3\xa9", false},
    {"[[:^alpha:]]", "1", true},
    {"[[:^alpha:]]", "a", false},
    {"[[:^alpha:]]", "\xc3\xa9", true},
    {"[[:foo:]]", "f", true},
    {"[[:foo:]]", ":", true},
    {"[[:foo:]]", "a", false},
    {"[]a]", "]", true},
    {"[]a]", "a", true},
    {"[^]a]", "b", true},
    {"[^]a]", "]", false},
    {"[a-]", "-", true},
    {"[a-]", "a", true},
    {"[--a]", "-", true},
    {"[--a]", "a", true},
    {"[--a]", "b", false},
    {"[[a-c][^a-z]]", "b", true},
    {"[[a-c][^a-z]]", "d", false},
    {"[[a-c][^a-z]]", "-", true},
    {"[\\w--\\d]", "a", true},
    {"[\\w--\\d]", "1", false},
    {"[^\\d\\s]", "a", true},
    {"[^\\d\\s]", "1", false},
    {"[^\\d\\s]", " ", false},
    {"[\\x41-\\x{43}]", "B", true},
    {"[\\x41-\\x{43}]", "D", false},
    {"[\xc3\xa9-\xc3\xbc]", "\xc3\xaa", true},
    {"[\xc3\xa9-\xc3\xbc]", "z", false},
    {"[\\]\\-]", "]", true},
    {"[\\]\\-]", "-", true},
    {"\\p{Greek}", "\xce\xb1", true},
    {"\\p{Greek}", "a", false},
    {"\\P{Greek}", "\xce\xb1", false},
    {"\\P{Greek}", "a", true},
    {"\\pL", "a", true},
    {"\\pL", "\xc3\xa9", true},
    {"\\pL", "1", false},
    {"\\p{Lu}", "A", true},
    {"\\p{Lu}", "a", false},
    {"[\\p{Greek}\\d]", "\xce\xb1", true},
    {"[\\p{Greek}\\d]", "3", true},
    {"[\\p{Greek}\\d]", "a", false},
    {"\\p{gc!=Lu}", "A", false},
    {"\\p{gc!=Lu}", "a", true},
    {"\\p{Han}+", "\xe6\xbc\xa2\xe5\xad\x97", true},
    {"\\p{Kawi}", "a", false},
    {"(?x) a b # c\n c", "abc", true},
    {"(?x) a b # c\n c", "a b", false},
    {"(?x)[a b]", "a", true},
    {"(?x)[a b]", " ", false},
    {"(?x)\\ a", " a", true},
    {"\\x61\\u0062\\U00000063\\x{64}", "abcd", true},
    {"\\t\\n\\r\\v\\f\\a", "\t\n\r\x0b\x0c\x07", true},
    {"\xc3\xa9+", "\xc3\xa9\xc3\xa9", true},
    {".{3}", "a\xc3\xa9\xe6\xbc\xa2", true},
    {".{3}", "a\xc3\xa9", false},
    {"[^/]{2,3}", "\xe6\xbc\xa2\xe5\xad\x97", true},
    {"[^/]{2,3}", "a/", false},
    {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", true},
    {"a]}", "a]}", true},
    {"a{0}b", "b", true},
    {"a{0}b", "ab", false},
    {"(?:^a|b)*", "ab", true},
    {"(?:^a|b)*", "ba", false},
    {"(?:^a|b)*", "aa", false},
    {"(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", false},
    {"(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", true},
};

static const struct gh_regex *compile(const char *pattern, struct gh_arena *a,
                                      struct gh_err *err)
{
    return gh_regex_compile(gh_slice_str(pattern), a, err);
}

static void accepts(void **state)
{
    struct gh_err err = {0};
    struct gh_arena a;

    (void)state;
    gh_arena_init(&a, 64u << 20);
    for (size_t i = 0; i < GH_COUNT(accepted); i++) {
        if (!compile(accepted[i], &a, &err))
            fail_msg("%s: %s", accepted[i], err.text);
        gh_arena_reset(&a);
    }
    gh_arena_fini(&a);
}

static void refuses(void **state)
{
    struct gh_arena a;

    (void)state;
    gh_arena_init(&a, 64u << 20);
    for (size_t i = 0; i < GH_COUNT(refused); i++) {
        struct gh_err err = {0};

        if (compile(refused[i], &a, &err))
            fail_msg("%s", refused[i]);
        assert_true(strstr(err.text, "regular expression: ") == err.text);
        assert_null(compile(refused[i], &a, NULL));
        gh_arena_reset(&a);
    }
    gh_arena_fini(&a);
}

static bool spans(const char *pattern, const char *text)
{
    struct gh_arena a;
    struct gh_arena scratch;
    const struct gh_regex *re;
    bool result;

    gh_arena_init(&a, 64u << 20);
    gh_arena_init(&scratch, 64u << 20);
    re = compile(pattern, &a, NULL);
    if (!re)
        fail_msg("%s", pattern);
    result = gh_regex_spans(re, gh_slice_str(text), &scratch);
    assert_true(result == gh_regex_spans(re, gh_slice_str(text), &scratch));
    gh_arena_fini(&scratch);
    gh_arena_fini(&a);
    return result;
}

static void spans_as_rust_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        if (spans(cases[i].pattern, cases[i].text) != cases[i].spans)
            fail_msg("%s on \"%s\"", cases[i].pattern, cases[i].text);
    }
}

static void never_spans_broken_text(void **state)
{
    static const char *const texts[] = {
        "\xff", "a\xc3", "\xed\xa0\x80", "\xc0\x80", "\xf4\x90\x80\x80", "\x80",
    };

    (void)state;
    for (size_t i = 0; i < GH_COUNT(texts); i++)
        assert_false(spans("(?s).*|", texts[i]));
}

static const struct {
    const char *unit;
    size_t count;
    bool ok;
    const char *prefix;
    const char *suffix;
} nest_cases[] = {
    {"(", 250, true, "a", ")"},      {"(", 251, false, "a", ")"},
    {"(?:", 249, true, "ab", ")"},   {"(?:", 250, false, "ab", ")"},
    {"(?:", 248, true, "a|bc", ")"}, {"(?:", 249, false, "a|bc", ")"},
    {"[", 250, true, "a", "]"},      {"[", 251, false, "a", "]"},
    {"[", 249, true, "ab", "]"},     {"[", 250, false, "ab", "]"},
    {"", 250, true, "a", "*"},       {"", 251, false, "a", "*"},
    {"", 249, true, "[a", "&&b"},    {"", 250, false, "[a", "&&b"},
};

static void limits_nesting(void **state)
{
    struct gh_arena a;
    char text[4096];

    (void)state;
    gh_arena_init(&a, 64u << 20);
    for (size_t i = 0; i < GH_COUNT(nest_cases); i++) {
        bool class = nest_cases[i].suffix[0] == '&';
        size_t n = 0;

        for (size_t j = 0; j < nest_cases[i].count; j++)
            n += (size_t)snprintf(text + n, sizeof(text) - n, "%s",
                                  nest_cases[i].unit);
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s",
                              nest_cases[i].prefix);
        for (size_t j = 0; j < nest_cases[i].count; j++)
            n += (size_t)snprintf(text + n, sizeof(text) - n, "%s",
                                  nest_cases[i].suffix);
        (void)snprintf(text + n, sizeof(text) - n, "%s", class ? "]" : "");
        if ((compile(text, &a, NULL) != NULL) != nest_cases[i].ok)
            fail_msg("case %zu", i);
        gh_arena_reset(&a);
    }
    gh_arena_fini(&a);
}

/* The largest count that Rust takes, and one that is a few per cent larger. */
static const struct {
    const char *unit;
    unsigned most;
} size_cases[] = {
    {"a", 327552},
    {"[acegi]", 100800},
    {"ab", 163776},
    {"(a)", 109216},
    {"a?", 100800},
    {"a*", 145600},
    {".", 10484},
    {"[^/]", 10484},
    {"[^/]+", 10080},
    {"\\w", 209},
    {"\\d", 2046},
    {"\\s", 15416},
    {"\\pL", 244},
    {"\\p{Lu}", 395},
    {"\xc3\xa9", 163776},
    {"[\xc3\xa9-\xc3\xbc]", 79424},
    {"[\\x{100}-\\x{10ffff}]", 11296},
    {"[a\xc3\xa9]", 62400},
};

static void limits_size(void **state)
{
    struct gh_arena a;
    char text[128];

    (void)state;
    gh_arena_init(&a, 256u << 20);
    for (size_t i = 0; i < GH_COUNT(size_cases); i++) {
        unsigned most = size_cases[i].most;

        for (int over = 0; over < 2; over++) {
            (void)snprintf(text, sizeof(text), "(?:%s){%u}", size_cases[i].unit,
                           over ? most + most / 50 + 1 : most - most / 50);
            if ((compile(text, &a, NULL) == NULL) != (over == 1))
                fail_msg("%s", text);
            gh_arena_reset(&a);
        }
    }
    gh_arena_fini(&a);
}

static void stops_in_time(void **state)
{
    enum { LEN = 200000 };
    struct gh_arena a;
    char *text;

    (void)state;
    gh_arena_init(&a, 64u << 20);
    text = gh_arena_alloc(&a, LEN + 1, 1);
    assert_non_null(text);
    memset(text, 'a', LEN);
    text[LEN] = '\0';
    assert_true(spans("(?:a|b)*", text));
    assert_false(spans("(?:a{0,500}|b)*c|a*", text));
    text[1000] = '\0';
    assert_true(spans("(?:a{0,500}|b)*c|a*", text));
    gh_arena_fini(&a);
}

static void needs_memory(void **state)
{
    struct gh_err err = {0};
    struct gh_arena a;
    struct gh_arena small;
    const struct gh_regex *re;

    (void)state;
    gh_arena_init(&a, 1u << 20);
    re = compile("/a/[^/]+", &a, NULL);
    assert_non_null(re);
    for (size_t size = 0; size < 8192; size += 16) {
        gh_arena_init(&small, size);
        (void)compile("(?i)[a-z]é+|\\w{3}", &small, &err);
        (void)gh_regex_spans(re, GH_SLICE("/a/b"), &small);
        gh_arena_fini(&small);
    }
    gh_arena_init(&small, 64);
    assert_null(compile("a", &small, &err));
    assert_string_equal(err.text, "regular expression: too large (byte 1)");
    assert_false(gh_regex_spans(re, GH_SLICE("/a/b"), &small));
    gh_arena_fini(&small);
    gh_arena_fini(&a);
}

static void says_where(void **state)
{
    struct gh_err err = {0};
    struct gh_arena a;

    (void)state;
    gh_arena_init(&a, 1u << 20);
    assert_null(compile("/a(?=b)", &a, &err));
    assert_string_equal(err.text, "regular expression: look-around is not "
                                  "supported (byte 4)");
    assert_null(compile("ab{,3}", &a, &err));
    assert_string_equal(err.text, "regular expression: a repetition needs a "
                                  "number (byte 4)");
    gh_arena_fini(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts),
        cmocka_unit_test(refuses),
        cmocka_unit_test(spans_as_rust_does),
        cmocka_unit_test(never_spans_broken_text),
        cmocka_unit_test(limits_nesting),
        cmocka_unit_test(limits_size),
        cmocka_unit_test(stops_in_time),
        cmocka_unit_test(needs_memory),
        cmocka_unit_test(says_where),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
