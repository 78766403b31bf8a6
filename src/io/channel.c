/* SPDX-License-Identifier: Apache-2.0 */
#include "io/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Return: a descriptor of our own for the same thing, or -1. */
static int open_anew(int fd, enum gh_channel_way way)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return open(path, (way == GH_CHANNEL_IN ? O_RDONLY : O_WRONLY) |
                          O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

bool gh_channel_open(struct gh_channel *c, int fd, enum gh_channel_way way,
                     struct gh_err *err)
{
    const char *name = way == GH_CHANNEL_IN ? "input" : "output";
    struct stat st;
    int own = -1;

    c->source.fd = -1;
    c->source.started = false;
    if (fstat(fd, &st) < 0) {
        gh_err_set(err, "standard %s is closed", name);
        return false;
    }
    c->kind = S_ISSOCK(st.st_mode) ? GH_CHANNEL_SOCKET : GH_CHANNEL_SHARED;
    if (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode))
        own = open_anew(fd, way);
    if (own >= 0 || S_ISREG(st.st_mode))
        c->kind = GH_CHANNEL_PRIVATE;
    if (own < 0)
        own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    c->source.fd = own;
    if (own < 0)
        gh_err_set(err, "no descriptor is left for standard %s", name);
    return own >= 0;
}

void gh_channel_close(struct gh_channel *c, struct gh_loop *loop)
{
    gh_loop_fd_stop(loop, &c->source);
    if (c->source.fd >= 0)
        (void)close(c->source.fd);
    c->source.fd = -1;
}

ssize_t gh_channel_read(const struct gh_channel *c, char *ptr, size_t len)
{
    if (c->kind == GH_CHANNEL_SOCKET)
        return recv(c->source.fd, ptr, len, MSG_DONTWAIT);
    return read(c->source.fd, ptr, len);
}

/* A pipe that is ready takes PIPE_BUF bytes without blocking. */
ssize_t gh_channel_write(const struct gh_channel *c, struct gh_slice s)
{
    if (c->kind == GH_CHANNEL_SOCKET)
        return send(c->source.fd, s.ptr, s.len, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (c->kind == GH_CHANNEL_SHARED)
        s = gh_slice_head(s, PIPE_BUF);
    return write(c->source.fd, s.ptr, s.len);
}

bool gh_channel_again(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

bool gh_channel_eager(const struct gh_channel *c)
{
    return c->kind != GH_CHANNEL_SHARED || c->source.always;
}
