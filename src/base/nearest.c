/* SPDX-License-Identifier: Apache-2.0 */
#include "base/nearest.h"

#define MAX_LEN 64

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;

    return ab < c ? ab : c;
}

static char fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Restricted Damerau-Levenshtein, without case; three rolling rows. */
static size_t distance(struct gh_slice a, struct gh_slice b)
{
    size_t rows[3][MAX_LEN + 1];

    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t *now = rows[i % 3];
        const size_t *before = rows[(i + 2) % 3];
        const size_t *two_before = rows[(i + 1) % 3];

        now[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            char x = fold(a.ptr[i - 1]);
            char y = fold(b.ptr[j - 1]);

            now[j] =
                min3(before[j] + 1, now[j - 1] + 1, before[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == fold(b.ptr[j - 2]) &&
                y == fold(a.ptr[i - 2]) && two_before[j - 2] + 1 < now[j])
                now[j] = two_before[j - 2] + 1;
        }
    }
    return rows[a.len % 3][b.len];
}

void gh_nearest_init(struct gh_nearest *n, struct gh_slice wanted)
{
    *n = (struct gh_nearest){
        .wanted = gh_slice_head(wanted, MAX_LEN),
        .distance = wanted.len / 3 + 2,
    };
}

void gh_nearest_offer(struct gh_nearest *n, struct gh_slice name)
{
    size_t d;

    if (name.len == 0 || name.len > MAX_LEN || n->wanted.len == 0)
        return;
    d = distance(n->wanted, name);
    if (d >= n->distance || d >= name.len)
        return;
    n->distance = d;
    n->best = name;
}
