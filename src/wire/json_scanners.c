/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/json_internal.h"

/*
 * Which JSON back ends there are, the fastest first
 */

const struct gh_json_scanner *gh_json_scanner_at(size_t index)
{
    static const struct gh_json_scanner *const all[] = {
        &gh_json_avx2, &gh_json_sse2, &gh_json_swar};

    return index < GH_COUNT(all) ? all[index] : NULL;
}

const struct gh_json_scanner *gh_json_scanner_best(bool portable)
{
    const struct gh_json_scanner *best;

    if (portable)
        return &gh_json_swar;
    for (size_t i = 0; (best = gh_json_scanner_at(i)); i++)
        if (best->usable())
            return best;
    return &gh_json_swar;
}
