/* SPDX-License-Identifier: Apache-2.0 */

/*
 * URIs against templates
 *
 * Of RFC 6570 the simple form is used: {name} stands for one or more characters
 * up to the next '/' (or whatever follows the variable in the template). Values
 * are percent-decoded; an escape that is broken, or that would smuggle in a
 * NUL, fits no template.
 */

#include "mcp/internal.h"

bool gh_mcp_uri_has_variables(const char *uri_template)
{
    return strchr(uri_template, '{') != NULL;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Return: false when @s has a broken escape. */
static bool decode(struct gh_slice s, struct gh_buf *out)
{
    while (s.len > 0) {
        int high;
        int low;

        if (s.ptr[0] != '%') {
            (void)gh_buf_addc(out, s.ptr[0]);
            s = gh_slice_drop(s, 1);
            continue;
        }
        high = s.len > 2 ? hex_digit(s.ptr[1]) : -1;
        low = s.len > 2 ? hex_digit(s.ptr[2]) : -1;
        if (high < 0 || low < 0 || high + low == 0)
            return false;
        (void)gh_buf_addc(out, (char)(high * 16 + low));
        s = gh_slice_drop(s, 3);
    }
    return gh_buf_rc(out) == GH_OK;
}

static bool write_variable(struct gh_jsonw *w, struct gh_slice name,
                           struct gh_slice value)
{
    struct gh_buf text;
    bool ok;

    gh_buf_init(&text, value.len + 1);
    ok = decode(value, &text);
    if (ok && w) {
        gh_jsonw_key(w, name);
        gh_jsonw_str(w, gh_buf_slice(&text));
    }
    gh_buf_fini(&text);
    return ok;
}

static bool match(struct gh_slice pattern, struct gh_slice uri,
                  struct gh_jsonw *w)
{
    while (pattern.len > 0) {
        size_t length;
        struct gh_slice name;

        if (pattern.ptr[0] != '{') {
            if (uri.len == 0 || uri.ptr[0] != pattern.ptr[0])
                return false;
            pattern = gh_slice_drop(pattern, 1);
            uri = gh_slice_drop(uri, 1);
            continue;
        }
        length = gh_slice_find(pattern, '}');
        name = gh_slice_of(pattern.ptr + 1, length - 1);
        pattern = gh_slice_drop(pattern, length + 1);
        length = gh_slice_find(uri, '/');
        if (pattern.len > 0 && gh_slice_find(uri, pattern.ptr[0]) < length)
            length = gh_slice_find(uri, pattern.ptr[0]);
        if (length == 0 || !write_variable(w, name, gh_slice_head(uri, length)))
            return false;
        uri = gh_slice_drop(uri, length);
    }
    return uri.len == 0;
}

bool gh_mcp_uri_match(const char *uri_template, struct gh_slice uri,
                      struct gh_buf *ret_object)
{
    struct gh_slice pattern = gh_slice_str(uri_template);
    struct gh_jsonw w;

    if (!ret_object)
        return match(pattern, uri, NULL);
    gh_buf_clear(ret_object);
    gh_jsonw_init(&w, ret_object);
    gh_jsonw_object(&w);
    if (!match(pattern, uri, &w))
        return false;
    gh_jsonw_end(&w);
    return gh_jsonw_rc(&w) == GH_OK;
}
