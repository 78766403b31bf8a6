/* SPDX-License-Identifier: Apache-2.0 */

/*
 * From the command line to a command
 *
 * Help goes to standard output when asked for, and to standard error when it
 * is the answer to a mistake; a mistake is exit code 2.
 */

#include "app/commands.h"

#include <stdio.h>
#include <string.h>

#include "base/nearest.h"

static const struct gh_command *const commands[] = {
    &gh_cmd_mcp,  &gh_cmd_explain, &gh_cmd_check,      &gh_cmd_diff,
    &gh_cmd_test, &gh_cmd_version, &gh_cmd_completion, &gh_cmd_help,
};

const struct gh_command *const *gh_commands(size_t *ret_count)
{
    *ret_count = GH_COUNT(commands);
    return commands;
}

const struct gh_command *gh_command_find(const char *name, struct gh_err *err)
{
    struct gh_nearest near;

    gh_nearest_init(&near, gh_slice_str(name));
    for (size_t i = 0; i < GH_COUNT(commands); i++) {
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
        gh_nearest_offer(&near, gh_slice_str(commands[i]->name));
    }
    if (near.best.ptr)
        gh_err_set(err, "there is no command \"%s\" (did you mean \"%.*s\"?)",
                   name, GH_FMT(near.best));
    else
        gh_err_set(err, "there is no command \"%s\" (see gatehouse help)",
                   name);
    return NULL;
}

void gh_commands_help(struct gh_buf *out)
{
    gh_buf_addf(out,
                "gatehouse: what a Linkerd mesh allows, and why, for people, "
                "pipelines and AI agents\n\n"
                "Usage: gatehouse COMMAND [OPTIONS] …\n\nCommands:\n");
    for (size_t i = 0; i < GH_COUNT(commands); i++)
        gh_buf_addf(out, "  %-12s %s\n", commands[i]->name,
                    commands[i]->summary);
    gh_buf_addf(out,
                "\nExamples:\n"
                "  gatehouse explain --from manifests/ shop/checkout "
                "vault/cards:http /cards/7\n"
                "  gatehouse mcp --from manifests/\n"
                "  gatehouse test --from manifests/ cases.yaml\n"
                "  gatehouse check manifests/\n"
                "  gatehouse diff main/manifests/ manifests/\n\n"
                "gatehouse help COMMAND shows a command's options and exit "
                "codes.\n");
}

static int complain(const struct gh_err *err)
{
    (void)fprintf(stderr, "gatehouse: %s\n", err->text);
    return GH_EXIT_TROUBLE;
}

static int show_help(const struct gh_command *c)
{
    struct gh_buf out GH_BUF_CLEANUP;

    gh_buf_init(&out, 64 * 1024);
    if (c)
        gh_options_help(c, &out);
    else
        gh_commands_help(&out);
    (void)fwrite(out.ptr, 1, out.len, stdout);
    return fflush(stdout) == 0 ? GH_EXIT_OK : GH_EXIT_TROUBLE;
}

static int run(const struct gh_command *c, const char *const argv[])
{
    struct gh_options o;
    struct gh_err err;
    int code;

    if (!gh_options_parse(&o, c, argv, &err))
        code = complain(&err);
    else if (o.help)
        code = show_help(c);
    else
        code = c->run(&o);
    gh_options_fini(&o);
    return code;
}

int gh_commands_run(const char *const argv[])
{
    const char *name = argv[0] ? argv[1] : NULL;
    const struct gh_command *c;
    struct gh_err err;

    if (!name) {
        struct gh_buf out GH_BUF_CLEANUP;

        gh_buf_init(&out, 64 * 1024);
        gh_commands_help(&out);
        (void)fwrite(out.ptr, 1, out.len, stderr);
        return GH_EXIT_TROUBLE;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return show_help(NULL);
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
        name = "version";
    c = gh_command_find(name, &err);
    return c ? run(c, argv + 2) : complain(&err);
}
