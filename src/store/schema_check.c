/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The API server's order
 *
 * Metadata and unknown fields first, on what was given; then defaults; then
 * types and limits, metadata's grammar, list types; and the rules in CEL, if
 * none of what was found would make them stumble.
 */

#include "store/schema_internal.h"
#include "wire/json_repeat.h"

static void repeated_names(struct gh_schema_check *c, struct gh_json object)
{
    struct gh_json name;

    if (!object.doc || !object.doc->has_duplicates || c->lenient)
        return;
    name = gh_json_find_repeated(object.doc);
    if (gh_json_is(name, GH_JSON_MISSING))
        return;
    gh_schema_report(c, NULL, GH_SCHEMA_MALFORMED,
                     "the name \"%.*s\" occurs twice in one object",
                     GH_FMT(gh_json_str(name)));
    if (gh_schema_last(c))
        gh_schema_last(c)->at = name;
}

static void check(struct gh_schema_check *c)
{
    const struct gh_schema_node *root = c->schema->root;

    gh_schema_value(c, root, c->object, NULL);
    gh_schema_meta_check(c, gh_json_get(c->object, "metadata"), NULL);
    gh_schema_lists(c, root, c->object, NULL);
    if (!c->blocked)
        gh_schema_rules(c, root, c->object, NULL);
}

enum gh_rc gh_schema_check(const struct gh_schema *s, struct gh_json object,
                           const struct gh_schema_options *opt,
                           struct gh_arena *arena, struct gh_schema_result *ret)
{
    struct gh_schema_check c = {
        .schema = s,
        .arena = arena,
        .given = object,
        .lenient = opt && opt->lenient,
        .run = {.arena = arena, .budget = GH_CEL_OBJECT_COST},
    };
    enum gh_rc rc;

    c.run.regex = &c.regex;
    repeated_names(&c, object);
    gh_schema_meta_decode(&c, gh_json_get(object, "metadata"));
    gh_schema_prune(&c, object);
    rc = gh_schema_rewrite(&c, object);
    if (rc == GH_OK)
        check(&c);
    gh_re2_scratch_fini(&c.regex);
    if (rc != GH_OK || c.out_of_memory)
        return GH_ETOOBIG;
    *ret = (struct gh_schema_result){
        .object = c.object,
        .at = c.at,
        .count = c.count,
        .total = c.total,
        .rules_skipped = c.blocked && s->root->flags & GH_SCHEMA_F_RULES,
    };
    return GH_OK;
}

int gh_schema_status(const struct gh_schema_result *r)
{
    if (r->total == 0)
        return 201;
    /* What is malformed or unknown comes first. */
    return r->count > 0 && r->at[0].reason <= GH_SCHEMA_UNKNOWN ? 400 : 422;
}

enum gh_rc gh_schema_default(const struct gh_schema *s, struct gh_json object,
                             struct gh_arena *arena, struct gh_json *ret)
{
    struct gh_schema_check c = {
        .schema = s, .arena = arena, .given = object, .lenient = true};
    enum gh_rc rc;

    gh_schema_prune(&c, object);
    rc = gh_schema_rewrite(&c, object);
    if (rc == GH_OK)
        *ret = c.object;
    return rc;
}
