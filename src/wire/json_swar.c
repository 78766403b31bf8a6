/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/json_internal.h"

/*
 * JSON back end for any machine: eight bytes in a register
 *
 * The bit tricks find the first byte of interest exactly; a byte behind it may
 * be reported wrongly, which does not matter. Loads are made little-endian, so
 * the first byte is the lowest.
 */

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* High bit set in the first byte that is below @limit, which is under 0x80. */
static inline uint64_t below(uint64_t word, unsigned limit)
{
    return (word - EACH(limit)) & ~word & EACH(0x80);
}

static inline const char *skip_space(const struct gh_json_parser *p,
                                     const char *c)
{
    const char *end = p->end;

    while (end - c >= 8 && gh_json_load64(c) == EACH(' '))
        c += 8;
    while (c < end && (*c == ' ' || *c == '\n' || *c == '\r' || *c == '\t')) {
        c++;
        while (end - c >= 8 && gh_json_load64(c) == EACH(' '))
            c += 8;
    }
    return c;
}

static inline bool is_special(char c)
{
    return c == '"' || c == '\\' || (signed char)c < 0x20;
}

static inline const char *find_special(const struct gh_json_parser *p,
                                       const char *c)
{
    const char *end = p->end;

    for (; end - c >= 8; c += 8) {
        uint64_t word = gh_json_load64(c);
        uint64_t found = (word & EACH(0x80)) | below(word, 0x20) |
                         below(word ^ EACH('"'), 1) |
                         below(word ^ EACH('\\'), 1);

        if (found)
            return c + (__builtin_ctzll(found) >> 3);
    }
    while (c < end && !is_special(*c))
        c++;
    return c;
}

#define CORE_TARGET
#define CORE_RUN run
#include "wire/json_core.inc"

static uint64_t count_newlines(const char *c, const char *end)
{
    uint64_t count = 0;

    while ((c = memchr(c, '\n', (size_t)(end - c)))) {
        count++;
        c++;
    }
    return count;
}

static bool usable(void)
{
    return true;
}

const struct gh_json_scanner gh_json_swar = {"swar", usable, run,
                                             count_newlines};
