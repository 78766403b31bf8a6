/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "wire/json_repeat.h"
#include "wire/json_write.h"
#include "wire/yaml.h"
#include "wire/yaml_scalar.h"

/*
 * YAML is compared by the JSON it becomes: what a case expects is each
 * document's compact JSON, or the place and words of its error.
 */

static void put_error(struct gh_buf *out, const struct gh_err *err)
{
    (void)gh_buf_addf(out, "%u:%u %s", err->line, err->column, err->text);
}

/* All documents of a stream, divided by '|'. */
static void read_all(struct gh_slice yaml, const struct gh_yaml_options *opt,
                     struct gh_buf *out)
{
    struct gh_yaml *y = gh_yaml_new(yaml, opt);
    struct gh_arena arena;
    enum gh_rc rc;

    gh_arena_init(&arena, (size_t)256 << 20);
    do {
        struct gh_json_doc doc;
        struct gh_err err = {0};
        struct gh_jsonw w;

        rc = gh_yaml_next(y, &arena, &doc, &err);
        if (rc != GH_END && out->len > 0)
            (void)gh_buf_addc(out, '|');
        if (rc < 0)
            put_error(out, &err);
        if (rc != GH_OK)
            continue;
        gh_jsonw_init(&w, out);
        gh_jsonw_value(&w, gh_json_root(&doc));
        assert_non_null(doc.marks);
    } while (rc != GH_END);
    gh_arena_fini(&arena);
    assert_null(gh_yaml_free(y));
}

struct yaml_case {
    const char *yaml;
    const char *expected;
};

static void check(const struct yaml_case *cases, size_t count,
                  const struct gh_yaml_options *opt)
{
    for (size_t i = 0; i < count; i++) {
        struct gh_buf out GH_BUF_CLEANUP;

        gh_buf_init(&out, (size_t)64 << 20);
        read_all(gh_slice_str(cases[i].yaml), opt, &out);
        (void)gh_buf_addc(&out, '\0');
        if (strcmp(out.ptr, cases[i].expected) != 0)
            print_error("case %zu: %s\n", i, cases[i].yaml);
        assert_string_equal(out.ptr, cases[i].expected);
    }
}

/* --- scalars -------------------------------------------------------------- */

static void test_scalars(void **state)
{
    static const struct yaml_case cases[] = {
        {"[y, Y, yes, Yes, YES, on, On, ON, true, True, TRUE]",
         "[true,true,true,true,true,true,true,true,true,true,true]"},
        {"[n, N, no, No, NO, off, Off, OFF, false, False, FALSE]",
         "[false,false,false,false,false,false,false,false,false,false,"
         "false]"},
        {"[yEs, oN, tRUE, fALSE, nULL]",
         "[\"yEs\",\"oN\",\"tRUE\",\"fALSE\",\"nULL\"]"},
        {"- ~\n- null\n- Null\n- NULL\n-\n- ''", "[null,null,null,null,null,"
                                                 "\"\"]"},
        {"['yes', \"no\", 'null', \"1\", '0x10']",
         "[\"yes\",\"no\",\"null\",\"1\",\"0x10\"]"},
        {"[0, 7, -7, +7, 1_000, 0_0, -0]", "[0,7,-7,7,1000,0,0]"},
        {"[0x1F, 0XfF, 0o17, 0O17, 017, 0b101, 0B11, -0x10, +0b1, 0_17]",
         "[31,255,15,15,15,5,3,-16,1,15]"},
        {"[08, 09.5, 0o8, 0b2, 0xg, 0x, 0b, 0o]",
         "[8,9.5,\"0o8\",\"0b2\",\"0xg\",\"0x\",\"0b\",\"0o\"]"},
        {"[1.5, -1.5, +1.5, .5, -.5, 5., 1e3, 1E-3, 1.5e+3, 1_0.5]",
         "[1.5,-1.5,1.5,0.5,-0.5,5,1000,0.001,1500,10.5]"},
        {"[1e, e1, 1.2.3, 1-2, -_, +, ., .., 1e999, -1e999, 12:30, 100m, 1Gi]",
         "[\"1e\",\"e1\",\"1.2.3\",\"1-2\",\"-_\",\"+\",\".\",\"..\",\"1e999\","
         "\"-1e999\",\"12:30\",\"100m\",\"1Gi\"]"},
        {"[9223372036854775807, -9223372036854775808, 18446744073709551615]",
         "[9223372036854775807,-9223372036854775808,18446744073709551615]"},
        {"[18446744073709551616, -9223372036854775809]",
         "[18446744073709552000,-9223372036854776000]"},
        {"[0x10000000000000000, 2026-01-02, 2026-01-02T03:04:05Z]",
         "[18446744073709552000,\"2026-01-02\",\"2026-01-02T03:04:05Z\"]"},
        {"[<<, =, a b, \"\\u00e9\\t\", 'it''s']",
         "[\"<<\",\"=\",\"a b\",\"\xc3\xa9\\t\",\"it's\"]"},
        {"['''''', 'a ''''b', 'a'''' ''''\n  b']",
         "[\"''\",\"a ''b\",\"a'' '' b\"]"},
        {"- 'x ''''\n\n  y '''''", "[\"x ''\\ny ''\"]"},
        {"a: |\n  x\n  y\nb: >-\n  x\n  y\nc: |+\n  z\n\n",
         "{\"a\":\"x\\ny\\n\",\"b\":\"x y\",\"c\":\"z\\n\\n\"}"},
        {"[!!str 5, !!str yes, !!int '5', !!float 5, !!bool on, !!null ~]",
         "[\"5\",\"yes\",5,5,true,null]"},
        {"[! 5, !foo 5, !!timestamp 2026-01-02]",
         "[\"5\",\"5\",\"2026-01-02\"]"},
        {"a: .inf", "1:4 .inf has no JSON form; quote it if it is text"},
        {"a: -.Inf", "1:4 -.Inf has no JSON form; quote it if it is text"},
        {"- .NaN", "1:3 .NaN has no JSON form; quote it if it is text"},
        {"- !!int x", "1:9 \"x\" is no !!int"},
        {"- !!binary aGk=", "1:12 !!binary has no JSON form"},
    };

    (void)state;
    check(cases, GH_COUNT(cases), NULL);
}

static void test_names(void **state)
{
    static const struct yaml_case cases[] = {
        {"{yes: 1, 0x10: 2, 1.50: 3, 1e6: 4, 100000.0: 5, 1e-5: 6, \"y\": 7}",
         "{\"true\":1,\"16\":2,\"1.5\":3,\"1e+06\":4,\"100000\":5,\"1e-05\":6,"
         "\"y\":7}"},
        {".inf: 1\n-.inf: 2\n.nan: 3", "{\".inf\":1,\"-.inf\":2,\".nan\":3}"},
        {"? a\n: b\n? c\n", "{\"a\":\"b\",\"c\":null}"},
        {"&k a: 1\nb: {*k : 2}", "{\"a\":1,\"b\":{\"a\":2}}"},
        {"~: 1", "1:1 a name may not be null"},
        {": 1", "1:1 a name may not be null"},
        {"? [a]\n: 1", "1:3 a name must be a scalar, no sequence"},
        {"? {a: b}\n: 1", "1:3 a name must be a scalar, no mapping"},
        {"a: 1\nb: 2\na: 3", "3:1 name \"a\" occurs twice"},
        {"x:\n  - {k: 1, 'k': 2}", "2:12 name \"k\" occurs twice"},
        {"1: a\n'1': b", "2:1 name \"1\" occurs twice"},
        {"x: &x {a: 1, a: 2}", "1:14 name \"a\" occurs twice"},
    };

    (void)state;
    check(cases, GH_COUNT(cases), NULL);
}

static void test_repeated_names(void **state)
{
    static const struct yaml_case cases[] = {
        {"a: 1\nb: 2\na: 3", "{\"a\":1,\"b\":2,\"a\":3}"},
    };
    const struct gh_yaml_options opt = {.duplicates = GH_JSON_DUP_LAST};
    struct gh_yaml *y = gh_yaml_new(GH_SLICE("a: {b: 1}\na: {b: 3}"), &opt);
    struct gh_arena arena;
    struct gh_json_doc doc;
    struct gh_json name;
    struct gh_err err;
    int64_t value = 0;

    (void)state;
    check(cases, GH_COUNT(cases), &opt);
    gh_arena_init(&arena, 1u << 20);
    assert_int_equal(gh_yaml_next(y, &arena, &doc, &err), GH_OK);
    assert_true(gh_json_i64(gh_json_path(gh_json_root(&doc), "a/b"), &value));
    assert_int_equal(value, 3);
    name = gh_json_find_repeated(&doc);
    assert_true(gh_json_str_is(name, "a"));
    assert_int_equal(gh_json_mark(name).line, 2);
    gh_arena_fini(&arena);
    gh_yaml_free(y);
}

/* --- aliases and merge keys ----------------------------------------------- */

static void test_aliases(void **state)
{
    static const struct yaml_case cases[] = {
        {"a: &x [1, {b: c}]\nd: *x\ne: *x",
         "{\"a\":[1,{\"b\":\"c\"}],\"d\":[1,{\"b\":\"c\"}],"
         "\"e\":[1,{\"b\":\"c\"}]}"},
        {"- &x 1\n- &x 2\n- *x", "[1,2,2]"},
        {"- &a yes\n- *a", "[true,true]"},
        {"a: *nope", "1:4 alias \"*nope\" has no anchor before it"},
        {"a: &x\n  b: *x", "2:6 alias \"*x\" is cyclic: it stands inside the "
                           "value that it names"},
        {"&x [*x]", "1:5 alias \"*x\" is cyclic: it stands inside the value "
                    "that it names"},
        {"&x a\n---\n*x", "\"a\"|3:1 alias \"*x\" has no anchor before it"},
    };

    (void)state;
    check(cases, GH_COUNT(cases), NULL);
}

static void test_merges(void **state)
{
    static const struct yaml_case cases[] = {
        {"a: &a {x: 1, z: 2}\nb: {<<: *a, z: 3, q: 4}",
         "{\"a\":{\"x\":1,\"z\":2},\"b\":{\"x\":1,\"z\":3,\"q\":4}}"},
        /* where it stands: what is above loses, as with kubectl */
        {"a: &a {x: 1}\nb: {x: 0, <<: *a}",
         "{\"a\":{\"x\":1},\"b\":{\"x\":1}}"},
        {"- &a {x: 1}\n- &b {x: 2, z: 2}\n- {<<: [*a, *b]}",
         "[{\"x\":1},{\"x\":2,\"z\":2},{\"x\":1,\"z\":2}]"},
        {"- &a {x: 1}\n- &b {<<: *a, z: 2}\n- {<<: *b, q: 3}",
         "[{\"x\":1},{\"x\":1,\"z\":2},{\"x\":1,\"z\":2,\"q\":3}]"},
        {"- {<<: {q: 1}}", "[{\"q\":1}]"},
        {"- {'<<': {q: 1}}", "[{\"<<\":{\"q\":1}}]"},
        {"- {<<: []}", "[{}]"},
        {"- {<<: 5}", "1:8 \"<<\" takes a mapping or a list of mappings"},
        {"- {<<: [5]}", "1:9 \"<<\" takes a mapping or a list of mappings"},
        {"- {<<: {a: 1}, a: 2, a: 3}", "1:22 name \"a\" occurs twice"},
        {"- {<<: {a: 1, a: 2}}", "1:15 name \"a\" occurs twice"},
    };

    (void)state;
    check(cases, GH_COUNT(cases), NULL);
}

static void test_bombs(void **state)
{
    static const char bomb[] = "a: &a [x,x,x,x,x,x,x,x,x]\n"
                               "b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
                               "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
                               "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
                               "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\n"
                               "f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n"
                               "g: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n"
                               "h: &h [*g,*g,*g,*g,*g,*g,*g,*g,*g]\n";
    static const char hollow[] = "a: &a []\n"
                                 "b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
                                 "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
                                 "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
                                 "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n";
    static const char merges[] =
        "- &a {a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8}\n"
        "- &b {<<: [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]}\n"
        "- &c {<<: [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]}\n"
        "- &d {<<: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]}\n";
    const struct gh_yaml_options opt = {.max_bytes = 5000};
    const char *const inputs[] = {bomb, hollow, merges};

    (void)state;
    for (size_t i = 0; i < GH_COUNT(inputs); i++) {
        struct gh_yaml *y = gh_yaml_new(gh_slice_str(inputs[i]), &opt);
        struct gh_arena arena;
        struct gh_json_doc doc;
        struct gh_err err;

        gh_arena_init(&arena, 1u << 20);
        assert_int_equal(gh_yaml_next(y, &arena, &doc, &err), GH_ETOOBIG);
        assert_non_null(strstr(err.text, "expand too far"));
        assert_true(err.line > 0);
        assert_int_equal(gh_yaml_next(y, &arena, &doc, &err), GH_END);
        gh_arena_fini(&arena);
        gh_yaml_free(y);
    }
}

/* --- streams -------------------------------------------------------------- */

static void test_streams(void **state)
{
    static const struct yaml_case cases[] = {
        {"", ""},
        {"\n\n# nothing\n", ""},
        {"---\n---\n# nothing\n---\n...\n---\n~\n", ""},
        {"\xef\xbb\xbf"
         "a: 1",
         "{\"a\":1}"},
        {"a: 1\n---\nb: 2\n", "{\"a\":1}|{\"b\":2}"},
        {"a: 1\r\n---\r\nb: |\r\n  x\r\n  y\r\n",
         "{\"a\":1}|{\"b\":\"x\\ny\\n\"}"},
        {"a: 1\r---\rb: 2", "{\"a\":1}|{\"b\":2}"},
        {"--- a\n--- b\n... # end\nc\n", "\"a\"|\"b\"|\"c\""},
        {"---\na: 1\n--- # two\nb: 2\n...\n", "{\"a\":1}|{\"b\":2}"},
        {"%YAML 1.2\n---\na: 1\n...\n%TAG !e! tag:yaml.org,2002:\n---\n"
         "b: !e!str 2\n",
         "{\"a\":1}|{\"b\":\"2\"}"},
        {"a: |\n  ---\n  b\nc: '---'\n",
         "{\"a\":\"---\\nb\\n\",\"c\":\"---\"}"},
        {"a: |\n x", "{\"a\":\"x\\n\"}"}, /* cut off by the end */
        {"a: |\n ", "{\"a\":\"\"}"},
        {"a: ---b\n---b: 1\n", "{\"a\":\"---b\",\"---b\":1}"},
        {"{\"a\": [1, 2.5e3, \"x\\u0041\"], \"b\": {}}",
         "{\"a\":[1,2500,\"xA\"],\"b\":{}}"},
        /* one that is broken does not take the next one with it */
        {"a: [1\n---\nb: 2\n", "2:1 not valid YAML: flow sequence without a "
                               "closing bracket|{\"b\":2}"},
        {"a: 1\n---\nb: 1\nb: 2\n---\nc: 3\n",
         "{\"a\":1}|4:1 name \"b\" occurs twice|{\"c\":3}"},
        {"a: \"x\n---\nb: 2\n", "1:5 not valid YAML: double-quoted scalar "
                                "without closing quote|{\"b\":2}"},
    };

    (void)state;
    check(cases, GH_COUNT(cases), NULL);
}

static void test_bad_bytes(void **state)
{
    static const struct yaml_case cases[] = {
        {"a: 1\nb: x\xff\n", "2:5 byte 0xff is not valid UTF-8"},
        {"a: \xc3\n---\nb: 2", "1:4 byte 0xc3 is not valid UTF-8|{\"b\":2}"},
        {"a: \xed\xa0\x80", "1:4 byte 0xed is not valid UTF-8"},
        {"a: \xc0\x80", "1:4 byte 0xc0 is not valid UTF-8"},
        {"a: \xf4\x90\x80\x80", "1:4 byte 0xf4 is not valid UTF-8"},
        {"a: \xf0\x9f\x90\xb3", "{\"a\":\"\xf0\x9f\x90\xb3\"}"},
        {"a: \x07", "1:4 control character is not allowed"},
        {"a: \x7f", "1:4 control character is not allowed"},
        {"a: \xc2\x80", "1:4 control character is not allowed"},
        {"\xff\xfe"
         "a",
         "1:1 this is UTF-16; only UTF-8 is read"},
    };
    struct gh_buf out GH_BUF_CLEANUP;

    (void)state;
    check(cases, GH_COUNT(cases), NULL);
    gh_buf_init(&out, 1000);
    read_all(gh_slice_of("a: b\0c", 6), NULL, &out);
    assert_true(gh_slice_is(gh_buf_slice(&out),
                            "1:5 control character NUL is not allowed"));
}

/* Shapes that take libfyaml time in the square of their length are refused. */
static void test_slow_shapes(void **state)
{
    static const struct {
        const char *head;
        const char *part;
        size_t count;
        const char *expected;
    } cases[] = {
        {"a: |\n x\n", "\n", 4000, "{\"a\":\"x\\n\"}"},
        {"a: |\n x\n", "\n", 5000, "2:3 too many empty lines in a row"},
        {"a: |\n x\n", " \r\n", 5000, "2:3 too many empty lines"},
        {"a: >-\n x\n", "\xe2\x80\xa8", 5000, "2:3 too many empty lines"},
        {"- x", "\n\n\n\n\n- x", 20000, "[\"x\""},
        {"", "%TAG !a! b\n", 65, "1:1 the document has more than 64 direct"},
        {"!<", "%41", 65, "1:1 the tag has more than 64 escapes"},
        {"a: '!", "%41", 60, "1:5 not valid YAML"},
        {"a", "\r", 1000000, "1:2 too many empty lines"},
    };

    (void)state;
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        struct gh_buf in GH_BUF_CLEANUP;
        struct gh_buf out GH_BUF_CLEANUP;

        gh_buf_init(&in, 4u << 20);
        gh_buf_init(&out, 4u << 20);
        (void)gh_buf_add(&in, gh_slice_str(cases[i].head));
        for (size_t j = 0; j < cases[i].count; j++)
            (void)gh_buf_add(&in, gh_slice_str(cases[i].part));
        read_all(gh_buf_slice(&in), NULL, &out);
        (void)gh_buf_addc(&out, '\0');
        if (strncmp(out.ptr, cases[i].expected, strlen(cases[i].expected)) != 0)
            assert_string_equal(out.ptr, cases[i].expected);
    }
}

/* Each run is short enough, both together are not. */
static void test_gaps_add_up(void **state)
{
    struct gh_buf in GH_BUF_CLEANUP;
    struct gh_buf out GH_BUF_CLEANUP;

    (void)state;
    gh_buf_init(&in, 1u << 16);
    gh_buf_init(&out, 1u << 16);
    for (int i = 0; i < 2; i++) {
        (void)gh_buf_add(&in, GH_SLICE("- x"));
        for (int j = 0; j < 3000; j++)
            (void)gh_buf_addc(&in, '\n');
    }
    read_all(gh_buf_slice(&in), NULL, &out);
    assert_true(gh_slice_is(gh_buf_slice(&out),
                            "3001:4 too many empty lines in a row"));
}

static void test_depth(void **state)
{
    static const struct yaml_case cases[] = {
        {"[[[1]]]", "[[[1]]]"},
        {"[[[[1]]]]", "1:4 nested deeper than 3 levels"},
        {"- - - 1", "[[[1]]]"},
        {"a: {b: {c: {d: 1}}}", "1:12 nested deeper than 3 levels"},
        {"- &a [1]\n- &b [*a]\n- [[*b]]", "2:6 nested deeper than 3 levels"},
    };
    const struct gh_yaml_options opt = {.max_depth = 3};
    struct gh_buf out GH_BUF_CLEANUP;
    struct gh_buf deep GH_BUF_CLEANUP;

    (void)state;
    check(cases, GH_COUNT(cases), &opt);
    gh_buf_init(&deep, 1u << 20);
    gh_buf_init(&out, 1000);
    for (int i = 0; i < 200000; i++)
        (void)gh_buf_add(&deep, i % 2 ? GH_SLICE("- ") : GH_SLICE("["));
    read_all(gh_buf_slice(&deep), NULL, &out);
    assert_true(out.len > 0);
}

/* --- places --------------------------------------------------------------- */

static void test_marks(void **state)
{
    static const char yaml[] = "# first\n"
                               "x: 1\n"
                               "---\n"
                               "spec:\n"
                               "  ports:\n"
                               "  - name: http\n"
                               "    port: \"80\"\n"
                               "  empty:\n"
                               "  text: |\n"
                               "    hello\n";
    static const struct {
        const char *path;
        uint32_t line;
        uint32_t column;
    } cases[] = {
        {"spec", 5, 3},
        {"spec/ports", 6, 3},
        {"spec/empty", 8, 3},
        {"spec/text", 10, 1},
    };
    struct gh_yaml *y = gh_yaml_new(gh_slice_str(yaml), NULL);
    struct gh_arena arena;
    struct gh_json_doc doc;
    struct gh_json_mark mark;
    struct gh_json port;
    struct gh_err err;

    (void)state;
    gh_arena_init(&arena, 1u << 20);
    assert_int_equal(gh_yaml_next(y, &arena, &doc, &err), GH_OK);
    assert_int_equal(gh_yaml_next(y, &arena, &doc, &err), GH_OK);
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        mark = gh_json_mark(gh_json_path(gh_json_root(&doc), cases[i].path));
        assert_int_equal(mark.line, cases[i].line);
        assert_int_equal(mark.column, cases[i].column);
    }
    port = gh_json_at(gh_json_path(gh_json_root(&doc), "spec/ports"), 0);
    mark = gh_json_mark(gh_json_get(port, "port"));
    assert_int_equal(mark.line, 7);
    assert_int_equal(mark.column, 11);
    gh_arena_fini(&arena);
    gh_yaml_free(y);
}

/* --- real manifests ------------------------------------------------------- */

static size_t count_documents(const char *path)
{
    const struct gh_yaml_options opt = {.duplicates = GH_JSON_DUP_LAST};
    struct gh_buf text GH_BUF_CLEANUP;
    FILE *f = fopen(path, "rb");
    struct gh_arena arena;
    struct gh_yaml *y;
    struct gh_json_doc doc;
    struct gh_err err;
    size_t count = 0;
    enum gh_rc rc;

    assert_non_null(f);
    gh_buf_init(&text, (size_t)64 << 20);
    assert_int_equal(gh_buf_reserve(&text, (size_t)8 << 20), GH_OK);
    text.len = fread(text.ptr, 1, text.cap, f);
    (void)fclose(f);
    y = gh_yaml_new(gh_buf_slice(&text), &opt);
    gh_arena_init(&arena, (size_t)64 << 20);
    while ((rc = gh_yaml_next(y, &arena, &doc, &err)) != GH_END) {
        if (rc < 0)
            print_error("%s:%u:%u: %s\n", path, err.line, err.column, err.text);
        assert_int_equal(rc, GH_OK);
        gh_arena_reset(&arena);
        count++;
    }
    gh_arena_fini(&arena);
    gh_yaml_free(y);
    return count;
}

static void test_shared_manifests(void **state)
{
    static const char *const folders[] = {"manifests", "demo", "crds"};
    const char *shared = getenv("GATEHOUSE_SHARED");
    size_t files = 0;

    (void)state;
    for (size_t i = 0; i < GH_COUNT(folders); i++) {
        char path[512];
        DIR *dir;
        struct dirent *entry;

        (void)snprintf(path, sizeof(path), "%s/data/linkerd/%s",
                       shared ? shared : "../shared", folders[i]);
        dir = opendir(path);
        while (dir && (entry = readdir(dir))) {
            char file[1024];

            if (!strstr(entry->d_name, ".yaml"))
                continue;
            (void)snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
            assert_true(count_documents(file) > 0);
            files++;
        }
        if (dir)
            (void)closedir(dir);
    }
    if (files == 0) {
        print_message("left out: no shared manifests here\n");
        skip();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scalars),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_repeated_names),
        cmocka_unit_test(test_aliases),
        cmocka_unit_test(test_merges),
        cmocka_unit_test(test_bombs),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_bad_bytes),
        cmocka_unit_test(test_slow_shapes),
        cmocka_unit_test(test_gaps_add_up),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_marks),
        cmocka_unit_test(test_shared_manifests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
