/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/json_internal.h"

/*
 * JSON back end for any x86-64: 16 bytes at a time, with SSE2
 */

#if defined(__x86_64__)

#include <emmintrin.h>

#define CORE_TARGET
#define PRIMITIVE static inline __attribute__((always_inline))

PRIMITIVE __m128i load(const char *c)
{
    return _mm_loadu_si128((const __m128i *)(const void *)c);
}

PRIMITIVE __m128i equal(__m128i v, char c)
{
    return _mm_cmpeq_epi8(v, _mm_set1_epi8(c));
}

PRIMITIVE uint32_t not_space(__m128i v)
{
    __m128i blank = _mm_or_si128(equal(v, ' '), equal(v, '\t'));
    __m128i line = _mm_or_si128(equal(v, '\n'), equal(v, '\r'));

    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(blank, line)) ^ 0xffffu;
}

/* Bytes over 0x7f are negative, so below 0x20, too. */
PRIMITIVE uint32_t special(__m128i v)
{
    __m128i low = _mm_cmplt_epi8(v, _mm_set1_epi8(0x20));
    __m128i mark = _mm_or_si128(equal(v, '"'), equal(v, '\\'));

    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(low, mark));
}

/* Fewer than 16 bytes are left: loads the last 16 and shifts out those in
 * front of @c; there are that many unless the whole input is shorter. */
static __attribute__((noinline)) const char *
skip_space_at_end(const struct gh_json_parser *p, const char *c)
{
    if (p->end - p->src >= 16 && c < p->end) {
        const char *last = p->end - 16;
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
    for (; p->end - c >= 16; c += 16) {
        uint32_t found = not_space(load(c));

        if (GH_LIKELY(found))
            return c + __builtin_ctz(found);
    }
    return skip_space_at_end(p, c);
}

static __attribute__((noinline)) const char *
find_special_at_end(const struct gh_json_parser *p, const char *c)
{
    if (p->end - p->src >= 16 && c < p->end) {
        const char *last = p->end - 16;
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
    for (; p->end - c >= 16; c += 16) {
        uint32_t found = special(load(c));

        if (GH_LIKELY(found))
            return c + __builtin_ctz(found);
    }
    return find_special_at_end(p, c);
}

#define CORE_RUN run
#include "wire/json_core.inc"

static uint64_t count_newlines(const char *c, const char *end)
{
    uint64_t count = 0;

    for (; end - c >= 16; c += 16)
        count += (uint64_t)__builtin_popcount(
            (uint32_t)_mm_movemask_epi8(equal(load(c), '\n')));
    for (; c < end; c++)
        count += *c == '\n';
    return count;
}

static bool usable(void)
{
    return true;
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

const struct gh_json_scanner gh_json_sse2 = {"sse2", usable, run,
                                             count_newlines};
