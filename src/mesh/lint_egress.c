/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh/lint_internal.h"

/*
 * Lints of EgressNetworks: which addresses are theirs
 *
 * Without networks an EgressNetwork is everything outside of the cluster; with
 * networks it must stay outside. Two of them for the same block share nothing:
 * one has it.
 */

static bool read_nets(struct gh_lint *l, const struct gh_object *o,
                      struct gh_nets *ret)
{
    struct gh_json list = gh_json_get(gh_lint_spec(o), "networks");
    struct gh_slice bad;

    return gh_json_given(list) &&
           gh_nets_from_json(list, &l->scratch, ret, &bad);
}

/* Whether an exception of the rule covers all of @net. */
static bool is_excepted(const struct gh_net_rule *r, const struct gh_net *net)
{
    for (size_t i = 0; i < r->except_count; i++)
        if (r->except[i].v6 == net->v6 && r->except[i].first <= net->first &&
            net->last <= r->except[i].last)
            return true;
    return false;
}

static const struct gh_net_rule *cluster_part(struct gh_lint *l,
                                              const struct gh_net_rule *r)
{
    struct gh_nets cluster = gh_mesh_config(l->mesh)->cluster_networks;

    for (size_t i = 0; i < cluster.count; i++) {
        const struct gh_net *c = &cluster.at[i].net;

        if (c->v6 == r->net.v6 && c->first <= r->net.last &&
            r->net.first <= c->last && !is_excepted(r, c))
            return &cluster.at[i];
    }
    return NULL;
}

static bool is_everything(struct gh_nets nets)
{
    for (size_t i = 0; i < nets.count; i++)
        if (nets.at[i].except_count > 0 ||
            !gh_slice_ends(nets.at[i].text, GH_SLICE("/0")))
            return false;
    return nets.count > 0;
}

static void lint_overlap(struct gh_lint *l, const struct gh_object *o,
                         struct gh_nets nets)
{
    for (size_t i = 0; i < nets.count; i++) {
        const struct gh_net_rule *part = cluster_part(l, &nets.at[i]);
        struct gh_finding *f;

        if (!part)
            continue;
        f = gh_lint_tell(l, GH_FINDING_ID_EGRESS_IN_CLUSTER, o,
                         gh_lint_text(l, "spec.networks[%zu]", i),
                         "%.*s overlaps %.*s, which is a network of the "
                         "cluster: Linkerd does not accept this EgressNetwork",
                         GH_FMT(nets.at[i].text), GH_FMT(part->text));
        if (is_everything(nets)) {
            gh_lint_fix(l, f,
                        "Leave spec.networks out: that means everything "
                        "outside of the cluster.");
            gh_lint_patch(l, f, "remove", GH_SLICE("/spec/networks"),
                          gh_slice_str(NULL));
        } else {
            gh_lint_fix(l, f, "Except %.*s.", GH_FMT(part->text));
        }
        return;
    }
}

static bool is_older(const struct gh_object *a, const struct gh_object *b)
{
    return a->created_s != b->created_s ? a->created_s < b->created_s
                                        : gh_slice_cmp(a->name, b->name) < 0;
}

static bool share_block(struct gh_nets a, struct gh_nets b, size_t *ret_index)
{
    for (size_t i = 0; i < a.count; i++)
        for (size_t k = 0; k < b.count; k++)
            if (a.at[i].net.v6 == b.at[k].net.v6 &&
                a.at[i].net.first == b.at[k].net.first &&
                a.at[i].net.last == b.at[k].net.last) {
                *ret_index = i;
                return true;
            }
    return false;
}

static void lint_shared(struct gh_lint *l, const struct gh_object *o,
                        bool given, struct gh_nets nets)
{
    struct gh_store_iter it =
        gh_mesh_list(l->mesh, GH_KIND_EGRESS_NETWORK, l->ns);

    while (gh_store_next(&it)) {
        struct gh_nets other = {0};
        size_t index = 0;
        struct gh_finding *f;
        bool other_given = read_nets(l, it.object, &other);

        if (!is_older(it.object, o) || given != other_given ||
            (given && !share_block(nets, other, &index)))
            continue;
        f = gh_lint_tell(
            l, GH_FINDING_ID_EGRESS_SHADOWED, o,
            given ? gh_lint_text(l, "spec.networks[%zu]", index)
                  : GH_SLICE("spec"),
            "EgressNetwork \"%.*s\", which is first, is for %s; this one never "
            "applies there",
            GH_FMT(it.object->name),
            given ? "the same network"
                  : "everything outside of the cluster, too");
        gh_lint_relate(f, it.object);
        return;
    }
}

void gh_lint_egress(struct gh_lint *l)
{
    struct gh_store_iter it =
        gh_mesh_list(l->mesh, GH_KIND_EGRESS_NETWORK, l->ns);

    while (gh_store_next(&it)) {
        struct gh_nets nets = {0};
        bool given = read_nets(l, it.object, &nets);

        if (!given &&
            gh_json_given(gh_json_get(gh_lint_spec(it.object), "networks")))
            continue; /* the webhook's */
        if (given)
            lint_overlap(l, it.object, nets);
        lint_shared(l, it.object, given, nets);
    }
}
