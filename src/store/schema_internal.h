/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the files of the schema engine share; nobody else includes this
 *
 *   schema_build.c     nodes, shared by both ways to write a schema
 *   schema_openapi.c   a CRD's schema to nodes
 *   schema_notation.c  our own notation (kinds.schema) to nodes
 *   schema_registry.c  group, version and kind to a schema
 *   schema_prune.c     unknown fields; which defaults are missing
 *   schema_default.c   the object with its defaults
 *   schema_value.c     types, limits, patterns, enumerations
 *   schema_number.c    ranges of numbers
 *   schema_logic.c     anyOf, oneOf, allOf, not
 *   schema_format.c    formats of strings and numbers
 *   schema_list.c      lists that are sets or maps
 *   schema_rule.c      rules in CEL
 *   schema_meta.c      metadata
 *   schema_report.c    violations and their paths
 *
 * A compiled schema is a graph: what kinds share is one node.
 */

#include "base/buf.h"
#include "base/map.h"
#include "store/cel.h"
#include "store/schema.h"
#include "wire/json_write.h"
#include "wire/re2.h"

#define GH_SCHEMA_MAX_DEPTH 64
#define GH_SCHEMA_MAX_NODES 100000
#define GH_SCHEMA_ABSENT UINT32_MAX /* of a limit */

enum {
    GH_SCHEMA_T_OBJECT = 1,
    GH_SCHEMA_T_ARRAY = 2,
    GH_SCHEMA_T_STRING = 4,
    GH_SCHEMA_T_INTEGER = 8,
    GH_SCHEMA_T_NUMBER = 16,
    GH_SCHEMA_T_BOOLEAN = 32,
};

enum gh_schema_format {
    GH_SCHEMA_ANY_FORMAT = 0,
    GH_SCHEMA_INT32,
    GH_SCHEMA_INT64,
    GH_SCHEMA_UINT32,
    GH_SCHEMA_UINT64,
    GH_SCHEMA_FLOAT,
    GH_SCHEMA_DOUBLE,
    GH_SCHEMA_TEXT_FORMATS, /* from here on: of strings */
    GH_SCHEMA_DATE,
    GH_SCHEMA_DATE_TIME,
    GH_SCHEMA_DURATION,
    GH_SCHEMA_BYTE,
    GH_SCHEMA_IPV4,
    GH_SCHEMA_IPV6,
    GH_SCHEMA_CIDR,
    GH_SCHEMA_MAC,
    GH_SCHEMA_UUID,
    GH_SCHEMA_UUID3,
    GH_SCHEMA_UUID4,
    GH_SCHEMA_UUID5,
    GH_SCHEMA_URI,
    GH_SCHEMA_EMAIL,
    GH_SCHEMA_HOSTNAME,
    GH_SCHEMA_PASSWORD,
    GH_SCHEMA_FORMATS,
};

enum {
    GH_SCHEMA_F_NULLABLE = 1,
    GH_SCHEMA_F_INT_OR_STRING = 2,
    GH_SCHEMA_F_PRESERVE = 4, /* unknown fields stay */
    GH_SCHEMA_F_EMBEDDED = 8, /* an object with its own metadata */
    GH_SCHEMA_F_MINIMUM = 16,
    GH_SCHEMA_F_MAXIMUM = 32,
    GH_SCHEMA_F_ABOVE = 64,  /* the minimum itself is too small */
    GH_SCHEMA_F_BELOW = 128, /* the maximum itself is too large */
    GH_SCHEMA_F_MULTIPLE = 256,
    GH_SCHEMA_F_ADDITIONAL = 512, /* any further property may be there */
    GH_SCHEMA_F_RULES = 1024,     /* here or below */
    GH_SCHEMA_F_LISTS = 2048,     /* a set or map, here or below */
};

struct gh_schema_node;

struct gh_schema_prop {
    struct gh_slice name;
    const struct gh_schema_node *node;
};

struct gh_schema_pattern {
    struct gh_slice text;
    const struct gh_re2 *re;
};

struct gh_schema_rule {
    struct gh_slice text;
    struct gh_slice message;
    struct gh_slice field;        /* ".spec.x", below the node; or absent */
    const struct gh_cel *program; /* NULL: not understood */
    const struct gh_cel *tell;    /* the messageExpression, or NULL */
    struct gh_slice tell_text;
    enum gh_schema_reason reason;
    bool optional_old; /* runs on objects that are new, too */
    bool compiled;
};

struct gh_schema_nodes {
    const struct gh_schema_node *const *at;
    size_t count;
};

struct gh_schema_node {
    uint8_t types; /* 0: any */
    uint8_t format;
    uint8_t order; /* enum gh_cel_order */
    uint16_t flags;
    uint16_t depth; /* of what is below */
    uint32_t min_length, max_length;
    uint32_t min_items, max_items;
    uint32_t min_props, max_props;
    double minimum, maximum, multiple;
    const struct gh_schema_pattern *pattern;
    struct gh_json otherwise; /* the default; missing: none */
    const struct gh_json *enums;
    size_t enum_count;
    const struct gh_schema_prop *props; /* by name */
    size_t prop_count;
    const struct gh_slice *required;
    size_t required_count;
    const struct gh_schema_node *items;
    const struct gh_schema_node *additional;
    const struct gh_schema_node * not ;
    struct gh_schema_nodes all_of, any_of, one_of;
    const struct gh_slice *keys; /* of a list of kind map */
    size_t key_count;
    struct gh_schema_rule *rules;
    size_t rule_count;
    struct gh_cel_type *cel; /* as the rules see it; NULL: none do */
};

struct gh_schema_doubt {
    struct gh_schema_doubt *next;
    struct gh_slice text;
};

struct gh_schema {
    const struct gh_schema_node *root;
    const struct gh_schema_doubt *doubts;
    bool has_status; /* a subresource: creating does not set it */
};

/* --- building ------------------------------------------------------------ */

struct gh_schema_builder {
    struct gh_arena *arena;
    struct gh_err *err;
    struct gh_map patterns; /* by text: struct gh_schema_pattern */
    struct gh_schema_doubt *doubts;
    size_t nodes;
    size_t nesting;
};

void gh_schema_builder_init(struct gh_schema_builder *b, struct gh_arena *arena,
                            struct gh_err *err);
void gh_schema_builder_fini(struct gh_schema_builder *b);

/* A node that allows anything. NULL with @err. */
struct gh_schema_node *gh_schema_node_new(struct gh_schema_builder *b);

/* False with @err: RE2 would refuse it. */
bool gh_schema_node_pattern(struct gh_schema_builder *b,
                            struct gh_schema_node *n, struct gh_slice text);

/* Copies a value into the arena. Missing on failure. */
struct gh_json gh_schema_copy(struct gh_schema_builder *b, struct gh_json v);

/* When all below is done: order, marks, depth. False with @err. */
bool gh_schema_node_finish(struct gh_schema_builder *b,
                           struct gh_schema_node *n);

/* When the root is done: compiles the rules. False with @err. */
bool gh_schema_finish(struct gh_schema_builder *b,
                      const struct gh_schema_node *root, struct gh_schema *ret);

enum gh_schema_format gh_schema_format_of(struct gh_slice name);
const char *gh_schema_format_name(enum gh_schema_format f);

const struct gh_schema_prop *gh_schema_prop_find(const struct gh_schema_node *n,
                                                 struct gh_slice name);

/* The node of a CRD's schema; NULL with @err. */
struct gh_schema_node *gh_schema_from_openapi(struct gh_schema_builder *b,
                                              struct gh_json v);

/* --- our own notation ---------------------------------------------------- */

/* The table that is built in. */
extern const char gh_schema_kinds[];
extern const size_t gh_schema_kinds_len;

struct gh_notation;

/* One kind and version that a table defines. */
struct gh_notation_kind {
    struct gh_slice group, version, kind;
    bool has_status;
    uint32_t at; /* of the definition's body, in the text */
};

/* Reads the head lines; bodies are read when asked for. @text is borrowed.
 * NULL with @err. */
struct gh_notation *gh_notation_open(struct gh_slice text,
                                     struct gh_arena *arena,
                                     struct gh_err *err);
void gh_notation_close(struct gh_notation *n);

const struct gh_notation_kind *gh_notation_kind_at(const struct gh_notation *n,
                                                   size_t index);

/* NULL with @err. */
const struct gh_schema *gh_notation_compile(struct gh_notation *n,
                                            const struct gh_notation_kind *k,
                                            struct gh_err *err);

/* --- checking ------------------------------------------------------------ */

/* How a value was reached. */
struct gh_schema_step {
    const struct gh_schema_step *up;
    struct gh_slice name; /* absent: an index */
    size_t index;
    bool key; /* a key of a map, not a declared field */
};

struct gh_schema_check {
    const struct gh_schema *schema;
    struct gh_arena *arena;
    struct gh_json given;  /* the object as it was given */
    struct gh_json object; /* with defaults */
    struct gh_violation *at;
    size_t count, cap, total;
    struct gh_re2_scratch regex;
    bool blocked; /* the rules in CEL would trip over it */
    bool rewrite; /* the object is not as it would be stored */
    bool lenient;
    bool out_of_memory;
    struct gh_cel_run run;
    uint32_t depth;
};

void gh_schema_report(struct gh_schema_check *c,
                      const struct gh_schema_step *at,
                      enum gh_schema_reason reason, const char *fmt, ...)
    GH_PRINTF(4, 5);

/* A value as it stands in the source, not too much of it; then "..." or "". */
struct gh_slice gh_schema_show(struct gh_json v);
const char *gh_schema_dots(struct gh_json v);

/* The one reported last, to add to it; NULL when it was not kept. */
struct gh_violation *gh_schema_last(struct gh_schema_check *c);

void gh_schema_prune(struct gh_schema_check *c, struct gh_json object);
enum gh_rc gh_schema_rewrite(struct gh_schema_check *c, struct gh_json object);
void gh_schema_meta_decode(struct gh_schema_check *c, struct gh_json meta);
void gh_schema_meta_check(struct gh_schema_check *c, struct gh_json meta,
                          const struct gh_schema_step *up);

void gh_schema_value(struct gh_schema_check *c, const struct gh_schema_node *n,
                     struct gh_json v, const struct gh_schema_step *at);
void gh_schema_number(struct gh_schema_check *c, const struct gh_schema_node *n,
                      struct gh_json v, const struct gh_schema_step *at);
void gh_schema_logic(struct gh_schema_check *c, const struct gh_schema_node *n,
                     struct gh_json v, const struct gh_schema_step *at);
void gh_schema_lists(struct gh_schema_check *c, const struct gh_schema_node *n,
                     struct gh_json v, const struct gh_schema_step *at);
void gh_schema_rules(struct gh_schema_check *c, const struct gh_schema_node *n,
                     struct gh_json v, const struct gh_schema_step *at);
bool gh_schema_compile_rules(struct gh_schema_builder *b,
                             const struct gh_schema_node *root);

/* Whether a string or number has the format. */
bool gh_schema_format_fits(enum gh_schema_format f, struct gh_slice s);

/* Numbers as the API server decodes them. */
struct gh_schema_decoded {
    bool is_int; /* written without fraction and exponent, and in range */
    int64_t i;
    double d;
};

struct gh_schema_decoded gh_schema_decode(struct gh_json v);
bool gh_schema_is_whole(double d);
