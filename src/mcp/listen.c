/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Who wants to hear of changes
 *
 * A modern client opens any number of listens, each with its filter; a legacy
 * client has one set of URIs and hears of the list anyway. Both are a struct
 * gh_mcp_listen. A change only marks what is due; it is sent when the peer
 * runs, and however often something changed meanwhile, once: a client that
 * reads slowly costs no memory.
 */

#include "mcp/internal.h"

#define MAX_WATCHES 1024
#define MAX_URI_BYTES 8192

/* --- watches
 * ------------------------------------------------------------------- */

void gh_mcp_listen_fini(struct gh_mcp_listen *l)
{
    for (size_t i = 0; i < l->watches.count; i++)
        gh_free(l->watches.at[i].uri);
    GH_VEC_FREE(&l->watches);
    gh_free(l->id);
    *l = (struct gh_mcp_listen){0};
}

static struct gh_mcp_watch *watch_find(const struct gh_mcp_listen *l,
                                       struct gh_slice uri)
{
    for (size_t i = 0; i < l->watches.count; i++)
        if (gh_slice_is(uri, l->watches.at[i].uri))
            return &l->watches.at[i];
    return NULL;
}

static void watch_add(struct gh_mcp_listen *l, struct gh_slice uri)
{
    struct gh_mcp_watch watch = {0};

    if (watch_find(l, uri))
        return;
    watch.uri = gh_xstrdup(uri);
    GH_VEC_PUSH(&l->watches, watch);
}

/* --- listens
 * ------------------------------------------------------------------------ */

static size_t listen_index(const struct gh_mcp_peer *p, struct gh_slice id)
{
    size_t i = 0;

    while (i < p->listens.count && !gh_slice_is(id, p->listens.at[i]->id))
        i++;
    return i;
}

bool gh_mcp_listen_is_open(const struct gh_mcp_peer *p, struct gh_slice id)
{
    return listen_index(p, id) < p->listens.count;
}

static void listen_drop(struct gh_mcp_peer *p, size_t index)
{
    gh_mcp_listen_fini(p->listens.at[index]);
    gh_free(p->listens.at[index]);
    p->listens.count--;
    for (size_t i = index; i < p->listens.count; i++)
        p->listens.at[i] = p->listens.at[i + 1];
}

bool gh_mcp_listen_cancel(struct gh_mcp_peer *p, struct gh_slice id)
{
    size_t index = listen_index(p, id);

    if (index == p->listens.count)
        return false;
    listen_drop(p, index);
    return true;
}

void gh_mcp_listen_free_all(struct gh_mcp_peer *p)
{
    while (p->listens.count > 0)
        listen_drop(p, p->listens.count - 1);
    GH_VEC_FREE(&p->listens);
    gh_mcp_listen_fini(&p->subscribed);
}

/* Return: what is wrong with the filter, or NULL. */
static const char *filter_problem(struct gh_json filter)
{
    struct gh_json uris = gh_json_get(filter, "resourceSubscriptions");

    if (!gh_json_is(filter, GH_JSON_OBJECT))
        return "params.notifications must be an object";
    if (!gh_json_given(uris))
        return NULL;
    if (!gh_json_is(uris, GH_JSON_ARRAY))
        return "params.notifications.resourceSubscriptions must be an array";
    if (gh_json_count(uris) > MAX_WATCHES)
        return "params.notifications.resourceSubscriptions has more than 1,024 "
               "entries";
    for (struct gh_json_iter it = gh_json_iter(uris); gh_json_next(&it);)
        if (!gh_json_is(it.value, GH_JSON_STRING) ||
            gh_json_str(it.value).len > MAX_URI_BYTES)
            return "params.notifications.resourceSubscriptions must hold "
                   "strings of at most 8,192 bytes";
    return NULL;
}

/* Says which part of the filter is honoured: what can change here. */
static void acknowledge(struct gh_mcp_peer *p, const struct gh_mcp_listen *l)
{
    struct gh_jsonw *w =
        gh_mcp_notify(p, "notifications/subscriptions/acknowledged");

    gh_jsonw_kobject(w, "notifications");
    if (l->list)
        gh_jsonw_kbool(w, "resourcesListChanged", true);
    if (l->watches.count > 0) {
        gh_jsonw_karray(w, "resourceSubscriptions");
        for (size_t i = 0; i < l->watches.count; i++)
            gh_jsonw_str(w, gh_slice_str(l->watches.at[i].uri));
        gh_jsonw_end(w);
    }
    gh_jsonw_end(w);
    gh_mcp_notify_end(p, l->id);
}

enum gh_rc gh_mcp_listen_open(struct gh_mcp_request *r)
{
    struct gh_json filter = gh_json_get(r->params, "notifications");
    struct gh_json uris = gh_json_get(filter, "resourceSubscriptions");
    const char *problem = filter_problem(filter);
    struct gh_mcp_peer *p = r->peer;
    struct gh_mcp_listen *l;

    if (problem)
        return gh_mcp_error(r, GH_MCP_EPARAMS, "%s", problem);
    if (p->listens.count >= p->m->opt.max_listens)
        return gh_mcp_error(r, GH_MCP_EINTERNAL,
                            "%u subscriptions are open, more are not allowed",
                            p->m->opt.max_listens);
    l = GH_XNEW(struct gh_mcp_listen);
    l->id = gh_xstrdup(r->id);
    l->list = p->m->rows.resource_count > 0 &&
              gh_json_true(gh_json_get(filter, "resourcesListChanged"));
    for (struct gh_json_iter it = gh_json_iter(uris); gh_json_next(&it);)
        if (gh_mcp_resource_known(p->m, gh_json_str(it.value)))
            watch_add(l, gh_json_str(it.value));
    GH_VEC_PUSH(&p->listens, l);
    acknowledge(p, l);
    return GH_OK;
}

/* --- legacy subscriptions
 * -------------------------------------------------------------- */

static enum gh_rc answer_empty(struct gh_mcp_request *r)
{
    (void)gh_mcp_result(r);
    return gh_mcp_result_send(r, GH_MCP_NO_CACHE);
}

enum gh_rc gh_mcp_subscribe(struct gh_mcp_request *r)
{
    struct gh_slice uri = gh_json_str(gh_json_get(r->params, "uri"));
    struct gh_mcp_listen *l = &r->peer->subscribed;

    if (!uri.ptr || uri.len > MAX_URI_BYTES)
        return gh_mcp_error(r, GH_MCP_EPARAMS,
                            "params.uri must be the URI of a resource");
    if (!gh_mcp_resource_known(r->peer->m, uri))
        return gh_mcp_error_about(r, r->rev->not_found, "uri", uri,
                                  "Resource not found: %.*s",
                                  GH_FMT(gh_slice_head(uri, 512)));
    if (l->watches.count >= MAX_WATCHES)
        return gh_mcp_error(r, GH_MCP_EINTERNAL,
                            "%d resources are subscribed to, more are not "
                            "allowed",
                            MAX_WATCHES);
    watch_add(l, uri);
    return answer_empty(r);
}

enum gh_rc gh_mcp_unsubscribe(struct gh_mcp_request *r)
{
    struct gh_slice uri = gh_json_str(gh_json_get(r->params, "uri"));
    struct gh_mcp_listen *l = &r->peer->subscribed;
    struct gh_mcp_watch *watch;

    if (!uri.ptr)
        return gh_mcp_error(r, GH_MCP_EPARAMS,
                            "params.uri must be the URI of a resource");
    watch = watch_find(l, uri);
    if (watch) {
        gh_free(watch->uri);
        *watch = l->watches.at[--l->watches.count];
    }
    return answer_empty(r);
}

/* --- changes
 * ------------------------------------------------------------------------------
 */

static bool mark(struct gh_mcp_listen *l, enum gh_mcp_changed what,
                 struct gh_slice prefix)
{
    bool due = false;

    if (what == GH_MCP_LIST_CHANGED && l->list)
        l->list_dirty = due = true;
    for (size_t i = 0; i < l->watches.count; i++)
        if (gh_slice_starts(gh_slice_str(l->watches.at[i].uri), prefix))
            l->watches.at[i].dirty = due = true;
    return due;
}

enum gh_rc gh_mcp_peer_changed(struct gh_mcp_peer *p, enum gh_mcp_changed what,
                               struct gh_slice uri_prefix)
{
    bool due = mark(&p->subscribed, what, uri_prefix);

    for (size_t i = 0; i < p->listens.count; i++)
        due |= mark(p->listens.at[i], what, uri_prefix);
    p->dirty |= due;
    return p->failed;
}

static void flush(struct gh_mcp_peer *p, struct gh_mcp_listen *l)
{
    if (l->list_dirty) {
        l->list_dirty = false;
        (void)gh_mcp_notify(p, "notifications/resources/list_changed");
        gh_mcp_notify_end(p, l->id);
    }
    for (size_t i = 0; i < l->watches.count; i++) {
        struct gh_jsonw *w;

        if (!l->watches.at[i].dirty)
            continue;
        l->watches.at[i].dirty = false;
        w = gh_mcp_notify(p, "notifications/resources/updated");
        gh_jsonw_ktext(w, "uri", l->watches.at[i].uri);
        gh_mcp_notify_end(p, l->id);
    }
}

/* A legacy client hears nothing before it said that it is initialized. */
void gh_mcp_listen_flush(struct gh_mcp_peer *p)
{
    if (!p->dirty)
        return;
    p->dirty = p->legacy && !p->initialized;
    if (!p->dirty)
        flush(p, &p->subscribed);
    for (size_t i = 0; i < p->listens.count; i++)
        flush(p, p->listens.at[i]);
}

/* --- the end
 * --------------------------------------------------------------------------------
 */

static void end(struct gh_mcp_peer *p, const struct gh_mcp_listen *l)
{
    gh_mcp_listen_result(p, l->id);
    if (!p->shared)
        return;
    gh_jsonw_key(gh_mcp_notify(p, "notifications/cancelled"),
                 GH_SLICE("requestId"));
    gh_jsonw_raw(&p->w, gh_slice_str(l->id));
    gh_jsonw_kstr(&p->w, "reason", GH_SLICE("the server ends"));
    gh_mcp_notify_end(p, l->id);
}

void gh_mcp_listen_end_all(struct gh_mcp_peer *p)
{
    while (p->listens.count > 0) {
        end(p, p->listens.at[0]);
        listen_drop(p, 0);
    }
}
