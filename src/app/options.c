/* SPDX-License-Identifier: Apache-2.0 */

#include "app/options.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"

struct parser {
    struct gh_options *o;
    const char *const *argv; /* what is left */
    struct gh_err *err;
};

static const struct gh_option *find(const struct gh_command *c,
                                    struct gh_slice name)
{
    for (size_t i = 0; i < c->option_count; i++)
        if (gh_slice_is(name, c->options[i].name))
            return &c->options[i];
    return NULL;
}

static const struct gh_option *find_letter(const struct gh_command *c, char ch)
{
    for (size_t i = 0; i < c->option_count; i++)
        if (c->options[i].letter == ch)
            return &c->options[i];
    return NULL;
}

static bool unknown_option(const struct parser *p, struct gh_slice name)
{
    const struct gh_command *c = p->o->command;
    struct gh_nearest near;

    gh_nearest_init(&near, name);
    for (size_t i = 0; i < c->option_count; i++)
        gh_nearest_offer(&near, gh_slice_str(c->options[i].name));
    gh_nearest_offer(&near, GH_SLICE("help"));
    if (near.best.ptr)
        gh_err_set(p->err, "unknown option --%.*s (did you mean --%.*s?)",
                   GH_FMT(name), GH_FMT(near.best));
    else
        gh_err_set(p->err, "unknown option --%.*s (see gatehouse %s --help)",
                   GH_FMT(name), c->name);
    return false;
}

static bool choice_fits(const struct gh_option *opt, const char *text,
                        struct gh_err *err)
{
    struct gh_nearest near;
    char list[256] = "";

    if (!opt->choices)
        return true;
    gh_nearest_init(&near, gh_slice_str(text));
    for (size_t i = 0; opt->choices[i]; i++) {
        size_t len = strlen(list);

        if (strcmp(opt->choices[i], text) == 0)
            return true;
        gh_nearest_offer(&near, gh_slice_str(opt->choices[i]));
        (void)snprintf(list + len, sizeof(list) - len, "%s%s", i ? ", " : "",
                       opt->choices[i]);
    }
    if (near.best.ptr)
        gh_err_set(err, "--%s: \"%s\" is none of %s (did you mean \"%.*s\"?)",
                   opt->name, text, list, GH_FMT(near.best));
    else
        gh_err_set(err, "--%s: \"%s\" is none of %s", opt->name, text, list);
    return false;
}

static bool give(const struct parser *p, const struct gh_option *opt,
                 const char *text)
{
    if (!choice_fits(opt, text, p->err))
        return false;
    if (!opt->repeats && gh_options_has(p->o, opt->name)) {
        gh_err_set(p->err, "--%s was given twice", opt->name);
        return false;
    }
    GH_VEC_PUSH(&p->o->given, (struct gh_option_given){opt, text});
    return true;
}

/* @inlined: what came in the same word, or NULL. */
static bool take_value(struct parser *p, const struct gh_option *opt,
                       const char *inlined)
{
    if (!opt->value && inlined) {
        gh_err_set(p->err, "--%s takes no value", opt->name);
        return false;
    }
    if (!opt->value)
        return give(p, opt, "");
    if (inlined)
        return give(p, opt, inlined);
    if (!*p->argv) {
        gh_err_set(p->err, "--%s needs a %s", opt->name, opt->value);
        return false;
    }
    return give(p, opt, *p->argv++);
}

static bool take_long(struct parser *p, const char *word)
{
    struct gh_slice name = gh_slice_str(word);
    size_t eq = gh_slice_find(name, '=');
    const char *inlined = eq < name.len ? word + eq + 1 : NULL;
    const struct gh_option *opt;

    name = gh_slice_head(name, eq);
    if (gh_slice_is(name, "help") && !inlined) {
        p->o->help = true;
        return true;
    }
    opt = find(p->o->command, name);
    return opt ? take_value(p, opt, inlined) : unknown_option(p, name);
}

/* Flags may share a dash: "-vx". */
static bool take_short(struct parser *p, const char *letters)
{
    for (; *letters; letters++) {
        const struct gh_option *opt = find_letter(p->o->command, *letters);

        if (!opt && *letters == 'h') {
            p->o->help = true;
            continue;
        }
        if (!opt) {
            gh_err_set(p->err, "unknown option -%c (see gatehouse %s --help)",
                       *letters, p->o->command->name);
            return false;
        }
        if (opt->value)
            return take_value(p, opt, letters[1] ? letters + 1 : NULL);
        if (!take_value(p, opt, NULL))
            return false;
    }
    return true;
}

static bool check_complete(const struct gh_options *o, struct gh_err *err)
{
    const struct gh_command *c = o->command;

    for (size_t i = 0; i < c->option_count; i++)
        if (c->options[i].required && !gh_options_has(o, c->options[i].name)) {
            gh_err_set(err, "--%s %s is missing", c->options[i].name,
                       c->options[i].value);
            return false;
        }
    if (o->operands.count < c->min_operands) {
        gh_err_set(err, "too few arguments: gatehouse %s takes %s", c->name,
                   c->operands);
        return false;
    }
    if (o->operands.count > c->max_operands) {
        gh_err_set(err, "\"%s\" is one argument too many%s",
                   o->operands.at[c->max_operands],
                   find(c, GH_SLICE("from"))
                       ? " (each path needs a --from of its own)"
                       : "");
        return false;
    }
    return true;
}

bool gh_options_parse(struct gh_options *o, const struct gh_command *command,
                      const char *const argv[], struct gh_err *err)
{
    struct parser p = {.o = o, .argv = argv, .err = err};
    bool only_operands = false;

    *o = (struct gh_options){.command = command};
    while (*p.argv) {
        const char *word = *p.argv++;
        bool fits = true;

        if (only_operands || word[0] != '-' || word[1] == '\0')
            GH_VEC_PUSH(&o->operands, word);
        else if (strcmp(word, "--") == 0)
            only_operands = true;
        else if (word[1] == '-')
            fits = take_long(&p, word + 2);
        else
            fits = take_short(&p, word + 1);
        if (!fits)
            return false;
    }
    return o->help || check_complete(o, err);
}

void gh_options_fini(struct gh_options *o)
{
    GH_VEC_FREE(&o->given);
    GH_VEC_FREE(&o->operands);
}

bool gh_options_has(const struct gh_options *o, const char *name)
{
    size_t it = 0;

    return gh_options_next(o, name, &it) != NULL;
}

const char *gh_options_text(const struct gh_options *o, const char *name)
{
    const struct gh_option *opt = find(o->command, gh_slice_str(name));
    const char *text;
    const char *last;

    assert(opt);
    last = opt->otherwise;
    for (size_t it = 0; (text = gh_options_next(o, name, &it));)
        last = text;
    return last;
}

const char *gh_options_next(const struct gh_options *o, const char *name,
                            size_t *it)
{
    while (*it < o->given.count) {
        const struct gh_option_given *g = &o->given.at[(*it)++];

        if (strcmp(g->option->name, name) == 0)
            return g->text;
    }
    return NULL;
}

/* --- help ------------------------------------------------------------------
 */

/* "  -o, --output FORMAT"; padded, or on a line of its own when too long. */
static void help_left(const struct gh_option *opt, struct gh_buf *out)
{
    char left[64];
    int len;

    len = snprintf(left, sizeof(left), "  %c%c%c --%s%s%s",
                   opt->letter ? '-' : ' ', opt->letter ? opt->letter : ' ',
                   opt->letter ? ',' : ' ', opt->name, opt->value ? " " : "",
                   opt->value ? opt->value : "");
    if (len < 26)
        gh_buf_addf(out, "%-27s", left);
    else
        gh_buf_addf(out, "%s\n%-27s", left, "");
}

static void help_option(const struct gh_option *opt, struct gh_buf *out)
{
    help_left(opt, out);
    gh_buf_addf(out, "%s", opt->help);
    if (opt->choices) {
        gh_buf_addf(out, ": ");
        for (size_t i = 0; opt->choices[i]; i++)
            gh_buf_addf(out, "%s%s", i ? ", " : "", opt->choices[i]);
    }
    if (opt->otherwise)
        gh_buf_addf(out, " (default: %s)", opt->otherwise);
    if (opt->repeats)
        gh_buf_addf(out, "; may be repeated");
    gh_buf_addc(out, '\n');
}

void gh_options_help(const struct gh_command *c, struct gh_buf *out)
{
    static const struct gh_option help = {
        .name = "help", .letter = 'h', .help = "show this page"};

    gh_buf_addf(out, "gatehouse %s: %s\n\nUsage: gatehouse %s", c->name,
                c->summary, c->name);
    for (size_t i = 0; i < c->option_count; i++)
        if (c->options[i].required)
            gh_buf_addf(out, " --%s %s%s", c->options[i].name,
                        c->options[i].value, c->options[i].repeats ? "…" : "");
    gh_buf_addf(out, "%s%s%s\n\nOptions:\n",
                c->option_count > 0 ? " [OPTIONS]" : "",
                *c->operands ? " " : "", c->operands);
    for (size_t i = 0; i < c->option_count; i++)
        help_option(&c->options[i], out);
    help_option(&help, out);
    if (c->help)
        gh_buf_addf(out, "\n%s", c->help);
}
