/* SPDX-License-Identifier: Apache-2.0 */

/* Channels: none of them blocks, and none changes the descriptor it was made
 * from. */

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/channel.h"

/* Writes until nothing more is taken. Return: bytes. */
static size_t fill(const struct gh_channel *c)
{
    static char block[65536];
    size_t sum = 0;
    ssize_t n;

    while ((n = gh_channel_write(c, gh_slice_of(block, sizeof(block)))) > 0)
        sum += (size_t)n;
    assert_true(gh_channel_again());
    return sum;
}

static void check(int in_fd, int out_fd, enum gh_channel_kind kind)
{
    struct gh_loop *loop = gh_loop_new(&(struct gh_err){0});
    int in_flags = fcntl(in_fd, F_GETFL);
    int out_flags = fcntl(out_fd, F_GETFL);
    struct gh_channel out;
    struct gh_channel in;
    struct gh_err err;
    char c[8];

    assert_true(gh_channel_open(&in, in_fd, GH_CHANNEL_IN, &err));
    assert_true(gh_channel_open(&out, out_fd, GH_CHANNEL_OUT, &err));
    assert_int_equal(in.kind, kind);
    assert_int_equal(out.kind, kind);
    assert_true(gh_channel_eager(&out));
    assert_int_equal(gh_channel_read(&in, c, sizeof(c)), -1);
    assert_true(gh_channel_again());
    assert_int_equal(gh_channel_write(&out, GH_SLICE("abc")), 3);
    assert_int_equal(gh_channel_read(&in, c, sizeof(c)), 3);
    assert_memory_equal(c, "abc", 3);
    assert_true(fill(&out) > 4096);
    assert_int_equal(fcntl(in_fd, F_GETFL), in_flags);
    assert_int_equal(fcntl(out_fd, F_GETFL), out_flags);
    gh_channel_close(&in, loop);
    assert_int_equal(gh_channel_write(&out, GH_SLICE("x")), -1);
    gh_channel_close(&out, loop);
    gh_channel_close(&out, loop);
    assert_true(fcntl(in_fd, F_GETFD) >= 0);
    (void)close(in_fd);
    (void)close(out_fd);
    (void)gh_loop_free(loop);
}

static void test_pipe(void **state)
{
    int fds[2];

    (void)state;
    assert_int_equal(pipe(fds), 0);
    check(fds[0], fds[1], GH_CHANNEL_PRIVATE);
}

static void test_socket(void **state)
{
    int fds[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    check(fds[0], fds[1], GH_CHANNEL_SOCKET);
}

static void test_file(void **state)
{
    char path[] = "/tmp/gatehouse-test-XXXXXX";
    struct gh_channel c;
    struct gh_loop *loop = gh_loop_new(&(struct gh_err){0});
    struct gh_err err;
    char text[8];
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "123456", 6), 6);
    assert_int_equal(lseek(fd, 3, SEEK_SET), 3);
    assert_true(gh_channel_open(&c, fd, GH_CHANNEL_IN, &err));
    /* where others left off, not from the start */
    assert_int_equal(gh_channel_read(&c, text, sizeof(text)), 3);
    assert_memory_equal(text, "456", 3);
    assert_int_equal(gh_channel_read(&c, text, sizeof(text)), 0);
    gh_channel_close(&c, loop);
    (void)close(fd);
    (void)unlink(path);
    (void)gh_loop_free(loop);
}

static void test_closed(void **state)
{
    struct gh_channel c;
    struct gh_err err = {0};

    (void)state;
    assert_false(gh_channel_open(&c, -1, GH_CHANNEL_IN, &err));
    assert_string_equal(err.text, "standard input is closed");
    assert_false(gh_channel_open(&c, -1, GH_CHANNEL_OUT, &err));
    assert_string_equal(err.text, "standard output is closed");
}

/* Where nothing better is possible, a write is what surely fits. */
static void test_shared(void **state)
{
    static char block[65536];
    struct gh_channel c = {.kind = GH_CHANNEL_SHARED};
    int fds[2];

    (void)state;
    assert_int_equal(pipe(fds), 0);
    c.source.fd = fds[1];
    assert_false(gh_channel_eager(&c));
    assert_int_equal(gh_channel_write(&c, gh_slice_of(block, sizeof(block))),
                     4096);
    (void)close(fds[0]);
    (void)close(fds[1]);
}

int main(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pipe),   cmocka_unit_test(test_socket),
        cmocka_unit_test(test_file),   cmocka_unit_test(test_closed),
        cmocka_unit_test(test_shared),
    };

    (void)sigaction(SIGPIPE, &ignore, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
