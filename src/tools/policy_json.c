/* SPDX-License-Identifier: Apache-2.0 */

#include "tools/policy_json.h"

#include "tools/describe.h"

const char *gh_enforcement_name(enum gh_enforcement e)
{
    switch (e) {
    case GH_ENFORCED:
        return "enforced";
    case GH_UNMESHED:
        return "unmeshed";
    case GH_PORT_SKIPPED:
        break;
    }
    return "port-skipped";
}

static const char *target_name(enum gh_authz_target t)
{
    static const char *const names[] = {
        [GH_TARGET_SERVER] = "server",
        [GH_TARGET_SELECTOR] = "servers-by-label",
        [GH_TARGET_NAMESPACE] = "namespace",
        [GH_TARGET_ROUTE] = "route",
        [GH_TARGET_DEFAULT] = "default",
    };

    return names[t];
}

struct gh_slice gh_policy_summary(const struct gh_port_policy *p,
                                  struct gh_arena *a)
{
    if (p->enforcement == GH_UNMESHED)
        return gh_arena_fmt(a, "Nothing is enforced: %s.",
                            p->podset->meshed_why ? p->podset->meshed_why
                                                  : "the pod has no proxy");
    if (p->enforcement == GH_PORT_SKIPPED)
        return GH_SLICE("Nothing is enforced: the port is in "
                        "config.linkerd.io/skip-inbound-ports and bypasses "
                        "the proxy.");
    if (p->refuses_everything)
        return GH_SLICE("Everything is refused: the proxy cannot read a route "
                        "of this port.");
    if (!p->server)
        return gh_arena_fmt(a,
                            "No Server selects this port: default policy %s "
                            "(%s) decides.",
                            gh_default_policy_name(p->fallback),
                            p->fallback_source ? p->fallback_source
                                               : "cluster default");
    return gh_arena_fmt(a,
                        "%.*s rules: protocol %s; authorizations in force: "
                        "%zu, ignored: %zu; %s.",
                        GH_FMT(gh_server_label(p->server, a)),
                        gh_protocol_name(p->protocol), p->authz_count,
                        p->ignored_count,
                        p->default_routes ? "no routes" : "with routes");
}

/* --- JSON
 * --------------------------------------------------------------------- */

static void write_authz(const struct gh_authz *z, struct gh_arena *a,
                        struct gh_jsonw *w)
{
    gh_jsonw_object(w);
    gh_jsonw_kstr(w, "policy", z->label);
    gh_jsonw_kstr(w, "admits", gh_authz_text(z, a));
    gh_jsonw_ktext(w, "target", target_name(z->target));
    if (z->ref_count > 0) {
        gh_jsonw_karray(w, "references");
        for (size_t i = 0; i < z->ref_count; i++)
            gh_jsonw_str(w, gh_ref_label(&z->refs[i], a));
        gh_jsonw_end(w);
    }
    if (z->audit)
        gh_jsonw_kbool(w, "audit", true);
    gh_jsonw_end(w);
}

static void write_authz_list(const struct gh_authz *const *at, size_t count,
                             struct gh_arena *a, struct gh_jsonw *w)
{
    gh_jsonw_karray(w, "authorizations");
    for (size_t i = 0; i < count; i++)
        write_authz(at[i], a, w);
    gh_jsonw_end(w);
}

static void write_ruler(const struct gh_port_policy *p, struct gh_arena *a,
                        struct gh_jsonw *w)
{
    if (p->enforcement != GH_ENFORCED)
        return;
    if (!p->server) {
        gh_jsonw_kobject(w, "default");
        gh_jsonw_ktext(w, "policy", gh_default_policy_name(p->fallback));
        gh_jsonw_ktext(w, "source",
                       p->fallback_source ? p->fallback_source
                                          : "cluster default");
        gh_jsonw_end(w);
        return;
    }
    gh_jsonw_kobject(w, "server");
    gh_jsonw_kstr(w, "name", gh_server_label(p->server, a));
    gh_jsonw_ktext(w, "proxyProtocol", gh_protocol_name(p->server->protocol));
    if (p->server->access != GH_DEFAULT_INVALID)
        gh_jsonw_ktext(w, "accessPolicy",
                       gh_default_policy_name(p->server->access));
    gh_jsonw_end(w);
}

static void write_routes(const struct gh_port_policy *p, struct gh_arena *a,
                         struct gh_jsonw *w)
{
    gh_jsonw_karray(w, "routes");
    for (size_t i = 0; i < p->route_count; i++) {
        const struct gh_route_use *use = &p->routes[i];

        gh_jsonw_object(w);
        gh_jsonw_kstr(w, "route", use->route->label);
        gh_jsonw_kstr(w, "matches", gh_route_text(use->route, a));
        if (use->route->assumed)
            gh_jsonw_kbool(w, "statusAssumed", true);
        write_authz_list(use->authz, use->authz_count, a, w);
        gh_jsonw_end(w);
    }
    gh_jsonw_end(w);
    gh_jsonw_karray(w, "ignoredRoutes");
    for (size_t i = 0; i < p->route_miss_count; i++) {
        gh_jsonw_object(w);
        gh_jsonw_kstr(w, "route", p->route_misses[i].route->label);
        gh_jsonw_kstr(w, "why", p->route_misses[i].why);
        gh_jsonw_end(w);
    }
    gh_jsonw_end(w);
}

static void write_ignored(const struct gh_port_policy *p, struct gh_jsonw *w)
{
    gh_jsonw_karray(w, "ignoredAuthorizations");
    for (size_t i = 0; i < p->ignored_count; i++) {
        gh_jsonw_object(w);
        gh_jsonw_kstr(w, "policy", p->ignored[i]->label);
        gh_jsonw_kstr(w, "why", p->ignored[i]->ignored);
        if (p->ignored[i]->remedy.len > 0)
            gh_jsonw_kstr(w, "remedy", p->ignored[i]->remedy);
        gh_jsonw_end(w);
    }
    gh_jsonw_end(w);
}

static void write_shadowed(const struct gh_port_policy *p, struct gh_arena *a,
                           struct gh_jsonw *w)
{
    gh_jsonw_karray(w, "shadowedServers");
    for (size_t i = 0; i < p->shadowed_count; i++) {
        gh_jsonw_object(w);
        gh_jsonw_kstr(w, "server", gh_server_label(p->shadowed[i].server, a));
        gh_jsonw_kstr(w, "why", p->shadowed[i].why);
        gh_jsonw_end(w);
    }
    gh_jsonw_end(w);
}

static void write_probes(const struct gh_port_policy *p, struct gh_jsonw *w)
{
    gh_jsonw_karray(w, "probes");
    for (size_t i = 0; i < p->podset->probe_count; i++)
        if (p->podset->probes[i].port == p->port &&
            p->podset->probes[i].path.ptr)
            gh_jsonw_str(w, p->podset->probes[i].path);
    gh_jsonw_end(w);
    if (p->probes_lost)
        gh_jsonw_kbool(w, "probesLost", true);
}

void gh_policy_write(const struct gh_port_policy *p, struct gh_arena *a,
                     struct gh_jsonw *w)
{
    size_t note_count;
    const struct gh_slice *notes = gh_policy_notes(p, a, &note_count);

    gh_jsonw_object(w);
    gh_jsonw_kstr(w, "workload", gh_workload_label(p->podset->workload, a));
    gh_jsonw_ki64(w, "port", p->port);
    gh_jsonw_kstr(w, "summary", gh_policy_summary(p, a));
    gh_jsonw_ktext(w, "enforcement", gh_enforcement_name(p->enforcement));
    gh_jsonw_ktext(w, "meshed", gh_meshed_name(p->podset->meshed));
    gh_jsonw_kbool(w, "template", p->podset->is_template);
    write_ruler(p, a, w);
    gh_jsonw_ktext(w, "protocol", gh_protocol_name(p->protocol));
    gh_jsonw_kbool(w, "opaqueAnnotation", p->opaque_annotation);
    write_shadowed(p, a, w);
    write_routes(p, a, w);
    write_authz_list(p->authz, p->authz_count, a, w);
    write_ignored(p, w);
    write_probes(p, w);
    if (p->rate_limit.ptr)
        gh_jsonw_kstr(w, "rateLimit", p->rate_limit);
    if (p->enforcement == GH_ENFORCED)
        gh_jsonw_ktext(w, "loopback",
                       "clients in the same pod (127.0.0.1, ::1) are "
                       "authorized by default/localhost");
    gh_jsonw_key(w, GH_SLICE("notes"));
    gh_write_strings(w, notes, note_count);
    gh_jsonw_end(w);
}

/* --- outline
 * ------------------------------------------------------------------- */

static void outline_routes(const struct gh_port_policy *p, struct gh_arena *a,
                           struct gh_buf *out)
{
    for (size_t i = 0; i < p->route_count; i++) {
        const struct gh_route_use *use = &p->routes[i];

        gh_buf_addf(out, "  route %.*s: %.*s\n", GH_FMT(use->route->label),
                    GH_FMT(gh_route_text(use->route, a)));
        for (size_t k = 0; k < use->authz_count; k++)
            gh_buf_addf(out, "    admits %.*s [%.*s]\n",
                        GH_FMT(gh_authz_text(use->authz[k], a)),
                        GH_FMT(use->authz[k]->label));
    }
    for (size_t i = 0; i < p->route_miss_count; i++)
        gh_buf_addf(out, "  route %.*s does not count: %.*s\n",
                    GH_FMT(p->route_misses[i].route->label),
                    GH_FMT(p->route_misses[i].why));
}

void gh_policy_outline(const struct gh_port_policy *p, struct gh_arena *a,
                       struct gh_buf *out)
{
    size_t note_count;
    const struct gh_slice *notes = gh_policy_notes(p, a, &note_count);

    gh_buf_addf(out, "%.*s port %u\n  %.*s\n",
                GH_FMT(gh_workload_label(p->podset->workload, a)), p->port,
                GH_FMT(gh_policy_summary(p, a)));
    for (size_t i = 0; i < p->shadowed_count; i++)
        gh_buf_addf(out, "  shadowed %.*s: %.*s\n",
                    GH_FMT(p->shadowed[i].server->name),
                    GH_FMT(p->shadowed[i].why));
    outline_routes(p, a, out);
    for (size_t i = 0; i < p->authz_count; i++)
        gh_buf_addf(out, "  admits %.*s [%.*s]\n",
                    GH_FMT(gh_authz_text(p->authz[i], a)),
                    GH_FMT(p->authz[i]->label));
    for (size_t i = 0; i < p->ignored_count; i++)
        gh_buf_addf(out, "  ignored %.*s: %.*s%s%.*s\n",
                    GH_FMT(p->ignored[i]->label),
                    GH_FMT(p->ignored[i]->ignored),
                    p->ignored[i]->remedy.len > 0 ? " Remedy: " : "",
                    GH_FMT(p->ignored[i]->remedy));
    for (size_t i = 0; i < note_count; i++)
        gh_buf_addf(out, "  note: %.*s\n", GH_FMT(notes[i]));
}
