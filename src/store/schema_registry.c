/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Group, version and kind to a schema
 *
 * A CRD owns an arena with the schemas of its served versions, so replacing it
 * frees the former ones. What is built in is one table, compiled version by
 * version when asked for, and hidden while a CRD defines the same kind.
 */

#include <assert.h>

#include "base/mem.h"
#include "store/schema_internal.h"

#define CRD_BYTES (64u << 20)
#define BUILT_IN_BYTES (64u << 20)
#define MAX_VERSIONS 64

struct version {
    struct gh_slice name;
    const struct gh_schema *schema;
};

struct crd {
    struct crd *next;
    struct gh_arena arena;
    struct gh_slice group, kind;
    struct version *versions;
    size_t count;
};

/* A built-in version that was asked for. */
struct known {
    const struct gh_notation_kind *kind;
    const struct gh_schema *schema;
};

struct gh_schemas {
    struct crd *crds;
    struct gh_arena arena; /* of what is built in */
    struct gh_notation *notation;
    GH_VEC(struct known) known;
};

struct gh_schemas *gh_schemas_new(void)
{
    struct gh_schemas *s = GH_XNEW(struct gh_schemas);
    struct gh_err err;

    gh_arena_init(&s->arena, BUILT_IN_BYTES);
    s->notation = gh_notation_open(
        gh_slice_of(gh_schema_kinds, gh_schema_kinds_len), &s->arena, &err);
    assert(s->notation); /* a table of our own */
    return s;
}

static struct crd *crd_free(struct crd *c)
{
    struct crd *next = c->next;

    gh_arena_fini(&c->arena);
    gh_free(c);
    return next;
}

struct gh_schemas *gh_schemas_free(struct gh_schemas *s)
{
    if (!s)
        return NULL;
    while (s->crds)
        s->crds = crd_free(s->crds);
    gh_notation_close(s->notation);
    GH_VEC_FREE(&s->known);
    gh_arena_fini(&s->arena);
    gh_free(s);
    return NULL;
}

/* --- CRDs ---------------------------------------------------------------- */

static struct crd *find_crd(const struct gh_schemas *s, struct gh_slice group,
                            struct gh_slice kind)
{
    struct crd *c = s->crds;

    while (c && !(gh_slice_eq(c->group, group) && gh_slice_eq(c->kind, kind)))
        c = c->next;
    return c;
}

void gh_schemas_drop_crd(struct gh_schemas *s, struct gh_slice group,
                         struct gh_slice kind)
{
    struct crd **at = &s->crds;

    while (*at && !(gh_slice_eq((*at)->group, group) &&
                    gh_slice_eq((*at)->kind, kind)))
        at = &(*at)->next;
    if (*at)
        *at = crd_free(*at);
}

static bool add_version(struct crd *c, struct gh_json v, struct gh_err *err)
{
    struct gh_json openapi = gh_json_path(v, "schema/openAPIV3Schema");
    struct gh_slice name = gh_json_str(gh_json_get(v, "name"));
    const struct gh_schema *schema;

    if (!name.ptr) {
        gh_err_set(err, "a version without a name");
        return false;
    }
    if (!gh_json_true(gh_json_get(v, "served")))
        return true;
    if (!gh_json_is(openapi, GH_JSON_OBJECT)) {
        gh_err_set(err, "version %.*s has no schema", GH_FMT(name));
        return false;
    }
    schema = gh_schema_compile(openapi, &c->arena, err);
    if (!schema) {
        gh_err_prefix(err, "version %.*s", GH_FMT(name));
        return false;
    }
    if (gh_json_given(gh_json_path(v, "subresources/status")))
        ((struct gh_schema *)(uintptr_t)schema)->has_status = true;
    c->versions[c->count++] = (struct version){
        .name = gh_arena_dup(&c->arena, name),
        .schema = schema,
    };
    return true;
}

static bool read_crd(struct crd *c, struct gh_json crd, struct gh_err *err)
{
    struct gh_json spec = gh_json_get(crd, "spec");
    struct gh_slice group = gh_json_str(gh_json_get(spec, "group"));
    struct gh_slice kind = gh_json_str(gh_json_path(spec, "names/kind"));
    struct gh_json versions = gh_json_get(spec, "versions");
    size_t count = gh_json_count(versions);

    if (!gh_json_str_is(gh_json_get(crd, "kind"), "CustomResourceDefinition") ||
        !group.ptr || !kind.ptr || !gh_json_is(versions, GH_JSON_ARRAY) ||
        count > MAX_VERSIONS) {
        gh_err_set(err,
                   "not a CustomResourceDefinition with spec.group, "
                   "spec.names.kind and up to %d spec.versions",
                   MAX_VERSIONS);
        return false;
    }
    c->group = gh_arena_dup(&c->arena, group);
    c->kind = gh_arena_dup(&c->arena, kind);
    c->versions = GH_ARENA_ARRAY(&c->arena, struct version, count + 1);
    gh_err_set(err, "the CRD is too large");
    if (!c->group.ptr || !c->kind.ptr || !c->versions)
        return false;
    for (struct gh_json_iter it = gh_json_iter(versions); gh_json_next(&it);)
        if (!add_version(c, it.value, err))
            return false;
    return true;
}

enum gh_rc gh_schemas_add_crd(struct gh_schemas *s, struct gh_json crd,
                              struct gh_err *err)
{
    struct crd *c = GH_XNEW(struct crd);
    struct gh_err unused;

    gh_arena_init(&c->arena, CRD_BYTES);
    if (!read_crd(c, crd, err ? err : &unused)) {
        crd_free(c);
        return GH_EPROTO;
    }
    gh_schemas_drop_crd(s, c->group, c->kind);
    c->next = s->crds;
    s->crds = c;
    return GH_OK;
}

/* --- finding ------------------------------------------------------------- */

static const struct gh_schema *built_in(struct gh_schemas *s,
                                        const struct gh_notation_kind *k)
{
    struct known known = {.kind = k};
    struct gh_err err;

    for (size_t i = 0; i < s->known.count; i++)
        if (s->known.at[i].kind == k)
            return s->known.at[i].schema;
    known.schema = gh_notation_compile(s->notation, k, &err);
    assert(known.schema); /* a table of our own; the tests read all of it */
    GH_VEC_PUSH(&s->known, known);
    return known.schema;
}

static bool is_kind(const struct gh_notation_kind *k, struct gh_slice group,
                    struct gh_slice kind)
{
    return gh_slice_eq(k->group, group) && gh_slice_eq(k->kind, kind);
}

const struct gh_schema *gh_schemas_find(struct gh_schemas *s,
                                        struct gh_slice group,
                                        struct gh_slice version,
                                        struct gh_slice kind)
{
    const struct crd *c = find_crd(s, group, kind);
    const struct gh_notation_kind *k;

    for (size_t i = 0; c && i < c->count; i++)
        if (gh_slice_eq(c->versions[i].name, version))
            return c->versions[i].schema;
    if (c)
        return NULL;
    for (size_t i = 0; (k = gh_notation_kind_at(s->notation, i)); i++)
        if (is_kind(k, group, kind) && gh_slice_eq(k->version, version))
            return built_in(s, k);
    return NULL;
}

const struct gh_schema *gh_schemas_of(struct gh_schemas *s,
                                      struct gh_json object)
{
    struct gh_slice api = gh_json_str(gh_json_get(object, "apiVersion"));
    struct gh_slice kind = gh_json_str(gh_json_get(object, "kind"));
    size_t slash = gh_slice_find(api, '/');

    if (!api.ptr || !kind.ptr)
        return NULL;
    if (slash == api.len)
        return gh_schemas_find(s, GH_SLICE(""), api, kind);
    return gh_schemas_find(s, gh_slice_head(api, slash),
                           gh_slice_drop(api, slash + 1), kind);
}

struct gh_slice gh_schemas_version(const struct gh_schemas *s,
                                   struct gh_slice group, struct gh_slice kind,
                                   size_t index)
{
    const struct crd *c = find_crd(s, group, kind);
    const struct gh_notation_kind *k;

    if (c)
        return index < c->count ? c->versions[index].name
                                : (struct gh_slice){NULL, 0};
    for (size_t i = 0; (k = gh_notation_kind_at(s->notation, i)); i++)
        if (is_kind(k, group, kind) && index-- == 0)
            return k->version;
    return (struct gh_slice){NULL, 0};
}
