/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh/cases.h"

#include "base/nearest.h"
#include "base/num.h"
#include "mesh/select.h"

/*
 * A case is decoded strictly: a word that is not known is an error with the
 * nearest known one, because an expectation that silently asks something else
 * is worse than none.
 */

static const char *const case_fields[] = {"name",    "from",   "to", "over",
                                          "request", "expect", "by", NULL};
static const char *const from_fields[] = {
    "workload",           "pod", "service", "identity", "unauthenticated",
    "tlsWithoutIdentity", "ip",  NULL};
static const char *const to_fields[] = {"workload",         "pod",  "service",
                                        "externalWorkload", "port", NULL};
static const char *const request_fields[] = {"method", "path", "host",
                                             "headers", NULL};
static const char *const expectations[] = {
    "allow", "deny", "not-found", "not-enforced", "depends", NULL};

struct runner {
    struct gh_mesh *mesh;
    struct gh_arena *arena;
    struct gh_err *err;
    struct gh_json value;
    bool tcp;
    struct gh_request request;
    const struct gh_client *clients;
    size_t client_count;
    const struct gh_target_port *targets;
    size_t target_count;
};

/* --- decoding --- */

static bool fail_at(struct runner *r, struct gh_json at)
{
    struct gh_json_mark mark = gh_json_mark(at.doc ? at : r->value);

    r->err->line = mark.line;
    r->err->column = mark.column;
    return false;
}

static bool check_fields(struct runner *r, struct gh_json object,
                         const char *where, const char *const *known)
{
    struct gh_json_iter it = gh_json_iter(object);

    if (!gh_json_is(object, GH_JSON_OBJECT)) {
        gh_err_set(r->err, "%s is %s, not an object", where,
                   gh_json_type_name(gh_json_type(object)));
        return fail_at(r, object);
    }
    while (gh_json_next(&it)) {
        struct gh_nearest near;
        bool found = false;

        gh_nearest_init(&near, it.name);
        for (size_t i = 0; known[i] && !found; i++) {
            found = gh_slice_is(it.name, known[i]);
            gh_nearest_offer(&near, gh_slice_str(known[i]));
        }
        if (found)
            continue;
        if (near.best.ptr)
            gh_err_set(r->err,
                       "%s has no field \"%.*s\" (did you mean "
                       "\"%.*s\"?)",
                       where, GH_FMT(it.name), GH_FMT(near.best));
        else
            gh_err_set(r->err, "%s has no field \"%.*s\"", where,
                       GH_FMT(it.name));
        return fail_at(r, it.key);
    }
    return true;
}

/* The one of @names that is given. Return: absent with an error. */
static struct gh_json only_one(struct runner *r, struct gh_json object,
                               const char *where, const char *const *names,
                               const char **ret_name)
{
    struct gh_json found = GH_JSON_NONE;

    for (size_t i = 0; names[i]; i++) {
        struct gh_json v = gh_json_getn(object, gh_slice_str(names[i]));

        if (!gh_json_given(v))
            continue;
        if (found.doc) {
            gh_err_set(r->err, "%s has both %s and %s; one of them must go",
                       where, *ret_name, names[i]);
            (void)fail_at(r, v);
            return GH_JSON_NONE;
        }
        found = v;
        *ret_name = names[i];
    }
    if (!found.doc) {
        gh_err_set(r->err, "%s says nothing: give one of %s, %s, %s ...", where,
                   names[0], names[1], names[2]);
        (void)fail_at(r, object);
    }
    return found;
}

static bool need_text(struct runner *r, struct gh_json v, const char *where,
                      struct gh_slice *ret)
{
    *ret = gh_json_str(v);
    if (ret->len > 0)
        return true;
    gh_err_set(r->err, "%s is %s, not a string", where,
               ret->ptr ? "empty" : gh_json_type_name(gh_json_type(v)));
    return fail_at(r, v);
}

/* "ns/name" or "ns/Kind/name": what comes first, and the rest. */
static bool split_ns(struct runner *r, struct gh_json v, const char *where,
                     struct gh_slice *ret_ns, struct gh_slice *ret_name)
{
    struct gh_slice text;
    size_t slash;

    if (!need_text(r, v, where, &text))
        return false;
    slash = gh_slice_find(text, '/');
    *ret_ns = gh_slice_head(text, slash);
    *ret_name =
        slash < text.len ? gh_slice_drop(text, slash + 1) : gh_slice_str(NULL);
    if (ret_ns->len > 0 && ret_name->len > 0)
        return true;
    gh_err_set(r->err,
               "%s \"%.*s\" is not of the form namespace/name or "
               "namespace/Kind/name",
               where, GH_FMT(text));
    return fail_at(r, v);
}

static bool select_by(struct runner *r, struct gh_json v, const char *field,
                      const char *where, enum gh_select_for what_for,
                      struct gh_selection *ret)
{
    struct gh_slice ns;
    struct gh_slice name;

    if (!split_ns(r, v, where, &ns, &name))
        return false;
    if (strcmp(field, "workload") != 0)
        name = gh_arena_fmt(r->arena, "%s/%.*s", field, GH_FMT(name));
    else if (gh_slice_find(name, '/') == name.len)
        what_for = GH_SELECT_SOURCE; /* a workload's name, not a Service's */
    if (gh_select(r->mesh, ns, name, what_for, r->arena, ret, r->err))
        return true;
    gh_err_prefix(r->err, "%s", where);
    return fail_at(r, v);
}

/* --- from --- */

static bool set_ip(struct runner *r, struct gh_json from)
{
    struct gh_json v = gh_json_get(from, "ip");
    struct gh_client *clients =
        (struct gh_client *)(uintptr_t)r->clients; /* made just before */
    struct gh_ip ip;

    if (!gh_json_given(v))
        return true;
    if (!gh_ip_parse(gh_json_str_or(v, GH_SLICE("")), &ip)) {
        gh_err_set(r->err, "from.ip is no IP address");
        return fail_at(r, v);
    }
    for (size_t i = 0; i < r->client_count; i++) {
        clients[i].has_ip = true;
        clients[i].ip = ip;
    }
    return true;
}

static bool clients_of_pods(struct runner *r, struct gh_json v,
                            const char *field)
{
    const struct gh_source_client *sources;
    struct gh_selection sel;
    struct gh_client *clients;
    size_t count;

    if (!select_by(r, v, field, "from", GH_SELECT_SOURCE, &sel))
        return false;
    sources = gh_source_clients(&sel, r->arena, &count);
    clients = GH_ARENA_ARRAY(r->arena, struct gh_client, count);
    if (!sources || !clients) {
        gh_err_set(r->err, "from stands for too many pods");
        return fail_at(r, v);
    }
    for (size_t i = 0; i < count; i++)
        clients[i] = sources[i].client;
    r->clients = clients;
    r->client_count = count;
    return true;
}

static bool one_client(struct runner *r, struct gh_json v, const char *field)
{
    struct gh_client *c = GH_ARENA_NEW(r->arena, struct gh_client);

    if (!c) {
        gh_err_set(r->err, "out of memory");
        return false;
    }
    r->clients = c;
    r->client_count = 1;
    if (strcmp(field, "identity") == 0) {
        c->tls = GH_CLIENT_IDENTIFIED;
        return need_text(r, v, "from.identity", &c->identity);
    }
    if (!gh_json_true(v)) {
        gh_err_set(r->err, "from.%s can only be true", field);
        return fail_at(r, v);
    }
    if (strcmp(field, "tlsWithoutIdentity") == 0)
        c->tls = GH_CLIENT_TLS;
    return true;
}

static bool read_from(struct runner *r)
{
    static const char *const ways[] = {
        "workload",           "pod", "identity", "unauthenticated", "service",
        "tlsWithoutIdentity", NULL};
    struct gh_json from = gh_json_get(r->value, "from");
    const char *field = NULL;
    struct gh_json v;

    if (!check_fields(r, from, "from", from_fields))
        return false;
    v = only_one(r, from, "from", ways, &field);
    if (!v.doc)
        return false;
    if (strcmp(field, "workload") == 0 || strcmp(field, "pod") == 0 ||
        strcmp(field, "service") == 0) {
        if (!clients_of_pods(r, v, field))
            return false;
    } else if (!one_client(r, v, field)) {
        return false;
    }
    return set_ip(r, from);
}

/* --- to --- */

static bool read_to(struct runner *r)
{
    static const char *const ways[] = {"workload", "pod", "service",
                                       "externalWorkload", NULL};
    struct gh_json to = gh_json_get(r->value, "to");
    struct gh_json port = gh_json_get(to, "port");
    struct gh_slice text = gh_json_str(port);
    struct gh_selection sel;
    const char *field = NULL;
    struct gh_json v;
    int64_t number;

    if (!check_fields(r, to, "to", to_fields))
        return false;
    v = only_one(r, to, "to", ways, &field);
    if (!v.doc || !select_by(r, v, field, "to", GH_SELECT_TARGET, &sel))
        return false;
    if (gh_json_i64(port, &number) && number >= 1 && number <= UINT16_MAX)
        text = gh_arena_fmt(r->arena, "%u", (unsigned)number);
    if (!text.ptr && gh_json_given(port)) {
        gh_err_set(r->err, "to.port is neither a name nor a number from 1 to "
                           "65535");
        return fail_at(r, port);
    }
    if (gh_target_ports(r->mesh, &sel, text, r->arena, &r->targets,
                        &r->target_count, r->err))
        return true;
    return fail_at(r, gh_json_given(port) ? port : v);
}

/* --- request --- */

static bool read_headers(struct runner *r, struct gh_json v)
{
    size_t count = gh_json_count(v);
    struct gh_header *headers =
        GH_ARENA_ARRAY(r->arena, struct gh_header, count);

    if (!gh_json_given(v))
        return true;
    if (!gh_json_is(v, GH_JSON_OBJECT) || !headers) {
        gh_err_set(r->err, "request.headers is %s, not an object",
                   gh_json_type_name(gh_json_type(v)));
        return fail_at(r, v);
    }
    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);) {
        struct gh_slice value = gh_json_str(it.value);

        if (!value.ptr) {
            gh_err_set(r->err, "request.headers: \"%.*s\" is no string",
                       GH_FMT(it.name));
            return fail_at(r, it.value);
        }
        headers[r->request.header_count++] = (struct gh_header){it.name, value};
    }
    r->request.headers = headers;
    return true;
}

/* Keeps what @ret holds when @v is not given. */
static bool read_text(struct runner *r, struct gh_json v, const char *where,
                      struct gh_slice *ret)
{
    if (!gh_json_given(v))
        return true;
    *ret = gh_json_str(v);
    if (ret->ptr)
        return true;
    gh_err_set(r->err, "%s is %s, not a string", where,
               gh_json_type_name(gh_json_type(v)));
    return fail_at(r, v);
}

static bool read_request(struct runner *r)
{
    struct gh_json v = gh_json_get(r->value, "request");
    struct gh_json path = gh_json_get(v, "path");

    r->request.method = GH_SLICE("GET");
    r->request.path = GH_SLICE("/");
    if (!gh_json_given(v))
        return true;
    if (r->tcp) {
        gh_err_set(r->err, "a request makes no sense over tcp");
        return fail_at(r, v);
    }
    if (!check_fields(r, v, "request", request_fields))
        return false;
    if (!read_text(r, gh_json_get(v, "method"), "request.method",
                   &r->request.method) ||
        !read_text(r, path, "request.path", &r->request.path) ||
        !read_text(r, gh_json_get(v, "host"), "request.host", &r->request.host))
        return false;
    if (r->request.path.len == 0 || r->request.path.ptr[0] != '/') {
        gh_err_set(r->err, "request.path does not begin with /");
        return fail_at(r, path);
    }
    return read_headers(r, gh_json_get(v, "headers"));
}

static bool read_over(struct runner *r)
{
    struct gh_json v = gh_json_get(r->value, "over");

    r->tcp = gh_json_str_is(v, "tcp");
    if (r->tcp || !gh_json_given(v) || gh_json_str_is(v, "http"))
        return true;
    gh_err_set(r->err, "over is neither http nor tcp");
    return fail_at(r, v);
}

static bool read_expect(struct runner *r, struct gh_slice *ret)
{
    struct gh_json v = gh_json_get(r->value, "expect");
    struct gh_nearest near;

    if (!need_text(r, v, "expect", ret))
        return false;
    gh_nearest_init(&near, *ret);
    for (size_t i = 0; expectations[i]; i++) {
        if (gh_slice_is(*ret, expectations[i]))
            return true;
        gh_nearest_offer(&near, gh_slice_str(expectations[i]));
    }
    if (near.best.ptr)
        gh_err_set(r->err,
                   "expect \"%.*s\" is no verdict (did you mean "
                   "\"%.*s\"?)",
                   GH_FMT(*ret), GH_FMT(near.best));
    else
        gh_err_set(r->err,
                   "expect \"%.*s\" is none of allow, deny, not-found, "
                   "not-enforced, depends",
                   GH_FMT(*ret));
    return fail_at(r, v);
}

static bool check_by(struct runner *r)
{
    struct gh_json by = gh_json_get(r->value, "by");

    if (!gh_json_given(by))
        return true;
    for (struct gh_json_iter it = gh_json_iter(by); gh_json_next(&it);)
        if (!gh_json_str(it.value).ptr)
            by = GH_JSON_NONE;
    if (gh_json_is(by, GH_JSON_ARRAY))
        return true;
    gh_err_set(r->err, "by is no list of strings such as "
                       "\"AuthorizationPolicy/namespace/name\"");
    return fail_at(r, gh_json_get(r->value, "by"));
}

/* --- judging --- */

static void decide(struct runner *r, const struct gh_target_port *to,
                   const struct gh_client *client, enum gh_evidence evidence,
                   struct gh_decision *ret)
{
    const struct gh_port_policy *p =
        gh_port_policy(r->mesh, to->podset, to->port);

    if (r->tcp)
        gh_decide_tcp(p, client, evidence, r->arena, ret);
    else
        gh_decide_http(p, client, &r->request, evidence, r->arena, ret);
}

/* Whether something in the case's "by" is among what decided. */
static bool decided_by(const struct gh_case_result *res, struct gh_json by)
{
    if (gh_json_count(by) == 0)
        return true;
    for (struct gh_json_iter it = gh_json_iter(by); gh_json_next(&it);)
        for (size_t i = 0; i < res->by_count; i++)
            if (gh_slice_eq_nocase(gh_json_str(it.value), res->by[i]))
                return true;
    return false;
}

static void keep_decision(struct runner *r, const struct gh_decision *d,
                          struct gh_case_result *ret)
{
    struct gh_slice *by =
        GH_ARENA_ARRAY(r->arena, struct gh_slice, d->by_count);

    for (size_t i = 0; by && i < d->by_count; i++)
        by[i] = d->by[i]->label;
    ret->got = gh_verdict_name(d->verdict);
    ret->by = by;
    ret->by_count = by ? d->by_count : 0;
    ret->reason = d->reason;
    ret->misses = d->misses;
    ret->miss_count = d->miss_count;
}

/* The first pair that is judged otherwise than the first of all. */
static bool is_mixed(struct runner *r, enum gh_verdict first,
                     struct gh_case_result *ret)
{
    for (size_t i = 0; i < r->target_count; i++)
        for (size_t j = 0; j < r->client_count; j++) {
            struct gh_decision d;

            decide(r, &r->targets[i], &r->clients[j], GH_EVIDENCE_NONE, &d);
            if (d.verdict == first)
                continue;
            ret->got = "mixed";
            ret->reason = gh_arena_fmt(
                r->arena,
                "it depends on the pod or port: some are judged %s, port %u of "
                "%.*s/%.*s %s",
                gh_verdict_name(first), r->targets[i].port,
                GH_FMT(r->targets[i].podset->workload->kind),
                GH_FMT(r->targets[i].podset->workload->name),
                gh_verdict_name(d.verdict));
            return true;
        }
    return false;
}

static void run(struct runner *r, struct gh_case_result *ret)
{
    struct gh_json by = gh_json_get(r->value, "by");
    struct gh_decision d;

    decide(r, &r->targets[0], &r->clients[0], GH_EVIDENCE_NONE, &d);
    keep_decision(r, &d, ret);
    if ((r->target_count > 1 || r->client_count > 1) &&
        is_mixed(r, d.verdict, ret)) {
        ret->passed = false;
        return;
    }
    ret->passed = gh_slice_is(ret->expect, ret->got);
    if (ret->passed && !decided_by(ret, by))
        ret->passed = false;
    decide(r, &r->targets[0], &r->clients[0], GH_EVIDENCE_FULL, &d);
    keep_decision(r, &d, ret);
}

bool gh_case_run(struct gh_mesh *m, struct gh_json value, struct gh_arena *a,
                 struct gh_case_result *ret, struct gh_err *err)
{
    struct runner r = {.mesh = m, .arena = a, .err = err, .value = value};

    *ret = (struct gh_case_result){.got = ""};
    gh_err_set(err, "%s", "");
    if (!check_fields(&r, value, "the case", case_fields))
        return false;
    ret->name = gh_json_str_or(gh_json_get(value, "name"), GH_SLICE(""));
    if (!read_expect(&r, &ret->expect) || !read_over(&r) || !read_request(&r) ||
        !check_by(&r) || !read_from(&r) || !read_to(&r))
        return false;
    run(&r, ret);
    return true;
}
