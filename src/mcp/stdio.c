/* SPDX-License-Identifier: Apache-2.0 */
#include "mcp/stdio.h"

#include <signal.h>
#include <stdio.h>

#include "base/mem.h"
#include "io/channel.h"
#include "mcp/lines.h"

#define CHUNK_BYTES ((size_t)64 << 10)
#define WORK_US 1000
/* More than a turn can produce from below the high-water mark. */
#define QUEUE_BYTES ((size_t)256 << 20)

enum stage {
    RUNNING,
    DRAINING, /* no more input; answering what was asked */
    FLUSHING, /* all is said; the rest of it is on its way */
    ENDED,
};

struct gh_mcp_stdio {
    struct gh_loop *loop;
    struct gh_mcp_stdio_options opt;
    struct gh_mcp_peer *peer;
    enum stage stage;
    struct gh_channel in;
    struct gh_channel out;
    struct gh_loop_timer work;  /* there is something to do at once */
    bool busy;                  /* the peer has requests to work on */
    struct gh_loop_timer stall; /* the client takes nothing */
    bool urgent;                /* told to stop: progress buys no more time */
    struct sigaction pipe_before;

    struct gh_lines lines;
    struct gh_slice unread; /* what of the chunk is not looked at yet */
    struct gh_buf queue;    /* output; the first @sent bytes are gone */
    size_t sent;
    char chunk[CHUNK_BYTES];
};

static void pump(struct gh_mcp_stdio *s);

static void warn(const struct gh_mcp_stdio *s, const char *text)
{
    if (s->opt.warn)
        s->opt.warn(s->opt.ctx, text);
    else
        (void)fprintf(stderr, "gatehouse: mcp: %s\n", text);
}

/* --- output
 * ------------------------------------------------------------------- */

static size_t waiting(const struct gh_mcp_stdio *s)
{
    return s->queue.len - s->sent;
}

static bool above_water(const struct gh_mcp_stdio *s)
{
    return waiting(s) >= s->opt.high_water_bytes;
}

static void drop_sent(struct gh_mcp_stdio *s)
{
    size_t limit = s->queue.limit;

    gh_buf_drop(&s->queue, s->sent);
    s->sent = 0;
    if (s->queue.len > 0 || s->queue.cap <= s->opt.high_water_bytes)
        return;
    gh_buf_fini(&s->queue);
    gh_buf_init(&s->queue, limit);
}

static enum gh_rc enqueue(void *ctx, struct gh_slice message)
{
    struct gh_mcp_stdio *s = ctx;

    if (s->sent > 0 && s->sent >= s->queue.len / 2)
        drop_sent(s);
    (void)gh_buf_add(&s->queue, message);
    (void)gh_buf_addc(&s->queue, '\n');
    return gh_buf_rc(&s->queue);
}

static void end(struct gh_mcp_stdio *s)
{
    if (s->stage == ENDED)
        return;
    s->stage = ENDED;
    gh_channel_close(&s->in, s->loop);
    gh_channel_close(&s->out, s->loop);
    gh_loop_timer_stop(s->loop, &s->work);
    gh_loop_timer_stop(s->loop, &s->stall);
    gh_loop_stop(s->loop);
}

/* Writes what the client takes. It went away: so do we. */
static void flush(struct gh_mcp_stdio *s)
{
    while (s->stage != ENDED && waiting(s) > 0) {
        ssize_t n = gh_channel_write(
            &s->out, gh_slice_drop(gh_buf_slice(&s->queue), s->sent));

        if (n < 0 && !gh_channel_again())
            end(s);
        if (n <= 0)
            return;
        s->sent += (size_t)n;
        if (s->stall.started && !s->urgent)
            gh_loop_timer_start(s->loop, &s->stall, s->opt.flush_ms);
        if (!gh_channel_eager(&s->out))
            return; /* until it is ready again */
    }
    drop_sent(s);
}

static void on_writable(void *ctx, unsigned ready)
{
    struct gh_mcp_stdio *s = ctx;

    if (ready & GH_LOOP_HANGUP)
        end(s);
    else
        flush(s);
    pump(s);
}

/* --- input
 * --------------------------------------------------------------------- */

static void drain(struct gh_mcp_stdio *s)
{
    if (s->stage == RUNNING)
        s->stage = DRAINING;
    if (!s->stall.started)
        gh_loop_timer_start(s->loop, &s->stall, s->opt.flush_ms);
}

static void take_line(struct gh_mcp_stdio *s, struct gh_slice line)
{
    if (gh_slice_trim(line).len == 0)
        return;
    if (gh_mcp_peer_message(s->peer, line) < 0)
        end(s);
}

/* Looks at what was read, as far as there is room for what follows from it. */
static void take_lines(struct gh_mcp_stdio *s)
{
    while (s->stage != ENDED && s->unread.len > 0 && !above_water(s) &&
           !gh_mcp_peer_full(s->peer)) {
        struct gh_slice line;
        enum gh_rc rc = gh_lines_next(&s->lines, &s->unread, &line);

        if (rc == GH_OK)
            take_line(s, line);
        else if (rc < 0 && gh_mcp_peer_reject(s->peer, rc) < 0)
            end(s);
    }
}

static bool parses(struct gh_slice text, size_t limit)
{
    struct gh_json_doc doc;
    struct gh_arena arena;
    bool ok;

    gh_arena_init(&arena, limit * 20);
    ok = gh_json_parse(text, &arena, NULL, &doc, NULL) == GH_OK;
    gh_arena_fini(&arena);
    return ok;
}

static void end_of_input(struct gh_mcp_stdio *s)
{
    struct gh_slice line;

    if (gh_lines_rest(&s->lines, &line) && gh_slice_trim(line).len > 0) {
        if (parses(line, s->opt.max_line_bytes))
            take_line(s, line);
        else
            warn(s, "input ends within a message, which is ignored");
    }
    gh_channel_close(&s->in, s->loop);
    if (s->stage != ENDED)
        drain(s);
}

static void on_readable(void *ctx, unsigned ready)
{
    struct gh_mcp_stdio *s = ctx;
    ssize_t n;

    if (s->unread.len > 0) { /* not asked for, but hung up */
        gh_loop_fd_stop(s->loop, &s->in.source);
        return;
    }
    (void)ready;
    n = gh_channel_read(&s->in, s->chunk, sizeof(s->chunk));
    if (n > 0)
        s->unread = gh_slice_of(s->chunk, (size_t)n);
    else if (n == 0 || !gh_channel_again())
        end_of_input(s);
    pump(s);
}

/* --- work
 * ------------------------------------------------------------------------ */

static void close_peer(struct gh_mcp_stdio *s)
{
    s->stage = FLUSHING;
    if (gh_mcp_peer_shutdown(s->peer) < 0)
        end(s);
}

/* Above the high-water mark there is something to do, but not now. */
static void work(struct gh_mcp_stdio *s)
{
    enum gh_rc rc = GH_MORE;

    if (!above_water(s))
        rc = gh_mcp_peer_run(s->peer, WORK_US);
    s->busy = rc == GH_MORE;
    if (rc < 0)
        end(s);
    else if (rc == GH_OK && s->stage == DRAINING && s->unread.len == 0)
        close_peer(s);
}

static void want(struct gh_mcp_stdio *s)
{
    bool read = s->stage == RUNNING && s->unread.len == 0;

    if (s->in.source.started)
        gh_loop_fd_want(s->loop, &s->in.source, read ? GH_LOOP_READ : 0);
    else if (read && gh_loop_fd_start(s->loop, &s->in.source, GH_LOOP_READ) < 0)
        end(s);
    if (s->stage != ENDED)
        gh_loop_fd_want(s->loop, &s->out.source,
                        waiting(s) > 0 ? GH_LOOP_WRITE : 0);
}

/* Moves everything on as far as it goes; called after whatever happened. The
 * input is looked at before any work, and work is cut into slices, so a
 * cancellation overtakes what it cancels. */
static void pump(struct gh_mcp_stdio *s)
{
    if (s->stage == ENDED)
        return;
    take_lines(s);
    if (s->stage != ENDED && !s->work.started)
        gh_loop_timer_start(s->loop, &s->work, 0);
    if (s->stage != ENDED)
        want(s);
}

static void on_work(void *ctx)
{
    struct gh_mcp_stdio *s = ctx;

    take_lines(s);
    if (s->stage != ENDED)
        work(s);
    if (gh_channel_eager(&s->out))
        flush(s);
    if (s->stage == FLUSHING && waiting(s) == 0)
        end(s);
    if (s->stage == ENDED)
        return;
    if (!above_water(s) && (s->busy || s->unread.len > 0))
        gh_loop_timer_start(s->loop, &s->work, 0);
    want(s);
}

static void on_stall(void *ctx)
{
    struct gh_mcp_stdio *s = ctx;

    if (waiting(s) == 0 && !s->urgent) {
        gh_loop_timer_start(s->loop, &s->stall, s->opt.flush_ms);
        return; /* it is us who are slow */
    }
    warn(s, waiting(s) > 0 ? "the client does not read; answers are lost"
                           : "stopped before everything was answered");
    end(s);
}

/* --- the end from outside
 * ---------------------------------------------------------- */

void gh_mcp_stdio_stop(struct gh_mcp_stdio *s)
{
    if (s->stage == ENDED)
        return;
    if (s->urgent) {
        end(s);
        return;
    }
    s->urgent = true;
    s->unread.len = 0;
    gh_channel_close(&s->in, s->loop);
    gh_loop_timer_stop(s->loop, &s->stall);
    drain(s);
    pump(s);
}

static void on_signal(void *ctx, int signal_number)
{
    (void)signal_number;
    gh_mcp_stdio_stop(ctx);
}

void gh_mcp_stdio_changed(struct gh_mcp_stdio *s, enum gh_mcp_changed what,
                          struct gh_slice uri_prefix)
{
    if (s->stage == ENDED)
        return;
    if (gh_mcp_peer_changed(s->peer, what, uri_prefix) < 0)
        end(s);
    pump(s);
}

/* --- life
 * ---------------------------------------------------------------------------
 */

static bool start(struct gh_mcp_stdio *s, struct gh_err *err)
{
    static const int signals[] = {SIGTERM, SIGINT};

    if (!gh_channel_open(&s->in, s->opt.in_fd, GH_CHANNEL_IN, err) ||
        !gh_channel_open(&s->out, s->opt.out_fd, GH_CHANNEL_OUT, err))
        return false;
    s->in.source.fn = on_readable;
    s->in.source.ctx = s;
    s->out.source.fn = on_writable;
    s->out.source.ctx = s;
    if (gh_loop_fd_start(s->loop, &s->in.source, GH_LOOP_READ) != GH_OK ||
        gh_loop_fd_start(s->loop, &s->out.source, 0) != GH_OK) {
        gh_err_set(err, "cannot wait for standard input and output");
        return false;
    }
    if (s->opt.signals && gh_loop_signals(s->loop, signals, GH_COUNT(signals),
                                          on_signal, s) != GH_OK) {
        gh_err_set(err, "cannot receive signals");
        return false;
    }
    return true;
}

struct gh_mcp_stdio *gh_mcp_stdio_new(struct gh_loop *loop, struct gh_mcp *m,
                                      const struct gh_mcp_stdio_options *opt,
                                      struct gh_err *err)
{
    struct gh_mcp_stdio *s = GH_XNEW(struct gh_mcp_stdio);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct gh_mcp_stdio_options *o = &s->opt;

    *o = *opt;
    o->max_line_bytes = o->max_line_bytes ? o->max_line_bytes : 4u << 20;
    o->high_water_bytes = o->high_water_bytes ? o->high_water_bytes : 1u << 20;
    o->flush_ms = o->flush_ms ? o->flush_ms : 5000;
    s->loop = loop;
    s->in.source.fd = s->out.source.fd = -1;
    s->work = (struct gh_loop_timer){.fn = on_work, .ctx = s};
    s->stall = (struct gh_loop_timer){.fn = on_stall, .ctx = s};
    gh_lines_init(&s->lines, o->max_line_bytes);
    gh_buf_init(&s->queue, o->high_water_bytes + QUEUE_BYTES);
    s->peer = gh_mcp_peer_new(m, enqueue, s);
    gh_mcp_peer_share_channel(s->peer);
    (void)sigaction(SIGPIPE, &ignore, &s->pipe_before);
    return start(s, err) ? s : gh_mcp_stdio_free(s);
}

struct gh_mcp_stdio *gh_mcp_stdio_free(struct gh_mcp_stdio *s)
{
    if (!s)
        return NULL;
    gh_channel_close(&s->in, s->loop);
    gh_channel_close(&s->out, s->loop);
    gh_loop_timer_stop(s->loop, &s->work);
    gh_loop_timer_stop(s->loop, &s->stall);
    (void)gh_mcp_peer_free(s->peer);
    gh_lines_fini(&s->lines);
    gh_buf_fini(&s->queue);
    (void)sigaction(SIGPIPE, &s->pipe_before, NULL);
    gh_free(s);
    return NULL;
}
