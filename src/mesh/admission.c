/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>

#include "mesh/admission_internal.h"
#include "mesh/identity.h"
#include "mesh/judge.h"
#include "mesh/mesh_internal.h"

/*
 * Linkerd's admission rules: the webhook linkerd-policy-validator, and the
 * ServiceProfile validator
 *
 * Measured against the running software (policy controller of August 2026).
 * The rules look at the object after the API server's defaulting; where that
 * has not happened (a manifest), fields that have a default are read with it.
 */

struct gh_adm_path gh_adm_path(const char *fmt, ...)
{
    struct gh_adm_path p;
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(p.text, sizeof(p.text), fmt, args);
    va_end(args);
    return p;
}

__attribute__((format(printf, 4, 0))) static void
add(struct gh_adm *a, enum gh_finding_id id, const struct gh_adm_path *at,
    const char *fmt, va_list args)
{
    char text[512];

    (void)vsnprintf(text, sizeof(text), fmt, args);
    (void)gh_finding_add(a->out, id, a->object, gh_slice_str(at->text), "%s",
                         text);
    a->count++;
}

void gh_adm_refuse(struct gh_adm *a, enum gh_finding_id id,
                   const struct gh_adm_path *at, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    add(a, id, at, fmt, args);
    va_end(args);
}

void gh_adm_undecodable(struct gh_adm *a, const struct gh_adm_path *at,
                        const char *fmt, ...)
{
    va_list args;

    if (a->lenient)
        return;
    va_start(args, fmt);
    add(a, GH_FINDING_ID_UNDECODABLE, at, fmt, args);
    va_end(args);
}

struct gh_slice gh_adm_text(struct gh_adm *a, struct gh_json object,
                            const char *name, const struct gh_adm_path *at)
{
    struct gh_json v = gh_json_getn(object, gh_slice_str(name));
    struct gh_adm_path path = gh_adm_path("%s.%s", at->text, name);

    if (gh_json_is(v, GH_JSON_MISSING))
        gh_adm_undecodable(a, &path, "%s is missing", name);
    else if (!gh_json_is(v, GH_JSON_STRING))
        gh_adm_undecodable(a, &path, "%s is %s, not a string", name,
                           gh_json_type_name(gh_json_type(v)));
    return gh_json_str(v);
}

bool gh_adm_list(struct gh_adm *a, struct gh_json v,
                 const struct gh_adm_path *at)
{
    if (!gh_json_given(v) || gh_json_is(v, GH_JSON_ARRAY))
        return true;
    gh_adm_undecodable(a, at, "it is %s, not a list",
                       gh_json_type_name(gh_json_type(v)));
    return false;
}

/* --- networks --- */

static void check_except(struct gh_adm *a, struct gh_net net,
                         struct gh_slice cidr, struct gh_json v,
                         const struct gh_adm_path *at)
{
    struct gh_slice text = gh_json_str(v);
    struct gh_net except;

    if (!text.ptr || !gh_net_parse(text, &except))
        gh_adm_refuse(a, GH_FINDING_ID_BAD_CIDR, at,
                      "\"%.*s\" is no address and no CIDR block", GH_FMT(text));
    else if (except.v6 == net.v6 && except.first <= net.first &&
             except.last >= net.last)
        gh_adm_refuse(a, GH_FINDING_ID_NETWORK_NEGATED, at,
                      "the exception %.*s removes all of %.*s", GH_FMT(text),
                      GH_FMT(cidr));
    else if (except.v6 != net.v6 || except.first < net.first ||
             except.last > net.last)
        gh_adm_refuse(a, GH_FINDING_ID_EXCEPT_OUTSIDE, at,
                      "the exception %.*s lies outside %.*s", GH_FMT(text),
                      GH_FMT(cidr));
}

static void check_network(struct gh_adm *a, struct gh_json v,
                          const struct gh_adm_path *at)
{
    struct gh_slice cidr = gh_adm_text(a, v, "cidr", at);
    struct gh_adm_path list_at = gh_adm_path("%s.except", at->text);
    struct gh_json list = gh_json_get(v, "except");
    struct gh_net net;
    size_t i = 0;

    if (!cidr.ptr)
        return;
    if (!gh_net_parse(cidr, &net)) {
        struct gh_adm_path cidr_at = gh_adm_path("%s.cidr", at->text);

        gh_adm_refuse(a, GH_FINDING_ID_BAD_CIDR, &cidr_at,
                      "\"%.*s\" is no address and no CIDR block", GH_FMT(cidr));
        return;
    }
    if (!gh_adm_list(a, list, &list_at))
        return;
    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it); i++) {
        struct gh_adm_path one = gh_adm_path("%s[%zu]", list_at.text, i);

        check_except(a, net, cidr, it.value, &one);
    }
}

void gh_adm_networks(struct gh_adm *a, struct gh_json list, const char *path)
{
    struct gh_adm_path at = gh_adm_path("%s", path);
    size_t i = 0;

    if (!gh_adm_list(a, list, &at))
        return;
    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it); i++) {
        struct gh_adm_path one = gh_adm_path("%s[%zu]", path, i);

        check_network(a, it.value, &one);
    }
}

static void network_list(struct gh_adm *a, bool required)
{
    struct gh_json list = gh_json_path(a->root, "spec/networks");
    struct gh_adm_path at = gh_adm_path("spec.networks");

    if (required && !gh_json_given(list))
        gh_adm_undecodable(a, &at, "networks is missing");
    else if (gh_json_is(list, GH_JSON_ARRAY) && gh_json_count(list) == 0)
        gh_adm_refuse(a, GH_FINDING_ID_NO_NETWORKS, &at,
                      "the list of networks is empty");
    gh_adm_networks(a, list, "spec.networks");
}

static void network_authentication(struct gh_adm *a)
{
    network_list(a, true);
}

static void egress_network(struct gh_adm *a)
{
    struct gh_json v = gh_json_path(a->root, "spec/trafficPolicy");
    struct gh_adm_path at = gh_adm_path("spec.trafficPolicy");

    if (!gh_json_str_is(v, "Allow") && !gh_json_str_is(v, "Deny"))
        gh_adm_undecodable(a, &at, "trafficPolicy is neither Allow nor Deny");
    network_list(a, false);
}

/* --- Server --- */

static void server(struct gh_adm *a)
{
    struct gh_server s;
    struct gh_compiled memory;
    struct gh_json spec = gh_json_get(a->root, "spec");
    struct gh_json access = gh_json_get(spec, "accessPolicy");
    struct gh_adm_path at;

    gh_compiled_init(&memory);
    switch (gh_server_read(spec, &s, &memory)) {
    case GH_SERVER_OK:
        break;
    case GH_SERVER_SELECTOR:
        at = gh_adm_path("spec.%s", s.external ? "externalWorkloadSelector"
                                               : "podSelector");
        gh_adm_refuse(a, GH_FINDING_ID_SELECTOR_DECODE, &at, "%.*s",
                      GH_FMT(s.ignored));
        break;
    case GH_SERVER_PORT:
        at = gh_adm_path("spec.port");
        gh_adm_refuse(a, GH_FINDING_ID_PORT_RANGE, &at, "%.*s",
                      GH_FMT(s.ignored));
        break;
    case GH_SERVER_PROTOCOL:
        at = gh_adm_path("spec.proxyProtocol");
        gh_adm_refuse(a, GH_FINDING_ID_PROXY_PROTOCOL, &at, "%.*s",
                      GH_FMT(s.ignored));
        break;
    }
    gh_compiled_fini(&memory);
    if (gh_json_given(access) &&
        gh_default_policy_parse(gh_json_str(access)) == GH_DEFAULT_INVALID) {
        at = gh_adm_path("spec.accessPolicy");
        gh_adm_refuse(a, GH_FINDING_ID_ACCESS_POLICY, &at,
                      "accessPolicy \"%.*s\" does not exist",
                      GH_FMT(gh_json_str_or(access, GH_SLICE(""))));
    }
}

/* --- AuthorizationPolicy --- */

/* group, kind and name, as Linkerd's reference types decode them. */
static bool decode_ref(struct gh_adm *a, struct gh_json ref,
                       const struct gh_adm_path *at)
{
    struct gh_slice kind = gh_adm_text(a, ref, "kind", at);
    struct gh_slice name = gh_adm_text(a, ref, "name", at);

    return kind.ptr && name.ptr;
}

static struct gh_slice kind_of(struct gh_json ref)
{
    return gh_json_str_or(gh_json_get(ref, "kind"), GH_SLICE(""));
}

static struct gh_slice group_of(struct gh_json ref)
{
    return gh_json_str_or(gh_json_get(ref, "group"), GH_SLICE(""));
}

static void check_target(struct gh_adm *a, struct gh_json ref)
{
    struct gh_adm_path at = gh_adm_path("spec.targetRef");
    struct gh_slice ns =
        gh_json_str(gh_json_path(a->root, "metadata/namespace"));
    struct gh_slice name = gh_json_str(gh_json_get(ref, "name"));

    if (!decode_ref(a, ref, &at))
        return;
    if (gh_ref_is(ref, "", "Namespace")) {
        if (ns.ptr && !gh_slice_eq(name, ns))
            gh_adm_refuse(a, GH_FINDING_ID_OTHER_NAMESPACE, &at,
                          "the policy is in namespace \"%.*s\" and targets "
                          "\"%.*s\"",
                          GH_FMT(ns), GH_FMT(name));
        return;
    }
    if (!gh_ref_is(ref, GH_GROUP_POLICY, "Server") &&
        !gh_ref_is(ref, GH_GROUP_POLICY, "HTTPRoute") &&
        !gh_ref_is(ref, GH_GROUP_GATEWAY, "HTTPRoute") &&
        !gh_ref_is(ref, GH_GROUP_GATEWAY, "GRPCRoute"))
        gh_adm_refuse(a, GH_FINDING_ID_TARGET_KIND, &at,
                      "%.*s of group \"%.*s\" cannot be authorized",
                      GH_FMT(kind_of(ref)), GH_FMT(group_of(ref)));
}

static void check_required(struct gh_adm *a, struct gh_json list)
{
    size_t ids = 0;
    size_t nets = 0;
    size_t i = 0;

    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it); i++) {
        struct gh_adm_path at =
            gh_adm_path("spec.requiredAuthenticationRefs[%zu]", i);

        if (!decode_ref(a, it.value, &at))
            continue;
        if (gh_ref_is(it.value, GH_GROUP_POLICY, "MeshTLSAuthentication") ||
            gh_ref_is(it.value, "", "ServiceAccount")) {
            if (++ids == 2)
                gh_adm_refuse(a, GH_FINDING_ID_TWO_IDENTITY_REFS, &at,
                              "a second list of identities is required");
        } else if (gh_ref_is(it.value, GH_GROUP_POLICY,
                             "NetworkAuthentication")) {
            if (++nets == 2)
                gh_adm_refuse(a, GH_FINDING_ID_TWO_NETWORK_REFS, &at,
                              "a second NetworkAuthentication is required");
        } else {
            gh_adm_refuse(a, GH_FINDING_ID_REF_KIND, &at,
                          "%.*s of group \"%.*s\" is no authentication",
                          GH_FMT(kind_of(it.value)),
                          GH_FMT(group_of(it.value)));
        }
    }
}

static void authorization_policy(struct gh_adm *a)
{
    struct gh_json spec = gh_json_get(a->root, "spec");
    struct gh_json list = gh_json_get(spec, "requiredAuthenticationRefs");
    struct gh_adm_path at = gh_adm_path("spec.requiredAuthenticationRefs");

    check_target(a, gh_json_get(spec, "targetRef"));
    if (!gh_json_is(list, GH_JSON_ARRAY))
        gh_adm_undecodable(a, &at, "requiredAuthenticationRefs is no list");
    check_required(a, list);
}

/* --- MeshTLSAuthentication --- */

static bool is_spiffe_segment(struct gh_slice s, bool trust_domain)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool upper = c >= 'A' && c <= 'Z';

        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
            !(c && strchr("-._", c)) && !(upper && !trust_domain))
            return false;
    }
    return s.len > 0 &&
           (trust_domain || (!gh_slice_is(s, ".") && !gh_slice_is(s, "..")));
}

static bool is_spiffe_id(struct gh_slice id)
{
    struct gh_slice rest = gh_slice_drop(id, strlen("spiffe://"));
    struct gh_slice part;
    bool first = true;

    for (; gh_slice_cut(&rest, '/', &part); first = false)
        if (!is_spiffe_segment(part, first))
            return false;
    return true;
}

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_dns_label(struct gh_slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_alnum(s.ptr[i]) &&
            (s.ptr[i] != '-' || i == 0 || i == s.len - 1))
            return false;
    return s.len > 0;
}

static bool is_dns_identity(struct gh_slice id)
{
    struct gh_slice part;

    for (bool first = true; gh_slice_cut(&id, '.', &part); first = false)
        if (!is_dns_label(part) && !(first && gh_slice_is(part, "*")))
            return false;
    return true;
}

static void check_identity(struct gh_adm *a, struct gh_json v, size_t i)
{
    struct gh_adm_path at = gh_adm_path("spec.identities[%zu]", i);
    struct gh_slice id = gh_json_str(v);

    if (!id.ptr)
        gh_adm_undecodable(a, &at, "the identity is no string");
    else if (gh_id_is_spiffe(id) ? !is_spiffe_id(id) : !is_dns_identity(id))
        gh_adm_refuse(a, GH_FINDING_ID_IDENTITY_SYNTAX, &at,
                      "\"%.*s\" is no identity", GH_FMT(id));
}

static void check_identity_ref(struct gh_adm *a, struct gh_json ref, size_t i)
{
    struct gh_adm_path at = gh_adm_path("spec.identityRefs[%zu]", i);

    if (!decode_ref(a, ref, &at) || gh_ref_is(ref, "", "ServiceAccount"))
        return;
    if (!gh_ref_is(ref, "", "Namespace"))
        gh_adm_refuse(a, GH_FINDING_ID_IDENTITY_REF, &at,
                      "%.*s of group \"%.*s\" has no identity",
                      GH_FMT(kind_of(ref)), GH_FMT(group_of(ref)));
    else if (gh_json_given(gh_json_get(ref, "namespace")))
        gh_adm_refuse(a, GH_FINDING_ID_IDENTITY_REF, &at,
                      "a Namespace is in no namespace: remove the field "
                      "namespace");
}

static void meshtls_authentication(struct gh_adm *a)
{
    struct gh_json spec = gh_json_get(a->root, "spec");
    struct gh_json_iter it = gh_json_iter(gh_json_get(spec, "identities"));
    size_t i;

    for (i = 0; gh_json_next(&it); i++)
        check_identity(a, it.value, i);
    it = gh_json_iter(gh_json_get(spec, "identityRefs"));
    for (i = 0; gh_json_next(&it); i++)
        check_identity_ref(a, it.value, i);
}

/* --- ServerAuthorization --- */

static void server_authorization(struct gh_adm *a)
{
    struct gh_json spec = gh_json_get(a->root, "spec");
    struct gh_json client = gh_json_get(spec, "client");
    struct gh_json tls = gh_json_get(client, "meshTLS");
    size_t clients = gh_json_count(gh_json_get(tls, "identities")) +
                     gh_json_count(gh_json_get(tls, "serviceAccounts"));
    struct gh_adm_path at = gh_adm_path("spec.client");
    struct gh_json selector = gh_json_path(spec, "server/selector");
    struct gh_arena scratch;
    struct gh_selector ignored;

    if (gh_json_given(tls) &&
        gh_json_true(gh_json_get(client, "unauthenticated")))
        gh_adm_refuse(a, GH_FINDING_ID_CLIENT_CONFLICT, &at,
                      "unauthenticated is true and meshTLS is given");
    else if (gh_json_true(gh_json_get(tls, "unauthenticatedTLS")) && clients)
        gh_adm_refuse(a, GH_FINDING_ID_CLIENT_CONFLICT, &at,
                      "unauthenticatedTLS is true and clients are listed");
    gh_adm_networks(a, gh_json_get(client, "networks"), "spec.client.networks");
    gh_arena_init(&scratch, (size_t)1 << 20);
    if (!gh_selector_from_json(selector, &scratch, &ignored)) {
        at = gh_adm_path("spec.server.selector");
        gh_adm_refuse(a, GH_FINDING_ID_SELECTOR_DECODE, &at,
                      "the selector cannot be decoded");
    }
    gh_arena_fini(&scratch);
}

/* --- HTTPLocalRateLimitPolicy --- */

/* requestsPerSecond, a 32-bit number. Return: false when there is none. */
static bool rate_of(struct gh_adm *a, struct gh_json limit, const char *path,
                    int64_t *ret)
{
    struct gh_adm_path at = gh_adm_path("%s.requestsPerSecond", path);
    struct gh_json v = gh_json_get(limit, "requestsPerSecond");

    if (!gh_json_given(limit))
        return false;
    if (!gh_json_i64(v, ret) || *ret < 0 || *ret > UINT32_MAX) {
        gh_adm_undecodable(a, &at,
                           "requestsPerSecond is no number from 0 to "
                           "4294967295");
        return false;
    }
    if (*ret == 0)
        gh_adm_refuse(a, GH_FINDING_ID_RATE_ZERO, &at,
                      "requestsPerSecond is 0");
    return true;
}

static void check_order(struct gh_adm *a, bool has_total, int64_t total,
                        int64_t rate, const char *path)
{
    struct gh_adm_path at = gh_adm_path("%s", path);

    if (has_total && rate > total)
        gh_adm_refuse(a, GH_FINDING_ID_RATE_ORDER, &at,
                      "%lld requests a second are more than the total of %lld",
                      (long long)rate, (long long)total);
}

static void check_clients(struct gh_adm *a, struct gh_json list, size_t i)
{
    size_t j = 0;

    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it); j++) {
        struct gh_adm_path at =
            gh_adm_path("spec.overrides[%zu].clientRefs[%zu]", i, j);

        if (decode_ref(a, it.value, &at) &&
            !gh_ref_is(it.value, "", "ServiceAccount"))
            gh_adm_refuse(a, GH_FINDING_ID_RATE_CLIENT, &at,
                          "%.*s of group \"%.*s\" is no ServiceAccount",
                          GH_FMT(kind_of(it.value)),
                          GH_FMT(group_of(it.value)));
    }
}

static void rate_limit(struct gh_adm *a)
{
    struct gh_json spec = gh_json_get(a->root, "spec");
    struct gh_json target = gh_json_get(spec, "targetRef");
    struct gh_adm_path at = gh_adm_path("spec.targetRef");
    int64_t total = 0;
    int64_t rate = 0;
    bool has_total =
        rate_of(a, gh_json_get(spec, "total"), "spec.total", &total);
    struct gh_json_iter it = gh_json_iter(gh_json_get(spec, "overrides"));

    if (decode_ref(a, target, &at) &&
        !gh_ref_is(target, GH_GROUP_POLICY, "Server"))
        gh_adm_refuse(a, GH_FINDING_ID_RATE_TARGET, &at,
                      "%.*s of group \"%.*s\" is no Server",
                      GH_FMT(kind_of(target)), GH_FMT(group_of(target)));
    if (rate_of(a, gh_json_get(spec, "identity"), "spec.identity", &rate))
        check_order(a, has_total, total, rate, "spec.identity");
    for (size_t i = 0; gh_json_next(&it); i++) {
        struct gh_adm_path path = gh_adm_path("spec.overrides[%zu]", i);

        if (rate_of(a, it.value, path.text, &rate))
            check_order(a, has_total, total, rate, path.text);
        check_clients(a, gh_json_get(it.value, "clientRefs"), i);
    }
}

/* --- by kind --- */

static const struct {
    const char *group;
    const char *kind;
    void (*check)(struct gh_adm *a);
    bool lenient;
} kinds[] = {
    {GH_GROUP_POLICY, "Server", server, false},
    {GH_GROUP_POLICY, "AuthorizationPolicy", authorization_policy, false},
    {GH_GROUP_POLICY, "MeshTLSAuthentication", meshtls_authentication, false},
    {GH_GROUP_POLICY, "NetworkAuthentication", network_authentication, false},
    {GH_GROUP_POLICY, "ServerAuthorization", server_authorization, false},
    {GH_GROUP_POLICY, "EgressNetwork", egress_network, false},
    {GH_GROUP_POLICY, "HTTPLocalRateLimitPolicy", rate_limit, false},
    {GH_GROUP_POLICY, "HTTPRoute", gh_adm_http_route, false},
    {GH_GROUP_GATEWAY, "HTTPRoute", gh_adm_http_route, true},
    {GH_GROUP_GATEWAY, "GRPCRoute", gh_adm_grpc_route, true},
    {GH_GROUP_GATEWAY, "TLSRoute", gh_adm_connection_route, true},
    {GH_GROUP_GATEWAY, "TCPRoute", gh_adm_connection_route, true},
    {"linkerd.io", "ServiceProfile", gh_adm_service_profile, false},
};

size_t gh_admission_check(struct gh_json root, const struct gh_object *object,
                          struct gh_findings *out)
{
    struct gh_slice version = gh_json_str(gh_json_get(root, "apiVersion"));
    struct gh_slice group = gh_slice_head(version, gh_slice_find(version, '/'));
    struct gh_slice kind = gh_json_str(gh_json_get(root, "kind"));
    struct gh_json spec = gh_json_get(root, "spec");
    struct gh_adm a = {.root = root, .object = object, .out = out};
    struct gh_adm_path at = gh_adm_path("spec");

    for (size_t i = 0; i < GH_COUNT(kinds); i++) {
        if (!kind.ptr || !gh_slice_is(group, kinds[i].group) ||
            !gh_slice_is(kind, kinds[i].kind))
            continue;
        a.lenient = kinds[i].lenient;
        if (!gh_json_given(spec) && kinds[i].check != gh_adm_service_profile)
            gh_adm_refuse(&a, GH_FINDING_ID_NO_SPEC, &at,
                          "the object has no spec");
        else
            kinds[i].check(&a);
    }
    return a.count;
}
