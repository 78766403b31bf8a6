/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh_fixture.h"

/*
 * Expectations: what they may say, and what is said of those that are wrong
 *
 * A case that asks something else than its author meant is worse than none, so
 * every fault is an error with its place.
 */

static const char mesh[] =
    "apiVersion: v1\n"
    "kind: Pod\n"
    "metadata: {name: web-0, namespace: shop, labels: {app: web}, "
    "ownerReferences: [{kind: StatefulSet, name: web, controller: true}]}\n"
    "spec: {serviceAccountName: w, containers: [{name: linkerd-proxy}, {name: "
    "app, ports: [{name: http, containerPort: 8080}, {name: admin, "
    "containerPort: 9090}]}]}\n"
    "status: {podIP: 10.0.0.1}\n"
    "---\n"
    "apiVersion: v1\n"
    "kind: Pod\n"
    "metadata: {name: web-1, namespace: shop, labels: {app: web, canary: x}, "
    "ownerReferences: [{kind: StatefulSet, name: web, controller: true}]}\n"
    "spec: {serviceAccountName: w, containers: [{name: linkerd-proxy}, {name: "
    "app, ports: [{name: http, containerPort: 8080}]}]}\n"
    "status: {podIP: 10.0.0.2}\n"
    "---\n"
    "apiVersion: v1\n"
    "kind: Service\n"
    "metadata: {name: web, namespace: shop}\n"
    "spec: {selector: {app: web}, ports: [{name: front, port: 80, targetPort: "
    "http}]}\n"
    "---\n"
    "apiVersion: policy.linkerd.io/v1beta3\n"
    "kind: Server\n"
    "metadata: {name: canary, namespace: shop}\n"
    "spec: {podSelector: {matchLabels: {canary: x}}, port: http}\n"
    "---\n"
    "apiVersion: policy.linkerd.io/v1beta3\n"
    "kind: Server\n"
    "metadata: {name: admin, namespace: shop}\n"
    "spec: {podSelector: {}, port: admin}\n"
    "---\n"
    "apiVersion: policy.linkerd.io/v1alpha1\n"
    "kind: NetworkAuthentication\n"
    "metadata: {name: near, namespace: shop}\n"
    "spec: {networks: [{cidr: 10.0.0.1/32}]}\n"
    "---\n"
    "apiVersion: policy.linkerd.io/v1alpha1\n"
    "kind: AuthorizationPolicy\n"
    "metadata: {name: near, namespace: shop}\n"
    "spec: {targetRef: {group: policy.linkerd.io, kind: Server, name: admin}, "
    "requiredAuthenticationRefs: [{group: policy.linkerd.io, kind: "
    "NetworkAuthentication, name: near}]}\n"
    "---\n"
    "apiVersion: workload.linkerd.io/v1beta1\n"
    "kind: ExternalWorkload\n"
    "metadata: {name: till, namespace: shop}\n"
    "spec: {meshTLS: {identity: \"spiffe://x/till\"}, ports: [{port: 80}]}\n";

static struct fixture *opened(void)
{
    struct fixture *f = fixture_new();

    fixture_yaml(f, "mesh", mesh);
    return f;
}

/* "got passed by...", or "line:column: error". */
static const char *run(struct fixture *f, const char *yaml)
{
    struct gh_case_result res;
    struct gh_slice by;
    struct gh_err err;

    if (!gh_case_run(f->mesh, fixture_json(f, yaml), &f->arena, &res, &err))
        return gh_arena_fmt(&f->arena, "%u:%u: %s", err.line, err.column,
                            err.text)
            .ptr;
    by = labels_of(&f->arena, res.by, res.by_count);
    return gh_arena_fmt(&f->arena, "%s %s%s%.*s", res.got,
                        res.passed ? "passed" : "failed", by.len ? " " : "",
                        GH_FMT(by))
        .ptr;
}

struct row {
    const char *yaml;
    const char *expected;
};

static void run_rows(const struct row *rows, size_t count)
{
    struct fixture *f FIXTURE_CLEANUP = opened();

    for (size_t i = 0; i < count; i++) {
        const char *got = run(f, rows[i].yaml);

        if (strcmp(got, rows[i].expected) != 0)
            fail_msg("%s\ngave   %s\nwanted %s", rows[i].yaml, got,
                     rows[i].expected);
        fixture_forget(f);
    }
}

#define RUN_ROWS(rows) run_rows((rows), GH_COUNT(rows))
#define TO "to: {pod: shop/web-0, port: 8080}, expect: allow"
#define ANON "from: {unauthenticated: true}"
#define ANYONE "default/all-unauthenticated"

static void judges(void **state)
{
    static const struct row rows[] = {
        {"{" ANON ", " TO "}", "allow passed " ANYONE},
        {"{name: x, " ANON ", " TO ", over: http, by: [" ANYONE "]}",
         "allow passed " ANYONE},
        {"{" ANON ", " TO ", over: tcp}", "allow passed " ANYONE},
        /* labels compare without case; one of them is enough */
        {"{" ANON ", " TO ", by: [a/b/c, DEFAULT/All-Unauthenticated]}",
         "allow passed " ANYONE},
        {"{" ANON ", " TO ", by: [a/b/c]}", "allow failed " ANYONE},
        {"{" ANON ", " TO ", by: []}", "allow passed " ANYONE},
        /* every way to say who */
        {"{from: {identity: a.b}, " TO "}", "allow passed " ANYONE},
        {"{from: {tlsWithoutIdentity: true}, " TO "}", "allow passed " ANYONE},
        {"{from: {workload: shop/StatefulSet/web}, " TO "}",
         "allow passed " ANYONE},
        {"{from: {workload: shop/web}, " TO "}", "allow passed " ANYONE},
        {"{from: {pod: shop/web-1}, " TO "}", "allow passed " ANYONE},
        {"{from: {service: shop/web}, " TO "}", "allow passed " ANYONE},
        {"{from: {workload: shop/ExternalWorkload/till}, " TO "}",
         "allow passed " ANYONE},
        /* and what */
        {"{" ANON ", to: {pod: shop/web-1, port: http}, expect: deny}",
         "deny passed"},
        {"{" ANON ", to: {externalWorkload: shop/till, port: 80}, expect: "
         "allow}",
         "allow passed " ANYONE},
        {"{" ANON ", to: {externalWorkload: shop/till}, expect: deny}",
         "allow failed " ANYONE},
        {"{" ANON ", to: {service: shop/web, port: 80}, expect: allow}",
         "mixed failed " ANYONE},
        {"{" ANON ", to: {workload: shop/StatefulSet/web, port: http}, "
         "expect: deny}",
         "mixed failed " ANYONE},
        {"{" ANON ", to: {workload: shop/web, port: admin}, expect: depends}",
         "depends passed AuthorizationPolicy/shop/near"},
        /* its pods' addresses, unless one is given */
        {"{from: {pod: shop/web-0}, to: {pod: shop/web-0, port: admin}, "
         "expect: allow}",
         "allow passed AuthorizationPolicy/shop/near"},
        {"{from: {pod: shop/web-1}, to: {pod: shop/web-0, port: admin}, "
         "expect: deny}",
         "deny passed"},
        {"{from: {workload: shop/web}, to: {pod: shop/web-0, port: admin}, "
         "expect: deny}",
         "mixed failed AuthorizationPolicy/shop/near"},
        {"{from: {workload: shop/web, ip: 10.0.0.1}, to: {pod: shop/web-0, "
         "port: admin}, expect: allow}",
         "allow passed AuthorizationPolicy/shop/near"},
        {"{from: {unauthenticated: true, ip: \"::1\"}, to: {pod: shop/web-0, "
         "port: admin}, expect: allow}",
         "allow passed default/localhost"},
        /* the request */
        {"{" ANON ", " TO ", request: {}}", "allow passed " ANYONE},
        {"{" ANON ", " TO ", request: {method: PUT, path: \"/a?b=c\", host: "
         "\"\", headers: {x-a: b}}}",
         "allow passed " ANYONE},
        {"{" ANON ", " TO ", request: null, over: null, by: null}",
         "allow passed " ANYONE},
    };

    (void)state;
    RUN_ROWS(rows);
}

/* The fault is where '^' stands, which is no part of the case. */
static void refuse_rows(const struct row *rows, size_t count)
{
    struct fixture *f FIXTURE_CLEANUP = opened();

    for (size_t i = 0; i < count; i++) {
        struct gh_slice yaml = gh_slice_str(rows[i].yaml);
        size_t at = gh_slice_find(yaml, '^');
        struct gh_slice wanted =
            gh_arena_fmt(&f->arena, "1:%zu: %s", at + 1, rows[i].expected);
        const char *got;

        assert_true(at < yaml.len);
        yaml = gh_arena_fmt(&f->arena, "%.*s%s", (int)at, yaml.ptr,
                            yaml.ptr + at + 1);
        got = run(f, yaml.ptr);
        if (strcmp(got, wanted.ptr) != 0)
            fail_msg("%s\ngave   %s\nwanted %s", yaml.ptr, got, wanted.ptr);
        fixture_forget(f);
    }
}

#define REFUSE_ROWS(rows) refuse_rows((rows), GH_COUNT(rows))

static void refuses_what_it_does_not_know(void **state)
{
    static const struct row rows[] = {
        {"^[]", "the case is array, not an object"},
        {"^just text", "the case is string, not an object"},
        {"{^form: {}, " TO "}",
         "the case has no field \"form\" (did you mean \"from\"?)"},
        {"{" ANON ", " TO ", ^zebra: 1}", "the case has no field \"zebra\""},
        {"{from: {^idenity: a}, " TO "}",
         "from has no field \"idenity\" (did you mean \"identity\"?)"},
        {"{" ANON ", to: {^pods: shop/web-0}, expect: allow}",
         "to has no field \"pods\" (did you mean \"pod\"?)"},
        {"{" ANON ", " TO ", request: {^pth: /}}",
         "request has no field \"pth\" (did you mean \"path\"?)"},
        {"^{" TO "}", "from is missing, not an object"},
        {"{from: ^web, " TO "}", "from is string, not an object"},
        {"^{" ANON ", expect: allow}", "to is missing, not an object"},
        {"{from: ^{}, " TO "}",
         "from says nothing: give one of workload, pod, identity ..."},
        {"{" ANON ", to: ^{port: 80}, expect: allow}",
         "to says nothing: give one of workload, pod, service ..."},
        {"{from: {identity: ^a, pod: shop/web-0}, " TO "}",
         "from has both pod and identity; one of them must go"},
    };

    (void)state;
    REFUSE_ROWS(rows);
}

static void refuses_values(void **state)
{
    static const struct row rows[] = {
        {"^{" ANON ", to: {pod: shop/web-0}}",
         "expect is missing, not a string"},
        {"{" ANON ", to: {pod: shop/web-0}, expect: ^alow}",
         "expect \"alow\" is no verdict (did you mean \"allow\"?)"},
        {"{" ANON ", to: {pod: shop/web-0}, expect: ^maybe not}",
         "expect \"maybe not\" is none of allow, deny, not-found, "
         "not-enforced, depends"},
        {"{" ANON ", to: {pod: shop/web-0}, expect: ^true}",
         "expect is boolean, not a string"},
        {"{" ANON ", " TO ", over: ^udp}", "over is neither http nor tcp"},
        {"{" ANON ", " TO ", over: tcp, request: ^{}}",
         "a request makes no sense over tcp"},
        {"{" ANON ", " TO ", by: ^default/deny}",
         "by is no list of strings such as "
         "\"AuthorizationPolicy/namespace/name\""},
        {"{" ANON ", " TO ", by: ^[1]}",
         "by is no list of strings such as "
         "\"AuthorizationPolicy/namespace/name\""},
        {"{from: {unauthenticated: ^false}, " TO "}",
         "from.unauthenticated can only be true"},
        {"{from: {unauthenticated: true, ip: ^10.0.0.256}, " TO "}",
         "from.ip is no IP address"},
        {"{from: {identity: ^\"\"}, " TO "}",
         "from.identity is empty, not a string"},
        {"{" ANON ", " TO ", request: {path: ^x}}",
         "request.path does not begin with /"},
        {"{" ANON ", " TO ", request: {path: ^7}}",
         "request.path is number, not a string"},
        {"{" ANON ", " TO ", request: {method: ^[GET]}}",
         "request.method is array, not a string"},
        {"{" ANON ", " TO ", request: {host: ^1}}",
         "request.host is number, not a string"},
        {"{" ANON ", " TO ", request: {headers: ^[a]}}",
         "request.headers is array, not an object"},
        {"{" ANON ", " TO ", request: {headers: {x-a: ^1}}}",
         "request.headers: \"x-a\" is no string"},
    };

    (void)state;
    REFUSE_ROWS(rows);
}

static void refuses_names(void **state)
{
    static const struct row rows[] = {
        {"{from: {pod: ^web-0}, " TO "}",
         "from \"web-0\" is not of the form namespace/name or "
         "namespace/Kind/name"},
        {"{from: {pod: ^shop/}, " TO "}",
         "from \"shop/\" is not of the form namespace/name or "
         "namespace/Kind/name"},
        {"{from: {workload: ^[shop]}, " TO "}", "from is array, not a string"},
        {"{from: {pod: ^shop/web-9}, " TO "}",
         "from: namespace \"shop\" has no Pod \"web-9\" (did you mean "
         "\"web-0\"?)"},
        {"{from: {pod: ^shp/web-0}, " TO "}",
         "from: namespace \"shp\" does not exist (did you mean "
         "\"shop\"?)"},
        {"{from: {workload: ^shop/Deployment/web}, " TO "}",
         "from: namespace \"shop\" has no Deployment \"web\", but a "
         "StatefulSet of that name"},
        {"{from: {workload: ^shop/Thing/web}, " TO "}",
         "from: \"Thing\" is no kind of workload: write svc/, deploy/, "
         "sts/, ds/, job/, cronjob/ or pod/ before a name"},
        {"{" ANON ", to: {service: ^shop/wbe, port: 80}, expect: allow}",
         "to: namespace \"shop\" has no Service \"wbe\" (did you mean "
         "\"web\"?)"},
        {"{" ANON ", to: {service: shop/web, port: ^8080}, expect: allow}",
         "shop/web has no port \"8080\"; it has front (80)"},
        {"{" ANON ", to: {pod: shop/web-0, port: ^htpp}, expect: allow}",
         "shop/web-0 has no port \"htpp\"; it has http (8080), admin "
         "(9090)"},
        {"{" ANON ", to: {pod: shop/web-0, port: ^70000}, expect: allow}",
         "to.port is neither a name nor a number from 1 to 65535"},
        {"{" ANON ", to: {pod: shop/web-0, port: ^[80]}, expect: allow}",
         "to.port is neither a name nor a number from 1 to 65535"},
    };

    (void)state;
    REFUSE_ROWS(rows);
}

/* Lines are counted in what the author wrote. */
static void places_faults_by_line(void **state)
{
    struct fixture *f FIXTURE_CLEANUP = opened();

    (void)state;
    assert_string_equal(run(f, "# a comment\n"
                               "name: x\n"
                               "from:\n"
                               "  unauthenticated: true\n"
                               "to:\n"
                               "  pod: shop/web-0\n"
                               "  prot: 80\n"
                               "expect: allow\n"),
                        "7:3: to has no field \"prot\" (did you mean "
                        "\"port\"?)");
}

static void tells_why(void **state)
{
    struct fixture *f FIXTURE_CLEANUP = opened();
    struct gh_case_result res;
    struct gh_err err;

    (void)state;
    assert_true(gh_case_run(
        f->mesh,
        fixture_json(f, "{name: why, from: {unauthenticated: true, ip: "
                        "10.0.0.9}, to: {pod: shop/web-0, port: admin}, "
                        "expect: allow}"),
        &f->arena, &res, &err));
    assert_true(gh_slice_is(res.name, "why"));
    assert_true(gh_slice_is(res.expect, "allow"));
    assert_string_equal(res.got, "deny");
    assert_true(gh_slice_is(res.reason, "no authorization of Server shop/admin "
                                        "admits this client"));
    assert_int_equal(res.miss_count, 1);
    assert_int_equal(res.misses[0].why, GH_MISS_NETWORK);
    /* mixed: which two */
    assert_true(gh_case_run(
        f->mesh,
        fixture_json(f, "{from: {unauthenticated: true}, to: {service: "
                        "shop/web}, expect: allow}"),
        &f->arena, &res, &err));
    assert_true(gh_slice_is(
        res.reason, "it depends on the pod or port: some are judged allow, "
                    "port 8080 of StatefulSet/web deny"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges),
        cmocka_unit_test(refuses_what_it_does_not_know),
        cmocka_unit_test(refuses_values),
        cmocka_unit_test(refuses_names),
        cmocka_unit_test(places_faults_by_line),
        cmocka_unit_test(tells_why),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
