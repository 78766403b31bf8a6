/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the files of mesh/ share with each other
 *
 * A namespace holds two compiled parts, each in an arena of its own with
 * references to the objects it was made of: workloads and plan. A part is made
 * when asked for, after it was marked stale. A plan also depends on the
 * authentications of other namespaces that its policies refer to; it remembers
 * their revisions and compares them when asked for.
 */

#include <assert.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/mem.h"
#include "mesh/mesh.h"
#include "mesh/policy.h"

struct gh_request;

enum gh_mesh_kind {
    GH_KIND_NAMESPACE,
    GH_KIND_POD,
    GH_KIND_DEPLOYMENT,
    GH_KIND_STATEFUL_SET,
    GH_KIND_DAEMON_SET,
    GH_KIND_REPLICA_SET,
    GH_KIND_REPLICATION_CONTROLLER,
    GH_KIND_JOB,
    GH_KIND_CRON_JOB,
    GH_KIND_EXTERNAL_WORKLOAD,
    GH_KIND_SERVICE,
    GH_KIND_SERVICE_ACCOUNT,
    GH_KIND_CONFIG_MAP,
    GH_KIND_SERVER,
    GH_KIND_AUTHORIZATION_POLICY,
    GH_KIND_SERVER_AUTHORIZATION,
    GH_KIND_MESHTLS_AUTHENTICATION,
    GH_KIND_NETWORK_AUTHENTICATION,
    GH_KIND_POLICY_HTTP_ROUTE,
    GH_KIND_GATEWAY_HTTP_ROUTE,
    GH_KIND_GRPC_ROUTE,
    GH_KIND_RATE_LIMIT,
    GH_KIND_TLS_ROUTE, /* from here on: for lints alone */
    GH_KIND_TCP_ROUTE,
    GH_KIND_EGRESS_NETWORK,
    GH_KIND_SERVICE_PROFILE,
    GH_KIND_LINK,
    GH_KIND_NODE, /* the only one without a namespace but Namespace */
    GH_KIND_COUNT,
};

#define GH_GROUP_POLICY "policy.linkerd.io"
#define GH_GROUP_GATEWAY "gateway.networking.k8s.io"

/* What a kind is made of, and what a change of it makes stale. */
enum {
    GH_STALE_WORKLOADS = 1,
    GH_STALE_PLAN = 2,
    GH_STALE_AUTHN = 4,
    GH_STALE_CONFIG = 8,
    GH_STALE_RIVALS = 16, /* HTTPRoutes of any namespace; see route.c */
};

struct gh_mesh_kind_row {
    struct gh_want want;
    unsigned stales;
};

extern const struct gh_mesh_kind_row gh_mesh_kinds[GH_KIND_COUNT];

/* Compiled memory and the objects it points into. */
struct gh_compiled {
    struct gh_arena arena;
    GH_VEC(const struct gh_object *) refs;
    bool fresh;
};

void gh_compiled_init(struct gh_compiled *c);
void gh_compiled_clear(struct gh_compiled *c);
void gh_compiled_fini(struct gh_compiled *c);

/* Holds the object as long as what is compiled from it. Return: the object. */
const struct gh_object *gh_compiled_hold(struct gh_compiled *c,
                                         const struct gh_object *o);

struct gh_mesh_ns {
    struct gh_slice name; /* owned */
    uint64_t authn_revision;
    struct gh_compiled workload_memory;
    const struct gh_workload *const *workloads;
    size_t workload_count;
    size_t set_count;
    struct gh_map pods; /* name -> const struct gh_podset */
    struct gh_plan *plan;
};

struct gh_mesh_defaults {
    struct gh_authz access[GH_DEFAULT_INVALID]; /* by enum; DENY unused */
    struct gh_authz localhost;
    struct gh_authz probe;
    struct gh_route http;
    struct gh_route grpc;
};

struct gh_mesh {
    struct gh_store *store;
    uint64_t cursors[GH_KIND_COUNT];
    uint64_t rivals_revision; /* of all GRPCRoutes */
    struct gh_map spaces;     /* name -> struct gh_mesh_ns */
    GH_VEC(struct gh_mesh_ns *) sorted;
    bool sorted_fresh;
    struct gh_compiled config_memory;
    struct gh_mesh_config config;
    struct gh_mesh_defaults defaults;
};

/* The namespace, made if it is not there. */
struct gh_mesh_ns *gh_mesh_space(struct gh_mesh *m, struct gh_slice name);

struct gh_store_iter gh_mesh_list(const struct gh_mesh *m,
                                  enum gh_mesh_kind kind, struct gh_slice ns);
const struct gh_object *gh_mesh_get(const struct gh_mesh *m,
                                    enum gh_mesh_kind kind, struct gh_slice ns,
                                    struct gh_slice name);

void gh_mesh_config_load(struct gh_mesh *m);
void gh_workloads_build(struct gh_mesh *m, struct gh_mesh_ns *ns);
struct gh_mesh_ns *gh_workloads_of(struct gh_mesh *m, struct gh_slice ns);
void gh_plan_free(struct gh_plan *p);

/* Memory whose size our own bounded input decides (see base/mem.h). */
void *gh_compiled_alloc(struct gh_compiled *c, size_t count, size_t size,
                        size_t align);
struct gh_slice gh_compiled_fmt(struct gh_compiled *c, const char *fmt, ...)
    GH_PRINTF(2, 3);

#define GH_COMPILED_NEW(c, type, count)                                        \
    ((type *)gh_compiled_alloc((c), (count), sizeof(type), _Alignof(type)))

/* --- pieces of a plan --- */

struct gh_authz_list {
    const struct gh_authz *const *at;
    size_t count;
};

struct gh_dependency {
    const struct gh_mesh_ns *ns;
    uint64_t authn_revision;
};

struct gh_bound_route { /* a route and the Servers it names */
    struct gh_route route;
    enum gh_mesh_kind kind;
    const struct gh_slice *servers;
    size_t server_count;
};

struct gh_port_numbers { /* of a pod set; listed on first use */
    const uint16_t *at;
    size_t count;
    bool listed;
};

struct gh_plan {
    struct gh_mesh *mesh;
    struct gh_mesh_ns *ns;
    struct gh_compiled memory;
    bool stale;
    bool has_rivals;          /* asked for GRPCRoutes of all namespaces ... */
    uint64_t rivals_revision; /* ... as of then */
    GH_VEC(struct gh_dependency) depends;
    const struct gh_server *const *servers; /* in order of claims */
    size_t server_count;
    const struct gh_authz *const *authz;
    size_t authz_count;
    const struct gh_bound_route *const *routes; /* in order of precedence */
    size_t route_count;
    const struct gh_port_policy **ports; /* hash by set and port */
    size_t port_cap;                     /* a power of two */
    size_t port_count;
    struct gh_port_numbers *numbers; /* by the set's index */
};

/* The plan of the namespace that a pod set is in. */
struct gh_plan *gh_plan_of(struct gh_mesh *m, const struct gh_podset *set);

const struct gh_server *const *gh_servers_compile(struct gh_plan *p,
                                                  size_t *ret_count);
const struct gh_authz *const *gh_authz_compile(struct gh_plan *p,
                                               size_t *ret_count);
const struct gh_bound_route *const *gh_routes_compile(struct gh_plan *p,
                                                      size_t *ret_count);

/* Whether the Service's selector matches the set's labels. */
bool gh_service_selects(const struct gh_object *service,
                        const struct gh_podset *set);

/* Whether the Server selects the port of the set; another may be first. */
bool gh_server_claims(const struct gh_server *s, const struct gh_podset *set,
                      uint16_t port);

/* Whether the authorization is one of the Server's, or of the route's, should
 * it count. */
bool gh_authz_targets_server(const struct gh_authz *a,
                             const struct gh_server *s);
bool gh_authz_targets_route(const struct gh_authz *a, const struct gh_route *r);

/* Why a route that names the Server is not in effect there; absent: it is. */
struct gh_slice gh_route_missed(struct gh_plan *p,
                                const struct gh_bound_route *r,
                                const struct gh_server *s, bool *assumed,
                                enum gh_route_miss_kind *ret_kind);

/* Whether the route names the Server as a parent. */
bool gh_route_names_server(const struct gh_bound_route *r,
                           const struct gh_server *s);

/* The HTTPLocalRateLimitPolicy that counts for a Server, or NULL. */
const struct gh_object *gh_rate_limit_of(const struct gh_plan *p,
                                         const struct gh_server *s);

/* The revision of a namespace's authentications is part of the plan. */
void gh_plan_depends(struct gh_plan *p, struct gh_slice ns);

/* Whether the controller accepted the route on the Server; absent: yes. */
struct gh_slice gh_route_refused(struct gh_plan *p,
                                 const struct gh_bound_route *r,
                                 const struct gh_server *server,
                                 bool *ret_assumed);

/* Whether {group, kind} of a reference mean this kind; case does not count, and
 * no group is the core group. */
bool gh_ref_is(struct gh_json ref, const char *group, const char *kind);

/* What of a Server's spec the controller cannot decode, first things first. */
enum gh_server_fault {
    GH_SERVER_OK,
    GH_SERVER_SELECTOR,
    GH_SERVER_PORT,
    GH_SERVER_PROTOCOL,
};

/* Fills selector, port, protocol, access, and ignored when something is wrong.
 */
enum gh_server_fault gh_server_read(struct gh_json spec, struct gh_server *ret,
                                    struct gh_compiled *c);

/* Whether the set holds every address without exception; not by union. */
bool gh_nets_everywhere(struct gh_nets nets);

/* "80,8000-8999", as the controller reads it: one bad item voids the list. */
bool gh_port_list_has(struct gh_slice list, uint16_t port, bool *ret_valid);

/* The best of the policy's routes for a request, or NULL. */
const struct gh_route_use *gh_route_find(const struct gh_port_policy *p,
                                         const struct gh_request *request,
                                         struct gh_arena *scratch);
