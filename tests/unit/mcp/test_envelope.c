/* SPDX-License-Identifier: Apache-2.0 */

/* Messages that are broken, ids, cancellation, and limits. */

#include "conversation.h"

#define INIT(date)                                                             \
    "{'jsonrpc':'2.0','id':0,'method':'initialize','params':{"                 \
    "'protocolVersion':'" date "','capabilities':{}}}"
#define ASK(id, method, params)                                                \
    "{'jsonrpc':'2.0','id':" id ",'method':'" method "','params':{" params     \
    "$M}}"
#define SLOW(id, steps)                                                        \
    ASK(id, "tools/call", "'name':'slow','arguments':{'steps':" steps "},")
#define CANCEL(id)                                                             \
    "{'jsonrpc':'2.0','method':'notifications/cancelled','params':{"           \
    "'requestId':" id "}}"
#define REQUEST_ERROR "~{'jsonrpc':'2.0','error':{'code':-32600,"
#define PARSE_ERROR "~{'jsonrpc':'2.0','error':{'code':-32700,"

static const struct conversation broken[] = {
    {.name = "not JSON",
     .sent = {"{", "x", "{'jsonrpc':'2.0','id':1,'method':'ping'}}", "\xff",
              "{'a':'\xc3('}", "{'a':'\\ud800'}", "\xef\xbb\xbf{}", "{'a':1,}",
              "{'jsonrpc':'2.0'\n,'id':01}"},
     .expected = {PARSE_ERROR, PARSE_ERROR, PARSE_ERROR, PARSE_ERROR,
                  PARSE_ERROR, PARSE_ERROR, PARSE_ERROR, PARSE_ERROR,
                  PARSE_ERROR}},
    {.name = "JSON, but no message",
     .sent = {"1", "null", "'ping'", "{}", "[]",
              "{'jsonrpc':'1.0','id':1,'method':'ping'}",
              "{'jsonrpc':'2.0','id':1}",
              "{'jsonrpc':'2.0','id':'x','method':"
              "7}",
              "{'id':5,'method':'ping'}"},
     .expected = {REQUEST_ERROR, REQUEST_ERROR, REQUEST_ERROR, REQUEST_ERROR,
                  REQUEST_ERROR, "~'id':1,'error':{'code':-32600,",
                  "~'id':1,'error':{'code':-32600,",
                  "~'id':'x','error':{'code':-32600,",
                  "~'id':5,'error':{'code':-32600,"}},
    {.name = "ids that none may have",
     .sent = {"{'jsonrpc':'2.0','id':null,'method':'ping'}",
              "{'jsonrpc':'2.0','id':1.5,'method':'ping'}",
              "{'jsonrpc':'2.0','id':true,'method':'ping'}",
              "{'jsonrpc':'2.0','id':[],'method':'ping'}",
              "{'jsonrpc':'2.0','id':1e300,'method':'ping'}"},
     .expected = {REQUEST_ERROR, REQUEST_ERROR, REQUEST_ERROR, REQUEST_ERROR,
                  REQUEST_ERROR}},
    {.name = "ids keep their type",
     .sent = {"{'jsonrpc':'2.0','id':'1','method':'ping'}",
              "{'jsonrpc':'2.0','id':1,'method':'ping'}",
              "{'jsonrpc':'2.0','id':'','method':'ping'}",
              "{'jsonrpc':'2.0','id':'a\\n\\u00e9\\'','method':'ping'}",
              "{'jsonrpc':'2.0','id':-9223372036854775808,'method':'ping'}"},
     .expected = {"~{'jsonrpc':'2.0','id':'1','result':{}}",
                  "~{'jsonrpc':'2.0','id':1,'result':{}}",
                  "~{'jsonrpc':'2.0','id':'','result':{}}",
                  "{'jsonrpc':'2.0','id':'a\\n\xc3\xa9\\'','result':{}}",
                  "~'id':-9223372036854775808,"}},
    {.name =
         "an id that cannot be read is null for revisions that know no other",
     .sent = {INIT("2025-06-18"), "x", INIT("2025-11-25"), "x"},
     .expected = {"~'id':0",
                  "~{'jsonrpc':'2.0','id':null,'error':{'code':-32700,",
                  "~'id':0", PARSE_ERROR}},
    {.name = "a name twice",
     .sent = {"{'jsonrpc':'2.0','id':1,'method':'ping','params':{'a':1,'a':2}}",
              "{'jsonrpc':'2.0','id':1,'id':2,'method':'ping'}",
              "{'jsonrpc':'2.0','id':3,'method':'tools/call','params':{'name':"
              "'echo','arguments':{'text':'a','te\\u0078t':'b'},$M}}"},
     .expected = {"~'id':1,'error':{'code':-32600,", REQUEST_ERROR,
                  "~'id':3,'error':{'code':-32600,"}},
    {.name = "what is not answered",
     .sent = {"{'jsonrpc':'2.0','method':'tools/list'}",
              "{'jsonrpc':'2.0','method':'notifications/unknown','params':[]}",
              "{'jsonrpc':'2.0','id':1,'result':{}}",
              "{'jsonrpc':'2.0','id':1,'error':{'code':1,'message':''}}",
              CANCEL("99"), CANCEL("null"),
              "{'jsonrpc':'2.0','method':'notifications/cancelled'}"},
     .expected = {NULL}},
    {.name = "the transport could not cut it",
     .sent = {"!reject"},
     .expected = {"~{'jsonrpc':'2.0','error':{'code':-32600,'message':'Invalid "
                  "request: longer than the limit of 4194304 bytes'"}},
};

static const struct conversation cancel[] = {
    {.name = "queued",
     .sent = {SLOW("1", "1"), SLOW("'1'", "1"), CANCEL("1")},
     .expected = {"~'id':'1','result'"}},
    {.name = "running",
     .sent = {SLOW("1", "100"), SLOW("2", "1"), "!step", "!step", CANCEL("1")},
     .expected = {"~'id':2,'result'"}},
    {.name = "the last of the queue",
     .sent = {SLOW("1", "1"), SLOW("2", "1"), CANCEL("2"), SLOW("3", "1")},
     .expected = {"~'id':1,", "~'id':3,"}},
    {.name = "written differently, the same id",
     .sent = {SLOW("'A'", "1"), CANCEL("'\\u0041'"), SLOW("1.0", "1"),
              CANCEL("1")},
     .expected = {NULL}},
    {.name = "too late",
     .sent = {SLOW("1", "1"), "!run", CANCEL("1"), SLOW("1", "1")},
     .expected = {"~'id':1,'result'", "~'id':1,'result'"}},
    {.name = "an id that is in use",
     .sent = {SLOW("1", "1"), SLOW("1", "1")},
     .expected = {"~'id':1,'error':{'code':-32600,'message':'This id is in use",
                  "~'id':1,'result'"}},
};

static void test_broken(void **state)
{
    (void)state;
    CONVERSE(broken);
}

static void test_cancel(void **state)
{
    (void)state;
    CONVERSE(cancel);
}

/* --- limits
 * ------------------------------------------------------------------- */

static void converse_limited(const struct conversation *c,
                             const struct gh_mcp_options *limits)
{
    struct gh_mcp *m = gh_mcp_new(&fixture_rows, limits);

    converse_with(c, m);
    gh_mcp_free(m);
}

static void test_pending(void **state)
{
    static const struct conversation c = {
        .name = "two wait, the third is refused",
        .sent = {SLOW("1", "1"), SLOW("2", "1"), SLOW("3", "1"),
                 "{'jsonrpc':'2.0','id':4,'method':'ping'}", CANCEL("1"),
                 SLOW("5", "1")},
        .expected = {"~'id':3,'error':{'code':-32603,'message':'Too many",
                     "~'id':4,'error':{'code':-32603,", "~'id':2,'result'",
                     "~'id':5,'result'"},
    };
    struct gh_mcp_options limits = fixture_options;

    (void)state;
    limits.max_pending = 2;
    converse_limited(&c, &limits);
}

static void test_long_message(void **state)
{
    static const struct conversation c = {
        .name = "longer than the limit",
        .sent =
            {"{'jsonrpc':'2.0','id':'........................................"
             "........','method':'ping'}",
             "{'jsonrpc':'2.0','id':1,'method':'ping'}"},
        .expected = {"~{'jsonrpc':'2.0','error':{'code':-32600,'message':"
                     "'Invalid request: longer than the limit of 60 bytes'",
                     "~'id':1,'result'"},
    };
    struct gh_mcp_options limits = fixture_options;

    (void)state;
    limits.max_message_bytes = 60;
    converse_limited(&c, &limits);
}

static void test_long_answer(void **state)
{
    static const struct conversation c = {
        .name = "answers over the limit",
        .sent = {ASK("1", "tools/call",
                     "'name':'big','arguments':{'bytes':2000},"),
                 ASK("2", "tools/call",
                     "'name':'big','arguments':{'bytes':3000},"),
                 ASK("3", "resources/list", "")},
        .expected = {"~'id':1,'result':{'resultType':'complete','content':[{"
                     "'type':'text','text':'0123",
                     "~'text':'The answer of big is larger than the limit of "
                     "2500 bytes. Ask a narrower question: use the tool",
                     "~'id':3,'error':{'code':-32603,"},
    };
    struct gh_mcp_options limits = fixture_options;

    (void)state;
    limits.max_answer_bytes = 2500;
    converse_limited(&c, &limits);
}

/* What a row writes as structure stops at the limit, too. */
static void test_long_structure(void **state)
{
    static const struct conversation c = {
        .name = "structure over the limit",
        .sent = {ASK("1", "tools/call",
                     "'name':'echo','arguments':{'text':'0123456789',"
                     "'times':10},"),
                 ASK("2", "tools/call", "'name':'fail',")},
        .expected = {"~'text':'The answer of echo is larger than the limit of "
                     "100 bytes.",
                     "~'text':'It did not work: on purpose'"},
    };
    struct gh_mcp_options limits = fixture_options;

    (void)state;
    limits.max_answer_bytes = 100;
    converse_limited(&c, &limits);
}

/* Sends messages of its own making; for what is too long for a table. */
struct talk {
    struct gh_mcp *m;
    struct transcript t;
    struct gh_mcp_peer *p;
};

static void talk_start(struct talk *k)
{
    *k = (struct talk){0};
    k->m = gh_mcp_new(&fixture_rows, &fixture_options);
    gh_buf_init(&k->t.text, (size_t)64 << 20);
    k->p = gh_mcp_peer_new(k->m, transcript_send, &k->t);
}

static void talk_end(struct talk *k)
{
    gh_mcp_peer_free(k->p);
    gh_buf_fini(&k->t.text);
    gh_mcp_free(k->m);
}

static bool heard(const struct talk *k, const char *part)
{
    return memmem(k->t.text.ptr, k->t.text.len, part, strlen(part)) != NULL;
}

static void test_deep_and_many(void **state)
{
    struct talk k;
    struct gh_buf big;

    (void)state;
    talk_start(&k);
    gh_buf_init(&big, (size_t)4 << 20);
    (void)gh_buf_add(&big, GH_SLICE("{\"jsonrpc\":\"2.0\",\"a\":["));
    for (int i = 0; i < 300000; i++)
        (void)gh_buf_add(&big, GH_SLICE("1,"));
    (void)gh_buf_add(&big, GH_SLICE("1]}"));
    assert_int_equal(gh_mcp_peer_message(k.p, gh_buf_slice(&big)), GH_OK);
    assert_true(heard(&k, "\"code\":-32600"));
    gh_buf_clear(&big);
    gh_buf_clear(&k.t.text);
    for (int i = 0; i < 100000; i++)
        (void)gh_buf_addc(&big, '[');
    assert_int_equal(gh_mcp_peer_message(k.p, gh_buf_slice(&big)), GH_OK);
    assert_true(heard(&k, "\"code\":-32700"));
    gh_buf_fini(&big);
    talk_end(&k);
}

static void test_long_id(void **state)
{
    char id[1200];
    struct talk k;

    (void)state;
    talk_start(&k);
    memset(id, 'a', sizeof(id));
    for (int len = 1023; len <= 1026; len++) {
        struct gh_buf b;

        gh_buf_init(&b, 4096);
        (void)gh_buf_addf(
            &b, "{\"jsonrpc\":\"2.0\",\"id\":\"%.*s\",\"method\":\"ping\"}",
            len, id);
        gh_buf_clear(&k.t.text);
        assert_int_equal(gh_mcp_peer_message(k.p, gh_buf_slice(&b)), GH_OK);
        assert_int_equal(heard(&k, "\"result\":{}"), len <= 1024);
        gh_buf_fini(&b);
    }
    talk_end(&k);
}

/* The transport breaks: whoever enters next learns of it, and nothing more is
 * tried. */
static void test_broken_transport(void **state)
{
    struct talk k;

    (void)state;
    talk_start(&k);
    k.t.answer = GH_ECLOSED;
    assert_int_equal(gh_mcp_peer_message(k.p, GH_SLICE("x")), GH_ECLOSED);
    assert_int_equal(gh_mcp_peer_message(k.p, GH_SLICE("x")), GH_ECLOSED);
    assert_int_equal(gh_mcp_peer_run(k.p, 0), GH_ECLOSED);
    assert_int_equal(gh_mcp_peer_shutdown(k.p), GH_ECLOSED);
    talk_end(&k);
}

static void test_full(void **state)
{
    struct gh_mcp_options limits = fixture_options;
    struct transcript t = {0};
    struct gh_mcp_peer *p;
    struct gh_mcp *m;

    (void)state;
    limits.max_pending = 1;
    m = gh_mcp_new(&fixture_rows, &limits);
    gh_buf_init(&t.text, 1 << 20);
    p = gh_mcp_peer_new(m, transcript_send, &t);
    assert_false(gh_mcp_peer_full(p));
    assert_int_equal(
        gh_mcp_peer_message(
            p, GH_SLICE("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/"
                        "list\",\"params\":{\"_meta\":{\"io."
                        "modelcontextprotocol/protocolVersion\":\"2026-07-28\","
                        "\"io.modelcontextprotocol/clientCapabilities\":{}}}"
                        "}")),
        GH_OK);
    assert_true(gh_mcp_peer_full(p));
    assert_int_equal(gh_mcp_peer_run(p, 0), GH_OK);
    assert_false(gh_mcp_peer_full(p));
    gh_mcp_peer_free(p);
    gh_mcp_free(m);
    gh_buf_fini(&t.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_pending),
        cmocka_unit_test(test_long_message),
        cmocka_unit_test(test_long_answer),
        cmocka_unit_test(test_long_structure),
        cmocka_unit_test(test_deep_and_many),
        cmocka_unit_test(test_long_id),
        cmocka_unit_test(test_broken_transport),
        cmocka_unit_test(test_full),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
