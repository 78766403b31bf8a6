/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "app/commands.h"

static const char *const forms[] = {"text", "json", NULL};

static const struct gh_option rows[] = {
    {.name = "from",
     .letter = 'f',
     .value = "PATH",
     .repeats = true,
     .required = true,
     .help = "where"},
    {.name = "output",
     .letter = 'o',
     .value = "FORMAT",
     .otherwise = "text",
     .choices = forms,
     .help = "form"},
    {.name = "verbose", .letter = 'v', .help = "more"},
    {.name = "quick", .letter = 'q', .help = "less"},
};

static const struct gh_command command = {
    .name = "try",
    .summary = "a try",
    .operands = "A [B]",
    .min_operands = 1,
    .max_operands = 2,
    .options = rows,
    .option_count = GH_COUNT(rows),
};

/* What was understood, as "from=a,b output=text verbose operands=x,y". */
static void describe(const struct gh_options *o, char *out, size_t size)
{
    const char *from;
    int n = snprintf(out, size, "from=");

    for (size_t it = 0; (from = gh_options_next(o, "from", &it));)
        n += snprintf(out + n, size - (size_t)n, "%s,", from);
    n += snprintf(out + n, size - (size_t)n, " output=%s",
                  gh_options_text(o, "output"));
    if (gh_options_has(o, "verbose"))
        n += snprintf(out + n, size - (size_t)n, " verbose");
    if (gh_options_has(o, "quick"))
        n += snprintf(out + n, size - (size_t)n, " quick");
    n += snprintf(out + n, size - (size_t)n, " operands=");
    for (size_t i = 0; i < o->operands.count; i++)
        n += snprintf(out + n, size - (size_t)n, "%s,", o->operands.at[i]);
}

static const struct {
    const char *argv[8];
    const char *got;
} good[] = {
    {{"--from", "a", "x"}, "from=a, output=text operands=x,"},
    {{"--from=a", "x", "--from", "b", "y"},
     "from=a,b, output=text operands=x,y,"},
    {{"-fa", "x"}, "from=a, output=text operands=x,"},
    {{"-f", "a", "x", "-ojson"}, "from=a, output=json operands=x,"},
    {{"x", "--from", "-", "-"}, "from=-, output=text operands=x,-,"},
    {{"-vqf", "a", "x"}, "from=a, output=text verbose quick operands=x,"},
    {{"-f", "a", "--", "--from", "-v"},
     "from=a, output=text operands=--from,-v,"},
    {{"--from=", "x"}, "from=, output=text operands=x,"},
    {{"--from", "-v", "x"}, "from=-v, output=text operands=x,"},
};

static void test_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < GH_COUNT(good); i++) {
        struct gh_options o;
        struct gh_err err = {0};
        char got[256];

        if (!gh_options_parse(&o, &command, good[i].argv, &err))
            fail_msg("%zu: %s", i, err.text);
        describe(&o, got, sizeof(got));
        assert_string_equal(got, good[i].got);
        gh_options_fini(&o);
    }
}

static const struct {
    const char *argv[8];
    const char *text;
} bad[] = {
    {{"--form", "a", "x"}, "unknown option --form (did you mean --from?)"},
    {{"--zzz", "x"}, "unknown option --zzz (see gatehouse try --help)"},
    {{"-z", "x"}, "unknown option -z"},
    {{"x", "--from"}, "--from needs a PATH"},
    {{"x", "-f"}, "--from needs a PATH"},
    {{"x"}, "--from PATH is missing"},
    {{"--from", "a"}, "too few arguments: gatehouse try takes A [B]"},
    {{"--from", "a", "x", "y", "z"}, "\"z\" is one argument too many (each"},
    {{"--from", "a", "x", "--verbose=1"}, "--verbose takes no value"},
    {{"-f", "a", "x", "-o", "jsn"},
     "--output: \"jsn\" is none of text, json (did you mean \"json\"?)"},
    {{"-f", "a", "x", "-o", "json", "--output", "text"}, "given twice"},
    {{"-f", "a", "x", "-v", "-v"}, "--verbose was given twice"},
};

static void test_bad(void **state)
{
    (void)state;
    for (size_t i = 0; i < GH_COUNT(bad); i++) {
        struct gh_options o;
        struct gh_err err = {0};

        if (gh_options_parse(&o, &command, bad[i].argv, &err))
            fail_msg("%zu was understood", i);
        if (!strstr(err.text, bad[i].text))
            fail_msg("%zu: %s", i, err.text);
        gh_options_fini(&o);
    }
}

/* Help may be asked for with anything else missing. */
static void test_help(void **state)
{
    static const char *const asks[][3] = {{"--help"}, {"-h"}, {"-vh"}};

    (void)state;
    for (size_t i = 0; i < GH_COUNT(asks); i++) {
        struct gh_options o;
        struct gh_err err = {0};

        assert_true(gh_options_parse(&o, &command, asks[i], &err));
        assert_true(o.help);
        gh_options_fini(&o);
    }
}

static void test_help_page(void **state)
{
    struct gh_buf out GH_BUF_CLEANUP;

    (void)state;
    gh_buf_init(&out, 1 << 16);
    gh_options_help(&command, &out);
    gh_buf_addc(&out, '\0');
    assert_string_equal(
        out.ptr, "gatehouse try: a try\n\n"
                 "Usage: gatehouse try --from PATH… [OPTIONS] A [B]\n\n"
                 "Options:\n"
                 "  -f, --from PATH          where; may be repeated\n"
                 "  -o, --output FORMAT      form: text, json (default: text)\n"
                 "  -v, --verbose            more\n"
                 "  -q, --quick              less\n"
                 "  -h, --help               show this page\n");
}

/* Of the real rows: what completion and help rely on. */
static void test_rows(void **state)
{
    size_t count;
    const struct gh_command *const *all = gh_commands(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        struct gh_err err;

        assert_ptr_equal(gh_command_find(all[i]->name, &err), all[i]);
        assert_true(all[i]->min_operands <= all[i]->max_operands);
        assert_non_null(all[i]->operands);
        for (size_t k = 0; k < all[i]->option_count; k++) {
            const struct gh_option *opt = &all[i]->options[k];

            assert_non_null(opt->help);
            assert_false(opt->letter == 'h');
            for (size_t j = 0; j < k; j++)
                assert_true(!opt->letter ||
                            opt->letter != all[i]->options[j].letter);
        }
    }
}

static void test_find(void **state)
{
    struct gh_err err;

    (void)state;
    assert_null(gh_command_find("tset", &err));
    assert_string_equal(
        err.text, "there is no command \"tset\" (did you mean \"test\"?)");
    assert_null(gh_command_find("zzzzzz", &err));
    assert_string_equal(err.text,
                        "there is no command \"zzzzzz\" (see gatehouse help)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good), cmocka_unit_test(test_bad),
        cmocka_unit_test(test_help), cmocka_unit_test(test_help_page),
        cmocka_unit_test(test_rows), cmocka_unit_test(test_find),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
