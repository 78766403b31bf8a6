/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdio.h>

#include "base/arena.h"
#include "store/store.h"

/*
 * Random transactions against a model that is too simple to be wrong: a table
 * of scopes and names. After each commit the store must list what the model
 * has, by name, namespace and label; and readers that follow the changes, one
 * at once and one now and then, must end up with the same.
 */

#define SCOPES 3
#define NAMES 6
#define NAMESPACES 2
#define READERS 2

struct cell {
    uint8_t value; /* 0: not there */
    bool stale;
};

struct model {
    struct cell scope[SCOPES][NAMES];
    struct cell staged[NAMES];
    bool open;
    bool broken;
    int at; /* the open scope */
};

struct reader {
    uint64_t cursor;
    uint8_t value[NAMES];
};

struct input {
    const uint8_t *at;
    size_t left;
};

static uint8_t take(struct input *in)
{
    if (in->left == 0)
        return 0;
    in->left--;
    return *in->at++;
}

static const char *const fields[] = {"data v", "metadata labels", NULL};
static const struct gh_want wants[] = {{"", "ConfigMap", fields, NULL}};

static void scope_name(int scope, char *to, size_t size)
{
    (void)snprintf(to, size, "s%d", scope);
}

static struct gh_slice namespace_of(int name)
{
    return name % NAMESPACES ? GH_SLICE("odd") : GH_SLICE("even");
}

static void put(struct gh_txn *t, int name, int value)
{
    struct gh_json_doc doc;
    struct gh_arena arena;
    char json[256];

    (void)snprintf(json, sizeof(json),
                   "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":"
                   "{\"labels\":{\"v\":\"%d\"},\"name\":\"n%d\",\"namespace\":"
                   "\"%s\"},\"data\":{\"v\":%d}}",
                   value % 3, name, namespace_of(name).ptr, value);
    gh_arena_init(&arena, 1u << 16);
    if (gh_json_parse(gh_slice_str(json), &arena, NULL, &doc, NULL) != GH_OK ||
        gh_txn_put(t, gh_json_root(&doc), 1, 1, NULL) != GH_OK)
        assert(0);
    gh_arena_fini(&arena);
}

/* What is shown: the last scope that has it. */
static struct cell shown(const struct model *m, int name)
{
    for (int i = SCOPES - 1; i >= 0; i--)
        if (m->scope[i][name].value)
            return m->scope[i][name];
    return (struct cell){0};
}

static int name_of(const struct gh_object *o)
{
    assert(o->name.len == 2 && o->name.ptr[1] < '0' + NAMES);
    return o->name.ptr[1] - '0';
}

static uint8_t value_of(const struct gh_object *o)
{
    int64_t value;

    if (!gh_json_i64(gh_json_path(gh_object_root(o), "data/v"), &value))
        assert(0);
    return (uint8_t)value;
}

/* --- comparing ------------------------------------------------------------ */

static void compare_list(const struct model *m, struct gh_store_iter it, int ns,
                         int label)
{
    int expected = 0;
    int listed = 0;
    char before[8] = "";

    for (int i = 0; i < NAMES; i++) {
        struct cell c = shown(m, i);

        expected += c.value && (ns < 0 || i % NAMESPACES == ns) &&
                    (label < 0 || c.value % 3 == label);
    }
    while (gh_store_next(&it)) {
        struct cell c = shown(m, name_of(it.object));
        char now[8];

        (void)snprintf(now, sizeof(now), "%c%d", it.object->ns.ptr[0],
                       name_of(it.object));
        assert(strcmp(before, now) < 0);
        memcpy(before, now, sizeof(now));
        assert(c.value == value_of(it.object) && c.stale == it.object->stale);
        listed++;
    }
    assert(listed == expected);
}

static void compare(const struct model *m, const struct gh_store *s, int label)
{
    const struct gh_type *t =
        gh_store_type(s, GH_SLICE(""), GH_SLICE("ConfigMap"));
    const struct gh_slice all = {NULL, 0};
    char value[8];

    compare_list(m, gh_store_list(s, t, all), -1, -1);
    for (int ns = 0; ns < NAMESPACES; ns++)
        compare_list(m, gh_store_list(s, t, namespace_of(ns)), ns, -1);
    if (label < 0) /* not always, so that the index is built late, too */
        return;
    (void)snprintf(value, sizeof(value), "%d", label);
    compare_list(
        m, gh_store_by_label(s, t, all, GH_SLICE("v"), gh_slice_str(value)), -1,
        label);
    compare_list(m,
                 gh_store_by_label(s, t, namespace_of(1), GH_SLICE("v"),
                                   gh_slice_str(value)),
                 1, label);
}

static void follow(const struct model *m, const struct gh_store *s,
                   struct reader *r)
{
    const struct gh_type *t =
        gh_store_type(s, GH_SLICE(""), GH_SLICE("ConfigMap"));
    struct gh_change c;

    while (gh_store_next_change(s, t, &r->cursor, &c)) {
        if (c.kind == GH_CHANGE_RESET)
            memset(r->value, 0, sizeof(r->value));
        else
            r->value[name_of(c.object)] =
                c.kind == GH_CHANGE_PUT ? value_of(c.object) : 0;
    }
    for (int i = 0; i < NAMES; i++)
        assert(r->value[i] == shown(m, i).value);
}

/* --- transactions --------------------------------------------------------- */

static void close_scope(struct model *m)
{
    struct cell *cells = m->scope[m->at];

    if (!m->open)
        return;
    for (int i = 0; i < NAMES; i++) {
        if (m->staged[i].value || !m->broken)
            cells[i] = m->staged[i];
        else
            cells[i].stale = cells[i].value != 0;
    }
    m->open = false;
}

static void open_scope(struct model *m, struct gh_txn *t, int scope)
{
    char name[8];

    close_scope(m);
    scope_name(scope, name, sizeof(name));
    gh_txn_scope(t, gh_slice_str(name));
    memset(m->staged, 0, sizeof(m->staged));
    m->broken = false;
    m->open = true;
    m->at = scope;
}

static void write_scope(struct model *m, struct gh_txn *t, struct input *in,
                        int scope)
{
    int count = take(in) % (NAMES + 2);

    open_scope(m, t, scope);
    for (int i = 0; i < count; i++) {
        uint8_t byte = take(in);
        int name = byte % NAMES;
        struct gh_err err;

        if (byte >= 250) {
            gh_err_set(&err, "broken");
            gh_txn_fault(t, &err);
            m->broken = true;
            continue;
        }
        m->staged[name].value = (uint8_t)(byte / NAMES + 1);
        put(t, name, m->staged[name].value);
    }
}

static void transact(struct model *m, struct gh_store *s, struct input *in)
{
    struct gh_txn *t = gh_store_begin(s, GH_SLICE("fuzz"), 0);
    struct model before = *m;
    uint8_t what = take(in);

    for (int scope = 0; scope < SCOPES; scope++) {
        char name[8];

        scope_name(scope, name, sizeof(name));
        if (what & (1 << scope)) {
            write_scope(m, t, in, scope);
        } else if (what & (8 << scope)) {
            close_scope(m);
            gh_txn_drop_scope(t, gh_slice_str(name));
            memset(m->scope[scope], 0, sizeof(m->scope[scope]));
        }
    }
    close_scope(m);
    if (what & 64) {
        gh_txn_abort(t);
        *m = before;
    } else {
        gh_txn_commit(t, NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size < 512 ? size : 512};
    struct gh_store *s = gh_store_new(NULL);
    struct reader readers[READERS] = {0};
    struct model m = {0};

    gh_store_want(s, wants, 1);
    for (int turn = 0; in.left > 0; turn++) {
        transact(&m, s, &in);
        compare(&m, s, turn % 4 - 1);
        follow(&m, s, &readers[0]);
        if (turn % 5 == 4)
            follow(&m, s, &readers[1]);
    }
    gh_store_free(s);
    return 0;
}
