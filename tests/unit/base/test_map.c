/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/map.h"

#define NAMES 2000

struct name {
    char text[16];
    bool in;
};

static struct gh_slice slice_of(const struct name *n)
{
    return gh_slice_str(n->text);
}

static struct name *make_names(void)
{
    struct name *names = test_calloc(NAMES, sizeof(*names));

    for (int i = 0; i < NAMES; i++)
        (void)snprintf(names[i].text, sizeof(names[i].text), "n%d", i);
    return names;
}

static size_t count_in(const struct name *names)
{
    size_t n = 0;

    for (int i = 0; i < NAMES; i++)
        n += names[i].in;
    return n;
}

/* What is in is found, what is not is not, and iterating meets each once. */
static void check(const struct gh_map *m, struct name *names)
{
    struct gh_map_entry *e;
    size_t seen = 0;
    size_t it = 0;

    for (int i = 0; i < NAMES; i++)
        assert_ptr_equal(gh_map_get(m, slice_of(&names[i])),
                         names[i].in ? &names[i] : NULL);
    while ((e = gh_map_next(m, &it))) {
        assert_true(((struct name *)e->value)->in);
        seen++;
    }
    assert_int_equal(seen, count_in(names));
    assert_int_equal(m->count, seen);
}

/* A long walk of additions and removals, so that removed places pile up. */
static void holds_what_was_put(void **state)
{
    struct name *names = make_names();
    struct gh_map m;
    uint32_t dice = 1;

    (void)state;
    gh_map_init(&m);
    assert_null(gh_map_get(&m, GH_SLICE("n1")));
    assert_null(gh_map_del(&m, GH_SLICE("n1")));
    for (int round = 0; round < 40; round++) {
        for (int i = 0; i < 1000; i++) {
            struct name *n;

            dice = dice * 1664525u + 1013904223u;
            n = &names[(dice >> 8) % NAMES];
            if (dice >> 31)
                assert_ptr_equal(gh_map_put(&m, slice_of(n), n),
                                 n->in ? n : NULL);
            else
                assert_ptr_equal(gh_map_del(&m, slice_of(n)), n->in ? n : NULL);
            n->in = dice >> 31;
        }
        check(&m, names);
        assert_true(m.cap < 8 * NAMES);
    }
    gh_map_clear(&m);
    for (int i = 0; i < NAMES; i++)
        names[i].in = false;
    check(&m, names);
    gh_map_fini(&m);
    test_free(names);
}

static void replaces(void **state)
{
    struct gh_map m;
    char same[] = "key";
    int one = 1;
    int two = 2;

    (void)state;
    gh_map_init(&m);
    assert_null(gh_map_put(&m, GH_SLICE("key"), &one));
    assert_ptr_equal(gh_map_put(&m, gh_slice_str(same), &two), &one);
    assert_int_equal(m.count, 1);
    assert_ptr_equal(gh_map_get(&m, GH_SLICE("key")), &two);
    assert_null(gh_map_put(&m, GH_SLICE(""), &one)); /* empty is a key */
    assert_ptr_equal(gh_map_get(&m, GH_SLICE("")), &one);
    assert_ptr_equal(gh_map_del(&m, GH_SLICE("")), &one);
    assert_null(gh_map_get(&m, GH_SLICE("")));
    gh_map_fini(&m);
}

static void may_lose_the_entry_just_met(void **state)
{
    struct name *names = make_names();
    struct gh_map_entry *e;
    struct gh_map m;
    size_t it = 0;
    size_t met = 0;

    (void)state;
    gh_map_init(&m);
    for (int i = 0; i < 100; i++)
        assert_null(gh_map_put(&m, slice_of(&names[i]), &names[i]));
    while ((e = gh_map_next(&m, &it))) {
        met++;
        assert_non_null(gh_map_del(&m, e->key));
    }
    assert_int_equal(met, 100);
    assert_int_equal(m.count, 0);
    gh_map_fini(&m);
    test_free(names);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_what_was_put),
        cmocka_unit_test(replaces),
        cmocka_unit_test(may_lose_the_entry_just_met),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
