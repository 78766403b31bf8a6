/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What an API server would say to an object, as findings
 *
 * store/schema finds what is wrong; this says which row of the table that is.
 * Schemas are those of the CRDs that the store holds, else the built-in ones.
 */

#include "mesh/finding.h"
#include "store/schema.h"

/* Declares to the store that the CRDs of the kinds judged are needed. */
void gh_shape_wants(struct gh_store *store);

/* With the CRDs that the store holds now. */
struct gh_schemas *gh_shape_schemas(const struct gh_store *store);

/**
 * gh_shape_check() - judge one object
 * @object:   where it is from; NULL when it is not in a store
 * @arena:    memory for the work, and for @ret_root
 * @ret_root: pruned and with defaults, as a webhook would see it
 *
 * Return: whether it is worth showing it to a webhook: nothing but fields that
 * do not exist is wrong with it.
 */
bool gh_shape_check(struct gh_schemas *schemas, struct gh_json root,
                    const struct gh_object *object, struct gh_findings *out,
                    struct gh_arena *arena, struct gh_json *ret_root);
