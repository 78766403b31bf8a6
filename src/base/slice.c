/* SPDX-License-Identifier: Apache-2.0 */
#include "base/slice.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool gh_slice_eq_nocase(struct gh_slice a, struct gh_slice b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.ptr[i]) != lower(b.ptr[i]))
            return false;
    return true;
}

int gh_slice_cmp(struct gh_slice a, struct gh_slice b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n ? memcmp(a.ptr, b.ptr, n) : 0;

    if (order != 0)
        return order;
    return a.len == b.len ? 0 : a.len < b.len ? -1 : 1;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct gh_slice gh_slice_trim(struct gh_slice s)
{
    while (s.len > 0 && is_space(s.ptr[0]))
        s = gh_slice_drop(s, 1);
    while (s.len > 0 && is_space(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

bool gh_slice_cut(struct gh_slice *rest, char sep, struct gh_slice *ret_part)
{
    size_t at;

    if (!rest->ptr)
        return false;
    at = gh_slice_find(*rest, sep);
    *ret_part = gh_slice_head(*rest, at);
    *rest = at < rest->len ? gh_slice_drop(*rest, at + 1)
                           : (struct gh_slice){NULL, 0};
    return true;
}
