/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What things are called in answers
 *
 * One name for a thing in every tool, table and message: workloads are
 * "namespace/Kind/name", policy objects "Kind/namespace/name", and a port
 * without a Server is ruled by "default/<policy>".
 */

#include "base/arena.h"
#include "mesh/decide.h"
#include "mesh/policy.h"
#include "wire/json_write.h"

struct gh_slice gh_workload_label(const struct gh_workload *w,
                                  struct gh_arena *a);
struct gh_slice gh_server_label(const struct gh_server *s, struct gh_arena *a);
/* The Server, or the default policy, that rules a port. */
struct gh_slice gh_ruler_label(const struct gh_port_policy *p,
                               struct gh_arena *a);
struct gh_slice gh_ref_label(const struct gh_authz_ref *ref,
                             struct gh_arena *a);
struct gh_slice gh_object_label(const struct gh_object *o, struct gh_arena *a);

/* "shop/checkout", "anyone without mTLS" ... */
struct gh_slice gh_client_label(const struct gh_client *c, struct gh_arena *a);

/* Whom an authorization admits, in words. */
struct gh_slice gh_authz_text(const struct gh_authz *authz, struct gh_arena *a);

/* What a route matches: "GET /cards/7 for host cards" ... */
struct gh_slice gh_route_text(const struct gh_route *r, struct gh_arena *a);

struct gh_slice gh_ip_text(struct gh_ip ip, struct gh_arena *a);

/* Labels joined by ", "; at most @max of them, then "and N more". */
struct gh_slice gh_authz_labels(const struct gh_authz *const *authz,
                                size_t count, size_t max, struct gh_arena *a);

/* Things about a port that its policy alone explains: traps, stand-ins,
 * guesses. In the order in which they matter. */
const struct gh_slice *gh_policy_notes(const struct gh_port_policy *p,
                                       struct gh_arena *a, size_t *ret_count);

bool gh_protocol_is_http(enum gh_protocol p);

/* The kubelet's way in. */
bool gh_route_is_probe(const struct gh_route_use *use);

/* Strings as a JSON array. */
void gh_write_strings(struct gh_jsonw *w, const struct gh_slice *at,
                      size_t count);
void gh_write_authz_labels(struct gh_jsonw *w,
                           const struct gh_authz *const *authz, size_t count);
