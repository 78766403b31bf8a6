/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Would Rust's program for an expression keep its limit of 10 MiB?
 *
 * Rust's crate counts the bytes of its automaton, which works on bytes: 32 a
 * state, and a set of characters costs one state for each byte of each range
 * of UTF-8 sequences, less what neighbours begin with alike. The figures were
 * measured; for properties they are in a table (regex_unicode.c). Only
 * expressions that come within a few per cent of the limit can be misjudged.
 */

#include <stdlib.h>

#include "mesh/regex_internal.h"

#define LIMIT_BYTES ((uint64_t)10 << 20)
#define OVERHEAD_BYTES 256
#define STATE ((uint64_t)32)
#define MAX_BOUNDS 512

/* --- sets ---------------------------------------------------------------- */

struct tally {
    uint64_t bytes;
    uint32_t chars;
    uint32_t ranges;
    uint32_t last; /* the highest character seen */
    unsigned char low[4];
    unsigned char high[4];
    size_t len;
};

/* One sequence of byte ranges; what it begins with like the last is shared. */
static void tally_sequence(struct tally *t, uint32_t first, uint32_t last)
{
    unsigned char low[4] = {0};
    unsigned char high[4] = {0};
    size_t len = gh_regex_encode(first, low);
    size_t same = 0;

    (void)gh_regex_encode(last, high);
    while (same < len && same < t->len && low[same] == t->low[same] &&
           high[same] == t->high[same])
        same++;
    t->bytes += (len - same) * STATE + 4;
    memcpy(t->low, low, sizeof(low));
    memcpy(t->high, high, sizeof(high));
    t->len = len;
}

/* Where a range must be cut so that its bytes vary independently. */
static bool cut_at(uint32_t first, uint32_t last, uint32_t *ret)
{
    static const uint32_t ends[] = {0x7f, 0x7ff, 0xd7ff, 0xdfff, 0xffff};

    for (size_t i = 0; i < GH_COUNT(ends); i++) {
        *ret = ends[i];
        if (first <= ends[i] && ends[i] < last)
            return true;
    }
    for (int bits = 6; bits <= (last > 0xffff  ? 18
                                : last > 0x7ff ? 12
                                               : 6);
         bits += 6) {
        uint32_t low = ((uint32_t)1 << bits) - 1;

        if (last <= 0x7f || (first | low) == (last | low))
            continue;
        *ret = first | low;
        if (first & low)
            return true;
        *ret = (last & ~low) - 1;
        if ((last & low) != low)
            return true;
    }
    return false;
}

static void tally_range(struct tally *t, uint32_t first, uint32_t last)
{
    uint32_t cut;

    while (cut_at(first, last, &cut)) {
        tally_range(t, first, cut);
        first = cut + 1;
    }
    if (first < 0xd800 || first > 0xdfff)
        tally_sequence(t, first, last);
}

static void add_range(struct tally *t, uint32_t first, uint32_t last)
{
    t->ranges++;
    t->chars += last - first + 1;
    t->last = last;
    tally_range(t, first, last);
}

static uint64_t tally_bytes(const struct tally *t)
{
    unsigned char bytes[4];

    if (t->ranges == 0)
        return STATE;
    if (t->chars == 1)
        return gh_regex_encode(t->last, bytes) * STATE;
    if (t->last < 0x80)
        return 2 * STATE + 8 * (uint64_t)t->ranges;
    return 2 * STATE + t->bytes;
}

/* Where membership may change. Return: false when PCRE2 decides some, or when
 * there are too many. */
static bool bounds(const struct gh_regex_set *s, uint32_t *at, size_t *count)
{
    if (s->op == GH_SET_CODE || s->op == GH_SET_UNKNOWN)
        return false;
    if (s->op == GH_SET_RANGE) {
        if (*count + 2 > MAX_BOUNDS)
            return false;
        at[(*count)++] = s->first;
        at[(*count)++] = s->last + 1;
    }
    for (const struct gh_regex_set *c = s->child; c; c = c->next) {
        if (!bounds(c, at, count))
            return false;
    }
    return true;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static uint64_t exact(const struct gh_regex_set *s, uint32_t *at, size_t count)
{
    struct tally t = {0};
    uint32_t first = GH_REGEX_END;

    qsort(at, count, sizeof(*at), by_number);
    for (size_t i = 0; i < count && at[i] <= GH_REGEX_MAX_CHAR; i++) {
        bool has = gh_regex_set_has(s, at[i], NULL);

        if (has && first == GH_REGEX_END)
            first = at[i];
        if (!has && first != GH_REGEX_END) {
            add_range(&t, first, at[i] - 1);
            first = GH_REGEX_END;
        }
    }
    if (first != GH_REGEX_END)
        add_range(&t, first, GH_REGEX_MAX_CHAR);
    return tally_bytes(&t);
}

static uint64_t roughly(const struct gh_regex_set *s)
{
    struct tally t = {0};
    uint64_t bytes = s->code_bytes;

    if (s->op == GH_SET_RANGE) {
        tally_range(&t, s->first, s->last);
        return t.bytes;
    }
    for (const struct gh_regex_set *c = s->child; c; c = c->next)
        bytes += roughly(c);
    return bytes;
}

static uint64_t set_bytes(const struct gh_regex_set *s)
{
    uint32_t at[MAX_BOUNDS + 1] = {0};
    size_t count = 1;

    return bounds(s, at, &count) ? exact(s, at, count) : 2 * STATE + roughly(s);
}

/* --- nodes --------------------------------------------------------------- */

static uint64_t node_bytes(const struct gh_regex_node *n);

/* Beyond the limit it does not matter by how much. */
static uint64_t capped(uint64_t bytes)
{
    return bytes < 2 * LIMIT_BYTES ? bytes : 2 * LIMIT_BYTES;
}

static uint64_t times(uint64_t bytes, uint32_t n)
{
    return capped(bytes * n); /* 2^25 times 2^32 */
}

static uint64_t repeat_bytes(const struct gh_regex_node *n)
{
    uint64_t child = node_bytes(n->child);
    uint32_t min = n->min;
    uint32_t max = n->max;

    if (n->child->only_empty) {
        min = min > 1 ? 1 : min;
        max = max > 1 ? 1 : max;
    }
    if (max == 0)
        return STATE;
    if (max != GH_REGEX_NO_MAX)
        return capped(times(child, min) + (max > min ? STATE : 0) +
                      times(child + STATE + 8, max - min));
    if (min > 0)
        return capped(times(child, min) + STATE + 8);
    return capped(child + STATE + 8 +
                  (n->child->can_be_empty ? 2 * STATE + 8 : 0));
}

static uint64_t children_bytes(const struct gh_regex_node *n, uint64_t each)
{
    uint64_t bytes = 0;

    for (const struct gh_regex_node *c = n->child; c; c = c->next)
        bytes = capped(bytes + node_bytes(c) + each);
    return bytes;
}

static uint64_t node_bytes(const struct gh_regex_node *n)
{
    unsigned char bytes[4];

    switch (n->kind) {
    case GH_NODE_CHAR:
        return gh_regex_encode(n->c, bytes) * STATE;
    case GH_NODE_SET:
        return set_bytes(n->set);
    case GH_NODE_REPEAT:
        return repeat_bytes(n);
    case GH_NODE_GROUP:
        return children_bytes(n, n->capture ? 2 * STATE : 0);
    case GH_NODE_CONCAT:
        return children_bytes(n, 0);
    case GH_NODE_ALT:
        return children_bytes(n, 4) + 2 * STATE;
    case GH_NODE_EMPTY:
    case GH_NODE_FLAGS:
    case GH_NODE_LOOK:
        break;
    }
    return STATE;
}

bool gh_regex_fits(const struct gh_regex_node *root)
{
    return node_bytes(root) + OVERHEAD_BYTES <= LIMIT_BYTES;
}
