/* SPDX-License-Identifier: Apache-2.0 */

#include "app/xml.h"

/* Bytes that a character takes, by its first; 0: none begins like that. */
static size_t lead_len(unsigned char c)
{
    if (c < 0x80)
        return 1;
    if (c >= 0xc2 && c < 0xe0)
        return 2;
    if (c >= 0xe0 && c < 0xf0)
        return 3;
    return c >= 0xf0 && c <= 0xf4 ? 4 : 0;
}

/* XML 1.0, 2.2 Char; @len: bytes it was written with. */
static bool is_char(unsigned code, size_t len)
{
    if ((len == 3 && code < 0x800) || (len == 4 && code < 0x10000))
        return false; /* overlong */
    if (code < ' ')
        return code == '\n' || code == '\t' || code == '\r';
    return code <= 0x10ffff && (code < 0xd800 || code >= 0xe000) &&
           code != 0xfffe && code != 0xffff;
}

/* Bytes of the UTF-8 character that @s begins with, if XML 1.0 knows it; 0. */
static size_t char_len(struct gh_slice s)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    size_t len = lead_len(p[0]);
    unsigned code = len == 1 ? p[0] : len ? p[0] & (0x7fu >> len) : 0;

    if (len == 0 || len > s.len)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (p[i] & 0x3fu);
    }
    return is_char(code, len) ? len : 0;
}

static const char *entity(char c)
{
    switch (c) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    case '"':
        return "&quot;";
    case '\n':
        return "&#10;";
    case '\r':
        return "&#13;";
    case '\t':
        return "&#9;";
    default:
        return NULL;
    }
}

void gh_xml_text(struct gh_buf *out, struct gh_slice s)
{
    while (s.len > 0) {
        size_t len = char_len(s);
        const char *name = entity(s.ptr[0]);

        if (len == 0)
            gh_buf_addc(out, '?');
        else if (name)
            gh_buf_add(out, gh_slice_str(name));
        else
            gh_buf_add(out, gh_slice_head(s, len));
        s = gh_slice_drop(s, len ? len : 1);
    }
}
