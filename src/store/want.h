/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Projection: what is kept of an object
 *
 * The rows that consumers declare for one kind become a trie of member names.
 * Cutting walks an object's tape and the trie together and writes what both
 * have as canonical JSON (RFC 8785), skipping the rest by the tape's jumps: of
 * a 20 KB pod it looks at the names on the way and copies 1 KB. API servers
 * write names in order, so output is streamed; only an object whose names are
 * out of order is sorted.
 *
 * A value that stands where the trie goes deeper but that has no members is
 * dropped; in a list it becomes null, so that positions stay what they were.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/rc.h"
#include "store/store.h"
#include "wire/json.h"

struct gh_cut; /* what is wanted of one kind */

struct gh_cut *gh_cut_new(void);
struct gh_cut *gh_cut_free(struct gh_cut *c);

/* Adds a row's fields; borrows its texts. */
void gh_cut_add(struct gh_cut *c, const struct gh_want *row);

/* Whether some row wants objects of this name. */
bool gh_cut_wants(const struct gh_cut *c, struct gh_slice name);

/**
 * gh_cut_write() - the part of @object that is wanted, as canonical JSON
 * @name:    the object's name, which chooses among the rows
 * @scratch: for sorting
 *
 * Return: GH_OK or the buffer's failure.
 */
GH_MUST_CHECK enum gh_rc gh_cut_write(const struct gh_cut *c,
                                      struct gh_json object,
                                      struct gh_slice name,
                                      struct gh_arena *scratch,
                                      struct gh_buf *out);
