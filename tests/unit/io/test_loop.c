/* SPDX-License-Identifier: Apache-2.0 */

/* The event loop: order of events and timers, stopping what is about to be
 * called, descriptors that epoll refuses, signals. */

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/loop.h"

/* What happened, a letter each. */
struct story {
    struct gh_loop *loop;
    char text[64];
    size_t len;
    struct gh_loop_fd fds[3];
    struct gh_loop_timer timers[4];
    int pipe[2];
};

static void tell(struct story *s, char c)
{
    assert_true(s->len + 1 < sizeof(s->text));
    s->text[s->len++] = c;
    s->text[s->len] = '\0';
}

static int set_up(void **state)
{
    struct story *s = calloc(1, sizeof(*s));
    struct gh_err err;

    s->loop = gh_loop_new(&err);
    assert_non_null(s->loop);
    assert_int_equal(pipe2(s->pipe, O_CLOEXEC), 0);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    struct story *s = *state;

    for (size_t i = 0; i < 3; i++)
        gh_loop_fd_stop(s->loop, &s->fds[i]);
    (void)close(s->pipe[0]);
    if (s->pipe[1] >= 0)
        (void)close(s->pipe[1]);
    (void)gh_loop_free(s->loop);
    free(s);
    return 0;
}

static void stop_timer(void *ctx)
{
    struct story *s = ctx;

    tell(s, 'T');
    gh_loop_stop(s->loop);
}

static void on_pipe(void *ctx, unsigned ready)
{
    struct story *s = ctx;
    char c;

    tell(s, ready & GH_LOOP_HANGUP ? 'h' : 'r');
    if (ready & GH_LOOP_READ)
        assert_int_equal(read(s->pipe[0], &c, 1), 1);
    else
        gh_loop_stop(s->loop);
}

/* A timer of 0 ms runs after everything that was ready. */
static void test_events_before_timers(void **state)
{
    struct story *s = *state;

    s->fds[0] = (struct gh_loop_fd){.fd = s->pipe[0], .fn = on_pipe, .ctx = s};
    s->timers[0] = (struct gh_loop_timer){.fn = stop_timer, .ctx = s};
    gh_loop_timer_start(s->loop, &s->timers[0], 0);
    assert_int_equal(gh_loop_fd_start(s->loop, &s->fds[0], GH_LOOP_READ),
                     GH_OK);
    assert_int_equal(write(s->pipe[1], "x", 1), 1);
    assert_int_equal(gh_loop_run(s->loop), GH_OK);
    assert_string_equal(s->text, "rT");
    assert_false(s->timers[0].started);
}

static void test_hang_up(void **state)
{
    struct story *s = *state;

    s->fds[0] = (struct gh_loop_fd){.fd = s->pipe[0], .fn = on_pipe, .ctx = s};
    assert_int_equal(gh_loop_fd_start(s->loop, &s->fds[0], 0), GH_OK);
    (void)close(s->pipe[1]);
    s->pipe[1] = -1;
    assert_int_equal(gh_loop_run(s->loop), GH_OK);
    assert_string_equal(s->text, "h");
}

static void letter_a(void *ctx)
{
    tell(ctx, 'a');
}

static void letter_b(void *ctx)
{
    tell(ctx, 'b');
}

static void test_timer_order(void **state)
{
    struct story *s = *state;

    s->timers[0] = (struct gh_loop_timer){.fn = stop_timer, .ctx = s};
    s->timers[1] = (struct gh_loop_timer){.fn = letter_a, .ctx = s};
    s->timers[2] = (struct gh_loop_timer){.fn = letter_b, .ctx = s};
    s->timers[3] = (struct gh_loop_timer){.fn = letter_b, .ctx = s};
    gh_loop_timer_start(s->loop, &s->timers[0], 3);
    gh_loop_timer_start(s->loop, &s->timers[1], 100000);
    gh_loop_timer_start(s->loop, &s->timers[2], 1);
    gh_loop_timer_start(s->loop, &s->timers[1], 0); /* moves */
    gh_loop_timer_start(s->loop, &s->timers[3], 0);
    gh_loop_timer_stop(s->loop, &s->timers[3]);
    gh_loop_timer_stop(s->loop, &s->timers[3]);
    assert_int_equal(gh_loop_run(s->loop), GH_OK);
    assert_string_equal(s->text, "abT");
}

static void again(void *ctx)
{
    struct story *s = ctx;

    tell(s, 'g');
    if (s->len == 3)
        gh_loop_stop(s->loop);
    gh_loop_timer_start(s->loop, &s->timers[0], 0);
}

/* A timer that starts itself anew does not lock others out. */
static void test_timer_again(void **state)
{
    struct story *s = *state;

    s->timers[0] = (struct gh_loop_timer){.fn = again, .ctx = s};
    gh_loop_timer_start(s->loop, &s->timers[0], 0);
    assert_int_equal(gh_loop_run(s->loop), GH_OK);
    assert_string_equal(s->text, "ggg");
    gh_loop_timer_stop(s->loop, &s->timers[0]);
}

static void stop_others(void *ctx, unsigned ready)
{
    struct story *s = ctx;

    (void)ready;
    tell(s, 's');
    for (size_t i = 0; i < 3; i++)
        gh_loop_fd_stop(s->loop, &s->fds[i]);
    gh_loop_stop(s->loop);
}

/* Of several that are ready, the first stops the rest: they are not called. */
static void test_stop_in_turn(void **state)
{
    struct story *s = *state;

    for (size_t i = 0; i < 3; i++) {
        s->fds[i] =
            (struct gh_loop_fd){.fd = open("/dev/null", O_RDONLY | O_CLOEXEC),
                                .fn = stop_others,
                                .ctx = s};
        assert_int_equal(gh_loop_fd_start(s->loop, &s->fds[i], GH_LOOP_READ),
                         GH_OK);
        assert_true(s->fds[i].always);
    }
    assert_int_equal(gh_loop_run(s->loop), GH_OK);
    assert_string_equal(s->text, "s");
    for (size_t i = 0; i < 3; i++)
        (void)close(s->fds[i].fd);
}

static void on_always(void *ctx, unsigned ready)
{
    struct story *s = ctx;

    tell(s, ready == GH_LOOP_WRITE ? 'w' : '?');
    gh_loop_fd_want(s->loop, &s->fds[0], 0);
    gh_loop_timer_start(s->loop, &s->timers[0], 1);
}

/* What epoll refuses is ready when it is wanted, and only then. */
static void test_always_ready(void **state)
{
    struct story *s = *state;

    s->timers[0] = (struct gh_loop_timer){.fn = stop_timer, .ctx = s};
    s->fds[0] =
        (struct gh_loop_fd){.fd = open("/dev/null", O_WRONLY | O_CLOEXEC),
                            .fn = on_always,
                            .ctx = s};
    assert_int_equal(gh_loop_fd_start(s->loop, &s->fds[0], GH_LOOP_WRITE),
                     GH_OK);
    assert_int_equal(gh_loop_run(s->loop), GH_OK);
    assert_string_equal(s->text, "wT");
    gh_loop_fd_stop(s->loop, &s->fds[0]);
    (void)close(s->fds[0].fd);
}

static void test_bad_descriptor(void **state)
{
    struct story *s = *state;

    s->fds[0] = (struct gh_loop_fd){.fd = -1, .fn = on_pipe, .ctx = s};
    assert_int_equal(gh_loop_fd_start(s->loop, &s->fds[0], GH_LOOP_READ),
                     GH_EIO);
    assert_false(s->fds[0].started);
}

static void on_signal(void *ctx, int signal_number)
{
    struct story *s = ctx;

    tell(s, signal_number == SIGUSR1 ? '1' : '2');
    if (s->len == 2)
        gh_loop_stop(s->loop);
}

static void test_signals(void **state)
{
    static const int signals[] = {SIGUSR1, SIGUSR2};
    struct story *s = *state;
    sigset_t mask;

    assert_int_equal(gh_loop_signals(s->loop, signals, 2, on_signal, s), GH_OK);
    (void)kill(getpid(), SIGUSR2);
    (void)kill(getpid(), SIGUSR1);
    assert_int_equal(gh_loop_run(s->loop), GH_OK);
    assert_string_equal(s->text, "12");
    (void)gh_loop_free(s->loop);
    (void)sigprocmask(SIG_BLOCK, NULL, &mask);
    assert_int_equal(sigismember(&mask, SIGUSR1), 0);
    s->loop = gh_loop_new(&(struct gh_err){0});
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_events_before_timers), TEST(test_hang_up),
        TEST(test_timer_order),          TEST(test_timer_again),
        TEST(test_stop_in_turn),         TEST(test_always_ready),
        TEST(test_bad_descriptor),       TEST(test_signals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
