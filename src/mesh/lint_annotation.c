/* SPDX-License-Identifier: Apache-2.0 */
#include "base/nearest.h"
#include "base/num.h"
#include "mesh/http_syntax.h"
#include "mesh/lint_internal.h"

/*
 * Lints of annotations about outbound traffic
 *
 * Retries, timeouts and failure accrual are configured on Services,
 * EgressNetworks and routes. The webhook reads some of them on some routes;
 * everywhere else a typing error is admitted, and the controller ignores the
 * value. Which is read where is a table.
 */

enum {
    ON_SERVICE = 1,
    ON_EGRESS = 2,
    ON_HTTP = 4,
    ON_GRPC = 8,
    ON_PARENTS = ON_SERVICE | ON_EGRESS,
    EVERYWHERE = ON_PARENTS | ON_HTTP | ON_GRPC,
};

/* --- values --- */

static bool number_of(struct gh_slice s, uint64_t max, uint64_t *ret)
{
    if (s.len > 1 && s.ptr[0] == '+')
        s = gh_slice_drop(s, 1);
    return gh_u64_parse(s, ret) && *ret <= max;
}

static bool is_positive(struct gh_slice s)
{
    uint64_t ms;

    return gh_annotation_duration(s, &ms) && ms > 0;
}

static bool is_u32(struct gh_slice s)
{
    uint64_t n;

    return number_of(s, UINT32_MAX, &n);
}

static bool is_accrual(struct gh_slice s)
{
    return gh_slice_is(s, "consecutive") || gh_slice_is(s, "unified");
}

/* A decimal that is not negative. */
static bool is_ratio(struct gh_slice s)
{
    size_t dots = 0;
    size_t digits = 0;

    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '.')
            dots++;
        else if (s.ptr[i] >= '0' && s.ptr[i] <= '9')
            digits++;
        else
            return false;
    }
    return digits > 0 && dots <= 1;
}

static bool is_share(struct gh_slice s)
{
    return is_ratio(s) &&
           (s.ptr[0] == '0' || s.ptr[0] == '.' || gh_slice_is(s, "1") ||
            gh_slice_starts(s, GH_SLICE("1.0")));
}

#define A_DURATION "a duration such as 300ms or 5s: one integer, one unit"
#define ACCRUAL "balancer.linkerd.io/failure-accrual"
#define RATE "balancer.alpha.linkerd.io/failure-accrual-success-rate"

static const struct row {
    const char *name;
    unsigned read_on;
    bool (*is_valid)(struct gh_slice s);
    const char *expected;
} rows[] = {
    {"retry.linkerd.io/limit", EVERYWHERE, gh_annotation_limit_ok,
     "a number up to 65535"},
    {"retry.linkerd.io/timeout", EVERYWHERE, gh_annotation_duration_ok,
     A_DURATION},
    {"retry.linkerd.io/http", ON_PARENTS | ON_HTTP, gh_annotation_http_ok,
     "a list such as 5xx,gateway-error,429,500-504"},
    {"retry.linkerd.io/grpc", ON_PARENTS | ON_GRPC, gh_annotation_grpc_ok,
     "a list of cancelled, deadline-exceeded, internal, resource-exhausted and "
     "unavailable"},
    {"timeout.linkerd.io/request", EVERYWHERE, gh_annotation_duration_ok,
     A_DURATION},
    {"timeout.linkerd.io/response", EVERYWHERE, gh_annotation_duration_ok,
     A_DURATION},
    {"timeout.linkerd.io/idle", EVERYWHERE, gh_annotation_duration_ok,
     A_DURATION},
    {ACCRUAL, ON_PARENTS, is_accrual, "consecutive or unified"},
    {ACCRUAL "-consecutive-max-failures", ON_PARENTS, is_u32, "a number"},
    {ACCRUAL "-consecutive-min-penalty", ON_PARENTS, is_positive, A_DURATION},
    {ACCRUAL "-consecutive-max-penalty", ON_PARENTS, is_positive, A_DURATION},
    {ACCRUAL "-consecutive-jitter-ratio", ON_PARENTS, is_ratio,
     "a decimal such as 0.5"},
    {RATE "-threshold", ON_PARENTS, is_share, "a decimal from 0 to 1"},
    {RATE "-window", ON_PARENTS, is_positive, A_DURATION},
    {RATE "-min-requests", ON_PARENTS, is_u32, "a number"},
};

/* --- one annotation --- */

static struct gh_slice path_of(struct gh_lint *l, struct gh_slice key)
{
    return gh_lint_text(l, "metadata.annotations[%.*s]", GH_FMT(key));
}

static void tell_unread(struct gh_lint *l, const struct gh_object *o,
                        struct gh_slice key, const char *why)
{
    struct gh_finding *f =
        gh_lint_tell(l, GH_FINDING_ID_ANNOTATION_UNREAD, o, path_of(l, key),
                     "Linkerd does not read this annotation here: %s", why);

    gh_lint_patch(l, f, "remove",
                  gh_lint_text(l, "/metadata/annotations/%.*s",
                               GH_FMT(gh_lint_step(l, key))),
                  gh_slice_str(NULL));
}

static bool is_outbound_key(struct gh_slice key)
{
    return gh_slice_starts(key, GH_SLICE("retry.linkerd.io/")) ||
           gh_slice_starts(key, GH_SLICE("timeout.linkerd.io/"));
}

/* balancer.* has more knobs than the table; only slips of the hand in the
 * two small groups are certain. */
static void tell_unknown(struct gh_lint *l, const struct gh_object *o,
                         struct gh_slice key)
{
    struct gh_nearest nearest;
    struct gh_finding *f;

    gh_nearest_init(&nearest, key);
    for (size_t i = 0; i < GH_COUNT(rows); i++)
        gh_nearest_offer(&nearest, gh_slice_str(rows[i].name));
    if (!is_outbound_key(key))
        return;
    f = gh_lint_tell(l, GH_FINDING_ID_ANNOTATION_UNREAD, o, path_of(l, key),
                     "Linkerd has no annotation of this name");
    if (nearest.best.ptr)
        gh_lint_fix(l, f, "Did you mean %.*s?", GH_FMT(nearest.best));
}

static const struct row *find_row(struct gh_slice key)
{
    for (size_t i = 0; i < GH_COUNT(rows); i++)
        if (gh_slice_is(key, rows[i].name))
            return &rows[i];
    return NULL;
}

static const char *why_unread(unsigned on, struct gh_slice key)
{
    if (gh_slice_is(key, "retry.linkerd.io/grpc"))
        return "it is for gRPC, and this is an HTTPRoute";
    if (gh_slice_is(key, "retry.linkerd.io/http"))
        return "it is for HTTP, and this is a GRPCRoute";
    return on == 0 ? "only Services, EgressNetworks, HTTPRoutes and GRPCRoutes "
                     "have retries and timeouts"
                   : "it belongs on the Service";
}

static void lint_value(struct gh_lint *l, const struct gh_object *o,
                       const struct row *r, struct gh_slice value)
{
    struct gh_slice key = gh_slice_str(r->name);

    if (!r->is_valid(value))
        (void)gh_lint_tell(l, GH_FINDING_ID_OUTBOUND_ANNOTATION, o,
                           path_of(l, key), "\"%.*s\" is not %s", GH_FMT(value),
                           r->expected);
}

/* --- objects --- */

static void lint_object(struct gh_lint *l, const struct gh_object *o,
                        unsigned on, bool inbound)
{
    struct gh_json all = gh_lint_meta(o, "annotations");

    for (struct gh_json_iter it = gh_json_iter(all); gh_json_next(&it);) {
        const struct row *r = find_row(it.name);

        if (!r)
            tell_unknown(l, o, it.name);
        else if (!(r->read_on & on))
            tell_unread(l, o, it.name, why_unread(on, it.name));
        else if (inbound)
            tell_unread(l, o, it.name,
                        "it is for clients, and this route is a Server's");
        else if (on & ON_PARENTS) /* on routes the webhook has read it */
            lint_value(l, o, r, gh_json_str_or(it.value, GH_SLICE("")));
    }
}

static void lint_penalties(struct gh_lint *l, const struct gh_object *o)
{
    struct gh_json all = gh_lint_meta(o, "annotations");
    struct gh_slice least =
        gh_json_str(gh_json_get(all, ACCRUAL "-consecutive-min-penalty"));
    struct gh_slice most =
        gh_json_str(gh_json_get(all, ACCRUAL "-consecutive-max-penalty"));
    uint64_t least_ms = 1000; /* the defaults */
    uint64_t most_ms = 60000;

    if ((least.ptr && !gh_annotation_duration(least, &least_ms)) ||
        (most.ptr && !gh_annotation_duration(most, &most_ms)) ||
        least_ms <= most_ms)
        return;
    (void)gh_lint_tell(
        l, GH_FINDING_ID_OUTBOUND_ANNOTATION, o,
        path_of(l, least.ptr ? GH_SLICE(ACCRUAL "-consecutive-min-"
                                                "penalty")
                             : GH_SLICE(ACCRUAL "-consecutive-max-"
                                                "penalty")),
        "the least penalty (%llu ms) is longer than the "
        "greatest (%llu ms)",
        (unsigned long long)least_ms, (unsigned long long)most_ms);
}

static void lint_kind(struct gh_lint *l, enum gh_mesh_kind kind, unsigned on)
{
    struct gh_store_iter it = gh_mesh_list(l->mesh, kind, l->ns);

    while (gh_store_next(&it)) {
        lint_object(l, it.object, on, false);
        lint_penalties(l, it.object);
    }
}

static unsigned where(enum gh_mesh_kind kind)
{
    if (kind == GH_KIND_GRPC_ROUTE)
        return ON_GRPC;
    return kind == GH_KIND_TLS_ROUTE || kind == GH_KIND_TCP_ROUTE ? 0 : ON_HTTP;
}

void gh_lint_annotations(struct gh_lint *l)
{
    struct gh_lint_routes it = gh_lint_routes_of(l);

    lint_kind(l, GH_KIND_SERVICE, ON_SERVICE);
    lint_kind(l, GH_KIND_EGRESS_NETWORK, ON_EGRESS);
    while (gh_lint_next_route(&it)) {
        bool outbound = gh_lint_has_parent(it.object, GH_PARENT_SERVICE) ||
                        gh_lint_has_parent(it.object, GH_PARENT_EGRESS);

        if (outbound || gh_lint_has_parent(it.object, GH_PARENT_SERVER))
            lint_object(l, it.object, where(it.kind), !outbound);
    }
}
