/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Items of a stream of JSON documents, one by one
 *
 * A List of 5,000 pods is 170 MB; nobody needs all of it at once. This reader
 * takes bytes as they come and hands out one item at a time, in memory bounded
 * by the largest item. It understands what Kubernetes tools write:
 *
 *  - an object with a string "kind" that ends in "List" and an array "items":
 *    each element is an item. Where "items" comes before "kind" (kubectl sorts
 *    names), any top-level object with an array "items" is taken as a list;
 *  - any other value: itself an item (so JSON Lines and concatenated documents
 *    work, too);
 *  - a top-level array: each element is an item.
 *
 * Ownership: an item's document points into the reader, until the next call.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/rc.h"
#include "wire/json.h"

struct gh_json_items;

struct gh_json_item {
    struct gh_json value;
    struct gh_slice list_kind;        /* of the List around it, when already */
    struct gh_slice list_api_version; /* seen; else absent */
    uint64_t offset;                  /* of the item in the stream */
    uint32_t line;                    /* from 1, of the item's first byte */
    uint32_t column;
};

/**
 * gh_json_items_new() - create a reader
 * @max_item_bytes: largest accepted item; the window grows up to that
 * @opt:            for each item; NULL for the defaults; copied
 */
struct gh_json_items *gh_json_items_new(size_t max_item_bytes,
                                        const struct gh_json_options *opt);
struct gh_json_items *gh_json_items_free(struct gh_json_items *r);

/*
 * Room for the next bytes of the stream: at least one byte, as many as fit.
 * Fill some and say how many with gh_json_items_filled(); 0 is the end.
 * Invalidates the last item.
 */
GH_MUST_CHECK enum gh_rc gh_json_items_room(struct gh_json_items *r,
                                            char **ret_ptr, size_t *ret_len);
void gh_json_items_filled(struct gh_json_items *r, size_t n);

/**
 * gh_json_items_next() - the next item
 *
 * Return: GH_OK with an item; GH_MORE when more bytes are needed; GH_END after
 * the end of the stream; GH_EPROTO or GH_ETOOBIG with @err, its line and column
 * counted from the start of the stream. After a failure nothing more comes.
 */
GH_MUST_CHECK enum gh_rc gh_json_items_next(struct gh_json_items *r,
                                            struct gh_json_item *ret,
                                            struct gh_err *err);
