/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "wire/json_internal.h"

/*
 * Conformance, and the agreement of all back ends
 *
 * Every input, ours and those of JSONTestSuite where that is at hand, is given
 * to every back end that this machine can run, at every alignment and cut off
 * at every byte, and all must give the same tape or the same error. Inputs lie
 * at the end of their allocation, so a sanitizer sees a read beyond them.
 */

#define MAX_BYTES ((size_t)1 << 20)
#define MANY_BYTES 600 /* longer ones are not cut at every byte */

struct outcome {
    enum gh_rc rc;
    struct gh_err err;
    struct gh_json_doc doc;
    struct gh_arena arena;
    size_t used;
};

static void run(const struct gh_json_scanner *scan, struct gh_slice text,
                bool prefix, struct outcome *o)
{
    static const struct gh_json_options opt = {.duplicates = GH_JSON_DUP_LAST};

    struct gh_json_input in = {scan, text, &o->arena, &opt};

    *o = (struct outcome){0};
    gh_arena_init(&o->arena, 64u << 20);
    o->rc = gh_json_parse_with(&in, &o->doc, prefix ? &o->used : NULL, &o->err);
}

static void same(const char *what, const struct outcome *a,
                 const struct outcome *b)
{
    if (a->rc != b->rc || strcmp(a->err.text, b->err.text) != 0 ||
        a->err.line != b->err.line || a->err.column != b->err.column)
        fail_msg("%s: %d %u:%u %s, but %d %u:%u %s", what, a->rc, a->err.line,
                 a->err.column, a->err.text, b->rc, b->err.line, b->err.column,
                 b->err.text);
    if (a->rc != GH_OK)
        return;
    assert_int_equal(a->used, b->used);
    assert_int_equal(a->doc.count, b->doc.count);
    assert_memory_equal(a->doc.nodes, b->doc.nodes,
                        a->doc.count * sizeof(*a->doc.nodes));
    for (uint32_t i = 0; i < a->doc.count; i++)
        assert_true(gh_slice_eq(gh_json_str((struct gh_json){&a->doc, i}),
                                gh_json_str((struct gh_json){&b->doc, i})));
}

/* A copy of @text that ends where its allocation ends. */
static char *copy_to_end(struct gh_slice text, size_t shift)
{
    char *block = malloc(text.len + shift + 1);

    assert_non_null(block);
    memset(block, '"', shift);
    if (text.len > 0)
        memcpy(block + shift, text.ptr, text.len);
    return realloc(block, text.len + shift ? text.len + shift : 1);
}

/* Return: what all of them say. */
static enum gh_rc all_agree(const char *what, struct gh_slice text, bool prefix,
                            size_t shift)
{
    char *block = copy_to_end(text, shift);
    struct gh_slice moved = gh_slice_of(block + shift, text.len);
    const struct gh_json_scanner *scan;
    struct outcome expected;
    struct outcome got;

    run(gh_json_scanner_best(true), moved, prefix, &expected);
    for (size_t i = 0; (scan = gh_json_scanner_at(i)); i++) {
        if (!scan->usable())
            continue;
        run(scan, moved, prefix, &got);
        same(what, &expected, &got);
        gh_arena_fini(&got.arena);
    }
    gh_arena_fini(&expected.arena);
    free(block);
    return expected.rc;
}

/* Once an error is certain, it stays as it is. */
static void cut_everywhere(const char *what, struct gh_slice text,
                           enum gh_rc whole)
{
    enum gh_rc before = GH_MORE;

    for (size_t len = 0; len <= text.len; len++) {
        enum gh_rc rc =
            all_agree(what, gh_slice_head(text, len), true, len % 64);

        if (rc == GH_OK)
            return; /* the rest is another value */
        if (before < 0 && rc != before)
            fail_msg("%s: %d at %zu bytes, %d before", what, rc, len, before);
        if (rc < 0 && whole == GH_OK)
            fail_msg("%s: an error at %zu bytes", what, len);
        before = rc;
    }
}

static enum gh_rc examine(const char *what, struct gh_slice text)
{
    enum gh_rc rc = all_agree(what, text, false, 0);

    if (text.len > MANY_BYTES)
        return rc;
    for (size_t shift = 1; shift < 64; shift++)
        assert_int_equal(all_agree(what, text, false, shift), rc);
    cut_everywhere(what, text, rc);
    return rc;
}

/*
 * What the suite leaves open (its i_ cases), decided: see docs/json.md.
 */
static const struct {
    const char *name;
    bool accepted;
    const char *why;
} decided[] = {
#define NUMBER "the grammar allows any size; asking for a double says no"
#define UTF8 "RFC 8259, 8.1: text is UTF-8"
#define LONE "half of a surrogate pair has no UTF-8 form"
    {"i_number_double_huge_neg_exp", true, NUMBER},
    {"i_number_huge_exp", true, NUMBER},
    {"i_number_neg_int_huge_exp", true, NUMBER},
    {"i_number_pos_double_huge_exp", true, NUMBER},
    {"i_number_real_neg_overflow", true, NUMBER},
    {"i_number_real_pos_overflow", true, NUMBER},
    {"i_number_real_underflow", true, NUMBER},
    {"i_number_too_big_neg_int", true, NUMBER},
    {"i_number_too_big_pos_int", true, NUMBER},
    {"i_number_very_big_negative_int", true, NUMBER},
    {"i_object_key_lone_2nd_surrogate", false, LONE},
    {"i_string_1st_surrogate_but_2nd_missing", false, LONE},
    {"i_string_1st_valid_surrogate_2nd_invalid", false, LONE},
    {"i_string_UTF-16LE_with_BOM", false, UTF8},
    {"i_string_UTF-8_invalid_sequence", false, UTF8},
    {"i_string_UTF8_surrogate_U+D800", false, UTF8},
    {"i_string_incomplete_surrogate_and_escape_valid", false, LONE},
    {"i_string_incomplete_surrogate_pair", false, LONE},
    {"i_string_incomplete_surrogates_escape_valid", false, LONE},
    {"i_string_invalid_lonely_surrogate", false, LONE},
    {"i_string_invalid_surrogate", false, LONE},
    {"i_string_invalid_utf-8", false, UTF8},
    {"i_string_inverted_surrogates_U+1D11E", false, LONE},
    {"i_string_iso_latin_1", false, UTF8},
    {"i_string_lone_second_surrogate", false, LONE},
    {"i_string_lone_utf8_continuation_byte", false, UTF8},
    {"i_string_not_in_unicode_range", false, UTF8},
    {"i_string_overlong_sequence_2_bytes", false, UTF8},
    {"i_string_overlong_sequence_6_bytes", false, UTF8},
    {"i_string_overlong_sequence_6_bytes_null", false, UTF8},
    {"i_string_truncated-utf-8", false, UTF8},
    {"i_string_utf16BE_no_BOM", false, UTF8},
    {"i_string_utf16LE_no_BOM", false, UTF8},
    {"i_structure_500_nested_arrays", false, "deeper than 256"},
    {"i_structure_UTF-8_BOM_empty_object", false,
     "RFC 8259, 8.1: no byte-order mark"},
};

static bool should_accept(const char *file)
{
    if (file[1] != '_' || (file[0] != 'i' && file[0] != 'n' && file[0] != 'y'))
        fail_msg("%s is no name of the suite's", file);
    if (file[0] != 'i')
        return file[0] == 'y';
    for (size_t i = 0; i < GH_COUNT(decided); i++)
        if (gh_slice_is(gh_slice_head(gh_slice_str(file), strlen(file) - 5),
                        decided[i].name))
            return decided[i].accepted;
    fail_msg("%s is not decided", file);
    return false;
}

static void one_file(const char *folder, const char *name)
{
    char path[4096];
    char *text = malloc(MAX_BYTES);
    size_t len;
    bool accepted;
    FILE *f;

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    f = fopen(path, "rb");
    assert_non_null(f);
    len = fread(text, 1, MAX_BYTES, f);
    (void)fclose(f);
    accepted = examine(name, gh_slice_of(text, len)) == GH_OK;
    if (accepted != should_accept(name))
        fail_msg("%s is %s", name, accepted ? "accepted" : "rejected");
    free(text);
}

static void json_test_suite(void **state)
{
    const char *shared = getenv("GATEHOUSE_SHARED");
    char folder[2048];
    struct dirent *entry;
    int count = 0;
    DIR *dir;

    (void)state;
    (void)snprintf(folder, sizeof(folder), "%s/data/json/test_parsing",
                   shared ? shared : "../shared");
    dir = opendir(folder);
    if (!dir) {
        print_message("left out: no JSONTestSuite at %s\n", folder);
        skip();
        return;
    }
    while ((entry = readdir(dir)))
        if (entry->d_name[0] != '.') {
            one_file(folder, entry->d_name);
            count++;
        }
    (void)closedir(dir);
    print_message("%d files of JSONTestSuite\n", count);
    assert_true(count > 300);
}

static const char pretty[] =
    "{\n                \"key\":                                  \"value\","
    "\n                \"list\": [\n                    1,\n"
    "                    {}\n                ]\n}\n";

/* Our own, of the same classes. */
static const char *const accepted[] = {
    "null",
    " true ",
    "false",
    "0",
    "-0",
    "1",
    "-1",
    "10",
    "1.5",
    "0.0",
    "1e5",
    "1E+5",
    "1.25e-10",
    "-0.0e0",
    "123456789012345678901234567890",
    "1e999999999999",
    "\"\"",
    "\"a\"",
    "[]",
    "{}",
    "[ ]",
    "{ }",
    " [ 1 , 2 ] ",
    "\t\n\r [\t\n\r]\t\n\r ",
    "{\"\":0}",
    "{\"a\":{\"b\":[]}}",
    "[[[[]]],{}]",
    "[\"\",\"\"]",
    "{\"a\":1,\"b\":2,\"a\":3}",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
    "\"\\u0000\"",
    "\"\\u00e9\\uABCD\"",
    "\"\\uD834\\uDD1E\"",
    "\"\\udbff\\udfff\"",
    "\"\x7f\"",
    "\"\xc2\x80\xdf\xbf\"",
    "\"\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\"",
    "\"\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"",
    "\"\xef\xbb\xbf\"",
    "{\"\\u0061\":1}",
    "{\"a\":1,\"\\u0061\":2}",
    "\"0123456789abcdef0123456789abcdef\"",
    "\"0123456789abcdef0123456789abcde\\\"\"",
    "\"0123456789abcdef0123456789abcdef\\n0123456789ab\xc3\xa9 34567890123\"",
    "[                                                                   1]",
    pretty,
};

static const char *const rejected[] = {
    "",
    " ",
    "nul",
    "nulll",
    "True",
    "tru e",
    "NaN",
    "Infinity",
    "-",
    "+1",
    "01",
    "-01",
    "00",
    "1.",
    ".5",
    "-.5",
    "1.e1",
    "1e",
    "1e+",
    "1E-",
    "0x1",
    "1_000",
    "1 2",
    "--1",
    "1..2",
    "1e1.5",
    "'a'",
    "a",
    "\"",
    "\"a",
    "\"\\\"",
    "\"\\\"\\",
    "\"\\a\"",
    "\"\\U0041\"",
    "\"\\u\"",
    "\"\\u123\"",
    "\"\\u123g\"",
    "\"\\u 123\"",
    "\"\\x41\"",
    "\"\\\n\"",
    "\"\t\"",
    "\"\n\"",
    "\"\x1f\"",
    "\"\\ud800\"",
    "\"\\ud800x\"",
    "\"\\ud800\\n\"",
    "\"\\ud800\\u0041\"",
    "\"\\ud800\\ud800\"",
    "\"\\udc00\"",
    "\"\\udfff\\ud800\"",
    "\"\x80\"",
    "\"\xbf\"",
    "\"\xc0\x80\"",
    "\"\xc1\xbf\"",
    "\"\xc2\"",
    "\"\xc2\x41\"",
    "\"\xe0\x9f\xbf\"",
    "\"\xed\xa0\x80\"",
    "\"\xe1\x80\"",
    "\"\xe1\x80\x41\"",
    "\"\xf0\x8f\xbf\xbf\"",
    "\"\xf4\x90\x80\x80\"",
    "\"\xf5\x80\x80\x80\"",
    "\"\xf8\x88\x80\x80\x80\"",
    "\"\xfe\"",
    "\"\xff\"",
    "\"\xc3\xa9\xc3\"",
    "\xc3\xa9",
    "[",
    "]",
    "{",
    "}",
    "[}",
    "{]",
    "[1",
    "[1,",
    "[1,]",
    "[,1]",
    "[,]",
    "[1,,2]",
    "[1 2]",
    "[1:2]",
    "[\"a\"",
    "[1]]",
    "[1],",
    "[]{}",
    "{\"a\"",
    "{\"a\":",
    "{\"a\":1",
    "{\"a\":1,",
    "{\"a\":1,}",
    "{\"a\"}",
    "{\"a\",1}",
    "{\"a\" 1}",
    "{a:1}",
    "{'a':1}",
    "{1:1}",
    "{null:1}",
    "{:1}",
    "{,}",
    "{\"a\":1 \"b\":2}",
    "{\"a\":1,,\"b\":2}",
    "{\"a\"::1}",
    "{\"a\":1}}",
    "{\"a\":}",
    "{\"a\":1}#",
    "[1]//x",
    "/**/1",
    "[1]\x0c",
    "\x0b[1]",
    "\xc2\xa0[]",
    "\xef\xbb\xbf{}",
    "\xef\xbb",
    "[\"a\\\n\"]",
    "{\"a\\",
    "{\"\xff\":1}",
    "[tru",
    "[true",
    "[-]",
    "[-x]",
    "[1.x]",
    "[1ex]",
    "                                                                  x",
    "\"0123456789abcdef0123456789abcdef\x01\"",
    "\"0123456789abcdef0123456789abcdef",
    "[                                                                   ",
};

static void own_fixtures(void **state)
{
    static const char nul[] = "[\"\0\"]";

    (void)state;
    for (size_t i = 0; i < GH_COUNT(accepted); i++)
        if (examine(accepted[i], gh_slice_str(accepted[i])) != GH_OK)
            fail_msg("rejected: %s", accepted[i]);
    for (size_t i = 0; i < GH_COUNT(rejected); i++)
        if (examine(rejected[i], gh_slice_str(rejected[i])) != GH_EPROTO)
            fail_msg("not rejected: %s", rejected[i]);
    assert_int_equal(examine("NUL", gh_slice_of(nul, sizeof(nul) - 1)),
                     GH_EPROTO);
    assert_int_equal(examine("NUL behind", gh_slice_of("1\0", 2)), GH_EPROTO);
}

/* Every byte at every place of a block, in a string and between values. */
static void every_byte(void **state)
{
    char text[80];

    (void)state;
    for (int byte = 0; byte < 256; byte++)
        for (size_t at = 1; at < 70; at += at < 34 ? 1 : 5) {
            memset(text, 'x', sizeof(text));
            text[0] = text[71] = '"';
            text[at] = (char)byte;
            (void)all_agree("string", gh_slice_of(text, 72), false, at % 7);
            memset(text, ' ', sizeof(text));
            text[0] = '[';
            text[71] = ']';
            text[at] = (char)byte;
            (void)all_agree("space", gh_slice_of(text, 72), false, at % 7);
        }
}

static void counts_newlines(void **state)
{
    const struct gh_json_scanner *scan;
    char text[300];

    (void)state;
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = i % 7 == 3 || i % 64 == 0 ? '\n' : 'x';
    for (size_t i = 0; (scan = gh_json_scanner_at(i)); i++)
        for (size_t len = 0; scan->usable() && len < 200; len++)
            for (size_t at = 0; at < 64; at += 9) {
                uint64_t expected = 0;

                for (size_t k = at; k < at + len; k++)
                    expected += text[k] == '\n';
                assert_int_equal(
                    scan->count_newlines(text + at, text + at + len), expected);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_fixtures),
        cmocka_unit_test(every_byte),
        cmocka_unit_test(counts_newlines),
        cmocka_unit_test(json_test_suite),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
