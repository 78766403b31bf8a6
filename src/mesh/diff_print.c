/* SPDX-License-Identifier: Apache-2.0 */

#include "base/buf.h"
#include "mesh/diff_internal.h"

static void put(struct gh_buf *b, const void *bytes, size_t len)
{
    gh_buf_add(b, gh_slice_of(bytes, len));
}

static void put_text(struct gh_buf *b, struct gh_slice s)
{
    put(b, &s.len, sizeof(s.len));
    gh_buf_add(b, s);
}

static void put_number(struct gh_buf *b, size_t n)
{
    put(b, &n, sizeof(n));
}

static void put_net(struct gh_buf *b, const struct gh_net *net)
{
    put(b, &net->first, sizeof(net->first));
    put(b, &net->last, sizeof(net->last));
    put_number(b, net->v6);
}

static void put_authz(struct gh_buf *b, const struct gh_authz *z)
{
    put_text(b, z->label);
    put_number(b, (size_t)z->clients);
    put_number(b, (size_t)z->everywhere << 1 | z->audit);
    put_number(b, z->id_count);
    for (size_t i = 0; i < z->id_count; i++)
        put_text(b, z->ids[i].text);
    put_number(b, z->nets.count);
    for (size_t i = 0; i < z->nets.count; i++) {
        put_net(b, &z->nets.at[i].net);
        put_number(b, z->nets.at[i].except_count);
        for (size_t k = 0; k < z->nets.at[i].except_count; k++)
            put_net(b, &z->nets.at[i].except[k]);
    }
}

static void put_list(struct gh_buf *b, const struct gh_authz *const *at,
                     size_t count)
{
    put_number(b, count);
    for (size_t i = 0; i < count; i++)
        put_authz(b, at[i]);
}

/* A route's content is its object's; what binds it is in the policy. */
static void put_route(struct gh_buf *b, const struct gh_route_use *use)
{
    put_text(b, use->route->label);
    if (use->route->object)
        put(b, use->route->object->version, GH_VERSION_BYTES);
    put_list(b, use->authz, use->authz_count);
}

struct gh_diff_print gh_diff_print_of(struct gh_diff_printer *p,
                                      const struct gh_port_policy *policy)
{
    struct gh_buf *b = &p->text;
    struct gh_slice text;

    gh_buf_clear(b);
    put_number(b, (size_t)policy->enforcement);
    put_number(b, (size_t)policy->protocol);
    put_number(b, policy->refuses_everything);
    put_number(b, policy->default_routes);
    put_number(b,
               policy->server ? GH_DEFAULT_INVALID : (size_t)policy->fallback);
    put_text(b, policy->podset->workload->ns);
    put_text(b, policy->server ? policy->server->name : GH_SLICE(""));
    put_list(b, policy->authz, policy->authz_count);
    put_number(b, policy->route_count);
    for (size_t i = 0; i < policy->route_count; i++)
        put_route(b, &policy->routes[i]);
    text = gh_buf_slice(b);
    return (struct gh_diff_print){
        {gh_hash(p->keys[0], text), gh_hash(p->keys[1], text)}};
}
