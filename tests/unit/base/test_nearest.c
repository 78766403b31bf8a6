/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/nearest.h"

static void offers_slips_of_the_hand(void **state)
{
    static const struct {
        const char *wanted;
        const char *names[5];
        const char *best; /* NULL: none is near */
    } cases[] = {
        {"htpp", {"http", "https", "grpc"}, "http"},
        {"chekout", {"cart", "checkout", "catalog"}, "checkout"},
        {"CART", {"catalog", "cart"}, "cart"},
        {"shop/web", {"shop/api", "shop/web2"}, "shop/web2"},
        {"payments", {"cards", "web"}, NULL},
        {"x", {"y"}, NULL},
        {"a", {"ab"}, "ab"},
        {"", {"a"}, NULL},
        {"abcdef", {"", "abcdeg"}, "abcdeg"},
        {"abcd", {"abdc", "abce"}, "abdc"}, /* the first of equals */
    };

    (void)state;
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        struct gh_nearest n;

        gh_nearest_init(&n, gh_slice_str(cases[i].wanted));
        for (size_t j = 0; cases[i].names[j]; j++)
            gh_nearest_offer(&n, gh_slice_str(cases[i].names[j]));
        if (cases[i].best)
            assert_true(gh_slice_is(n.best, cases[i].best));
        else
            assert_null(n.best.ptr);
    }
}

static void counts_slips(void **state)
{
    static const struct {
        const char *wanted;
        const char *name;
        size_t distance;
    } cases[] = {
        {"AZ-x-AZ", "az-x-az", 0},  {"abcdefg", "abdcefg", 1},
        {"abcdefg", "bacdegf", 2},  {"abcdefg", "abcdef", 1},
        {"abcdefg", "xabcdefg", 1}, {"abcdefgh", "abxdexgh", 2},
    };

    (void)state;
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        struct gh_nearest n;

        gh_nearest_init(&n, gh_slice_str(cases[i].wanted));
        gh_nearest_offer(&n, gh_slice_str(cases[i].name));
        assert_non_null(n.best.ptr);
        assert_int_equal(n.distance, cases[i].distance);
    }
}

static void stands_long_names(void **state)
{
    static const char text[] =
        "a-name-much-longer-than-anything-that-kubernetes-would-take-for-a-name"
        "-and-then-some";
    struct gh_nearest n;

    (void)state;
    gh_nearest_init(&n, gh_slice_str(text));
    gh_nearest_offer(&n, gh_slice_str(text));
    gh_nearest_offer(&n, gh_slice_of(text, 64));
    assert_int_equal(n.best.len, 64);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(offers_slips_of_the_hand),
        cmocka_unit_test(counts_slips),
        cmocka_unit_test(stands_long_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
