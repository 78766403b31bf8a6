/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * From --from to a mesh
 *
 * What every command needs first: read the paths, say on standard error what
 * could not be read, and hand out a mesh that is in step with the store.
 */

#include <stdbool.h>

#include "app/options.h"
#include "mesh/mesh.h"
#include "source/files.h"

struct gh_loaded {
    struct gh_store *store;
    struct gh_files *files;
    struct gh_mesh *mesh;
};

/* The rows of --from, for a command's table. */
#define GH_OPTION_FROM                                                         \
    {                                                                          \
        .name = "from", .letter = 'f', .value = "PATH", .repeats = true,       \
        .required = true,                                                      \
        .help = "manifests: a directory, a file (YAML or JSON, .gz, .zst), "   \
                "or - for standard input"                                      \
    }

struct gh_load_options {
    const char *const *paths;
    size_t path_count;
    const char *const *quiet; /* files whose faults are not reported: they */
    size_t quiet_count;       /* hold something else */
    bool silent;              /* the caller reports all faults itself */
    bool quick;               /* nothing is said while it takes its time */
    bool judged;              /* whole objects are kept, for the judge */
};

/* Return: false with @err; nothing is left to free then. */
GH_MUST_CHECK bool gh_load(const struct gh_load_options *opt,
                           struct gh_loaded *ret, struct gh_err *err);
void gh_load_fini(struct gh_loaded *l);

/* All values of --from, and after them the operands from @first_operand on.
 * Return: an array to gh_free(), its strings borrowed. */
const char **gh_load_paths(const struct gh_options *o, size_t first_operand,
                           size_t *ret_count);

/* Says what is wrong with the sources, a line each, on standard error. */
void gh_load_report(const struct gh_store *s, const struct gh_load_options *o);
