/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/yaml_tree.h"

#include <assert.h>
#include <libfyaml.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/map.h"

/*
 * libfyaml's event interface is all that is used of it: no documents, so none
 * of its recursion over trees, and no output, so nothing of its own reaches
 * standard error. Its depth limit is off because ours comes first.
 */

struct reader {
    struct gh_slice src;
    uint32_t first_line;
    const struct gh_yaml_limits *limits;
    struct gh_arena *arena;
    struct gh_err *err;
    struct fy_parser *parser;
    struct fy_diag *diag;
    struct gh_map anchors;       /* name to node; the latest wins */
    struct gh_yaml_node **stack; /* of open collections */
    uint32_t depth;
    uint32_t nodes;
    struct gh_json_mark at; /* the last place seen */
    struct gh_yaml_node *root;
};

enum gh_rc gh_yaml_fail(struct gh_err *err, struct gh_json_mark mark,
                        const char *fmt, ...)
{
    char text[sizeof(err->text)];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    gh_err_set(err, "%s", text);
    gh_err_at(err, GH_SLICE(""), mark.line, mark.column);
    return GH_EPROTO;
}

static enum gh_rc too_big(struct reader *r, const char *what, size_t limit)
{
    (void)gh_yaml_fail(r->err, r->at, "the document has more than %zu %s",
                       limit, what);
    return GH_ETOOBIG;
}

static struct gh_json_mark to_mark(const struct reader *r, int line, int column)
{
    return (struct gh_json_mark){
        .line = r->first_line + (line > 0 ? (uint32_t)line : 0),
        .column = column > 0 ? (uint32_t)column + 1 : 1,
    };
}

static void look_where(struct reader *r, struct fy_event *event)
{
    const struct fy_mark *mark = fy_event_start_mark(event);

    if (mark && mark->line >= 0)
        r->at = to_mark(r, mark->line, mark->column);
}

/* libfyaml's own words, with the first error it collected. */
static enum gh_rc syntax_error(struct reader *r)
{
    void *iter = NULL;
    const struct fy_diag_error *e = fy_diag_errors_iterate(r->diag, &iter);

    if (!e || !e->msg)
        return gh_yaml_fail(r->err, r->at, "this is not valid YAML");
    return gh_yaml_fail(r->err, to_mark(r, e->line - 1, e->column - 1),
                        "not valid YAML: %s", e->msg);
}

/* What stands between the quotes of a single-quoted scalar; else absent. */
static struct gh_slice quoted(const struct reader *r, struct fy_token *token)
{
    const struct fy_mark *from = fy_token_start_mark(token);
    const struct fy_mark *to = fy_token_end_mark(token);

    if (fy_token_scalar_style(token) != FYSS_SINGLE_QUOTED || !from || !to ||
        from->input_pos > to->input_pos || to->input_pos > r->src.len)
        return (struct gh_slice){NULL, 0};
    return gh_slice_of(r->src.ptr + from->input_pos,
                       to->input_pos - from->input_pos);
}

/* Text of a token, in the source where it stands there as it is. */
static enum gh_rc token_text(struct reader *r, struct fy_token *token,
                             struct gh_slice *ret)
{
    size_t len = 0;
    const char *text = fy_token_get_text(token, &len);

    struct gh_slice raw = quoted(r, token);

    if (!text)
        return gh_yaml_fail(r->err, r->at, "a scalar cannot be decoded");
    if (gh_yaml_miscounted(raw)) {
        *ret = gh_yaml_unquote(raw, r->arena);
        return ret->ptr ? GH_OK : too_big(r, "bytes", r->limits->max_bytes);
    }
    if (text >= r->src.ptr && text + len <= r->src.ptr + r->src.len) {
        *ret = gh_slice_of(text, len);
        return GH_OK;
    }
    *ret = gh_arena_dup(r->arena, gh_slice_of(text, len));
    return ret->ptr ? GH_OK : too_big(r, "bytes", r->limits->max_bytes);
}

static enum gh_rc append(struct reader *r, struct gh_yaml_node *node)
{
    struct gh_yaml_node *parent = r->depth ? r->stack[r->depth - 1] : NULL;

    if (!parent) {
        if (r->root)
            return gh_yaml_fail(r->err, node->mark,
                                "a second document begins without \"---\"");
        r->root = node;
        return GH_OK;
    }
    if (parent->last)
        parent->last->next = node;
    else
        parent->first = node;
    parent->last = node;
    parent->child_count++;
    return GH_OK;
}

static enum gh_rc add_node(struct reader *r, enum gh_yaml_node_type type,
                           struct gh_yaml_node **ret)
{
    if (++r->nodes > r->limits->max_nodes)
        return too_big(r, "values", r->limits->max_nodes);
    *ret = GH_ARENA_NEW(r->arena, struct gh_yaml_node);
    if (!*ret)
        return too_big(r, "bytes", r->limits->max_bytes);
    (*ret)->type = type;
    (*ret)->mark = r->at;
    return append(r, *ret);
}

static enum gh_rc set_properties(struct reader *r, struct gh_yaml_node *node,
                                 struct fy_token *anchor, struct fy_token *tag)
{
    enum gh_rc rc = GH_OK;
    struct gh_slice name;

    if (tag)
        rc = token_text(r, tag, &node->tag);
    if (rc < 0 || !anchor)
        return rc;
    rc = token_text(r, anchor, &name);
    if (rc == GH_OK)
        (void)gh_map_put(&r->anchors, name, node);
    return rc;
}

static enum gh_rc open_collection(struct reader *r, struct gh_yaml_node *node)
{
    if (r->depth == r->limits->max_depth)
        return gh_yaml_fail(r->err, node->mark, "nested deeper than %u levels",
                            r->limits->max_depth);
    node->open = true;
    r->stack[r->depth++] = node;
    return GH_OK;
}

static enum gh_rc take_collection(struct reader *r, enum gh_yaml_node_type type,
                                  struct fy_token *anchor, struct fy_token *tag)
{
    struct gh_yaml_node *node;
    enum gh_rc rc = add_node(r, type, &node);

    if (rc == GH_OK)
        rc = set_properties(r, node, anchor, tag);
    if (rc == GH_OK)
        rc = open_collection(r, node);
    return rc;
}

static enum gh_rc take_scalar(struct reader *r,
                              const struct fy_event_scalar_data *data)
{
    enum fy_scalar_style style = fy_token_scalar_style(data->value);
    struct gh_yaml_node *node;
    enum gh_rc rc = add_node(r, GH_YAML_SCALAR, &node);

    if (rc < 0)
        return rc;
    node->text = GH_SLICE("");
    node->plain = style == FYSS_PLAIN;
    if (style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED)
        node->mark.column -= node->mark.column > 1; /* the quote itself */
    if (data->value)
        rc = token_text(r, data->value, &node->text);
    return rc == GH_OK ? set_properties(r, node, data->anchor, data->tag) : rc;
}

static enum gh_rc take_alias(struct reader *r, struct fy_token *token)
{
    struct gh_yaml_node *node;
    struct gh_slice name = {NULL, 0};
    enum gh_rc rc = add_node(r, GH_YAML_ALIAS, &node);

    if (rc == GH_OK)
        rc = token_text(r, token, &name);
    if (rc < 0)
        return rc;
    node->mark.column -= node->mark.column > 1; /* the asterisk */
    node->target = gh_map_get(&r->anchors, name);
    if (!node->target)
        return gh_yaml_fail(r->err, node->mark,
                            "alias \"*%.*s\" has no anchor before it",
                            GH_FMT(name));
    if (node->target->open)
        return gh_yaml_fail(r->err, node->mark,
                            "alias \"*%.*s\" is cyclic: it stands inside the "
                            "value that it names",
                            GH_FMT(name));
    return GH_OK;
}

static enum gh_rc close_collection(struct reader *r)
{
    if (r->depth == 0)
        return gh_yaml_fail(r->err, r->at, "a collection ends twice");
    r->stack[--r->depth]->open = false;
    return GH_OK;
}

static enum gh_rc take_event(struct reader *r, struct fy_event *event)
{
    look_where(r, event);
    switch (event->type) {
    case FYET_MAPPING_START:
        return take_collection(r, GH_YAML_MAPPING, event->mapping_start.anchor,
                               event->mapping_start.tag);
    case FYET_SEQUENCE_START:
        return take_collection(r, GH_YAML_SEQUENCE,
                               event->sequence_start.anchor,
                               event->sequence_start.tag);
    case FYET_SCALAR:
        return take_scalar(r, &event->scalar);
    case FYET_ALIAS:
        return take_alias(r, event->alias.anchor);
    case FYET_MAPPING_END:
    case FYET_SEQUENCE_END:
        return close_collection(r);
    case FYET_NONE:
    case FYET_STREAM_START:
    case FYET_STREAM_END:
    case FYET_DOCUMENT_START:
    case FYET_DOCUMENT_END:
        break;
    }
    return GH_OK;
}

static enum gh_rc read_events(struct reader *r)
{
    struct fy_event *event;
    enum gh_rc rc = GH_OK;

    if (fy_parser_set_string(r->parser, r->src.ptr, r->src.len) != 0)
        return gh_yaml_fail(r->err, r->at, "the YAML reader does not start");
    while (rc == GH_OK && (event = fy_parser_parse(r->parser))) {
        rc = take_event(r, event);
        fy_parser_event_free(r->parser, event);
    }
    if (rc == GH_OK && fy_parser_get_stream_error(r->parser))
        rc = syntax_error(r);
    assert(rc != GH_OK || r->depth == 0);
    return rc;
}

static enum gh_rc start(struct reader *r)
{
    struct fy_diag_cfg diag;
    struct fy_parse_cfg parse = {
        .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_DISABLE_DEPTH_LIMIT |
                 FYPCF_DISABLE_MMAP_OPT | FYPCF_JSON_NONE |
                 FYPCF_DEFAULT_VERSION_1_2,
    };

    fy_diag_cfg_default(&diag);
    diag.fp = NULL;
    diag.output_fn = NULL;
    r->diag = fy_diag_create(&diag);
    if (!r->diag)
        return GH_ENOMEM;
    fy_diag_set_collect_errors(r->diag, true);
    parse.diag = r->diag;
    r->parser = fy_parser_create(&parse);
    r->stack =
        GH_ARENA_ARRAY(r->arena, struct gh_yaml_node *, r->limits->max_depth);
    return r->parser && r->stack ? GH_OK : GH_ENOMEM;
}

enum gh_rc gh_yaml_tree(struct gh_slice src, uint32_t first_line,
                        const struct gh_yaml_limits *limits,
                        struct gh_arena *arena, struct gh_yaml_node **ret,
                        struct gh_err *err)
{
    struct reader r = {
        .src = src,
        .first_line = first_line,
        .limits = limits,
        .arena = arena,
        .err = err,
        .at = {first_line, 1},
    };
    enum gh_rc rc;

    gh_map_init(&r.anchors);
    rc = start(&r);
    if (rc == GH_OK)
        rc = read_events(&r);
    else
        (void)gh_yaml_fail(err, r.at, "out of memory");
    if (r.parser)
        fy_parser_destroy(r.parser);
    if (r.diag)
        fy_diag_destroy(r.diag);
    gh_map_fini(&r.anchors);
    if (rc == GH_OK)
        *ret = r.root;
    return rc;
}
