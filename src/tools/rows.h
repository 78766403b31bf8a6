/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * All that Gatehouse offers over MCP, as rows
 *
 * One file per tool; adding one means a file, a declaration here and a line in
 * rows.c. The server's user pointer is the mesh.
 */

#include "mcp/mcp.h"
#include "mesh/mesh.h"

extern const struct gh_tool gh_tool_check_mesh_health;
extern const struct gh_tool gh_tool_analyze_connectivity;
extern const struct gh_tool gh_tool_explain_policy;
extern const struct gh_tool gh_tool_get_allowed_sources;
extern const struct gh_tool gh_tool_get_allowed_targets;
extern const struct gh_tool gh_tool_list_meshed_services;

extern const struct gh_resource gh_resource_namespaces;
extern const struct gh_resource gh_resource_workloads;
extern const struct gh_resource gh_resource_servers;
extern const struct gh_resource gh_resource_policies;

extern const struct gh_prompt gh_prompt_explain_access;

extern const struct gh_mcp_rows gh_tools_rows;

/* What an agent is told about the server as a whole. */
extern const char gh_tools_instructions[];

static inline struct gh_mesh *gh_tools_mesh(const struct gh_call *c)
{
    return c->user;
}
