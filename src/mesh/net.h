/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Client networks: addresses, CIDR blocks and the sets policies make of them
 *
 * A policy says "in this block, but not in those"; a connection has one
 * address, or none that we know. For the latter the question becomes whether
 * all addresses are covered, or none: gh_cover answers it exactly, by
 * intervals.
 *
 * A block is kept as its first and last address; host bits are ignored, as
 * Linkerd does (reference: NetworkAuthentication, ServerAuthorization).
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/slice.h"
#include "wire/json.h"

struct gh_ip {
    unsigned __int128 value;
    bool v6;
};

struct gh_net {
    unsigned __int128 first;
    unsigned __int128 last;
    bool v6;
};

/* One "cidr" with its "except". */
struct gh_net_rule {
    struct gh_net net;
    const struct gh_net *except;
    size_t except_count;
    struct gh_slice text; /* the cidr as written */
};

struct gh_nets {
    const struct gh_net_rule *at;
    size_t count;
};

/* An IPv4 or IPv6 address without prefix length. */
GH_MUST_CHECK bool gh_ip_parse(struct gh_slice s, struct gh_ip *ret);

/* "10.0.0.0/8" or a bare address; octets of the CIDR form may have leading
 * zeros, those of a bare address may not. */
GH_MUST_CHECK bool gh_net_parse(struct gh_slice s, struct gh_net *ret);

bool gh_net_has(struct gh_net net, struct gh_ip ip);
bool gh_nets_have(struct gh_nets nets, struct gh_ip ip);
bool gh_ip_is_loopback(struct gh_ip ip); /* 127.0.0.1 or ::1 */

/*
 * A list of {cidr, except}. Return: false when the list or any entry in it
 * does not parse (@ret_bad then says which); an absent list gives an empty set.
 */
GH_MUST_CHECK bool gh_nets_from_json(struct gh_json list, struct gh_arena *a,
                                     struct gh_nets *ret,
                                     struct gh_slice *ret_bad);

/* "10.0.0.0/8,fd00::/8", or a JSON-like list without except. Blocks that do
 * not parse are left out. */
struct gh_nets gh_nets_from_csv(struct gh_slice csv, struct gh_arena *a);

/* 0.0.0.0/0 and ::/0. */
struct gh_nets gh_nets_all(void);

/* 127.0.0.1 and ::1. */
struct gh_nets gh_nets_loopback(void);

/* The addresses that some sets cover together. */
struct gh_cover {
    struct gh_arena *arena;
    struct gh_net *pieces;
    size_t count;
    size_t cap;
    bool failed; /* out of arena: neither all nor none */
};

void gh_cover_init(struct gh_cover *c, struct gh_arena *arena);
void gh_cover_add(struct gh_cover *c, struct gh_nets nets);
bool gh_cover_is_all(struct gh_cover *c);
bool gh_cover_is_none(const struct gh_cover *c);
