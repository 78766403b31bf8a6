/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A CRD's openAPIV3Schema to nodes
 *
 * A table of keywords says what each is read by. What Kubernetes lets stand in
 * a schema without any effect on objects (description, title, example) is
 * passed over, and so is a keyword that is not known: a newer API server may
 * have taken it. What a structural schema may not contain ($ref, definitions)
 * is a fault.
 */

#include "store/schema_internal.h"

struct keyword {
    const char *name;
    bool (*read)(struct gh_schema_builder *b, struct gh_schema_node *n,
                 struct gh_json v, size_t offset);
    size_t offset; /* of the member of struct gh_schema_node, or a flag */
};

static bool fault(struct gh_schema_builder *b, const char *what)
{
    gh_err_set(b->err, "%s", what);
    return false;
}

static void *at(struct gh_schema_node *n, size_t offset)
{
    return (char *)n + offset;
}

static bool read_type(struct gh_schema_builder *b, struct gh_schema_node *n,
                      struct gh_json v, size_t offset)
{
    static const struct {
        const char *name;
        uint8_t type;
    } rows[] = {
        {"object", GH_SCHEMA_T_OBJECT}, {"array", GH_SCHEMA_T_ARRAY},
        {"string", GH_SCHEMA_T_STRING}, {"integer", GH_SCHEMA_T_INTEGER},
        {"number", GH_SCHEMA_T_NUMBER}, {"boolean", GH_SCHEMA_T_BOOLEAN},
    };

    (void)offset;
    if (gh_json_str_is(v, ""))
        return true;
    for (size_t i = 0; i < GH_COUNT(rows); i++)
        if (gh_json_str_is(v, rows[i].name)) {
            n->types = rows[i].type;
            return true;
        }
    return fault(b, "must be object, array, string, integer, number or "
                    "boolean");
}

static bool read_format(struct gh_schema_builder *b, struct gh_schema_node *n,
                        struct gh_json v, size_t offset)
{
    (void)b;
    (void)offset;
    n->format = (uint8_t)gh_schema_format_of(gh_json_str(v));
    return true;
}

static bool read_pattern(struct gh_schema_builder *b, struct gh_schema_node *n,
                         struct gh_json v, size_t offset)
{
    struct gh_slice text = gh_json_str(v);

    (void)offset;
    if (!text.ptr)
        return fault(b, "must be a string");
    return text.len == 0 || gh_schema_node_pattern(b, n, text);
}

static bool read_count(struct gh_schema_builder *b, struct gh_schema_node *n,
                       struct gh_json v, size_t offset)
{
    int64_t i;

    if (!gh_json_i64(v, &i))
        return fault(b, "must be an integer");
    *(uint32_t *)at(n, offset) = i < 0             ? 0
                                 : i >= UINT32_MAX ? UINT32_MAX - 1
                                                   : (uint32_t)i;
    return true;
}

static bool read_number(struct gh_schema_builder *b, struct gh_schema_node *n,
                        struct gh_json v, size_t offset)
{
    double d;

    if (!gh_json_f64(v, &d))
        return fault(b, "must be a number");
    *(double *)at(n, offset) = d;
    if (offset == offsetof(struct gh_schema_node, minimum))
        n->flags |= GH_SCHEMA_F_MINIMUM;
    else if (offset == offsetof(struct gh_schema_node, maximum))
        n->flags |= GH_SCHEMA_F_MAXIMUM;
    else
        n->flags |= GH_SCHEMA_F_MULTIPLE;
    return true;
}

static bool read_flag(struct gh_schema_builder *b, struct gh_schema_node *n,
                      struct gh_json v, size_t offset)
{
    if (!gh_json_true(v) && !gh_json_is(v, GH_JSON_FALSE))
        return fault(b, "must be true or false");
    if (gh_json_true(v))
        n->flags |= (uint16_t)offset;
    return true;
}

static bool read_default(struct gh_schema_builder *b, struct gh_schema_node *n,
                         struct gh_json v, size_t offset)
{
    (void)offset;
    n->otherwise = gh_schema_copy(b, v);
    return n->otherwise.doc != NULL;
}

static bool read_enum(struct gh_schema_builder *b, struct gh_schema_node *n,
                      struct gh_json v, size_t offset)
{
    size_t count = gh_json_count(v);
    struct gh_json *list = GH_ARENA_ARRAY(b->arena, struct gh_json, count);

    (void)offset;
    if (!gh_json_is(v, GH_JSON_ARRAY) || !list)
        return fault(b, "must be a list");
    v = gh_schema_copy(b, v);
    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);)
        list[n->enum_count++] = it.value;
    n->enums = list;
    return v.doc != NULL;
}

static bool names(struct gh_schema_builder *b, struct gh_json v,
                  const struct gh_slice **ret, size_t *ret_count)
{
    size_t count = gh_json_count(v);
    struct gh_slice *list = GH_ARENA_ARRAY(b->arena, struct gh_slice, count);

    *ret_count = 0;
    if (!gh_json_is(v, GH_JSON_ARRAY) || !list)
        return fault(b, "must be a list of names");
    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);) {
        struct gh_slice s = gh_json_str(it.value);

        if (!s.ptr)
            return fault(b, "must be a list of names");
        list[*ret_count] = gh_arena_dup(b->arena, s);
        if (!list[*ret_count].ptr)
            return fault(b, "the schema is too large");
        ++*ret_count;
    }
    *ret = list;
    return true;
}

static bool read_required(struct gh_schema_builder *b, struct gh_schema_node *n,
                          struct gh_json v, size_t offset)
{
    (void)offset;
    return names(b, v, &n->required, &n->required_count);
}

static bool read_keys(struct gh_schema_builder *b, struct gh_schema_node *n,
                      struct gh_json v, size_t offset)
{
    (void)offset;
    return names(b, v, &n->keys, &n->key_count);
}

static bool read_list_type(struct gh_schema_builder *b,
                           struct gh_schema_node *n, struct gh_json v,
                           size_t offset)
{
    (void)offset;
    if (gh_json_str_is(v, "set"))
        n->order = GH_CEL_SET;
    else if (gh_json_str_is(v, "map"))
        n->order = GH_CEL_KEYED;
    else if (!gh_json_str_is(v, "atomic"))
        return fault(b, "must be atomic, set or map");
    return true;
}

static bool read_child(struct gh_schema_builder *b, struct gh_schema_node *n,
                       struct gh_json v, size_t offset)
{
    const struct gh_schema_node *child = gh_schema_from_openapi(b, v);

    *(const struct gh_schema_node **)at(n, offset) = child;
    return child != NULL;
}

static bool read_additional(struct gh_schema_builder *b,
                            struct gh_schema_node *n, struct gh_json v,
                            size_t offset)
{
    if (gh_json_is(v, GH_JSON_FALSE))
        return true; /* as if it were not there: what is unknown goes */
    if (gh_json_true(v)) {
        n->flags |= GH_SCHEMA_F_ADDITIONAL;
        return true;
    }
    return read_child(b, n, v, offset);
}

static bool read_children(struct gh_schema_builder *b, struct gh_schema_node *n,
                          struct gh_json v, size_t offset)
{
    struct gh_schema_nodes *to = at(n, offset);
    size_t count = gh_json_count(v);
    const struct gh_schema_node **list =
        GH_ARENA_ARRAY(b->arena, const struct gh_schema_node *, count);

    if (!gh_json_is(v, GH_JSON_ARRAY) || !list)
        return fault(b, "must be a list");
    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);) {
        list[to->count] = gh_schema_from_openapi(b, it.value);
        if (!list[to->count]) {
            gh_err_prefix(b->err, "[%zu]", to->count);
            return false;
        }
        to->count++;
    }
    to->at = list;
    return true;
}

static bool read_properties(struct gh_schema_builder *b,
                            struct gh_schema_node *n, struct gh_json v,
                            size_t offset)
{
    size_t count = gh_json_count(v);
    struct gh_schema_prop *list =
        GH_ARENA_ARRAY(b->arena, struct gh_schema_prop, count);

    (void)offset;
    if (!gh_json_is(v, GH_JSON_OBJECT) || !list)
        return fault(b, "must be an object");
    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);) {
        struct gh_schema_prop *p = &list[n->prop_count];

        p->name = gh_arena_dup(b->arena, it.name);
        p->node = gh_schema_from_openapi(b, it.value);
        if (!p->node || !p->name.ptr) {
            gh_err_prefix(b->err, "%.*s", GH_FMT(it.name));
            return false;
        }
        n->prop_count++;
    }
    n->props = list;
    return true;
}

static struct gh_slice owned(struct gh_schema_builder *b, struct gh_json v)
{
    struct gh_slice s = gh_json_str(v);

    return s.ptr ? gh_arena_dup(b->arena, s) : s;
}

static enum gh_schema_reason reason_of(struct gh_json v)
{
    if (gh_json_str_is(v, "FieldValueRequired"))
        return GH_SCHEMA_REQUIRED;
    if (gh_json_str_is(v, "FieldValueForbidden"))
        return GH_SCHEMA_FORBIDDEN;
    if (gh_json_str_is(v, "FieldValueDuplicate"))
        return GH_SCHEMA_DUPLICATE;
    return GH_SCHEMA_INVALID;
}

static bool read_rules(struct gh_schema_builder *b, struct gh_schema_node *n,
                       struct gh_json v, size_t offset)
{
    size_t count = gh_json_count(v);

    (void)offset;
    n->rules = GH_ARENA_ARRAY(b->arena, struct gh_schema_rule, count);
    if (!gh_json_is(v, GH_JSON_ARRAY) || !n->rules)
        return fault(b, "must be a list");
    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);) {
        struct gh_schema_rule *r = &n->rules[n->rule_count++];

        r->text = owned(b, gh_json_get(it.value, "rule"));
        r->message = owned(b, gh_json_get(it.value, "message"));
        r->field = owned(b, gh_json_get(it.value, "fieldPath"));
        r->tell_text = owned(b, gh_json_get(it.value, "messageExpression"));
        r->reason = reason_of(gh_json_get(it.value, "reason"));
        r->optional_old =
            gh_json_true(gh_json_get(it.value, "optionalOldSelf"));
        if (!r->text.ptr)
            return fault(b, "a rule without text");
    }
    return true;
}

static bool read_forbidden(struct gh_schema_builder *b,
                           struct gh_schema_node *n, struct gh_json v,
                           size_t offset)
{
    (void)n;
    (void)v;
    (void)offset;
    return fault(b, "not allowed in a structural schema");
}

#define MEMBER(name) offsetof(struct gh_schema_node, name)

static const struct keyword keywords[] = {
    {"type", read_type, 0},
    {"properties", read_properties, 0},
    {"required", read_required, 0},
    {"items", read_child, MEMBER(items)},
    {"pattern", read_pattern, 0},
    {"format", read_format, 0},
    {"minLength", read_count, MEMBER(min_length)},
    {"maxLength", read_count, MEMBER(max_length)},
    {"minItems", read_count, MEMBER(min_items)},
    {"maxItems", read_count, MEMBER(max_items)},
    {"minProperties", read_count, MEMBER(min_props)},
    {"maxProperties", read_count, MEMBER(max_props)},
    {"minimum", read_number, MEMBER(minimum)},
    {"maximum", read_number, MEMBER(maximum)},
    {"multipleOf", read_number, MEMBER(multiple)},
    {"exclusiveMinimum", read_flag, GH_SCHEMA_F_ABOVE},
    {"exclusiveMaximum", read_flag, GH_SCHEMA_F_BELOW},
    {"default", read_default, 0},
    {"enum", read_enum, 0},
    {"nullable", read_flag, GH_SCHEMA_F_NULLABLE},
    {"additionalProperties", read_additional, MEMBER(additional)},
    {"allOf", read_children, MEMBER(all_of)},
    {"anyOf", read_children, MEMBER(any_of)},
    {"oneOf", read_children, MEMBER(one_of)},
    {"not", read_child, MEMBER(not )},
    {"x-kubernetes-preserve-unknown-fields", read_flag, GH_SCHEMA_F_PRESERVE},
    {"x-kubernetes-int-or-string", read_flag, GH_SCHEMA_F_INT_OR_STRING},
    {"x-kubernetes-embedded-resource", read_flag, GH_SCHEMA_F_EMBEDDED},
    {"x-kubernetes-list-type", read_list_type, 0},
    {"x-kubernetes-list-map-keys", read_keys, 0},
    {"x-kubernetes-validations", read_rules, 0},
    {"$ref", read_forbidden, 0},
    {"definitions", read_forbidden, 0},
    {"dependencies", read_forbidden, 0},
    {"patternProperties", read_forbidden, 0},
    {"additionalItems", read_forbidden, 0},
};

static bool read_keyword(struct gh_schema_builder *b, struct gh_schema_node *n,
                         struct gh_slice name, struct gh_json v)
{
    for (size_t i = 0; i < GH_COUNT(keywords); i++) {
        if (!gh_slice_is(name, keywords[i].name))
            continue;
        if (!gh_json_given(v) &&
            keywords[i].read != read_default) /* null: not given */
            return true;
        if (keywords[i].read(b, n, v, keywords[i].offset))
            return true;
        gh_err_prefix(b->err, "%s", keywords[i].name);
        return false;
    }
    return true;
}

struct gh_schema_node *gh_schema_from_openapi(struct gh_schema_builder *b,
                                              struct gh_json v)
{
    struct gh_schema_node *n;

    if (!gh_json_is(v, GH_JSON_OBJECT)) {
        fault(b, "a schema must be an object");
        return NULL;
    }
    if (b->nesting >= 2 * GH_SCHEMA_MAX_DEPTH) {
        fault(b, "the schema is nested too deeply");
        return NULL;
    }
    n = gh_schema_node_new(b);
    b->nesting++;
    for (struct gh_json_iter it = gh_json_iter(v); n && gh_json_next(&it);)
        if (!read_keyword(b, n, it.name, it.value))
            n = NULL;
    b->nesting--;
    if (!n)
        return NULL;
    if (n->flags & GH_SCHEMA_F_INT_OR_STRING)
        n->types = GH_SCHEMA_T_INTEGER | GH_SCHEMA_T_STRING;
    return gh_schema_node_finish(b, n) ? n : NULL;
}

const struct gh_schema *gh_schema_compile(struct gh_json openapi,
                                          struct gh_arena *arena,
                                          struct gh_err *err)
{
    struct gh_schema *s = GH_ARENA_NEW(arena, struct gh_schema);
    const struct gh_schema_node *root;
    struct gh_schema_builder b;
    struct gh_err unused;
    bool ok;

    gh_schema_builder_init(&b, arena, err ? err : &unused);
    gh_err_set(b.err, "the schema is too large");
    root = s ? gh_schema_from_openapi(&b, openapi) : NULL;
    ok = root && gh_schema_finish(&b, root, s);
    gh_schema_builder_fini(&b);
    return ok ? s : NULL;
}
