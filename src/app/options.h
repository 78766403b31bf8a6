/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Commands and their options, as rows
 *
 * What a user may type is data: a command is a row with a table of options.
 * Parsing, "did you mean", --help and shell completion all read the same rows,
 * so none of them can fall behind.
 *
 * Long options are "--name VALUE" or "--name=VALUE", short ones "-x VALUE" or
 * "-xVALUE"; "--" ends options, "-" is an operand. --help is every command's.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

struct gh_option {
    const char *name;           /* "from", without dashes */
    char letter;                /* 0: none */
    const char *value;          /* what to call it: "PATH"; NULL: a flag */
    const char *otherwise;      /* default; NULL: none */
    const char *const *choices; /* NULL-terminated; NULL: any text */
    bool repeats;
    bool required;
    const char *help;
};

struct gh_options;

struct gh_command {
    const char *name;
    const char *summary;
    const char *operands; /* "SOURCE TARGET"; "" for none */
    size_t min_operands;
    size_t max_operands;
    const struct gh_option *options;
    size_t option_count;
    const char *help; /* paragraphs behind the options; may be NULL */
    /* Return: the exit code. */
    int (*run)(const struct gh_options *o);
};

struct gh_option_given {
    const struct gh_option *option;
    const char *text; /* of a flag: "" */
};

struct gh_options {
    const struct gh_command *command;
    GH_VEC(struct gh_option_given) given;
    GH_VEC(const char *) operands;
    bool help;
};

/* What went wrong is the user's to mend: the exit code for it. */
enum { GH_EXIT_OK = 0, GH_EXIT_NO = 1, GH_EXIT_TROUBLE = 2 };

/**
 * gh_options_parse() - read the arguments behind the command's name
 * @argv: NULL-terminated; its strings are borrowed
 *
 * Return: false with @err. With --help anything else may be missing.
 */
GH_MUST_CHECK bool gh_options_parse(struct gh_options *o,
                                    const struct gh_command *command,
                                    const char *const argv[],
                                    struct gh_err *err);
void gh_options_fini(struct gh_options *o);

bool gh_options_has(const struct gh_options *o, const char *name);

/* The value given last, the default, or NULL. */
const char *gh_options_text(const struct gh_options *o, const char *name);

/* Values of an option that repeats; start with *@it = 0. NULL at the end. */
const char *gh_options_next(const struct gh_options *o, const char *name,
                            size_t *it);

/* The whole help page of a command. */
void gh_options_help(const struct gh_command *command, struct gh_buf *out);
