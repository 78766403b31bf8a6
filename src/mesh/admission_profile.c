/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh/admission_internal.h"
#include "mesh/http_syntax.h"
#include "wire/quantity.h"

/*
 * Admission rules for ServiceProfiles
 *
 * This validator decodes with Go's encoding/json, strictly: names of fields
 * match without case, null is absent, and unknown fields are refused. The
 * shape of what is decoded is a table; the rules follow.
 */

enum go_type {
    GO_STRING,
    GO_BOOL,
    GO_UINT32,
    GO_FLOAT32,
    GO_QUANTITY,
    GO_MAP,
    GO_STRUCT,
    GO_LIST, /* of structs */
};

struct go_field {
    const char *name;
    enum go_type type;
    const struct go_field *fields; /* of a struct */
};

static const struct go_field request_match[];
static const struct go_field response_match[];

static const struct go_field request_match[] = {
    {"all", GO_LIST, request_match}, {"not", GO_STRUCT, request_match},
    {"any", GO_LIST, request_match}, {"pathRegex", GO_STRING, NULL},
    {"method", GO_STRING, NULL},     {NULL, GO_STRING, NULL},
};

static const struct go_field range[] = {
    {"min", GO_UINT32, NULL},
    {"max", GO_UINT32, NULL},
    {NULL, GO_STRING, NULL},
};

static const struct go_field response_match[] = {
    {"all", GO_LIST, response_match}, {"not", GO_STRUCT, response_match},
    {"any", GO_LIST, response_match}, {"status", GO_STRUCT, range},
    {NULL, GO_STRING, NULL},
};

static const struct go_field response_class[] = {
    {"condition", GO_STRUCT, response_match},
    {"isFailure", GO_BOOL, NULL},
    {NULL, GO_STRING, NULL},
};

static const struct go_field route[] = {
    {"name", GO_STRING, NULL},
    {"condition", GO_STRUCT, request_match},
    {"responseClasses", GO_LIST, response_class},
    {"isRetryable", GO_BOOL, NULL},
    {"timeout", GO_STRING, NULL},
    {NULL, GO_STRING, NULL},
};

static const struct go_field budget[] = {
    {"retryRatio", GO_FLOAT32, NULL},
    {"minRetriesPerSecond", GO_UINT32, NULL},
    {"ttl", GO_STRING, NULL},
    {NULL, GO_STRING, NULL},
};

static const struct go_field destination[] = {
    {"authority", GO_STRING, NULL},
    {"weight", GO_QUANTITY, NULL},
    {NULL, GO_STRING, NULL},
};

static const struct go_field spec_fields[] = {
    {"routes", GO_LIST, route},
    {"retryBudget", GO_STRUCT, budget},
    {"dstOverrides", GO_LIST, destination},
    {"opaquePorts", GO_MAP, NULL},
    {NULL, GO_STRING, NULL},
};

#define MAX_DEPTH 64

/* --- decoding --- */

static void decode_struct(struct gh_adm *a, struct gh_json v,
                          const struct go_field *fields,
                          const struct gh_adm_path *at, unsigned depth);

/* 500.0 is 500: the API server has rewritten it. */
static bool is_uint32(struct gh_json v)
{
    int64_t n;

    return gh_json_i64(v, &n) && n >= 0 && n <= UINT32_MAX;
}

/* On its way the object passes a YAML reader that turns numbers and booleans
 * into strings where strings are wanted. */
static bool is_text(struct gh_json v)
{
    return gh_json_is(v, GH_JSON_STRING) || gh_json_is(v, GH_JSON_NUMBER) ||
           gh_json_is(v, GH_JSON_TRUE) || gh_json_is(v, GH_JSON_FALSE);
}

static bool is_quantity(struct gh_json v)
{
    struct gh_slice text =
        gh_json_is(v, GH_JSON_NUMBER) ? gh_json_raw(v) : gh_json_str(v);
    struct gh_quantity ignored;

    return text.ptr && gh_quantity_parse(text, &ignored);
}

static bool is_scalar(struct gh_json v, enum go_type type)
{
    switch (type) {
    case GO_STRING:
        return is_text(v);
    case GO_BOOL:
        return gh_json_is(v, GH_JSON_TRUE) || gh_json_is(v, GH_JSON_FALSE);
    case GO_UINT32:
        return is_uint32(v);
    case GO_FLOAT32:
        return gh_json_is(v, GH_JSON_NUMBER);
    case GO_QUANTITY:
        return is_quantity(v);
    case GO_MAP:
    case GO_STRUCT:
        return gh_json_is(v, GH_JSON_OBJECT);
    case GO_LIST:
        return gh_json_is(v, GH_JSON_ARRAY);
    }
    return false;
}

static void decode_field(struct gh_adm *a, struct gh_json v,
                         const struct go_field *f, const struct gh_adm_path *at,
                         unsigned depth)
{
    static const char *const wanted[] = {
        [GO_STRING] = "a string",
        [GO_BOOL] = "true or false",
        [GO_UINT32] = "a number from 0 to 4294967295",
        [GO_FLOAT32] = "a number",
        [GO_QUANTITY] = "a quantity",
        [GO_MAP] = "an object",
        [GO_STRUCT] = "an object",
        [GO_LIST] = "a list",
    };
    size_t i = 0;

    if (!gh_json_given(v))
        return;
    if (!is_scalar(v, f->type)) {
        gh_adm_undecodable(a, at, "it is %s; Linkerd's validator reads %s",
                           gh_json_type_name(gh_json_type(v)), wanted[f->type]);
        return;
    }
    if (f->type == GO_STRUCT)
        decode_struct(a, v, f->fields, at, depth + 1);
    if (f->type != GO_LIST)
        return;
    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it); i++) {
        struct gh_adm_path one = gh_adm_path("%s[%zu]", at->text, i);

        if (gh_json_given(it.value))
            decode_struct(a, it.value, f->fields, &one, depth + 1);
    }
}

static void decode_struct(struct gh_adm *a, struct gh_json v,
                          const struct go_field *fields,
                          const struct gh_adm_path *at, unsigned depth)
{
    if (!gh_json_is(v, GH_JSON_OBJECT) || depth > MAX_DEPTH) {
        gh_adm_undecodable(a, at, "it is %s, not an object",
                           gh_json_type_name(gh_json_type(v)));
        return;
    }
    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);) {
        const struct go_field *f = fields;
        struct gh_adm_path one =
            gh_adm_path("%s.%.*s", at->text, GH_FMT(it.name));

        while (f->name && !gh_slice_eq_nocase(it.name, gh_slice_str(f->name)))
            f++;
        if (f->name)
            decode_field(a, it.value, f, &one, depth);
        else
            gh_adm_undecodable(a, &one, "there is no field \"%.*s\"",
                               GH_FMT(it.name));
    }
}

/* --- rules --- */

/* A member by name without case; the last one counts. */
static struct gh_json member(struct gh_json v, const char *name)
{
    struct gh_json found = GH_JSON_NONE;

    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);)
        if (gh_slice_eq_nocase(it.name, gh_slice_str(name)))
            found = it.value;
    return found;
}

static bool is_set(struct gh_json v, const char *name)
{
    struct gh_json field = member(v, name);
    struct gh_slice text = gh_json_str(field);

    return gh_json_given(field) && !(text.ptr && text.len == 0);
}

/* A request match says something, and so do those within it. */
static bool says_something(struct gh_json m, unsigned depth)
{
    static const char *const lists[] = {"all", "any"};
    struct gh_json not = member(m, "not");

    if (depth > MAX_DEPTH)
        return false;
    for (size_t i = 0; i < GH_COUNT(lists); i++)
        for (struct gh_json_iter it = gh_json_iter(member(m, lists[i]));
             gh_json_next(&it);)
            if (!says_something(it.value, depth + 1))
                return false;
    if (gh_json_given(not ) && !says_something(not, depth + 1))
        return false;
    return gh_json_given(member(m, "all")) || gh_json_given(member(m, "any")) ||
           gh_json_given(not ) || is_set(m, "method") || is_set(m, "pathRegex");
}

static bool status_ok(struct gh_json status)
{
    int64_t min = 0;
    int64_t max = 0;
    bool given = gh_json_given(status);

    if (given && gh_json_given(member(status, "min")) &&
        !gh_json_i64(member(status, "min"), &min))
        return true; /* undecodable, and told so */
    if (given && gh_json_given(member(status, "max")) &&
        !gh_json_i64(member(status, "max"), &max))
        return true;
    if ((min != 0 && (min < 100 || min > 599)) ||
        (max != 0 && (max < 100 || max > 599)))
        return false;
    return min == 0 || max == 0 || min <= max;
}

static bool response_ok(struct gh_json m, unsigned depth)
{
    static const char *const lists[] = {"all", "any"};
    struct gh_json not = member(m, "not");
    struct gh_json status = member(m, "status");

    if (depth > MAX_DEPTH || !status_ok(status))
        return false;
    for (size_t i = 0; i < GH_COUNT(lists); i++)
        for (struct gh_json_iter it = gh_json_iter(member(m, lists[i]));
             gh_json_next(&it);)
            if (!response_ok(it.value, depth + 1))
                return false;
    if (gh_json_given(not ) && !response_ok(not, depth + 1))
        return false;
    return gh_json_given(member(m, "all")) || gh_json_given(member(m, "any")) ||
           gh_json_given(not ) || gh_json_given(status);
}

static void check_classes(struct gh_adm *a, struct gh_json list,
                          const struct gh_adm_path *at)
{
    size_t i = 0;

    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it); i++) {
        struct gh_adm_path one =
            gh_adm_path("%s.responseClasses[%zu].condition", at->text, i);
        struct gh_json condition = member(it.value, "condition");

        if (!gh_json_given(condition) || !response_ok(condition, 0))
            gh_adm_refuse(a, GH_FINDING_ID_PROFILE_RESPONSE, &one,
                          "the condition is missing, says nothing, or its "
                          "status range is not within 100 to 599");
    }
}

static void check_duration(struct gh_adm *a, struct gh_json v,
                           const struct gh_adm_path *at)
{
    struct gh_slice text = gh_json_str(v);
    double ignored;

    if (text.ptr && !gh_go_duration(text, &ignored))
        gh_adm_refuse(a, GH_FINDING_ID_PROFILE_DURATION, at,
                      "\"%.*s\" is no duration such as 300ms or 5s",
                      GH_FMT(text));
}

static void check_profile_route(struct gh_adm *a, struct gh_json r,
                                const struct gh_adm_path *at)
{
    struct gh_json condition = member(r, "condition");
    struct gh_adm_path path = gh_adm_path("%s.timeout", at->text);

    if (!is_set(r, "name"))
        gh_adm_refuse(a, GH_FINDING_ID_PROFILE_ROUTE, at,
                      "the route has no name");
    if (!gh_json_given(condition))
        gh_adm_refuse(a, GH_FINDING_ID_PROFILE_ROUTE, at,
                      "the route has no condition");
    else if (!says_something(condition, 0))
        gh_adm_refuse(a, GH_FINDING_ID_PROFILE_ROUTE, at,
                      "the route's condition says nothing");
    if (is_set(r, "timeout"))
        check_duration(a, member(r, "timeout"), &path);
    check_classes(a, member(r, "responseClasses"), at);
}

static void check_budget(struct gh_adm *a, struct gh_json b)
{
    struct gh_adm_path at = gh_adm_path("spec.retryBudget");
    struct gh_adm_path ttl = gh_adm_path("spec.retryBudget.ttl");
    double ratio;

    if (!gh_json_given(b))
        return;
    if (gh_json_f64(member(b, "retryRatio"), &ratio) && ratio < 0)
        gh_adm_refuse(a, GH_FINDING_ID_PROFILE_BUDGET, &at,
                      "retryRatio is negative");
    if (!is_set(b, "ttl"))
        gh_adm_refuse(a, GH_FINDING_ID_PROFILE_BUDGET, &ttl, "ttl is missing");
    else
        check_duration(a, member(b, "ttl"), &ttl);
}

/* A DNS-1123 subdomain. */
static bool is_subdomain(struct gh_slice s)
{
    struct gh_slice label;

    if (s.len == 0 || s.len > 253)
        return false;
    while (gh_slice_cut(&s, '.', &label)) {
        if (label.len == 0 || label.ptr[0] == '-' ||
            label.ptr[label.len - 1] == '-')
            return false;
        for (size_t i = 0; i < label.len; i++) {
            char c = label.ptr[i];

            if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
                return false;
        }
    }
    return true;
}

void gh_adm_service_profile(struct gh_adm *a)
{
    struct gh_json spec = gh_json_get(a->root, "spec");
    struct gh_adm_path at = gh_adm_path("spec");
    struct gh_slice name =
        gh_json_str_or(gh_json_path(a->root, "metadata/name"), GH_SLICE(""));
    struct gh_json_iter it = gh_json_iter(member(spec, "routes"));

    if (gh_json_given(spec))
        decode_struct(a, spec, spec_fields, &at, 0);
    at = gh_adm_path("metadata.name");
    if (!is_subdomain(name))
        gh_adm_refuse(a, GH_FINDING_ID_PROFILE_NAME, &at,
                      "\"%.*s\" is no DNS name", GH_FMT(name));
    for (size_t i = 0; gh_json_next(&it); i++) {
        at = gh_adm_path("spec.routes[%zu]", i);
        check_profile_route(a, it.value, &at);
    }
    check_budget(a, member(spec, "retryBudget"));
}
