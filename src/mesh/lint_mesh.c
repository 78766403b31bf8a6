/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh/lint_internal.h"

/*
 * Lints of the mesh as a whole
 *
 * What linkerd-config says is compared with what is there: addresses with the
 * cluster's networks, and pods' trust anchors with each other's.
 */

/* --- networks --- */

static bool covers(struct gh_nets nets, struct gh_net net)
{
    for (size_t i = 0; i < nets.count; i++)
        if (nets.at[i].net.v6 == net.v6 && nets.at[i].net.first <= net.first &&
            net.last <= nets.at[i].net.last)
            return true;
    return false;
}

/* Whether the address or block is known and outside of the cluster's. */
static bool is_outside(struct gh_lint *l, struct gh_slice text)
{
    struct gh_net net;

    return text.len > 0 && gh_net_parse(text, &net) &&
           !covers(gh_mesh_config(l->mesh)->cluster_networks, net);
}

static void tell_outside(struct gh_lint *l, const struct gh_object *o,
                         struct gh_slice text, const char *what)
{
    struct gh_finding *f = gh_lint_tell(
        l, GH_FINDING_ID_CLUSTER_NETWORKS, gh_mesh_config(l->mesh)->source,
        GH_SLICE("data[values]"),
        "clusterNetworks do not hold %.*s, the %s of %.*s %.*s%s%.*s",
        GH_FMT(text), what, GH_FMT(o->kind), GH_FMT(o->ns),
        o->ns.len > 0 ? "/" : "", GH_FMT(o->name));

    gh_lint_relate(f, o);
}

/* Each returns true when it told; one of a kind is enough. */
static bool lint_pod_address(struct gh_lint *l, const struct gh_object *o)
{
    struct gh_json root = gh_object_root(o);
    struct gh_slice ip = gh_json_str(gh_json_path(root, "status/podIP"));

    if (gh_json_true(gh_json_path(root, "spec/hostNetwork")) ||
        !is_outside(l, ip))
        return false;
    tell_outside(l, o, ip, "address");
    return true;
}

static bool lint_service_address(struct gh_lint *l, const struct gh_object *o)
{
    struct gh_slice ip = gh_json_str(gh_json_get(gh_lint_spec(o), "clusterIP"));

    if (!is_outside(l, ip))
        return false;
    tell_outside(l, o, ip, "address");
    return true;
}

static bool lint_node_blocks(struct gh_lint *l, const struct gh_object *o)
{
    struct gh_json list = gh_json_get(gh_lint_spec(o), "podCIDRs");

    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it);)
        if (is_outside(l, gh_json_str(it.value))) {
            tell_outside(l, o, gh_json_str(it.value), "pods' network");
            return true;
        }
    return false;
}

static void lint_networks(struct gh_lint *l)
{
    static const struct {
        enum gh_mesh_kind kind;
        bool (*lint)(struct gh_lint *l, const struct gh_object *o);
    } kinds[] = {
        {GH_KIND_NODE, lint_node_blocks},
        {GH_KIND_POD, lint_pod_address},
        {GH_KIND_SERVICE, lint_service_address},
    };

    for (size_t i = 0; i < GH_COUNT(kinds); i++) {
        struct gh_store_iter it =
            gh_mesh_list(l->mesh, kinds[i].kind, gh_slice_str(NULL));

        while (gh_store_next(&it) && !kinds[i].lint(l, it.object))
            ;
    }
}

/* --- trust anchors --- */

static void lint_trust_roots(struct gh_lint *l)
{
    struct gh_store_iter it =
        gh_mesh_list(l->mesh, GH_KIND_POD, gh_slice_str(NULL));
    const struct gh_object *first = NULL;
    const struct gh_object *other = NULL;
    struct gh_slice anchor = {NULL, 0};
    struct gh_finding *f;
    size_t others = 0;

    while (gh_store_next(&it)) {
        struct gh_slice root =
            gh_json_str(gh_json_get(gh_lint_meta(it.object, "annotations"),
                                    "linkerd.io/trust-root-sha256"));

        if (root.len == 0)
            continue;
        if (!anchor.ptr) {
            anchor = root;
            first = it.object;
        } else if (!gh_slice_eq(anchor, root)) {
            others++;
            if (!other)
                other = it.object;
        }
    }
    if (!other)
        return;
    f = gh_lint_tell(
        l, GH_FINDING_ID_TRUST_ROOTS, other,
        GH_SLICE("metadata.annotations[linkerd.io/trust-root-sha256]"),
        "this pod, one of %zu, has other trust anchors than pod "
        "%.*s/%.*s",
        others, GH_FMT(first->ns), GH_FMT(first->name));
    gh_lint_relate(f, first);
}

/* --- configuration --- */

/* Whether anything at hand depends on it. */
static bool has_policies(struct gh_lint *l)
{
    struct gh_store_iter it = gh_mesh_list(
        l->mesh, GH_KIND_MESHTLS_AUTHENTICATION, gh_slice_str(NULL));

    return gh_store_next(&it);
}

static void lint_config(struct gh_lint *l)
{
    const struct gh_mesh_config *c = gh_mesh_config(l->mesh);

    if (!c->source) {
        if (has_policies(l))
            (void)gh_lint_tell(l, GH_FINDING_ID_CONFIG_ASSUMED, NULL,
                               gh_slice_str(NULL),
                               "ConfigMap linkerd-config is not at hand; "
                               "Linkerd's defaults are assumed");
        return;
    }
    if (c->problem.ptr)
        (void)gh_lint_tell(l, GH_FINDING_ID_CONFIG_UNREADABLE, c->source,
                           GH_SLICE("data[values]"), "%.*s",
                           GH_FMT(c->problem));
    else
        lint_networks(l);
    if (!c->problem.ptr && c->default_policy == GH_DEFAULT_AUDIT)
        (void)gh_lint_tell(l, GH_FINDING_ID_AUDIT_MODE, c->source,
                           GH_SLICE("data[values]"),
                           "proxy.defaultInboundPolicy is audit: in all of the "
                           "mesh, ports without a Server let everybody in, and "
                           "only log who would be refused");
}

void gh_lint_mesh(struct gh_lint *l)
{
    lint_config(l);
    lint_trust_roots(l);
}
