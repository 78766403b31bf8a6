/* SPDX-License-Identifier: Apache-2.0 */

/*
 * gatehouse test: does the mesh do what its authors expect?
 *
 * Unit tests for policy: cases in files, judged by the engine that answers
 * everything else (mesh/cases.h). All cases are judged, whatever is wrong with
 * some of them; the exit code says whether anything was.
 */

#include <stdio.h>
#include <string.h>

#include "app/case_files.h"
#include "app/commands.h"
#include "app/load.h"
#include "app/test_report.h"

enum { ARENA_BYTES = 64 << 20, OUTPUT_BYTES = 1 << 30, FLUSH_BYTES = 1 << 18 };

struct testing {
    struct gh_loaded loaded;
    struct gh_arena arena;
    struct gh_test_report report;
    bool broken; /* standard output is gone */
};

/* Errors of a case count from its own beginning. */
static void move_place(struct gh_err *err, const struct gh_err *start,
                       bool by_file)
{
    uint32_t line = start->line;
    uint32_t column = start->column;

    if (by_file && err->line > 0) {
        line = err->line;
        column = err->column;
    } else if (err->line > 0) {
        column = err->line == 1 ? column + err->column - 1 : err->column;
        line += err->line - 1;
    }
    gh_err_at(err, gh_slice_str(start->source), line, column);
}

static void flush(struct testing *t, size_t above)
{
    struct gh_buf *out = t->report.out;

    if (t->report.form == GH_REPORT_JUNIT || out->len <= above)
        return;
    t->broken = !gh_print(out) || t->broken;
    gh_buf_clear(out);
}

static void on_bad(void *ctx, const struct gh_err *err)
{
    struct testing *t = ctx;
    char line[1024];

    (void)fprintf(stderr, "%s\n", gh_err_format(err, line, sizeof(line)));
    gh_report_bad(&t->report, err);
}

static void on_case(void *ctx, struct gh_json value, const struct gh_err *place)
{
    struct testing *t = ctx;
    struct gh_case_result result;
    struct gh_err err = {0};

    gh_arena_reset(&t->arena);
    if (gh_case_run(t->loaded.mesh, value, &t->arena, &result, &err)) {
        gh_report_case(&t->report, &result, place);
        flush(t, FLUSH_BYTES);
        return;
    }
    move_place(&err, place, value.doc && value.doc->marks);
    on_bad(t, &err);
}

static bool read_cases(struct testing *t, const struct gh_options *o)
{
    struct gh_case_reader reader = {on_case, on_bad, t, 0};
    bool ok = true;

    for (size_t i = 0; i < o->operands.count; i++) {
        struct gh_err err = {0};
        char line[1024];

        if (gh_case_files_read(&reader, o->operands.at[i], &err))
            continue;
        (void)fprintf(stderr, "gatehouse: %s\n",
                      gh_err_format(&err, line, sizeof(line)));
        ok = false;
    }
    return ok;
}

static int judge(struct testing *t, const struct gh_options *o)
{
    bool readable = read_cases(t, o);
    const struct gh_test_report *r = &t->report;

    if (r->passed + r->failed + r->malformed == 0 && readable) {
        (void)fprintf(stderr, "gatehouse: there are no cases in %s%s\n",
                      o->operands.at[0],
                      o->operands.count > 1 ? " and the others" : "");
        return GH_EXIT_TROUBLE;
    }
    gh_report_finish(&t->report);
    if (!gh_print(t->report.out) || t->broken) {
        (void)fprintf(stderr, "gatehouse: cannot write the report\n");
        return GH_EXIT_TROUBLE;
    }
    if (!readable || r->malformed > 0)
        return GH_EXIT_TROUBLE;
    return r->failed > 0 ? GH_EXIT_NO : GH_EXIT_OK;
}

static enum gh_report_form form_of(const struct gh_options *o)
{
    const char *output = gh_options_text(o, "output");

    if (strcmp(output, "json") == 0)
        return GH_REPORT_JSON;
    return strcmp(output, "junit") == 0 ? GH_REPORT_JUNIT : GH_REPORT_TEXT;
}

static int run_test(const struct gh_options *o)
{
    struct testing t = {0};
    size_t count;
    const char **paths = gh_load_paths(o, o->operands.count, &count);
    struct gh_load_options load = {
        .paths = paths,
        .path_count = count,
        .quiet = o->operands.at,
        .quiet_count = o->operands.count,
    };
    struct gh_buf out GH_BUF_CLEANUP;
    struct gh_err err = {0};
    int code = GH_EXIT_TROUBLE;

    gh_buf_init(&out, OUTPUT_BYTES);
    gh_arena_init(&t.arena, ARENA_BYTES);
    t.report = (struct gh_test_report){
        .form = form_of(o),
        .verbose = gh_options_has(o, "verbose"),
        .styler = gh_styler_for_stdout(&out),
        .out = &out,
    };
    if (gh_load(&load, &t.loaded, &err)) {
        code = judge(&t, o);
        gh_load_fini(&t.loaded);
    } else {
        char line[1024];

        (void)fprintf(stderr, "gatehouse: %s\n",
                      gh_err_format(&err, line, sizeof(line)));
    }
    gh_arena_fini(&t.arena);
    gh_free(paths);
    return code;
}

static const char *const outputs[] = {"text", "json", "junit", NULL};

static const struct gh_option options[] = {
    GH_OPTION_FROM,
    {.name = "output",
     .letter = 'o',
     .value = "FORMAT",
     .otherwise = "text",
     .choices = outputs,
     .help = "form of the report"},
    {.name = "verbose", .letter = 'v', .help = "name the passed cases, too"},
};

const struct gh_command gh_cmd_test = {
    .name = "test",
    .summary = "judge the expectations in CASES: unit tests for a mesh",
    .operands = "CASES…",
    .min_operands = 1,
    .max_operands = 10000,
    .options = options,
    .option_count = GH_COUNT(options),
    .help =
        "CASES are files (YAML documents or lists, JSON, JSON Lines; .gz, "
        ".zst) or\ndirectories of them. A case:\n\n"
        "  name: checkout may not read cards\n"
        "  from: {workload: shop/Deployment/checkout}   # or pod, service, "
        "identity,\n"
        "                    # unauthenticated: true, tlsWithoutIdentity: "
        "true; ip\n"
        "  to:   {workload: vault/Deployment/cards, port: http}\n"
        "                    # or pod, service, externalWorkload\n"
        "  over: http        # or tcp\n"
        "  request: {method: GET, path: /cards/7}\n"
        "  expect: deny      # allow, deny, not-found, not-enforced, depends\n"
        "  by: [authorizationpolicy/vault/cards-clients]   # optional\n\n"
        "With --output json: one object a line, {\"name\", \"expect\", "
        "\"got\", \"by\",\n\"reason\"}.\n\n"
        "Exit codes: 0 all as expected, 1 not, 2 something could not be "
        "judged.\n",
    .run = run_test,
};
