/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh/lint_internal.h"

/*
 * Lints of authentications: who is meant, and whether there is such a client
 *
 * Identities are written in three ways (names, identityRefs, and accounts of
 * ServerAuthorizations); each is turned into account and namespace and looked
 * at in the same way.
 */

#define IDENTITY_TAIL ".serviceaccount.identity."

struct who { /* an entry of a list of clients */
    const struct gh_object *object;
    struct gh_slice path;    /* "spec.identities[0]" */
    struct gh_slice pointer; /* "/spec/identities/0" */
};

/* --- accounts and namespaces --- */

static bool account_at_hand(struct gh_lint *l, struct gh_slice ns,
                            struct gh_slice name)
{
    struct gh_lint_sets it = gh_lint_sets(l, ns);

    if (gh_mesh_get(l->mesh, GH_KIND_SERVICE_ACCOUNT, ns, name) ||
        gh_slice_is(name, "default"))
        return true;
    while (gh_lint_next_set(&it))
        if (gh_slice_eq(it.set->service_account, name))
            return true;
    return false;
}

/* Whether accounts of the namespace would be at hand. */
static bool accounts_at_hand(struct gh_lint *l, struct gh_slice ns)
{
    struct gh_store_iter it =
        gh_mesh_list(l->mesh, GH_KIND_SERVICE_ACCOUNT, ns);
    size_t count;

    if (gh_store_next(&it))
        return true;
    (void)gh_mesh_workloads(l->mesh, ns, &count);
    return count > 0;
}

/* Any Namespace object at hand: then all are. */
static bool namespace_is_missing(struct gh_lint *l, struct gh_slice ns)
{
    struct gh_store_iter it =
        gh_mesh_list(l->mesh, GH_KIND_NAMESPACE, gh_slice_str(NULL));

    return gh_store_next(&it) && !gh_lint_ns_at_hand(l, ns);
}

static void tell_no_namespace(struct gh_lint *l, const struct who *w,
                              struct gh_slice ns)
{
    struct gh_slice near =
        gh_lint_nearest(l, GH_KIND_NAMESPACE, gh_slice_str(NULL), ns);
    struct gh_finding *f = gh_lint_tell(
        l, GH_FINDING_ID_NAMESPACE_MISSING, w->object, w->path,
        "there is no namespace \"%.*s\", so nobody is admitted by this entry",
        GH_FMT(ns));

    if (near.ptr)
        gh_lint_fix(l, f, "Did you mean \"%.*s\"?", GH_FMT(near));
}

/* A client that uses the account and has no proxy, if none of them has. */
static const struct gh_podset *
unmeshed_client(struct gh_lint *l, struct gh_slice ns, struct gh_slice account)
{
    struct gh_lint_sets it = gh_lint_sets(l, ns);
    const struct gh_podset *found = NULL;

    while (gh_lint_next_set(&it)) {
        if (!gh_slice_eq(it.set->service_account, account))
            continue;
        if (!gh_lint_is_unmeshed(l, it.set))
            return NULL;
        if (!found)
            found = it.set;
    }
    return found;
}

static void look_at_account(struct gh_lint *l, const struct who *w,
                            struct gh_slice ns, struct gh_slice account)
{
    const struct gh_podset *client;
    struct gh_slice near;
    struct gh_finding *f;

    if (namespace_is_missing(l, ns)) {
        tell_no_namespace(l, w, ns);
        return;
    }
    if (!account_at_hand(l, ns, account)) {
        if (!accounts_at_hand(l, ns))
            return;
        near = gh_lint_nearest(l, GH_KIND_SERVICE_ACCOUNT, ns, account);
        f = gh_lint_tell(l, GH_FINDING_ID_ACCOUNT_MISSING, w->object, w->path,
                         "there is no ServiceAccount \"%.*s\" in namespace "
                         "%.*s, so nobody is admitted by this entry",
                         GH_FMT(account), GH_FMT(ns));
        if (near.ptr)
            gh_lint_fix(l, f, "Did you mean \"%.*s\"?", GH_FMT(near));
        return;
    }
    client = unmeshed_client(l, ns, account);
    if (!client)
        return;
    f = gh_lint_tell(l, GH_FINDING_ID_CLIENT_UNMESHED, w->object, w->path,
                     "%.*s in namespace %.*s, which is meant by this entry, "
                     "has no proxy and so no identity: it is refused",
                     GH_FMT(gh_lint_workload(l, client)), GH_FMT(ns));
    gh_lint_relate(f, gh_lint_object_of(client));
}

/* --- identities as names --- */

static bool is_external_identity(struct gh_lint *l, struct gh_slice id)
{
    struct gh_store_iter it =
        gh_mesh_list(l->mesh, GH_KIND_EXTERNAL_WORKLOAD, gh_slice_str(NULL));

    while (gh_store_next(&it))
        if (gh_slice_eq(gh_json_str(gh_json_path(gh_object_root(it.object),
                                                 "spec/meshTLS/identity")),
                        id))
            return true;
    return false;
}

static void tell_foreign(struct gh_lint *l, const struct who *w,
                         struct gh_slice id, const struct gh_id_parts *parts)
{
    const struct gh_mesh_config *c = gh_mesh_config(l->mesh);
    struct gh_slice ours;
    struct gh_finding *f;

    if (!parts) {
        f = gh_lint_tell(l, GH_FINDING_ID_IDENTITY_FOREIGN, w->object, w->path,
                         "\"%.*s\" is the identity of no pod: they are called "
                         "<account>.<namespace>" IDENTITY_TAIL "%.*s.%.*s",
                         GH_FMT(id), GH_FMT(c->control_plane_ns),
                         GH_FMT(c->trust_domain));
        gh_lint_fix(l, f,
                    "Write the identity in full, or use identityRefs with the "
                    "ServiceAccount's name.");
        return;
    }
    ours = gh_lint_text(l, "%.*s.%.*s" IDENTITY_TAIL "%.*s.%.*s",
                        GH_FMT(parts->service_account), GH_FMT(parts->ns),
                        GH_FMT(c->control_plane_ns), GH_FMT(c->trust_domain));
    f = gh_lint_tell(
        l, GH_FINDING_ID_IDENTITY_FOREIGN, w->object, w->path,
        "\"%.*s\" is nobody's identity here: those of this mesh end in "
        "%.*s.%.*s",
        GH_FMT(id), GH_FMT(c->control_plane_ns), GH_FMT(c->trust_domain));
    gh_lint_fix(l, f, "Write %.*s.", GH_FMT(ours));
    gh_lint_patch(l, f, "replace", w->pointer, gh_lint_quote(l, ours));
    gh_lint_relate(f, c->source);
}

/* "*.x" fits somebody if all identities end in x, or x ends as they do. */
static bool suffix_fits(struct gh_lint *l, struct gh_slice id)
{
    const struct gh_mesh_config *c = gh_mesh_config(l->mesh);
    struct gh_slice suffix = gh_slice_drop(id, 1);
    struct gh_slice tail =
        gh_lint_text(l, IDENTITY_TAIL "%.*s.%.*s", GH_FMT(c->control_plane_ns),
                     GH_FMT(c->trust_domain));

    return gh_slice_ends(tail, suffix) || gh_slice_ends(suffix, tail);
}

static bool is_ours(struct gh_lint *l, const struct gh_id_parts *parts)
{
    const struct gh_mesh_config *c = gh_mesh_config(l->mesh);

    return gh_slice_eq(parts->control_plane_ns, c->control_plane_ns) &&
           gh_slice_eq(parts->trust_domain, c->trust_domain);
}

static void look_at_suffix(struct gh_lint *l, const struct who *w,
                           struct gh_slice id)
{
    struct gh_id_parts parts;
    bool split = gh_id_split(id, &parts);

    if (gh_mesh_config(l->mesh)->source && !suffix_fits(l, id))
        tell_foreign(l, w, id, split ? &parts : NULL);
    else if (split && gh_slice_is(parts.service_account, "*") &&
             namespace_is_missing(l, parts.ns))
        tell_no_namespace(l, w, parts.ns);
}

static const struct gh_object *external_with_spiffe(struct gh_lint *l)
{
    struct gh_store_iter it =
        gh_mesh_list(l->mesh, GH_KIND_EXTERNAL_WORKLOAD, gh_slice_str(NULL));

    while (gh_store_next(&it))
        if (gh_id_is_spiffe(gh_json_str(gh_json_path(gh_object_root(it.object),
                                                     "spec/meshTLS/identity"))))
            return it.object;
    return NULL;
}

static bool lists_spiffe(struct gh_json list)
{
    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it);)
        if (gh_id_is_spiffe(gh_json_str_or(it.value, GH_SLICE(""))))
            return true;
    return false;
}

static void look_at_star(struct gh_lint *l, const struct who *w,
                         struct gh_json list)
{
    const struct gh_object *external = external_with_spiffe(l);
    struct gh_finding *f;

    (void)gh_lint_tell(l, GH_FINDING_ID_IDENTITY_ANYONE, w->object, w->path,
                       "\"*\" admits every client that is in the mesh, of "
                       "every namespace");
    if (!external || lists_spiffe(list))
        return;
    f = gh_lint_tell(l, GH_FINDING_ID_SPIFFE_NOT_COVERED, w->object, w->path,
                     "\"*\" does not admit ExternalWorkload %.*s/%.*s: its "
                     "identity is a SPIFFE URI, which no wildcard matches",
                     GH_FMT(external->ns), GH_FMT(external->name));
    gh_lint_fix(l, f, "If it is to be admitted, add \"%.*s\" to the list.",
                GH_FMT(gh_json_str(gh_json_path(gh_object_root(external),
                                                "spec/meshTLS/identity"))));
    gh_lint_relate(f, external);
}

static void look_at_identity(struct gh_lint *l, const struct who *w,
                             struct gh_slice id, struct gh_json list)
{
    struct gh_id_parts parts;

    if (gh_slice_is(id, "*"))
        look_at_star(l, w, list);
    else if (gh_slice_starts(id, GH_SLICE("*.")))
        look_at_suffix(l, w, id);
    else if (gh_id_is_spiffe(id) || is_external_identity(l, id))
        return;
    else if (!gh_id_split(id, &parts))
        tell_foreign(l, w, id, NULL);
    else if (gh_mesh_config(l->mesh)->source && !is_ours(l, &parts))
        tell_foreign(l, w, id, &parts);
    else
        look_at_account(l, w, parts.ns, parts.service_account);
}

/* --- lists --- */

static struct who entry(struct gh_lint *l, const struct gh_object *o,
                        const char *path, const char *pointer, size_t index)
{
    return (struct who){
        .object = o,
        .path = gh_lint_text(l, "%s[%zu]", path, index),
        .pointer = gh_lint_text(l, "%s/%zu", pointer, index),
    };
}

static bool was_before(struct gh_json list, size_t index, struct gh_json v)
{
    size_t i = 0;

    for (struct gh_json_iter it = gh_json_iter(list);
         i < index && gh_json_next(&it); i++)
        if (gh_slice_eq(gh_json_raw(it.value), gh_json_raw(v)))
            return true;
    return false;
}

/* Return: whether the entry was told to be a duplicate. */
static bool tell_duplicate(struct gh_lint *l, const struct who *w,
                           struct gh_json list, size_t index, struct gh_json v)
{
    struct gh_finding *f;

    if (index > 1000 || !was_before(list, index, v))
        return false;
    f = gh_lint_tell(l, GH_FINDING_ID_DUPLICATE_IDENTITY, w->object, w->path,
                     "this entry is in the list already");
    gh_lint_patch(l, f, "remove", w->pointer, gh_slice_str(NULL));
    return true;
}

static void lint_identities(struct gh_lint *l, const struct gh_object *o,
                            const char *path, const char *pointer,
                            struct gh_json list)
{
    size_t i = 0;

    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it); i++) {
        struct who w = entry(l, o, path, pointer, i);

        if (gh_json_is(it.value, GH_JSON_STRING) &&
            !tell_duplicate(l, &w, list, i, it.value))
            look_at_identity(l, &w, gh_json_str(it.value), list);
    }
}

/* {name, namespace} of ServiceAccounts, and of Namespaces. */
static void lint_accounts(struct gh_lint *l, const struct gh_object *o,
                          const char *path, const char *pointer,
                          struct gh_json list)
{
    size_t i = 0;

    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it); i++) {
        struct who w = entry(l, o, path, pointer, i);
        struct gh_slice name = gh_json_str(gh_json_get(it.value, "name"));
        struct gh_slice kind = gh_json_str_or(gh_json_get(it.value, "kind"),
                                              GH_SLICE("ServiceAccount"));
        struct gh_slice ns =
            gh_json_str_or(gh_json_get(it.value, "namespace"), o->ns);

        if (!name.ptr || tell_duplicate(l, &w, list, i, it.value))
            continue;
        if (gh_slice_eq_nocase(kind, GH_SLICE("ServiceAccount")))
            look_at_account(l, &w, ns, name);
        else if (gh_slice_eq_nocase(kind, GH_SLICE("Namespace")) &&
                 namespace_is_missing(l, name))
            tell_no_namespace(l, &w, name);
    }
}

/* --- use --- */

static bool list_names(struct gh_lint *l, const struct gh_object *policy,
                       const struct gh_object *authn)
{
    struct gh_json refs =
        gh_json_get(gh_lint_spec(policy), "requiredAuthenticationRefs");

    (void)l;
    for (struct gh_json_iter it = gh_json_iter(refs); gh_json_next(&it);)
        if (gh_slice_eq(
                gh_json_str_or(gh_json_get(it.value, "name"), GH_SLICE("")),
                authn->name) &&
            gh_slice_eq(
                gh_json_str_or(gh_json_get(it.value, "namespace"), policy->ns),
                authn->ns) &&
            gh_slice_eq_nocase(
                gh_json_str_or(gh_json_get(it.value, "kind"), GH_SLICE("")),
                authn->kind))
            return true;
    return false;
}

static bool is_required(struct gh_lint *l, const struct gh_object *authn)
{
    struct gh_store_iter it =
        gh_mesh_list(l->mesh, GH_KIND_AUTHORIZATION_POLICY, authn->ns);

    while (gh_store_next(&it))
        if (list_names(l, it.object, authn))
            return true;
    it =
        gh_mesh_list(l->mesh, GH_KIND_AUTHORIZATION_POLICY, gh_slice_str(NULL));
    while (gh_store_next(&it))
        if (list_names(l, it.object, authn))
            return true;
    return false;
}

static void lint_use(struct gh_lint *l, const struct gh_object *o)
{
    if (!is_required(l, o))
        (void)gh_lint_tell(
            l, GH_FINDING_ID_UNUSED_AUTHENTICATION, o, gh_slice_str(NULL),
            "no AuthorizationPolicy refers to this %.*s", GH_FMT(o->kind));
}

/* --- all of them --- */

static void lint_policy_accounts(struct gh_lint *l, const struct gh_authz *a)
{
    for (size_t i = 0; i < a->ref_count; i++) {
        struct who w = {
            .object = a->object,
            .path = gh_lint_text(l, "spec.requiredAuthenticationRefs[%zu]", i),
        };

        if (!a->refs[i].names_object &&
            gh_slice_eq_nocase(a->refs[i].kind, GH_SLICE("ServiceAccount")))
            look_at_account(l, &w, a->refs[i].ns, a->refs[i].name);
    }
}

static void lint_server_authorization(struct gh_lint *l,
                                      const struct gh_object *o)
{
    struct gh_json tls =
        gh_json_get(gh_json_get(gh_lint_spec(o), "client"), "meshTLS");

    lint_identities(l, o, "spec.client.meshTLS.identities",
                    "/spec/client/meshTLS/identities",
                    gh_json_get(tls, "identities"));
    lint_accounts(l, o, "spec.client.meshTLS.serviceAccounts",
                  "/spec/client/meshTLS/serviceAccounts",
                  gh_json_get(tls, "serviceAccounts"));
}

static void lint_overrides(struct gh_lint *l, const struct gh_object *o)
{
    struct gh_json list = gh_json_get(gh_lint_spec(o), "overrides");
    size_t i = 0;

    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it); i++) {
        struct gh_slice path =
            gh_lint_text(l, "spec.overrides[%zu].clientRefs", i);
        struct gh_slice pointer =
            gh_lint_text(l, "/spec/overrides/%zu/clientRefs", i);

        lint_accounts(l, o, path.ptr, pointer.ptr,
                      gh_json_get(it.value, "clientRefs"));
    }
}

void gh_lint_authn(struct gh_lint *l)
{
    struct gh_store_iter it =
        gh_mesh_list(l->mesh, GH_KIND_MESHTLS_AUTHENTICATION, l->ns);

    while (gh_store_next(&it)) {
        struct gh_json spec = gh_lint_spec(it.object);

        lint_identities(l, it.object, "spec.identities", "/spec/identities",
                        gh_json_get(spec, "identities"));
        lint_accounts(l, it.object, "spec.identityRefs", "/spec/identityRefs",
                      gh_json_get(spec, "identityRefs"));
        lint_use(l, it.object);
    }
    it = gh_mesh_list(l->mesh, GH_KIND_NETWORK_AUTHENTICATION, l->ns);
    while (gh_store_next(&it))
        lint_use(l, it.object);
    for (size_t i = 0; i < l->plan->authz_count; i++) {
        lint_policy_accounts(l, l->plan->authz[i]);
        if (l->plan->authz[i]->kind == GH_AUTHZ_SERVER)
            lint_server_authorization(l, l->plan->authz[i]->object);
    }
    it = gh_mesh_list(l->mesh, GH_KIND_RATE_LIMIT, l->ns);
    while (gh_store_next(&it))
        lint_overrides(l, it.object);
}
