/* SPDX-License-Identifier: Apache-2.0 */
#include "base/date.h"

#include <time.h>

#define SECONDS_A_DAY 86400

static bool digits(struct gh_slice s, size_t from, size_t count, int *ret)
{
    int value = 0;

    for (size_t i = from; i < from + count; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
        value = value * 10 + (s.ptr[i] - '0');
    }
    *ret = value;
    return true;
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

bool gh_date_parse(struct gh_slice s, int32_t *ret_day)
{
    int year;
    int month;
    int day;
    int32_t sum;

    if (s.len != 10 || s.ptr[4] != '-' || s.ptr[7] != '-' ||
        !digits(s, 0, 4, &year) || !digits(s, 5, 2, &month) ||
        !digits(s, 8, 2, &day) || year < 1970 || month < 1 || month > 12 ||
        day < 1 || day > days_in(year, month))
        return false;
    sum = day - 1;
    for (int m = 1; m < month; m++)
        sum += days_in(year, m);
    for (int y = 1970; y < year; y++)
        sum += days_in(y, 2) == 29 ? 366 : 365;
    *ret_day = sum;
    return true;
}

int32_t gh_date_today(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int32_t)(now.tv_sec / SECONDS_A_DAY);
}
