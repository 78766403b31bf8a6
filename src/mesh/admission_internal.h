/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the admission rules share: an object under examination
 *
 * The webhook decodes the object into types of its own and stops at the first
 * rule that is broken; we go on and name them all. Reading a field the way its
 * decoder does (gh_adm_text() and the like) reports what it could not decode.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mesh/finding.h"
#include "wire/json.h"

struct gh_adm {
    struct gh_json root;
    const struct gh_object *object; /* or NULL */
    struct gh_findings *out;
    size_t count;
    bool lenient; /* Gateway kinds: what cannot be decoded is admitted */
};

/* A place in the object, built on the way down: "spec.rules[0].filters[1]". */
struct gh_adm_path {
    char text[256];
};

struct gh_adm_path gh_adm_path(const char *fmt, ...) GH_PRINTF(1, 2);

void gh_adm_refuse(struct gh_adm *a, enum gh_finding_id id,
                   const struct gh_adm_path *at, const char *fmt, ...)
    GH_PRINTF(4, 5);

/* The decoder's own refusal; not for lenient kinds. */
void gh_adm_undecodable(struct gh_adm *a, const struct gh_adm_path *at,
                        const char *fmt, ...) GH_PRINTF(3, 4);

/* A string that must be there; absent, and reported, if it is not. */
struct gh_slice gh_adm_text(struct gh_adm *a, struct gh_json object,
                            const char *name, const struct gh_adm_path *at);

/* Whether it is a list, or absent or null; else reported. */
bool gh_adm_list(struct gh_adm *a, struct gh_json v,
                 const struct gh_adm_path *at);

/* The rules, by kind. */
void gh_adm_http_route(struct gh_adm *a);
void gh_adm_grpc_route(struct gh_adm *a);
void gh_adm_connection_route(struct gh_adm *a); /* TLSRoute, TCPRoute */
void gh_adm_service_profile(struct gh_adm *a);

/* A list of {cidr, except}. */
void gh_adm_networks(struct gh_adm *a, struct gh_json list, const char *path);
