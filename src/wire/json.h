/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * JSON (RFC 8259): one validating pass into a tape of nodes
 *
 * Every document that enters Gatehouse, from a 300-byte tool call to an item
 * of a 170 MB List, becomes a flat array of 16-byte nodes in depth-first
 * order, in an arena. A node keeps its place in the source, so policy and
 * masking can speak of bytes, and messages of lines. Nothing is copied: strings
 * without escapes are slices of the source; those with escapes are decoded
 * once, into the arena, while parsing.
 *
 * A value is a cursor of two words, passed by value. Asking anything of a
 * value that is not there gives another that is not there, so a chain such as
 * gh_json_get(gh_json_get(pod, "spec"), "nodeName") needs one check, at its
 * end. Accessors never fail: of the wrong type, they say absent.
 *
 * Ownership: the document borrows the source and the arena. Threads: a parsed
 * document is immutable and may be read anywhere.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/rc.h"
#include "base/slice.h"

enum gh_json_type {
    GH_JSON_MISSING = 0, /* no such value */
    GH_JSON_NULL,
    GH_JSON_FALSE,
    GH_JSON_TRUE,
    GH_JSON_NUMBER,
    GH_JSON_STRING,
    GH_JSON_ARRAY,
    GH_JSON_OBJECT,
};

enum {
    GH_JSON_F_ESCAPED = 1, /* a string with escapes; decoded in the arena */
    GH_JSON_F_KEY = 2,     /* a member name; its value is the next node */
    GH_JSON_F_DUP = 4,     /* an object in which a name occurs twice */
};

/*
 * An object's children are name, value, name, value. @len covers the whole
 * value for containers and numbers, and the bytes between the quotes for
 * strings. @next is the index behind the value for containers, and for escaped
 * strings where the decoded text lies; see gh_json_str().
 */
struct gh_json_node {
    uint32_t off; /* into the source */
    uint32_t len;
    uint32_t next;
    uint8_t type;
    uint8_t flags;
    uint16_t hash; /* of a member name, decoded */
};

/* Where a node stands in what a person wrote, when that is not the source. */
struct gh_json_mark {
    uint32_t line;
    uint32_t column;
};

struct gh_json_doc {
    const char *src;
    size_t src_len;
    const struct gh_json_node *nodes;
    uint32_t count;
    const char *decoded;              /* texts of escaped strings */
    const struct gh_json_mark *marks; /* one a node, or NULL (see wire/yaml) */
    bool has_duplicates;              /* some object repeats a name */
};

struct gh_json {
    const struct gh_json_doc *doc; /* NULL: missing */
    uint32_t at;
};

enum gh_json_duplicates {
    GH_JSON_DUP_REJECT = 0,
    GH_JSON_DUP_LAST, /* the last one counts; doc->has_duplicates says so */
};

struct gh_json_options {
    enum gh_json_duplicates duplicates;
    uint32_t max_depth; /* 0: 256 */
    uint32_t max_nodes; /* 0: what the arena allows */
    bool portable;      /* do not use SIMD; for tests, the result is the same */
};

/**
 * gh_json_parse() - validate and index a whole document
 * @src:    borrowed as long as the document is used; less than 4 GiB. Leading
 *          and trailing white space is allowed, a byte-order mark is not
 * @arena:  receives nodes and decoded strings; its cap bounds memory
 * @opt:    NULL for the defaults
 * @ret:    written only on success
 * @err:    may be NULL; on failure the text, line and column
 *
 * Return: GH_OK; GH_EPROTO for anything that RFC 8259 refuses, invalid UTF-8,
 * lone surrogates, too deep, and duplicate names when they are to be rejected;
 * GH_ETOOBIG for the arena's cap, max_nodes or 4 GiB.
 */
GH_MUST_CHECK enum gh_rc gh_json_parse(struct gh_slice src,
                                       struct gh_arena *arena,
                                       const struct gh_json_options *opt,
                                       struct gh_json_doc *ret,
                                       struct gh_err *err);

/**
 * gh_json_parse_prefix() - the same for the value that @src starts with
 * @ret_used: bytes consumed, white space in front included
 *
 * Return: as gh_json_parse(), and GH_MORE when @src ends inside the value (a
 * number that reaches the end of @src counts as inside).
 */
GH_MUST_CHECK enum gh_rc
gh_json_parse_prefix(struct gh_slice src, struct gh_arena *arena,
                     const struct gh_json_options *opt, struct gh_json_doc *ret,
                     size_t *ret_used, struct gh_err *err);

/* The document's only value. */
static inline struct gh_json gh_json_root(const struct gh_json_doc *doc)
{
    return (struct gh_json){doc, 0};
}

#define GH_JSON_NONE ((struct gh_json){NULL, 0})

static inline enum gh_json_type gh_json_type(struct gh_json v)
{
    return v.doc ? (enum gh_json_type)v.doc->nodes[v.at].type : GH_JSON_MISSING;
}

static inline bool gh_json_is(struct gh_json v, enum gh_json_type type)
{
    return gh_json_type(v) == type;
}

/* Neither missing nor null: Kubernetes treats the two alike. */
static inline bool gh_json_given(struct gh_json v)
{
    return gh_json_type(v) > GH_JSON_NULL;
}

/* The member @name of an object; the last one if it is repeated. */
struct gh_json gh_json_getn(struct gh_json object, struct gh_slice name);
#define gh_json_get(object, literal) gh_json_getn((object), GH_SLICE(literal))

/* Follows member names divided by '/': "spec/template/metadata". Names that
 * contain '/' need gh_json_getn(). */
struct gh_json gh_json_path(struct gh_json v, const char *path);

/* Element @index of an array. Linear in @index. */
struct gh_json gh_json_at(struct gh_json array, size_t index);

/* Number of elements or members; 0 for other types. Linear. */
size_t gh_json_count(struct gh_json v);

/*
 * Iterates over an array or object:
 *
 *   for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);)
 *       use(it.name, it.value);
 *
 * @name is absent in arrays. Anything else has nothing to iterate over.
 */
struct gh_json_iter {
    struct gh_slice name;
    struct gh_json value;
    struct gh_json key; /* the name's own node, for its place */
    uint32_t next;
    uint32_t end;
    const struct gh_json_doc *doc;
    bool object;
};

struct gh_json_iter gh_json_iter(struct gh_json v);
bool gh_json_next(struct gh_json_iter *it);

/* Decoded text of a string (or name); absent when it is none. */
struct gh_slice gh_json_str(struct gh_json v);

/* The text, or @otherwise when @v is no string. */
struct gh_slice gh_json_str_or(struct gh_json v, struct gh_slice otherwise);

bool gh_json_str_is(struct gh_json v, const char *text);

/* True only for the literal true. */
bool gh_json_true(struct gh_json v);

/* An integer in range, also when written 80.0 or 8e1. */
GH_MUST_CHECK bool gh_json_i64(struct gh_json v, int64_t *ret);
GH_MUST_CHECK bool gh_json_f64(struct gh_json v, double *ret);

/* The source bytes of the whole value, quotes and braces included. */
struct gh_slice gh_json_raw(struct gh_json v);

/* Line and column, from 1; the mark if the document has marks. Linear. */
struct gh_json_mark gh_json_mark(struct gh_json v);

/* Deep equality: names in any order, numbers by value. */
bool gh_json_equal(struct gh_json a, struct gh_json b);

const char *gh_json_type_name(enum gh_json_type type); /* "string" ... */
