/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Revisions of the protocol, as rows
 *
 * Each later revision is the one before with something added; the flags are
 * those additions that show in what a server sends. 2026-07-28 is the first
 * that carries its version in every request; all before it negotiate once, with
 * initialize.
 */

#include "mcp/internal.h"

static const struct gh_mcp_revision revisions[] = {
    {.date = "2024-11-05", .not_found = GH_MCP_ENOTFOUND_LEGACY},
    {.date = "2025-03-26",
     .batches = true,
     .annotations = true,
     .not_found = GH_MCP_ENOTFOUND_LEGACY},
    {.date = "2025-06-18",
     .annotations = true,
     .titles = true,
     .not_found = GH_MCP_ENOTFOUND_LEGACY},
    {.date = "2025-11-25",
     .annotations = true,
     .titles = true,
     .id_optional = true,
     .not_found = GH_MCP_ENOTFOUND_LEGACY},
    {.date = "2026-07-28",
     .modern = true,
     .annotations = true,
     .titles = true,
     .id_optional = true,
     .not_found = GH_MCP_EPARAMS},
};

const struct gh_mcp_revision *gh_mcp_revision_find(struct gh_slice date)
{
    for (size_t i = 0; i < GH_COUNT(revisions); i++)
        if (gh_slice_is(date, revisions[i].date))
            return &revisions[i];
    return NULL;
}

const struct gh_mcp_revision *gh_mcp_revision_modern(void)
{
    return &revisions[GH_COUNT(revisions) - 1];
}

const struct gh_mcp_revision *gh_mcp_revision_legacy(void)
{
    return &revisions[GH_COUNT(revisions) - 2];
}
