/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Helpers of CEL's function libraries; nobody else includes this
 */

#include "store/cel_internal.h"

static inline struct gh_cel_value gh_cel_no_memory(struct gh_cel_eval *e)
{
    e->stop = GH_ETOOBIG;
    return gh_cel_error("out of memory");
}

/* Whether @s is UTF-8; *@ret_count is its number of characters. */
bool gh_cel_utf8(struct gh_slice s, size_t *ret_count);

/* Byte offset of character @index, or false past the end; the end itself is
 * a place. @s is UTF-8. */
bool gh_cel_char_at(struct gh_slice s, size_t index, size_t *ret);

/* string() of an address or network. */
struct gh_cel_value gh_cel_net_text(struct gh_cel_eval *e,
                                    const struct gh_cel_value *a);

/* indexOf and lastIndexOf of lists: the names are the strings' too. */
struct gh_cel_value gh_cel_list_index_of(struct gh_cel_eval *e,
                                         const struct gh_cel_value *a);
struct gh_cel_value gh_cel_list_last_index_of(struct gh_cel_eval *e,
                                              const struct gh_cel_value *a);
struct gh_cel_value gh_cel_list_reverse(struct gh_cel_eval *e,
                                        const struct gh_cel_value *a);
