/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "mesh/selector.h"

#define L "{\"app\":\"web\",\"tier\":\"\"}"
#define EXPR(e) "{\"matchExpressions\":[" e "]}"

enum verdict { REFUSED, NO, YES };

static const struct {
    const char *selector;
    const char *labels;
    enum verdict verdict;
} cases[] = {
    {"null", L, YES},
    {"{}", L, YES},
    {"{}", "{}", YES},
    {"{\"matchLabels\":null,\"matchExpressions\":null}", L, YES},
    {"{\"matchLabels\":{},\"matchExpressions\":[]}", L, YES},
    {"{\"other\":7}", L, YES},
    {"{\"matchLabels\":{\"app\":\"web\"}}", L, YES},
    {"{\"matchLabels\":{\"app\":\"Web\"}}", L, NO},
    {"{\"matchLabels\":{\"app\":\"web\",\"x\":\"y\"}}", L, NO},
    {"{\"matchLabels\":{\"tier\":\"\"}}", L, YES},
    {"{\"matchLabels\":{\"tier\":\"\"}}", "{}", NO},
    {"{\"matchLabels\":{\"app\":\"web\"}}", "{\"app\":7}", NO},
    {"{\"matchLabels\":{\"app\":1}}", L, REFUSED},
    {"{\"matchLabels\":{\"app\":null}}", L, REFUSED},
    {"{\"matchLabels\":[]}", L, REFUSED},
    {"{\"matchLabels\":\"app=web\"}", L, REFUSED},
    {"[]", L, REFUSED},
    {"\"\"", L, REFUSED},
    {"true", L, REFUSED},
    {"{\"matchExpressions\":{}}", L, REFUSED},
    {EXPR("null"), L, REFUSED},
    {EXPR("{}"), L, REFUSED},
    {EXPR("{\"key\":\"app\"}"), L, REFUSED},
    {EXPR("{\"operator\":\"Exists\"}"), L, REFUSED},
    {EXPR("{\"key\":null,\"operator\":\"Exists\"}"), L, REFUSED},
    {EXPR("{\"key\":\"app\",\"operator\":\"exists\"}"), L, REFUSED},
    {EXPR("{\"key\":\"app\",\"operator\":\"Gt\",\"values\":[]}"), L, REFUSED},
    {EXPR("{\"key\":\"app\",\"operator\":\"In\",\"values\":\"web\"}"), L,
     REFUSED},
    {EXPR("{\"key\":\"app\",\"operator\":\"In\",\"values\":[1]}"), L, REFUSED},
    {EXPR("{\"key\":\"app\",\"operator\":\"In\",\"values\":[null]}"), L,
     REFUSED},
    {EXPR("{\"key\":\"app\",\"operator\":\"In\",\"values\":[\"a\",\"web\"]}"),
     L, YES},
    {EXPR("{\"key\":\"app\",\"operator\":\"In\",\"values\":[\"a\"]}"), L, NO},
    {EXPR("{\"key\":\"x\",\"operator\":\"In\",\"values\":[\"a\"]}"), L, NO},
    {EXPR("{\"key\":\"app\",\"operator\":\"In\",\"values\":[]}"), L, NO},
    {EXPR("{\"key\":\"app\",\"operator\":\"In\"}"), L, NO},
    {EXPR("{\"key\":\"app\",\"operator\":\"In\",\"values\":null}"), L, NO},
    {EXPR("{\"key\":\"app\",\"operator\":\"NotIn\",\"values\":[\"a\"]}"), L,
     YES},
    {EXPR("{\"key\":\"app\",\"operator\":\"NotIn\",\"values\":[\"web\"]}"), L,
     NO},
    {EXPR("{\"key\":\"x\",\"operator\":\"NotIn\",\"values\":[\"web\"]}"), L,
     YES},
    {EXPR("{\"key\":\"app\",\"operator\":\"NotIn\",\"values\":[]}"), L, YES},
    {EXPR("{\"key\":\"x\",\"operator\":\"NotIn\"}"), L, NO},
    {EXPR("{\"key\":\"tier\",\"operator\":\"Exists\"}"), L, YES},
    {EXPR("{\"key\":\"x\",\"operator\":\"Exists\"}"), L, NO},
    {EXPR("{\"key\":\"app\",\"operator\":\"Exists\",\"values\":[]}"), L, NO},
    {EXPR("{\"key\":\"app\",\"operator\":\"Exists\",\"values\":null}"), L, YES},
    {EXPR("{\"key\":\"x\",\"operator\":\"DoesNotExist\"}"), L, YES},
    {EXPR("{\"key\":\"tier\",\"operator\":\"DoesNotExist\"}"), L, NO},
    {EXPR("{\"key\":\"x\",\"operator\":\"DoesNotExist\",\"values\":[]}"), L,
     NO},
    {EXPR("{\"key\":\"app\",\"operator\":\"Exists\"},"
          "{\"key\":\"x\",\"operator\":\"Exists\"}"),
     L, NO},
    {"{\"matchLabels\":{\"app\":\"web\"},\"matchExpressions\":"
     "[{\"key\":\"app\",\"operator\":\"NotIn\",\"values\":[\"web\"]}]}",
     L, NO},
};

static struct gh_json parse(struct gh_arena *a, const char *json)
{
    struct gh_json_doc *doc = GH_ARENA_NEW(a, struct gh_json_doc);

    assert_non_null(doc);
    assert_int_equal(gh_json_parse(gh_slice_str(json), a, NULL, doc, NULL),
                     GH_OK);
    return gh_json_root(doc);
}

static void selects(void **state)
{
    struct gh_arena a;

    (void)state;
    gh_arena_init(&a, 1u << 20);
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        struct gh_labels labels =
            gh_labels_from_json(parse(&a, cases[i].labels), &a);
        struct gh_selector s;
        enum verdict v = REFUSED;

        if (gh_selector_from_json(parse(&a, cases[i].selector), &a, &s))
            v = gh_selector_matches(&s, labels) ? YES : NO;
        if (v != cases[i].verdict)
            fail_msg("%s: %d", cases[i].selector, (int)v);
        gh_arena_reset(&a);
    }
    gh_arena_fini(&a);
}

static void missing_selects_all(void **state)
{
    struct gh_selector s;
    struct gh_arena a;

    (void)state;
    gh_arena_init(&a, 1u << 20);
    assert_true(gh_selector_from_json(GH_JSON_NONE, &a, &s));
    assert_true(gh_selector_matches(&s, (struct gh_labels){0}));
    assert_int_equal(gh_labels_from_json(GH_JSON_NONE, &a).count, 0);
    gh_arena_fini(&a);
}

static void reads_labels(void **state)
{
    struct gh_labels labels;
    struct gh_arena a;

    (void)state;
    gh_arena_init(&a, 1u << 20);
    labels = gh_labels_from_json(
        parse(&a, "{\"a\":\"1\",\"b\":2,\"c\":null,\"d\":\"\"}"), &a);
    assert_int_equal(labels.count, 2);
    assert_true(gh_slice_is(gh_labels_get(labels, GH_SLICE("a")), "1"));
    assert_non_null(gh_labels_get(labels, GH_SLICE("d")).ptr);
    assert_null(gh_labels_get(labels, GH_SLICE("b")).ptr);
    assert_int_equal(gh_labels_from_json(parse(&a, "[\"a\"]"), &a).count, 0);
    gh_arena_fini(&a);
}

static void refuses_without_memory(void **state)
{
    struct gh_arena a;
    struct gh_arena small;
    struct gh_selector s;

    (void)state;
    gh_arena_init(&a, 1u << 20);
    gh_arena_init(&small, 16);
    assert_false(
        gh_selector_from_json(parse(&a, cases[6].selector), &small, &s));
    gh_arena_fini(&small);
    gh_arena_fini(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(selects),
        cmocka_unit_test(missing_selects_all),
        cmocka_unit_test(reads_labels),
        cmocka_unit_test(refuses_without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
