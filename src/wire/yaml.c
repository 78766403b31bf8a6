/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/yaml.h"

#include <assert.h>

#include "base/mem.h"
#include "wire/json_repeat.h"
#include "wire/yaml_tree.h"

/*
 * The stream: documents one by one
 *
 * By YAML's grammar a line that begins with "---" or "..." and a space or its
 * end divides documents wherever it stands, even in a block or a quoted scalar.
 * So the stream is cut there first, and each document is read on its own: an
 * error in one cannot swallow the next, and its memory is gone before the next
 * begins. Directives ("%YAML") belong to the document that follows.
 */

#define DEFAULT_MAX_BYTES ((size_t)64 << 20)
#define DEFAULT_MAX_DEPTH 100
#define HIGHEST_DEPTH 250 /* the JSON writer's and reader's limit is 256 */
#define BYTES_PER_NODE                                                         \
    16                    /* lowest that a document at its limit may average   \
                           */
#define MAX_DIRECTIVES 64 /* libfyaml compares each with each */

struct gh_yaml {
    struct gh_slice rest; /* not yet looked at */
    uint32_t line;        /* where it begins */
    struct gh_yaml_limits limits;
    struct gh_arena scratch;
    struct gh_buf text;
    struct gh_yaml_marks marks;
};

struct gh_yaml *gh_yaml_new(struct gh_slice src,
                            const struct gh_yaml_options *opt)
{
    struct gh_yaml *y = GH_XNEW(struct gh_yaml);
    size_t max_bytes =
        opt && opt->max_bytes ? opt->max_bytes : DEFAULT_MAX_BYTES;
    uint32_t max_depth =
        opt && opt->max_depth ? opt->max_depth : DEFAULT_MAX_DEPTH;
    size_t max_nodes = max_bytes / BYTES_PER_NODE + 16;

    y->rest = gh_slice_starts(src, GH_SLICE("\xef\xbb\xbf"))
                  ? gh_slice_drop(src, 3)
                  : src;
    y->line = 1;
    y->limits = (struct gh_yaml_limits){
        .max_bytes = max_bytes,
        .max_depth = max_depth < HIGHEST_DEPTH ? max_depth : HIGHEST_DEPTH,
        .duplicates = opt ? opt->duplicates : GH_JSON_DUP_REJECT,
        .max_nodes = max_nodes < UINT32_MAX ? (uint32_t)max_nodes : UINT32_MAX,
    };
    gh_arena_init(&y->scratch, src.len * 64 + max_bytes + (1u << 20));
    gh_buf_init(&y->text, max_bytes);
    return y;
}

struct gh_yaml *gh_yaml_free(struct gh_yaml *y)
{
    if (!y)
        return NULL;
    gh_buf_fini(&y->text);
    gh_arena_fini(&y->scratch);
    gh_free(y->marks.at);
    gh_free(y);
    return NULL;
}

/* --- cutting the stream --------------------------------------------------- */

struct chunk {
    struct gh_slice text;
    uint32_t line;
    size_t directives; /* lines in front that begin with '%' */
    bool marker;       /* "---" */
    bool content;      /* anything else but comments */
};

/* A line with its end: LF, CR LF, or CR. */
static struct gh_slice first_line(struct gh_slice s)
{
    size_t at = 0;

    while (at < s.len && s.ptr[at] != '\n' && s.ptr[at] != '\r')
        at++;
    if (at + 1 < s.len && s.ptr[at] == '\r' && s.ptr[at + 1] == '\n')
        at++;
    return gh_slice_head(s, at + 1);
}

static bool is_blank(struct gh_slice s)
{
    s = gh_slice_trim(s);
    return s.len == 0 || s.ptr[0] == '#';
}

static bool is_marker(struct gh_slice line, struct gh_slice marker)
{
    return gh_slice_starts(line, marker) &&
           (line.len == marker.len || strchr(" \t\r\n", line.ptr[marker.len]));
}

/* Return: false when @line begins the next document. */
static bool take_line(struct chunk *c, struct gh_slice line)
{
    if (is_marker(line, GH_SLICE("---"))) {
        if (c->marker || c->content)
            return false;
        c->marker = true;
        c->content = !is_blank(gh_slice_drop(line, 3));
    } else if (line.ptr[0] == '%' && !c->marker && !c->content) {
        c->directives++;
    } else if (!is_blank(line)) {
        c->content = true;
    }
    return true;
}

static struct chunk cut(struct gh_yaml *y)
{
    struct chunk c = {.text = gh_slice_head(y->rest, 0), .line = y->line};

    while (c.text.len < y->rest.len) {
        struct gh_slice line = first_line(gh_slice_drop(y->rest, c.text.len));
        bool end = is_marker(line, GH_SLICE("..."));

        if (!end && !take_line(&c, line))
            break;
        c.text.len += line.len;
        y->line++;
        if (end)
            break;
    }
    y->rest = gh_slice_drop(y->rest, c.text.len);
    return c;
}

/* --- one document --------------------------------------------------------- */

static enum gh_rc too_big(struct gh_err *err, uint32_t line)
{
    (void)gh_yaml_fail(err, (struct gh_json_mark){line, 1},
                       "the document is too large");
    return GH_ETOOBIG;
}

static enum gh_rc report_repeated(const struct gh_json_doc *doc,
                                  struct gh_err *err)
{
    struct gh_json name = gh_json_find_repeated(doc);

    return gh_yaml_fail(err, gh_json_mark(name), "name \"%.*s\" occurs twice",
                        GH_FMT(gh_slice_head(gh_json_str(name), 128)));
}

/* Text and marks move to @arena, then the text is parsed like any JSON. */
static enum gh_rc index_text(struct gh_yaml *y, uint32_t line,
                             struct gh_arena *arena, struct gh_json_doc *ret,
                             struct gh_err *err)
{
    struct gh_json_options opt = {
        .duplicates = GH_JSON_DUP_LAST,
        .max_depth = HIGHEST_DEPTH + 1,
    };
    struct gh_slice text = gh_arena_dup(arena, gh_buf_slice(&y->text));
    struct gh_json_mark *marks =
        GH_ARENA_ARRAY(arena, struct gh_json_mark, y->marks.count);
    struct gh_json_doc doc;
    enum gh_rc rc;

    if (!text.ptr || !marks)
        return too_big(err, line);
    memcpy(marks, y->marks.at, y->marks.count * sizeof(*marks));
    rc = gh_json_parse(text, arena, &opt, &doc, err);
    if (rc < 0) {
        gh_err_at(err, GH_SLICE(""), line, 1);
        return rc;
    }
    assert(doc.count == y->marks.count);
    doc.marks = marks;
    if (doc.has_duplicates && y->limits.duplicates == GH_JSON_DUP_REJECT)
        return report_repeated(&doc, err);
    *ret = doc;
    return GH_OK;
}

static bool is_null(const struct gh_yaml_node *node)
{
    return !node ||
           (node->type == GH_YAML_SCALAR && node->plain && !node->tag.ptr &&
            gh_yaml_resolve(node->text).kind == GH_YAML_NULL);
}

static bool ends_in_newline(struct gh_slice s)
{
    return gh_slice_ends(s, GH_SLICE("\n")) || gh_slice_ends(s, GH_SLICE("\r"));
}

/* libfyaml reads memory that it never wrote when a block scalar is cut off by
 * the end of the input. */
static struct gh_slice with_newline(struct gh_yaml *y, struct gh_slice s)
{
    char *copy = gh_arena_alloc(&y->scratch, s.len + 1, 1);

    if (!copy)
        return (struct gh_slice){NULL, 0};
    memcpy(copy, s.ptr, s.len);
    copy[s.len] = '\n';
    return gh_slice_of(copy, s.len + 1);
}

/* A document as libfyaml may have it. */
static enum gh_rc prepare(struct gh_yaml *y, const struct chunk *c,
                          struct gh_slice *ret, struct gh_err *err)
{
    enum gh_rc rc = gh_yaml_check(c->text, c->line, err);

    if (rc < 0)
        return rc;
    if (c->directives > MAX_DIRECTIVES)
        return gh_yaml_fail(err, (struct gh_json_mark){c->line, 1},
                            "the document has more than %d directives",
                            MAX_DIRECTIVES);
    *ret = ends_in_newline(c->text) ? c->text : with_newline(y, c->text);
    return ret->ptr ? GH_OK : too_big(err, c->line);
}

/* Return: GH_END when there is nothing in the document. */
static enum gh_rc read_document(struct gh_yaml *y, const struct chunk *c,
                                struct gh_arena *arena, struct gh_json_doc *ret,
                                struct gh_err *err)
{
    struct gh_yaml_node *root = NULL;
    struct gh_slice text = {NULL, 0};
    enum gh_rc rc = prepare(y, c, &text, err);

    if (rc == GH_OK)
        rc = gh_yaml_tree(text, c->line, &y->limits, &y->scratch, &root, err);
    if (rc == GH_OK && is_null(root))
        return GH_END;
    if (rc == GH_OK)
        rc = gh_yaml_write(root, &y->limits, &y->scratch, &y->text, &y->marks,
                           err);
    return rc == GH_OK ? index_text(y, c->line, arena, ret, err) : rc;
}

enum gh_rc gh_yaml_next(struct gh_yaml *y, struct gh_arena *arena,
                        struct gh_json_doc *ret, struct gh_err *err)
{
    struct gh_err ignored;

    while (y->rest.len > 0) {
        struct chunk c = cut(y);
        enum gh_rc rc;

        if (!c.content && c.directives == 0)
            continue;
        rc = read_document(y, &c, arena, ret, err ? err : &ignored);
        gh_arena_reset(&y->scratch);
        gh_buf_clear(&y->text);
        y->marks.count = 0;
        if (rc != GH_END)
            return rc;
    }
    return GH_END;
}
