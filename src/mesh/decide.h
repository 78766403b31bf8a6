/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The decision
 *
 * May this client do this to that port? One function, asked by tools, by the
 * command line, by policy tests, and one day by the data path. The answer has
 * five values, not two, and carries its evidence: the authorizations that
 * permit, or each that almost did with the first condition that failed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "mesh/policy.h"

enum gh_verdict {
    GH_ALLOW,
    GH_DENY,
    GH_NOT_FOUND,    /* no route matches: HTTP 404 */
    GH_NOT_ENFORCED, /* no proxy in the way: everything passes */
    GH_DEPENDS,      /* on the client's address, which is not known */
};

const char *gh_verdict_name(enum gh_verdict v); /* "allow" ... */

enum gh_client_tls {
    GH_CLIENT_PLAIN, /* not in the mesh */
    GH_CLIENT_TLS,   /* mesh TLS without an identity */
    GH_CLIENT_IDENTIFIED,
};

struct gh_client {
    enum gh_client_tls tls;
    struct gh_slice identity; /* when identified */
    bool has_ip;
    struct gh_ip ip;
};

struct gh_header {
    struct gh_slice name;
    struct gh_slice value;
};

struct gh_request {
    struct gh_slice method;
    struct gh_slice path; /* with query */
    struct gh_slice host; /* absent: none */
    const struct gh_header *headers;
    size_t header_count;
};

/* Which condition of an authorization failed first. */
enum gh_near_miss_why {
    GH_MISS_NETWORK,      /* the identity fits, the address does not */
    GH_MISS_IGNORED,      /* Linkerd ignores the policy; @text says why */
    GH_MISS_TRUST_DOMAIN, /* same account, other trust domain or control plane
                           */
    GH_MISS_IDENTITY,     /* identified, but not listed */
    GH_MISS_SPIFFE,       /* wildcards do not match SPIFFE identities */
    GH_MISS_UNMESHED,     /* the client has no identity */
    GH_MISS_ROUTE,        /* it admits the client, on another route only */
    GH_MISS_OTHER_SERVER, /* it admits the client, on another Server only */
};

const char *gh_near_miss_name(enum gh_near_miss_why why);

struct gh_near_miss {
    const struct gh_authz *authz;
    enum gh_near_miss_why why;
    struct gh_slice text;   /* "identity a.b... is not listed in ..." */
    struct gh_slice remedy; /* what to change */
};

struct gh_decision {
    enum gh_verdict verdict;
    bool audit; /* allowed, and logged, only because of policy "audit" */
    struct gh_slice reason; /* one sentence for people */
    const struct gh_port_policy *policy;
    const struct gh_route_use *route; /* that matched; NULL: per connection */
    const struct gh_authz *const *by; /* every authorization that permits */
    size_t by_count;
    const struct gh_near_miss *misses; /* when not allowed; nearest first */
    size_t miss_count;
};

enum gh_evidence {
    GH_EVIDENCE_NONE, /* verdict and by only; nothing is formatted */
    GH_EVIDENCE_FULL, /* reason and near misses, too */
};

/**
 * gh_decide_tcp() - a connection that is not HTTP
 * gh_decide_http() - a request
 * gh_decide_route() - any request that matches @route, one of the policy's
 * @policy: from gh_port_policy()
 * @arena:  holds the decision's parts
 *
 * @ret is always filled.
 */
void gh_decide_tcp(const struct gh_port_policy *policy,
                   const struct gh_client *client, enum gh_evidence evidence,
                   struct gh_arena *arena, struct gh_decision *ret);
void gh_decide_http(const struct gh_port_policy *policy,
                    const struct gh_client *client,
                    const struct gh_request *request, enum gh_evidence evidence,
                    struct gh_arena *arena, struct gh_decision *ret);
void gh_decide_route(const struct gh_port_policy *policy,
                     const struct gh_client *client,
                     const struct gh_route_use *route,
                     enum gh_evidence evidence, struct gh_arena *arena,
                     struct gh_decision *ret);
