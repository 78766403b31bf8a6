/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Event loop: descriptors, timers and signals of one thread
 *
 * Level-triggered epoll. Whoever waits for something embeds a struct gh_loop_fd
 * or gh_loop_timer in itself and starts it; the loop never allocates for them
 * and never frees. Descriptors that epoll cannot watch because they are always
 * ready (regular files, /dev/null) behave as if it could.
 *
 * In a turn, all descriptors come before all timers, so a timer of 0 ms means:
 * after everything that has arrived was looked at.
 *
 * A callback may start, change and stop any source, itself included, and may
 * free the memory of what it stopped. It is never called from within the call
 * that started it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/rc.h"

struct gh_loop;

/* What to wait for; errors and hang-ups are always reported. */
enum { GH_LOOP_READ = 1, GH_LOOP_WRITE = 2, GH_LOOP_HANGUP = 4 };

typedef void gh_loop_fd_fn(void *ctx, unsigned ready);
typedef void gh_loop_timer_fn(void *ctx);
typedef void gh_loop_signal_fn(void *ctx, int signal);

struct gh_loop_fd {
    int fd;
    gh_loop_fd_fn *fn;
    void *ctx;
    /* the loop's */
    unsigned wanted;
    bool started;
    bool always; /* ready at any time: epoll refused it */
    struct gh_loop_fd *next_always;
};

struct gh_loop_timer {
    gh_loop_timer_fn *fn;
    void *ctx;
    /* the loop's */
    bool started;
    int64_t due_ms;
    struct gh_loop_timer *next;
};

struct gh_loop *gh_loop_new(struct gh_err *err); /* NULL: out of descriptors */
struct gh_loop *gh_loop_free(struct gh_loop *l);

/* Runs until gh_loop_stop(). Return: GH_OK, or GH_EIO. */
GH_MUST_CHECK enum gh_rc gh_loop_run(struct gh_loop *l);

/* Lets gh_loop_run() return after this turn. */
void gh_loop_stop(struct gh_loop *l);

/* @f is borrowed until it is stopped; fd, fn and ctx are set. Return: GH_OK or
 * GH_EIO. */
GH_MUST_CHECK enum gh_rc
gh_loop_fd_start(struct gh_loop *l, struct gh_loop_fd *f, unsigned wanted);
void gh_loop_fd_want(struct gh_loop *l, struct gh_loop_fd *f, unsigned wanted);
void gh_loop_fd_stop(struct gh_loop *l, struct gh_loop_fd *f); /* idempotent */

/* (Re)starts @t, once. Borrowed until it fired or was stopped. */
void gh_loop_timer_start(struct gh_loop *l, struct gh_loop_timer *t,
                         int64_t after_ms);
void gh_loop_timer_stop(struct gh_loop *l, struct gh_loop_timer *t);

/*
 * Has @signal delivered to the loop. It is blocked in the calling thread until
 * gh_loop_free(). Several signals share one function. Return: GH_OK or GH_EIO.
 */
GH_MUST_CHECK enum gh_rc gh_loop_signals(struct gh_loop *l, const int *signals,
                                         size_t count, gh_loop_signal_fn *fn,
                                         void *ctx);
