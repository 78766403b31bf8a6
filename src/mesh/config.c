/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "mesh/mesh_internal.h"
#include "wire/yaml.h"

/*
 * The mesh's own configuration: ConfigMap linkerd-config
 *
 * Its key "values" is the YAML of the Helm values Linkerd was installed with.
 * Without it Linkerd's defaults are assumed, and answers say so. The control
 * plane's namespace is the ConfigMap's own. From here also come the
 * authorizations that exist without any object: one for each default policy,
 * and the proxy's own for loopback and probes.
 */

#define DEFAULT_NETWORKS                                                       \
    "10.0.0.0/8,100.64.0.0/10,172.16.0.0/12,192.168.0.0/16,fd00::/8"
#define DEFAULT_OPAQUE_PORTS "25,587,3306,4444,5432,6379,9300,11211"
#define VALUES_MAX_BYTES ((size_t)1 << 20)

static const char *const policy_names[] = {
    [GH_DEFAULT_ALL_UNAUTHENTICATED] = "all-unauthenticated",
    [GH_DEFAULT_ALL_AUTHENTICATED] = "all-authenticated",
    [GH_DEFAULT_CLUSTER_UNAUTHENTICATED] = "cluster-unauthenticated",
    [GH_DEFAULT_CLUSTER_AUTHENTICATED] = "cluster-authenticated",
    [GH_DEFAULT_DENY] = "deny",
    [GH_DEFAULT_AUDIT] = "audit",
};

enum gh_default_policy gh_default_policy_parse(struct gh_slice s)
{
    for (size_t i = 0; i < GH_COUNT(policy_names); i++)
        if (gh_slice_is(s, policy_names[i]))
            return (enum gh_default_policy)i;
    return GH_DEFAULT_INVALID;
}

const char *gh_default_policy_name(enum gh_default_policy p)
{
    return p < GH_DEFAULT_INVALID ? policy_names[p] : "invalid";
}

static struct gh_slice own(struct gh_mesh *m, struct gh_slice s)
{
    return gh_compiled_fmt(&m->config_memory, "%.*s", GH_FMT(s));
}

/* Helm writes lists of networks as one string, or as a list. */
static struct gh_nets networks(struct gh_mesh *m, struct gh_json v,
                               struct gh_nets otherwise)
{
    struct gh_arena *a = &m->config_memory.arena;
    struct gh_buf csv;
    struct gh_nets nets;

    if (gh_json_is(v, GH_JSON_STRING))
        return gh_nets_from_csv(own(m, gh_json_str(v)), a);
    if (!gh_json_is(v, GH_JSON_ARRAY))
        return otherwise;
    gh_buf_init(&csv, VALUES_MAX_BYTES);
    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);) {
        if (csv.len > 0)
            (void)gh_buf_addc(&csv, ',');
        (void)gh_buf_add(&csv, gh_json_str(it.value));
    }
    nets = gh_nets_from_csv(own(m, gh_buf_slice(&csv)), a);
    gh_buf_fini(&csv);
    return nets;
}

static void text_into(struct gh_mesh *m, struct gh_json v, struct gh_slice *ret)
{
    struct gh_slice s = gh_json_str(v);

    if (s.len > 0)
        *ret = own(m, s);
}

static void read_values(struct gh_mesh *m, struct gh_json values)
{
    struct gh_mesh_config *c = &m->config;
    enum gh_default_policy policy;
    struct gh_json networks_value = gh_json_get(values, "clusterNetworks");

    /* Before 2.16 the chart kept these under "global". */
    text_into(m, gh_json_path(values, "global/identityTrustDomain"),
              &c->trust_domain);
    text_into(m, gh_json_get(values, "clusterDomain"), &c->cluster_domain);
    text_into(m, gh_json_get(values, "clusterDomain"), &c->trust_domain);
    text_into(m, gh_json_get(values, "identityTrustDomain"), &c->trust_domain);
    text_into(m, gh_json_get(values, "linkerdVersion"), &c->version);
    text_into(m, gh_json_path(values, "proxy/opaquePorts"), &c->opaque_ports);
    c->cluster_networks = networks(m, networks_value, c->cluster_networks);
    c->probe_networks =
        networks(m, gh_json_path(values, "policyController/probeNetworks"),
                 c->probe_networks);
    policy = gh_default_policy_parse(
        gh_json_str(gh_json_path(values, "proxy/defaultInboundPolicy")));
    if (policy != GH_DEFAULT_INVALID)
        c->default_policy = policy;
}

static void parse_values(struct gh_mesh *m, struct gh_slice text)
{
    const struct gh_yaml_options opt = {.max_bytes = VALUES_MAX_BYTES};
    struct gh_yaml *y = gh_yaml_new(text, &opt);
    struct gh_arena scratch;
    struct gh_json_doc doc;
    struct gh_err err;
    enum gh_rc rc;

    gh_arena_init(&scratch, 16 * VALUES_MAX_BYTES);
    rc = gh_yaml_next(y, &scratch, &doc, &err);
    if (rc == GH_OK)
        read_values(m, gh_json_root(&doc));
    else if (rc < 0)
        m->config.problem = gh_compiled_fmt(
            &m->config_memory, "values, line %u: %s", err.line, err.text);
    gh_arena_fini(&scratch);
    (void)gh_yaml_free(y);
}

/* In namespace linkerd if there are several. */
static const struct gh_object *find_config(struct gh_mesh *m)
{
    struct gh_store_iter it =
        gh_mesh_list(m, GH_KIND_CONFIG_MAP, gh_slice_str(NULL));
    const struct gh_object *found = NULL;

    while (gh_store_next(&it)) {
        struct gh_json values =
            gh_json_path(gh_object_root(it.object), "data/values");

        if (gh_json_is(values, GH_JSON_STRING) &&
            (!found || gh_slice_is(it.object->ns, "linkerd")))
            found = it.object;
    }
    return found;
}

/* --- authorizations and routes without an object --- */

static struct gh_authz default_authz(struct gh_mesh *m, const char *name,
                                     enum gh_authz_client clients,
                                     struct gh_nets nets)
{
    return (struct gh_authz){
        .kind = GH_AUTHZ_DEFAULT,
        .name = gh_slice_str(name),
        .label = gh_compiled_fmt(&m->config_memory, "default/%s", name),
        .target = GH_TARGET_DEFAULT,
        .clients = clients,
        .nets = nets,
        .everywhere = gh_nets_everywhere(nets),
    };
}

static void set_access(struct gh_mesh *m, enum gh_default_policy p,
                       enum gh_authz_client clients, struct gh_nets nets)
{
    struct gh_authz *a = &m->defaults.access[p];
    struct gh_id_match *any =
        GH_COMPILED_NEW(&m->config_memory, struct gh_id_match, 1);

    *a = default_authz(m, policy_names[p], clients, nets);
    a->audit = p == GH_DEFAULT_AUDIT;
    if (clients == GH_CLIENTS_IDENTITIES) {
        *any = gh_id_match_of(GH_SLICE("*"));
        a->ids = any;
        a->id_count = 1;
    }
}

static void set_default_routes(struct gh_mesh *m)
{
    struct gh_mesh_defaults *d = &m->defaults;
    struct gh_route_rule *rules =
        GH_COMPILED_NEW(&m->config_memory, struct gh_route_rule, 2);
    struct gh_route_match *rpc =
        GH_COMPILED_NEW(&m->config_memory, struct gh_route_match, 1);

    rpc->has_rpc = true; /* any service and method, but a call it must be */
    rules[1] = (struct gh_route_rule){.matches = rpc, .match_count = 1};
    d->http = (struct gh_route){
        .name = GH_SLICE("default"),
        .label = GH_SLICE("default"),
        .rules = &rules[0],
        .rule_count = 1,
        .created_s = -1,
    };
    d->grpc = d->http;
    d->grpc.grpc = true;
    d->grpc.rules = &rules[1];
}

static void set_defaults(struct gh_mesh *m)
{
    struct gh_nets all = gh_nets_all();
    struct gh_nets cluster = m->config.cluster_networks;

    set_access(m, GH_DEFAULT_ALL_UNAUTHENTICATED, GH_CLIENTS_ANY, all);
    set_access(m, GH_DEFAULT_ALL_AUTHENTICATED, GH_CLIENTS_IDENTITIES, all);
    set_access(m, GH_DEFAULT_CLUSTER_UNAUTHENTICATED, GH_CLIENTS_ANY, cluster);
    set_access(m, GH_DEFAULT_CLUSTER_AUTHENTICATED, GH_CLIENTS_IDENTITIES,
               cluster);
    set_access(m, GH_DEFAULT_AUDIT, GH_CLIENTS_ANY, all);
    m->defaults.localhost =
        default_authz(m, "localhost", GH_CLIENTS_ANY, gh_nets_loopback());
    m->defaults.probe =
        default_authz(m, "probe", GH_CLIENTS_ANY, m->config.probe_networks);
    set_default_routes(m);
}

void gh_mesh_config_load(struct gh_mesh *m)
{
    const struct gh_object *o;

    gh_compiled_clear(&m->config_memory);
    m->config = (struct gh_mesh_config){
        .control_plane_ns = GH_SLICE("linkerd"),
        .trust_domain = GH_SLICE("cluster.local"),
        .cluster_domain = GH_SLICE("cluster.local"),
        .opaque_ports = GH_SLICE(DEFAULT_OPAQUE_PORTS),
        .default_policy = GH_DEFAULT_ALL_UNAUTHENTICATED,
        .cluster_networks = gh_nets_from_csv(GH_SLICE(DEFAULT_NETWORKS),
                                             &m->config_memory.arena),
        .probe_networks = gh_nets_all(),
    };
    o = find_config(m);
    if (o) {
        m->config.source = gh_compiled_hold(&m->config_memory, o);
        m->config.control_plane_ns = own(m, o->ns);
        parse_values(
            m, gh_json_str(gh_json_path(gh_object_root(o), "data/values")));
    }
    set_defaults(m);
}
