/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>

#include "wire/quantity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * What is printed must be read as the same number, and printed alike; but
 * "812.5Ki" is "832000", in which nothing is binary any more.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gh_quantity_text first;
    struct gh_quantity_text second;
    struct gh_quantity q;
    struct gh_quantity again;
    struct gh_slice s;

    if (!gh_quantity_parse(gh_slice_of((const char *)data, size), &q))
        return 0;
    s = gh_quantity_print(q, &first);
    if (!gh_quantity_parse(s, &again) || gh_quantity_cmp(q, again) != 0 ||
        (q.format == again.format &&
         !gh_slice_eq(s, gh_quantity_print(again, &second))) ||
        gh_quantity_milli(q) != gh_quantity_milli(again))
        abort();
    return 0;
}
