/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/mem.h"
#include "base/num.h"

static void parses_decimals(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        uint64_t value;
    } cases[] = {
        {"0", true, 0},
        {"007", true, 7},
        {"65535", true, 65535},
        {"18446744073709551615", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"99999999999999999999", false, 0},
        {"", false, 0},
        {"-1", false, 0},
        {"+1", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"0x1", false, 0},
        {"/", false, 0},
        {":", false, 0},
        {"\xb1", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        uint64_t value = 4711;

        assert_int_equal(gh_u64_parse(gh_slice_str(cases[i].text), &value),
                         cases[i].ok);
        assert_int_equal(value, cases[i].ok ? cases[i].value : 4711);
    }
}

static void sizes_do_not_wrap(void **state)
{
    size_t got = 1;

    (void)state;
    assert_false(gh_size_add(SIZE_MAX, 1, &got));
    assert_false(gh_size_mul(SIZE_MAX / 2, 3, &got));
    assert_int_equal(got, 1);
    assert_true(gh_size_add(SIZE_MAX - 1, 1, &got));
    assert_true(gh_size_mul(SIZE_MAX, 1, &got));
}

static void vectors_grow(void **state)
{
    GH_VEC(int) v = {0};
    GH_CLEANUP(gh_free_str) char *text = gh_xstrdup(GH_SLICE("text"));

    (void)state;
    for (int i = 0; i < 1000; i++)
        GH_VEC_PUSH(&v, i);
    assert_int_equal(v.count, 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(v.at[i], i);
    GH_VEC_FREE(&v);
    assert_null(v.at);
    assert_int_equal(v.count, 0);
    assert_string_equal(text, "text");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_decimals),
        cmocka_unit_test(sizes_do_not_wrap),
        cmocka_unit_test(vectors_grow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
