/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/json_patch.h"

#include "base/num.h"
#include "wire/json_write.h"

#define MAX_STEPS 64
#define MAX_OUTPUT_BYTES ((size_t)64 << 20)

enum op { OP_ADD, OP_REMOVE, OP_REPLACE };

struct patch {
    enum op op;
    struct gh_slice steps[MAX_STEPS]; /* decoded */
    size_t count;
    struct gh_json value;
    struct gh_jsonw w;
    bool done; /* the place was found */
};

/* "~1" is a slash, "~0" a tilde. */
static bool decode_step(struct gh_slice step, struct gh_arena *a,
                        struct gh_slice *ret)
{
    char *out = gh_arena_alloc(a, step.len + 1, 1);
    size_t len = 0;

    for (size_t i = 0; out && i < step.len; i++) {
        char c = step.ptr[i];

        if (c == '~') {
            if (++i == step.len || (step.ptr[i] != '0' && step.ptr[i] != '1'))
                return false;
            c = step.ptr[i] == '0' ? '~' : '/';
        }
        out[len++] = c;
    }
    *ret = gh_slice_of(out, len);
    return out != NULL;
}

static bool read_pointer(struct patch *p, struct gh_slice path,
                         struct gh_arena *a)
{
    struct gh_slice step;

    if (path.len == 0 || path.ptr[0] != '/')
        return false; /* the whole document is replaced by nobody */
    path = gh_slice_drop(path, 1);
    while (gh_slice_cut(&path, '/', &step))
        if (p->count == MAX_STEPS ||
            !decode_step(step, a, &p->steps[p->count++]))
            return false;
    return true;
}

static bool read_op(struct patch *p, struct gh_json op, struct gh_arena *a)
{
    struct gh_json name = gh_json_get(op, "op");

    p->value = gh_json_get(op, "value");
    if (gh_json_str_is(name, "add"))
        p->op = OP_ADD;
    else if (gh_json_str_is(name, "remove"))
        p->op = OP_REMOVE;
    else if (gh_json_str_is(name, "replace"))
        p->op = OP_REPLACE;
    else
        return false;
    return (p->op == OP_REMOVE || !gh_json_is(p->value, GH_JSON_MISSING)) &&
           read_pointer(
               p, gh_json_str_or(gh_json_get(op, "path"), GH_SLICE("")), a);
}

static enum gh_rc refuse(struct gh_err *err, const char *what,
                         struct gh_slice path)
{
    if (err)
        gh_err_set(err, "%s%.*s", what, GH_FMT(path));
    return GH_EPROTO;
}

/* No sign, no leading zero. */
static bool read_index(struct gh_slice step, uint64_t *ret)
{
    return gh_u64_parse(step, ret) && (step.len == 1 || step.ptr[0] != '0');
}

/* Writes @v; @depth is the step it stands for, or SIZE_MAX off the path. */
static void copy(struct patch *p, struct gh_json v, size_t depth);

static void write_object(struct patch *p, struct gh_json v, size_t depth)
{
    struct gh_slice step = p->steps[depth];
    bool last = depth + 1 == p->count;

    gh_jsonw_object(&p->w);
    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it);) {
        bool here = gh_slice_eq(it.name, step);

        if (here && last) {
            p->done = true;
            if (p->op == OP_REMOVE)
                continue;
        }
        gh_jsonw_key(&p->w, it.name);
        if (here && last)
            gh_jsonw_value(&p->w, p->value);
        else if (here)
            copy(p, it.value, depth + 1);
        else
            gh_jsonw_value(&p->w, it.value);
    }
    if (last && !p->done && p->op == OP_ADD) {
        gh_jsonw_key(&p->w, step);
        gh_jsonw_value(&p->w, p->value);
        p->done = true;
    }
    gh_jsonw_end(&p->w);
}

/* At the place itself. Return: whether the element is still to be written. */
static bool write_here(struct patch *p)
{
    p->done = true;
    if (p->op != OP_REMOVE)
        gh_jsonw_value(&p->w, p->value);
    return p->op == OP_ADD;
}

static void write_array(struct patch *p, struct gh_json v, size_t depth)
{
    struct gh_slice step = p->steps[depth];
    bool last = depth + 1 == p->count;
    uint64_t wanted = UINT64_MAX;
    uint64_t i = 0;
    bool at_end = p->op == OP_ADD && last && gh_slice_is(step, "-");
    bool valid = read_index(step, &wanted);

    gh_jsonw_array(&p->w);
    for (struct gh_json_iter it = gh_json_iter(v); gh_json_next(&it); i++) {
        bool here = valid && i == wanted;

        if (here && last && !write_here(p))
            continue;
        if (here && !last)
            copy(p, it.value, depth + 1);
        else
            gh_jsonw_value(&p->w, it.value);
    }
    if (at_end || (last && valid && p->op == OP_ADD && wanted == i))
        (void)write_here(p);
    gh_jsonw_end(&p->w);
}

static void copy(struct patch *p, struct gh_json v, size_t depth)
{
    if (gh_json_is(v, GH_JSON_OBJECT))
        write_object(p, v, depth);
    else if (gh_json_is(v, GH_JSON_ARRAY))
        write_array(p, v, depth);
    else
        gh_jsonw_value(&p->w, v); /* nothing below: not done */
}

static enum gh_rc apply(struct gh_json from, struct gh_json op,
                        struct gh_arena *arena, struct gh_json_doc *ret,
                        struct gh_err *err)
{
    struct gh_buf buf GH_BUF_CLEANUP;
    struct patch p = {0};
    struct gh_slice text;
    enum gh_rc rc;

    gh_buf_init(&buf, MAX_OUTPUT_BYTES);
    if (!read_op(&p, op, arena))
        return refuse(err, "not an add, remove or replace with a path",
                      GH_SLICE(""));
    gh_jsonw_init(&p.w, &buf);
    copy(&p, from, 0);
    rc = gh_jsonw_rc(&p.w);
    if (rc != GH_OK)
        return rc;
    if (!p.done)
        return refuse(err, "there is no place ",
                      gh_json_str(gh_json_get(op, "path")));
    text = gh_arena_dup(arena, gh_buf_slice(&buf));
    if (!text.ptr)
        return GH_ETOOBIG;
    return gh_json_parse(text, arena, NULL, ret, err);
}

enum gh_rc gh_json_patch(struct gh_json doc, struct gh_json patch,
                         struct gh_arena *arena, struct gh_json_doc *ret,
                         struct gh_err *err)
{
    size_t count = gh_json_count(patch);
    struct gh_json_doc *steps;
    size_t i = 0;

    if (!gh_json_is(patch, GH_JSON_ARRAY) || count == 0)
        return refuse(err, "a patch is a list of operations", GH_SLICE(""));
    steps = GH_ARENA_ARRAY(arena, struct gh_json_doc, count);
    if (!steps)
        return GH_ETOOBIG;
    for (struct gh_json_iter it = gh_json_iter(patch); gh_json_next(&it); i++) {
        enum gh_rc rc = apply(i ? gh_json_root(&steps[i - 1]) : doc, it.value,
                              arena, &steps[i], err);

        if (rc != GH_OK)
            return rc;
    }
    *ret = steps[count - 1];
    return GH_OK;
}
