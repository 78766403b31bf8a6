/* SPDX-License-Identifier: Apache-2.0 */

/*
 * gatehouse diff: which calls does a change change?
 *
 * Two meshes share nothing until both are loaded, so each is read by a thread
 * of its own; what they say about their files comes afterwards, in order.
 */

#include <pthread.h>
#include <stdio.h>

#include "app/commands.h"
#include "app/load.h"
#include "app/style.h"
#include "tools/diff_write.h"

#define ARENA_BYTES ((size_t)512 << 20)
#define OUTPUT_BYTES ((size_t)256 << 20)

struct side {
    struct gh_load_options load;
    struct gh_loaded loaded;
    struct gh_err err;
    bool good;
    pthread_t thread;
    bool started;
};

static void *load_side(void *ctx)
{
    struct side *s = ctx;

    s->good = gh_load(&s->load, &s->loaded, &s->err);
    return NULL;
}

static void start(struct side *s, const char *const *path)
{
    s->load = (struct gh_load_options){
        .paths = path, .path_count = 1, .silent = true, .quick = true};
    s->started = pthread_create(&s->thread, NULL, load_side, s) == 0;
    if (!s->started)
        (void)load_side(s);
}

static void finish(struct side *s)
{
    if (s->started)
        (void)pthread_join(s->thread, NULL);
    if (s->good)
        gh_load_report(s->loaded.store, &s->load);
}

/* Return: the exit code; trouble with @err. */
static int answer(const struct gh_options *o, struct side sides[2],
                  struct gh_err *err)
{
    struct gh_slice form = gh_slice_str(gh_options_text(o, "output"));
    struct gh_buf out GH_BUF_CLEANUP;
    struct gh_arena arena;
    struct gh_diff diff;
    int code = GH_EXIT_TROUBLE;

    gh_buf_init(&out, OUTPUT_BYTES);
    gh_arena_init(&arena, ARENA_BYTES);
    gh_diff(sides[0].loaded.mesh, sides[1].loaded.mesh, NULL, &arena, &diff);
    if (gh_slice_is(form, "json"))
        gh_diff_json(&diff, &arena, &out);
    else if (gh_slice_is(form, "markdown"))
        gh_diff_markdown(&diff, &arena, &out);
    else
        gh_diff_table(&diff, 0, diff.row_count, &arena, &out);
    if (!gh_print(&out))
        gh_err_set(err, "cannot write the answer");
    else
        code = diff.row_count > 0 && gh_options_has(o, "exit-code")
                   ? GH_EXIT_NO
                   : GH_EXIT_OK;
    gh_arena_fini(&arena);
    return code;
}

static int run_diff(const struct gh_options *o)
{
    const char *paths[2] = {o->operands.at[0], o->operands.at[1]};
    struct side sides[2] = {0};
    const struct gh_err *why = &sides[0].err;
    struct gh_err err;
    int code = GH_EXIT_TROUBLE;

    for (size_t i = 0; i < 2; i++)
        start(&sides[i], &paths[i]);
    for (size_t i = 0; i < 2; i++)
        finish(&sides[i]);
    if (sides[0].good && !sides[1].good)
        why = &sides[1].err;
    if (sides[0].good && sides[1].good) {
        code = answer(o, sides, &err);
        why = &err;
    }
    if (code == GH_EXIT_TROUBLE) {
        char line[1024];

        (void)fprintf(stderr, "gatehouse: %s\n",
                      gh_err_format(why, line, sizeof(line)));
    }
    for (size_t i = 0; i < 2; i++)
        if (sides[i].good)
            gh_load_fini(&sides[i].loaded);
    return code;
}

static const char *const outputs[] = {"table", "markdown", "json", NULL};

static const struct gh_option options[] = {
    {.name = "output",
     .letter = 'o',
     .value = "FORMAT",
     .otherwise = "table",
     .choices = outputs,
     .help = "form of the answer; markdown is for pull requests"},
    {.name = "exit-code", .help = "exit with 1 when a call changes"},
};

const struct gh_command gh_cmd_diff = {
    .name = "diff",
    .summary = "which calls does a change allow, deny or leave unenforced",
    .operands = "OLD NEW",
    .min_operands = 2,
    .max_operands = 2,
    .options = options,
    .option_count = GH_COUNT(options),
    .help =
        "OLD and NEW are manifests of a whole mesh each: a directory, a file, "
        "or - for\nstandard input (one of them). Reported are calls that a "
        "client would notice, of\nevery workload and of clients without mTLS; "
        "objects that change nothing are not.\n\n"
        "  git worktree add ../main main\n"
        "  gatehouse diff --output markdown ../main/k8s k8s\n\n"
        "Exit codes: 0 compared; 1 with --exit-code, when a call changes; 2 no "
        "answer.\n",
    .run = run_diff,
};
