/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/want.h"

/*
 * Projection: fields and an object in, canonical JSON out. '\'' stands for '"'
 * in the cases.
 */

#define MAX_FIELDS 6

struct cut_case {
    const char *fields[MAX_FIELDS];
    const char *object;
    const char *expected;
};

static struct gh_slice requote(const char *text, char *to, size_t size)
{
    size_t len = strlen(text);

    assert_true(len < size);
    for (size_t i = 0; i <= len; i++)
        to[i] = text[i] == '\'' ? '"' : text[i];
    return gh_slice_of(to, len);
}

static void check(const struct gh_want *rows, size_t count, const char *object,
                  const char *name, const char *expected)
{
    struct gh_json_options opt = {.duplicates = GH_JSON_DUP_LAST};
    struct gh_cut *c = gh_cut_new();
    struct gh_arena arena;
    struct gh_json_doc doc;
    struct gh_buf out GH_BUF_CLEANUP;
    char in[2048];
    char want[2048];

    gh_buf_init(&out, 1u << 20);
    gh_arena_init(&arena, 1u << 20);
    for (size_t i = 0; i < count; i++)
        gh_cut_add(c, &rows[i]);
    assert_int_equal(gh_json_parse(requote(object, in, sizeof(in)), &arena,
                                   &opt, &doc, NULL),
                     GH_OK);
    assert_int_equal(
        gh_cut_write(c, gh_json_root(&doc), gh_slice_str(name), &arena, &out),
        GH_OK);
    (void)gh_buf_addc(&out, '\0');
    (void)requote(expected, want, sizeof(want));
    assert_string_equal(out.ptr, want);
    gh_arena_fini(&arena);
    assert_null(gh_cut_free(c));
}

static void test_fields(void **state)
{
    static const struct cut_case cases[] = {
        {{NULL}, /* what is always kept */
         "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'a','namespace':"
         "'b','uid':'u','creationTimestamp':'t','managedFields':[{}]},"
         "'spec':{}}",
         "{'apiVersion':'v1','kind':'Pod','metadata':{'creationTimestamp':'t',"
         "'name':'a','namespace':'b'}}"},
        {{"spec a"},
         "{'spec': {'a': {'x': [1, 2]}, 'b': 3}, 'status': {'a': 1}}",
         "{'spec':{'a':{'x':[1,2]}}}"},
        {{"spec list a", "spec list b c"}, /* lists are passed through */
         "{'spec':{'list':[{'a':1,'z':2},{'b':{'c':3,'d':4}},{},5,null,"
         "[{'a':6}]]}}",
         "{'spec':{'list':[{'a':1},{'b':{'c':3}},{},null,null,[{'a':6}]]}}"},
        {{"spec a b"}, /* nothing to go deeper into */
         "{'spec':{'a':7}}",
         "{'spec':{}}"},
        {{"spec a b"}, "{'spec':null}", "{}"},
        {{"spec a b"}, "{'spec':{'a':{}}}", "{'spec':{'a':{}}}"},
        {{"metadata annotations config.linkerd.io/*",
          "metadata annotations *x"},
         "{'metadata':{'annotations':{'config.linkerd.io/a':'1','foo':'2',"
         "'prefix':'3'}}}",
         "{'metadata':{'annotations':{'config.linkerd.io/a':'1','prefix':"
         "'3'}}}"},
        {{"spec *mid*"},
         "{'spec':{'mid':1,'amid':2,'midb':3,'amidb':4,'mi':5}}",
         "{'spec':{'amid':2,'amidb':4,'mid':1,'midb':3}}"},
        {{"spec * a"},
         "{'spec':{'x':{'a':1,'b':2},'y':3}}",
         "{'spec':{'x':{'a':1}}}"},
        {{"spec a", "spec a b"}, /* the shorter one has it all */
         "{'spec':{'a':{'b':1,'c':2}}}",
         "{'spec':{'a':{'b':1,'c':2}}}"},
        {{"spec x* a", "spec xy b"}, /* two parts of the trie agree */
         "{'spec':{'xy':{'a':1,'b':2,'c':3}}}",
         "{'spec':{'xy':{'a':1,'b':2}}}"},
        {{"metadata"},
         "{'metadata':{'managedFields':1,'a':{'managedFields':"
         "2}}}",
         "{'metadata':{'a':{'managedFields':2}}}"},
        {{"metadata managedFields"},
         "{'metadata':{'managedFields':1}}",
         "{'metadata':{}}"},
    };

    (void)state;
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        struct gh_want row = {"", "Pod", cases[i].fields, NULL};

        check(&row, 1, cases[i].object, "a", cases[i].expected);
    }
}

static void test_canonical(void **state)
{
    static const struct cut_case cases[] = {
        {{"spec"},
         "{'spec':{'b':1,'a':{'d':1,'c':2}}}",
         "{'spec':{'a':{'c':2,'d':1},'b':1}}"},
        {{"spec a", "spec c"},
         "{'spec':{'c':1,'b':2,'a':3}}",
         "{'spec':{'a':3,'c':1}}"},
        {{"spec"}, "{'spec':{'a':1,'b':2,'a':3}}", "{'spec':{'a':3,'b':2}}"},
        {{"spec"},
         "{'spec':[1.0,1e2,-0,0.10,100,-5,0,12345678901234567890,true]}",
         "{'spec':[1,100,0,0.1,100,-5,0,12345678901234567000,true]}"},
        {{"spec"},
         "{'spec':['\\u0041\\/\\n','\\u00e9']}",
         "{'spec':['A/\\n','\xc3\xa9']}"},
        {{"spec"}, "{'spec':{'\\u0062':1,'a':2}}", "{'spec':{'a':2,'b':1}}"},
        /* by UTF-16 code units: U+1F600 sorts before U+FB33 */
        {{"spec"},
         "{'spec':{'\xef\xac\xb3':1,'\xf0\x9f\x98\x80':2,'\xc3\xb6':3}}",
         "{'spec':{'\xc3\xb6':3,'\xf0\x9f\x98\x80':2,'\xef\xac\xb3':1}}"},
        {{"spec"}, "{ 'spec' : [ ] , 'kind' : { } }", "{'kind':{},'spec':[]}"},
    };

    (void)state;
    for (size_t i = 0; i < GH_COUNT(cases); i++) {
        struct gh_want row = {"", "Pod", cases[i].fields, NULL};

        check(&row, 1, cases[i].object, "a", cases[i].expected);
    }
}

static void test_rows(void **state)
{
    static const char *const a[] = {"data a", NULL};
    static const char *const b[] = {"data b", NULL};
    static const struct gh_want rows[] = {
        {"", "ConfigMap", a, "one"},
        {"", "ConfigMap", b, "one"},
        {"", "ConfigMap", NULL, "all"},
    };
    static const struct gh_want both[] = {
        {"", "ConfigMap", a, NULL},
        {"", "ConfigMap", b, "one"},
    };
    const char *object = "{'data':{'a':1,'b':2,'c':3},'metadata':"
                         "{'managedFields':0,'x':1}}";
    struct gh_cut *c = gh_cut_new();

    (void)state;
    check(rows, 3, object, "one", "{'data':{'a':1,'b':2},'metadata':{}}");
    check(rows, 3, object, "all",
          "{'data':{'a':1,'b':2,'c':3},'metadata':{'x':1}}");
    check(both, 2, object, "one", "{'data':{'a':1,'b':2},'metadata':{}}");
    check(both, 2, object, "other", "{'data':{'a':1},'metadata':{}}");
    gh_cut_add(c, &rows[0]);
    assert_true(gh_cut_wants(c, GH_SLICE("one")));
    assert_false(gh_cut_wants(c, GH_SLICE("two")));
    assert_false(gh_cut_wants(c, GH_SLICE("on")));
    gh_cut_free(c);
}

/* More parts that agree on a member than are followed: it is kept whole. */
static void test_many_matches(void **state)
{
    static const char *const fields[] = {
        "s a* x",  "s aa* x",    "s aaa* x",    "s aaaa* x",  "s aaaaa* x",
        "s *a x",  "s *aa x",    "s *aaa x",    "s *aaaa x",  "s *aaaaa x",
        "s *a* x", "s *aa* x",   "s *aaa* x",   "s *aaaa* x", "s *aaaaa* x",
        "s * x",   "s aaaaaa x", "s *aaaaaa x", NULL};
    const struct gh_want row = {"", "Pod", fields, NULL};

    (void)state;
    check(&row, 1, "{'s':{'aa':{'x':1,'y':2},'aaaaaa':{'x':1,'y':2}}}", "a",
          "{'s':{'aa':{'x':1},'aaaaaa':{'x':1,'y':2}}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_canonical),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_many_matches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
