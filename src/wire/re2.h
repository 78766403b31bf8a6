/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Regular expressions as Kubernetes understands them
 *
 * Patterns in schemas and matches() in CEL are RE2 syntax, searched for
 * anywhere in the text. No packaged C library speaks it, so an expression is
 * checked by RE2's rules (no back-references, look-around, possessive or nested
 * repetition) and written for PCRE2, with the few escapes that mean something
 * else there translated.
 *
 * RE2 never backtracks; PCRE2 does. A search has a step limit; past it the same
 * program is run by PCRE2's other matcher, which keeps all alternatives at once
 * and answers yes or no as well. Should that fail too, the answer is
 * GH_ETOOBIG, and never a wrong one.
 *
 * Threads: a compiled expression is immutable; a scratch belongs to one thread.
 */

#include <stddef.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/rc.h"
#include "base/slice.h"

struct gh_re2;

/**
 * gh_re2_compile() - check and compile
 * @arena: owns the result
 * @err:   may be NULL; why the expression is refused
 *
 * Return: NULL when RE2 would refuse the expression, when it is longer than
 * 16 KiB, or when the arena is full.
 */
GH_MUST_CHECK const struct gh_re2 *gh_re2_compile(struct gh_slice pattern,
                                                  struct gh_arena *arena,
                                                  struct gh_err *err);

/* Memory that searches use again and again. Zeroed is empty. */
struct gh_re2_scratch {
    void *match;
    void *context;
    int *workspace;
};

void gh_re2_scratch_fini(struct gh_re2_scratch *s);

struct gh_re2_hit {
    size_t start;
    size_t end;
};

/**
 * gh_re2_search() - the leftmost hit at or behind @from
 * @ret: may be NULL when only the answer is wanted
 *
 * Return: GH_OK; GH_END when there is none; GH_ETOOBIG when the limits do not
 * suffice to tell; GH_EPROTO when @text is no UTF-8.
 */
GH_MUST_CHECK enum gh_rc gh_re2_search(const struct gh_re2 *re,
                                       struct gh_slice text, size_t from,
                                       struct gh_re2_scratch *scratch,
                                       struct gh_re2_hit *ret);
