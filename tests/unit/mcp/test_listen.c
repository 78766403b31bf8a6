/* SPDX-License-Identifier: Apache-2.0 */

/* subscriptions/listen: what is granted, what is heard, and how it ends. */

#include "conversation.h"

#define LISTEN(id, filter)                                                     \
    "{'jsonrpc':'2.0','id':" id ",'method':'subscriptions/listen','params':{"  \
    "'notifications':" filter ",$M}}"
#define TAG(id) "'_meta':{'io.modelcontextprotocol/subscriptionId':" id "}"
#define ACK(id, granted)                                                       \
    "{'jsonrpc':'2.0','method':'notifications/subscriptions/acknowledged',"    \
    "'params':{'notifications':" granted "," TAG(id) "}}"
#define UPDATED(id, uri)                                                       \
    "{'jsonrpc':'2.0','method':'notifications/resources/updated','params':{"   \
    "'uri':'" uri "'," TAG(id) "}}"
#define LIST_CHANGED(id)                                                       \
    "{'jsonrpc':'2.0','method':'notifications/resources/list_changed',"        \
    "'params':{" TAG(id) "}}"
#define ENDED(id)                                                              \
    "{'jsonrpc':'2.0','id':" id ",'result':{'resultType':'complete','_meta':{" \
    "'io.modelcontextprotocol/serverInfo':{'name':'fixture','title':"          \
    "'Fixture','version':'1.2.3'},'io.modelcontextprotocol/"                   \
    "subscriptionId':" id "}}}"

static const struct conversation granted[] = {
    {.name = "what can change, and no more",
     .sent = {LISTEN("'L1'",
                     "{'toolsListChanged':true,'promptsListChanged':true,"
                     "'resourcesListChanged':true,'resourceSubscriptions':["
                     "'test://about','test://nothing','test://items/a/1',"
                     "'test://about'],'later':1}")},
     .expected = {ACK("'L1'", "{'resourcesListChanged':true,"
                              "'resourceSubscriptions':['test://about',"
                              "'test://items/a/1']}")}},
    {.name = "nothing asked, nothing granted",
     .sent = {LISTEN("7", "{}"), LISTEN("8", "{'resourcesListChanged':false}"),
              "!list test://"},
     .expected = {ACK("7", "{}"), ACK("8", "{}")}},
    {.name = "wrong filters",
     .sent = {LISTEN("1", "[]"), LISTEN("2", "{'resourceSubscriptions':'x'}"),
              LISTEN("3", "{'resourceSubscriptions':[1]}"),
              "{'jsonrpc':'2.0','id':4,'method':'subscriptions/listen',"
              "'params':{$M}}"},
     .expected = {"~'id':1,'error':{'code':-32602,",
                  "~'id':2,'error':{'code':-32602,",
                  "~'id':3,'error':{'code':-32602,",
                  "~'id':4,'error':{'code':-32602,"}},
};

static const struct conversation heard[] = {
    {.name = "each listen by its own filter, with its own id",
     .sent = {LISTEN("1", "{'resourcesListChanged':true}"),
              LISTEN("'1'", "{'resourceSubscriptions':['test://items/a/1']}"),
              "!list test://items/a/", "!run", "!updated test://items/a/1",
              "!run", "!updated test://items/b/"},
     .expected = {ACK("1", "{'resourcesListChanged':true}"),
                  ACK("'1'", "{'resourceSubscriptions':['test://items/a/1']}"),
                  LIST_CHANGED("1"), UPDATED("'1'", "test://items/a/1"),
                  UPDATED("'1'", "test://items/a/1")}},
    {.name = "changes that pile up are told once",
     .sent = {LISTEN("1", "{'resourcesListChanged':true,"
                          "'resourceSubscriptions':['test://about']}"),
              "!list test://about", "!list ", "!updated test://", "!run",
              "!run"},
     .expected = {"~acknowledged", LIST_CHANGED("1"),
                  UPDATED("1", "test://about")}},
    {.name = "one change after the other, each told of itself",
     .sent = {LISTEN("1", "{'resourceSubscriptions':['test://items/a/1',"
                          "'test://items/b/1']}"),
              "!updated test://items/a/", "!run", "!updated test://items/b/"},
     .expected = {"~acknowledged", UPDATED("1", "test://items/a/1"),
                  UPDATED("1", "test://items/b/1")}},
    {.name = "a legacy client on the same pipe has to be ready first",
     .sent = {"{'jsonrpc':'2.0','id':0,'method':'initialize','params':{"
              "'protocolVersion':'2025-11-25'}}",
              LISTEN("1", "{'resourcesListChanged':true}"), "!list ", "!run",
              "{'jsonrpc':'2.0','method':'notifications/initialized'}"},
     .expected = {"~'id':0", "~acknowledged", LIST_CHANGED("1"),
                  "{'jsonrpc':'2.0','method':'notifications/resources/"
                  "list_changed','params':{}}"}},
};

#define CANCEL(id)                                                             \
    "{'jsonrpc':'2.0','method':'notifications/cancelled','params':{"           \
    "'requestId':" id "}}"

static const struct conversation ended[] = {
    {.name = "by the client: silence",
     .sent = {LISTEN("1", "{'resourcesListChanged':true}"),
              LISTEN("2", "{'resourcesListChanged':true}"), CANCEL("1"),
              "!list ", "!run", LISTEN("1", "{}")},
     .expected = {"~acknowledged", "~acknowledged", LIST_CHANGED("2"),
                  ACK("1", "{}")}},
    {.name = "its id is in use while it is open",
     .sent = {LISTEN("1", "{}"), LISTEN("1", "{}"),
              "{'jsonrpc':'2.0','id':1,'method':'tools/list','params':{$M}}"},
     .expected = {"~acknowledged", "~'id':1,'error':{'code':-32600,",
                  "~'id':1,'error':{'code':-32600,"}},
    {.name = "by us, on a channel of its own",
     .sent = {LISTEN("1", "{'resourcesListChanged':true}"), "!list ",
              "!shutdown", "!list "},
     .expected = {"~acknowledged", LIST_CHANGED("1"), ENDED("1")}},
    {.name = "by us, on a shared channel",
     .sent = {"!shared", LISTEN("1", "{}"), LISTEN("'x'", "{}"), "!shutdown"},
     .expected =
         {"~acknowledged", "~acknowledged", ENDED("1"),
          "{'jsonrpc':'2.0','method':'notifications/cancelled','params':{"
          "'requestId':1,'reason':'the server ends'," TAG("1") "}}",
          ENDED("'x'"),
          "{'jsonrpc':'2.0','method':'notifications/cancelled','params':{"
          "'requestId':'x','reason':'the server ends'," TAG("'x'") "}}"}},
};

static void test_granted(void **state)
{
    (void)state;
    CONVERSE(granted);
}

static void test_heard(void **state)
{
    (void)state;
    CONVERSE(heard);
}

static void test_ended(void **state)
{
    (void)state;
    CONVERSE(ended);
}

static void test_limit(void **state)
{
    static const struct conversation c = {
        .name = "one listen too many",
        .sent = {LISTEN("1", "{}"), LISTEN("2", "{}"), LISTEN("3", "{}"),
                 CANCEL("1"), LISTEN("4", "{}")},
        .expected = {ACK("1", "{}"), ACK("2", "{}"),
                     "~'id':3,'error':{'code':-32603,'message':'2 "
                     "subscriptions are open",
                     ACK("4", "{}")},
    };
    struct gh_mcp_options limits = fixture_options;
    struct gh_mcp *m;

    (void)state;
    limits.max_listens = 2;
    m = gh_mcp_new(&fixture_rows, &limits);
    converse_with(&c, m);
    gh_mcp_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_granted),
        cmocka_unit_test(test_heard),
        cmocka_unit_test(test_ended),
        cmocka_unit_test(test_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
