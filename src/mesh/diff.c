/* SPDX-License-Identifier: Apache-2.0 */

#include "base/map.h"
#include "mesh/diff_internal.h"

/*
 * Over both meshes, port by port
 *
 * Most ports of most changes are ruled as before: a fingerprint of all that
 * applies says so, and nothing is decided. Those that differ mostly differ in
 * the same way, so each pair of fingerprints is judged once.
 */

enum { MAX_ROWS = 100000 };

#define SCRATCH_BYTES ((size_t)64 << 20)
#define PRINT_BYTES ((size_t)64 << 20)

struct diffing {
    struct gh_mesh *before;
    struct gh_mesh *after;
    const struct gh_diff_options *opt;
    struct gh_arena *a;
    struct gh_arena scratch; /* of decisions */
    struct gh_diff_printer printer;
    GH_VEC(struct gh_diff_client) clients; /* those that moved come last */
    size_t stable_count;
    struct gh_map known_clients;
    struct gh_map judged; /* pair of prints -> struct gh_diff_judged */
    GH_VEC(struct gh_diff_row) rows;
    GH_VEC(struct gh_slice) added;
    GH_VEC(struct gh_slice) removed;
    struct gh_diff *ret;
};

const char *gh_diff_change_name(enum gh_diff_change c)
{
    static const char *const names[] = {
        [GH_DIFF_ALLOWED] = "allowed",       [GH_DIFF_DENIED] = "denied",
        [GH_DIFF_UNENFORCED] = "unenforced", [GH_DIFF_AUDITED] = "audited",
        [GH_DIFF_UNAUDITED] = "unaudited",
    };

    return names[c];
}

static struct gh_slice label_of(struct diffing *d, const struct gh_workload *w)
{
    return gh_arena_fmt(d->a, "%.*s/%.*s/%.*s", GH_FMT(w->ns), GH_FMT(w->kind),
                        GH_FMT(w->name));
}

static bool is_target_ns(const struct gh_diff_options *opt, struct gh_slice ns)
{
    for (size_t i = 0; opt->namespaces && i < opt->namespace_count; i++)
        if (gh_slice_eq(opt->namespaces[i], ns))
            return true;
    return !opt->namespaces;
}

/* --- clients --- */

static struct gh_client client_of(const struct gh_podset *set)
{
    struct gh_client c = {.tls = GH_CLIENT_PLAIN};

    if (set->identity.len > 0) {
        c.tls = GH_CLIENT_IDENTIFIED;
        c.identity = set->identity;
    }
    return c;
}

static bool same_client(const struct gh_client *a, const struct gh_client *b)
{
    return a->tls == b->tls && gh_slice_eq(a->identity, b->identity);
}

/* Workloads of one identity are one client, called after the first. */
static void add_client(struct diffing *d, struct gh_slice label,
                       struct gh_client before, struct gh_client after,
                       bool moved)
{
    struct gh_slice key = gh_arena_fmt(
        d->a, "%.*s %.*s", GH_FMT(before.identity), GH_FMT(after.identity));

    if (same_client(&before, &after) == moved || !key.ptr || !label.ptr)
        return;
    if (before.tls == GH_CLIENT_PLAIN && after.tls == GH_CLIENT_PLAIN)
        return;
    if (gh_map_put(&d->known_clients, key, d))
        return;
    GH_VEC_PUSH(&d->clients, (struct gh_diff_client){label, before, after});
}

static void add_workload(struct diffing *d, const struct gh_workload *b,
                         const struct gh_workload *x, bool moved)
{
    const struct gh_workload *w = b ? b : x;

    for (size_t i = 0; i < w->set_count; i++) {
        struct gh_client before = client_of(w->sets[i]);
        struct gh_client after = before;

        if (b && x && x->set_count > 0)
            after = client_of(x->sets[i < x->set_count ? i : x->set_count - 1]);
        add_client(d, label_of(d, w), before, after, moved);
    }
}

static const struct gh_workload *same_in(struct gh_mesh *m,
                                         const struct gh_workload *w)
{
    return gh_mesh_has_ns(m, w->ns)
               ? gh_mesh_workload(m, w->ns, w->kind, w->name)
               : NULL;
}

static void gather(struct diffing *d, bool moved)
{
    struct gh_slice ns;
    size_t count;

    for (size_t i = 0; gh_mesh_ns_at(d->before, i, &ns); i++) {
        const struct gh_workload *const *all =
            gh_mesh_workloads(d->before, ns, &count);

        for (size_t k = 0; k < count; k++)
            add_workload(d, all[k], same_in(d->after, all[k]), moved);
    }
    for (size_t i = 0; gh_mesh_ns_at(d->after, i, &ns); i++) {
        const struct gh_workload *const *all =
            gh_mesh_workloads(d->after, ns, &count);

        for (size_t k = 0; k < count; k++)
            if (!same_in(d->before, all[k]))
                add_workload(d, NULL, all[k], moved);
    }
}

static void gather_clients(struct diffing *d)
{
    GH_VEC_PUSH(&d->clients, (struct gh_diff_client){
                                 .label = GH_SLICE("clients without mTLS")});
    gather(d, false);
    d->stable_count = d->clients.count;
    gather(d, true);
}

/* --- ports --- */

static struct gh_slice port_name(const struct gh_podset *set, uint16_t port)
{
    for (size_t i = 0; i < set->port_count; i++)
        if (set->ports[i].number == port && set->ports[i].tcp)
            return set->ports[i].name;
    return (struct gh_slice){0};
}

static const struct gh_diff_judged *judge(struct diffing *d,
                                          struct gh_diff_pair *pair)
{
    struct gh_diff_print prints[2] = {
        gh_diff_print_of(&d->printer, pair->before),
        gh_diff_print_of(&d->printer, pair->after),
    };
    bool same = memcmp(&prints[0], &prints[1], sizeof(prints[0])) == 0;
    struct gh_slice key = gh_slice_of((const char *)prints, sizeof(prints));
    const struct gh_diff_judged *judged;

    d->ret->changed += !same;
    pair->clients = d->clients.at + (same ? d->stable_count : 0);
    pair->client_count = d->clients.count - (same ? d->stable_count : 0);
    if (pair->client_count == 0)
        return NULL;
    judged = gh_map_get(&d->judged, key);
    if (judged)
        return judged;
    judged = gh_diff_judge(pair, &d->scratch, d->a);
    key = gh_arena_dup(d->a, key);
    if (!judged || !key.ptr)
        d->ret->cut = true;
    else
        (void)gh_map_put(&d->judged, key, (void *)(uintptr_t)judged);
    return judged;
}

/* Another pod set of the same workload with the same rows: more pods. */
static bool fold_pods(struct diffing *d, const struct gh_diff_judged *judged,
                      const struct gh_podset *set, uint16_t port,
                      struct gh_slice target)
{
    size_t n = d->rows.count;
    bool found = false;

    for (size_t i = 0; i < n; i++) {
        struct gh_diff_row *row = &d->rows.at[n - 1 - i];

        if (!gh_slice_eq(row->target, target))
            break;
        for (size_t k = 0; k < judged->count; k++)
            if (row->port == port && row->calls == judged->rows[k].calls) {
                row->pods += set->pod_count;
                found = true;
            }
    }
    return found;
}

static void compare_port(struct diffing *d, const struct gh_podset *b,
                         const struct gh_podset *x, uint16_t port)
{
    struct gh_diff_pair pair = {
        .before = gh_port_policy(d->before, b, port),
        .after = gh_port_policy(d->after, x, port),
    };
    const struct gh_diff_judged *judged = judge(d, &pair);
    struct gh_slice target = label_of(d, b->workload);

    d->ret->ports++;
    if (!judged || judged->count == 0 || fold_pods(d, judged, x, port, target))
        return;
    for (size_t i = 0; i < judged->count; i++) {
        struct gh_diff_row row = judged->rows[i];

        if (d->rows.count == MAX_ROWS) {
            d->ret->cut = true;
            return;
        }
        row.target = target;
        row.pods = x->pod_count;
        row.port = port;
        row.port_name = port_name(x, port);
        if (!row.port_name.ptr)
            row.port_name = port_name(b, port);
        GH_VEC_PUSH(&d->rows, row);
    }
}

/* Ports of either, ascending. */
static void compare_sets(struct diffing *d, const struct gh_podset *b,
                         const struct gh_podset *x)
{
    struct gh_arena ports;
    const uint16_t *bp;
    const uint16_t *xp;
    size_t bn;
    size_t xn;

    gh_arena_init(&ports, (size_t)4 << 20);
    bp = gh_podset_ports(d->before, b, &ports, &bn);
    xp = gh_podset_ports(d->after, x, &ports, &xn);
    for (size_t i = 0, k = 0; i < bn || k < xn;) {
        uint16_t port = k == xn || (i < bn && bp[i] < xp[k]) ? bp[i] : xp[k];

        i += i < bn && bp[i] == port;
        k += k < xn && xp[k] == port;
        compare_port(d, b, x, port);
    }
    gh_arena_fini(&ports);
}

static bool same_labels(const struct gh_labels *a, const struct gh_labels *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!gh_slice_eq(a->at[i].key, b->at[i].key) ||
            !gh_slice_eq(a->at[i].value, b->at[i].value))
            return false;
    return true;
}

/* The pod set that the i-th one of @b became. */
static const struct gh_podset *
counterpart(const struct gh_workload *b, size_t i, const struct gh_workload *x)
{
    const struct gh_podset *set = b->sets[i];

    if (i < x->set_count && same_labels(&set->labels, &x->sets[i]->labels))
        return x->sets[i];
    for (size_t k = 0; k < x->set_count; k++)
        if (same_labels(&set->labels, &x->sets[k]->labels))
            return x->sets[k];
    return x->sets[i < x->set_count ? i : x->set_count - 1];
}

static void compare_ns(struct diffing *d, struct gh_slice ns)
{
    size_t count;
    const struct gh_workload *const *all =
        gh_mesh_workloads(d->before, ns, &count);

    for (size_t i = 0; i < count; i++) {
        const struct gh_workload *x = same_in(d->after, all[i]);

        if (!x || x->set_count == 0) {
            GH_VEC_PUSH(&d->removed, label_of(d, all[i]));
            continue;
        }
        for (size_t k = 0; k < all[i]->set_count; k++)
            compare_sets(d, all[i]->sets[k], counterpart(all[i], k, x));
    }
}

static void find_added(struct diffing *d, struct gh_slice ns)
{
    size_t count;
    const struct gh_workload *const *all =
        gh_mesh_workloads(d->after, ns, &count);

    for (size_t i = 0; i < count; i++)
        if (!same_in(d->before, all[i]))
            GH_VEC_PUSH(&d->added, label_of(d, all[i]));
}

static void walk(struct diffing *d)
{
    struct gh_slice ns;

    for (size_t i = 0; gh_mesh_ns_at(d->before, i, &ns); i++)
        if (is_target_ns(d->opt, ns))
            compare_ns(d, ns);
    for (size_t i = 0; gh_mesh_ns_at(d->after, i, &ns); i++)
        if (is_target_ns(d->opt, ns))
            find_added(d, ns);
}

/* --- the answer, in the caller's arena --- */

static const void *kept(struct diffing *d, const void *at, size_t count,
                        size_t size, size_t *ret_count)
{
    void *copy = gh_arena_calloc(d->a, count + 1, size, 16);

    *ret_count = copy ? count : 0;
    if (!copy)
        d->ret->cut = true;
    else if (count > 0)
        memcpy(copy, at, count * size);
    return copy;
}

void gh_diff(struct gh_mesh *before, struct gh_mesh *after,
             const struct gh_diff_options *opt, struct gh_arena *a,
             struct gh_diff *ret)
{
    static const struct gh_diff_options everything = {0};
    struct diffing d = {
        .before = before,
        .after = after,
        .opt = opt ? opt : &everything,
        .a = a,
        .ret = ret,
    };

    *ret = (struct gh_diff){0};
    gh_arena_init(&d.scratch, SCRATCH_BYTES);
    gh_buf_init(&d.printer.text, PRINT_BYTES);
    d.printer.keys[0] = gh_hash_key_new();
    d.printer.keys[1] = gh_hash_key_new();
    gh_map_init(&d.known_clients);
    gh_map_init(&d.judged);
    gather_clients(&d);
    walk(&d);
    ret->rows =
        kept(&d, d.rows.at, d.rows.count, sizeof(*d.rows.at), &ret->row_count);
    ret->added = kept(&d, d.added.at, d.added.count, sizeof(*d.added.at),
                      &ret->added_count);
    ret->removed = kept(&d, d.removed.at, d.removed.count,
                        sizeof(*d.removed.at), &ret->removed_count);
    GH_VEC_FREE(&d.rows);
    GH_VEC_FREE(&d.added);
    GH_VEC_FREE(&d.removed);
    GH_VEC_FREE(&d.clients);
    gh_map_fini(&d.known_clients);
    gh_map_fini(&d.judged);
    gh_buf_fini(&d.printer.text);
    gh_arena_fini(&d.scratch);
}
