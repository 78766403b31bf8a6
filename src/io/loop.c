/* SPDX-License-Identifier: Apache-2.0 */
#include "io/loop.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

#define EVENTS_PER_TURN 64

struct gh_loop {
    int epoll;
    bool stop;
    struct gh_loop_fd *always;    /* those that epoll cannot watch */
    struct gh_loop_timer *timers; /* the next one first */
    struct epoll_event events[EVENTS_PER_TURN];
    int event_count; /* of this turn; stopped ones are blanked */

    struct gh_loop_fd signals;
    gh_loop_signal_fn *signal_fn;
    void *signal_ctx;
    sigset_t mask_before;
};

struct gh_loop *gh_loop_new(struct gh_err *err)
{
    struct gh_loop *l = GH_XNEW(struct gh_loop);

    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    l->signals.fd = -1;
    if (l->epoll >= 0)
        return l;
    gh_err_set(err, "cannot create an event loop: errno %d", errno);
    gh_free(l);
    return NULL;
}

struct gh_loop *gh_loop_free(struct gh_loop *l)
{
    if (!l)
        return NULL;
    if (l->signals.fd >= 0) {
        gh_loop_fd_stop(l, &l->signals);
        (void)close(l->signals.fd);
        (void)sigprocmask(SIG_SETMASK, &l->mask_before, NULL);
    }
    (void)close(l->epoll);
    gh_free(l);
    return NULL;
}

void gh_loop_stop(struct gh_loop *l)
{
    l->stop = true;
}

/* --- descriptors ------------------------------------------------------------
 */

static uint32_t to_epoll(unsigned wanted)
{
    return (wanted & GH_LOOP_READ ? (uint32_t)EPOLLIN : 0) |
           (wanted & GH_LOOP_WRITE ? (uint32_t)EPOLLOUT : 0);
}

static unsigned from_epoll(uint32_t events)
{
    return (events & EPOLLIN ? GH_LOOP_READ : 0u) |
           (events & EPOLLOUT ? GH_LOOP_WRITE : 0u) |
           (events & (EPOLLHUP | EPOLLERR) ? GH_LOOP_HANGUP : 0u);
}

enum gh_rc gh_loop_fd_start(struct gh_loop *l, struct gh_loop_fd *f,
                            unsigned wanted)
{
    struct epoll_event event = {.events = to_epoll(wanted), .data.ptr = f};

    assert(!f->started && f->fn);
    f->always = false;
    if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, f->fd, &event) < 0) {
        if (errno != EPERM)
            return GH_EIO;
        f->always = true;
        f->next_always = l->always;
        l->always = f;
    }
    f->wanted = wanted;
    f->started = true;
    return GH_OK;
}

void gh_loop_fd_want(struct gh_loop *l, struct gh_loop_fd *f, unsigned wanted)
{
    struct epoll_event event = {.events = to_epoll(wanted), .data.ptr = f};

    assert(f->started);
    if (f->wanted == wanted)
        return;
    f->wanted = wanted;
    if (!f->always)
        (void)epoll_ctl(l->epoll, EPOLL_CTL_MOD, f->fd, &event);
}

void gh_loop_fd_stop(struct gh_loop *l, struct gh_loop_fd *f)
{
    struct gh_loop_fd **at = &l->always;

    if (!f->started)
        return;
    f->started = false;
    for (int i = 0; i < l->event_count; i++)
        if (l->events[i].data.ptr == f)
            l->events[i].data.ptr = NULL;
    if (!f->always) {
        (void)epoll_ctl(l->epoll, EPOLL_CTL_DEL, f->fd, NULL);
        return;
    }
    while (*at != f)
        at = &(*at)->next_always;
    *at = f->next_always;
}

static bool some_always_ready(const struct gh_loop *l)
{
    for (const struct gh_loop_fd *f = l->always; f; f = f->next_always)
        if (f->wanted)
            return true;
    return false;
}

/* Those that are always ready join the events of the turn, so that stopping one
 * of them from a callback is handled in one place. */
static void add_always_ready(struct gh_loop *l)
{
    struct gh_loop_fd *f = l->always;

    for (; f && l->event_count < EVENTS_PER_TURN; f = f->next_always)
        if (f->wanted)
            l->events[l->event_count++] = (struct epoll_event){
                .events = to_epoll(f->wanted), .data.ptr = f};
}

static void run_events(struct gh_loop *l)
{
    for (int i = 0; i < l->event_count; i++) {
        struct gh_loop_fd *f = l->events[i].data.ptr;

        if (f)
            f->fn(f->ctx, from_epoll(l->events[i].events));
    }
    l->event_count = 0;
}

/* --- timers
 * ------------------------------------------------------------------- */

void gh_loop_timer_start(struct gh_loop *l, struct gh_loop_timer *t,
                         int64_t after_ms)
{
    struct gh_loop_timer **at = &l->timers;

    gh_loop_timer_stop(l, t);
    t->due_ms = gh_clock_ms() + after_ms;
    while (*at && (*at)->due_ms <= t->due_ms)
        at = &(*at)->next;
    t->next = *at;
    *at = t;
    t->started = true;
}

void gh_loop_timer_stop(struct gh_loop *l, struct gh_loop_timer *t)
{
    struct gh_loop_timer **at = &l->timers;

    if (!t->started)
        return;
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    t->started = false;
}

/* Timers that are started while these run wait for the next turn. */
static void run_timers(struct gh_loop *l)
{
    int64_t now = gh_clock_ms();
    size_t due = 0;

    for (const struct gh_loop_timer *t = l->timers; t && t->due_ms <= now;
         t = t->next)
        due++;
    for (; due > 0 && l->timers && l->timers->due_ms <= now; due--) {
        struct gh_loop_timer *t = l->timers;

        gh_loop_timer_stop(l, t);
        t->fn(t->ctx);
    }
}

static int next_timeout(const struct gh_loop *l)
{
    int64_t wait;

    if (some_always_ready(l))
        return 0;
    if (!l->timers)
        return -1;
    wait = l->timers->due_ms - gh_clock_ms();
    if (wait < 0)
        return 0;
    return wait > 60000 ? 60000 : (int)wait;
}

/* --- signals
 * -------------------------------------------------------------------- */

static void on_signal(void *ctx, unsigned ready)
{
    struct gh_loop *l = ctx;
    struct signalfd_siginfo info;

    (void)ready;
    while (l->signals.started &&
           read(l->signals.fd, &info, sizeof(info)) == sizeof(info))
        l->signal_fn(l->signal_ctx, (int)info.ssi_signo);
}

enum gh_rc gh_loop_signals(struct gh_loop *l, const int *signals, size_t count,
                           gh_loop_signal_fn *fn, void *ctx)
{
    sigset_t set;

    assert(l->signals.fd < 0);
    (void)sigemptyset(&set);
    for (size_t i = 0; i < count; i++)
        (void)sigaddset(&set, signals[i]);
    l->signals.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (l->signals.fd < 0)
        return GH_EIO;
    l->signals.fn = on_signal;
    l->signals.ctx = l;
    l->signal_fn = fn;
    l->signal_ctx = ctx;
    (void)sigprocmask(SIG_BLOCK, &set, &l->mask_before);
    return gh_loop_fd_start(l, &l->signals, GH_LOOP_READ);
}

/* --- running
 * ----------------------------------------------------------------------- */

enum gh_rc gh_loop_run(struct gh_loop *l)
{
    l->stop = false;
    while (!l->stop) {
        int n =
            epoll_wait(l->epoll, l->events, EVENTS_PER_TURN, next_timeout(l));

        if (n < 0 && errno != EINTR)
            return GH_EIO;
        l->event_count = n < 0 ? 0 : n;
        add_always_ready(l);
        run_events(l);
        run_timers(l);
    }
    return GH_OK;
}
