/* SPDX-License-Identifier: Apache-2.0 */

/*
 * CEL's types by kind, letter and name, and the names of fields
 *
 * A field whose name is a reserved word or has odd characters is written in
 * Kubernetes' escape: __namespace__, a__dash__b.
 */

#include "store/cel_internal.h"

/* Types of which there is one; indexed by kind. */
static const struct gh_cel_type basic[] = {
#define X(k) [k] = {.kind = (k)}
    X(GH_CEL_DYN),       X(GH_CEL_NULL),   X(GH_CEL_BOOL),
    X(GH_CEL_INT),       X(GH_CEL_UINT),   X(GH_CEL_DOUBLE),
    X(GH_CEL_STRING),    X(GH_CEL_BYTES),  X(GH_CEL_LIST),
    X(GH_CEL_MAP),       X(GH_CEL_OBJECT), X(GH_CEL_DURATION),
    X(GH_CEL_TIMESTAMP), X(GH_CEL_TYPE),   X(GH_CEL_OPTIONAL),
    X(GH_CEL_IP),        X(GH_CEL_CIDR),   X(GH_CEL_QUANTITY),
    X(GH_CEL_URL),
#undef X
};

const struct gh_cel_type gh_cel_dyn = {.kind = GH_CEL_DYN};
const struct gh_cel_type gh_cel_bool = {.kind = GH_CEL_BOOL};
const struct gh_cel_type gh_cel_string = {.kind = GH_CEL_STRING};
const struct gh_cel_type gh_cel_int = {.kind = GH_CEL_INT};

const struct gh_cel_type *gh_cel_basic_type(enum gh_cel_kind kind)
{
    return &basic[kind];
}

enum gh_cel_kind gh_cel_letter(char letter)
{
    static const uint8_t kinds[128] = {
        ['b'] = GH_CEL_BOOL,     ['i'] = GH_CEL_INT,       ['u'] = GH_CEL_UINT,
        ['d'] = GH_CEL_DOUBLE,   ['s'] = GH_CEL_STRING,    ['y'] = GH_CEL_BYTES,
        ['l'] = GH_CEL_LIST,     ['m'] = GH_CEL_MAP,       ['n'] = GH_CEL_NULL,
        ['D'] = GH_CEL_DURATION, ['T'] = GH_CEL_TIMESTAMP, ['t'] = GH_CEL_TYPE,
        ['o'] = GH_CEL_OPTIONAL, ['I'] = GH_CEL_IP,        ['C'] = GH_CEL_CIDR,
        ['Q'] = GH_CEL_QUANTITY, ['U'] = GH_CEL_URL,
    };
    uint8_t kind = kinds[(unsigned char)letter & 127];

    return kind ? (enum gh_cel_kind)kind : GH_CEL_DYN;
}

const char *gh_cel_kind_name(enum gh_cel_kind kind)
{
    static const char *const names[] = {
        [GH_CEL_ERROR] = "error",
        [GH_CEL_DYN] = "dyn",
        [GH_CEL_NULL] = "null_type",
        [GH_CEL_BOOL] = "bool",
        [GH_CEL_INT] = "int",
        [GH_CEL_UINT] = "uint",
        [GH_CEL_DOUBLE] = "double",
        [GH_CEL_STRING] = "string",
        [GH_CEL_BYTES] = "bytes",
        [GH_CEL_LIST] = "list",
        [GH_CEL_MAP] = "map",
        [GH_CEL_OBJECT] = "object",
        [GH_CEL_DURATION] = "google.protobuf.Duration",
        [GH_CEL_TIMESTAMP] = "google.protobuf.Timestamp",
        [GH_CEL_TYPE] = "type",
        [GH_CEL_OPTIONAL] = "optional_type",
        [GH_CEL_IP] = "net.IP",
        [GH_CEL_CIDR] = "net.CIDR",
        [GH_CEL_QUANTITY] = "kubernetes.Quantity",
        [GH_CEL_URL] = "kubernetes.URL",
    };

    return (size_t)kind < GH_COUNT(names) ? names[kind] : "?";
}

static bool is_reserved(struct gh_slice s)
{
    static const char *const words[] = {
        "true",   "false",    "null",  "in",      "as",        "break",
        "const",  "continue", "else",  "for",     "function",  "if",
        "import", "let",      "loop",  "package", "namespace", "return",
        "var",    "void",     "while",
    };

    for (size_t i = 0; i < GH_COUNT(words); i++)
        if (gh_slice_is(s, words[i]))
            return true;
    return false;
}

struct gh_slice gh_cel_unescape(struct gh_slice name, struct gh_arena *arena)
{
    static const struct {
        struct gh_slice code;
        char stands_for[3];
    } rows[] = {
        {{"__underscores__", 15}, "__"},
        {{"__dot__", 7}, "."},
        {{"__dash__", 8}, "-"},
        {{"__slash__", 9}, "/"},
    };
    char *out;
    size_t len = 0;

    if (name.len > 4 && gh_slice_starts(name, GH_SLICE("__")) &&
        gh_slice_ends(name, GH_SLICE("__"))) {
        struct gh_slice word = gh_slice_of(name.ptr + 2, name.len - 4);

        if (is_reserved(word))
            return word;
    }
    out = gh_arena_alloc(arena, name.len + 1, 1);
    for (size_t i = 0; out && i < name.len;) {
        size_t row = 0;

        while (row < GH_COUNT(rows) &&
               !gh_slice_starts(gh_slice_drop(name, i), rows[row].code))
            row++;
        if (row == GH_COUNT(rows)) {
            out[len++] = name.ptr[i++];
            continue;
        }
        for (const char *c = rows[row].stands_for; *c; c++)
            out[len++] = *c;
        i += rows[row].code.len;
    }
    return out ? gh_slice_of(out, len) : name;
}
