/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh/decide.h"
#include "mesh/mesh_internal.h"

/*
 * Which route a request takes
 *
 * The ranking is the one of linkerd2-proxy v2.366: best host (exact before
 * suffix, then longer), then of the matching rules the longest path match,
 * then most headers, most query parameters, a method; on a tie the first in
 * the list. Methods and hosts compare with case.
 */

struct rank {
    unsigned host_kind; /* 0 none, 1 suffix, 2 exact */
    size_t host_length;
    size_t path; /* or, for gRPC, the service's length */
    size_t rpc_method;
    size_t headers;
    size_t queries;
    bool method;
};

struct subject { /* the request, taken apart once */
    const struct gh_request *request;
    struct gh_slice path;  /* without query */
    struct gh_slice query; /* absent: none */
    struct gh_slice host;  /* absent: none */
    struct gh_arena *scratch;
};

static int compare(size_t a, size_t b)
{
    return a == b ? 0 : a < b ? -1 : 1;
}

static int compare_ranks(const struct rank *a, const struct rank *b)
{
    const size_t x[] = {a->host_kind, a->host_length, a->path,  a->rpc_method,
                        a->headers,   a->queries,     a->method};
    const size_t y[] = {b->host_kind, b->host_length, b->path,  b->rpc_method,
                        b->headers,   b->queries,     b->method};

    for (size_t i = 0; i < GH_COUNT(x); i++) {
        int order = compare(x[i], y[i]);

        if (order)
            return order;
    }
    return 0;
}

/* --- hosts --- */

/* "user@host:80" gives "host". */
static struct gh_slice host_of(struct gh_slice authority)
{
    size_t at = gh_slice_find(authority, '@');

    if (at < authority.len)
        authority = gh_slice_drop(authority, at + 1);
    if (authority.len > 0 && authority.ptr[0] == '[')
        return gh_slice_head(authority, gh_slice_find(authority, ']') + 1);
    return gh_slice_head(authority, gh_slice_find(authority, ':'));
}

static struct gh_slice without_dot(struct gh_slice host)
{
    return gh_slice_head(host, gh_slice_ends(host, GH_SLICE(".")) ? host.len - 1
                                                                  : host.len);
}

static bool match_host(struct gh_slice pattern, struct gh_slice host,
                       struct rank *rank)
{
    bool suffix = gh_slice_starts(pattern, GH_SLICE("*."));
    struct gh_slice tail = suffix ? gh_slice_drop(pattern, 1) : pattern;
    unsigned kind = suffix ? 1 : 2;

    if (!gh_slice_ends(tail, GH_SLICE(".")))
        host = without_dot(host);
    if (suffix ? !gh_slice_ends(host, tail) : !gh_slice_eq(host, tail))
        return false;
    if (kind > rank->host_kind ||
        (kind == rank->host_kind && tail.len > rank->host_length)) {
        rank->host_kind = kind;
        rank->host_length = tail.len;
    }
    return true;
}

static bool match_hosts(const struct gh_route *route, const struct subject *s,
                        struct rank *rank)
{
    bool any = route->host_count == 0;

    for (size_t i = 0; i < route->host_count; i++)
        any |= s->host.ptr && match_host(route->hosts[i], s->host, rank);
    return any;
}

/* --- paths --- */

static struct gh_slice trim_slashes(struct gh_slice s)
{
    while (s.len > 0 && s.ptr[s.len - 1] == '/')
        s.len--;
    return s;
}

static bool match_prefix(struct gh_slice prefix, struct gh_slice path,
                         size_t *ret_length)
{
    if (gh_slice_is(prefix, "/")) {
        *ret_length = 1;
        return true;
    }
    prefix = trim_slashes(prefix);
    path = trim_slashes(path);
    *ret_length = prefix.len;
    return gh_slice_starts(path, prefix) &&
           (path.len == prefix.len || path.ptr[prefix.len] == '/');
}

static bool match_path(const struct gh_route_match *m, const struct subject *s,
                       size_t *ret_length)
{
    *ret_length = 1;
    if (!m->has_path)
        return true;
    if (m->path_kind == GH_MATCH_PREFIX)
        return match_prefix(m->path, s->path, ret_length);
    *ret_length = s->path.len;
    if (m->path_kind == GH_MATCH_EXACT)
        return gh_slice_eq(m->path, s->path);
    return m->path_regex && gh_regex_spans(m->path_regex, s->path, s->scratch);
}

/* --- headers and queries --- */

static bool match_value(const struct gh_value_match *m, struct gh_slice value,
                        const struct subject *s)
{
    if (m->kind == GH_MATCH_REGEX)
        return m->regex && gh_regex_spans(m->regex, value, s->scratch);
    return gh_slice_eq(m->value, value);
}

/* Expressions are tried on visible ASCII only. */
static bool is_visible(struct gh_slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] != '\t' &&
            ((unsigned char)s.ptr[i] < 0x20 || (unsigned char)s.ptr[i] > 0x7e))
            return false;
    return true;
}

static bool match_header(const struct gh_value_match *m,
                         const struct subject *s)
{
    for (size_t i = 0; i < s->request->header_count; i++) {
        const struct gh_header *h = &s->request->headers[i];

        if (gh_slice_eq_nocase(h->name, m->name) &&
            (m->kind != GH_MATCH_REGEX || is_visible(h->value)) &&
            match_value(m, h->value, s))
            return true;
    }
    return false;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 32);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* application/x-www-form-urlencoded; absent when the scratch is full. */
static struct gh_slice form_decode(struct gh_slice in, struct gh_arena *scratch)
{
    char *out;
    size_t n = 0;

    if (gh_slice_find(in, '%') == in.len && gh_slice_find(in, '+') == in.len)
        return in;
    out = gh_arena_alloc(scratch, in.len, 1);
    if (!out)
        return gh_slice_str(NULL);
    for (size_t i = 0; i < in.len; i++) {
        bool escape = in.ptr[i] == '%' && in.len - i > 2 &&
                      hex(in.ptr[i + 1]) >= 0 && hex(in.ptr[i + 2]) >= 0;

        if (escape) {
            out[n++] = (char)(hex(in.ptr[i + 1]) * 16 + hex(in.ptr[i + 2]));
            i += 2;
        } else {
            out[n++] = in.ptr[i] == '+' ? ' ' : in.ptr[i];
        }
    }
    return gh_slice_of(out, n);
}

static bool match_query(const struct gh_value_match *m, const struct subject *s)
{
    struct gh_slice rest = s->query;
    struct gh_slice pair;

    while (gh_slice_cut(&rest, '&', &pair)) {
        size_t eq = gh_slice_find(pair, '=');
        struct gh_slice name = form_decode(gh_slice_head(pair, eq), s->scratch);
        struct gh_slice value = GH_SLICE("");

        if (pair.len == 0 || !gh_slice_eq(name, m->name))
            continue;
        if (eq < pair.len)
            value = form_decode(gh_slice_drop(pair, eq + 1), s->scratch);
        if (match_value(m, value, s))
            return true;
    }
    return false;
}

static bool match_headers(const struct gh_route_match *m,
                          const struct subject *s, struct rank *rank)
{
    for (size_t i = 0; i < m->header_count; i++)
        if (!match_header(&m->headers[i], s))
            return false;
    rank->headers = m->header_count;
    return true;
}

/* --- matches, rules, routes --- */

static bool match_http(const struct gh_route_match *m, const struct subject *s,
                       struct rank *rank)
{
    if (m->method.ptr && !gh_slice_eq(m->method, s->request->method))
        return false;
    if (!match_path(m, s, &rank->path) || !match_headers(m, s, rank))
        return false;
    for (size_t i = 0; i < m->query_count; i++)
        if (!match_query(&m->queries[i], s))
            return false;
    rank->queries = m->query_count;
    rank->method = m->method.ptr != NULL;
    return true;
}

/* POST /service/method; more segments are not looked at. */
static bool match_rpc(const struct gh_route_match *m, const struct subject *s,
                      struct rank *rank)
{
    struct gh_slice rest = s->path;
    struct gh_slice part;
    struct gh_slice service;

    if (!gh_slice_is(s->request->method, "POST") ||
        !gh_slice_cut(&rest, '/', &part) || part.len > 0 ||
        !gh_slice_cut(&rest, '/', &service) ||
        (m->rpc_service.ptr && !gh_slice_eq(m->rpc_service, service)) ||
        !gh_slice_cut(&rest, '/', &part) ||
        (m->rpc_method.ptr && !gh_slice_eq(m->rpc_method, part)))
        return false;
    rank->path = m->rpc_service.len;
    rank->rpc_method = m->rpc_method.len;
    return match_headers(m, s, rank);
}

/* The best match of one rule, on top of the host's rank. */
static bool match_rule(const struct gh_route_rule *rule, bool grpc,
                       const struct subject *s, const struct rank *host,
                       struct rank *ret)
{
    bool found = false;

    if (rule->match_count == 0) {
        *ret = *host;
        ret->path = grpc ? 0 : 1;
        return true;
    }
    for (size_t i = 0; i < rule->match_count; i++) {
        struct rank rank = *host;
        bool hit = grpc ? match_rpc(&rule->matches[i], s, &rank)
                        : match_http(&rule->matches[i], s, &rank);

        if (hit && (!found || compare_ranks(&rank, ret) > 0)) {
            *ret = rank;
            found = true;
        }
    }
    return found;
}

static bool match_route(const struct gh_route *route, const struct subject *s,
                        struct rank *ret)
{
    struct rank host = {0};
    bool found = false;

    if (!match_hosts(route, s, &host))
        return false;
    for (size_t i = 0; i < route->rule_count; i++) {
        struct rank rank;

        if (match_rule(&route->rules[i], route->grpc, s, &host, &rank) &&
            (!found || compare_ranks(&rank, ret) > 0)) {
            *ret = rank;
            found = true;
        }
    }
    return found;
}

static struct subject subject_of(const struct gh_request *request,
                                 struct gh_arena *scratch)
{
    struct gh_slice path =
        gh_slice_head(request->path, gh_slice_find(request->path, '#'));
    size_t mark = gh_slice_find(path, '?');
    struct subject s = {.request = request, .scratch = scratch};

    s.path = gh_slice_head(path, mark);
    if (s.path.len == 0)
        s.path = GH_SLICE("/");
    if (mark < path.len)
        s.query = gh_slice_drop(path, mark + 1);
    if (request->host.len > 0)
        s.host = host_of(request->host);
    return s;
}

const struct gh_route_use *gh_route_find(const struct gh_port_policy *p,
                                         const struct gh_request *request,
                                         struct gh_arena *scratch)
{
    struct subject s = subject_of(request, scratch);
    const struct gh_route_use *best = NULL;
    struct rank best_rank = {0};

    for (size_t i = 0; i < p->route_count; i++) {
        struct rank rank;

        if (match_route(p->routes[i].route, &s, &rank) &&
            (!best || compare_ranks(&rank, &best_rank) > 0)) {
            best = &p->routes[i];
            best_rank = rank;
        }
    }
    return best;
}
