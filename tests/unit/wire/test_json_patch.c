/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "wire/json_patch.h"

/* NULL: the patch is refused. The quotes are single here. */
static const struct {
    const char *doc;
    const char *patch;
    const char *result;
} cases[] = {
    {"{'a':1}", "[{'op':'add','path':'/b','value':2}]", "{'a':1,'b':2}"},
    {"{'a':1}", "[{'op':'add','path':'/a','value':2}]", "{'a':2}"},
    {"{'a':1}", "[{'op':'replace','path':'/a','value':null}]", "{'a':null}"},
    {"{'a':1}", "[{'op':'replace','path':'/b','value':2}]", NULL},
    {"{'a':1,'b':2}", "[{'op':'remove','path':'/a'}]", "{'b':2}"},
    {"{'a':1}", "[{'op':'remove','path':'/b'}]", NULL},
    {"{'a':{'b':[1,2]}}", "[{'op':'add','path':'/a/b/0','value':0}]",
     "{'a':{'b':[0,1,2]}}"},
    {"{'a':[1,2]}", "[{'op':'add','path':'/a/2','value':3}]", "{'a':[1,2,3]}"},
    {"{'a':[1,2]}", "[{'op':'add','path':'/a/-','value':3}]", "{'a':[1,2,3]}"},
    {"{'a':[1,2]}", "[{'op':'add','path':'/a/3','value':3}]", NULL},
    {"{'a':[1,2]}", "[{'op':'add','path':'/a/01','value':3}]", NULL},
    {"{'a':[1,2]}", "[{'op':'remove','path':'/a/1'}]", "{'a':[1]}"},
    {"{'a':[1,2]}", "[{'op':'remove','path':'/a/-'}]", NULL},
    {"{'a':[1,2]}", "[{'op':'replace','path':'/a/0','value':{'x':[]}}]",
     "{'a':[{'x':[]},2]}"},
    {"{'a':[{'b':1},{'b':2}]}", "[{'op':'replace','path':'/a/1/b','value':3}]",
     "{'a':[{'b':1},{'b':3}]}"},
    {"{'x/y':{'~':1}}", "[{'op':'remove','path':'/x~1y/~0'}]", "{'x/y':{}}"},
    {"{'a':1}", "[{'op':'remove','path':'/~2'}]", NULL},
    {"{'a':1}", "[{'op':'remove','path':'/a/b'}]", NULL},
    {"{'a':1}", "[{'op':'add','path':'/b/c','value':1}]", NULL},
    {"{'a':1}", "[{'op':'move','from':'/a','path':'/b'}]", NULL},
    {"{'a':1}", "[{'op':'add','path':'/b'}]", NULL},
    {"{'a':1}", "[{'op':'replace','path':'','value':1}]", NULL},
    {"{'a':1}", "[{'op':'replace','path':'a','value':1}]", NULL},
    {"{'a':1}", "[]", NULL},
    {"{'a':1}", "{}", NULL},
    {"{'a':1}",
     "[{'op':'add','path':'/b','value':{}},{'op':'add','path':'/b/c',"
     "'value':2},{'op':'remove','path':'/a'}]",
     "{'b':{'c':2}}"},
};

static struct gh_json parse(const char *text, struct gh_arena *a)
{
    struct gh_json_doc *doc = GH_ARENA_NEW(a, struct gh_json_doc);
    struct gh_slice copy = gh_arena_dup(a, gh_slice_str(text));
    char *at = (char *)(uintptr_t)copy.ptr;
    struct gh_err err;

    assert_non_null(doc);
    for (size_t i = 0; i < copy.len; i++)
        if (at[i] == '\'')
            at[i] = '"';
    if (gh_json_parse(copy, a, NULL, doc, &err) != GH_OK)
        fail_msg("%s: %s", text, err.text);
    return gh_json_root(doc);
}

static void applies_or_refuses(void **state)
{
    struct gh_arena a;

    (void)state;
    gh_arena_init(&a, 1u << 20);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct gh_json_doc got;
        struct gh_err err = {0};
        enum gh_rc rc = gh_json_patch(
            parse(cases[i].doc, &a), parse(cases[i].patch, &a), &a, &got, &err);

        if (!cases[i].result) {
            if (rc != GH_EPROTO || err.text[0] == '\0')
                fail_msg("%s was not refused", cases[i].patch);
        } else if (rc != GH_OK || !gh_json_equal(gh_json_root(&got),
                                                 parse(cases[i].result, &a))) {
            fail_msg("%s: %s%.*s", cases[i].patch, err.text,
                     rc == GH_OK ? (int)got.src_len : 0, got.src);
        }
        gh_arena_reset(&a);
    }
    gh_arena_fini(&a);
}

static void needs_no_error(void **state)
{
    struct gh_json_doc got;
    struct gh_arena a;

    (void)state;
    gh_arena_init(&a, 1u << 20);
    assert_int_equal(
        gh_json_patch(parse("{}", &a), parse("[{}]", &a), &a, &got, NULL),
        GH_EPROTO);
    gh_arena_fini(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(applies_or_refuses),
        cmocka_unit_test(needs_no_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
