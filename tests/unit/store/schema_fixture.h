/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * For tests of schemas: a registry, an object, its violations as text
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/buf.h"
#include "store/schema.h"
#include "wire/yaml.h"

struct fixture {
    struct gh_arena arena;
    struct gh_json_doc doc;
    struct gh_schema_result result;
};

static inline struct gh_json fixture_parse(struct fixture *f, const char *json)
{
    struct gh_err err;

    if (gh_json_parse(gh_slice_str(json), &f->arena,
                      &(struct gh_json_options){.duplicates = GH_JSON_DUP_LAST},
                      &f->doc, &err) != GH_OK)
        fail_msg("%s: %s", json, err.text);
    return gh_json_root(&f->doc);
}

static inline void fixture_init(struct fixture *f)
{
    *f = (struct fixture){0};
    gh_arena_init(&f->arena, 256u << 20);
}

static inline void fixture_fini(struct fixture *f)
{
    gh_arena_fini(&f->arena);
}

static inline const struct gh_schema *fixture_schema(struct fixture *f,
                                                     const char *openapi)
{
    struct gh_err err;
    const struct gh_schema *s;
    struct gh_json_doc doc;

    if (gh_json_parse(gh_slice_str(openapi), &f->arena, NULL, &doc, &err) !=
        GH_OK)
        fail_msg("%s: %s", openapi, err.text);
    s = gh_schema_compile(gh_json_root(&doc), &f->arena, &err);
    if (!s)
        fail_msg("%s: %s", openapi, err.text);
    return s;
}

/* "Reason field; Reason field", or "ok". */
static inline void fixture_print(const struct gh_schema_result *r, char *to,
                                 size_t size)
{
    size_t len = 0;

    snprintf(to, size, "ok");
    for (size_t i = 0; i < r->count && len < size; i++)
        len += (size_t)snprintf(
            to + len, size - len, "%s%s %.*s", i > 0 ? "; " : "",
            gh_schema_reason_name(r->at[i].reason), GH_FMT(r->at[i].field));
}

/* Path in the material that is shared between projects; false when it is not
 * there, which is said. */
static inline bool fixture_shared(const char *name, char *to, size_t size)
{
    const char *root = getenv("GATEHOUSE_SHARED");
    struct stat st;

    snprintf(to, size, "%s/%s", root ? root : "../shared", name);
    if (stat(to, &st) == 0)
        return true;
    print_message("LEFT OUT: %s is not there\n", to);
    return false;
}

/* The whole file, unpacked if need be; malloc'ed, with a NUL behind it. */
static inline char *fixture_slurp(const char *path, size_t *ret_len)
{
    gzFile in = gzopen(path, "rb");
    size_t cap = 1u << 16;
    char *text = malloc(cap + 1);
    int n = -1;

    *ret_len = 0;
    while (in && text &&
           (n = gzread(in, text + *ret_len, (unsigned)(cap - *ret_len))) > 0) {
        *ret_len += (size_t)n;
        if (*ret_len == cap)
            text = realloc(text, (cap *= 2) + 1);
    }
    if (!in || !text || n < 0) {
        fail_msg("%s cannot be read", path);
        abort();
    }
    (void)gzclose(in);
    text[*ret_len] = '\0';
    return text;
}

/* Registers every CRD of a YAML file; how many there were. */
static inline size_t fixture_crds(struct gh_schemas *s, const char *path)
{
    struct gh_arena arena;
    size_t len;
    char *text = fixture_slurp(path, &len);
    struct gh_yaml *y = gh_yaml_new(gh_slice_of(text, len), NULL);
    struct gh_json_doc doc;
    struct gh_err err;
    enum gh_rc rc;
    size_t count = 0;

    gh_arena_init(&arena, 256u << 20);
    while ((rc = gh_yaml_next(y, &arena, &doc, &err)) == GH_OK) {
        struct gh_json crd = gh_json_root(&doc);

        if (!gh_json_is(crd, GH_JSON_OBJECT))
            continue;
        if (gh_schemas_add_crd(s, crd, &err) != GH_OK)
            fail_msg("%s: %s", path, err.text);
        count++;
    }
    assert_int_equal(rc, GH_END);
    gh_yaml_free(y);
    gh_arena_fini(&arena);
    free(text);
    return count;
}
