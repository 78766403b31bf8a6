/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whom the authorizations of a target admit, entry by entry
 *
 * An authorization is taken apart: each identity pattern or network of it is
 * an entry. The same authorization on several ports of the target gives entries
 * with several ports, not several entries.
 */

#include "tools/view.h"

enum gh_source_type {
    GH_SOURCE_WILDCARD,
    GH_SOURCE_IDENTITY,
    GH_SOURCE_ACCOUNT,
    GH_SOURCE_NAMESPACE,
    GH_SOURCE_NETWORK,
    GH_SOURCE_UNAUTHENTICATED,
};

const char *gh_source_type_name(enum gh_source_type t);

enum { GH_SOURCE_MAX_RULERS = 8 };

struct gh_source_entry {
    enum gh_source_type type;
    const struct gh_authz *authz;     /* NULL: nothing is enforced */
    const struct gh_id_match *id;     /* NULL: not by identity */
    const struct gh_net_rule *net;    /* NULL: not by network alone */
    const struct gh_route_use *route; /* NULL: for the whole port */
    struct gh_port_set ports;
    const struct gh_port_policy *rulers[GH_SOURCE_MAX_RULERS];
    size_t ruler_count;
    struct gh_arena *arena;
};

struct gh_sources {
    struct gh_source_entry *at;
    size_t count;
    size_t cap;
};

/* Return: false: out of arena. */
bool gh_sources_of(const struct gh_target_view *view, struct gh_arena *a,
                   struct gh_sources *ret);

/* "service account shop/web", "everyone, also without mTLS" ... */
struct gh_slice gh_source_text(const struct gh_source_entry *e,
                               struct gh_arena *a);

/* Label of the authentication that lists it; empty: none. */
struct gh_slice gh_source_authn(const struct gh_source_entry *e,
                                struct gh_arena *a);

/* Of accounts and namespaces; the account is "*" for a namespace. */
bool gh_source_id_parts(const struct gh_source_entry *e,
                        struct gh_id_parts *ret);

/* Whether a known workload has such an identity. */
bool gh_source_is_known(const struct gh_source_entry *e, struct gh_mesh *m);

struct gh_slice gh_net_text(struct gh_net net, struct gh_arena *a);
struct gh_slice gh_net_rule_text(const struct gh_net_rule *rule,
                                 struct gh_arena *a);
