/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Running an expression
 *
 * The tree becomes a program of characters, looks and splits, with the same
 * preferences at each split as in Rust's; all ways through it advance together
 * in order of preference, one character at a time. So time grows with text
 * times program and never worse, and no expression makes it backtrack.
 *
 * A repetition of what can be empty is built as "(x+)?", as in Rust: otherwise
 * an empty turn would be preferred to the end of the repetition.
 */

#include "mesh/regex_internal.h"

#define MAX_TURNS ((uint64_t)1 << 24) /* a tenth of a second */

enum op { OP_CHAR, OP_SET, OP_LOOK, OP_SPLIT, OP_JUMP, OP_MATCH };

struct step {
    uint8_t op;
    uint8_t look;
    bool unicode;
    uint32_t x; /* character, set's number, or where to go */
    uint32_t y; /* of a split: where to go if that fails */
};

struct set_step {
    uint64_t ascii[2];
    const struct gh_regex_set *set;
    uint32_t cost; /* to ask about other characters */
};

struct gh_regex_prog {
    const struct step *steps;
    uint32_t count;
    const struct set_step *sets;
    const struct gh_regex_set *word;
};

struct builder {
    struct gh_arena *arena;
    pcre2_match_data *match;
    struct step *steps;
    struct set_step *sets;
    size_t count;
    size_t cap;
    size_t set_count;
    size_t set_cap;
    bool failed;
};

/* --- building ------------------------------------------------------------ */

static void *grown(struct builder *b, void *at, size_t *cap, size_t size)
{
    size_t want = *cap ? *cap * 2 : 8;
    void *more = gh_arena_grow(b->arena, at, *cap * size, want * size, 8);

    b->failed |= !more;
    *cap = more ? want : *cap;
    return more ? more : at;
}

static uint32_t emit(struct builder *b, struct step s)
{
    if (b->count == b->cap && !b->failed)
        b->steps = grown(b, b->steps, &b->cap, sizeof(*b->steps));
    if (b->failed)
        return 0;
    b->steps[b->count] = s;
    return (uint32_t)b->count++;
}

static uint32_t here(const struct builder *b)
{
    return (uint32_t)b->count;
}

static uint32_t nodes_in(const struct gh_regex_set *s)
{
    uint32_t n = 1;

    for (const struct gh_regex_set *c = s->child; c; c = c->next)
        n += nodes_in(c);
    return n;
}

/* A set is prepared once, however often its node is repeated. */
static uint32_t set_number(struct builder *b, struct gh_regex_set *set)
{
    struct set_step s = {.set = set, .cost = nodes_in(set)};

    if (set->number > 0)
        return set->number - 1;
    if (b->set_count == b->set_cap && !b->failed)
        b->sets = grown(b, b->sets, &b->set_cap, sizeof(*b->sets));
    if (b->failed)
        return 0;
    for (uint32_t c = 0; c < 128; c++) {
        if (gh_regex_set_has(set, c, b->match))
            s.ascii[c / 64] |= (uint64_t)1 << (c % 64);
    }
    b->sets[b->set_count] = s;
    set->number = (uint32_t)++b->set_count;
    return set->number - 1;
}

static void build(struct builder *b, const struct gh_regex_node *n);

/* Goes to @on first, or last when @lazy; the other way is behind the split. */
static uint32_t split(struct builder *b, uint32_t on, bool lazy)
{
    return emit(b, lazy ? (struct step){.op = OP_SPLIT, .y = on}
                        : (struct step){.op = OP_SPLIT, .x = on});
}

/* Lets the open way of a split lead to @to. */
static void lead(struct builder *b, uint32_t at, bool lazy, uint32_t to)
{
    if (b->failed)
        return;
    if (lazy)
        b->steps[at].x = to;
    else
        b->steps[at].y = to;
}

/* x+ */
static void build_plus(struct builder *b, const struct gh_regex_node *n)
{
    uint32_t start = here(b);
    uint32_t at;

    build(b, n->child);
    at = split(b, start, n->lazy);
    lead(b, at, n->lazy, here(b));
}

/* x*, as (x+)? where x can be empty. */
static void build_star(struct builder *b, const struct gh_regex_node *n)
{
    uint32_t at = split(b, here(b) + 1, n->lazy);

    if (n->child->can_be_empty) {
        build_plus(b, n);
    } else {
        build(b, n->child);
        (void)emit(b, (struct step){.op = OP_JUMP, .x = at});
    }
    lead(b, at, n->lazy, here(b));
}

/* Up to @count more; each split's open way leads behind them all, and until
 * that is known holds the split before it. */
static void build_optional(struct builder *b, const struct gh_regex_node *n,
                           uint32_t count)
{
    uint32_t chain = GH_REGEX_END;

    for (uint32_t i = 0; i < count && !b->failed; i++) {
        uint32_t at = split(b, here(b) + 1, n->lazy);

        lead(b, at, n->lazy, chain);
        chain = at;
        build(b, n->child);
    }
    while (chain != GH_REGEX_END && !b->failed) {
        uint32_t before = n->lazy ? b->steps[chain].x : b->steps[chain].y;

        lead(b, chain, n->lazy, here(b));
        chain = before;
    }
}

static void build_repeat(struct builder *b, const struct gh_regex_node *n)
{
    uint32_t min = n->min;
    uint32_t max = n->max;

    if (n->child->only_empty) {
        min = min > 1 ? 1 : min;
        max = max > 1 ? 1 : max;
    }
    if (max == GH_REGEX_NO_MAX) {
        for (uint32_t i = 1; i < min && !b->failed; i++)
            build(b, n->child);
        if (min == 0)
            build_star(b, n);
        else
            build_plus(b, n);
        return;
    }
    for (uint32_t i = 0; i < min && !b->failed; i++)
        build(b, n->child);
    build_optional(b, n, max - min);
}

static void build_alternatives(struct builder *b, const struct gh_regex_node *n)
{
    uint32_t chain = GH_REGEX_END;

    for (const struct gh_regex_node *c = n->child; c; c = c->next) {
        uint32_t at = 0;

        if (c->next)
            at = split(b, here(b) + 1, false);
        build(b, c);
        if (!c->next)
            break;
        chain = emit(b, (struct step){.op = OP_JUMP, .x = chain});
        lead(b, at, false, here(b));
    }
    while (chain != GH_REGEX_END && !b->failed) {
        uint32_t before = b->steps[chain].x;

        b->steps[chain].x = here(b);
        chain = before;
    }
}

static void build(struct builder *b, const struct gh_regex_node *n)
{
    switch (n->kind) {
    case GH_NODE_EMPTY:
    case GH_NODE_FLAGS:
        break;
    case GH_NODE_CHAR:
        (void)emit(b, (struct step){.op = OP_CHAR, .x = n->c});
        break;
    case GH_NODE_SET:
        (void)emit(b, (struct step){.op = OP_SET, .x = set_number(b, n->set)});
        break;
    case GH_NODE_LOOK:
        (void)emit(b, (struct step){.op = OP_LOOK,
                                    .look = (uint8_t)n->look,
                                    .unicode = n->unicode});
        break;
    case GH_NODE_REPEAT:
        build_repeat(b, n);
        break;
    case GH_NODE_ALT:
        build_alternatives(b, n);
        break;
    case GH_NODE_GROUP:
    case GH_NODE_CONCAT:
        for (const struct gh_regex_node *c = n->child; c; c = c->next)
            build(b, c);
        break;
    }
}

const struct gh_regex_prog *gh_regex_build(const struct gh_regex_node *root,
                                           const struct gh_regex_set *word,
                                           struct gh_arena *a,
                                           pcre2_general_context *memory)
{
    struct builder b = {.arena = a};
    struct gh_regex_prog *prog = GH_ARENA_NEW(a, struct gh_regex_prog);

    b.match = pcre2_match_data_create(1, memory);
    if (!prog || !b.match)
        return NULL;
    build(&b, root);
    (void)emit(&b, (struct step){.op = OP_MATCH});
    if (b.failed)
        return NULL;
    *prog = (struct gh_regex_prog){b.steps, (uint32_t)b.count, b.sets, word};
    return prog;
}

/* --- running ------------------------------------------------------------- */

struct run {
    const struct gh_regex_prog *prog;
    pcre2_match_data *match;
    uint32_t *seen;  /* by step: the turn it was last reached in */
    uint32_t *stack; /* ways not taken yet */
    uint32_t turn;
    uint32_t before; /* the characters around the current place */
    uint32_t after;
    uint64_t turns_left;
};

struct threads {
    uint32_t *at;
    uint32_t count;
};

static bool is_word(struct run *r, uint32_t c, bool unicode)
{
    if (c < 0x80)
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               (c >= '0' && c <= '9') || c == '_';
    return unicode && c != GH_REGEX_END &&
           gh_regex_set_has(r->prog->word, c, r->match);
}

static bool looks(struct run *r, const struct step *s)
{
    enum gh_regex_look look = (enum gh_regex_look)s->look;
    bool word = look >= GH_LOOK_WORD && is_word(r, r->before, s->unicode);
    bool next = look >= GH_LOOK_WORD && is_word(r, r->after, s->unicode);
    bool start = r->before == GH_REGEX_END;
    bool end = r->after == GH_REGEX_END;

    switch (look) {
    case GH_LOOK_START:
        return start;
    case GH_LOOK_END:
        return end;
    case GH_LOOK_LINE_START:
        return start || r->before == '\n';
    case GH_LOOK_LINE_END:
        return end || r->after == '\n';
    case GH_LOOK_CRLF_START:
        return start || r->before == '\n' ||
               (r->before == '\r' && r->after != '\n');
    case GH_LOOK_CRLF_END:
        return end || r->after == '\r' ||
               (r->after == '\n' && r->before != '\r');
    case GH_LOOK_WORD:
        return word != next;
    case GH_LOOK_NOT_WORD:
        return word == next;
    case GH_LOOK_WORD_START:
        return !word && next;
    case GH_LOOK_WORD_END:
        return word && !next;
    case GH_LOOK_WORD_START_HALF:
        return !word;
    case GH_LOOK_WORD_END_HALF:
        break;
    }
    return !next;
}

static void spend(struct run *r, uint32_t cost)
{
    r->turns_left -= cost < r->turns_left ? cost : r->turns_left;
}

/* Every step that waits for a character and is reached from @pc without one,
 * in order of preference. */
static void follow(struct run *r, uint32_t pc, struct threads *to)
{
    uint32_t depth = 0;

    r->stack[depth++] = pc;
    while (depth > 0) {
        const struct step *s;

        pc = r->stack[--depth];
        if (r->seen[pc] == r->turn)
            continue;
        r->seen[pc] = r->turn;
        spend(r, 1);
        s = &r->prog->steps[pc];
        if (s->op == OP_JUMP) {
            r->stack[depth++] = s->x;
        } else if (s->op == OP_SPLIT) {
            r->stack[depth++] = s->y;
            r->stack[depth++] = s->x;
        } else if (s->op != OP_LOOK) {
            to->at[to->count++] = pc;
        } else if (looks(r, s)) {
            r->stack[depth++] = pc + 1;
        }
    }
}

static bool accepts(struct run *r, const struct step *s, uint32_t c)
{
    const struct set_step *set;

    if (s->op == OP_CHAR)
        return s->x == c;
    set = &r->prog->sets[s->x];
    if (c < 128)
        return set->ascii[c / 64] >> (c % 64) & 1;
    spend(r, set->cost);
    return gh_regex_set_has(set->set, c, r->match);
}

/* One character on. Return: whether a match ends before it; less preferred
 * threads are then of no interest. */
static bool advance(struct run *r, const struct threads *from, uint32_t c,
                    struct threads *to)
{
    to->count = 0;
    r->turn++;
    for (uint32_t i = 0; i < from->count; i++) {
        uint32_t pc = from->at[i];
        const struct step *s = &r->prog->steps[pc];

        if (s->op == OP_MATCH)
            return true;
        if (c != GH_REGEX_END && accepts(r, s, c))
            follow(r, pc + 1, to);
    }
    return false;
}

/* Return: whether the last match found, which is the preferred one, ends
 * where the text does. */
static bool run_all(struct run *r, struct gh_slice rest, struct threads *now,
                    struct threads *then)
{
    bool at_end = false;

    r->before = GH_REGEX_END;
    r->after = gh_regex_next(&rest);
    r->turn = 1;
    follow(r, 0, now);
    while (now->count > 0 && r->turns_left > 0) {
        struct threads *swap = now;
        uint32_t c = r->after;

        r->before = c;
        r->after = gh_regex_next(&rest);
        at_end = advance(r, now, c, then) && c == GH_REGEX_END;
        now = then;
        then = swap;
    }
    return at_end && r->turns_left > 0;
}

bool gh_regex_run(const struct gh_regex_prog *prog, struct gh_slice text,
                  struct gh_arena *scratch, pcre2_general_context *memory)
{
    size_t n = prog->count;
    uint32_t *space = GH_ARENA_ARRAY(scratch, uint32_t, 5 * n + 2);
    struct threads now = {0};
    struct threads then = {0};
    struct run r = {.prog = prog, .turns_left = MAX_TURNS};

    r.match = pcre2_match_data_create(1, memory);
    if (!space || !r.match)
        return false;
    now.at = space;
    then.at = space + n;
    r.seen = space + 2 * n;
    r.stack = space + 3 * n;
    return run_all(&r, text, &now, &then);
}
