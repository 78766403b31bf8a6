/* SPDX-License-Identifier: Apache-2.0 */

#include "mesh/diff_internal.h"

/*
 * Calls worth asking about
 *
 * Between them, the routes of both sides divide the requests into kinds. Each
 * match gives one request of its kind, so that two routes with the same match
 * but other names are compared with each other. Where a match is an expression,
 * no request can be made up, and the route itself is asked about.
 */

enum { PATH_BYTES = 4096 };

static void add(struct gh_diff_calls *c, struct gh_diff_call call)
{
    for (size_t i = 0; i < c->count; i++)
        if (gh_slice_eq(c->at[i].label, call.label))
            return;
    if (c->count < GH_DIFF_MAX_CALLS && call.label.ptr)
        c->at[c->count++] = call;
}

static bool has_expression(const struct gh_route_match *m)
{
    if (m->has_path && m->path_kind == GH_MATCH_REGEX)
        return true;
    for (size_t i = 0; i < m->header_count; i++)
        if (m->headers[i].kind != GH_MATCH_EXACT)
            return true;
    for (size_t i = 0; i < m->query_count; i++)
        if (m->queries[i].kind != GH_MATCH_EXACT)
            return true;
    return false;
}

static struct gh_slice path_of(const struct gh_route_match *m,
                               struct gh_arena *a)
{
    struct gh_slice path = m->has_path ? m->path : GH_SLICE("/");

    if (m->has_rpc)
        path = gh_arena_fmt(
            a, "/%.*s/%.*s",
            GH_FMT(m->rpc_service.len > 0 ? m->rpc_service : GH_SLICE("any")),
            GH_FMT(m->rpc_method.len > 0 ? m->rpc_method : GH_SLICE("any")));
    for (size_t i = 0; i < m->query_count; i++)
        path = gh_arena_fmt(a, "%.*s%s%.*s=%.*s", GH_FMT(path), i ? "&" : "?",
                            GH_FMT(m->queries[i].name),
                            GH_FMT(m->queries[i].value));
    return path;
}

static const struct gh_header *headers_of(const struct gh_route_match *m,
                                          struct gh_arena *a)
{
    struct gh_header *list =
        GH_ARENA_ARRAY(a, struct gh_header, m->header_count + 1);

    for (size_t i = 0; list && i < m->header_count; i++)
        list[i] = (struct gh_header){m->headers[i].name, m->headers[i].value};
    return list;
}

static struct gh_slice host_of(const struct gh_route *r, struct gh_arena *a)
{
    if (r->host_count == 0)
        return (struct gh_slice){0};
    if (gh_slice_starts(r->hosts[0], GH_SLICE("*.")))
        return gh_arena_fmt(a, "any.%.*s",
                            GH_FMT(gh_slice_drop(r->hosts[0], 2)));
    return r->hosts[0];
}

static struct gh_slice label_of(const struct gh_request *q,
                                const struct gh_route_match *m,
                                struct gh_arena *a)
{
    struct gh_slice label = gh_arena_fmt(
        a, "%.*s %.*s%s", GH_FMT(q->method), GH_FMT(q->path),
        m->has_path && m->path_kind == GH_MATCH_PREFIX ? "..." : "");

    if (q->host.len > 0)
        label = gh_arena_fmt(a, "%.*s at %.*s", GH_FMT(label), GH_FMT(q->host));
    for (size_t i = 0; i < q->header_count; i++)
        label = gh_arena_fmt(a, "%.*s with %.*s: %.*s", GH_FMT(label),
                             GH_FMT(q->headers[i].name),
                             GH_FMT(q->headers[i].value));
    return label;
}

static void add_match(struct gh_diff_calls *c, const struct gh_route *r,
                      const struct gh_route_match *m, struct gh_arena *a)
{
    struct gh_request q = {.host = host_of(r, a)};

    if (has_expression(m)) {
        add(c,
            (struct gh_diff_call){
                .label = gh_arena_fmt(a, "what %.*s matches", GH_FMT(r->label)),
                .route = r->label,
            });
        return;
    }
    q.method = m->method.len > 0 ? m->method
               : r->grpc         ? GH_SLICE("POST")
                                 : GH_SLICE("GET");
    q.path = path_of(m, a);
    q.headers = headers_of(m, a);
    q.header_count = q.headers ? m->header_count : 0;
    add(c, (struct gh_diff_call){.label = label_of(&q, m, a), .request = q});
}

static bool add_routes(struct gh_diff_calls *c, const struct gh_port_policy *p,
                       struct gh_arena *a)
{
    static const struct gh_route_match everything = {0};
    bool any = false;

    for (size_t i = 0; i < p->route_count; i++) {
        const struct gh_route *r = p->routes[i].route;

        any = any || r->object;
        for (size_t k = 0; r->object && k < r->rule_count; k++) {
            const struct gh_route_rule *rule = &r->rules[k];

            if (rule->match_count == 0)
                add_match(c, r, &everything, a);
            for (size_t m = 0; m < rule->match_count; m++)
                add_match(c, r, &rule->matches[m], a);
        }
    }
    return any;
}

static bool speaks_http(enum gh_protocol p)
{
    return p != GH_PROTO_OPAQUE && p != GH_PROTO_TLS;
}

static bool takes_connections(enum gh_protocol p)
{
    return p == GH_PROTO_DETECT || !speaks_http(p);
}

struct gh_diff_calls gh_diff_calls_of(const struct gh_port_policy *before,
                                      const struct gh_port_policy *after,
                                      struct gh_arena *a)
{
    struct gh_diff_calls c = {
        .at = GH_ARENA_ARRAY(a, struct gh_diff_call, GH_DIFF_MAX_CALLS + 2),
    };
    bool routes;

    if (!c.at)
        return c;
    if (speaks_http(before->protocol) || speaks_http(after->protocol)) {
        routes = add_routes(&c, before, a);
        routes |= add_routes(&c, after, a);
        c.at[c.count++] = (struct gh_diff_call){
            .label = routes ? GH_SLICE("any other request")
                            : GH_SLICE("any request"),
            .request = {.method = GH_SLICE("POST"),
                        .path = GH_SLICE("/gatehouse.any/any")},
        };
    }
    if (takes_connections(before->protocol) ||
        takes_connections(after->protocol))
        c.at[c.count++] = (struct gh_diff_call){
            .label = GH_SLICE("connections"),
            .connection = true,
        };
    return c;
}
