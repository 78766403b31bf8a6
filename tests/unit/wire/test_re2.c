/* SPDX-License-Identifier: Apache-2.0 */

/*
 * RE2: what is accepted, what is found
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/re2.h"

#define LABEL "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"

enum answer { REFUSED, NO, YES };

static const struct {
    const char *pattern;
    const char *text;
    enum answer answer;
} cases[] = {
    {LABEL, "a-b", YES},
    {LABEL, "a-", NO},
    {LABEL, "a\n", NO},
    {"b", "abc", YES},
    {"", "", YES},
    {"^$", "", YES},
    {"a$", "a\n", NO},
    {"(?m)a$", "a\nb", YES},
    {"(?m)^$", "a\n", YES},
    {"a.c", "a\nc", NO},
    {"(?s)a.c", "a\nc", YES},
    {"(?i)ABC", "xabcx", YES},
    {"(?i:A)b", "aB", NO},
    {"(?U)a+", "a", YES},
    {"\\d\\w\\s", "1a ", YES},
    {"^\\s$", "\v", NO},
    {"^\\S$", "\v", YES},
    {"^[\\s]$", "\v", NO},
    {"^[\\S]$", "\v", YES},
    {"\\v", "\v", YES},
    {"^\\d$", "\xd9\xa3", NO}, /* an Arabic digit */
    {"^\\w$", "\xc3\xa9", NO},
    {"^.$", "\xc3\xa9", YES},
    {"\\p{Greek}", "\xce\xb1", YES},
    {"\\pL\\PL", "a1", YES},
    {"\\p{Greek", "a", REFUSED},
    {"\\p1", "a", REFUSED},
    {"\\p{Klingon}", "a", REFUSED},
    {"\\x41\\x{42}\\103", "ABC", YES},
    {"\\0", "", NO},
    {"\\x4", "", REFUSED},
    {"\\x{110000}", "", REFUSED},
    {"\\x{}", "", REFUSED},
    {"(a)\\1", "aa", REFUSED},
    {"\\8", "8", REFUSED},
    {"\\Qa.b*\\E+", "a.b**", YES},
    {"\\Qa.b", "axb", NO},
    {"\\E", "", REFUSED},
    {"\\K", "", REFUSED},
    {"\\Z", "", REFUSED},
    {"a\\z", "a", YES},
    {"\\Aa", "ba", NO},
    {"\\bcat\\B", "cats", YES},
    {"[\\b]", "", REFUSED},
    {"\\", "", REFUSED},
    {"\\\xc3\xa9", "", REFUSED},
    {"\\-\\_\\/", "-_/", YES},
    {"a**", "a", REFUSED},
    {"a++", "a", REFUSED},
    {"a*?", "a", YES},
    {"a{2}{3}", "a", REFUSED},
    {"a{2,1}", "a", REFUSED},
    {"a{1001}", "a", REFUSED},
    {"^a{2,}$", "aaa", YES},
    {"^a{,2}$", "a{,2}", YES},
    {"^a{x}$", "a{x}", YES},
    {"^{1}$", "{1}", REFUSED},
    {"*a", "", REFUSED},
    {"a|*", "", REFUSED},
    {"(*ACCEPT)", "", REFUSED},
    {"(?=a)", "a", REFUSED},
    {"(?<!a)", "a", REFUSED},
    {"(?>a)", "a", REFUSED},
    {"(?R)", "a", REFUSED},
    {"(?#x)", "a", REFUSED},
    {"(?x)a b", "ab", REFUSED},
    {"(?P<n>a)(?<m>b)", "ab", YES},
    {"(?P<n>a)(?P<n>b)", "ab", REFUSED},
    {"(?P=n)", "", REFUSED},
    {"(a", "", REFUSED},
    {"a)", "", REFUSED},
    {"[a", "", REFUSED},
    {"[]a]", "]", YES},
    {"[^]a]", "]", NO},
    {"[z-a]", "", REFUSED},
    {"[[:alpha:]-]", "-", YES},
    {"[[:foo:]]", "", REFUSED},
    {"^[[a]$", "[", YES},
    {"[[:^digit:]]", "a", YES},
    {"[%][0-9a-fA-F]{2}", "%2f", YES},
    {"^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$", "/a%zz", NO},
};

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        struct gh_re2_scratch scratch = {NULL, NULL, NULL};
        enum answer answer = REFUSED;
        const struct gh_re2 *re;
        struct gh_arena arena;
        struct gh_err err;

        gh_arena_init(&arena, 1 << 20);
        re = gh_re2_compile(gh_slice_str(cases[i].pattern), &arena, &err);
        if (re)
            answer = gh_re2_search(re, gh_slice_str(cases[i].text), 0, &scratch,
                                   NULL) == GH_OK
                         ? YES
                         : NO;
        else
            assert_true(err.text[0] != '\0');
        if (answer != cases[i].answer)
            print_error("%s on %s\n", cases[i].pattern, cases[i].text);
        assert_int_equal(answer, cases[i].answer);
        gh_re2_scratch_fini(&scratch);
        gh_arena_fini(&arena);
    }
}

/* Expressions that backtrack for ever elsewhere have an answer here. */
static void does_not_explode(void **state)
{
    static const char *const patterns[] = {
        "^(a+)+$", "^(a|a)*$", "^(a*)*b$", "(a|aa)+$", "^(.*)*(.*)*x$",
    };
    char text[256];

    (void)state;
    memset(text, 'a', sizeof(text));
    text[sizeof(text) - 1] = '!';
    for (size_t i = 0; i < GH_COUNT(patterns); i++) {
        struct gh_re2_scratch scratch = {NULL, NULL, NULL};
        const struct gh_re2 *re;
        struct gh_arena arena;

        gh_arena_init(&arena, 1 << 20);
        re = gh_re2_compile(gh_slice_str(patterns[i]), &arena, NULL);
        assert_non_null(re);
        assert_int_equal(gh_re2_search(re, gh_slice_of(text, sizeof(text)), 0,
                                       &scratch, NULL),
                         GH_END);
        gh_re2_scratch_fini(&scratch);
        gh_arena_fini(&arena);
    }
}

static void says_where(void **state)
{
    struct gh_re2_scratch scratch = {NULL, NULL, NULL};
    struct gh_slice text = GH_SLICE("a12b345");
    const struct gh_re2 *re;
    struct gh_re2_hit hit;
    struct gh_arena arena;

    (void)state;
    gh_arena_init(&arena, 1 << 20);
    re = gh_re2_compile(GH_SLICE("[0-9]+"), &arena, NULL);
    assert_int_equal(gh_re2_search(re, text, 0, &scratch, &hit), GH_OK);
    assert_int_equal(hit.start, 1);
    assert_int_equal(hit.end, 3);
    assert_int_equal(gh_re2_search(re, text, 3, &scratch, &hit), GH_OK);
    assert_int_equal(hit.start, 4);
    assert_int_equal(gh_re2_search(re, text, 7, &scratch, &hit), GH_END);
    assert_int_equal(gh_re2_search(re, GH_SLICE("\xff"), 0, &scratch, NULL),
                     GH_EPROTO);
    gh_re2_scratch_fini(&scratch);
    gh_arena_fini(&arena);
}

static void is_bounded(void **state)
{
    static char text[20000];
    struct gh_arena arena;
    struct gh_err err;

    (void)state;
    memset(text, 'a', sizeof(text));
    gh_arena_init(&arena, 1 << 20);
    assert_null(gh_re2_compile(gh_slice_of(text, sizeof(text)), &arena, &err));
    assert_string_equal(err.text, "too large");
    assert_non_null(gh_re2_compile(gh_slice_of(text, 16384), &arena, &err));
    memset(text, '(', sizeof(text));
    assert_null(gh_re2_compile(gh_slice_of(text, 300), &arena, &err));
    gh_arena_fini(&arena);
    gh_arena_init(&arena, 64);
    assert_null(gh_re2_compile(GH_SLICE("abc"), &arena, &err));
    gh_arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(does_not_explode),
        cmocka_unit_test(says_where),
        cmocka_unit_test(is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
