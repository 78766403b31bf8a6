/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "source/files.h"

/*
 * How long a big List takes into the store, and how much memory
 *
 *   bench_load [LIST.json]
 *
 * Give a file as `kubectl get -o json` writes it; without one, a List of made
 * pods is written to a temporary file. Each row runs in a process of its own,
 * several times, from the page cache; the best time and its memory are shown.
 * Memory is anonymous pages at the peak. Python's json reads the same file in
 * the same table when python3 is there.
 */

#define ROUNDS 5
#define MADE_PODS 5000

struct result {
    double wall_ms;
    double cpu_ms;
    size_t anon_kib;
    size_t objects;
    size_t object_bytes;
};

static const char *const pod_fields[] = {
    "metadata labels",
    "metadata annotations config.linkerd.io/*",
    "metadata annotations linkerd.io/*",
    "metadata ownerReferences",
    "spec serviceAccountName",
    "spec containers name",
    "spec containers ports",
    "spec initContainers name",
    "spec initContainers ports",
    "spec initContainers restartPolicy",
    "status phase",
    "status podIP",
    NULL,
};
static const char *const spec_fields[] = {"metadata labels", "spec", NULL};

static const struct gh_want wants[] = {
    {"", "Pod", pod_fields, NULL},
    {"", "Service", spec_fields, NULL},
    {"", "Namespace", spec_fields, NULL},
    {"apps", "Deployment", spec_fields, NULL},
    {"policy.linkerd.io", "Server", spec_fields, NULL},
    {"policy.linkerd.io", "AuthorizationPolicy", spec_fields, NULL},
    {"policy.linkerd.io", "MeshTLSAuthentication", spec_fields, NULL},
    {"policy.linkerd.io", "NetworkAuthentication", spec_fields, NULL},
    {"policy.linkerd.io", "HTTPRoute", spec_fields, NULL},
};

static _Noreturn void die(const char *what)
{
    perror(what);
    exit(1);
}

static double now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double ms_of(struct timeval t)
{
    return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

/* Resident pages at the peak, without those of files, which do not grow. */
static size_t anon_peak_kib(void)
{
    FILE *f = fopen("/proc/self/status", "r");
    size_t peak = 0;
    size_t file = 0;
    char line[256];

    while (f && fgets(line, sizeof(line), f)) {
        if (strncmp(line, "VmHWM:", 6) == 0)
            peak = strtoull(line + 6, NULL, 10);
        if (strncmp(line, "RssFile:", 8) == 0)
            file = strtoull(line + 8, NULL, 10);
    }
    if (f)
        (void)fclose(f);
    return peak > file ? peak - file : 0;
}

static void load(const char *path, struct result *ret)
{
    struct gh_store *store = gh_store_new(NULL);
    struct gh_files *files = gh_files_new(store, &path, 1, NULL);
    double start = now_ms();
    struct gh_err err;

    gh_store_want(store, wants, GH_COUNT(wants));
    if (gh_files_load(files, NULL, &err) < 0) {
        (void)fprintf(stderr, "%s: %s\n", err.source, err.text);
        exit(1);
    }
    ret->wall_ms = now_ms() - start;
    ret->anon_kib = anon_peak_kib();
    ret->objects = gh_store_stats(store).objects;
    ret->object_bytes = gh_store_stats(store).object_bytes;
    (void)gh_files_free(files);
    (void)gh_store_free(store);
}

/* Runs @path through us in a child. */
static struct result measure(const char *path)
{
    struct result r = {0};
    struct rusage used;
    int ends[2];
    int status;
    pid_t pid;

    if (pipe(ends) != 0 || (pid = fork()) < 0)
        die("fork");
    if (pid == 0) {
        load(path, &r);
        _exit(write(ends[1], &r, sizeof(r)) == (ssize_t)sizeof(r) ? 0 : 1);
    }
    (void)close(ends[1]);
    if (read(ends[0], &r, sizeof(r)) != (ssize_t)sizeof(r))
        die("child");
    (void)close(ends[0]);
    if (wait4(pid, &status, 0, &used) != pid || status != 0)
        die("child");
    r.cpu_ms = ms_of(used.ru_utime) + ms_of(used.ru_stime);
    return r;
}

static const char python[] =
    "import json,sys,time\n"
    "s=time.perf_counter()\n"
    "d=json.load(open(sys.argv[1]))\n"
    "w=(time.perf_counter()-s)*1e3\n"
    "p=[l.split() for l in open('/proc/self/status')]\n"
    "m={l[0]:int(l[1]) for l in p if l[0] in ('VmHWM:','RssFile:')}\n"
    "print(w,time.process_time()*1e3,m['VmHWM:']-m['RssFile:'],"
    "len(d['items']))\n";

static bool measure_python(const char *path, struct result *ret)
{
    char line[256] = "";
    int ends[2];
    FILE *f;
    pid_t pid;

    if (pipe(ends) != 0 || (pid = fork()) < 0)
        die("fork");
    if (pid == 0) {
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)execlp("python3", "python3", "-c", python, path, (char *)NULL);
        _exit(127);
    }
    (void)close(ends[1]);
    f = fdopen(ends[0], "r");
    if (!f || !fgets(line, sizeof(line), f))
        line[0] = '\0';
    if (f)
        (void)fclose(f);
    (void)waitpid(pid, NULL, 0);
    return sscanf(line, "%lf %lf %zu %zu", /* NOLINT(cert-err34-c): ours */
                  &ret->wall_ms, &ret->cpu_ms, &ret->anon_kib,
                  &ret->objects) == 4;
}

static void print_row(const char *name, const struct result *r, double bytes)
{
    printf("%-18s %9.1f %9.1f %8.2f %11.1f %9zu", name, r->wall_ms, r->cpu_ms,
           bytes / r->wall_ms / 1e6, (double)r->anon_kib / 1024, r->objects);
    if (r->object_bytes)
        printf(" %12zu", r->object_bytes / r->objects);
    printf("\n");
}

static void make_list(FILE *f)
{
    (void)fprintf(f, "{\"apiVersion\":\"v1\",\"items\":[");
    for (int i = 0; i < MADE_PODS; i++) {
        (void)fprintf(f,
                      "%s\n    {\n        \"apiVersion\": \"v1\",\n        "
                      "\"kind\": \"Pod\",\n        \"metadata\": {\n         "
                      "   \"labels\": {\"app\": \"a%d\"},\n            "
                      "\"managedFields\": [",
                      i ? "," : "", i % 50);
        for (int j = 0; j < 300; j++)
            (void)fprintf(f,
                          "%s\n                {\"f:metadata\": {\"f:labels\": "
                          "{\"f:app-%d\": {}}}}",
                          j ? "," : "", j);
        (void)fprintf(f,
                      "],\n            \"name\": \"p%d\",\n            "
                      "\"namespace\": \"n%d\"},\n        \"spec\": "
                      "{\"containers\": [{\"name\": \"c\", \"ports\": "
                      "[{\"containerPort\": 80}]}]}\n    }",
                      i, i % 100);
    }
    (void)fprintf(f, "],\"kind\":\"List\"}\n");
}

int main(int argc, char **argv)
{
    char made[] = "/tmp/gatehouse-bench-XXXXXX.json";
    const char *path = argc > 1 ? argv[1] : made;
    struct result best = {.wall_ms = 1e18};
    struct result peer = {0};
    struct stat st;
    FILE *f;

    if (argc < 2) {
        f = fdopen(mkstemps(made, 5), "w");
        if (!f)
            die(made);
        make_list(f);
        (void)fclose(f);
    }
    if (stat(path, &st) != 0)
        die(path);
    for (int i = 0; i < ROUNDS; i++) {
        struct result r = measure(path);

        best = r.wall_ms < best.wall_ms ? r : best;
    }
    printf("a List of %.1f MB into the store\n", (double)st.st_size / 1e6);
    printf("%-18s %9s %9s %8s %11s %9s %12s\n", "", "wall ms", "CPU ms", "GB/s",
           "anon MiB", "objects", "bytes each");
    print_row("gatehouse", &best, (double)st.st_size);
    if (measure_python(path, &peer))
        print_row("python3 json.load", &peer, (double)st.st_size);
    if (argc < 2)
        (void)unlink(made);
    return 0;
}
