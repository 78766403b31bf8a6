/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A manifest into the store
 *
 * One file, JSON or YAML, is read into the open scope of a transaction. Lists
 * are opened; items of typed lists, which the API server writes without kind
 * and apiVersion, get those of their list. Whatever cannot be read becomes a
 * fault of the scope, and reading goes on behind it where that is possible.
 * Cases of `gatehouse test`, which live beside manifests, are passed over.
 *
 * JSON is streamed through a window of about 1 MB, item by item; YAML is read
 * as a whole and so has a lower limit.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "store/store.h"

struct gh_manifest_limits {
    uint64_t max_file_bytes; /* after decompression */
    size_t max_item_bytes;
};

/* By the file's name, .gz and .zst aside. */
enum gh_manifest_format {
    GH_MANIFEST_NO_NAME, /* says nothing: the first bytes decide */
    GH_MANIFEST_JSON,
    GH_MANIFEST_YAML,
};

enum gh_manifest_format gh_manifest_format(struct gh_slice name);

/* @fd is borrowed. Faults go to @t's open scope. */
void gh_manifest_read(int fd, enum gh_manifest_format format,
                      const struct gh_manifest_limits *limits,
                      struct gh_txn *t);
