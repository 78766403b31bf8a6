/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh/mesh_internal.h"

/*
 * What the mesh reads of each kind
 *
 * The store keeps only these fields (a real injected Pod shrinks from 20 KB to
 * about 1 KB). Whoever teaches the mesh to look at another field adds it here,
 * or will never see it. Secrets are not on the list and never will be.
 */

#define META                                                                   \
    "metadata labels", "metadata annotations *linkerd.io/*",                   \
        "metadata annotations gatehouse.dev/*"

#define CONTAINERS(prefix, list)                                               \
    prefix "spec " list " name", prefix "spec " list " ports",                 \
        prefix "spec " list " restartPolicy",                                  \
        prefix "spec " list " livenessProbe httpGet",                          \
        prefix "spec " list " readinessProbe httpGet",                         \
        prefix "spec " list " startupProbe httpGet"

#define POD(prefix)                                                            \
    prefix "metadata labels", prefix "metadata annotations *linkerd.io/*",     \
        prefix "spec serviceAccountName", prefix "spec hostNetwork",           \
        prefix "spec terminationGracePeriodSeconds",                           \
        CONTAINERS(prefix, "containers"), CONTAINERS(prefix, "initContainers")

#define WORKLOAD_STATUS                                                        \
    "spec replicas", "status replicas", "status readyReplicas",                \
        "status desiredNumberScheduled", "status numberReady"

static const char *const meta_fields[] = {META, NULL};

static const char *const pod_fields[] = {
    POD(""),        "metadata ownerReferences", "status phase",
    "status podIP", "status conditions type",   "status conditions status",
    NULL,
};

static const char *const template_fields[] = {
    META, POD("spec template "), "metadata ownerReferences", WORKLOAD_STATUS,
    NULL,
};

static const char *const cron_job_fields[] = {
    META,
    POD("spec jobTemplate spec template "),
    NULL,
};

static const char *const service_fields[] = {
    META,        "spec selector",     "spec ports", "spec clusterIP",
    "spec type", "spec externalName", NULL,
};

static const char *const config_map_fields[] = {"data values", NULL};

static const char *const link_fields[] = {META, "spec targetClusterName", NULL};

static const char *const node_fields[] = {"spec podCIDRs", NULL};

static const char *const policy_fields[] = {META, "spec", "status", NULL};

#define KIND(group, kind, fields, stales)                                      \
    {                                                                          \
        {group, kind, fields, NULL}, stales                                    \
    }

const struct gh_mesh_kind_row gh_mesh_kinds[GH_KIND_COUNT] = {
    [GH_KIND_NAMESPACE] =
        KIND("", "Namespace", meta_fields, GH_STALE_WORKLOADS),
    [GH_KIND_POD] = KIND("", "Pod", pod_fields, GH_STALE_WORKLOADS),
    [GH_KIND_DEPLOYMENT] =
        KIND("apps", "Deployment", template_fields, GH_STALE_WORKLOADS),
    [GH_KIND_STATEFUL_SET] =
        KIND("apps", "StatefulSet", template_fields, GH_STALE_WORKLOADS),
    [GH_KIND_DAEMON_SET] =
        KIND("apps", "DaemonSet", template_fields, GH_STALE_WORKLOADS),
    [GH_KIND_REPLICA_SET] =
        KIND("apps", "ReplicaSet", template_fields, GH_STALE_WORKLOADS),
    [GH_KIND_REPLICATION_CONTROLLER] =
        KIND("", "ReplicationController", template_fields, GH_STALE_WORKLOADS),
    [GH_KIND_JOB] = KIND("batch", "Job", template_fields, GH_STALE_WORKLOADS),
    [GH_KIND_CRON_JOB] =
        KIND("batch", "CronJob", cron_job_fields, GH_STALE_WORKLOADS),
    [GH_KIND_EXTERNAL_WORKLOAD] =
        KIND("workload.linkerd.io", "ExternalWorkload", policy_fields,
             GH_STALE_WORKLOADS),
    [GH_KIND_SERVICE] = KIND("", "Service", service_fields, GH_STALE_PLAN),
    [GH_KIND_SERVICE_ACCOUNT] = KIND("", "ServiceAccount", meta_fields, 0),
    [GH_KIND_CONFIG_MAP] = {{"", "ConfigMap", config_map_fields,
                             "linkerd-config"},
                            GH_STALE_CONFIG},
    [GH_KIND_SERVER] =
        KIND(GH_GROUP_POLICY, "Server", policy_fields, GH_STALE_PLAN),
    [GH_KIND_AUTHORIZATION_POLICY] = KIND(
        GH_GROUP_POLICY, "AuthorizationPolicy", policy_fields, GH_STALE_PLAN),
    [GH_KIND_SERVER_AUTHORIZATION] = KIND(
        GH_GROUP_POLICY, "ServerAuthorization", policy_fields, GH_STALE_PLAN),
    [GH_KIND_MESHTLS_AUTHENTICATION] =
        KIND(GH_GROUP_POLICY, "MeshTLSAuthentication", policy_fields,
             GH_STALE_AUTHN),
    [GH_KIND_NETWORK_AUTHENTICATION] =
        KIND(GH_GROUP_POLICY, "NetworkAuthentication", policy_fields,
             GH_STALE_AUTHN),
    [GH_KIND_POLICY_HTTP_ROUTE] =
        KIND(GH_GROUP_POLICY, "HTTPRoute", policy_fields, GH_STALE_PLAN),
    [GH_KIND_GATEWAY_HTTP_ROUTE] =
        KIND(GH_GROUP_GATEWAY, "HTTPRoute", policy_fields, GH_STALE_PLAN),
    [GH_KIND_GRPC_ROUTE] = KIND(GH_GROUP_GATEWAY, "GRPCRoute", policy_fields,
                                GH_STALE_PLAN | GH_STALE_RIVALS),
    [GH_KIND_RATE_LIMIT] = KIND(GH_GROUP_POLICY, "HTTPLocalRateLimitPolicy",
                                policy_fields, GH_STALE_PLAN),
    [GH_KIND_TLS_ROUTE] = KIND(GH_GROUP_GATEWAY, "TLSRoute", policy_fields, 0),
    [GH_KIND_TCP_ROUTE] = KIND(GH_GROUP_GATEWAY, "TCPRoute", policy_fields, 0),
    [GH_KIND_EGRESS_NETWORK] =
        KIND(GH_GROUP_POLICY, "EgressNetwork", policy_fields, 0),
    [GH_KIND_SERVICE_PROFILE] =
        KIND("linkerd.io", "ServiceProfile", policy_fields, 0),
    [GH_KIND_LINK] = KIND("multicluster.linkerd.io", "Link", link_fields, 0),
    [GH_KIND_NODE] = KIND("", "Node", node_fields, 0),
};
