/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "store/store_internal.h"

/*
 * Transactions: what a source says, taken over at once
 *
 * Putting an object cuts, hashes and parses it, and nothing else: the objects
 * wait in the transaction. If the scope had the same object in the same version
 * before, that one waits again, so reloading a source that did not change
 * allocates nothing. Committing goes scope by scope through the definitions,
 * then slot by slot through those that were touched: which definition is shown
 * now, and is that a change?
 */

struct staged {
    struct gh_object *object;
    struct gh_type *type;
    uint32_t line;
    uint32_t column;
};

struct staged_scope {
    char *name;
    bool drop;
    GH_VEC(struct staged) puts;
    struct gh_scope_faults faults;
    struct gh_unwanted_list unwanted;
};

struct gh_txn {
    struct gh_store *store;
    char *source;
    int priority;
    struct gh_map by_name;
    GH_VEC(struct staged_scope *) scopes;
    struct staged_scope *open;
    size_t bytes; /* of new objects */
    GH_VEC(struct gh_slot *) touched;
    struct gh_commit result;
};

/* --- staging -------------------------------------------------------------- */

struct gh_txn *gh_store_begin(struct gh_store *s, struct gh_slice source,
                              int priority)
{
    struct gh_txn *t = GH_XNEW(struct gh_txn);

    assert(!s->in_txn);
    s->in_txn = true;
    t->store = s;
    t->source = gh_xstrdup(source);
    t->priority = priority;
    gh_map_init(&t->by_name);
    return t;
}

void gh_txn_scope(struct gh_txn *t, struct gh_slice scope)
{
    scope = gh_slice_of(scope.ptr ? scope.ptr : "", scope.len);
    t->open = gh_map_get(&t->by_name, scope);
    if (!t->open) {
        t->open = GH_XNEW(struct staged_scope);
        t->open->name = gh_xstrdup(scope);
        GH_VEC_PUSH(&t->scopes, t->open);
        (void)gh_map_put(&t->by_name, gh_slice_str(t->open->name), t->open);
    }
    t->open->drop = false;
}

static void clear_scope(struct staged_scope *scope)
{
    for (size_t i = 0; i < scope->puts.count; i++)
        gh_object_unref(scope->puts.at[i].object);
    GH_VEC_FREE(&scope->puts);
    GH_VEC_FREE(&scope->faults);
    scope->faults.unreadable = false;
    gh_unwanted_fini(&scope->unwanted);
}

void gh_txn_drop_scope(struct gh_txn *t, struct gh_slice scope)
{
    gh_txn_scope(t, scope);
    clear_scope(t->open);
    t->open->drop = true;
    t->open = NULL;
}

static void add_fault(struct gh_txn *t, enum gh_fault_class class,
                      const struct gh_err *err)
{
    struct gh_err placed = *err;

    assert(t->open);
    if (placed.source[0] == '\0')
        gh_err_at(&placed, gh_slice_str(t->open->name), err->line, err->column);
    gh_faults_add(&t->open->faults, class, &placed);
}

void gh_txn_fault(struct gh_txn *t, const struct gh_err *err)
{
    add_fault(t, GH_FAULT_UNREADABLE, err);
}

void gh_txn_warn(struct gh_txn *t, const struct gh_err *err)
{
    add_fault(t, GH_FAULT_WARNING, err);
}

/* The definition that the open scope has of a slot, if any. */
static struct gh_def *find_def(const struct gh_slot *slot,
                               struct gh_slice source, struct gh_slice scope)
{
    for (struct gh_def *d = slot ? slot->defs : NULL; d; d = d->next)
        if (gh_slice_eq(d->scope->name, scope) &&
            gh_slice_eq(d->scope->source, source))
            return d;
    return NULL;
}

/* The object as it is stored already, when this is the same again. */
static struct gh_object *find_same(const struct gh_txn *t,
                                   const struct gh_type *type,
                                   const struct gh_identity *id,
                                   const uint8_t *version)
{
    const struct gh_def *d;
    struct gh_key key;

    gh_key_set(&key, id->ns, id->name);
    d = find_def(gh_map_get(&type->by_key, gh_key_slice(&key)),
                 gh_slice_str(t->source), gh_slice_str(t->open->name));
    if (!d || memcmp(d->object->version, version, GH_VERSION_BYTES) != 0)
        return NULL;
    (void)gh_object_ref(d->object);
    return d->object;
}

static enum gh_rc too_big(const struct gh_identity *id, const char *what,
                          size_t limit, struct gh_err *err)
{
    gh_err_set(err, "%.*s \"%.*s\" is too large: %s at most %zu bytes",
               GH_FMT(id->kind), GH_FMT(id->name), what, limit);
    return GH_ETOOBIG;
}

static enum gh_rc make_object(struct gh_txn *t, struct gh_type *type,
                              const struct gh_identity *id,
                              struct gh_object **ret, struct gh_err *err)
{
    struct gh_store *s = t->store;
    struct gh_origin origin = {.source = gh_slice_str(t->source),
                               .scope = gh_slice_str(t->open->name)};
    uint8_t hash[GH_SHA256_BYTES];

    gh_digest_sha256(s->digest, gh_buf_slice(&s->cut), hash);
    *ret = find_same(t, type, id, hash);
    if (*ret)
        return GH_OK;
    *ret = gh_object_new(gh_buf_slice(&s->cut), type, id, &origin, &s->scratch);
    if (!*ret)
        return too_big(id, "one object has", s->max_object_bytes, err);
    memcpy((*ret)->version, hash, GH_VERSION_BYTES);
    t->bytes += gh_object_bytes(*ret);
    if (s->stats.object_bytes + t->bytes <= s->max_bytes)
        return GH_OK;
    t->bytes -= gh_object_bytes(*ret);
    gh_object_unref(*ret);
    return too_big(id, "all objects together have", s->max_bytes, err);
}

static enum gh_rc stage(struct gh_txn *t, struct gh_json object, uint32_t line,
                        uint32_t column, struct gh_err *err)
{
    struct gh_store *s = t->store;
    struct gh_identity id;
    struct staged put = {.line = line, .column = column};
    enum gh_rc rc = gh_identity_kind(object, &id, err);

    if (rc < 0)
        return rc;
    put.type = gh_store_find_type(s, id.group, id.kind);
    if (!put.type) {
        gh_unwanted_add(&t->open->unwanted, id.group, id.kind, 1);
        return GH_END;
    }
    rc = gh_identity_name(object, &id, err);
    if (rc < 0)
        return rc;
    if (!gh_cut_wants(put.type->cut, id.name))
        return GH_END;
    if (gh_cut_write(put.type->cut, object, id.name, &s->scratch, &s->cut) < 0)
        return too_big(&id, "one object has", s->max_object_bytes, err);
    rc = make_object(t, put.type, &id, &put.object, err);
    if (rc == GH_OK)
        GH_VEC_PUSH(&t->open->puts, put);
    return rc;
}

enum gh_rc gh_txn_put(struct gh_txn *t, struct gh_json object, uint32_t line,
                      uint32_t column, struct gh_err *err)
{
    struct gh_err ignored;
    enum gh_rc rc;

    assert(t->open);
    err = err ? err : &ignored;
    rc = stage(t, object, line, column, err);
    gh_arena_reset(&t->store->scratch);
    gh_buf_clear(&t->store->cut);
    if (rc < 0) {
        bool foreign = !gh_json_given(gh_json_get(object, "apiVersion")) &&
                       !gh_json_given(gh_json_get(object, "kind"));

        gh_err_at(err, gh_slice_str(t->open->name), line, column);
        add_fault(t, foreign ? GH_FAULT_FOREIGN : GH_FAULT_UNREADABLE, err);
    }
    return rc;
}

/* --- definitions ---------------------------------------------------------- */

static void touch(struct gh_txn *t, struct gh_slot *slot)
{
    if (slot->touched)
        return;
    slot->touched = true;
    GH_VEC_PUSH(&t->touched, slot);
}

static struct gh_scope *find_scope(struct gh_txn *t, struct gh_slice name)
{
    struct gh_store *s = t->store;
    struct gh_slice source = gh_slice_str(t->source);
    size_t len = source.len + 1 + name.len;
    struct gh_scope *scope = gh_xcalloc(1, sizeof(*scope) + len);
    char *text = (char *)(scope + 1);
    struct gh_scope *old;

    memcpy(text, source.ptr, source.len);
    memcpy(text + source.len + 1, name.ptr, name.len);
    scope->key = gh_slice_of(text, len);
    scope->source = gh_slice_of(text, source.len);
    scope->name = gh_slice_of(text + source.len + 1, name.len);
    old = gh_map_get(&s->scopes, scope->key);
    if (old) {
        gh_free(scope);
        return old;
    }
    GH_VEC_PUSH(&s->scope_list, scope);
    (void)gh_map_put(&s->scopes, scope->key, scope);
    return scope;
}

static void count_bytes(struct gh_store *s, const struct gh_object *o, int sign)
{
    size_t bytes = gh_object_bytes(o);

    if (sign > 0)
        s->stats.object_bytes += bytes;
    else
        s->stats.object_bytes -= bytes;
}

static void unlink_def(struct gh_txn *t, struct gh_def *def)
{
    struct gh_def **at = &def->slot->defs;

    while (*at != def)
        at = &(*at)->next;
    *at = def->next;
    touch(t, def->slot);
    count_bytes(t->store, def->object, -1);
    gh_object_unref(def->object);
    gh_free(def);
}

static struct gh_def *add_def(struct gh_txn *t, struct gh_scope *scope,
                              struct gh_slot *slot)
{
    struct gh_store *s = t->store;
    struct gh_def *def = GH_XNEW(struct gh_def);

    def->scope = scope;
    def->slot = slot;
    def->next = slot->defs;
    slot->defs = def;
    GH_VEC_PUSH(&scope->defs, def);
    if (def->next && !slot->disputed) {
        slot->disputed = true;
        GH_VEC_PUSH(&s->disputed, slot);
    }
    return def;
}

static void report_repeated(struct gh_scope *scope, const struct gh_object *o,
                            const struct staged *put)
{
    struct gh_err err;

    gh_err_set(&err,
               "%.*s \"%.*s%s%.*s\" is defined again below, in line %u; that "
               "definition counts, this one does not",
               GH_FMT(o->kind), GH_FMT(o->ns), o->ns.len ? "/" : "",
               GH_FMT(o->name), put->line);
    gh_err_at(&err, scope->name, o->origin.line, o->origin.column);
    gh_faults_add(&scope->faults, GH_FAULT_CONFLICT, &err);
}

static void take_put(struct gh_txn *t, struct gh_scope *scope,
                     struct staged *put)
{
    struct gh_store *s = t->store;
    struct gh_object *o = put->object;
    struct gh_slot *slot;
    struct gh_def *def;
    struct gh_key key;

    gh_key_set(&key, o->ns, o->name);
    slot = gh_type_slot(put->type, gh_key_slice(&key));
    def = find_def(slot, scope->source, scope->name);
    if (!def)
        def = add_def(t, scope, slot);
    else if (def->commit == s->commits &&
             memcmp(def->object->version, o->version, GH_VERSION_BYTES) != 0)
        report_repeated(scope, def->object, put);
    if (def->object) {
        count_bytes(s, def->object, -1);
        gh_object_unref(def->object);
    }
    def->object = o;
    def->commit = s->commits;
    o->origin.line = put->line;
    o->origin.column = put->column;
    o->stale = false;
    count_bytes(s, o, 1);
    touch(t, slot);
    put->object = NULL; /* the definition has the reference now */
}

/* What was not put again goes, or is stale when the scope could not be read. */
static void sweep(struct gh_txn *t, struct gh_scope *scope)
{
    size_t kept = 0;

    for (size_t i = 0; i < scope->defs.count; i++) {
        struct gh_def *def = scope->defs.at[i];

        if (def->commit == t->store->commits) {
            scope->defs.at[kept++] = def;
        } else if (scope->faults.unreadable) {
            def->object->stale = true;
            scope->defs.at[kept++] = def;
        } else {
            unlink_def(t, def);
        }
    }
    scope->defs.count = kept;
}

static void take_scope(struct gh_txn *t, struct staged_scope *from)
{
    struct gh_scope *scope = find_scope(t, gh_slice_str(from->name));

    scope->priority = t->priority;
    scope->dropped = from->drop;
    GH_VEC_FREE(&scope->faults);
    scope->faults = from->faults;
    from->faults = (struct gh_scope_faults){0};
    gh_unwanted_fini(&scope->unwanted);
    scope->unwanted = from->unwanted;
    from->unwanted = (struct gh_unwanted_list){0};
    for (size_t i = 0; i < from->puts.count; i++)
        take_put(t, scope, &from->puts.at[i]);
    sweep(t, scope);
    t->result.faults += scope->faults.count;
}

/* Frees the scopes that were dropped; all that they defined is gone. */
static void remove_scopes(struct gh_txn *t)
{
    struct gh_store *s = t->store;
    size_t kept = 0;

    for (size_t i = 0; i < s->scope_list.count; i++) {
        struct gh_scope *scope = s->scope_list.at[i];

        if (!scope->dropped) {
            s->scope_list.at[kept++] = scope;
            continue;
        }
        (void)gh_map_del(&s->scopes, scope->key);
        GH_VEC_FREE(&scope->defs);
        gh_free(scope);
    }
    s->scope_list.count = kept;
}

/* --- what is shown -------------------------------------------------------- */

/* Higher priority first; then the scope, then the source that sorts last. */
static bool beats(const struct gh_scope *a, const struct gh_scope *b)
{
    int order;

    if (a->priority != b->priority)
        return a->priority > b->priority;
    order = gh_slice_cmp(a->name, b->name);
    return order ? order > 0 : gh_slice_cmp(a->source, b->source) > 0;
}

static struct gh_object *winner(const struct gh_slot *slot)
{
    const struct gh_def *best = slot->defs;

    for (const struct gh_def *d = best; d; d = d->next)
        if (beats(d->scope, best->scope))
            best = d;
    return best ? best->object : NULL;
}

static void settle_slot(struct gh_txn *t, struct gh_slot *slot)
{
    struct gh_object *old = slot->shown;
    struct gh_object *now = winner(slot);

    slot->touched = false;
    if (now == old) {
        t->result.unchanged += now != NULL;
        return;
    }
    if (!old)
        t->result.added++;
    else if (!now)
        t->result.deleted++;
    else
        t->result.changed++;
    t->store->stats.objects += now != NULL;
    t->store->stats.objects -= old != NULL;
    gh_slot_show(slot, now);
}

static void settle(struct gh_txn *t)
{
    struct gh_store *s = t->store;

    for (size_t i = 0; i < t->touched.count; i++)
        settle_slot(t, t->touched.at[i]);
    if (t->result.added + t->result.changed + t->result.deleted > 0)
        s->revision++;
    gh_store_report(s);
    for (size_t i = 0; i < s->type_list.count; i++)
        gh_type_settle(s->type_list.at[i]);
    remove_scopes(t);
}

void gh_txn_abort(struct gh_txn *t)
{
    t->store->in_txn = false;
    for (size_t i = 0; i < t->scopes.count; i++) {
        clear_scope(t->scopes.at[i]);
        gh_free(t->scopes.at[i]->name);
        gh_free(t->scopes.at[i]);
    }
    GH_VEC_FREE(&t->scopes);
    GH_VEC_FREE(&t->touched);
    gh_map_fini(&t->by_name);
    gh_free(t->source);
    gh_free(t);
}

void gh_txn_commit(struct gh_txn *t, struct gh_commit *ret)
{
    struct gh_store *s = t->store;

    s->commits++;
    for (size_t i = 0; i < t->scopes.count; i++)
        take_scope(t, t->scopes.at[i]);
    settle(t);
    if (ret)
        *ret = t->result;
    gh_txn_abort(t);
}
