/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Names that people and agents use, turned into pod sets and ports
 *
 * "web" may be a Service, a Deployment, a value of the label app, or a pod.
 * Order: what the prefix says ("svc/web", "deploy/web", "pod/web-0"), else
 * Service, workload, label app or k8s-app, pod. A name that fits nothing gives
 * an error that names the nearest one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "mesh/decide.h"
#include "mesh/mesh.h"

enum gh_selected_by {
    GH_BY_SERVICE,
    GH_BY_WORKLOAD,
    GH_BY_LABEL,
    GH_BY_POD,
};

struct gh_selection {
    enum gh_selected_by by;
    struct gh_slice ns;
    struct gh_slice name;
    const struct gh_object *service;    /* when by service */
    const struct gh_workload *workload; /* when by workload */
    const struct gh_pod *pod;           /* when by pod */
    const struct gh_podset *const *sets;
    size_t set_count;
};

/* Which way a name is looked up first: targets are Services, sources are not.
 */
enum gh_select_for { GH_SELECT_TARGET, GH_SELECT_SOURCE };

/**
 * gh_select() - resolve @name in namespace @ns
 * @name: "web", "svc/web", "deploy/web", "Deployment/web", "pod/web-0" ...
 *
 * Return: true, with at least one set (a Service whose selector matches
 * nothing is an error, too); false with @err.
 */
bool gh_select(struct gh_mesh *m, struct gh_slice ns, struct gh_slice name,
               enum gh_select_for what_for, struct gh_arena *a,
               struct gh_selection *ret, struct gh_err *err);

/* A port of the target that a question is about. */
struct gh_target_port {
    const struct gh_podset *podset;
    uint16_t port;         /* on the pod */
    uint16_t service_port; /* 0: not through a Service */
    struct gh_slice name;  /* of the Service port, else the container port */
};

/**
 * gh_target_ports() - ports of a selection
 * @port: absent: all worth asking about; else a number or name: of the Service
 *        port where a Service was selected, else of the pod's
 *
 * Return: true with at least one; false with @err that names those there are.
 */
bool gh_target_ports(struct gh_mesh *m, const struct gh_selection *sel,
                     struct gh_slice port, struct gh_arena *a,
                     const struct gh_target_port **ret, size_t *ret_count,
                     struct gh_err *err);

/* A source as clients: one for each different identity and address. */
struct gh_source_client {
    const struct gh_podset *podset;
    const struct gh_pod *pod; /* NULL: template */
    struct gh_client client;
};

const struct gh_source_client *gh_source_clients(const struct gh_selection *sel,
                                                 struct gh_arena *a,
                                                 size_t *ret_count);

/* The Services that select @podset, in @a. */
const struct gh_object *const *
gh_podset_services(struct gh_mesh *m, const struct gh_podset *podset,
                   struct gh_arena *a, size_t *ret_count);
