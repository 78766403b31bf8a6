/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Shell completion, written from the command rows
 *
 * The scripts are small on purpose: commands, then a command's options, then
 * what an option may be, and files for everything else.
 */

#include <stdio.h>
#include <string.h>

#include "app/commands.h"

static const char *const shells[] = {"bash", "zsh", "fish", NULL};

static void add_command_names(struct gh_buf *out)
{
    size_t count;
    const struct gh_command *const *all = gh_commands(&count);

    for (size_t i = 0; i < count; i++)
        gh_buf_addf(out, "%s%s", i ? " " : "", all[i]->name);
}

static void add_option_names(const struct gh_command *c, struct gh_buf *out)
{
    for (size_t i = 0; i < c->option_count; i++)
        gh_buf_addf(out, "--%s ", c->options[i].name);
    gh_buf_addf(out, "--help");
}

static void add_choices(const char *const *choices, struct gh_buf *out)
{
    for (size_t i = 0; choices[i]; i++)
        gh_buf_addf(out, "%s%s", i ? " " : "", choices[i]);
}

/* --- bash ------------------------------------------------------------------
 */

static void bash_choices(const struct gh_command *c, struct gh_buf *out)
{
    for (size_t i = 0; i < c->option_count; i++) {
        if (!c->options[i].choices)
            continue;
        gh_buf_addf(out, "    %s:--%s) COMPREPLY=($(compgen -W '", c->name,
                    c->options[i].name);
        add_choices(c->options[i].choices, out);
        gh_buf_addf(out, "' -- \"$cur\")); return ;;\n");
    }
}

static void bash(struct gh_buf *out)
{
    size_t count;
    const struct gh_command *const *all = gh_commands(&count);

    gh_buf_addf(out, "# gatehouse: completion for bash\n_gatehouse() {\n"
                     "  local cur=${COMP_WORDS[COMP_CWORD]}\n"
                     "  local prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                     "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                     "    COMPREPLY=($(compgen -W '");
    add_command_names(out);
    gh_buf_addf(out, "' -- \"$cur\")); return\n  fi\n"
                     "  case ${COMP_WORDS[1]}:$prev in\n");
    for (size_t i = 0; i < count; i++)
        bash_choices(all[i], out);
    gh_buf_addf(out, "    help:help) COMPREPLY=($(compgen -W '");
    add_command_names(out);
    gh_buf_addf(out, "' -- \"$cur\")); return ;;\n"
                     "    completion:completion) COMPREPLY=($(compgen -W '");
    add_choices(shells, out);
    gh_buf_addf(out, "' -- \"$cur\")); return ;;\n  esac\n"
                     "  case ${COMP_WORDS[1]}:$cur in\n");
    for (size_t i = 0; i < count; i++) {
        gh_buf_addf(out, "    %s:-*) COMPREPLY=($(compgen -W '", all[i]->name);
        add_option_names(all[i], out);
        gh_buf_addf(out, "' -- \"$cur\")) ;;\n");
    }
    gh_buf_addf(out, "    *) COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n"
                     "  esac\n}\n"
                     "complete -o filenames -F _gatehouse gatehouse\n");
}

/* --- zsh -------------------------------------------------------------------
 */

/* Text inside '...[here]...': brackets, colons and quotes would end it. */
static void zsh_text(const char *text, struct gh_buf *out)
{
    for (; *text; text++) {
        if (strchr("[]:\\", *text))
            gh_buf_addc(out, '\\');
        if (*text == '\'')
            gh_buf_addf(out, "'\\'");
        gh_buf_addc(out, *text);
    }
}

static void zsh_option(const struct gh_option *opt, struct gh_buf *out)
{
    gh_buf_addf(out, " \\\n        '%s--%s%s[", opt->repeats ? "*" : "",
                opt->name, opt->value ? "=" : "");
    zsh_text(opt->help, out);
    gh_buf_addc(out, ']');
    if (opt->value) {
        gh_buf_addf(out, ":%s:", opt->value);
        if (opt->choices) {
            gh_buf_addc(out, '(');
            add_choices(opt->choices, out);
            gh_buf_addc(out, ')');
        } else {
            gh_buf_addf(out, "_files");
        }
    }
    gh_buf_addc(out, '\'');
}

static void zsh(struct gh_buf *out)
{
    size_t count;
    const struct gh_command *const *all = gh_commands(&count);

    gh_buf_addf(out, "#compdef gatehouse\n_gatehouse() {\n"
                     "  if (( CURRENT == 2 )); then\n"
                     "    local -a commands=(");
    for (size_t i = 0; i < count; i++) {
        gh_buf_addf(out, "\n      '%s:", all[i]->name);
        zsh_text(all[i]->summary, out);
        gh_buf_addc(out, '\'');
    }
    gh_buf_addf(out, ")\n    _describe command commands\n    return\n  fi\n"
                     "  local command=$words[2]\n"
                     "  shift words; (( CURRENT-- ))\n"
                     "  case $command in\n");
    for (size_t i = 0; i < count; i++) {
        gh_buf_addf(out, "    %s) _arguments", all[i]->name);
        for (size_t k = 0; k < all[i]->option_count; k++)
            zsh_option(&all[i]->options[k], out);
        gh_buf_addf(out, " \\\n        '--help[show this page]' ");
        if (all[i] == &gh_cmd_completion) {
            gh_buf_addf(out, "'*:shell:(");
            add_choices(shells, out);
            gh_buf_addf(out, ")' ;;\n");
        } else {
            gh_buf_addf(out, "'*:argument:_files' ;;\n");
        }
    }
    gh_buf_addf(out, "  esac\n}\ncompdef _gatehouse gatehouse\n");
}

/* --- fish ------------------------------------------------------------------
 */

static void fish_text(const char *text, struct gh_buf *out)
{
    gh_buf_addc(out, '\'');
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            gh_buf_addc(out, '\\');
        gh_buf_addc(out, *text);
    }
    gh_buf_addc(out, '\'');
}

static void fish_option(const struct gh_command *c, const struct gh_option *opt,
                        struct gh_buf *out)
{
    gh_buf_addf(out,
                "complete -c gatehouse -n '__fish_seen_subcommand_from %s' "
                "-l %s",
                c->name, opt->name);
    if (opt->letter)
        gh_buf_addf(out, " -s %c", opt->letter);
    if (opt->value)
        gh_buf_addf(out, " -r");
    if (opt->choices) {
        gh_buf_addf(out, " -f -a '");
        add_choices(opt->choices, out);
        gh_buf_addc(out, '\'');
    }
    gh_buf_addf(out, " -d ");
    fish_text(opt->help, out);
    gh_buf_addc(out, '\n');
}

static void fish(struct gh_buf *out)
{
    size_t count;
    const struct gh_command *const *all = gh_commands(&count);

    gh_buf_addf(out, "# gatehouse: completion for fish\n");
    for (size_t i = 0; i < count; i++) {
        gh_buf_addf(out,
                    "complete -c gatehouse -n __fish_use_subcommand -f -a %s "
                    "-d ",
                    all[i]->name);
        fish_text(all[i]->summary, out);
        gh_buf_addc(out, '\n');
        for (size_t k = 0; k < all[i]->option_count; k++)
            fish_option(all[i], &all[i]->options[k], out);
    }
    gh_buf_addf(out, "complete -c gatehouse -n "
                     "'__fish_seen_subcommand_from completion' -f -a '");
    add_choices(shells, out);
    gh_buf_addf(out, "'\n");
}

static int run_completion(const struct gh_options *o)
{
    static void (*const writers[])(struct gh_buf *) = {bash, zsh, fish};
    struct gh_buf out GH_BUF_CLEANUP;

    gh_buf_init(&out, 64 * 1024);
    for (size_t i = 0; shells[i]; i++) {
        if (strcmp(o->operands.at[0], shells[i]) != 0)
            continue;
        writers[i](&out);
        (void)fwrite(out.ptr, 1, out.len, stdout);
        return fflush(stdout) == 0 ? GH_EXIT_OK : GH_EXIT_TROUBLE;
    }
    (void)fprintf(stderr,
                  "gatehouse: no completion for \"%s\": bash, zsh and fish are "
                  "known\n",
                  o->operands.at[0]);
    return GH_EXIT_TROUBLE;
}

const struct gh_command gh_cmd_completion = {
    .name = "completion",
    .summary = "print a completion script for bash, zsh or fish",
    .operands = "SHELL",
    .min_operands = 1,
    .max_operands = 1,
    .help = "bash:  source <(gatehouse completion bash)\n"
            "zsh:   source <(gatehouse completion zsh)\n"
            "fish:  gatehouse completion fish | source\n",
    .run = run_completion,
};
