/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"
#include "base/hash.h"
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
    struct gh_hash_key a = gh_hash_key_new();
    struct gh_hash_key b = gh_hash_key_new();

    (void)state;
    assert_memory_not_equal(&a, &b, sizeof(a));
    assert_true(gh_hash(a, GH_SLICE("x")) != gh_hash(b, GH_SLICE("x")));
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
        cmocka_unit_test(hashes_every_byte),
        cmocka_unit_test(keys_differ),
        cmocka_unit_test(vectors_grow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
