/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wire/json.h"
#include "wire/json_write.h"

/*
 * The JSON parser: grammar, text, names, places. Conformance and the agreement
 * of all back ends are in test_json_suite.c.
 */

static struct gh_json_doc doc;
static struct gh_arena arena;

static int setup(void **state)
{
    (void)state;
    gh_arena_init(&arena, 64u << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    gh_arena_fini(&arena);
    return 0;
}

static struct gh_json parse(const char *text)
{
    struct gh_err err = {0};

    if (gh_json_parse(gh_slice_str(text), &arena, NULL, &doc, &err) != GH_OK)
        fail_msg("%s: %u:%u: %s", text, err.line, err.column, err.text);
    return gh_json_root(&doc);
}

static void accessors(void **state)
{
    struct gh_json v = parse(" {\"a\":{\"b\":[1,-2,\"x\"]},\"t\":true,"
                             "\"n\":null,\"esc\\u0061pe\":\"\\ud83d\\ude00"
                             "\\n\\\"/\"} ");
    struct gh_json list = gh_json_path(v, "a/b");
    int64_t number;

    (void)state;
    assert_int_equal(gh_json_count(v), 4);
    assert_int_equal(gh_json_count(list), 3);
    assert_true(gh_json_i64(gh_json_at(list, 1), &number));
    assert_int_equal(number, -2);
    assert_true(gh_json_str_is(gh_json_at(list, 2), "x"));
    assert_false(gh_json_at(list, 3).doc);
    assert_true(gh_json_true(gh_json_get(v, "t")));
    assert_false(gh_json_given(gh_json_get(v, "n")));
    assert_false(gh_json_given(gh_json_path(v, "no/such/thing")));
    assert_true(
        gh_json_str_is(gh_json_get(v, "escape"), "\xf0\x9f\x98\x80\n\"/"));
    assert_true(gh_slice_is(gh_json_raw(list), "[1,-2,\"x\"]"));
}

static void writes_back(void **state)
{
    struct gh_json v = parse("{ \"a\" : [ ] , \"b\\u000a\" : { } , \"c\":1 }");
    struct gh_jsonw w;
    struct gh_buf out;

    (void)state;
    gh_buf_init(&out, 1000);
    gh_jsonw_init(&w, &out);
    gh_jsonw_value(&w, v);
    assert_int_equal(gh_jsonw_rc(&w), GH_OK);
    assert_true(
        gh_slice_is(gh_buf_slice(&out), "{\"a\":[],\"b\\u000a\":{},\"c\":1}"));
    gh_buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(accessors, setup, teardown),
        cmocka_unit_test_setup_teardown(writes_back, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
