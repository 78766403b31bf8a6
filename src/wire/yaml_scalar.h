/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a plain YAML scalar means to Kubernetes
 *
 * kubectl reads YAML 1.1 with a few words of 1.2, through a Go library whose
 * choices have become the de facto rules for manifests. A file must mean here
 * what it means there, so they are spelled out in yaml_scalar.c and nowhere
 * else. Quoted and block scalars are strings and never come here.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum gh_yaml_kind {
    GH_YAML_STRING,
    GH_YAML_NULL,
    GH_YAML_BOOL,
    GH_YAML_INT,   /* in @negative and @magnitude */
    GH_YAML_FLOAT, /* in @real; NaN and infinities, too */
    GH_YAML_MERGE, /* "<<" */
};

struct gh_yaml_scalar {
    enum gh_yaml_kind kind;
    bool truth;
    bool negative;
    uint64_t magnitude;
    double real;
};

struct gh_yaml_scalar gh_yaml_resolve(struct gh_slice text);

#define GH_YAML_NAME_BYTES 32

/*
 * The member name that a resolved scalar turns into: 0x10 is "16", yes is
 * "true". Return: false for null, which names nothing, and for strings, which
 * stay as they are.
 */
bool gh_yaml_scalar_name(const struct gh_yaml_scalar *s,
                         char ret[static GH_YAML_NAME_BYTES]);
