/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mcp/internal.h"

struct uri_case {
    const char *pattern;
    const char *uri;
    const char *variables; /* NULL: does not fit */
};

static const struct uri_case cases[] = {
    {"test://a", "test://a", "{}"},
    {"test://a", "test://ab", NULL},
    {"test://a", "test://", NULL},
    {"test://a", "", NULL},
    {"x://{a}", "x://1", "{\"a\":\"1\"}"},
    {"x://{a}", "x://", NULL},
    {"x://{a}", "x://1/2", NULL},
    {"x://{a}/{b}", "x://1/2", "{\"a\":\"1\",\"b\":\"2\"}"},
    {"x://{a}/{b}", "x://1/2/3", NULL},
    {"x://{a}/{b}", "x://1//", NULL},
    {"x://{a}/b", "x://1/b", "{\"a\":\"1\"}"},
    {"x://{a}/b", "x://1/c", NULL},
    {"x://{a}:{b}/c", "x://h:80/c", "{\"a\":\"h\",\"b\":\"80\"}"},
    {"x://{a}", "x://%41%2fb", "{\"a\":\"A/b\"}"},
    {"x://{a}", "x://%2G", NULL},
    {"x://{a}", "x://%", NULL},
    {"x://{a}", "x://%4", NULL},
    {"x://{a}", "x://%00", NULL},
    {"x://{a}", "x://%22%5c", "{\"a\":\"\\\"\\\\\"}"},
    {"x://{a}", "x://%c3%a9", "{\"a\":\"\xc3\xa9\"}"},
    {"x://{a}", "X://1", NULL},
};

static void test_match(void **state)
{
    struct gh_buf b;

    (void)state;
    gh_buf_init(&b, 4096);
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        const struct uri_case *c = &cases[i];
        struct gh_slice uri = gh_slice_str(c->uri);
        bool fits = gh_mcp_uri_match(c->pattern, uri, &b);

        if (fits != (c->variables != NULL))
            fail_msg("%s with %s: %d", c->pattern, c->uri, fits);
        if (fits && !gh_slice_is(gh_buf_slice(&b), c->variables))
            fail_msg("%s: %.*s", c->uri, GH_FMT(gh_buf_slice(&b)));
        assert_int_equal(gh_mcp_uri_match(c->pattern, uri, NULL), fits);
    }
    gh_buf_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_match),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
