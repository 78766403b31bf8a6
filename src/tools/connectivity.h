/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * May this source call that target?
 *
 * The one computation behind analyze_connectivity and `gatehouse explain`.
 * A question is put to every port of every pod set of the target, and where no
 * request was given, to every route there. Each answer is a path; pod sets of
 * a workload that answer alike are one path with more pods. Paths are judged
 * without evidence first, so that a large answer stays cheap; evidence is added
 * to those that are shown.
 */

#include <stdbool.h>
#include <stddef.h>

#include "mesh/decide.h"
#include "mesh/select.h"
#include "tools/callers.h"

struct gh_question {
    const struct gh_selection *source; /* NULL: a client that is not a known
                                          workload */
    struct gh_callers callers;
    const struct gh_selection *target;
    struct gh_slice port;             /* absent: all */
    const struct gh_request *request; /* NULL: whatever the port carries */
};

struct gh_path {
    struct gh_target_port to; /* of the first pod set */
    const struct gh_port_policy *policy;
    const struct gh_caller *from;
    struct gh_client client; /* as judged, perhaps with an address */
    struct gh_what what;
    struct gh_decision decision;
    bool probe; /* the kubelet's way in, which no caller asks about */
    size_t target_pods;
    size_t source_ips; /* addresses judged so; 0: any */
    bool detailed;
    const struct gh_slice *notes;
    size_t note_count;
};

struct gh_connectivity {
    const struct gh_question *question;
    struct gh_path *paths;
    size_t count;
    size_t cap;
    const char *verdict; /* a verdict's name, or "mixed" */
    bool allowed;        /* nothing that was asked about is in the way */
};

/**
 * gh_connectivity() - judge
 * @a: holds the answer
 *
 * Return: true with @ret, which has at least one path; false with @err, e.g.
 * when the target has no such port.
 */
bool gh_connectivity(struct gh_mesh *m, const struct gh_question *q,
                     struct gh_arena *a, struct gh_connectivity *ret,
                     struct gh_err *err);

/* Adds reason, near misses and notes to a path, once. */
void gh_path_detail(struct gh_path *path, struct gh_arena *a);

bool gh_verdict_passes(enum gh_verdict v);

/* Label of the route that decides, or "connection"; "none": no route fits. */
struct gh_slice gh_path_route(const struct gh_path *path);

/* One or two sentences: the answer. */
struct gh_slice gh_connectivity_text(struct gh_connectivity *c,
                                     struct gh_arena *a);

/* Labels of the objects that decided, each once. */
const struct gh_slice *gh_connectivity_policies(const struct gh_connectivity *c,
                                                struct gh_arena *a,
                                                size_t *ret_count);

/* --- as JSON; the fields that the tool and the command line share --------- */

struct gh_jsonw;

/* Members of the answer but "paths", into an open object. */
void gh_connectivity_write(struct gh_connectivity *c, struct gh_arena *a,
                           struct gh_jsonw *w);
void gh_path_write(struct gh_path *path, struct gh_arena *a,
                   struct gh_jsonw *w);

/* The schema of both; see tools/schema.h. */
extern const char gh_connectivity_schema[];
