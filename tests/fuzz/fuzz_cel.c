/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any text as an expression: no crash, no hang, and a rule that compiles ends
 *
 * The input is an expression; a line feed and JSON behind it, if they are
 * there, are the object that it runs over. Compiling twice gives the same
 * answer, and so does running twice.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "store/cel.h"

static const char otherwise[] =
    "{\"name\":\"a\",\"list\":[1,2,3],\"words\":[\"a\",\"b\"],\"n\":1,"
    "\"map\":{\"a\":1},\"f\":1.5,\"t\":true,\"x\":null}";

static enum gh_rc once(const struct gh_cel *program, struct gh_json self,
                       struct gh_arena *arena, struct gh_cel_value *ret)
{
    struct gh_re2_scratch regex = {NULL, NULL, NULL};
    struct gh_cel_run run = {.arena = arena, .regex = &regex, .budget = 20000};
    struct gh_cel_value v = gh_cel_from_json(self, NULL);
    enum gh_rc rc = gh_cel_eval(program, &v, &run, ret);

    gh_re2_scratch_fini(&regex);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gh_slice text = gh_slice_of((const char *)data, size);
    size_t split = gh_slice_find(text, '\n');
    struct gh_cel_var vars[] = {{"self", NULL}};
    const struct gh_cel *program;
    struct gh_cel_value a, b;
    struct gh_json_doc doc;
    struct gh_arena arena;
    struct gh_err err;
    enum gh_rc rc;

    gh_arena_init(&arena, 16u << 20);
    if (split == size || gh_json_parse(gh_slice_drop(text, split + 1), &arena,
                                       NULL, &doc, NULL) != GH_OK) {
        split = size;
        if (gh_json_parse(gh_slice_str(otherwise), &arena, NULL, &doc, NULL) !=
            GH_OK)
            abort();
    }
    program = gh_cel_compile(gh_slice_head(text, split), vars, 1, GH_CEL_DYN,
                             &arena, &err);
    if (program) {
        rc = once(program, gh_json_root(&doc), &arena, &a);
        if (rc == GH_OK &&
            once(program, gh_json_root(&doc), &arena, &b) == GH_OK &&
            a.kind != b.kind)
            abort();
    } else if (err.text[0] == '\0') {
        abort();
    }
    gh_arena_fini(&arena);
    return 0;
}
