/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"

static void aligns(void **state)
{
    struct gh_arena a;

    (void)state;
    gh_arena_init(&a, 1 << 20);
    for (size_t align = 1; align <= 16; align *= 2) {
        for (size_t size = 0; size < 40; size++) {
            char *at = gh_arena_alloc(&a, size, align);

            assert_non_null(at);
            assert_int_equal((uintptr_t)at % align, 0);
            memset(at, 0x5a, size);
        }
    }
    gh_arena_fini(&a);
}

static void never_passes_its_cap(void **state)
{
    struct gh_arena a;
    size_t got = 0;

    (void)state;
    gh_arena_init(&a, 100000);
    while (gh_arena_alloc(&a, 100, 1)) {
        got += 100;
        assert_true(a.used_bytes <= 100000);
    }
    assert_true(got > 90000);
    assert_null(gh_arena_alloc(&a, SIZE_MAX, 1));
    assert_null(gh_arena_calloc(&a, SIZE_MAX / 2, 3, 1));
    assert_null(gh_arena_dup(&a, gh_slice_of("x", 100001 - 1)).ptr);
    gh_arena_fini(&a);
    assert_int_equal(a.used_bytes, 0);
}

static void reset_keeps_one_chunk(void **state)
{
    struct gh_arena a;
    size_t kept;

    (void)state;
    gh_arena_init(&a, 1 << 20);
    gh_arena_reset(&a);
    for (int i = 0; i < 1000; i++)
        assert_non_null(gh_arena_alloc(&a, 100, 8));
    gh_arena_reset(&a);
    kept = a.used_bytes;
    assert_true(kept > 0 && kept < 200000);
    for (int round = 0; round < 100; round++) {
        assert_non_null(gh_arena_alloc(&a, 1000, 8));
        gh_arena_reset(&a);
    }
    assert_int_equal(a.used_bytes, kept);
    gh_arena_fini(&a);
}

static const char digits[] = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9'};

static void grows_in_place_or_moves(void **state)
{
    struct gh_arena a;
    char *first;
    char *second;
    char *moved;

    (void)state;
    gh_arena_init(&a, 1 << 20);
    first = gh_arena_grow(&a, NULL, 0, 10, 1);
    assert_non_null(first);
    memcpy(first, digits, sizeof(digits));
    assert_ptr_equal(gh_arena_grow(&a, first, 10, 20, 1), first);
    second = gh_arena_alloc(&a, 1, 1);
    assert_ptr_equal(second, first + 20);
    moved = gh_arena_grow(&a, first, 20, 30, 1);
    assert_true(moved != first);
    assert_memory_equal(moved, digits, sizeof(digits));
    moved = gh_arena_grow(&a, moved, 30, 10000, 1); /* past the chunk */
    assert_memory_equal(moved, digits, sizeof(digits));
    gh_arena_fini(&a);
}

static void trims_the_last_one(void **state)
{
    struct gh_arena a;
    char *first;
    char *second;

    (void)state;
    gh_arena_init(&a, 1 << 20);
    first = gh_arena_alloc(&a, 100, 1);
    gh_arena_trim(&a, first, 100, 10);
    second = gh_arena_alloc(&a, 10, 1);
    assert_ptr_equal(second, first + 10);
    gh_arena_trim(&a, first, 10, 0); /* not the last: nothing happens */
    assert_ptr_equal(gh_arena_alloc(&a, 1, 1), second + 10);
    gh_arena_fini(&a);
}

static void uses_chunks_to_the_end(void **state)
{
    struct gh_arena a;
    size_t before;
    char *first;

    (void)state;
    gh_arena_init(&a, 1 << 20);
    first = gh_arena_alloc(&a, 1, 1);
    before = a.used_bytes;
    assert_ptr_equal(gh_arena_alloc(&a, 4094, 1), first + 1);
    first = gh_arena_alloc(&a, 1, 1);
    assert_int_equal(a.used_bytes, before);
    assert_non_null(gh_arena_grow(&a, first, 1, 2, 1));
    assert_true(a.used_bytes > before);
    gh_arena_fini(&a);
}

static void copies_text(void **state)
{
    struct gh_arena a;
    struct gh_slice s;
    const int *zeros;

    (void)state;
    gh_arena_init(&a, 1 << 20);
    s = gh_arena_dup(&a, GH_SLICE("a\0b"));
    assert_int_equal(s.len, 3);
    assert_memory_equal(s.ptr, "a\0b", 4);
    s = gh_arena_dup(&a, gh_slice_str(NULL));
    assert_int_equal(s.len, 0);
    assert_int_equal(s.ptr[0], '\0');
    s = gh_arena_fmt(&a, "%s:%d", "x", 42);
    assert_string_equal(s.ptr, "x:42");
    assert_int_equal(s.len, 4);
    zeros = GH_ARENA_ARRAY(&a, int, 100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(zeros[i], 0);
    gh_arena_fini(&a);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(aligns),
        cmocka_unit_test(never_passes_its_cap),
        cmocka_unit_test(reset_keeps_one_chunk),
        cmocka_unit_test(grows_in_place_or_moves),
        cmocka_unit_test(trims_the_last_one),
        cmocka_unit_test(uses_chunks_to_the_end),
        cmocka_unit_test(copies_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
