/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Files of policy tests, case by case
 *
 * YAML (several documents, or lists), JSON, and JSON Lines, each also with .gz
 * or .zst behind; a directory is read recursively, in order of names. Manifests
 * may lie beside the cases: in a directory, what has apiVersion and kind is no
 * case and is passed over. Something malformed costs no more than itself: the
 * next line or document is read all the same.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "wire/json.h"

struct gh_case_reader {
    /* One case. @place: its file, line and column, and no text. */
    void (*on_case)(void *ctx, struct gh_json value,
                    const struct gh_err *place);
    /* Something that is no case. */
    void (*on_bad)(void *ctx, const struct gh_err *err);
    void *ctx;
    size_t max_file_bytes; /* after decompression; 0: 1 GiB */
};

/* Return: false with @err when @path cannot be read at all. */
bool gh_case_files_read(const struct gh_case_reader *r, const char *path,
                        struct gh_err *err);
