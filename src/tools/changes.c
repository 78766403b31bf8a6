/* SPDX-License-Identifier: Apache-2.0 */

#include "tools/changes.h"

#include <assert.h>

enum reach {
    REACH_NAMESPACE, /* what is in its namespace */
    REACH_ALL,       /* anything may resolve differently */
};

struct watched {
    const char *group;
    const char *kind;
    enum reach reach;
};

static const struct watched watched[] = {
    {"", "Namespace", REACH_ALL},
    {"", "ConfigMap", REACH_ALL},
    {"", "Pod", REACH_NAMESPACE},
    {"", "Service", REACH_NAMESPACE},
    {"apps", "Deployment", REACH_NAMESPACE},
    {"apps", "StatefulSet", REACH_NAMESPACE},
    {"apps", "DaemonSet", REACH_NAMESPACE},
    {"apps", "ReplicaSet", REACH_NAMESPACE},
    {"batch", "Job", REACH_NAMESPACE},
    {"batch", "CronJob", REACH_NAMESPACE},
    {"workload.linkerd.io", "ExternalWorkload", REACH_NAMESPACE},
    {"policy.linkerd.io", "Server", REACH_NAMESPACE},
    {"policy.linkerd.io", "AuthorizationPolicy", REACH_NAMESPACE},
    {"policy.linkerd.io", "ServerAuthorization", REACH_NAMESPACE},
    {"policy.linkerd.io", "HTTPRoute", REACH_NAMESPACE},
    {"policy.linkerd.io", "HTTPLocalRateLimitPolicy", REACH_NAMESPACE},
    {"gateway.networking.k8s.io", "HTTPRoute", REACH_NAMESPACE},
    {"gateway.networking.k8s.io", "GRPCRoute", REACH_NAMESPACE},
    {"policy.linkerd.io", "MeshTLSAuthentication", REACH_ALL},
    {"policy.linkerd.io", "NetworkAuthentication", REACH_ALL},
};

static_assert(GH_COUNT(watched) <= GH_CHANGES_MAX_KINDS, "one cursor a kind");

enum { MAX_NAMESPACES = 200 };

/* What changed since the last time; more namespaces than that are "all". */
struct touched {
    bool all;
    struct gh_slice at[MAX_NAMESPACES];
    size_t count;
};

static void touch(struct touched *t, struct gh_slice ns)
{
    for (size_t i = 0; i < t->count; i++)
        if (gh_slice_eq(t->at[i], ns))
            return;
    if (t->count == MAX_NAMESPACES)
        t->all = true;
    else
        t->at[t->count++] = ns;
}

static void collect(struct gh_changes *c, const struct gh_store *s, size_t i,
                    struct touched *t)
{
    const struct gh_type *type = gh_store_type(
        s, gh_slice_str(watched[i].group), gh_slice_str(watched[i].kind));
    struct gh_change change;

    while (type && gh_store_next_change(s, type, &c->cursors[i], &change)) {
        if (change.kind == GH_CHANGE_RESET || watched[i].reach == REACH_ALL)
            t->all = true;
        else
            touch(t, change.object->ns);
    }
}

void gh_changes_init(struct gh_changes *c, const struct gh_store *s)
{
    struct touched ignored = {0};

    *c = (struct gh_changes){0};
    for (size_t i = 0; i < GH_COUNT(watched); i++)
        collect(c, s, i, &ignored);
}

static void announce_ns(struct gh_slice ns, gh_changes_fn *fn, void *ctx)
{
    static const char *const families[] = {"workloads", "servers", "policies"};

    for (size_t i = 0; i < GH_COUNT(families); i++) {
        struct gh_buf uri GH_BUF_CLEANUP;

        gh_buf_init(&uri, 1024);
        gh_buf_addf(&uri, "mesh://%s/%.*s/", families[i], GH_FMT(ns));
        if (gh_buf_rc(&uri) == GH_OK)
            fn(ctx, GH_MCP_UPDATED, gh_buf_slice(&uri));
    }
}

void gh_changes_announce(struct gh_changes *c, const struct gh_store *s,
                         gh_changes_fn *fn, void *ctx)
{
    struct touched t = {0};

    for (size_t i = 0; i < GH_COUNT(watched); i++)
        collect(c, s, i, &t);
    if (!t.all && t.count == 0)
        return;
    if (t.all)
        fn(ctx, GH_MCP_UPDATED, GH_SLICE("mesh://"));
    else
        fn(ctx, GH_MCP_UPDATED, GH_SLICE("mesh://namespaces"));
    for (size_t i = 0; !t.all && i < t.count; i++)
        announce_ns(t.at[i], fn, ctx);
    fn(ctx, GH_MCP_LIST_CHANGED, GH_SLICE("mesh://"));
}
