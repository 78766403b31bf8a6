/* SPDX-License-Identifier: Apache-2.0 */

/*
 * gatehouse check: is the configuration right?
 *
 * The judge over files, for people and pipelines. What is known (baseline) or
 * accepted (suppressed) is taken out before anything is counted; places in
 * files are looked up last, for what is shown alone.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/check_report.h"
#include "app/commands.h"
#include "app/load.h"
#include "app/slurp.h"
#include "base/date.h"
#include "mesh/judge.h"
#include "tools/suppress.h"

#define ARENA_BYTES ((size_t)512 << 20)
#define OUTPUT_BYTES ((size_t)256 << 20)
#define IGNORE_BYTES ((size_t)4 << 20)
#define BASELINE_BYTES ((size_t)128 << 20)
#define IGNORE_FILE ".gatehouse-ignore.yaml"

enum { NEVER = GH_SEVERITY_INFO + 1 };

struct checking {
    const struct gh_options *o;
    struct gh_loaded loaded;
    struct gh_arena arena;
    struct gh_findings findings;
    struct gh_suppress suppress;
    struct gh_baseline baseline;
    struct gh_check check;
    struct gh_err err;
};

static struct gh_slice option(const struct checking *k, const char *name)
{
    return gh_slice_str(gh_options_text(k->o, name));
}

/* --- findings --- */

static enum gh_finding_id id_of(enum gh_fault_class class)
{
    switch (class) {
    case GH_FAULT_CONFLICT:
        return GH_FINDING_ID_DEFINED_TWICE;
    case GH_FAULT_WARNING:
        return GH_FINDING_ID_NAME_REPEATED;
    case GH_FAULT_FOREIGN:
        return GH_FINDING_ID_NOT_KUBERNETES;
    case GH_FAULT_UNREADABLE:
        break;
    }
    return GH_FINDING_ID_UNREADABLE;
}

static void add_faults(struct checking *k)
{
    const struct gh_store *s = k->loaded.store;

    for (size_t i = 0; i < gh_store_fault_count(s); i++) {
        const struct gh_fault *fault = gh_store_fault(s, i);
        struct gh_finding *f =
            gh_finding_add(&k->findings, id_of(fault->class), NULL,
                           (struct gh_slice){0}, "%s", fault->err.text);

        if (f)
            f->origin = (struct gh_origin){
                .scope = gh_slice_str(fault->err.source),
                .line = fault->err.line,
                .column = fault->err.column,
            };
    }
}

static void count_object(void *ctx, const struct gh_object *object)
{
    size_t *count = ctx;

    (void)object;
    (*count)++;
}

static void judge(struct checking *k)
{
    struct gh_judge_options all = {0};

    add_faults(k);
    gh_judge(k->loaded.mesh, &all, &k->findings);
    gh_judge_objects(k->loaded.mesh, &all, count_object, &k->check.objects);
    gh_suppress_apply(&k->suppress, k->loaded.mesh, &all, &k->findings);
    k->check.suppressed = k->suppress.suppressed;
    k->check.dropped = k->findings.dropped;
}

/* --- what is known and accepted --- */

static bool read_ignores(struct checking *k)
{
    const char *path = gh_options_text(k->o, "ignore-file");
    struct gh_buf text GH_BUF_CLEANUP;
    int32_t today = gh_date_today();

    gh_buf_init(&text, IGNORE_BYTES);
    if (option(k, "today").ptr && !gh_date_parse(option(k, "today"), &today)) {
        gh_err_set(&k->err, "--today: \"%s\" is no day; write 2027-01-31",
                   gh_options_text(k->o, "today"));
        return false;
    }
    gh_suppress_init(&k->suppress, &k->arena, today);
    if (!path && access(IGNORE_FILE, F_OK) != 0)
        return true;
    path = path ? path : IGNORE_FILE;
    return gh_slurp(path, &text, &k->err) &&
           gh_suppress_read(&k->suppress, gh_buf_slice(&text),
                            gh_slice_str(path), &k->findings, &k->err);
}

static bool read_baseline(struct checking *k)
{
    const char *path = gh_options_text(k->o, "baseline");
    struct gh_buf text GH_BUF_CLEANUP;

    gh_buf_init(&text, BASELINE_BYTES);
    gh_baseline_init(&k->baseline, &k->arena);
    if (!path)
        return true;
    if (!gh_slurp(path, &text, &k->err) ||
        !gh_baseline_read(&k->baseline, gh_buf_slice(&text), gh_slice_str(path),
                          &k->err))
        return false;
    k->check.baseline = &k->baseline;
    return true;
}

/* Whole or not at all: beside the file first. */
static bool write_file(const char *path, const struct gh_buf *text,
                       struct gh_err *err)
{
    struct gh_buf part GH_BUF_CLEANUP;
    FILE *file;
    bool good;

    gh_buf_init(&part, 64 << 10);
    gh_buf_addf(&part, "%s.part", path);
    gh_buf_addc(&part, '\0');
    file = gh_buf_rc(&part) == GH_OK ? fopen(part.ptr, "we") : NULL;
    good = file && fwrite(text->ptr, 1, text->len, file) == text->len;
    if (file && fclose(file) != 0)
        good = false;
    if (good && rename(part.ptr, path) == 0)
        return true;
    gh_err_set(err, "%s", strerrordesc_np(errno));
    gh_err_at(err, gh_slice_str(path), 0, 0);
    return false;
}

static bool write_baseline(struct checking *k, const char *path)
{
    struct gh_buf text GH_BUF_CLEANUP;

    gh_buf_init(&text, BASELINE_BYTES);
    gh_baseline_write(&k->findings, &k->arena, &text);
    if (gh_buf_rc(&text) < 0) {
        gh_err_set(&k->err, "the baseline would be too large");
        return false;
    }
    return write_file(path, &text, &k->err);
}

/* --- severities --- */

static int severity_of(struct gh_slice name)
{
    for (int s = GH_SEVERITY_ERROR; s <= GH_SEVERITY_INFO; s++)
        if (gh_slice_is(name, gh_severity_name((enum gh_severity)s)))
            return s;
    return NEVER;
}

static void drop_hidden(struct checking *k)
{
    struct gh_findings *f = &k->findings;
    int least = severity_of(option(k, "min-severity"));
    size_t kept = 0;

    for (size_t i = 0; i < f->at.count; i++)
        if ((int)f->at.at[i].row->severity <= least)
            f->at.at[kept++] = f->at.at[i];
    k->check.hidden = f->at.count - kept;
    f->at.count = kept;
}

static void count(struct gh_check *c, const struct gh_finding *f)
{
    c->errors += f->row->severity == GH_SEVERITY_ERROR;
    c->warnings += f->row->severity == GH_SEVERITY_WARNING;
    c->infos += f->row->severity == GH_SEVERITY_INFO;
}

/* --- places --- */

static const struct gh_origin *origin_of(const struct gh_finding *f)
{
    return f->object ? &f->object->origin : &f->origin;
}

static struct gh_slice kept_line(struct checking *k, struct gh_locator *l,
                                 uint32_t line, uint32_t *ret_column)
{
    struct gh_slice text = gh_locator_line(l, line, ret_column);

    return text.ptr ? gh_arena_dup(&k->arena, text) : text;
}

static void locate(struct checking *k, struct gh_locator *l,
                   struct gh_check_item *item)
{
    const struct gh_origin *origin = origin_of(item->finding);
    uint32_t column;

    item->file = origin->scope.ptr ? origin->scope : GH_SLICE("");
    item->at = (struct gh_location){
        .line = origin->line,
        .column = origin->column ? origin->column : 1,
        .end_column = origin->column ? origin->column : 1,
    };
    if (!item->finding->object || item->file.len == 0 ||
        !gh_locate(l, item->file, origin->line, origin->column,
                   item->finding->path, &item->at))
        return;
    item->text = kept_line(k, l, item->at.line, &item->first_column);
    item->before = kept_line(k, l, item->at.line - 1, &column);
}

static int by_origin(const void *a, const void *b)
{
    const struct gh_check_item *x = a;
    const struct gh_check_item *y = b;
    const struct gh_origin *p = origin_of(x->finding);
    const struct gh_origin *q = origin_of(y->finding);
    int order = gh_slice_cmp(p->scope, q->scope);

    if (order == 0 && p->line != q->line)
        order = p->line < q->line ? -1 : 1;
    if (order == 0 && p->column != q->column)
        order = p->column < q->column ? -1 : 1;
    return order ? order : (int)(x > y) - (int)(x < y);
}

static int by_place(const void *a, const void *b)
{
    const struct gh_check_item *x = a;
    const struct gh_check_item *y = b;
    int order = gh_slice_cmp(x->file, y->file);

    if (order == 0 && x->at.line != y->at.line)
        order = x->at.line < y->at.line ? -1 : 1;
    if (order == 0 && x->at.column != y->at.column)
        order = x->at.column < y->at.column ? -1 : 1;
    if (order == 0)
        order = strcmp(x->finding->row->code, y->finding->row->code);
    return order ? order
                 : gh_slice_cmp(x->finding->message, y->finding->message);
}

static bool locate_all(struct checking *k)
{
    struct gh_check *c = &k->check;
    int fail_on = severity_of(option(k, "fail-on"));
    struct gh_locator *l;

    c->count = k->findings.at.count;
    c->items = GH_ARENA_ARRAY(&k->arena, struct gh_check_item, c->count + 1);
    if (!c->items) {
        gh_err_set(&k->err, "too many findings");
        return false;
    }
    for (size_t i = 0; i < c->count; i++) {
        const struct gh_finding *f = &k->findings.at.at[i];

        c->items[i].finding = f;
        c->items[i].fails =
            fail_on != NEVER && (int)f->row->severity <= fail_on;
        count(c, f);
    }
    qsort(c->items, c->count, sizeof(*c->items), by_origin);
    l = gh_locator_new();
    for (size_t i = 0; i < c->count; i++)
        locate(k, l, &c->items[i]);
    (void)gh_locator_free(l);
    qsort(c->items, c->count, sizeof(*c->items), by_place);
    return true;
}

/* --- output --- */

static bool fails(const struct gh_check *c)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->items[i].fails)
            return true;
    return false;
}

static bool print(struct checking *k)
{
    struct gh_buf out GH_BUF_CLEANUP;
    struct gh_styler styler;
    struct gh_slice form = option(k, "output");

    gh_buf_init(&out, OUTPUT_BYTES);
    styler = gh_styler_for_stdout(&out);
    if (gh_slice_is(form, "json"))
        gh_check_json(&k->check, &out);
    else if (gh_slice_is(form, "sarif"))
        gh_check_sarif(&k->check, &out);
    else if (gh_slice_is(form, "junit"))
        gh_check_junit(&k->check, &out);
    else if (gh_slice_is(form, "github"))
        gh_check_github(&k->check, &out);
    else
        gh_check_text(&k->check, &styler);
    if (gh_print(&out))
        return true;
    gh_err_set(&k->err, "cannot write the report");
    return false;
}

/* Return: the exit code; trouble with k->err. */
static int check(struct checking *k)
{
    const char *baseline = gh_options_text(k->o, "write-baseline");

    if (!read_ignores(k) || !read_baseline(k))
        return GH_EXIT_TROUBLE;
    judge(k);
    if (k->check.baseline)
        gh_baseline_apply(&k->baseline, &k->findings);
    drop_hidden(k);
    if (baseline && !write_baseline(k, baseline))
        return GH_EXIT_TROUBLE;
    if (!locate_all(k) || !print(k))
        return GH_EXIT_TROUBLE;
    return !baseline && fails(&k->check) ? GH_EXIT_NO : GH_EXIT_OK;
}

static int show_rows(const struct gh_options *o, struct gh_err *err)
{
    const char *code = gh_options_text(o, "explain");
    struct gh_slice form = gh_slice_str(gh_options_text(o, "output"));
    const struct gh_finding_row *row = NULL;
    struct gh_buf out GH_BUF_CLEANUP;
    struct gh_styler styler;

    gh_buf_init(&out, OUTPUT_BYTES);
    styler = gh_styler_for_stdout(&out);
    if (code && !(row = gh_finding_by_code(gh_slice_str(code)))) {
        gh_err_set(err, "there is no finding \"%s\" (see --list)", code);
        return GH_EXIT_TROUBLE;
    }
    if (gh_slice_is(form, "json"))
        gh_rows_json(row, &out);
    else
        gh_rows_text(row, &styler);
    if (gh_print(&out))
        return GH_EXIT_OK;
    gh_err_set(err, "cannot write the list");
    return GH_EXIT_TROUBLE;
}

static int load_and_check(struct checking *k)
{
    size_t path_count;
    const char **paths = gh_load_paths(k->o, 0, &path_count);
    struct gh_load_options load = {
        .paths = paths,
        .path_count = path_count,
        .silent = true,
        .judged = true,
    };
    int code = GH_EXIT_TROUBLE;

    if (path_count == 0)
        gh_err_set(&k->err, "which files? gatehouse check PATH…");
    else if (gh_load(&load, &k->loaded, &k->err)) {
        code = check(k);
        gh_load_fini(&k->loaded);
    }
    gh_free(paths);
    return code;
}

static int run_check(const struct gh_options *o)
{
    struct checking k = {.o = o};
    int code;

    gh_arena_init(&k.arena, ARENA_BYTES);
    gh_findings_init(&k.findings, &k.arena, 0);
    k.check.arena = &k.arena;
    if (gh_options_has(o, "list") || gh_options_has(o, "explain"))
        code = show_rows(o, &k.err);
    else
        code = load_and_check(&k);
    if (code == GH_EXIT_TROUBLE) {
        char line[1024];

        (void)fprintf(stderr, "gatehouse: %s\n",
                      gh_err_format(&k.err, line, sizeof(line)));
    }
    gh_suppress_fini(&k.suppress);
    gh_baseline_fini(&k.baseline);
    gh_findings_fini(&k.findings);
    gh_arena_fini(&k.arena);
    return code;
}

static const char *const outputs[] = {"text",  "json",   "sarif",
                                      "junit", "github", NULL};
static const char *const severities[] = {"error", "warning", "info", NULL};
static const char *const thresholds[] = {"error", "warning", "info", "never",
                                         NULL};

static const struct gh_option options[] = {
    {.name = "from",
     .letter = 'f',
     .value = "PATH",
     .repeats = true,
     .help = "the same as PATH"},
    {.name = "output",
     .letter = 'o',
     .value = "FORMAT",
     .otherwise = "text",
     .choices = outputs,
     .help = "form of the report"},
    {.name = "fail-on",
     .value = "SEVERITY",
     .otherwise = "error",
     .choices = thresholds,
     .help = "exit with 1 when something at least so severe is found"},
    {.name = "min-severity",
     .value = "SEVERITY",
     .otherwise = "warning",
     .choices = severities,
     .help = "report what is at least so severe"},
    {.name = "ignore-file",
     .value = "FILE",
     .help = "suppressions (" IGNORE_FILE " in the current folder, where "
             "there is one)"},
    {.name = "baseline",
     .value = "FILE",
     .help = "known findings, which are not reported"},
    {.name = "write-baseline",
     .value = "FILE",
     .help = "write what is found as the baseline, and exit with 0"},
    {.name = "today",
     .value = "DAY",
     .help = "which suppressions hold on this day (as 2027-01-31)"},
    {.name = "explain",
     .value = "CODE",
     .help = "what a finding means, and what to do"},
    {.name = "list", .help = "all findings there are"},
};

const struct gh_command gh_cmd_check = {
    .name = "check",
    .summary = "is the configuration right, and does it do what it says",
    .operands = "PATH…",
    .min_operands = 0,
    .max_operands = SIZE_MAX,
    .options = options,
    .option_count = GH_COUNT(options),
    .help =
        "PATH is a directory, a file (YAML or JSON, .gz, .zst), or - for "
        "standard input.\nAll paths together are one mesh: a policy in one may "
        "refer to an object in another.\n\n"
        "A finding is accepted by an annotation on its object, with a reason "
        "and, if it is\nto end, a last day:\n\n"
        "  gatehouse.dev/ignore: \"LNKD-003 until 2027-01-31 every pod is "
        "meant\"\n\n"
        "or in a file: a list of {code, namespace, kind, name, reason, until}. "
        "A baseline\naccepts all that is there today.\n\n"
        "  gatehouse check manifests/\n"
        "  gatehouse check --fail-on warning --output sarif k8s/ >check.sarif\n"
        "  gatehouse check --explain LNKD-019\n\n"
        "Exit codes: 0 nothing as severe as --fail-on; 1 something; 2 no "
        "answer.\n",
    .run = run_check,
};
