/* SPDX-License-Identifier: Apache-2.0 */
#include "mesh/net.h"

#include <stdlib.h>

#define V6_GROUPS 8
#define V4_LAST ((unsigned __int128)0xffffffff)
#define V6_LAST (~(unsigned __int128)0)

/*
 * Two grammars share this reader, and differ as Linkerd's two libraries do: the
 * CIDR form lets octets have leading zeros and "::" stand for no group at all,
 * the bare form neither.
 */
struct reader {
    struct gh_slice rest;
    bool lenient;
};

static bool take(struct reader *r, char c)
{
    if (r->rest.len == 0 || r->rest.ptr[0] != c)
        return false;
    r->rest = gh_slice_drop(r->rest, 1);
    return true;
}

static int digit_of(char c, unsigned base)
{
    int d = -1;

    if (c >= '0' && c <= '9')
        d = c - '0';
    else if (c >= 'a' && c <= 'f')
        d = c - 'a' + 10;
    else if (c >= 'A' && c <= 'F')
        d = c - 'A' + 10;
    return d < (int)base ? d : -1;
}

/* At most @max_digits, a value of at most @max. */
static bool read_number(struct reader *r, unsigned base, size_t max_digits,
                        unsigned max, unsigned *ret)
{
    size_t n = 0;
    unsigned value = 0;

    for (; n < r->rest.len; n++) {
        int d = digit_of(r->rest.ptr[n], base);

        if (d < 0)
            break;
        value = value * base + (unsigned)d;
        if (n == max_digits || value > max)
            return false;
    }
    if (n == 0)
        return false;
    r->rest = gh_slice_drop(r->rest, n);
    *ret = value;
    return true;
}

static bool read_octet(struct reader *r, unsigned *ret)
{
    struct gh_slice start = r->rest;

    if (!read_number(r, 10, 3, 255, ret))
        return false;
    return r->lenient || start.ptr[0] != '0' || start.len == r->rest.len + 1;
}

static bool read_v4(struct reader *r, uint32_t *ret)
{
    uint32_t value = 0;

    for (int i = 0; i < 4; i++) {
        unsigned octet;

        if ((i > 0 && !take(r, '.')) || !read_octet(r, &octet))
            return false;
        value = value << 8 | octet;
    }
    *ret = value;
    return true;
}

/* An IPv4 address in place of two groups; nothing is taken on failure. */
static bool try_v4(struct reader *r, bool colon, uint32_t *ret)
{
    struct reader at = *r;

    if ((colon && !take(&at, ':')) || !read_v4(&at, ret))
        return false;
    *r = at;
    return true;
}

static bool try_group(struct reader *r, bool colon, unsigned *ret)
{
    struct reader at = *r;

    if ((colon && !take(&at, ':')) || !read_number(&at, 16, 4, 0xffff, ret))
        return false;
    *r = at;
    return true;
}

/* Return: how many of @limit groups there were. */
static size_t read_groups(struct reader *r, size_t limit,
                          unsigned __int128 *ret, bool *ret_v4)
{
    *ret = 0;
    *ret_v4 = false;
    for (size_t i = 0; i < limit; i++) {
        uint32_t v4;
        unsigned group;

        if (i + 1 < limit && try_v4(r, i > 0, &v4)) {
            *ret = *ret << 32 | v4;
            *ret_v4 = true;
            return i + 2;
        }
        if (!try_group(r, i > 0, &group))
            return i;
        *ret = *ret << 16 | group;
    }
    return limit;
}

static bool read_v6(struct reader *r, unsigned __int128 *ret)
{
    unsigned __int128 head;
    unsigned __int128 tail;
    bool v4;
    size_t n = read_groups(r, V6_GROUPS, &head, &v4);

    if (n == V6_GROUPS) {
        *ret = head;
        return true;
    }
    if (v4 || !take(r, ':') || !take(r, ':'))
        return false;
    (void)read_groups(r, V6_GROUPS - n - (r->lenient ? 0 : 1), &tail, &v4);
    *ret = (n ? head << (16 * (V6_GROUPS - n)) : 0) | tail;
    return true;
}

static bool read_ip(struct reader *r, struct gh_ip *ret)
{
    struct reader start = *r;
    uint32_t v4;

    if (read_v4(r, &v4)) {
        *ret = (struct gh_ip){.value = v4};
        return true;
    }
    *r = start;
    ret->v6 = true;
    return read_v6(r, &ret->value);
}

bool gh_ip_parse(struct gh_slice s, struct gh_ip *ret)
{
    struct reader r = {.rest = s};
    struct gh_ip ip;

    if (!read_ip(&r, &ip) || r.rest.len != 0)
        return false;
    *ret = ip;
    return true;
}

static struct gh_net block_of(struct gh_ip ip, unsigned prefix)
{
    unsigned __int128 hosts = ip.v6 ? V6_LAST : V4_LAST;

    if (prefix > 0)
        hosts = prefix == 128 ? 0 : hosts >> prefix;
    return (struct gh_net){ip.value & ~hosts, ip.value | hosts, ip.v6};
}

bool gh_net_parse(struct gh_slice s, struct gh_net *ret)
{
    struct reader r = {.rest = s, .lenient = true};
    struct gh_ip ip;
    unsigned prefix;

    if (gh_slice_find(s, '/') == s.len) {
        if (!gh_ip_parse(s, &ip))
            return false;
        *ret = (struct gh_net){ip.value, ip.value, ip.v6};
        return true;
    }
    if (!read_ip(&r, &ip) || !take(&r, '/') ||
        !read_number(&r, 10, ip.v6 ? 3 : 2, ip.v6 ? 128 : 32, &prefix) ||
        r.rest.len != 0)
        return false;
    *ret = block_of(ip, prefix);
    return true;
}

bool gh_net_has(struct gh_net net, struct gh_ip ip)
{
    return net.v6 == ip.v6 && net.first <= ip.value && ip.value <= net.last;
}

static bool rule_has(const struct gh_net_rule *rule, struct gh_ip ip)
{
    if (!gh_net_has(rule->net, ip))
        return false;
    for (size_t i = 0; i < rule->except_count; i++) {
        if (gh_net_has(rule->except[i], ip))
            return false;
    }
    return true;
}

bool gh_nets_have(struct gh_nets nets, struct gh_ip ip)
{
    for (size_t i = 0; i < nets.count; i++) {
        if (rule_has(&nets.at[i], ip))
            return true;
    }
    return false;
}

bool gh_ip_is_loopback(struct gh_ip ip)
{
    return ip.value == (ip.v6 ? 1 : 0x7f000001);
}

static bool excepts_from_json(struct gh_json list, struct gh_arena *a,
                              struct gh_net_rule *rule,
                              struct gh_slice *ret_bad)
{
    struct gh_net *nets;
    size_t n = 0;

    if (!gh_json_given(list))
        return true;
    *ret_bad = gh_json_raw(list);
    nets = GH_ARENA_ARRAY(a, struct gh_net, gh_json_count(list));
    if (!gh_json_is(list, GH_JSON_ARRAY) || !nets)
        return false;
    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it);) {
        if (!gh_net_parse(gh_json_str(it.value), &nets[n++])) {
            *ret_bad = gh_json_raw(it.value);
            return false;
        }
    }
    rule->except = nets;
    rule->except_count = n;
    return true;
}

bool gh_nets_from_json(struct gh_json list, struct gh_arena *a,
                       struct gh_nets *ret, struct gh_slice *ret_bad)
{
    struct gh_net_rule *rules;
    size_t n = 0;

    *ret = (struct gh_nets){0};
    *ret_bad = (struct gh_slice){0};
    if (!gh_json_given(list))
        return true;
    *ret_bad = gh_json_raw(list);
    rules = GH_ARENA_ARRAY(a, struct gh_net_rule, gh_json_count(list));
    if (!gh_json_is(list, GH_JSON_ARRAY) || !rules)
        return false;
    for (struct gh_json_iter it = gh_json_iter(list); gh_json_next(&it); n++) {
        rules[n].text = gh_json_str(gh_json_get(it.value, "cidr"));
        *ret_bad = rules[n].text.ptr ? rules[n].text : gh_json_raw(it.value);
        if (!gh_net_parse(rules[n].text, &rules[n].net) ||
            !excepts_from_json(gh_json_get(it.value, "except"), a, &rules[n],
                               ret_bad))
            return false;
    }
    *ret = (struct gh_nets){rules, n};
    *ret_bad = (struct gh_slice){0};
    return true;
}

/* Without the brackets and quotes that a list may have. */
static struct gh_slice bare(struct gh_slice s)
{
    static const char around[] = "[]\"' \t\r\n";

    while (s.len > 0 && strchr(around, s.ptr[0]) && s.ptr[0])
        s = gh_slice_drop(s, 1);
    while (s.len > 0 && strchr(around, s.ptr[s.len - 1]) && s.ptr[s.len - 1])
        s.len--;
    return s;
}

struct gh_nets gh_nets_from_csv(struct gh_slice csv, struct gh_arena *a)
{
    struct gh_slice rest = csv;
    struct gh_slice part;
    struct gh_net_rule *rules;
    size_t n = 0;

    while (gh_slice_cut(&rest, ',', &part))
        n++;
    rules = GH_ARENA_ARRAY(a, struct gh_net_rule, n);
    if (!rules)
        return (struct gh_nets){0};
    n = 0;
    for (rest = csv; gh_slice_cut(&rest, ',', &part);) {
        part = bare(part);
        if (!gh_net_parse(part, &rules[n].net))
            continue;
        rules[n++].text = part;
    }
    return (struct gh_nets){rules, n};
}

struct gh_nets gh_nets_all(void)
{
    static const struct gh_net_rule rules[] = {
        {.net = {0, V4_LAST, false}, .text = GH_SLICE("0.0.0.0/0")},
        {.net = {0, V6_LAST, true}, .text = GH_SLICE("::/0")},
    };

    return (struct gh_nets){rules, GH_COUNT(rules)};
}

struct gh_nets gh_nets_loopback(void)
{
    static const struct gh_net_rule rules[] = {
        {.net = {0x7f000001, 0x7f000001, false}, .text = GH_SLICE("127.0.0.1")},
        {.net = {1, 1, true}, .text = GH_SLICE("::1")},
    };

    return (struct gh_nets){rules, GH_COUNT(rules)};
}

void gh_cover_init(struct gh_cover *c, struct gh_arena *arena)
{
    *c = (struct gh_cover){.arena = arena};
}

static void add_piece(struct gh_cover *c, struct gh_net piece)
{
    size_t cap = c->cap ? c->cap * 2 : 8;

    if (c->count == c->cap && !c->failed) {
        struct gh_net *grown =
            gh_arena_grow(c->arena, c->pieces, c->cap * sizeof(*grown),
                          cap * sizeof(*grown), _Alignof(struct gh_net));

        c->failed = !grown;
        c->pieces = grown ? grown : c->pieces;
        c->cap = grown ? cap : c->cap;
    }
    if (!c->failed)
        c->pieces[c->count++] = piece;
}

static int by_family_and_first(const void *a, const void *b)
{
    const struct gh_net *x = a;
    const struct gh_net *y = b;

    if (x->v6 != y->v6)
        return x->v6 ? 1 : -1;
    return (x->first > y->first) - (x->first < y->first);
}

/* What the sorted @except leave of the block, from its first address on. */
static void add_remains(struct gh_cover *c, struct gh_net net,
                        const struct gh_net *except, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (except[i].v6 != net.v6 || except[i].last < net.first ||
            except[i].first > net.last)
            continue;
        if (except[i].first > net.first)
            add_piece(c,
                      (struct gh_net){net.first, except[i].first - 1, net.v6});
        if (except[i].last >= net.last)
            return;
        net.first = except[i].last + 1;
    }
    add_piece(c, net);
}

void gh_cover_add(struct gh_cover *c, struct gh_nets nets)
{
    for (size_t i = 0; i < nets.count && !c->failed; i++) {
        const struct gh_net_rule *rule = &nets.at[i];
        size_t n = rule->except_count;
        struct gh_net *sorted = NULL;

        if (n > 0) {
            sorted = GH_ARENA_ARRAY(c->arena, struct gh_net, n);
            if (!sorted) {
                c->failed = true;
                return;
            }
            memcpy(sorted, rule->except, n * sizeof(*sorted));
            qsort(sorted, n, sizeof(*sorted), by_family_and_first);
        }
        add_remains(c, rule->net, sorted, n);
    }
}

/* Joins pieces that touch or overlap; adding goes on as before. */
static void merge(struct gh_cover *c)
{
    size_t kept = 0;

    if (c->count == 0)
        return;
    qsort(c->pieces, c->count, sizeof(*c->pieces), by_family_and_first);
    for (size_t i = 1; i < c->count; i++) {
        struct gh_net *into = &c->pieces[kept];
        const struct gh_net *p = &c->pieces[i];

        /* The last address of all has none behind it to compare with. */
        if (p->v6 == into->v6 &&
            (p->first <= into->last || p->first - 1 == into->last))
            into->last = p->last > into->last ? p->last : into->last;
        else
            c->pieces[++kept] = *p;
    }
    c->count = kept + 1;
}

bool gh_cover_is_all(struct gh_cover *c)
{
    if (c->failed)
        return false;
    merge(c);
    return c->count == 2 && c->pieces[0].first == 0 &&
           c->pieces[0].last == V4_LAST && c->pieces[1].first == 0 &&
           c->pieces[1].last == V6_LAST;
}

bool gh_cover_is_none(const struct gh_cover *c)
{
    return !c->failed && c->count == 0;
}
