/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Prompt: find out why one workload may or may not call another
 */

#include "tools/complete.h"
#include "tools/rows.h"

static const struct gh_arg args[] = {
    {
        .name = "source_namespace",
        .description = "Namespace of the caller",
        .required = true,
        .complete = gh_complete_namespace,
    },
    {
        .name = "source_service",
        .description = "The caller: a workload or Service",
        .required = true,
        .complete = gh_complete_source,
    },
    {
        .name = "target_namespace",
        .description = "Namespace of the target",
        .required = true,
        .complete = gh_complete_namespace,
    },
    {
        .name = "target_service",
        .description = "The target: a Service or workload",
        .required = true,
        .complete = gh_complete_target,
    },
    {
        .name = "port",
        .description = "Port of the target, if only one matters",
        .complete = gh_complete_target_port,
    },
};

static enum gh_rc get(struct gh_call *c)
{
    struct gh_slice port = gh_call_str(c, "port");
    struct gh_slice source_ns = gh_call_str(c, "source_namespace");
    struct gh_slice source = gh_call_str(c, "source_service");
    struct gh_slice target_ns = gh_call_str(c, "target_namespace");
    struct gh_slice target = gh_call_str(c, "target_service");
    struct gh_slice on_port =
        port.len > 0 ? gh_arena_fmt(c->arena, ", port %.*s,", GH_FMT(port))
                     : GH_SLICE("");

    gh_prompt_say(
        c, "user",
        gh_arena_fmt(
            c->arena,
            "Find out whether %.*s in namespace %.*s may call %.*s in "
            "namespace %.*s%.*s in the Linkerd mesh, and why.\n"
            "1. Call analyze_connectivity with exactly these names. The "
            "verdict, the deciding policy and the near misses are in the "
            "answer; do not guess beyond them.\n"
            "2. If anything is denied, not-found or unexpected, call "
            "explain_policy for the target's port and look at what is "
            "shadowed or ignored, and why.\n"
            "3. If someone should have access who has not, name the smallest "
            "change: use the remedy of a near miss where there is one, and say "
            "who else it would admit (get_allowed_sources shows who is "
            "admitted now).\n"
            "Answer with the verdict first, then the reason in two sentences, "
            "then the change as YAML if one is needed.",
            GH_FMT(source), GH_FMT(source_ns), GH_FMT(target),
            GH_FMT(target_ns), GH_FMT(on_port)));
    return GH_OK;
}

const struct gh_prompt gh_prompt_explain_access = {
    .name = "explain_access",
    .title = "Why may A (not) call B?",
    .description = "Steps to find out whether one workload may call another, "
                   "which policy decides, and what to change.",
    .args = args,
    .arg_count = GH_COUNT(args),
    .get = get,
};
