/* SPDX-License-Identifier: Apache-2.0 */

/* 2026-07-28: every method, its results and its errors. */

#include "conversation.h"

#define CALL(id, tool, args)                                                   \
    "{'jsonrpc':'2.0','id':" id ",'method':'tools/call','params':{'name':"     \
    "'" tool "','arguments':" args ",$M}}"
#define ASK(id, method, params)                                                \
    "{'jsonrpc':'2.0','id':" id ",'method':'" method "','params':{" params     \
    "$M}}"
#define ERROR(id, code, message)                                               \
    "{'jsonrpc':'2.0','id':" id ",'error':{'code':" code                       \
    ",'message':'" message "'}}"

static const struct conversation discover[] = {
    {.name = "discover",
     .sent = {ASK("1", "server/discover", "")},
     .expected = {"{'jsonrpc':'2.0','id':1,'result':{'resultType':'complete',"
                  "'supportedVersions':['2026-07-28'],'capabilities':{"
                  "'logging':{},'tools':{},'prompts':{},'resources':{"
                  "'subscribe':true,'listChanged':true},'completions':{}},"
                  "'instructions':'Only for tests.',$P,$S}}"}},
    {.name = "no session is needed, and none is made",
     .sent = {ASK("'a'", "resources/templates/list", ""),
              ASK("-7", "resources/templates/list", "")},
     .expected =
         {"{'jsonrpc':'2.0','id':'a','result':{'resultType':'complete',"
          "'resourceTemplates':[{'uriTemplate':'test://items/{color}/"
          "{number}','name':'items','title':'Items','description':'Items by "
          "colour and number','mimeType':'text/plain'}],$P,$S}}",
          "~'id':-7,"}},
    {.name = "clientInfo is not required, and ignored when it is odd",
     .sent = {"{'jsonrpc':'2.0','id':1,'method':'tools/list','params':{'_meta':"
              "{'io.modelcontextprotocol/protocolVersion':'2026-07-28',"
              "'io.modelcontextprotocol/clientCapabilities':{},"
              "'io.modelcontextprotocol/clientInfo':7,'x/y':1}}}"},
     .expected = {"~'result':{'resultType':'complete','tools':["}},
};

static const struct conversation refused[] = {
    {.name = "no _meta",
     .sent = {"{'jsonrpc':'2.0','id':1,'method':'tools/list','params':{}}",
              "{'jsonrpc':'2.0','id':2,'method':'tools/list'}",
              "{'jsonrpc':'2.0','id':3,'method':'server/discover','params':{"
              "'_meta':{}}}"},
     .expected = {"~'id':1,'error':{'code':-32602,'message':'Missing ",
                  "~'id':2,'error':{'code':-32602,'message':'Missing ",
                  "~'id':3,'error':{'code':-32602,'message':'Missing "}},
    {.name = "keys are missing or odd",
     .sent =
         {"{'jsonrpc':'2.0','id':1,'method':'tools/list','params':{'_meta':{"
          "'io.modelcontextprotocol/protocolVersion':'2026-07-28'}}}",
          "{'jsonrpc':'2.0','id':2,'method':'tools/list','params':{'_meta':{"
          "'io.modelcontextprotocol/clientCapabilities':{}}}}",
          "{'jsonrpc':'2.0','id':3,'method':'tools/list','params':{'_meta':{"
          "'io.modelcontextprotocol/protocolVersion':20260728,"
          "'io.modelcontextprotocol/clientCapabilities':{}}}}",
          "{'jsonrpc':'2.0','id':4,'method':'tools/list','params':{'_meta':{"
          "'io.modelcontextprotocol/protocolVersion':'2026-07-28',"
          "'io.modelcontextprotocol/clientCapabilities':[]}}}",
          "{'jsonrpc':'2.0','id':5,'method':'tools/list','params':{'_meta':[]"
          "}}",
          "{'jsonrpc':'2.0','id':6,'method':'tools/list','params':[]}"},
     .expected = {"~'id':1,'error':{'code':-32602,'message':'params._meta must "
                  "have \\'io.modelcontextprotocol/clientCapabilities\\', an "
                  "object'",
                  "~'id':2,'error':{'code':-32602,",
                  "~'id':3,'error':{'code':-32602,",
                  "~'id':4,'error':{'code':-32602,",
                  "~'id':5,'error':{'code':-32602,",
                  "~'id':6,'error':{'code':-32602,"}},
    {.name = "a version that is not served",
     .sent =
         {"{'jsonrpc':'2.0','id':'v','method':'tools/list','params':{"
          "'_meta':{'io.modelcontextprotocol/protocolVersion':'v999',"
          "'io.modelcontextprotocol/clientCapabilities':{}}}}",
          "{'jsonrpc':'2.0','id':2,'method':'initialize','params':{"
          "'_meta':{'io.modelcontextprotocol/protocolVersion':"
          "'2025-11-25','io.modelcontextprotocol/clientCapabilities':{}}}}"},
     .expected = {"{'jsonrpc':'2.0','id':'v','error':{'code':-32022,'message':"
                  "'Unsupported protocol version','data':{'supported':["
                  "'2026-07-28'],'requested':'v999'}}}",
                  "~'id':2,'error':{'code':-32022,"}},
    {.name = "methods that were removed, or never were",
     .sent = {ASK("1", "initialize", ""), ASK("2", "ping", ""),
              ASK("3", "logging/setLevel", "'level':'info',"),
              ASK("4", "resources/subscribe", "'uri':'test://about',"),
              ASK("5", "resources/unsubscribe", "'uri':'test://about',"),
              ASK("6", "unknown/method", ""), ASK("7", "tasks/list", "")},
     .expected = {ERROR("1", "-32601", "Method not found: initialize"),
                  ERROR("2", "-32601", "Method not found: ping"),
                  ERROR("3", "-32601", "Method not found: logging/setLevel"),
                  ERROR("4", "-32601", "Method not found: resources/subscribe"),
                  ERROR("5", "-32601",
                        "Method not found: resources/unsubscribe"),
                  ERROR("6", "-32601", "Method not found: unknown/method"),
                  ERROR("7", "-32601", "Method not found: tasks/list")}},
    {.name = "log level and progress token",
     .sent =
         {"{'jsonrpc':'2.0','id':1,'method':'tools/list','params':{'_meta':{"
          "'io.modelcontextprotocol/protocolVersion':'2026-07-28',"
          "'io.modelcontextprotocol/clientCapabilities':{},"
          "'io.modelcontextprotocol/logLevel':'loud'}}}",
          "{'jsonrpc':'2.0','id':2,'method':'tools/list','params':{'_meta':{"
          "'io.modelcontextprotocol/protocolVersion':'2026-07-28',"
          "'io.modelcontextprotocol/clientCapabilities':{},"
          "'progressToken':1.5}}}"},
     .expected = {"~'id':1,'error':{'code':-32602,",
                  "~'id':2,'error':{'code':-32602,"}},
};

static const struct conversation tools[] = {
    {.name = "list",
     .sent = {ASK("1", "tools/list", "")},
     .expected = {"~'tools':[{'name':'echo','title':'Echo','description':'Says "
                  "what it is told','inputSchema':{'type':'object',"
                  "'properties':{'text':{'type':'string','description':'What "
                  "to say'},'times':{'type':'integer','description':'How "
                  "often','default':1,'minimum':1,'maximum':10},'mood':{"
                  "'type':'string','description':'In which mood','enum':["
                  "'happy','sad'],'default':'happy'},'loud':{'type':"
                  "'boolean','description':'Shout'},'headers':{'type':"
                  "'object','additionalProperties':{'type':'string'},"
                  "'description':'Things to carry along'},'offset':{'type':"
                  "'integer','description':'Any number','default':-3}},"
                  "'required':['text'],'additionalProperties':false},"
                  "'outputSchema':{'type':'object',"}},
    {.name = "one page",
     .sent = {ASK("1", "tools/list", "'cursor':'',"),
              ASK("2", "prompts/list", "'cursor':'x',"),
              ASK("3", "resources/templates/list", "'cursor':1,"),
              ASK("4", "resources/templates/list", "'cursor':null,")},
     .expected = {"~'id':1,'error':{'code':-32602,",
                  "~'id':2,'error':{'code':-32602,",
                  "~'id':3,'error':{'code':-32602,", "~'id':4,'result'"}},
    {.name = "call with structure",
     .sent = {CALL("1", "echo", "{'text':'a\\n\\'b\\'','times':2}")},
     .expected =
         {"{'jsonrpc':'2.0','id':1,'result':{'resultType':'complete',"
          "'content':[{'type':'text','text':'{\\'said\\':[\\'a\\\\n\\\\\\'b"
          "\\\\\\'\\',\\'a\\\\n\\\\\\'b\\\\\\'\\'],\\'mood\\':\\'happy\\',"
          "\\'loud\\':false,\\'offset\\':-3,\\'headers\\':0}'}],"
          "'structuredContent':{'said':['a\\n\\'b\\'','a\\n\\'b\\''],'mood':"
          "'happy','loud':false,'offset':-3,'headers':0},$S}}"}},
    {.name = "call with text, without arguments",
     .sent = {ASK("1", "tools/call", "'name':'slow',")},
     .expected = {"{'jsonrpc':'2.0','id':1,'result':{'resultType':'complete',"
                  "'content':[{'type':'text','text':'took 3 steps'}],$S}}"}},
    {.name = "a tool that fails, and one that is broken",
     .sent = {CALL("1", "fail", "{}"), CALL("2", "broken", "{}")},
     .expected = {"{'jsonrpc':'2.0','id':1,'result':{'resultType':'complete',"
                  "'content':[{'type':'text','text':'It did not work: on "
                  "purpose'}],'isError':true,$S}}",
                  ERROR("2", "-32603", "broken failed: input/output error")}},
    {.name = "no such tool",
     .sent = {CALL("1", "ecko", "{}"), CALL("2", "gatehouse", "{}"),
              ASK("3", "tools/call", "'arguments':{},"),
              CALL("4", "echo", "[]"), CALL("5", "echo", "'text'")},
     .expected = {ERROR("1", "-32602",
                        "Unknown tool: ecko (did you mean echo?)"),
                  ERROR("2", "-32602", "Unknown tool: gatehouse"),
                  ERROR("3", "-32602",
                        "params.name must be the name of a tool"),
                  ERROR("4", "-32602", "params.arguments must be an object"),
                  ERROR("5", "-32602", "params.arguments must be an object")}},
};

static const struct conversation prompts[] = {
    {.name = "list",
     .sent = {ASK("1", "prompts/list", "")},
     .expected = {"{'jsonrpc':'2.0','id':1,'result':{'resultType':'complete',"
                  "'prompts':[{'name':'greet','title':'Greet','description':'A "
                  "friendly word','arguments':[{'name':'name','description':"
                  "'Whom to greet','required':true},{'name':'color',"
                  "'description':'A colour','required':false},{'name':'mood',"
                  "'description':'A mood','required':false}]}],$P,$S}}"}},
    {.name = "get",
     .sent = {ASK("1", "prompts/get",
                  "'name':'greet','arguments':{'name':'Ada'},")},
     .expected = {"{'jsonrpc':'2.0','id':1,'result':{'resultType':'complete',"
                  "'description':'A friendly word','messages':[{'role':'user',"
                  "'content':{'type':'text','text':'Greet Ada in red.'}},{"
                  "'role':'assistant','content':{'type':'text','text':"
                  "'Gladly.'}}],$S}}"}},
    {.name = "wrong",
     .sent = {ASK("1", "prompts/get", "'name':'greed',"),
              ASK("2", "prompts/get", "'name':'greet',"),
              ASK("3", "prompts/get",
                  "'name':'greet','arguments':{'name':1,'colour':'red'},"),
              ASK("4", "prompts/get",
                  "'name':'greet','arguments':{'name':'nobody'},"),
              ASK("5", "prompts/get", "'name':'greet','arguments':[],"),
              ASK("6", "prompts/get", "")},
     .expected = {ERROR("1", "-32602",
                        "Unknown prompt: greed (did you mean greet?)"),
                  ERROR("2", "-32602",
                        "Invalid arguments of prompt greet:\\n- argument "
                        "\\'name\\' is required and missing: Whom to greet"),
                  ERROR("3", "-32602",
                        "Invalid arguments of prompt greet:\\n- unknown "
                        "argument \\'colour\\' (did you mean \\'color\\'?)\\n- "
                        "argument \\'name\\' must be a string, not 1"),
                  ERROR("4", "-32602", "nobody cannot be greeted"),
                  ERROR("5", "-32602", "params.arguments must be an object"),
                  ERROR("6", "-32602",
                        "params.name must be the name of a prompt")}},
};

static const struct conversation resources[] = {
    {.name = "read",
     .sent = {ASK("1", "resources/read", "'uri':'test://about',"),
              ASK("2", "resources/read", "'uri':'test://items/a%20b/7',")},
     .expected = {"{'jsonrpc':'2.0','id':1,'result':{'resultType':'complete',"
                  "'contents':[{'uri':'test://about','mimeType':"
                  "'application/json','text':'{\\'about\\':\\'a fixture\\'}'}]"
                  ",$V,$S}}",
                  "{'jsonrpc':'2.0','id':2,'result':{'resultType':'complete',"
                  "'contents':[{'uri':'test://items/a%20b/7','mimeType':"
                  "'text/plain','text':'a b item 7'}],$V,$S}}"}},
    {.name = "not found",
     .sent = {ASK("1", "resources/read", "'uri':'test://items/red/10000',"),
              ASK("2", "resources/read", "'uri':'file:///etc/passwd',"),
              ASK("3", "resources/read", "")},
     .expected = {"{'jsonrpc':'2.0','id':1,'error':{'code':-32602,'message':"
                  "'Resource not found: test://items/red/10000','data':{'uri':"
                  "'test://items/red/10000'}}}",
                  "~'code':-32602,'message':'Resource not found: "
                  "file:///etc/passwd','data':{'uri':'file:///etc/passwd'}",
                  ERROR("3", "-32602",
                        "params.uri must be the URI of a resource")}},
    {.name = "pages",
     .sent = {ASK("1", "resources/list", ""),
              ASK("2", "resources/list", "'cursor':'r0000000001f4',"),
              ASK("3", "resources/list", "'cursor':'r0000000003e8',")},
     .expected = {"~'id':1,'result':{'resultType':'complete','resources':[{"
                  "'uri':'test://about','name':'about','title':'About',"
                  "'description':'What this is','mimeType':'application/json'}"
                  ",{'uri':'test://items/red/0','name':'item 0','description':"
                  "'the first','mimeType':'text/plain'},",
                  "~'resources':[{'uri':'test://items/red/499',",
                  "~{'uri':'test://items/red/1199','name':'item 1199',"
                  "'mimeType':'text/plain'}],$V,$S}}"}},
    {.name = "cursors that were never given out",
     .sent = {ASK("1", "resources/list", "'cursor':'',"),
              ASK("2", "resources/list", "'cursor':'r000000000001',"),
              ASK("3", "resources/list", "'cursor':'r0000000001F4',"),
              ASK("4", "resources/list", "'cursor':'r000000000000',"),
              ASK("5", "resources/list", "'cursor':500,"),
              ASK("6", "resources/list", "'cursor':'r0000000001f4x',")},
     .expected = {"~'id':1,'error':{'code':-32602,",
                  "~'id':2,'error':{'code':-32602,",
                  "~'id':3,'error':{'code':-32602,",
                  "~'id':4,'error':{'code':-32602,",
                  "~'id':5,'error':{'code':-32602,",
                  "~'id':6,'error':{'code':-32602,"}},
};

#define COMPLETE(id, ref, argument)                                            \
    ASK(id, "completion/complete", "'ref':" ref ",'argument':" argument ",")
#define GREET "{'type':'ref/prompt','name':'greet'}"
#define ITEM "{'type':'ref/resource','uri':'test://items/{color}/{number}'}"

static const struct conversation completion[] = {
    {.name = "offered, fixed, and none",
     .sent = {COMPLETE("1", GREET, "{'name':'color','value':'gr'}"),
              COMPLETE("2", GREET, "{'name':'mood','value':''}"),
              COMPLETE("3", ITEM, "{'name':'color','value':'x'}"),
              COMPLETE("4", ITEM, "{'name':'number','value':'1'}")},
     .expected = {"{'jsonrpc':'2.0','id':1,'result':{'resultType':'complete',"
                  "'completion':{'values':['green','grey'],'total':2,"
                  "'hasMore':false},$S}}",
                  "~'values':['happy','sad'],'total':2,",
                  "~'values':[],'total':0,'hasMore':false",
                  "~'values':[],'total':0,'hasMore':false"}},
    {.name = "at most 100",
     .sent = {COMPLETE("1", GREET, "{'name':'name','value':'value-'}")},
     .expected = {"~'value-099'],'total':250,'hasMore':true"}},
    {.name = "wrong",
     .sent = {COMPLETE("1", "{'type':'ref/prompt','name':'x'}",
                       "{'name':'color','value':''}"),
              COMPLETE("2", "{'type':'ref/resource','uri':'test://x'}",
                       "{'name':'color','value':''}"),
              COMPLETE("3", "{'type':'ref/tool','name':'echo'}",
                       "{'name':'color','value':''}"),
              COMPLETE("4", GREET, "{'name':'shade','value':''}"),
              COMPLETE("5", GREET, "{'name':'color'}"),
              ASK("6", "completion/complete", "")},
     .expected = {"~'id':1,'error':{'code':-32602,'message':'Unknown prompt: x",
                  "~'id':2,'error':{'code':-32602,'message':'Unknown resource "
                  "template','data':{'uri':'test://x'}",
                  "~'id':3,'error':{'code':-32602,",
                  "~'id':4,'error':{'code':-32602,'message':'Unknown argument: "
                  "shade'",
                  "~'id':5,'error':{'code':-32602,",
                  "~'id':6,'error':{'code':-32602,"}},
};

#define WISHES(id, extra, params)                                              \
    "{'jsonrpc':'2.0','id':" id ",'method':'tools/call','params':{'name':"     \
    "'slow'," params "'_meta':{'io.modelcontextprotocol/protocolVersion':"     \
    "'2026-07-28','io.modelcontextprotocol/clientCapabilities':{}," extra      \
    "}}}"

static const struct conversation progress[] = {
    {.name = "progress and log, if they are asked for",
     .sent = {WISHES("1",
                     "'progressToken':'t','io.modelcontextprotocol/"
                     "logLevel':'info'",
                     "'arguments':{'steps':2},")},
     .expected = {"{'jsonrpc':'2.0','method':'notifications/message','params':{"
                  "'level':'info','logger':'fixture','data':'slow begins'}}",
                  "{'jsonrpc':'2.0','method':'notifications/progress','params':"
                  "{'progressToken':'t','progress':1,'total':2,'message':'a "
                  "step'}}",
                  "{'jsonrpc':'2.0','method':'notifications/progress','params':"
                  "{'progressToken':'t','progress':2,'total':2,'message':'a "
                  "step'}}",
                  "~'id':1,'result'"}},
    {.name = "the token keeps its type, the log its level",
     .sent = {WISHES("1",
                     "'progressToken':7,'io.modelcontextprotocol/"
                     "logLevel':'notice'",
                     "'arguments':{'steps':1},")},
     .expected = {"~'progressToken':7,'progress':1,", "~'id':1,'result'"}},
    {.name = "turns are taken",
     .sent = {WISHES("1", "'progressToken':1", "'arguments':{'steps':2},"),
              WISHES("2", "'progressToken':2", "'arguments':{'steps':1},"),
              CALL("3", "fail", "{}")},
     .expected = {"~'progressToken':1,'progress':1,",
                  "~'progressToken':2,'progress':1,", "~'id':3,",
                  "~'progressToken':1,'progress':2,", "~'id':2,", "~'id':1,"}},
};

static void test_discover(void **state)
{
    (void)state;
    CONVERSE(discover);
}

static void test_refused(void **state)
{
    (void)state;
    CONVERSE(refused);
}

static void test_tools(void **state)
{
    (void)state;
    CONVERSE(tools);
}

static void test_prompts(void **state)
{
    (void)state;
    CONVERSE(prompts);
}

static void test_resources(void **state)
{
    (void)state;
    CONVERSE(resources);
}

static void test_completion(void **state)
{
    (void)state;
    CONVERSE(completion);
}

static void test_progress(void **state)
{
    (void)state;
    CONVERSE(progress);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_discover),  cmocka_unit_test(test_refused),
        cmocka_unit_test(test_tools),     cmocka_unit_test(test_prompts),
        cmocka_unit_test(test_resources), cmocka_unit_test(test_completion),
        cmocka_unit_test(test_progress),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
