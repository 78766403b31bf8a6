/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any text as a regular expression: no crash, no hang
 *
 * The first line is the expression, the rest the text that is searched. A
 * search for the place and one for yes or no agree where both have an answer.
 */

#include <stdint.h>
#include <stdlib.h>

#include "wire/re2.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gh_slice in = gh_slice_of((const char *)data, size);
    size_t split = gh_slice_find(in, '\n');
    struct gh_slice text =
        split < size ? gh_slice_drop(in, split + 1) : GH_SLICE("");
    struct gh_re2_scratch scratch = {NULL, NULL, NULL};
    const struct gh_re2 *re;
    struct gh_arena arena;
    struct gh_re2_hit hit;
    struct gh_err err;

    gh_arena_init(&arena, 16u << 20);
    re = gh_re2_compile(gh_slice_head(in, split), &arena, &err);
    if (re) {
        enum gh_rc place = gh_re2_search(re, text, 0, &scratch, &hit);
        enum gh_rc is = gh_re2_search(re, text, 0, &scratch, NULL);

        if (place >= 0 && place != is)
            abort();
        if (place == GH_OK && (hit.start > hit.end || hit.end > text.len))
            abort();
    }
    gh_re2_scratch_fini(&scratch);
    gh_arena_fini(&arena);
    return 0;
}
