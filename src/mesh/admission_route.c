/* SPDX-License-Identifier: Apache-2.0 */
#include "base/num.h"
#include "mesh/admission_internal.h"
#include "mesh/http_syntax.h"
#include "mesh/mesh_internal.h"

/*
 * Admission rules for routes
 *
 * Routes of policy.linkerd.io are decoded strictly. Those of the Gateway API
 * belong to other controllers as well: what Linkerd cannot decode of them is
 * admitted, and only what it could decode is judged.
 */

static bool is_policy_kind(const struct gh_adm *a)
{
    return !a->lenient;
}

/* --- parents --- */

/* An omitted group is the route's own, and so is not the core group. */
static bool is_egress_parent(const struct gh_adm *a, struct gh_json parent)
{
    struct gh_slice group =
        gh_json_str_or(gh_json_get(parent, "group"),
                       is_policy_kind(a) ? GH_SLICE(GH_GROUP_POLICY)
                                         : GH_SLICE(GH_GROUP_GATEWAY));

    return gh_slice_eq_nocase(group, GH_SLICE(GH_GROUP_POLICY)) &&
           gh_slice_eq_nocase(
               gh_json_str_or(gh_json_get(parent, "kind"), GH_SLICE("Gateway")),
               GH_SLICE("EgressNetwork"));
}

static bool is_service_parent(struct gh_json parent)
{
    struct gh_slice group = gh_json_str(gh_json_get(parent, "group"));

    return group.ptr &&
           (group.len == 0 || gh_slice_eq_nocase(group, GH_SLICE("core"))) &&
           gh_slice_eq_nocase(
               gh_json_str_or(gh_json_get(parent, "kind"), GH_SLICE("")),
               GH_SLICE("Service"));
}

/* Older versions of the kind have no range for it. */
static void decode_port(struct gh_adm *a, struct gh_json v,
                        const struct gh_adm_path *at)
{
    int64_t number;

    if (gh_json_given(v) &&
        (!gh_json_i64(v, &number) || number < INT32_MIN || number > INT32_MAX))
        gh_adm_undecodable(a, at, "port is no 32-bit number");
}

/* Return: whether a parent makes the outbound annotations count. */
static bool check_parents(struct gh_adm *a)
{
    struct gh_json list = gh_json_path(a->root, "spec/parentRefs");
    bool outbound = false;
    size_t i = 0;

    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it); i++) {
        struct gh_adm_path at = gh_adm_path("spec.parentRefs[%zu]", i);
        struct gh_json port = gh_json_get(it.value, "port");

        if (is_egress_parent(a, it.value)) {
            outbound = true;
            if (!gh_json_given(port))
                gh_adm_refuse(a, GH_FINDING_ID_EGRESS_PORT, &at,
                              "the parentRef to an EgressNetwork has no port");
        }
        outbound |= is_service_parent(it.value);
        decode_port(a, port, &at);
    }
    return outbound;
}

/* --- annotations --- */

static const struct {
    const char *name;
    bool (*is_valid)(struct gh_slice s);
    const char *expected;
} annotations[] = {
    {"retry.linkerd.io/limit", gh_annotation_limit_ok, "a number up to 65535"},
    {"retry.linkerd.io/timeout", gh_annotation_duration_ok,
     "a duration such as 300ms or 5s"},
    {"timeout.linkerd.io/request", gh_annotation_duration_ok,
     "a duration such as 300ms or 5s"},
    {"timeout.linkerd.io/response", gh_annotation_duration_ok,
     "a duration such as 300ms or 5s"},
    {"timeout.linkerd.io/idle", gh_annotation_duration_ok,
     "a duration such as 300ms or 5s"},
    {"retry.linkerd.io/http", gh_annotation_http_ok,
     "a list such as 5xx,gateway-error,429,500-504"},
    {"retry.linkerd.io/grpc", gh_annotation_grpc_ok,
     "a list such as cancelled,unavailable"},
};

static void check_annotations(struct gh_adm *a, bool grpc)
{
    struct gh_json all = gh_json_path(a->root, "metadata/annotations");
    const char *unread =
        grpc ? "retry.linkerd.io/http" : "retry.linkerd.io/grpc";

    for (size_t i = 0; i < GH_COUNT(annotations); i++) {
        struct gh_slice value =
            gh_json_str(gh_json_getn(all, gh_slice_str(annotations[i].name)));
        struct gh_adm_path at =
            gh_adm_path("metadata.annotations[%s]", annotations[i].name);

        if (value.ptr && strcmp(annotations[i].name, unread) != 0 &&
            !annotations[i].is_valid(value))
            gh_adm_refuse(a, GH_FINDING_ID_ROUTE_ANNOTATION, &at,
                          "\"%.*s\" is not %s", GH_FMT(value),
                          annotations[i].expected);
    }
}

/* --- matches --- */

static void check_regex(struct gh_adm *a, struct gh_slice text,
                        const struct gh_adm_path *at)
{
    struct gh_arena scratch;
    struct gh_err err;

    gh_arena_init(&scratch, (size_t)64 << 20);
    if (!gh_regex_compile(text, &scratch, &err))
        gh_adm_refuse(a, GH_FINDING_ID_BAD_REGEX, at,
                      "the expression does not parse: %s", err.text);
    gh_arena_fini(&scratch);
}

static bool is_regex(struct gh_json match)
{
    return gh_json_str_is(gh_json_get(match, "type"), "RegularExpression");
}

static void check_path(struct gh_adm *a, struct gh_json path,
                       const struct gh_adm_path *parent)
{
    struct gh_adm_path at = gh_adm_path("%s.path.value", parent->text);
    struct gh_slice value =
        gh_json_str_or(gh_json_get(path, "value"), GH_SLICE("/"));

    if (!gh_json_given(path))
        return;
    if (is_regex(path))
        check_regex(a, value, &at);
    else if (value.len == 0 || value.ptr[0] != '/')
        gh_adm_refuse(a, GH_FINDING_ID_RELATIVE_PATH, &at,
                      "the path \"%.*s\" does not begin with /", GH_FMT(value));
}

static void check_header(struct gh_adm *a, struct gh_json h, bool regex,
                         const struct gh_adm_path *at)
{
    struct gh_slice name = gh_json_str(gh_json_get(h, "name"));
    struct gh_slice value = gh_json_str(gh_json_get(h, "value"));

    if (name.ptr && !gh_header_name_ok(name))
        gh_adm_refuse(a, GH_FINDING_ID_BAD_HEADER, at,
                      "\"%.*s\" is no header name", GH_FMT(name));
    if (!value.ptr)
        return;
    if (regex)
        check_regex(a, value, at);
    else if (!gh_header_value_ok(value))
        gh_adm_refuse(a, GH_FINDING_ID_BAD_HEADER, at,
                      "the value of \"%.*s\" holds control characters",
                      GH_FMT(name));
}

static void check_headers(struct gh_adm *a, struct gh_json list, bool matches,
                          const char *path)
{
    size_t i = 0;

    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it); i++) {
        struct gh_adm_path at = gh_adm_path("%s[%zu]", path, i);

        check_header(a, it.value, matches && is_regex(it.value), &at);
    }
}

static void check_queries(struct gh_adm *a, struct gh_json list,
                          const struct gh_adm_path *parent)
{
    size_t i = 0;

    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it); i++) {
        struct gh_adm_path at =
            gh_adm_path("%s.queryParams[%zu].value", parent->text, i);
        struct gh_slice value = gh_json_str(gh_json_get(it.value, "value"));

        if (value.ptr && is_regex(it.value))
            check_regex(a, value, &at);
    }
}

static void check_match(struct gh_adm *a, struct gh_json m, bool grpc,
                        const struct gh_adm_path *at)
{
    struct gh_adm_path headers = gh_adm_path("%s.headers", at->text);
    struct gh_adm_path method = gh_adm_path("%s.method.type", at->text);

    check_headers(a, gh_json_get(m, "headers"), true, headers.text);
    if (!grpc) {
        check_path(a, gh_json_get(m, "path"), at);
        check_queries(a, gh_json_get(m, "queryParams"), at);
    } else if (is_regex(gh_json_get(m, "method"))) {
        gh_adm_refuse(a, GH_FINDING_ID_METHOD_REGEX, &method,
                      "Linkerd does not match gRPC methods by expression");
    }
}

/* --- filters --- */

static void check_modifier(struct gh_adm *a, struct gh_json v,
                           const struct gh_adm_path *at)
{
    struct gh_adm_path path = gh_adm_path("%s.add", at->text);
    struct gh_json_iter it = gh_json_iter(gh_json_get(v, "remove"));

    check_headers(a, gh_json_get(v, "add"), false, path.text);
    path = gh_adm_path("%s.set", at->text);
    check_headers(a, gh_json_get(v, "set"), false, path.text);
    for (size_t i = 0; gh_json_next(&it); i++) {
        struct gh_slice name = gh_json_str(it.value);

        path = gh_adm_path("%s.remove[%zu]", at->text, i);
        if (name.ptr && !gh_header_name_ok(name))
            gh_adm_refuse(a, GH_FINDING_ID_BAD_HEADER, &path,
                          "\"%.*s\" is no header name", GH_FMT(name));
    }
}

static void check_redirect(struct gh_adm *a, struct gh_json v,
                           const struct gh_adm_path *at)
{
    struct gh_json path = gh_json_get(v, "path");
    struct gh_json full = gh_json_get(path, "replaceFullPath");
    struct gh_json prefix = gh_json_get(path, "replacePrefixMatch");
    struct gh_slice to = gh_json_str(gh_json_given(full) ? full : prefix);
    struct gh_json status = gh_json_get(v, "statusCode");
    struct gh_adm_path where = gh_adm_path("%s.path", at->text);
    int64_t code;

    if (gh_json_given(path) && !to.ptr)
        gh_adm_refuse(a, GH_FINDING_ID_BAD_FILTER, &where,
                      "the redirect's path has no replacement");
    else if (gh_json_given(path) && (to.len == 0 || to.ptr[0] != '/'))
        gh_adm_refuse(a, GH_FINDING_ID_RELATIVE_PATH, &where,
                      "the path \"%.*s\" does not begin with /", GH_FMT(to));
    where = gh_adm_path("%s.statusCode", at->text);
    if (gh_json_given(status) &&
        (!gh_json_i64(status, &code) || code < 100 || code > 999))
        gh_adm_refuse(a, GH_FINDING_ID_BAD_FILTER, &where,
                      "statusCode is no HTTP status");
}

static const struct {
    const char *type;
    const char *field;
    void (*check)(struct gh_adm *a, struct gh_json v,
                  const struct gh_adm_path *at);
    bool http_only;
} filters[] = {
    {"RequestHeaderModifier", "requestHeaderModifier", check_modifier, false},
    {"ResponseHeaderModifier", "responseHeaderModifier", check_modifier, false},
    {"RequestRedirect", "requestRedirect", check_redirect, true},
};

/* The filter's type says which field must be there. */
static void check_filter_type(struct gh_adm *a, struct gh_json f,
                              const struct gh_adm_path *at)
{
    struct gh_slice type = gh_adm_text(a, f, "type", at);

    for (size_t i = 0; type.ptr && i < GH_COUNT(filters); i++) {
        if (!gh_slice_is(type, filters[i].type))
            continue;
        if (!gh_json_given(gh_json_getn(f, gh_slice_str(filters[i].field))))
            gh_adm_refuse(a, GH_FINDING_ID_BAD_FILTER, at,
                          "a filter of type %s needs the field %s",
                          filters[i].type, filters[i].field);
        return;
    }
    if (type.ptr)
        gh_adm_refuse(a, GH_FINDING_ID_BAD_FILTER, at,
                      "there is no filter of type %.*s", GH_FMT(type));
}

static void check_filter(struct gh_adm *a, struct gh_json f, bool grpc,
                         const struct gh_adm_path *at)
{
    struct gh_slice type = gh_json_str(gh_json_get(f, "type"));

    if (is_policy_kind(a))
        check_filter_type(a, f, at);
    for (size_t i = 0; i < GH_COUNT(filters); i++) {
        struct gh_json v = gh_json_getn(f, gh_slice_str(filters[i].field));
        struct gh_adm_path path =
            gh_adm_path("%s.%s", at->text, filters[i].field);

        if (is_policy_kind(a) &&
            !(type.ptr && gh_slice_is(type, filters[i].type)))
            continue; /* decoded by its type alone */
        if (gh_json_given(v) && !(grpc && filters[i].http_only))
            filters[i].check(a, v, &path);
    }
}

/* --- timeouts and backends --- */

static bool timeout_of(struct gh_adm *a, struct gh_json timeouts,
                       const char *name, const struct gh_adm_path *rule,
                       double *ret)
{
    struct gh_adm_path at = gh_adm_path("%s.timeouts.%s", rule->text, name);
    struct gh_json v = gh_json_getn(timeouts, gh_slice_str(name));
    struct gh_slice text = gh_json_str(v);

    if (!gh_json_given(v))
        return false;
    if (!text.ptr || !gh_go_duration(text, ret)) {
        gh_adm_refuse(a, GH_FINDING_ID_BAD_TIMEOUT, &at,
                      "\"%.*s\" is no duration such as 5s or 300ms",
                      GH_FMT(text));
        return false;
    }
    if (text.len > 0 && text.ptr[0] == '-') {
        gh_adm_refuse(a, GH_FINDING_ID_BAD_TIMEOUT, &at,
                      "the duration is negative");
        return false;
    }
    return true;
}

static void check_timeouts(struct gh_adm *a, struct gh_json timeouts,
                           const struct gh_adm_path *rule)
{
    double request;
    double backend;
    bool has_request = timeout_of(a, timeouts, "request", rule, &request);
    bool has_backend =
        timeout_of(a, timeouts, "backendRequest", rule, &backend);
    struct gh_adm_path at = gh_adm_path("%s.timeouts", rule->text);

    if (has_request && has_backend && backend > request)
        gh_adm_refuse(a, GH_FINDING_ID_BAD_TIMEOUT, &at,
                      "backendRequest is longer than request");
}

/* Only what the decoder asks for: the rest of a backend is not looked at. */
static void decode_backends(struct gh_adm *a, struct gh_json list,
                            const struct gh_adm_path *rule)
{
    size_t i = 0;

    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it); i++) {
        struct gh_adm_path at =
            gh_adm_path("%s.backendRefs[%zu]", rule->text, i);

        (void)gh_adm_text(a, it.value, "name", &at);
        decode_port(a, gh_json_get(it.value, "port"), &at);
    }
}

static void check_backends(struct gh_adm *a, struct gh_json list,
                           const struct gh_adm_path *rule)
{
    size_t i = 0;

    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it); i++) {
        struct gh_adm_path at =
            gh_adm_path("%s.backendRefs[%zu]", rule->text, i);
        struct gh_slice group =
            gh_json_str_or(gh_json_get(it.value, "group"), GH_SLICE(""));
        struct gh_slice kind =
            gh_json_str_or(gh_json_get(it.value, "kind"), GH_SLICE("Service"));
        int64_t port = 0;

        if ((group.len == 0 || gh_slice_is(group, "core")) &&
            gh_slice_is(kind, "Service") &&
            (!gh_json_i64(gh_json_get(it.value, "port"), &port) || port == 0))
            gh_adm_refuse(a, GH_FINDING_ID_BACKEND_PORT, &at,
                          "the Service \"%.*s\" is named without a port",
                          GH_FMT(gh_json_str_or(gh_json_get(it.value, "name"),
                                                GH_SLICE(""))));
    }
}

/* --- rules --- */

static void check_rule(struct gh_adm *a, struct gh_json rule, bool grpc,
                       const struct gh_adm_path *at)
{
    struct gh_json_iter it = gh_json_iter(gh_json_get(rule, "matches"));
    struct gh_adm_path path;
    size_t i;

    for (i = 0; gh_json_next(&it); i++) {
        path = gh_adm_path("%s.matches[%zu]", at->text, i);
        check_match(a, it.value, grpc, &path);
    }
    it = gh_json_iter(gh_json_get(rule, "filters"));
    for (i = 0; gh_json_next(&it); i++) {
        path = gh_adm_path("%s.filters[%zu]", at->text, i);
        check_filter(a, it.value, grpc, &path);
    }
    if (is_policy_kind(a)) {
        check_timeouts(a, gh_json_get(rule, "timeouts"), at);
        decode_backends(a, gh_json_get(rule, "backendRefs"), at);
    } else {
        check_backends(a, gh_json_get(rule, "backendRefs"), at);
    }
}

static void check_route(struct gh_adm *a, bool grpc)
{
    struct gh_json_iter it = gh_json_iter(gh_json_path(a->root, "spec/rules"));

    if (check_parents(a))
        check_annotations(a, grpc);
    for (size_t i = 0; gh_json_next(&it); i++) {
        struct gh_adm_path at = gh_adm_path("spec.rules[%zu]", i);

        check_rule(a, it.value, grpc, &at);
    }
}

void gh_adm_http_route(struct gh_adm *a)
{
    check_route(a, false);
}

void gh_adm_grpc_route(struct gh_adm *a)
{
    check_route(a, true);
}

/* --- TLSRoute, TCPRoute --- */

/* Whether the controller's types take the object; else it is admitted. */
static bool is_decodable(const struct gh_adm *a)
{
    struct gh_json spec = gh_json_get(a->root, "spec");
    bool tls = gh_json_str_is(gh_json_get(a->root, "kind"), "TLSRoute");

    if (tls && !gh_json_given(gh_json_get(spec, "hostnames")))
        return false;
    for (struct gh_json_iter it = gh_json_iter(gh_json_get(spec, "rules"));
         gh_json_next(&it);)
        if (!gh_json_given(gh_json_get(it.value, "backendRefs")))
            return false;
    return true;
}

void gh_adm_connection_route(struct gh_adm *a)
{
    struct gh_adm_path at = gh_adm_path("spec.rules");
    size_t rules = gh_json_count(gh_json_path(a->root, "spec/rules"));

    if (!is_decodable(a))
        return;
    (void)check_parents(a);
    if (rules != 1)
        gh_adm_refuse(a, GH_FINDING_ID_ONE_RULE, &at, "the route has %zu rules",
                      rules);
}
