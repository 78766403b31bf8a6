/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh/lint_internal.h"

/*
 * Lints of ServiceProfiles
 *
 * A profile is found by its name alone, so a name that is nobody's is a
 * profile without effect; and its expressions are compiled by the proxy only.
 */

/* "web.shop.svc.cluster.local"; false for hosts outside of the cluster. */
static bool split_name(struct gh_slice name, struct gh_slice *service,
                       struct gh_slice *ns, struct gh_slice *domain)
{
    static const struct gh_slice svc = {".svc.", 5};
    size_t dot = gh_slice_find(name, '.');
    struct gh_slice rest = dot < name.len ? gh_slice_drop(name, dot + 1) : name;
    size_t second = gh_slice_find(rest, '.');

    *service = gh_slice_head(name, dot);
    *ns = gh_slice_head(rest, second);
    *domain = gh_slice_drop(rest, second);
    if (dot == name.len || !gh_slice_starts(*domain, svc))
        return false;
    *domain = gh_slice_drop(*domain, svc.len);
    return true;
}

static void lint_name(struct gh_lint *l, const struct gh_object *o)
{
    const struct gh_mesh_config *c = gh_mesh_config(l->mesh);
    struct gh_slice service;
    struct gh_slice ns;
    struct gh_slice domain;
    struct gh_finding *f;

    if (!split_name(o->name, &service, &ns, &domain))
        return; /* perhaps a host outside of the cluster */
    if (c->source && !gh_slice_eq(domain, c->cluster_domain)) {
        f = gh_lint_tell(l, GH_FINDING_ID_PROFILE_SERVICE, o,
                         GH_SLICE("metadata.name"),
                         "names of this cluster end in %.*s, not in %.*s",
                         GH_FMT(c->cluster_domain), GH_FMT(domain));
        gh_lint_fix(l, f, "Rename it to %.*s.%.*s.svc.%.*s.", GH_FMT(service),
                    GH_FMT(ns), GH_FMT(c->cluster_domain));
        return;
    }
    if (gh_mesh_get(l->mesh, GH_KIND_SERVICE, ns, service) ||
        !gh_lint_services_at_hand(l, o, ns))
        return;
    f = gh_lint_tell(l, GH_FINDING_ID_PROFILE_SERVICE, o,
                     GH_SLICE("metadata.name"),
                     "there is no Service \"%.*s\" in namespace %.*s",
                     GH_FMT(service), GH_FMT(ns));
    gh_lint_relate(f, NULL);
}

/* Expressions anywhere in a condition, which nests by all, any and not. */
static void lint_condition(struct gh_lint *l, const struct gh_object *o,
                           struct gh_json v, struct gh_slice path,
                           unsigned depth)
{
    struct gh_slice text = gh_json_str(gh_json_get(v, "pathRegex"));
    static const char *const lists[] = {"all", "any"};
    struct gh_json inner = gh_json_get(v, "not");
    struct gh_err err;

    if (depth > 32)
        return;
    if (text.ptr && !gh_regex_compile(text, &l->scratch, &err))
        (void)gh_lint_tell(l, GH_FINDING_ID_PROFILE_REGEX, o,
                           gh_lint_text(l, "%.*s.pathRegex", GH_FMT(path)),
                           "the expression does not parse: %s", err.text);
    for (size_t k = 0; k < GH_COUNT(lists); k++) {
        struct gh_json list = gh_json_getn(v, gh_slice_str(lists[k]));
        size_t i = 0;

        for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it);
             i++)
            lint_condition(
                l, o, it.value,
                gh_lint_text(l, "%.*s.%s[%zu]", GH_FMT(path), lists[k], i),
                depth + 1);
    }
    if (gh_json_given(inner))
        lint_condition(l, o, inner, gh_lint_text(l, "%.*s.not", GH_FMT(path)),
                       depth + 1);
}

void gh_lint_profiles(struct gh_lint *l)
{
    struct gh_store_iter it =
        gh_mesh_list(l->mesh, GH_KIND_SERVICE_PROFILE, l->ns);

    while (gh_store_next(&it)) {
        struct gh_json routes = gh_json_get(gh_lint_spec(it.object), "routes");
        size_t i = 0;

        lint_name(l, it.object);
        for (struct gh_json_iter r = gh_json_iter(routes); gh_json_next(&r);
             i++)
            lint_condition(l, it.object, gh_json_get(r.value, "condition"),
                           gh_lint_text(l, "spec.routes[%zu].condition", i), 0);
    }
}
