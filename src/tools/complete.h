/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Completion of arguments of prompts and resource templates
 *
 * Which namespace a name is looked up in comes from the other arguments, so
 * there is a function for each pair of them.
 */

#include "mcp/mcp.h"

void gh_complete_namespace(struct gh_completion *c);
void gh_complete_source(struct gh_completion *c); /* in source_namespace */
void gh_complete_target(struct gh_completion *c); /* in target_namespace */
void gh_complete_target_port(struct gh_completion *c);

/* Variables of resources, in "namespace". */
void gh_complete_workload_kind(struct gh_completion *c);
void gh_complete_workload_name(struct gh_completion *c);
void gh_complete_server(struct gh_completion *c);
void gh_complete_policy_kind(struct gh_completion *c);
void gh_complete_policy_name(struct gh_completion *c);
