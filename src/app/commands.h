/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The subcommands: one row each, in the order in which help shows them
 */

#include <stddef.h>

#include "app/options.h"

extern const struct gh_command gh_cmd_mcp;
extern const struct gh_command gh_cmd_explain;
extern const struct gh_command gh_cmd_check;
extern const struct gh_command gh_cmd_diff;
extern const struct gh_command gh_cmd_test;
extern const struct gh_command gh_cmd_version;
extern const struct gh_command gh_cmd_completion;
extern const struct gh_command gh_cmd_help;

const struct gh_command *const *gh_commands(size_t *ret_count);

/* By name, or NULL with @err, which offers the nearest one. */
const struct gh_command *gh_command_find(const char *name, struct gh_err *err);

/* The page of "gatehouse --help". */
void gh_commands_help(struct gh_buf *out);

/* Finds and runs what @argv (the program's name in front) asks for. Return:
 * the exit code. */
int gh_commands_run(const char *const argv[]);
