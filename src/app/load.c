/* SPDX-License-Identifier: Apache-2.0 */

#include "app/load.h"

#include <stdio.h>
#include <string.h>

#include "app/progress.h"
#include "mesh/judge.h"

enum { MAX_REPORTED = 20 };

const char **gh_load_paths(const struct gh_options *o, size_t first_operand,
                           size_t *ret_count)
{
    GH_VEC(const char *) paths = {0};
    const char *path;

    for (size_t it = 0; (path = gh_options_next(o, "from", &it));)
        GH_VEC_PUSH(&paths, path);
    for (size_t i = first_operand; i < o->operands.count; i++)
        GH_VEC_PUSH(&paths, o->operands.at[i]);
    *ret_count = paths.count;
    return paths.at;
}

static bool is_quiet(const struct gh_load_options *o, const char *source)
{
    for (size_t i = 0; i < o->quiet_count; i++)
        if (strcmp(o->quiet[i], source) == 0)
            return true;
    return false;
}

void gh_load_report(const struct gh_store *s, const struct gh_load_options *o)
{
    size_t reported = 0;
    size_t total = 0;

    for (size_t i = 0; i < gh_store_fault_count(s); i++) {
        const struct gh_fault *fault = gh_store_fault(s, i);
        char line[1024];

        if (is_quiet(o, fault->err.source))
            continue;
        total++;
        if (reported == MAX_REPORTED)
            continue;
        reported++;
        (void)fprintf(stderr, "%s\n",
                      gh_err_format(&fault->err, line, sizeof(line)));
    }
    if (total > reported)
        (void)fprintf(stderr, "... and %zu more\n", total - reported);
    if (total > 0)
        (void)fprintf(stderr,
                      "gatehouse: %zu fault%s in the manifests; the rest is "
                      "loaded\n",
                      total, total == 1 ? "" : "s");
}

bool gh_load(const struct gh_load_options *opt, struct gh_loaded *ret,
             struct gh_err *err)
{
    struct gh_progress progress;
    enum gh_rc rc;

    ret->store = gh_store_new(&(struct gh_store_options){0});
    ret->mesh = gh_mesh_new(ret->store);
    if (opt->judged)
        gh_judge_wants(ret->store);
    ret->files = gh_files_new(ret->store, opt->paths, opt->path_count,
                              &(struct gh_files_options){0});
    if (!opt->quick)
        gh_progress_start(&progress, "reading manifests");
    rc = gh_files_load(ret->files, NULL, err);
    if (!opt->quick)
        gh_progress_stop(&progress);
    if (rc < 0) {
        gh_load_fini(ret);
        return false;
    }
    gh_mesh_sync(ret->mesh);
    if (!opt->silent)
        gh_load_report(ret->store, opt);
    return true;
}

void gh_load_fini(struct gh_loaded *l)
{
    l->mesh = gh_mesh_free(l->mesh);
    l->files = gh_files_free(l->files);
    l->store = gh_store_free(l->store);
}
