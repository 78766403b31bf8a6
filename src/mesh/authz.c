/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh/mesh_internal.h"

/*
 * Authorizations of a namespace, with their references resolved
 *
 * What Linkerd ignores stays, with the reason and a remedy: the controller
 * writes neither on the object. References are ANDed; one that cannot be
 * resolved voids the whole policy. Group and kind compare without case; an
 * empty group and "core" are the same.
 */

struct authn { /* what the references of a policy come to */
    const struct gh_id_match *ids;
    size_t id_count;
    bool has_ids;
    struct gh_nets nets;
    bool has_nets;
};

static bool is_group(struct gh_slice group, const char *wanted)
{
    if (gh_slice_eq_nocase(group, GH_SLICE("core")))
        group = GH_SLICE("");
    return gh_slice_eq_nocase(group, gh_slice_str(wanted));
}

bool gh_ref_is(struct gh_json ref, const char *group, const char *kind)
{
    return is_group(gh_json_str_or(gh_json_get(ref, "group"), GH_SLICE("")),
                    group) &&
           gh_slice_eq_nocase(
               gh_json_str_or(gh_json_get(ref, "kind"), GH_SLICE("")),
               gh_slice_str(kind));
}

bool gh_nets_everywhere(struct gh_nets nets)
{
    bool all[2] = {false, false};

    for (size_t i = 0; i < nets.count; i++) {
        const struct gh_net_rule *r = &nets.at[i];
        unsigned __int128 span = r->net.last - r->net.first;

        if (r->except_count == 0 &&
            span == (r->net.v6 ? ~(unsigned __int128)0 : UINT32_MAX))
            all[r->net.v6] = true;
    }
    return all[0] && all[1];
}

static void ignore(struct gh_authz *a, struct gh_slice why,
                   struct gh_slice remedy)
{
    if (a->ignored.ptr)
        return;
    a->ignored = why;
    a->remedy = remedy;
}

/* --- MeshTLSAuthentication --- */

static bool read_identity_ref(struct gh_plan *p, struct gh_json ref,
                              struct gh_slice own_ns, struct gh_id_match *ret)
{
    const struct gh_mesh_config *cfg = &p->mesh->config;
    struct gh_slice name = gh_json_str(gh_json_get(ref, "name"));
    struct gh_slice ns = gh_json_str_or(gh_json_get(ref, "namespace"), own_ns);

    if (!name.ptr)
        return false;
    if (gh_ref_is(ref, "", "ServiceAccount"))
        ret->text = gh_id_of_account(name, ns, cfg->control_plane_ns,
                                     cfg->trust_domain, &p->memory.arena);
    else if (gh_ref_is(ref, "", "Namespace"))
        *ret = gh_id_match_of(gh_compiled_fmt(
            &p->memory, "*.%.*s.serviceaccount.identity.%.*s.%.*s",
            GH_FMT(name), GH_FMT(cfg->control_plane_ns),
            GH_FMT(cfg->trust_domain)));
    else
        return false;
    return true;
}

/* Return: NULL, or why the controller does not index it. */
static const char *read_meshtls(struct gh_plan *p, const struct gh_object *o,
                                struct authn *out)
{
    struct gh_json spec = gh_json_get(gh_object_root(o), "spec");
    struct gh_json lists[] = {gh_json_get(spec, "identities"),
                              gh_json_get(spec, "identityRefs")};
    size_t most = gh_json_count(lists[0]) + gh_json_count(lists[1]);
    struct gh_id_match *ids =
        GH_COMPILED_NEW(&p->memory, struct gh_id_match, most);
    size_t count = 0;
    struct gh_json_iter it;

    for (it = gh_json_iter(lists[0]); gh_json_next(&it); count++) {
        struct gh_slice id = gh_json_str(it.value);

        if (!id.ptr)
            return "has an identity that is no string";
        ids[count] = gh_id_match_of(id);
    }
    for (it = gh_json_iter(lists[1]); gh_json_next(&it); count++)
        if (!read_identity_ref(p, it.value, o->ns, &ids[count]))
            return "has an identityRef that is neither a named ServiceAccount "
                   "nor a Namespace";
    if (count == 0)
        return "lists no identities";
    *out = (struct authn){.ids = ids, .id_count = count, .has_ids = true};
    return NULL;
}

static const char *read_network(struct gh_plan *p, const struct gh_object *o,
                                struct authn *out)
{
    struct gh_json list = gh_json_path(gh_object_root(o), "spec/networks");
    struct gh_slice bad;

    if (!gh_nets_from_json(list, &p->memory.arena, &out->nets, &bad))
        return "has a cidr that does not parse";
    if (out->nets.count == 0)
        return "lists no networks";
    out->has_nets = true;
    return NULL;
}

/* --- AuthorizationPolicy --- */

enum ref_kind { REF_MESHTLS, REF_NETWORK, REF_ACCOUNT, REF_OTHER };

static enum ref_kind kind_of_ref(struct gh_json ref)
{
    if (gh_ref_is(ref, GH_GROUP_POLICY, "MeshTLSAuthentication"))
        return REF_MESHTLS;
    if (gh_ref_is(ref, GH_GROUP_POLICY, "NetworkAuthentication"))
        return REF_NETWORK;
    return gh_ref_is(ref, "", "ServiceAccount") ? REF_ACCOUNT : REF_OTHER;
}

static void unsupported_ref(struct gh_plan *p, struct gh_json ref,
                            struct gh_authz *a)
{
    struct gh_slice kind =
        gh_json_str_or(gh_json_get(ref, "kind"), GH_SLICE(""));
    struct gh_slice group =
        gh_json_str_or(gh_json_get(ref, "group"), GH_SLICE(""));
    struct gh_slice remedy =
        gh_slice_eq_nocase(kind, GH_SLICE("MeshTLSAuthentication")) ||
                gh_slice_eq_nocase(kind, GH_SLICE("NetworkAuthentication"))
            ? GH_SLICE("set group: " GH_GROUP_POLICY " on the reference")
            : GH_SLICE("refer to a MeshTLSAuthentication, a "
                       "NetworkAuthentication or a ServiceAccount");

    ignore(a,
           gh_compiled_fmt(&p->memory,
                           "it requires a %.*s of group \"%.*s\", which is no "
                           "kind of authentication",
                           GH_FMT(kind), GH_FMT(group)),
           remedy);
}

static void take_account(struct gh_plan *p, struct gh_authz_ref *r,
                         struct authn *out)
{
    struct gh_id_match *id = GH_COMPILED_NEW(&p->memory, struct gh_id_match, 1);
    const struct gh_mesh_config *cfg = &p->mesh->config;

    id->text = gh_id_of_account(r->name, r->ns, cfg->control_plane_ns,
                                cfg->trust_domain, &p->memory.arena);
    *out = (struct authn){.ids = id, .id_count = 1, .has_ids = true};
}

static void dangling(struct gh_plan *p, const struct gh_authz_ref *r,
                     struct gh_authz *a)
{
    ignore(a,
           gh_compiled_fmt(&p->memory,
                           "%.*s \"%.*s\", which it requires, does not exist "
                           "in namespace %.*s",
                           GH_FMT(r->kind), GH_FMT(r->name), GH_FMT(r->ns)),
           gh_compiled_fmt(&p->memory,
                           "create %.*s %.*s/%.*s, or correct the reference",
                           GH_FMT(r->kind), GH_FMT(r->ns), GH_FMT(r->name)));
}

static void unindexed(struct gh_plan *p, const struct gh_authz_ref *r,
                      const char *why, struct gh_authz *a)
{
    ignore(a,
           gh_compiled_fmt(&p->memory, "%.*s %.*s/%.*s, which it requires, %s",
                           GH_FMT(r->kind), GH_FMT(r->ns), GH_FMT(r->name),
                           why),
           gh_compiled_fmt(&p->memory, "correct %.*s %.*s/%.*s",
                           GH_FMT(r->kind), GH_FMT(r->ns), GH_FMT(r->name)));
}

/* Finds what a reference names and reads it. */
static void resolve_ref(struct gh_plan *p, enum ref_kind kind,
                        struct gh_authz_ref *r, struct gh_authz *a,
                        struct authn *out)
{
    enum gh_mesh_kind store_kind = kind == REF_MESHTLS
                                       ? GH_KIND_MESHTLS_AUTHENTICATION
                                       : GH_KIND_NETWORK_AUTHENTICATION;
    const struct gh_object *o;
    const char *why;

    gh_plan_depends(p, r->ns);
    o = gh_mesh_get(p->mesh, store_kind, r->ns, r->name);
    if (!o) {
        dangling(p, r, a);
        return;
    }
    r->object = gh_compiled_hold(&p->memory, o);
    why =
        kind == REF_MESHTLS ? read_meshtls(p, o, out) : read_network(p, o, out);
    r->problem = why;
    if (why)
        unindexed(p, r, why, a);
}

/* Adds one reference's meaning to the policy. */
static void add_ref(struct gh_plan *p, struct gh_json ref,
                    struct gh_authz_ref *r, struct gh_authz *a,
                    struct authn *sum)
{
    enum ref_kind kind = kind_of_ref(ref);
    struct authn one = {0};

    *r = (struct gh_authz_ref){
        .kind = gh_json_str_or(gh_json_get(ref, "kind"), GH_SLICE("")),
        .ns = gh_json_str_or(gh_json_get(ref, "namespace"), p->ns->name),
        .name = gh_json_str_or(gh_json_get(ref, "name"), GH_SLICE("")),
        .names_object = kind == REF_MESHTLS || kind == REF_NETWORK,
    };
    if (kind == REF_OTHER) {
        unsupported_ref(p, ref, a);
        return;
    }
    if (kind == REF_ACCOUNT)
        take_account(p, r, &one);
    else
        resolve_ref(p, kind, r, a, &one);
    if ((one.has_ids && sum->has_ids) || (one.has_nets && sum->has_nets))
        ignore(a,
               one.has_ids ? GH_SLICE("it requires more than one "
                                      "MeshTLSAuthentication or ServiceAccount")
                           : GH_SLICE("it requires more than one "
                                      "NetworkAuthentication"),
               GH_SLICE("merge them into one object, or write a second "
                        "policy: references are ANDed, policies are ORed"));
    if (one.has_ids) {
        sum->ids = one.ids;
        sum->id_count = one.id_count;
        sum->has_ids = true;
    }
    if (one.has_nets) {
        sum->nets = one.nets;
        sum->has_nets = true;
    }
}

static void read_target(struct gh_plan *p, struct gh_json ref,
                        struct gh_authz *a)
{
    struct gh_slice group =
        gh_json_str_or(gh_json_get(ref, "group"), GH_SLICE(""));

    a->target_group = group;
    a->target_kind = gh_json_str_or(gh_json_get(ref, "kind"), GH_SLICE(""));
    a->target_name = gh_json_str_or(gh_json_get(ref, "name"), GH_SLICE(""));
    a->target = GH_TARGET_ROUTE;
    if (gh_ref_is(ref, GH_GROUP_POLICY, "Server"))
        a->target = GH_TARGET_SERVER;
    else if (gh_ref_is(ref, "", "Namespace"))
        a->target = GH_TARGET_NAMESPACE;
    else if (!gh_ref_is(ref, GH_GROUP_POLICY, "HTTPRoute") &&
             !gh_ref_is(ref, GH_GROUP_GATEWAY, "HTTPRoute") &&
             !gh_ref_is(ref, GH_GROUP_GATEWAY, "GRPCRoute"))
        ignore(a,
               gh_compiled_fmt(&p->memory,
                               "its target is a %.*s of group \"%.*s\", which "
                               "cannot be authorized",
                               GH_FMT(a->target_kind), GH_FMT(group)),
               GH_SLICE("target a Server, the Namespace, an HTTPRoute or a "
                        "GRPCRoute, with the right group"));
}

static void read_policy(struct gh_plan *p, struct gh_authz *a)
{
    struct gh_json spec = gh_json_get(gh_object_root(a->object), "spec");
    struct gh_json list = gh_json_get(spec, "requiredAuthenticationRefs");
    struct gh_authz_ref *refs =
        GH_COMPILED_NEW(&p->memory, struct gh_authz_ref, gh_json_count(list));
    struct authn sum = {.nets = gh_nets_all()};

    a->kind = GH_AUTHZ_POLICY;
    read_target(p, gh_json_get(spec, "targetRef"), a);
    if (!gh_json_is(list, GH_JSON_ARRAY))
        ignore(a, GH_SLICE("spec.requiredAuthenticationRefs is missing"),
               GH_SLICE("list what clients must prove; [] admits everyone"));
    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it);)
        add_ref(p, it.value, &refs[a->ref_count++], a, &sum);
    a->refs = refs;
    a->clients = sum.has_ids ? GH_CLIENTS_IDENTITIES : GH_CLIENTS_ANY;
    a->ids = sum.ids;
    a->id_count = sum.id_count;
    a->nets = sum.nets;
}

/* --- ServerAuthorization --- */

static const char *read_mesh_tls(struct gh_plan *p, struct gh_json tls,
                                 struct gh_authz *a)
{
    struct gh_json names = gh_json_get(tls, "identities");
    struct gh_json accounts = gh_json_get(tls, "serviceAccounts");
    struct gh_id_match *ids =
        GH_COMPILED_NEW(&p->memory, struct gh_id_match,
                        gh_json_count(names) + gh_json_count(accounts));
    const struct gh_mesh_config *cfg = &p->mesh->config;
    struct gh_json_iter it;

    if (gh_json_true(gh_json_get(tls, "unauthenticatedTLS"))) {
        a->clients = GH_CLIENTS_TLS;
        return NULL;
    }
    a->clients = GH_CLIENTS_IDENTITIES;
    a->ids = ids;
    for (it = gh_json_iter(names); gh_json_next(&it);) {
        struct gh_slice id = gh_json_str(it.value);

        if (!id.ptr)
            return "an identity is no string";
        ids[a->id_count++] = gh_id_match_of(id);
    }
    for (it = gh_json_iter(accounts); gh_json_next(&it);) {
        struct gh_slice name = gh_json_str(gh_json_get(it.value, "name"));

        if (!name.ptr)
            return "a service account has no name";
        ids[a->id_count++].text = gh_id_of_account(
            name,
            gh_json_str_or(gh_json_get(it.value, "namespace"), p->ns->name),
            cfg->control_plane_ns, cfg->trust_domain, &p->memory.arena);
    }
    return a->id_count > 0 ? NULL : "meshTLS lists no clients";
}

static const char *read_client(struct gh_plan *p, struct gh_json client,
                               struct gh_authz *a)
{
    struct gh_json tls = gh_json_get(client, "meshTLS");
    struct gh_slice bad;

    if (!gh_nets_from_json(gh_json_get(client, "networks"), &p->memory.arena,
                           &a->nets, &bad))
        return "a cidr does not parse";
    if (a->nets.count == 0)
        a->nets = p->mesh->config.cluster_networks;
    if (gh_json_true(gh_json_get(client, "unauthenticated")))
        return NULL;
    if (!gh_json_given(tls))
        return "it admits no clients (neither unauthenticated nor meshTLS)";
    return read_mesh_tls(p, tls, a);
}

static void read_server_authorization(struct gh_plan *p, struct gh_authz *a)
{
    struct gh_json spec = gh_json_get(gh_object_root(a->object), "spec");
    struct gh_json server = gh_json_get(spec, "server");
    struct gh_json name = gh_json_get(server, "name");
    const char *why;

    a->kind = GH_AUTHZ_SERVER;
    a->target_kind = GH_SLICE("Server");
    a->target_group = GH_SLICE(GH_GROUP_POLICY);
    a->target_name = gh_json_str(name);
    a->target = a->target_name.ptr ? GH_TARGET_SERVER : GH_TARGET_SELECTOR;
    why = read_client(p, gh_json_get(spec, "client"), a);
    if (why)
        ignore(a, gh_slice_str(why), GH_SLICE("correct spec.client"));
    if (a->target == GH_TARGET_SELECTOR &&
        !gh_selector_from_json(gh_json_get(server, "selector"),
                               &p->memory.arena, &a->target_selector))
        ignore(a, GH_SLICE("its selector cannot be decoded"),
               GH_SLICE("correct spec.server.selector"));
}

/* --- all of them --- */

static size_t compile_kind(struct gh_plan *p, enum gh_mesh_kind kind,
                           void (*read)(struct gh_plan *, struct gh_authz *),
                           const struct gh_authz **list, size_t at)
{
    struct gh_store_iter it = gh_mesh_list(p->mesh, kind, p->ns->name);

    while (gh_store_next(&it)) {
        struct gh_authz *a = GH_COMPILED_NEW(&p->memory, struct gh_authz, 1);

        a->object = gh_compiled_hold(&p->memory, it.object);
        a->name = it.object->name;
        a->label = gh_compiled_fmt(&p->memory, "%.*s/%.*s/%.*s",
                                   GH_FMT(it.object->kind),
                                   GH_FMT(it.object->ns), GH_FMT(a->name));
        read(p, a);
        a->everywhere = gh_nets_everywhere(a->nets);
        list[at++] = a;
    }
    return at;
}

static size_t count_of(const struct gh_plan *p, enum gh_mesh_kind kind)
{
    struct gh_store_iter it = gh_mesh_list(p->mesh, kind, p->ns->name);
    size_t count = 0;

    while (gh_store_next(&it))
        count++;
    return count;
}

const struct gh_authz *const *gh_authz_compile(struct gh_plan *p,
                                               size_t *ret_count)
{
    size_t most = count_of(p, GH_KIND_AUTHORIZATION_POLICY) +
                  count_of(p, GH_KIND_SERVER_AUTHORIZATION);
    const struct gh_authz **list =
        GH_COMPILED_NEW(&p->memory, const struct gh_authz *, most);
    size_t count =
        compile_kind(p, GH_KIND_AUTHORIZATION_POLICY, read_policy, list, 0);

    *ret_count = compile_kind(p, GH_KIND_SERVER_AUTHORIZATION,
                              read_server_authorization, list, count);
    return list;
}
