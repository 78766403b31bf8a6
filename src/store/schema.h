/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Structural schemas: is this object what its kind says it is
 *
 * The API server judges a custom resource in a fixed order: fields that the
 * schema does not know, defaults, types and limits, list types, and at last
 * the rules in CEL, which are skipped when the object is too broken for them.
 * This does the same to any object, wherever it comes from, so that what a file
 * holds is refused before a cluster refuses it, for the same reasons.
 *
 * Schemas come from CRDs that a source holds, and for the kinds of Linkerd and
 * the Gateway API from a table of our own (kinds.schema), so that no CRD is
 * needed for those. A registry finds the schema of a group, version and kind;
 * it belongs to one thread, since it compiles on demand. A schema that was
 * found is immutable and lives as long as the registry, or until a CRD replaces
 * it.
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

struct gh_schema;
struct gh_schemas;

/* --- the registry -------------------------------------------------------- */

/* Knows the built-in kinds. Never NULL. */
struct gh_schemas *gh_schemas_new(void);
struct gh_schemas *gh_schemas_free(struct gh_schemas *s); /* gives NULL */

/**
 * gh_schemas_add_crd() - register the served versions of a CRD
 * @crd: a CustomResourceDefinition; not needed afterwards
 *
 * Replaces what was known of the kind, built-in versions included.
 *
 * Return: GH_OK; GH_EPROTO with @err when it is no CRD, or a version of it has
 * no structural schema (nothing changes then); GH_ETOOBIG.
 */
GH_MUST_CHECK enum gh_rc gh_schemas_add_crd(struct gh_schemas *s,
                                            struct gh_json crd,
                                            struct gh_err *err);

/* Forgets a kind's CRD. What is built in shows again. */
void gh_schemas_drop_crd(struct gh_schemas *s, struct gh_slice group,
                         struct gh_slice kind);

/* NULL when the kind is not known in that version. */
const struct gh_schema *gh_schemas_find(struct gh_schemas *s,
                                        struct gh_slice group,
                                        struct gh_slice version,
                                        struct gh_slice kind);

/* By the apiVersion and kind of an object. */
const struct gh_schema *gh_schemas_of(struct gh_schemas *s,
                                      struct gh_json object);

/*
 * The served versions of a kind, in the order of its CRD; absent behind the
 * last one. None: the kind is not known.
 */
struct gh_slice gh_schemas_version(const struct gh_schemas *s,
                                   struct gh_slice group, struct gh_slice kind,
                                   size_t index);

/* --- compiling ----------------------------------------------------------- */

/**
 * gh_schema_compile() - one schema, without a registry
 * @openapi: the value of openAPIV3Schema; not needed afterwards
 * @arena:   owns the result
 * @err:     what is not structural, or too large, with the field
 *
 * A rule in CEL that cannot be compiled is no fault of the schema: an API
 * server of another version took it. It is not checked, see
 * gh_schema_unchecked().
 *
 * Return: NULL with @err.
 */
GH_MUST_CHECK const struct gh_schema *gh_schema_compile(struct gh_json openapi,
                                                        struct gh_arena *arena,
                                                        struct gh_err *err);

/* Rules that could not be compiled: why, or absent behind the last. */
struct gh_slice gh_schema_unchecked(const struct gh_schema *s, size_t index);

/* --- checking ------------------------------------------------------------ */

/* The API server's words for what is wrong, without their "FieldValue". */
#define GH_SCHEMA_REASONS(X)                                                   \
    X(GH_SCHEMA_MALFORMED, "Malformed")        /* cannot be decoded: 400 */    \
    X(GH_SCHEMA_UNKNOWN, "Unknown")            /* no such field: 400 */        \
    X(GH_SCHEMA_REQUIRED, "Required")          /* a field is missing */        \
    X(GH_SCHEMA_TYPE_INVALID, "TypeInvalid")   /* a value of the wrong type */ \
    X(GH_SCHEMA_INVALID, "Invalid")            /* a value that is refused */   \
    X(GH_SCHEMA_NOT_SUPPORTED, "NotSupported") /* none of an enumeration */    \
    X(GH_SCHEMA_DUPLICATE, "Duplicate")        /* an element occurs twice */   \
    X(GH_SCHEMA_TOO_LONG, "TooLong")                                           \
    X(GH_SCHEMA_TOO_MANY, "TooMany")                                           \
    X(GH_SCHEMA_FORBIDDEN, "Forbidden") /* a rule says so */

enum gh_schema_reason {
#define X(name, text) name,
    GH_SCHEMA_REASONS(X)
#undef X
};

const char *gh_schema_reason_name(enum gh_schema_reason reason);

struct gh_violation {
    enum gh_schema_reason reason;
    struct gh_slice field;   /* "spec.rules[0].backendRefs[0].port" */
    struct gh_slice message; /* what was expected, without the field */
    struct gh_slice nearest; /* of an unknown field or value: the name that was
                                probably meant; else absent */
    struct gh_slice rule;    /* of a rule in CEL: its text; else absent */
    struct gh_json at;       /* the value in the object as it was given, or
                                what surrounds it when it is missing */
};

#define GH_SCHEMA_MAX_VIOLATIONS 100

struct gh_schema_result {
    struct gh_json object; /* pruned and with defaults, as admission sees it */
    const struct gh_violation *at;
    size_t count;       /* kept; at most GH_SCHEMA_MAX_VIOLATIONS */
    size_t total;       /* found */
    bool rules_skipped; /* too broken: the rules in CEL were not asked */
};

struct gh_schema_options {
    bool lenient; /* unknown fields are no violations, only pruned */
};

/**
 * gh_schema_check() - judge an object
 * @object: the whole object; borrowed by the result
 * @opt:    NULL for the defaults
 * @arena:  receives the result, and memory for the work
 *
 * Violations that an API server answers with 400 (malformed, unknown) come
 * first; it would not have told the others.
 *
 * Return: GH_OK, whether or not there are violations; GH_ETOOBIG when the
 * arena is full.
 */
GH_MUST_CHECK enum gh_rc gh_schema_check(const struct gh_schema *s,
                                         struct gh_json object,
                                         const struct gh_schema_options *opt,
                                         struct gh_arena *arena,
                                         struct gh_schema_result *ret);

/* The status an API server would answer with: 201, 400 or 422. */
int gh_schema_status(const struct gh_schema_result *r);

/* Only the defaults (and the pruning): what is stored when @object is. */
GH_MUST_CHECK enum gh_rc gh_schema_default(const struct gh_schema *s,
                                           struct gh_json object,
                                           struct gh_arena *arena,
                                           struct gh_json *ret);
