/* SPDX-License-Identifier: Apache-2.0 */
#include "source/stream.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/mem.h"

#define IN_BYTES ((size_t)64 << 10)
#define MAX_WINDOW_LOG 27
#define GZIP_WINDOW_BITS (15 + 16) /* 32 KiB, and a gzip header */

enum packing { UNKNOWN, PLAIN, GZIP, ZSTD };

struct gh_stream {
    int fd;
    uint64_t left; /* bytes that may still come out */
    uint64_t max_bytes;
    enum packing packing;
    bool at_eof;
    bool inside; /* a member or frame has begun and not ended */
    char *in;
    size_t in_at;
    size_t in_len;
    z_stream gzip;
    ZSTD_DStream *zstd;
};

struct gh_stream *gh_stream_new(int fd, uint64_t max_bytes)
{
    struct gh_stream *s = GH_XNEW(struct gh_stream);

    s->fd = fd;
    s->left = s->max_bytes = max_bytes;
    s->in = gh_xcalloc(1, IN_BYTES);
    return s;
}

struct gh_stream *gh_stream_free(struct gh_stream *s)
{
    if (!s)
        return NULL;
    if (s->packing == GZIP)
        (void)inflateEnd(&s->gzip);
    (void)ZSTD_freeDStream(s->zstd);
    gh_free(s->in);
    gh_free(s);
    return NULL;
}

static enum gh_rc read_some(struct gh_stream *s, char *to, size_t size,
                            size_t *ret_len, struct gh_err *err)
{
    char text[128];
    ssize_t n;

    do
        n = read(s->fd, to, size);
    while (n < 0 && errno == EINTR);
    if (n < 0) {
        gh_err_set(err, "cannot be read: %s",
                   strerror_r(errno, text, sizeof(text)));
        return GH_EIO;
    }
    s->at_eof = n == 0;
    *ret_len = (size_t)n;
    return GH_OK;
}

/* Fills the input buffer when it is used up. */
static enum gh_rc fill(struct gh_stream *s, struct gh_err *err)
{
    if (s->in_at < s->in_len || s->at_eof)
        return GH_OK;
    s->in_at = s->in_len = 0;
    return read_some(s, s->in, IN_BYTES, &s->in_len, err);
}

static enum gh_rc start(struct gh_stream *s, struct gh_err *err)
{
    enum gh_rc rc = GH_OK;
    size_t n = 0;

    while (rc == GH_OK && s->in_len < 4 && !s->at_eof) {
        rc = read_some(s, s->in + s->in_len, IN_BYTES - s->in_len, &n, err);
        s->in_len += n;
    }
    if (rc < 0)
        return rc;
    s->packing = PLAIN;
    if (s->in_len >= 2 && memcmp(s->in, "\x1f\x8b", 2) == 0) {
        if (inflateInit2(&s->gzip, GZIP_WINDOW_BITS) != Z_OK)
            return GH_ENOMEM;
        s->packing = GZIP;
    } else if (s->in_len >= 4 && memcmp(s->in, "\x28\xb5\x2f\xfd", 4) == 0) {
        s->zstd = ZSTD_createDStream();
        if (!s->zstd || ZSTD_isError(ZSTD_DCtx_setParameter(
                            s->zstd, ZSTD_d_windowLogMax, MAX_WINDOW_LOG)))
            return GH_ENOMEM;
        s->packing = ZSTD;
    }
    return GH_OK;
}

static enum gh_rc read_plain(struct gh_stream *s, char *to, size_t size,
                             size_t *ret_len, struct gh_err *err)
{
    size_t n = s->in_len - s->in_at;

    if (n == 0)
        return s->at_eof ? GH_OK : read_some(s, to, size, ret_len, err);
    n = n < size ? n : size;
    memcpy(to, s->in + s->in_at, n);
    s->in_at += n;
    *ret_len = n;
    return GH_OK;
}

static enum gh_rc damaged(const char *packing, const char *what,
                          struct gh_err *err)
{
    gh_err_set(err, "the %s data is damaged: %s", packing,
               what ? what : "unknown reason");
    return GH_EPROTO;
}

/* Between members: another one, padding, or garbage. */
static enum gh_rc next_member(struct gh_stream *s, struct gh_err *err)
{
    while (s->in_at < s->in_len && s->in[s->in_at] == '\0')
        s->in_at++;
    if (s->in_at == s->in_len)
        return GH_OK;
    if (s->in[s->in_at] != '\x1f')
        return damaged("gzip", "other bytes follow it", err);
    (void)inflateReset(&s->gzip);
    s->inside = true;
    return GH_OK;
}

static enum gh_rc inflate_some(struct gh_stream *s, char *to, size_t size,
                               size_t *ret_len, struct gh_err *err)
{
    uInt room = size < UINT32_MAX ? (uInt)size : UINT32_MAX;
    int result;

    if (!s->inside) {
        enum gh_rc rc = next_member(s, err);

        if (rc < 0 || !s->inside)
            return rc;
    }
    s->gzip.next_in = (Bytef *)s->in + s->in_at;
    s->gzip.avail_in = (uInt)(s->in_len - s->in_at);
    s->gzip.next_out = (Bytef *)to;
    s->gzip.avail_out = room;
    result = inflate(&s->gzip, Z_NO_FLUSH);
    s->in_at = s->in_len - s->gzip.avail_in;
    *ret_len = room - s->gzip.avail_out;
    s->inside = result != Z_STREAM_END;
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
        return damaged("gzip", s->gzip.msg, err);
    return GH_OK;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): @to is written by libzstd */
static enum gh_rc unzstd_some(struct gh_stream *s, char *to, size_t size,
                              size_t *ret_len, struct gh_err *err)
{
    ZSTD_inBuffer in = {.src = s->in, .size = s->in_len, .pos = s->in_at};
    ZSTD_outBuffer out = {.dst = to, .size = size};
    size_t hint;

    if (in.pos == in.size && !s->inside)
        return GH_OK;
    hint = ZSTD_decompressStream(s->zstd, &out, &in);
    s->in_at = in.pos;
    *ret_len = out.pos;
    if (ZSTD_isError(hint))
        return damaged("Zstandard", ZSTD_getErrorName(hint), err);
    s->inside = hint != 0;
    return GH_OK;
}

static enum gh_rc unpack(struct gh_stream *s, char *to, size_t size,
                         size_t *ret_len, struct gh_err *err)
{
    enum gh_rc rc = GH_OK;

    while (rc == GH_OK && *ret_len == 0) {
        bool dry;

        rc = fill(s, err);
        if (rc < 0)
            break;
        dry = s->at_eof && s->in_at == s->in_len;
        rc = s->packing == GZIP ? inflate_some(s, to, size, ret_len, err)
                                : unzstd_some(s, to, size, ret_len, err);
        if (!dry || *ret_len > 0 || rc < 0)
            continue;
        if (s->inside)
            return damaged(s->packing == GZIP ? "gzip" : "Zstandard",
                           "it ends too early", err);
        break;
    }
    return rc;
}

enum gh_rc gh_stream_read(struct gh_stream *s, char *to, size_t size,
                          size_t *ret_len, struct gh_err *err)
{
    enum gh_rc rc = s->packing == UNKNOWN ? start(s, err) : GH_OK;
    size_t n = 0;

    if (rc == GH_OK && s->packing == PLAIN)
        rc = read_plain(s, to, size, &n, err);
    else if (rc == GH_OK)
        rc = unpack(s, to, size, &n, err);
    if (rc == GH_ENOMEM)
        gh_err_set(err, "out of memory");
    if (rc < 0)
        return rc;
    if (n > s->left) {
        gh_err_set(err, "the file is larger than %llu bytes",
                   (unsigned long long)s->max_bytes);
        return GH_ETOOBIG;
    }
    s->left -= n;
    *ret_len = n;
    return n > 0 ? GH_OK : GH_END;
}
