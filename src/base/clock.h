/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Time since boot, for durations and deadlines; never for showing to people
 */

#include <stdint.h>
#include <time.h>

static inline int64_t gh_clock_us(void)
{
    struct timespec ts = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static inline int64_t gh_clock_ms(void)
{
    return gh_clock_us() / 1000;
}
