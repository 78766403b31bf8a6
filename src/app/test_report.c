/* SPDX-License-Identifier: Apache-2.0 */

#include "app/test_report.h"

#include "app/xml.h"
#include "wire/json_write.h"

enum { INDENT = 4, WIDTH = 74, MAX_MISSES = 3 };

static struct gh_slice or_no(struct gh_slice s, const char *otherwise)
{
    return s.len > 0 ? s : gh_slice_str(otherwise);
}

/* --- for people -------------------------------------------------------------
 */

static void text_failure(const struct gh_test_report *r,
                         const struct gh_case_result *c,
                         const struct gh_err *place)
{
    gh_styled(&r->styler, GH_BAD, "FAIL");
    gh_styled(&r->styler, GH_STRONG, "  %.*s",
              GH_FMT(or_no(c->name, "(no name)")));
    gh_styled(&r->styler, GH_FAINT, "  %s:%u\n", place->source, place->line);
    gh_buf_addf(r->out, "    expected %.*s, got %s", GH_FMT(c->expect), c->got);
    for (size_t i = 0; i < c->by_count; i++)
        gh_buf_addf(r->out, "%s%.*s", i ? ", " : " by ", GH_FMT(c->by[i]));
    gh_buf_addc(r->out, '\n');
    gh_wrapped(&r->styler, GH_PLAIN, c->reason, INDENT, WIDTH);
    for (size_t i = 0; i < c->miss_count && i < MAX_MISSES; i++) {
        gh_buf_addf(r->out, "    almost: ");
        gh_styled(&r->styler, GH_STRONG, "%.*s",
                  GH_FMT(c->misses[i].authz->label));
        gh_buf_addf(r->out, ": %.*s\n", GH_FMT(c->misses[i].text));
    }
}

static void text_case(const struct gh_test_report *r,
                      const struct gh_case_result *c,
                      const struct gh_err *place)
{
    if (!c->passed) {
        text_failure(r, c, place);
    } else if (r->verbose) {
        gh_styled(&r->styler, GH_GOOD, "ok  ");
        gh_buf_addf(r->out, "  %.*s\n", GH_FMT(or_no(c->name, "(no name)")));
    }
}

static void text_finish(const struct gh_test_report *r)
{
    enum gh_style style = r->failed + r->malformed > 0 ? GH_BAD : GH_GOOD;

    gh_styled(&r->styler, style, "%zu passed, %zu failed", r->passed,
              r->failed);
    if (r->malformed > 0)
        gh_styled(&r->styler, style, ", %zu malformed", r->malformed);
    gh_buf_addc(r->out, '\n');
}

/* --- for machines -----------------------------------------------------------
 */

static void json_case(const struct gh_test_report *r,
                      const struct gh_case_result *c)
{
    struct gh_jsonw w;

    gh_jsonw_init(&w, r->out);
    gh_jsonw_object(&w);
    gh_jsonw_kstr(&w, "name", or_no(c->name, ""));
    gh_jsonw_kstr(&w, "expect", c->expect);
    gh_jsonw_ktext(&w, "got", c->got);
    gh_jsonw_karray(&w, "by");
    for (size_t i = 0; i < c->by_count; i++)
        gh_jsonw_str(&w, c->by[i]);
    gh_jsonw_end(&w);
    gh_jsonw_kstr(&w, "reason", or_no(c->reason, ""));
    gh_jsonw_end(&w);
    gh_buf_addc(r->out, '\n');
}

/* --- for CI servers ---------------------------------------------------------
 */

static void junit_open(const struct gh_test_report *r, struct gh_slice name,
                       const struct gh_err *place)
{
    gh_buf_addf(r->out, "  <testcase name=\"");
    gh_xml_text(r->out, or_no(name, "(no name)"));
    gh_buf_addf(r->out, "\" classname=\"");
    gh_xml_text(r->out, gh_slice_str(place->source));
    gh_buf_addf(r->out, "\" file=\"");
    gh_xml_text(r->out, gh_slice_str(place->source));
    gh_buf_addf(r->out, "\" line=\"%u\"", place->line);
}

static void junit_case(const struct gh_test_report *r,
                       const struct gh_case_result *c,
                       const struct gh_err *place)
{
    junit_open(r, c->name, place);
    if (c->passed) {
        gh_buf_addf(r->out, "/>\n");
        return;
    }
    gh_buf_addf(r->out, ">\n    <failure message=\"expected ");
    gh_xml_text(r->out, c->expect);
    gh_buf_addf(r->out, ", got %s\">", c->got);
    gh_xml_text(r->out, c->reason);
    gh_buf_addf(r->out, "</failure>\n  </testcase>\n");
}

static void junit_bad(const struct gh_test_report *r, const struct gh_err *err)
{
    junit_open(r, GH_SLICE("malformed case"), err);
    gh_buf_addf(r->out, ">\n    <error message=\"");
    gh_xml_text(r->out, gh_slice_str(err->text));
    gh_buf_addf(r->out, "\"/>\n  </testcase>\n");
}

/* The sums stand before the cases, so the document is put together last. */
static void junit_finish(const struct gh_test_report *r)
{
    struct gh_buf all;

    gh_buf_init(&all, r->out->limit);
    gh_buf_addf(&all,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                "<testsuites>\n<testsuite name=\"gatehouse\" tests=\"%zu\" "
                "failures=\"%zu\" errors=\"%zu\">\n",
                r->passed + r->failed + r->malformed, r->failed, r->malformed);
    gh_buf_add(&all, gh_buf_slice(r->out));
    gh_buf_addf(&all, "</testsuite>\n</testsuites>\n");
    gh_buf_fini(r->out);
    *r->out = all;
}

/* --- either ------------------------------------------------------------------
 */

void gh_report_case(struct gh_test_report *r, const struct gh_case_result *c,
                    const struct gh_err *place)
{
    if (c->passed)
        r->passed++;
    else
        r->failed++;
    switch (r->form) {
    case GH_REPORT_TEXT:
        text_case(r, c, place);
        break;
    case GH_REPORT_JSON:
        json_case(r, c);
        break;
    case GH_REPORT_JUNIT:
        junit_case(r, c, place);
        break;
    }
}

void gh_report_bad(struct gh_test_report *r, const struct gh_err *err)
{
    r->malformed++;
    if (r->form == GH_REPORT_JUNIT)
        junit_bad(r, err);
}

void gh_report_finish(struct gh_test_report *r)
{
    if (r->form == GH_REPORT_TEXT)
        text_finish(r);
    else if (r->form == GH_REPORT_JUNIT)
        junit_finish(r);
}
