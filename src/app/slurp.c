/* SPDX-License-Identifier: Apache-2.0 */

#include "app/slurp.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "source/stream.h"

enum { STEP_BYTES = 256 * 1024 };

static bool fail(struct gh_err *err, const char *path)
{
    gh_err_at(err, gh_slice_str(path), 0, 0);
    return false;
}

static enum gh_rc read_some(struct gh_stream *stream, struct gh_buf *out,
                            struct gh_err *err)
{
    size_t len = 0;
    enum gh_rc rc = gh_buf_reserve(out, STEP_BYTES);

    if (rc != GH_OK) {
        gh_err_set(err, "%s", gh_rc_text(rc));
        return rc;
    }
    rc = gh_stream_read(stream, out->ptr + out->len, STEP_BYTES, &len, err);
    if (rc == GH_OK)
        out->len += len;
    return rc;
}

bool gh_slurp(const char *path, struct gh_buf *out, struct gh_err *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    struct gh_stream *stream;
    enum gh_rc rc;

    if (fd < 0) {
        gh_err_set(err, "%s", strerrordesc_np(errno));
        return fail(err, path);
    }
    stream = gh_stream_new(fd, out->limit);
    while ((rc = read_some(stream, out, err)) == GH_OK)
        ;
    gh_stream_free(stream);
    if (!is_stdin)
        (void)close(fd);
    return rc == GH_END || fail(err, path);
}
