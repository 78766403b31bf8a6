/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Rows made for testing the protocol, shared by the fixture server, the unit
 * tests and the fuzz target. They are about nothing; each is there for one
 * behaviour.
 */

#include "base/mem.h"
#include "mcp/mcp.h"

/* --- tools
 * ---------------------------------------------------------------------- */

static void fixture_colors(struct gh_completion *c)
{
    static const char *const names[] = {"red", "green", "grey", "blue"};

    for (size_t i = 0; i < GH_COUNT(names); i++)
        gh_completion_offer(c, gh_slice_str(names[i]));
}

static void fixture_many(struct gh_completion *c)
{
    for (int i = 0; i < 250; i++) {
        struct gh_slice s = gh_arena_fmt(c->arena, "value-%03d", i);

        gh_completion_offer(c, s);
    }
}

static const char *const fixture_moods[] = {"happy", "sad", NULL};

static const struct gh_arg echo_args[] = {
    {.name = "text",
     .description = "What to say",
     .type = GH_ARG_STRING,
     .required = true},
    {.name = "times",
     .description = "How often",
     .type = GH_ARG_INTEGER,
     .otherwise = "1",
     .min = 1,
     .max = 10},
    {.name = "mood",
     .description = "In which mood",
     .type = GH_ARG_STRING,
     .otherwise = "happy",
     .values = fixture_moods},
    {.name = "loud", .description = "Shout", .type = GH_ARG_BOOLEAN},
    {.name = "headers",
     .description = "Things to carry along",
     .type = GH_ARG_STRING_MAP},
    {.name = "offset",
     .description = "Any number",
     .type = GH_ARG_INTEGER,
     .otherwise = "-3"},
};

static enum gh_rc echo_call(struct gh_call *c)
{
    struct gh_jsonw *w = c->out;
    int64_t times = gh_call_int(c, "times");

    gh_jsonw_object(w);
    gh_jsonw_karray(w, "said");
    for (int64_t i = 0; i < times; i++)
        gh_jsonw_str(w, gh_call_str(c, "text"));
    gh_jsonw_end(w);
    gh_jsonw_kstr(w, "mood", gh_call_str(c, "mood"));
    gh_jsonw_kbool(w, "loud", gh_call_bool(c, "loud"));
    gh_jsonw_ki64(w, "offset", gh_call_int(c, "offset"));
    gh_jsonw_ki64(w, "headers", gh_json_count(gh_call_value(c, "headers")));
    gh_jsonw_end(w);
    return GH_OK;
}

static const struct gh_tool echo_tool = {
    .name = "echo",
    .title = "Echo",
    .description = "Says what it is told",
    .args = echo_args,
    .arg_count = GH_COUNT(echo_args),
    .output_schema =
        "{\"type\":\"object\",\"properties\":{\"said\":{\"type\":\"array\","
        "\"items\":{\"type\":\"string\"}},\"mood\":{\"type\":\"string\"},"
        "\"loud\":{\"type\":\"boolean\"},\"offset\":{\"type\":\"integer\"},"
        "\"headers\":{\"type\":\"integer\"}},\"required\":[\"said\"]}",
    .flags = GH_TOOL_READ_ONLY,
    .call = echo_call,
};

static const struct gh_arg slow_args[] = {
    {.name = "steps",
     .description = "How many steps it takes",
     .type = GH_ARG_INTEGER,
     .otherwise = "3",
     .min = 0,
     .max = 1000000000},
};

/* Never sleeps: it takes steps, and lets others have a turn between them. */
static enum gh_rc slow_call(struct gh_call *c)
{
    int64_t *done = c->state;

    if (!done) {
        done = GH_ARENA_NEW(c->arena, int64_t);
        if (!done)
            return GH_ENOMEM;
        c->state = done;
        gh_call_log(c, "info", GH_SLICE("slow begins"));
    }
    if (*done < gh_call_int(c, "steps")) {
        ++*done;
        gh_call_progress(c, (double)*done, (double)gh_call_int(c, "steps"),
                         "a step");
        gh_call_progress(c, (double)*done, 0, "no step: not to be sent");
        return GH_MORE;
    }
    (void)gh_buf_addf(c->text, "took %lld steps", (long long)*done);
    return GH_OK;
}

static const struct gh_tool slow_tool = {
    .name = "slow",
    .description = "Takes its time",
    .args = slow_args,
    .arg_count = GH_COUNT(slow_args),
    .flags = GH_TOOL_IDEMPOTENT,
    .call = slow_call,
};

static enum gh_rc fail_call(struct gh_call *c)
{
    gh_jsonw_object(c->out); /* what was begun is discarded */
    return gh_call_fail(c, "It did not work: %s", "on purpose");
}

static const struct gh_tool fail_tool = {
    .name = "fail",
    .description = "Fails",
    .flags = GH_TOOL_DESTRUCTIVE | GH_TOOL_OPEN_WORLD,
    .output_schema = "{\"type\":\"object\"}",
    .call = fail_call,
};

static enum gh_rc broken_call(struct gh_call *c)
{
    (void)c;
    return GH_EIO;
}

static const struct gh_tool broken_tool = {
    .name = "broken",
    .description = "Has an internal error",
    .call = broken_call,
};

static const struct gh_arg big_args[] = {
    {.name = "bytes",
     .description = "How many",
     .type = GH_ARG_INTEGER,
     .required = true,
     .min = 0,
     .max = 1 << 30},
};

static enum gh_rc big_call(struct gh_call *c)
{
    static const char line[] =
        "0123456789abcdef0123456789abcdef0123456789abcde";
    int64_t bytes = gh_call_int(c, "bytes");
    int *calls = c->user;

    if (calls)
        ++*calls;
    for (int64_t n = 0; n < bytes; n += (int64_t)sizeof(line))
        if (gh_buf_addf(c->text, "%s\n", line) != GH_OK)
            break;
    return GH_OK;
}

static const struct gh_tool big_tool = {
    .name = "big",
    .description = "Says a lot",
    .args = big_args,
    .arg_count = GH_COUNT(big_args),
    .flags = GH_TOOL_READ_ONLY,
    .call = big_call,
};

static const struct gh_tool *const fixture_tools[] = {
    &echo_tool, &slow_tool, &fail_tool, &broken_tool, &big_tool};

/* --- prompts
 * -------------------------------------------------------------------- */

static const struct gh_arg greet_args[] = {
    {.name = "name",
     .description = "Whom to greet",
     .required = true,
     .complete = fixture_many},
    {.name = "color",
     .description = "A colour",
     .otherwise = "red",
     .complete = fixture_colors},
    {.name = "mood", .description = "A mood", .values = fixture_moods},
};

static enum gh_rc greet_get(struct gh_call *c)
{
    struct gh_slice name = gh_call_str(c, "name");
    struct gh_slice color = gh_call_str(c, "color");

    if (gh_slice_is(name, "nobody"))
        return gh_call_fail(c, "nobody cannot be greeted");
    gh_prompt_say(c, "user",
                  gh_arena_fmt(c->arena, "Greet %.*s in %.*s.", GH_FMT(name),
                               GH_FMT(color)));
    gh_prompt_say(c, "assistant", GH_SLICE("Gladly."));
    return GH_OK;
}

static const struct gh_prompt greet_prompt = {
    .name = "greet",
    .title = "Greet",
    .description = "A friendly word",
    .args = greet_args,
    .arg_count = GH_COUNT(greet_args),
    .get = greet_get,
};

static const struct gh_prompt *const fixture_prompts[] = {&greet_prompt};

/* --- resources
 * --------------------------------------------------------------------- */

static enum gh_rc about_read(struct gh_call *c)
{
    gh_jsonw_object(c->out);
    gh_jsonw_kstr(c->out, "about", GH_SLICE("a fixture"));
    gh_jsonw_end(c->out);
    return GH_OK;
}

static const struct gh_resource about_resource = {
    .uri_template = "test://about",
    .name = "about",
    .title = "About",
    .description = "What this is",
    .mime_type = "application/json",
    .read = about_read,
};

static const struct gh_arg item_args[] = {
    {.name = "color", .description = "A colour", .complete = fixture_colors},
    {.name = "number", .description = "0 to 1,199"},
};

static void item_list(struct gh_call *c)
{
    for (int i = 0; i < 1200; i++)
        gh_resource_offer(c, gh_arena_fmt(c->arena, "test://items/red/%d", i),
                          gh_arena_fmt(c->arena, "item %d", i),
                          i == 0 ? GH_SLICE("the first")
                                 : (struct gh_slice){0});
}

static enum gh_rc item_read(struct gh_call *c)
{
    struct gh_slice color = gh_call_str(c, "color");
    struct gh_slice number = gh_call_str(c, "number");

    if (number.len > 3)
        return GH_END;
    (void)gh_buf_addf(c->text, "%.*s item %.*s", GH_FMT(color), GH_FMT(number));
    return GH_OK;
}

static const struct gh_resource item_resource = {
    .uri_template = "test://items/{color}/{number}",
    .name = "items",
    .title = "Items",
    .description = "Items by colour and number",
    .mime_type = "text/plain",
    .args = item_args,
    .arg_count = GH_COUNT(item_args),
    .list = item_list,
    .read = item_read,
};

static const struct gh_resource *const fixture_resources[] = {&about_resource,
                                                              &item_resource};

/* --- all of it
 * ------------------------------------------------------------------------ */

static const struct gh_mcp_rows fixture_rows = {
    .tools = fixture_tools,
    .tool_count = GH_COUNT(fixture_tools),
    .prompts = fixture_prompts,
    .prompt_count = GH_COUNT(fixture_prompts),
    .resources = fixture_resources,
    .resource_count = GH_COUNT(fixture_resources),
};

static const struct gh_mcp_options fixture_options = {
    .name = "fixture",
    .title = "Fixture",
    .version = "1.2.3",
    .instructions = "Only for tests.",
};
