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

/* SipHash-1-3 of 00 01 02 ... under the key 00 01 ... 0f, computed once by the
 * reference algorithm, at every length around a word's end. */
static void hashes_every_byte(void **state)
{
    const struct gh_hash_key key = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};
    char text[64];
    uint64_t seen[65];

    (void)state;
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)i;
    for (size_t n = 0; n <= sizeof(text); n++) {
        seen[n] = gh_hash(key, gh_slice_of(text, n));
        for (size_t m = 0; m < n; m++)
            assert_true(seen[n] != seen[m]);
    }
    for (size_t i = 0; i < sizeof(text); i++) {
        text[i] ^= 1;
        assert_true(gh_hash(key, gh_slice_of(text, sizeof(text))) != seen[64]);
        text[i] ^= 1;
    }
    assert_int_equal(gh_hash(key, gh_slice_of(text, sizeof(text))), seen[64]);
    assert_int_equal(seen[0], 0xabac0158050fc4dcu);
    assert_int_equal(seen[7], 0xd3927d989bb11140u);
    assert_int_equal(seen[8], 0x369095118d299a8eu);
    assert_int_equal(seen[63], 0x9d199062b7bbb3a8u);
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
        cmocka_unit_test(hashes_every_byte),
        cmocka_unit_test(keys_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
