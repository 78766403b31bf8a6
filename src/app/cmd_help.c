/* SPDX-License-Identifier: Apache-2.0 */

#include <stdio.h>

#include "app/commands.h"

static int run_help(const struct gh_options *o)
{
    const struct gh_command *c = NULL;
    struct gh_buf out GH_BUF_CLEANUP;
    struct gh_err err;

    gh_buf_init(&out, 64 * 1024);
    if (o->operands.count > 0) {
        c = gh_command_find(o->operands.at[0], &err);
        if (!c) {
            (void)fprintf(stderr, "gatehouse: %s\n", err.text);
            return GH_EXIT_TROUBLE;
        }
        gh_options_help(c, &out);
    } else {
        gh_commands_help(&out);
    }
    (void)fwrite(out.ptr, 1, out.len, stdout);
    return fflush(stdout) == 0 ? GH_EXIT_OK : GH_EXIT_TROUBLE;
}

const struct gh_command gh_cmd_help = {
    .name = "help",
    .summary = "show what a command does and takes",
    .operands = "[COMMAND]",
    .max_operands = 1,
    .run = run_help,
};
