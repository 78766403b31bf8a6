/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "mesh/http_syntax.h"
#include "mesh/mesh_internal.h"

/*
 * Routes of a namespace, compiled
 *
 * The controller's index drops a route for many reasons that its status does
 * not tell (a Server parent by port or section, a regex that does not parse, a
 * filter that inbound proxies lack). Such a route stays in the list, voided,
 * with the reason. Fields that the API server would have defaulted are read as
 * if it had, so that a manifest means here what it will mean there.
 */

struct reader {
    struct gh_plan *plan;
    struct gh_compiled *memory;
    struct gh_bound_route *bound;
    bool grpc;
    bool policy_group; /* of policy.linkerd.io, whose defaults differ */
};

static void void_route(struct reader *r, struct gh_slice why)
{
    if (!r->bound->route.voided.ptr)
        r->bound->route.voided = why;
}

static void void_text(struct reader *r, const char *why)
{
    void_route(r, gh_slice_str(why));
}

/* --- parents --- */

static bool is_server_parent(const struct reader *r, struct gh_json parent)
{
    struct gh_slice group = gh_json_str_or(
        gh_json_get(parent, "group"),
        r->policy_group ? GH_SLICE(GH_GROUP_POLICY) : GH_SLICE(""));
    struct gh_slice kind =
        gh_json_str_or(gh_json_get(parent, "kind"), GH_SLICE("Gateway"));

    return gh_slice_eq_nocase(group, GH_SLICE(GH_GROUP_POLICY)) &&
           gh_slice_eq_nocase(kind, GH_SLICE("Server"));
}

static void read_parents(struct reader *r, struct gh_json list)
{
    struct gh_slice own_ns = r->plan->ns->name;
    struct gh_slice *servers =
        GH_COMPILED_NEW(r->memory, struct gh_slice, gh_json_count(list));

    r->bound->servers = servers;
    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it);) {
        struct gh_json ns = gh_json_get(it.value, "namespace");
        struct gh_slice name = gh_json_str(gh_json_get(it.value, "name"));

        if (!is_server_parent(r, it.value) || name.len == 0)
            continue;
        servers[r->bound->server_count++] = name;
        if (gh_json_given(ns) && !gh_slice_eq(gh_json_str(ns), own_ns))
            void_text(r, "a parentRef names a Server in another namespace");
        else if (gh_json_given(gh_json_get(it.value, "port")))
            void_text(r, "a parentRef to a Server sets port");
        else if (gh_json_given(gh_json_get(it.value, "sectionName")))
            void_text(r, "a parentRef to a Server sets sectionName");
    }
}

/* --- matches --- */

static const struct gh_regex *compile(struct reader *r, struct gh_slice text)
{
    struct gh_err err;
    const struct gh_regex *re = gh_regex_compile(text, &r->memory->arena, &err);

    if (!re)
        void_route(r,
                   gh_compiled_fmt(r->memory,
                                   "the expression \"%.*s\" does not parse: "
                                   "%s",
                                   GH_FMT(gh_slice_head(text, 100)), err.text));
    return re;
}

/* "type" of a match. Return: false for one that does not exist. */
static bool match_kind(struct gh_json v, enum gh_match_kind otherwise,
                       enum gh_match_kind *ret)
{
    struct gh_slice type = gh_json_str(gh_json_get(v, "type"));

    *ret = otherwise;
    if (!gh_json_given(gh_json_get(v, "type")))
        return true;
    if (gh_slice_is(type, "Exact"))
        *ret = GH_MATCH_EXACT;
    else if (gh_slice_is(type, "RegularExpression"))
        *ret = GH_MATCH_REGEX;
    else if (gh_slice_is(type, "PathPrefix") && otherwise == GH_MATCH_PREFIX)
        *ret = GH_MATCH_PREFIX;
    else
        return false;
    return true;
}

static void read_path(struct reader *r, struct gh_json path,
                      struct gh_route_match *m)
{
    if (!gh_json_given(path))
        return;
    m->has_path = true;
    m->path = gh_json_str_or(gh_json_get(path, "value"), GH_SLICE("/"));
    if (!match_kind(path, GH_MATCH_PREFIX, &m->path_kind))
        void_text(r, "a path match has an unknown type");
    else if (m->path_kind == GH_MATCH_REGEX)
        m->path_regex = compile(r, m->path);
    else if (m->path.len == 0 || m->path.ptr[0] != '/')
        void_text(r, "a path match is not absolute");
}

static const struct gh_value_match *read_values(struct reader *r,
                                                struct gh_json list,
                                                bool headers, size_t *ret_count)
{
    struct gh_value_match *all =
        GH_COMPILED_NEW(r->memory, struct gh_value_match, gh_json_count(list));
    size_t count = 0;

    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it);) {
        struct gh_value_match *m = &all[count++];

        m->name = gh_json_str_or(gh_json_get(it.value, "name"), GH_SLICE(""));
        m->value = gh_json_str_or(gh_json_get(it.value, "value"), GH_SLICE(""));
        if (!match_kind(it.value, GH_MATCH_EXACT, &m->kind))
            void_text(r, "a header or query match has an unknown type");
        if (m->kind == GH_MATCH_REGEX)
            m->regex = compile(r, m->value);
        if (headers &&
            (!gh_header_name_ok(m->name) ||
             (m->kind == GH_MATCH_EXACT && !gh_header_value_ok(m->value))))
            void_text(r, "a header match is no valid header");
    }
    *ret_count = count;
    return all;
}

static void read_method(struct reader *r, struct gh_json v,
                        struct gh_route_match *m)
{
    static const char *const methods[] = {"GET",   "HEAD",    "POST",
                                          "PUT",   "DELETE",  "CONNECT",
                                          "TRACE", "OPTIONS", "PATCH"};

    if (!gh_json_given(v))
        return;
    m->method = gh_json_str_or(v, GH_SLICE(""));
    for (size_t i = 0; i < GH_COUNT(methods); i++)
        if (gh_slice_is(m->method, methods[i]))
            return;
    void_text(r, "a match has an unknown method");
}

/* A match without method is sent without rpc, and proxies up to the summer of
 * 2026 refuse the whole policy then: everything on the port is denied. */
static void read_rpc(struct reader *r, struct gh_json method,
                     struct gh_route_match *m)
{
    struct gh_slice service = gh_json_str(gh_json_get(method, "service"));
    struct gh_slice name = gh_json_str(gh_json_get(method, "method"));
    struct gh_json type = gh_json_get(method, "type");

    if (!gh_json_given(method)) {
        r->bound->route.missing_rpc = true;
        return;
    }
    m->has_rpc = true;
    if (service.len > 0)
        m->rpc_service = service;
    if (name.len > 0)
        m->rpc_method = name;
    if (gh_json_given(type) && !gh_json_str_is(type, "Exact"))
        void_text(r, "a method match has a type that is not supported");
}

static void read_match(struct reader *r, struct gh_json v,
                       struct gh_route_match *m)
{
    m->headers =
        read_values(r, gh_json_get(v, "headers"), true, &m->header_count);
    if (r->grpc) {
        read_rpc(r, gh_json_get(v, "method"), m);
        return;
    }
    read_path(r, gh_json_get(v, "path"), m);
    m->queries =
        read_values(r, gh_json_get(v, "queryParams"), false, &m->query_count);
    read_method(r, gh_json_get(v, "method"), m);
}

/* --- filters: only whether the index can read them --- */

static bool header_list_ok(struct gh_json list)
{
    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it);) {
        struct gh_slice name =
            gh_json_str_or(gh_json_get(it.value, "name"), GH_SLICE(""));
        struct gh_slice value =
            gh_json_str_or(gh_json_get(it.value, "value"), GH_SLICE(""));

        if (!gh_header_name_ok(name) || !gh_header_value_ok(value))
            return false;
    }
    return true;
}

static bool modifier_ok(struct gh_json v)
{
    for (struct gh_json_iter it = gh_json_iter(gh_json_get(v, "remove"));
         gh_json_next(&it);)
        if (!gh_header_name_ok(gh_json_str_or(it.value, GH_SLICE(""))))
            return false;
    return header_list_ok(gh_json_get(v, "add")) &&
           header_list_ok(gh_json_get(v, "set"));
}

static bool redirect_ok(struct gh_json v)
{
    struct gh_json path = gh_json_get(v, "path");
    struct gh_json full = gh_json_get(path, "replaceFullPath");
    struct gh_json prefix = gh_json_get(path, "replacePrefixMatch");
    struct gh_slice to = gh_json_str(gh_json_given(full) ? full : prefix);

    return !gh_json_given(path) || (to.len > 0 && to.ptr[0] == '/');
}

static void read_filter(struct reader *r, struct gh_json v)
{
    struct gh_json request = gh_json_get(v, "requestHeaderModifier");
    struct gh_json response = gh_json_get(v, "responseHeaderModifier");
    struct gh_json redirect = gh_json_get(v, "requestRedirect");

    if (gh_json_given(request) || gh_json_given(response)) {
        if (!modifier_ok(gh_json_given(request) ? request : response))
            void_text(r, "a filter sets something that is no header");
    } else if (gh_json_given(redirect) && !r->grpc) {
        if (!redirect_ok(redirect))
            void_text(r, "a RequestRedirect has no absolute path");
    } else {
        void_route(
            r, gh_compiled_fmt(r->memory,
                               "inbound proxies have no filter of type %.*s",
                               GH_FMT(gh_json_str_or(gh_json_get(v, "type"),
                                                     GH_SLICE("unknown")))));
    }
}

/* --- rules --- */

static void read_rule(struct reader *r, struct gh_json v,
                      struct gh_route_rule *rule)
{
    struct gh_json list = gh_json_get(v, "matches");
    struct gh_route_match *matches =
        GH_COMPILED_NEW(r->memory, struct gh_route_match, gh_json_count(list));
    struct gh_json_iter it;

    rule->matches = matches;
    for (it = gh_json_iter(list); gh_json_next(&it);)
        read_match(r, it.value, &matches[rule->match_count++]);
    for (it = gh_json_iter(gh_json_get(v, "filters")); gh_json_next(&it);)
        read_filter(r, it.value);
}

static void read_rules(struct reader *r, struct gh_json list)
{
    struct gh_route *route = &r->bound->route;
    size_t count = gh_json_count(list);
    struct gh_route_rule *rules;

    if (!gh_json_given(list))
        count = r->grpc ? 0 : 1; /* HTTPRoutes default to one for "/" */
    rules = GH_COMPILED_NEW(r->memory, struct gh_route_rule, count);
    route->rules = rules;
    route->rule_count = count;
    count = 0;
    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it);)
        read_rule(r, it.value, &rules[count++]);
}

static void read_hosts(struct reader *r, struct gh_json list)
{
    struct gh_slice *hosts =
        GH_COMPILED_NEW(r->memory, struct gh_slice, gh_json_count(list));

    r->bound->route.hosts = hosts;
    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it);)
        hosts[r->bound->route.host_count++] =
            gh_json_str_or(it.value, GH_SLICE(""));
}

static void read_route(struct gh_plan *p, const struct gh_object *o,
                       enum gh_mesh_kind kind, struct gh_bound_route *bound)
{
    struct gh_json spec = gh_json_get(gh_object_root(o), "spec");
    struct reader r = {
        .plan = p,
        .memory = &p->memory,
        .bound = bound,
        .grpc = kind == GH_KIND_GRPC_ROUTE,
        .policy_group = kind == GH_KIND_POLICY_HTTP_ROUTE,
    };

    bound->kind = kind;
    bound->route = (struct gh_route){
        .object = gh_compiled_hold(&p->memory, o),
        .name = o->name,
        .label = gh_compiled_fmt(&p->memory, "%.*s/%.*s/%.*s", GH_FMT(o->kind),
                                 GH_FMT(o->ns), GH_FMT(o->name)),
        .grpc = r.grpc,
        .created_s = o->created_s,
    };
    read_parents(&r, gh_json_get(spec, "parentRefs"));
    read_hosts(&r, gh_json_get(spec, "hostnames"));
    read_rules(&r, gh_json_get(spec, "rules"));
}

/* Oldest first, those without an age last; then name, group, kind. */
static int by_precedence(const void *a, const void *b)
{
    const struct gh_route *x =
        &(*(const struct gh_bound_route *const *)a)->route;
    const struct gh_route *y =
        &(*(const struct gh_bound_route *const *)b)->route;
    int order;

    if (x->created_s != y->created_s) {
        if (x->created_s < 0 || y->created_s < 0)
            return x->created_s < 0 ? 1 : -1;
        return x->created_s < y->created_s ? -1 : 1;
    }
    order = gh_slice_cmp(x->name, y->name);
    if (order == 0)
        order = gh_slice_cmp(x->object->group, y->object->group);
    return order ? order : gh_slice_cmp(x->object->kind, y->object->kind);
}

const struct gh_bound_route *const *gh_routes_compile(struct gh_plan *p,
                                                      size_t *ret_count)
{
    static const enum gh_mesh_kind kinds[] = {GH_KIND_POLICY_HTTP_ROUTE,
                                              GH_KIND_GATEWAY_HTTP_ROUTE,
                                              GH_KIND_GRPC_ROUTE};
    GH_VEC(struct gh_bound_route *) found = {0};
    const struct gh_bound_route **list;

    for (size_t i = 0; i < GH_COUNT(kinds); i++) {
        struct gh_store_iter it = gh_mesh_list(p->mesh, kinds[i], p->ns->name);

        while (gh_store_next(&it)) {
            struct gh_bound_route *b =
                GH_COMPILED_NEW(&p->memory, struct gh_bound_route, 1);

            read_route(p, it.object, kinds[i], b);
            GH_VEC_PUSH(&found, b);
        }
    }
    list =
        GH_COMPILED_NEW(&p->memory, const struct gh_bound_route *, found.count);
    if (found.count > 0)
        memcpy(list, found.at, found.count * sizeof(*list));
    if (found.count > 1)
        qsort(list, found.count, sizeof(*list), by_precedence);
    *ret_count = found.count;
    GH_VEC_FREE(&found);
    return list;
}

/* --- acceptance --- */

static bool status_accepts(struct gh_json parent)
{
    for (struct gh_json_iter it =
             gh_json_iter(gh_json_get(parent, "conditions"));
         gh_json_next(&it);)
        if (gh_json_str_is(gh_json_get(it.value, "type"), "Accepted") &&
            gh_json_str_is(gh_json_get(it.value, "status"), "True"))
            return true;
    return false;
}

static struct gh_slice refused_by_status(struct gh_json parents,
                                         struct gh_slice server)
{
    bool seen = false;

    for (struct gh_json_iter it = gh_json_iter(parents); gh_json_next(&it);) {
        struct gh_json ref = gh_json_get(it.value, "parentRef");

        if (!gh_json_str_is(gh_json_get(it.value, "controllerName"),
                            "linkerd.io/policy-controller") ||
            !gh_json_str_is(gh_json_get(ref, "kind"), "Server") ||
            !gh_slice_eq(gh_json_str(gh_json_get(ref, "name")), server))
            continue;
        if (status_accepts(it.value))
            return gh_slice_str(NULL);
        seen = true;
    }
    return seen ? GH_SLICE("its status says that the Server has not accepted "
                           "it (Accepted is not True)")
                : GH_SLICE("its status has no entry for the Server: the policy "
                           "controller has not accepted it");
}

/* A GRPCRoute on the Server, from any namespace, beats every HTTPRoute. */
static bool has_grpc_rival(struct gh_plan *p, struct gh_slice server)
{
    struct gh_store_iter it =
        gh_mesh_list(p->mesh, GH_KIND_GRPC_ROUTE, gh_slice_str(NULL));

    p->has_rivals = true;
    p->rivals_revision = p->mesh->rivals_revision;
    while (gh_store_next(&it)) {
        struct gh_json list =
            gh_json_path(gh_object_root(it.object), "spec/parentRefs");

        for (struct gh_json_iter ref = gh_json_iter(list); gh_json_next(&ref);)
            if (gh_json_str_is(gh_json_get(ref.value, "kind"), "Server") &&
                gh_slice_eq(gh_json_str(gh_json_get(ref.value, "name")),
                            server) &&
                gh_slice_eq(gh_json_str_or(gh_json_get(ref.value, "namespace"),
                                           it.object->ns),
                            p->ns->name))
                return true;
    }
    return false;
}

struct gh_slice gh_route_refused(struct gh_plan *p,
                                 const struct gh_bound_route *r,
                                 const struct gh_server *server,
                                 bool *ret_assumed)
{
    struct gh_json status =
        gh_json_get(gh_object_root(r->route.object), "status");

    /* A manifest that never was in a cluster has neither age nor status: what
     * the controller would write is known. */
    *ret_assumed = r->route.created_s < 0 && !gh_json_given(status);
    if (!*ret_assumed)
        return refused_by_status(gh_json_get(status, "parents"), server->name);
    if (!r->route.grpc && has_grpc_rival(p, server->name))
        return GH_SLICE("a GRPCRoute on the same Server has precedence over "
                        "every HTTPRoute");
    return gh_slice_str(NULL);
}
