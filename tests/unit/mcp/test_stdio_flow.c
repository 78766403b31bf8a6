/* SPDX-License-Identifier: Apache-2.0 */

/* The stdio endpoint under pressure: full queues, and clients that read slowly,
 * steadily, or never. */

#include "stdio_bench.h"

/* A thousand calls in a file, through queues of these sizes. */
static void check_all_answered(uint32_t max_pending, size_t high_water_bytes)
{
    struct gh_mcp_stdio_options plain = {.high_water_bytes = high_water_bytes};
    struct gh_mcp_options limits = fixture_options;
    struct bench b;

    limits.max_pending = max_pending;
    use_files(&b);
    say_big(&b, 1000, 10);
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

/* Reading stops while a queue is full; nothing is refused, nothing lost. */
static void test_full_queues(void **state)
{
    (void)state;
    check_all_answered(2, 0);
    check_all_answered(0, 1);
    check_all_answered(1, 1);
    check_all_answered(100, 500);
}

/* Answers given at once fill the queue before any work is done: the rest of
 * what was read has to be looked at all the same. */
static void test_full_at_once(void **state)
{
    struct gh_mcp_stdio_options tiny = {.high_water_bytes = 1};
    struct bench b;

    (void)state;
    for (size_t k = 0; k < GH_COUNT(uses); k++) {
        uses[k](&b);
        say(&b, GH_SLICE(PING(1) "\n" PING(2) "\n" PING(3) "\n"));
        hang_up(&b);
        bench_start(&b, &tiny, &fixture_options);
        assert_int_equal(gh_loop_run(b.loop), GH_OK);
        b.s = gh_mcp_stdio_free(b.s);
        hear(&b);
        assert_heard_all(&b, PONG(1) PONG(2) PONG(3));
        bench_end(&b);
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
    const char *until; /* input stays open until this was heard */
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
    if (!s->until || heard(s->b, s->until))
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

/* Work that had to wait for room goes on without any more input. */
static void test_goes_on(void **state)
{
    struct gh_mcp_stdio_options tiny = {.high_water_bytes = 1};
    struct sipper sipper;
    struct bench b;

    (void)state;
    use_pipes(&b);
    sipper =
        (struct sipper){.source = {.fd = b.from, .fn = on_sip, .ctx = &sipper},
                        .b = &b,
                        .until = "\"id\":2,"};
    say(&b, gh_slice_str(PING(1) "\n" CALL(2, "echo", "{\"text\":\"a\"}")
                             PING(3) "\n"));
    bench_start(&b, &tiny, &fixture_options);
    assert_int_equal(gh_loop_fd_start(b.loop, &sipper.source, GH_LOOP_READ),
                     GH_OK);
    assert_int_equal(gh_loop_run(b.loop), GH_OK);
    gh_loop_fd_stop(b.loop, &sipper.source);
    bench_end(&b);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_full_queues),
        cmocka_unit_test(test_full_at_once),
        cmocka_unit_test(test_never_reads),
        cmocka_unit_test(test_slow_reader),
        cmocka_unit_test(test_goes_on),
        cmocka_unit_test(test_steady_reader),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
