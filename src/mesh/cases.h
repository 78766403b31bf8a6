/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Policy tests: expectations beside the manifests
 *
 *   name: checkout may not read cards
 *   from: {workload: shop/Deployment/checkout}
 *   to:   {workload: vault/Deployment/cards, port: http}
 *   over: http
 *   request: {method: GET, path: /cards/7, host: cards, headers: {x-a: b}}
 *   expect: deny
 *   by: [authorizationpolicy/vault/cards-clients]
 *
 * A case is judged by the same functions as everything else. Where source or
 * target stand for several pods that are judged differently, the case got
 * "mixed", which nothing expects: name the pod, the port or the address.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "mesh/decide.h"
#include "mesh/mesh.h"

struct gh_case_result {
    struct gh_slice name;
    struct gh_slice expect;
    const char *got; /* a verdict's name, or "mixed" */
    bool passed;
    const struct gh_slice *by; /* labels of all that permitted */
    size_t by_count;
    struct gh_slice reason;
    const struct gh_near_miss *misses;
    size_t miss_count;
};

/**
 * gh_case_run() - judge one case
 * @value: the case as an object
 * @a:     holds the result; reset between cases
 *
 * Return: true with @ret, whether it passed or not; false with @err when the
 * case is malformed or names something that does not exist.
 */
bool gh_case_run(struct gh_mesh *m, struct gh_json value, struct gh_arena *a,
                 struct gh_case_result *ret, struct gh_err *err);
