/* SPDX-License-Identifier: Apache-2.0 */

/* The stdio endpoint with real descriptors: what ends it, and what a client may
 * do to it without harm. */

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conversation.h"
#include "mcp/stdio.h"

#define PING(id) "{\"jsonrpc\":\"2.0\",\"id\":" #id ",\"method\":\"ping\"}"
#define PONG(id) "{\"jsonrpc\":\"2.0\",\"id\":" #id ",\"result\":{}}\n"
#define META                                                                   \
    "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","   \
    "\"io.modelcontextprotocol/clientCapabilities\":{}}"
#define CALL(id, name, args)                                                   \
    "{\"jsonrpc\":\"2.0\",\"id\":" #id ",\"method\":\"tools/call\","           \
    "\"params\":{\"name\":\"" name "\",\"arguments\":" args "," META "}}\n"

/* An endpoint between two descriptors of ours. */
struct bench {
    struct gh_loop *loop;
    struct gh_mcp *m;
    struct gh_mcp_stdio *s;
    int theirs_in, theirs_out; /* what the endpoint was given */
    int to, from;              /* our ends; -1: none */
    struct gh_buf heard;
    char warned[256];
};

static void on_warn(void *ctx, const char *text)
{
    struct bench *b = ctx;

    (void)snprintf(b->warned, sizeof(b->warned), "%s", text);
}

static void bench_start(struct bench *b, const struct gh_mcp_stdio_options *opt,
                        const struct gh_mcp_options *limits)
{
    struct gh_mcp_stdio_options o = *opt;
    struct gh_err err;

    gh_buf_init(&b->heard, (size_t)64 << 20);
    b->loop = gh_loop_new(&err);
    b->m = gh_mcp_new(&fixture_rows, limits);
    o.in_fd = b->theirs_in;
    o.out_fd = b->theirs_out;
    o.warn = on_warn;
    o.ctx = b;
    b->s = gh_mcp_stdio_new(b->loop, b->m, &o, &err);
    assert_non_null(b->s);
}

static void close_if(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

static void bench_end(struct bench *b)
{
    (void)gh_mcp_stdio_free(b->s);
    (void)gh_mcp_free(b->m);
    (void)gh_loop_free(b->loop);
    gh_buf_fini(&b->heard);
    close_if(&b->to);
    close_if(&b->from);
    close_if(&b->theirs_in);
    close_if(&b->theirs_out);
}

static void use_pipes(struct bench *b)
{
    int in[2];
    int out[2];

    *b = (struct bench){0};
    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    b->theirs_in = in[0];
    b->to = in[1];
    b->from = out[0];
    b->theirs_out = out[1];
}

static void use_sockets(struct bench *b)
{
    int in[2];
    int out[2];

    *b = (struct bench){0};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, in), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, out), 0);
    b->theirs_in = in[0];
    b->to = in[1];
    b->from = out[0];
    b->theirs_out = out[1];
}

static void use_files(struct bench *b)
{
    *b = (struct bench){.to = memfd_create("in", 0),
                        .from = memfd_create("out", 0)};
    b->theirs_in = dup(b->to);
    b->theirs_out = dup(b->from);
}

static void say(struct bench *b, struct gh_slice text)
{
    assert_int_equal(write(b->to, text.ptr, text.len), text.len);
}

static void hang_up(struct bench *b)
{
    (void)lseek(b->theirs_in, 0, SEEK_SET); /* files */
    close_if(&b->to);
}

static void hear(struct bench *b)
{
    ssize_t n;

    close_if(&b->theirs_out);
    (void)lseek(b->from, 0, SEEK_SET);
    do {
        assert_int_equal(gh_buf_reserve(&b->heard, 65536), GH_OK);
        n = read(b->from, b->heard.ptr + b->heard.len, 65536);
        b->heard.len += n > 0 ? (size_t)n : 0;
    } while (n > 0);
}

static bool heard(const struct bench *b, const char *part)
{
    return memmem(b->heard.ptr, b->heard.len, part, strlen(part)) != NULL;
}

static void assert_heard_all(const struct bench *b, const char *text)
{
    if (!gh_slice_is(gh_buf_slice(&b->heard), text))
        fail_msg("heard    %.*s\nexpected %s", GH_FMT(gh_buf_slice(&b->heard)),
                 text);
}

typedef void use_fn(struct bench *b);
static use_fn *const uses[] = {use_pipes, use_sockets, use_files};

/* Everything is said before it starts, then input ends. */
static void exchange(use_fn *use, struct gh_slice text, struct bench *b)
{
    static const struct gh_mcp_stdio_options plain = {.max_line_bytes = 300};

    use(b);
    say(b, text);
    hang_up(b);
    bench_start(b, &plain, &fixture_options);
    assert_int_equal(gh_loop_run(b->loop), GH_OK);
    (void)gh_mcp_stdio_free(b->s);
    b->s = NULL;
    hear(b);
}

struct exchange_case {
    const char *said;
    const char *heard;
    const char *warned;
};

static const struct exchange_case cases[] = {
    {"", "", ""},
    {PING(1) "\n" PING(2) "\n", PONG(1) PONG(2), ""},
    {PING(1) "\r\n\r\n\n \t\n" PING(2) "\n", PONG(1) PONG(2), ""},
    {PING(1) "\n" PING(2), PONG(1) PONG(2), ""},
    {PING(1) "\n{\"jsonrpc\":\"2.0\",\"id\":2,\"meth", PONG(1),
     "input ends within a message, which is ignored"},
    {PING(1) "\n  ", PONG(1), ""},
};

static void test_exchange(void **state)
{
    (void)state;
    for (size_t i = 0; i < GH_COUNT(cases); i++)
        for (size_t k = 0; k < GH_COUNT(uses); k++) {
            struct bench b;

            exchange(uses[k], gh_slice_str(cases[i].said), &b);
            assert_heard_all(&b, cases[i].heard);
            assert_string_equal(b.warned, cases[i].warned);
            bench_end(&b);
        }
}

static void test_long_line(void **state)
{
    char line[2000];
    struct bench b;
    struct gh_buf said;

    (void)state;
    memset(line, 'x', sizeof(line));
    gh_buf_init(&said, 1 << 20);
    (void)gh_buf_addf(&said, "%s\n%.*s\n%s\n", PING(1), (int)sizeof(line), line,
                      PING(2));
    exchange(use_pipes, gh_buf_slice(&said), &b);
    assert_true(heard(&b, PONG(1) "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":"
                                  "-32600,"));
    assert_true(heard(&b, "}\n" PONG(2)));
    bench_end(&b);
    gh_buf_fini(&said);
}

/* What is already in the pipe when the work begins, counts. */
static void test_cancel_overtakes(void **state)
{
    static const char said[] = CALL(1, "slow", "{}") CALL(
        2, "slow",
        "{}") "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\","
              "\"params\":{\"requestId\":1}}\n";
    struct gh_mcp_stdio_options plain = {0};
    struct bench b;

    (void)state;
    use_pipes(&b);
    say(&b, gh_slice_str(said));
    hang_up(&b);
    bench_start(&b, &plain, &fixture_options);
    assert_int_equal(gh_loop_run(b.loop), GH_OK);
    b.s = gh_mcp_stdio_free(b.s);
    hear(&b);
    assert_true(gh_slice_starts(gh_buf_slice(&b.heard),
                                GH_SLICE("{\"jsonrpc\":\"2.0\",\"id\":2,")));
    assert_false(heard(&b, "\"id\":1,"));
    bench_end(&b);
}

/* Reading stops while the queue is full; nothing is refused, nothing lost. */
static void test_full_queue(void **state)
{
    struct gh_mcp_stdio_options plain = {0};
    struct gh_mcp_options limits = fixture_options;
    struct bench b;

    (void)state;
    limits.max_pending = 2;
    use_files(&b);
    for (int i = 0; i < 500; i++)
        say(&b, GH_SLICE(CALL(7, "echo", "{\"text\":\"a\"}")
                             CALL(8, "fail", "{}")));
    hang_up(&b);
    bench_start(&b, &plain, &limits);
    assert_int_equal(gh_loop_run(b.loop), GH_OK);
    b.s = gh_mcp_stdio_free(b.s);
    hear(&b);
    assert_false(heard(&b, "\"error\""));
    assert_string_equal(b.warned, "");
    for (size_t i = 0, lines = 0; i <= b.heard.len; i++)
        if (i == b.heard.len)
            assert_int_equal(lines, 1000);
        else
            lines += b.heard.ptr[i] == '\n';
    bench_end(&b);
}

static void say_big(struct bench *b, int count, int bytes)
{
    for (int id = 100; id < 100 + count; id++) {
        struct gh_buf line;

        gh_buf_init(&line, 4096);
        (void)gh_buf_addf(&line,
                          "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":"
                          "\"tools/call\",\"params\":{\"name\":\"big\","
                          "\"arguments\":{\"bytes\":%d}," META "}}\n",
                          id, bytes);
        say(b, gh_buf_slice(&line));
        gh_buf_fini(&line);
    }
}

/* The client asks and never reads: bounded output, and given up in the end. */
static void test_never_reads(void **state)
{
    struct gh_mcp_stdio_options opt = {.flush_ms = 20};
    struct gh_mcp_options counted = fixture_options;
    struct bench b;
    int calls;

    (void)state;
    counted.user = &calls;
    for (size_t k = 0; k < 2; k++) {
        calls = 0;
        uses[k](&b);
        say_big(&b, 100, 700000);
        hang_up(&b);
        bench_start(&b, &opt, &counted);
        assert_int_equal(gh_loop_run(b.loop), GH_OK);
        assert_string_equal(b.warned,
                            "the client does not read; answers are lost");
        assert_in_range(calls, 2, 50); /* 1 MiB, and what a turn makes */
        bench_end(&b);
    }
}

/* Reads what comes out, a little at a time, on the same loop. */
struct sipper {
    struct gh_loop_fd source;
    struct bench *b;
    size_t sips;
};

static void on_sip(void *ctx, unsigned ready)
{
    struct sipper *s = ctx;
    char bytes[1000];
    ssize_t n = read(s->source.fd, bytes, sizeof(bytes));

    (void)ready;
    if (n <= 0)
        return;
    s->sips++;
    (void)gh_buf_add(&s->b->heard, gh_slice_of(bytes, (size_t)n));
    close_if(&s->b->to); /* which ends it, once all is answered */
}

/* A client that reads slowly gets everything, through a tiny queue. */
static void test_slow_reader(void **state)
{
    struct gh_mcp_stdio_options opt = {.high_water_bytes = 1000};
    struct sipper sipper;
    struct bench b;

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        uses[k](&b);
        sipper = (struct sipper){
            .source = {.fd = b.from, .fn = on_sip, .ctx = &sipper}, .b = &b};
        say_big(&b, 5, 100000);
        say(&b, GH_SLICE(PING(9) "\n"));
        bench_start(&b, &opt, &fixture_options);
        assert_int_equal(gh_loop_fd_start(b.loop, &sipper.source, GH_LOOP_READ),
                         GH_OK);
        assert_int_equal(gh_loop_run(b.loop), GH_OK);
        assert_string_equal(b.warned, "");
        gh_loop_fd_stop(b.loop, &sipper.source);
        b.s = gh_mcp_stdio_free(b.s);
        hear(&b);
        assert_true(heard(&b, "\"id\":104,"));
        assert_true(heard(&b, PONG(9)));
        assert_in_range(b.heard.len, 510000, 530000);
        assert_true(sipper.sips > 100);
        bench_end(&b);
    }
}

/* Reads a little every millisecond: slower in all than a stall may last. */
struct dripper {
    struct gh_loop_timer timer;
    struct bench *b;
    int drips;
};

static void on_drip(void *ctx)
{
    struct dripper *d = ctx;
    char bytes[2000];

    d->drips += read(d->b->from, bytes, sizeof(bytes)) > 0;
    gh_loop_timer_start(d->b->loop, &d->timer, 1);
}

static void test_steady_reader(void **state)
{
    struct gh_mcp_stdio_options opt = {.flush_ms = 300};
    struct dripper d = {.timer = {.fn = on_drip, .ctx = &d}};
    struct bench b;

    (void)state;
    use_pipes(&b);
    d.b = &b;
    assert_int_equal(fcntl(b.from, F_SETFL, O_NONBLOCK), 0);
    say_big(&b, 1, 1000000);
    hang_up(&b);
    bench_start(&b, &opt, &fixture_options);
    gh_loop_timer_start(b.loop, &d.timer, 0);
    assert_int_equal(gh_loop_run(b.loop), GH_OK);
    assert_string_equal(b.warned, "");
    assert_true(d.drips > 300);
    gh_loop_timer_stop(b.loop, &d.timer);
    bench_end(&b);
}

/* It goes away while nothing is said. */
static void test_goes_away(void **state)
{
    struct gh_mcp_stdio_options plain = {0};
    struct bench b;

    (void)state;
    use_pipes(&b);
    bench_start(&b, &plain, &fixture_options);
    close_if(&b.from);
    assert_int_equal(gh_loop_run(b.loop), GH_OK);
    bench_end(&b);
}

/* The client's reading end is gone: a clean end, though input stays open. */
static void test_nobody_reads(void **state)
{
    struct gh_mcp_stdio_options plain = {0};
    struct bench b;

    (void)state;
    use_pipes(&b);
    bench_start(&b, &plain, &fixture_options);
    say(&b, GH_SLICE(PING(1) "\n"));
    close_if(&b.from);
    assert_int_equal(gh_loop_run(b.loop), GH_OK);
    assert_string_equal(b.warned, "");
    bench_end(&b);
}

static void on_later(void *ctx)
{
    gh_mcp_stdio_stop(((struct bench *)ctx)->s);
}

/* Told to stop: listens end in good order, input is left alone. */
static void test_stop(void **state)
{
    struct gh_mcp_stdio_options plain = {0};
    struct gh_loop_timer later = {.fn = on_later};
    struct bench b;

    (void)state;
    use_pipes(&b);
    bench_start(&b, &plain, &fixture_options);
    say(&b, GH_SLICE("{\"jsonrpc\":\"2.0\",\"id\":\"L\",\"method\":"
                     "\"subscriptions/listen\",\"params\":{\"notifications\":"
                     "{}," META "}}\n"));
    later.ctx = &b;
    gh_loop_timer_start(b.loop, &later, 5);
    assert_int_equal(gh_loop_run(b.loop), GH_OK);
    b.s = gh_mcp_stdio_free(b.s);
    hear(&b);
    assert_true(heard(&b, "\"id\":\"L\",\"result\""));
    assert_true(heard(&b, "notifications/cancelled"));
    bench_end(&b);
}

/* An endless call does not keep it alive, once it was told to stop. */
static void test_stop_endless(void **state)
{
    struct gh_mcp_stdio_options opt = {.flush_ms = 20};
    struct gh_loop_timer later = {.fn = on_later};
    struct bench b;

    (void)state;
    use_pipes(&b);
    bench_start(&b, &opt, &fixture_options);
    say(&b, GH_SLICE(CALL(1, "slow", "{\"steps\":1000000000}")));
    later.ctx = &b;
    gh_loop_timer_start(b.loop, &later, 5);
    assert_int_equal(gh_loop_run(b.loop), GH_OK);
    assert_string_equal(b.warned, "stopped before everything was answered");
    bench_end(&b);
}

static void test_signals(void **state)
{
    struct gh_mcp_stdio_options opt = {.signals = true};
    struct bench b;

    (void)state;
    use_sockets(&b);
    bench_start(&b, &opt, &fixture_options);
    say(&b, GH_SLICE(PING(1) "\n"));
    (void)kill(getpid(), SIGTERM);
    assert_int_equal(gh_loop_run(b.loop), GH_OK);
    bench_end(&b);
}

static void on_change(void *ctx)
{
    struct bench *b = ctx;

    gh_mcp_stdio_changed(b->s, GH_MCP_LIST_CHANGED, GH_SLICE("test://"));
    hang_up(b);
}

static void test_changed(void **state)
{
    struct gh_mcp_stdio_options plain = {0};
    struct gh_loop_timer later = {.fn = on_change};
    struct bench b;

    (void)state;
    use_pipes(&b);
    bench_start(&b, &plain, &fixture_options);
    say(&b, GH_SLICE("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":"
                     "\"subscriptions/listen\",\"params\":{\"notifications\":"
                     "{\"resourcesListChanged\":true}," META "}}\n"));
    later.ctx = &b;
    gh_loop_timer_start(b.loop, &later, 5);
    assert_int_equal(gh_loop_run(b.loop), GH_OK);
    b.s = gh_mcp_stdio_free(b.s);
    hear(&b);
    assert_true(heard(&b, "notifications/resources/list_changed"));
    bench_end(&b);
}

static void test_no_descriptor(void **state)
{
    struct gh_mcp_stdio_options opt = {.in_fd = -1, .out_fd = 1};
    struct gh_loop *loop = gh_loop_new(&(struct gh_err){0});
    struct gh_mcp *m = gh_mcp_new(&fixture_rows, &fixture_options);
    struct gh_err err = {0};

    (void)state;
    assert_null(gh_mcp_stdio_new(loop, m, &opt, &err));
    assert_string_equal(err.text, "standard input is closed");
    (void)gh_mcp_free(m);
    (void)gh_loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exchange),
        cmocka_unit_test(test_long_line),
        cmocka_unit_test(test_cancel_overtakes),
        cmocka_unit_test(test_full_queue),
        cmocka_unit_test(test_never_reads),
        cmocka_unit_test(test_slow_reader),
        cmocka_unit_test(test_steady_reader),
        cmocka_unit_test(test_goes_away),
        cmocka_unit_test(test_nobody_reads),
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_stop_endless),
        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_changed),
        cmocka_unit_test(test_no_descriptor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
