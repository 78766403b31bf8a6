/* SPDX-License-Identifier: Apache-2.0 */

#include "app/progress.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static void *tick(void *arg)
{
    struct gh_progress *p = arg;
    struct timespec due;
    unsigned seconds = 0;

    (void)clock_gettime(CLOCK_MONOTONIC, &due);
    (void)pthread_mutex_lock(&p->lock);
    while (!p->done) {
        due.tv_sec++;
        while (!p->done &&
               pthread_cond_timedwait(&p->wake, &p->lock, &due) != ETIMEDOUT)
            ;
        if (!p->done)
            (void)fprintf(stderr, "\rgatehouse: %s ... %u s", p->what,
                          ++seconds);
    }
    (void)pthread_mutex_unlock(&p->lock);
    if (seconds > 0)
        (void)fprintf(stderr, "\r\033[K");
    return NULL;
}

void gh_progress_start(struct gh_progress *p, const char *what)
{
    pthread_condattr_t attr;

    *p = (struct gh_progress){.what = what};
    if (!isatty(STDERR_FILENO))
        return;
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&p->lock, NULL);
    (void)pthread_cond_init(&p->wake, &attr);
    (void)pthread_condattr_destroy(&attr);
    p->started = pthread_create(&p->thread, NULL, tick, p) == 0;
}

void gh_progress_stop(struct gh_progress *p)
{
    if (!p->started)
        return;
    (void)pthread_mutex_lock(&p->lock);
    p->done = true;
    (void)pthread_cond_signal(&p->wake);
    (void)pthread_mutex_unlock(&p->lock);
    (void)pthread_join(p->thread, NULL);
    (void)pthread_cond_destroy(&p->wake);
    (void)pthread_mutex_destroy(&p->lock);
}
