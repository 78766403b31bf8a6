/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Regular expressions as Linkerd understands them
 *
 * Routes carry expressions in the syntax of Rust's regex crate, and both of
 * its answers matter: whether it accepts the expression at all (one that it
 * refuses voids the whole route), and what it matches. No packaged C library
 * has that syntax, so the expression is parsed here by Rust's rules, and run by
 * a small automaton with Rust's preferences, in time that grows with text times
 * expression. PCRE2 lends its Unicode tables.
 *
 * Left to be known: PCRE2's Unicode may be older than Rust's, so letters of the
 * last years can differ; properties that PCRE2 lacks (Age, the break
 * properties, new scripts) are accepted, and then no text matches; so it is for
 * a search that exceeds a limit of steps.
 */

#include <stdbool.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"

struct gh_regex;

/**
 * gh_regex_compile() - parse and compile
 * @arena: owns the result
 * @err:   may be NULL; why the expression is refused
 *
 * Return: NULL when Rust's regex crate (1.x, Unicode on, default limits) would
 * refuse the expression, or when the arena is full.
 */
GH_MUST_CHECK const struct gh_regex *gh_regex_compile(struct gh_slice pattern,
                                                      struct gh_arena *arena,
                                                      struct gh_err *err);

/*
 * Whether the leftmost-first hit in @text covers all of it; not the same as
 * whether the expression could match all of it: "/a|/a/b" finds "/a" in "/a/b".
 * @scratch: for the search; what it held stays.
 */
bool gh_regex_spans(const struct gh_regex *re, struct gh_slice text,
                    struct gh_arena *scratch);
