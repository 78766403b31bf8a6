/* SPDX-License-Identifier: Apache-2.0 */

#include "tools/page.h"

#include <stdio.h>

const char *const gh_page_formats[] = {"json", "table", NULL};

enum { CURSOR_LEN = 16 };

static uint32_t fnv(uint32_t hash, struct gh_slice s)
{
    for (size_t i = 0; i < s.len; i++)
        hash = (hash ^ (unsigned char)s.ptr[i]) * 16777619u;
    return (hash ^ 0xff) * 16777619u;
}

static bool is_of_page(struct gh_slice name)
{
    return gh_slice_is(name, "limit") || gh_slice_is(name, "cursor") ||
           gh_slice_is(name, "format");
}

/* The sum makes the order of arguments indifferent. */
static uint32_t question_of(const struct gh_call *c, const char *tool)
{
    uint32_t sum = fnv(2166136261u, gh_slice_str(tool));

    for (struct gh_json_iter it = gh_json_iter(c->args); gh_json_next(&it);)
        if (!is_of_page(it.name))
            sum += fnv(fnv(2166136261u, it.name), gh_json_raw(it.value));
    return sum;
}

static bool parse_hex(struct gh_slice s, uint32_t *ret)
{
    uint32_t value = 0;

    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        uint32_t digit;

        if (c >= '0' && c <= '9')
            digit = (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            digit = (uint32_t)(c - 'a') + 10;
        else
            return false;
        value = value << 4 | digit;
    }
    *ret = value;
    return true;
}

bool gh_page_begin(struct gh_call *c, const char *tool, struct gh_page *ret)
{
    struct gh_slice cursor = gh_call_str(c, "cursor");
    uint32_t question;
    uint32_t first;

    *ret = (struct gh_page){
        .limit = (size_t)gh_call_int(c, "limit"),
        .question = question_of(c, tool),
        .as_table = gh_slice_is(gh_call_str(c, "format"), "table"),
    };
    if (cursor.len == 0)
        return true;
    if (cursor.len != CURSOR_LEN ||
        !parse_hex(gh_slice_head(cursor, 8), &question) ||
        !parse_hex(gh_slice_drop(cursor, 8), &first)) {
        (void)gh_call_fail(c, "cursor: not one of ours. Use nextCursor of the "
                              "answer before, or leave it out to start at the "
                              "beginning.");
        return false;
    }
    if (question != ret->question) {
        (void)gh_call_fail(c, "cursor: it belongs to another question. Keep "
                              "the other arguments as they were when going "
                              "on, or leave cursor out.");
        return false;
    }
    ret->first = first;
    return true;
}

size_t gh_page_end(const struct gh_page *p, size_t total)
{
    if (p->first >= total)
        return p->first;
    return total - p->first > p->limit ? p->first + p->limit : total;
}

void gh_page_write(const struct gh_page *p, size_t total, struct gh_jsonw *w)
{
    size_t end = gh_page_end(p, total);

    if (end < total) {
        gh_jsonw_key(w, GH_SLICE("nextCursor"));
        gh_jsonw_strf(w, "%08x%08x", p->question, (uint32_t)end);
    }
}

void gh_page_note(const struct gh_page *p, size_t total, struct gh_buf *out)
{
    size_t end = gh_page_end(p, total);

    if (end < total)
        gh_buf_addf(out,
                    "entries %zu to %zu of %zu; go on with cursor "
                    "%08x%08x\n",
                    p->first + 1, end, total, p->question, (uint32_t)end);
}

enum gh_rc gh_page_too_large(struct gh_call *c)
{
    return gh_call_fail(c, "This is too much for one answer: name a port, a "
                           "single workload or a namespace.");
}
