/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the lints share
 *
 * A lint looks at one namespace (or at the mesh as a whole) through the
 * compiled plans, so it never has an opinion of its own on what applies: the
 * engine that decides also judges. It tells what it found with
 * gh_lint_tell(), which leaves out what the caller did not ask for.
 *
 * Objects at hand are seldom all there are: a repository holds one team's
 * manifests, a file one kind of objects. Lints about something missing first
 * ask whether it would be at hand if it existed, and rather say nothing.
 */

#include "mesh/judge.h"
#include "mesh/mesh_internal.h"

struct gh_lint {
    struct gh_mesh *mesh;
    const struct gh_judge_options *opt;
    struct gh_findings *out;
    struct gh_arena scratch; /* emptied after each namespace */
    struct gh_slice ns;      /* the namespace at hand */
    struct gh_plan *plan;    /* its plan */
};

/* --- telling --- */

/* Return: the finding, until the next one; NULL: nobody asked for it. */
struct gh_finding *gh_lint_tell(struct gh_lint *l, enum gh_finding_id id,
                                const struct gh_object *object,
                                struct gh_slice path, const char *fmt, ...)
    GH_PRINTF(5, 6);

/* Sets fix and related; accepts NULL. */
void gh_lint_fix(struct gh_lint *l, struct gh_finding *f, const char *fmt, ...)
    GH_PRINTF(3, 4);
void gh_lint_relate(struct gh_finding *f, const struct gh_object *o);

/*
 * Adds an operation to the finding's patch; accepts NULL.
 * @op: "add", "replace" or "remove"; @value: JSON, absent for "remove"
 */
void gh_lint_patch(struct gh_lint *l, struct gh_finding *f, const char *op,
                   struct gh_slice pointer, struct gh_slice value);

/* Text in scratch; never absent. */
struct gh_slice gh_lint_text(struct gh_lint *l, const char *fmt, ...)
    GH_PRINTF(2, 3);

/* @s as a JSON string. */
struct gh_slice gh_lint_quote(struct gh_lint *l, struct gh_slice s);

/* A name as one step of a JSON Pointer. */
struct gh_slice gh_lint_step(struct gh_lint *l, struct gh_slice name);

/* "Deployment/web", or "Pod/x" for a set without known owner. */
struct gh_slice gh_lint_workload(struct gh_lint *l, const struct gh_podset *s);

/* The object that a set is from: the workload, else its first pod. */
const struct gh_object *gh_lint_object_of(const struct gh_podset *s);

/* A list for a sentence: "a, b, c and 4 more". */
struct gh_lint_names {
    struct gh_lint *lint;
    struct gh_slice text;
    size_t count;
    size_t shown;
};

void gh_lint_names_add(struct gh_lint_names *n, struct gh_slice name);
struct gh_slice gh_lint_names_text(struct gh_lint_names *n);

/* --- asking --- */

static inline struct gh_json gh_lint_spec(const struct gh_object *o)
{
    return gh_json_get(gh_object_root(o), "spec");
}

/* metadata.annotations or metadata.labels of an object. */
static inline struct gh_json gh_lint_meta(const struct gh_object *o,
                                          const char *member)
{
    return gh_json_getn(gh_json_get(gh_object_root(o), "metadata"),
                        gh_slice_str(member));
}

/* Every pod set of a namespace. */
struct gh_lint_sets {
    const struct gh_workload *const *workloads;
    size_t count;
    size_t at;
    size_t set_at;
    const struct gh_podset *set;
};

struct gh_lint_sets gh_lint_sets(struct gh_lint *l, struct gh_slice ns);
bool gh_lint_next_set(struct gh_lint_sets *it);

/* Whether every pod of the set has come to its end. */
bool gh_lint_is_gone(const struct gh_podset *s);

/* Whether its pods are manifests that were never in a cluster: injection is
 * still to come. */
bool gh_lint_is_manifest(const struct gh_podset *s);

/* Whether the set's pods certainly have, or will have, no proxy. A template
 * whose Namespace is not at hand may be injected for all we know. */
bool gh_lint_is_unmeshed(struct gh_lint *l, const struct gh_podset *s);

/* Whether anything of the namespace is at hand. */
bool gh_lint_ns_at_hand(struct gh_lint *l, struct gh_slice ns);

/*
 * Whether the namespace's Servers, routes and authentications would be at hand
 * if there were any. A listing of one kind from a cluster lacks them all; a
 * manifest is taken at its word.
 */
bool gh_lint_policies_at_hand(struct gh_lint *l, const struct gh_object *asking,
                              struct gh_slice ns);

/* The pod's port that a Service's port leads to. Return: false: none. */
bool gh_lint_target_port(const struct gh_podset *set, struct gh_json port,
                         uint16_t *ret);

/* Whether a Service selects the pods of the set. */
bool gh_lint_selects(struct gh_lint *l, const struct gh_object *service,
                     const struct gh_podset *set);

/* What a Service says of opaque ports, itself or by its namespace or the
 * mesh's default. */
struct gh_slice gh_lint_opaque_of(struct gh_lint *l,
                                  const struct gh_object *service);

/* "did you mean ..." among the objects of a kind; absent: nothing is near. */
struct gh_slice gh_lint_nearest(struct gh_lint *l, enum gh_mesh_kind kind,
                                struct gh_slice ns, struct gh_slice name);

/* --- parents of routes --- */

enum gh_lint_parent_kind {
    GH_PARENT_SERVER,
    GH_PARENT_SERVICE,
    GH_PARENT_EGRESS,
    GH_PARENT_OTHER, /* a Gateway, say: not ours */
};

struct gh_lint_parent {
    enum gh_lint_parent_kind kind;
    struct gh_slice ns;
    struct gh_slice name;
    int64_t port; /* 0: all */
    size_t index;
    struct gh_json ref;
};

/* Every route of the namespace, of all five kinds. */
struct gh_lint_routes {
    struct gh_lint *lint;
    size_t kind_at;
    struct gh_store_iter it;
    enum gh_mesh_kind kind;
    const struct gh_object *object;
};

struct gh_lint_routes gh_lint_routes_of(struct gh_lint *l);
bool gh_lint_next_route(struct gh_lint_routes *r);

/* Parents, as the API server would default them. */
struct gh_lint_parents {
    struct gh_json_iter it;
    const struct gh_object *route;
    struct gh_lint_parent parent;
    size_t count;
};

struct gh_lint_parents gh_lint_parents_of(const struct gh_object *route);
bool gh_lint_next_parent(struct gh_lint_parents *p);
bool gh_lint_has_parent(const struct gh_object *route,
                        enum gh_lint_parent_kind kind);

/* "spec.parentRefs[0]" */
struct gh_slice gh_lint_parent_path(struct gh_lint *l,
                                    const struct gh_lint_parent *p);

/* Whether a Service of that name has the port. */
bool gh_lint_has_port(const struct gh_object *service, int64_t port);

/* Whether the namespace's Services would be at hand. */
bool gh_lint_services_at_hand(struct gh_lint *l, const struct gh_object *asking,
                              struct gh_slice ns);

/* --- annotations of pods --- */

/* Where a pod's configuration is written: in a template, on a Pod that nobody
 * owns, or on the Namespace. */
struct gh_lint_carrier {
    const struct gh_object *object;
    struct gh_json meta;
    struct gh_json spec;         /* of the pod; absent for Namespaces */
    const char *path;            /* "spec.template.metadata" */
    const char *pointer;         /* "/spec/template/metadata" */
    const struct gh_podset *set; /* NULL for Namespaces */
};

struct gh_slice gh_lint_annotation(const struct gh_lint_carrier *c,
                                   const char *key);
struct gh_slice gh_lint_annotation_path(struct gh_lint *l,
                                        const struct gh_lint_carrier *c,
                                        struct gh_slice key);

/* The proxy's own settings, P003 to P016. */
void gh_lint_proxy(struct gh_lint *l, const struct gh_lint_carrier *c);

/* --- the lints, by theme; each looks at one namespace --- */

void gh_lint_servers(struct gh_lint *l);
void gh_lint_authz(struct gh_lint *l);
void gh_lint_authn(struct gh_lint *l);
void gh_lint_probes(struct gh_lint *l);
void gh_lint_routes(struct gh_lint *l);
void gh_lint_outbound(struct gh_lint *l);
void gh_lint_backends(struct gh_lint *l);
void gh_lint_egress(struct gh_lint *l);
void gh_lint_profiles(struct gh_lint *l);
void gh_lint_annotations(struct gh_lint *l);
void gh_lint_workloads(struct gh_lint *l);
void gh_lint_services(struct gh_lint *l);
void gh_lint_namespace(struct gh_lint *l);

/* Of the mesh as a whole. */
void gh_lint_mesh(struct gh_lint *l);
