/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Compiling and running as a whole
 */

#include "store/cel_internal.h"

static const struct gh_cel_library *const libraries[] = {
    &gh_cel_lib_operators,  &gh_cel_lib_convert, &gh_cel_lib_strings,
    &gh_cel_lib_lists,      &gh_cel_lib_times,   &gh_cel_lib_nets,
    &gh_cel_lib_quantities,
};

static bool is_row(const struct gh_cel_fn *row, struct gh_slice name,
                   bool method)
{
    return row->method == method && gh_slice_is(name, row->name);
}

const struct gh_cel_fn *gh_cel_find(struct gh_slice name, bool method,
                                    size_t *ret_count)
{
    for (size_t i = 0; i < GH_COUNT(libraries); i++) {
        const struct gh_cel_library *lib = libraries[i];

        for (size_t row = 0; row < lib->count; row++) {
            size_t count = 0;

            while (row + count < lib->count &&
                   is_row(&lib->rows[row + count], name, method))
                count++;
            if (count == 0)
                continue;
            *ret_count = count;
            return &lib->rows[row];
        }
    }
    return NULL;
}

static struct gh_cel *check(struct gh_cel_checker *c, struct gh_cel_node *root,
                            enum gh_cel_kind want)
{
    const struct gh_cel_type *t = gh_cel_check(c, root);
    struct gh_cel *program;

    if (!t)
        return NULL;
    if (want != GH_CEL_DYN && t->kind != GH_CEL_DYN && t->kind != want) {
        gh_cel_fault(c->err, c->text, root->at,
                     "the expression must be a %s, but is a %s",
                     gh_cel_kind_name(want), gh_cel_kind_name(t->kind));
        return NULL;
    }
    program = GH_ARENA_NEW(c->arena, struct gh_cel);
    if (!program)
        return NULL;
    *program = (struct gh_cel){
        .root = root,
        .text = c->text,
        .uses = c->uses,
        .var_count = c->var_count,
    };
    return program;
}

const struct gh_cel *gh_cel_compile(struct gh_slice text,
                                    const struct gh_cel_var *vars,
                                    size_t var_count, enum gh_cel_kind want,
                                    struct gh_arena *arena, struct gh_err *err)
{
    struct gh_cel_checker c = {
        .arena = arena,
        .vars = vars,
        .var_count = var_count,
        .err = err,
        .slots = (uint32_t)var_count,
    };
    struct gh_cel_node *root;

    if (err)
        gh_err_set(err, "the expression is too large");
    if (text.len > GH_CEL_MAX_BYTES || var_count > GH_CEL_MAX_VARS)
        return NULL;
    c.text = gh_arena_dup(arena, text);
    if (!c.text.ptr)
        return NULL;
    for (size_t i = 0; i < var_count; i++) {
        c.names[i] = gh_slice_str(vars[i].name);
        c.types[i] = vars[i].type ? vars[i].type : &gh_cel_dyn;
    }
    root = gh_cel_parse(c.text, arena, err);
    return root ? check(&c, root, want) : NULL;
}

bool gh_cel_uses(const struct gh_cel *program, size_t index)
{
    return index < 32 && (program->uses >> index & 1);
}

enum gh_rc gh_cel_eval(const struct gh_cel *program,
                       const struct gh_cel_value *vars, struct gh_cel_run *run,
                       struct gh_cel_value *ret)
{
    struct gh_cel_eval e;

    e.run = run;
    e.spent = 0;
    e.limit = run->budget < GH_CEL_COST ? run->budget : GH_CEL_COST;
    e.stop = GH_OK;
    e.node = NULL;
    for (size_t i = 0; i < program->var_count; i++)
        e.slots[i] = vars[i];
    *ret = gh_cel_run_node(&e, program->root);
    run->budget -= e.spent < run->budget ? e.spent : run->budget;
    if (e.stop != GH_OK)
        *ret = gh_cel_error("the expression costs too much");
    if (e.stop != GH_OK)
        return e.stop;
    return ret->kind == GH_CEL_ERROR ? GH_EPROTO : GH_OK;
}
