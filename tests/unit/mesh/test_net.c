/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "mesh/net.h"

#define U128(hi, lo) ((unsigned __int128)(hi) << 64 | (lo))

static const struct {
    const char *text;
    bool ok;
    bool v6;
    uint64_t hi;
    uint64_t lo;
} ip_cases[] = {
    {"0.0.0.0", true, false, 0, 0},
    {"10.1.2.3", true, false, 0, 0x0a010203},
    {"255.255.255.255", true, false, 0, 0xffffffff},
    {"127.0.0.1", true, false, 0, 0x7f000001},
    {"010.0.0.1", false, false, 0, 0},
    {"00.0.0.1", false, false, 0, 0},
    {"1.2.3", false, false, 0, 0},
    {"1.2.3.4.5", false, false, 0, 0},
    {"1.2.3.256", false, false, 0, 0},
    {"1.2.3.0256", false, false, 0, 0},
    {"1.2.3.", false, false, 0, 0},
    {" 1.2.3.4", false, false, 0, 0},
    {"1.2.3.4 ", false, false, 0, 0},
    {"1.2.3.4/32", false, false, 0, 0},
    {"", false, false, 0, 0},
    {"::", true, true, 0, 0},
    {"::1", true, true, 0, 1},
    {"1::", true, true, 0x0001000000000000, 0},
    {"fd00::1:2", true, true, 0xfd00000000000000, 0x10002},
    {"FD00::AbCd", true, true, 0xfd00000000000000, 0xabcd},
    {"1:2:3:4:5:6:7:8", true, true, 0x0001000200030004, 0x0005000600070008},
    {"::ffff:1.2.3.4", true, true, 0, 0xffff01020304},
    {"1:2:3:4:5:6:1.2.3.4", true, true, 0x0001000200030004, 0x0005000601020304},
    {"::2:3:4:5:6:7:8", true, true, 0x0000000200030004, 0x0005000600070008},
    {"1:2:3:4:5:6:7::", true, true, 0x0001000200030004, 0x0005000600070000},
    {"1::1.2.3.4", true, true, 0x0001000000000000, 0x01020304},
    {"::ffff:01.2.3.4", false, false, 0, 0},
    {"1:2:3:4:5:6:7::8", false, false, 0, 0},
    {"1:2:3:4:5:6:7:1.2.3.4", false, false, 0, 0},
    {"1:2:3:4:5:6:7", false, false, 0, 0},
    {"1:2:3:4:5:6:7:8:9", false, false, 0, 0},
    {"1.2.3.4::", false, false, 0, 0},
    {"::1.2.3.4:5", false, false, 0, 0},
    {"1::2::3", false, false, 0, 0},
    {":::", false, false, 0, 0},
    {":1", false, false, 0, 0},
    {"1:", false, false, 0, 0},
    {"12345::", false, false, 0, 0},
    {"00001::", false, false, 0, 0},
    {"g::", false, false, 0, 0},
    {"::1%eth0", false, false, 0, 0},
    {"[::1]", false, false, 0, 0},
};

static void parses_addresses(void **state)
{
    (void)state;
    for (size_t i = 0; i < GH_COUNT(ip_cases); i++) {
        struct gh_ip ip = {0};
        bool ok = gh_ip_parse(gh_slice_str(ip_cases[i].text), &ip);

        if (ok != ip_cases[i].ok || ip.v6 != ip_cases[i].v6 ||
            ip.value != U128(ip_cases[i].hi, ip_cases[i].lo))
            fail_msg("%s", ip_cases[i].text);
    }
}

static const struct {
    const char *text;
    const char *first; /* NULL: refused */
    const char *last;
} net_cases[] = {
    {"10.0.0.0/8", "10.0.0.0", "10.255.255.255"},
    {"10.1.2.3/8", "10.0.0.0", "10.255.255.255"},
    {"010.001.002.003/08", "10.0.0.0", "10.255.255.255"},
    {"0.0.0.0/0", "0.0.0.0", "255.255.255.255"},
    {"1.2.3.4/32", "1.2.3.4", "1.2.3.4"},
    {"1.2.3.4/31", "1.2.3.4", "1.2.3.5"},
    {"1.2.3.4", "1.2.3.4", "1.2.3.4"},
    {"::1", "::1", "::1"},
    {"::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"fd00::/8", "fd00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"fd00::1/064", "fd00::", "fd00::ffff:ffff:ffff:ffff"},
    {"::1/128", "::1", "::1"},
    {"::ffff:1.2.3.4/120", "::ffff:1.2.3.0", "::ffff:1.2.3.255"},
    {"::ffff:01.2.3.4/128", "::ffff:1.2.3.4", "::ffff:1.2.3.4"},
    {"1:2:3:4:5:6:7::8/128", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
    {"1.2.3.4/33", NULL, NULL},
    {"1.2.3.4/008", NULL, NULL},
    {"1.2.3.4/", NULL, NULL},
    {"1.2.3.4/-1", NULL, NULL},
    {"1.2.3.4/+8", NULL, NULL},
    {"1.2.3.4/8 ", NULL, NULL},
    {"1.2.3.4/8/8", NULL, NULL},
    {"1.2.3/8", NULL, NULL},
    {"0001.2.3.4/8", NULL, NULL},
    {"010.0.0.1", NULL, NULL},
    {"1.2.3.4/255.0.0.0", NULL, NULL},
    {"::/129", NULL, NULL},
    {"::/0128", NULL, NULL},
    {"/8", NULL, NULL},
    {"", NULL, NULL},
    {"web", NULL, NULL},
};

static void parses_blocks(void **state)
{
    (void)state;
    for (size_t i = 0; i < GH_COUNT(net_cases); i++) {
        struct gh_net net;
        struct gh_ip first;
        struct gh_ip last;

        if (gh_net_parse(gh_slice_str(net_cases[i].text), &net) !=
            (net_cases[i].first != NULL))
            fail_msg("%s", net_cases[i].text);
        if (!net_cases[i].first)
            continue;
        assert_true(gh_ip_parse(gh_slice_str(net_cases[i].first), &first));
        assert_true(gh_ip_parse(gh_slice_str(net_cases[i].last), &last));
        if (net.v6 != first.v6 || net.first != first.value ||
            net.last != last.value)
            fail_msg("%s", net_cases[i].text);
    }
}

struct fixture {
    struct gh_arena arena;
    struct gh_json_doc doc;
};

static bool nets_of(struct fixture *f, const char *json, struct gh_nets *ret,
                    struct gh_slice *ret_bad)
{
    assert_int_equal(
        gh_json_parse(gh_slice_str(json), &f->arena, NULL, &f->doc, NULL),
        GH_OK);
    return gh_nets_from_json(gh_json_root(&f->doc), &f->arena, ret, ret_bad);
}

static int set_up(void **state)
{
    static struct fixture f;

    gh_arena_init(&f.arena, 64u << 20);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    gh_arena_fini(&f->arena);
    return 0;
}

static const struct {
    const char *json;
    const char *bad; /* NULL: accepted */
    const char *in;
    const char *out;
} set_cases[] = {
    {"null", NULL, NULL, "1.2.3.4"},
    {"[]", NULL, NULL, "1.2.3.4"},
    {"[{\"cidr\":\"10.0.0.0/8\"}]", NULL, "10.255.0.1", "11.0.0.0"},
    {"[{\"cidr\":\"10.0.0.0/8\"}]", NULL, "10.0.0.0", "::a00:1"},
    {"[{\"cidr\":\"0.0.0.0/0\",\"except\":null}]", NULL, "1.1.1.1", "::1"},
    {"[{\"cidr\":\"10.0.0.0/8\",\"except\":[\"10.1.0.0/16\"]}]", NULL,
     "10.2.0.1", "10.1.2.3"},
    {"[{\"cidr\":\"10.0.0.0/8\",\"except\":[\"10.1.0.1\"]}]", NULL, "10.1.0.2",
     "10.1.0.1"},
    {"[{\"cidr\":\"::/0\",\"except\":[\"0.0.0.0/0\"]}]", NULL, "::5",
     "1.2.3.4"},
    {"[{\"cidr\":\"10.0.0.0/8\",\"except\":[\"10.1.0.1\"]},"
     "{\"cidr\":\"10.1.0.0/16\"}]",
     NULL, "10.1.0.1", "11.1.0.1"},
    {"[{\"cidr\":\"10.0.0.0/33\"}]", "10.0.0.0/33", NULL, NULL},
    {"[{\"cidr\":\"::/0\"},{\"cidr\":7}]", "{\"cidr\":7}", NULL, NULL},
    {"[{\"cidr\":\"::/0\"},{}]", "{}", NULL, NULL},
    {"[\"10.0.0.0/8\"]", "\"10.0.0.0/8\"", NULL, NULL},
    {"[null]", "null", NULL, NULL},
    {"{}", "{}", NULL, NULL},
    {"[{\"cidr\":\"::/0\",\"except\":\"::1\"}]", "\"::1\"", NULL, NULL},
    {"[{\"cidr\":\"::/0\",\"except\":[\"::1\",\"x\"]}]", "\"x\"", NULL, NULL},
    {"[{\"cidr\":\"::/0\",\"except\":[null]}]", "null", NULL, NULL},
};

static bool has(struct gh_nets nets, const char *text)
{
    struct gh_ip ip;

    assert_true(gh_ip_parse(gh_slice_str(text), &ip));
    return gh_nets_have(nets, ip);
}

static void reads_sets(void **state)
{
    for (size_t i = 0; i < GH_COUNT(set_cases); i++) {
        struct gh_nets nets;
        struct gh_slice bad;
        bool ok = nets_of(*state, set_cases[i].json, &nets, &bad);

        if (ok != !set_cases[i].bad)
            fail_msg("%s", set_cases[i].json);
        if (set_cases[i].bad && !gh_slice_is(bad, set_cases[i].bad))
            fail_msg("%s: %.*s", set_cases[i].json, GH_FMT(bad));
        if (set_cases[i].in && !has(nets, set_cases[i].in))
            fail_msg("%s", set_cases[i].json);
        if (set_cases[i].out && has(nets, set_cases[i].out))
            fail_msg("%s", set_cases[i].json);
    }
}

static void reads_comma_lists(void **state)
{
    struct fixture *f = *state;
    struct gh_nets nets = gh_nets_from_csv(
        GH_SLICE("10.0.0.0/8, x,fd00::/8,,1.2.3.4"), &f->arena);

    assert_int_equal(nets.count, 3);
    assert_true(gh_slice_is(nets.at[1].text, "fd00::/8"));
    assert_true(has(nets, "1.2.3.4"));
    assert_false(has(nets, "1.2.3.5"));
    nets =
        gh_nets_from_csv(GH_SLICE("[\"10.0.0.0/8\", 'fd00::/8']"), &f->arena);
    assert_int_equal(nets.count, 2);
    assert_int_equal(gh_nets_from_csv(GH_SLICE(""), &f->arena).count, 0);
    assert_int_equal(gh_nets_from_csv((struct gh_slice){0}, &f->arena).count,
                     0);
}

static void knows_fixed_sets(void **state)
{
    struct gh_ip ip;

    (void)state;
    assert_true(has(gh_nets_all(), "255.255.255.255"));
    assert_true(has(gh_nets_all(), "ffff::"));
    assert_true(has(gh_nets_loopback(), "::1"));
    assert_true(has(gh_nets_loopback(), "127.0.0.1"));
    assert_false(has(gh_nets_loopback(), "127.0.0.2"));
    assert_true(gh_ip_parse(GH_SLICE("::1"), &ip) && gh_ip_is_loopback(ip));
    assert_true(gh_ip_parse(GH_SLICE("0.0.0.1"), &ip));
    assert_false(gh_ip_is_loopback(ip));
    assert_true(gh_ip_parse(GH_SLICE("127.0.0.1"), &ip));
    assert_true(gh_ip_is_loopback(ip));
    assert_true(gh_ip_parse(GH_SLICE("::7f00:1"), &ip));
    assert_false(gh_ip_is_loopback(ip));
}

static const struct {
    const char *json[3];
    bool all;
    bool none;
} cover_cases[] = {
    {{NULL}, false, true},
    {{"[]"}, false, true},
    {{"[{\"cidr\":\"0.0.0.0/0\"}]"}, false, false},
    {{"[{\"cidr\":\"0.0.0.0/0\"},{\"cidr\":\"::/0\"}]"}, true, false},
    {{"[{\"cidr\":\"0.0.0.0/0\"}]", "[{\"cidr\":\"::/0\"}]"}, true, false},
    {{"[{\"cidr\":\"::/1\"},{\"cidr\":\"8000::/1\"},{\"cidr\":\"0.0.0.0/1\"},"
      "{\"cidr\":\"128.0.0.0/1\"}]"},
     true,
     false},
    {{"[{\"cidr\":\"::/0\",\"except\":[\"::5\"]},{\"cidr\":\"0.0.0.0/0\"}]"},
     false,
     false},
    {{"[{\"cidr\":\"::/0\",\"except\":[\"::5\"]},{\"cidr\":\"0.0.0.0/0\"}]",
      "[{\"cidr\":\"::5\"}]"},
     true,
     false},
    {{"[{\"cidr\":\"::/0\",\"except\":[\"::\",\"ffff::/16\"]},"
      "{\"cidr\":\"0.0.0.0/0\",\"except\":[\"255.255.255.255\"]}]",
      "[{\"cidr\":\"::\"},{\"cidr\":\"fffe::/15\"}]",
      "[{\"cidr\":\"255.0.0.0/8\"}]"},
     true,
     false},
    {{"[{\"cidr\":\"::/0\",\"except\":[\"0.0.0.0/0\"]},"
      "{\"cidr\":\"0.0.0.0/0\",\"except\":[\"::/0\"]}]"},
     true,
     false},
    {{"[{\"cidr\":\"10.0.0.0/8\",\"except\":[\"10.128.0.0/9\","
      "\"10.0.0.0/9\"]}]"},
     false,
     true},
    {{"[{\"cidr\":\"10.0.0.0/8\",\"except\":[\"0.0.0.0/0\"]}]"}, false, true},
    {{"[{\"cidr\":\"0.0.0.0/0\",\"except\":[\"0.0.0.0/1\",\"64.0.0.0/2\","
      "\"128.0.0.0/1\"]}]"},
     false,
     true},
};

static void covers_exactly(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < GH_COUNT(cover_cases); i++) {
        struct gh_cover c;

        gh_cover_init(&c, &f->arena);
        for (size_t j = 0; j < 3 && cover_cases[i].json[j]; j++) {
            struct gh_nets nets;
            struct gh_slice bad;

            assert_true(nets_of(f, cover_cases[i].json[j], &nets, &bad));
            gh_cover_add(&c, nets);
        }
        if (gh_cover_is_none(&c) != cover_cases[i].none ||
            gh_cover_is_all(&c) != cover_cases[i].all ||
            gh_cover_is_none(&c) != cover_cases[i].none)
            fail_msg("case %zu", i);
    }
}

/* Every second address of a /14 is taken out, then put back. */
static void covers_many_exceptions(void **state)
{
    enum { COUNT = 1 << 17 };
    struct fixture *f = *state;
    struct gh_net *except =
        GH_ARENA_ARRAY(&f->arena, struct gh_net, (size_t)COUNT);
    struct gh_net_rule rules[] = {gh_nets_all().at[0], gh_nets_all().at[1]};
    struct gh_cover c;

    assert_non_null(except);
    for (size_t i = 0; i < COUNT; i++) {
        unsigned __int128 at = 2 * (COUNT - i);

        except[i] = (struct gh_net){at, at, false};
    }
    rules[0].except = except;
    rules[0].except_count = COUNT;
    gh_cover_init(&c, &f->arena);
    gh_cover_add(&c, (struct gh_nets){rules, 2});
    assert_int_equal(c.count, COUNT + 2);
    assert_false(gh_cover_is_all(&c));
    rules[0].net = (struct gh_net){2, 2 * COUNT, false};
    rules[0].except_count = 0;
    gh_cover_add(&c, (struct gh_nets){rules, 1});
    assert_true(gh_cover_is_all(&c));
}

static void fails_without_memory(void **state)
{
    struct gh_arena small;
    struct gh_cover c;

    (void)state;
    gh_arena_init(&small, 64);
    gh_cover_init(&c, &small);
    gh_cover_add(&c, gh_nets_all());
    assert_true(c.failed);
    assert_false(gh_cover_is_all(&c));
    assert_false(gh_cover_is_none(&c));
    gh_arena_fini(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_addresses),
        cmocka_unit_test(parses_blocks),
        cmocka_unit_test_setup_teardown(reads_sets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_comma_lists, set_up, tear_down),
        cmocka_unit_test(knows_fixed_sets),
        cmocka_unit_test_setup_teardown(covers_exactly, set_up, tear_down),
        cmocka_unit_test_setup_teardown(covers_many_exceptions, set_up,
                                        tear_down),
        cmocka_unit_test(fails_without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
