/* SPDX-License-Identifier: Apache-2.0 */

/* Arguments against their rows: every problem, all at once, and what is
 * forgiven; inputSchema of every row is a schema. */

#include "conversation.h"

struct args_case {
    const char *given;    /* ' for " */
    const char *problems; /* ' for "; "" when there are none */
};

static const struct args_case cases[] = {
    {"{'text':'x'}", ""},
    {"{}", "- argument 'text' is required and missing: What to say\n"},
    {"{'text':null}",
     "- argument 'text' is required and missing: What to say\n"},
    {"{'text':''}", ""},
    {"{'text':1}", "- argument 'text' must be a string, not 1\n"},
    {"{'text':{'a':[1,2]}}",
     "- argument 'text' must be a string, not {'a':[1,2]}\n"},
    {"{'text':'x','times':10,'offset':-9007199254740993}", ""},
    {"{'text':'x','times':'10'}", ""},
    {"{'text':'x','times':1.0}", ""},
    {"{'text':'x','times':null,'mood':null,'loud':null,'headers':null}", ""},
    {"{'text':'x','times':0}",
     "- argument 'times' must be from 1 to 10, not 0 (the nearest is 1)\n"},
    {"{'text':'x','times':'11'}",
     "- argument 'times' must be from 1 to 10, not 11 (the nearest is 10)\n"},
    {"{'text':'x','times':-1}",
     "- argument 'times' must be from 1 to 10, not -1 (the nearest is 1)\n"},
    {"{'text':'x','times':1.5}",
     "- argument 'times' must be an integer, not 1.5\n"},
    {"{'text':'x','times':'1.5'}",
     "- argument 'times' must be an integer, not '1.5'\n"},
    {"{'text':'x','times':''}",
     "- argument 'times' must be an integer, not ''\n"},
    {"{'text':'x','times':'-'}",
     "- argument 'times' must be an integer, not '-'\n"},
    {"{'text':'x','offset':'-5'}", ""},
    {"{'text':'x','offset':1e400}",
     "- argument 'offset' must be an integer, not 1e400\n"},
    {"{'text':'x','offset':'9223372036854775808'}",
     "- argument 'offset' must be an integer, not '9223372036854775808'\n"},
    {"{'text':'x','mood':'sad'}", ""},
    {"{'text':'x','mood':'hapy'}",
     "- argument 'mood' must be one of 'happy', 'sad', not 'hapy' (did you "
     "mean 'happy'?)\n"},
    {"{'text':'x','mood':'furious'}",
     "- argument 'mood' must be one of 'happy', 'sad', not 'furious'\n"},
    {"{'text':'x','loud':true}", ""},
    {"{'text':'x','loud':'false'}", ""},
    {"{'text':'x','loud':'yes'}",
     "- argument 'loud' must be true or false, not 'yes'\n"},
    {"{'text':'x','loud':1}",
     "- argument 'loud' must be true or false, not 1\n"},
    {"{'text':'x','headers':{'a':'b'}}", ""},
    {"{'text':'x','headers':{'a':1}}",
     "- argument 'headers' must be an object whose values are strings, not "
     "{'a':1}\n"},
    {"{'text':'x','headers':['a']}",
     "- argument 'headers' must be an object whose values are strings, not "
     "['a']\n"},
    {"{'text':'x','tiems':1}",
     "- unknown argument 'tiems' (did you mean 'times'?)\n"},
    {"{'text':'x','completely':1}",
     "- unknown argument 'completely'; there are: text, times, mood, loud, "
     "headers, offset\n"},
    {"{'txt':'x','times':99,'mood':7,'loud':'maybe'}",
     "- unknown argument 'txt' (did you mean 'text'?)\n"
     "- argument 'text' is required and missing: What to say\n"
     "- argument 'times' must be from 1 to 10, not 99 (the nearest is 10)\n"
     "- argument 'mood' must be one of 'happy', 'sad', not 7\n"
     "- argument 'loud' must be true or false, not 'maybe'\n"},
};

static struct gh_json parse(const char *text, struct gh_arena *arena,
                            struct gh_json_doc *doc)
{
    struct gh_buf b;
    struct gh_slice copy;

    gh_buf_init(&b, 1 << 20);
    expand(&b, text);
    copy = gh_arena_dup(arena, gh_buf_slice(&b));
    gh_buf_fini(&b);
    assert_int_equal(gh_json_parse(copy, arena, NULL, doc, NULL), GH_OK);
    return gh_json_root(doc);
}

static void test_check(void **state)
{
    struct gh_arena arena;
    struct gh_buf problems;
    struct gh_buf want;

    (void)state;
    gh_arena_init(&arena, 1 << 20);
    gh_buf_init(&problems, 1 << 20);
    gh_buf_init(&want, 1 << 20);
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        struct gh_json_doc doc;
        struct gh_json given = parse(cases[i].given, &arena, &doc);
        size_t lines = 0;

        expand(&want, cases[i].problems);
        gh_buf_clear(&problems);
        for (const char *c = cases[i].problems; *c; c++)
            lines += *c == '\n';
        assert_int_equal(
            gh_mcp_args_check(given, echo_args, GH_COUNT(echo_args), &problems),
            lines);
        if (!gh_slice_eq(gh_buf_slice(&problems), gh_buf_slice(&want)))
            fail_msg("%s\n  is       %.*s\n  expected %.*s", cases[i].given,
                     GH_FMT(gh_buf_slice(&problems)),
                     GH_FMT(gh_buf_slice(&want)));
    }
    gh_arena_fini(&arena);
    gh_buf_fini(&problems);
    gh_buf_fini(&want);
}

/* What a model wrote at length is not repeated at length. */
static void test_shown(void **state)
{
    struct gh_buf problems;
    struct gh_arena arena;
    struct gh_json_doc doc;
    struct gh_json given;
    char text[400];

    (void)state;
    gh_arena_init(&arena, 1 << 20);
    gh_buf_init(&problems, 1 << 20);
    (void)snprintf(text, sizeof(text), "{'text':['%0300d']}", 7);
    given = parse(text, &arena, &doc);
    assert_int_equal(
        gh_mcp_args_check(given, echo_args, GH_COUNT(echo_args), &problems), 1);
    assert_in_range(problems.len, 100, 160);
    assert_non_null(memmem(problems.ptr, problems.len, "0...\n", 5));
    gh_arena_fini(&arena);
    gh_buf_fini(&problems);
}

/* Nor is a heap of nonsense listed in full. */
static void test_many_unknown(void **state)
{
    struct gh_buf problems;
    struct gh_arena arena;
    struct gh_json_doc doc;
    struct gh_buf text;
    struct gh_json given;

    (void)state;
    gh_arena_init(&arena, 1 << 20);
    gh_buf_init(&problems, 1 << 20);
    gh_buf_init(&text, 1 << 20);
    (void)gh_buf_add(&text, GH_SLICE("{'text':'x'"));
    for (int i = 0; i < 17; i++)
        (void)gh_buf_addf(&text, ",'%d':1", i);
    (void)gh_buf_add(&text, gh_slice_of("}", 2)); /* and a NUL */
    given = parse(text.ptr, &arena, &doc);
    assert_int_equal(
        gh_mcp_args_check(given, echo_args, GH_COUNT(echo_args), &problems),
        17);
    assert_true(gh_slice_ends(gh_buf_slice(&problems),
                              GH_SLICE("- and 1 more unknown arguments\n")));
    assert_null(memmem(problems.ptr, problems.len, "\"16\"", 4));
    assert_non_null(memmem(problems.ptr, problems.len, "\"15\"", 4));
    gh_arena_fini(&arena);
    gh_buf_fini(&problems);
    gh_buf_fini(&text);
}

static void test_no_arguments(void **state)
{
    struct gh_buf problems;
    struct gh_arena arena;
    struct gh_json_doc doc;
    struct gh_json given;

    (void)state;
    gh_arena_init(&arena, 1 << 20);
    gh_buf_init(&problems, 1 << 20);
    given = parse("{'a':1}", &arena, &doc);
    assert_int_equal(gh_mcp_args_check(given, NULL, 0, &problems), 1);
    assert_true(gh_slice_is(gh_buf_slice(&problems),
                            "- unknown argument \"a\"; there are none\n"));
    gh_arena_fini(&arena);
    gh_buf_fini(&problems);
}

static void test_schemas(void **state)
{
    (void)state;
    for (size_t i = 0; i < fixture_rows.tool_count; i++) {
        const struct gh_tool *tool = fixture_rows.tools[i];
        struct gh_arena arena;
        struct gh_json_doc doc;
        struct gh_jsonw w;
        struct gh_buf b;
        struct gh_json schema;

        gh_arena_init(&arena, 1 << 20);
        gh_buf_init(&b, 1 << 20);
        gh_jsonw_init(&w, &b);
        gh_mcp_write_schema(&w, tool->args, tool->arg_count);
        assert_true(w.done);
        assert_int_equal(
            gh_json_parse(gh_buf_slice(&b), &arena, NULL, &doc, NULL), GH_OK);
        schema = gh_json_root(&doc);
        assert_true(gh_json_str_is(gh_json_get(schema, "type"), "object"));
        assert_int_equal(gh_json_count(gh_json_get(schema, "properties")),
                         tool->arg_count);
        if (tool->output_schema)
            assert_int_equal(gh_json_parse(gh_slice_str(tool->output_schema),
                                           &arena, NULL, &doc, NULL),
                             GH_OK);
        gh_buf_fini(&b);
        gh_arena_fini(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_shown),
        cmocka_unit_test(test_many_unknown),
        cmocka_unit_test(test_no_arguments),
        cmocka_unit_test(test_schemas),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
