/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The methods, as rows: which era knows them, what a server must offer for them
 * to exist, and who does the work.
 *
 * Methods that change what the peer is (initialize, subscriptions) work at
 * once, in order of arrival, so the messages behind them find them done.
 */

#include "mcp/internal.h"

#define BOTH (GH_MCP_IN_MODERN | GH_MCP_IN_LEGACY)

static const struct gh_mcp_method methods[] = {
    {"initialize", GH_MCP_IN_LEGACY | GH_MCP_AT_ONCE, GH_MCP_ALWAYS,
     gh_mcp_initialize},
    {"ping", GH_MCP_IN_LEGACY | GH_MCP_AT_ONCE, GH_MCP_ALWAYS, gh_mcp_ping},
    {"logging/setLevel", GH_MCP_IN_LEGACY | GH_MCP_AT_ONCE, GH_MCP_ALWAYS,
     gh_mcp_set_level},
    {"server/discover", GH_MCP_IN_MODERN, GH_MCP_ALWAYS, gh_mcp_discover},
    {"tools/list", BOTH, GH_MCP_ALWAYS, gh_mcp_tools_list},
    {"tools/call", BOTH, GH_MCP_ALWAYS, gh_mcp_tools_call},
    {"prompts/list", BOTH, GH_MCP_PROMPTS, gh_mcp_prompts_list},
    {"prompts/get", BOTH, GH_MCP_PROMPTS, gh_mcp_prompts_get},
    {"resources/list", BOTH, GH_MCP_RESOURCES, gh_mcp_resources_list},
    {"resources/templates/list", BOTH, GH_MCP_RESOURCES, gh_mcp_templates_list},
    {"resources/read", BOTH, GH_MCP_RESOURCES, gh_mcp_resources_read},
    {"resources/subscribe", GH_MCP_IN_LEGACY | GH_MCP_AT_ONCE, GH_MCP_RESOURCES,
     gh_mcp_subscribe},
    {"resources/unsubscribe", GH_MCP_IN_LEGACY | GH_MCP_AT_ONCE,
     GH_MCP_RESOURCES, gh_mcp_unsubscribe},
    {"completion/complete", BOTH, GH_MCP_ALWAYS, gh_mcp_complete},
    {"subscriptions/listen", GH_MCP_IN_MODERN | GH_MCP_AT_ONCE, GH_MCP_ALWAYS,
     gh_mcp_listen_open},
};

const struct gh_mcp_method *gh_mcp_method_find(struct gh_slice name)
{
    for (size_t i = 0; i < GH_COUNT(methods); i++)
        if (gh_slice_is(name, methods[i].name))
            return &methods[i];
    return NULL;
}
