/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/rc.h"

static void says_where(void **state)
{
    static const struct {
        const char *source;
        uint32_t line;
        uint32_t column;
        const char *text;
    } cases[] = {
        {NULL, 0, 0, "no such port"},
        {NULL, 3, 4, "no such port"},
        {"mesh.yaml", 0, 0, "mesh.yaml: no such port"},
        {"mesh.yaml", 14, 0, "mesh.yaml:14: no such port"},
        {"mesh.yaml", 14, 7, "mesh.yaml:14:7: no such port"},
    };
    char buf[100];

    (void)state;
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        struct gh_err err;

        gh_err_set(&err, "no such %s", "port");
        if (cases[i].source)
            gh_err_at(&err, gh_slice_str(cases[i].source), cases[i].line,
                      cases[i].column);
        assert_string_equal(gh_err_format(&err, buf, sizeof(buf)),
                            cases[i].text);
    }
}

static void prefix_keeps_the_place(void **state)
{
    struct gh_err err;
    char buf[100];

    (void)state;
    gh_err_set(&err, "no such port");
    gh_err_at(&err, GH_SLICE("a.yaml"), 2, 1);
    gh_err_prefix(&err, "Server \"%s\"", "web");
    assert_string_equal(gh_err_format(&err, buf, sizeof(buf)),
                        "a.yaml:2:1: Server \"web\": no such port");
    gh_err_set(&err, "another");
    assert_string_equal(gh_err_format(&err, buf, sizeof(buf)), "another");
}

/* Whatever is cut ends in "..." and is still UTF-8: no lone lead byte before
 * the dots. The text is all two-byte characters, at both alignments. */
static void cuts_between_characters(void **state)
{
    char wide[1024];
    struct gh_err err;
    size_t n;

    (void)state;
    for (size_t i = 0; i < sizeof(wide) - 2; i += 2)
        memcpy(wide + i, "\xc3\xa4", 3);
    for (int shift = 0; shift < 2; shift++) {
        gh_err_set(&err, "%.*s%s", shift, "x", wide);
        n = strlen(err.text);
        assert_true(n > sizeof(err.text) - 4 && n < sizeof(err.text));
        assert_string_equal(err.text + n - 3, "...");
        assert_int_equal((n - 3 - (size_t)shift) % 2, 0);
    }
    gh_err_set(&err, "%s", wide);
    gh_err_prefix(&err, "%s", wide);
    gh_err_at(&err, gh_slice_str(wide), 1, 1);
    assert_string_equal(err.text + strlen(err.text) - 3, "...");
    assert_string_equal(err.source + strlen(err.source) - 3, "...");
}

static void codes_have_texts(void **state)
{
    (void)state;
    assert_string_equal(gh_rc_text(GH_OK), "success");
    assert_string_equal(gh_rc_text(GH_ETOOBIG), "size limit exceeded");
    assert_string_equal(gh_rc_text((enum gh_rc) - 99), "unknown return code");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_where),
        cmocka_unit_test(prefix_keeps_the_place),
        cmocka_unit_test(cuts_between_characters),
        cmocka_unit_test(codes_have_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
