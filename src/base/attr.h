/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Compiler attributes
 *
 * The one place that knows which spelling the compilers of our baseline
 * (gcc 12, clang 14, gnu17) understand.
 */

#define GH_MUST_CHECK __attribute__((warn_unused_result))
#define GH_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define GH_CLEANUP(fn) __attribute__((cleanup(fn)))
#define GH_FALLTHROUGH __attribute__((fallthrough))
#define GH_MALLOC __attribute__((malloc, returns_nonnull))

#define GH_COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define GH_LIKELY(x) __builtin_expect(!!(x), 1)
#define GH_UNLIKELY(x) __builtin_expect(!!(x), 0)
