/* SPDX-License-Identifier: Apache-2.0 */

/*
 * gatehouse explain: may A call B, and why
 *
 * The tool analyze_connectivity for people at a shell: the same question, the
 * same computation, another way of writing it down.
 */

#include <stdio.h>

#include "app/commands.h"
#include "app/explain_text.h"
#include "app/load.h"
#include "app/names.h"
#include "tools/question.h"
#include "wire/json_write.h"

enum { ARENA_BYTES = 256 << 20, OUTPUT_BYTES = 64 << 20, MAX_HEADERS = 100 };

struct asking {
    const struct gh_options *o;
    struct gh_loaded loaded;
    struct gh_arena arena;
    struct gh_question_text text;
    struct gh_header headers[MAX_HEADERS];
    struct gh_err err;
};

static struct gh_slice option(const struct asking *k, const char *name)
{
    return gh_slice_str(gh_options_text(k->o, name));
}

static bool read_headers(struct asking *k)
{
    const char *text;

    for (size_t it = 0; (text = gh_options_next(k->o, "header", &it));) {
        struct gh_slice all = gh_slice_str(text);
        size_t colon = gh_slice_find(all, ':');

        if (colon == 0 || colon == all.len) {
            gh_err_set(&k->err, "--header \"%s\": write NAME:VALUE", text);
            return false;
        }
        if (k->text.header_count == MAX_HEADERS) {
            gh_err_set(&k->err, "more than %d headers", MAX_HEADERS);
            return false;
        }
        k->headers[k->text.header_count++] = (struct gh_header){
            gh_slice_head(all, colon),
            gh_slice_trim(gh_slice_drop(all, colon + 1)),
        };
    }
    k->text.headers = k->headers;
    return true;
}

static bool read_source(struct asking *k)
{
    struct gh_slice source = gh_slice_str(k->o->operands.at[0]);
    struct gh_cli_name name;

    if (gh_slice_is(source, "-")) {
        k->text.unauthenticated = true;
        return true;
    }
    if (gh_cli_is_identity(source)) {
        k->text.identity = source;
        return true;
    }
    if (!gh_cli_name_parse(k->loaded.mesh, source, option(k, "namespace"),
                           GH_SELECT_SOURCE, &k->arena, &name, &k->err)) {
        gh_err_prefix(&k->err, "source");
        return false;
    }
    k->text.source_ns = name.ns;
    k->text.source = name.name;
    return true;
}

static bool read_target(struct asking *k)
{
    struct gh_slice target = gh_slice_str(k->o->operands.at[1]);
    struct gh_cli_name name;

    k->text.port = gh_cli_port_cut(&target);
    if (!gh_cli_name_parse(k->loaded.mesh, target, option(k, "namespace"),
                           GH_SELECT_TARGET, &k->arena, &name, &k->err)) {
        gh_err_prefix(&k->err, "target");
        return false;
    }
    k->text.target_ns = name.ns;
    k->text.target = name.name;
    return true;
}

static bool read_question(struct asking *k)
{
    if (!read_source(k) || !read_target(k) || !read_headers(k))
        return false;
    k->text.method = option(k, "method");
    k->text.host = option(k, "host");
    k->text.ip = option(k, "ip");
    if (k->o->operands.count > 2)
        k->text.path = gh_slice_str(k->o->operands.at[2]);
    return true;
}

static void write_json(struct gh_connectivity *c, struct gh_arena *a,
                       struct gh_buf *out)
{
    struct gh_jsonw w;

    gh_jsonw_init(&w, out);
    w.indent = 2;
    gh_jsonw_object(&w);
    gh_connectivity_write(c, a, &w);
    gh_jsonw_karray(&w, "paths");
    for (size_t i = 0; i < c->count; i++)
        gh_path_write(&c->paths[i], a, &w);
    gh_jsonw_end(&w);
    gh_jsonw_end(&w);
    gh_buf_addc(out, '\n');
}

/* Return: the exit code; trouble with k->err. */
static int answer(struct asking *k)
{
    struct gh_buf out GH_BUF_CLEANUP;
    struct gh_connectivity con;
    struct gh_styler styler;
    struct gh_asked asked;

    gh_buf_init(&out, OUTPUT_BYTES);
    if (!read_question(k) ||
        !gh_question_build(k->loaded.mesh, &k->text, &k->arena, &asked,
                           &k->err) ||
        !gh_connectivity(k->loaded.mesh, &asked.question, &k->arena, &con,
                         &k->err))
        return GH_EXIT_TROUBLE;
    styler = gh_styler_for_stdout(&out);
    if (gh_slice_is(option(k, "output"), "json"))
        write_json(&con, &k->arena, &out);
    else
        gh_explain_text(&con, &k->arena, &styler);
    if (!gh_print(&out)) {
        gh_err_set(&k->err, "cannot write the answer");
        return GH_EXIT_TROUBLE;
    }
    return con.allowed ? GH_EXIT_OK : GH_EXIT_NO;
}

static int run_explain(const struct gh_options *o)
{
    struct asking k = {.o = o};
    size_t count;
    const char **paths = gh_load_paths(o, o->operands.count, &count);
    struct gh_load_options load = {.paths = paths, .path_count = count};
    int code = GH_EXIT_TROUBLE;

    gh_arena_init(&k.arena, ARENA_BYTES);
    if (gh_load(&load, &k.loaded, &k.err)) {
        code = answer(&k);
        gh_load_fini(&k.loaded);
    }
    if (code == GH_EXIT_TROUBLE) {
        char line[1024];

        (void)fprintf(stderr, "gatehouse: %s\n",
                      gh_err_format(&k.err, line, sizeof(line)));
    }
    gh_arena_fini(&k.arena);
    gh_free(paths);
    return code;
}

static const char *const outputs[] = {"text", "json", NULL};

static const struct gh_option options[] = {
    GH_OPTION_FROM,
    {.name = "namespace",
     .letter = 'n',
     .value = "NAMESPACE",
     .help = "of names without one"},
    {.name = "method",
     .letter = 'X',
     .value = "METHOD",
     .help = "HTTP method of the request (GET if URLPATH is given)"},
    {.name = "host", .value = "HOST", .help = "its host (authority)"},
    {.name = "header",
     .letter = 'H',
     .value = "NAME:VALUE",
     .repeats = true,
     .help = "one of its headers"},
    {.name = "ip",
     .value = "ADDRESS",
     .help = "where the client comes from, as the target's proxy sees it"},
    {.name = "output",
     .letter = 'o',
     .value = "FORMAT",
     .otherwise = "text",
     .choices = outputs,
     .help = "form of the answer"},
};

const struct gh_command gh_cmd_explain = {
    .name = "explain",
    .summary = "may A call B, by which policy, and if not, what almost did",
    .operands = "SOURCE TARGET[:PORT] [URLPATH]",
    .min_operands = 2,
    .max_operands = 3,
    .options = options,
    .option_count = GH_COUNT(options),
    .help =
        "SOURCE and TARGET are NAMESPACE/NAME, NAMESPACE/KIND/NAME or a NAME "
        "that only one\nnamespace has; a name may be a Service, a workload, a "
        "value of the label app, or\na pod. SOURCE may also be a mesh "
        "identity, a spiffe:// URI, or - for a client\nwithout mTLS. PORT is "
        "a number or name: of the Service if TARGET is one. With\nURLPATH (or "
        "--method, --host, --header) one request is decided, without it "
        "every\nroute.\n\n"
        "  gatehouse explain --from manifests/ shop/checkout "
        "vault/cards:http /cards/7\n"
        "  gatehouse explain --from cluster.json - shop/web --ip 10.1.2.3\n\n"
        "Exit codes: 0 allowed, or not enforced; 1 not allowed, or not "
        "always; 2 no answer.\n",
    .run = run_explain,
};
