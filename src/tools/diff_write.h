/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A difference of meshes written down: as a table, for a pull request, as JSON
 */

#include "base/buf.h"
#include "mesh/diff.h"
#include "tools/schema.h"
#include "wire/json_write.h"

/* clang-format off */
#define GH_DIFF_SIDE_SCHEMA                                                    \
    S_OBJECT("\"verdict\",\"by\"",                                             \
             S_STR("verdict", "what the call meets") ","                       \
             S_STR("by", "what decides: policies, Server or default") ","      \
             S_BOOL("audit", "passes only because of policy audit"))

#define GH_DIFF_ROW_SCHEMA                                                     \
    S_OBJECT("\"change\",\"clients\",\"clientCount\",\"target\",\"port\","     \
             "\"calls\",\"before\",\"after\"",                                 \
             S_ENUM("change", "what happens to these calls",                   \
                    "\"allowed\",\"denied\",\"unenforced\",\"audited\","       \
                    "\"unaudited\"") ","                                       \
             S_LIST("clients", "workloads that call; at most 20") ","          \
             S_INT("clientCount", "how many they are in all") ","              \
             S_STR("from", "only from some addresses, such as this") ","       \
             S_STR("target", "namespace/Kind/name") ","                        \
             S_INT("port", "number") ","                                       \
             S_STR("portName", "of the container port") ","                    \
             S_LIST("calls", "requests, or connections") ","                   \
             S_PROP("before", GH_DIFF_SIDE_SCHEMA) ","                         \
             S_PROP("after", GH_DIFF_SIDE_SCHEMA))
/* clang-format on */

void gh_diff_row_write(const struct gh_diff_row *row, struct gh_jsonw *w);

/* "3 calls become allowed, 1 denied"; or that nothing changes. */
struct gh_slice gh_diff_summary(const struct gh_diff *d, struct gh_arena *a);

void gh_diff_json(const struct gh_diff *d, struct gh_arena *a,
                  struct gh_buf *out);
/* Rows @first to @end as a table with its summary. */
void gh_diff_table(const struct gh_diff *d, size_t first, size_t end,
                   struct gh_arena *a, struct gh_buf *out);
void gh_diff_markdown(const struct gh_diff *d, struct gh_arena *a,
                      struct gh_buf *out);
