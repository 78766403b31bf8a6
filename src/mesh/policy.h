/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Policy: what applies to a port of a pod set
 *
 * A plan is a namespace's policy objects, compiled: Servers in the order in
 * which they claim ports, authorizations with their references resolved,
 * routes with their matches. From it, a port policy is what one port of one
 * pod set comes to. The decision (mesh/decide.h) looks at nothing else, and
 * neither does any explanation: what enforces is what explains.
 *
 * Everything that was considered and does not count stays in the result with
 * its reason, because "why not" is the question people ask.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mesh/identity.h"
#include "mesh/mesh.h"
#include "mesh/regex.h"

enum gh_protocol {
    GH_PROTO_DETECT, /* "unknown": HTTP when it looks like HTTP */
    GH_PROTO_HTTP1,
    GH_PROTO_HTTP2,
    GH_PROTO_GRPC,
    GH_PROTO_OPAQUE,
    GH_PROTO_TLS,
};

/* As in a Server's proxyProtocol. */
const char *gh_protocol_name(enum gh_protocol p);

struct gh_server {
    const struct gh_object *object;
    struct gh_slice name;
    bool external; /* selects ExternalWorkloads */
    struct gh_selector selector;
    struct gh_labels labels;
    uint16_t port;             /* 0: by name */
    struct gh_slice port_name; /* absent: by number */
    enum gh_protocol protocol;
    enum gh_default_policy access; /* INVALID or DENY: adds nothing */
    struct gh_slice ignored;       /* why it does not exist for Linkerd */
};

enum gh_authz_kind {
    GH_AUTHZ_POLICY, /* AuthorizationPolicy */
    GH_AUTHZ_SERVER, /* ServerAuthorization */
    GH_AUTHZ_DEFAULT,
};

enum gh_authz_client {
    GH_CLIENTS_ANY,        /* also without TLS */
    GH_CLIENTS_TLS,        /* mesh TLS, with or without an identity */
    GH_CLIENTS_IDENTITIES, /* mesh TLS with one of these */
};

enum gh_authz_target {
    GH_TARGET_SERVER,    /* one Server by name */
    GH_TARGET_SELECTOR,  /* Servers by label (ServerAuthorization) */
    GH_TARGET_NAMESPACE, /* every Server of the namespace */
    GH_TARGET_ROUTE,
    GH_TARGET_DEFAULT, /* comes with the port */
};

/* A reference of an AuthorizationPolicy to an authentication. */
struct gh_authz_ref {
    struct gh_slice kind;
    struct gh_slice ns;
    struct gh_slice name;
    const struct gh_object *object; /* NULL: not found, or an account */
    bool names_object;              /* an authentication that must exist */
    const char *problem; /* it exists and is not indexed: why; or NULL */
};

struct gh_authz {
    enum gh_authz_kind kind;
    const struct gh_object *object; /* NULL for defaults */
    struct gh_slice name;           /* of a default: "localhost", "audit" */
    struct gh_slice label; /* "AuthorizationPolicy/ns/name", "default/deny" */
    enum gh_authz_target target;
    struct gh_slice target_group; /* of a route */
    struct gh_slice target_kind;
    struct gh_slice target_name;
    struct gh_selector target_selector;
    enum gh_authz_client clients;
    const struct gh_id_match *ids;
    size_t id_count;
    struct gh_nets nets;
    const struct gh_authz_ref *refs;
    size_t ref_count;
    struct gh_slice ignored; /* why Linkerd ignores it; absent: it counts */
    struct gh_slice remedy;  /* what would make it count */
    bool everywhere;         /* any address will do */
    bool audit;              /* the default policy "audit" */
};

enum gh_match_kind { GH_MATCH_EXACT, GH_MATCH_PREFIX, GH_MATCH_REGEX };

struct gh_value_match { /* a header or query parameter */
    struct gh_slice name;
    enum gh_match_kind kind;
    struct gh_slice value;
    const struct gh_regex *regex;
};

struct gh_route_match {
    bool has_path;
    enum gh_match_kind path_kind;
    struct gh_slice path;
    const struct gh_regex *path_regex;
    struct gh_slice method; /* absent: any */
    const struct gh_value_match *headers;
    size_t header_count;
    const struct gh_value_match *queries;
    size_t query_count;
    struct gh_slice rpc_service; /* gRPC; absent: any */
    struct gh_slice rpc_method;
    bool has_rpc;
};

struct gh_route_rule {
    const struct gh_route_match *matches; /* none: everything */
    size_t match_count;
};

struct gh_route {
    const struct gh_object *object; /* NULL: "default" or "probe" */
    struct gh_slice name;
    struct gh_slice label; /* "HTTPRoute/ns/name", "default", "probe" */
    bool grpc;
    const struct gh_slice *hosts;
    size_t host_count;
    const struct gh_route_rule *rules;
    size_t rule_count;
    int64_t created_s;
    bool assumed;           /* a manifest without status: acceptance is
                               what the controller would write */
    bool missing_rpc;       /* a gRPC match without method: see policy.c */
    struct gh_slice voided; /* why the route binds to nothing */
};

/* A route on a port, with what only it adds. */
struct gh_route_use {
    const struct gh_route *route;
    const struct gh_authz *const *authz;
    size_t authz_count;
};

enum gh_route_miss_kind {
    GH_ROUTE_VOID,     /* it binds to nothing at all */
    GH_ROUTE_OUTDONE,  /* a route of a kind that has precedence is there */
    GH_ROUTE_REFUSED,  /* its status does not say that it was accepted */
    GH_ROUTE_PROTOCOL, /* not a kind of route for the Server's protocol */
};

/* A route that names the Server and yet does not count. */
struct gh_route_miss {
    const struct gh_route *route;
    struct gh_slice why;
    enum gh_route_miss_kind kind;
};

struct gh_server_miss {
    const struct gh_server *server;
    struct gh_slice why; /* "older Server \"x\" has the port" */
};

enum gh_enforcement {
    GH_ENFORCED,
    GH_UNMESHED,    /* no proxy: no policy at all */
    GH_PORT_SKIPPED /* skip-inbound-ports: the port bypasses the proxy */
};

struct gh_port_policy {
    const struct gh_plan *plan;
    const struct gh_podset *podset;
    uint16_t port;
    enum gh_enforcement enforcement;
    const struct gh_server *server;  /* NULL: the default server */
    enum gh_default_policy fallback; /* the default server's policy */
    const char *fallback_source; /* "pod annotation", "cluster default" ... */
    enum gh_protocol protocol;
    bool opaque_annotation; /* the port is in the opaque-ports list */
    const struct gh_authz *const *authz; /* that count, for the whole port */
    size_t authz_count;
    const struct gh_authz *localhost;      /* counts on every port, too */
    const struct gh_authz *const *ignored; /* that target it and do not */
    size_t ignored_count;
    const struct gh_route_use *routes; /* in order of precedence on a tie */
    size_t route_count;
    bool default_routes; /* no route of the user's: default and probe */
    const struct gh_route_miss *route_misses;
    size_t route_miss_count;
    const struct gh_server_miss *shadowed;
    size_t shadowed_count;
    bool probes_lost;           /* routes hide the probe route */
    bool refuses_everything;    /* an accepted route the proxy cannot read */
    struct gh_slice rate_limit; /* name of the HTTPLocalRateLimitPolicy */
};

/*
 * What applies to @port of @podset. Valid as long as the plan. Never NULL.
 */
const struct gh_port_policy *gh_port_policy(struct gh_mesh *m,
                                            const struct gh_podset *podset,
                                            uint16_t port);

/*
 * Ports worth asking about: declared TCP ports (not the proxy's own), those
 * that Servers name by number, and targets of Services; ascending, in @arena.
 */
const uint16_t *gh_podset_ports(struct gh_mesh *m,
                                const struct gh_podset *podset,
                                struct gh_arena *arena, size_t *ret_count);

/* The compiled objects of a namespace, for listings. */
const struct gh_server *const *gh_plan_servers(const struct gh_plan *plan,
                                               size_t *ret_count);
const struct gh_authz *const *gh_plan_authz(const struct gh_plan *plan,
                                            size_t *ret_count);
const struct gh_route *const *gh_plan_routes(const struct gh_plan *plan,
                                             size_t *ret_count);
