/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>

#include "mesh/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* "(?:" pattern ")", zero bytes and all. */
static struct gh_slice group(struct gh_slice pattern, struct gh_arena *a)
{
    char *text = gh_arena_alloc(a, pattern.len + 4, 1);

    if (!text)
        return (struct gh_slice){0};
    memcpy(text, "(?:", 3);
    memcpy(text + 3, pattern.ptr, pattern.len);
    text[pattern.len + 3] = ')';
    return gh_slice_of(text, pattern.len + 4);
}

/* Expression, line feed, text. Grouping an expression must change nothing. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gh_slice text = gh_slice_of((const char *)data, size);
    struct gh_slice pattern;
    struct gh_slice grouped;
    const struct gh_regex *re;
    const struct gh_regex *again;
    struct gh_arena arena;
    struct gh_arena scratch;

    if (size == 0 || !gh_slice_cut(&text, '\n', &pattern))
        return 0;
    gh_arena_init(&arena, 16u << 20);
    gh_arena_init(&scratch, 16u << 20);
    re = gh_regex_compile(pattern, &arena, NULL);
    grouped = group(pattern, &arena);
    again = re && grouped.ptr ? gh_regex_compile(grouped, &arena, NULL) : NULL;
    if (again && text.ptr &&
        gh_regex_spans(re, text, &scratch) !=
            gh_regex_spans(again, text, &scratch))
        abort();
    gh_arena_fini(&scratch);
    gh_arena_fini(&arena);
    return 0;
}
