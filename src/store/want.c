/* SPDX-License-Identifier: Apache-2.0 */
#include "store/want.h"

#include <stdlib.h>

#include "base/mem.h"
#include "wire/json_write.h"

#define MAX_MATCHES 16 /* rows that may agree on one member; more: keep all */

struct part {
    struct gh_slice name; /* without its stars */
    bool any_front;
    bool any_behind;
    bool whole; /* keep all that is here */
    GH_VEC(struct part *) parts;
};

struct named {
    const char *name; /* NULL: objects of any name */
    struct part *root;
};

struct gh_cut {
    GH_VEC(struct named) named;
};

static const char *const always[] = {
    "apiVersion",
    "kind",
    "metadata name",
    "metadata namespace",
    "metadata creationTimestamp",
};

/* --- building ------------------------------------------------------------- */

static struct part *part_free(struct part *p)
{
    for (size_t i = 0; i < p->parts.count; i++)
        (void)part_free(p->parts.at[i]);
    GH_VEC_FREE(&p->parts);
    gh_free(p);
    return NULL;
}

static struct part *add_part(struct part *parent, struct gh_slice name)
{
    struct part wanted = {.name = name};
    struct part *p;

    if (gh_slice_starts(wanted.name, GH_SLICE("*"))) {
        wanted.any_front = true;
        wanted.name = gh_slice_drop(wanted.name, 1);
    }
    if (gh_slice_ends(wanted.name, GH_SLICE("*"))) {
        wanted.any_behind = true;
        wanted.name.len--;
    }
    for (size_t i = 0; i < parent->parts.count; i++) {
        p = parent->parts.at[i];
        if (gh_slice_eq(p->name, wanted.name) &&
            p->any_front == wanted.any_front &&
            p->any_behind == wanted.any_behind)
            return p;
    }
    p = GH_XNEW(struct part);
    *p = wanted;
    GH_VEC_PUSH(&parent->parts, p);
    return p;
}

static void add_field(struct part *root, const char *field)
{
    struct gh_slice rest = gh_slice_str(field);
    struct gh_slice name;

    while (gh_slice_cut(&rest, ' ', &name))
        root = add_part(root, name);
    root->whole = true;
}

struct gh_cut *gh_cut_new(void)
{
    return GH_XNEW(struct gh_cut);
}

struct gh_cut *gh_cut_free(struct gh_cut *c)
{
    if (!c)
        return NULL;
    for (size_t i = 0; i < c->named.count; i++)
        (void)part_free(c->named.at[i].root);
    GH_VEC_FREE(&c->named);
    gh_free(c);
    return NULL;
}

static struct part *root_for(struct gh_cut *c, const char *name)
{
    struct part *root;

    for (size_t i = 0; i < c->named.count; i++) {
        const char *other = c->named.at[i].name;

        if (name && other ? strcmp(name, other) == 0 : name == other)
            return c->named.at[i].root;
    }
    root = GH_XNEW(struct part);
    for (size_t i = 0; i < GH_COUNT(always); i++)
        add_field(root, always[i]);
    GH_VEC_PUSH(&c->named, (struct named){name, root});
    return root;
}

void gh_cut_add(struct gh_cut *c, const struct gh_want *row)
{
    struct part *root = root_for(c, row->name);

    if (!row->fields)
        root->whole = true;
    for (const char *const *f = row->fields; f && *f; f++)
        add_field(root, *f);
}

/* --- matching ------------------------------------------------------------- */

struct matches {
    const struct part *at[MAX_MATCHES];
    size_t count;
    bool whole;
};

static void add_match(struct matches *m, const struct part *p)
{
    m->whole = m->whole || p->whole || m->count == MAX_MATCHES;
    if (m->count < MAX_MATCHES)
        m->at[m->count++] = p;
}

static bool part_is(const struct part *p, struct gh_slice name)
{
    if (!p->any_front && !p->any_behind)
        return gh_slice_eq(p->name, name);
    if (!p->any_front)
        return gh_slice_starts(name, p->name);
    if (!p->any_behind)
        return gh_slice_ends(name, p->name);
    return p->name.len == 0 ||
           (name.len > 0 &&
            memmem(name.ptr, name.len, p->name.ptr, p->name.len));
}

static void match_member(const struct matches *above, struct gh_slice name,
                         struct matches *ret)
{
    ret->count = 0;
    ret->whole = above->whole;
    for (size_t i = 0; i < above->count && !ret->whole; i++) {
        const struct part *p = above->at[i];

        for (size_t j = 0; j < p->parts.count; j++)
            if (part_is(p->parts.at[j], name))
                add_match(ret, p->parts.at[j]);
    }
}

static bool name_applies(const struct named *n, struct gh_slice name)
{
    return !n->name || gh_slice_is(name, n->name);
}

bool gh_cut_wants(const struct gh_cut *c, struct gh_slice name)
{
    for (size_t i = 0; i < c->named.count; i++)
        if (name_applies(&c->named.at[i], name))
            return true;
    return false;
}

/* --- writing -------------------------------------------------------------- */

enum place { AT_ROOT, IN_METADATA, INSIDE };

struct cutter {
    struct gh_buf *out;
    struct gh_arena *scratch;
};

static void cut_value(struct cutter *c, struct gh_json v,
                      const struct matches *m, enum place place);

static void canonical(struct cutter *c, struct gh_json v)
{
    enum gh_rc rc = gh_json_canonical(v, c->scratch, c->out);

    if (rc < 0)
        c->out->failed = rc; /* the caller asks the buffer at the end */
}

/* Integers that a double holds exactly are canonical as they stand. */
static bool is_canonical_number(struct gh_slice s)
{
    struct gh_slice digits = gh_slice_drop(s, s.ptr[0] == '-');

    if (digits.len > 15 || (digits.ptr[0] == '0' && s.len > 1))
        return false;
    for (size_t i = 0; i < digits.len; i++)
        if (digits.ptr[i] < '0' || digits.ptr[i] > '9')
            return false;
    return true;
}

static bool is_canonical_scalar(struct gh_json v, struct gh_slice raw)
{
    if (gh_json_is(v, GH_JSON_NUMBER))
        return is_canonical_number(raw);
    if (gh_json_is(v, GH_JSON_STRING))
        return !(v.doc->nodes[v.at].flags & GH_JSON_F_ESCAPED);
    return true;
}

static void put_scalar(struct cutter *c, struct gh_json v)
{
    struct gh_slice raw = gh_json_raw(v);

    if (is_canonical_scalar(v, raw))
        (void)gh_buf_add(c->out, raw);
    else
        canonical(c, v);
}

/* Order of names by UTF-16 code units: as by bytes of UTF-8, except that
 * U+E000 to U+FFFF come behind what lies beyond them. */
static int name_order(struct gh_slice a, struct gh_slice b)
{
    size_t n = a.len < b.len ? a.len : b.len;

    for (size_t i = 0; i < n; i++) {
        unsigned char x = (unsigned char)a.ptr[i];
        unsigned char y = (unsigned char)b.ptr[i];

        if (x == y)
            continue;
        if (x >= 0xee && y >= 0xee && (x >= 0xf0) != (y >= 0xf0))
            return x >= 0xf0 ? -1 : 1;
        return x < y ? -1 : 1;
    }
    return a.len == b.len ? 0 : a.len < b.len ? -1 : 1;
}

struct member {
    struct gh_slice name;
    struct gh_json key;
    struct gh_json value;
};

/* Whether a member is kept, and by which parts of the trie. */
static bool keeps(const struct matches *above, struct gh_slice name,
                  struct gh_json value, enum place place, struct matches *ret)
{
    if (place == IN_METADATA && gh_slice_is(name, "managedFields"))
        return false;
    match_member(above, name, ret);
    if (ret->whole)
        return true;
    return ret->count > 0 && gh_json_type(value) >= GH_JSON_ARRAY;
}

static enum place place_below(enum place place, struct gh_slice name)
{
    return place == AT_ROOT && gh_slice_is(name, "metadata") ? IN_METADATA
                                                             : INSIDE;
}

static void put_member(struct cutter *c, const struct member *member,
                       const struct matches *m, enum place place)
{
    if (c->out->len > 0 && c->out->ptr[c->out->len - 1] != '{')
        (void)gh_buf_addc(c->out, ',');
    put_scalar(c, member->key);
    (void)gh_buf_addc(c->out, ':');
    cut_value(c, member->value, m, place_below(place, member->name));
}

static int compare_members(const void *a, const void *b)
{
    const struct member *x = a;
    const struct member *y = b;
    int order = name_order(x->name, y->name);

    if (order != 0)
        return order;
    return x->key.at < y->key.at ? -1 : 1; /* of a repeated name, the last */
}

static void cut_unsorted(struct cutter *c, struct gh_json v,
                         const struct matches *m, enum place place)
{
    size_t count = 0;
    struct member *members =
        GH_ARENA_ARRAY(c->scratch, struct member, gh_json_count(v));
    struct matches below;

    if (!members) {
        c->out->failed = GH_ETOOBIG;
        return;
    }
    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);)
        members[count++] = (struct member){it.name, it.key, it.value};
    qsort(members, count, sizeof(*members), compare_members);
    for (size_t i = 0; i < count; i++) {
        if (i + 1 < count && gh_slice_eq(members[i].name, members[i + 1].name))
            continue;
        if (keeps(m, members[i].name, members[i].value, place, &below))
            put_member(c, &members[i], &below, place);
    }
}

/* Return: false when names turn out not to be in order. */
static bool cut_sorted(struct cutter *c, struct gh_json v,
                       const struct matches *m, enum place place)
{
    struct gh_slice before = {NULL, 0};
    struct matches below;

    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);) {
        struct member member = {it.name, it.key, it.value};

        if (!keeps(m, it.name, it.value, place, &below))
            continue;
        if (before.ptr && name_order(before, it.name) >= 0)
            return false;
        before = it.name;
        put_member(c, &member, &below, place);
    }
    return true;
}

static void cut_object(struct cutter *c, struct gh_json v,
                       const struct matches *m, enum place place)
{
    size_t start = c->out->len;

    (void)gh_buf_addc(c->out, '{');
    if ((v.doc->nodes[v.at].flags & GH_JSON_F_DUP) ||
        !cut_sorted(c, v, m, place)) {
        if (gh_buf_rc(c->out) == GH_OK)
            c->out->len = start + 1;
        cut_unsorted(c, v, m, place);
    }
    (void)gh_buf_addc(c->out, '}');
}

static void cut_array(struct cutter *c, struct gh_json v,
                      const struct matches *m)
{
    const char *comma = "";

    (void)gh_buf_addc(c->out, '[');
    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);) {
        (void)gh_buf_add(c->out, gh_slice_str(comma));
        comma = ",";
        cut_value(c, it.value, m, INSIDE);
    }
    (void)gh_buf_addc(c->out, ']');
}

static void cut_value(struct cutter *c, struct gh_json v,
                      const struct matches *m, enum place place)
{
    if (gh_json_is(v, GH_JSON_OBJECT))
        cut_object(c, v, m, place);
    else if (gh_json_is(v, GH_JSON_ARRAY))
        cut_array(c, v, m);
    else if (m->whole)
        put_scalar(c, v);
    else
        (void)gh_buf_add(c->out, GH_SLICE("null"));
}

enum gh_rc gh_cut_write(const struct gh_cut *c, struct gh_json object,
                        struct gh_slice name, struct gh_arena *scratch,
                        struct gh_buf *out)
{
    struct cutter cutter = {out, scratch};
    struct matches m = {.count = 0};

    for (size_t i = 0; i < c->named.count; i++)
        if (name_applies(&c->named.at[i], name))
            add_match(&m, c->named.at[i].root);
    cut_value(&cutter, object, &m, AT_ROOT);
    return gh_buf_rc(out);
}
