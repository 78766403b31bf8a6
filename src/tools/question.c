/* SPDX-License-Identifier: Apache-2.0 */

#include "tools/question.h"

static bool build_request(const struct gh_question_text *t,
                          struct gh_asked *ret, struct gh_err *err)
{
    if (!t->path.ptr && !t->method.ptr && !t->host.ptr && t->header_count == 0)
        return true;
    ret->request = (struct gh_request){
        .method = t->method.ptr ? t->method : GH_SLICE("GET"),
        .path = t->path.ptr ? t->path : GH_SLICE("/"),
        .host = t->host,
        .headers = t->headers,
        .header_count = t->header_count,
    };
    if (ret->request.path.len == 0 || ret->request.path.ptr[0] != '/') {
        gh_err_set(err, "path: \"%.*s\" does not start with a slash",
                   GH_FMT(gh_slice_head(ret->request.path, 200)));
        return false;
    }
    ret->question.request = &ret->request;
    return true;
}

static bool build_bare(const struct gh_question_text *t, struct gh_arena *a,
                       struct gh_asked *ret, struct gh_err *err)
{
    struct gh_client client = {.tls = GH_CLIENT_PLAIN};

    if (t->identity.len > 0) {
        client.tls = GH_CLIENT_IDENTIFIED;
        client.identity = t->identity;
    } else if (!t->unauthenticated && !t->ip.ptr) {
        gh_err_set(err, "who is asking? Give source_namespace and "
                        "source_service, or source_identity, or source_ip");
        return false;
    }
    ret->question.callers = gh_callers_one(client, a);
    return true;
}

static bool build_workload(struct gh_mesh *m, const struct gh_question_text *t,
                           struct gh_arena *a, struct gh_asked *ret,
                           struct gh_err *err)
{
    if (t->identity.ptr || t->unauthenticated) {
        gh_err_set(err, "give either source_service or source_identity, not "
                        "both: a workload has the identity it has");
        return false;
    }
    if (!t->source_ns.ptr) {
        gh_err_set(err,
                   "source_namespace is missing: \"%.*s\" alone may be "
                   "in any",
                   GH_FMT(gh_slice_head(t->source, 200)));
        return false;
    }
    if (!gh_select(m, t->source_ns, t->source, GH_SELECT_SOURCE, a,
                   &ret->source, err)) {
        gh_err_prefix(err, "source");
        return false;
    }
    ret->question.source = &ret->source;
    ret->question.callers = gh_callers_of(&ret->source, a);
    return true;
}

static bool build_source(struct gh_mesh *m, const struct gh_question_text *t,
                         struct gh_arena *a, struct gh_asked *ret,
                         struct gh_err *err)
{
    struct gh_ip ip;

    if (t->source.ptr ? !build_workload(m, t, a, ret, err)
                      : !build_bare(t, a, ret, err))
        return false;
    if (!t->ip.ptr)
        return true;
    if (!gh_ip_parse(t->ip, &ip)) {
        gh_err_set(err, "source_ip: \"%.*s\" is no IPv4 or IPv6 address",
                   GH_FMT(gh_slice_head(t->ip, 200)));
        return false;
    }
    gh_callers_come_from(&ret->question.callers, ip, a);
    return true;
}

bool gh_question_build(struct gh_mesh *m, const struct gh_question_text *t,
                       struct gh_arena *a, struct gh_asked *ret,
                       struct gh_err *err)
{
    struct gh_slice ns = t->target_ns.ptr ? t->target_ns : t->source_ns;

    *ret = (struct gh_asked){.question.port = t->port};
    if (!build_source(m, t, a, ret, err) || !build_request(t, ret, err))
        return false;
    if (!ns.ptr) {
        gh_err_set(err, "target_namespace is missing");
        return false;
    }
    if (!gh_select(m, ns, t->target, GH_SELECT_TARGET, a, &ret->target, err)) {
        gh_err_prefix(err, "target");
        return false;
    }
    ret->question.target = &ret->target;
    return true;
}
