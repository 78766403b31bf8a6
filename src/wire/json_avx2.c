/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/json_internal.h"

/*
 * JSON back end for x86-64 with AVX2: 32 bytes at a time
 *
 * Built into every x86-64 binary and chosen when the processor has AVX2: the
 * functions carry their instruction set, the rest of the file does not. Near
 * the end of the input the last 32 bytes are loaded again and those already
 * seen are shifted out, so nothing is ever read beyond it.
 */

#if defined(__x86_64__)

#include <immintrin.h>

#define CORE_TARGET __attribute__((target("avx2,bmi,popcnt")))
#define PRIMITIVE                                                              \
    CORE_TARGET static inline __attribute__((always_inline, artificial))

PRIMITIVE __m256i load(const char *c)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)c);
}

/* Space has only itself, tab and the line ends as companions: the low half of
 * a byte selects the one white-space character it could be. */
PRIMITIVE uint32_t not_space(__m256i v)
{
    const __m256i spaces = _mm256_setr_epi8(
        ' ', -1, -1, -1, -1, -1, -1, -1, -1, '\t', '\n', -1, -1, '\r', -1, -1,
        ' ', -1, -1, -1, -1, -1, -1, -1, -1, '\t', '\n', -1, -1, '\r', -1, -1);
    __m256i same = _mm256_cmpeq_epi8(_mm256_shuffle_epi8(spaces, v), v);

    return ~(uint32_t)_mm256_movemask_epi8(same);
}

/* Bytes over 0x7f are negative, so below 0x20, too. */
PRIMITIVE uint32_t special(__m256i v)
{
    __m256i low = _mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), v);
    __m256i quote = _mm256_cmpeq_epi8(v, _mm256_set1_epi8('"'));
    __m256i slash = _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\\'));

    return (uint32_t)_mm256_movemask_epi8(
        _mm256_or_si256(low, _mm256_or_si256(quote, slash)));
}

/* Fewer than 32 bytes are left: loads the last 32 and shifts out those in
 * front of @c; there are that many unless the whole input is shorter. */
CORE_TARGET static __attribute__((noinline)) const char *
skip_space_at_end(const struct gh_json_parser *p, const char *c)
{
    if (p->end - p->src >= 32 && c < p->end) {
        const char *last = p->end - 32;
        uint32_t found = not_space(load(last)) >> (c - last);

        return found ? c + __builtin_ctz(found) : p->end;
    }
    while (c < p->end && (*c == ' ' || *c == '\n' || *c == '\r' || *c == '\t'))
        c++;
    return c;
}

PRIMITIVE const char *skip_space(const struct gh_json_parser *p, const char *c)
{
    if (c<p->end && * c> ' ')
        return c;
    for (; p->end - c >= 32; c += 32) {
        uint32_t found = not_space(load(c));

        if (GH_LIKELY(found))
            return c + __builtin_ctz(found);
    }
    return skip_space_at_end(p, c);
}

CORE_TARGET static __attribute__((noinline)) const char *
find_special_at_end(const struct gh_json_parser *p, const char *c)
{
    if (p->end - p->src >= 32 && c < p->end) {
        const char *last = p->end - 32;
        uint32_t found = special(load(last)) >> (c - last);

        return found ? c + __builtin_ctz(found) : p->end;
    }
    while (c < p->end && *c != '"' && *c != '\\' && (signed char)*c >= 0x20)
        c++;
    return c;
}

PRIMITIVE const char *find_special(const struct gh_json_parser *p,
                                   const char *c)
{
    for (; p->end - c >= 32; c += 32) {
        uint32_t found = special(load(c));

        if (GH_LIKELY(found))
            return c + __builtin_ctz(found);
    }
    return find_special_at_end(p, c);
}

#define CORE_RUN run
#include "wire/json_core.inc"

CORE_TARGET static uint64_t count_newlines(const char *c, const char *end)
{
    const __m256i newline = _mm256_set1_epi8('\n');
    uint64_t count = 0;

    for (; end - c >= 32; c += 32) {
        __m256i same = _mm256_cmpeq_epi8(load(c), newline);

        count +=
            (uint64_t)__builtin_popcount((uint32_t)_mm256_movemask_epi8(same));
    }
    for (; c < end; c++)
        count += *c == '\n';
    return count;
}

static bool usable(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("popcnt");
}

#else

/* Another architecture: there, but never chosen. */
static bool usable(void)
{
    return false;
}

#define run NULL
#define count_newlines NULL

#endif

const struct gh_json_scanner gh_json_avx2 = {"avx2", usable, run,
                                             count_newlines};
