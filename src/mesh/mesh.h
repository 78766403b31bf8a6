/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The mesh: workloads, and who may talk to them
 *
 * A model of a Linkerd mesh over the store, kept by namespace: what runs there
 * (workloads), what rules it (plan). Both are compiled when first asked for
 * and again after something in them changed, so a changed policy costs one
 * namespace, and a question costs no store look-ups.
 *
 * The unit of judgement is a pod set: pods of one workload that no policy can
 * tell apart (labels, annotations, account, ports and probes are equal). Where
 * a workload has no pods, its template stands in for them, after what injection
 * will add, and says so.
 *
 * Ownership: everything handed out belongs to the mesh and is valid until the
 * next gh_mesh_sync(); callers copy what they keep.
 * Threads: the control thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"
#include "mesh/net.h"
#include "mesh/selector.h"
#include "store/store.h"

struct gh_mesh;
struct gh_plan;

/* --- cluster configuration ------------------------------------------------ */

enum gh_default_policy {
    GH_DEFAULT_ALL_UNAUTHENTICATED,
    GH_DEFAULT_ALL_AUTHENTICATED,
    GH_DEFAULT_CLUSTER_UNAUTHENTICATED,
    GH_DEFAULT_CLUSTER_AUTHENTICATED,
    GH_DEFAULT_DENY,
    GH_DEFAULT_AUDIT,
    GH_DEFAULT_INVALID, /* not a policy's name */
};

enum gh_default_policy gh_default_policy_parse(struct gh_slice s);
const char *gh_default_policy_name(enum gh_default_policy p);

struct gh_mesh_config {
    struct gh_slice control_plane_ns;
    struct gh_slice trust_domain;
    struct gh_slice cluster_domain;
    struct gh_slice version;      /* absent when unknown */
    struct gh_slice opaque_ports; /* the injector's default list */
    enum gh_default_policy default_policy;
    struct gh_nets cluster_networks;
    struct gh_nets probe_networks;
    const struct gh_object *source; /* linkerd-config; NULL: Linkerd's defaults
                                       are assumed */
    struct gh_slice problem;        /* why linkerd-config was not understood */
};

/* --- workloads -------------------------------------------------------------
 */

enum gh_meshed {
    GH_MESHED_NO,
    GH_MESHED_SIDECAR,        /* a linkerd-proxy container */
    GH_MESHED_NATIVE_SIDECAR, /* an init container that stays (2.20 default) */
    GH_MESHED_ON_INJECTION,   /* a template: its pods will be injected */
    GH_MESHED_EXTERNAL,       /* an ExternalWorkload: its proxy is elsewhere */
};

const char *gh_meshed_name(enum gh_meshed m);

struct gh_port {
    uint16_t number;
    struct gh_slice name;      /* absent: none */
    struct gh_slice container; /* absent for ExternalWorkloads */
    bool tcp;
    bool init;    /* of an init container */
    bool sidecar; /* of an init container that stays */
    bool proxy;   /* of the Linkerd proxy itself */
};

/* An httpGet probe of the kubelet, on a port that could be resolved. */
struct gh_probe {
    uint16_t port;
    struct gh_slice path; /* without query; absent: not a URI */
};

struct gh_pod {
    const struct gh_object *object; /* Pod or ExternalWorkload */
    struct gh_slice name;
    struct gh_slice phase; /* absent: unknown */
    bool ready;
    bool has_ip;
    struct gh_ip ip;
};

struct gh_workload;
struct gh_mesh_ns;

struct gh_podset {
    const struct gh_workload *workload;
    uint32_t index; /* within its namespace */
    bool is_template;
    enum gh_meshed meshed;
    const char *meshed_why; /* for templates and the unmeshed; else NULL */
    struct gh_labels labels;
    struct gh_json annotations;    /* of pod or template */
    struct gh_json ns_annotations; /* templates: what injection would copy */
    struct gh_slice service_account;
    struct gh_slice identity; /* absent when not meshed */
    const struct gh_port *ports;
    size_t port_count;
    const struct gh_probe *probes;
    size_t probe_count;
    const struct gh_pod *pods;
    size_t pod_count;             /* 0 for a template */
    struct gh_slice opaque_added; /* templates: list that injection adds */
};

struct gh_workload {
    struct gh_slice ns;
    struct gh_slice kind; /* Deployment ... Pod, ExternalWorkload */
    struct gh_slice name;
    const struct gh_object *object; /* NULL when only its pods are known */
    const struct gh_podset *const *sets;
    size_t set_count;
    struct gh_mesh_ns *space; /* the mesh's own */
};

/* An annotation of the pod, or what injection will give it; absent: none. */
struct gh_slice gh_podset_annotation(const struct gh_podset *p,
                                     struct gh_slice key);

/* --- life ------------------------------------------------------------------
 */

/* Declares to the store what the mesh reads. Before any transaction. */
struct gh_mesh *gh_mesh_new(struct gh_store *store);
struct gh_mesh *gh_mesh_free(struct gh_mesh *m);

/* Takes in what changed in the store. Invalidates what was handed out. */
void gh_mesh_sync(struct gh_mesh *m);

struct gh_store *gh_mesh_store(const struct gh_mesh *m);
const struct gh_mesh_config *gh_mesh_config(const struct gh_mesh *m);

/* --- looking around --------------------------------------------------------
 */

/* Namespaces that hold anything, by name. Return: false at the end. */
bool gh_mesh_ns_at(struct gh_mesh *m, size_t index, struct gh_slice *ret_name);
bool gh_mesh_has_ns(struct gh_mesh *m, struct gh_slice name);

/* Workloads of a namespace, by kind and name. */
const struct gh_workload *const *
gh_mesh_workloads(struct gh_mesh *m, struct gh_slice ns, size_t *ret_count);

/* By name, of any kind when @kind is absent (case does not count). */
const struct gh_workload *gh_mesh_workload(struct gh_mesh *m,
                                           struct gh_slice ns,
                                           struct gh_slice kind,
                                           struct gh_slice name);

/* The set a pod (or ExternalWorkload, by its kind) is in; NULL: unknown. */
const struct gh_podset *gh_mesh_pod(struct gh_mesh *m, struct gh_slice ns,
                                    struct gh_slice name,
                                    const struct gh_pod **ret_pod);
const struct gh_podset *gh_mesh_external(struct gh_mesh *m, struct gh_slice ns,
                                         struct gh_slice name);

/* What rules a namespace; see mesh/policy.h. */
struct gh_plan *gh_mesh_plan(struct gh_mesh *m, struct gh_slice ns);

/* The object of a kind by name, in the policy groups, or NULL. */
const struct gh_object *gh_mesh_object(const struct gh_mesh *m,
                                       const char *group, const char *kind,
                                       struct gh_slice ns,
                                       struct gh_slice name);
