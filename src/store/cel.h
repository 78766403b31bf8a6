/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * CEL: expressions over objects, bounded
 *
 * The rules in CRDs (x-kubernetes-validations), the hub's filters and access
 * rules are written in the Common Expression Language. This is the part of it
 * that Kubernetes offers: int, uint, double, bool, string, bytes, null, list,
 * map, duration, timestamp, type and optional; the macros has, all, exists,
 * exists_one, map and filter; the standard functions and Kubernetes' libraries
 * for strings, lists, regular expressions, URLs, IP addresses and quantities.
 *
 * An expression is parsed into nodes in an arena and checked against the types
 * of its variables where those are known; elsewhere types are found out while
 * running. Values are read from the JSON tape in place.
 *
 * Everything is bounded: the length, depth and nodes of an expression, and the
 * cost of a run, in the API server's units (about one per step, one per ten
 * bytes looked at). A run that costs more ends with GH_ETOOBIG.
 *
 * Ownership: a program borrows its arena and the types; a value borrows the
 * program, the JSON and the run's arena.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/rc.h"
#include "base/slice.h"
#include "wire/json.h"
#include "wire/re2.h"

#define GH_CEL_COST 1000000u         /* of one run, as the API server */
#define GH_CEL_OBJECT_COST 10000000u /* of all rules of an object */
#define GH_CEL_MAX_VARS 8

enum gh_cel_kind {
    GH_CEL_ERROR = 0,
    GH_CEL_DYN, /* of types only: found out while running */
    GH_CEL_NULL,
    GH_CEL_BOOL,
    GH_CEL_INT,
    GH_CEL_UINT,
    GH_CEL_DOUBLE,
    GH_CEL_STRING,
    GH_CEL_BYTES,
    GH_CEL_LIST,
    GH_CEL_MAP,
    GH_CEL_OBJECT, /* of types only: a map whose fields are declared */
    GH_CEL_DURATION,
    GH_CEL_TIMESTAMP,
    GH_CEL_TYPE,
    GH_CEL_OPTIONAL,
    GH_CEL_IP,
    GH_CEL_CIDR,
    GH_CEL_QUANTITY,
    GH_CEL_URL,
};

/* What a JSON array stands for: lists of kind set and map have no order. */
enum gh_cel_order { GH_CEL_ORDERED = 0, GH_CEL_SET, GH_CEL_KEYED };

struct gh_cel_type;

struct gh_cel_field {
    struct gh_slice name;
    const struct gh_cel_type *type;
};

/* A declared type. Static, or in the arena of who declares it. */
struct gh_cel_type {
    enum gh_cel_kind kind;
    enum gh_cel_order order;
    bool nullable;
    bool int_or_string;             /* of GH_CEL_DYN */
    bool open;                      /* of GH_CEL_OBJECT: more fields exist */
    const struct gh_cel_type *elem; /* of list, map and optional */
    const struct gh_cel_field *fields;
    size_t field_count;
    const struct gh_slice *keys; /* of GH_CEL_KEYED */
    size_t key_count;
};

extern const struct gh_cel_type gh_cel_dyn;
extern const struct gh_cel_type gh_cel_bool;
extern const struct gh_cel_type gh_cel_string;
extern const struct gh_cel_type gh_cel_int;

struct gh_cel_value;
struct gh_cel_pair;

struct gh_cel_list {
    const struct gh_cel_value *at;
    size_t count;
};

struct gh_cel_map {
    const struct gh_cel_pair *at;
    size_t count;
};

struct gh_cel_time {
    int64_t s; /* a duration, or since 1970 */
    int32_t ns;
};

/*
 * A value. Lists and maps are either @list and @map, or (when @json) still on
 * the tape. An error is a value too: && and || may absorb it.
 */
struct gh_cel_value {
    uint8_t kind; /* enum gh_cel_kind */
    bool is_json;
    const struct gh_cel_type *type; /* of what is on the tape; or NULL */
    union {
        bool b;
        int64_t i;
        uint64_t u;
        double d;
        struct gh_slice s; /* string, bytes, url; an error's text */
        struct gh_json json;
        struct gh_cel_list list;
        struct gh_cel_map map;
        struct gh_cel_time time;
        enum gh_cel_kind of;              /* of GH_CEL_TYPE */
        const struct gh_cel_value *inner; /* of GH_CEL_OPTIONAL; NULL: none */
        const void *other;
    };
};

struct gh_cel_pair {
    struct gh_cel_value key;
    struct gh_cel_value value;
};

struct gh_cel_var {
    const char *name;
    const struct gh_cel_type *type;
};

struct gh_cel;

/**
 * gh_cel_compile() - parse and check
 * @text:  copied into the arena
 * @vars:  up to GH_CEL_MAX_VARS
 * @want:  kind of the result, GH_CEL_DYN for any
 * @arena: owns the program
 * @err:   what is wrong, with line and column
 *
 * Return: NULL on a fault of the expression, or when a limit is passed.
 */
GH_MUST_CHECK const struct gh_cel *
gh_cel_compile(struct gh_slice text, const struct gh_cel_var *vars,
               size_t var_count, enum gh_cel_kind want, struct gh_arena *arena,
               struct gh_err *err);

/* Whether the program reads variable @index. */
bool gh_cel_uses(const struct gh_cel *program, size_t index);

/* What runs share. Zeroed but for the arena, it is ready. */
struct gh_cel_run {
    struct gh_arena *arena; /* for values; what it held stays */
    struct gh_re2_scratch *regex;
    uint64_t budget; /* what may still be spent; 0: none left */
};

/**
 * gh_cel_eval() - run a program
 * @vars: one value for each declared variable
 * @run:  its budget goes down by what was spent
 * @ret:  on GH_EPROTO the error, see gh_cel_text()
 *
 * Return: GH_OK; GH_EPROTO when the result is an error, such as a key that is
 * not there; GH_ETOOBIG when it costs more than GH_CEL_COST, the budget or the
 * arena.
 */
GH_MUST_CHECK enum gh_rc gh_cel_eval(const struct gh_cel *program,
                                     const struct gh_cel_value *vars,
                                     struct gh_cel_run *run,
                                     struct gh_cel_value *ret);

/* A value on the tape, read as @type (NULL: by what it is). Ill-typed: error.
 */
struct gh_cel_value gh_cel_from_json(struct gh_json v,
                                     const struct gh_cel_type *type);

/* A string's or error's text; else absent. */
struct gh_slice gh_cel_text(const struct gh_cel_value *v);

const char *gh_cel_kind_name(enum gh_cel_kind kind);

/* A duration as Go writes it: "1h30m", "-1.5s". */
bool gh_cel_parse_duration(struct gh_slice s, struct gh_cel_time *ret);

/* A time as RFC 3339 has it. */
bool gh_cel_parse_timestamp(struct gh_slice s, struct gh_cel_time *ret);
