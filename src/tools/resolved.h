/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A policy object and what it comes to
 */

#include "mcp/mcp.h"

/* Writes {"object", "resolved"}. Return: GH_OK, or GH_END: no such object. */
enum gh_rc gh_resolved_write(struct gh_call *c, const char *group,
                             const char *kind, struct gh_slice ns,
                             struct gh_slice name);
