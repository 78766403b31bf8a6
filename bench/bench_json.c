/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "wire/json_internal.h"
#include "wire/json_items.h"
#include "wire/json_write.h"

/*
 * How fast JSON is read, beside cJSON in the same run
 *
 * Three inputs: a tool call of 300 bytes, a tools/list result of 100 KB, and a
 * pretty-printed List item by item. Give the path of a List as `kubectl get -o
 * json` writes it to measure that; otherwise one is made in a temporary file.
 * Times are the best of several rounds: what the code costs, not what else
 * the machine does.
 */

#define ROUND_NS 2000000
#define ROUNDS 150

static int64_t now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static _Noreturn void die(const char *what)
{
    perror(what);
    exit(1);
}

struct subject {
    const char *name;
    const struct gh_json_scanner *scan; /* NULL: cJSON */
};

static bool parse_once(const struct subject *s, struct gh_slice text,
                       struct gh_arena *arena)
{
    struct gh_json_input in = {s->scan, text, arena, NULL};
    struct gh_json_doc doc;
    cJSON *tree;

    if (s->scan) {
        gh_arena_reset(arena);
        return gh_json_parse_with(&in, &doc, NULL, NULL) == GH_OK;
    }
    tree = cJSON_ParseWithLength(text.ptr, text.len);
    cJSON_Delete(tree);
    return tree != NULL;
}

/* Nanoseconds for one parse, the best of all rounds. */
static double measure(const struct subject *s, struct gh_slice text)
{
    struct gh_arena arena;
    double best = 1e18;

    gh_arena_init(&arena, (size_t)1 << 30);
    for (int round = 0; round < ROUNDS; round++) {
        int64_t start = now_ns();
        int64_t end = start;
        int64_t count = 0;

        while (end - start < ROUND_NS) {
            for (int i = 0; i < 16; i++)
                if (!parse_once(s, text, &arena))
                    die(s->name);
            count += 16;
            end = now_ns();
        }
        if ((double)(end - start) / (double)count < best)
            best = (double)(end - start) / (double)count;
    }
    gh_arena_fini(&arena);
    return best;
}

/* All items of the file at @path. Return: their number. */
static size_t read_items(const char *path, bool portable, size_t *ret_bytes)
{
    struct gh_json_options opt = {.portable = portable};
    struct gh_json_items *r = gh_json_items_new((size_t)64 << 20, &opt);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct gh_json_item item;
    struct gh_err err;
    enum gh_rc rc;
    size_t count = 0;

    if (fd < 0)
        die(path);
    *ret_bytes = 0;
    while ((rc = gh_json_items_next(r, &item, &err)) != GH_END) {
        ssize_t n;
        size_t room;
        char *to;

        count += rc == GH_OK;
        if (rc == GH_OK)
            continue;
        if (rc < 0 || gh_json_items_room(r, &to, &room) != GH_OK)
            die(err.text);
        n = read(fd, to, room);
        if (n < 0)
            die(path);
        gh_json_items_filled(r, (size_t)n);
        *ret_bytes += (size_t)n;
    }
    (void)close(fd);
    gh_json_items_free(r);
    return count;
}

/* Reads and parses the file at once, as cJSON has it. */
static size_t read_whole(const char *path, size_t *ret_bytes)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
    char *text = size < 0 ? NULL : malloc((size_t)size);
    size_t len = 0;
    ssize_t n;
    cJSON *tree;
    size_t count;

    if (!text || lseek(fd, 0, SEEK_SET) != 0)
        die(path);
    while ((n = read(fd, text + len, (size_t)size - len)) > 0)
        len += (size_t)n;
    (void)close(fd);
    tree = cJSON_ParseWithLength(text, len);
    count = (size_t)cJSON_GetArraySize(cJSON_GetObjectItem(tree, "items"));
    cJSON_Delete(tree);
    free(text);
    *ret_bytes = len;
    return count;
}

static void list_row(const char *name, const char *path, int rounds, int how)
{
    double best = 1e18;
    size_t bytes = 0;
    size_t count = 0;

    for (int i = 0; i < rounds; i++) {
        int64_t start = now_ns();

        count = how < 0 ? read_whole(path, &bytes)
                        : read_items(path, how > 0, &bytes);
        if ((double)(now_ns() - start) < best)
            best = (double)(now_ns() - start);
    }
    printf("  %-22s %10.1f ms %10.0f MB/s   %zu items\n", name, best / 1e6,
           (double)bytes * 1e3 / best, count);
}

static void put_call(struct gh_buf *out)
{
    (void)gh_buf_add(
        out,
        GH_SLICE("{\"jsonrpc\":\"2.0\",\"id\":1742,\"method\":\"tools/call\","
                 "\"params\":{\"name\":\"analyze_connectivity\",\"arguments\":{"
                 "\"source_namespace\":\"checkout\",\"source\":\"web\","
                 "\"target_namespace\":\"payments\",\"target\":\"ledger\","
                 "\"port\":8080,\"method\":\"POST\",\"path\":\"/v1/entries\"},"
                 "\"_meta\":{\"progressToken\":\"f3c1d9\",\"io.example/"
                 "trace\":true}}}"));
}

static void put_tool(struct gh_jsonw *w, int i)
{
    static const char *const names[] = {"namespace", "source", "target",
                                        "port"};

    gh_jsonw_object(w);
    gh_jsonw_key(w, GH_SLICE("name"));
    gh_jsonw_strf(w, "tool_number_%d", i);
    gh_jsonw_ktext(w, "description",
                   "Lists what may be reached from a workload, and says for "
                   "each \"no\" which policy decided and what to change.");
    gh_jsonw_kobject(w, "inputSchema");
    gh_jsonw_ktext(w, "type", "object");
    gh_jsonw_kobject(w, "properties");
    for (size_t k = 0; k < GH_COUNT(names); k++) {
        gh_jsonw_key(w, gh_slice_str(names[k]));
        gh_jsonw_object(w);
        gh_jsonw_ktext(w, "type", "string");
        gh_jsonw_ktext(w, "description", "where to look; all when it is empty");
        gh_jsonw_ki64(w, "maxLength", 253);
        gh_jsonw_end(w);
    }
    gh_jsonw_end(w);
    gh_jsonw_karray(w, "required");
    gh_jsonw_str(w, GH_SLICE("namespace"));
    gh_jsonw_end(w);
    gh_jsonw_end(w);
    gh_jsonw_kobject(w, "annotations");
    gh_jsonw_kbool(w, "readOnlyHint", true);
    gh_jsonw_kbool(w, "openWorldHint", false);
    gh_jsonw_end(w);
    gh_jsonw_end(w);
}

static void put_tools(struct gh_buf *out)
{
    struct gh_jsonw w;

    gh_jsonw_init(&w, out);
    gh_jsonw_object(&w);
    gh_jsonw_ktext(&w, "jsonrpc", "2.0");
    gh_jsonw_ki64(&w, "id", 7);
    gh_jsonw_kobject(&w, "result");
    gh_jsonw_karray(&w, "tools");
    for (int i = 0; out->len < 100000; i++)
        put_tool(&w, i);
    gh_jsonw_end(&w);
    gh_jsonw_end(&w);
    gh_jsonw_end(&w);
}

static void put_container(struct gh_jsonw *w, const char *name)
{
    gh_jsonw_object(w);
    gh_jsonw_karray(w, "env");
    for (int i = 0; i < 12; i++) {
        gh_jsonw_object(w);
        gh_jsonw_key(w, GH_SLICE("name"));
        gh_jsonw_strf(w, "LINKERD2_PROXY_SETTING_%d", i);
        gh_jsonw_ktext(w, "value", "linkerd-dst-headless.linkerd.svc:8086");
        gh_jsonw_end(w);
    }
    gh_jsonw_end(w);
    gh_jsonw_ktext(w, "image", "registry.example/team/app:1.2.3");
    gh_jsonw_ktext(w, "name", name);
    gh_jsonw_karray(w, "ports");
    gh_jsonw_object(w);
    gh_jsonw_ki64(w, "containerPort", 8080);
    gh_jsonw_ktext(w, "protocol", "TCP");
    gh_jsonw_end(w);
    gh_jsonw_end(w);
    gh_jsonw_end(w);
}

static void put_pod(struct gh_jsonw *w, int i)
{
    gh_jsonw_object(w);
    gh_jsonw_ktext(w, "apiVersion", "v1");
    gh_jsonw_ktext(w, "kind", "Pod");
    gh_jsonw_kobject(w, "metadata");
    gh_jsonw_kobject(w, "labels");
    gh_jsonw_ktext(w, "app.kubernetes.io/name", "web");
    gh_jsonw_ktext(w, "linkerd.io/control-plane-ns", "linkerd");
    gh_jsonw_end(w);
    gh_jsonw_key(w, GH_SLICE("name"));
    gh_jsonw_strf(w, "web-6d4b75cb6d-%05d", i);
    gh_jsonw_ktext(w, "namespace", "shop");
    gh_jsonw_end(w);
    gh_jsonw_kobject(w, "spec");
    gh_jsonw_karray(w, "containers");
    for (int k = 0; k < 3; k++)
        put_container(w, k ? "app" : "linkerd-proxy");
    gh_jsonw_end(w);
    gh_jsonw_ktext(w, "nodeName", "node-17");
    gh_jsonw_kbool(w, "hostNetwork", false);
    gh_jsonw_end(w);
    gh_jsonw_end(w);
}

/* A List of about 40 MB. */
static void write_list(int fd)
{
    struct gh_buf out;
    struct gh_jsonw w;

    gh_buf_init(&out, (size_t)64 << 20);
    gh_jsonw_init(&w, &out);
    w.indent = 4;
    gh_jsonw_object(&w);
    gh_jsonw_ktext(&w, "apiVersion", "v1");
    gh_jsonw_karray(&w, "items");
    for (int i = 0; out.len < (size_t)40 << 20; i++)
        put_pod(&w, i);
    gh_jsonw_end(&w);
    gh_jsonw_ktext(&w, "kind", "List");
    gh_jsonw_end(&w);
    if (gh_jsonw_rc(&w) != GH_OK ||
        write(fd, out.ptr, out.len) != (ssize_t)out.len)
        die("temporary file");
    gh_buf_fini(&out);
}

static void table(const char *title, struct gh_slice text)
{
    struct subject s = {0};

    printf("%s, %zu bytes\n", title, text.len);
    for (size_t i = 0; (s.scan = gh_json_scanner_at(i)); i++) {
        double ns;

        if (!s.scan->usable())
            continue;
        ns = measure(&s, text);
        printf("  gatehouse (%-8s)   %10.3f us %10.0f MB/s\n", s.scan->name,
               ns / 1e3, (double)text.len * 1e3 / ns);
    }
    s.name = "cJSON";
    printf("  %-22s %10.3f us %10.0f MB/s\n", s.name, measure(&s, text) / 1e3,
           (double)text.len * 1e3 / measure(&s, text));
}

int main(int argc, char **argv)
{
    char path[] = "/tmp/bench_json.XXXXXX";
    const char *list = argc > 1 ? argv[1] : path;
    struct gh_buf text;

    gh_buf_init(&text, 1u << 20);
    put_call(&text);
    table("tool call", gh_buf_slice(&text));
    gh_buf_clear(&text);
    put_tools(&text);
    table("tools/list", gh_buf_slice(&text));
    gh_buf_fini(&text);
    if (argc < 2) {
        int fd = mkstemp(path);

        if (fd < 0)
            die(path);
        write_list(fd);
        (void)close(fd);
    }
    printf("List from %s, with read(2)\n", argc > 1 ? list : "a file");
    list_row("gatehouse, by item", list, 9, 0);
    list_row("gatehouse, portable", list, 9, 1);
    list_row("cJSON, whole", list, 1, -1);
    if (argc < 2)
        (void)unlink(path);
    return 0;
}
