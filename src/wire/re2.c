/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Compiling and searching; re2_translate.c has the syntax
 *
 * PCRE2 is told to behave as RE2: "$" is the very end, "^" in multi-line mode
 * matches behind a newline at the end too, line feed is the only newline, and
 * classes such as \d are ASCII. Compiled code lives in the caller's arena.
 */

#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "wire/re2.h"
#include "wire/re2_internal.h"

#define MAX_PATTERN_BYTES (16 * 1024)
#define MAX_GROUP_DEPTH 250
#define MATCH_STEPS 20000 /* some 1 ms */
#define DFA_STEPS 200000
#define WORKSPACE_INTS 20000
#define HEAP_KB 4096

struct gh_re2 {
    pcre2_code *code;
};

static void *take(PCRE2_SIZE size, void *arena)
{
    return gh_arena_alloc(arena, size, _Alignof(max_align_t));
}

static void leave(void *ptr, void *arena)
{
    (void)ptr;
    (void)arena;
}

static pcre2_code *compile(struct gh_slice text, struct gh_arena *arena,
                           struct gh_err *err)
{
    uint32_t options = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_CIRCUMFLEX |
                       PCRE2_NEVER_BACKSLASH_C;
    pcre2_general_context *general =
        pcre2_general_context_create(take, leave, arena);
    pcre2_compile_context *ctx =
        general ? pcre2_compile_context_create(general) : NULL;
    pcre2_code *code;
    int error;
    PCRE2_SIZE at;
    char why[128];

    if (!ctx)
        return NULL;
    pcre2_set_newline(ctx, PCRE2_NEWLINE_LF);
    pcre2_set_parens_nest_limit(ctx, MAX_GROUP_DEPTH);
    code = pcre2_compile((PCRE2_SPTR)text.ptr, text.len, options, &error, &at,
                         ctx);
    if (!code && err) {
        pcre2_get_error_message(error, (PCRE2_UCHAR *)why, sizeof(why));
        gh_err_set(err, "%s", why);
    }
    return code;
}

const struct gh_re2 *gh_re2_compile(struct gh_slice pattern,
                                    struct gh_arena *arena, struct gh_err *err)
{
    struct gh_buf text;
    struct gh_re2 *re = NULL;
    pcre2_code *code = NULL;

    gh_buf_init(&text, MAX_PATTERN_BYTES * 4);
    if (err)
        gh_err_set(err, "too large");
    if (pattern.len <= MAX_PATTERN_BYTES &&
        gh_re2_translate(pattern, &text, err) == GH_OK)
        code = compile(gh_buf_slice(&text), arena, err);
    if (code)
        re = GH_ARENA_NEW(arena, struct gh_re2);
    if (re)
        re->code = code;
    gh_buf_fini(&text);
    return re;
}

void gh_re2_scratch_fini(struct gh_re2_scratch *s)
{
    pcre2_match_data_free(s->match);
    pcre2_match_context_free(s->context);
    free(s->workspace);
    *s = (struct gh_re2_scratch){NULL, NULL, NULL};
}

static enum gh_rc outcome(int count, pcre2_match_data *match,
                          struct gh_re2_hit *ret)
{
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(match);

    if (count >= 0) {
        if (ret)
            *ret = (struct gh_re2_hit){at[0], at[1]};
        return GH_OK;
    }
    if (count == PCRE2_ERROR_NOMATCH)
        return GH_END;
    if (count <= PCRE2_ERROR_UTF8_ERR1 && count >= PCRE2_ERROR_UTF8_ERR21)
        return GH_EPROTO;
    return GH_ETOOBIG;
}

static enum gh_rc prepare(struct gh_re2_scratch *s)
{
    if (s->context)
        return GH_OK;
    s->match = pcre2_match_data_create(1, NULL);
    s->context = s->match ? pcre2_match_context_create(NULL) : NULL;
    if (!s->context)
        return GH_ENOMEM;
    pcre2_set_heap_limit(s->context, HEAP_KB);
    return GH_OK;
}

/* Without backtracking. The longest hit, so only fit for yes and no. */
static enum gh_rc search_slowly(const struct gh_re2 *re, struct gh_slice text,
                                size_t from, struct gh_re2_scratch *s)
{
    int count;

    if (!s->workspace)
        s->workspace = calloc(WORKSPACE_INTS, sizeof(int));
    if (!s->workspace)
        return GH_ENOMEM;
    pcre2_set_match_limit(s->context, DFA_STEPS);
    count = pcre2_dfa_match(re->code, (PCRE2_SPTR)text.ptr, text.len, from,
                            PCRE2_NO_UTF_CHECK | PCRE2_DFA_SHORTEST, s->match,
                            s->context, s->workspace, WORKSPACE_INTS);
    return outcome(count, s->match, NULL);
}

enum gh_rc gh_re2_search(const struct gh_re2 *re, struct gh_slice text,
                         size_t from, struct gh_re2_scratch *scratch,
                         struct gh_re2_hit *ret)
{
    enum gh_rc rc = prepare(scratch);

    if (rc != GH_OK)
        return rc;
    if (!text.ptr)
        text = GH_SLICE("");
    pcre2_set_match_limit(scratch->context, MATCH_STEPS);
    rc = outcome(pcre2_match(re->code, (PCRE2_SPTR)text.ptr, text.len, from, 0,
                             scratch->match, scratch->context),
                 scratch->match, ret);
    if (rc == GH_ETOOBIG && !ret)
        rc = search_slowly(re, text, from, scratch);
    return rc;
}
