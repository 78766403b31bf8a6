/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "wire/json_items.h"

/*
 * The reader of item streams: each case is fed whole, byte by byte and at
 * every split, and must give the same report each time.
 *
 * A report is a line an item: line:column, the kind of the List around it when
 * known, the item's own text. The last line is the end or the error.
 */

struct feed {
    struct gh_slice text;
    size_t first; /* bytes of the first feed */
    size_t then;  /* of each further one */
};

static void feed(struct gh_json_items *r, struct feed *f)
{
    size_t n = f->first ? f->first : f->then;
    size_t room;
    char *to;

    assert_int_equal(gh_json_items_room(r, &to, &room), GH_OK);
    assert_true(room > 0);
    n = n < room ? n : room;
    n = n < f->text.len ? n : f->text.len;
    if (n > 0)
        memcpy(to, f->text.ptr, n);
    gh_json_items_filled(r, n);
    f->text = gh_slice_drop(f->text, n);
    f->first = 0;
}

static void report_item(struct gh_buf *out, const struct gh_json_item *item)
{
    struct gh_slice kind =
        item->list_kind.ptr ? item->list_kind : GH_SLICE("-");

    (void)gh_buf_addf(out, "%u:%u %.*s %.*s\n", item->line, item->column,
                      GH_FMT(kind), GH_FMT(gh_json_raw(item->value)));
}

static void report(struct gh_buf *out, struct feed f, size_t max_item_bytes)
{
    struct gh_json_items *r = gh_json_items_new(max_item_bytes, NULL);
    struct gh_json_item item;
    struct gh_err err = {0};
    enum gh_rc rc;

    gh_buf_clear(out);
    while ((rc = gh_json_items_next(r, &item, &err)) == GH_OK ||
           rc == GH_MORE) {
        if (rc == GH_MORE)
            feed(r, &f);
        else
            report_item(out, &item);
    }
    if (rc < 0)
        (void)gh_buf_addf(out, "%u:%u %s\n", err.line, err.column, err.text);
    assert_int_equal(gh_json_items_next(r, &item, NULL), GH_END);
    gh_json_items_free(r);
}

struct stream_case {
    const char *text;
    const char *expected;
};

static const struct stream_case streams[] = {
    {"", ""},
    {" \n ", ""},
    {"1", "1:1 - 1\n"},
    {"{}", "1:1 - {}\n"},
    {"12 \"x\"\n[3,[4]] null", "1:1 - 12\n1:4 - \"x\"\n2:2 - 3\n2:4 - [4]\n"
                               "2:9 - null\n"},
    {"{\"a\":1}\n{\"a\":2}{\"a\":3}",
     "1:1 - {\"a\":1}\n2:1 - {\"a\":2}\n2:8 - {\"a\":3}\n"},
    {"{\"kind\":\"PodList\",\"items\":[{\"a\":\"}]\"},\n 2]}\n{\"b\":[]}",
     "1:28 PodList {\"a\":\"}]\"}\n2:2 PodList 2\n3:1 - {\"b\":[]}\n"},
    {"{ \"apiVersion\":\"v1\",\n\"items\": [ ] , \"kind\":\"List\", "
     "\"m\":[{}]}1",
     "2:40 - 1\n"},
    {"{\"items\":[1],\"kind\":\"List\"} {\"items\":[2]}",
     "1:11 - 1\n1:39 - 2\n"},
    {"{\"kind\":\"Pod\",\"items\":[1]}",
     "1:1 - {\"kind\":\"Pod\",\"items\":[1]}\n"},
    {"{\"kind\":7,\"items\":[1]}", "1:1 - {\"kind\":7,\"items\":[1]}\n"},
    {"{\"kind\":\"List\",\"items\":null}",
     "1:1 - {\"kind\":\"List\",\"items\":null}\n"},
    {"{\"it\\u0065ms\":[\"\\\"\\\\\"]}", "1:16 - \"\\\"\\\\\"\n"},
    {"[]", ""},
    {"[1,2", "1:2 - 1\n1:4 - 2\n1:5 the input ends in the middle of a list\n"},
    {"[1,]", "1:2 - 1\n1:4 expected a value, found ']'\n"},
    {"[,1]", "1:2 expected a value, found ','\n"},
    {"[1 2]", "1:2 - 1\n1:4 expected ',' or ']'\n"},
    {"{\"a\" 1}", "1:6 expected ':' after a name, found '1'\n"},
    {"{\"a\":1,}", "1:8 expected a name in double quotes, found '}'\n"},
    {"{,}", "1:2 expected a name in double quotes, found ','\n"},
    {"{\"a\":[1,\n2", "2:2 the input ends in the middle of a value\n"},
    {"{\"items\":[\n{\"a\":1,\n\"a\":2}]}",
     "3:1 the name occurs twice in this object\n"},
    {"{\"items\":[0],\"items\":[1]}",
     "1:11 - 0\n1:22 a List with two members \"items\"\n"},
    {"{\"items\":[0],}",
     "1:11 - 0\n1:14 expected ',' or '}' behind a List's items\n"},
    {"{\"items\":[0],\"a\" 1}", "1:11 - 0\n1:18 expected ':' after a name\n"},
    {"{\"items\":[0],\"a\":x}", "1:11 - 0\n1:18 expected a value, found 'x'\n"},
    {"{\"items\":[0]",
     "1:11 - 0\n1:13 the input ends in the middle of a list\n"},
    {"{\"items\":[tru", "1:14 the input ends in the middle of a value\n"},
    {"tru", "1:4 the input ends in the middle of a value\n"},
    {"1 }", "1:1 - 1\n1:3 expected a value, found '}'\n"},
    {"\xef\xbb\xbf{}", "1:1 JSON does not begin with a byte-order mark\n"},
    {"{\"items\":[1]}\n\n{\"items\":[\"a\nb\"]}",
     "1:11 - 1\n3:13 control character in a string\n"},
};

static void check(const struct stream_case *c, struct feed f,
                  struct gh_buf *got)
{
    report(got, f, 1000);
    (void)gh_buf_addc(got, '\0');
    if (strcmp(got->ptr, c->expected) != 0)
        fail_msg("%s (%zu, %zu)\nexpected:\n%sgot:\n%s", c->text, f.first,
                 f.then, c->expected, got->ptr);
}

static void every_split(void **state)
{
    struct gh_buf got;

    (void)state;
    gh_buf_init(&got, 1u << 20);
    for (size_t i = 0; i < GH_COUNT(streams); i++) {
        struct gh_slice text = gh_slice_str(streams[i].text);

        check(&streams[i], (struct feed){text, 0, 1}, &got);
        for (size_t at = 0; at <= text.len; at++)
            check(&streams[i], (struct feed){text, at, 1000}, &got);
    }
    gh_buf_fini(&got);
}

static void too_large(void **state)
{
    static const struct stream_case cases[] = {
        {"[\"12345678\",1]", "1:2 - \"12345678\"\n1:13 - 1\n"},
        {"[1,\"123456789\",1]", "1:2 - 1\n1:4 an item is too large\n"},
        {"[1,\"1234567890", "1:2 - 1\n1:4 an item is too large\n"},
        {"{\"abcdefg\":1}", "1:1 an item is too large\n"},
        {"{\"items\"   :  [1]}", "1:1 an item is too large\n"},
        {"{\"items\":[1],\"abcdefghij\":1}", "1:11 - 1\n1:14 an item is too "
                                             "large\n"},
    };
    struct gh_buf got;

    (void)state;
    gh_buf_init(&got, 1u << 20);
    for (size_t i = 0; i < GH_COUNT(cases); i++)
        for (size_t then = 1; then < 30; then++) {
            report(&got, (struct feed){gh_slice_str(cases[i].text), 0, then},
                   10);
            (void)gh_buf_addc(&got, '\0');
            assert_string_equal(got.ptr, cases[i].expected);
        }
    gh_buf_fini(&got);
}

/*
 * Items larger than the window, in blocks of any size. Byte by byte this takes
 * minutes when each byte costs a look at those before.
 */
static void larger_than_the_window(void **state)
{
    static const size_t blocks[] = {1, 4096, 1500007};
    const size_t long_bytes = (size_t)3 << 20;
    struct gh_json_item item;
    struct gh_err err = {0};
    struct gh_buf text;
    uint32_t lines = 1;

    (void)state;
    gh_buf_init(&text, 64u << 20);
    (void)gh_buf_add(&text, GH_SLICE("[1,\n[\""));
    while (text.len < long_bytes)
        (void)gh_buf_add(&text, GH_SLICE("0123456789 \\\" \",\n\""));
    (void)gh_buf_add(&text, GH_SLICE("\"],{}]"));
    for (size_t i = 0; i < text.len; i++)
        lines += text.ptr[i] == '\n';
    for (size_t i = 0; i < GH_COUNT(blocks); i++) {
        struct gh_json_items *r = gh_json_items_new(2 * long_bytes, NULL);
        struct feed f = {gh_buf_slice(&text), 0, blocks[i]};
        size_t count = 0;
        enum gh_rc rc;

        while ((rc = gh_json_items_next(r, &item, &err)) != GH_END) {
            if (rc == GH_MORE)
                feed(r, &f);
            else if (rc == GH_OK)
                count++;
            else
                fail_msg("%u:%u %s", err.line, err.column, err.text);
            if (rc == GH_OK && count == 2)
                assert_int_equal(gh_json_raw(item.value).len, text.len - 8);
        }
        assert_int_equal(count, 3);
        assert_int_equal(item.offset, text.len - 3);
        assert_int_equal(item.column, 5);
        assert_int_equal(item.line, lines);
        gh_json_items_free(r);
    }
    gh_buf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_split),
        cmocka_unit_test(too_large),
        cmocka_unit_test(larger_than_the_window),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
