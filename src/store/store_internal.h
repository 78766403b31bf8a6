/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the files of store/ share; nobody else includes this
 *
 * A slot is an identity (type, namespace, name). Each scope that defines it
 * hangs a definition into it, and one definition is shown: readers, indexes
 * and the change log know only that one. A slot outlives its last definition
 * as long as the change log remembers the deletion.
 *
 *   scope --definitions--> slot --shown--> object
 *   type  --sorted slots, labels, log----> slot
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"
#include "store/store.h"
#include "store/want.h"
#include "wire/digest.h"

#define GH_STORE_MAX_NAME 253     /* as Kubernetes limits names and groups */
#define GH_STORE_MAX_FAULTS 64    /* kept of one scope */
#define GH_STORE_MAX_UNWANTED 256 /* kinds counted in one scope */

/* --- objects (object.c) --------------------------------------------------- */

/* What stands in front of the JSON of an object, before it is cut. */
struct gh_identity {
    struct gh_slice api_version;
    struct gh_slice group;
    struct gh_slice kind;
    struct gh_slice ns;
    struct gh_slice name;
};

/* apiVersion and kind: GH_EPROTO with @err when it has none. */
GH_MUST_CHECK enum gh_rc gh_identity_kind(struct gh_json object,
                                          struct gh_identity *ret,
                                          struct gh_err *err);

/* Name and namespace, when the kind is known to be wanted. */
GH_MUST_CHECK enum gh_rc gh_identity_name(struct gh_json object,
                                          struct gh_identity *ret,
                                          struct gh_err *err);

/* "ns", NUL, "name" or "group", NUL, "kind": sorts by the one, then the other.
 */
struct gh_key {
    char text[2 * GH_STORE_MAX_NAME + 1];
    size_t len;
};

void gh_key_set(struct gh_key *k, struct gh_slice first,
                struct gh_slice second);

static inline struct gh_slice gh_key_slice(const struct gh_key *k)
{
    return gh_slice_of(k->text, k->len);
}

/* One block: @json, its tape, and the texts of @origin. Holds one reference.
 * Return: NULL when @json cannot be parsed again or memory is short. */
struct gh_object *gh_object_new(struct gh_slice json,
                                const struct gh_type *type,
                                const struct gh_identity *identity,
                                const struct gh_origin *origin,
                                struct gh_arena *scratch);

size_t gh_object_bytes(const struct gh_object *o);

/* --- types (type.c, log.c, labels.c) -------------------------------------- */

struct gh_slot {
    struct gh_type *type;
    struct gh_slice key; /* ns NUL name, in the same block as the slot */
    struct gh_object *shown;
    struct gh_def *defs;
    uint64_t seq; /* of its entry in the log; 0: none */
    bool touched; /* by the commit under way */
    bool listed;  /* among the type's slots */
    bool disputed;
};

struct gh_def {
    struct gh_object *object;
    struct gh_scope *scope;
    struct gh_slot *slot;
    struct gh_def *next; /* in the slot */
    uint64_t commit;     /* the last one that put it */
};

struct gh_slots {
    struct gh_slot **at;
    size_t count;
    size_t cap;
};

struct gh_log_entry {
    uint64_t seq;
    struct gh_slot *slot;   /* NULL: superseded */
    struct gh_object *gone; /* a deletion's last object; else NULL */
};

struct gh_labels;

struct gh_type {
    struct gh_key key; /* group NUL kind */
    struct gh_cut *cut;
    bool stored; /* some object was committed once */
    struct gh_map by_key;
    struct gh_slots slots; /* that show an object, in order */
    struct gh_slots added; /* by the commit under way */
    size_t removed;        /* by the commit under way */
    struct gh_labels *labels;
    GH_VEC(struct gh_log_entry) log;
    uint64_t last_seq;
    uint64_t settled_seq; /* before the commit under way */
    uint64_t reset_below; /* cursors in between missed a deletion */
    size_t superseded;
    size_t tombstones;
};

struct gh_type *gh_type_new(struct gh_slice group, struct gh_slice kind);
struct gh_type *gh_type_free(struct gh_type *t);

struct gh_slot *gh_type_slot(struct gh_type *t, struct gh_slice key);

/* Shows @o (a reference is taken; NULL: none) instead of what was shown; the
 * log and the label index follow at once, the order with
 * gh_type_settle(). */
void gh_slot_show(struct gh_slot *slot, struct gh_object *o);
void gh_type_settle(struct gh_type *t);

/* Frees a slot that nothing refers to any more. */
void gh_slot_drop(struct gh_slot *slot);

void gh_log_put(struct gh_slot *slot);
void gh_log_delete(struct gh_slot *slot, struct gh_object *gone); /* taken */
void gh_log_trim(struct gh_type *t);
void gh_log_fini(struct gh_type *t);

struct gh_labels *gh_labels_new(void);
struct gh_labels *gh_labels_free(struct gh_labels *l);

/* Keep an index that was built in step. @o: labels to add or to take out. */
void gh_labels_add(struct gh_labels *l, struct gh_slot *slot,
                   const struct gh_object *o);
void gh_labels_del(struct gh_labels *l, struct gh_slot *slot,
                   const struct gh_object *o);

/* Slots with a label, in order; builds the index at the first use. */
const struct gh_slots *gh_labels_find(const struct gh_type *t,
                                      struct gh_slice key,
                                      struct gh_slice value);

/* The first slot that does not sort before @key. */
size_t gh_slots_find(const struct gh_slots *s, struct gh_slice key);
void gh_slots_insert(struct gh_slots *s, size_t at, struct gh_slot *slot);
void gh_slots_remove(struct gh_slots *s, size_t at);

/* --- the store (store.c, txn.c, report.c) --------------------------------- */

struct gh_unwanted {
    char *group;
    char *kind;
    size_t count;
};

struct gh_unwanted_list {
    struct gh_unwanted *at; /* ordered by group and kind */
    size_t count;
    size_t cap;
};

void gh_unwanted_add(struct gh_unwanted_list *l, struct gh_slice group,
                     struct gh_slice kind, size_t count);
void gh_unwanted_fini(struct gh_unwanted_list *l);

struct gh_scope_fault {
    enum gh_fault_class class;
    struct gh_err err;
};

struct gh_scope_faults {
    struct gh_scope_fault *at;
    size_t count;
    size_t cap;
    bool unreadable; /* one of them means that objects may be missing */
};

void gh_faults_add(struct gh_scope_faults *f, enum gh_fault_class class,
                   const struct gh_err *err);

struct gh_scope {
    struct gh_slice key; /* source NUL scope, in the same block */
    struct gh_slice source;
    struct gh_slice name;
    int priority;
    bool dropped;
    GH_VEC(struct gh_def *) defs;
    struct gh_scope_faults faults;
    struct gh_unwanted_list unwanted;
};

struct gh_store {
    size_t max_bytes;
    size_t max_object_bytes;
    struct gh_digest *digest;
    struct gh_map types;  /* by group NUL kind */
    struct gh_map scopes; /* by source NUL scope */
    GH_VEC(struct gh_type *) type_list;
    GH_VEC(struct gh_scope *) scope_list; /* in the order they came */
    GH_VEC(struct gh_slot *) disputed;    /* with several definitions */
    GH_VEC(struct gh_fault) faults;
    struct gh_unwanted_list unwanted;
    uint64_t revision;
    uint64_t commits;
    struct gh_store_stats stats;
    bool in_txn;
    struct gh_arena scratch; /* for one object */
    struct gh_buf cut;       /* for one object */
};

struct gh_type *gh_store_find_type(const struct gh_store *s,
                                   struct gh_slice group, struct gh_slice kind);

/* Builds the lists of faults and of unwanted kinds anew. */
void gh_store_report(struct gh_store *s);
