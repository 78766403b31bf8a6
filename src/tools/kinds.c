/* SPDX-License-Identifier: Apache-2.0 */

#include "tools/kinds.h"

#include "base/attr.h"

#define POLICY "policy.linkerd.io"
#define GATEWAY "gateway.networking.k8s.io"

const struct gh_policy_kind gh_policy_kinds[] = {
    {"AuthorizationPolicy", {POLICY, NULL}},
    {"GRPCRoute", {GATEWAY, NULL}},
    {"HTTPLocalRateLimitPolicy", {POLICY, NULL}},
    {"HTTPRoute", {POLICY, GATEWAY}},
    {"MeshTLSAuthentication", {POLICY, NULL}},
    {"NetworkAuthentication", {POLICY, NULL}},
    {"Server", {POLICY, NULL}},
    {"ServerAuthorization", {POLICY, NULL}},
};

const size_t gh_policy_kind_count = GH_COUNT(gh_policy_kinds);

const struct gh_policy_kind *gh_policy_kind_find(struct gh_slice kind)
{
    for (size_t i = 0; i < gh_policy_kind_count; i++)
        if (gh_slice_eq_nocase(kind, gh_slice_str(gh_policy_kinds[i].kind)))
            return &gh_policy_kinds[i];
    return NULL;
}
