/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tools/join.h"
#include "tools/table.h"

static void expect_text(struct gh_buf *out, const char *expected)
{
    gh_buf_addc(out, '\0');
    assert_string_equal(out->ptr, expected);
    gh_buf_clear(out);
}

static void test_table(void **state)
{
    static const char *const heads[] = {"A", "LONG", "LAST", NULL};
    struct gh_arena a;
    struct gh_table t;
    struct gh_buf out;

    (void)state;
    gh_arena_init(&a, 1 << 20);
    gh_buf_init(&out, 1 << 16);
    gh_table_init(&t, &a, heads);
    gh_table_write(&t, &out);
    expect_text(&out, "");
    gh_table_text(&t, "wide cell");
    gh_table_number(&t, 7);
    gh_table_text(&t, "a\nb");
    gh_table_text(&t, "é");
    gh_table_cell(&t, (struct gh_slice){0});
    gh_table_text(&t, "");
    gh_table_write(&t, &out);
    expect_text(&out, "A          LONG  LAST\n"
                      "wide cell  7     a b\n"
                      "é          -     -\n");
    gh_buf_fini(&out);
    gh_arena_fini(&a);
}

/* More cells than the first room holds. */
static void test_many_rows(void **state)
{
    static const char *const heads[] = {"N", NULL};
    struct gh_arena a;
    struct gh_table t;
    struct gh_buf out;
    size_t lines = 0;

    (void)state;
    gh_arena_init(&a, 1 << 20);
    gh_buf_init(&out, 1 << 16);
    gh_table_init(&t, &a, heads);
    for (size_t i = 0; i < 1000; i++)
        gh_table_number(&t, i);
    gh_table_write(&t, &out);
    for (size_t i = 0; i < out.len; i++)
        lines += out.ptr[i] == '\n';
    assert_int_equal(lines, 1001);
    gh_buf_fini(&out);
    gh_arena_fini(&a);
}

static void test_join(void **state)
{
    static const char *const parts[] = {"a", "b", "c", "d"};
    static const char *const expected[] = {"", "a", "a, b", "a, b and 1 more",
                                           "a, b and 2 more"};
    struct gh_arena a;

    (void)state;
    gh_arena_init(&a, 1 << 20);
    for (size_t n = 0; n <= 4; n++) {
        struct gh_join j;

        gh_join_init(&j, &a, ", ", 2);
        for (size_t i = 0; i < n; i++)
            gh_join_add(&j, gh_slice_str(parts[i]));
        assert_true(gh_slice_is(gh_join_text(&j), expected[n]));
    }
    gh_arena_fini(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_many_rows),
        cmocka_unit_test(test_join),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
