/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Answers that fit an agent's context
 *
 * Every tool that lists takes limit, cursor and format. A cursor is opaque: it
 * says where to go on and which question it belongs to (a digest of the tool's
 * name and the other arguments), so a cursor used for another question is
 * refused instead of answering something nobody asked. It holds no state: any
 * replica can go on, and a mesh that changed meanwhile shifts entries at worst.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mcp/mcp.h"

enum { GH_PAGE_DEFAULT = 50, GH_PAGE_MAX = 1000 };

/* The rows; last in a tool's table of arguments. */
extern const char *const gh_page_formats[];

#define GH_PAGE_ARGS                                                           \
    {.name = "limit",                                                          \
     .description = "Entries in one answer; the rest comes with cursor.",      \
     .type = GH_ARG_INTEGER,                                                   \
     .otherwise = "50",                                                        \
     .min = 1,                                                                 \
     .max = GH_PAGE_MAX},                                                      \
        {.name = "cursor",                                                     \
         .description = "nextCursor of the answer before, to go on; leave "    \
                        "all other arguments as they were.",                   \
         .type = GH_ARG_STRING},                                               \
    {                                                                          \
        .name = "format",                                                      \
        .description = "Form of the text: json, or table (compact, for "       \
                       "reading). structuredContent is there in both cases.",  \
        .type = GH_ARG_STRING, .otherwise = "json", .values = gh_page_formats  \
    }

struct gh_page {
    size_t first;
    size_t limit;
    uint32_t question;
    bool as_table;
};

/* Return: false when gh_call_fail() was called: a cursor that is not ours. */
GH_MUST_CHECK bool gh_page_begin(struct gh_call *c, const char *tool,
                                 struct gh_page *ret);

/* Index of the entry behind the last one of the page. */
size_t gh_page_end(const struct gh_page *p, size_t total);

/* Writes nextCursor where more follows. */
void gh_page_write(const struct gh_page *p, size_t total, struct gh_jsonw *w);

/* The last line of a table: what was left out. */
void gh_page_note(const struct gh_page *p, size_t total, struct gh_buf *out);

/* The answer fits into no memory that a call may take. Return: GH_OK. */
enum gh_rc gh_page_too_large(struct gh_call *c);
