/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/buf.h"

static void grows_up_to_its_limit(void **state)
{
    struct gh_buf b;

    (void)state;
    gh_buf_init(&b, 200);
    for (int i = 0; i < 200; i++)
        assert_int_equal(gh_buf_addc(&b, (char)('a' + i % 26)), GH_OK);
    assert_int_equal(b.len, 200);
    assert_int_equal(gh_buf_addc(&b, 'x'), GH_ETOOBIG);
    assert_int_equal(b.len, 200);
    assert_int_equal(b.ptr[199], 'a' + 199 % 26);
    gh_buf_fini(&b);
}

static void failure_sticks_until_cleared(void **state)
{
    struct gh_buf b;

    (void)state;
    gh_buf_init(&b, 4);
    assert_int_equal(gh_buf_add(&b, GH_SLICE("abc")), GH_OK);
    assert_int_equal(gh_buf_add(&b, GH_SLICE("de")), GH_ETOOBIG);
    assert_int_equal(gh_buf_addc(&b, 'd'), GH_ETOOBIG);
    assert_int_equal(gh_buf_add(&b, GH_SLICE("")), GH_ETOOBIG);
    assert_int_equal(gh_buf_addf(&b, "%d", 1), GH_ETOOBIG);
    assert_int_equal(gh_buf_rc(&b), GH_ETOOBIG);
    assert_true(gh_slice_is(gh_buf_slice(&b), "abc"));
    gh_buf_clear(&b);
    assert_int_equal(gh_buf_rc(&b), GH_OK);
    assert_int_equal(gh_buf_add(&b, GH_SLICE("wxyz")), GH_OK);
    assert_true(gh_slice_is(gh_buf_slice(&b), "wxyz"));
    gh_buf_fini(&b);
}

/* Around the size at which formatting goes straight into the buffer, and at
 * the very limit: the NUL that formatting writes does not count. */
static void formats_any_length(void **state)
{
    char text[600];

    (void)state;
    memset(text, 'x', sizeof(text));
    for (size_t n = 0; n < sizeof(text); n++) {
        struct gh_buf b;

        gh_buf_init(&b, n + 2);
        assert_int_equal(gh_buf_addf(&b, "<%.*s>", (int)n, text), GH_OK);
        assert_int_equal(b.len, n + 2);
        assert_int_equal(b.ptr[0], '<');
        assert_int_equal(b.ptr[n + 1], '>');
        gh_buf_fini(&b);

        gh_buf_init(&b, n + 1);
        assert_int_equal(gh_buf_addf(&b, "<%.*s>", (int)n, text), GH_ETOOBIG);
        assert_int_equal(b.len, 0);
        gh_buf_fini(&b);
    }
}

static void drops_from_the_front(void **state)
{
    struct gh_buf b;

    (void)state;
    gh_buf_init(&b, 100);
    assert_int_equal(gh_buf_add(&b, GH_SLICE("one two")), GH_OK);
    gh_buf_drop(&b, 0);
    gh_buf_drop(&b, 4);
    assert_true(gh_slice_is(gh_buf_slice(&b), "two"));
    gh_buf_drop(&b, 3);
    assert_true(gh_slice_is(gh_buf_slice(&b), ""));
    gh_buf_fini(&b);
}

static void reserves_for_the_caller(void **state)
{
    struct gh_buf b;

    (void)state;
    gh_buf_init(&b, 1000);
    assert_true(gh_slice_is(gh_buf_slice(&b), ""));
    assert_int_equal(gh_buf_reserve(&b, 1000), GH_OK);
    memset(b.ptr, 'y', 1000);
    b.len = 1000;
    assert_int_equal(gh_buf_reserve(&b, 0), GH_OK);
    assert_int_equal(gh_buf_reserve(&b, SIZE_MAX), GH_ETOOBIG);
    gh_buf_fini(&b);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_up_to_its_limit),
        cmocka_unit_test(failure_sticks_until_cleared),
        cmocka_unit_test(formats_any_length),
        cmocka_unit_test(drops_from_the_front),
        cmocka_unit_test(reserves_for_the_caller),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
