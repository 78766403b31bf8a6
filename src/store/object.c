/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "store/kind.h"
#include "store/store_internal.h"

/*
 * Objects: one block each
 *
 *   bytes | struct gh_object | tape | JSON | decoded strings | source | scope
 *
 * so a pod costs one allocation and one cache-friendly stretch of memory.
 */

struct block {
    size_t bytes;
    struct gh_object object;
};

#define MAX_OBJECT_DEPTH 1024

/* --- identity ------------------------------------------------------------- */

static bool is_good_name(struct gh_slice s)
{
    if (s.len == 0 || s.len > GH_STORE_MAX_NAME)
        return false;
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] <= ' ' || s.ptr[i] == '/' ||
            s.ptr[i] == 0x7f)
            return false;
    return true;
}

static enum gh_rc bad(struct gh_err *err, const struct gh_identity *id,
                      const char *what, struct gh_json v)
{
    char kind[80] = "the object";

    if (id->kind.ptr)
        (void)snprintf(kind, sizeof(kind), "%.*s",
                       GH_FMT(gh_slice_head(id->kind, 64)));
    if (!gh_json_given(v))
        gh_err_set(err, "%s has no %s", kind, what);
    else if (!gh_json_is(v, GH_JSON_STRING))
        gh_err_set(err, "%s's %s must be a string, not %s", kind, what,
                   gh_json_type_name(gh_json_type(v)));
    else
        gh_err_set(err, "%s's %s \"%.*s\" is not a valid name", kind, what,
                   GH_FMT(gh_slice_head(gh_json_str(v), 64)));
    return GH_EPROTO;
}

static struct gh_slice group_of(struct gh_slice api_version)
{
    size_t slash = gh_slice_find(api_version, '/');

    return gh_slice_head(api_version, slash < api_version.len ? slash : 0);
}

enum gh_rc gh_identity_kind(struct gh_json object, struct gh_identity *ret,
                            struct gh_err *err)
{
    struct gh_json api_version = gh_json_get(object, "apiVersion");
    struct gh_json kind = gh_json_get(object, "kind");
    struct gh_slice version;

    *ret = (struct gh_identity){0};
    if (!gh_json_is(object, GH_JSON_OBJECT)) {
        gh_err_set(err, "this is no Kubernetes object but %s",
                   gh_json_type_name(gh_json_type(object)));
        return GH_EPROTO;
    }
    if (!is_good_name(gh_json_str_or(kind, GH_SLICE(""))))
        return bad(err, ret, "kind", kind);
    ret->kind = gh_json_str(kind);
    ret->api_version = gh_json_str_or(api_version, GH_SLICE(""));
    ret->group = group_of(ret->api_version);
    version =
        gh_slice_drop(ret->api_version, ret->group.len + (ret->group.len > 0));
    if (!is_good_name(version) ||
        (ret->group.len > 0 && !is_good_name(ret->group)))
        return bad(err, ret, "apiVersion", api_version);
    return GH_OK;
}

enum gh_rc gh_identity_name(struct gh_json object, struct gh_identity *ret,
                            struct gh_err *err)
{
    struct gh_json metadata = gh_json_get(object, "metadata");
    struct gh_json name = gh_json_get(metadata, "name");
    struct gh_json ns = gh_json_get(metadata, "namespace");

    ret->name = gh_json_str_or(name, GH_SLICE(""));
    if (!is_good_name(ret->name))
        return bad(err, ret, "metadata.name", name);
    ret->ns = gh_json_str_or(ns, GH_SLICE(""));
    if (gh_json_given(ns) && (!gh_json_is(ns, GH_JSON_STRING) ||
                              (ret->ns.len > 0 && !is_good_name(ret->ns))))
        return bad(err, ret, "metadata.namespace", ns);
    if (gh_kind_is_cluster_scoped(ret->group, ret->kind))
        ret->ns = GH_SLICE("");
    else if (ret->ns.len == 0)
        ret->ns = GH_SLICE("default");
    return GH_OK;
}

void gh_key_set(struct gh_key *k, struct gh_slice first, struct gh_slice second)
{
    first = gh_slice_head(first, GH_STORE_MAX_NAME);
    second = gh_slice_head(second, GH_STORE_MAX_NAME);
    if (first.len > 0)
        memcpy(k->text, first.ptr, first.len);
    k->text[first.len] = '\0';
    if (second.len > 0)
        memcpy(k->text + first.len + 1, second.ptr, second.len);
    k->len = first.len + 1 + second.len;
}

/* RFC 3339, as Kubernetes writes times: seconds and "Z". */
static int64_t unix_seconds(struct gh_slice s)
{
    struct tm tm = {0};
    char text[32];
    const char *end;

    if (s.len >= sizeof(text) || s.len == 0)
        return -1;
    memcpy(text, s.ptr, s.len);
    text[s.len] = '\0';
    end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
    if (!end || (*end != 'Z' && *end != '.'))
        return -1;
    return (int64_t)timegm(&tm);
}

/* --- blocks --------------------------------------------------------------- */

/* Bytes behind doc->decoded that some string uses. */
static size_t decoded_bytes(const struct gh_json_doc *doc)
{
    size_t most = 0;

    for (uint32_t i = 0; doc->decoded && i < doc->count; i++) {
        struct gh_slice text;
        size_t end;

        if (!(doc->nodes[i].flags & GH_JSON_F_ESCAPED))
            continue;
        text = gh_json_str((struct gh_json){doc, i});
        end = (size_t)(text.ptr - doc->decoded) + text.len;
        most = end > most ? end : most;
    }
    return most;
}

struct layout {
    size_t tape;
    size_t json;
    size_t decoded;
    size_t source;
    size_t scope;
};

static char *put(char *at, const void *from, size_t len)
{
    if (len > 0)
        memcpy(at, from, len);
    return at + len;
}

static void fill(struct block *b, const struct gh_json_doc *doc,
                 const struct layout *size, const struct gh_origin *origin)
{
    struct gh_object *o = &b->object;
    char *tape = (char *)(b + 1);
    char *json = put(tape, doc->nodes, size->tape);
    char *decoded = put(json, doc->src, size->json);
    char *source = put(decoded, doc->decoded, size->decoded);
    char *scope = put(source, origin->source.ptr, size->source);

    (void)put(scope, origin->scope.ptr, size->scope);
    o->doc = *doc;
    o->doc.src = json;
    o->doc.nodes = (const struct gh_json_node *)tape;
    o->doc.decoded = doc->decoded ? decoded : NULL;
    o->origin = *origin;
    o->origin.source = gh_slice_of(source, size->source);
    o->origin.scope = gh_slice_of(scope, size->scope);
}

static void set_names(struct gh_object *o, const struct gh_type *type,
                      const struct gh_identity *identity)
{
    struct gh_json root = gh_object_root(o);
    struct gh_json metadata = gh_json_get(root, "metadata");

    o->type = type;
    o->api_version = gh_json_str(gh_json_get(root, "apiVersion"));
    o->group = group_of(o->api_version);
    o->kind = gh_json_str(gh_json_get(root, "kind"));
    o->name = gh_json_str(gh_json_get(metadata, "name"));
    o->ns = gh_json_str_or(gh_json_get(metadata, "namespace"), GH_SLICE(""));
    if (identity->ns.len == 0)
        o->ns = GH_SLICE("");
    else if (o->ns.len == 0)
        o->ns = GH_SLICE("default");
    o->created_s = unix_seconds(gh_json_str_or(
        gh_json_get(metadata, "creationTimestamp"), GH_SLICE("")));
}

struct gh_object *gh_object_new(struct gh_slice json,
                                const struct gh_type *type,
                                const struct gh_identity *identity,
                                const struct gh_origin *origin,
                                struct gh_arena *scratch)
{
    struct gh_json_options opt = {.max_depth = MAX_OBJECT_DEPTH};
    struct gh_json_doc doc;
    struct layout size;
    struct block *b;
    size_t bytes;

    if (gh_json_parse(json, scratch, &opt, &doc, NULL) < 0)
        return NULL;
    size = (struct layout){
        .tape = doc.count * sizeof(*doc.nodes),
        .json = doc.src_len,
        .decoded = decoded_bytes(&doc),
        .source = origin->source.len,
        .scope = origin->scope.len,
    };
    bytes = sizeof(*b) + size.tape + size.json + size.decoded + size.source +
            size.scope;
    b = malloc(bytes);
    if (!b)
        return NULL;
    *b = (struct block){.bytes = bytes, .object.refs = 1};
    fill(b, &doc, &size, origin);
    set_names(&b->object, type, identity);
    return &b->object;
}

static struct block *block_of(const struct gh_object *o)
{
    return (struct block *)((uintptr_t)o - offsetof(struct block, object));
}

size_t gh_object_bytes(const struct gh_object *o)
{
    return block_of(o)->bytes;
}

const struct gh_object *gh_object_ref(const struct gh_object *o)
{
    (void)__atomic_fetch_add(&block_of(o)->object.refs, 1, __ATOMIC_RELAXED);
    return o;
}

void gh_object_unref(const struct gh_object *o)
{
    if (o &&
        __atomic_fetch_sub(&block_of(o)->object.refs, 1, __ATOMIC_ACQ_REL) == 1)
        free(block_of(o));
}
