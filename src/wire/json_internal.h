/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the files of the JSON parser share; nobody else includes this
 *
 * The grammar is written once, in json_core.inc, on top of two primitives:
 * skip white space, and find the end of a run of plain string bytes. Each back
 * end (json_avx2.c, json_sse2.c, json_swar.c) defines the two in its own way
 * and includes the grammar, so the primitives are inlined into it. A table of
 * the back ends that this machine can run lets tests compare them all.
 *
 * Duplicate names. Most objects have few members, so each open object has a
 * Bloom filter of 256 bits, and only when a name may have been there before
 * are the earlier ones looked at. Objects that are large, very deep or have
 * escaped names are marked and checked when all is parsed and decoded, the
 * large ones with a table under a random key: no input makes this quadratic.
 */

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/rc.h"
#include "base/slice.h"
#include "wire/json.h"

#define GH_JSON_BLOOM_DEPTH 64
#define GH_JSON_FEW_MEMBERS 32

/* A node flag while parsing: look for duplicates at the end. */
#define GH_JSON_F_CHECK 0x80

struct gh_json_frame {
    uint64_t bloom[4];
    uint32_t members;
};

struct gh_json_parser {
    const char *src;
    const char *end;
    struct gh_json_node *nodes;
    uint32_t count;
    uint32_t cap;
    uint32_t at;      /* the innermost open container; its @len is the next */
    uint32_t depth;   /* open containers */
    uint32_t escaped; /* last escaped string, a chain through @next; 0: none */
    uint32_t max_depth;
    uint32_t max_nodes;
    bool prefix;    /* bytes may follow: a number at the end is not complete */
    bool dup_last;  /* repeated names are allowed */
    bool repeated;  /* there is one */
    bool unchecked; /* some object has GH_JSON_F_CHECK */
    uint64_t decoded_bytes; /* that escaped strings need */
    struct gh_arena *arena;

    /* Set on failure. */
    enum gh_rc rc;       /* GH_MORE: the input ended too early */
    const char *fail_at; /* the offending byte */
    const char *what;    /* what was wrong; static text */
    bool show_byte;      /* say which byte was found instead */

    struct gh_json_frame frames[GH_JSON_BLOOM_DEPTH];
};

struct gh_json_scanner {
    const char *name;
    bool (*usable)(void);

    /* Parses one value; p->src may begin with white space. Return: the byte
     * behind it, or NULL and p->rc. */
    const char *(*run)(struct gh_json_parser *p);

    uint64_t (*count_newlines)(const char *c, const char *end);
};

extern const struct gh_json_scanner gh_json_avx2;
extern const struct gh_json_scanner gh_json_sse2;
extern const struct gh_json_scanner gh_json_swar;

/* Fastest first; the last one, portable, is always usable. NULL ends. */
const struct gh_json_scanner *gh_json_scanner_at(size_t index);
const struct gh_json_scanner *gh_json_scanner_best(bool portable);

struct gh_json_input {
    const struct gh_json_scanner *scan;
    struct gh_slice src;
    struct gh_arena *arena;
    const struct gh_json_options *opt;
};

/* gh_json_parse_prefix() with a given back end, or with @ret_used NULL
 * gh_json_parse(). */
GH_MUST_CHECK enum gh_rc gh_json_parse_with(const struct gh_json_input *in,
                                            struct gh_json_doc *ret,
                                            size_t *ret_used,
                                            struct gh_err *err);

/* For json_core.inc: the rare paths. Those that return a pointer return NULL
 * and set p->rc on failure. */
const char *gh_json_fail(struct gh_json_parser *p, const char *at,
                         const char *what);
const char *gh_json_unexpected(struct gh_json_parser *p, const char *at,
                               const char *what);
const char *gh_json_cut(struct gh_json_parser *p);
const char *gh_json_bad_literal(struct gh_json_parser *p, const char *c,
                                struct gh_slice literal);
bool gh_json_tape_grow(struct gh_json_parser *p);
bool gh_json_name_again(struct gh_json_parser *p, uint32_t key);

/* Looks for duplicates in the objects that were put off; @doc is decoded. */
bool gh_json_check_names(struct gh_json_parser *p,
                         const struct gh_json_doc *doc);
bool gh_json_repeated(struct gh_json_parser *p, uint32_t object, uint32_t key);

/* @c is at a backslash. Return: behind the escape; *@saved grows by the bytes
 * that the decoded text is shorter. */
const char *gh_json_escape_check(struct gh_json_parser *p, const char *c,
                                 uint32_t *saved);

/* @c is at a byte over 0x7f. Return: the next one that is not. */
const char *gh_json_utf8_check(struct gh_json_parser *p, const char *c);

/* Length of the valid UTF-8 sequence at @c, 0 when invalid, -1 when @end cuts
 * off what might have been valid. */
int gh_json_utf8_len(const char *c, const char *end);

/* Decodes the text between quotes, known to be valid. Return: bytes written. */
size_t gh_json_unescape(struct gh_slice text, char *to);

#define GH_JSON_F64_SIZE 32

/* ECMAScript's form of @value, "null" when it is not finite; NUL behind it.
 * Return: its length. */
size_t gh_json_format_f64(double value, char to[static GH_JSON_F64_SIZE]);

/* @text in quotes; what is no UTF-8 is replaced. */
void gh_json_quote(struct gh_buf *out, struct gh_slice text);

/* By value, however written; what 780 digits cannot tell apart is equal. */
bool gh_json_number_equal(struct gh_json a, struct gh_json b);

/*
 * Names of a large object in a table; of a small one, or when memory is short,
 * the object is searched. Finds the last of several. Borrows the document.
 */
struct gh_json_index {
    struct gh_json object;
    struct gh_hash_key secret;
    uint32_t *table;
    size_t mask;
};

void gh_json_index_init(struct gh_json_index *ix, struct gh_json object);
void gh_json_index_fini(struct gh_json_index *ix);
struct gh_json gh_json_find(const struct gh_json_index *ix,
                            struct gh_slice name);

/* 16 bits of a name, to tell most names apart; not keyed. */
static inline uint16_t gh_json_hash_words(uint64_t a, uint64_t b, size_t len)
{
    uint64_t h = (a ^ ((b << 29) | (b >> 35))) + len;

    h *= 0x9e3779b97f4a7c15u;
    return (uint16_t)((h ^ (h >> 32)) >> 16);
}

static inline uint64_t gh_json_load64(const char *c)
{
    uint64_t word;

    memcpy(&word, c, sizeof(word));
    return le64toh(word);
}

static inline uint16_t gh_json_hash(struct gh_slice name)
{
    char padded[8] = {0};

    if (name.len >= 8)
        return gh_json_hash_words(gh_json_load64(name.ptr),
                                  gh_json_load64(name.ptr + name.len - 8),
                                  name.len);
    if (name.len > 0)
        memcpy(padded, name.ptr, name.len);
    return gh_json_hash_words(gh_json_load64(padded), gh_json_load64(padded),
                              name.len);
}

/* The same, without branches, where 8 bytes can be read at the name. */
static inline uint16_t gh_json_hash_readable(const char *name, size_t len)
{
    size_t behind = len > 8 ? len - 8 : 0;
    uint64_t mask = len >= 8 ? UINT64_MAX : (UINT64_C(1) << (8 * len)) - 1;

    return gh_json_hash_words(gh_json_load64(name) & mask,
                              gh_json_load64(name + behind) & mask, len);
}

/* Index behind the value at @i. */
static inline uint32_t gh_json_behind(const struct gh_json_node *nodes,
                                      uint32_t i)
{
    return nodes[i].type >= GH_JSON_ARRAY ? nodes[i].next : i + 1;
}

/* gh_json_str() of the string at @i. */
static inline struct gh_slice gh_json_text(const struct gh_json_doc *doc,
                                           uint32_t i)
{
    const struct gh_json_node *n = &doc->nodes[i];

    if (GH_UNLIKELY(n->flags & GH_JSON_F_ESCAPED))
        return gh_json_str((struct gh_json){doc, i});
    return gh_slice_of(doc->src + n->off, n->len);
}
