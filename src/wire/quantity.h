/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Kubernetes resource quantities: "100m", "1.5Gi", "12e6"
 *
 * Read as k8s.io/apimachinery reads them, oddities included: "Ki", "." and "+"
 * are zero ("Pi" is not), "1.G" is fine, "1 G", "1i" and "1e" are not. A
 * quantity is kept in billionths; what is finer is rounded away from zero, so
 * nobody who asks for a little gets nothing.
 *
 * Limits: a binary quantity (Ki to Ei) is capped at 2^63-1, as Kubernetes does.
 * A decimal one is exact up to 10^28 in magnitude and capped there; Kubernetes
 * has no such cap, but what it makes of such numbers overflows.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/slice.h"

enum gh_quantity_format {
    GH_QUANTITY_DECIMAL,  /* n u m k M G T P E, or nothing */
    GH_QUANTITY_BINARY,   /* Ki Mi Gi Ti Pi Ei */
    GH_QUANTITY_EXPONENT, /* e6, E-3 */
};

struct gh_quantity {
    __int128 nano;
    enum gh_quantity_format format; /* as written; printing keeps it */
};

/* Return: false when Kubernetes would refuse @s. */
GH_MUST_CHECK bool gh_quantity_parse(struct gh_slice s,
                                     struct gh_quantity *ret);

/* In thousandths, rounded away from zero; beyond int64 its nearest value. */
int64_t gh_quantity_milli(struct gh_quantity q);

/* Negative, zero or positive, as @a is less than, equal to or more than @b. */
int gh_quantity_cmp(struct gh_quantity a, struct gh_quantity b);

/*
 * The canonical form: no fraction, the largest suffix that loses nothing;
 * "1.5Gi" is "1536Mi" and "0.5" is "500m". The slice is in @text.
 */
struct gh_quantity_text {
    char bytes[48];
};

struct gh_slice gh_quantity_print(struct gh_quantity q,
                                  struct gh_quantity_text *text);
