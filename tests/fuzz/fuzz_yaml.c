/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"
#include "wire/json_repeat.h"
#include "wire/yaml.h"

/*
 * Any bytes as a YAML stream. Beyond not crashing: every error has words and a
 * place in the stream, every value has a place in it, and text, tape and marks
 * agree. The input is copied to its exact size, so that reading past its end
 * is seen.
 */

#define MAX_JSON ((size_t)1 << 20)

static uint32_t count_lines(struct gh_slice s)
{
    uint32_t lines = 1;

    for (size_t i = 0; i < s.len; i++)
        lines += s.ptr[i] == '\n' || s.ptr[i] == '\r';
    return lines;
}

static void check_document(const struct gh_json_doc *doc, uint32_t lines)
{
    struct gh_json name = gh_json_find_repeated(doc);

    assert(doc->marks && doc->count > 0);
    assert(doc->has_duplicates == (name.doc != NULL));
    for (uint32_t i = 0; i < doc->count; i++) {
        assert(doc->marks[i].line >= 1 && doc->marks[i].line <= lines + 1);
        assert(doc->marks[i].column >= 1);
    }
}

static void check_stream(struct gh_slice text, enum gh_json_duplicates dup)
{
    struct gh_yaml_options opt = {.max_bytes = MAX_JSON, .duplicates = dup};
    struct gh_yaml *y = gh_yaml_new(text, &opt);
    uint32_t lines = count_lines(text);
    struct gh_arena arena;
    struct gh_json_doc doc;
    enum gh_rc rc;

    gh_arena_init(&arena, 64 * MAX_JSON);
    do {
        struct gh_err err = {0};

        rc = gh_yaml_next(y, &arena, &doc, &err);
        if (rc == GH_OK) {
            assert(dup == GH_JSON_DUP_LAST || !doc.has_duplicates);
            check_document(&doc, lines);
        } else if (rc < 0) {
            assert(err.text[0] != '\0' && err.line >= 1);
            assert(err.line <= lines + 1);
        }
        gh_arena_reset(&arena);
    } while (rc != GH_END);
    gh_arena_fini(&arena);
    gh_yaml_free(y);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size ? size : 1);

    if (!copy)
        return 0;
    if (size > 0)
        memcpy(copy, data, size);
    check_stream(gh_slice_of(copy, size),
                 size % 2 ? GH_JSON_DUP_LAST : GH_JSON_DUP_REJECT);
    free(copy);
    return 0;
}
