/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/attr.h"
#include "wire/digest.h"

/* Vectors of FIPS 180-2; one digest serves them all, in any order. */
static void test_vectors(void **state)
{
    static const struct {
        const char *text;
        const char *hex;
    } cases[] = {
        {"abc", "ba7816bf8f01cfea414140de5dae2223"
                "b00361a396177a9cb410ff61f20015ad"},
        {"", "e3b0c44298fc1c149afbf4c8996fb924"
             "27ae41e4649b934ca495991b7852b855"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223"
                "b00361a396177a9cb410ff61f20015ad"},
    };
    struct gh_digest *d = gh_digest_new();

    (void)state;
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        uint8_t hash[GH_SHA256_BYTES];
        char hex[2 * GH_SHA256_BYTES + 1];

        gh_digest_sha256(d, gh_slice_str(cases[i].text), hash);
        for (size_t j = 0; j < GH_SHA256_BYTES; j++)
            (void)snprintf(hex + 2 * j, 3, "%02x", hash[j]);
        assert_string_equal(hex, cases[i].hex);
    }
    assert_null(gh_digest_free(d));
    assert_null(gh_digest_free(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
