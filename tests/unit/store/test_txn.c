/* SPDX-License-Identifier: Apache-2.0 */
#include "store_fixture.h"

/* Transactions, scopes, sweeping, conflicts, and the log of changes. */

static void test_sweep(void **state)
{
    struct gh_store *s = new_store();
    struct gh_txn *t = begin(s, "a");
    struct gh_commit c;

    (void)state;
    put_server(t, "n/a", "1", 1);
    put_server(t, "n/b", "1", 2);
    gh_txn_scope(t, GH_SLICE("b"));
    put_server(t, "n/c", "1", 1);
    c = commit(t);
    assert_int_equal(c.added, 3);
    assert_int_equal(gh_store_revision(s), 1);

    t = begin(s, "a"); /* only "a" is written again */
    put_server(t, "n/b", "2", 1);
    put_server(t, "n/d", "1", 2);
    ASSERT_SERVERS(s, "n/a=1 n/b=1 n/c=1"); /* nobody sees half a commit */
    c = commit(t);
    ASSERT_SERVERS(s, "n/b=2 n/c=1 n/d=1");
    assert_int_equal(c.added, 1);
    assert_int_equal(c.changed, 1);
    assert_int_equal(c.deleted, 1);

    t = begin(s, "b");
    gh_txn_abort(t);
    ASSERT_SERVERS(s, "n/b=2 n/c=1 n/d=1");

    t = begin(s, "b");
    gh_txn_drop_scope(t, GH_SLICE("a"));
    gh_txn_drop_scope(t, GH_SLICE("never was"));
    c = commit(t);
    assert_int_equal(c.deleted, 3);
    ASSERT_SERVERS(s, "");
    assert_int_equal(gh_store_revision(s), 3);
    assert_int_equal(gh_store_stats(s).object_bytes, 0);
    gh_store_free(s);
}

static void test_unchanged(void **state)
{
    struct gh_store *s = new_store();
    struct gh_txn *t = begin(s, "a");
    const struct gh_object *o;
    uint64_t cursor = 0;
    struct gh_commit c;

    (void)state;
    put_server(t, "n/a", "1", 1);
    (void)commit(t);
    ASSERT_CHANGES(s, &cursor, "+n/a=1");
    o = gh_store_get(s, servers(s), GH_SLICE("n"), GH_SLICE("a"));

    t = begin(s, "a"); /* the same, in other words and in another line */
    assert_int_equal(
        put(t,
            " { \"spec\": {\"proxyProtocol\": 5, \"port\":\"\\u0031\"},"
            "\"metadata\":{\"resourceVersion\":\"9\",\"name\":\"a\","
            "\"namespace\":\"n\"},\"kind\":\"Server\",\"apiVersion\":"
            "\"policy.linkerd.io/v1beta3\"}",
            9),
        GH_OK);
    c = commit(t);
    assert_int_equal(c.unchanged, 1);
    assert_int_equal(c.changed, 0);
    ASSERT_CHANGES(s, &cursor, "");
    assert_int_equal(gh_store_revision(s), 1);
    assert_ptr_equal(gh_store_get(s, servers(s), GH_SLICE("n"), GH_SLICE("a")),
                     o);
    assert_int_equal(o->origin.line, 9);
    gh_store_free(s);
}

static void test_versions_are_everywhere_the_same(void **state)
{
    static const uint8_t expected[4] = {0x9c, 0xcb, 0x14, 0x6b};
    struct gh_store *s = new_store();
    struct gh_txn *t = begin(s, "a");
    const struct gh_object *o;

    (void)state;
    put_server(t, "n/a", "1", 1);
    (void)commit(t);
    o = gh_store_get(s, servers(s), GH_SLICE("n"), GH_SLICE("a"));
    assert_memory_equal(o->version, expected, sizeof(expected));
    gh_store_free(s);
}

static void test_faulty_scope(void **state)
{
    struct gh_store *s = new_store();
    struct gh_txn *t = begin(s, "a.yaml");
    struct gh_err err;
    struct gh_commit c;

    (void)state;
    put_server(t, "n/a", "1", 1);
    put_server(t, "n/b", "1", 5);
    (void)commit(t);

    t = begin(s, "a.yaml");
    put_server(t, "n/b", "2", 1);
    gh_err_set(&err, "broken");
    gh_err_at(&err, GH_SLICE(""), 7, 3);
    gh_txn_fault(t, &err);
    c = commit(t);
    assert_int_equal(c.faults, 1);
    assert_int_equal(c.deleted, 0);
    ASSERT_SERVERS(s, "n/a=1! n/b=2");
    assert_int_equal(gh_store_fault_count(s), 1);
    assert_string_equal(gh_store_fault(s, 0)->err.source, "a.yaml");
    assert_int_equal(gh_store_fault(s, 0)->err.line, 7);

    t = begin(s, "a.yaml"); /* a warning loses what is gone */
    put_server(t, "n/a", "1", 1);
    gh_txn_warn(t, &err);
    c = commit(t);
    assert_int_equal(c.deleted, 1);
    ASSERT_SERVERS(s, "n/a=1");
    assert_int_equal(gh_store_fault(s, 0)->class, GH_FAULT_WARNING);

    t = begin(s, "a.yaml");
    gh_txn_drop_scope(t, GH_SLICE("a.yaml"));
    (void)commit(t);
    ASSERT_SERVERS(s, "");
    assert_int_equal(gh_store_fault_count(s), 0);
    gh_store_free(s);
}

static void test_many_faults(void **state)
{
    struct gh_store *s = new_store();
    struct gh_txn *t = begin(s, "a");

    (void)state;
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(put(t, "[]", i), GH_EPROTO);
    assert_int_equal(commit(t).faults, 65);
    assert_non_null(strstr(gh_store_fault(s, 64)->err.text, "and more"));
    gh_store_free(s);
}

/* --- conflicts ------------------------------------------------------------ */

static void write_scope(struct gh_store *s, const char *source, int priority,
                        const char *scope, const char *port)
{
    struct gh_txn *t = gh_store_begin(s, gh_slice_str(source), priority);

    gh_txn_scope(t, gh_slice_str(scope));
    if (port)
        assert_int_equal(put_server(t, "n/a", port, 4), GH_OK);
    gh_txn_commit(t, NULL);
}

static void test_conflicts(void **state)
{
    struct gh_store *s = new_store();
    const struct gh_fault *fault;

    (void)state;
    write_scope(s, "files", 0, "b.yaml", "b");
    write_scope(s, "files", 0, "a.yaml", "a");
    ASSERT_SERVERS(s, "n/a=b"); /* the file that sorts last */
    assert_int_equal(gh_store_fault_count(s), 1);
    fault = gh_store_fault(s, 0);
    assert_int_equal(fault->class, GH_FAULT_CONFLICT);
    assert_string_equal(fault->err.source, "a.yaml");
    assert_string_equal(fault->err.text,
                        "Server \"n/a\" is defined again in b.yaml:4; that "
                        "definition counts, this one does not");
    write_scope(s, "files", 0, "c.yaml", "c");
    ASSERT_SERVERS(s, "n/a=c");
    assert_int_equal(gh_store_fault_count(s), 2);
    write_scope(s, "kube", 5, "A", "k"); /* a better source */
    ASSERT_SERVERS(s, "n/a=k");
    assert_int_equal(gh_store_fault_count(s), 3);
    write_scope(s, "kube", 5, "A", NULL);
    ASSERT_SERVERS(s, "n/a=c");
    write_scope(s, "files", 0, "c.yaml", NULL);
    write_scope(s, "files", 0, "a.yaml", NULL);
    ASSERT_SERVERS(s, "n/a=b");
    assert_int_equal(gh_store_fault_count(s), 0);
    write_scope(s, "files", 0, "b.yaml", NULL);
    ASSERT_SERVERS(s, "");
    gh_store_free(s);
}

static void test_conflict_in_one_scope(void **state)
{
    struct gh_store *s = new_store();
    struct gh_txn *t = begin(s, "a.yaml");

    (void)state;
    put_server(t, "n/a", "1", 3);
    put_server(t, "n/a", "2", 9);
    (void)commit(t);
    ASSERT_SERVERS(s, "n/a=2");
    assert_int_equal(gh_store_fault_count(s), 1);
    assert_int_equal(gh_store_fault(s, 0)->class, GH_FAULT_CONFLICT);
    assert_int_equal(gh_store_fault(s, 0)->err.line, 3);
    assert_non_null(strstr(gh_store_fault(s, 0)->err.text, "in line 9"));
    t = begin(s, "a.yaml");
    put_server(t, "n/a", "2", 3);
    put_server(t, "n/a", "2", 9);
    assert_int_equal(commit(t).unchanged, 1);
    gh_store_free(s);
}

/* --- changes -------------------------------------------------------------- */

static void test_changes(void **state)
{
    struct gh_store *s = new_store();
    struct gh_txn *t = begin(s, "a");
    uint64_t first = 0;
    uint64_t second = 0;
    uint64_t late = 0;
    struct gh_change change;

    (void)state;
    assert_false(gh_store_next_change(s, servers(s), &first, &change));
    put_server(t, "n/a", "1", 1);
    put_server(t, "n/b", "1", 2);
    (void)commit(t);
    ASSERT_CHANGES(s, &first, "+n/a=1 +n/b=1");
    assert_true(gh_store_next_change(s, servers(s), &second, &change));

    t = begin(s, "a");
    put_server(t, "n/a", "2", 1);
    put_server(t, "n/c", "1", 2);
    (void)commit(t);
    ASSERT_CHANGES(s, &first, "+n/a=2 +n/c=1 -n/b=1");
    t = begin(s, "a");
    put_server(t, "n/a", "3", 1);
    (void)commit(t);
    ASSERT_CHANGES(s, &first, "+n/a=3 -n/c=1");
    ASSERT_CHANGES(s, &first, "");
    /* who lags gets the latest of each */
    ASSERT_CHANGES(s, &second, "-n/b=1 +n/a=3 -n/c=1");
    ASSERT_CHANGES(s, &late, "-n/b=1 +n/a=3 -n/c=1");

    t = begin(s, "a"); /* comes back */
    put_server(t, "n/a", "3", 1);
    put_server(t, "n/b", "9", 1);
    (void)commit(t);
    ASSERT_CHANGES(s, &first, "+n/b=9");
    gh_store_free(s);
}

static void test_reset(void **state)
{
    struct gh_store *s = new_store();
    uint64_t follows = 0;
    uint64_t lags = 0;
    uint64_t fresh = 0;
    struct gh_change change;
    struct gh_txn *t = begin(s, "keep");

    (void)state;
    put_server(t, "keep/a", "1", 1);
    (void)commit(t);
    assert_true(gh_store_next_change(s, servers(s), &lags, &change));
    for (int round = 0; round < 3; round++) {
        t = begin(s, "x");
        for (int i = 0; i < 600; i++) {
            char name[32];

            (void)snprintf(name, sizeof(name), "n/%d-%d", round, i);
            put_server(t, name, "1", 1);
        }
        (void)commit(t);
        while (gh_store_next_change(s, servers(s), &follows, &change))
            assert_int_not_equal(change.kind, GH_CHANGE_RESET);
    }
    t = begin(s, "x");
    (void)commit(t);
    ASSERT_SERVERS(s, "keep/a=1");
    assert_true(gh_store_next_change(s, servers(s), &lags, &change));
    assert_int_equal(change.kind, GH_CHANGE_RESET);
    assert_true(gh_store_next_change(s, servers(s), &lags, &change));
    assert_int_equal(change.kind, GH_CHANGE_PUT);
    assert_true(gh_slice_is(change.object->ns, "keep"));
    assert_true(gh_store_next_change(s, servers(s), &fresh, &change));
    assert_int_equal(change.kind, GH_CHANGE_PUT); /* a fresh one: no reset */
    gh_store_free(s);
}

/* Changing one object for ever needs no more memory. */
static void test_log_is_compacted(void **state)
{
    struct gh_store *s = new_store();
    uint64_t cursor = 0;

    (void)state;
    for (int i = 0; i < 5000; i++) {
        struct gh_txn *t = begin(s, "a");
        char port[16];

        (void)snprintf(port, sizeof(port), "%d", i);
        put_server(t, "n/a", port, 1);
        put_server(t, "n/b", "1", 1);
        (void)commit(t);
        if (i == 0)
            ASSERT_CHANGES(s, &cursor, "+n/a=0 +n/b=1");
    }
    ASSERT_CHANGES(s, &cursor, "+n/a=4999");
    cursor = 0;
    ASSERT_CHANGES(s, &cursor, "+n/b=1 +n/a=4999");
    gh_store_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sweep),
        cmocka_unit_test(test_unchanged),
        cmocka_unit_test(test_versions_are_everywhere_the_same),
        cmocka_unit_test(test_faulty_scope),
        cmocka_unit_test(test_many_faults),
        cmocka_unit_test(test_conflicts),
        cmocka_unit_test(test_conflict_in_one_scope),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_reset),
        cmocka_unit_test(test_log_is_compacted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
