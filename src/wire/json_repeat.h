/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which name occurs twice
 *
 * The parser only says that some object repeats a name. People want to know
 * which, and where it stands the second time; that is asked rarely, so it is
 * searched for then.
 */

#include "wire/json.h"

/* The node of the first name that was there before; missing when there is
 * none. */
struct gh_json gh_json_find_repeated(const struct gh_json_doc *doc);
