/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Return codes
 *
 * Negative: a failure the caller forwards unchanged or handles at a boundary.
 * Zero: success. Positive: an expected outcome, not a failure, documented by
 * each function that returns it.
 */

#define GH_RC_ERRORS(X)                                                        \
    X(GH_ENOMEM, -1, "out of memory")                                          \
    X(GH_ETOOBIG, -2, "size limit exceeded")                                   \
    X(GH_EPROTO, -3, "malformed input")                                        \
    X(GH_ECLOSED, -4, "closed by peer")                                        \
    X(GH_ETIMEOUT, -5, "timed out")                                            \
    X(GH_EIO, -6, "input/output error")                                        \
    X(GH_EINVAL, -7, "invalid argument")

enum gh_rc {
    GH_OK = 0,
    GH_MORE = 1, /* not finished: feed more, or call again */
    GH_END = 2,  /* nothing left */
#define X(name, value, text) name = (value),
    GH_RC_ERRORS(X)
#undef X
};

const char *gh_rc_text(enum gh_rc rc);
