/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh/podspec.h"

#define PROXY "linkerd-proxy"
#define PROXY_PORT 4143
#define ADMIN_PORT 4191

/* The two lists of containers, so that one loop walks both. */
static const struct {
    const char *list;
    bool init;
} container_lists[] = {{"containers", false}, {"initContainers", true}};

static const char *const probe_names[] = {"livenessProbe", "readinessProbe",
                                          "startupProbe"};

static bool port_number(struct gh_json v, uint16_t *ret)
{
    int64_t n;

    if (!gh_json_i64(v, &n) || n < 1 || n > UINT16_MAX)
        return false;
    *ret = (uint16_t)n;
    return true;
}

static bool is_tcp(struct gh_json port)
{
    struct gh_slice protocol =
        gh_json_str_or(gh_json_get(port, "protocol"), GH_SLICE("TCP"));

    return gh_slice_eq_nocase(protocol, GH_SLICE("TCP"));
}

static bool stays(struct gh_json container)
{
    return gh_json_str_is(gh_json_get(container, "restartPolicy"), "Always");
}

static bool is_proxy(struct gh_json container)
{
    return gh_json_str_is(gh_json_get(container, "name"), PROXY);
}

static size_t count_ports(struct gh_json spec)
{
    size_t count = 0;

    for (size_t i = 0; i < GH_COUNT(container_lists); i++)
        for (struct gh_json_iter it =
                 gh_json_iter(gh_json_path(spec, container_lists[i].list));
             gh_json_next(&it);)
            count += gh_json_count(gh_json_get(it.value, "ports"));
    return count;
}

static size_t add_ports(struct gh_json container, bool init,
                        struct gh_port *out)
{
    size_t count = 0;

    for (struct gh_json_iter it = gh_json_iter(gh_json_get(container, "ports"));
         gh_json_next(&it);) {
        struct gh_port port = {
            .name = gh_json_str(gh_json_get(it.value, "name")),
            .container = gh_json_str(gh_json_get(container, "name")),
            .tcp = is_tcp(it.value),
            .init = init,
            .sidecar = init && stays(container),
            .proxy = is_proxy(container),
        };

        if (port_number(gh_json_get(it.value, "containerPort"), &port.number))
            out[count++] = port;
    }
    return count;
}

/* --- probes ---------------------------------------------------------------
 * The controller takes the probe's path for a URI, as Rust's http crate reads
 * one: without query and fragment; from "scheme://host/path" the path.
 */

static bool is_path_byte(unsigned char c)
{
    return c == 0x21 || c == 0x22 || (c >= 0x24 && c <= 0x3b) || c == 0x3d ||
           (c >= 0x40 && c <= 0x5f) || (c >= 0x61 && c <= 0x7e) || c >= 0x7f;
}

static struct gh_slice after_authority(struct gh_slice uri)
{
    for (size_t i = 0; i + 3 <= uri.len; i++) {
        if (uri.ptr[i] == '/')
            return uri;
        if (memcmp(uri.ptr + i, "://", 3) == 0) {
            uri = gh_slice_drop(uri, i + 3);
            uri = gh_slice_drop(uri, gh_slice_find(uri, '/'));
            return uri.len > 0 ? uri : GH_SLICE("/");
        }
    }
    return uri;
}

/* Absent when the path is no URI, or one that no request can have. */
static struct gh_slice probe_path(struct gh_json http_get)
{
    struct gh_slice path =
        gh_json_str_or(gh_json_get(http_get, "path"), GH_SLICE("/"));

    path = after_authority(path);
    path = gh_slice_head(path, gh_slice_find(path, '?'));
    path = gh_slice_head(path, gh_slice_find(path, '#'));
    if (path.len == 0 || path.ptr[0] != '/')
        return gh_slice_str(NULL);
    for (size_t i = 0; i < path.len; i++)
        if (!is_path_byte((unsigned char)path.ptr[i]))
            return gh_slice_str(NULL);
    return path;
}

/* A named port is one of the same container; case does not count. */
static bool probe_port(struct gh_json http_get, struct gh_json container,
                       uint16_t *ret)
{
    struct gh_json port = gh_json_get(http_get, "port");
    struct gh_slice name = gh_json_str(port);

    if (!name.ptr)
        return port_number(port, ret);
    for (struct gh_json_iter it = gh_json_iter(gh_json_get(container, "ports"));
         gh_json_next(&it);) {
        struct gh_slice n = gh_json_str(gh_json_get(it.value, "name"));

        if (n.ptr && is_tcp(it.value) && gh_slice_eq_nocase(n, name) &&
            port_number(gh_json_get(it.value, "containerPort"), ret))
            return true;
    }
    return false;
}

static size_t add_probes(struct gh_json container, struct gh_probe *out)
{
    size_t count = 0;

    for (size_t i = 0; i < GH_COUNT(probe_names); i++) {
        struct gh_json get = gh_json_get(
            gh_json_getn(container, gh_slice_str(probe_names[i])), "httpGet");
        struct gh_probe probe;

        if (!gh_json_is(get, GH_JSON_OBJECT) ||
            !probe_port(get, container, &probe.port))
            continue;
        probe.path = probe_path(get);
        out[count++] = probe;
    }
    return count;
}

static size_t count_containers(struct gh_json spec)
{
    return gh_json_count(gh_json_get(spec, "containers")) +
           gh_json_count(gh_json_get(spec, "initContainers"));
}

static enum gh_meshed proxy_of(struct gh_json container, bool init)
{
    if (!is_proxy(container))
        return GH_MESHED_NO;
    if (!init)
        return GH_MESHED_SIDECAR;
    return stays(container) ? GH_MESHED_NATIVE_SIDECAR : GH_MESHED_NO;
}

void gh_podspec_read(struct gh_json spec, struct gh_compiled *c,
                     struct gh_podspec *ret)
{
    /* Room for what injection adds: two ports, two probes. */
    struct gh_port *ports =
        GH_COMPILED_NEW(c, struct gh_port, count_ports(spec) + 2);
    struct gh_probe *probes = GH_COMPILED_NEW(
        c, struct gh_probe, count_containers(spec) * GH_COUNT(probe_names) + 2);

    *ret = (struct gh_podspec){
        .meshed_why = "the pod has no linkerd-proxy container",
        .ports = ports,
        .probes = probes,
    };
    for (size_t i = 0; i < GH_COUNT(container_lists); i++) {
        bool init = container_lists[i].init;

        for (struct gh_json_iter it =
                 gh_json_iter(gh_json_path(spec, container_lists[i].list));
             gh_json_next(&it);) {
            enum gh_meshed meshed = proxy_of(it.value, init);

            ret->port_count +=
                add_ports(it.value, init, ports + ret->port_count);
            ret->probe_count += add_probes(it.value, probes + ret->probe_count);
            if (meshed != GH_MESHED_NO) {
                ret->meshed = meshed;
                ret->meshed_why = NULL;
            }
        }
    }
}

/* --- templates --- */

static struct gh_slice inject_annotation(struct gh_json annotations)
{
    return gh_json_str(gh_json_get(annotations, "linkerd.io/inject"));
}

static bool enables(struct gh_slice inject)
{
    return gh_slice_is(inject, "enabled") || gh_slice_is(inject, "ingress");
}

/* NULL: pods will be injected. Else why not. */
static const char *not_injected(struct gh_json spec, struct gh_json annotations,
                                const struct gh_object *ns)
{
    struct gh_json ns_meta =
        ns ? gh_json_get(gh_object_root(ns), "metadata") : GH_JSON_NONE;
    struct gh_slice own = inject_annotation(annotations);
    struct gh_slice from_ns =
        inject_annotation(gh_json_get(ns_meta, "annotations"));

    if (gh_json_true(gh_json_get(spec, "hostNetwork")))
        return "hostNetwork pods are not injected";
    if (gh_json_str_is(gh_json_get(gh_json_get(ns_meta, "labels"),
                                   "config.linkerd.io/admission-webhooks"),
                       "disabled"))
        return "the namespace is exempt from Linkerd's webhooks";
    if (own.ptr)
        return enables(own) ? NULL
                            : "its template's linkerd.io/inject annotation "
                              "does not enable injection";
    if (enables(from_ns))
        return NULL;
    return "neither its template nor its namespace has the annotation "
           "linkerd.io/inject: enabled";
}

/* What the injector adds: the proxy's two ports and its probes. */
static void add_proxy(struct gh_podspec *p)
{
    struct gh_port *ports = (struct gh_port *)(uintptr_t)p->ports;
    struct gh_probe *probes = (struct gh_probe *)(uintptr_t)p->probes;
    struct gh_port port = {.container = GH_SLICE(PROXY),
                           .tcp = true,
                           .init = true,
                           .sidecar = true,
                           .proxy = true};

    port.number = PROXY_PORT;
    port.name = GH_SLICE("linkerd-proxy");
    ports[p->port_count++] = port;
    port.number = ADMIN_PORT;
    port.name = GH_SLICE("linkerd-admin");
    ports[p->port_count++] = port;
    probes[p->probe_count++] = (struct gh_probe){ADMIN_PORT, GH_SLICE("/live")};
    probes[p->probe_count++] =
        (struct gh_probe){ADMIN_PORT, GH_SLICE("/ready")};
}

void gh_podspec_read_template(struct gh_json spec, struct gh_json annotations,
                              const struct gh_object *ns, struct gh_compiled *c,
                              struct gh_podspec *ret)
{
    gh_podspec_read(spec, c, ret);
    if (ret->meshed != GH_MESHED_NO)
        return; /* injected by hand */
    ret->meshed_why = not_injected(spec, annotations, ns);
    if (!ret->meshed_why) {
        ret->meshed = GH_MESHED_ON_INJECTION;
        add_proxy(ret);
    }
}

void gh_podspec_read_external(struct gh_json spec, struct gh_compiled *c,
                              struct gh_podspec *ret)
{
    struct gh_json list = gh_json_get(spec, "ports");
    struct gh_port *ports =
        GH_COMPILED_NEW(c, struct gh_port, gh_json_count(list));

    *ret = (struct gh_podspec){.meshed = GH_MESHED_EXTERNAL, .ports = ports};
    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it);) {
        struct gh_port port = {
            .name = gh_json_str(gh_json_get(it.value, "name")),
            .tcp = is_tcp(it.value),
        };

        if (port_number(gh_json_get(it.value, "port"), &port.number))
            ports[ret->port_count++] = port;
    }
}
