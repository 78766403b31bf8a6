/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the files of the diff share
 *
 * diff.c walks over both meshes, diff_calls.c finds the kinds of calls that two
 * port policies tell apart, diff_print.c says when two are the same,
 * diff_judge.c decides and folds.
 */

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "mesh/diff.h"

/* Whoever calls, on both sides. */
struct gh_diff_client {
    struct gh_slice label;
    struct gh_client before;
    struct gh_client after;
};

enum { GH_DIFF_MAX_CALLS = 128 };

/* A connection, a request, or whatever matches a route. */
struct gh_diff_call {
    struct gh_slice label;
    bool connection;
    struct gh_slice route; /* label; absent: the request */
    struct gh_request request;
};

struct gh_diff_calls {
    struct gh_diff_call *at;
    size_t count;
};

struct gh_diff_calls gh_diff_calls_of(const struct gh_port_policy *before,
                                      const struct gh_port_policy *after,
                                      struct gh_arena *a);

/* Equal for policies that decide alike, by the same objects. */
struct gh_diff_print {
    uint64_t half[2];
};

struct gh_diff_printer {
    struct gh_hash_key keys[2];
    struct gh_buf text;
};

struct gh_diff_print gh_diff_print_of(struct gh_diff_printer *p,
                                      const struct gh_port_policy *policy);

/* What two port policies come to: rows without a target. */
struct gh_diff_judged {
    const struct gh_diff_row *rows;
    size_t count;
};

struct gh_diff_pair {
    const struct gh_port_policy *before;
    const struct gh_port_policy *after;
    const struct gh_diff_client *clients;
    size_t client_count;
};

/* Return: NULL: out of arena. */
const struct gh_diff_judged *gh_diff_judge(const struct gh_diff_pair *pair,
                                           struct gh_arena *scratch,
                                           struct gh_arena *a);
