/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * JSON Patch (RFC 6902): add, remove and replace
 *
 * Findings carry their remedy as a patch; this applies one. move, copy and test
 * are refused: nothing of ours writes them. Documents are immutable, so each
 * operation writes the whole document anew; patches are short.
 */

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/rc.h"
#include "wire/json.h"

/**
 * gh_json_patch() - @doc with the operations of @patch applied, in order
 * @arena: holds the result, and the steps on the way
 * @err:   may be NULL; names the operation that failed
 *
 * Return: GH_OK; GH_EPROTO for a patch that is none, or that names a place
 * which is not there; GH_ETOOBIG for the arena's cap.
 */
GH_MUST_CHECK enum gh_rc gh_json_patch(struct gh_json doc, struct gh_json patch,
                                       struct gh_arena *arena,
                                       struct gh_json_doc *ret,
                                       struct gh_err *err);
