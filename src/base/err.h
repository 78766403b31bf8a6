/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Errors that people read
 *
 * For configuration, manifests and the command line: one bounded text with the
 * place it is about, on the caller's stack. The data path uses enum gh_rc.
 *
 *   mesh.yaml:14:7: Server "web": port "htpp" is no container port
 */

#include <stdint.h>

#include "base/attr.h"
#include "base/slice.h"

struct gh_err {
    char text[512];
    char source[256]; /* file or stream; empty when there is none */
    uint32_t line;    /* from 1; 0 when unknown */
    uint32_t column;  /* from 1, in bytes; 0 when unknown */
};

/* Sets the text and forgets the place. A text too long ends in "...". */
void gh_err_set(struct gh_err *err, const char *fmt, ...) GH_PRINTF(2, 3);

/* Puts "<prefix>: " before the text. */
void gh_err_prefix(struct gh_err *err, const char *fmt, ...) GH_PRINTF(2, 3);

void gh_err_at(struct gh_err *err, struct gh_slice source, uint32_t line,
               uint32_t column);

/* "source:line:column: text", with the parts that are known, into @buf. */
const char *gh_err_format(const struct gh_err *err, char *buf, size_t size);
