/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Kubernetes' functions on IP addresses, networks and URLs
 *
 * An address is 16 bytes, IPv4 in its mapped form, with the family beside it. A
 * URL keeps its text and is taken apart when asked.
 */

#include <arpa/inet.h>

#include "store/cel_fn.h"

struct address {
    uint8_t byte[16];
    bool v4;
    uint8_t bits; /* of a network, counted in its own family */
};

static bool parse_ip(struct gh_slice s, struct address *ret)
{
    char text[INET6_ADDRSTRLEN + 1];

    if (s.len == 0 || s.len >= sizeof(text) ||
        gh_slice_find(s, '\0') != s.len || gh_slice_find(s, '%') != s.len)
        return false;
    memcpy(text, s.ptr, s.len);
    text[s.len] = '\0';
    *ret = (struct address){.bits = 128};
    if (gh_slice_find(s, ':') == s.len) {
        ret->v4 = true;
        ret->bits = 32;
        ret->byte[10] = ret->byte[11] = 0xff;
        return inet_pton(AF_INET, text, ret->byte + 12) == 1;
    }
    /* IPv4 in IPv6 is refused: it could mean either. */
    return gh_slice_find(s, '.') == s.len &&
           inet_pton(AF_INET6, text, ret->byte) == 1;
}

static bool parse_cidr(struct gh_slice s, struct address *ret)
{
    size_t slash = gh_slice_find(s, '/');
    unsigned bits = 0;

    if (slash == s.len || s.len - slash < 2 || s.len - slash > 4 ||
        !parse_ip(gh_slice_head(s, slash), ret))
        return false;
    for (size_t i = slash + 1; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
        bits = bits * 10 + (unsigned)(s.ptr[i] - '0');
    }
    if (bits > ret->bits || (s.ptr[slash + 1] == '0' && s.len - slash > 2))
        return false;
    ret->bits = (uint8_t)bits;
    return true;
}

static const struct address *address_of(const struct gh_cel_value *v)
{
    return v->other;
}

static struct gh_cel_value owned(struct gh_cel_eval *e, enum gh_cel_kind kind,
                                 const struct address *a)
{
    struct address *copy = gh_cel_alloc(e, 1, sizeof(*copy));

    if (!copy)
        return gh_cel_no_memory(e);
    *copy = *a;
    return (struct gh_cel_value){.kind = (uint8_t)kind, .other = copy};
}

static struct gh_cel_value ip_of(struct gh_cel_eval *e,
                                 const struct gh_cel_value *a)
{
    struct address ip;

    if (!parse_ip(a[0].s, &ip))
        return gh_cel_errorf(e, "\"%.*s\" is no IP address", GH_FMT(a[0].s));
    return owned(e, GH_CEL_IP, &ip);
}

static struct gh_cel_value is_ip(struct gh_cel_eval *e,
                                 const struct gh_cel_value *a)
{
    struct address ip;

    (void)e;
    return GH_CEL_OF_BOOL(parse_ip(a[0].s, &ip));
}

static struct gh_cel_value cidr_of(struct gh_cel_eval *e,
                                   const struct gh_cel_value *a)
{
    struct address net;

    if (!parse_cidr(a[0].s, &net))
        return gh_cel_errorf(e, "\"%.*s\" is no network", GH_FMT(a[0].s));
    return owned(e, GH_CEL_CIDR, &net);
}

static struct gh_cel_value is_cidr(struct gh_cel_eval *e,
                                   const struct gh_cel_value *a)
{
    struct address net;

    (void)e;
    return GH_CEL_OF_BOOL(parse_cidr(a[0].s, &net));
}

static void print_ip(const struct address *ip, char *to, size_t size)
{
    inet_ntop(ip->v4 ? AF_INET : AF_INET6, ip->byte + (ip->v4 ? 12 : 0), to,
              (socklen_t)size);
}

struct gh_cel_value gh_cel_net_text(struct gh_cel_eval *e,
                                    const struct gh_cel_value *a)
{
    const struct address *ip = address_of(&a[0]);
    char text[INET6_ADDRSTRLEN] = "";
    struct gh_slice s;

    print_ip(ip, text, sizeof(text));
    s = a[0].kind == GH_CEL_CIDR
            ? gh_arena_fmt(e->run->arena, "%s/%u", text, ip->bits)
            : gh_arena_fmt(e->run->arena, "%s", text);
    return s.ptr ? GH_CEL_OF_STRING(s) : gh_cel_no_memory(e);
}

static struct gh_cel_value is_canonical(struct gh_cel_eval *e,
                                        const struct gh_cel_value *a)
{
    char text[INET6_ADDRSTRLEN] = "";
    struct address ip;

    if (!parse_ip(a[0].s, &ip))
        return gh_cel_errorf(e, "\"%.*s\" is no IP address", GH_FMT(a[0].s));
    print_ip(&ip, text, sizeof(text));
    return GH_CEL_OF_BOOL(gh_slice_is(a[0].s, text));
}

static struct gh_cel_value family(struct gh_cel_eval *e,
                                  const struct gh_cel_value *a)
{
    (void)e;
    return GH_CEL_OF_INT(address_of(&a[0])->v4 ? 4 : 6);
}

/* Whether the first @bits of both agree; of IPv4, behind the mapping. */
static bool agree(const struct address *a, const struct address *b,
                  unsigned bits)
{
    if (a->v4 != b->v4)
        return false;
    for (unsigned i = a->v4 ? 12 : 0; bits > 0; i++) {
        unsigned n = bits < 8 ? bits : 8;

        if ((a->byte[i] ^ b->byte[i]) >> (8 - n))
            return false;
        bits -= n;
    }
    return true;
}

static bool within(const struct address *ip, const char *v4, const char *v6)
{
    struct address net;
    const char *text = ip->v4 ? v4 : v6;

    return text && parse_cidr(gh_slice_str(text), &net) &&
           agree(ip, &net, net.bits);
}

#define WITHIN(name, v4, v6)                                                   \
    static struct gh_cel_value name(struct gh_cel_eval *e,                     \
                                    const struct gh_cel_value *a)              \
    {                                                                          \
        (void)e;                                                               \
        return GH_CEL_OF_BOOL(within(address_of(&a[0]), v4, v6));              \
    }

WITHIN(is_unspecified, "0.0.0.0/32", "::/128")
WITHIN(is_loopback, "127.0.0.0/8", "::1/128")
WITHIN(is_local_multicast, "224.0.0.0/24", "ff02::/16")
WITHIN(is_local_unicast, "169.254.0.0/16", "fe80::/10")

static struct gh_cel_value is_global_unicast(struct gh_cel_eval *e,
                                             const struct gh_cel_value *a)
{
    const struct address *ip = address_of(&a[0]);

    (void)e;
    return GH_CEL_OF_BOOL(!within(ip, "0.0.0.0/32", "::/128") &&
                          !within(ip, "255.255.255.255/32", NULL) &&
                          !within(ip, "127.0.0.0/8", "::1/128") &&
                          !within(ip, "224.0.0.0/4", "ff00::/8") &&
                          !within(ip, "169.254.0.0/16", "fe80::/10"));
}

/* args[1] is an address, a network, or either as text. */
static struct gh_cel_value contains(struct gh_cel_eval *e,
                                    const struct gh_cel_value *a, bool network)
{
    const struct address *net = address_of(&a[0]);
    const struct address *other = address_of(&a[1]);
    struct address parsed;

    if (a[1].kind == GH_CEL_STRING) {
        if (!(network ? parse_cidr(a[1].s, &parsed)
                      : parse_ip(a[1].s, &parsed)))
            return gh_cel_errorf(e, "\"%.*s\" is no %s", GH_FMT(a[1].s),
                                 network ? "network" : "IP address");
        other = &parsed;
    }
    return GH_CEL_OF_BOOL(net->bits <= other->bits &&
                          agree(net, other, net->bits));
}

static struct gh_cel_value contains_ip(struct gh_cel_eval *e,
                                       const struct gh_cel_value *a)
{
    return contains(e, a, false);
}

static struct gh_cel_value contains_cidr(struct gh_cel_eval *e,
                                         const struct gh_cel_value *a)
{
    return contains(e, a, true);
}

static struct gh_cel_value network_ip(struct gh_cel_eval *e,
                                      const struct gh_cel_value *a)
{
    struct address ip = *address_of(&a[0]);

    ip.bits = ip.v4 ? 32 : 128;
    return owned(e, GH_CEL_IP, &ip);
}

static struct gh_cel_value masked(struct gh_cel_eval *e,
                                  const struct gh_cel_value *a)
{
    struct address net = *address_of(&a[0]);
    unsigned keep = net.bits + (net.v4 ? 96u : 0u);

    for (unsigned i = 0; i < 16; i++) {
        unsigned n = keep > i * 8 ? keep - i * 8 : 0;

        if (n < 8)
            net.byte[i] &= (uint8_t)(0xff << (8 - n));
    }
    return owned(e, GH_CEL_CIDR, &net);
}

static struct gh_cel_value prefix_length(struct gh_cel_eval *e,
                                         const struct gh_cel_value *a)
{
    (void)e;
    return GH_CEL_OF_INT(address_of(&a[0])->bits);
}

static bool equal_addresses(const struct address *a, const struct address *b)
{
    return a->v4 == b->v4 && a->bits == b->bits &&
           memcmp(a->byte, b->byte, sizeof(a->byte)) == 0;
}

bool gh_cel_equal_other(const struct gh_cel_value *a,
                        const struct gh_cel_value *b)
{
    if (a->kind == GH_CEL_QUANTITY)
        return gh_cel_compare_quantities(a, b) == 0;
    return equal_addresses(address_of(a), address_of(b));
}

/* --- URLs ---------------------------------------------------------------- */

struct url {
    struct gh_slice scheme, host, path, query;
};

static bool is_scheme(struct gh_slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';

        if (!letter && (i == 0 || !strchr("0123456789+-.", c) || !c))
            return false;
    }
    return s.len > 0;
}

/* An absolute URL or an absolute path, without control characters. */
static bool parse_url(struct gh_slice s, struct url *ret)
{
    size_t colon = gh_slice_find(s, ':');
    struct gh_slice rest = s;

    *ret = (struct url){{"", 0}, {"", 0}, {"", 0}, {"", 0}};
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] <= ' ' || s.ptr[i] == 0x7f)
            return false;
    if (s.len == 0 || (s.ptr[0] != '/' && colon == s.len))
        return false;
    if (s.ptr[0] != '/') {
        ret->scheme = gh_slice_head(s, colon);
        rest = gh_slice_drop(s, colon + 1);
        if (!is_scheme(ret->scheme))
            return false;
    }
    rest = gh_slice_head(rest, gh_slice_find(rest, '#'));
    if (gh_slice_find(rest, '?') < rest.len)
        ret->query = gh_slice_drop(rest, gh_slice_find(rest, '?') + 1);
    rest = gh_slice_head(rest, gh_slice_find(rest, '?'));
    if (ret->scheme.len > 0 && gh_slice_starts(rest, GH_SLICE("//"))) {
        rest = gh_slice_drop(rest, 2);
        ret->host = gh_slice_head(rest, gh_slice_find(rest, '/'));
        rest = gh_slice_drop(rest, ret->host.len);
        if (gh_slice_find(ret->host, '@') < ret->host.len)
            ret->host =
                gh_slice_drop(ret->host, gh_slice_find(ret->host, '@') + 1);
    }
    ret->path = rest;
    return true;
}

static struct gh_cel_value url_of(struct gh_cel_eval *e,
                                  const struct gh_cel_value *a)
{
    struct url u;

    if (!parse_url(a[0].s, &u))
        return gh_cel_errorf(e, "\"%.*s\" is no URL", GH_FMT(a[0].s));
    return (struct gh_cel_value){.kind = GH_CEL_URL, .s = a[0].s};
}

static struct gh_cel_value is_url(struct gh_cel_eval *e,
                                  const struct gh_cel_value *a)
{
    struct url u;

    gh_cel_pay(e, a[0].s.len / 10);
    return GH_CEL_OF_BOOL(parse_url(a[0].s, &u));
}

static struct gh_cel_value url_scheme(struct gh_cel_eval *e,
                                      const struct gh_cel_value *a)
{
    struct url u;

    (void)e;
    parse_url(a[0].s, &u);
    return GH_CEL_OF_STRING(u.scheme);
}

static struct gh_cel_value url_host(struct gh_cel_eval *e,
                                    const struct gh_cel_value *a)
{
    struct url u;

    (void)e;
    parse_url(a[0].s, &u);
    return GH_CEL_OF_STRING(u.host);
}

static struct gh_cel_value url_path(struct gh_cel_eval *e,
                                    const struct gh_cel_value *a)
{
    struct url u;

    (void)e;
    parse_url(a[0].s, &u);
    return GH_CEL_OF_STRING(u.path);
}

/* Length of the host without its port; brackets included. */
static size_t name_len(struct gh_slice host)
{
    size_t end = 0;

    if (host.len > 0 && host.ptr[0] == '[')
        end = gh_slice_find(host, ']');
    return end + gh_slice_find(gh_slice_drop(host, end), ':');
}

static struct gh_cel_value url_hostname(struct gh_cel_eval *e,
                                        const struct gh_cel_value *a)
{
    struct gh_slice host = url_host(e, a).s;
    size_t len = name_len(host);

    if (len > 1 && host.ptr[0] == '[' && host.ptr[len - 1] == ']')
        return GH_CEL_OF_STRING(gh_slice_of(host.ptr + 1, len - 2));
    return GH_CEL_OF_STRING(gh_slice_head(host, len));
}

static struct gh_cel_value url_port(struct gh_cel_eval *e,
                                    const struct gh_cel_value *a)
{
    struct gh_slice host = url_host(e, a).s;
    size_t len = name_len(host);

    return GH_CEL_OF_STRING(len < host.len ? gh_slice_drop(host, len + 1)
                                           : GH_SLICE(""));
}

static bool add_value(struct gh_cel_eval *e, struct gh_cel_pair *pairs,
                      size_t *count, struct gh_slice part)
{
    size_t eq = gh_slice_find(part, '=');
    struct gh_cel_value name = GH_CEL_OF_STRING(gh_slice_head(part, eq));
    struct gh_cel_builder b = {0};
    size_t i = 0;

    while (i < *count && !gh_slice_eq(pairs[i].key.s, name.s))
        i++;
    if (!gh_cel_pay(e, i / 8 + 1))
        return false;
    if (i < *count) { /* a copy, longer by one */
        struct gh_cel_walk w = gh_cel_walk(&pairs[i].value);

        while (gh_cel_next(&w))
            if (!gh_cel_pay(e, 1) || !gh_cel_push(e, &b, w.value))
                return false;
    } else {
        pairs[(*count)++].key = name;
    }
    if (!gh_cel_push(e, &b,
                     GH_CEL_OF_STRING(eq < part.len
                                          ? gh_slice_drop(part, eq + 1)
                                          : GH_SLICE(""))))
        return false;
    pairs[i].value = gh_cel_built(&b);
    return true;
}

/* Names and values as they stand there; escapes are not decoded. */
static struct gh_cel_value url_query(struct gh_cel_eval *e,
                                     const struct gh_cel_value *a)
{
    struct gh_slice rest, part;
    struct gh_cel_pair *pairs;
    size_t most = 1;
    size_t count = 0;
    struct url u;

    parse_url(a[0].s, &u);
    for (size_t i = 0; i < u.query.len; i++)
        most += u.query.ptr[i] == '&';
    pairs = gh_cel_pay(e, most) ? gh_cel_alloc(e, most, sizeof(*pairs)) : NULL;
    if (!pairs)
        return gh_cel_no_memory(e);
    for (rest = u.query; gh_slice_cut(&rest, '&', &part);)
        if (part.len > 0 && !add_value(e, pairs, &count, part))
            return gh_cel_no_memory(e);
    return (struct gh_cel_value){.kind = GH_CEL_MAP, .map = {pairs, count}};
}

static const struct gh_cel_fn rows[] = {
    {"ip", false, "s", 'I', ip_of},
    {"ip", true, "C", 'I', network_ip},
    {"isIP", false, "s", 'b', is_ip},
    {"ip.isCanonical", false, "s", 'b', is_canonical},
    {"family", true, "I", 'i', family},
    {"isUnspecified", true, "I", 'b', is_unspecified},
    {"isLoopback", true, "I", 'b', is_loopback},
    {"isLinkLocalMulticast", true, "I", 'b', is_local_multicast},
    {"isLinkLocalUnicast", true, "I", 'b', is_local_unicast},
    {"isGlobalUnicast", true, "I", 'b', is_global_unicast},
    {"cidr", false, "s", 'C', cidr_of},
    {"isCIDR", false, "s", 'b', is_cidr},
    {"containsIP", true, "CI", 'b', contains_ip},
    {"containsIP", true, "Cs", 'b', contains_ip},
    {"containsCIDR", true, "CC", 'b', contains_cidr},
    {"containsCIDR", true, "Cs", 'b', contains_cidr},
    {"masked", true, "C", 'C', masked},
    {"prefixLength", true, "C", 'i', prefix_length},
    {"url", false, "s", 'U', url_of},
    {"isURL", false, "s", 'b', is_url},
    {"getScheme", true, "U", 's', url_scheme},
    {"getHost", true, "U", 's', url_host},
    {"getHostname", true, "U", 's', url_hostname},
    {"getPort", true, "U", 's', url_port},
    {"getEscapedPath", true, "U", 's', url_path},
    {"getQuery", true, "U", 'm', url_query},
};

const struct gh_cel_library gh_cel_lib_nets = {rows, GH_COUNT(rows)};
