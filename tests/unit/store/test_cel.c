/* SPDX-License-Identifier: Apache-2.0 */

/*
 * CEL: each construct, each function, and what must not be
 *
 * Cases are expressions over one object, with the result as text, so that a
 * table of them reads like the language's own description.
 */

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "store/cel.h"

static const char object[] =
    "{\"name\":\"web\",\"n\":3,\"big\":9007199254740993,\"f\":1.5,"
    "\"whole\":80.0,\"yes\":true,\"none\":null,\"list\":[1,2,3],"
    "\"words\":[\"b\",\"a\",\"b\"],\"set\":[\"x\",\"y\"],"
    "\"tes\":[\"y\",\"x\"],\"keyed\":[{\"k\":1,\"v\":2},{\"k\":2,\"v\":3}],"
    "\"deyek\":[{\"k\":2,\"v\":3},{\"v\":2,\"k\":1}],"
    "\"map\":{\"a\":1,\"b.c\":2},\"namespace\":\"ns\",\"a-b\":1,"
    "\"empty\":[],\"wait\":\"5m\",\"at\":\"2024-02-29T12:30:45.5Z\"}";

static const struct gh_cel_type string_type = {.kind = GH_CEL_STRING};
static const struct gh_cel_type int_type = {.kind = GH_CEL_INT};
static const struct gh_cel_type double_type = {.kind = GH_CEL_DOUBLE};
static const struct gh_cel_type bool_type = {.kind = GH_CEL_BOOL};
static const struct gh_cel_type nullable = {.kind = GH_CEL_STRING,
                                            .nullable = true};
static const struct gh_cel_type duration_type = {.kind = GH_CEL_DURATION};
static const struct gh_cel_type time_type = {.kind = GH_CEL_TIMESTAMP};
static const struct gh_cel_type ints = {.kind = GH_CEL_LIST, .elem = &int_type};
static const struct gh_cel_type strings = {.kind = GH_CEL_LIST,
                                           .elem = &string_type};
static const struct gh_cel_type set_type = {
    .kind = GH_CEL_LIST, .order = GH_CEL_SET, .elem = &string_type};
static const struct gh_cel_type map_type = {.kind = GH_CEL_MAP,
                                            .elem = &int_type};
static const struct gh_cel_field entry_fields[] = {
    {{"k", 1}, &int_type},
    {{"v", 1}, &int_type},
};
static const struct gh_cel_type entry = {
    .kind = GH_CEL_OBJECT, .fields = entry_fields, .field_count = 2};
static const struct gh_cel_type keyed_type = {
    .kind = GH_CEL_LIST, .order = GH_CEL_KEYED, .elem = &entry};
static const struct gh_cel_field fields[] = {
    {{"name", 4}, &string_type},
    {{"n", 1}, &int_type},
    {{"big", 3}, &int_type},
    {{"f", 1}, &double_type},
    {{"whole", 5}, &int_type},
    {{"yes", 3}, &bool_type},
    {{"none", 4}, &nullable},
    {{"list", 4}, &ints},
    {{"words", 5}, &strings},
    {{"set", 3}, &set_type},
    {{"tes", 3}, &set_type},
    {{"keyed", 5}, &keyed_type},
    {{"deyek", 5}, &keyed_type},
    {{"map", 3}, &map_type},
    {{"namespace", 9}, &string_type},
    {{"a-b", 3}, &int_type},
    {{"empty", 5}, &ints},
    {{"wait", 4}, &duration_type},
    {{"at", 2}, &time_type},
    {{"absent", 6}, &string_type},
};
static const struct gh_cel_type self_type = {
    .kind = GH_CEL_OBJECT, .fields = fields, .field_count = GH_COUNT(fields)};

struct world {
    struct gh_arena arena;
    struct gh_json_doc doc;
    struct gh_re2_scratch regex;
};

static void world_init(struct world *w, const char *json)
{
    *w = (struct world){0};
    gh_arena_init(&w->arena, 64 << 20);
    assert_int_equal(
        gh_json_parse(gh_slice_str(json), &w->arena, NULL, &w->doc, NULL),
        GH_OK);
}

static void world_fini(struct world *w)
{
    gh_re2_scratch_fini(&w->regex);
    gh_arena_fini(&w->arena);
}

static void print(const struct gh_cel_value *v, struct world *w, char *to,
                  size_t size)
{
    switch ((enum gh_cel_kind)v->kind) {
    case GH_CEL_NULL:
        snprintf(to, size, "null");
        break;
    case GH_CEL_BOOL:
        snprintf(to, size, "%s", v->b ? "true" : "false");
        break;
    case GH_CEL_INT:
        snprintf(to, size, "%" PRId64, v->i);
        break;
    case GH_CEL_UINT:
        snprintf(to, size, "%" PRIu64 "u", v->u);
        break;
    case GH_CEL_DOUBLE:
        snprintf(to, size, "%gd", v->d);
        break;
    case GH_CEL_STRING:
        snprintf(to, size, "'%.*s'", GH_FMT(v->s));
        break;
    case GH_CEL_BYTES:
        snprintf(to, size, "b'%.*s'", GH_FMT(v->s));
        break;
    case GH_CEL_TYPE:
        snprintf(to, size, "type %s", gh_cel_kind_name(v->of));
        break;
    case GH_CEL_ERROR:
        snprintf(to, size, "! %.*s", GH_FMT(v->s));
        break;
    case GH_CEL_LIST:
        snprintf(to, size, "list");
        if (!v->is_json) {
            size_t len = 1;

            snprintf(to, size, "[");
            for (size_t i = 0; i < v->list.count && len < size; i++) {
                print(&v->list.at[i], w, to + len, size - len);
                len += strlen(to + len);
                if (i + 1 < v->list.count && len + 1 < size)
                    to[len++] = ',';
            }
            if (len < size)
                snprintf(to + len, size - len, "]");
        }
        break;
    case GH_CEL_DYN:
    case GH_CEL_MAP:
    case GH_CEL_OBJECT:
    case GH_CEL_DURATION:
    case GH_CEL_TIMESTAMP:
    case GH_CEL_OPTIONAL:
    case GH_CEL_IP:
    case GH_CEL_CIDR:
    case GH_CEL_QUANTITY:
    case GH_CEL_URL:
    default:
        snprintf(to, size, "%s", gh_cel_kind_name((enum gh_cel_kind)v->kind));
    }
}

/* "? line:column text" when it does not compile. */
static void ask(struct world *w, const char *text,
                const struct gh_cel_type *type, char *to, size_t size)
{
    struct gh_cel_var vars[] = {{"self", type}, {"dynSelf", NULL}};
    struct gh_cel_value values[2];
    struct gh_cel_run run = {
        .arena = &w->arena, .regex = &w->regex, .budget = GH_CEL_OBJECT_COST};
    const struct gh_cel *program;
    struct gh_cel_value v;
    struct gh_err err;
    enum gh_rc rc;

    program = gh_cel_compile(gh_slice_str(text), vars, 2, GH_CEL_DYN, &w->arena,
                             &err);
    if (!program) {
        snprintf(to, size, "? %u:%u %s", err.line, err.column, err.text);
        return;
    }
    values[0] = gh_cel_from_json(gh_json_root(&w->doc), type);
    values[1] = gh_cel_from_json(gh_json_root(&w->doc), NULL);
    rc = gh_cel_eval(program, values, &run, &v);
    assert_true(rc == GH_OK || rc == GH_EPROTO || rc == GH_ETOOBIG);
    assert_int_equal(rc == GH_OK, v.kind != GH_CEL_ERROR);
    print(&v, w, to, size);
}

struct row {
    const char *text;
    const char *want;
};

static void run_table(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct world w;
        char got[600];

        world_init(&w, object);
        ask(&w, rows[i].text, &self_type, got, sizeof(got));
        if (strcmp(got, rows[i].want) != 0)
            print_error("%s\n   gave %s\n   not  %s\n", rows[i].text, got,
                        rows[i].want);
        assert_string_equal(got, rows[i].want);
        world_fini(&w);
    }
}

static void literals(void **state)
{
    static const struct row rows[] = {
        {"1", "1"},
        {"0x1F", "31"},
        {"-1", "-1"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"9223372036854775808", "? 1:1 a number too large"},
        {"18446744073709551615u", "18446744073709551615u"},
        {"18446744073709551616u", "? 1:1 a number too large"},
        {"1.5", "1.5d"},
        {".5", "0.5d"},
        {"1e3", "1000d"},
        {"1.5E-1", "0.15d"},
        {"1e", "? 1:1 a number without an exponent"},
        {"1x", "? 1:1 a number that runs into a name"},
        {"true && !false", "true"},
        {"null", "null"},
        {"'a' + \"b\"", "'ab'"},
        {"'''a'b''' + \"\"\"c\"d\"\"\"", "'a'bc\"d'"},
        {"r'a\\n'", "'a\\n'"},
        {"'\\x41\\u00e9\\U0001F600\\101\\n'", "'A\xc3\xa9\xf0\x9f\x98\x80"
                                              "A\n'"},
        {"b'\\xff' == b'\\377'", "true"},
        {"b'\\u00e9'", "? 1:1 no such escape"},
        {"size(b'\xc3\xa9')", "2"},
        {"'\\ud800'", "? 1:1 an escape that is no character"},
        {"'\\q'", "? 1:1 no such escape"},
        {"'a", "? 1:1 a string without an end"},
        {"'a\nb'", "? 1:1 a string without an end"},
        {"[1, 2,]", "[1,2]"},
        {"{'a': 1}['a']", "1"},
        {"{'a': 1, 'a': 2}", "! a map with a repeated key"},
        {"{1.5: 1}", "! a key must be a string, number or bool"},
        {"1 // one\n + 1", "2"},
        {"", "? 1:1 the expression ends too early"},
        {"1 +", "? 1:4 the expression ends too early"},
        {"1 1", "? 1:3 the expression should end here"},
        {"(1", "? 1:3 expected \")\", found the end"},
        {"#", "? 1:1 a character that does not belong here"},
        {"a.b.", "? 1:5 expected the name of a field"},
        {"for", "? 1:1 \"for\" is a reserved word"},
        {"self.namespace", "? 1:6 \"namespace\" is a reserved word; write "
                           "__namespace__"},
        {"nothing", "? 1:1 unknown name \"nothing\""},
        {"1 +\n  nothing", "? 2:3 unknown name \"nothing\""},
    };

    (void)state;
    run_table(rows, GH_COUNT(rows));
}

static void arithmetic(void **state)
{
    static const struct row rows[] = {
        {"1 + 2 * 3 - 4 / 2 % 3", "5"},
        {"(1 + 2) * 3", "9"},
        {"7 / -2", "-3"},
        {"-7 % 3", "-1"},
        {"- -3", "3"},
        {"--3", "3"},
        {"!!true", "true"},
        {"9223372036854775807 + 1", "! integer overflow"},
        {"-9223372036854775808 - 1", "! integer overflow"},
        {"-9223372036854775808 / -1", "! integer overflow"},
        {"-9223372036854775808 % -1", "! integer overflow"},
        {"9223372036854775807 * 2", "! integer overflow"},
        {"-(-9223372036854775808)", "! integer overflow"},
        {"1 / 0", "! divide by zero"},
        {"1 % 0", "! modulus by zero"},
        {"0u - 1u", "! integer overflow"},
        {"1u / 0u", "! divide by zero"},
        {"1.0 / 0.0", "infd"},
        {"-1.0 / 0.0", "-infd"},
        {"1 + 1.0", "? 1:3 \"+\" does not take (int, double)"},
        {"1 + 1u", "? 1:3 \"+\" does not take (int, uint)"},
        {"dyn(1) + dyn(1.0)", "! no such overload: +(int, double)"},
        {"self.big + 1", "9007199254740994"},
        {"[1] + [2]", "[1,2]"},
        {"b'a' + b'b'", "b'ab'"},
        {"duration('1h') + duration('30m') == duration('1h30m')", "true"},
        {"duration('1s') - duration('1.5s') == duration('-0.5s')", "true"},
        {"timestamp('2024-01-01T00:00:00Z') + duration('24h') == "
         "timestamp('2024-01-02T00:00:00Z')",
         "true"},
        {"timestamp('2024-01-02T00:00:00Z') - "
         "timestamp('2024-01-01T00:00:00Z') == duration('24h')",
         "true"},
        {"timestamp('9999-12-31T23:59:59Z') + duration('1s')",
         "! a time out of range"},
    };

    (void)state;
    run_table(rows, GH_COUNT(rows));
}

static void comparison(void **state)
{
    static const struct row rows[] = {
        {"1 < 2 && 2 <= 2 && 3 > 2 && 3 >= 3 && 1 != 2", "true"},
        {"1 < 1.5", "true"},
        {"1u < 2", "true"},
        {"-1 < 0u", "true"},
        {"18446744073709551615u > -1", "true"},
        {"self.big > 9007199254740992.0", "true"},
        {"dyn(9007199254740993) == dyn(9007199254740992.0)", "false"},
        {"0.0 / 0.0 == 0.0 / 0.0", "false"},
        {"0.0 / 0.0 < 1.0", "false"},
        {"'a' < 'b' && 'a' < 'aa' && b'a' < b'b'", "true"},
        {"false < true", "true"},
        {"'1' == 1", "? 1:5 \"==\" does not take (string, int)"},
        {"dyn('1') == 1", "false"},
        {"dyn(1) == 1u && dyn(1) == 1.0", "true"},
        {"[1, 2] == [1, 2] && [1] != [1, 2]", "true"},
        {"{'a': 1, 'b': 2} == {'b': 2, 'a': 1}", "true"},
        {"null == null", "true"},
        {"self.none == null && self.name != null", "true"},
        {"self.list == [1, 2, 3]", "true"},
        {"self.list == [3, 2, 1]", "false"},
        {"self.set == self.tes", "true"},
        {"self.keyed == self.deyek", "true"},
        {"self.words == ['a', 'b', 'b']", "false"},
        {"type(1) == int && type('a') == string && type([]) == list", "true"},
        {"type(null) == null_type && type(type(1)) == type", "true"},
        {"type(duration('1s')) == google.protobuf.Duration", "true"},
        {"'a' < 1", "? 1:5 \"<\" does not take (string, int)"},
        {"dyn('a') < 1", "! no such overload: <(string, int)"},
        {"2 in [1, 2] && !('c' in ['a'])", "true"},
        {"'a' in self.map && !('z' in self.map)", "true"},
        {"1 in ['a']", "? 1:3 \"in\" does not take (int, list)"},
    };

    (void)state;
    run_table(rows, GH_COUNT(rows));
}

static void fields_and_logic(void **state)
{
    static const struct row rows[] = {
        {"self.name", "'web'"},
        {"self.nmae", "? 1:6 undefined field \"nmae\""},
        {"dynSelf.nmae", "! no such key: nmae"},
        {"self.name.x", "? 1:11 a value of type string has no fields"},
        {"dynSelf.name.x", "! a value of type string has no field x"},
        {"self.__namespace__", "'ns'"},
        {"self.a__dash__b", "1"},
        {"self.`a-b`", "1"},
        {"self.map['b.c']", "2"},
        {"self.map['z']", "! no such key: z"},
        {"self.map.a", "1"},
        {"self.list[0] + self.list[2]", "4"},
        {"self.list[3]", "! index out of bounds: 3"},
        {"self.list[-1]", "! index out of bounds: -1"},
        {"self.list['a']", "? 1:10 \"[]\" does not take (list, string)"},
        {"has(self.name) && !has(self.absent) && has(self.none)", "true"},
        {"has(dynSelf.none) && !has(dynSelf.x)", "true"},
        {"has(dynSelf.x.y)", "! no such key: x"},
        {"has(self)", "? 1:1 has() takes a field: has(self.name)"},
        {"self.absent", "! no such key: absent"},
        {"self.f", "1.5d"},
        {"self.whole", "! a number with a fraction, an exponent or over 64 "
                       "bits is no int"},
        {"dynSelf.whole", "80d"},
        {"dynSelf.n", "3"},
        {"false && self.absent == ''", "false"},
        {"self.absent == '' && false", "false"},
        {"true || self.absent == ''", "true"},
        {"self.absent == '' || true", "true"},
        {"self.absent == '' || false", "! no such key: absent"},
        {"self.absent == '' && true", "! no such key: absent"},
        {"dynSelf.n && true", "! no such overload: expected bool, found int"},
        {"1 && true", "? 1:1 expected bool, found int"},
        {"self.yes ? 'a' : 'b'", "'a'"},
        {"self.n > 5 ? 1 : self.n > 2 ? 2 : 3", "2"},
        {"self.n ? 1 : 2", "? 1:6 expected bool, found int"},
        {"dynSelf.n ? 1 : 2", "! no such overload: expected bool, found int"},
        {"self.absent == '' ? 1 : 2", "! no such key: absent"},
        {"self.wait == duration('300s')", "true"},
        {"self.at.getFullYear()", "2024"},
        {"self.n.foo()", "? 1:8 unknown method \"foo\""},
        {"foo(1)", "? 1:1 unknown function \"foo\""},
        {"size(1)", "? 1:1 \"size\" does not take (int)"},
        {"self.?name.orValue('x')", "'web'"},
        {"self.?absent.orValue('x')", "'x'"},
        {"dynSelf.?x.y.z.orValue(1)", "1"},
        {"dynSelf.?map.a.orValue(7)", "1"},
        {"self.list[?5].orValue(9)", "9"},
        {"self.map[?'a'].hasValue()", "true"},
        {"optional.none().hasValue()", "false"},
        {"optional.of(1).value()", "1"},
        {"optional.none().value()", "! optional.none() has no value"},
        {"optional.ofNonZeroValue(0).or(optional.of(2)).value()", "2"},
        {"optional.of(1) == optional.of(1)", "true"},
    };

    (void)state;
    run_table(rows, GH_COUNT(rows));
}

static void macros(void **state)
{
    static const struct row rows[] = {
        {"self.list.all(x, x > 0)", "true"},
        {"self.list.all(x, x > 1)", "false"},
        {"self.empty.all(x, false)", "true"},
        {"self.empty.exists(x, true)", "false"},
        {"self.list.exists(x, x == 2)", "true"},
        {"self.list.exists_one(x, x == 2)", "true"},
        {"self.list.exists_one(x, x > 1)", "false"},
        {"self.list.map(x, x * 2)", "[2,4,6]"},
        {"self.list.map(x, x > 1, x * 2)", "[4,6]"},
        {"self.list.filter(x, x != 2)", "[1,3]"},
        {"self.map.all(k, self.map[k] > 0)", "true"},
        {"self.map.map(k, k)", "['a','b.c']"},
        {"self.map.exists(k, k == 'b.c')", "true"},
        {"self.list.all(x, 1 / (x - 2) > -5)", "! divide by zero"},
        {"self.list.all(x, 1 / (x - 2) > 0)", "false"},
        {"self.list.exists(x, 1 / (x - 2) > 0)", "true"},
        {"self.list.exists(x, 1 / (x - 2) > 5)", "! divide by zero"},
        {"self.list.exists_one(x, 1 / (x - 2) > 0)", "! divide by zero"},
        {"self.list.map(x, 1 / (x - 2))", "! divide by zero"},
        {"self.list.all(x, self.list.exists(y, x == y))", "true"},
        {"self.list.map(x, self.list.map(x, x)[0])", "[1,1,1]"},
        {"self.list.all(x, x)", "? 1:18 expected bool, found int"},
        {"self.list.all(1, true)", "? 1:15 the macro's variable must be a "
                                   "name"},
        {"self.n.all(x, true)", "? 1:8 a macro over int"},
        {"dynSelf.n.all(x, true)", "! no such overload: a macro over int"},
        {"self.list.all(x, y)", "? 1:18 unknown name \"y\""},
        {"self.list.all(self, self > 0)", "true"},
        {"self.keyed.all(e, e.k < e.v)", "true"},
        {"self.keyed.all(e, e.z > 0)", "? 1:21 undefined field \"z\""},
        {"self.list.all(x)", "? 1:11 unknown method \"all\""},
    };

    (void)state;
    run_table(rows, GH_COUNT(rows));
}

static void strings_library(void **state)
{
    static const struct row rows[] = {
        {"size('h\xc3\xa9')", "2"},
        {"'abc'.size() == size([1,2,3])", "true"},
        {"'abcabc'.contains('bca')", "true"},
        {"'abc'.contains('')", "true"},
        {"'abc'.startsWith('ab') && 'abc'.endsWith('bc')", "true"},
        {"'abc'.startsWith('abcd')", "false"},
        {"'abc'.matches('b')", "true"},
        {"matches('abc', '^b')", "false"},
        {"'Abc'.matches('(?i)^a')", "true"},
        {"'a\\nb'.matches('a.b')", "false"},
        {"'a'.matches('(?=a)')", "? 1:13 bad regular expression: no such "
                                 "group: only (?:, (?flags) and (?P<name> at "
                                 "byte 1"},
        {"'a'.matches('a++')", "? 1:13 bad regular expression: a repetition is "
                               "repeated at byte 3"},
        {"'a'.matches(self.name + '(')",
         "! bad regular expression: missing closing parenthesis"},
        {"'abc 123'.find('[0-9]+')", "'123'"},
        {"'abc'.find('[0-9]+')", "''"},
        {"'1a22b333'.findAll('[0-9]+')", "['1','22','333']"},
        {"'1a22b333'.findAll('[0-9]+', 2)", "['1','22']"},
        {"'h\xc3\xa9llo'.charAt(1)", "'\xc3\xa9'"},
        {"'abc'.charAt(3)", "''"},
        {"'abc'.charAt(4)", "! index out of range"},
        {"'h\xc3\xa9llo'.indexOf('l')", "2"},
        {"'hello'.indexOf('l', 3)", "3"},
        {"'hello'.indexOf('z')", "-1"},
        {"'hello'.indexOf('l', 6)", "! index out of range"},
        {"'hello'.lastIndexOf('l')", "3"},
        {"'hello'.lastIndexOf('l', 2)", "2"},
        {"'TacoCat'.lowerAscii() + 'a'.upperAscii()", "'tacocatA'"},
        {"'a-b-c'.replace('-', '+')", "'a+b+c'"},
        {"'a-b-c'.replace('-', '+', 1)", "'a+b-c'"},
        {"'ab'.replace('', '_')", "'_a_b_'"},
        {"'a,b,c'.split(',')", "['a','b','c']"},
        {"'a,b,c'.split(',', 2)", "['a','b,c']"},
        {"'abc'.split('')", "['a','b','c']"},
        {"'abc'.split(',', 0)", "[]"},
        {"'tacocat'.substring(4)", "'cat'"},
        {"'tacocat'.substring(0, 4)", "'taco'"},
        {"'tacocat'.substring(2, 1)", "! index out of range"},
        {"'  a b\\u00a0\\n'.trim()", "'a b'"},
        {"['a', 'b'].join() + ['a', 'b'].join('-')", "'aba-b'"},
        {"[1].join()", "! no such overload: join of a list that holds more "
                       "than strings"},
        {"'h\xc3\xa9'.reverse()", "'\xc3\xa9h'"},
    };

    (void)state;
    run_table(rows, GH_COUNT(rows));
}

static void conversions(void **state)
{
    static const struct row rows[] = {
        {"int('-12') + int(3u) + int(1.9)", "-8"},
        {"int('1.5')", "! the string is no int"},
        {"int(1e30)", "! a number out of range"},
        {"int(18446744073709551615u)", "! a number out of range"},
        {"int(timestamp('1970-01-01T00:01:00Z'))", "60"},
        {"uint('12') + uint(3)", "15u"},
        {"uint(-1)", "! a number out of range"},
        {"double('1.5') + double(1)", "2.5d"},
        {"double('x')", "! the string is no double"},
        {"string(1) + string(2u) + string(1.5) + string(true)", "'121.5true'"},
        {"string(b'abc')", "'abc'"},
        {"string(b'\\xff')", "! the bytes are no UTF-8"},
        {"bytes('a')", "b'a'"},
        {"bool('true') && !bool('F')", "true"},
        {"bool('maybe')", "! the string is no bool"},
        {"string(duration('1h1.5s'))", "'3601.5s'"},
        {"string(duration('-1ms'))", "'-0.001s'"},
        {"duration('1x')", "! \"1x\" is no duration"},
        {"duration('0') == duration('0s')", "true"},
        {"duration('1h1m1s1ms1us1ns') > duration('1h1m1s1ms1us')", "true"},
        {"duration('9223372036s') > duration('1s')", "true"},
        {"duration('9223372037s')", "! \"9223372037s\" is no duration"},
        {"string(timestamp('2024-02-29T01:30:00.25+02:00'))",
         "'2024-02-28T23:30:00.25Z'"},
        {"timestamp('2023-02-29T00:00:00Z')",
         "! \"2023-02-29T00:00:00Z\" is no time"},
        {"timestamp(0) == timestamp('1970-01-01T00:00:00Z')", "true"},
        {"duration('90m').getHours() + duration('90m').getMinutes()", "91"},
        {"duration('1.5s').getMilliseconds()", "1500"},
        {"self.at.getHours('+02:30') == 15 && self.at.getMinutes() == 30",
         "true"},
        {"self.at.getMonth() + self.at.getDate() + self.at.getDayOfMonth()",
         "58"},
        {"self.at.getDayOfWeek() + self.at.getDayOfYear()", "63"},
        {"self.at.getSeconds() + self.at.getMilliseconds()", "545"},
    };

    (void)state;
    run_table(rows, GH_COUNT(rows));
}

static void libraries(void **state)
{
    static const struct row rows[] = {
        {"self.list.isSorted() && !self.words.isSorted()", "true"},
        {"self.list.sum() + self.list.min() + self.list.max()", "10"},
        {"self.empty.sum()", "0"},
        {"self.empty.max()", "! min and max need a list that is not empty"},
        {"self.words.indexOf('b') + self.words.lastIndexOf('b')", "2"},
        {"self.words.indexOf('z')", "-1"},
        {"self.list.reverse()", "[3,2,1]"},
        {"self.list.slice(1, 3)", "[2,3]"},
        {"self.list.slice(1, 4)", "! index out of range"},
        {"self.words.distinct()", "['b','a']"},
        {"sets.contains([1, 2], [2]) && sets.equivalent([1, 1], [1])", "true"},
        {"sets.intersects([1], [2])", "false"},
        {"isIP('10.0.0.1') && isIP('::1') && !isIP('10.0.0') && "
         "!isIP('::ffff:1.2.3.4') && !isIP('010.0.0.1')",
         "true"},
        {"ip('10.0.0.1').family() + ip('::1').family()", "10"},
        {"ip('127.0.0.1').isLoopback() && ip('fe80::1').isLinkLocalUnicast()",
         "true"},
        {"ip('0.0.0.0').isUnspecified() && ip('8.8.8.8').isGlobalUnicast()",
         "true"},
        {"ip('224.0.0.1').isLinkLocalMulticast()", "true"},
        {"ip('x')", "! \"x\" is no IP address"},
        {"ip.isCanonical('::1') && !ip.isCanonical('0::1')", "true"},
        {"ip('::1') == ip('0::1') && ip('1.2.3.4') != ip('1.2.3.5')", "true"},
        {"cidr('10.0.0.0/8').containsIP('10.1.2.3')", "true"},
        {"cidr('10.0.0.0/8').containsIP(ip('11.1.2.3'))", "false"},
        {"cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')", "true"},
        {"cidr('10.1.0.0/16').containsCIDR(cidr('10.0.0.0/8'))", "false"},
        {"string(cidr('10.1.2.3/12').masked())", "'10.0.0.0/12'"},
        {"string(cidr('2001:db8::1/33').masked())", "'2001:db8::/33'"},
        {"cidr('10.1.2.3/12').prefixLength()", "12"},
        {"isCIDR('10.0.0.0/33') || isCIDR('10.0.0.0/08')", "false"},
        {"string(cidr('10.1.2.3/12').ip())", "'10.1.2.3'"},
        {"isURL('https://a.b:80/c?d=e') && !isURL('a b')", "true"},
        {"url('https://u@a.b:80/c?d=e#f').getHost()", "'a.b:80'"},
        {"url('https://[::1]:80/c').getHostname()", "'::1'"},
        {"url('https://[::1]:80/c').getPort()", "'80'"},
        {"url('https://a.b/c?d').getEscapedPath()", "'/c'"},
        {"url('/c?d=1&d=2&e').getQuery()['d']", "['1','2']"},
        {"url('https://a').getScheme()", "'https'"},
        {"quantity('1Gi').isGreaterThan(quantity('1G'))", "true"},
        {"quantity('100m').add(quantity('0.9')).asInteger()", "1"},
        {"quantity('1.5').isInteger()", "false"},
        {"quantity('1.5').asApproximateFloat()", "1.5d"},
        {"quantity('50k').sub(20000).compareTo(quantity('30k'))", "0"},
        {"quantity('2e3') == quantity('2k')", "true"},
        {"isQuantity('1Zi') || isQuantity('')", "false"},
        {"quantity('-1').sign()", "-1"},
    };

    (void)state;
    run_table(rows, GH_COUNT(rows));
}

/* What is wrong with the text of a rule must not depend on who wrote it. */
static void repeat(struct gh_buf *b, const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++)
        gh_buf_add(b, gh_slice_str(text));
}

static void hostile(void **state)
{
    static const struct {
        const char *front, *many, *back;
        size_t count;
        const char *want;
    } rows[] = {
        {"", "(", "1", 100000, "? 1:1 the expression is too large"},
        {"", "(", "1", 5000, "?"},
        {"", "[", "", 5000, "?"},
        {"", "!", "true", 5000, "true"},
        {"", "-", "1", 5001, "-1"},
        {"self", ".a", "", 5000, "?"},
        {"1", " + 1", "", 5000, "?"},
        {"1", " + 1", "", 150, "151"},
        {"true", " && true", "", 5000, "true"},
        {"false", " || false", "", 5000, "false"},
        {"1", " == 1 ? 1 : 1", "", 5000, "?"},
        {"size('", "a", "')", 60000, "60000"},
        {"size([1", ", 1", "])", 15000, "15001"},
        {"size([1", ", 1", "])", 21000, "?"},
    };

    (void)state;
    for (size_t i = 0; i < GH_COUNT(rows); i++) {
        struct world w;
        char got[600];
        struct gh_buf b;

        world_init(&w, object);
        gh_buf_init(&b, 1 << 20);
        repeat(&b, rows[i].front, 1);
        repeat(&b, rows[i].many, rows[i].count);
        repeat(&b, rows[i].back, 1);
        gh_buf_addc(&b, '\0');
        assert_int_equal(gh_buf_rc(&b), GH_OK);
        ask(&w, b.ptr, NULL, got, sizeof(got));
        if (strcmp(rows[i].want, "?") == 0)
            got[1] = '\0';
        assert_string_equal(got, rows[i].want[0] == '?' && rows[i].want[1]
                                     ? "? 0:0 the expression is too large"
                                     : rows[i].want);
        gh_buf_fini(&b);
        world_fini(&w);
    }
}

/* Loops in loops, doubling strings, dear patterns: all end by their cost. */
static void costs(void **state)
{
    static const char *const texts[] = {
        "dynSelf.l.all(a, dynSelf.l.all(b, dynSelf.l.all(c, dynSelf.l.all(d, "
        "a == b || true))))",
        "dynSelf.l.map(a, dynSelf.l.map(b, dynSelf.l.map(c, dynSelf.l)))"
        ".size() > 0",
        "dynSelf.l.all(a, dynSelf.l.all(b, dynSelf.l == dynSelf.l && "
        "dynSelf.l == dynSelf.l))",
        "dynSelf.l.all(a, dynSelf.l.all(b, dynSelf.l[99] == 1 && "
        "(dynSelf.l + dynSelf.l).sum() > 0 ))",
    };
    char json[2000] = "{\"l\":[1";
    struct world w;
    char got[600];

    (void)state;
    for (size_t i = 0; i < 150; i++)
        memcpy(json + strlen(json), ",1\0", 3);
    memcpy(json + strlen(json), "]}\0", 3);
    for (size_t i = 0; i < GH_COUNT(texts); i++) {
        world_init(&w, json);
        ask(&w, texts[i], NULL, got, sizeof(got));
        assert_string_equal(got, "! the expression costs too much");
        world_fini(&w);
    }
}

static void budget_is_shared(void **state)
{
    struct gh_cel_var vars[] = {{"self", NULL}};
    struct gh_cel_run run = {.budget = 100};
    const struct gh_cel *program;
    struct gh_cel_value self, v;
    struct gh_err err;
    struct world w;
    size_t runs = 0;

    (void)state;
    world_init(&w, object);
    run.arena = &w.arena;
    program = gh_cel_compile(GH_SLICE("self.list.all(x, x > 0)"), vars, 1,
                             GH_CEL_BOOL, &w.arena, &err);
    assert_non_null(program);
    assert_true(gh_cel_uses(program, 0));
    self = gh_cel_from_json(gh_json_root(&w.doc), NULL);
    while (gh_cel_eval(program, &self, &run, &v) == GH_OK)
        runs++;
    assert_in_range(runs, 3, 20);
    assert_int_equal(run.budget, 0);
    world_fini(&w);
}

static void wants_a_kind(void **state)
{
    struct gh_err err;
    struct world w;

    (void)state;
    world_init(&w, object);
    assert_null(gh_cel_compile(GH_SLICE("1 + 1"), NULL, 0, GH_CEL_BOOL,
                               &w.arena, &err));
    assert_string_equal(err.text,
                        "the expression must be a bool, but is a int");
    world_fini(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literals),         cmocka_unit_test(arithmetic),
        cmocka_unit_test(comparison),       cmocka_unit_test(fields_and_logic),
        cmocka_unit_test(macros),           cmocka_unit_test(strings_library),
        cmocka_unit_test(conversions),      cmocka_unit_test(libraries),
        cmocka_unit_test(hostile),          cmocka_unit_test(costs),
        cmocka_unit_test(budget_is_shared), cmocka_unit_test(wants_a_kind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
