/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "wire/quantity.h"

static const struct {
    const char *text;
    const char *canonical; /* NULL: refused */
    int64_t milli;
} cases[] = {
    {"0", "0", 0},
    {"-0", "0", 0},
    {"00.000", "0", 0},
    {"0Ki", "0", 0},
    {"1", "1", 1000},
    {"+1", "1", 1000},
    {"-1", "-1", -1000},
    {"007", "7", 7000},
    {"100m", "100m", 100},
    {"1000m", "1", 1000},
    {"0.1", "100m", 100},
    {"1.5", "1500m", 1500},
    {"1500", "1500", 1500000},
    {"1000", "1k", 1000000},
    {"12k", "12k", 12000000},
    {"1M", "1M", 1000000000},
    {"1.G", "1G", 1000000000000},
    {"1T", "1T", 1000000000000000},
    {"1P", "1P", 1000000000000000000},
    {"1E", "1E", INT64_MAX},
    {"-1E", "-1E", INT64_MIN},
    {"1000E", "1e21", INT64_MAX},
    {".5", "500m", 500},
    {"5.", "5", 5000},
    {"1u", "1u", 1},
    {"1n", "1n", 1},
    {"-1n", "-1n", -1},
    {"0.9n", "1n", 1},
    {"-0.1n", "-1n", -1},
    {"1.0000000001", "1000000001n", 1001},
    {"0.00000000000000000000000000000000000000000001", "1n", 1},
    {"1.0005", "1000500u", 1001},
    {"-1.0005", "-1000500u", -1001},
    {"1e3", "1e3", 1000000},
    {"1E3", "1e3", 1000000},
    {"1e+3", "1e3", 1000000},
    {"1e-3", "1e-3", 1},
    {"12e5", "1200e3", 1200000000},
    {"1e0", "1", 1000},
    {"1e-10", "1e-9", 1},
    {"1e-2147483648", "1e-9", 1},
    {"0e2147483647", "0", 0},
    {"1e27", "1e27", INT64_MAX},
    {"1e28", "10e27", INT64_MAX},
    {"1e99", "10e27", INT64_MAX},
    {"-1e2147483647", "-10e27", INT64_MIN},
    {"99999999999999999999999999999999999999999999", "10e27", INT64_MAX},
    {"1e4294967296", "1", 1000},
    {"1Ki", "1Ki", 1024000},
    {"1024", "1024", 1024000},
    {"1023Ki", "1023Ki", 1047552000},
    {"1024Ki", "1Mi", 1048576000},
    {"1.5Gi", "1536Mi", 1610612736000},
    {"0.5Ki", "512", 512000},
    {"812.5Ki", "832000", 832000000},
    {"832000", "832k", 832000000},
    {".1Ki", "102400m", 102400},
    {"1.1Ki", "1126400m", 1126400},
    {"0.0001Ki", "102400u", 103},
    {"2000Ki", "2000Ki", 2048000000},
    {"1Ti", "1Ti", 1099511627776000},
    {"1Pi", "1Pi", 1125899906842624000},
    {"7Ei", "7Ei", INT64_MAX},
    {"8Ei", "9223372036854775807", INT64_MAX},
    {"-8Ei", "-9223372036854775807", INT64_MIN},
    {"9999999999999999999999999999999999999999Ki", "9223372036854775807",
     INT64_MAX},
    {"7.9999999999999999999999999999999999Ei", "9223372036854775807",
     INT64_MAX},
    {"9223372036854775807", "9223372036854775807", INT64_MAX},
    {"9223372036854775807m", "9223372036854775807m", INT64_MAX},
    {"-9223372036854775809m", "-9223372036854775809m", INT64_MIN},
    {"+", "0", 0},
    {"-", "0", 0},
    {".", "0", 0},
    {"Ki", "0", 0},
    {"E", "0", 0},
    {"e5", "0", 0},
    {"e-9", "0", 0},
    {"", NULL, 0},
    {"e", NULL, 0},
    {"Pi", NULL, 0},
    {"-Ei", NULL, 0},
    {".Pi", NULL, 0},
    {"e-10", NULL, 0},
    {" 1", NULL, 0},
    {"1 ", NULL, 0},
    {"1 Ki", NULL, 0},
    {"1i", NULL, 0},
    {"1K", NULL, 0},
    {"1ki", NULL, 0},
    {"1mi", NULL, 0},
    {"1Kii", NULL, 0},
    {"1KiB", NULL, 0},
    {"1kk", NULL, 0},
    {"1e", NULL, 0},
    {"1e+", NULL, 0},
    {"1ee3", NULL, 0},
    {"1e3m", NULL, 0},
    {"1e3.5", NULL, 0},
    {"1m3", NULL, 0},
    {"1-", NULL, 0},
    {"1e9223372036854775808", NULL, 0},
    {"1..5", NULL, 0},
    {"1.5.5", NULL, 0},
    {"--1", NULL, 0},
    {"+-1", NULL, 0},
    {"1,5", NULL, 0},
    {"0x10", NULL, 0},
    {"Inf", NULL, 0},
    {"NaN", NULL, 0},
    {"web", NULL, 0},
};

static void reads_and_prints(void **state)
{
    (void)state;
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        struct gh_quantity_text text;
        struct gh_quantity q;
        struct gh_slice s;

        if (gh_quantity_parse(gh_slice_str(cases[i].text), &q) !=
            (cases[i].canonical != NULL))
            fail_msg("%s", cases[i].text);
        if (!cases[i].canonical)
            continue;
        s = gh_quantity_print(q, &text);
        if (!gh_slice_is(s, cases[i].canonical) ||
            gh_quantity_milli(q) != cases[i].milli)
            fail_msg("%s: %.*s %lld", cases[i].text, GH_FMT(s),
                     (long long)gh_quantity_milli(q));
    }
}

/* What is printed is read as the same number and printed alike. */
static void prints_what_it_reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        struct gh_quantity_text first;
        struct gh_quantity_text second;
        struct gh_quantity q;
        struct gh_quantity again;
        struct gh_slice s;

        if (!gh_quantity_parse(gh_slice_str(cases[i].text), &q))
            continue;
        s = gh_quantity_print(q, &first);
        assert_true(gh_quantity_parse(s, &again));
        assert_int_equal(gh_quantity_cmp(q, again), 0);
        if (q.format == again.format &&
            !gh_slice_eq(s, gh_quantity_print(again, &second)))
            fail_msg("%s", cases[i].text);
    }
}

static void refuses_a_zero_byte(void **state)
{
    struct gh_quantity q;

    (void)state;
    assert_false(gh_quantity_parse(gh_slice_of("1\0", 2), &q));
    assert_false(gh_quantity_parse(gh_slice_of("1k\0", 3), &q));
    assert_false(gh_quantity_parse((struct gh_slice){0}, &q));
}

static const struct {
    const char *a;
    const char *b;
    int order;
} order_cases[] = {
    {"1", "1000m", 0},   {"1Ki", "1k", 1},   {"-1", "0", -1},
    {"1n", "0", 1},      {"1E", "1Ei", -1},  {"1e3", "1k", 0},
    {"8Ei", "1e19", -1}, {"500m", "0.5", 0}, {"-2", "-1", -1},
};

static void compares(void **state)
{
    (void)state;
    for (size_t i = 0; i < GH_COUNT(order_cases); i++) {
        struct gh_quantity a;
        struct gh_quantity b;

        assert_true(gh_quantity_parse(gh_slice_str(order_cases[i].a), &a));
        assert_true(gh_quantity_parse(gh_slice_str(order_cases[i].b), &b));
        assert_int_equal(gh_quantity_cmp(a, b), order_cases[i].order);
        assert_int_equal(gh_quantity_cmp(b, a), -order_cases[i].order);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_prints),
        cmocka_unit_test(prints_what_it_reads),
        cmocka_unit_test(refuses_a_zero_byte),
        cmocka_unit_test(compares),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
