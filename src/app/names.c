/* SPDX-License-Identifier: Apache-2.0 */

#include "app/names.h"

#include "mesh/identity.h"

bool gh_cli_is_identity(struct gh_slice source)
{
    static const struct gh_slice infix = GH_SLICE(".serviceaccount.identity.");

    return gh_id_is_spiffe(source) ||
           (source.len > infix.len &&
            memmem(source.ptr, source.len, infix.ptr, infix.len));
}

struct gh_slice gh_cli_port_cut(struct gh_slice *target)
{
    struct gh_slice all = *target;

    for (size_t i = all.len; i > 0; i--)
        if (all.ptr[i - 1] == ':') {
            *target = gh_slice_head(all, i - 1);
            return gh_slice_drop(all, i);
        }
    return (struct gh_slice){0};
}

/* The only namespace in which @name means something. */
static bool find_ns(struct gh_mesh *m, struct gh_slice name,
                    enum gh_select_for what_for, struct gh_arena *a,
                    struct gh_slice *ret, struct gh_err *err)
{
    struct gh_selection sel;
    struct gh_err ignored;
    struct gh_slice ns;
    size_t hits = 0;

    for (size_t i = 0; gh_mesh_ns_at(m, i, &ns); i++) {
        if (!gh_select(m, ns, name, what_for, a, &sel, &ignored))
            continue;
        if (hits++ > 0) {
            gh_err_set(err,
                       "\"%.*s\" is in namespace %.*s and in %.*s: write "
                       "NAMESPACE/%.*s",
                       GH_FMT(name), GH_FMT(*ret), GH_FMT(ns), GH_FMT(name));
            return false;
        }
        *ret = ns;
    }
    if (hits == 0)
        gh_err_set(err, "no namespace has anything called \"%.*s\"",
                   GH_FMT(name));
    return hits == 1;
}

/* NOLINTNEXTLINE(readability-function-size): arena and error are two of 7 */
bool gh_cli_name_parse(struct gh_mesh *m, struct gh_slice text,
                       struct gh_slice default_ns, enum gh_select_for what_for,
                       struct gh_arena *a, struct gh_cli_name *ret,
                       struct gh_err *err)
{
    size_t slash = gh_slice_find(text, '/');
    struct gh_slice first = gh_slice_head(text, slash);

    *ret = (struct gh_cli_name){default_ns, text};
    if (text.len == 0) {
        gh_err_set(err, "an empty name");
        return false;
    }
    /* "deploy/web" has a slash, too: a namespace decides. */
    if (slash < text.len && (!default_ns.ptr || gh_mesh_has_ns(m, first))) {
        ret->ns = first;
        ret->name = gh_slice_drop(text, slash + 1);
        return true;
    }
    if (ret->ns.ptr)
        return true;
    return find_ns(m, text, what_for, a, &ret->ns, err);
}
