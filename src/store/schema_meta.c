/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Metadata, which every kind has and no schema describes
 *
 * It is decoded before anything else, so a label that is no string is answered
 * with 400 and hides the rest; then its fields are judged like those of any
 * object: names, labels, annotations, finalizers, owners.
 */

#include "base/nearest.h"
#include "store/schema_internal.h"

#define NAME_BYTES 253
#define LABEL_BYTES 63
#define ANNOTATIONS_BYTES (256 * 1024)

enum shape { TEXT, NUMBER, FLAG, TIME, TEXTS, LIST, OWNERS, ANYTHING };

struct field {
    const char *name;
    enum shape shape;
};

static const struct field fields[] = {
    {"name", TEXT},
    {"generateName", TEXT},
    {"namespace", TEXT},
    {"selfLink", TEXT},
    {"uid", TEXT},
    {"resourceVersion", TEXT},
    {"generation", NUMBER},
    {"creationTimestamp", TIME},
    {"deletionTimestamp", TIME},
    {"deletionGracePeriodSeconds", NUMBER},
    {"labels", TEXTS},
    {"annotations", TEXTS},
    {"ownerReferences", OWNERS},
    {"finalizers", LIST},
    {"managedFields", ANYTHING},
};

static const struct field owner_fields[] = {
    {"apiVersion", TEXT}, {"kind", TEXT},       {"name", TEXT},
    {"uid", TEXT},        {"controller", FLAG}, {"blockOwnerDeletion", FLAG},
};

static void decode_fields(struct gh_schema_check *c, struct gh_json v,
                          const struct field *rows, size_t count,
                          const struct gh_schema_step *at);

static void malformed(struct gh_schema_check *c,
                      const struct gh_schema_step *at, const char *want)
{
    gh_schema_report(c, at, GH_SCHEMA_MALFORMED, "must be %s", want);
}

static void decode_texts(struct gh_schema_check *c, struct gh_json v,
                         const struct gh_schema_step *at)
{
    if (!gh_json_is(v, GH_JSON_OBJECT)) {
        malformed(c, at, "an object of strings");
        return;
    }
    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);) {
        struct gh_schema_step step = {.up = at, .name = it.name, .key = true};

        if (gh_json_given(it.value) && !gh_json_is(it.value, GH_JSON_STRING))
            gh_schema_report(
                c, &step, GH_SCHEMA_MALFORMED, "must be a string%s",
                gh_json_type(it.value) < GH_JSON_STRING ? ": put it in quotes"
                                                        : "");
    }
}

static void decode_list(struct gh_schema_check *c, struct gh_json v,
                        const struct gh_schema_step *at, bool owners)
{
    struct gh_schema_step step = {.up = at};

    if (!gh_json_is(v, GH_JSON_ARRAY)) {
        malformed(c, at, "a list");
        return;
    }
    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);
         step.index++) {
        if (!gh_json_given(it.value))
            continue;
        if (owners)
            decode_fields(c, it.value, owner_fields, GH_COUNT(owner_fields),
                          &step);
        else if (!gh_json_is(it.value, GH_JSON_STRING))
            malformed(c, &step, "a string");
    }
}

static bool is_time(struct gh_json v)
{
    struct gh_cel_time t;

    return gh_json_is(v, GH_JSON_STRING) &&
           gh_cel_parse_timestamp(gh_json_str(v), &t);
}

static void decode_field(struct gh_schema_check *c, enum shape shape,
                         struct gh_json v, const struct gh_schema_step *at)
{
    struct gh_schema_decoded n;

    switch (shape) {
    case TEXT:
        if (!gh_json_is(v, GH_JSON_STRING))
            malformed(c, at, "a string");
        break;
    case NUMBER:
        n = gh_json_is(v, GH_JSON_NUMBER) ? gh_schema_decode(v)
                                          : (struct gh_schema_decoded){0};
        if (!n.is_int)
            malformed(c, at, "an integer");
        break;
    case FLAG:
        if (!gh_json_true(v) && !gh_json_is(v, GH_JSON_FALSE))
            malformed(c, at, "true or false");
        break;
    case TIME:
        if (!is_time(v))
            malformed(c, at, "a time such as 2006-01-02T15:04:05Z");
        break;
    case TEXTS:
        decode_texts(c, v, at);
        break;
    case LIST:
    case OWNERS:
        decode_list(c, v, at, shape == OWNERS);
        break;
    case ANYTHING:
    default:
        break;
    }
}

static void unknown(struct gh_schema_check *c, const struct field *rows,
                    size_t count, const struct gh_schema_step *at)
{
    struct gh_violation *v;
    struct gh_nearest near;

    if (c->lenient)
        return;
    gh_nearest_init(&near, at->name);
    for (size_t i = 0; i < count; i++)
        gh_nearest_offer(&near, gh_slice_str(rows[i].name));
    if (near.best.ptr)
        gh_schema_report(c, at, GH_SCHEMA_UNKNOWN,
                         "unknown field (did you mean \"%.*s\"?)",
                         GH_FMT(near.best));
    else
        gh_schema_report(c, at, GH_SCHEMA_UNKNOWN,
                         "unknown field of metadata: labels and annotations "
                         "are where own data belongs");
    v = gh_schema_last(c);
    if (v && near.best.ptr)
        v->nearest = near.best;
}

static void decode_fields(struct gh_schema_check *c, struct gh_json v,
                          const struct field *rows, size_t count,
                          const struct gh_schema_step *at)
{
    if (!gh_json_is(v, GH_JSON_OBJECT)) {
        malformed(c, at, "an object");
        return;
    }
    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);) {
        struct gh_schema_step step = {.up = at, .name = it.name};
        size_t i = 0;

        while (i < count && !gh_slice_is(it.name, rows[i].name))
            i++;
        if (i == count)
            unknown(c, rows, count, &step);
        else if (gh_json_given(it.value))
            decode_field(c, rows[i].shape, it.value, &step);
    }
}

void gh_schema_meta_decode(struct gh_schema_check *c, struct gh_json meta)
{
    struct gh_schema_step at = {.name = GH_SLICE("metadata")};

    if (gh_json_given(meta))
        decode_fields(c, meta, fields, GH_COUNT(fields), &at);
}

/* --- names --------------------------------------------------------------- */

static bool is_lower(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_alnum(char c)
{
    return is_lower(c) || (c >= 'A' && c <= 'Z');
}

static bool is_label(struct gh_slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_lower(s.ptr[i]) && s.ptr[i] != '-')
            return false;
    return s.len > 0 && s.ptr[0] != '-' && s.ptr[s.len - 1] != '-';
}

static bool is_subdomain(struct gh_slice s)
{
    struct gh_slice part;

    while (gh_slice_cut(&s, '.', &part))
        if (!is_label(part))
            return false;
    return true;
}

/* Letters, digits, '-', '_', '.'; first and last a letter or digit. */
static bool is_word(struct gh_slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_alnum(s.ptr[i]) && s.ptr[i] != '-' && s.ptr[i] != '_' &&
            s.ptr[i] != '.')
            return false;
    return s.len > 0 && is_alnum(s.ptr[0]) && is_alnum(s.ptr[s.len - 1]);
}

/* "prefix/name" or "name": what is wrong with it, or NULL. */
static const char *qualified_fault(struct gh_slice s, bool any_case)
{
    size_t slash = gh_slice_find(s, '/');
    struct gh_slice name = s;

    if (slash < s.len) {
        struct gh_slice prefix = gh_slice_head(s, slash);

        name = gh_slice_drop(s, slash + 1);
        if (gh_slice_find(name, '/') < name.len)
            return "a key has at most one /";
        if (prefix.len == 0 || prefix.len > NAME_BYTES)
            return "the part before / must have 1 to 253 characters";
        for (size_t i = 0; any_case && i < prefix.len; i++)
            if (!is_alnum(prefix.ptr[i]) && prefix.ptr[i] != '-' &&
                prefix.ptr[i] != '.')
                return "the part before / must be a DNS name";
        if (!any_case && !is_subdomain(prefix))
            return "the part before / must be a DNS name in lower case";
    }
    if (name.len == 0)
        return "a key must not be empty";
    if (name.len > LABEL_BYTES)
        return "a key must have at most 63 characters (behind /)";
    if (!is_word(name))
        return "a key consists of letters, digits, - _ and ., and begins and "
               "ends with a letter or digit";
    return NULL;
}

static void check_name(struct gh_schema_check *c, struct gh_json meta,
                       const struct gh_schema_step *up)
{
    struct gh_slice name = gh_json_str(gh_json_get(meta, "name"));
    struct gh_slice front = gh_json_str(gh_json_get(meta, "generateName"));
    struct gh_schema_step at = {.up = up, .name = GH_SLICE("name")};

    if (!name.ptr || name.len == 0) {
        if (!front.ptr || front.len == 0)
            gh_schema_report(c, &at, GH_SCHEMA_REQUIRED, "is required");
        return;
    }
    if (name.len > NAME_BYTES)
        gh_schema_report(c, &at, GH_SCHEMA_INVALID,
                         "must have at most 253 characters");
    if (!is_subdomain(name))
        gh_schema_report(c, &at, GH_SCHEMA_INVALID,
                         "must consist of lower-case letters, digits, - and ., "
                         "and each part must begin and end with a letter or "
                         "digit");
}

static void check_namespace(struct gh_schema_check *c, struct gh_json meta,
                            const struct gh_schema_step *up)
{
    struct gh_slice ns = gh_json_str(gh_json_get(meta, "namespace"));
    struct gh_schema_step at = {.up = up, .name = GH_SLICE("namespace")};

    if (ns.ptr && ns.len > 0 && (ns.len > LABEL_BYTES || !is_label(ns)))
        gh_schema_report(c, &at, GH_SCHEMA_INVALID,
                         "must be 1 to 63 lower-case letters, digits and -, "
                         "beginning and ending with a letter or digit");
}

static void check_labels(struct gh_schema_check *c, struct gh_json meta,
                         const struct gh_schema_step *up)
{
    struct gh_json labels = gh_json_get(meta, "labels");
    struct gh_schema_step all = {.up = up, .name = GH_SLICE("labels")};

    for (struct gh_json_iter it = gh_json_iter(labels); gh_json_next(&it);) {
        struct gh_schema_step at = {.up = &all, .name = it.name, .key = true};
        struct gh_slice value = gh_json_str_or(it.value, GH_SLICE(""));
        const char *fault = qualified_fault(it.name, false);

        if (fault)
            gh_schema_report(c, &at, GH_SCHEMA_INVALID, "%s", fault);
        if (value.len > LABEL_BYTES)
            gh_schema_report(c, &at, GH_SCHEMA_INVALID,
                             "a label's value must have at most 63 characters");
        if (value.len > 0 && !is_word(value))
            gh_schema_report(c, &at, GH_SCHEMA_INVALID,
                             "a label's value consists of letters, digits, - _ "
                             "and ., and begins and ends with a letter or "
                             "digit");
    }
}

static void check_annotations(struct gh_schema_check *c, struct gh_json meta,
                              const struct gh_schema_step *up)
{
    struct gh_json list = gh_json_get(meta, "annotations");
    struct gh_schema_step all = {.up = up, .name = GH_SLICE("annotations")};
    size_t bytes = 0;

    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it);) {
        struct gh_schema_step at = {.up = &all, .name = it.name, .key = true};
        const char *fault = qualified_fault(it.name, true);

        bytes += it.name.len + gh_json_str_or(it.value, GH_SLICE("")).len;
        if (fault)
            gh_schema_report(c, &at, GH_SCHEMA_INVALID, "%s", fault);
    }
    if (bytes > ANNOTATIONS_BYTES)
        gh_schema_report(c, &all, GH_SCHEMA_TOO_LONG,
                         "must have at most 256 KiB in all");
}

static void check_owners(struct gh_schema_check *c, struct gh_json meta,
                         const struct gh_schema_step *up)
{
    static const char *const needed[] = {"apiVersion", "kind", "name", "uid"};
    struct gh_json list = gh_json_get(meta, "ownerReferences");
    struct gh_schema_step all = {.up = up, .name = GH_SLICE("ownerReferences")};
    struct gh_schema_step at = {.up = &all};

    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it);
         at.index++)
        for (size_t i = 0; i < GH_COUNT(needed); i++) {
            struct gh_slice name = gh_slice_str(needed[i]);
            struct gh_schema_step step = {.up = &at, .name = name};

            if (gh_json_str_or(gh_json_getn(it.value, name), GH_SLICE(""))
                    .len == 0)
                gh_schema_report(c, &step, GH_SCHEMA_INVALID,
                                 "must not be empty");
        }
}

static void check_finalizers(struct gh_schema_check *c, struct gh_json meta,
                             const struct gh_schema_step *up)
{
    struct gh_json list = gh_json_get(meta, "finalizers");
    struct gh_schema_step all = {.up = up, .name = GH_SLICE("finalizers")};
    struct gh_schema_step at = {.up = &all};

    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it);
         at.index++) {
        const char *fault =
            qualified_fault(gh_json_str_or(it.value, GH_SLICE("")), false);

        if (fault)
            gh_schema_report(c, &at, GH_SCHEMA_INVALID, "%s", fault);
    }
}

void gh_schema_meta_check(struct gh_schema_check *c, struct gh_json meta,
                          const struct gh_schema_step *up)
{
    struct gh_schema_step at = {.up = up, .name = GH_SLICE("metadata")};

    check_name(c, meta, &at);
    check_namespace(c, meta, &at);
    check_labels(c, meta, &at);
    check_annotations(c, meta, &at);
    check_owners(c, meta, &at);
    check_finalizers(c, meta, &at);
}
