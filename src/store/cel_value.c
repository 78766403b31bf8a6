/* SPDX-License-Identifier: Apache-2.0 */

/*
 * CEL values: from the tape, equality, order
 *
 * A list or map that stands in JSON is not copied: it is walked on the tape,
 * and each element becomes a value when it is looked at, read as its declared
 * type. Numbers compare across kinds by value; lists that Kubernetes declares
 * as sets or maps compare without order.
 */

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "store/cel_internal.h"

/* An integer as Go's decoder sees it: without fraction and exponent. */
static bool json_int(struct gh_json v, int64_t *ret)
{
    struct gh_slice raw = gh_json_raw(v);

    for (size_t i = 0; i < raw.len; i++)
        if (raw.ptr[i] == '.' || (raw.ptr[i] | 0x20) == 'e')
            return false;
    return gh_json_i64(v, ret);
}

static struct gh_cel_value number(struct gh_json v, enum gh_cel_kind want,
                                  bool strict)
{
    int64_t i;
    double d;

    if (want != GH_CEL_DOUBLE && json_int(v, &i))
        return GH_CEL_OF_INT(i);
    if (want == GH_CEL_INT || strict)
        return gh_cel_error("a number with a fraction, an exponent or over 64 "
                            "bits is no int");
    return gh_json_f64(v, &d) ? GH_CEL_OF_DOUBLE(d)
                              : gh_cel_error("a number too large");
}

static struct gh_cel_value text(struct gh_slice s, enum gh_cel_kind want)
{
    struct gh_cel_value v = {.kind = (uint8_t)want};

    if (want == GH_CEL_DURATION && !gh_cel_parse_duration(s, &v.time))
        return gh_cel_error("no duration");
    if (want == GH_CEL_TIMESTAMP && !gh_cel_parse_timestamp(s, &v.time))
        return gh_cel_error("no time");
    if (want == GH_CEL_DURATION || want == GH_CEL_TIMESTAMP)
        return v;
    return GH_CEL_OF_STRING(s);
}

static struct gh_cel_value on_tape(struct gh_json v, enum gh_cel_kind kind,
                                   const struct gh_cel_type *type)
{
    return (struct gh_cel_value){
        .kind = (uint8_t)kind,
        .is_json = true,
        .type = type,
        .json = v,
    };
}

static struct gh_cel_value ill_typed(enum gh_cel_kind want)
{
    switch (want) {
    case GH_CEL_BOOL:
        return gh_cel_error("the value is no bool");
    case GH_CEL_INT:
        return gh_cel_error("the value is no int");
    case GH_CEL_DOUBLE:
        return gh_cel_error("the value is no number");
    case GH_CEL_LIST:
        return gh_cel_error("the value is no list");
    case GH_CEL_MAP:
    case GH_CEL_OBJECT:
        return gh_cel_error("the value is no object");
    case GH_CEL_STRING:
    case GH_CEL_DURATION:
    case GH_CEL_TIMESTAMP:
        return gh_cel_error("the value is no string");
    case GH_CEL_ERROR:
    case GH_CEL_DYN:
    case GH_CEL_NULL:
    case GH_CEL_UINT:
    case GH_CEL_BYTES:
    case GH_CEL_TYPE:
    case GH_CEL_OPTIONAL:
    case GH_CEL_IP:
    case GH_CEL_CIDR:
    case GH_CEL_QUANTITY:
    case GH_CEL_URL:
    default:
        return gh_cel_error("the value has another type");
    }
}

struct gh_cel_value gh_cel_from_json(struct gh_json v,
                                     const struct gh_cel_type *type)
{
    enum gh_cel_kind want = type ? type->kind : GH_CEL_DYN;
    bool any = want == GH_CEL_DYN;

    switch (gh_json_type(v)) {
    case GH_JSON_NULL:
        if (any || type->nullable || want == GH_CEL_NULL)
            return (struct gh_cel_value){.kind = GH_CEL_NULL};
        return gh_cel_error("null where none is allowed");
    case GH_JSON_FALSE:
    case GH_JSON_TRUE:
        if (any || want == GH_CEL_BOOL)
            return GH_CEL_OF_BOOL(gh_json_true(v));
        break;
    case GH_JSON_NUMBER:
        if (any || want == GH_CEL_INT || want == GH_CEL_DOUBLE)
            return number(v, want, type && type->int_or_string);
        break;
    case GH_JSON_STRING:
        if (any || want == GH_CEL_STRING || want == GH_CEL_DURATION ||
            want == GH_CEL_TIMESTAMP)
            return text(gh_json_str(v), want);
        break;
    case GH_JSON_ARRAY:
        if (any || want == GH_CEL_LIST)
            return on_tape(v, GH_CEL_LIST, type);
        break;
    case GH_JSON_OBJECT:
        if (any || want == GH_CEL_MAP || want == GH_CEL_OBJECT)
            return on_tape(v, GH_CEL_MAP, type);
        break;
    case GH_JSON_MISSING:
    default:
        return gh_cel_error("no such value");
    }
    return ill_typed(want);
}

struct gh_slice gh_cel_text(const struct gh_cel_value *v)
{
    if (v->kind == GH_CEL_STRING || v->kind == GH_CEL_ERROR)
        return v->s;
    return (struct gh_slice){NULL, 0};
}

void *gh_cel_alloc(struct gh_cel_eval *e, size_t count, size_t size)
{
    void *p = gh_arena_calloc(e->run->arena, count ? count : 1, size, 16);

    if (!p)
        e->stop = GH_ETOOBIG;
    return p;
}

struct gh_cel_value gh_cel_errorf(struct gh_cel_eval *e, const char *fmt, ...)
{
    char text_buf[256];
    struct gh_slice s;
    va_list list;

    va_start(list, fmt);
    vsnprintf(text_buf, sizeof(text_buf), fmt, list);
    va_end(list);
    s = gh_arena_dup(e->run->arena, gh_slice_str(text_buf));
    if (!s.ptr) {
        e->stop = GH_ETOOBIG;
        s = GH_SLICE("out of memory");
    }
    return (struct gh_cel_value){.kind = GH_CEL_ERROR, .s = s};
}

/* --- lists and maps ------------------------------------------------------ */

static const struct gh_cel_type *elem_type(const struct gh_cel_value *v)
{
    return v->type ? v->type->elem : NULL;
}

static const struct gh_cel_type *field_type(const struct gh_cel_value *v,
                                            struct gh_slice name)
{
    if (!v->type || v->type->kind != GH_CEL_OBJECT)
        return elem_type(v);
    for (size_t i = 0; i < v->type->field_count; i++)
        if (gh_slice_eq(v->type->fields[i].name, name))
            return v->type->fields[i].type;
    return NULL;
}

size_t gh_cel_size(const struct gh_cel_value *v)
{
    if (v->is_json)
        return gh_json_count(v->json);
    return v->kind == GH_CEL_LIST ? v->list.count : v->map.count;
}

struct gh_cel_walk gh_cel_walk(const struct gh_cel_value *of)
{
    struct gh_cel_walk w = {.of = of};

    if (of->is_json)
        w.json = gh_json_iter(of->json);
    return w;
}

static bool next_on_tape(struct gh_cel_walk *w)
{
    if (!gh_json_next(&w->json))
        return false;
    if (w->of->kind == GH_CEL_LIST) {
        w->value = gh_cel_from_json(w->json.value, elem_type(w->of));
        return true;
    }
    w->key = GH_CEL_OF_STRING(w->json.name);
    w->value = gh_cel_from_json(w->json.value, field_type(w->of, w->json.name));
    return true;
}

bool gh_cel_next(struct gh_cel_walk *w)
{
    if (w->of->is_json)
        return next_on_tape(w);
    if (w->at == gh_cel_size(w->of))
        return false;
    if (w->of->kind == GH_CEL_LIST) {
        w->value = w->of->list.at[w->at++];
    } else {
        w->key = w->of->map.at[w->at].key;
        w->value = w->of->map.at[w->at++].value;
    }
    return true;
}

bool gh_cel_index(const struct gh_cel_value *list, size_t index,
                  struct gh_cel_value *ret)
{
    struct gh_json v;

    if (!list->is_json) {
        if (index >= list->list.count)
            return false;
        *ret = list->list.at[index];
        return true;
    }
    v = gh_json_at(list->json, index);
    if (gh_json_is(v, GH_JSON_MISSING))
        return false;
    *ret = gh_cel_from_json(v, elem_type(list));
    return true;
}

bool gh_cel_named(const struct gh_cel_value *map, struct gh_slice name,
                  struct gh_cel_value *ret)
{
    struct gh_json v;

    if (!map->is_json) {
        for (size_t i = 0; i < map->map.count; i++) {
            const struct gh_cel_pair *pair = &map->map.at[i];

            if (pair->key.kind == GH_CEL_STRING &&
                gh_slice_eq(pair->key.s, name)) {
                *ret = pair->value;
                return true;
            }
        }
        return false;
    }
    v = gh_json_getn(map->json, name);
    if (gh_json_is(v, GH_JSON_MISSING))
        return false;
    *ret = gh_cel_from_json(v, field_type(map, name));
    return true;
}

bool gh_cel_member(struct gh_cel_eval *e, const struct gh_cel_value *map,
                   const struct gh_cel_value *key, struct gh_cel_value *ret)
{
    if (!gh_cel_pay(e, gh_cel_size(map) / 8))
        return false;
    if (key->kind == GH_CEL_STRING)
        return gh_cel_named(map, key->s, ret);
    if (map->is_json)
        return false;
    for (size_t i = 0; i < map->map.count; i++)
        if (gh_cel_equal(e, &map->map.at[i].key, key)) {
            *ret = map->map.at[i].value;
            return true;
        }
    return false;
}

bool gh_cel_push(struct gh_cel_eval *e, struct gh_cel_builder *b,
                 struct gh_cel_value v)
{
    if (b->count == b->cap) {
        size_t cap = b->cap ? b->cap * 2 : 4;
        struct gh_cel_value *at = gh_arena_grow(
            e->run->arena, b->at, b->cap * sizeof(*at), cap * sizeof(*at), 16);

        if (!at) {
            e->stop = GH_ETOOBIG;
            return false;
        }
        b->at = at;
        b->cap = cap;
    }
    b->at[b->count++] = v;
    return true;
}

struct gh_cel_value gh_cel_built(const struct gh_cel_builder *b)
{
    return (struct gh_cel_value){.kind = GH_CEL_LIST,
                                 .list = {b->at, b->count}};
}

struct gh_cel_value gh_cel_some(struct gh_cel_eval *e, struct gh_cel_value v)
{
    struct gh_cel_value *inner = gh_cel_alloc(e, 1, sizeof(*inner));

    if (!inner)
        return gh_cel_error("out of memory");
    *inner = v;
    return (struct gh_cel_value){.kind = GH_CEL_OPTIONAL, .inner = inner};
}

/* --- order --------------------------------------------------------------- */

static bool is_number(const struct gh_cel_value *v)
{
    return v->kind == GH_CEL_INT || v->kind == GH_CEL_UINT ||
           v->kind == GH_CEL_DOUBLE;
}

static int order_int(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int order_uint(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int order_double(double a, double b)
{
    return isnan(a) || isnan(b) ? 2 : (a > b) - (a < b);
}

static int order_double_int(double d, const struct gh_cel_value *v)
{
    double other = v->kind == GH_CEL_INT ? (double)v->i : (double)v->u;
    int order = order_double(d, other);

    if (order != 0)
        return order;
    /* Equal as doubles: look at the integer that was rounded. */
    if (v->kind == GH_CEL_INT)
        return d >= 0x1p63 ? 1 : order_int((int64_t)d, v->i);
    return d >= 0x1p64 ? 1 : order_uint((uint64_t)d, v->u);
}

static int order_integers(const struct gh_cel_value *a,
                          const struct gh_cel_value *b)
{
    if (a->kind == b->kind)
        return a->kind == GH_CEL_INT ? order_int(a->i, b->i)
                                     : order_uint(a->u, b->u);
    if (a->kind == GH_CEL_INT)
        return a->i < 0 ? -1 : order_uint((uint64_t)a->i, b->u);
    return b->i < 0 ? 1 : order_uint(a->u, (uint64_t)b->i);
}

static int compare_numbers(const struct gh_cel_value *a,
                           const struct gh_cel_value *b)
{
    int order;

    if (a->kind == GH_CEL_DOUBLE && b->kind == GH_CEL_DOUBLE)
        return order_double(a->d, b->d);
    if (a->kind == GH_CEL_DOUBLE)
        return order_double_int(a->d, b);
    if (b->kind != GH_CEL_DOUBLE)
        return order_integers(a, b);
    order = order_double_int(b->d, a);
    return order == 2 ? 2 : -order;
}

int gh_cel_compare(const struct gh_cel_value *a, const struct gh_cel_value *b)
{
    if (is_number(a) && is_number(b))
        return compare_numbers(a, b);
    if (a->kind != b->kind)
        return 2;
    switch ((enum gh_cel_kind)a->kind) {
    case GH_CEL_BOOL:
        return order_int(a->b, b->b);
    case GH_CEL_STRING:
    case GH_CEL_BYTES:
        return order_int(gh_slice_cmp(a->s, b->s), 0);
    case GH_CEL_DURATION:
    case GH_CEL_TIMESTAMP:
        if (a->time.s != b->time.s)
            return order_int(a->time.s, b->time.s);
        return order_int(a->time.ns, b->time.ns);
    case GH_CEL_ERROR:
    case GH_CEL_DYN:
    case GH_CEL_NULL:
    case GH_CEL_INT:
    case GH_CEL_UINT:
    case GH_CEL_DOUBLE:
    case GH_CEL_LIST:
    case GH_CEL_MAP:
    case GH_CEL_OBJECT:
    case GH_CEL_TYPE:
    case GH_CEL_OPTIONAL:
    case GH_CEL_IP:
    case GH_CEL_CIDR:
    case GH_CEL_QUANTITY:
    case GH_CEL_URL:
    default:
        return 2;
    }
}

/* --- equality ------------------------------------------------------------ */

static bool equal_in_order(struct gh_cel_eval *e, const struct gh_cel_value *a,
                           const struct gh_cel_value *b)
{
    struct gh_cel_walk wa = gh_cel_walk(a);
    struct gh_cel_walk wb = gh_cel_walk(b);

    while (gh_cel_next(&wa) && gh_cel_next(&wb))
        if (!gh_cel_equal(e, &wa.value, &wb.value))
            return false;
    return true;
}

/* Every element of @b is in @a: both have as many, and Kubernetes refuses a
 * set or a keyed list that repeats itself. */
static bool equal_as_sets(struct gh_cel_eval *e, const struct gh_cel_value *a,
                          const struct gh_cel_value *b)
{
    struct gh_cel_walk wb = gh_cel_walk(b);

    while (gh_cel_next(&wb)) {
        struct gh_cel_walk wa = gh_cel_walk(a);
        bool found = false;

        while (!found && gh_cel_next(&wa))
            found = gh_cel_equal(e, &wa.value, &wb.value);
        if (!found)
            return false;
    }
    return true;
}

static bool equal_lists(struct gh_cel_eval *e, const struct gh_cel_value *a,
                        const struct gh_cel_value *b)
{
    if (gh_cel_size(a) != gh_cel_size(b))
        return false;
    if (a->type && a->type->order != GH_CEL_ORDERED)
        return equal_as_sets(e, a, b);
    return equal_in_order(e, a, b);
}

static bool equal_maps(struct gh_cel_eval *e, const struct gh_cel_value *a,
                       const struct gh_cel_value *b)
{
    struct gh_cel_walk w = gh_cel_walk(a);
    struct gh_cel_value other;

    if (gh_cel_size(a) != gh_cel_size(b))
        return false;
    while (gh_cel_next(&w))
        if (!gh_cel_member(e, b, &w.key, &other) ||
            !gh_cel_equal(e, &w.value, &other))
            return false;
    return true;
}

static bool equal_options(struct gh_cel_eval *e, const struct gh_cel_value *a,
                          const struct gh_cel_value *b)
{
    if (!a->inner || !b->inner)
        return a->inner == b->inner;
    return gh_cel_equal(e, a->inner, b->inner);
}

bool gh_cel_equal(struct gh_cel_eval *e, const struct gh_cel_value *a,
                  const struct gh_cel_value *b)
{
    if (!gh_cel_pay(e, 1))
        return false;
    if (is_number(a) && is_number(b))
        return compare_numbers(a, b) == 0;
    if (a->kind != b->kind)
        return false;
    switch ((enum gh_cel_kind)a->kind) {
    case GH_CEL_NULL:
        return true;
    case GH_CEL_STRING:
    case GH_CEL_BYTES:
    case GH_CEL_URL:
        gh_cel_pay(e, a->s.len / 10);
        return gh_slice_eq(a->s, b->s);
    case GH_CEL_LIST:
        return equal_lists(e, a, b);
    case GH_CEL_MAP:
        return equal_maps(e, a, b);
    case GH_CEL_TYPE:
        return a->of == b->of;
    case GH_CEL_OPTIONAL:
        return equal_options(e, a, b);
    case GH_CEL_BOOL:
    case GH_CEL_DURATION:
    case GH_CEL_TIMESTAMP:
        return gh_cel_compare(a, b) == 0;
    case GH_CEL_IP:
    case GH_CEL_CIDR:
    case GH_CEL_QUANTITY:
        return gh_cel_equal_other(a, b);
    case GH_CEL_ERROR:
    case GH_CEL_DYN:
    case GH_CEL_INT:
    case GH_CEL_UINT:
    case GH_CEL_DOUBLE:
    case GH_CEL_OBJECT:
    default:
        return false;
    }
}
