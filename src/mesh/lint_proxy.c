/* SPDX-License-Identifier: Apache-2.0 */
#include "base/nearest.h"
#include "base/num.h"
#include "mesh/lint_internal.h"
#include "wire/quantity.h"

/*
 * Lints of the proxy's settings: P003 to P016
 *
 * Annotations that the injector turns into a container. Quantities are
 * Kubernetes', log levels those of Rust's tracing, versions what Linkerd's
 * releases were ever called.
 */

#define CONFIG "config.linkerd.io/"
#define WAIT "config.alpha.linkerd.io/proxy-wait-before-exit-seconds"

static void tell_value(struct gh_lint *l, const struct gh_lint_carrier *c,
                       enum gh_finding_id id, const char *key,
                       struct gh_slice value, const char *what)
{
    (void)gh_lint_tell(l, id, c->object,
                       gh_lint_annotation_path(l, c, gh_slice_str(key)),
                       "\"%.*s\" is %s", GH_FMT(value), what);
}

/* --- resources --- */

static const struct resource {
    const char *request;
    const char *limit;
    enum gh_finding_id bad_request;
    enum gh_finding_id bad_limit;
    enum gh_finding_id limit_alone;
    enum gh_finding_id order;
} resources[] = {
    {CONFIG "proxy-cpu-request", CONFIG "proxy-cpu-limit",
     GH_FINDING_ID_CPU_REQUEST, GH_FINDING_ID_CPU_LIMIT,
     GH_FINDING_ID_CPU_LIMIT_ALONE, GH_FINDING_ID_CPU_ORDER},
    {CONFIG "proxy-memory-request", CONFIG "proxy-memory-limit",
     GH_FINDING_ID_MEMORY_REQUEST, GH_FINDING_ID_MEMORY_LIMIT,
     GH_FINDING_ID_MEMORY_LIMIT_ALONE, GH_FINDING_ID_MEMORY_ORDER},
};

/* Return: whether there is one that parses. */
static bool read_quantity(struct gh_lint *l, const struct gh_lint_carrier *c,
                          const char *key, enum gh_finding_id id,
                          struct gh_quantity *ret)
{
    struct gh_slice text = gh_lint_annotation(c, key);

    if (!text.ptr)
        return false;
    if (gh_quantity_parse(text, ret) && ret->nano >= 0)
        return true;
    tell_value(l, c, id, key, text,
               "no quantity as Kubernetes writes them (100m, 0.5, 20Mi)");
    return false;
}

static void lint_resource(struct gh_lint *l, const struct gh_lint_carrier *c,
                          const struct resource *r)
{
    struct gh_slice path =
        gh_lint_annotation_path(l, c, gh_slice_str(r->limit));
    struct gh_slice request_text = gh_lint_annotation(c, r->request);
    struct gh_quantity request;
    struct gh_quantity limit;
    bool has_request =
        read_quantity(l, c, r->request, r->bad_request, &request);

    if (!read_quantity(l, c, r->limit, r->bad_limit, &limit))
        return;
    if (has_request && gh_quantity_cmp(limit, request) < 0)
        (void)gh_lint_tell(l, r->order, c->object, path,
                           "the limit %.*s is below the request %.*s",
                           GH_FMT(gh_lint_annotation(c, r->limit)),
                           GH_FMT(request_text));
    else if (!request_text.ptr && c->set)
        (void)gh_lint_tell(l, r->limit_alone, c->object, path,
                           "there is a limit and no %s: as much as the limit "
                           "is reserved, unless the mesh has a default",
                           r->request);
}

/* --- log levels --- */

static bool is_level(struct gh_slice s)
{
    static const char *const levels[] = {"trace", "debug", "info",
                                         "warn",  "error", "off"};

    for (size_t i = 0; i < GH_COUNT(levels); i++)
        if (gh_slice_eq_nocase(s, gh_slice_str(levels[i])))
            return true;
    return s.len == 1 && s.ptr[0] >= '0' && s.ptr[0] <= '5';
}

/* Crates whose logs people ask for by name; a bare word means all of it. */
static bool is_target(struct gh_slice s)
{
    static const char *const crates[] = {
        "linkerd", "hyper",  "h2",    "tower",   "tokio", "rustls",
        "hickory", "kubert", "tonic", "tracing", "trust", "mio"};

    for (size_t i = 0; i < GH_COUNT(crates); i++)
        if (gh_slice_starts(s, gh_slice_str(crates[i])))
            return true;
    return gh_slice_find(s, ':') < s.len || gh_slice_find(s, '[') < s.len;
}

/* "level", "target=level", "target[span]=level" or "target"; trimmed. */
static bool directive_ok(struct gh_slice s)
{
    const char *eq = s.len ? memrchr(s.ptr, '=', s.len) : NULL;
    size_t close = gh_slice_find(s, ']');

    if (s.len == 0)
        return true;
    if (!eq || (close < s.len && (size_t)(eq - s.ptr) < close))
        return is_level(s) || is_target(s);
    return is_level(gh_slice_trim(gh_slice_drop(s, (size_t)(eq + 1 - s.ptr))));
}

static bool is_verbose(struct gh_slice s)
{
    size_t eq = gh_slice_find(s, '=');
    struct gh_slice target = gh_slice_head(s, eq);
    struct gh_slice level =
        eq < s.len ? gh_slice_drop(s, eq + 1) : gh_slice_trim(s);

    return (eq == s.len || gh_slice_is(gh_slice_trim(target), "linkerd")) &&
           (gh_slice_eq_nocase(level, GH_SLICE("debug")) ||
            gh_slice_eq_nocase(level, GH_SLICE("trace")));
}

static void lint_log(struct gh_lint *l, const struct gh_lint_carrier *c)
{
    static const char key[] = CONFIG "proxy-log-level";
    struct gh_slice text = gh_lint_annotation(c, key);
    struct gh_slice rest = text;
    struct gh_slice item;
    bool verbose = false;

    while (gh_slice_cut(&rest, ',', &item)) {
        if (!directive_ok(gh_slice_trim(item))) {
            tell_value(l, c, GH_FINDING_ID_LOG_LEVEL, key, item,
                       "neither a level nor a target with a level");
            return;
        }
        verbose |= is_verbose(gh_slice_trim(item));
    }
    if (verbose)
        tell_value(l, c, GH_FINDING_ID_LOG_VERBOSE, key, text,
                   "a level for debugging: the proxy logs every request "
                   "several times");
}

/* --- version --- */

/* "26.9.1", "2.20", "2.14.10-1": at least two numbers. */
static bool is_numbers(struct gh_slice s)
{
    size_t dots = 0;
    bool digit = false;

    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];

        if (c >= '0' && c <= '9') {
            digit = true;
        } else if (c == '.' && digit) {
            dots++;
            digit = false;
        } else {
            return digit && dots > 0 && (c == '-' || c == '+');
        }
    }
    return digit && dots > 0;
}

static bool is_version(struct gh_slice s)
{
    static const char *const released[] = {"edge-", "stable-", "enterprise-",
                                           "preview-", "v"};
    static const char *const built[] = {"git-", "dev-"};

    for (size_t i = 0; i < GH_COUNT(released); i++)
        if (gh_slice_starts(s, gh_slice_str(released[i])))
            return is_numbers(gh_slice_drop(s, strlen(released[i])));
    for (size_t i = 0; i < GH_COUNT(built); i++)
        if (gh_slice_starts(s, gh_slice_str(built[i])))
            return true;
    return false;
}

static void lint_version(struct gh_lint *l, const struct gh_lint_carrier *c)
{
    static const char key[] = CONFIG "proxy-version";
    struct gh_slice text = gh_lint_annotation(c, key);

    if (text.ptr && !is_version(text) &&
        !gh_slice_eq(text, gh_mesh_config(l->mesh)->version))
        tell_value(l, c, GH_FINDING_ID_PROXY_VERSION, key, text,
                   "no version of Linkerd: they are called edge-26.9.1, "
                   "stable-2.14.10, enterprise-2.20.2, preview-26.1.1");
}

/* --- the wait before exit --- */

#define DEFAULT_GRACE_S 30
#define LONG_WAIT_S 300

static void lint_wait(struct gh_lint *l, const struct gh_lint_carrier *c)
{
    struct gh_slice text = gh_lint_annotation(c, WAIT);
    int64_t grace = DEFAULT_GRACE_S;
    uint64_t wait;

    if (!text.ptr)
        return;
    if (!gh_u64_parse(text, &wait)) {
        tell_value(l, c, GH_FINDING_ID_WAIT_SECONDS, WAIT, text,
                   "no whole number of seconds");
        return;
    }
    if (!c->set) /* a Namespace: pods differ */
        grace = LONG_WAIT_S;
    else if (!gh_json_i64(gh_json_get(c->spec, "terminationGracePeriodSeconds"),
                          &grace))
        grace = DEFAULT_GRACE_S;
    if (wait > 0 && (grace < 0 || wait >= (uint64_t)grace))
        (void)gh_lint_tell(
            l, GH_FINDING_ID_WAIT_LONG, c->object,
            gh_lint_annotation_path(l, c, GH_SLICE(WAIT)),
            "the proxy waits %.*s seconds before it exits, and %s %lld",
            GH_FMT(text),
            c->set ? "the pod is killed after"
                   : "pods seldom have more to end in than",
            (long long)grace);
}

/* --- injection --- */

static void lint_inject(struct gh_lint *l, const struct gh_lint_carrier *c)
{
    static const char key[] = "linkerd.io/inject";
    static const char *const values[] = {"enabled", "disabled", "ingress"};
    struct gh_slice text = gh_lint_annotation(c, key);
    struct gh_nearest nearest;
    struct gh_finding *f;

    gh_nearest_init(&nearest, text);
    for (size_t i = 0; text.ptr && i < GH_COUNT(values); i++) {
        if (gh_slice_is(text, values[i]))
            return;
        gh_nearest_offer(&nearest, gh_slice_str(values[i]));
    }
    if (!text.ptr)
        return;
    f = gh_lint_tell(l, GH_FINDING_ID_INJECT_VALUE, c->object,
                     gh_lint_annotation_path(l, c, gh_slice_str(key)),
                     "\"%.*s\" is none of enabled, disabled and ingress: pods "
                     "are not injected",
                     GH_FMT(text));
    if (nearest.best.ptr)
        gh_lint_fix(l, f, "Did you mean %.*s?", GH_FMT(nearest.best));
}

void gh_lint_proxy(struct gh_lint *l, const struct gh_lint_carrier *c)
{
    lint_inject(l, c);
    for (size_t i = 0; i < GH_COUNT(resources); i++)
        lint_resource(l, c, &resources[i]);
    lint_log(l, c);
    lint_version(l, c);
    lint_wait(l, c);
}
