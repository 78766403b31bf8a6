/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A whole file in memory, unpacked if it is packed (gzip, zstd)
 */

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

/* @path: "-" is standard input. Return: false with @err, which names the file;
 * the buffer's limit bounds what is unpacked. */
GH_MUST_CHECK bool gh_slurp(const char *path, struct gh_buf *out,
                            struct gh_err *err);
