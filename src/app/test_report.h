/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Results of policy tests, in three forms
 *
 * For people: what failed and why, then one line of sums. For machines: one
 * JSON object a line, written as the cases are judged. For CI servers: JUnit.
 */

#include "app/style.h"
#include "mesh/cases.h"

enum gh_report_form { GH_REPORT_TEXT, GH_REPORT_JSON, GH_REPORT_JUNIT };

struct gh_test_report {
    enum gh_report_form form;
    bool verbose; /* passed cases, too */
    struct gh_styler styler;
    struct gh_buf *out;
    size_t passed;
    size_t failed;
    size_t malformed;
};

void gh_report_case(struct gh_test_report *r, const struct gh_case_result *c,
                    const struct gh_err *place);

/* A case that could not be judged. */
void gh_report_bad(struct gh_test_report *r, const struct gh_err *err);

/* The end: sums; of JUnit, the document around the cases. */
void gh_report_finish(struct gh_test_report *r);
