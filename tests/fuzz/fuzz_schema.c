/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any schema, any object: no crash, no hang, and what holds of all
 *
 * The first line is a schema, or the name of a built-in kind ("= group version
 * kind"); the rest is an object. Defaults filled in twice are defaults filled
 * in once, and an object without violations stays so when it is stored.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "store/schema.h"

static const struct gh_schema *named(struct gh_schemas *s, struct gh_slice line)
{
    struct gh_slice group, version, kind;

    line = gh_slice_trim(gh_slice_drop(line, 1));
    if (!gh_slice_cut(&line, ' ', &group) ||
        !gh_slice_cut(&line, ' ', &version) || !gh_slice_cut(&line, ' ', &kind))
        return NULL;
    return gh_schemas_find(s, group, version, kind);
}

static const struct gh_schema *compiled(struct gh_slice line,
                                        struct gh_arena *arena)
{
    struct gh_json_doc *doc = GH_ARENA_NEW(arena, struct gh_json_doc);
    const struct gh_schema *s;
    struct gh_err err;

    if (!doc || gh_json_parse(line, arena, NULL, doc, NULL) != GH_OK)
        return NULL;
    gh_err_set(&err, "%s", "");
    s = gh_schema_compile(gh_json_root(doc), arena, &err);
    if (!s && err.text[0] == '\0')
        abort();
    return s;
}

static void check(const struct gh_schema *s, struct gh_json object,
                  struct gh_arena *arena)
{
    struct gh_schema_result once, twice;
    struct gh_json stored, again;

    if (gh_schema_check(s, object, NULL, arena, &once) != GH_OK)
        return;
    if (once.count > once.total || once.count > GH_SCHEMA_MAX_VIOLATIONS)
        abort();
    for (size_t i = 0; i < once.count; i++)
        if (!once.at[i].field.ptr || once.at[i].message.len == 0)
            abort();
    if (gh_schema_default(s, object, arena, &stored) != GH_OK ||
        gh_schema_default(s, stored, arena, &again) != GH_OK)
        return;
    if (!gh_json_equal(stored, again))
        abort();
    if (once.total == 0 &&
        gh_schema_check(s, stored, NULL, arena, &twice) == GH_OK &&
        twice.total > 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gh_slice text = gh_slice_of((const char *)data, size);
    size_t split = gh_slice_find(text, '\n');
    struct gh_slice line = gh_slice_head(text, split);
    struct gh_schemas *s = gh_schemas_new();
    const struct gh_schema *schema;
    struct gh_json_options opt = {.duplicates = GH_JSON_DUP_LAST};
    struct gh_json_doc doc;
    struct gh_arena arena;

    gh_arena_init(&arena, 32u << 20);
    schema = line.len > 0 && line.ptr[0] == '=' ? named(s, line)
                                                : compiled(line, &arena);
    if (schema && split < size &&
        gh_json_parse(gh_slice_drop(text, split + 1), &arena, &opt, &doc,
                      NULL) == GH_OK)
        check(schema, gh_json_root(&doc), &arena);
    gh_arena_fini(&arena);
    gh_schemas_free(s);
    return 0;
}
