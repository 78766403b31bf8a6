/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The judge: every finding about what the store holds
 *
 * Three looks at each object, each only where the one before was content
 * enough: its shape (the API server), its admission (Linkerd's webhook, on the
 * object after defaulting), and its meaning in the mesh around it. Suppression,
 * baselines and formats are the caller's.
 */

#include "mesh/finding.h"
#include "mesh/mesh.h"

struct gh_judge_options {
    struct gh_slice ns;   /* absent: all namespaces */
    struct gh_slice kind; /* absent: all kinds */
    struct gh_slice name; /* absent: all objects */
};

/* Declares to the store that whole objects of the kinds with a schema are
 * needed. Before any transaction, beside gh_mesh_new(). */
void gh_judge_wants(struct gh_store *store);

/* Adds all findings; the caller sorts. */
void gh_judge(struct gh_mesh *m, const struct gh_judge_options *opt,
              struct gh_findings *out);

/* Every object that a finding can be about, of those asked for. */
void gh_judge_objects(struct gh_mesh *m, const struct gh_judge_options *opt,
                      void (*each)(void *ctx, const struct gh_object *object),
                      void *ctx);

/* --- the looks, one by one --- */

/**
 * gh_admission_check() - what the webhook would say to one object
 * @root:   the object, after the API server's defaulting
 * @object: where it is from; NULL when it is not in a store
 * Return: how many findings were added.
 */
size_t gh_admission_check(struct gh_json root, const struct gh_object *object,
                          struct gh_findings *out);

/* Lints: what the objects come to in this mesh. */
void gh_lint(struct gh_mesh *m, const struct gh_judge_options *opt,
             struct gh_findings *out);
