/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/json_items.h"

#include <assert.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "wire/json_internal.h"
#include "wire/json_window.h"

/*
 * A window slides over the stream. What lies before @start is done with; what
 * follows is looked at in small steps, one state each. Where it is not decided
 * yet whether an object is a List or an item, its members are read ahead at
 * start + @ahead and nothing is consumed.
 *
 * A value that the window cuts off is parsed again only when twice as many
 * bytes are there. Before that, a scan that remembers how far it came looks
 * for the value's end, so bytes that trickle in cost the same as bytes that
 * come at once, and an item is handed out as soon as its last byte is there.
 */

#define MAX_NAME_BYTES 512

enum step {
    STEP_TOP,     /* between documents */
    STEP_ITEM,    /* at an item that is a whole document */
    STEP_NAME,    /* in an object: at a name, a comma or the end */
    STEP_COLON,   /* behind a name */
    STEP_VALUE,   /* behind the colon */
    STEP_ELEMENT, /* in an array: at an item, a comma or the end */
    STEP_END,
};

enum name { NAME_OTHER, NAME_KIND, NAME_API_VERSION, NAME_ITEMS };

/* A value that was cut off. */
struct cut {
    uint64_t offset; /* in the stream; what follows is void elsewhere */
    size_t tried;    /* bytes at the last attempt; 0: there was none */
    size_t scanned;
    uint32_t depth;
    bool in_string;
    bool escape;
};

struct gh_json_items {
    struct gh_json_window window;
    size_t ahead; /* read ahead behind start */
    size_t max_item_bytes;
    bool at_eof;

    enum step step;
    bool list;  /* the array or object belongs to a List */
    bool tail;  /* behind a List's items */
    bool first; /* no comma may come */
    bool comma; /* there was one: no end may come */
    bool handed_out;
    enum name name; /* of the member that is being read */
    struct gh_buf kind;
    struct gh_buf api_version;

    struct cut cut;
    struct gh_json_options opt;
    struct gh_arena arena;
    struct gh_json_doc doc;
};

struct gh_json_items *gh_json_items_new(size_t max_item_bytes,
                                        const struct gh_json_options *opt)
{
    struct gh_json_items *r = GH_XNEW(struct gh_json_items);

    if (max_item_bytes >= UINT32_MAX)
        max_item_bytes = UINT32_MAX - 1;
    r->max_item_bytes = max_item_bytes;
    r->first = true;
    r->opt = opt ? *opt : (struct gh_json_options){0};
    /* What may be read ahead, and a value behind it. */
    gh_json_window_init(&r->window, max_item_bytes * 2 + 2,
                        gh_json_scanner_best(r->opt.portable));
    gh_buf_init(&r->kind, MAX_NAME_BYTES);
    gh_buf_init(&r->api_version, MAX_NAME_BYTES);
    /* The worst is 16 bytes of tape for two of text, copied while growing. */
    gh_arena_init(&r->arena, max_item_bytes * 20 + ((size_t)1 << 20));
    return r;
}

struct gh_json_items *gh_json_items_free(struct gh_json_items *r)
{
    if (!r)
        return NULL;
    gh_arena_fini(&r->arena);
    gh_buf_fini(&r->kind);
    gh_buf_fini(&r->api_version);
    gh_json_window_fini(&r->window);
    gh_free(r);
    return NULL;
}

enum gh_rc gh_json_items_room(struct gh_json_items *r, char **ret_ptr,
                              size_t *ret_len)
{
    assert(!r->at_eof);
    return gh_json_window_room(&r->window, ret_ptr, ret_len);
}

void gh_json_items_filled(struct gh_json_items *r, size_t n)
{
    assert(n <= r->window.cap - r->window.end);
    r->window.end += n;
    r->at_eof = n == 0;
}

static enum gh_rc fail_at(struct gh_json_items *r, size_t at, enum gh_rc rc,
                          struct gh_err *err, const char *text)
{
    uint32_t column;
    uint32_t line;

    r->step = STEP_END;
    if (!err)
        return rc;
    gh_err_set(err, "%s", text);
    line = gh_json_window_place(&r->window, at, &column);
    gh_err_at(err, GH_SLICE(""), line, column);
    return rc;
}

/* An error inside of the value at @at, whose place counts from there. */
static enum gh_rc fail_inside(struct gh_json_items *r, size_t at, enum gh_rc rc,
                              struct gh_err *err)
{
    uint32_t column;
    uint32_t line;

    r->step = STEP_END;
    if (!err)
        return rc;
    line = gh_json_window_place(&r->window, at, &column);
    if (err->line <= 1)
        err->column += column - 1;
    err->line += line - (err->line > 0);
    if (err->column == 0)
        err->column = 1;
    return rc;
}

/* A byte in a string. Return: the string ends here. */
static bool scan_string(struct cut *cut, char c)
{
    if (cut->escape) {
        cut->escape = false;
        return false;
    }
    cut->escape = c == '\\';
    cut->in_string = c != '"';
    return !cut->in_string;
}

/* Goes on looking for the end of a value; false when it is not there. */
static bool scan_to_end(struct cut *cut, const char *text, size_t len)
{
    while (cut->scanned < len) {
        char c = text[cut->scanned++];

        if (cut->in_string) {
            if (scan_string(cut, c) && cut->depth == 0)
                return true;
        } else if (c == '"') {
            cut->in_string = true;
        } else if (c == '{' || c == '[') {
            cut->depth++;
        } else if (c == '}' || c == ']') {
            if (cut->depth <= 1)
                return true;
            cut->depth--;
        } else if (cut->depth == 0 && (c == ',' || c <= ' ')) {
            return true;
        }
    }
    return false;
}

/* Whether to parse the value at @text again. */
static bool is_worth_it(struct gh_json_items *r, const char *text, size_t len)
{
    struct cut *cut = &r->cut;
    uint64_t offset = r->window.offset + (uint64_t)(text - r->window.ptr);

    if (cut->offset != offset || cut->tried == 0) {
        *cut = (struct cut){.offset = offset};
        return true;
    }
    return r->at_eof || len >= cut->tried * 2 || len > r->max_item_bytes ||
           scan_to_end(cut, text, len);
}

/*
 * Parses the value at start + @ahead, where a byte is. Return: GH_OK, r->doc
 * and *@ret_used; GH_MORE; failures.
 */
static enum gh_rc parse_value(struct gh_json_items *r, size_t *ret_used,
                              struct gh_err *err)
{
    size_t at = r->window.start + r->ahead;
    size_t len = r->window.end - at;
    struct gh_json_input in;
    struct gh_slice text;
    enum gh_rc rc;

    if (!is_worth_it(r, r->window.ptr + at, len))
        return GH_MORE;
    text = gh_slice_head(gh_slice_of(r->window.ptr + at, len),
                         r->max_item_bytes + 1);
    gh_arena_reset(&r->arena);
    in = (struct gh_json_input){r->window.scan, text, &r->arena, &r->opt};
    rc = gh_json_parse_with(&in, &r->doc, ret_used, err);
    if (rc == GH_MORE && text.len <= r->max_item_bytes && r->at_eof) {
        rc = gh_json_parse_with(&in, &r->doc, NULL, err);
        *ret_used = text.len;
    }
    if (rc == GH_OK)
        r->cut.tried = 0;
    if (rc == GH_MORE)
        r->cut.tried = len;
    if (text.len > r->max_item_bytes &&
        (rc == GH_MORE || (rc == GH_OK && *ret_used > r->max_item_bytes)))
        return fail_at(r, at, GH_ETOOBIG, err, "an item is too large");
    return rc < 0 ? fail_inside(r, at, rc, err) : rc;
}

/* Steps over white space. Return: GH_OK and the byte at start + @ahead;
 * GH_MORE; GH_END. */
static enum gh_rc peek(struct gh_json_items *r, char *ret)
{
    size_t at = r->window.start + r->ahead;

    while (at < r->window.end &&
           (r->window.ptr[at] == ' ' || r->window.ptr[at] == '\n' ||
            r->window.ptr[at] == '\r' || r->window.ptr[at] == '\t'))
        at++;
    if (r->ahead == 0)
        r->window.start = at;
    else
        r->ahead = at - r->window.start;
    if (at == r->window.end)
        return r->at_eof ? GH_END : GH_MORE;
    *ret = r->window.ptr[at];
    return GH_OK;
}

static void consume(struct gh_json_items *r, size_t n)
{
    r->window.start += r->ahead + n;
    r->ahead = 0;
}

static void remember(struct gh_buf *to, struct gh_json v)
{
    gh_buf_clear(to);
    (void)gh_buf_add(to, gh_json_str(v));
}

static struct gh_slice remembered(const struct gh_buf *b)
{
    return b->len > 0 ? gh_buf_slice(b) : (struct gh_slice){NULL, 0};
}

/* The element or document at start becomes the item. */
static enum gh_rc hand_out(struct gh_json_items *r, struct gh_json_item *ret,
                           struct gh_err *err)
{
    uint32_t column;
    uint32_t line;
    size_t used;
    enum gh_rc rc = parse_value(r, &used, err);

    if (rc != GH_OK)
        return rc;
    line = gh_json_window_place(&r->window, r->window.start, &column);
    *ret = (struct gh_json_item){
        .value = gh_json_root(&r->doc),
        .list_kind = remembered(&r->kind),
        .list_api_version = remembered(&r->api_version),
        .offset = r->window.offset + r->window.start,
        .line = line,
        .column = column,
    };
    consume(r, used);
    r->first = r->comma = false;
    r->handed_out = true;
    return GH_OK;
}

/* Behind a name, colon or member that is read: gone, unless all of the object
 * may still be wanted. */
static void advance(struct gh_json_items *r, size_t n)
{
    r->ahead += n;
    if (r->tail)
        consume(r, 0);
}

static void enter(struct gh_json_items *r, enum step step, bool list)
{
    r->step = step;
    r->list = list;
    r->first = true;
    r->comma = false;
}

/* Back to where a document may begin. */
static void leave(struct gh_json_items *r)
{
    r->step = STEP_TOP;
    r->tail = false;
    gh_buf_clear(&r->kind);
    gh_buf_clear(&r->api_version);
}

/* The object is no List, or no valid one: an item, or the error in it. */
static enum gh_rc is_item(struct gh_json_items *r)
{
    leave(r);
    r->step = STEP_ITEM;
    r->ahead = 0;
    return GH_OK;
}

/* Behind its items a List cannot be taken for an item any more. */
static enum gh_rc list_error(struct gh_json_items *r, struct gh_err *err,
                             const char *text)
{
    if (!r->tail)
        return is_item(r);
    return fail_at(r, r->window.start + r->ahead, GH_EPROTO, err, text);
}

static enum gh_rc step_top(struct gh_json_items *r, char c)
{
    if (c == '[') {
        consume(r, 1);
        enter(r, STEP_ELEMENT, false);
    } else if (c == '{') {
        enter(r, STEP_NAME, true);
        r->ahead = 1;
    } else {
        r->step = STEP_ITEM;
    }
    return GH_OK;
}

static enum gh_rc step_item(struct gh_json_items *r, struct gh_json_item *ret,
                            struct gh_err *err)
{
    enum gh_rc rc = hand_out(r, ret, err);

    if (rc == GH_OK)
        r->step = STEP_TOP;
    return rc;
}

static enum name classify(struct gh_json name)
{
    if (gh_json_str_is(name, "items"))
        return NAME_ITEMS;
    if (gh_json_str_is(name, "kind"))
        return NAME_KIND;
    return gh_json_str_is(name, "apiVersion") ? NAME_API_VERSION : NAME_OTHER;
}

static enum gh_rc step_name(struct gh_json_items *r, char c, struct gh_err *err)
{
    size_t used;
    enum gh_rc rc;

    if (c == '}' && !r->comma) {
        if (!r->tail)
            return is_item(r);
        consume(r, 1);
        leave(r);
        return GH_OK;
    }
    if (c == ',' && !r->first && !r->comma) {
        r->comma = true;
        advance(r, 1);
        return GH_OK;
    }
    if (c != '"' || !(r->first || r->comma))
        return list_error(r, err, "expected ',' or '}' behind a List's items");
    rc = parse_value(r, &used, err);
    if (rc == GH_OK) {
        r->name = classify(gh_json_root(&r->doc));
        r->step = STEP_COLON;
        advance(r, used);
    }
    return rc == GH_EPROTO && !r->tail ? is_item(r) : rc;
}

static enum gh_rc step_colon(struct gh_json_items *r, char c,
                             struct gh_err *err)
{
    if (c != ':')
        return list_error(r, err, "expected ':' after a name");
    r->step = STEP_VALUE;
    advance(r, 1);
    return GH_OK;
}

/* What a member before the items says about the object; false: no List. */
static bool learn(struct gh_json_items *r, struct gh_json value)
{
    if (r->name == NAME_API_VERSION)
        remember(&r->api_version, value);
    if (r->name == NAME_KIND) {
        remember(&r->kind, value);
        return gh_slice_ends(gh_json_str(value), GH_SLICE("List"));
    }
    return r->name != NAME_ITEMS;
}

static enum gh_rc step_value(struct gh_json_items *r, char c,
                             struct gh_err *err)
{
    size_t used;
    enum gh_rc rc;

    if (r->name == NAME_ITEMS && r->tail)
        return list_error(r, err, "a List with two members \"items\"");
    if (r->name == NAME_ITEMS && c == '[') {
        consume(r, 1);
        enter(r, STEP_ELEMENT, true);
        return GH_OK;
    }
    rc = parse_value(r, &used, err);
    if (rc == GH_EPROTO && !r->tail)
        return is_item(r);
    if (rc != GH_OK)
        return rc;
    if (!r->tail && !learn(r, gh_json_root(&r->doc)))
        return is_item(r);
    advance(r, used);
    r->first = r->comma = false;
    r->step = STEP_NAME;
    return GH_OK;
}

static enum gh_rc step_element(struct gh_json_items *r, char c,
                               struct gh_json_item *ret, struct gh_err *err)
{
    if (c == ']' && !r->comma) {
        consume(r, 1);
        if (!r->list) {
            leave(r);
            return GH_OK;
        }
        r->step = STEP_NAME;
        r->tail = true;
        r->first = false;
        return GH_OK;
    }
    if (c == ',' && !r->first && !r->comma) {
        consume(r, 1);
        r->comma = true;
        return GH_OK;
    }
    if (r->first || r->comma)
        return hand_out(r, ret, err);
    return fail_at(r, r->window.start, GH_EPROTO, err, "expected ',' or ']'");
}

/* There are no more bytes, and none at this step. */
static enum gh_rc step_eof(struct gh_json_items *r, struct gh_err *err)
{
    if (r->step == STEP_TOP) {
        r->step = STEP_END;
        return GH_END;
    }
    if (r->step != STEP_ELEMENT && !r->tail)
        return is_item(r);
    return fail_at(r, r->window.end, GH_EPROTO, err,
                   "the input ends in the middle of a list");
}

/* One step. Return: GH_OK when it was made. */
static enum gh_rc step(struct gh_json_items *r, struct gh_json_item *ret,
                       struct gh_err *err)
{
    char c = '\0';
    enum gh_rc rc;

    if (r->step == STEP_END)
        return GH_END;
    rc = peek(r, &c);
    if (r->ahead > r->max_item_bytes)
        return is_item(r);
    if (rc == GH_END)
        return step_eof(r, err);
    if (rc != GH_OK)
        return rc;
    switch (r->step) {
    case STEP_TOP:
        return step_top(r, c);
    case STEP_ITEM:
        return step_item(r, ret, err);
    case STEP_NAME:
        return step_name(r, c, err);
    case STEP_COLON:
        return step_colon(r, c, err);
    case STEP_VALUE:
        return step_value(r, c, err);
    case STEP_ELEMENT:
        return step_element(r, c, ret, err);
    case STEP_END:
        break;
    }
    return GH_END;
}

enum gh_rc gh_json_items_next(struct gh_json_items *r, struct gh_json_item *ret,
                              struct gh_err *err)
{
    enum gh_rc rc = GH_OK;

    r->handed_out = false;
    while (rc == GH_OK && !r->handed_out)
        rc = step(r, ret, err);
    return rc;
}
