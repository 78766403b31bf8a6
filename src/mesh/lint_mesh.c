/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh/lint_internal.h"

/* Lints of the mesh as a whole: its configuration. */

void gh_lint_mesh(struct gh_lint *l)
{
    (void)l;
}
