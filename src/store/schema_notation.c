/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Schemas in a notation of our own, to nodes
 *
 * The CRDs of Linkerd and the Gateway API say in 8,000 lines, besides prose,
 * the same few things again and again: what a reference, a filter, a condition
 * looks like. kinds.schema says each once. The head of that file explains the
 * notation; this reads it. Column 0 is for "pattern", "def" and "kind"; bodies
 * are read when a kind is asked for, and what two kinds use is one node.
 */

#include "base/mem.h"
#include "base/num.h"
#include "store/schema_internal.h"

struct definition {
    struct gh_slice name;
    uint32_t at; /* of its body */
    const struct gh_schema_node *node;
    bool open; /* being read: it must not use itself */
};

struct gh_notation {
    struct gh_slice text;
    struct gh_arena *arena;
    struct gh_schema_builder b;
    GH_VEC(struct definition) defs;
    GH_VEC(struct gh_notation_kind) kinds;
    GH_VEC(struct gh_schema_pattern) patterns;
};

struct reader {
    struct gh_notation *n;
    size_t at;
    size_t depth;
};

static bool fault(struct reader *r, const char *what)
{
    uint32_t line = 1;

    for (size_t i = 0; i < r->at && i < r->n->text.len; i++)
        line += r->n->text.ptr[i] == '\n';
    gh_err_set(r->n->b.err, "%s", what);
    gh_err_at(r->n->b.err, GH_SLICE("kinds.schema"), line, 0);
    return false;
}

static int peek(const struct reader *r)
{
    return r->at < r->n->text.len ? (unsigned char)r->n->text.ptr[r->at] : -1;
}

static void skip_blanks(struct reader *r)
{
    while (peek(r) == ' ' || peek(r) == '\t')
        r->at++;
}

/* To the next thing, over line ends and comments. */
static void skip(struct reader *r)
{
    for (;;) {
        skip_blanks(r);
        if (peek(r) == '#')
            while (peek(r) >= 0 && peek(r) != '\n')
                r->at++;
        if (peek(r) != '\n')
            return;
        r->at++;
    }
}

static bool is_word(int c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
           c == '_' || c == '-';
}

static struct gh_slice word(struct reader *r)
{
    size_t from;

    skip_blanks(r);
    for (from = r->at; is_word(peek(r));)
        r->at++;
    return gh_slice_of(r->n->text.ptr + from, r->at - from);
}

static bool take(struct reader *r, char c)
{
    skip_blanks(r);
    if (peek(r) != c)
        return false;
    r->at++;
    return true;
}

/* The rest of the line; a backslash at its end adds the next. */
static struct gh_slice rest_of_line(struct reader *r)
{
    struct gh_buf out;
    struct gh_slice line, copy;
    bool more = true;

    gh_buf_init(&out, 64 << 10);
    while (more) {
        skip_blanks(r);
        line = gh_slice_drop(r->n->text, r->at);
        line = gh_slice_head(line, gh_slice_find(line, '\n'));
        r->at += line.len < r->n->text.len - r->at ? line.len + 1 : line.len;
        more = gh_slice_ends(line, GH_SLICE(" \\"));
        gh_buf_add(&out, more ? gh_slice_head(line, line.len - 1) : line);
    }
    copy = gh_arena_dup(r->n->arena, gh_slice_trim(gh_buf_slice(&out)));
    gh_buf_fini(&out);
    return copy;
}

/* --- types --------------------------------------------------------------- */

static const struct gh_schema_node *read_type(struct reader *r);
static const struct gh_schema_node *defined(struct reader *r,
                                            struct gh_slice name);

static const struct {
    const char *name;
    uint8_t types;
    uint8_t format;
    uint16_t flags;
} basics[] = {
    {"string", GH_SCHEMA_T_STRING, 0, 0},
    {"datetime", GH_SCHEMA_T_STRING, GH_SCHEMA_DATE_TIME, 0},
    {"duration", GH_SCHEMA_T_STRING, GH_SCHEMA_DURATION, 0},
    {"int", GH_SCHEMA_T_INTEGER, 0, 0},
    {"int32", GH_SCHEMA_T_INTEGER, GH_SCHEMA_INT32, 0},
    {"int64", GH_SCHEMA_T_INTEGER, GH_SCHEMA_INT64, 0},
    {"float", GH_SCHEMA_T_NUMBER, GH_SCHEMA_FLOAT, 0},
    {"bool", GH_SCHEMA_T_BOOLEAN, 0, 0},
    {"open", GH_SCHEMA_T_OBJECT, 0, GH_SCHEMA_F_PRESERVE},
    {"intOrString", GH_SCHEMA_T_INTEGER | GH_SCHEMA_T_STRING, 0,
     GH_SCHEMA_F_INT_OR_STRING},
};

static struct gh_schema_node *read_basic(struct reader *r, struct gh_slice name)
{
    for (size_t i = 0; i < GH_COUNT(basics); i++) {
        struct gh_schema_node *n;

        if (!gh_slice_is(name, basics[i].name))
            continue;
        n = gh_schema_node_new(&r->n->b);
        if (!n)
            return NULL;
        n->types = basics[i].types;
        n->format = basics[i].format;
        n->flags = basics[i].flags;
        return n;
    }
    return NULL;
}

static struct gh_schema_node *read_list(struct reader *r)
{
    struct gh_schema_node *n = gh_schema_node_new(&r->n->b);

    if (!n)
        return NULL;
    n->types = GH_SCHEMA_T_ARRAY;
    n->items = read_type(r);
    if (!n->items)
        return NULL;
    skip(r);
    if (!take(r, ']'))
        fault(r, "expected ]");
    else
        return n;
    return NULL;
}

/* --- objects ------------------------------------------------------------- */

struct members {
    GH_VEC(struct gh_schema_prop) props;
    GH_VEC(struct gh_slice) required;
    GH_VEC(struct gh_schema_rule) rules;
    GH_VEC(struct gh_slice) one_of;
};

static void members_fini(struct members *m)
{
    GH_VEC_FREE(&m->props);
    GH_VEC_FREE(&m->required);
    GH_VEC_FREE(&m->rules);
    GH_VEC_FREE(&m->one_of);
}

static bool read_rule(struct reader *r, struct members *m)
{
    struct gh_schema_rule rule = {.reason = GH_SCHEMA_INVALID};

    rule.text = rest_of_line(r);
    skip(r);
    if (!gh_slice_is(word(r), "say"))
        return fault(r, "expected say behind a rule");
    rule.message = rest_of_line(r);
    GH_VEC_PUSH(&m->rules, rule);
    return rule.text.ptr && rule.message.ptr;
}

/* "one a b": exactly one of the two must be given. */
static bool read_one(struct reader *r, struct members *m)
{
    for (struct gh_slice name; (name = word(r)).len > 0;)
        GH_VEC_PUSH(&m->one_of, name);
    return m->one_of.count > 1 || fault(r, "one needs two names or more");
}

/* "+ def": all that it has. */
static bool read_include(struct reader *r, struct members *m)
{
    const struct gh_schema_node *n = defined(r, word(r));

    if (!n)
        return false;
    for (size_t i = 0; i < n->prop_count; i++)
        GH_VEC_PUSH(&m->props, n->props[i]);
    for (size_t i = 0; i < n->required_count; i++)
        GH_VEC_PUSH(&m->required, n->required[i]);
    for (size_t i = 0; i < n->rule_count; i++) {
        GH_VEC_PUSH(&m->rules, n->rules[i]);
        m->rules.at[m->rules.count - 1].compiled = false;
    }
    return true;
}

static bool read_member(struct reader *r, struct members *m)
{
    struct gh_schema_prop p = {0};
    size_t from = r->at;

    if (take(r, '+'))
        return read_include(r, m);
    p.name = word(r);
    if (p.name.len == 0)
        return fault(r, "expected the name of a field");
    if (peek(r) == ' ' && gh_slice_is(p.name, "rule"))
        return read_rule(r, m);
    if (peek(r) == ' ' && gh_slice_is(p.name, "one"))
        return read_one(r, m);
    r->at = from + p.name.len;
    if (take(r, '!'))
        GH_VEC_PUSH(&m->required, p.name);
    p.node = read_type(r);
    if (p.node)
        GH_VEC_PUSH(&m->props, p);
    return p.node != NULL;
}

static void *copy(struct gh_arena *arena, const void *at, size_t count,
                  size_t size)
{
    void *to = gh_arena_calloc(arena, count + 1, size, 16);

    if (to && count > 0)
        memcpy(to, at, count * size);
    return to;
}

static bool add_one_of(struct reader *r, struct gh_schema_node *n,
                       const struct members *m)
{
    const struct gh_schema_node **list = GH_ARENA_ARRAY(
        r->n->arena, const struct gh_schema_node *, m->one_of.count + 1);

    for (size_t i = 0; list && i < m->one_of.count; i++) {
        struct gh_schema_node *branch = gh_schema_node_new(&r->n->b);

        if (!branch)
            return false;
        branch->required =
            copy(r->n->arena, &m->one_of.at[i], 1, sizeof(struct gh_slice));
        branch->required_count = 1;
        list[i] = branch;
    }
    n->one_of = (struct gh_schema_nodes){list, m->one_of.count};
    return list != NULL;
}

static bool add_members(struct reader *r, struct gh_schema_node *n,
                        const struct members *m)
{
    struct gh_arena *a = r->n->arena;

    n->props = copy(a, m->props.at, m->props.count, sizeof(*n->props));
    n->prop_count = m->props.count;
    n->required =
        copy(a, m->required.at, m->required.count, sizeof(*n->required));
    n->required_count = m->required.count;
    n->rules = copy(a, m->rules.at, m->rules.count, sizeof(*n->rules));
    n->rule_count = m->rules.count;
    return n->props && n->required && n->rules && add_one_of(r, n, m);
}

/* Behind the brace. */
static bool read_members(struct reader *r, struct gh_schema_node *n)
{
    struct members m = {0};
    bool ok = true;

    for (skip(r); ok && !take(r, '}'); skip(r))
        ok = peek(r) >= 0 ? read_member(r, &m) : fault(r, "expected }");
    ok = ok && add_members(r, n, &m);
    members_fini(&m);
    return ok;
}

static struct gh_schema_node *read_object(struct reader *r)
{
    struct gh_schema_node *n = gh_schema_node_new(&r->n->b);

    if (!n)
        return NULL;
    n->types = GH_SCHEMA_T_OBJECT;
    return read_members(r, n) ? n : NULL;
}

/* --- what follows a type, on its line ------------------------------------ */

static bool read_json(struct reader *r, struct gh_json *ret)
{
    struct gh_json_doc *doc = GH_ARENA_NEW(r->n->arena, struct gh_json_doc);
    struct gh_err err;
    size_t used;

    skip_blanks(r);
    if (!doc ||
        gh_json_parse_prefix(gh_slice_drop(r->n->text, r->at), r->n->arena,
                             NULL, doc, &used, &err) != GH_OK)
        return fault(r, "expected a JSON value");
    r->at += used;
    *ret = gh_json_root(doc);
    return true;
}

/* A number, if one stands there. */
static bool read_bound(struct reader *r, uint64_t *ret, bool *ret_given)
{
    struct gh_slice s = word(r);

    *ret_given = s.len > 0;
    return s.len == 0 || gh_u64_parse(s, ret) || fault(r, "expected a number");
}

static void set_bound(struct gh_schema_node *n, uint64_t v, bool upper)
{
    uint32_t count = v < UINT32_MAX ? (uint32_t)v : UINT32_MAX - 1;

    if (n->types & GH_SCHEMA_T_ARRAY)
        *(upper ? &n->max_items : &n->min_items) = count;
    else if (n->types & GH_SCHEMA_T_STRING)
        *(upper ? &n->max_length : &n->min_length) = count;
    else
        *(upper ? &n->maximum : &n->minimum) = (double)v;
    if (n->types == GH_SCHEMA_T_INTEGER)
        n->flags |= upper ? GH_SCHEMA_F_MAXIMUM : GH_SCHEMA_F_MINIMUM;
}

/* "1..63", "..253", "0..": of characters, items, or the value. */
static bool read_range(struct reader *r, struct gh_schema_node *n)
{
    uint64_t v = 0;
    bool given;

    if (!read_bound(r, &v, &given))
        return false;
    if (given)
        set_bound(n, v, false);
    if (!gh_slice_starts(gh_slice_drop(r->n->text, r->at), GH_SLICE("..")))
        return fault(r, "expected ..");
    r->at += 2;
    if (!read_bound(r, &v, &given))
        return false;
    if (given)
        set_bound(n, v, true);
    return true;
}

static bool read_enum(struct reader *r, struct gh_schema_node *n)
{
    struct gh_json list = GH_JSON_NONE;
    struct gh_json *enums;

    if (!read_json(r, &list))
        return false;
    enums = GH_ARENA_ARRAY(r->n->arena, struct gh_json, gh_json_count(list));
    if (!enums)
        return false;
    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it);)
        enums[n->enum_count++] = it.value;
    n->enums = enums;
    return true;
}

/* "either": the wording of int-or-string with an anyOf beside it. */
static bool add_either(struct reader *r, struct gh_schema_node *n)
{
    const struct gh_schema_node **list =
        GH_ARENA_ARRAY(r->n->arena, const struct gh_schema_node *, 2);
    struct gh_schema_node *i = read_basic(r, GH_SLICE("int"));
    struct gh_schema_node *s = read_basic(r, GH_SLICE("string"));

    if (!list || !i || !s)
        return false;
    list[0] = i;
    list[1] = s;
    n->any_of = (struct gh_schema_nodes){list, 2};
    return true;
}

static bool read_keys(struct reader *r, struct gh_schema_node *n)
{
    struct gh_slice *keys = GH_ARENA_ARRAY(r->n->arena, struct gh_slice, 1);

    if (!keys)
        return false;
    keys[0] = word(r);
    n->order = GH_CEL_KEYED;
    n->keys = keys;
    n->key_count = 1;
    return keys[0].len > 0 || fault(r, "expected the name of a key");
}

static bool read_where(struct reader *r, struct gh_schema_node *n)
{
    struct members m = {0};
    bool ok = take(r, '{') || fault(r, "expected {");

    for (skip(r); ok && !take(r, '}'); skip(r))
        ok = gh_slice_is(word(r), "rule") ? read_rule(r, &m)
                                          : fault(r, "expected rule");
    n->rules = copy(r->n->arena, m.rules.at, m.rules.count, sizeof(*n->rules));
    n->rule_count = m.rules.count;
    members_fini(&m);
    return ok && n->rules;
}

static bool read_pattern(struct reader *r, struct gh_schema_node *n)
{
    struct gh_slice name = word(r);

    for (size_t i = 0; i < r->n->patterns.count; i++)
        if (gh_slice_eq(r->n->patterns.at[i].text, name))
            return gh_schema_node_pattern(&r->n->b, n,
                                          r->n->patterns.at[i + 1].text);
    return fault(r, "no such pattern");
}

static bool read_word(struct reader *r, struct gh_schema_node *n)
{
    struct gh_slice name = word(r);

    if (gh_slice_is(name, "in"))
        return read_enum(r, n);
    if (gh_slice_is(name, "by"))
        return read_keys(r, n);
    if (gh_slice_is(name, "where"))
        return read_where(r, n);
    if (gh_slice_is(name, "either"))
        return add_either(r, n);
    if (gh_slice_is(name, "set")) {
        n->order = GH_CEL_SET;
        return true;
    }
    return fault(r, "no such word behind a type");
}

/* One modifier; *@ret_more: there was one. */
static bool read_modifier(struct reader *r, struct gh_schema_node *n,
                          bool *ret_more)
{
    int c;

    skip_blanks(r);
    c = peek(r);
    *ret_more = true;
    if (c == '.' || (c >= '0' && c <= '9'))
        return read_range(r, n);
    if (take(r, '~'))
        return read_pattern(r, n);
    if (take(r, '='))
        return read_json(r, &n->otherwise);
    if (is_word(c))
        return read_word(r, n);
    *ret_more = false;
    return true;
}

static bool has_modifier(struct reader *r)
{
    int c;

    skip_blanks(r);
    c = peek(r);
    return c == '.' || c == '~' || c == '=' || is_word(c);
}

/* What is defined elsewhere, changed here: a node of its own. */
static struct gh_schema_node *own_copy(struct reader *r,
                                       const struct gh_schema_node *of)
{
    struct gh_schema_node *n = of ? gh_schema_node_new(&r->n->b) : NULL;

    if (!n)
        return NULL;
    *n = *of;
    n->cel = NULL;
    return n;
}

static const struct gh_schema_node *read_type(struct reader *r)
{
    struct gh_schema_node *n = NULL;
    const struct gh_schema_node *shared = NULL;
    bool more = true;

    if (++r->depth > GH_SCHEMA_MAX_DEPTH) {
        fault(r, "nested too deeply");
        return NULL;
    }
    if (take(r, '{')) {
        n = read_object(r);
    } else if (take(r, '[')) {
        n = read_list(r);
    } else {
        struct gh_slice name = word(r);

        n = read_basic(r, name);
        if (!n) {
            shared = defined(r, name);
            if (shared && has_modifier(r))
                n = own_copy(r, shared);
        }
    }
    r->depth--;
    if (!n)
        return shared;
    while (more)
        if (!read_modifier(r, n, &more))
            return NULL;
    return gh_schema_node_finish(&r->n->b, n) ? n : NULL;
}

static const struct gh_schema_node *defined(struct reader *r,
                                            struct gh_slice name)
{
    for (size_t i = 0; i < r->n->defs.count; i++) {
        struct definition *d = &r->n->defs.at[i];
        struct reader body = {.n = r->n, .at = d->at, .depth = r->depth};

        if (!gh_slice_eq(d->name, name))
            continue;
        if (d->open)
            break;
        if (!d->node) {
            d->open = true;
            d->node = read_type(&body);
            d->open = false;
        }
        return d->node;
    }
    fault(r, "not defined, or by itself");
    return NULL;
}

/* --- the whole table ----------------------------------------------------- */

static bool head_pattern(struct reader *r)
{
    struct gh_schema_pattern name = {.text = word(r)};
    struct gh_schema_pattern text;

    text = (struct gh_schema_pattern){.text = rest_of_line(r)};
    GH_VEC_PUSH(&r->n->patterns, name);
    GH_VEC_PUSH(&r->n->patterns, text);
    r->at--; /* the line's end */
    return text.text.ptr && text.text.len > 0;
}

static bool head_def(struct reader *r)
{
    struct definition d = {.name = word(r)};

    if (d.name.len == 0 || !take(r, '='))
        return fault(r, "expected def NAME =");
    d.at = (uint32_t)r->at;
    GH_VEC_PUSH(&r->n->defs, d);
    return true;
}

/* "kind GROUP VERSION,... Kind [status] = " */
static bool head_kind(struct reader *r)
{
    struct gh_slice group, versions, version, part;
    struct gh_notation_kind k = {0};
    struct gh_slice line;

    skip_blanks(r);
    line = gh_slice_drop(r->n->text, r->at);
    line = gh_slice_head(line, gh_slice_find(line, '='));
    r->at += line.len;
    line = gh_slice_trim(line);
    if (!take(r, '=') || !gh_slice_cut(&line, ' ', &group) ||
        !gh_slice_cut(&line, ' ', &versions) ||
        !gh_slice_cut(&line, ' ', &part))
        return fault(r, "expected kind GROUP VERSIONS KIND [status] =");
    k.group = group;
    k.kind = part;
    k.has_status = gh_slice_is(gh_slice_trim(line), "status");
    k.at = (uint32_t)r->at;
    while (gh_slice_cut(&versions, ',', &version)) {
        k.version = version;
        GH_VEC_PUSH(&r->n->kinds, k);
    }
    return true;
}

static bool read_heads(struct reader *r)
{
    while (peek(r) >= 0) {
        struct gh_slice name = is_word(peek(r)) ? word(r) : GH_SLICE("");
        bool ok = true;

        if (gh_slice_is(name, "pattern"))
            ok = head_pattern(r);
        else if (gh_slice_is(name, "def"))
            ok = head_def(r);
        else if (gh_slice_is(name, "kind"))
            ok = head_kind(r);
        else if (name.len > 0)
            ok = fault(r, "column 0 is for pattern, def and kind");
        if (!ok)
            return false;
        while (peek(r) >= 0 && peek(r) != '\n')
            r->at++;
        r->at++;
    }
    return true;
}

struct gh_notation *gh_notation_open(struct gh_slice text,
                                     struct gh_arena *arena, struct gh_err *err)
{
    struct gh_notation *n = GH_XNEW(struct gh_notation);
    struct reader r = {.n = n};

    n->text = text;
    n->arena = arena;
    gh_schema_builder_init(&n->b, arena, err);
    if (read_heads(&r))
        return n;
    gh_notation_close(n);
    return NULL;
}

void gh_notation_close(struct gh_notation *n)
{
    gh_schema_builder_fini(&n->b);
    GH_VEC_FREE(&n->defs);
    GH_VEC_FREE(&n->kinds);
    GH_VEC_FREE(&n->patterns);
    gh_free(n);
}

const struct gh_notation_kind *gh_notation_kind_at(const struct gh_notation *n,
                                                   size_t index)
{
    return index < n->kinds.count ? &n->kinds.at[index] : NULL;
}

const struct gh_schema *gh_notation_compile(struct gh_notation *n,
                                            const struct gh_notation_kind *k,
                                            struct gh_err *err)
{
    struct reader r = {.n = n, .at = k->at};
    struct gh_schema *s = GH_ARENA_NEW(n->arena, struct gh_schema);
    const struct gh_schema_node *root;

    n->b.err = err;
    root = s ? read_type(&r) : NULL;
    if (!root || !gh_schema_finish(&n->b, root, s))
        return NULL;
    s->has_status = k->has_status;
    return s;
}
