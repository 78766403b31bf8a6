/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>

#include "mesh/net.h"
#include "mesh/selector.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * {"selector": ..., "labels": ..., "networks": ...}. Labels that a selector
 * names as its own must match it; a rule holds what its block holds, less what
 * it excepts, and a cover of everything leaves no address out.
 */
static void selector_of(struct gh_json root, struct gh_arena *a)
{
    struct gh_labels labels =
        gh_labels_from_json(gh_json_get(root, "labels"), a);
    struct gh_json wanted = gh_json_path(root, "selector/matchLabels");
    struct gh_selector s;
    bool exact = true;

    if (!gh_selector_from_json(gh_json_get(root, "selector"), a, &s))
        return;
    for (struct gh_json_iter it = gh_json_iter(wanted); gh_json_next(&it);) {
        struct gh_slice got = gh_labels_get(labels, it.name);

        exact &= got.ptr && gh_slice_eq(got, gh_json_str(it.value));
    }
    if (gh_selector_matches(&s, labels) && !exact)
        abort();
}

static void nets_of(struct gh_json root, struct gh_arena *a)
{
    static const struct gh_ip probes[] = {
        {0, false}, {0x7f000001, false}, {0xffffffff, false},
        {0, true},  {1, true},           {~(unsigned __int128)0, true},
    };
    struct gh_nets nets;
    struct gh_slice bad;
    struct gh_cover c;
    bool all;

    if (!gh_nets_from_json(gh_json_get(root, "networks"), a, &nets, &bad))
        return;
    gh_cover_init(&c, a);
    gh_cover_add(&c, nets);
    all = gh_cover_is_all(&c);
    for (size_t i = 0; i < GH_COUNT(probes); i++) {
        bool in = gh_nets_have(nets, probes[i]);

        if ((all && !in) || (gh_cover_is_none(&c) && in))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gh_json_doc doc;
    struct gh_arena a;

    gh_arena_init(&a, 4u << 20);
    if (gh_json_parse(gh_slice_of((const char *)data, size), &a, NULL, &doc,
                      NULL) == GH_OK) {
        selector_of(gh_json_root(&doc), &a);
        nets_of(gh_json_root(&doc), &a);
    }
    gh_arena_fini(&a);
    return 0;
}
