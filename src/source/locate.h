/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * From an object and a field path back to a place in its file
 *
 * The store keeps where an object began, not where each field stood: that would
 * cost memory for every pod to help with the few that have a fault. So the file
 * is read again, when someone wants to point at a line: only the one document
 * for JSON, streamed; the whole file for YAML. A file that changed or vanished
 * meanwhile costs the field's place, nothing else.
 *
 * Questions for one file are cheapest in ascending order of lines.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct gh_locator;

struct gh_location {
    uint32_t line; /* from 1 */
    uint32_t column;
    uint32_t end_column; /* behind the last byte; equal: nothing to underline */
    bool exact;          /* the field itself, not what is around it */
};

struct gh_locator *gh_locator_new(void);
struct gh_locator *gh_locator_free(struct gh_locator *l);

/**
 * gh_locate() - where is this field?
 * @file: as the store knows it; "-" cannot be read again
 * @line, @column: where the object begins
 * @path: "spec.rules[0].matches[1]", names with dots in brackets or as they
 *        are; absent: the object's name
 *
 * Return: false when the object was not found again.
 */
bool gh_locate(struct gh_locator *l, struct gh_slice file, uint32_t line,
               uint32_t column, struct gh_slice path, struct gh_location *ret);

/*
 * Line @line of the file last asked about, without its end; absent when it is
 * not at hand. Borrowed until the next question. @ret_column: of its first
 * byte; more than 1 in an endless line.
 */
struct gh_slice gh_locator_line(struct gh_locator *l, uint32_t line,
                                uint32_t *ret_column);
