/* SPDX-License-Identifier: Apache-2.0 */

#include "tools/describe.h"

#include <arpa/inet.h>

#include "tools/join.h"

struct gh_slice gh_workload_label(const struct gh_workload *w,
                                  struct gh_arena *a)
{
    return gh_arena_fmt(a, "%.*s/%.*s/%.*s", GH_FMT(w->ns), GH_FMT(w->kind),
                        GH_FMT(w->name));
}

struct gh_slice gh_object_label(const struct gh_object *o, struct gh_arena *a)
{
    return gh_arena_fmt(a, "%.*s/%.*s%s%.*s", GH_FMT(o->kind), GH_FMT(o->ns),
                        o->ns.len > 0 ? "/" : "", GH_FMT(o->name));
}

struct gh_slice gh_server_label(const struct gh_server *s, struct gh_arena *a)
{
    return gh_object_label(s->object, a);
}

struct gh_slice gh_ruler_label(const struct gh_port_policy *p,
                               struct gh_arena *a)
{
    if (p->enforcement != GH_ENFORCED)
        return GH_SLICE("none");
    if (p->server)
        return gh_server_label(p->server, a);
    return gh_arena_fmt(a, "default/%s", gh_default_policy_name(p->fallback));
}

struct gh_slice gh_ref_label(const struct gh_authz_ref *ref, struct gh_arena *a)
{
    return gh_arena_fmt(a, "%.*s/%.*s/%.*s", GH_FMT(ref->kind), GH_FMT(ref->ns),
                        GH_FMT(ref->name));
}

struct gh_slice gh_ip_text(struct gh_ip ip, struct gh_arena *a)
{
    char text[INET6_ADDRSTRLEN] = "";
    unsigned char bytes[16];
    int count = ip.v6 ? 16 : 4;

    for (int i = 0; i < count; i++)
        bytes[i] = (unsigned char)(ip.value >> (8 * (count - 1 - i)));
    (void)inet_ntop(ip.v6 ? AF_INET6 : AF_INET, bytes, text, sizeof(text));
    return gh_arena_fmt(a, "%s", text);
}

struct gh_slice gh_client_label(const struct gh_client *c, struct gh_arena *a)
{
    struct gh_id_parts id;

    switch (c->tls) {
    case GH_CLIENT_PLAIN:
        return GH_SLICE("a client without mTLS");
    case GH_CLIENT_TLS:
        return GH_SLICE("a mesh client without identity");
    case GH_CLIENT_IDENTIFIED:
        break;
    }
    if (gh_id_split(c->identity, &id))
        return gh_arena_fmt(a, "service account %.*s/%.*s", GH_FMT(id.ns),
                            GH_FMT(id.service_account));
    return c->identity;
}

/* --- authorizations ---------------------------------------------------------
 */

enum { SHOWN = 5 };

static void add_nets(struct gh_nets nets, struct gh_join *j)
{
    struct gh_join list;

    gh_join_init(&list, j->arena, ", ", SHOWN);
    for (size_t i = 0; i < nets.count; i++) {
        const struct gh_net_rule *rule = &nets.at[i];

        if (rule->except_count > 0)
            gh_join_add(&list, gh_arena_fmt(j->arena, "%.*s (with exceptions)",
                                            GH_FMT(rule->text)));
        else
            gh_join_add(&list, rule->text);
    }
    gh_join_add(
        j, gh_arena_fmt(j->arena, "from %.*s", GH_FMT(gh_join_text(&list))));
}

static struct gh_slice ids_text(const struct gh_authz *authz,
                                struct gh_arena *a)
{
    struct gh_join list;

    gh_join_init(&list, a, ", ", SHOWN);
    for (size_t i = 0; i < authz->id_count; i++) {
        struct gh_slice id = authz->ids[i].text;
        struct gh_id_parts parts;

        if (gh_slice_is(id, "*"))
            gh_join_add(&list, GH_SLICE("every meshed client"));
        else if (!authz->ids[i].is_suffix && gh_id_split(id, &parts))
            gh_join_add(&list, gh_arena_fmt(a, "%.*s/%.*s", GH_FMT(parts.ns),
                                            GH_FMT(parts.service_account)));
        else
            gh_join_add(&list, id);
    }
    return gh_join_text(&list);
}

struct gh_slice gh_authz_text(const struct gh_authz *authz, struct gh_arena *a)
{
    struct gh_join j;

    gh_join_init(&j, a, " ", SHOWN);
    switch (authz->clients) {
    case GH_CLIENTS_ANY:
        gh_join_add(&j, GH_SLICE("everyone, also without mTLS"));
        break;
    case GH_CLIENTS_TLS:
        gh_join_add(&j, GH_SLICE("every mesh client, also without identity"));
        break;
    case GH_CLIENTS_IDENTITIES:
        gh_join_add(&j, ids_text(authz, a));
        break;
    }
    if (!authz->everywhere)
        add_nets(authz->nets, &j);
    return gh_join_text(&j);
}

struct gh_slice gh_authz_labels(const struct gh_authz *const *authz,
                                size_t count, size_t max, struct gh_arena *a)
{
    struct gh_join j;

    gh_join_init(&j, a, ", ", max);
    for (size_t i = 0; i < count; i++)
        gh_join_add(&j, authz[i]->label);
    return gh_join_text(&j);
}

bool gh_protocol_is_http(enum gh_protocol p)
{
    return p != GH_PROTO_OPAQUE && p != GH_PROTO_TLS;
}

/* --- routes ------------------------------------------------------------------
 */

bool gh_route_is_probe(const struct gh_route_use *use)
{
    return !use->route->object && gh_slice_is(use->route->label, "probe");
}

static void add_values(const struct gh_value_match *at, size_t count,
                       const char *what, struct gh_join *j)
{
    for (size_t i = 0; i < count; i++)
        gh_join_add(j, gh_arena_fmt(j->arena, "%s %.*s%s%.*s", what,
                                    GH_FMT(at[i].name),
                                    at[i].kind == GH_MATCH_REGEX ? "~" : "=",
                                    GH_FMT(at[i].value)));
}

static struct gh_slice path_text(const struct gh_route_match *m,
                                 struct gh_arena *a)
{
    switch (m->path_kind) {
    case GH_MATCH_EXACT:
        break;
    case GH_MATCH_PREFIX:
        return gh_arena_fmt(a, "%.*s%s", GH_FMT(m->path),
                            gh_slice_ends(m->path, GH_SLICE("/")) ? "*" : "/*");
    case GH_MATCH_REGEX:
        return gh_arena_fmt(a, "~%.*s", GH_FMT(m->path));
    }
    return m->path;
}

static struct gh_slice or_star(struct gh_slice s)
{
    return s.ptr ? s : GH_SLICE("*");
}

static struct gh_slice match_text(const struct gh_route_match *m,
                                  struct gh_arena *a)
{
    struct gh_join j;

    gh_join_init(&j, a, " ", 2 * SHOWN);
    if (m->method.ptr)
        gh_join_add(&j, m->method);
    if (m->has_path)
        gh_join_add(&j, path_text(m, a));
    if (m->has_rpc)
        gh_join_add(&j, gh_arena_fmt(a, "rpc %.*s/%.*s",
                                     GH_FMT(or_star(m->rpc_service)),
                                     GH_FMT(or_star(m->rpc_method))));
    add_values(m->headers, m->header_count, "header", &j);
    add_values(m->queries, m->query_count, "query", &j);
    return j.count > 0 ? gh_join_text(&j) : GH_SLICE("everything");
}

static void add_hosts(const struct gh_route *r, struct gh_join *j)
{
    struct gh_join hosts;

    if (r->host_count == 0)
        return;
    gh_join_init(&hosts, j->arena, "|", SHOWN);
    for (size_t i = 0; i < r->host_count; i++)
        gh_join_add(&hosts, r->hosts[i]);
    gh_join_add(j, gh_arena_fmt(j->arena, "for host %.*s",
                                GH_FMT(gh_join_text(&hosts))));
}

struct gh_slice gh_route_text(const struct gh_route *r, struct gh_arena *a)
{
    struct gh_join matches;
    struct gh_join all;

    gh_join_init(&matches, a, ", ", SHOWN);
    for (size_t i = 0; i < r->rule_count; i++) {
        const struct gh_route_rule *rule = &r->rules[i];

        if (rule->match_count == 0)
            gh_join_add(&matches, GH_SLICE("everything"));
        for (size_t k = 0; k < rule->match_count; k++)
            gh_join_add(&matches, match_text(&rule->matches[k], a));
    }
    gh_join_init(&all, a, " ", SHOWN);
    gh_join_add(&all, gh_join_text(&matches));
    add_hosts(r, &all);
    return gh_join_text(&all);
}

/* --- JSON --------------------------------------------------------------------
 */

void gh_write_strings(struct gh_jsonw *w, const struct gh_slice *at,
                      size_t count)
{
    gh_jsonw_array(w);
    for (size_t i = 0; i < count; i++)
        gh_jsonw_str(w, at[i]);
    gh_jsonw_end(w);
}

void gh_write_authz_labels(struct gh_jsonw *w,
                           const struct gh_authz *const *authz, size_t count)
{
    gh_jsonw_array(w);
    for (size_t i = 0; i < count; i++)
        gh_jsonw_str(w, authz[i]->label);
    gh_jsonw_end(w);
}
