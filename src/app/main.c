/* SPDX-License-Identifier: Apache-2.0 */

/*
 * gatehouse
 *
 * The program is its commands (app/commands.c); this file only makes sure that
 * the three standard descriptors exist, so that no manifest is ever opened as
 * standard output, and that a reader who goes away is an error, not a signal.
 */

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "app/commands.h"

int main(int argc, char *argv[])
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    (void)argc;
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
            return GH_EXIT_TROUBLE;
    (void)sigaction(SIGPIPE, &ignore, NULL);
    return gh_commands_run((const char *const *)argv);
}
