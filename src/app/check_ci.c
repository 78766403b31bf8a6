/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Reports for CI servers: JUnit's XML, and GitHub's workflow commands
 *
 * In JUnit a finding is a test case: failed when it reaches --fail-on, passed
 * with its text as output when it does not. With nothing found there is one
 * passed case, because some servers take an empty suite for a broken run.
 */

#include "app/check_report.h"
#include "app/xml.h"

/* --- JUnit --- */

static void junit_text(const struct gh_finding *f, struct gh_buf *out)
{
    gh_xml_text(out, f->message);
    gh_xml_text(out, GH_SLICE("\n"));
    gh_xml_text(out, gh_check_fix(f));
}

static void junit_item(const struct gh_check *c, const struct gh_check_item *i,
                       struct gh_buf *out)
{
    const struct gh_finding *f = i->finding;
    const char *tag = i->fails ? "failure" : "system-out";

    gh_buf_addf(out, "  <testcase name=\"%s ", f->row->code);
    gh_xml_text(out, gh_finding_subject(f, c->arena));
    if (f->path.len > 0)
        gh_xml_text(out, gh_arena_fmt(c->arena, " %.*s", GH_FMT(f->path)));
    gh_buf_addf(out, "\" classname=\"");
    gh_xml_text(out, i->file.len > 0 ? i->file : GH_SLICE("mesh"));
    gh_buf_addf(out, "\" file=\"");
    gh_xml_text(out, i->file);
    gh_buf_addf(out, "\" line=\"%u\">\n    <%s", i->at.line, tag);
    if (i->fails) {
        gh_buf_addf(out, " type=\"%s\" message=\"",
                    gh_severity_name(f->row->severity));
        gh_xml_text(out, f->message);
        gh_buf_addc(out, '"');
    }
    gh_buf_addc(out, '>');
    junit_text(f, out);
    gh_buf_addf(out, "</%s>\n  </testcase>\n", tag);
}

void gh_check_junit(const struct gh_check *c, struct gh_buf *out)
{
    size_t failures = 0;

    for (size_t i = 0; i < c->count; i++)
        failures += c->items[i].fails;
    gh_buf_addf(out,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
                "<testsuite name=\"gatehouse check\" tests=\"%zu\" "
                "failures=\"%zu\" errors=\"0\">\n",
                c->count > 0 ? c->count : 1, failures);
    for (size_t i = 0; i < c->count; i++)
        junit_item(c, &c->items[i], out);
    if (c->count == 0)
        gh_buf_addf(out,
                    "  <testcase name=\"nothing found in %zu objects\" "
                    "classname=\"mesh\"/>\n",
                    c->objects);
    gh_buf_addf(out, "</testsuite>\n</testsuites>\n");
}

/* --- GitHub --- */

/* A property may hold neither ':' nor ',', data any text on one line. */
static void github_text(struct gh_buf *out, struct gh_slice s,
                        const char *escaped)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];

        if (c == '%' || c < ' ' || c == 0x7f || strchr(escaped, c))
            gh_buf_addf(out, "%%%02X", c);
        else
            gh_buf_addc(out, (char)c);
    }
}

static void github_item(const struct gh_check_item *i, struct gh_buf *out)
{
    const struct gh_finding *f = i->finding;

    gh_buf_addf(out, "::%s title=%s ",
                f->row->severity == GH_SEVERITY_INFO
                    ? "notice"
                    : gh_severity_name(f->row->severity),
                f->row->code);
    github_text(out, gh_slice_str(f->row->title), ":,");
    if (i->file.len > 0 && !gh_slice_is(i->file, "-")) {
        gh_buf_addf(out, ",file=");
        github_text(out, i->file, ":,");
    }
    if (i->at.line > 0) {
        gh_buf_addf(out, ",line=%u,col=%u", i->at.line, i->at.column);
        if (i->at.end_column > i->at.column)
            gh_buf_addf(out, ",endColumn=%u", i->at.end_column);
    }
    gh_buf_addf(out, "::");
    github_text(out, f->message, "");
    gh_buf_addf(out, "%%0A");
    github_text(out, gh_check_fix(f), "");
    gh_buf_addc(out, '\n');
}

void gh_check_github(const struct gh_check *c, struct gh_buf *out)
{
    for (size_t i = 0; i < c->count; i++)
        github_item(&c->items[i], out);
    gh_buf_addf(out, "%zu errors, %zu warnings, %zu infos in %zu objects\n",
                c->errors, c->warnings, c->infos, c->objects);
}
