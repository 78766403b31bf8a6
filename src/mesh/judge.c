/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The judge's round: object by object, then the mesh around them
 *
 * Kinds are rows: those that Linkerd's webhooks look at. Their objects are kept
 * whole, because a misspelt field is exactly what the mesh does not declare to
 * read and would never see.
 */

#include "mesh/judge.h"

#include "mesh/mesh_internal.h"
#include "mesh/shape.h"

/* One object is 4 MiB at most; what its defaults add is bounded, too. */
#define WORK_BYTES ((size_t)128 << 20)

static const struct gh_want kinds[] = {
    {GH_GROUP_POLICY, "AuthorizationPolicy", NULL, NULL},
    {GH_GROUP_POLICY, "EgressNetwork", NULL, NULL},
    {GH_GROUP_POLICY, "HTTPLocalRateLimitPolicy", NULL, NULL},
    {GH_GROUP_POLICY, "HTTPRoute", NULL, NULL},
    {GH_GROUP_POLICY, "MeshTLSAuthentication", NULL, NULL},
    {GH_GROUP_POLICY, "NetworkAuthentication", NULL, NULL},
    {GH_GROUP_POLICY, "Server", NULL, NULL},
    {GH_GROUP_POLICY, "ServerAuthorization", NULL, NULL},
    {GH_GROUP_GATEWAY, "GRPCRoute", NULL, NULL},
    {GH_GROUP_GATEWAY, "HTTPRoute", NULL, NULL},
    {GH_GROUP_GATEWAY, "TCPRoute", NULL, NULL},
    {GH_GROUP_GATEWAY, "TLSRoute", NULL, NULL},
    {"linkerd.io", "ServiceProfile", NULL, NULL},
    {"multicluster.linkerd.io", "Link", NULL, NULL},
    {"workload.linkerd.io", "ExternalWorkload", NULL, NULL},
};

void gh_judge_wants(struct gh_store *store)
{
    gh_store_want(store, kinds, GH_COUNT(kinds));
    gh_shape_wants(store);
}

static bool is_asked(const struct gh_judge_options *opt,
                     const struct gh_want *kind)
{
    return !opt->kind.ptr ||
           gh_slice_eq_nocase(opt->kind, gh_slice_str(kind->kind));
}

typedef void each_fn(void *ctx, const struct gh_object *object);

static void each_of_kind(struct gh_mesh *m, const struct gh_want *kind,
                         const struct gh_judge_options *opt, each_fn *each,
                         void *ctx)
{
    const struct gh_store *s = gh_mesh_store(m);
    struct gh_store_iter it = gh_store_list(
        s,
        gh_store_type(s, gh_slice_str(kind->group), gh_slice_str(kind->kind)),
        opt->ns);

    if (!is_asked(opt, kind))
        return;
    while (gh_store_next(&it))
        if (!opt->name.ptr || gh_slice_eq(opt->name, it.object->name))
            each(ctx, it.object);
}

static bool is_judged_kind(const struct gh_want *kind)
{
    for (size_t i = 0; i < GH_COUNT(kinds); i++)
        if (gh_slice_is(gh_slice_str(kinds[i].kind), kind->kind) &&
            gh_slice_is(gh_slice_str(kinds[i].group), kind->group))
            return true;
    return false;
}

void gh_judge_objects(struct gh_mesh *m, const struct gh_judge_options *opt,
                      void (*each)(void *ctx, const struct gh_object *object),
                      void *ctx)
{
    for (size_t i = 0; i < GH_COUNT(kinds); i++)
        each_of_kind(m, &kinds[i], opt, each, ctx);
    for (size_t i = 0; i < GH_KIND_COUNT; i++)
        if (!is_judged_kind(&gh_mesh_kinds[i].want))
            each_of_kind(m, &gh_mesh_kinds[i].want, opt, each, ctx);
}

struct round {
    struct gh_schemas *schemas;
    struct gh_findings *out;
    struct gh_arena work;
};

static void judge_object(void *ctx, const struct gh_object *object)
{
    struct round *r = ctx;
    struct gh_json root;

    if (gh_shape_check(r->schemas, gh_object_root(object), object, r->out,
                       &r->work, &root))
        (void)gh_admission_check(root, object, r->out);
    gh_arena_reset(&r->work);
}

void gh_judge(struct gh_mesh *m, const struct gh_judge_options *opt,
              struct gh_findings *out)
{
    struct round r = {.out = out};

    r.schemas = gh_shape_schemas(gh_mesh_store(m));
    gh_arena_init(&r.work, WORK_BYTES);
    for (size_t i = 0; i < GH_COUNT(kinds); i++)
        each_of_kind(m, &kinds[i], opt, judge_object, &r);
    gh_arena_fini(&r.work);
    (void)gh_schemas_free(r.schemas);
    gh_lint(m, opt, out);
}
