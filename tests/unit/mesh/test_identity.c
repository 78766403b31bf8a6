/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/attr.h"
#include "mesh/identity.h"

#define WEB "web.shop.serviceaccount.identity.linkerd.cluster.local"
#define SPIFFE "spiffe://root.linkerd.cluster.local/web"

static const struct {
    const char *pattern;
    const char *identity;
    bool match;
} match_cases[] = {
    {WEB, WEB, true},
    {"*", WEB, true},
    {"*", "x", true},
    {"*", SPIFFE, false},
    {SPIFFE, SPIFFE, true},
    {SPIFFE, SPIFFE "2", false},
    {"*." SPIFFE, SPIFFE, false},
    {"*.local/web", SPIFFE, false},
    {"*.linkerd.cluster.local", WEB, true},
    {"*.shop.serviceaccount.identity.linkerd.cluster.local", WEB, true},
    {"*.op.serviceaccount.identity.linkerd.cluster.local", WEB, false},
    {"*.local", WEB, true},
    {"*.locaL", WEB, false},
    {"*local", WEB, false},
    {"*local", "*local", true},
    {"*.", WEB, false},
    {"*.", "web.", false},
    {"*.a", "a", false},
    {"**.local", WEB, false},
    {"**.local", "**.local", true},
    {"web.*.local", WEB, false},
    {"", WEB, false},
    {"", "", true},
    {"Web.shop.serviceaccount.identity.linkerd.cluster.local", WEB, false},
};

static void matches_patterns(void **state)
{
    (void)state;
    for (size_t i = 0; i < GH_COUNT(match_cases); i++) {
        struct gh_id_match m =
            gh_id_match_of(gh_slice_str(match_cases[i].pattern));

        assert_true(gh_slice_is(m.text, match_cases[i].pattern));
        if (gh_id_matches(m, gh_slice_str(match_cases[i].identity)) !=
            match_cases[i].match)
            fail_msg("%s %s", match_cases[i].pattern, match_cases[i].identity);
    }
}

static const struct {
    const char *identity;
    const char *parts; /* NULL: no account's identity */
} split_cases[] = {
    {WEB, "web shop linkerd cluster.local"},
    {"a.b.serviceaccount.identity.c.d", "a b c d"},
    {"a.x.b.serviceaccount.identity.c.d.e", "a.x b c d.e"},
    {"a.b.serviceaccount.identity.c.serviceaccount.identity.l.x",
     "a.b.serviceaccount.identity c l x"},
    {".b.serviceaccount.identity.c.d", NULL},
    {"a..serviceaccount.identity.c.d", NULL},
    {"b.serviceaccount.identity.c.d", NULL},
    {".serviceaccount.identity.c.d", NULL},
    {"a.b.serviceaccount.identity.c.", NULL},
    {"a.b.serviceaccount.identity.c", NULL},
    {"a.b.serviceaccount.identity..d", NULL},
    {"a.b.serviceaccount.identity.", NULL},
    {"spiffe://a.b.serviceaccount.identity.c.d", NULL},
    {"*", NULL},
    {"", NULL},
};

static void splits_identities(void **state)
{
    (void)state;
    for (size_t i = 0; i < GH_COUNT(split_cases); i++) {
        struct gh_id_parts p;
        char got[256];

        if (gh_id_split(gh_slice_str(split_cases[i].identity), &p) !=
            (split_cases[i].parts != NULL))
            fail_msg("%s", split_cases[i].identity);
        if (!split_cases[i].parts)
            continue;
        (void)snprintf(got, sizeof(got), "%.*s %.*s %.*s %.*s",
                       GH_FMT(p.service_account), GH_FMT(p.ns),
                       GH_FMT(p.control_plane_ns), GH_FMT(p.trust_domain));
        assert_string_equal(got, split_cases[i].parts);
    }
}

static void composes_what_splits(void **state)
{
    struct gh_arena arena;
    struct gh_slice id;

    (void)state;
    gh_arena_init(&arena, 8192);
    id =
        gh_id_of_account(GH_SLICE("web"), GH_SLICE("shop"), GH_SLICE("linkerd"),
                         GH_SLICE("cluster.local"), &arena);
    assert_true(gh_slice_is(id, WEB));
    gh_arena_fini(&arena);
    gh_arena_init(&arena, 16);
    id =
        gh_id_of_account(GH_SLICE("web"), GH_SLICE("shop"), GH_SLICE("linkerd"),
                         GH_SLICE("cluster.local"), &arena);
    assert_null(id.ptr);
    gh_arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_patterns),
        cmocka_unit_test(splits_identities),
        cmocka_unit_test(composes_what_splits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
