/* SPDX-License-Identifier: Apache-2.0 */

/* Lines, at every split of the bytes: in one piece, in two, byte by byte. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mcp/lines.h"

#define LIMIT 8

struct lines_case {
    const char *in;
    const char *out; /* lines in <>, ! for one over the limit, ... the rest */
};

static const struct lines_case cases[] = {
    {"", ""},
    {"a\n", "<a>"},
    {"a\nb\n", "<a><b>"},
    {"\n\n", "<><>"},
    {"a", "...a"},
    {"a\nb", "<a>...b"},
    {"a\r\nb\r", "<a>...b"},
    {"a\rb\n", "<a\rb>"},
    {"\r\n", "<>"},
    {"a\r\r\n", "<a\r>"},
    {"12345678\n", "<12345678>"},
    {"12345678\r\n", "<12345678>"},
    {"123456789\n", "!"},
    {"1234567890\nab\n", "!<ab>"},
    {"1234567890abcdefghijklmnop\nab\ncd", "!<ab>...cd"},
    {"12345678901\n12345678901\nx\n", "!!<x>"},
    {"12345678901", "!"},
    {"a\n123456789", "<a>...123456789"},
    {"12345678\n12345678\n\n", "<12345678><12345678><>"},
};

static void feed(struct gh_lines *l, struct gh_slice in, struct gh_buf *out)
{
    struct gh_slice line;
    enum gh_rc rc;

    while ((rc = gh_lines_next(l, &in, &line)) != GH_MORE) {
        if (rc == GH_OK)
            (void)gh_buf_addf(out, "<%.*s>", GH_FMT(line));
        else
            (void)gh_buf_addc(out, '!');
    }
    assert_int_equal(in.len, 0);
}

static void check(const struct lines_case *c, size_t first, size_t step)
{
    struct gh_slice in = gh_slice_str(c->in);
    struct gh_slice rest;
    struct gh_lines l;
    struct gh_buf out;

    gh_buf_init(&out, 4096);
    gh_lines_init(&l, LIMIT);
    feed(&l, gh_slice_head(in, first), &out);
    in = gh_slice_drop(in, first);
    while (in.len > 0) {
        struct gh_slice part = gh_slice_head(in, step);

        feed(&l, part, &out);
        in = gh_slice_drop(in, part.len);
    }
    if (gh_lines_rest(&l, &rest))
        (void)gh_buf_addf(&out, "...%.*s", GH_FMT(rest));
    if (!gh_slice_is(gh_buf_slice(&out), c->out))
        fail_msg("\"%s\" from %zu by %zu: %.*s", c->in, first, step,
                 GH_FMT(gh_buf_slice(&out)));
    gh_lines_fini(&l);
    gh_buf_fini(&out);
}

static void test_splits(void **state)
{
    (void)state;
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        size_t len = strlen(cases[i].in);

        for (size_t first = 0; first <= len; first++)
            for (size_t step = 1; step <= len + 1; step++)
                check(&cases[i], first, step);
    }
}

/* A line that arrived whole is handed out where it lies. */
static void test_no_copy(void **state)
{
    struct gh_slice in = GH_SLICE("one\ntwo\n");
    const char *begin = in.ptr;
    struct gh_slice line;
    struct gh_lines l;

    (void)state;
    gh_lines_init(&l, LIMIT);
    assert_int_equal(gh_lines_next(&l, &in, &line), GH_OK);
    assert_ptr_equal(line.ptr, begin);
    assert_int_equal(gh_lines_next(&l, &in, &line), GH_OK);
    assert_ptr_equal(line.ptr, begin + 4);
    assert_int_equal(gh_lines_next(&l, &in, &line), GH_MORE);
    assert_null(l.part.ptr);
    gh_lines_fini(&l);
}

/* A long line does not leave its memory behind. */
static void test_memory(void **state)
{
    static char block[4096];
    struct gh_slice line;
    struct gh_lines l;
    struct gh_slice in;

    (void)state;
    memset(block, 'a', sizeof(block));
    gh_lines_init(&l, 1 << 20);
    for (int i = 0; i < 100; i++) {
        in = gh_slice_of(block, sizeof(block));
        assert_int_equal(gh_lines_next(&l, &in, &line), GH_MORE);
    }
    in = GH_SLICE("\n");
    assert_int_equal(gh_lines_next(&l, &in, &line), GH_OK);
    assert_int_equal(line.len, 100 * sizeof(block));
    assert_int_equal(gh_lines_next(&l, &in, &line), GH_MORE);
    assert_true(l.part.cap <= 65536);
    gh_lines_fini(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_splits),
        cmocka_unit_test(test_no_copy),
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
