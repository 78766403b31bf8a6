/* SPDX-License-Identifier: Apache-2.0 */

#include <stdio.h>

#include "app/commands.h"

static int run_version(const struct gh_options *o)
{
    (void)o;
    (void)printf("gatehouse %s\n", GH_VERSION);
    return fflush(stdout) == 0 ? GH_EXIT_OK : GH_EXIT_TROUBLE;
}

const struct gh_command gh_cmd_version = {
    .name = "version",
    .summary = "print the version",
    .operands = "",
    .run = run_version,
};
