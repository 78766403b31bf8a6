/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/json.h"

#include <assert.h>

#include "wire/json_internal.h"

/*
 * Around the grammar: options, the tape's memory, what remains to be done when
 * the input is read (decoding, duplicates), and errors with line and column.
 *
 * Escaped strings are only measured while parsing and decoded at the end, so
 * their texts lie in one block of exactly the right size: before each text its
 * length, four bytes.
 */

#define DEFAULT_DEPTH 256
#define FIRST_NODES 16
#define FIRST_NODES_MAX 4096
#define MARK GH_SLICE("\xef\xbb\xbf") /* U+FEFF in UTF-8 */

static struct gh_slice input_of(const struct gh_json_parser *p)
{
    assert(p->src);
    return gh_slice_of(p->src, (size_t)(p->end - p->src));
}

const char *gh_json_fail(struct gh_json_parser *p, const char *at,
                         const char *what)
{
    p->rc = GH_EPROTO;
    p->fail_at = at;
    p->what = what;
    p->show_byte = false;
    return NULL;
}

const char *gh_json_unexpected(struct gh_json_parser *p, const char *at,
                               const char *what)
{
    (void)gh_json_fail(p, at, what);
    p->show_byte = true;
    return NULL;
}

const char *gh_json_cut(struct gh_json_parser *p)
{
    (void)gh_json_fail(p, p->end, "the input ends in the middle of a value");
    p->rc = GH_MORE;
    return NULL;
}

const char *gh_json_bad_literal(struct gh_json_parser *p, const char *c,
                                struct gh_slice literal)
{
    for (size_t i = 0; i < literal.len; i++) {
        if (c + i == p->end)
            return gh_json_cut(p);
        if (c[i] != literal.ptr[i])
            break;
    }
    return gh_json_fail(p, c, "expected a value: true, false or null?");
}

static bool too_big(struct gh_json_parser *p, const char *what)
{
    (void)gh_json_fail(p, NULL, what);
    p->rc = GH_ETOOBIG;
    return false;
}

static bool tape_resize(struct gh_json_parser *p, uint64_t cap)
{
    void *grown;

    if (cap > p->max_nodes)
        cap = p->max_nodes;
    grown = gh_arena_grow(p->arena, p->nodes, p->cap * sizeof(*p->nodes),
                          cap * sizeof(*p->nodes), _Alignof(uint64_t));
    if (!grown)
        return false;
    p->nodes = grown;
    p->cap = (uint32_t)cap;
    return true;
}

bool gh_json_tape_grow(struct gh_json_parser *p)
{
    if (p->cap >= p->max_nodes)
        return too_big(p, "too many values");
    if (tape_resize(p, (uint64_t)p->cap * 2) ||
        tape_resize(p, (uint64_t)p->cap + p->cap / 4))
        return true;
    return too_big(p, "the document needs too much memory");
}

static struct gh_slice key_text(const struct gh_json_parser *p, uint32_t key)
{
    return gh_slice_of(p->src + p->nodes[key].off, p->nodes[key].len);
}

bool gh_json_repeated(struct gh_json_parser *p, uint32_t object, uint32_t key)
{
    p->repeated = true;
    p->nodes[object].flags |= GH_JSON_F_DUP;
    if (p->dup_last)
        return true;
    (void)gh_json_fail(p, p->src + p->nodes[key].off - 1,
                       "the name occurs twice in this object");
    return false;
}

/* Called for a name that may have been in its object before. False: it has,
 * and that is refused. */
bool gh_json_name_again(struct gh_json_parser *p, uint32_t key)
{
    struct gh_json_node *object = &p->nodes[p->at];
    const struct gh_json_node *k = &p->nodes[key];
    struct gh_slice text = key_text(p, key);

    if (object->flags & GH_JSON_F_CHECK)
        return true;
    if (k->flags & GH_JSON_F_ESCAPED || p->depth > GH_JSON_BLOOM_DEPTH ||
        p->frames[p->depth - 1].members > GH_JSON_FEW_MEMBERS) {
        object->flags |= GH_JSON_F_CHECK;
        p->unchecked = true;
        return true;
    }
    for (uint32_t i = p->at + 1; i < key; i = gh_json_behind(p->nodes, i + 1))
        if (p->nodes[i].hash == k->hash && gh_slice_eq(key_text(p, i), text))
            return gh_json_repeated(p, p->at, key);
    return true;
}

/* Fills the block of decoded texts. */
static bool decode_strings(struct gh_json_parser *p, const char **ret_decoded)
{
    char *block;
    uint32_t at = 0;

    *ret_decoded = NULL;
    if (p->escaped == 0)
        return true;
    block = p->decoded_bytes <= UINT32_MAX
                ? gh_arena_alloc(p->arena, p->decoded_bytes, 1)
                : NULL;
    if (!block)
        return too_big(p, "the document needs too much memory");
    for (uint32_t i = p->escaped; i > 0;) {
        struct gh_json_node *n = &p->nodes[i - 1];
        char *text = block + at + sizeof(uint32_t);
        uint32_t len = (uint32_t)gh_json_unescape(key_text(p, i - 1), text);

        memcpy(block + at, &len, sizeof(len));
        i = n->next;
        n->next = at + (uint32_t)sizeof(len);
        if (n->flags & GH_JSON_F_KEY)
            n->hash = gh_json_hash(gh_slice_of(text, len));
        at = n->next + len;
    }
    *ret_decoded = block;
    return true;
}

static const char *finish(struct gh_json_parser *p, const char *c,
                          struct gh_json_doc *doc)
{
    *doc = (struct gh_json_doc){.src = p->src, .src_len = input_of(p).len};
    gh_arena_trim(p->arena, p->nodes, p->cap * sizeof(*p->nodes),
                  p->count * sizeof(*p->nodes));
    if (!decode_strings(p, &doc->decoded))
        return NULL;
    doc->nodes = p->nodes;
    doc->count = p->count;
    if (p->unchecked && !gh_json_check_names(p, doc))
        return NULL;
    doc->has_duplicates = p->repeated;
    return c;
}

static void place(struct gh_err *err, const struct gh_json_parser *p)
{
    const char *line = p->src;
    const char *newline;
    uint32_t number = 1;

    if (!p->fail_at)
        return;
    while (line < p->fail_at &&
           (newline = memchr(line, '\n', (size_t)(p->fail_at - line)))) {
        line = newline + 1;
        number++;
    }
    gh_err_at(err, GH_SLICE(""), number, (uint32_t)(p->fail_at - line) + 1);
}

static void explain(struct gh_err *err, const struct gh_json_parser *p)
{
    if (!err)
        return;
    if (p->fail_at == p->src && gh_slice_starts(input_of(p), MARK))
        gh_err_set(err, "JSON does not begin with a byte-order mark");
    else if (!p->show_byte)
        gh_err_set(err, "%s", p->what);
    else if (*p->fail_at > ' ' && *p->fail_at < 0x7f)
        gh_err_set(err, "%s, found '%c'", p->what, *p->fail_at);
    else
        gh_err_set(err, "%s, found byte 0x%02x", p->what,
                   (unsigned char)*p->fail_at);
    place(err, p);
}

static bool init(struct gh_json_parser *p, const struct gh_json_input *in)
{
    const struct gh_json_options *opt = in->opt;
    uint32_t depth = opt ? opt->max_depth : 0;
    uint32_t nodes = opt ? opt->max_nodes : 0;
    size_t guess = in->src.len / 16 + FIRST_NODES;

    p->src = in->src.ptr ? in->src.ptr : "";
    p->end = p->src + in->src.len;
    p->nodes = NULL;
    p->count = p->cap = p->at = p->depth = p->escaped = 0;
    p->max_depth = depth ? depth : DEFAULT_DEPTH;
    p->max_nodes = nodes ? nodes : UINT32_MAX;
    p->dup_last = opt && opt->duplicates == GH_JSON_DUP_LAST;
    p->repeated = p->unchecked = false;
    p->decoded_bytes = 0;
    p->arena = in->arena;
    if (in->src.len >= UINT32_MAX)
        return too_big(p, "the document is larger than 4 GiB");
    if (!tape_resize(p, guess < FIRST_NODES_MAX ? guess : FIRST_NODES_MAX))
        return too_big(p, "the document needs too much memory");
    return true;
}

/* White space up to the end, nothing else. */
static const char *only_space(struct gh_json_parser *p, const char *c)
{
    while (c < p->end && (*c == ' ' || *c == '\n' || *c == '\r' || *c == '\t'))
        c++;
    return c == p->end ? c : gh_json_unexpected(p, c, "expected nothing more");
}

/* Whether more bytes may make it valid: always, unless something is wrong. */
static bool may_go_on(const struct gh_json_parser *p)
{
    return p->rc == GH_MORE ||
           (p->fail_at == p->src && gh_slice_starts(MARK, input_of(p)));
}

enum gh_rc gh_json_parse_with(const struct gh_json_input *in,
                              struct gh_json_doc *ret, size_t *ret_used,
                              struct gh_err *err)
{
    struct gh_json_parser p; /* large: not cleared, see init() */
    struct gh_json_doc doc;
    const char *c = NULL;

    p.prefix = ret_used != NULL;
    if (init(&p, in))
        c = in->scan->run(&p);
    if (c && !p.prefix)
        c = only_space(&p, c);
    if (c)
        c = finish(&p, c, &doc);
    if (c) {
        *ret = doc;
        if (ret_used)
            *ret_used = (size_t)(c - p.src);
        return GH_OK;
    }
    if (p.prefix && may_go_on(&p))
        return GH_MORE;
    explain(err, &p);
    return p.rc == GH_MORE ? GH_EPROTO : p.rc;
}

enum gh_rc gh_json_parse(struct gh_slice src, struct gh_arena *arena,
                         const struct gh_json_options *opt,
                         struct gh_json_doc *ret, struct gh_err *err)
{
    return gh_json_parse_prefix(src, arena, opt, ret, NULL, err);
}

/* @ret_used NULL: a whole document */
enum gh_rc gh_json_parse_prefix(struct gh_slice src, struct gh_arena *arena,
                                const struct gh_json_options *opt,
                                struct gh_json_doc *ret, size_t *ret_used,
                                struct gh_err *err)
{
    struct gh_json_input in = {
        .scan = gh_json_scanner_best(opt && opt->portable),
        .src = src,
        .arena = arena,
        .opt = opt,
    };

    return gh_json_parse_with(&in, ret, ret_used, err);
}
