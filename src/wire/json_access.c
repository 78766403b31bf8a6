/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/json_internal.h"

/*
 * Asking a document: members, elements, strings, places, equality
 *
 * Everything walks the tape; an object has no index. Kubernetes objects have
 * few members at each level, and comparing a length and a 16-bit hash is
 * cheaper than any table would be to build.
 */

static const struct gh_json_node *node(struct gh_json v)
{
    return &v.doc->nodes[v.at];
}

struct gh_json gh_json_getn(struct gh_json object, struct gh_slice name)
{
    const struct gh_json_node *nodes;
    struct gh_json found = GH_JSON_NONE;
    uint16_t hash;
    uint32_t end;

    if (!gh_json_is(object, GH_JSON_OBJECT) || !name.ptr)
        return GH_JSON_NONE;
    nodes = object.doc->nodes;
    hash = gh_json_hash(name);
    end = nodes[object.at].next;
    for (uint32_t i = object.at + 1; i < end;
         i = gh_json_behind(nodes, i + 1)) {
        struct gh_json key = {object.doc, i};

        if (nodes[i].hash != hash || !gh_slice_eq(gh_json_str(key), name))
            continue;
        found = (struct gh_json){object.doc, i + 1};
        if (!(nodes[object.at].flags & GH_JSON_F_DUP))
            break;
    }
    return found;
}

struct gh_json gh_json_path(struct gh_json v, const char *path)
{
    struct gh_slice rest = gh_slice_str(path);
    struct gh_slice name;

    while (v.doc && gh_slice_cut(&rest, '/', &name))
        v = gh_json_getn(v, name);
    return v;
}

struct gh_json gh_json_at(struct gh_json array, size_t index)
{
    if (!gh_json_is(array, GH_JSON_ARRAY))
        return GH_JSON_NONE;
    for (struct gh_json_iter it = gh_json_iter(array); gh_json_next(&it);)
        if (index-- == 0)
            return it.value;
    return GH_JSON_NONE;
}

size_t gh_json_count(struct gh_json v)
{
    size_t count = 0;

    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);)
        count++;
    return count;
}

struct gh_json_iter gh_json_iter(struct gh_json v)
{
    if (gh_json_type(v) < GH_JSON_ARRAY)
        return (struct gh_json_iter){0};
    return (struct gh_json_iter){
        .next = v.at + 1,
        .end = node(v)->next,
        .doc = v.doc,
        .object = node(v)->type == GH_JSON_OBJECT,
    };
}

bool gh_json_next(struct gh_json_iter *it)
{
    if (it->next >= it->end)
        return false;
    if (it->object) {
        it->key = (struct gh_json){it->doc, it->next++};
        it->name = gh_json_str(it->key);
    }
    it->value = (struct gh_json){it->doc, it->next};
    it->next = gh_json_behind(it->doc->nodes, it->next);
    return true;
}

struct gh_slice gh_json_str(struct gh_json v)
{
    const struct gh_json_node *n;
    const char *text;
    uint32_t len;

    if (!gh_json_is(v, GH_JSON_STRING))
        return (struct gh_slice){NULL, 0};
    n = node(v);
    if (!(n->flags & GH_JSON_F_ESCAPED))
        return gh_slice_of(v.doc->src + n->off, n->len);
    text = v.doc->decoded + n->next;
    memcpy(&len, text - sizeof(len), sizeof(len));
    return gh_slice_of(text, len);
}

struct gh_slice gh_json_str_or(struct gh_json v, struct gh_slice otherwise)
{
    struct gh_slice text = gh_json_str(v);

    return text.ptr ? text : otherwise;
}

bool gh_json_str_is(struct gh_json v, const char *text)
{
    struct gh_slice s = gh_json_str(v);

    return s.ptr && gh_slice_is(s, text);
}

bool gh_json_true(struct gh_json v)
{
    return gh_json_is(v, GH_JSON_TRUE);
}

struct gh_slice gh_json_raw(struct gh_json v)
{
    const struct gh_json_node *n;

    if (!v.doc)
        return (struct gh_slice){NULL, 0};
    n = node(v);
    if (n->type == GH_JSON_STRING)
        return gh_slice_of(v.doc->src + n->off - 1, (size_t)n->len + 2);
    return gh_slice_of(v.doc->src + n->off, n->len);
}

struct gh_json_mark gh_json_mark(struct gh_json v)
{
    struct gh_json_mark mark = {1, 1};
    const char *line;
    const char *at;
    const char *newline;

    if (!v.doc)
        return (struct gh_json_mark){0, 0};
    if (v.doc->marks)
        return v.doc->marks[v.at];
    line = v.doc->src;
    at = gh_json_raw(v).ptr;
    while (line < at && (newline = memchr(line, '\n', (size_t)(at - line)))) {
        line = newline + 1;
        mark.line++;
    }
    mark.column = (uint32_t)(at - line) + 1;
    return mark;
}

const char *gh_json_type_name(enum gh_json_type type)
{
    switch (type) {
    case GH_JSON_MISSING:
        return "missing";
    case GH_JSON_NULL:
        return "null";
    case GH_JSON_FALSE:
    case GH_JSON_TRUE:
        return "boolean";
    case GH_JSON_NUMBER:
        return "number";
    case GH_JSON_STRING:
        return "string";
    case GH_JSON_ARRAY:
        return "array";
    case GH_JSON_OBJECT:
        return "object";
    }
    return "unknown";
}

static bool scalars_equal(struct gh_json a, struct gh_json b)
{
    if (gh_json_is(a, GH_JSON_STRING))
        return gh_slice_eq(gh_json_str(a), gh_json_str(b));
    if (gh_json_is(a, GH_JSON_NUMBER))
        return gh_json_number_equal(a, b);
    return true;
}

/* Every member of @a in @b, most likely in the same order. */
static bool members_in(struct gh_json a, struct gh_json b,
                       const struct gh_json_index *in_a,
                       const struct gh_json_index *in_b)
{
    bool plain = !((node(a)->flags | node(b)->flags) & GH_JSON_F_DUP);
    struct gh_json_iter other = gh_json_iter(b);

    for (struct gh_json_iter it = gh_json_iter(a); gh_json_next(&it);) {
        bool same_place =
            gh_json_next(&other) && plain && gh_slice_eq(it.name, other.name);
        struct gh_json x = plain ? it.value : gh_json_find(in_a, it.name);
        struct gh_json y =
            same_place ? other.value : gh_json_find(in_b, it.name);

        if (!gh_json_equal(x, y))
            return false;
    }
    return true;
}

/* Every name of @v in the other object. */
static bool names_in(struct gh_json v, const struct gh_json_index *other)
{
    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);)
        if (!gh_json_find(other, it.name).doc)
            return false;
    return true;
}

static bool objects_equal(struct gh_json a, struct gh_json b)
{
    struct gh_json_index in_a;
    struct gh_json_index in_b;
    bool equal;

    gh_json_index_init(&in_a, a);
    gh_json_index_init(&in_b, b);
    equal = members_in(a, b, &in_a, &in_b) && names_in(b, &in_a);
    gh_json_index_fini(&in_a);
    gh_json_index_fini(&in_b);
    return equal;
}

static bool arrays_equal(struct gh_json a, struct gh_json b)
{
    struct gh_json_iter x = gh_json_iter(a);
    struct gh_json_iter y = gh_json_iter(b);

    while (gh_json_next(&x))
        if (!gh_json_next(&y) || !gh_json_equal(x.value, y.value))
            return false;
    return !gh_json_next(&y);
}

/* As deep as the parser's limit. */
bool gh_json_equal(struct gh_json a, struct gh_json b)
{
    if (gh_json_type(a) != gh_json_type(b))
        return false;
    if (gh_json_is(a, GH_JSON_ARRAY))
        return arrays_equal(a, b);
    if (gh_json_is(a, GH_JSON_OBJECT))
        return objects_equal(a, b);
    return scalars_equal(a, b);
}
