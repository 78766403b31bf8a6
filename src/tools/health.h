/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The mesh's health, as far as objects show it
 *
 * One walk over everything that is known, and findings from it: what is wrong,
 * why that matters, what to do. What objects cannot show (certificates that
 * expire, webhooks that do not answer, proxies that are stuck) is said, too,
 * rather than left out silently.
 */

#include "base/arena.h"
#include "mesh/finding.h"
#include "mesh/mesh.h"

struct gh_health_finding {
    enum gh_severity severity;
    struct gh_slice what;
    struct gh_slice why;
    struct gh_slice remedy; /* absent: nothing to do */
};

/* A pod of the control plane. */
struct gh_component {
    const struct gh_pod *pod;
    struct gh_slice component; /* "destination" ... */
    bool healthy;
};

struct gh_ns_health {
    struct gh_slice ns;
    size_t meshed;
    size_t unmeshed;
    size_t not_ready;
    size_t templates; /* without known pods */
    size_t meshed_templates;
};

struct gh_proxy_version {
    struct gh_slice version;
    size_t pods;
};

enum { GH_HEALTH_MAX_VERSIONS = 32 };

struct gh_health {
    struct gh_slice control_ns;
    struct gh_component *components;
    size_t component_count;
    size_t healthy_count;
    struct gh_ns_health *namespaces; /* by name; without the control plane's */
    size_t ns_count;
    struct gh_ns_health total;
    struct gh_proxy_version versions[GH_HEALTH_MAX_VERSIONS];
    size_t version_count;
    struct gh_health_finding *findings; /* worst first */
    size_t finding_count;
};

/* @ns: the control plane's; absent: as configured. Return: false: out of
 * arena. */
bool gh_health_of(struct gh_mesh *m, struct gh_slice ns, struct gh_arena *a,
                  struct gh_health *ret);
