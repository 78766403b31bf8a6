/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <zlib.h>

#include "mesh/judge.h"

/*
 * Admission, against the recorded answers of the running webhook: one object
 * a line, {"object", "shape": {"ok"}, "admission": {"ok", "message"} or null}.
 * Only objects of sound shape count: the webhook sees no others.
 */

#define LINE_MAX_BYTES ((size_t)1 << 20)

struct tally {
    size_t compared;
    size_t wrong;
};

static void judge_line(struct gh_slice line, struct tally *t)
{
    struct gh_arena arena;
    struct gh_json_doc doc;
    struct gh_findings out;
    struct gh_json root;
    struct gh_json verdict;
    bool refused;

    gh_arena_init(&arena, (size_t)64 << 20);
    assert_int_equal(gh_json_parse(line, &arena, NULL, &doc, NULL), GH_OK);
    root = gh_json_root(&doc);
    verdict = gh_json_get(root, "admission");
    if (gh_json_true(gh_json_path(root, "shape/ok")) &&
        gh_json_given(verdict)) {
        gh_findings_init(&out, &arena, 0);
        refused =
            gh_admission_check(gh_json_get(root, "object"), NULL, &out) > 0;
        t->compared++;
        if (refused == gh_json_true(gh_json_get(verdict, "ok"))) {
            t->wrong++;
            print_error("%s: %.*s\n  webhook: %.*s\n",
                        refused ? "refused, wrongly" : "admitted, wrongly",
                        GH_FMT(gh_json_raw(gh_json_get(root, "object"))),
                        GH_FMT(gh_json_str(gh_json_get(verdict, "message"))));
            for (size_t i = 0; i < out.at.count; i++)
                print_error("  ours: %s %.*s: %.*s\n", out.at.at[i].row->code,
                            GH_FMT(out.at.at[i].path),
                            GH_FMT(out.at.at[i].message));
        }
        gh_findings_fini(&out);
    }
    gh_arena_fini(&arena);
}

static void test_recorded_verdicts(void **state)
{
    const char *shared = getenv("GATEHOUSE_SHARED");
    struct tally t = {0};
    char path[4096];
    char *line;
    gzFile f;

    (void)state;
    (void)snprintf(path, sizeof(path),
                   "%s/data/linkerd/verdicts/admission.jsonl.gz",
                   shared ? shared : "../shared");
    f = gzopen(path, "rb");
    if (!f) {
        print_message("LEFT OUT: no recorded verdicts at %s\n", path);
        skip();
    }
    line = malloc(LINE_MAX_BYTES);
    assert_non_null(line);
    while (gzgets(f, line, (int)LINE_MAX_BYTES))
        judge_line(gh_slice_of(line, strlen(line)), &t);
    free(line);
    (void)gzclose(f);
    print_message("%zu verdicts compared\n", t.compared);
    assert_true(t.compared > 800);
    assert_int_equal(t.wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recorded_verdicts),
    };

    return cmocka_run_group_tests_name("mesh/admission", tests, NULL, NULL);
}
