/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/num.h"
#include "mesh/mesh_internal.h"

/*
 * Servers, in the order in which they claim ports
 *
 * Oldest first; one that was never in a cluster has no age and comes before
 * all others; then by name. A Server that the controller cannot decode does
 * not exist for it: it stays in the list, with the reason, and claims nothing.
 */

static const char *const protocol_names[] = {
    [GH_PROTO_DETECT] = "unknown", [GH_PROTO_HTTP1] = "HTTP/1",
    [GH_PROTO_HTTP2] = "HTTP/2",   [GH_PROTO_GRPC] = "gRPC",
    [GH_PROTO_OPAQUE] = "opaque",  [GH_PROTO_TLS] = "TLS",
};

const char *gh_protocol_name(enum gh_protocol p)
{
    return protocol_names[p];
}

static bool protocol_parse(struct gh_json v, enum gh_protocol *ret)
{
    struct gh_slice name = gh_json_str(v);

    *ret = GH_PROTO_DETECT;
    if (!gh_json_given(v))
        return true;
    for (size_t i = 0; i < GH_COUNT(protocol_names); i++)
        if (name.ptr && gh_slice_is(name, protocol_names[i])) {
            *ret = (enum gh_protocol)i;
            return true;
        }
    return false;
}

/* Absent: it is fine. */
static struct gh_slice read_port(struct gh_json v, struct gh_server *s)
{
    int64_t number;

    s->port_name = gh_json_str(v);
    if (s->port_name.ptr)
        return gh_slice_str(NULL);
    if (!gh_json_given(v))
        return GH_SLICE("spec.port is missing");
    if (!gh_json_i64(v, &number) || number < 1 || number > UINT16_MAX)
        return GH_SLICE("spec.port is not between 1 and 65535");
    s->port = (uint16_t)number;
    return gh_slice_str(NULL);
}

static struct gh_slice read_selector(struct gh_json spec, struct gh_server *s,
                                     struct gh_compiled *c)
{
    struct gh_json pods = gh_json_get(spec, "podSelector");
    struct gh_json external = gh_json_get(spec, "externalWorkloadSelector");

    if (gh_json_given(pods) && gh_json_given(external))
        return GH_SLICE("spec has both podSelector and "
                        "externalWorkloadSelector");
    if (!gh_json_given(pods) && !gh_json_given(external))
        return GH_SLICE("spec has no podSelector");
    s->external = gh_json_given(external);
    if (!gh_selector_from_json(s->external ? external : pods, &c->arena,
                               &s->selector))
        return GH_SLICE("its selector cannot be decoded");
    return gh_slice_str(NULL);
}

enum gh_server_fault gh_server_read(struct gh_json spec, struct gh_server *ret,
                                    struct gh_compiled *c)
{
    struct gh_json protocol = gh_json_get(spec, "proxyProtocol");
    struct gh_json access = gh_json_get(spec, "accessPolicy");

    *ret = (struct gh_server){
        .access = gh_json_given(access)
                      ? gh_default_policy_parse(gh_json_str(access))
                      : GH_DEFAULT_DENY,
    };
    ret->ignored = read_selector(spec, ret, c);
    if (ret->ignored.ptr)
        return GH_SERVER_SELECTOR;
    ret->ignored = read_port(gh_json_get(spec, "port"), ret);
    if (ret->ignored.ptr)
        return GH_SERVER_PORT;
    if (protocol_parse(protocol, &ret->protocol))
        return GH_SERVER_OK;
    ret->ignored = gh_compiled_fmt(
        c,
        "proxyProtocol \"%.*s\" is none of unknown, HTTP/1, HTTP/2, gRPC, "
        "opaque, TLS",
        GH_FMT(gh_json_str_or(protocol, GH_SLICE(""))));
    return GH_SERVER_PROTOCOL;
}

static void read_server(struct gh_server *s, const struct gh_object *o,
                        struct gh_compiled *c)
{
    struct gh_json root = gh_object_root(o);

    (void)gh_server_read(gh_json_get(root, "spec"), s, c);
    s->object = gh_compiled_hold(c, o);
    s->name = o->name;
    s->labels =
        gh_labels_from_json(gh_json_path(root, "metadata/labels"), &c->arena);
}

static int by_age_and_name(const void *a, const void *b)
{
    const struct gh_server *x = *(const struct gh_server *const *)a;
    const struct gh_server *y = *(const struct gh_server *const *)b;

    if (x->object->created_s != y->object->created_s)
        return x->object->created_s < y->object->created_s ? -1 : 1;
    return gh_slice_cmp(x->name, y->name);
}

static size_t count_of(const struct gh_plan *p, enum gh_mesh_kind kind)
{
    struct gh_store_iter it = gh_mesh_list(p->mesh, kind, p->ns->name);
    size_t count = 0;

    while (gh_store_next(&it))
        count++;
    return count;
}

const struct gh_server *const *gh_servers_compile(struct gh_plan *p,
                                                  size_t *ret_count)
{
    size_t count = count_of(p, GH_KIND_SERVER);
    struct gh_server *all =
        GH_COMPILED_NEW(&p->memory, struct gh_server, count);
    const struct gh_server **list =
        GH_COMPILED_NEW(&p->memory, const struct gh_server *, count);
    struct gh_store_iter it =
        gh_mesh_list(p->mesh, GH_KIND_SERVER, p->ns->name);

    for (size_t i = 0; gh_store_next(&it); i++) {
        read_server(&all[i], it.object, &p->memory);
        list[i] = &all[i];
    }
    if (count > 1)
        qsort(list, count, sizeof(*list), by_age_and_name);
    *ret_count = count;
    return list;
}

/* --- lists of ports in annotations --- */

static bool port_parse(struct gh_slice s, uint64_t *ret)
{
    s = gh_slice_trim(s);
    if (s.len > 1 && s.ptr[0] == '+')
        s = gh_slice_drop(s, 1);
    return gh_u64_parse(s, ret) && *ret >= 1 && *ret <= UINT16_MAX;
}

/* Return: false for a bad item. */
static bool item_has(struct gh_slice item, uint16_t port, bool *has)
{
    size_t dash = gh_slice_find(item, '-');
    uint64_t from;
    uint64_t to;

    if (dash == item.len) {
        if (gh_slice_trim(item).len == 0)
            return true;
        if (!port_parse(item, &from))
            return false;
        to = from;
    } else if (!port_parse(gh_slice_head(item, dash), &from) ||
               !port_parse(gh_slice_drop(item, dash + 1), &to) || from > to) {
        return false;
    }
    *has |= port >= from && port <= to;
    return true;
}

bool gh_port_list_has(struct gh_slice list, uint16_t port, bool *ret_valid)
{
    struct gh_slice item;
    bool has = false;

    *ret_valid = true;
    while (gh_slice_cut(&list, ',', &item))
        if (!item_has(item, port, &has)) {
            *ret_valid = false;
            return false;
        }
    return has;
}
