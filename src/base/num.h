/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Numbers: checked size arithmetic and digits
 *
 * True on success; *ret is untouched on failure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/slice.h"

GH_MUST_CHECK static inline bool gh_size_add(size_t a, size_t b, size_t *ret)
{
    size_t sum;

    if (__builtin_add_overflow(a, b, &sum))
        return false;
    *ret = sum;
    return true;
}

GH_MUST_CHECK static inline bool gh_size_mul(size_t a, size_t b, size_t *ret)
{
    size_t product;

    if (__builtin_mul_overflow(a, b, &product))
        return false;
    *ret = product;
    return true;
}

/* All of @s as an unsigned decimal of 1 to 20 digits; no sign, no space. */
GH_MUST_CHECK bool gh_u64_parse(struct gh_slice s, uint64_t *ret);
