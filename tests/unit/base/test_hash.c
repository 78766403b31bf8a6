/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/hash.h"

/* SipHash-1-3 under the key 0, as CPython 3.11 has it. */
static void known_hashes(void **state)
{
    static const struct {
        struct gh_slice text;
        uint64_t hash;
    } cases[] = {
        {{"a", 1}, 0x407448d2b89b1813},
        {{"abcdefg", 7}, 0x6db12aae9070f506},
        {{"abcdefgh", 8}, 0x3f7b849c0b8e35ea},
        {{"0123456789abcdef!", 17}, 0x9463628f6c8882ca},
    };
    struct gh_hash_key zero = {0, 0};

    (void)state;
    for (size_t i = 0; i < GH_COUNT(cases); i++)
        assert_true(gh_hash(zero, cases[i].text) == cases[i].hash);
}

static void keys_differ(void **state)
{
    struct gh_hash_key one = gh_hash_key_new();
    struct gh_hash_key other = gh_hash_key_new();

    (void)state;
    assert_true(gh_hash(one, GH_SLICE("a")) == gh_hash(one, GH_SLICE("a")));
    assert_true(gh_hash(one, GH_SLICE("a")) != gh_hash(other, GH_SLICE("a")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_hashes),
        cmocka_unit_test(keys_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
