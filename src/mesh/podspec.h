/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a pod's specification says that policy cares about
 *
 * Ports, httpGet probes and the proxy, read from a Pod, from a pod template
 * (to which injection will add the proxy's own), or from an ExternalWorkload.
 */

#include "mesh/mesh_internal.h"

struct gh_podspec {
    enum gh_meshed meshed;
    const char *meshed_why;
    const struct gh_port *ports;
    size_t port_count;
    const struct gh_probe *probes;
    size_t probe_count;
};

/* @spec: of a Pod. */
void gh_podspec_read(struct gh_json spec, struct gh_compiled *c,
                     struct gh_podspec *ret);

/*
 * @spec: of a template. @annotations: its own; @ns: its Namespace, or NULL.
 * Says whether injection will happen, and adds what it will add.
 */
void gh_podspec_read_template(struct gh_json spec, struct gh_json annotations,
                              const struct gh_object *ns, struct gh_compiled *c,
                              struct gh_podspec *ret);

/* @spec: of an ExternalWorkload. */
void gh_podspec_read_external(struct gh_json spec, struct gh_compiled *c,
                              struct gh_podspec *ret);
