/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mesh/judge.h"
#include "source/files.h"

/*
 * How long the lints take, and what they say
 *
 * bench_lint PATH... [-v]: the first round compiles all workloads and plans,
 * later ones find them compiled. -v prints every finding.
 */

#define ROUNDS 5

static int64_t now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void print_finding(const struct gh_finding *f)
{
    const struct gh_object *o = f->object;

    (void)printf("%-7s %s", gh_severity_name(f->row->severity), f->row->code);
    if (o)
        (void)printf(" %.*s/%.*s/%.*s", GH_FMT(o->kind), GH_FMT(o->ns),
                     GH_FMT(o->name));
    (void)printf(" %.*s\n        %.*s\n", GH_FMT(f->path), GH_FMT(f->message));
    if (f->fix.ptr)
        (void)printf("        fix: %.*s\n", GH_FMT(f->fix));
    if (f->patch.ptr)
        (void)printf("        patch: %.*s\n", GH_FMT(f->patch));
}

static void round_of(struct gh_mesh *m, int number, int verbose)
{
    struct gh_findings found;
    struct gh_arena arena;
    int64_t start;

    gh_arena_init(&arena, (size_t)1 << 30);
    gh_findings_init(&found, &arena, 0);
    start = now_us();
    gh_lint(m, NULL, &found);
    (void)printf("round %d: %.1f ms, %zu findings\n", number,
                 (double)(now_us() - start) / 1000, found.at.count);
    gh_findings_sort(&found);
    for (size_t i = 0; verbose && i < found.at.count; i++)
        print_finding(&found.at.at[i]);
    gh_findings_fini(&found);
    gh_arena_fini(&arena);
}

int main(int argc, char **argv)
{
    int verbose = argc > 2 && strcmp(argv[argc - 1], "-v") == 0;
    struct gh_store *store = gh_store_new(NULL);
    struct gh_mesh *mesh = gh_mesh_new(store);
    struct gh_files *files;
    struct gh_err err;

    if (argc < 2) {
        (void)fprintf(stderr, "bench_lint: PATH... [-v]\n");
        return 2;
    }
    files = gh_files_new(store, (const char *const *)(argv + 1),
                         (size_t)(argc - 1 - verbose), NULL);
    if (gh_files_load(files, NULL, &err) != GH_OK) {
        (void)fprintf(stderr, "bench_lint: %s\n", err.text);
        return 1;
    }
    gh_mesh_sync(mesh);
    for (int i = 0; i < (verbose ? 1 : ROUNDS); i++)
        round_of(mesh, i + 1, verbose);
    (void)gh_files_free(files);
    (void)gh_mesh_free(mesh);
    (void)gh_store_free(store);
    return 0;
}
