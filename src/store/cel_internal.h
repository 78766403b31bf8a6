/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the files of the CEL evaluator share; nobody else includes this
 *
 *   cel_lex.c     text to tokens          cel_value.c   values, equality
 *   cel_parse.c   tokens to nodes         cel_eval.c    nodes to a value
 *   cel_check.c   names, types            cel_fn_*.c    tables of functions
 *   cel_type.c    types by name
 *
 * Operators and functions are rows of tables: a name, the kinds that it takes,
 * the kind that it gives, and the code. The checker picks the rows that may
 * apply by the types it knows; while running, the kinds of the arguments decide
 * among them.
 */

#include "base/buf.h"
#include "store/cel.h"

#define GH_CEL_MAX_BYTES (64 * 1024)
#define GH_CEL_MAX_DEPTH 200
#define GH_CEL_MAX_NODES 20000
#define GH_CEL_MAX_ARGS 4
#define GH_CEL_MAX_SLOTS 64

enum gh_cel_op {
    GH_CEL_LITERAL,
    GH_CEL_NAME, /* before the checker: an identifier */
    GH_CEL_SLOT, /* a variable */
    GH_CEL_SELECT,
    GH_CEL_MAYBE, /* e.?name */
    GH_CEL_HAS,
    GH_CEL_CALL,
    GH_CEL_MAKE_LIST,
    GH_CEL_MAKE_MAP,
    GH_CEL_AND,
    GH_CEL_OR,
    GH_CEL_CHOOSE,
    GH_CEL_LOOP, /* a macro over a list or map */
};

enum gh_cel_macro {
    GH_CEL_ALL,
    GH_CEL_EXISTS,
    GH_CEL_EXISTS_ONE,
    GH_CEL_TRANSFORM, /* map */
    GH_CEL_FILTER,
};

struct gh_cel_fn;

struct gh_cel_node {
    uint8_t op;
    uint8_t macro;
    bool method; /* a call with a receiver, args[0] */
    uint16_t slot;
    uint16_t depth; /* of the tree below */
    uint32_t count; /* of args */
    uint32_t at;    /* where it stands in the text */
    struct gh_slice name;
    struct gh_cel_node **args;
    union {
        struct gh_cel_value literal;
        struct {
            const struct gh_cel_fn *fn; /* the first row that may apply */
            uint32_t rows;
            const struct gh_re2 *re; /* a literal pattern, compiled */
        };
    };
};

struct gh_cel {
    const struct gh_cel_node *root;
    struct gh_slice text;
    uint32_t uses; /* bit of each variable that is read */
    size_t var_count;
};

/* --- lexer --- */

enum gh_cel_token_kind {
    GH_CEL_T_END,
    GH_CEL_T_NAME,
    GH_CEL_T_QUOTED_NAME, /* `a-b` */
    GH_CEL_T_INT,
    GH_CEL_T_UINT,
    GH_CEL_T_DOUBLE,
    GH_CEL_T_STRING,
    GH_CEL_T_BYTES,
    GH_CEL_T_SIGN, /* operators and brackets, see text */
    GH_CEL_T_BAD,
};

struct gh_cel_token {
    enum gh_cel_token_kind kind;
    uint32_t at;
    struct gh_slice text; /* as it stands there */
    struct gh_slice str;  /* decoded string or bytes */
    uint64_t number;
    double real;
};

struct gh_cel_lexer {
    struct gh_slice in;
    size_t at;
    struct gh_arena *arena;
    const char *why; /* on GH_CEL_T_BAD */
};

struct gh_cel_token gh_cel_lex(struct gh_cel_lexer *lx);

/* The string in quotes that begins at lx->at; its prefix is consumed. */
struct gh_cel_token gh_cel_lex_string(struct gh_cel_lexer *lx, bool raw,
                                      bool bytes, uint32_t at);

/* --- parser, checker --- */

/* NULL with @err set. @text lives as long as the program. */
struct gh_cel_node *gh_cel_parse(struct gh_slice text, struct gh_arena *arena,
                                 struct gh_err *err);

struct gh_cel_checker {
    struct gh_arena *arena;
    struct gh_slice text;
    const struct gh_cel_var *vars;
    size_t var_count;
    struct gh_err *err;
    uint32_t uses;
    uint32_t slots; /* taken */
    struct gh_slice names[GH_CEL_MAX_SLOTS];
    const struct gh_cel_type *types[GH_CEL_MAX_SLOTS];
};

/* The type of @n; NULL with @err set. */
const struct gh_cel_type *gh_cel_check(struct gh_cel_checker *c,
                                       struct gh_cel_node *n);

/* Text and place of a fault, for both. */
void gh_cel_fault(struct gh_err *err, struct gh_slice text, uint32_t at,
                  const char *fmt, ...) GH_PRINTF(4, 5);

/* A name that stands for a reserved word or odd characters, as Kubernetes
 * writes it: "__namespace__" is namespace, "a__dash__b" is a-b. */
struct gh_slice gh_cel_unescape(struct gh_slice name, struct gh_arena *arena);

const struct gh_cel_type *gh_cel_basic_type(enum gh_cel_kind kind);

/* --- evaluation --- */

struct gh_cel_eval {
    struct gh_cel_run *run;
    uint64_t spent;
    uint64_t limit;
    enum gh_rc stop;                /* not GH_OK: give up at once */
    const struct gh_cel_node *node; /* the call being made */
    struct gh_cel_value slots[GH_CEL_MAX_SLOTS];
};

/* False when the budget is used up: return at once. */
static inline bool gh_cel_pay(struct gh_cel_eval *e, uint64_t cost)
{
    e->spent += cost;
    if (GH_LIKELY(e->spent <= e->limit))
        return true;
    e->stop = GH_ETOOBIG;
    return false;
}

void *gh_cel_alloc(struct gh_cel_eval *e, size_t count, size_t size);

struct gh_cel_value gh_cel_run_node(struct gh_cel_eval *e,
                                    const struct gh_cel_node *n);

/* Values. */
#define GH_CEL_OF_BOOL(v) ((struct gh_cel_value){.kind = GH_CEL_BOOL, .b = (v)})
#define GH_CEL_OF_INT(v) ((struct gh_cel_value){.kind = GH_CEL_INT, .i = (v)})
#define GH_CEL_OF_UINT(v) ((struct gh_cel_value){.kind = GH_CEL_UINT, .u = (v)})
#define GH_CEL_OF_DOUBLE(v)                                                    \
    ((struct gh_cel_value){.kind = GH_CEL_DOUBLE, .d = (v)})
#define GH_CEL_OF_STRING(v)                                                    \
    ((struct gh_cel_value){.kind = GH_CEL_STRING, .s = (v)})

/* An error with a fixed text. */
static inline struct gh_cel_value gh_cel_error(const char *text)
{
    return (struct gh_cel_value){.kind = GH_CEL_ERROR, .s = gh_slice_str(text)};
}

struct gh_cel_value gh_cel_errorf(struct gh_cel_eval *e, const char *fmt, ...)
    GH_PRINTF(2, 3);

/* What a list or map holds, on the tape or not. */
size_t gh_cel_size(const struct gh_cel_value *v);

struct gh_cel_walk {
    const struct gh_cel_value *of;
    struct gh_json_iter json;
    size_t at;
    struct gh_cel_value key; /* of maps */
    struct gh_cel_value value;
};

struct gh_cel_walk gh_cel_walk(const struct gh_cel_value *of);
bool gh_cel_next(struct gh_cel_walk *w);

/* Element or member; false when it is not there. */
bool gh_cel_index(const struct gh_cel_value *list, size_t index,
                  struct gh_cel_value *ret);
bool gh_cel_member(struct gh_cel_eval *e, const struct gh_cel_value *map,
                   const struct gh_cel_value *key, struct gh_cel_value *ret);
bool gh_cel_named(const struct gh_cel_value *map, struct gh_slice name,
                  struct gh_cel_value *ret);

bool gh_cel_equal(struct gh_cel_eval *e, const struct gh_cel_value *a,
                  const struct gh_cel_value *b);

int gh_cel_compare_quantities(const struct gh_cel_value *a,
                              const struct gh_cel_value *b);

/* Of addresses, networks and quantities. */
bool gh_cel_equal_other(const struct gh_cel_value *a,
                        const struct gh_cel_value *b);

/* -1, 0, 1; 2 when the two have no order, NaN included. */
int gh_cel_compare(const struct gh_cel_value *a, const struct gh_cel_value *b);

/* A list under construction. */
struct gh_cel_builder {
    struct gh_cel_value *at;
    size_t count;
    size_t cap;
};

bool gh_cel_push(struct gh_cel_eval *e, struct gh_cel_builder *b,
                 struct gh_cel_value v);
struct gh_cel_value gh_cel_built(const struct gh_cel_builder *b);
struct gh_cel_value gh_cel_some(struct gh_cel_eval *e, struct gh_cel_value v);

/* --- functions --- */

/*
 * @takes has a letter for each argument, @gives one for the result:
 * b bool, i int, u uint, d double, s string, y bytes, l list, m map,
 * D duration, T timestamp, t type, n null, o optional, I ip, C cidr, Q
 * quantity, U url, * anything. Of results, e is an element of the first
 * argument.
 */
struct gh_cel_fn {
    const char *name;
    bool method; /* the first argument stands before the dot */
    const char *takes;
    char gives;
    struct gh_cel_value (*call)(struct gh_cel_eval *e,
                                const struct gh_cel_value *args);
};

struct gh_cel_library {
    const struct gh_cel_fn *rows; /* rows of one name are neighbours */
    size_t count;
};

extern const struct gh_cel_library gh_cel_lib_operators;
extern const struct gh_cel_library gh_cel_lib_convert;
extern const struct gh_cel_library gh_cel_lib_strings;
extern const struct gh_cel_library gh_cel_lib_lists;
extern const struct gh_cel_library gh_cel_lib_times;
extern const struct gh_cel_library gh_cel_lib_nets;
extern const struct gh_cel_library gh_cel_lib_quantities;

/* The first row of that name; *@ret_count rows follow it, itself included. */
const struct gh_cel_fn *gh_cel_find(struct gh_slice name, bool method,
                                    size_t *ret_count);

/* Kind of a letter; GH_CEL_DYN for '*' and 'e'. */
enum gh_cel_kind gh_cel_letter(char letter);

struct gh_slice gh_cel_print_duration(struct gh_cel_time t,
                                      struct gh_arena *arena);
struct gh_slice gh_cel_print_timestamp(struct gh_cel_time t,
                                       struct gh_arena *arena);
