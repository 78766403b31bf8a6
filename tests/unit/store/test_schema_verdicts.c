/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The API server's verdicts, recorded, against ours
 *
 * Every object was offered to a real API server with strict validation. Ours
 * must accept and refuse the same ones, with the CRDs and with what is built
 * in, and name the same fields for the same reasons.
 */

#include "schema_fixture.h"

#define MAX_CAUSES 64

struct cause {
    char text[400]; /* "Reason field" */
};

struct causes {
    struct cause at[MAX_CAUSES];
    size_t count;
};

static void add(struct causes *c, const char *reason, struct gh_slice field)
{
    struct cause one;

    snprintf(one.text, sizeof(one.text), "%s %.*s", reason, GH_FMT(field));
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->at[i].text, one.text) == 0)
            return;
    if (c->count < MAX_CAUSES)
        c->at[c->count++] = one;
}

/* Where the API server gives no field, its message names one. */
static struct gh_slice field_in(struct gh_slice message)
{
    const char *at = memmem(message.ptr, message.len, "\"spec", 5);
    struct gh_slice rest;

    if (at) {
        rest = gh_slice_drop(message, (size_t)(at - message.ptr) + 1);
        return gh_slice_head(rest, gh_slice_find(rest, '"'));
    }
    at = memmem(message.ptr, message.len, " in spec", 8);
    return at ? gh_slice_drop(message, (size_t)(at - message.ptr) + 4)
              : GH_SLICE("<nil>");
}

static void causes_of_record(struct gh_json shape, struct causes *ret)
{
    struct gh_json list = gh_json_get(shape, "causes");

    ret->count = 0;
    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it);) {
        struct gh_slice field = gh_json_str(gh_json_get(it.value, "field"));
        struct gh_slice reason = gh_json_str(gh_json_get(it.value, "reason"));
        struct gh_slice why = gh_json_str(gh_json_get(it.value, "message"));
        char text[64];

        if (memmem(why.ptr, why.len, "some validation rules", 21))
            continue;
        if (gh_slice_is(field, "<nil>"))
            field = field_in(why);
        if (gh_slice_starts(reason, GH_SLICE("FieldValue")))
            reason = gh_slice_drop(reason, 10);
        snprintf(text, sizeof(text), "%.*s", GH_FMT(reason));
        add(ret, text, field);
    }
}

/* The API server names the map of labels, not the label; and what it answers
 * with 400 hides the rest. */
static void causes_of_result(const struct gh_schema_result *r,
                             struct causes *ret)
{
    int status = gh_schema_status(r);

    ret->count = 0;
    for (size_t i = 0; i < r->count; i++) {
        const struct gh_violation *v = &r->at[i];
        struct gh_slice field = v->field;

        if (status == 400 && v->reason > GH_SCHEMA_UNKNOWN)
            continue;
        if (gh_slice_starts(field, GH_SLICE("metadata.labels")))
            field = GH_SLICE("metadata.labels");
        if (gh_slice_starts(field, GH_SLICE("metadata.annotations")))
            field = GH_SLICE("metadata.annotations");
        add(ret, gh_schema_reason_name(v->reason), field);
    }
}

static bool has(const struct causes *c, const char *text)
{
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->at[i].text, text) == 0)
            return true;
    return false;
}

static bool same(const struct causes *a, const struct causes *b)
{
    for (size_t i = 0; i < a->count; i++)
        if (!has(b, a->at[i].text))
            return false;
    return a->count == b->count;
}

static void tell(struct gh_slice line, const struct causes *want,
                 const struct causes *got)
{
    print_message("%.*s\n", GH_FMT(gh_slice_head(line, 400)));
    for (size_t i = 0; i < want->count; i++)
        print_message("   theirs %s\n", want->at[i].text);
    for (size_t i = 0; i < got->count; i++)
        print_message("   ours   %s\n", got->at[i].text);
}

struct tally {
    size_t lines, verdicts, statuses, refused, causes;
};

static void compare(struct gh_schemas *s, struct gh_slice line, struct tally *t)
{
    struct gh_schema_result result;
    struct gh_json_doc doc;
    struct gh_arena arena;
    struct causes want, got;
    const struct gh_schema *schema;
    struct gh_json shape;
    int64_t code = 0;
    bool ok;

    gh_arena_init(&arena, 16u << 20);
    assert_int_equal(gh_json_parse(line, &arena, NULL, &doc, NULL), GH_OK);
    shape = gh_json_get(gh_json_root(&doc), "shape");
    schema = gh_schemas_of(s, gh_json_get(gh_json_root(&doc), "object"));
    assert_non_null(schema);
    assert_int_equal(gh_schema_check(schema,
                                     gh_json_get(gh_json_root(&doc), "object"),
                                     NULL, &arena, &result),
                     GH_OK);
    ok = gh_json_true(gh_json_get(shape, "ok"));
    assert_true(gh_json_i64(gh_json_get(shape, "code"), &code));
    causes_of_record(shape, &want);
    causes_of_result(&result, &got);
    t->lines++;
    t->verdicts += ok == (result.total == 0);
    t->statuses += code == gh_schema_status(&result);
    t->refused += !ok;
    if (ok != (result.total == 0) || code != gh_schema_status(&result))
        tell(line, &want, &got);
    /* Metadata that cannot be decoded has no causes there. */
    if (!ok && (want.count == 0 || same(&want, &got)))
        t->causes++;
    else if (!ok)
        tell(line, &want, &got);
    gh_arena_fini(&arena);
}

static void compare_all(struct gh_schemas *s, const char *what)
{
    struct gh_slice rest, line;
    struct tally t = {0};
    char path[512];
    size_t len;
    char *text;

    if (!fixture_shared("data/linkerd/verdicts/admission.jsonl.gz", path,
                        sizeof(path)))
        return;
    text = fixture_slurp(path, &len);
    rest = gh_slice_of(text, len);
    while (gh_slice_cut(&rest, '\n', &line))
        if (line.len > 0)
            compare(s, line, &t);
    free(text);
    print_message("%s: %zu objects, %zu verdicts and %zu statuses equal; %zu "
                  "refused, %zu with the same causes\n",
                  what, t.lines, t.verdicts, t.statuses, t.refused, t.causes);
    assert_true(t.lines > 1000);
    assert_int_equal(t.verdicts, t.lines);
    assert_int_equal(t.statuses, t.lines);
    assert_int_equal(t.causes, t.refused);
}

static void by_crds(void **state)
{
    struct gh_schemas *s = gh_schemas_new();
    char path[512];

    (void)state;
    if (fixture_shared("data/linkerd/crds/linkerd-crds.yaml", path,
                       sizeof(path))) {
        assert_int_equal(fixture_crds(s, path), 14);
        compare_all(s, "by CRDs");
    }
    gh_schemas_free(s);
}

static void by_what_is_built_in(void **state)
{
    struct gh_schemas *s = gh_schemas_new();

    (void)state;
    compare_all(s, "built in");
    gh_schemas_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_crds),
        cmocka_unit_test(by_what_is_built_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
