/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/slice.h"

static void compares_bytes(void **state)
{
    static const struct {
        const char *a;
        const char *b;
        int order;
    } cases[] = {
        {"", "", 0},    {"", "a", -1},   {"a", "", 1},    {"a", "a", 0},
        {"a", "b", -1}, {"a", "aa", -1}, {"ab", "aa", 1}, {"\xff", "a", 1},
    };

    (void)state;
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        struct gh_slice a = gh_slice_str(cases[i].a);
        struct gh_slice b = gh_slice_str(cases[i].b);
        int got = gh_slice_cmp(a, b);

        assert_int_equal((got > 0) - (got < 0), cases[i].order);
        assert_int_equal(gh_slice_eq(a, b), cases[i].order == 0);
        assert_int_equal(gh_slice_is(a, cases[i].b), cases[i].order == 0);
    }
}

static void compares_without_case(void **state)
{
    (void)state;
    assert_true(
        gh_slice_eq_nocase(GH_SLICE("HTTPRoute"), GH_SLICE("httproute")));
    assert_false(gh_slice_eq_nocase(GH_SLICE("ab"), GH_SLICE("abc")));
    assert_true(gh_slice_eq_nocase(GH_SLICE("AZaz"), GH_SLICE("azAZ")));
    assert_false(gh_slice_eq_nocase(GH_SLICE("abc"), GH_SLICE("abd")));
    assert_false(gh_slice_eq_nocase(GH_SLICE("[z"), GH_SLICE("{z")));
    assert_false(gh_slice_eq_nocase(GH_SLICE("@"), GH_SLICE("`")));
}

static void starts_and_ends(void **state)
{
    struct gh_slice s = GH_SLICE("mesh://workloads");

    (void)state;
    assert_true(gh_slice_starts(s, GH_SLICE("mesh:")));
    assert_true(gh_slice_starts(s, GH_SLICE("")));
    assert_true(gh_slice_starts(s, s));
    assert_false(gh_slice_starts(GH_SLICE("me"), GH_SLICE("mesh")));
    assert_true(gh_slice_ends(s, GH_SLICE("loads")));
    assert_false(gh_slice_ends(s, GH_SLICE("load")));
    assert_false(gh_slice_ends(GH_SLICE("ads"), GH_SLICE("loads")));
}

static void absent_is_not_empty(void **state)
{
    struct gh_slice absent = gh_slice_str(NULL);

    (void)state;
    assert_null(absent.ptr);
    assert_non_null(GH_SLICE("").ptr);
    assert_true(gh_slice_eq(absent, GH_SLICE("")));
    assert_true(gh_slice_is(absent, ""));
    assert_false(gh_slice_is(absent, "x"));
    assert_int_equal(gh_slice_find(absent, 'x'), 0);
    assert_int_equal(gh_slice_trim(absent).len, 0);
}

static void cuts_parts(void **state)
{
    static const struct {
        const char *text;
        const char *parts[5];
    } cases[] = {
        {"", {""}},
        {"a", {"a"}},
        {",", {"", ""}},
        {"a,b", {"a", "b"}},
        {"a,,b", {"a", "", "b"}},
        {"a,", {"a", ""}},
    };

    (void)state;
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        struct gh_slice rest = gh_slice_str(cases[i].text);
        struct gh_slice part;
        size_t n = 0;

        while (gh_slice_cut(&rest, ',', &part)) {
            assert_non_null(cases[i].parts[n]);
            assert_true(gh_slice_is(part, cases[i].parts[n]));
            n++;
        }
        assert_null(cases[i].parts[n]);
    }
}

static void trims_and_takes(void **state)
{
    (void)state;
    assert_true(gh_slice_is(gh_slice_trim(GH_SLICE(" \t a b\r\n")), "a b"));
    assert_true(gh_slice_is(gh_slice_trim(GH_SLICE(" \n ")), ""));
    assert_true(gh_slice_is(gh_slice_head(GH_SLICE("abc"), 2), "ab"));
    assert_true(gh_slice_is(gh_slice_head(GH_SLICE("abc"), 9), "abc"));
    assert_true(gh_slice_is(gh_slice_drop(GH_SLICE("abc"), 3), ""));
    assert_int_equal(gh_slice_find(GH_SLICE("abcb"), 'b'), 1);
    assert_int_equal(gh_slice_find(GH_SLICE("abc"), 'x'), 3);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares_bytes),
        cmocka_unit_test(compares_without_case),
        cmocka_unit_test(starts_and_ends),
        cmocka_unit_test(absent_is_not_empty),
        cmocka_unit_test(cuts_parts),
        cmocka_unit_test(trims_and_takes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
