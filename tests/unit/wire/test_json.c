/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "wire/json.h"

/*
 * Documents: accessors, numbers, duplicate names, limits, places, equality.
 * What is JSON and what is not is in test_json_suite.c.
 */

struct fixture {
    struct gh_arena arena;
    struct gh_buf text;
    struct gh_json_doc doc;
    struct gh_json_doc other;
    struct gh_err err;
};

static int setup(void **state)
{
    static struct fixture f;

    f = (struct fixture){0};
    gh_arena_init(&f.arena, 256u << 20);
    gh_buf_init(&f.text, 64u << 20);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    gh_arena_fini(&f->arena);
    gh_buf_fini(&f->text);
    return 0;
}

static struct gh_json parse(struct fixture *f, const char *text)
{
    if (gh_json_parse(gh_slice_str(text), &f->arena, NULL, &f->doc, &f->err) !=
        GH_OK)
        fail_msg("%s: %u:%u: %s", text, f->err.line, f->err.column,
                 f->err.text);
    return gh_json_root(&f->doc);
}

static void accessors(void **state)
{
    struct gh_json v = parse(*state, " {\"a\":{\"b\":[1,-2,\"x\"]},\"t\":true,"
                                     "\"n\":null,\"esc\\u0061pe\":\"\\ud83d"
                                     "\\ude00\\n\\\"/\",\"\":\"\"} ");
    struct gh_json list = gh_json_path(v, "a/b");
    int64_t number = 0;

    assert_int_equal(gh_json_count(v), 5);
    assert_int_equal(gh_json_count(list), 3);
    assert_true(gh_json_i64(gh_json_at(list, 1), &number));
    assert_int_equal(number, -2);
    assert_true(gh_json_str_is(gh_json_at(list, 2), "x"));
    assert_true(gh_json_true(gh_json_get(v, "t")));
    assert_false(gh_json_given(gh_json_get(v, "n")));
    assert_true(gh_json_given(gh_json_get(v, "t")));
    assert_true(
        gh_json_str_is(gh_json_get(v, "escape"), "\xf0\x9f\x98\x80\n\"/"));
    assert_true(gh_json_str_is(gh_json_get(v, ""), ""));
    assert_true(gh_slice_is(gh_json_raw(list), "[1,-2,\"x\"]"));
    assert_true(gh_slice_is(gh_json_raw(gh_json_at(list, 2)), "\"x\""));
    assert_true(gh_slice_is(gh_json_str_or(list, GH_SLICE("no")), "no"));
    assert_string_equal(gh_json_type_name(gh_json_type(list)), "array");
}

/* Whatever is asked of what is not there, the answer is that it is not. */
static void absence(void **state)
{
    struct gh_json v = parse(*state, "{\"a\":[],\"s\":\"x\"}");
    struct gh_json none[] = {
        GH_JSON_NONE,
        gh_json_get(v, "b"),
        gh_json_path(v, "a/b/c"),
        gh_json_path(v, "s/x"),
        gh_json_at(gh_json_get(v, "a"), 0),
        gh_json_at(v, 0),
        gh_json_getn(v, (struct gh_slice){NULL, 0}),
    };
    int64_t number = 7;
    double real = 7;

    for (size_t i = 0; i < GH_COUNT(none); i++) {
        assert_null(none[i].doc);
        assert_int_equal(gh_json_type(none[i]), GH_JSON_MISSING);
        assert_int_equal(gh_json_count(none[i]), 0);
        assert_null(gh_json_str(none[i]).ptr);
        assert_null(gh_json_raw(none[i]).ptr);
        assert_false(gh_json_str_is(none[i], ""));
        assert_false(gh_json_true(none[i]));
        assert_false(gh_json_i64(none[i], &number));
        assert_false(gh_json_f64(none[i], &real));
        assert_int_equal(gh_json_mark(none[i]).line, 0);
    }
    assert_true(number == 7 && real == 7);
    assert_false(gh_json_i64(gh_json_get(v, "s"), &number));
}

static void iteration(void **state)
{
    struct gh_json v = parse(*state, "{\"a\":[1,[2,3],{\"x\":4}],\"b\":{},"
                                     "\"c\":5}");
    struct gh_json_iter it = gh_json_iter(v);
    const char *const names[] = {"a", "b", "c"};
    size_t n = 0;

    for (; gh_json_next(&it) && n < GH_COUNT(names); n++) {
        assert_true(gh_slice_is(it.name, names[n]));
        assert_true(gh_slice_eq(gh_json_str(it.key), it.name));
    }
    assert_int_equal(n, 3);
    assert_false(gh_json_next(&it));
    it = gh_json_iter(gh_json_get(v, "a"));
    for (n = 0; gh_json_next(&it); n++)
        assert_null(it.name.ptr);
    assert_int_equal(n, 3);
    it = gh_json_iter(gh_json_get(v, "c"));
    assert_false(gh_json_next(&it));
}

static void integers(void **state)
{
    static const struct {
        const char *text;
        bool fits;
        int64_t value;
    } cases[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"0e999999999999", true, 0},
        {"0.000", true, 0},
        {"80", true, 80},
        {"80.0", true, 80},
        {"8e1", true, 80},
        {"8000e-2", true, 80},
        {"0.8e2", true, 80},
        {"0.00080E+5", true, 80},
        {"80.5", false, 0},
        {"8e-1", false, 0},
        {"999999999999999999", true, 999999999999999999},
        {"-999999999999999999", true, -999999999999999999},
        {"9223372036854775807", true, INT64_MAX},
        {"9223372036854775807.000", true, INT64_MAX},
        {"9223372036854775808", false, 0},
        {"-9223372036854775808", true, INT64_MIN},
        {"-9223372036854775809", false, 0},
        {"18446744073709551616", false, 0},
        {"1e18", true, 1000000000000000000},
        {"1e19", false, 0},
        {"1e999999999999999999999", false, 0},
        {"1e-999999999999999999999", false, 0},
        {"922337203685477580.7e1", true, INT64_MAX},
    };

    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        int64_t value = 42;
        bool fits = gh_json_i64(parse(*state, cases[i].text), &value);

        if (fits != cases[i].fits || value != (fits ? cases[i].value : 42))
            fail_msg("%s: %d %lld", cases[i].text, fits, (long long)value);
    }
}

static void doubles(void **state)
{
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        {"0", 0.0},
        {"0.1", 0x1.999999999999ap-4},
        {"-1.5e3", -1500.0},
        {"123456789012345678", 0x1.b69b4ba630f35p+56},
        /* halfway: to even */
        {"9007199254740993", 0x1p53},
        {"9007199254740993.00000000000000000000000000001",
         0x1.0000000000001p53},
        {"1.7976931348623157e308", 0x1.fffffffffffffp1023},
        {"1.797693134862315807e308", 0x1.fffffffffffffp1023},
        {"2.2250738585072011e-308", 0x0.fffffffffffffp-1022},
        {"2.2250738585072014e-308", 0x1p-1022},
        {"5e-324", 0x1p-1074},
        {"2.4703282292062327e-324", 0.0},
        {"2.4703282292062328e-324", 0x1p-1074},
        {"1e-999999999999999999999", 0.0},
        {"123456789e-9", 0x1.f9add3739635fp-4},
        {"0.000000000000000000001e21", 1.0},
    };
    static const char *const none[] = {"1.7976931348623159e308", "1e309",
                                       "-1e309", "1e999999999999999999999"};
    double value = 42;

    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        assert_true(gh_json_f64(parse(*state, cases[i].text), &value));
        if (value != cases[i].value)
            fail_msg("%s: %a", cases[i].text, value);
    }
    value = 42;
    for (size_t i = 0; i < GH_COUNT(none); i++)
        assert_false(gh_json_f64(parse(*state, none[i]), &value));
    assert_true(value == 42);
}

/* More digits than are kept: what is cut off still decides a tie. */
static void very_long_number(void **state)
{
    struct fixture *f = *state;
    double value;

    (void)gh_buf_add(&f->text, GH_SLICE("9007199254740993."));
    for (int i = 0; i < 100000; i++)
        (void)gh_buf_addc(&f->text, '0');
    (void)gh_buf_add(&f->text, gh_slice_of("", 1));
    assert_true(gh_json_f64(parse(f, f->text.ptr), &value));
    assert_true(value == 0x1p53);
    f->text.ptr[f->text.len - 2] = '1';
    assert_true(gh_json_f64(parse(f, f->text.ptr), &value));
    assert_true(value == 0x1.0000000000001p53);
}

static void duplicates(void **state)
{
    static const struct {
        const char *text;
        uint32_t column; /* of the name that is refused; 0: none */
        const char *last;
    } cases[] = {
        {"{\"a\":1,\"b\":2}", 0, "1"},
        {"{\"a\":1,\"a\":2}", 8, "2"},
        {"{\"a\":1,\"\\u0061\":2}", 8, "2"},
        {"{\"\\u0061\":1,\"a\":2}", 13, "2"},
        {"{\"\\u0061\":1,\"\\u0061\":2}", 13, "2"},
        {"{\"a\":{\"a\":{\"a\":0}},\"aa\":0}", 0, "{\"a\":{\"a\":0}}"},
        {"{\"a\":[{},{\"b\":[]}],\"c\":{\"x\":0,\"y\":0},\"a\":3}", 38, "3"},
        {"{\"a\":1,\"b\":0,\"a\":2,\"b\":0,\"a\":3}", 14, "3"},
        {"{\"a\":0,\"x\":{\"y\":0,\"y\":0}}", 19, "0"},
        {"{\"a\":0,\"a\\u0000\":1}", 0, "0"},
    };
    struct gh_json_options opt = {.duplicates = GH_JSON_DUP_LAST};
    struct fixture *f = *state;

    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        struct gh_slice text = gh_slice_str(cases[i].text);
        enum gh_rc rc = gh_json_parse(text, &f->arena, NULL, &f->doc, &f->err);

        assert_int_equal(rc, cases[i].column ? GH_EPROTO : GH_OK);
        if (rc != GH_OK)
            assert_int_equal(f->err.column, cases[i].column);
        assert_int_equal(gh_json_parse(text, &f->arena, &opt, &f->doc, &f->err),
                         GH_OK);
        assert_int_equal(f->doc.has_duplicates, cases[i].column > 0);
        assert_true(
            gh_slice_is(gh_json_raw(gh_json_get(gh_json_root(&f->doc), "a")),
                        cases[i].last));
    }
}

/* An object of @count names that begin and end alike. */
static void put_object(struct gh_buf *out, int count, const char *last)
{
    (void)gh_buf_addc(out, '{');
    for (int i = 0; i < count; i++)
        (void)gh_buf_addf(out, "\"app.kubernetes.io/%d/component\":%d,", i, i);
    (void)gh_buf_addf(out, "%s}", last);
}

static void many_members(void **state)
{
    static const int counts[] = {1, 30, 31, 32, 33, 34, 63, 64, 65, 100000};
    struct fixture *f = *state;
    struct gh_json v;

    for (size_t i = 0; i < GH_COUNT(counts); i++) {
        gh_arena_reset(&f->arena);
        gh_buf_clear(&f->text);
        put_object(&f->text, counts[i], "\"x\":1");
        assert_int_equal(gh_json_parse(gh_buf_slice(&f->text), &f->arena, NULL,
                                       &f->doc, &f->err),
                         GH_OK);
        v = gh_json_root(&f->doc);
        assert_int_equal(gh_json_count(v), counts[i] + 1);
        assert_true(gh_json_equal(v, v));
        gh_buf_clear(&f->text);
        put_object(&f->text, counts[i], "\"app.kubernetes.io/0/component\":1");
        assert_int_equal(gh_json_parse(gh_buf_slice(&f->text), &f->arena, NULL,
                                       &f->doc, &f->err),
                         GH_EPROTO);
        assert_int_equal(f->err.column, f->text.len - 33);
    }
}

static const char *nested(struct fixture *f, int depth, const char *before,
                          const char *inside, const char *behind)
{
    gh_buf_clear(&f->text);
    for (int i = 0; i < depth; i++)
        (void)gh_buf_addf(&f->text, "%s", before);
    (void)gh_buf_addf(&f->text, "%s", inside);
    for (int i = 0; i < depth; i++)
        (void)gh_buf_addf(&f->text, "%s", behind);
    (void)gh_buf_add(&f->text, gh_slice_of("", 1));
    return f->text.ptr;
}

static void depth(void **state)
{
    struct gh_json_options opt = {.max_depth = 1000};
    struct fixture *f = *state;

    (void)parse(f, nested(f, 256, "[", "1", "]"));
    assert_int_equal(gh_json_parse(gh_slice_str(nested(f, 257, "[", "", "]")),
                                   &f->arena, NULL, &f->doc, &f->err),
                     GH_EPROTO);
    assert_int_equal(f->err.column, 257);
    assert_int_equal(gh_json_parse(gh_slice_str(nested(
                                       f, 999, "{\"a\":1,\"b\":", "[]", "}")),
                                   &f->arena, &opt, &f->doc, &f->err),
                     GH_OK);
    assert_true(gh_json_equal(gh_json_root(&f->doc), gh_json_root(&f->doc)));
    assert_int_equal(
        gh_json_parse(
            gh_slice_str(nested(f, 998, "{\"b\":", "{\"a\":1,\"a\":2}", "}")),
            &f->arena, &opt, &f->doc, &f->err),
        GH_EPROTO);
    assert_int_equal(f->err.column, 998 * 5 + 8);
}

static void limits(void **state)
{
    struct fixture *f = *state;
    struct gh_json_options opt = {.max_nodes = 3};
    struct gh_arena small;
    struct gh_err err;

    assert_int_equal(
        gh_json_parse(GH_SLICE("[1,2]"), &f->arena, &opt, &f->doc, &err),
        GH_OK);
    assert_int_equal(
        gh_json_parse(GH_SLICE("[1,2,3]"), &f->arena, &opt, &f->doc, &err),
        GH_ETOOBIG);
    assert_string_equal(err.text, "too many values");
    (void)nested(f, 2000, "1,", "1", "");
    f->text.ptr[0] = '[';
    f->text.ptr[f->text.len - 1] = ']';
    f->text.ptr[1] = '1';
    gh_arena_init(&small, 20000);
    assert_int_equal(
        gh_json_parse(gh_buf_slice(&f->text), &small, NULL, &f->doc, NULL),
        GH_ETOOBIG);
    gh_arena_fini(&small);
    gh_arena_init(&small, 100000);
    assert_int_equal(
        gh_json_parse(gh_buf_slice(&f->text), &small, NULL, &f->doc, NULL),
        GH_OK);
    assert_int_equal(gh_json_count(gh_json_root(&f->doc)), 2000);
    gh_arena_fini(&small);
}

static void errors(void **state)
{
    static const struct {
        const char *text;
        uint32_t line;
        uint32_t column;
        const char *message;
    } cases[] = {
        {"", 1, 1, "the input ends in the middle of a value"},
        {"{\n  \"a\": tru\n}", 2, 8, "expected a value: true, false or null?"},
        {"[1\n,\n\x01]", 3, 1, "expected a value, found byte 0x01"},
        {"[1 2]", 1, 4, "expected ',' or ']', found '2'"},
        {"{\"a\" 1}", 1, 6, "expected ':' after a name, found '1'"},
        {"{\"a\":1,}", 1, 8, "expected a name in double quotes, found '}'"},
        {"{\"a\":1]", 1, 7, "expected ',' or '}', found ']'"},
        {"[1]\n\nx", 3, 1, "expected nothing more, found 'x'"},
        {"[01]", 1, 3, "expected ',' or ']', found '1'"},
        {"[1.]", 1, 4, "expected a digit, found ']'"},
        {"[\"\\u12x4\"]", 1, 7, "expected four hexadecimal digits, found 'x'"},
        {"[\"\\q\"]", 1, 3, "unknown escape"},
        {"[\"\n\"]", 1, 3, "control character in a string"},
        {"[\"\xc3\xa9\xff\"]", 1, 5, "invalid UTF-8 in a string"},
        {"[\"\\ud800\"]", 1, 9, "half of a surrogate pair"},
        {"\xef\xbb\xbf{}", 1, 1, "JSON does not begin with a byte-order mark"},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        assert_int_equal(gh_json_parse(gh_slice_str(cases[i].text), &f->arena,
                                       NULL, &f->doc, &f->err),
                         GH_EPROTO);
        assert_string_equal(f->err.text, cases[i].message);
        assert_int_equal(f->err.line, cases[i].line);
        assert_int_equal(f->err.column, cases[i].column);
    }
}

static void places(void **state)
{
    struct fixture *f = *state;
    struct gh_json v = parse(f, "{\n \"a\": [1,\n  \"x\"]}");
    struct gh_json_mark at = gh_json_mark(gh_json_at(gh_json_get(v, "a"), 1));
    struct gh_json_mark marks[] = {{1, 1}, {9, 9}, {8, 7}, {1, 1}, {1, 1}};

    assert_int_equal(at.line, 3);
    assert_int_equal(at.column, 3);
    f->doc.marks = marks;
    assert_int_equal(gh_json_mark(gh_json_get(v, "a")).line, 8);
}

static void prefixes(void **state)
{
    struct fixture *f = *state;
    struct gh_slice text = GH_SLICE(" {\"a\":1} 25 x");
    size_t used = 0;

    assert_int_equal(
        gh_json_parse_prefix(text, &f->arena, NULL, &f->doc, &used, &f->err),
        GH_OK);
    assert_int_equal(used, 8);
    text = gh_slice_drop(text, used);
    assert_int_equal(
        gh_json_parse_prefix(text, &f->arena, NULL, &f->doc, &used, &f->err),
        GH_OK);
    assert_int_equal(used, 3);
    assert_int_equal(gh_json_parse_prefix(gh_slice_head(text, 3), &f->arena,
                                          NULL, &f->doc, &used, &f->err),
                     GH_MORE);
    assert_int_equal(used, 3);
}

static void equality(void **state)
{
    static const struct {
        const char *a;
        const char *b;
        bool equal;
    } cases[] = {
        {"1", "1.0", true},
        {"100", "1e2", true},
        {"0", "-0.0e5", true},
        {"1", "-1", false},
        {"0.1", "0.10000000000000001", false},
        {"\"a\\n\"", "\"\\u0061\\u000a\"", true},
        {"\"a\"", "\"b\"", false},
        {"null", "false", false},
        {"[1,2]", "[1,2]", true},
        {"[1,2]", "[2,1]", false},
        {"[1]", "[1,2]", false},
        {"[1,2]", "[1]", false},
        {"{\"a\":1,\"b\":2}", "{\"b\":2,\"\\u0061\":1}", true},
        {"{\"a\":1}", "{\"a\":1,\"b\":2}", false},
        {"{\"a\":1,\"b\":2}", "{\"a\":1}", false},
        {"{\"a\":1,\"b\":2}", "{\"a\":1,\"c\":2}", false},
        {"{\"a\":9,\"a\":1}", "{\"a\":1}", true},
        {"{\"a\":1}", "{\"a\":1,\"a\":9}", false},
        {"{\"a\":{\"x\":[{}]}}", "{\"a\":{\"x\":[{}]}}", true},
        {"{}", "[]", false},
    };
    struct gh_json_options opt = {.duplicates = GH_JSON_DUP_LAST};
    struct fixture *f = *state;

    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        assert_int_equal(gh_json_parse(gh_slice_str(cases[i].a), &f->arena,
                                       &opt, &f->doc, NULL),
                         GH_OK);
        assert_int_equal(gh_json_parse(gh_slice_str(cases[i].b), &f->arena,
                                       &opt, &f->other, NULL),
                         GH_OK);
        if (gh_json_equal(gh_json_root(&f->doc), gh_json_root(&f->other)) !=
            cases[i].equal)
            fail_msg("%s and %s", cases[i].a, cases[i].b);
    }
}

/* Two objects of many members in opposite order. */
static void equality_of_many(void **state)
{
    struct fixture *f = *state;
    struct gh_buf other;

    gh_buf_init(&other, 64u << 20);
    for (int i = 0; i < 50000; i++) {
        (void)gh_buf_addf(&f->text, "%c\"%d\":%d", i ? ',' : '{', i, i);
        (void)gh_buf_addf(&other, "%c\"%d\":%d", i ? ',' : '{', 49999 - i,
                          49999 - i);
    }
    (void)gh_buf_addc(&f->text, '}');
    (void)gh_buf_addc(&other, '}');
    assert_int_equal(
        gh_json_parse(gh_buf_slice(&f->text), &f->arena, NULL, &f->doc, NULL),
        GH_OK);
    assert_int_equal(
        gh_json_parse(gh_buf_slice(&other), &f->arena, NULL, &f->other, NULL),
        GH_OK);
    assert_true(gh_json_equal(gh_json_root(&f->doc), gh_json_root(&f->other)));
    gh_buf_fini(&other);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(accessors),  TEST(absence),      TEST(iteration),
        TEST(integers),   TEST(doubles),      TEST(very_long_number),
        TEST(duplicates), TEST(many_members), TEST(depth),
        TEST(limits),     TEST(errors),       TEST(places),
        TEST(prefixes),   TEST(equality),     TEST(equality_of_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
