/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh/mesh_internal.h"

/*
 * What a plan comes to for one port of one pod set
 *
 * Compiled on first use and kept with the plan, in a small hash table by pod
 * set and port: a question about a workload costs what it asks for, not the
 * namespace.
 */

#define SKIP_PORTS "config.linkerd.io/skip-inbound-ports"
#define OPAQUE_PORTS "config.linkerd.io/opaque-ports"
#define REQUIRE_ID_PORTS                                                       \
    "config.linkerd.io/proxy-require-identity-inbound-ports"
#define DEFAULT_POLICY "config.linkerd.io/default-inbound-policy"

/* --- Server selection --- */

bool gh_server_claims(const struct gh_server *s, const struct gh_podset *set,
                      uint16_t port)
{
    bool external = set->meshed == GH_MESHED_EXTERNAL;

    if (s->ignored.ptr || s->external != external ||
        !gh_selector_matches(&s->selector, set->labels))
        return false;
    if (!s->port_name.ptr)
        return s->port == port;
    for (size_t i = 0; i < set->port_count; i++)
        if (set->ports[i].number == port && set->ports[i].tcp &&
            set->ports[i].name.ptr &&
            gh_slice_eq(set->ports[i].name, s->port_name))
            return true;
    return false;
}

static void choose_server(struct gh_plan *p, struct gh_port_policy *out)
{
    struct gh_server_miss *shadowed =
        GH_COMPILED_NEW(&p->memory, struct gh_server_miss, p->server_count);

    out->shadowed = shadowed;
    for (size_t i = 0; i < p->server_count; i++) {
        const struct gh_server *s = p->servers[i];

        if (!gh_server_claims(s, out->podset, out->port))
            continue;
        if (!out->server) {
            out->server = s;
            continue;
        }
        shadowed[out->shadowed_count++] = (struct gh_server_miss){
            s, gh_compiled_fmt(&p->memory,
                               "Server \"%.*s\", which comes first (%s), has "
                               "the port",
                               GH_FMT(out->server->name),
                               out->server->object->created_s ==
                                       s->object->created_s
                                   ? "same age, by name"
                                   : "it is older")};
    }
}

/* --- authorizations --- */

bool gh_authz_targets_server(const struct gh_authz *a,
                             const struct gh_server *s)
{
    switch (a->target) {
    case GH_TARGET_SERVER:
        return gh_slice_eq(a->target_name, s->name);
    case GH_TARGET_SELECTOR:
        return gh_selector_matches(&a->target_selector, s->labels);
    case GH_TARGET_NAMESPACE:
        return true;
    case GH_TARGET_ROUTE:
    case GH_TARGET_DEFAULT:
        return false;
    }
    return false;
}

bool gh_authz_targets_route(const struct gh_authz *a, const struct gh_route *r)
{
    return a->target == GH_TARGET_ROUTE && r->object &&
           gh_slice_eq_nocase(a->target_group, r->object->group) &&
           gh_slice_eq_nocase(a->target_kind, r->object->kind) &&
           gh_slice_eq_nocase(a->target_name, r->name);
}

static void collect_authz(struct gh_plan *p, struct gh_port_policy *out)
{
    const struct gh_authz **counts = GH_COMPILED_NEW(
        &p->memory, const struct gh_authz *, p->authz_count + 1);
    const struct gh_authz **ignored =
        GH_COMPILED_NEW(&p->memory, const struct gh_authz *, p->authz_count);
    enum gh_default_policy access = out->server->access;

    out->authz = counts;
    out->ignored = ignored;
    for (size_t i = 0; i < p->authz_count; i++) {
        const struct gh_authz *a = p->authz[i];

        if (!gh_authz_targets_server(a, out->server))
            continue;
        if (a->ignored.ptr)
            ignored[out->ignored_count++] = a;
        else
            counts[out->authz_count++] = a;
    }
    if (access != GH_DEFAULT_INVALID && access != GH_DEFAULT_DENY)
        counts[out->authz_count++] = &p->mesh->defaults.access[access];
}

/* --- routes --- */

bool gh_route_names_server(const struct gh_bound_route *r,
                           const struct gh_server *s)
{
    for (size_t i = 0; i < r->server_count; i++)
        if (gh_slice_eq(r->servers[i], s->name))
            return true;
    return false;
}

static struct gh_route_use use_route(struct gh_plan *p,
                                     const struct gh_route *route)
{
    const struct gh_authz **list =
        GH_COMPILED_NEW(&p->memory, const struct gh_authz *, p->authz_count);
    struct gh_route_use use = {.route = route, .authz = list};

    for (size_t i = 0; i < p->authz_count; i++)
        if (!p->authz[i]->ignored.ptr &&
            gh_authz_targets_route(p->authz[i], route))
            list[use.authz_count++] = p->authz[i];
    return use;
}

struct gh_slice gh_route_missed(struct gh_plan *p,
                                const struct gh_bound_route *r,
                                const struct gh_server *s, bool *assumed,
                                enum gh_route_miss_kind *ret_kind)
{
    bool wants_grpc = s->protocol == GH_PROTO_GRPC;
    struct gh_slice why;

    *assumed = false;
    *ret_kind = GH_ROUTE_VOID;
    if (r->route.voided.ptr)
        return r->route.voided;
    why = gh_route_refused(p, r, s, assumed);
    *ret_kind = *assumed ? GH_ROUTE_OUTDONE : GH_ROUTE_REFUSED;
    if (why.ptr)
        return why;
    *ret_kind = GH_ROUTE_PROTOCOL;
    if (s->protocol == GH_PROTO_OPAQUE || s->protocol == GH_PROTO_TLS)
        return GH_SLICE("the Server's protocol has no requests");
    if (r->route.grpc != wants_grpc)
        return wants_grpc
                   ? GH_SLICE("the Server's protocol is gRPC, which knows only "
                              "GRPCRoutes")
                   : GH_SLICE("GRPCRoutes count only where the Server's "
                              "protocol is gRPC");
    return gh_slice_str(NULL);
}

static void add_probe_route(struct gh_plan *p, struct gh_port_policy *out,
                            struct gh_route_use *use)
{
    const struct gh_podset *set = out->podset;
    struct gh_route_match *matches =
        GH_COMPILED_NEW(&p->memory, struct gh_route_match, set->probe_count);
    struct gh_route_rule *rule =
        GH_COMPILED_NEW(&p->memory, struct gh_route_rule, 1);
    struct gh_route *route = GH_COMPILED_NEW(&p->memory, struct gh_route, 1);
    const struct gh_authz **authz =
        GH_COMPILED_NEW(&p->memory, const struct gh_authz *, 1);

    for (size_t i = 0; i < set->probe_count; i++)
        if (set->probes[i].port == out->port && set->probes[i].path.ptr)
            matches[rule->match_count++] = (struct gh_route_match){
                .has_path = true,
                .path_kind = GH_MATCH_EXACT,
                .path = set->probes[i].path,
                .method = GH_SLICE("GET"),
            };
    if (rule->match_count == 0 || p->mesh->config.probe_networks.count == 0)
        return;
    rule->matches = matches;
    authz[0] = &p->mesh->defaults.probe;
    *route = (struct gh_route){.name = GH_SLICE("probe"),
                               .label = GH_SLICE("probe"),
                               .rules = rule,
                               .rule_count = 1,
                               .created_s = -1};
    use[out->route_count++] =
        (struct gh_route_use){.route = route, .authz = authz, .authz_count = 1};
}

static bool has_probe(const struct gh_port_policy *out)
{
    for (size_t i = 0; i < out->podset->probe_count; i++)
        if (out->podset->probes[i].port == out->port &&
            out->podset->probes[i].path.ptr)
            return true;
    return false;
}

static void add_default_routes(struct gh_plan *p, struct gh_port_policy *out,
                               struct gh_route_use *use)
{
    out->default_routes = true;
    if (out->protocol == GH_PROTO_OPAQUE || out->protocol == GH_PROTO_TLS)
        return;
    use[out->route_count++] = (struct gh_route_use){
        .route = out->protocol == GH_PROTO_GRPC ? &p->mesh->defaults.grpc
                                                : &p->mesh->defaults.http};
    if (out->protocol != GH_PROTO_GRPC)
        add_probe_route(p, out, use);
}

static void collect_routes(struct gh_plan *p, struct gh_port_policy *out)
{
    struct gh_route_use *use =
        GH_COMPILED_NEW(&p->memory, struct gh_route_use, p->route_count + 2);
    struct gh_route_miss *misses =
        GH_COMPILED_NEW(&p->memory, struct gh_route_miss, p->route_count);

    out->routes = use;
    out->route_misses = misses;
    for (size_t i = 0; out->server && i < p->route_count; i++) {
        const struct gh_bound_route *r = p->routes[i];
        enum gh_route_miss_kind kind;
        struct gh_slice why;
        bool assumed;

        if (!gh_route_names_server(r, out->server))
            continue;
        why = gh_route_missed(p, r, out->server, &assumed, &kind);
        if (why.ptr) {
            misses[out->route_miss_count++] =
                (struct gh_route_miss){&r->route, why, kind};
            continue;
        }
        if (assumed) /* a fact about the route, found while binding it */
            ((struct gh_bound_route *)(uintptr_t)r)->route.assumed = true;
        out->refuses_everything |= r->route.missing_rpc;
        use[out->route_count++] = use_route(p, &r->route);
    }
    if (out->route_count == 0)
        add_default_routes(p, out, use);
    else
        out->probes_lost = has_probe(out);
}

/* The oldest; the first by name among equals. */
const struct gh_object *gh_rate_limit_of(const struct gh_plan *p,
                                         const struct gh_server *s)
{
    struct gh_store_iter it =
        gh_mesh_list(p->mesh, GH_KIND_RATE_LIMIT, p->ns->name);
    const struct gh_object *found = NULL;

    while (gh_store_next(&it)) {
        struct gh_json target =
            gh_json_path(gh_object_root(it.object), "spec/targetRef");

        if ((!found || it.object->created_s < found->created_s) &&
            gh_slice_eq(
                gh_json_str_or(gh_json_get(target, "name"), GH_SLICE("")),
                s->name))
            found = it.object;
    }
    return found;
}

static void find_rate_limit(struct gh_plan *p, struct gh_port_policy *out)
{
    const struct gh_object *o = gh_rate_limit_of(p, out->server);

    if (o)
        out->rate_limit = gh_compiled_hold(&p->memory, o)->name;
}

/* --- the default server --- */

static bool annotation_has(const struct gh_podset *set, const char *key,
                           uint16_t port)
{
    struct gh_slice list = gh_podset_annotation(set, gh_slice_str(key));
    bool valid;

    return list.ptr && gh_port_list_has(list, port, &valid);
}

static enum gh_default_policy require_identity(enum gh_default_policy p)
{
    if (p == GH_DEFAULT_ALL_UNAUTHENTICATED)
        return GH_DEFAULT_ALL_AUTHENTICATED;
    if (p == GH_DEFAULT_CLUSTER_UNAUTHENTICATED)
        return GH_DEFAULT_CLUSTER_AUTHENTICATED;
    return p;
}

static void use_default_server(struct gh_plan *p, struct gh_port_policy *out)
{
    struct gh_slice annotation =
        gh_podset_annotation(out->podset, GH_SLICE(DEFAULT_POLICY));
    enum gh_default_policy policy = gh_default_policy_parse(annotation);

    out->fallback_source = "the pod's default-inbound-policy annotation";
    if (policy == GH_DEFAULT_INVALID) {
        policy = p->mesh->config.default_policy;
        out->fallback_source =
            annotation.ptr ? "the cluster's default: the pod's "
                             "default-inbound-policy annotation is invalid"
                           : "the cluster's default";
    }
    if (annotation_has(out->podset, REQUIRE_ID_PORTS, out->port))
        policy = require_identity(policy);
    out->fallback = policy;
    out->protocol = out->opaque_annotation ? GH_PROTO_OPAQUE : GH_PROTO_DETECT;
    if (policy != GH_DEFAULT_DENY) {
        const struct gh_authz **list =
            GH_COMPILED_NEW(&p->memory, const struct gh_authz *, 1);

        list[0] = &p->mesh->defaults.access[policy];
        out->authz = list;
        out->authz_count = 1;
    }
}

static const struct gh_port_policy *
compile_port(struct gh_plan *p, const struct gh_podset *set, uint16_t port)
{
    struct gh_port_policy *out =
        GH_COMPILED_NEW(&p->memory, struct gh_port_policy, 1);

    out->plan = p;
    out->podset = set;
    out->port = port;
    out->localhost = &p->mesh->defaults.localhost;
    if (set->meshed == GH_MESHED_NO) {
        out->enforcement = GH_UNMESHED;
    } else if (set->meshed != GH_MESHED_EXTERNAL &&
               annotation_has(set, SKIP_PORTS, port)) {
        out->enforcement = GH_PORT_SKIPPED;
    }
    out->opaque_annotation = annotation_has(set, OPAQUE_PORTS, port);
    choose_server(p, out);
    if (out->server) {
        out->protocol = out->server->protocol;
        collect_authz(p, out);
        find_rate_limit(p, out);
    } else {
        use_default_server(p, out);
    }
    collect_routes(p, out);
    return out;
}

/* --- the cache --- */

static const struct gh_port_policy **
slot(const struct gh_plan *p, const struct gh_podset *set, uint16_t port)
{
    size_t i = (size_t)(set->index * 31u + port) * 2654435761u;

    for (;; i++) {
        const struct gh_port_policy **at = &p->ports[i & (p->port_cap - 1)];

        if (!*at || ((*at)->podset == set && (*at)->port == port))
            return at;
    }
}

static void grow_cache(struct gh_plan *p)
{
    const struct gh_port_policy **old = p->ports;
    size_t old_cap = p->port_cap;

    p->port_cap = old_cap ? old_cap * 2 : 64;
    p->ports = gh_xcalloc(p->port_cap, sizeof(*p->ports));
    for (size_t i = 0; i < old_cap; i++)
        if (old[i])
            *slot(p, old[i]->podset, old[i]->port) = old[i];
    gh_free(old);
}

const struct gh_port_policy *
gh_port_policy(struct gh_mesh *m, const struct gh_podset *podset, uint16_t port)
{
    struct gh_plan *p = gh_plan_of(m, podset);
    const struct gh_port_policy **at;

    if ((p->port_count + 1) * 2 > p->port_cap)
        grow_cache(p);
    at = slot(p, podset, port);
    if (!*at) {
        *at = compile_port(p, podset, port);
        p->port_count++;
    }
    return *at;
}
