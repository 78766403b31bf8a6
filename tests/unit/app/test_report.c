/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/test_report.h"

static const struct gh_slice by[] = {GH_SLICE("AuthorizationPolicy/a/b")};

static const struct gh_case_result passed = {
    .name = GH_SLICE("good"),
    .expect = GH_SLICE("allow"),
    .got = "allow",
    .passed = true,
    .by = by,
    .by_count = 1,
    .reason = GH_SLICE("permitted"),
};

static const struct gh_case_result failed = {
    .name = GH_SLICE("a \"<b>\" & c"),
    .expect = GH_SLICE("allow"),
    .got = "deny",
    .reason = GH_SLICE("nobody is admitted"),
};

static void expect_report(enum gh_report_form form, bool verbose,
                          const char *expected)
{
    struct gh_buf out;
    struct gh_test_report r = {
        .form = form, .verbose = verbose, .styler = {false, &out}, .out = &out};
    struct gh_err place = {.source = "cases.yaml", .line = 7, .column = 1};
    struct gh_err bad = {
        .text = "no such pod", .source = "cases.yaml", .line = 9};

    gh_buf_init(&out, 1 << 16);
    gh_report_case(&r, &passed, &place);
    gh_report_case(&r, &failed, &place);
    gh_report_bad(&r, &bad);
    gh_report_finish(&r);
    gh_buf_addc(&out, '\0');
    assert_string_equal(out.ptr, expected);
    gh_buf_fini(&out);
}

static void test_text(void **state)
{
    (void)state;
    expect_report(GH_REPORT_TEXT, false,
                  "FAIL  a \"<b>\" & c  cases.yaml:7\n"
                  "    expected allow, got deny\n"
                  "    nobody is admitted\n"
                  "1 passed, 1 failed, 1 malformed\n");
    expect_report(GH_REPORT_TEXT, true,
                  "ok    good\n"
                  "FAIL  a \"<b>\" & c  cases.yaml:7\n"
                  "    expected allow, got deny\n"
                  "    nobody is admitted\n"
                  "1 passed, 1 failed, 1 malformed\n");
}

static void test_json(void **state)
{
    (void)state;
    expect_report(GH_REPORT_JSON, false,
                  "{\"name\":\"good\",\"expect\":\"allow\",\"got\":\"allow\","
                  "\"by\":[\"AuthorizationPolicy/a/b\"],"
                  "\"reason\":\"permitted\"}\n"
                  "{\"name\":\"a \\\"<b>\\\" & c\",\"expect\":\"allow\","
                  "\"got\":\"deny\",\"by\":[],"
                  "\"reason\":\"nobody is admitted\"}\n");
}

static void test_junit(void **state)
{
    (void)state;
    expect_report(
        GH_REPORT_JUNIT, false,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
        "<testsuite name=\"gatehouse\" tests=\"3\" failures=\"1\" "
        "errors=\"1\">\n"
        "  <testcase name=\"good\" classname=\"cases.yaml\" "
        "file=\"cases.yaml\" line=\"7\"/>\n"
        "  <testcase name=\"a &quot;&lt;b&gt;&quot; &amp; c\" "
        "classname=\"cases.yaml\" file=\"cases.yaml\" line=\"7\">\n"
        "    <failure message=\"expected allow, got deny\">nobody is "
        "admitted</failure>\n  </testcase>\n"
        "  <testcase name=\"malformed case\" classname=\"cases.yaml\" "
        "file=\"cases.yaml\" line=\"9\">\n"
        "    <error message=\"no such pod\"/>\n  </testcase>\n"
        "</testsuite>\n</testsuites>\n");
}

static void test_wrapped(void **state)
{
    struct gh_buf out;
    struct gh_styler s = {false, &out};

    (void)state;
    gh_buf_init(&out, 1 << 10);
    gh_wrapped(&s, GH_PLAIN, GH_SLICE("one two three verylongword x"), 2, 8);
    gh_buf_addc(&out, '\0');
    assert_string_equal(out.ptr, "  one two\n  three\n  verylongword\n  x\n");
    gh_buf_fini(&out);
}

static void test_colour(void **state)
{
    struct gh_buf out;
    struct gh_styler s = {true, &out};

    (void)state;
    gh_buf_init(&out, 1 << 10);
    gh_styled(&s, GH_GOOD, "%d", 1);
    gh_styled(&s, GH_PLAIN, "%d", 2);
    gh_buf_addc(&out, '\0');
    assert_string_equal(out.ptr, "\033[1;32m1\033[0m2");
    gh_buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),   cmocka_unit_test(test_json),
        cmocka_unit_test(test_junit),  cmocka_unit_test(test_wrapped),
        cmocka_unit_test(test_colour),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
