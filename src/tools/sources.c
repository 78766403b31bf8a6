/* SPDX-License-Identifier: Apache-2.0 */

#include "tools/sources.h"

#include "tools/describe.h"
#include "tools/join.h"

const char *gh_source_type_name(enum gh_source_type t)
{
    static const char *const names[] = {
        [GH_SOURCE_WILDCARD] = "wildcard",
        [GH_SOURCE_IDENTITY] = "identity",
        [GH_SOURCE_ACCOUNT] = "serviceAccount",
        [GH_SOURCE_NAMESPACE] = "namespace",
        [GH_SOURCE_NETWORK] = "network",
        [GH_SOURCE_UNAUTHENTICATED] = "unauthenticated",
    };

    return names[t];
}

/* --- taking authorizations apart
 * ---------------------------------------------- */

struct taking {
    struct gh_sources *list;
    struct gh_arena *arena;
    const struct gh_port_policy *policy;
    const struct gh_route_use *route;
};

static bool same_ruler(const struct gh_port_policy *a,
                       const struct gh_port_policy *b)
{
    return a->server == b->server &&
           (a->server || a->fallback == b->fallback) &&
           a->enforcement == b->enforcement;
}

static bool add_port(struct gh_source_entry *e, const struct taking *t)
{
    bool known = e->ruler_count == GH_SOURCE_MAX_RULERS;

    for (size_t i = 0; i < e->ruler_count && !known; i++)
        known = same_ruler(e->rulers[i], t->policy);
    if (!known)
        e->rulers[e->ruler_count++] = t->policy;
    return gh_port_set_add(&e->ports, t->policy->port, t->arena);
}

static bool add(const struct taking *t, struct gh_source_entry e)
{
    struct gh_sources *l = t->list;

    if (l->count == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 32;
        struct gh_source_entry *at =
            gh_arena_grow(t->arena, l->at, l->cap * sizeof(*at),
                          cap * sizeof(*at), _Alignof(struct gh_source_entry));

        if (!at)
            return false;
        l->at = at;
        l->cap = cap;
    }
    e.route = t->route;
    e.arena = t->arena;
    l->at[l->count] = e;
    return add_port(&l->at[l->count++], t);
}

/* An authorization that another port brought already. Default ones are made
 * anew for each port, so labels tell, not pointers. */
static bool same_authz(const struct gh_authz *a, const struct gh_authz *b)
{
    return a == b || (a && b && !a->object && !b->object &&
                      gh_slice_eq(a->label, b->label));
}

static bool merge(const struct taking *t, const struct gh_authz *authz,
                  bool *ret_found)
{
    const struct gh_route *route = t->route ? t->route->route : NULL;

    for (size_t i = 0; i < t->list->count; i++) {
        struct gh_source_entry *e = &t->list->at[i];

        if (!same_authz(e->authz, authz) ||
            (e->route ? e->route->route : NULL) != route)
            continue;
        *ret_found = true;
        if (!add_port(e, t))
            return false;
    }
    return true;
}

bool gh_source_id_parts(const struct gh_source_entry *e,
                        struct gh_id_parts *ret)
{
    return gh_id_split(e->id->text, ret);
}

static enum gh_source_type type_of(const struct gh_id_match *id)
{
    struct gh_id_parts parts;

    if (gh_slice_is(id->text, "*"))
        return GH_SOURCE_WILDCARD;
    if (!gh_id_split(id->text, &parts))
        return GH_SOURCE_IDENTITY;
    return gh_slice_is(parts.service_account, "*") ? GH_SOURCE_NAMESPACE
                                                   : GH_SOURCE_ACCOUNT;
}

static bool take_any(const struct taking *t, const struct gh_authz *authz)
{
    if (authz->everywhere)
        return add(t, (struct gh_source_entry){
                          .type = GH_SOURCE_UNAUTHENTICATED, .authz = authz});
    for (size_t i = 0; i < authz->nets.count; i++)
        if (!add(t, (struct gh_source_entry){.type = GH_SOURCE_NETWORK,
                                             .authz = authz,
                                             .net = &authz->nets.at[i]}))
            return false;
    return true;
}

static bool take(const struct taking *t, const struct gh_authz *authz)
{
    bool found = false;

    if (!merge(t, authz, &found))
        return false;
    if (found)
        return true;
    if (authz->clients == GH_CLIENTS_ANY)
        return take_any(t, authz);
    if (authz->clients == GH_CLIENTS_TLS)
        return add(t, (struct gh_source_entry){.type = GH_SOURCE_WILDCARD,
                                               .authz = authz});
    for (size_t i = 0; i < authz->id_count; i++)
        if (!add(t, (struct gh_source_entry){.type = type_of(&authz->ids[i]),
                                             .authz = authz,
                                             .id = &authz->ids[i]}))
            return false;
    return true;
}

static bool take_open(const struct taking *t)
{
    bool found = false;

    if (!merge(t, NULL, &found))
        return false;
    return found ||
           add(t, (struct gh_source_entry){.type = GH_SOURCE_UNAUTHENTICATED});
}

static bool take_port(struct taking *t)
{
    const struct gh_port_policy *p = t->policy;

    t->route = NULL;
    if (p->enforcement != GH_ENFORCED)
        return take_open(t);
    if (p->refuses_everything)
        return true;
    for (size_t i = 0; i < p->authz_count; i++)
        if (!take(t, p->authz[i]))
            return false;
    for (size_t i = 0; i < p->route_count; i++) {
        if (gh_route_is_probe(&p->routes[i]))
            continue;
        t->route = &p->routes[i];
        for (size_t k = 0; k < t->route->authz_count; k++)
            if (!take(t, t->route->authz[k]))
                return false;
    }
    return true;
}

bool gh_sources_of(const struct gh_target_view *view, struct gh_arena *a,
                   struct gh_sources *ret)
{
    struct taking t = {.list = ret, .arena = a};

    *ret = (struct gh_sources){0};
    for (size_t i = 0; i < view->port_count; i++) {
        t.policy = view->policies[i];
        if (!take_port(&t))
            return false;
    }
    return true;
}

/* --- in words
 * ------------------------------------------------------------------ */

static struct gh_slice id_text(const struct gh_source_entry *e,
                               struct gh_arena *a)
{
    struct gh_id_parts parts;

    if (!gh_source_id_parts(e, &parts))
        return gh_arena_fmt(a, "identity %.*s", GH_FMT(e->id->text));
    if (e->type == GH_SOURCE_NAMESPACE)
        return gh_arena_fmt(a, "every service account of namespace %.*s",
                            GH_FMT(parts.ns));
    return gh_arena_fmt(a, "service account %.*s/%.*s", GH_FMT(parts.ns),
                        GH_FMT(parts.service_account));
}

static struct gh_slice who_text(const struct gh_source_entry *e,
                                struct gh_arena *a)
{
    switch (e->type) {
    case GH_SOURCE_WILDCARD:
        return e->id ? GH_SLICE("All authenticated services")
                     : GH_SLICE("Every mesh client, also without identity");
    case GH_SOURCE_IDENTITY:
    case GH_SOURCE_ACCOUNT:
    case GH_SOURCE_NAMESPACE:
        return id_text(e, a);
    case GH_SOURCE_NETWORK:
        return gh_arena_fmt(a, "everyone from %.*s, also without mTLS",
                            GH_FMT(e->net->text));
    case GH_SOURCE_UNAUTHENTICATED:
        break;
    }
    return e->authz ? GH_SLICE("everyone, also without mTLS")
                    : GH_SLICE("everyone: no proxy guards the port");
}

struct gh_slice gh_source_text(const struct gh_source_entry *e,
                               struct gh_arena *a)
{
    struct gh_slice who = who_text(e, a);

    if (e->route)
        who = gh_arena_fmt(a, "%.*s, on route %.*s only", GH_FMT(who),
                           GH_FMT(e->route->route->label));
    if (!e->authz || e->authz->everywhere || e->net)
        return who;
    return gh_arena_fmt(a, "%.*s, from certain networks only", GH_FMT(who));
}

struct gh_slice gh_source_authn(const struct gh_source_entry *e,
                                struct gh_arena *a)
{
    struct gh_slice wanted = e->net ? GH_SLICE("NetworkAuthentication")
                                    : GH_SLICE("MeshTLSAuthentication");

    for (size_t i = 0; e->authz && i < e->authz->ref_count; i++) {
        const struct gh_authz_ref *ref = &e->authz->refs[i];

        if (gh_slice_eq_nocase(ref->kind, wanted) ||
            (e->id &&
             gh_slice_eq_nocase(ref->kind, GH_SLICE("ServiceAccount"))))
            return gh_ref_label(ref, a);
    }
    return GH_SLICE("");
}

bool gh_source_is_known(const struct gh_source_entry *e, struct gh_mesh *m)
{
    struct gh_slice ns;

    for (size_t i = 0; gh_mesh_ns_at(m, i, &ns); i++) {
        size_t count;
        const struct gh_workload *const *all = gh_mesh_workloads(m, ns, &count);

        for (size_t k = 0; k < count; k++)
            for (size_t s = 0; s < all[k]->set_count; s++)
                if (all[k]->sets[s]->identity.len > 0 &&
                    gh_id_matches(*e->id, all[k]->sets[s]->identity))
                    return true;
    }
    return false;
}

struct gh_slice gh_net_text(struct gh_net net, struct gh_arena *a)
{
    struct gh_ip first = {net.first, net.v6};
    unsigned __int128 span = net.last - net.first;
    int bits = net.v6 ? 128 : 32;

    while (span > 0) {
        span >>= 1;
        bits--;
    }
    return gh_arena_fmt(a, "%.*s/%d", GH_FMT(gh_ip_text(first, a)), bits);
}

struct gh_slice gh_net_rule_text(const struct gh_net_rule *rule,
                                 struct gh_arena *a)
{
    struct gh_join except;

    if (rule->except_count == 0)
        return rule->text;
    gh_join_init(&except, a, ", ", 5);
    for (size_t i = 0; i < rule->except_count; i++)
        gh_join_add(&except, gh_net_text(rule->except[i], a));
    return gh_arena_fmt(a, "%.*s except %.*s", GH_FMT(rule->text),
                        GH_FMT(gh_join_text(&except)));
}
