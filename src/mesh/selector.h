/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Label selectors, as Linkerd's policy controller evaluates them
 *
 * matchLabels AND matchExpressions; an empty selector matches everything. An
 * expression whose values do not fit its operator (In without values, Exists
 * with some, even an empty list) matches nothing: the API server lets it pass.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/slice.h"
#include "wire/json.h"

struct gh_label {
    struct gh_slice key;
    struct gh_slice value;
};

struct gh_labels {
    const struct gh_label *at;
    size_t count;
};

/* The string members of @object; slices borrow its document. */
struct gh_labels gh_labels_from_json(struct gh_json object, struct gh_arena *a);

/* The value, or absent. */
struct gh_slice gh_labels_get(struct gh_labels labels, struct gh_slice key);

enum gh_selector_op {
    GH_OP_IN,
    GH_OP_NOT_IN,
    GH_OP_EXISTS,
    GH_OP_NOT_EXISTS,
    GH_OP_ILLEGAL, /* matches nothing */
};

struct gh_selector_term {
    struct gh_slice key;
    enum gh_selector_op op;
    const struct gh_slice *values;
    size_t value_count;
};

struct gh_selector {
    const struct gh_selector_term *at;
    size_t count;
};

/* Return: false when the selector cannot be decoded: a label that is no
 * string, an unknown operator, a wrong type. Absent or null selects all. */
GH_MUST_CHECK bool gh_selector_from_json(struct gh_json v, struct gh_arena *a,
                                         struct gh_selector *ret);

bool gh_selector_matches(const struct gh_selector *s, struct gh_labels labels);
