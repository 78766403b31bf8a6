/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>

#include "mesh/cases.h"
#include "wire/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * Expectations as anyone may write them, against a small mesh. A case is
 * judged, with a verdict and a reason, or refused, with a text and a place.
 */

static const char mesh[] =
    "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"namespace\":"
    "\"a\",\"name\":\"w\",\"labels\":{\"app\":\"w\"}},\"spec\":{\"containers\":"
    "[{\"name\":\"linkerd-proxy\"},{\"name\":\"c\",\"ports\":[{\"name\":"
    "\"http\",\"containerPort\":80}]}]},\"status\":{\"podIP\":\"10.0.0.1\"}}\n"
    "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"namespace\":"
    "\"a\",\"name\":\"w\"},\"spec\":{\"selector\":{\"app\":\"w\"},\"ports\":[{"
    "\"name\":\"front\",\"port\":8080,\"targetPort\":\"http\"}]}}\n"
    "{\"apiVersion\":\"policy.linkerd.io/v1beta3\",\"kind\":\"Server\","
    "\"metadata\":{\"namespace\":\"a\",\"name\":\"w\"},\"spec\":{"
    "\"podSelector\":{},\"port\":\"http\",\"accessPolicy\":"
    "\"cluster-unauthenticated\"}}\n"
    "{\"apiVersion\":\"policy.linkerd.io/v1beta3\",\"kind\":\"HTTPRoute\","
    "\"metadata\":{\"namespace\":\"a\",\"name\":\"r\"},\"spec\":{"
    "\"parentRefs\":[{\"kind\":\"Server\",\"name\":\"w\"}],\"rules\":[{"
    "\"matches\":[{\"path\":{\"value\":\"/a\"}},{\"headers\":[{\"name\":"
    "\"x-a\",\"type\":\"RegularExpression\",\"value\":\"(a|b)+c\"}]}]}]}}\n";

static void load(struct gh_store *s)
{
    struct gh_txn *t = gh_store_begin(s, GH_SLICE("fuzz"), 0);
    struct gh_slice rest = gh_slice_str(mesh);
    struct gh_arena arena;
    struct gh_slice line;

    gh_arena_init(&arena, 1u << 20);
    gh_txn_scope(t, GH_SLICE("mesh"));
    while (gh_slice_cut(&rest, '\n', &line)) {
        struct gh_json_doc doc;
        struct gh_err err;

        if (line.len > 0 &&
            (gh_json_parse(line, &arena, NULL, &doc, &err) != GH_OK ||
             gh_txn_put(t, gh_json_root(&doc), 0, 0, &err) != GH_OK))
            abort();
    }
    gh_txn_commit(t, NULL);
    gh_arena_fini(&arena);
}

static void judge(struct gh_mesh *m, struct gh_json value)
{
    struct gh_case_result res;
    struct gh_arena arena;
    struct gh_err err;

    gh_arena_init(&arena, 4u << 20);
    if (gh_case_run(m, value, &arena, &res, &err)) {
        if (res.got[0] == '\0' || !res.reason.ptr ||
            (res.passed && !gh_slice_is(res.expect, res.got)))
            abort();
    } else if (err.text[0] == '\0' || err.line == 0) {
        abort();
    }
    gh_arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct gh_yaml_options opt = {.max_bytes = 1u << 16};
    struct gh_store *store = gh_store_new(NULL);
    struct gh_mesh *m = gh_mesh_new(store);
    struct gh_yaml *y =
        gh_yaml_new(gh_slice_of((const char *)data, size), &opt);
    struct gh_arena arena;
    struct gh_json_doc doc;
    struct gh_err err;

    load(store);
    gh_mesh_sync(m);
    gh_arena_init(&arena, 4u << 20);
    for (int i = 0; i < 16; i++) {
        gh_arena_reset(&arena);
        if (gh_yaml_next(y, &arena, &doc, &err) != GH_OK)
            break;
        judge(m, gh_json_root(&doc));
    }
    gh_arena_fini(&arena);
    (void)gh_yaml_free(y);
    (void)gh_mesh_free(m);
    (void)gh_store_free(store);
    return 0;
}
