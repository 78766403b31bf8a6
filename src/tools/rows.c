/* SPDX-License-Identifier: Apache-2.0 */

#include "tools/rows.h"

static const struct gh_tool *const tools[] = {
    &gh_tool_analyze_connectivity, &gh_tool_explain_policy,
    &gh_tool_get_allowed_sources,  &gh_tool_get_allowed_targets,
    &gh_tool_list_meshed_services, &gh_tool_check_mesh_health,
};

static const struct gh_resource *const resources[] = {
    &gh_resource_namespaces,
    &gh_resource_workloads,
    &gh_resource_servers,
    &gh_resource_policies,
};

static const struct gh_prompt *const prompts[] = {
    &gh_prompt_explain_access,
};

const struct gh_mcp_rows gh_tools_rows = {
    .tools = tools,
    .tool_count = GH_COUNT(tools),
    .prompts = prompts,
    .prompt_count = GH_COUNT(prompts),
    .resources = resources,
    .resource_count = GH_COUNT(resources),
};

const char gh_tools_instructions[] =
    "Gatehouse knows a Linkerd service mesh from its Kubernetes objects and "
    "decides as Linkerd's policy controller and proxies do. Nothing here "
    "changes anything. Start with list_meshed_services to learn names. "
    "\"May A call B, why not\": analyze_connectivity. \"Who may call B\": "
    "get_allowed_sources. \"What may A call\": get_allowed_targets. "
    "Everything that applies to a port, in order: explain_policy. \"Is the "
    "mesh healthy\": check_mesh_health. A port without a Server follows the "
    "default policy, which may allow everyone; \"not-enforced\" means that no "
    "proxy is in the way at all.";
