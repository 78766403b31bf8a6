/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * JSON Schema, spelled in C
 *
 * Output schemas are text, and must fit what the tools write to the letter.
 * These macros keep them short enough to be read beside the code that writes.
 * Objects are closed: a field that is not in the schema fails the tests.
 *
 *   S_OBJECT("\"name\"", S_STR("name", "of the Service") ","
 *                        S_INT("port", "its number"))
 */

#define S_OBJECT(required, properties)                                         \
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":"        \
    "[" required "],\"properties\":{" properties "}}"

/* An object whose names are data. */
#define S_MAP(values)                                                          \
    "{\"type\":\"object\",\"additionalProperties\":" values "}"

#define S_ARRAY(items) "{\"type\":\"array\",\"items\":" items "}"
#define S_STRING "{\"type\":\"string\"}"
#define S_STRINGS S_ARRAY(S_STRING)

#define S_PROP(name, schema) "\"" name "\":" schema
#define S_STR(name, what)                                                      \
    "\"" name "\":{\"type\":\"string\",\"description\":\"" what "\"}"
#define S_INT(name, what)                                                      \
    "\"" name "\":{\"type\":\"integer\",\"description\":\"" what "\"}"
#define S_BOOL(name, what)                                                     \
    "\"" name "\":{\"type\":\"boolean\",\"description\":\"" what "\"}"
#define S_LIST(name, what)                                                     \
    "\"" name "\":{\"type\":\"array\",\"description\":\"" what                 \
    "\",\"items\":{\"type\":\"string\"}}"
#define S_ENUM(name, what, values)                                             \
    "\"" name "\":{\"type\":\"string\",\"description\":\"" what                \
    "\",\"enum\":[" values "]}"

#define S_VERDICTS                                                             \
    "\"allow\",\"deny\",\"not-found\",\"not-enforced\",\"depends\",\"mixed\""

#define S_NEXT_CURSOR                                                          \
    S_STR("nextCursor", "present when there is more: pass it as cursor")
