/* SPDX-License-Identifier: Apache-2.0 */

#include "mesh/shape.h"

#include "mesh/mesh_internal.h"
#include "wire/json_write.h"

enum { PATCH_BYTES = 64 << 10 };

#define CRD(name)                                                              \
    {                                                                          \
        "apiextensions.k8s.io", "CustomResourceDefinition", NULL, name         \
    }

static const struct gh_want crds[] = {
    CRD("authorizationpolicies.policy.linkerd.io"),
    CRD("egressnetworks.policy.linkerd.io"),
    CRD("httplocalratelimitpolicies.policy.linkerd.io"),
    CRD("httproutes.policy.linkerd.io"),
    CRD("meshtlsauthentications.policy.linkerd.io"),
    CRD("networkauthentications.policy.linkerd.io"),
    CRD("servers.policy.linkerd.io"),
    CRD("serverauthorizations.policy.linkerd.io"),
    CRD("grpcroutes.gateway.networking.k8s.io"),
    CRD("httproutes.gateway.networking.k8s.io"),
    CRD("tcproutes.gateway.networking.k8s.io"),
    CRD("tlsroutes.gateway.networking.k8s.io"),
    CRD("serviceprofiles.linkerd.io"),
    CRD("externalworkloads.workload.linkerd.io"),
    CRD("links.multicluster.linkerd.io"),
};

void gh_shape_wants(struct gh_store *store)
{
    gh_store_want(store, crds, GH_COUNT(crds));
}

/* A CRD that is not understood leaves the built-in schema in place. */
struct gh_schemas *gh_shape_schemas(const struct gh_store *store)
{
    struct gh_schemas *schemas = gh_schemas_new();
    struct gh_store_iter it =
        gh_store_list(store,
                      gh_store_type(store, GH_SLICE("apiextensions.k8s.io"),
                                    GH_SLICE("CustomResourceDefinition")),
                      (struct gh_slice){0});

    while (gh_store_next(&it)) {
        struct gh_err err;
        enum gh_rc rc =
            gh_schemas_add_crd(schemas, gh_object_root(it.object), &err);

        (void)rc;
    }
    return schemas;
}

/* --- which row --- */

/* What has a row of its own, because linkerd-mcp gave it a code. */
static const struct {
    const char *kind; /* NULL: any */
    const char *field;
    enum gh_finding_id id;
} missing[] = {
    {"Server", "spec.podSelector", GH_FINDING_ID_NO_POD_SELECTOR},
    {"Server", "spec.port", GH_FINDING_ID_NO_PORT},
    {"AuthorizationPolicy", "spec.targetRef", GH_FINDING_ID_NO_TARGET},
    {"AuthorizationPolicy", "spec.targetRef.kind", GH_FINDING_ID_NO_TARGET},
    {"AuthorizationPolicy", "spec.targetRef.name", GH_FINDING_ID_NO_TARGET},
    {NULL, "spec", GH_FINDING_ID_NO_SPEC},
};

static enum gh_finding_id id_of_missing(struct gh_slice kind,
                                        struct gh_slice field)
{
    for (size_t i = 0; i < GH_COUNT(missing); i++)
        if (gh_slice_is(field, missing[i].field) &&
            (!missing[i].kind || gh_slice_is(kind, missing[i].kind)))
            return missing[i].id;
    if (gh_slice_starts(field, GH_SLICE("spec.requiredAuthenticationRefs[")) ||
        gh_slice_starts(field, GH_SLICE("spec.identityRefs[")))
        return GH_FINDING_ID_REF_WITHOUT_NAME;
    return GH_FINDING_ID_MISSING_FIELD;
}

static bool has_any(struct gh_json spec, const char *a, const char *b)
{
    return gh_json_count(gh_json_getn(spec, gh_slice_str(a))) > 0 ||
           gh_json_given(gh_json_getn(spec, gh_slice_str(b)));
}

/* Of several fields one is needed, and there is none. */
static enum gh_finding_id id_of_invalid(struct gh_slice kind,
                                        const struct gh_violation *v,
                                        struct gh_json spec)
{
    if (gh_slice_starts(v->field, GH_SLICE("metadata")))
        return GH_FINDING_ID_BAD_METADATA;
    if (gh_slice_is(kind, "Server") && gh_slice_is(v->field, "spec") &&
        !gh_json_given(gh_json_get(spec, "podSelector")) &&
        !gh_json_given(gh_json_get(spec, "externalWorkloadSelector")))
        return GH_FINDING_ID_NO_POD_SELECTOR;
    if (gh_slice_is(kind, "MeshTLSAuthentication") &&
        (gh_slice_is(v->field, "spec") ||
         gh_slice_is(v->field, "spec.identities") ||
         gh_slice_is(v->field, "spec.identityRefs")) &&
        !has_any(spec, "identities", "identityRefs"))
        return GH_FINDING_ID_NO_IDENTITIES;
    return v->rule.len > 0 ? GH_FINDING_ID_RULE_BROKEN
                           : GH_FINDING_ID_INVALID_VALUE;
}

static enum gh_finding_id id_of(const struct gh_violation *v,
                                struct gh_slice kind, struct gh_json spec)
{
    switch (v->reason) {
    case GH_SCHEMA_UNKNOWN:
        return GH_FINDING_ID_UNKNOWN_FIELD;
    case GH_SCHEMA_REQUIRED:
        return id_of_missing(kind, v->field);
    case GH_SCHEMA_MALFORMED:
    case GH_SCHEMA_TYPE_INVALID:
        return GH_FINDING_ID_WRONG_TYPE;
    case GH_SCHEMA_NOT_SUPPORTED:
        return GH_FINDING_ID_NOT_ALLOWED;
    case GH_SCHEMA_DUPLICATE:
        return GH_FINDING_ID_DUPLICATE_ITEM;
    case GH_SCHEMA_FORBIDDEN:
        return GH_FINDING_ID_RULE_BROKEN;
    case GH_SCHEMA_INVALID:
    case GH_SCHEMA_TOO_LONG:
    case GH_SCHEMA_TOO_MANY:
        break;
    }
    return id_of_invalid(kind, v, spec);
}

/* --- fixes --- */

/* "spec.rules[0].x" as a JSON pointer; false for names that hold dots. */
static bool pointer_of(struct gh_slice field, struct gh_buf *out)
{
    for (size_t i = 0; i < field.len; i++) {
        char c = field.ptr[i];

        if (c == '"' || c == '~' || c == '/')
            return false;
        if (i == 0 || c == '.' || c == '[')
            gh_buf_addc(out, '/');
        if (c != '.' && c != '[' && c != ']')
            gh_buf_addc(out, c);
    }
    return gh_buf_rc(out) == GH_OK;
}

static void patch_op(struct gh_jsonw *w, const char *op, struct gh_slice at,
                     struct gh_json value)
{
    gh_jsonw_object(w);
    gh_jsonw_ktext(w, "op", op);
    gh_jsonw_kstr(w, "path", at);
    if (value.doc) {
        gh_jsonw_key(w, GH_SLICE("value"));
        gh_jsonw_value(w, value);
    }
    gh_jsonw_end(w);
}

/* The field under its right name; or, for a value, the right value. */
static void patch_nearest(const struct gh_violation *v, struct gh_findings *out,
                          struct gh_finding *f)
{
    struct gh_buf pointer GH_BUF_CLEANUP;
    struct gh_buf patch GH_BUF_CLEANUP;
    struct gh_jsonw w;
    size_t slash;

    gh_buf_init(&pointer, PATCH_BYTES);
    gh_buf_init(&patch, PATCH_BYTES);
    if (gh_slice_starts(v->field, GH_SLICE("metadata.")) ||
        !pointer_of(v->field, &pointer))
        return;
    gh_jsonw_init(&w, &patch);
    gh_jsonw_array(&w);
    if (v->reason == GH_SCHEMA_UNKNOWN) {
        patch_op(&w, "remove", gh_buf_slice(&pointer), GH_JSON_NONE);
        for (slash = pointer.len; slash > 0 && pointer.ptr[slash - 1] != '/';)
            slash--;
        pointer.len = slash;
        gh_buf_add(&pointer, v->nearest);
        patch_op(&w, "add", gh_buf_slice(&pointer), v->at);
    } else {
        gh_jsonw_object(&w);
        gh_jsonw_ktext(&w, "op", "replace");
        gh_jsonw_kstr(&w, "path", gh_buf_slice(&pointer));
        gh_jsonw_kstr(&w, "value", v->nearest);
        gh_jsonw_end(&w);
    }
    gh_jsonw_end(&w);
    if (gh_jsonw_rc(&w) == GH_OK)
        f->patch = gh_arena_dup(out->arena, gh_buf_slice(&patch));
}

static void tell(const struct gh_violation *v, struct gh_json root,
                 const struct gh_object *object, struct gh_findings *out)
{
    enum gh_finding_id id = id_of(v, gh_json_str(gh_json_get(root, "kind")),
                                  gh_json_get(root, "spec"));
    bool sentence = gh_slice_starts(v->message, GH_SLICE("is ")) ||
                    gh_slice_starts(v->message, GH_SLICE("must "));
    const char *between = v->field.len == 0 ? "" : sentence ? " " : ": ";
    struct gh_finding *f =
        gh_finding_add(out, id, object, v->field, "%.*s%s%.*s",
                       GH_FMT(v->field), between, GH_FMT(v->message));

    if (!f || v->nearest.len == 0)
        return;
    gh_finding_fix(out, f, "Write %.*s.", GH_FMT(v->nearest));
    if (v->reason == GH_SCHEMA_UNKNOWN || v->reason == GH_SCHEMA_NOT_SUPPORTED)
        patch_nearest(v, out, f);
}

/* --- versions --- */

static void tell_version(struct gh_schemas *schemas, struct gh_json root,
                         const struct gh_object *object,
                         struct gh_findings *out)
{
    struct gh_slice api_version = gh_json_str(gh_json_get(root, "apiVersion"));
    struct gh_slice group =
        gh_slice_head(api_version, gh_slice_find(api_version, '/'));
    struct gh_slice kind = gh_json_str(gh_json_get(root, "kind"));
    struct gh_slice last = gh_schemas_version(schemas, group, kind, 0);
    struct gh_slice next = last;
    struct gh_finding *f;

    for (size_t i = 1; next.ptr; i++) {
        last = next;
        next = gh_schemas_version(schemas, group, kind, i);
    }
    if (!last.ptr)
        return;
    f = gh_finding_add(out, GH_FINDING_ID_VERSION_NOT_SERVED, object,
                       GH_SLICE("apiVersion"),
                       "%.*s is not a version in which %.*s is served",
                       GH_FMT(api_version), GH_FMT(kind));
    gh_finding_fix(out, f, "Write apiVersion: %.*s/%.*s.", GH_FMT(group),
                   GH_FMT(last));
}

/* One of several fields is missing: that is said once, about what holds them,
 * not about each of them, too. */
static bool is_told(const struct gh_schema_result *r,
                    const struct gh_violation *v)
{
    struct gh_slice choice = GH_SLICE("must have exactly one of");

    if (v->reason != GH_SCHEMA_REQUIRED)
        return false;
    for (size_t i = 0; i < r->count; i++) {
        const struct gh_violation *u = &r->at[i];

        if (gh_slice_starts(u->message, choice) &&
            gh_slice_starts(v->field, u->field) &&
            v->field.len > u->field.len && v->field.ptr[u->field.len] == '.')
            return true;
    }
    return false;
}

bool gh_shape_check(struct gh_schemas *schemas, struct gh_json root,
                    const struct gh_object *object, struct gh_findings *out,
                    struct gh_arena *arena, struct gh_json *ret_root)
{
    const struct gh_schema *schema = gh_schemas_of(schemas, root);
    struct gh_schema_result r;
    bool good = true;

    *ret_root = root;
    if (!schema) {
        tell_version(schemas, root, object, out);
        return true;
    }
    if (gh_schema_check(schema, root, NULL, arena, &r) < 0)
        return true; /* far larger than anything an API server takes */
    for (size_t i = 0; i < r.count; i++) {
        if (!is_told(&r, &r.at[i]))
            tell(&r.at[i], root, object, out);
        good = good && r.at[i].reason == GH_SCHEMA_UNKNOWN;
    }
    *ret_root = r.object;
    return good;
}
