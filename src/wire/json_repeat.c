/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/json_repeat.h"

#include "base/map.h"

static struct gh_json find_in(struct gh_json object)
{
    struct gh_json found = GH_JSON_NONE;
    struct gh_map seen;

    gh_map_init(&seen);
    for (struct gh_json_iter it = gh_json_iter(object);
         !found.doc && gh_json_next(&it);)
        if (gh_map_put(&seen, it.name, &seen))
            found = it.key;
    gh_map_fini(&seen);
    return found;
}

struct gh_json gh_json_find_repeated(const struct gh_json_doc *doc)
{
    if (doc->has_duplicates)
        for (uint32_t i = 0; i < doc->count; i++)
            if (doc->nodes[i].type == GH_JSON_OBJECT &&
                (doc->nodes[i].flags & GH_JSON_F_DUP))
                return find_in((struct gh_json){doc, i});
    return GH_JSON_NONE;
}
