/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a check costs: built-in schemas, objects as they come
 */

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "store/schema.h"

#define ROUNDS 100000

static const struct {
    const char *name;
    const char *json;
} objects[] = {
    {"AuthorizationPolicy",
     "{\"apiVersion\":\"policy.linkerd.io/v1alpha1\",\"kind\":"
     "\"AuthorizationPolicy\",\"metadata\":{\"name\":\"web\",\"namespace\":"
     "\"shop\",\"labels\":{\"app\":\"web\"}},\"spec\":{\"targetRef\":{"
     "\"group\":\"policy.linkerd.io\",\"kind\":\"Server\",\"name\":\"web-"
     "http\"}"
     ",\"requiredAuthenticationRefs\":[{\"group\":\"policy.linkerd.io\","
     "\"kind\":\"MeshTLSAuthentication\",\"name\":\"web-clients\"}]}}"},
    {"Server (one default)",
     "{\"apiVersion\":\"policy.linkerd.io/v1beta3\",\"kind\":\"Server\","
     "\"metadata\":{\"name\":\"web\",\"namespace\":\"shop\"},\"spec\":{"
     "\"podSelector\":{\"matchLabels\":{\"app\":\"web\"}},\"port\":\"http\","
     "\"proxyProtocol\":\"HTTP/2\"}}"},
    {"HTTPRoute (Gateway, rules in CEL)",
     "{\"apiVersion\":\"gateway.networking.k8s.io/v1\",\"kind\":\"HTTPRoute\","
     "\"metadata\":{\"name\":\"web\",\"namespace\":\"shop\"},\"spec\":{"
     "\"parentRefs\":[{\"group\":\"policy.linkerd.io\",\"kind\":\"Server\","
     "\"name\":\"web\"}],\"rules\":[{\"matches\":[{\"path\":{\"type\":"
     "\"PathPrefix\",\"value\":\"/api\"},\"method\":\"GET\"}],\"backendRefs\":"
     "[{\"name\":\"web\",\"port\":80}]}]}}"},
};

static double now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void measure(struct gh_schemas *s, size_t row)
{
    struct gh_arena arena, work;
    const struct gh_schema *schema;
    struct gh_schema_result r;
    struct gh_json_doc doc;
    double from;
    size_t bad = 0;

    gh_arena_init(&arena, 1 << 20);
    gh_arena_init(&work, 16 << 20);
    if (gh_json_parse(gh_slice_str(objects[row].json), &arena, NULL, &doc,
                      NULL) != GH_OK)
        return;
    schema = gh_schemas_of(s, gh_json_root(&doc));
    from = now_us();
    for (size_t i = 0; i < ROUNDS; i++) {
        gh_arena_reset(&work);
        bad += gh_schema_check(schema, gh_json_root(&doc), NULL, &work, &r) !=
                   GH_OK ||
               r.total > 0;
    }
    printf("%-36s %6.2f us%s\n", objects[row].name, (now_us() - from) / ROUNDS,
           bad ? " (refused!)" : "");
    gh_arena_fini(&work);
    gh_arena_fini(&arena);
}

int main(void)
{
    struct gh_schemas *s = gh_schemas_new();

    for (size_t i = 0; i < GH_COUNT(objects); i++)
        measure(s, i);
    gh_schemas_free(s);
    return 0;
}
