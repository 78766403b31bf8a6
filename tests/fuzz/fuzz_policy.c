/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "mesh/decide.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * The decision, on meshes that nobody would write
 *
 * Bytes choose among the alternatives of a small grammar, which gives objects
 * with legal and illegal values; objects come, change and go. Whatever there
 * is, what follows must hold for every client and port:
 *
 *  - deciding never crashes;
 *  - a model that took in every change answers as one that sees the end alone;
 *  - an unknown address allows only what every address allows, and denies only
 *    what every address (but loopback) denies;
 *  - one more authorization never takes anything away;
 *  - a change in a namespace of its own changes no answer.
 */

/* --- a grammar: "@x" is one of the choices of x --- */

#define MAX_CHOICES 14

struct rule {
    char name;
    const char *choices[MAX_CHOICES];
};

#define POLICY(version) "\"apiVersion\":\"policy.linkerd.io/" version "\","
#define META "\"metadata\":{\"namespace\":\"@n\",\"name\":\"@i\"@t}"
#define ADDED "\"metadata\":{\"namespace\":\"@n\",\"name\":\"added\"}"
#define AUTHZ "\"spec\":{\"targetRef\":@g,\"requiredAuthenticationRefs\":[@r]}}"
#define SERVER_AUTHZ "\"spec\":{\"server\":@f,\"client\":{@c,\"networks\":@w}}}"
#define ACCEPTED                                                               \
    ",\"status\":{\"parents\":[{\"controllerName\":\"linkerd.io/policy-"       \
    "controller\",\"parentRef\":{\"group\":\"policy.linkerd.io\",\"kind\":"    \
    "\"Server\",\"namespace\":\"@n\",\"name\":\"@i\"},\"conditions\":[{"       \
    "\"type\":\"Accepted\",\"status\":\"@o\"}]}]}"

static const struct rule rules[] = {
    /* what there may be: a change is one of these */
    {'X',
     {"@P", "@P", "@S", "@S", "@A", "@A", "@Z", "@M", "@N", "@R", "@R", "@D",
      "@E", "@C"}},
    {'P',
     {"{\"apiVersion\":\"v1\",\"kind\":\"Pod\"," META
      ",\"spec\":{\"serviceAccountName\":\"@i\",\"containers\":[{\"name\":"
      "\"c\",\"ports\":[@b],\"readinessProbe\":@h}@l},\"status\":{"
      "\"podIP\":\"10.0.0.1\"}}"}},
    {'D',
     {"{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\"," META
      ",\"spec\":{\"template\":{\"metadata\":{\"labels\":{\"app\":\"a\"}},"
      "\"spec\":{\"containers\":[{\"name\":\"c\",\"ports\":[@b]}@l}}}}",
      "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{"
      "\"name\":\"@n\",\"annotations\":{\"linkerd.io/inject\":"
      "\"enabled\"}}}"}},
    {'E',
     {"{\"apiVersion\":\"workload.linkerd.io/v1beta1\",\"kind\":"
      "\"ExternalWorkload\"," META
      ",\"spec\":{\"meshTLS\":{\"identity\":@d},\"ports\":[{\"name\":"
      "\"http\",\"port\":80}]}}"}},
    {'C',
     {"{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{"
      "\"namespace\":\"linkerd\",\"name\":\"linkerd-config\"},\"data\":{"
      "\"values\":\"@v\"}}"}},
    {'S',
     {"{" POLICY("v1beta3") "\"kind\":\"Server\"," META
                            ",\"spec\":{\"podSelector\":@s,\"port\":@p,"
                            "\"proxyProtocol\":@q,"
                            "\"accessPolicy\":@a@e}}"}},
    {'A',
     {"{" POLICY("v1alpha1") "\"kind\":\"AuthorizationPolicy\"," META
                             "," AUTHZ}},
    {'Z',
     {"{" POLICY("v1beta1") "\"kind\":\"ServerAuthorization\"," META
                            "," SERVER_AUTHZ}},
    {'M',
     {"{" POLICY(
         "v1alpha1") "\"kind\":\"MeshTLSAuthentication\"," META
                     ",\"spec\":{\"identities\":[@d],\"identityRefs\":@u}}"}},
    {'N',
     {"{" POLICY("v1alpha1") "\"kind\":\"NetworkAuthentication\"," META
                             ",\"spec\":{\"networks\":@w}}"}},
    {'R',
     {"{" POLICY("v1beta3") "\"kind\":\"HTTPRoute\"," META
                            ",\"spec\":{\"parentRefs\":[@k],\"rules\":[@j]}@z}",
      "{\"apiVersion\":\"gateway.networking.k8s.io/v1\",\"kind\":"
      "\"HTTPRoute\"," META
      ",\"spec\":{\"hostnames\":[\"*.x\"],\"parentRefs\":[@k],\"rules\":"
      "[@j]}@z}",
      "{\"apiVersion\":\"gateway.networking.k8s.io/v1\",\"kind\":"
      "\"GRPCRoute\"," META
      ",\"spec\":{\"parentRefs\":[@k],\"rules\":[@y]}@z}"}},
    /* the authorization that is added at the end */
    {'Y',
     {"{" POLICY("v1alpha1") "\"kind\":\"AuthorizationPolicy\"," ADDED
                             "," AUTHZ,
      "{" POLICY("v1beta1") "\"kind\":\"ServerAuthorization\"," ADDED
                            "," SERVER_AUTHZ}},
    /* what stands next to everything and touches nothing */
    {'U',
     {"{" POLICY("v1beta3") "\"kind\":\"Server\",\"metadata\":{"
                            "\"namespace\":\"far\",\"name\":\"@i\"},\"spec\":{"
                            "\"podSelector\":"
                            "{},\"port\":@p}}",
      "{" POLICY("v1alpha1") "\"kind\":\"MeshTLSAuthentication\",\"metadata\":{"
                             "\"namespace\":"
                             "\"far\",\"name\":\"@i\"},\"spec\":{"
                             "\"identities\":[@d]}}"}},
    /* parts */
    {'n', {"a", "b"}},
    {'i', {"w", "x", "y"}},
    {'t',
     {"", ",\"labels\":{\"app\":\"a\"}", ",\"labels\":{\"app\":\"b\"}",
      ",\"creationTimestamp\":\"2026-01-01T00:00:00Z\"",
      ",\"labels\":{\"app\":\"a\"},\"annotations\":{@x}"}},
    {'x',
     {"\"config.linkerd.io/default-inbound-policy\":@a",
      "\"config.linkerd.io/opaque-ports\":\"80,x\"",
      "\"config.linkerd.io/opaque-ports\":\"80-82\"",
      "\"config.linkerd.io/skip-inbound-ports\":\"81\"",
      "\"config.linkerd.io/proxy-require-identity-inbound-ports\":\"80\"",
      "\"linkerd.io/inject\":\"enabled\""}},
    {'b',
     {"", "{\"containerPort\":80,\"name\":\"http\"}",
      "{\"containerPort\":80,\"name\":\"http\"},{\"containerPort\":81,"
      "\"name\":\"alt\"},{\"containerPort\":82,\"name\":\"http\"}",
      "{\"containerPort\":81,\"protocol\":\"UDP\",\"name\":\"alt\"}",
      "{\"containerPort\":0},{\"containerPort\":\"x\"},7"}},
    {'h',
     {"null", "{\"httpGet\":{\"port\":80,\"path\":\"/a\"}}",
      "{\"httpGet\":{\"port\":\"HTTP\"}}",
      "{\"httpGet\":{\"port\":[],\"path\":\"a b\"}}"}},
    {'l',
     {"],\"initContainers\":[]", ",{\"name\":\"linkerd-proxy\"}]",
      "],\"initContainers\":[{\"name\":\"linkerd-proxy\","
      "\"restartPolicy\":\"Always\"}]"}},
    {'s',
     {"{}", "{\"matchLabels\":{\"app\":\"a\"}}", "null", "[]",
      "{\"matchExpressions\":[{\"key\":\"app\",\"operator\":\"@O\"}]}",
      "{\"matchExpressions\":[{\"key\":\"app\",\"operator\":\"@O\","
      "\"values\":[\"a\"]}]}",
      "{\"matchLabels\":{\"app\":7}}"}},
    {'O', {"In", "NotIn", "Exists", "DoesNotExist", "Near"}},
    {'e', {"", "", ",\"externalWorkloadSelector\":@s"}},
    {'p',
     {"80", "81", "\"http\"", "\"alt\"", "\"80\"", "0", "65616", "null", "{}",
      "80.0", "\"\""}},
    {'q',
     {"null", "\"unknown\"", "\"HTTP/1\"", "\"HTTP/2\"", "\"gRPC\"",
      "\"opaque\"", "\"TLS\"", "\"http\"", "7"}},
    {'a',
     {"null", "\"deny\"", "\"audit\"", "\"all-unauthenticated\"",
      "\"all-authenticated\"", "\"cluster-unauthenticated\"",
      "\"cluster-authenticated\"", "\"x\"", "1"}},
    {'g',
     {"{\"group\":\"policy.linkerd.io\",\"kind\":\"Server\",\"name\":"
      "\"@i\"}",
      "{\"kind\":\"Namespace\",\"name\":\"@n\"}",
      "{\"group\":\"policy.linkerd.io\",\"kind\":\"HTTPRoute\",\"name\":"
      "\"@i\"}",
      "{\"group\":\"gateway.networking.k8s.io\",\"kind\":\"@K\",\"name\":"
      "\"@i\"}",
      "{\"kind\":\"Server\",\"name\":\"@i\"}", "null", "[]"}},
    {'K', {"HTTPRoute", "GRPCRoute", "grpcroute", "TLSRoute"}},
    {'r', {"", "@B", "@B", "@B,@B", "null", "{}"}},
    {'B',
     {"{\"group\":\"policy.linkerd.io\",\"kind\":\"MeshTLSAuthentication"
      "\",\"name\":\"@i\"}",
      "{\"group\":\"policy.linkerd.io\",\"kind\":\"MeshTLSAuthentication"
      "\",\"name\":\"@i\",\"namespace\":\"@n\"}",
      "{\"group\":\"policy.linkerd.io\",\"kind\":\"NetworkAuthentication"
      "\",\"name\":\"@i\"}",
      "{\"kind\":\"ServiceAccount\",\"name\":\"@i\"}",
      "{\"kind\":\"Secret\",\"name\":\"@i\"}", "7"}},
    {'f', {"{\"name\":\"@i\"}", "{\"selector\":@s}", "null"}},
    {'c',
     {"\"unauthenticated\":true", "\"unauthenticated\":false", "\"meshTLS\":{}",
      "\"meshTLS\":{\"unauthenticatedTLS\":true}",
      "\"meshTLS\":{\"identities\":[@d]}",
      "\"meshTLS\":{\"serviceAccounts\":[{\"name\":\"@i\"}]}"}},
    {'w',
     {"null", "[]", "[{\"cidr\":\"0.0.0.0/0\"},{\"cidr\":\"::/0\"}]",
      "[{\"cidr\":\"10.0.0.0/8\",\"except\":[\"10.0.0.0/9\"]}]",
      "[{\"cidr\":\"0.0.0.0/1\"},{\"cidr\":\"128.0.0.0/1\"},{\"cidr\":"
      "\"::/0\"}]",
      "[{\"cidr\":\"127.0.0.0/8\"}]", "[{\"cidr\":\"10.0.0.0/33\"}]",
      "[{\"cidr\":\"::/0\",\"except\":[\"::1\"]},{\"cidr\":\"0.0.0.0/0\","
      "\"except\":[\"127.0.0.1\"]}]",
      "{}", "[{}]"}},
    {'d',
     {"\"*\"", "\"*.\"",
      "\"*.b.serviceaccount.identity.linkerd.cluster."
      "local\"",
      "\"w.a.serviceaccount.identity.linkerd.cluster.local\"",
      "\"spiffe://x/y\"", "\"\"", "7"}},
    {'u',
     {"null", "[]", "[{\"kind\":\"ServiceAccount\",\"name\":\"@i\"}]",
      "[{\"kind\":\"Namespace\",\"name\":\"@n\"}]", "[{}]"}},
    {'k',
     {"{\"group\":\"policy.linkerd.io\",\"kind\":\"Server\",\"name\":"
      "\"@i\"}",
      "{\"kind\":\"server\",\"name\":\"@i\"}",
      "{\"group\":\"policy.linkerd.io\",\"kind\":\"Server\",\"name\":"
      "\"@i\",\"namespace\":\"@n\"}",
      "{\"group\":\"policy.linkerd.io\",\"kind\":\"Server\",\"name\":"
      "\"@i\",\"port\":80}",
      "{\"kind\":\"Gateway\",\"name\":\"@i\"}", "7"}},
    {'j',
     {"", "{}", "{\"matches\":[{\"path\":{\"value\":\"/a\"}}]}",
      "{\"matches\":[{\"path\":{\"type\":\"Exact\",\"value\":\"/a/b\"},"
      "\"method\":\"GET\"}]}",
      "{\"matches\":[{\"path\":{\"type\":\"RegularExpression\",\"value\":"
      "\"/a|/a/b\"}}]},{\"matches\":[{\"queryParams\":[{\"name\":\"q\","
      "\"value\":\"1\"}]}]}",
      "{\"matches\":[{\"headers\":[{\"name\":\"x-a\",\"value\":\"[0-9]+\","
      "\"type\":\"RegularExpression\"}]}]}",
      "{\"matches\":[{\"path\":{\"type\":\"RegularExpression\",\"value\":"
      "\"(\"}}]}",
      "{\"filters\":[{\"type\":\"URLRewrite\",\"urlRewrite\":{}}]}",
      "{\"matches\":[{\"method\":\"FETCH\"}]}", "7"}},
    {'y',
     {"", "{}", "{\"matches\":[{}]}",
      "{\"matches\":[{\"method\":{\"service\":\"s\"}}]}",
      "{\"matches\":[{\"method\":{\"service\":\"s\",\"method\":\"m\"}}]}",
      "{\"matches\":[{\"method\":{\"type\":\"RegularExpression\"}}]}"}},
    {'z', {"", "", ACCEPTED, ",\"status\":{}"}},
    {'o', {"True", "False"}},
    {'v',
     {"", "identityTrustDomain: example.org",
      "proxy: {defaultInboundPolicy: deny}",
      "policyController: {probeNetworks: []}", "clusterNetworks: \\\"\\\"",
      "a: [b"}},
};

struct input {
    const uint8_t *at;
    const uint8_t *end;
};

static unsigned take(struct input *in)
{
    return in->at < in->end ? *in->at++ : 0;
}

static const struct rule *rule_of(char name)
{
    for (size_t i = 0; i < GH_COUNT(rules); i++)
        if (rules[i].name == name)
            return &rules[i];
    abort();
}

static void expand(struct input *in, char name, struct gh_buf *out)
{
    const struct rule *r = rule_of(name);
    const char *p;
    size_t count = 0;

    while (count < MAX_CHOICES && r->choices[count])
        count++;
    p = r->choices[count > 1 ? take(in) % count : 0];
    if (!p)
        abort(); /* a rule without choices */
    for (; *p; p++)
        if (*p == '@')
            expand(in, *++p, out);
        else if (gh_buf_addc(out, *p) != GH_OK)
            abort();
}

/* --- two models of one store --- */

struct world {
    struct gh_store *store;
    struct gh_mesh *mesh; /* takes in every change */
    struct gh_mesh *late; /* sees only the end */
    struct gh_arena arena;
};

static void write_object(struct world *w, struct input *in, char name,
                         unsigned scope)
{
    struct gh_txn *t = gh_store_begin(w->store, GH_SLICE("fuzz"), 0);
    struct gh_json_options opt = {.duplicates = GH_JSON_DUP_LAST};
    char text[16];
    struct gh_json_doc doc;
    struct gh_buf json;
    struct gh_err err;

    gh_buf_init(&json, 1u << 16);
    expand(in, name, &json);
    gh_arena_reset(&w->arena);
    if (gh_json_parse(gh_buf_slice(&json), &w->arena, &opt, &doc, &err) !=
        GH_OK) {
        (void)fprintf(stderr, "%s: %.*s\n", err.text,
                      GH_FMT(gh_buf_slice(&json)));
        abort();
    }
    (void)snprintf(text, sizeof(text), "%u", scope);
    gh_txn_scope(t, gh_slice_str(text));
    (void)gh_txn_put(t, gh_json_root(&doc), 0, 0, &err);
    gh_txn_commit(t, NULL);
    gh_buf_fini(&json);
    gh_mesh_sync(w->mesh);
}

static void drop(struct world *w, unsigned scope)
{
    struct gh_txn *t = gh_store_begin(w->store, GH_SLICE("fuzz"), 0);
    char text[16];

    (void)snprintf(text, sizeof(text), "%u", scope);
    gh_txn_drop_scope(t, gh_slice_str(text));
    gh_txn_commit(t, NULL);
    gh_mesh_sync(w->mesh);
}

/* --- every client at every port --- */

#define IDENTITY(account)                                                      \
    account ".serviceaccount.identity.linkerd.cluster.local"

static const struct {
    enum gh_client_tls tls;
    const char *identity;
} clients[] = {
    {GH_CLIENT_PLAIN, NULL},
    {GH_CLIENT_TLS, NULL},
    {GH_CLIENT_IDENTIFIED, IDENTITY("w.a")},
    {GH_CLIENT_IDENTIFIED, IDENTITY("x.b")},
    {GH_CLIENT_IDENTIFIED, "spiffe://x/y"},
};

/* The first is no address, the last is loopback. */
static const char *const addresses[] = {NULL,        "10.0.0.1", "10.200.0.1",
                                        "192.0.2.1", "fd00::1",  "::1"};

static const struct {
    const char *method;
    const char *path;
} requests[] = {
    {NULL, NULL}, {"GET", "/"}, {"GET", "/a/b?q=1"}, {"POST", "/s/m"}};

struct answers {
    GH_VEC(uint8_t) verdicts;
};

static enum gh_verdict decide(struct world *w, const struct gh_port_policy *p,
                              const struct gh_client *client, size_t request,
                              enum gh_evidence evidence)
{
    static const struct gh_header header = {GH_SLICE("x-a"), GH_SLICE("12")};
    struct gh_request r = {.method = gh_slice_str(requests[request].method),
                           .path = gh_slice_str(requests[request].path),
                           .host = GH_SLICE("a.x"),
                           .headers = &header,
                           .header_count = 1};
    struct gh_decision d;
    bool permitted;

    gh_arena_reset(&w->arena);
    if (r.path.ptr)
        gh_decide_http(p, client, &r, evidence, &w->arena, &d);
    else
        gh_decide_tcp(p, client, evidence, &w->arena, &d);
    permitted = d.verdict == GH_ALLOW || d.verdict == GH_DEPENDS;
    if (permitted != (d.by_count > 0) ||
        (evidence == GH_EVIDENCE_FULL) != (d.reason.ptr != NULL))
        abort();
    return d.verdict;
}

static struct gh_client client_at(size_t client, size_t address)
{
    struct gh_client c = {.tls = clients[client].tls,
                          .identity = gh_slice_str(clients[client].identity),
                          .has_ip = addresses[address] != NULL};

    if (c.has_ip && !gh_ip_parse(gh_slice_str(addresses[address]), &c.ip))
        abort();
    return c;
}

/* An unknown address is every address. */
static void check_addresses(const uint8_t *by_address)
{
    for (size_t i = 1; i < GH_COUNT(addresses); i++) {
        bool loopback = i + 1 == GH_COUNT(addresses);

        if (by_address[0] == GH_ALLOW && by_address[i] != GH_ALLOW)
            abort();
        if (by_address[0] == GH_DENY && by_address[i] != GH_DENY && !loopback)
            abort();
        if ((by_address[0] == GH_NOT_FOUND) != (by_address[i] == GH_NOT_FOUND))
            abort();
    }
}

static void ask_client(struct world *w, const struct gh_port_policy *p,
                       const struct gh_client *at, struct answers *out)
{
    for (size_t r = 0; r < GH_COUNT(requests); r++) {
        uint8_t by_address[GH_COUNT(addresses)];

        for (size_t a = 0; a < GH_COUNT(addresses); a++) {
            by_address[a] = (uint8_t)decide(
                w, p, &at[a], r, a < 2 ? GH_EVIDENCE_FULL : GH_EVIDENCE_NONE);
            GH_VEC_PUSH(&out->verdicts, by_address[a]);
        }
        check_addresses(by_address);
    }
}

static void ask_port(struct world *w, const struct gh_port_policy *p,
                     struct answers *out)
{
    for (size_t c = 0; c < GH_COUNT(clients); c++) {
        struct gh_client at[GH_COUNT(addresses)];

        for (size_t a = 0; a < GH_COUNT(addresses); a++)
            at[a] = client_at(c, a);
        ask_client(w, p, at, out);
    }
}

static struct answers ask(struct world *w, struct gh_mesh *m)
{
    struct answers out = {0};
    struct gh_slice ns;

    for (size_t i = 0; gh_mesh_ns_at(m, i, &ns); i++) {
        size_t count;
        const struct gh_workload *const *all = gh_mesh_workloads(m, ns, &count);

        for (size_t j = 0; j < count; j++)
            for (size_t k = 0; k < all[j]->set_count; k++)
                for (uint16_t port = 80; port < 83; port++)
                    ask_port(w, gh_port_policy(m, all[j]->sets[k], port), &out);
    }
    return out;
}

static void must_be_equal(struct answers *a, struct answers *b)
{
    if (a->verdicts.count != b->verdicts.count ||
        (a->verdicts.count > 0 &&
         memcmp(a->verdicts.at, b->verdicts.at, a->verdicts.count) != 0))
        abort();
    GH_VEC_FREE(&b->verdicts);
}

/* Nothing that was open closes, and routes are not touched. */
static void must_only_open(struct answers *before, struct answers *after)
{
    if (before->verdicts.count != after->verdicts.count)
        abort();
    for (size_t i = 0; i < before->verdicts.count; i++) {
        enum gh_verdict was = (enum gh_verdict)before->verdicts.at[i];
        enum gh_verdict is = (enum gh_verdict)after->verdicts.at[i];
        bool fine = is == was || (was == GH_DENY && is == GH_DEPENDS) ||
                    (was != GH_NOT_FOUND && is == GH_ALLOW);

        if (!fine || (was == GH_NOT_ENFORCED && is != was))
            abort();
    }
    GH_VEC_FREE(&before->verdicts);
}

#define MAX_CHANGES 40
#define SCOPES 24

static void build(struct world *w, struct input *in)
{
    for (int i = 0; i < MAX_CHANGES && in->at < in->end; i++) {
        unsigned op = take(in);
        size_t count;

        if (op % 8 == 7)
            drop(w, op / 8 % SCOPES);
        else
            write_object(w, in, 'X', op % SCOPES);
        /* Leaves something compiled, for the next change to make stale. */
        (void)gh_mesh_workloads(w->mesh, GH_SLICE("a"), &count);
        (void)gh_mesh_plan(w->mesh, GH_SLICE("a"));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, data + size};
    struct world w = {.store = gh_store_new(NULL)};
    struct answers before;
    struct answers after;

    w.mesh = gh_mesh_new(w.store);
    w.late = gh_mesh_new(w.store);
    gh_arena_init(&w.arena, 16u << 20);
    build(&w, &in);
    before = ask(&w, w.mesh);
    gh_mesh_sync(w.late);
    after = ask(&w, w.late);
    must_be_equal(&before, &after);
    write_object(&w, &in, 'Y', SCOPES);
    after = ask(&w, w.mesh);
    must_only_open(&before, &after);
    before = after;
    write_object(&w, &in, 'U', SCOPES + 1);
    after = ask(&w, w.mesh);
    must_be_equal(&before, &after);
    GH_VEC_FREE(&before.verdicts);
    gh_arena_fini(&w.arena);
    (void)gh_mesh_free(w.late);
    (void)gh_mesh_free(w.mesh);
    (void)gh_store_free(w.store);
    return 0;
}
