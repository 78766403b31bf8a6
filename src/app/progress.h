/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * "Still at it": a line on the terminal when something takes long
 *
 * Reading half a gigabyte of objects takes seconds, in one call that reports
 * nothing. A thread that only knows the clock keeps the person informed; it
 * shares nothing with the work, and without a terminal it is never started.
 */

#include <pthread.h>
#include <stdbool.h>

struct gh_progress {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool started;
    bool done;
    const char *what;
};

void gh_progress_start(struct gh_progress *p, const char *what);
void gh_progress_stop(struct gh_progress *p);
