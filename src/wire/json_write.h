/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * JSON writer
 *
 * Cannot produce invalid JSON: it escapes, places commas and colons, refuses
 * NaN, replaces invalid UTF-8 by U+FFFD, and asserts that calls nest and that
 * members have names. Failures of the buffer stick; ask gh_jsonw_rc() at the
 * end. Output is compact unless @indent is set.
 *
 *   struct gh_jsonw w;
 *   gh_jsonw_init(&w, &buf);
 *   gh_jsonw_object(&w);
 *   gh_jsonw_key(&w, GH_SLICE("name"));
 *   gh_jsonw_str(&w, name);
 *   gh_jsonw_end(&w);
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "wire/json.h"

#define GH_JSONW_MAX_DEPTH 256

struct gh_jsonw {
    struct gh_buf *out;
    uint32_t depth;
    uint32_t indent; /* spaces a level; 0: compact */
    bool has_key;    /* a name was written, its value comes next */
    bool done;       /* the one top-level value is complete */
    uint8_t level[GH_JSONW_MAX_DEPTH]; /* kind of each open level */
};

void gh_jsonw_init(struct gh_jsonw *w, struct gh_buf *out);

void gh_jsonw_object(struct gh_jsonw *w);
void gh_jsonw_array(struct gh_jsonw *w);
void gh_jsonw_end(struct gh_jsonw *w); /* closes the innermost of either */

void gh_jsonw_key(struct gh_jsonw *w, struct gh_slice name);

void gh_jsonw_str(struct gh_jsonw *w, struct gh_slice s);
void gh_jsonw_strf(struct gh_jsonw *w, const char *fmt, ...) GH_PRINTF(2, 3);
void gh_jsonw_i64(struct gh_jsonw *w, int64_t v);
void gh_jsonw_u64(struct gh_jsonw *w, uint64_t v);
void gh_jsonw_f64(struct gh_jsonw *w, double v); /* ECMAScript; NaN: null */
void gh_jsonw_bool(struct gh_jsonw *w, bool v);
void gh_jsonw_null(struct gh_jsonw *w);

/* A parsed value, compact, members in their order. Missing: null. */
void gh_jsonw_value(struct gh_jsonw *w, struct gh_json v);

/* Bytes that are known to be one JSON value, copied as they are. */
void gh_jsonw_raw(struct gh_jsonw *w, struct gh_slice json);

/* Name and value in one call, for the common kinds. */
#define gh_jsonw_kstr(w, literal, s)                                           \
    (gh_jsonw_key((w), GH_SLICE(literal)), gh_jsonw_str((w), (s)))
#define gh_jsonw_ktext(w, literal, text)                                       \
    (gh_jsonw_key((w), GH_SLICE(literal)),                                     \
     gh_jsonw_str((w), gh_slice_str(text)))
#define gh_jsonw_ki64(w, literal, v)                                           \
    (gh_jsonw_key((w), GH_SLICE(literal)), gh_jsonw_i64((w), (int64_t)(v)))
#define gh_jsonw_kbool(w, literal, v)                                          \
    (gh_jsonw_key((w), GH_SLICE(literal)), gh_jsonw_bool((w), (v)))
#define gh_jsonw_kobject(w, literal)                                           \
    (gh_jsonw_key((w), GH_SLICE(literal)), gh_jsonw_object(w))
#define gh_jsonw_karray(w, literal)                                            \
    (gh_jsonw_key((w), GH_SLICE(literal)), gh_jsonw_array(w))

/* The buffer's state. */
GH_MUST_CHECK enum gh_rc gh_jsonw_rc(const struct gh_jsonw *w);

/**
 * gh_json_canonical() - RFC 8785 form of a value
 *
 * Names sorted by UTF-16 code units, ECMAScript numbers, shortest escapes, no
 * white space; what is hashed is this. A repeated name keeps its last value.
 *
 * Return: GH_OK or the buffer's failure. @scratch is for sorting; what it held
 * stays.
 */
GH_MUST_CHECK enum gh_rc gh_json_canonical(struct gh_json v,
                                           struct gh_arena *scratch,
                                           struct gh_buf *out);
