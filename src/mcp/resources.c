/* SPDX-License-Identifier: Apache-2.0 */

/*
 * resources/list, resources/templates/list and resources/read
 *
 * The list may hold thousands of entries, so it comes in pages. A cursor is the
 * number of the next entry: rows offer theirs in a stable order, and a change
 * of the list is announced, so a client that reads on across a change knows.
 */

#include <inttypes.h>
#include <stdio.h>

#include "mcp/internal.h"

#define PAGE_COUNT 500
#define CURSOR_DIGITS 12

/* --- cursors
 * ------------------------------------------------------------------ */

static void write_cursor(struct gh_jsonw *w, uint64_t next)
{
    gh_jsonw_key(w, GH_SLICE("nextCursor"));
    gh_jsonw_strf(w, "r%0*" PRIx64, CURSOR_DIGITS, next);
}

/* Accepts only what write_cursor() wrote. */
static bool read_cursor(struct gh_slice text, uint64_t *ret)
{
    uint64_t value = 0;

    if (text.len != CURSOR_DIGITS + 1 || text.ptr[0] != 'r')
        return false;
    for (size_t i = 1; i < text.len; i++) {
        static const char digits[] = "0123456789abcdef";
        const char *digit = text.ptr[i] ? strchr(digits, text.ptr[i]) : NULL;

        if (!digit)
            return false;
        value = value * 16 + (uint64_t)(digit - digits);
    }
    *ret = value;
    return value > 0 && value % PAGE_COUNT == 0;
}

/* --- lists
 * ----------------------------------------------------------------------- */

static void write_titles(struct gh_jsonw *w, const struct gh_resource *row,
                         const struct gh_mcp_revision *rev)
{
    gh_jsonw_ktext(w, "name", row->name);
    if (rev->titles && row->title)
        gh_jsonw_ktext(w, "title", row->title);
    if (row->description)
        gh_jsonw_ktext(w, "description", row->description);
    if (row->mime_type)
        gh_jsonw_ktext(w, "mimeType", row->mime_type);
}

/* A row without variables is one resource, and needs no function to say so. */
static void offer_itself(struct gh_mcp_request *r,
                         const struct gh_resource *row)
{
    uint64_t at = r->offered++;

    if (at < r->page_from || at >= r->page_to)
        return;
    gh_jsonw_object(&r->w);
    gh_jsonw_ktext(&r->w, "uri", row->uri_template);
    write_titles(&r->w, row, r->rev);
    gh_jsonw_end(&r->w);
}

static void fill_page(struct gh_mcp_request *r)
{
    const struct gh_mcp_rows *rows = &r->peer->m->rows;

    gh_mcp_call_ready(r, GH_JSON_NONE, NULL, 0);
    gh_jsonw_array(&r->w);
    for (size_t i = 0; i < rows->resource_count; i++) {
        const struct gh_resource *row = rows->resources[i];

        r->listing = row;
        if (row->list)
            row->list(&r->call);
        else if (!gh_mcp_uri_has_variables(row->uri_template))
            offer_itself(r, row);
    }
    gh_jsonw_end(&r->w);
}

enum gh_rc gh_mcp_resources_list(struct gh_mcp_request *r)
{
    struct gh_json cursor = gh_json_get(r->params, "cursor");
    struct gh_jsonw *w;

    if (gh_json_given(cursor) &&
        !read_cursor(gh_json_str(cursor), &r->page_from))
        return gh_mcp_error(r, GH_MCP_EPARAMS,
                            "Invalid cursor: not one that was given out");
    r->page_to = r->page_from + PAGE_COUNT;
    fill_page(r);
    if (gh_jsonw_rc(&r->w) != GH_OK)
        return gh_mcp_error(r, GH_MCP_EINTERNAL,
                            "The list is larger than the limit of %zu bytes",
                            r->peer->m->opt.max_answer_bytes);
    w = gh_mcp_result(r);
    gh_jsonw_key(w, GH_SLICE("resources"));
    gh_jsonw_raw(w, gh_buf_slice(&r->out));
    if (r->offered > r->page_to)
        write_cursor(w, r->page_to);
    return gh_mcp_result_send(r, GH_MCP_PRIVATE);
}

enum gh_rc gh_mcp_templates_list(struct gh_mcp_request *r)
{
    const struct gh_mcp_rows *rows = &r->peer->m->rows;
    struct gh_jsonw *w;

    if (gh_mcp_refuse_cursor(r))
        return GH_OK;
    w = gh_mcp_result(r);
    gh_jsonw_karray(w, "resourceTemplates");
    for (size_t i = 0; i < rows->resource_count; i++) {
        if (!gh_mcp_uri_has_variables(rows->resources[i]->uri_template))
            continue;
        gh_jsonw_object(w);
        gh_jsonw_ktext(w, "uriTemplate", rows->resources[i]->uri_template);
        write_titles(w, rows->resources[i], r->rev);
        gh_jsonw_end(w);
    }
    gh_jsonw_end(w);
    return gh_mcp_result_send(r, GH_MCP_PUBLIC);
}

/* --- read
 * ---------------------------------------------------------------------------
 */

/* The next row, from @from on, that @uri fits; its variables become the call's
 * arguments. */
static const struct gh_resource *next_match(struct gh_mcp_request *r,
                                            struct gh_slice uri, size_t *from)
{
    const struct gh_mcp_rows *rows = &r->peer->m->rows;

    for (; *from < rows->resource_count; ++*from) {
        const struct gh_resource *row = rows->resources[*from];
        struct gh_json_doc *doc;
        struct gh_slice text;

        if (!gh_mcp_uri_match(row->uri_template, uri, &r->text))
            continue;
        text = gh_arena_dup(&r->arena, gh_buf_slice(&r->text));
        doc = GH_ARENA_NEW(&r->arena, struct gh_json_doc);
        if (!text.ptr || !doc ||
            gh_json_parse(text, &r->arena, NULL, doc, NULL) != GH_OK)
            continue;
        gh_mcp_call_ready(r, gh_json_root(doc), row->args, row->arg_count);
        ++*from;
        return row;
    }
    return NULL;
}

static enum gh_rc answer(struct gh_mcp_request *r, struct gh_slice uri)
{
    struct gh_slice text = gh_buf_slice(r->text.len > 0 ? &r->text : &r->out);
    struct gh_jsonw *w;

    if (r->failed)
        return gh_mcp_error_about(r, GH_MCP_EINTERNAL, "uri", uri, "%.*s",
                                  GH_FMT(text));
    if (gh_buf_rc(&r->text) != GH_OK || gh_buf_rc(&r->out) != GH_OK)
        return gh_mcp_error_about(
            r, GH_MCP_EINTERNAL, "uri", uri,
            "The resource is larger than the limit of %zu bytes",
            r->peer->m->opt.max_answer_bytes);
    w = gh_mcp_result(r);
    gh_jsonw_karray(w, "contents");
    gh_jsonw_object(w);
    gh_jsonw_kstr(w, "uri", uri);
    if (r->reading->mime_type)
        gh_jsonw_ktext(w, "mimeType", r->reading->mime_type);
    gh_jsonw_kstr(w, "text", text);
    gh_jsonw_end(w);
    gh_jsonw_end(w);
    return gh_mcp_result_send(r, GH_MCP_PRIVATE);
}

enum gh_rc gh_mcp_resources_read(struct gh_mcp_request *r)
{
    struct gh_slice uri = gh_json_str(gh_json_get(r->params, "uri"));
    enum gh_rc rc;

    if (!uri.ptr)
        return gh_mcp_error(r, GH_MCP_EPARAMS,
                            "params.uri must be the URI of a resource");
    if (!r->reading)
        r->reading = next_match(r, uri, &r->next_row);
    while (r->reading) {
        rc = r->reading->read(&r->call);
        if (rc == GH_MORE)
            return rc;
        if (rc == GH_OK)
            return answer(r, uri);
        if (rc < 0)
            return gh_mcp_error_about(r, GH_MCP_EINTERNAL, "uri", uri,
                                      "Reading failed: %s", gh_rc_text(rc));
        r->reading = next_match(r, uri, &r->next_row);
    }
    return gh_mcp_error_about(r, r->rev->not_found, "uri", uri,
                              "Resource not found: %.*s",
                              GH_FMT(gh_slice_head(uri, 512)));
}

bool gh_mcp_resource_known(const struct gh_mcp *m, struct gh_slice uri)
{
    for (size_t i = 0; i < m->rows.resource_count; i++)
        if (gh_mcp_uri_match(m->rows.resources[i]->uri_template, uri, NULL))
            return true;
    return false;
}
