/* SPDX-License-Identifier: Apache-2.0 */

#include "tools/view.h"

#include "tools/join.h"

static void add_server(const struct gh_server **servers, size_t *count,
                       const struct gh_server *server)
{
    for (size_t i = 0; i < *count; i++)
        if (servers[i] == server)
            return;
    if (server)
        servers[(*count)++] = server;
}

bool gh_target_view(struct gh_mesh *m, const struct gh_selection *target,
                    struct gh_slice port, struct gh_arena *a,
                    struct gh_target_view *ret, struct gh_err *err)
{
    const struct gh_target_port *ports;
    const struct gh_port_policy **policies;
    const struct gh_server **servers;
    size_t count;

    *ret = (struct gh_target_view){0};
    if (!gh_target_ports(m, target, port, a, &ports, &count, err))
        return false;
    policies = GH_ARENA_ARRAY(a, const struct gh_port_policy *, count);
    servers = GH_ARENA_ARRAY(a, const struct gh_server *, count);
    if (!policies || !servers) {
        gh_err_set(err, "too many ports: name one");
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const struct gh_port_policy *p =
            gh_port_policy(m, ports[i].podset, ports[i].port);

        policies[i] = p;
        ret->unenforced_count += p->enforcement != GH_ENFORCED;
        ret->ignored_count += p->ignored_count;
        if (p->enforcement == GH_ENFORCED)
            add_server(servers, &ret->server_count, p->server);
    }
    ret->policies = policies;
    ret->port_count = count;
    ret->servers = servers;
    return true;
}

bool gh_port_set_add(struct gh_port_set *s, uint16_t port, struct gh_arena *a)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->at[i] == port)
            return true;
    if (s->count == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 4;
        uint16_t *at = gh_arena_grow(a, s->at, s->cap * sizeof(*at),
                                     cap * sizeof(*at), _Alignof(uint16_t));

        if (!at)
            return false;
        s->at = at;
        s->cap = cap;
    }
    s->at[s->count++] = port;
    return true;
}

struct gh_slice gh_port_set_text(const struct gh_port_set *s,
                                 struct gh_arena *a)
{
    struct gh_join j;

    gh_join_init(&j, a, ",", 8);
    for (size_t i = 0; i < s->count; i++)
        gh_join_add(&j, gh_arena_fmt(a, "%u", s->at[i]));
    return gh_join_text(&j);
}
