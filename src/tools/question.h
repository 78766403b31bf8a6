/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * From what someone typed to a question
 *
 * Tools and command line name things in the same way and get the same errors:
 * the field that is wrong, and the name that was probably meant.
 */

#include "tools/connectivity.h"

/* As given; absent where nothing was. */
struct gh_question_text {
    struct gh_slice source_ns;
    struct gh_slice source;
    struct gh_slice identity;
    struct gh_slice ip;
    bool unauthenticated;      /* a client without mTLS */
    struct gh_slice target_ns; /* absent: the source's */
    struct gh_slice target;
    struct gh_slice port;
    struct gh_slice method; /* any of these makes it one request */
    struct gh_slice path;
    struct gh_slice host;
    const struct gh_header *headers;
    size_t header_count;
};

/* A question and what it points at. Stays where it was built. */
struct gh_asked {
    struct gh_question question;
    struct gh_selection source;
    struct gh_selection target;
    struct gh_request request;
};

/* Return: false with @err. */
bool gh_question_build(struct gh_mesh *m, const struct gh_question_text *t,
                       struct gh_arena *a, struct gh_asked *ret,
                       struct gh_err *err);
