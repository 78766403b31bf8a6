/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Who asks: a source as the few clients that a policy can tell apart
 *
 * A Deployment of a hundred pods is one identity and a hundred addresses, and
 * hardly any policy looks at addresses. So a question is put once an identity,
 * without an address; only where the answer is "depends on the address" are the
 * addresses that are known tried one by one, and equal answers folded.
 */

#include <stddef.h>

#include "base/arena.h"
#include "mesh/decide.h"
#include "mesh/select.h"

/* Clients of one identity. */
struct gh_caller {
    const struct gh_podset *podset; /* NULL: not of a known workload */
    struct gh_client client;        /* with an address only if all share it */
    const struct gh_ip *ips;        /* those of its pods */
    size_t ip_count;
    bool some_without_ip;
    size_t pod_count; /* 0: a template, or unknown */
};

struct gh_callers {
    const struct gh_caller *at;
    size_t count;
};

struct gh_callers gh_callers_of(const struct gh_selection *sel,
                                struct gh_arena *a);
struct gh_callers gh_callers_one(struct gh_client client, struct gh_arena *a);

/* The same identities, coming from @ip. */
void gh_callers_come_from(struct gh_callers *callers, struct gh_ip ip,
                          struct gh_arena *a);

/* What is asked of a port: one of the two, or neither for a connection. */
struct gh_what {
    const struct gh_route_use *route;
    const struct gh_request *request;
};

/*
 * The opaque trap: a client in the mesh sends a port that its target marks as
 * opaque unread, and a Server that wants HTTP there refuses such connections,
 * whatever is spoken in them. Clients outside of the mesh do not know the mark.
 */
bool gh_client_is_trapped(const struct gh_port_policy *policy,
                          const struct gh_client *client);

void gh_ask(const struct gh_port_policy *policy, const struct gh_client *client,
            struct gh_what what, enum gh_evidence evidence, struct gh_arena *a,
            struct gh_decision *ret);

struct gh_outcome {
    struct gh_client client; /* one of those judged so */
    struct gh_decision decision;
    size_t ip_count; /* addresses judged so; 0: any */
};

enum { GH_OUTCOMES = GH_DEPENDS + 1 };

/* Verdicts without evidence; one entry for each different one. Return: how
 * many. */
size_t gh_caller_judge(const struct gh_caller *caller,
                       const struct gh_port_policy *policy, struct gh_what what,
                       struct gh_arena *a, struct gh_outcome ret[GH_OUTCOMES]);
