/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/json_internal.h"

/*
 * Writing a JSON string
 *
 * Escapes only what must be: quote, backslash and control characters, the
 * latter in the two-character form where there is one (that is also what
 * RFC 8785 asks for). Bytes that are no UTF-8 become U+FFFD, one for each.
 */

static bool is_plain(char c)
{
    return c != '"' && c != '\\' && (signed char)c >= 0x20;
}

static void put_control(struct gh_buf *out, unsigned char c)
{
    static const char from[] = "\b\f\n\r\t\"\\";
    static const char into[] = "bfnrt\"\\";
    static const char hex[] = "0123456789abcdef";
    const char *at = c ? strchr(from, c) : NULL;
    char text[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};

    if (at) {
        text[1] = into[at - from];
        (void)gh_buf_add(out, gh_slice_of(text, 2));
        return;
    }
    (void)gh_buf_add(out, gh_slice_of(text, 6));
}

/* One character that is not plain, at @c. Return: behind it. */
static const char *put_special(struct gh_buf *out, const char *c,
                               const char *end)
{
    int len;

    if ((signed char)*c >= 0) {
        put_control(out, (unsigned char)*c);
        return c + 1;
    }
    len = gh_json_utf8_len(c, end);
    if (len <= 0) {
        (void)gh_buf_add(out, GH_SLICE("\xef\xbf\xbd"));
        return c + 1;
    }
    (void)gh_buf_add(out, gh_slice_of(c, (size_t)len));
    return c + len;
}

void gh_json_quote(struct gh_buf *out, struct gh_slice text)
{
    const char *c = text.ptr;
    const char *end = text.ptr ? text.ptr + text.len : NULL;

    (void)gh_buf_addc(out, '"');
    while (c < end) {
        const char *start = c;

        while (c < end && is_plain(*c))
            c++;
        (void)gh_buf_add(out, gh_slice_of(start, (size_t)(c - start)));
        if (c < end)
            c = put_special(out, c, end);
    }
    (void)gh_buf_addc(out, '"');
}
