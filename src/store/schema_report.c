/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Violations, their paths and places
 *
 * Paths are written as Kubernetes writes them. The place of a violation is
 * looked up in the object as it was given: what the check walks over may be a
 * copy with defaults, which no file has lines for.
 */

#include <stdarg.h>
#include <stdio.h>

#include "store/schema_internal.h"

#define SHOWN_BYTES 60

const char *gh_schema_reason_name(enum gh_schema_reason reason)
{
    static const char *const names[] = {
#define X(name, text) [name] = (text),
        GH_SCHEMA_REASONS(X)
#undef X
    };

    return (size_t)reason < GH_COUNT(names) ? names[reason] : "?";
}

/* Whether a key can stand behind a dot and be understood. */
static bool is_plain(struct gh_slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        if (c == '.' || c == '[' || c == ']' || c == ' ' || c == '/')
            return false;
    }
    return name.len > 0;
}

static void write_path(const struct gh_schema_step *at, struct gh_buf *out)
{
    if (!at)
        return;
    write_path(at->up, out);
    if (!at->name.ptr)
        gh_buf_addf(out, "[%zu]", at->index);
    else if (at->key && !is_plain(at->name))
        gh_buf_addf(out, "[%.*s]", GH_FMT(at->name));
    else
        gh_buf_addf(out, "%s%.*s", out->len > 0 ? "." : "", GH_FMT(at->name));
}

/* The value there in the object as given, or the nearest around it. */
static struct gh_json place(struct gh_schema_check *c,
                            const struct gh_schema_step *at, bool *ret_exact)
{
    struct gh_json v, child;

    if (!at) {
        *ret_exact = true;
        return c->given;
    }
    v = place(c, at->up, ret_exact);
    if (!*ret_exact)
        return v;
    child = at->name.ptr ? gh_json_getn(v, at->name) : gh_json_at(v, at->index);
    *ret_exact = !gh_json_is(child, GH_JSON_MISSING);
    return *ret_exact ? child : v;
}

/* Written as in the source, not too much of it, not half a character. */
struct gh_slice gh_schema_show(struct gh_json v)
{
    struct gh_slice raw = gh_json_raw(v);
    size_t len = raw.len < SHOWN_BYTES ? raw.len : SHOWN_BYTES;

    while (len < raw.len && len > 0 && (raw.ptr[len] & 0xc0) == 0x80)
        len--;
    return gh_slice_head(raw, len);
}

const char *gh_schema_dots(struct gh_json v)
{
    return gh_schema_show(v).len < gh_json_raw(v).len ? "..." : "";
}

static bool grow(struct gh_schema_check *c)
{
    size_t cap = c->cap ? c->cap * 2 : 4;
    struct gh_violation *list = gh_arena_grow(
        c->arena, c->at, c->cap * sizeof(*list), cap * sizeof(*list), 16);

    if (!list) {
        c->out_of_memory = true;
        return false;
    }
    c->at = list;
    c->cap = cap;
    return true;
}

static bool blocks(enum gh_schema_reason reason)
{
    return reason == GH_SCHEMA_REQUIRED || reason == GH_SCHEMA_TYPE_INVALID ||
           reason == GH_SCHEMA_NOT_SUPPORTED || reason == GH_SCHEMA_TOO_LONG ||
           reason == GH_SCHEMA_TOO_MANY;
}

void gh_schema_report(struct gh_schema_check *c,
                      const struct gh_schema_step *at,
                      enum gh_schema_reason reason, const char *fmt, ...)
{
    struct gh_violation *v;
    struct gh_buf path;
    char text[1024];
    va_list list;
    bool exact;

    c->total++;
    if (blocks(reason))
        c->blocked = true;
    if (c->count == GH_SCHEMA_MAX_VIOLATIONS ||
        (c->count == c->cap && !grow(c)))
        return;
    va_start(list, fmt);
    vsnprintf(text, sizeof(text), fmt, list);
    va_end(list);
    v = &c->at[c->count];
    *v = (struct gh_violation){.reason = reason};
    gh_buf_init(&path, 64 << 10);
    write_path(at, &path);
    v->field = gh_arena_dup(c->arena, gh_buf_slice(&path));
    gh_buf_fini(&path);
    v->message = gh_arena_dup(c->arena, gh_slice_str(text));
    v->at = place(c, at, &exact);
    if (v->field.ptr && v->message.ptr)
        c->count++;
    else
        c->out_of_memory = true;
}

struct gh_violation *gh_schema_last(struct gh_schema_check *c)
{
    return c->count > 0 && c->count == c->total ? &c->at[c->count - 1] : NULL;
}
