/* SPDX-License-Identifier: Apache-2.0 */
#include <float.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "wire/json_internal.h"
#include "wire/json_write.h"

/*
 * Canonical form (RFC 8785) and what it rests on: numbers in the form of
 * ECMAScript, and names in the order of UTF-16.
 */

static void numbers(void **state)
{
    /* Bits of a double and its text: RFC 8785, appendix B. */
    static const struct {
        uint64_t bits;
        const char *text;
    } cases[] = {
        {0x0000000000000000, "0"},
        {0x8000000000000000, "0"},
        {0x0000000000000001, "5e-324"},
        {0x8000000000000001, "-5e-324"},
        {0x7fefffffffffffff, "1.7976931348623157e+308"},
        {0xffefffffffffffff, "-1.7976931348623157e+308"},
        {0x4340000000000000, "9007199254740992"},
        {0xc340000000000000, "-9007199254740992"},
        {0x4430000000000000, "295147905179352830000"},
        {0x44b52d02c7e14af5, "9.999999999999997e+22"},
        {0x44b52d02c7e14af6, "1e+23"},
        {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
        {0x444b1ae4d6e2ef4e, "999999999999999700000"},
        {0x444b1ae4d6e2ef4f, "999999999999999900000"},
        {0x444b1ae4d6e2ef50, "1e+21"},
        {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
        {0x3eb0c6f7a0b5ed8d, "0.000001"},
        {0x41b3de4355555553, "333333333.3333332"},
        {0x41b3de4355555554, "333333333.33333325"},
        {0x41b3de4355555555, "333333333.3333333"},
        {0x41b3de4355555556, "333333333.3333334"},
        {0x41b3de4355555557, "333333333.33333343"},
        {0xbecbf647612f3696, "-0.0000033333333333333333"},
        {0x43143ff3c1cb0959, "1424953923781206.2"},
        {0x7ff0000000000000, "null"},
        {0x7fffffffffffffff, "null"},
        /* the nearest of 16 digits does not give these powers of two back */
        {0x3d30000000000000, "5.684341886080802e-14"},
        {0x0010000000000000, "2.2250738585072014e-308"},
        {0x000fffffffffffff, "2.225073858507201e-308"},
        {0x3ff0000000000000, "1"},
        {0x3fb999999999999a, "0.1"},
        {0xc00599999999999a, "-2.7"},
    };
    char text[GH_JSON_F64_SIZE];

    (void)state;
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        double value;

        memcpy(&value, &cases[i].bits, sizeof(value));
        assert_int_equal(gh_json_format_f64(value, text),
                         strlen(cases[i].text));
        assert_string_equal(text, cases[i].text);
    }
}

static uint64_t next_random(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

/* Digits without zeros at either end. */
static int digit_count(const char *text)
{
    int n = 0;
    int significant = 0;

    for (; *text && *text != 'e'; text++) {
        n += *text >= '0' && *text <= '9' && (n > 0 || *text != '0');
        if (*text >= '1' && *text <= '9')
            significant = n;
    }
    return significant;
}

/* Any double comes back, and none of 10,000 is written with too many digits. */
static void shortest_round_trip(void **state)
{
    uint64_t x = 88172645463325252u;

    (void)state;
    for (int i = 0; i < 10000; i++) {
        uint64_t bits = next_random(&x);
        char text[GH_JSON_F64_SIZE];
        char shorter[64];
        double value;
        int count;

        bits = i % 4 ? bits : bits & 0xfff0000000000000u; /* powers of two */
        memcpy(&value, &bits, sizeof(value));
        (void)gh_json_format_f64(value, text);
        count = digit_count(text);
        if (strcmp(text, "null") == 0 || count == 0)
            continue;
        assert_true(strtod(text, NULL) == value);
        if (count == 1)
            continue;
        (void)snprintf(shorter, sizeof(shorter), "%.*e", count - 2, value);
        if (strtod(shorter, NULL) == value)
            fail_msg("%s could be %s", text, shorter);
    }
}

static void check(const char *text, const char *expected)
{
    struct gh_json_options opt = {.duplicates = GH_JSON_DUP_LAST};
    struct gh_arena arena;
    struct gh_buf out;
    struct gh_json_doc doc;
    struct gh_err err = {0};

    gh_arena_init(&arena, 1u << 20);
    gh_buf_init(&out, 1u << 16);
    if (gh_json_parse(gh_slice_str(text), &arena, &opt, &doc, &err) != GH_OK)
        fail_msg("%s: %s", text, err.text);
    assert_int_equal(gh_json_canonical(gh_json_root(&doc), &arena, &out),
                     GH_OK);
    (void)gh_buf_addc(&out, '\0');
    assert_string_equal(out.ptr, expected);
    gh_buf_fini(&out);
    gh_arena_fini(&arena);
}

static void documents(void **state)
{
    static const char *const cases[][2] = {
        {" null ", "null"},
        {"[ ]", "[]"},
        {"{ }", "{}"},
        {"[56.0,1e2,0.1E1,-0,-0.0,1E400,12345678901234567890]",
         "[56,100,1,0,0,1E400,12345678901234567000]"},
        /* RFC 8785, 3.2.2 */
        {"{\"numbers\":[333333333.33333329,1E30,4.50,2e-3,"
         "0.000000000000000000000000001],\"string\":\"\\u20ac$\\u000F\\u000aA'"
         "\\u0042\\u0022\\u005c\\\\\\\"\\/\",\"literals\":[null,true,false]}",
         "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,"
         "4.5,0.002,1e-27],\"string\":\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\"
         "\\\"/\"}"},
        /* RFC 8785, 3.2.3: by UTF-16, so U+1F600 before U+FB33 */
        {"{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\","
         "\"\\ufb33\":\"Hebrew Letter Dalet With Dagesh\",\"1\":\"One\","
         "\"\\ud83d\\ude00\":\"Emoji\",\"\\u0080\":\"Control\","
         "\"\\u00f6\":\"Latin\"}",
         "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\","
         "\"\xc3\xb6\":\"Latin\",\"\xe2\x82\xac\":\"Euro Sign\","
         "\"\xf0\x9f\x98\x80\":\"Emoji\",\"\xef\xac\xb3\":\"Hebrew Letter "
         "Dalet "
         "With Dagesh\"}"},
        {"{\"b\":{\"y\":1,\"x\":[{\"q\":1,\"p\":2}]},\"a\":2,\"\":0,\"aa\":3}",
         "{\"\":0,\"a\":2,\"aa\":3,\"b\":{\"x\":[{\"p\":2,\"q\":1}],\"y\":1}}"},
        {"{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}"},
        {"\"\\/\\u007f\\b\\f\\n\\r\\t\\u0000\\u001f\"",
         "\"/\x7f\\b\\f\\n\\r\\t\\u0000\\u001f\""},
    };

    (void)state;
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        check(cases[i][0], cases[i][1]);
        check(cases[i][1], cases[i][1]);
    }
}

/* Numbers must not depend on where the locale puts a comma. */
static void any_locale(void **state)
{
    (void)state;
    if (!setlocale(LC_NUMERIC, "de_DE.UTF-8") &&
        !setlocale(LC_NUMERIC, "fr_FR.UTF-8")) {
        print_message("left out: no locale with a decimal comma\n");
        skip();
    }
    check("[1.5,2.5e-7]", "[1.5,2.5e-7]");
    (void)setlocale(LC_NUMERIC, "C");
}

static void limits(void **state)
{
    struct gh_arena arena;
    struct gh_buf out;
    struct gh_json_doc doc;

    (void)state;
    gh_arena_init(&arena, 1u << 20);
    gh_buf_init(&out, 5);
    assert_int_equal(
        gh_json_parse(GH_SLICE("{\"b\":1,\"a\":2}"), &arena, NULL, &doc, NULL),
        GH_OK);
    assert_int_equal(gh_json_canonical(gh_json_root(&doc), &arena, &out),
                     GH_ETOOBIG);
    gh_buf_clear(&out);
    assert_int_equal(gh_json_canonical(GH_JSON_NONE, &arena, &out), GH_OK);
    assert_true(gh_slice_is(gh_buf_slice(&out), "null"));
    gh_buf_fini(&out);
    gh_arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),   cmocka_unit_test(shortest_round_trip),
        cmocka_unit_test(documents), cmocka_unit_test(any_locale),
        cmocka_unit_test(limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
