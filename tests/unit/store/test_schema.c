/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Structural schemas: each keyword at its limits, the order of checks, defaults
 */

#include "schema_fixture.h"

#define OBJ(props) "{\"type\":\"object\",\"properties\":{" props "}}"
#define X(schema) OBJ("\"x\":" schema)
#define O(x) "{\"metadata\":{\"name\":\"a\"},\"x\":" x "}"

struct row {
    const char *schema;
    const char *object;
    const char *want;
};

static void run(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct fixture f;
        const struct gh_schema *s;
        char got[1000];

        fixture_init(&f);
        s = fixture_schema(&f, rows[i].schema);
        assert_int_equal(gh_schema_check(s, fixture_parse(&f, rows[i].object),
                                         NULL, &f.arena, &f.result),
                         GH_OK);
        fixture_print(&f.result, got, sizeof(got));
        if (strcmp(got, rows[i].want) != 0)
            print_error("%s\n%s\n", rows[i].schema, rows[i].object);
        assert_string_equal(got, rows[i].want);
        for (size_t k = 0; k < f.result.count; k++)
            assert_true(f.result.at[k].message.len > 0);
        fixture_fini(&f);
    }
}

#define STRING(more) X("{\"type\":\"string\"" more "}")
#define INT(more) X("{\"type\":\"integer\"" more "}")
#define NUM(more) X("{\"type\":\"number\"" more "}")
#define LIST(more)                                                             \
    X("{\"type\":\"array\",\"items\":{\"type\":\"integer\"}" more "}")
#define EITHER X("{\"x-kubernetes-int-or-string\":true}")

static void types(void **state)
{
    static const struct row rows[] = {
        {STRING(""), O("\"a\""), "ok"},
        {STRING(""), O("1"), "TypeInvalid x"},
        {STRING(""), O("null"), "ok"},
        {STRING(",\"nullable\":true"), O("null"), "ok"},
        {LIST(""), O("[null]"), "TypeInvalid x[0]"},
        {INT(""), O("1"), "ok"},
        {INT(""), O("80.0"), "ok"},
        {INT(""), O("8e1"), "ok"},
        {INT(""), O("80.5"), "TypeInvalid x; Invalid x"},
        {INT(""), O("9223372036854775807"), "ok"},
        {INT(""), O("9223372036854775808"), "TypeInvalid x; Invalid x"},
        {INT(""), O("\"1\""), "TypeInvalid x"},
        {INT(",\"format\":\"int32\""), O("2147483647"), "ok"},
        {INT(",\"format\":\"int32\""), O("2147483648"), "Invalid x"},
        {INT(",\"format\":\"int32\""), O("-2147483649"), "Invalid x"},
        {INT(",\"format\":\"int32\""), O("true"), "TypeInvalid x"},
        {NUM(""), O("1"), "ok"},
        {NUM(""), O("1.5"), "ok"},
        {NUM(",\"format\":\"float\""), O("1e39"), "Invalid x"},
        {NUM(",\"format\":\"double\""), O("1e39"), "ok"},
        {X("{\"type\":\"boolean\"}"), O("\"true\""), "TypeInvalid x"},
        {X("{\"type\":\"object\"}"), O("[]"), "TypeInvalid x"},
        {EITHER, O("1"), "ok"},
        {EITHER, O("\"a\""), "ok"},
        {EITHER, O("1.5"), "TypeInvalid x"},
        {EITHER, O("{}"), "TypeInvalid x"},
        {OBJ(""), "[]", "TypeInvalid ; Required metadata.name"},
    };

    (void)state;
    run(rows, GH_COUNT(rows));
}

static void limits(void **state)
{
    static const struct row rows[] = {
        {STRING(",\"maxLength\":2"), O("\"\xc3\xa9\xc3\xa9\""), "ok"},
        {STRING(",\"maxLength\":2"), O("\"abc\""), "TooLong x"},
        {STRING(",\"minLength\":2"), O("\"\xc3\xa9\""), "Invalid x"},
        {STRING(",\"minLength\":1,\"pattern\":\"b\""), O("\"\""), "Invalid x"},
        {STRING(",\"pattern\":\"b\""), O("\"abc\""), "ok"},
        {STRING(",\"pattern\":\"^b\""), O("\"abc\""), "Invalid x"},
        {STRING(",\"pattern\":\"a$\""), O("\"a\\n\""), "Invalid x"},
        {INT(",\"minimum\":1,\"maximum\":5"), O("1"), "ok"},
        {INT(",\"minimum\":1,\"maximum\":5"), O("5"), "ok"},
        {INT(",\"minimum\":1,\"maximum\":5"), O("0"), "Invalid x"},
        {INT(",\"minimum\":1,\"maximum\":5"), O("6"), "Invalid x"},
        {INT(",\"minimum\":1,\"exclusiveMinimum\":true"), O("1"), "Invalid x"},
        {INT(",\"maximum\":5,\"exclusiveMaximum\":true"), O("5"), "Invalid x"},
        {NUM(",\"maximum\":1.5"), O("1.5"), "ok"},
        {NUM(",\"maximum\":1.5"), O("1.51"), "Invalid x"},
        {INT(",\"multipleOf\":3"), O("9"), "ok"},
        {INT(",\"multipleOf\":3"), O("10"), "Invalid x"},
        {NUM(",\"multipleOf\":0.5"), O("1.5"), "ok"},
        {NUM(",\"multipleOf\":0.5"), O("1.6"), "Invalid x"},
        {LIST(",\"minItems\":1"), O("[]"), "Invalid x"},
        {LIST(",\"maxItems\":1"), O("[1]"), "ok"},
        {LIST(",\"maxItems\":1"), O("[1,2]"), "TooMany x"},
        {X("{\"type\":\"object\",\"additionalProperties\":{\"type\":"
           "\"integer\"},\"maxProperties\":1,\"minProperties\":1}"),
         O("{\"a\":1}"), "ok"},
        {X("{\"type\":\"object\",\"additionalProperties\":{\"type\":"
           "\"integer\"},\"maxProperties\":1}"),
         O("{\"a\":1,\"b\":\"c\"}"), "TooMany x"},
        {X("{\"type\":\"object\",\"additionalProperties\":{\"type\":"
           "\"integer\"},\"minProperties\":1}"),
         O("{}"), "Invalid x"},
        {X("{\"type\":\"object\",\"additionalProperties\":{\"type\":"
           "\"integer\"}}"),
         O("{\"a.b/c\":\"d\",\"e\":\"f\"}"),
         "TypeInvalid x[a.b/c]; TypeInvalid x.e"},
        {STRING(",\"enum\":[\"A\",\"B\"]"), O("\"B\""), "ok"},
        {STRING(",\"enum\":[\"A\",\"B\"]"), O("\"C\""), "NotSupported x"},
        {INT(",\"enum\":[301,302]"), O("302.0"), "ok"},
        {INT(",\"enum\":[301,302]"), O("302.5"), "TypeInvalid x; Invalid x"},
        {INT(",\"enum\":[301,302]"), O("303"), "NotSupported x"},
        {INT(",\"enum\":[301,302]"), O("\"302\""),
         "TypeInvalid x; NotSupported x"},
        {X("{\"type\":\"object\",\"required\":[\"a\"],\"properties\":{\"a\":"
           "{\"type\":\"string\"}}}"),
         O("{}"), "Required x.a"},
        {X("{\"type\":\"object\",\"required\":[\"a\"],\"properties\":{\"a\":"
           "{\"type\":\"string\"}}}"),
         O("{\"a\":null}"), "Required x.a"},
    };

    (void)state;
    run(rows, GH_COUNT(rows));
}

#define FORMAT(f) STRING(",\"format\":\"" f "\"")

static void formats(void **state)
{
    static const struct row rows[] = {
        {FORMAT("date"), O("\"2024-02-29\""), "ok"},
        {FORMAT("date"), O("\"2023-02-29\""), "TypeInvalid x"},
        {FORMAT("date-time"), O("\"2024-02-29T23:59:59Z\""), "ok"},
        {FORMAT("date-time"), O("\"2024-02-29t23:59:59.123+01:00\""), "ok"},
        {FORMAT("date-time"), O("\"2024-02-29T24:00:00Z\""), "TypeInvalid x"},
        {FORMAT("date-time"), O("\"2024-02-29T23:59:59\""), "TypeInvalid x"},
        {FORMAT("date-time"), O("\"2024-02-29\""), "TypeInvalid x"},
        {FORMAT("duration"), O("\"1h30m\""), "ok"},
        {FORMAT("duration"), O("\"5 minutes\""), "ok"},
        {FORMAT("duration"), O("\"P1D\""), "ok"},
        {FORMAT("duration"), O("\" 5s\""), "ok"},
        {FORMAT("duration"), O("\"10S\""), "ok"},
        {FORMAT("duration"), O("\"5s-3s\""), "ok"},
        {FORMAT("duration"), O("\"5\""), "TypeInvalid x"},
        {FORMAT("duration"), O("\"\""), "TypeInvalid x"},
        {FORMAT("duration"), O("\"5 parsecs\""), "TypeInvalid x"},
        {FORMAT("duration"), O("\"99999999999999999999 d\""), "TypeInvalid x"},
        {FORMAT("byte"), O("\"YWJj\""), "ok"},
        {FORMAT("byte"), O("\"YWJ\""), "TypeInvalid x"},
        {FORMAT("byte"), O("\"YQ==\""), "ok"},
        {FORMAT("ipv4"), O("\"1.2.3.4\""), "ok"},
        {FORMAT("ipv4"), O("\"1.2.3\""), "TypeInvalid x"},
        {FORMAT("ipv4"), O("\"::1\""), "TypeInvalid x"},
        {FORMAT("ipv6"), O("\"::1\""), "ok"},
        {FORMAT("ipv6"), O("\"1.2.3.4\""), "TypeInvalid x"},
        {FORMAT("cidr"), O("\"10.0.0.0/8\""), "ok"},
        {FORMAT("cidr"), O("\"10.0.0.0/33\""), "TypeInvalid x"},
        {FORMAT("mac"), O("\"01:23:45:67:89:ab\""), "ok"},
        {FORMAT("mac"), O("\"0123.4567.89ab\""), "ok"},
        {FORMAT("mac"), O("\"01:23:45:67:89\""), "TypeInvalid x"},
        {FORMAT("uuid"), O("\"123e4567-e89b-12d3-a456-426614174000\""), "ok"},
        {FORMAT("uuid"), O("\"123e4567e89b12d3a456426614174000\""), "ok"},
        {FORMAT("uuid4"), O("\"123e4567-e89b-12d3-a456-426614174000\""),
         "TypeInvalid x"},
        {FORMAT("uuid4"), O("\"123e4567-e89b-42d3-a456-426614174000\""), "ok"},
        {FORMAT("uri"), O("\"https://a/b\""), "ok"},
        {FORMAT("uri"), O("\"/a\""), "ok"},
        {FORMAT("uri"), O("\"a b\""), "TypeInvalid x"},
        {FORMAT("email"), O("\"a@b.c\""), "ok"},
        {FORMAT("email"), O("\"a\""), "TypeInvalid x"},
        {FORMAT("hostname"), O("\"a-b.c\""), "ok"},
        {FORMAT("hostname"), O("\"a-.c\""), "TypeInvalid x"},
        {FORMAT("password"), O("\"\""), "ok"},
        {FORMAT("made-up"), O("\"\""), "ok"},
    };

    (void)state;
    run(rows, GH_COUNT(rows));
}

#define TWO "\"a\":{\"type\":\"integer\"},\"b\":{\"type\":\"integer\"}"
#define LOGIC(more) X("{\"type\":\"object\",\"properties\":{" TWO "}," more "}")
#define NEEDS(n) "{\"required\":[\"" n "\"]}"

static void logic(void **state)
{
    static const struct row rows[] = {
        {LOGIC("\"oneOf\":[" NEEDS("a") "," NEEDS("b") "]"), O("{\"a\":1}"),
         "ok"},
        {LOGIC("\"oneOf\":[" NEEDS("a") "," NEEDS("b") "]"), O("{}"),
         "Invalid x; Required x.a"},
        {LOGIC("\"oneOf\":[" NEEDS("a") "," NEEDS("b") "]"),
         O("{\"a\":1,\"b\":2}"), "Invalid x"},
        {LOGIC("\"oneOf\":[" NEEDS("a") "," NEEDS("b") "]"), O("7"),
         "TypeInvalid x; Invalid x"},
        {LOGIC("\"anyOf\":[" NEEDS("a") "," NEEDS("b") "]"),
         O("{\"a\":1,\"b\":2}"), "ok"},
        {LOGIC("\"anyOf\":[" NEEDS("a") "," NEEDS("b") "]"), O("{}"),
         "Invalid x; Required x.a"},
        {LOGIC("\"allOf\":[" NEEDS("a") "," NEEDS("b") "]"), O("{\"a\":1}"),
         "Required x.b; Invalid x"},
        {LOGIC("\"not\":" NEEDS("a")), O("{\"a\":1}"), "Invalid x"},
        {LOGIC("\"not\":" NEEDS("a")), O("{\"b\":1}"), "ok"},
        {LOGIC("\"not\":{\"anyOf\":[" NEEDS("a") "," NEEDS("b") "]}"), O("{}"),
         "ok"},
        {LOGIC("\"anyOf\":[{\"properties\":{\"a\":{\"minimum\":5}}}]"),
         O("{\"a\":4}"), "Invalid x; Invalid x.a"},
    };

    (void)state;
    run(rows, GH_COUNT(rows));
}

#define SET                                                                    \
    X("{\"type\":\"array\",\"x-kubernetes-list-type\":\"set\",\"items\":{"     \
      "\"type\":\"string\"}}")
#define MAP                                                                    \
    X("{\"type\":\"array\",\"x-kubernetes-list-type\":\"map\","                \
      "\"x-kubernetes-list-map-keys\":[\"n\",\"p\"],\"items\":{\"type\":"      \
      "\"object\",\"properties\":{\"n\":{\"type\":\"string\"},\"p\":{"         \
      "\"type\":\"integer\",\"default\":80},\"v\":{\"type\":\"string\"}}}}")

static void lists(void **state)
{
    static const struct row rows[] = {
        {SET, O("[\"a\",\"b\"]"), "ok"},
        {SET, O("[\"a\",\"b\",\"a\",\"a\"]"), "Duplicate x[2]"},
        {SET,
         O("[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\","
           "\"10\",\"11\",\"12\",\"13\",\"14\",\"15\",\"16\",\"17\","
           "\"1\",\"1\",\"17\"]"),
         "Duplicate x[17]; Duplicate x[19]"},
        {MAP, O("[{\"n\":\"a\",\"p\":1},{\"n\":\"a\",\"p\":2}]"), "ok"},
        {MAP, O("[{\"n\":\"a\"},{\"n\":\"a\",\"p\":80}]"), "Duplicate x[1]"},
        {MAP, O("[{},{}]"), "Duplicate x[1]"},
        {MAP, O("[1,{}]"), "TypeInvalid x[0]; Invalid x[0]"},
    };

    (void)state;
    run(rows, GH_COUNT(rows));
}

static void unknown_fields(void **state)
{
    static const struct row rows[] = {
        {X("{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"}"
           "}}"),
         O("{\"nmae\":\"a\"}"), "Unknown x.nmae"},
        {STRING(""), O("{\"a\":[{\"b\":1}]}"), "Unknown x.a; TypeInvalid x"},
        {STRING(""), O("[{\"b\":1}]"), "Unknown x[0].b; TypeInvalid x"},
        {STRING(""), "{\"metadata\":{\"name\":\"a\"},\"y\":1}", "Unknown y"},
        {X("{\"type\":\"object\",\"x-kubernetes-preserve-unknown-fields\":true,"
           "\"properties\":{\"a\":{\"type\":\"object\"}}}"),
         O("{\"b\":{\"c\":1},\"a\":{\"d\":1}}"), "Unknown x.a.d"},
        {X("{\"type\":\"array\",\"items\":{\"type\":\"object\"},"
           "\"x-kubernetes-preserve-unknown-fields\":true}"),
         O("[{\"b\":1}]"), "ok"},
        {X("{\"type\":\"object\",\"x-kubernetes-embedded-resource\":true,"
           "\"properties\":{\"spec\":{\"type\":\"string\"}}}"),
         O("{\"apiVersion\":\"v1\",\"kind\":\"K\",\"metadata\":{\"x\":1},"
           "\"spek\":1}"),
         "Unknown x.spek"},
        {X("{\"type\":\"object\",\"additionalProperties\":{\"type\":\"object\","
           "\"properties\":{}}}"),
         O("{\"a\":{\"b\":1}}"), "Unknown x.a.b"},
        {STRING(""), "{\"metadata\":{\"name\":\"a\",\"lables\":{}}}",
         "Unknown metadata.lables"},
        {STRING(""), "{\"metadata\":{\"name\":\"a\",\"labels\":{\"a\":1}}}",
         "Malformed metadata.labels.a"},
        {STRING(""), "{\"metadata\":{\"name\":\"a\",\"labels\":[]}}",
         "Malformed metadata.labels"},
        {STRING(""), "{\"metadata\":{\"name\":1}}",
         "Malformed metadata.name; Required metadata.name"},
        {STRING(""), "{\"metadata\":{\"name\":\"a\"},\"x\":\"b\",\"x\":\"c\"}",
         "Malformed "},
    };

    (void)state;
    run(rows, GH_COUNT(rows));
}

#define META(m) "{\"metadata\":{" m "}}"
#define L63 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff123"

static void metadata(void **state)
{
    static const struct row rows[] = {
        {OBJ(""), META("\"name\":\"a.b-c\""), "ok"},
        {OBJ(""), META("\"name\":\"A\""), "Invalid metadata.name"},
        {OBJ(""), META("\"name\":\"a.\""), "Invalid metadata.name"},
        {OBJ(""), META("\"generateName\":\"a-\""), "ok"},
        {OBJ(""), META(""), "Required metadata.name"},
        {OBJ(""), META("\"name\":\"a\",\"namespace\":\"b.c\""),
         "Invalid metadata.namespace"},
        {OBJ(""), META("\"name\":\"a\",\"labels\":{\"a/b\":\"" L63 "\"}"),
         "ok"},
        {OBJ(""), META("\"name\":\"a\",\"labels\":{\"a/b\":\"" L63 "4\"}"),
         "Invalid metadata.labels[a/b]"},
        {OBJ(""), META("\"name\":\"a\",\"labels\":{\"" L63 "4\":\"\"}"),
         "Invalid metadata.labels." L63 "4"},
        {OBJ(""), META("\"name\":\"a\",\"labels\":{\"a/b/c\":\"\"}"),
         "Invalid metadata.labels[a/b/c]"},
        {OBJ(""), META("\"name\":\"a\",\"labels\":{\"A/b\":\"\"}"),
         "Invalid metadata.labels[A/b]"},
        {OBJ(""), META("\"name\":\"a\",\"annotations\":{\"A/b\":\"x y\"}"),
         "ok"},
        {OBJ(""), META("\"name\":\"a\",\"annotations\":{\"b c\":\"\"}"),
         "Invalid metadata.annotations[b c]"},
        {OBJ(""), META("\"name\":\"a\",\"labels\":{\"b\":\"c d\"}"),
         "Invalid metadata.labels.b"},
        {OBJ(""),
         META("\"name\":\"a\",\"creationTimestamp\":null,\"generation\":1,"
              "\"managedFields\":[{\"x\":1}],\"finalizers\":[\"a/b\"]"),
         "ok"},
        {OBJ(""), META("\"name\":\"a\",\"creationTimestamp\":\"now\""),
         "Malformed metadata.creationTimestamp"},
        {OBJ(""),
         META("\"name\":\"a\",\"ownerReferences\":[{\"kind\":\"K\",\"name\":"
              "\"n\",\"uid\":\"u\",\"x\":1}]"),
         "Unknown metadata.ownerReferences[0].x; Invalid "
         "metadata.ownerReferences[0].apiVersion"},
    };

    (void)state;
    run(rows, GH_COUNT(rows));
}

#define RULE(r)                                                                \
    ",\"x-kubernetes-validations\":[{\"rule\":\"" r "\",\"message\":\"no\"}]"

static void rules(void **state)
{
    static const struct row rows[] = {
        {INT(RULE("self > 3")), O("4"), "ok"},
        {INT(RULE("self > 3")), O("3"), "Invalid x"},
        {INT(RULE("self > 3")), O("5.0"), "Invalid x"},
        {INT(RULE("self > 3")), O("\"a\""), "TypeInvalid x"},
        {INT(RULE("self > 3")), O("null"), "ok"},
        {LIST(RULE("self.all(x, x > 0)")), O("[1,0]"), "Invalid x"},
        {X("{\"type\":\"array\",\"items\":{\"type\":\"integer\"" RULE(
             "self > 0") "}}"),
         O("[1,0,2,0]"), "Invalid x[1]; Invalid x[3]"},
        {X("{\"type\":\"object\",\"additionalProperties\":{\"type\":"
           "\"integer\"" RULE("self > 0") "}}"),
         O("{\"a\":0,\"b\":1}"), "Invalid x.a"},
        {X("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\","
           "\"default\":7}}" RULE("has(self.a) && self.a == 7") "}"),
         O("{}"), "ok"},
        {X("{\"type\":\"object\",\"properties\":{\"namespace\":{\"type\":"
           "\"string\"}}" RULE("self.__namespace__ == 'b'") "}"),
         O("{\"namespace\":\"a\"}"), "Invalid x"},
        {"{\"type\":\"object\"" RULE("self.metadata.name.startsWith('b')") "}",
         "{\"metadata\":{\"name\":\"a\"}}", "Invalid "},
        {INT(RULE("self == oldSelf")), O("4"), "ok"},
        {INT(",\"x-kubernetes-validations\":[{\"rule\":\"oldSelf.hasValue() || "
             "self > 4\",\"optionalOldSelf\":true,\"reason\":"
             "\"FieldValueForbidden\",\"messageExpression\":\"'got ' + "
             "string(self)\"}]"),
         O("4"), "Forbidden x"},
        {X("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}},"
           "\"x-kubernetes-validations\":[{\"rule\":\"false\",\"fieldPath\":"
           "\".a\"}]}"),
         O("{}"), "Invalid x.a"},
        {INT(RULE("nonsense(self)")), O("4"), "ok"},
        {INT(",\"allOf\":[{\"minimum\":1" RULE("self != 5") "}]"), O("5"),
         "Invalid x"},
    };

    (void)state;
    run(rows, GH_COUNT(rows));
}

/* Broken objects: the rules stay unasked, and that is told. */
static void rules_are_skipped(void **state)
{
    struct fixture f;
    const struct gh_schema *s;

    (void)state;
    fixture_init(&f);
    s = fixture_schema(&f, OBJ("\"x\":{\"type\":\"integer\"" RULE(
                               "false") "},\"y\":{\"type\":\"string\"}"));
    assert_int_equal(
        gh_schema_check(s,
                        fixture_parse(&f, "{\"metadata\":{\"name\":\"a\"},"
                                          "\"x\":1,\"y\":2}"),
                        NULL, &f.arena, &f.result),
        GH_OK);
    assert_true(f.result.rules_skipped);
    assert_int_equal(f.result.count, 1);
    assert_int_equal(gh_schema_status(&f.result), 422);
    fixture_fini(&f);
}

static const struct {
    const char *schema, *object, *want;
} defaults[] = {
    {STRING(",\"default\":\"d\""), "{}", "{\"x\":\"d\"}"},
    {STRING(",\"default\":\"d\""), "{\"x\":null}", "{\"x\":\"d\"}"},
    {STRING(",\"default\":\"d\",\"nullable\":true"), "{\"x\":null}",
     "{\"x\":null}"},
    {STRING(",\"default\":\"d\""), "{\"x\":\"e\"}", "{\"x\":\"e\"}"},
    {STRING(""), "{\"x\":null}", "{}"},
    {STRING(""), "{\"x\":\"a\",\"y\":1}", "{\"x\":\"a\"}"},
    {X("{\"type\":\"object\",\"default\":{},\"properties\":{\"a\":{\"type\":"
       "\"integer\",\"default\":1}}}"),
     "{}", "{\"x\":{\"a\":1}}"},
    {X("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\","
       "\"default\":1}}}"),
     "{}", "{}"},
    {X("{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{"
       "\"a\":{\"type\":\"integer\",\"default\":1}}}}"),
     "{\"x\":[{},{\"a\":2},null,7]}", "{\"x\":[{\"a\":1},{\"a\":2},null,7]}"},
    {X("{\"type\":\"array\",\"items\":{\"type\":\"integer\",\"default\":5}}"),
     "{\"x\":[null]}", "{\"x\":[5]}"},
    {X("{\"type\":\"object\",\"additionalProperties\":{\"type\":\"object\","
       "\"properties\":{\"a\":{\"type\":\"integer\",\"default\":1}}}}"),
     "{\"x\":{\"k\":{},\"n\":null}}", "{\"x\":{\"k\":{\"a\":1}}}"},
    {X("{\"type\":\"object\",\"x-kubernetes-preserve-unknown-fields\":true}"),
     "{\"x\":{\"k\":null,\"l\":{\"m\":1}}}",
     "{\"x\":{\"k\":null,\"l\":{\"m\":1}}}"},
    {STRING(""), "{\"x\":{\"y\":1},\"metadata\":{\"z\":1},\"kind\":\"K\"}",
     "{\"x\":{},\"metadata\":{\"z\":1},\"kind\":\"K\"}"},
};

static void defaulting(void **state)
{
    (void)state;
    for (size_t i = 0; i < GH_COUNT(defaults); i++) {
        struct fixture f;
        struct gh_json got, want, again;
        struct gh_json_doc doc;
        const struct gh_schema *s;

        fixture_init(&f);
        s = fixture_schema(&f, defaults[i].schema);
        assert_int_equal(gh_json_parse(gh_slice_str(defaults[i].want), &f.arena,
                                       NULL, &doc, NULL),
                         GH_OK);
        want = gh_json_root(&doc);
        assert_int_equal(
            gh_schema_default(s, fixture_parse(&f, defaults[i].object),
                              &f.arena, &got),
            GH_OK);
        if (!gh_json_equal(got, want))
            print_error("%s: %.*s\n", defaults[i].object,
                        GH_FMT(gh_json_raw(got)));
        assert_true(gh_json_equal(got, want));
        assert_int_equal(gh_schema_default(s, got, &f.arena, &again), GH_OK);
        assert_ptr_equal(again.doc, got.doc);
        fixture_fini(&f);
    }
}

static const struct {
    const char *schema, *object, *field, *message;
} messages[] = {
    {STRING(""), O("7"), "x", "must be a string, not 7"},
    {STRING(""), O("[]"), "x", "must be a string, not a list"},
    {EITHER, O("true"), "x", "must be an integer or a string, not true"},
    {STRING(",\"enum\":[\"Allow\",\"Deny\"]"), O("\"allow\""), "x",
     "must be one of \"Allow\", \"Deny\", not \"allow\""},
    {INT(",\"maximum\":65535"), O("70000"), "x",
     "must be at most 65535, not 70000"},
    {INT(",\"format\":\"int32\""), O("2147483648"), "x",
     "2147483648 does not fit int32"},
    {STRING(",\"pattern\":\"^a$\""), O("\"b\""), "x", "\"b\" must match ^a$"},
    {STRING(",\"minLength\":1"), O("\"\""), "x", "must not be empty"},
    {STRING(",\"format\":\"date\""), O("\"x\""), "x",
     "\"x\" must be a valid date"},
    {LIST(",\"maxItems\":1"), O("[1,2]"), "x",
     "must have at most 1 item, but has 2"},
    {LOGIC("\"oneOf\":[" NEEDS("a") "," NEEDS("b") "]"), O("{}"), "x",
     "must have exactly one of a, b, but has none"},
    {MAP, O("[{\"n\":\"a\"},{\"n\":\"a\"}]"), "x[1]",
     "occurs twice (the same n \"a\", p 80)"},
    {X("{\"type\":\"object\",\"properties\":{\"podSelector\":{\"type\":"
       "\"string\"}}}"),
     O("{\"podselector\":\"\"}"), "x.podselector",
     "unknown field (did you mean \"podSelector\"?)"},
    {X("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"},"
       "\"b\":{\"type\":\"string\"}}}"),
     O("{\"something\":1}"), "x.something", "unknown field (known here: a, b)"},
    {STRING(""), META("\"name\":\"a\",\"labels\":{\"b\":true}"),
     "metadata.labels.b", "must be a string: put it in quotes"},
    {STRING(RULE("false")), O("\"\""), "x", "no"},
    {STRING(RULE("self.substring(9) == ''")), O("\"\""), "x",
     "index out of range (in the rule: no)"},
};

static void says_what_was_expected(void **state)
{
    (void)state;
    for (size_t i = 0; i < GH_COUNT(messages); i++) {
        struct fixture f;
        const struct gh_violation *v;
        char text[600];

        fixture_init(&f);
        assert_int_equal(gh_schema_check(fixture_schema(&f, messages[i].schema),
                                         fixture_parse(&f, messages[i].object),
                                         NULL, &f.arena, &f.result),
                         GH_OK);
        assert_true(f.result.count > 0);
        v = &f.result.at[0];
        snprintf(text, sizeof(text), "%.*s", GH_FMT(v->message));
        assert_string_equal(text, messages[i].message);
        snprintf(text, sizeof(text), "%.*s", GH_FMT(v->field));
        assert_string_equal(text, messages[i].field);
        assert_ptr_equal(v->at.doc, &f.doc); /* a place in what was given */
        fixture_fini(&f);
    }
}

static void keeps_a_hundred(void **state)
{
    struct fixture f;
    struct gh_buf b;

    (void)state;
    fixture_init(&f);
    gh_buf_init(&b, 1 << 20);
    gh_buf_add(&b, GH_SLICE("{\"metadata\":{\"name\":\"a\"},\"x\":[\"0\""));
    for (size_t i = 1; i < 250; i++)
        gh_buf_add(&b, GH_SLICE(",\"a\""));
    gh_buf_add(&b, GH_SLICE("]}\0"));
    assert_int_equal(gh_schema_check(fixture_schema(&f, LIST("")),
                                     fixture_parse(&f, b.ptr), NULL, &f.arena,
                                     &f.result),
                     GH_OK);
    assert_int_equal(f.result.count, GH_SCHEMA_MAX_VIOLATIONS);
    assert_int_equal(f.result.total, 250);
    gh_buf_fini(&b);
    fixture_fini(&f);
}

static const struct {
    const char *schema, *why;
} refused[] = {
    {"[]", "a schema must be an object"},
    {"{\"type\":\"strin\"}",
     "type: must be object, array, string, integer, number or boolean"},
    {"{\"$ref\":\"x\"}", "$ref: not allowed in a structural schema"},
    {"{\"properties\":{\"a\":{\"items\":{\"minLength\":\"1\"}}}}",
     "properties: a: items: minLength: must be an integer"},
    {"{\"pattern\":\"(\"}", "pattern: pattern: missing closing parenthesis"},
    {"{\"required\":\"a\"}", "required: must be a list of names"},
    {"{\"nullable\":1}", "nullable: must be true or false"},
    {"{\"x-kubernetes-list-type\":\"bag\"}",
     "x-kubernetes-list-type: must be atomic, set or map"},
    {"{\"oneOf\":[{},{\"type\":1}]}",
     "oneOf: [1]: type: must be object, array, string, integer, number or "
     "boolean"},
};

static void bad_schemas(void **state)
{
    (void)state;
    for (size_t i = 0; i < GH_COUNT(refused); i++) {
        struct fixture f;
        struct gh_err err;

        fixture_init(&f);
        assert_null(gh_schema_compile(fixture_parse(&f, refused[i].schema),
                                      &f.arena, &err));
        assert_string_equal(err.text, refused[i].why);
        fixture_fini(&f);
    }
}

#define CRD(kind, version, served, schema)                                     \
    "{\"kind\":\"CustomResourceDefinition\",\"spec\":{\"group\":\"g.io\","     \
    "\"names\":{\"kind\":\"" kind "\"},\"versions\":[{\"name\":\"" version     \
    "\",\"served\":" served ",\"schema\":{\"openAPIV3Schema\":" schema         \
    "},\"subresources\":{\"status\":{}}}]}}"

static void registry(void **state)
{
    struct gh_schemas *s = gh_schemas_new();
    struct gh_slice g = GH_SLICE("g.io");
    struct fixture f;
    struct gh_err err;

    (void)state;
    fixture_init(&f);
    assert_int_equal(
        gh_schemas_add_crd(
            s, fixture_parse(&f, CRD("K", "v1", "true", OBJ(""))), &err),
        GH_OK);
    assert_non_null(gh_schemas_find(s, g, GH_SLICE("v1"), GH_SLICE("K")));
    assert_null(gh_schemas_find(s, g, GH_SLICE("v2"), GH_SLICE("K")));
    assert_non_null(gh_schemas_of(
        s, fixture_parse(&f, "{\"apiVersion\":\"g.io/v1\",\"kind\":\"K\"}")));
    assert_null(gh_schemas_of(
        s, fixture_parse(&f, "{\"apiVersion\":\"v1\",\"kind\":\"Pod\"}")));
    assert_int_equal(
        gh_schemas_add_crd(
            s, fixture_parse(&f, CRD("K", "v2", "true", "{\"type\":1}")), &err),
        GH_EPROTO);
    assert_non_null(gh_schemas_find(s, g, GH_SLICE("v1"), GH_SLICE("K")));
    assert_int_equal(
        gh_schemas_add_crd(
            s, fixture_parse(&f, CRD("K", "v2", "false", OBJ(""))), &err),
        GH_OK);
    assert_null(gh_schemas_find(s, g, GH_SLICE("v1"), GH_SLICE("K")));
    assert_null(gh_schemas_find(s, g, GH_SLICE("v2"), GH_SLICE("K")));
    gh_schemas_drop_crd(s, g, GH_SLICE("K"));
    assert_int_equal(gh_schemas_add_crd(s, fixture_parse(&f, "{}"), &err),
                     GH_EPROTO);
    fixture_fini(&f);
    gh_schemas_free(s);
}

/* With a status subresource nobody's own status is looked at. */
static void status_is_not_ours(void **state)
{
    struct gh_schemas *s = gh_schemas_new();
    const struct gh_schema *schema;
    struct fixture f;
    struct gh_err err;

    (void)state;
    fixture_init(&f);
    assert_int_equal(
        gh_schemas_add_crd(
            s,
            fixture_parse(&f, CRD("K", "v1", "true",
                                  OBJ("\"status\":{\"type\":\"string\"}"))),
            &err),
        GH_OK);
    schema =
        gh_schemas_find(s, GH_SLICE("g.io"), GH_SLICE("v1"), GH_SLICE("K"));
    assert_int_equal(
        gh_schema_check(schema,
                        fixture_parse(&f, "{\"metadata\":{\"name\":\"a\"},"
                                          "\"status\":7}"),
                        NULL, &f.arena, &f.result),
        GH_OK);
    assert_int_equal(gh_schema_status(&f.result), 201);
    fixture_fini(&f);
    gh_schemas_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types),
        cmocka_unit_test(limits),
        cmocka_unit_test(formats),
        cmocka_unit_test(logic),
        cmocka_unit_test(lists),
        cmocka_unit_test(unknown_fields),
        cmocka_unit_test(metadata),
        cmocka_unit_test(rules),
        cmocka_unit_test(rules_are_skipped),
        cmocka_unit_test(defaulting),
        cmocka_unit_test(says_what_was_expected),
        cmocka_unit_test(keeps_a_hundred),
        cmocka_unit_test(bad_schemas),
        cmocka_unit_test(registry),
        cmocka_unit_test(status_is_not_ours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
