/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The bytes of a file, decompressed
 *
 * gzip (several members behind each other, too) and Zstandard are recognized by
 * their first bytes, whatever the file is called. What comes out is counted
 * against a limit, so a small file that unpacks to a huge one ends in a clear
 * error. Zstandard's window is bounded at 128 MiB.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/rc.h"

struct gh_stream;

/* @fd is borrowed. @max_bytes: after decompression. */
struct gh_stream *gh_stream_new(int fd, uint64_t max_bytes);
struct gh_stream *gh_stream_free(struct gh_stream *s);

/**
 * gh_stream_read() - the next bytes
 * @size: more than 0
 *
 * Return: GH_OK with at least one byte; GH_END; GH_EIO, GH_EPROTO (damaged or
 * cut off) or GH_ETOOBIG with @err.
 */
GH_MUST_CHECK enum gh_rc gh_stream_read(struct gh_stream *s, char *to,
                                        size_t size, size_t *ret_len,
                                        struct gh_err *err);
