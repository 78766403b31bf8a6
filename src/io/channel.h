/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inherited descriptors, used without blocking and without changing them
 *
 * Standard input and output are usually shared with others (a shell, a parent,
 * another child), and O_NONBLOCK belongs to what is shared: setting it breaks
 * them, also after we crash. So pipes and terminals are opened anew, sockets
 * are asked call by call, and where neither works, no more is read or written
 * than goes for certain once the event loop says ready.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/slice.h"
#include "io/loop.h"

enum gh_channel_kind {
    GH_CHANNEL_SOCKET,  /* MSG_DONTWAIT */
    GH_CHANNEL_PRIVATE, /* opened anew, non-blocking; or a file, never blocks */
    GH_CHANNEL_SHARED,  /* only when ready, and only what fits */
};

enum gh_channel_way { GH_CHANNEL_IN, GH_CHANNEL_OUT };

struct gh_channel {
    struct gh_loop_fd source; /* fn and ctx are the owner's; fd -1: closed */
    enum gh_channel_kind kind;
};

/* @fd is borrowed: closing the channel leaves it as it was. */
GH_MUST_CHECK bool gh_channel_open(struct gh_channel *c, int fd,
                                   enum gh_channel_way way, struct gh_err *err);

/* Stops and closes. Idempotent. */
void gh_channel_close(struct gh_channel *c, struct gh_loop *loop);

/* Bytes, 0 at the end, or -1: gh_channel_again() says whether to wait. */
ssize_t gh_channel_read(const struct gh_channel *c, char *ptr, size_t len);
ssize_t gh_channel_write(const struct gh_channel *c, struct gh_slice s);
bool gh_channel_again(void);

/* Whether a write may be tried although the loop did not say ready. */
bool gh_channel_eager(const struct gh_channel *c);
