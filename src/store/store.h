/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The store: every object that configures or describes the mesh
 *
 * Sources write transactions; consumers read from memory and follow changes.
 * An object is immutable, reference-counted, cut down to the fields that some
 * consumer declared to read (a real Pod shrinks from 20 KB to 1 KB), and has a
 * version that is the hash of its content: the same on every replica and after
 * every restart, and unchanged when a source writes the same thing again.
 *
 * A scope is the part of a source that is rewritten as a whole: a file, or a
 * kind in a cluster. Committing replaces each scope that the transaction
 * opened: what was not put again is gone (mark and sweep). A scope in which a
 * fault was reported loses nothing: objects that could not be read again stay
 * as they were and are marked stale, and the fault is kept with its place.
 * Nobody sees half a commit.
 *
 * Two sources (or scopes) may define the same object. The source of higher
 * priority wins; at equal priority the scope that sorts last does, as kubectl
 * applies files in order. Each such conflict is a fault of class conflict,
 * unless what is kept of both is the same.
 *
 * Threads: one store belongs to the control thread. Objects may be read
 * anywhere while a reference is held; the count is atomic. Only origin.line,
 * origin.column and stale are the control thread's alone: they follow the
 * source even where the content stays, and that is no change. A definition that
 * moves to another scope is a change.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/rc.h"
#include "base/slice.h"
#include "wire/json.h"

struct gh_store;
struct gh_txn;
struct gh_object;

/*
 * What a consumer reads of a kind. A field is a path of names divided by one
 * space; lists on the way are passed through (each element is cut the same
 * way), and a name may have '*' at its start and end. What a field names is
 * kept whole. apiVersion, kind, metadata name, namespace and creationTimestamp
 * are always kept; managedFields never. No row, no storage: kinds that nobody
 * wants are counted and dropped. Rows of one kind from several consumers add
 * up. Static memory.
 */
struct gh_want {
    const char *group; /* "" is the core group */
    const char *kind;
    const char *const *fields; /* NULL-terminated; NULL: everything */
    const char *name;          /* only objects of this name; NULL: all */
};

#define GH_VERSION_BYTES 16

struct gh_origin {
    struct gh_slice source;  /* "files" */
    struct gh_slice cluster; /* absent when unknown */
    struct gh_slice scope;   /* path of the file, "-" for standard input */
    uint32_t line;           /* 0: unknown */
    uint32_t column;
};

/* Identity of a type is group and kind; an object keeps its own version. */
struct gh_type;

struct gh_object {
    const struct gh_type *type;
    struct gh_slice api_version; /* "policy.linkerd.io/v1beta3" */
    struct gh_slice group;       /* "policy.linkerd.io" */
    struct gh_slice kind;
    struct gh_slice ns; /* empty for cluster-scoped objects */
    struct gh_slice name;
    struct gh_json_doc doc; /* canonical JSON and its tape */
    struct gh_origin origin;
    int64_t created_s; /* creationTimestamp, Unix seconds; -1: none */
    uint8_t version[GH_VERSION_BYTES];
    uint32_t refs; /* atomic; see gh_object_ref() */
    bool stale;    /* its source could not read it again */
};

static inline struct gh_json gh_object_root(const struct gh_object *o)
{
    return gh_json_root(&o->doc);
}

const struct gh_object *gh_object_ref(const struct gh_object *o);
void gh_object_unref(const struct gh_object *o); /* accepts NULL */

struct gh_store_options {
    size_t max_bytes;        /* of all objects; 0: 4 GiB */
    size_t max_object_bytes; /* after projection; 0: 4 MiB */
};

struct gh_store *gh_store_new(const struct gh_store_options *opt);
struct gh_store *gh_store_free(struct gh_store *s);

/* Before the first transaction. The rows are borrowed for ever. */
void gh_store_want(struct gh_store *s, const struct gh_want *rows,
                   size_t count);

/* --- writing ------------------------------------------------------------ */

/**
 * gh_store_begin() - start a transaction; one at a time
 * @source:   name of the source, copied
 * @priority: higher wins a conflict between sources
 */
struct gh_txn *gh_store_begin(struct gh_store *s, struct gh_slice source,
                              int priority);

/* Opens a scope: what follows belongs to it, and it will be swept. */
void gh_txn_scope(struct gh_txn *t, struct gh_slice scope);

/**
 * gh_txn_put() - add an object to the open scope
 * @object: the whole object; projected and copied at once. The items of a
 *          List are the caller's to iterate over
 * @line, @column: where it begins in the scope; 0 when unknown
 *
 * An object without apiVersion, kind or metadata.name, or with one of the
 * wrong type, becomes a fault of the scope (GH_EPROTO, with @err filled).
 *
 * Return: GH_OK when stored; GH_END when nobody wants its kind; GH_EPROTO;
 * GH_ETOOBIG, also a fault.
 */
enum gh_rc gh_txn_put(struct gh_txn *t, struct gh_json object, uint32_t line,
                      uint32_t column, struct gh_err *err);

/* Reports that a part of the open scope could not be read. */
void gh_txn_fault(struct gh_txn *t, const struct gh_err *err);

/* Reports something in the open scope that was read but can hardly be meant,
 * such as a name that occurs twice; the scope counts as read. */
void gh_txn_warn(struct gh_txn *t, const struct gh_err *err);

/* Removes a scope and all that it holds. */
void gh_txn_drop_scope(struct gh_txn *t, struct gh_slice scope);

struct gh_commit {
    size_t added;
    size_t changed;
    size_t deleted;
    size_t unchanged;
    size_t faults; /* in the scopes of this transaction */
};

/* Consumes the transaction. @ret may be NULL. */
void gh_txn_commit(struct gh_txn *t, struct gh_commit *ret);
void gh_txn_abort(struct gh_txn *t);

/* --- reading ------------------------------------------------------------ */

/* The type, or NULL when no object of it was ever stored. */
const struct gh_type *gh_store_type(const struct gh_store *s,
                                    struct gh_slice group,
                                    struct gh_slice kind);

/* The object, borrowed until the next commit, or NULL. */
const struct gh_object *gh_store_get(const struct gh_store *s,
                                     const struct gh_type *type,
                                     struct gh_slice ns, struct gh_slice name);

/*
 * Objects of a type, of one namespace or (absent @ns) of all, ordered by
 * namespace and name:
 *
 *   for (struct gh_store_iter it = gh_store_list(s, type, ns);
 *        gh_store_next(&it);)
 *       use(it.object);
 *
 * Accepts a NULL type. The store may not change meanwhile.
 */
struct gh_store_iter {
    const struct gh_object *object;
    const void *at;
    size_t index;
    const void *within; /* one namespace's list, or NULL */
};

struct gh_store_iter gh_store_list(const struct gh_store *s,
                                   const struct gh_type *type,
                                   struct gh_slice ns);
bool gh_store_next(struct gh_store_iter *it);

/* The same, only those with label @key = @value; by an index. */
struct gh_store_iter gh_store_by_label(const struct gh_store *s,
                                       const struct gh_type *type,
                                       struct gh_slice ns, struct gh_slice key,
                                       struct gh_slice value);

/*
 * Changes of one type since @*cursor (0: from the beginning), in order; only
 * the latest of each object, so a deletion may be of an object that the reader
 * never saw. Raises the cursor. Between calls for one cursor
 * nothing is lost: who lags behind gets the latest state and, when tombstones
 * it needed are gone, GH_CHANGE_RESET first: forget everything.
 */
enum gh_change_kind { GH_CHANGE_PUT, GH_CHANGE_DELETE, GH_CHANGE_RESET };

struct gh_change {
    enum gh_change_kind kind;
    const struct gh_object *object; /* PUT: the new one; DELETE: the last */
};

bool gh_store_next_change(const struct gh_store *s, const struct gh_type *type,
                          uint64_t *cursor, struct gh_change *ret);

/* Raised by every commit that changed something. */
uint64_t gh_store_revision(const struct gh_store *s);

/* --- faults: what is quarantined, and why -------------------------------- */

enum gh_fault_class {
    GH_FAULT_UNREADABLE, /* bytes that are no object */
    GH_FAULT_CONFLICT,   /* two definitions; the message names both */
    GH_FAULT_WARNING,    /* read, but can hardly be meant */
    GH_FAULT_FOREIGN,    /* readable, but with neither apiVersion nor kind */
};

struct gh_fault {
    enum gh_fault_class class;
    struct gh_slice source;
    struct gh_err err;
};

/* In the order reported. Borrowed until the next commit. */
size_t gh_store_fault_count(const struct gh_store *s);
const struct gh_fault *gh_store_fault(const struct gh_store *s, size_t index);

/* Kinds that were offered and that nobody wants, with their number; ordered.
 * Return: false at the end. */
bool gh_store_unwanted(const struct gh_store *s, size_t index,
                       struct gh_slice *ret_group, struct gh_slice *ret_kind,
                       size_t *ret_count);

struct gh_store_stats {
    size_t objects;
    size_t object_bytes; /* memory held by objects */
};

struct gh_store_stats gh_store_stats(const struct gh_store *s);
