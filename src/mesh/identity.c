/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh/identity.h"

#define MIDDLE ".serviceaccount.identity."

struct gh_id_match gh_id_match_of(struct gh_slice pattern)
{
    bool star = gh_slice_is(pattern, "*");

    return (struct gh_id_match){
        .text = pattern,
        .is_suffix = star || gh_slice_starts(pattern, GH_SLICE("*.")),
    };
}

bool gh_id_is_spiffe(struct gh_slice identity)
{
    return gh_slice_starts(identity, GH_SLICE("spiffe://"));
}

bool gh_id_matches(struct gh_id_match m, struct gh_slice identity)
{
    struct gh_slice suffix;

    if (!m.is_suffix)
        return gh_slice_eq(m.text, identity);
    if (gh_id_is_spiffe(identity))
        return false;
    suffix = gh_slice_drop(m.text, 1);
    /* "*." asks for a name that ends in a dot; none does. */
    return !gh_slice_is(suffix, ".") && gh_slice_ends(identity, suffix);
}

/*
 * The last place, because the account's name is its author's choice and may
 * hold the same words; the trust domain is the operator's.
 */
static bool find_middle(struct gh_slice s, size_t *ret)
{
    static const size_t len = sizeof(MIDDLE) - 1;

    if (s.len < len)
        return false;
    for (size_t at = s.len - len + 1; at > 0; at--) {
        if (memcmp(s.ptr + at - 1, MIDDLE, len) == 0) {
            *ret = at - 1;
            return true;
        }
    }
    return false;
}

bool gh_id_split(struct gh_slice identity, struct gh_id_parts *ret)
{
    struct gh_slice owner;
    struct gh_slice domain;
    const char *dot;
    size_t middle;
    size_t end;

    if (gh_id_is_spiffe(identity) || !find_middle(identity, &middle))
        return false;
    owner = gh_slice_head(identity, middle);
    domain = gh_slice_drop(identity, middle + sizeof(MIDDLE) - 1);
    dot = middle ? memrchr(owner.ptr, '.', owner.len) : NULL;
    end = gh_slice_find(domain, '.');
    if (!dot || dot == owner.ptr || dot + 1 == owner.ptr + owner.len ||
        end == 0 || domain.len - end < 2)
        return false;
    *ret = (struct gh_id_parts){
        .service_account = gh_slice_head(owner, (size_t)(dot - owner.ptr)),
        .ns = gh_slice_drop(owner, (size_t)(dot - owner.ptr) + 1),
        .control_plane_ns = gh_slice_head(domain, end),
        .trust_domain = gh_slice_drop(domain, end + 1),
    };
    return true;
}

struct gh_slice gh_id_of_account(struct gh_slice account, struct gh_slice ns,
                                 struct gh_slice control_plane_ns,
                                 struct gh_slice trust_domain,
                                 struct gh_arena *a)
{
    return gh_arena_fmt(a, "%.*s.%.*s" MIDDLE "%.*s.%.*s", GH_FMT(account),
                        GH_FMT(ns), GH_FMT(control_plane_ns),
                        GH_FMT(trust_domain));
}
