/* SPDX-License-Identifier: Apache-2.0 */

/* The stdio endpoint with real descriptors: what it makes of its input, and
 * what ends it. */

#include "stdio_bench.h"

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
