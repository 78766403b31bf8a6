/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Calendar days, for what expires on a day that a person wrote down
 *
 * A day is a number, counted from 1970-01-01 (proleptic Gregorian calendar,
 * UTC). Whoever compares with today takes today as an argument, so that tests
 * decide what day it is.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/slice.h"

/* "2027-01-31", a day that exists; years 1970 to 9999. */
GH_MUST_CHECK bool gh_date_parse(struct gh_slice s, int32_t *ret_day);

int32_t gh_date_today(void);
