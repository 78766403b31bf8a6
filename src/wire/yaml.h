/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * YAML 1.2 documents into the JSON tape
 *
 * One model of values serves everything, so YAML is read by libfyaml, written
 * as JSON text into the arena with the place of every node beside it, and then
 * parsed like any other JSON. gh_json_mark() gives line and column of the YAML.
 *
 * Kubernetes' reading of YAML applies, so that a file means here what it means
 * to kubectl: which plain scalars are booleans, null and numbers, merge keys
 * ("<<"), scalar names turned into strings. yaml_scalar.c lists the rules.
 * Duplicate names are refused unless asked for. Anchors and aliases are
 * resolved, with a bound on what they may expand to.
 */

#include <stddef.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/rc.h"
#include "base/slice.h"
#include "wire/json.h"

struct gh_yaml;

struct gh_yaml_options {
    size_t max_bytes;   /* of one document as JSON; 0: 64 MiB. Bounds what
                           aliases expand to */
    uint32_t max_depth; /* 0: 100 */
    enum gh_json_duplicates duplicates; /* kubectl takes the last one */
};

/* @src is borrowed until gh_yaml_free(). Never NULL. */
struct gh_yaml *gh_yaml_new(struct gh_slice src,
                            const struct gh_yaml_options *opt);
struct gh_yaml *gh_yaml_free(struct gh_yaml *y);

/**
 * gh_yaml_next() - the next document of the stream
 * @arena: receives text, marks and tape
 *
 * Return: GH_OK; GH_END; GH_EPROTO with @err (text, line, column) for bad
 * syntax, duplicate names, names that are no scalars, unknown or cyclic
 * aliases; GH_ETOOBIG. An error ends that document; when the stream can be
 * picked up again at the next "---", the following call does so.
 */
GH_MUST_CHECK enum gh_rc gh_yaml_next(struct gh_yaml *y, struct gh_arena *arena,
                                      struct gh_json_doc *ret,
                                      struct gh_err *err);
