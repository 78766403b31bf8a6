/* SPDX-License-Identifier: Apache-2.0 */

/* 2024-11-05 to 2025-11-25: initialize and after, and what each of them does
 * not know yet. */

#include "conversation.h"

#define INIT(date)                                                             \
    "{'jsonrpc':'2.0','id':0,'method':'initialize','params':{"                 \
    "'protocolVersion':'" date "','capabilities':{},'clientInfo':{'name':'c'," \
    "'version':'1'}}}"
#define READY "{'jsonrpc':'2.0','method':'notifications/initialized'}"
#define ASK(id, method, params)                                                \
    "{'jsonrpc':'2.0','id':" id ",'method':'" method "','params':{" params "}" \
    "}"
#define ECHO(id) ASK(id, "tools/call", "'name':'echo','arguments':{'text':'x'}")

static const struct conversation opening[] = {
    {.name = "each revision as it was",
     .sent = {INIT("2024-11-05"), INIT("2025-03-26"), INIT("2025-06-18"),
              INIT("2025-11-25")},
     .expected =
         {"{'jsonrpc':'2.0','id':0,'result':{'protocolVersion':'2024-11-05',"
          "'capabilities':{'logging':{},'tools':{},'prompts':{},'resources':{"
          "'subscribe':true,'listChanged':true}},'serverInfo':{'name':"
          "'fixture','version':'1.2.3'},'instructions':'Only for tests.'}}",
          "{'jsonrpc':'2.0','id':0,'result':{'protocolVersion':'2025-03-26',"
          "'capabilities':{'logging':{},'tools':{},'prompts':{},'resources':{"
          "'subscribe':true,'listChanged':true},'completions':{}},"
          "'serverInfo':{'name':'fixture','version':'1.2.3'},"
          "'instructions':'Only for tests.'}}",
          "~'serverInfo':{'name':'fixture','title':'Fixture','version':",
          "~'protocolVersion':'2025-11-25'"}},
    {.name = "the newest one for versions that are not known, or not legacy",
     .sent = {INIT("2026-07-28"), INIT("1999-01-01"), INIT("")},
     .expected = {"~'protocolVersion':'2025-11-25'",
                  "~'protocolVersion':'2025-11-25'",
                  "~'protocolVersion':'2025-11-25'"}},
    {.name = "no version at all",
     .sent = {ASK("1", "initialize", "'capabilities':{}")},
     .expected = {"{'jsonrpc':'2.0','id':1,'error':{'code':-32602,'message':"
                  "'params.protocolVersion must be a string'}}"}},
    {.name = "before initialize: only ping",
     .sent = {ASK("1", "ping", ""), ASK("2", "tools/list", ""),
              ASK("3", "logging/setLevel", "'level':'info'"),
              ASK("4", "unknown", "")},
     .expected = {"{'jsonrpc':'2.0','id':1,'result':{}}",
                  "~'id':2,'error':{'code':-32602,'message':'Missing "
                  "\\'io.modelcontextprotocol/protocolVersion\\' in "
                  "params._meta (clients of revisions before 2026-07-28: send "
                  "initialize first)'",
                  "~'id':3,'error':{'code':-32600,",
                  "~'id':4,'error':{'code':-32601,"}},
    {.name = "modern requests on the same pipe stay modern",
     .sent = {INIT("2025-06-18"), READY,
              "{'jsonrpc':'2.0','id':1,'method':'tools/list','params':{$M}}",
              ASK("2", "tools/list", ""), ASK("3", "server/discover", "")},
     .expected = {"~'id':0,'result'", "~'id':3,'error':{'code':-32601,",
                  "~'resultType':'complete'", "~'id':2,'result':{'tools':["}},
};

static const struct conversation shapes[] = {
    {.name = "2024-11-05: no annotations, no titles, no structure",
     .sent = {INIT("2024-11-05"), ASK("1", "tools/list", ""), ECHO("2"),
              ASK("3", "prompts/list", "")},
     .expected =
         {"~'id':0",
          "~{'name':'slow','description':'Takes its time','inputSchema':{"
          "'type':'object','properties':{'steps':{'type':'integer',"
          "'description':'How many steps it takes','default':3,'minimum':0,"
          "'maximum':1000000000}},'additionalProperties':false}},{",
          "{'jsonrpc':'2.0','id':2,'result':{'content':[{'type':'text','text':"
          "'{\\'said\\':[\\'x\\'],\\'mood\\':\\'happy\\',\\'loud\\':false,"
          "\\'offset\\':-3,\\'headers\\':0}'}]}}",
          "~{'prompts':[{'name':'greet','description':"}},
    {.name = "2025-03-26: annotations, with the title in them",
     .sent = {INIT("2025-03-26"), ASK("1", "tools/list", ""), ECHO("2")},
     .expected = {"~'id':0",
                  "~'required':['text'],'additionalProperties':false},"
                  "'annotations':{'title':'Echo','readOnlyHint':true,"
                  "'openWorldHint':false}},{",
                  "~'headers\\':0}'}]}}"}},
    {.name = "2025-06-18: titles and structure",
     .sent = {INIT("2025-06-18"), ASK("1", "tools/list", ""), ECHO("2")},
     .expected = {"~'id':0", "~'tools':[{'name':'echo','title':'Echo',",
                  "~'structuredContent':{'said':['x'],"}},
    {.name = "hints",
     .sent = {INIT("2025-11-25"), ASK("1", "tools/list", "")},
     .expected = {"~'id':0",
                  "~'annotations':{'readOnlyHint':false,'destructiveHint':true,"
                  "'idempotentHint':false,'openWorldHint':true}"}},
    {.name = "2024-11-05: progress without message",
     .sent = {INIT("2024-11-05"),
              ASK("1", "tools/call",
                  "'name':'slow','arguments':{'steps':1},'_meta':{"
                  "'progressToken':'t'}")},
     .expected = {"~'id':0",
                  "{'jsonrpc':'2.0','method':'notifications/progress','params':"
                  "{'progressToken':'t','progress':1,'total':1}}",
                  "~'id':1,'result':{'content':["}},
    {.name = "lists and reads without caching hints",
     .sent = {INIT("2025-11-25"),
              ASK("1", "resources/read", "'uri':'test://about'"),
              ASK("2", "resources/templates/list", ""),
              ASK("3", "completion/complete",
                  "'ref':{'type':'ref/prompt','name':'greet'},'argument':{"
                  "'name':'color','value':'b'}")},
     .expected =
         {"~'id':0",
          "{'jsonrpc':'2.0','id':1,'result':{'contents':[{'uri':"
          "'test://about','mimeType':'application/json','text':"
          "'{\\'about\\':\\'a fixture\\'}'}]}}",
          "{'jsonrpc':'2.0','id':2,'result':{'resourceTemplates':[{"
          "'uriTemplate':'test://items/{color}/{number}','name':'items',"
          "'title':'Items','description':'Items by colour and number',"
          "'mimeType':'text/plain'}]}}",
          "{'jsonrpc':'2.0','id':3,'result':{'completion':{'values':['blue'],"
          "'total':1,'hasMore':false}}}"}},
    {.name = "not found has its old code",
     .sent = {INIT("2025-11-25"),
              ASK("1", "resources/read", "'uri':'test://none'"),
              ASK("2", "resources/subscribe", "'uri':'test://none'"),
              ASK("3", "tools/call", "'name':'ecko'")},
     .expected = {"~'id':0",
                  "{'jsonrpc':'2.0','id':2,'error':{'code':-32002,'message':"
                  "'Resource not found: test://none','data':{'uri':"
                  "'test://none'}}}",
                  "{'jsonrpc':'2.0','id':1,'error':{'code':-32002,'message':"
                  "'Resource not found: test://none','data':{'uri':"
                  "'test://none'}}}",
                  "~'id':3,'error':{'code':-32602,"}},
};

static const struct conversation batches[] = {
    {.name = "2025-03-26 receives them, and answers with one",
     .sent = {INIT("2025-03-26"),
              "[" ASK("1", "ping", "") "," READY "," ASK(
                  "'b'", "tools/call", "'name':'fail'") ",7,{}]"},
     .expected = {"~'id':0",
                  "[{'jsonrpc':'2.0','id':1,'result':{}},{'jsonrpc':'2.0','id'"
                  ":null,'error':{'code':-32600,'message':'Invalid request: "
                  "not an object'}},{'jsonrpc':'2.0','id':null,'error':{'code'"
                  ":-32600,'message':'Invalid request: \\'jsonrpc\\' must be "
                  "\\'2.0\\''}},{'jsonrpc':'2.0','id':'b','result':{'content':["
                  "{'type':'text','text':'It did not work: on purpose'}],"
                  "'isError':true}}]"}},
    {.name = "nothing to answer, nothing sent",
     .sent = {INIT("2025-03-26"), "[" READY "," READY "]"},
     .expected = {"~'id':0"}},
    {.name = "a cancelled one leaves a gap",
     .sent = {INIT("2025-03-26"),
              "[" ASK("1", "tools/list", "") "," ASK("2", "tools/call",
                                                     "'name':'fail'") "]",
              "{'jsonrpc':'2.0','method':'notifications/cancelled','params':{"
              "'requestId':1}}"},
     .expected = {"~'id':0", "~[{'jsonrpc':'2.0','id':2,"}},
    {.name = "all cancelled",
     .sent = {INIT("2025-03-26"), "[" ASK("1", "tools/list", "") "]",
              "{'jsonrpc':'2.0','method':'notifications/cancelled','params':{"
              "'requestId':1}}"},
     .expected = {"~'id':0"}},
    {.name = "what may not be in them",
     .sent = {INIT("2025-03-26"), "[]", "[" INIT("2025-03-26") "]",
              "[{'jsonrpc':'2.0','id':1,'method':'tools/list','params':{$M}}]"},
     .expected = {"~'id':0",
                  "{'jsonrpc':'2.0','id':null,'error':{'code':-32600,"
                  "'message':'Invalid request: an empty batch'}}",
                  "~[{'jsonrpc':'2.0','id':0,'error':{'code':-32600,'message':"
                  "'initialize may not be in a batch'}}]",
                  "~[{'jsonrpc':'2.0','id':1,'error':{'code':-32600,'message':"
                  "'Revision 2026-07-28 has no batches'}}]"}},
    {.name = "no other revision has them",
     .sent = {"[" ASK("1", "ping", "") "]", INIT("2025-06-18"),
              "[" ASK("1", "ping", "") "]", INIT("2025-11-25"),
              "[" ASK("1", "ping", "") "]"},
     .expected = {"~{'jsonrpc':'2.0','error':{'code':-32600,", "~'id':0",
                  "~{'jsonrpc':'2.0','id':null,'error':{'code':-32600,",
                  "~'id':0", "~{'jsonrpc':'2.0','error':{'code':-32600,"}},
};

static const struct conversation logging[] = {
    {.name = "setLevel",
     .sent = {INIT("2025-11-25"), READY,
              ASK("1", "tools/call", "'name':'slow'"), "!run",
              ASK("2", "logging/setLevel", "'level':'debug'"),
              ASK("3", "tools/call", "'name':'slow'"), "!run",
              ASK("4", "logging/setLevel", "'level':'loud'"),
              ASK("5", "logging/setLevel", "")},
     .expected = {"~'id':0", "~'id':1,'result'",
                  "{'jsonrpc':'2.0','id':2,'result':{}}",
                  "{'jsonrpc':'2.0','method':'notifications/message','params':{"
                  "'level':'info','logger':'fixture','data':'slow begins'}}",
                  "~'id':3,'result'", "~'id':4,'error':{'code':-32602,",
                  "~'id':5,'error':{'code':-32602,"}},
};

#define SUBSCRIBE(id, uri) ASK(id, "resources/subscribe", "'uri':'" uri "'")
#define UPDATED(uri)                                                           \
    "{'jsonrpc':'2.0','method':'notifications/resources/updated','params':{"   \
    "'uri':'" uri "'}}"
#define LIST_CHANGED                                                           \
    "{'jsonrpc':'2.0','method':'notifications/resources/list_changed',"        \
    "'params':{}}"

static const struct conversation changes[] = {
    {.name = "subscribed, updated, unsubscribed",
     .sent = {INIT("2025-11-25"), READY, SUBSCRIBE("1", "test://items/a/1"),
              SUBSCRIBE("2", "test://items/b/1"),
              SUBSCRIBE("3", "test://items/b/1"), "!updated test://items/b/",
              "!updated test://items/b/", "!run", "!list ", "!run",
              ASK("4", "resources/unsubscribe", "'uri':'test://items/b/1'"),
              ASK("5", "resources/unsubscribe", "'uri':'test://about'"),
              "!updated test://"},
     .expected = {"~'id':0", "{'jsonrpc':'2.0','id':1,'result':{}}", "~'id':2",
                  "~'id':3", UPDATED("test://items/b/1"), LIST_CHANGED,
                  UPDATED("test://items/a/1"), UPDATED("test://items/b/1"),
                  "~'id':4,'result'", "~'id':5,'result'",
                  UPDATED("test://items/a/1")}},
    {.name = "nothing before initialized",
     .sent = {"!list test://", "!run", INIT("2025-11-25"),
              SUBSCRIBE("1", "test://about"), "!list test://", "!run", READY,
              "!run", "!run"},
     .expected = {"~'id':0", "~'id':1", LIST_CHANGED, UPDATED("test://about")}},
    {.name = "a second initialize starts over",
     .sent = {INIT("2025-11-25"), READY, SUBSCRIBE("1", "test://about"),
              INIT("2025-06-18"), READY, "!updated test://", "!run",
              "!list test://"},
     .expected = {"~'id':0", "~'id':1", "~'id':0", LIST_CHANGED}},
    {.name = "wrong",
     .sent = {INIT("2025-11-25"), ASK("1", "resources/subscribe", ""),
              ASK("2", "resources/unsubscribe", "'uri':1")},
     .expected = {"~'id':0", "~'id':1,'error':{'code':-32602,",
                  "~'id':2,'error':{'code':-32602,"}},
};

static void test_opening(void **state)
{
    (void)state;
    CONVERSE(opening);
}

static void test_shapes(void **state)
{
    (void)state;
    CONVERSE(shapes);
}

static void test_batches(void **state)
{
    (void)state;
    CONVERSE(batches);
}

static void test_logging(void **state)
{
    (void)state;
    CONVERSE(logging);
}

static void test_changes(void **state)
{
    (void)state;
    CONVERSE(changes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_opening), cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_batches), cmocka_unit_test(test_logging),
        cmocka_unit_test(test_changes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
