/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside wire/yaml: one document between libfyaml and JSON
 *
 * Aliases, merge keys and names that are no strings cannot be written to JSON
 * as they come, so a document's events first become a tree in a scratch arena.
 * Nobody outside wire/yaml*.c includes this.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/rc.h"
#include "base/slice.h"
#include "wire/json.h"
#include "wire/yaml_scalar.h"

enum gh_yaml_node_type {
    GH_YAML_SCALAR,
    GH_YAML_SEQUENCE,
    GH_YAML_MAPPING, /* children are name, value, name, value */
    GH_YAML_ALIAS,
};

struct gh_yaml_member {
    struct gh_yaml_node *name;
    struct gh_yaml_node *value;
};

struct gh_yaml_node {
    enum gh_yaml_node_type type;
    bool plain; /* a scalar without quotes */
    bool open;  /* while its end was not seen */
    struct gh_json_mark mark;
    struct gh_slice tag;  /* absent when there is none */
    struct gh_slice text; /* of a scalar */
    struct gh_yaml_node *first;
    struct gh_yaml_node *last;
    size_t child_count;
    struct gh_yaml_node *next;      /* sibling */
    struct gh_yaml_node *target;    /* of an alias */
    struct gh_yaml_member *members; /* NULL until gh_yaml_flatten() */
    size_t member_count;
};

/* Whether libfyaml would cut the text of a single-quoted scalar; @raw stands
 * between the quotes. */
bool gh_yaml_miscounted(struct gh_slice raw);

/* Its text; absent when the arena is full. */
struct gh_slice gh_yaml_unquote(struct gh_slice raw, struct gh_arena *arena);

struct gh_yaml_limits {
    size_t max_bytes;
    uint32_t max_depth;
    uint32_t max_nodes;
    enum gh_json_duplicates duplicates;
};

/* Whether one document, which begins at @first_line, can be given to libfyaml.
 * GH_EPROTO otherwise. */
GH_MUST_CHECK enum gh_rc gh_yaml_check(struct gh_slice text,
                                       uint32_t first_line, struct gh_err *err);

/* Reads a checked document. @ret is NULL when it is empty. */
GH_MUST_CHECK enum gh_rc gh_yaml_tree(struct gh_slice src, uint32_t first_line,
                                      const struct gh_yaml_limits *limits,
                                      struct gh_arena *arena,
                                      struct gh_yaml_node **ret,
                                      struct gh_err *err);

/* What a scalar is, with its tag, quotes and style taken into account. */
GH_MUST_CHECK enum gh_rc gh_yaml_value(const struct gh_yaml_node *node,
                                       struct gh_yaml_scalar *ret,
                                       struct gh_err *err);

/* The member name that a node stands for, in the tree or in @arena. */
GH_MUST_CHECK enum gh_rc gh_yaml_name(const struct gh_yaml_node *node,
                                      struct gh_arena *arena,
                                      struct gh_slice *ret, struct gh_err *err);

static inline struct gh_yaml_node *gh_yaml_follow(struct gh_yaml_node *node)
{
    return node->type == GH_YAML_ALIAS ? node->target : node;
}

/* Work that merging may still do, in members. */
struct gh_yaml_merger {
    struct gh_arena *arena;
    size_t budget;
    uint32_t max_depth;
    enum gh_json_duplicates duplicates;
    uint32_t depth;
};

/* Whether one of a mapping's names is "<<". */
bool gh_yaml_has_merge(const struct gh_yaml_node *mapping);

/* Fills in @mapping's members, with merges carried out, unless known. */
GH_MUST_CHECK enum gh_rc gh_yaml_flatten(struct gh_yaml_merger *m,
                                         struct gh_yaml_node *mapping,
                                         struct gh_err *err);

struct gh_yaml_marks {
    struct gh_json_mark *at;
    size_t count;
    size_t cap;
};

/* Writes @root as JSON to @out and the place of each node to @marks. */
GH_MUST_CHECK enum gh_rc
gh_yaml_write(struct gh_yaml_node *root, const struct gh_yaml_limits *limits,
              struct gh_arena *scratch, struct gh_buf *out,
              struct gh_yaml_marks *marks, struct gh_err *err);

/* Sets @err to a text at @mark. Return: GH_EPROTO. */
enum gh_rc gh_yaml_fail(struct gh_err *err, struct gh_json_mark mark,
                        const char *fmt, ...) GH_PRINTF(3, 4);
