/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The table of findings, shown: --explain, --list, and docs/findings.md
 */

#include "app/check_report.h"
#include "wire/json_write.h"

enum { INDENT = 2, WIDTH = 76 };

static void put_row(const struct gh_finding_row *r, const struct gh_styler *s)
{
    gh_styled(s, GH_STRONG, "%s  %s\n", r->code, r->title);
    gh_styled(s, GH_FAINT, "  %s, %s\n", gh_severity_name(r->severity),
              gh_finding_class_name(r->class));
    gh_wrapped(s, GH_PLAIN, gh_slice_str(r->why), INDENT, WIDTH);
    gh_buf_addf(s->out, "  ");
    gh_styled(s, GH_GOOD, "fix: ");
    gh_buf_addf(s->out, "%s\n", r->remedy);
}

void gh_rows_text(const struct gh_finding_row *only, const struct gh_styler *s)
{
    if (only) {
        put_row(only, s);
        return;
    }
    for (size_t i = 0; i < GH_FINDING_COUNT; i++)
        gh_buf_addf(s->out, "%-9s %-8s %-10s %s\n", gh_finding_rows[i].code,
                    gh_severity_name(gh_finding_rows[i].severity),
                    gh_finding_class_name(gh_finding_rows[i].class),
                    gh_finding_rows[i].title);
}

static void json_row(const struct gh_finding_row *r, struct gh_jsonw *w)
{
    gh_jsonw_object(w);
    gh_jsonw_ktext(w, "code", r->code);
    gh_jsonw_ktext(w, "class", gh_finding_class_name(r->class));
    gh_jsonw_ktext(w, "severity", gh_severity_name(r->severity));
    gh_jsonw_ktext(w, "title", r->title);
    gh_jsonw_ktext(w, "why", r->why);
    gh_jsonw_ktext(w, "remedy", r->remedy);
    gh_jsonw_end(w);
}

void gh_rows_json(const struct gh_finding_row *only, struct gh_buf *out)
{
    struct gh_jsonw w;

    gh_jsonw_init(&w, out);
    w.indent = 2;
    if (only) {
        json_row(only, &w);
    } else {
        gh_jsonw_array(&w);
        for (size_t i = 0; i < GH_FINDING_COUNT; i++)
            json_row(&gh_finding_rows[i], &w);
        gh_jsonw_end(&w);
    }
    gh_buf_addc(out, '\n');
}
