/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wire/json_write.h"

/*
 * The writer: whatever goes in, valid JSON comes out.
 */

struct fixture {
    struct gh_arena arena;
    struct gh_buf out;
    struct gh_jsonw w;
};

static int setup(void **state)
{
    static struct fixture f;

    gh_arena_init(&f.arena, 64u << 20);
    gh_buf_init(&f.out, 1u << 20);
    gh_jsonw_init(&f.w, &f.out);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    gh_arena_fini(&f->arena);
    gh_buf_fini(&f->out);
    return 0;
}

static void expect(struct fixture *f, const char *text)
{
    struct gh_json_doc doc;

    assert_int_equal(gh_jsonw_rc(&f->w), GH_OK);
    assert_int_equal(
        gh_json_parse(gh_buf_slice(&f->out), &f->arena, NULL, &doc, NULL),
        GH_OK);
    (void)gh_buf_addc(&f->out, '\0');
    assert_string_equal(f->out.ptr, text);
}

static void put_all(struct gh_jsonw *w)
{
    gh_jsonw_object(w);
    gh_jsonw_kstr(w, "s", GH_SLICE("x"));
    gh_jsonw_ktext(w, "t", "y");
    gh_jsonw_ki64(w, "i", INT64_MIN);
    gh_jsonw_kbool(w, "b", true);
    gh_jsonw_kobject(w, "o");
    gh_jsonw_end(w);
    gh_jsonw_karray(w, "a");
    gh_jsonw_null(w);
    gh_jsonw_u64(w, UINT64_MAX);
    gh_jsonw_f64(w, 1.5);
    gh_jsonw_f64(w, NAN);
    gh_jsonw_strf(w, "%d%%", 7);
    gh_jsonw_raw(w, GH_SLICE("[1]"));
    gh_jsonw_array(w);
    gh_jsonw_end(w);
    gh_jsonw_end(w);
    gh_jsonw_end(w);
}

static void compact(void **state)
{
    struct fixture *f = *state;

    put_all(&f->w);
    expect(f, "{\"s\":\"x\",\"t\":\"y\",\"i\":-9223372036854775808,\"b\":true,"
              "\"o\":{},\"a\":[null,18446744073709551615,1.5,null,\"7%\",[1],"
              "[]]}");
}

static void indented(void **state)
{
    struct fixture *f = *state;

    f->w.indent = 2;
    put_all(&f->w);
    expect(f, "{\n  \"s\": \"x\",\n  \"t\": \"y\",\n"
              "  \"i\": -9223372036854775808,\n  \"b\": true,\n  \"o\": {},\n"
              "  \"a\": [\n    null,\n    18446744073709551615,\n    1.5,\n"
              "    null,\n    \"7%\",\n    [1],\n    []\n  ]\n}");
}

static void strings(void **state)
{
    static const struct {
        struct gh_slice text;
        const char *json;
    } cases[] = {
        {{NULL, 0}, "\"\""},
        {{"\0\x1f\x7f", 3}, "\"\\u0000\\u001f\x7f\""},
        {{"\"\\/\b\f\n\r\t", 8}, "\"\\\"\\\\/\\b\\f\\n\\r\\t\""},
        {{"\xc3\xa9\xf0\x9f\x98\x80", 6}, "\"\xc3\xa9\xf0\x9f\x98\x80\""},
        {{"a\xffz", 3}, "\"a\xef\xbf\xbdz\""},
        {{"\xe2\x82", 2}, "\"\xef\xbf\xbd\xef\xbf\xbd\""},
        {{"\xed\xa0\x80", 3}, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
        {{"\xc0\xaf", 2}, "\"\xef\xbf\xbd\xef\xbf\xbd\""},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        gh_buf_clear(&f->out);
        gh_jsonw_init(&f->w, &f->out);
        gh_jsonw_str(&f->w, cases[i].text);
        expect(f, cases[i].json);
    }
}

static void names_are_escaped(void **state)
{
    struct fixture *f = *state;

    gh_jsonw_object(&f->w);
    gh_jsonw_key(&f->w, GH_SLICE("a\"\n"));
    gh_jsonw_null(&f->w);
    gh_jsonw_end(&f->w);
    expect(f, "{\"a\\\"\\n\":null}");
}

static void long_format(void **state)
{
    struct fixture *f = *state;

    gh_jsonw_strf(&f->w, "%01000d", 5);
    assert_int_equal(f->out.len, 1002);
    assert_int_equal(f->out.ptr[1000], '5');
}

/* Values of a peer's may be nested deeper than the writer's own levels. */
static void deep_value(void **state)
{
    struct gh_json_options opt = {.max_depth = 2000};
    struct fixture *f = *state;
    struct gh_json_doc doc;
    char text[2000];

    memset(text, '[', 1000);
    memset(text + 1000, ']', 1000);
    assert_int_equal(gh_json_parse(gh_slice_of(text, sizeof(text)), &f->arena,
                                   &opt, &doc, NULL),
                     GH_OK);
    gh_jsonw_array(&f->w);
    gh_jsonw_value(&f->w, gh_json_root(&doc));
    gh_jsonw_value(&f->w, GH_JSON_NONE);
    gh_jsonw_end(&f->w);
    assert_int_equal(f->out.len, sizeof(text) + 7);
}

static void values_are_copied_compact(void **state)
{
    struct fixture *f = *state;
    struct gh_json_doc doc;

    assert_int_equal(
        gh_json_parse(GH_SLICE("{ \"a\" : [ ] , \"b\\u000a\" : { } ,\n"
                               " \"c\" : [ 1.50 , \"\\u0041\" ] }"),
                      &f->arena, NULL, &doc, NULL),
        GH_OK);
    gh_jsonw_value(&f->w, gh_json_root(&doc));
    expect(f, "{\"a\":[],\"b\\u000a\":{},\"c\":[1.50,\"\\u0041\"]}");
}

static void limit_sticks(void **state)
{
    struct fixture *f = *state;

    f->out.limit = 20;
    put_all(&f->w);
    assert_int_equal(gh_jsonw_rc(&f->w), GH_ETOOBIG);
    assert_true(f->out.len <= 20);
    gh_buf_clear(&f->out);
    gh_jsonw_init(&f->w, &f->out);
    gh_jsonw_strf(&f->w, "%01000d", 5);
    assert_int_equal(gh_jsonw_rc(&f->w), GH_ETOOBIG);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(compact),
        TEST(indented),
        TEST(strings),
        TEST(names_are_escaped),
        TEST(long_format),
        TEST(deep_value),
        TEST(values_are_copied_compact),
        TEST(limit_sticks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
