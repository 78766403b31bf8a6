/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "mesh/select.h"
#include "source/files.h"

/*
 * How fast the mesh answers
 *
 * Three questions on one mesh: where may this workload go at all (every pod
 * set, port and route), may it go there and why, and how long until a changed
 * policy is in the answers. Give the path of a mesh as `kubectl get -o json`
 * writes it; otherwise one is made, smaller than a large cluster. Times are
 * of single calls, one after the other: half of them are below p50.
 */

#define ROUNDS 501

static int64_t now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static _Noreturn void die(const char *what)
{
    (void)fprintf(stderr, "bench_mesh: %s\n", what);
    exit(1);
}

struct bench {
    struct gh_store *store;
    struct gh_mesh *mesh;
    struct gh_arena arena;
    const struct gh_object *policy; /* the one that is changed */
    size_t asked;                   /* decisions of the last round */
    size_t allowed;
};

/* --- a mesh --- */

static void put(struct gh_txn *t, struct gh_slice text)
{
    struct gh_arena arena;
    struct gh_json_doc doc;
    struct gh_err err;

    gh_arena_init(&arena, 1u << 20);
    if (gh_json_parse(text, &arena, NULL, &doc, &err) != GH_OK ||
        gh_txn_put(t, gh_json_root(&doc), 0, 0, &err) < 0)
        die(err.text);
    gh_arena_fini(&arena);
}

#define META "\"metadata\":{\"namespace\":\"ns-%d\",\"name\":\"app-%d\""
#define POLICY "{\"apiVersion\":\"policy.linkerd.io/v1beta3\",\"kind\":"

/* A workload of one pod, its Server and its policy. */
static void put_app(struct gh_txn *t, struct gh_arena *a, int ns, int app)
{
    gh_arena_reset(a);
    put(t, gh_arena_fmt(
               a,
               "{\"apiVersion\":\"v1\",\"kind\":\"Pod\"," META
               ",\"labels\":{\"app\":\"app-%d\"}},\"spec\":{"
               "\"serviceAccountName\":\"app-%d\",\"containers\":[{\"name\":"
               "\"linkerd-proxy\"},{\"name\":\"app\",\"ports\":[{\"name\":"
               "\"http\",\"containerPort\":8080}]}]},\"status\":{\"podIP\":"
               "\"10.1.%d.%d\"}}",
               ns, app, app, app, ns, app));
    put(t, gh_arena_fmt(a,
                        POLICY "\"Server\"," META
                               "},\"spec\":{\"port\":\"http\",\"podSelector\":"
                               "{\"matchLabels\":{\"app\":\"app-%d\"}}}}",
                        ns, app, app));
    put(t, gh_arena_fmt(a,
                        POLICY
                        "\"AuthorizationPolicy\"," META
                        "},\"spec\":{\"targetRef\":{\"group\":\"policy.linkerd."
                        "io\",\"kind\":\"Server\",\"name\":\"app-%d\"},"
                        "\"requiredAuthenticationRefs\":[{\"kind\":"
                        "\"ServiceAccount\",\"name\":\"app-%d\"}]}}",
                        ns, app, app, (app + 1) % 5));
}

static void make_mesh(struct bench *b)
{
    struct gh_txn *t = gh_store_begin(b->store, GH_SLICE("bench"), 0);

    gh_txn_scope(t, GH_SLICE("made"));
    for (int ns = 0; ns < 100; ns++)
        for (int app = 0; app < 5; app++)
            put_app(t, &b->arena, ns, app);
    gh_txn_commit(t, NULL);
    gh_arena_reset(&b->arena);
}

static void load_mesh(struct bench *b, const char *path)
{
    struct gh_files *files = gh_files_new(b->store, &path, 1, NULL);
    struct gh_err err;

    if (gh_files_load(files, NULL, &err) != GH_OK)
        die(err.text);
    (void)gh_files_free(files);
}

/* --- the questions --- */

static void ask_port(struct bench *b, const struct gh_podset *set,
                     uint16_t port, const struct gh_client *client)
{
    const struct gh_port_policy *p = gh_port_policy(b->mesh, set, port);
    struct gh_decision d;

    if (p->route_count == 0)
        gh_decide_tcp(p, client, GH_EVIDENCE_NONE, &b->arena, &d);
    for (size_t i = 0; i < p->route_count; i++)
        gh_decide_route(p, client, &p->routes[i], GH_EVIDENCE_NONE, &b->arena,
                        &d);
    b->asked++;
    b->allowed += d.verdict == GH_ALLOW;
}

static void ask_namespace(struct bench *b, struct gh_slice ns,
                          const struct gh_client *client)
{
    size_t count;
    const struct gh_workload *const *all =
        gh_mesh_workloads(b->mesh, ns, &count);

    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < all[i]->set_count; j++) {
            const struct gh_podset *set = all[i]->sets[j];
            size_t n;
            const uint16_t *ports =
                gh_podset_ports(b->mesh, set, &b->arena, &n);

            for (size_t k = 0; k < n; k++)
                ask_port(b, set, ports[k], client);
        }
}

static void ask_everything(struct bench *b, const struct gh_client *client)
{
    struct gh_slice ns;

    b->asked = b->allowed = 0;
    for (size_t i = 0; gh_mesh_ns_at(b->mesh, i, &ns); i++)
        ask_namespace(b, ns, client);
}

/* The first workload that a Server rules, as target; itself as source. */
static const struct gh_port_policy *pick(struct bench *b,
                                         struct gh_client *ret_client)
{
    struct gh_slice ns;

    for (size_t i = 0; gh_mesh_ns_at(b->mesh, i, &ns); i++) {
        size_t count;
        const struct gh_workload *const *all =
            gh_mesh_workloads(b->mesh, ns, &count);

        for (size_t j = 0; j < count; j++) {
            const struct gh_podset *set = all[j]->sets[0];
            size_t n;
            const uint16_t *ports =
                gh_podset_ports(b->mesh, set, &b->arena, &n);

            for (size_t k = 0; k < n && set->identity.ptr; k++) {
                const struct gh_port_policy *p =
                    gh_port_policy(b->mesh, set, ports[k]);

                if (!p->server || p->authz_count == 0 || !p->authz[0]->object)
                    continue;
                *ret_client = (struct gh_client){.tls = GH_CLIENT_IDENTIFIED,
                                                 .identity = set->identity};
                return p;
            }
        }
    }
    die("no port of the mesh has a Server with a policy");
}

static void ask_once(struct bench *b)
{
    struct gh_client client;
    struct gh_request get = {.method = GH_SLICE("GET"), .path = GH_SLICE("/")};
    struct gh_decision d;
    const struct gh_port_policy *p = pick(b, &client);

    gh_decide_http(p, &client, &get, GH_EVIDENCE_FULL, &b->arena, &d);
    b->asked = 1;
}

/* The policy again, with another label: a change of its content. */
static void change(struct bench *b, int round)
{
    struct gh_txn *t = gh_store_begin(b->store, GH_SLICE("change"), 1);
    struct gh_json root = gh_object_root(b->policy);
    struct gh_slice spec = gh_json_raw(gh_json_get(root, "spec"));

    gh_txn_scope(t, GH_SLICE("change"));
    put(t,
        gh_arena_fmt(&b->arena,
                     "{\"apiVersion\":\"%.*s\",\"kind\":\"%.*s\",\"metadata\":"
                     "{\"namespace\":\"%.*s\",\"name\":\"%.*s\",\"labels\":"
                     "{\"round\":\"%d\"}},\"spec\":%.*s}",
                     GH_FMT(b->policy->api_version), GH_FMT(b->policy->kind),
                     GH_FMT(b->policy->ns), GH_FMT(b->policy->name), round,
                     GH_FMT(spec)));
    gh_txn_commit(t, NULL);
    gh_mesh_sync(b->mesh);
}

/* --- measuring --- */

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void report(const char *what, int64_t *ns, size_t count, size_t asked)
{
    size_t half = count / 2;
    size_t most = count * 99 / 100;

    qsort(ns, count, sizeof(*ns), by_time);
    printf("%-44s %8zu %11.1f %11.1f\n", what, asked, (double)ns[half] / 1e3,
           (double)ns[most] / 1e3);
}

static void measure_all(struct bench *b)
{
    int64_t times[ROUNDS];
    struct gh_client client;

    (void)pick(b, &client);
    for (int i = 0; i < ROUNDS; i++) {
        int64_t start = now_ns();

        gh_arena_reset(&b->arena);
        ask_everything(b, &client);
        times[i] = now_ns() - start;
    }
    report("all targets of one source, verdicts", times, ROUNDS, b->asked);
}

static void measure_one(struct bench *b)
{
    int64_t times[ROUNDS];

    for (int i = 0; i < ROUNDS; i++) {
        int64_t start = now_ns();

        gh_arena_reset(&b->arena);
        ask_once(b);
        times[i] = now_ns() - start;
    }
    report("one connection, with evidence", times, ROUNDS, b->asked);
}

static void measure_change(struct bench *b)
{
    int64_t times[ROUNDS];
    struct gh_client client;

    b->policy = gh_object_ref(pick(b, &client)->authz[0]->object);
    for (int i = 0; i < ROUNDS; i++) {
        int64_t start = now_ns();

        gh_arena_reset(&b->arena);
        change(b, i);
        ask_once(b);
        times[i] = now_ns() - start;
    }
    report("one policy changed, synced, asked again", times, ROUNDS, 1);
    gh_object_unref(b->policy);
}

int main(int argc, char **argv)
{
    struct bench b = {.store = gh_store_new(NULL)};
    int64_t start = now_ns();
    struct gh_client client;

    b.mesh = gh_mesh_new(b.store);
    gh_arena_init(&b.arena, (size_t)256 << 20);
    if (argc > 1)
        load_mesh(&b, argv[1]);
    else
        make_mesh(&b);
    gh_mesh_sync(b.mesh);
    printf("%s: %zu objects, %.1f MB, loaded in %.0f ms",
           argc > 1 ? argv[1] : "a mesh of our own",
           gh_store_stats(b.store).objects,
           (double)gh_store_stats(b.store).object_bytes / 1e6,
           (double)(now_ns() - start) / 1e6);
    start = now_ns();
    (void)pick(&b, &client);
    ask_everything(&b, &client);
    printf(", compiled in %.1f ms\n\n", (double)(now_ns() - start) / 1e6);
    printf("%-44s %8s %11s %11s\n", "question", "verdicts", "p50 us", "p99 us");
    measure_all(&b);
    measure_one(&b);
    measure_change(&b);
    gh_arena_fini(&b.arena);
    (void)gh_mesh_free(b.mesh);
    (void)gh_store_free(b.store);
    return 0;
}
