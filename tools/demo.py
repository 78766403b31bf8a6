#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Asks the example mesh six questions, the way an agent does.

A real MCP client over stdio, with nothing but Python's library: it starts
`gatehouse mcp`, discovers it, calls its tools, and prints question, call,
answer (the tool's own text) and a conclusion, which is taken from the
structured part of the answer alone. Ends with the shop's policy tests.
"""
import json
import os
import shutil
import subprocess
import sys
import textwrap

GATEHOUSE = "build/gatehouse"
MESH = "examples/shop"
WIDTH = max(72, min(shutil.get_terminal_size((120, 24)).columns, 120)) - 2
ROOM = WIDTH - 3
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "demo", "version": "1"},
}


class Paint:
    """Colours on a terminal, nothing elsewhere."""

    def __init__(self, on):
        self.on = on

    def __call__(self, code, text):
        return f"\x1b[{code}m{text}\x1b[0m" if self.on else text

    def bold(self, text):
        return self("1", text)

    def dim(self, text):
        return self("2", text)

    def good(self, text):
        return self("32", text)

    def bad(self, text):
        return self("31", text)


paint = Paint(sys.stdout.isatty() and "NO_COLOR" not in os.environ)


class Server:
    """One MCP server on the other end of two pipes."""

    def __init__(self, *command):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.last_id = 0

    def ask(self, method, **params):
        self.last_id += 1
        message = {"jsonrpc": "2.0", "id": self.last_id, "method": method,
                   "params": {**params, "_meta": META}}
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            answer = json.loads(line)
            if answer.get("id") != self.last_id:
                continue  # a notification
            if "error" in answer:
                sys.exit(f"{method}: {answer['error']['message']}")
            return answer["result"]
        sys.exit(f"{method}: the server went away")

    def call(self, tool, **arguments):
        """Returns the text of the answer and its structured part."""
        arguments.setdefault("format", "table")
        result = self.ask("tools/call", name=tool, arguments=arguments)
        text = "\n".join(part["text"] for part in result["content"]
                         if part["type"] == "text")
        if result.get("isError"):
            sys.exit(f"{tool}: {text}")
        return text, result["structuredContent"]

    def close(self):
        self.process.stdin.close()
        if self.process.wait(timeout=10) != 0:
            sys.exit("gatehouse mcp did not end well")


def plural(count, noun, many=None):
    return f"{count} {noun if count == 1 else many or noun + 's'}"


def names(items, most=5):
    """The first few, as a sentence would have them."""
    shown = ", ".join(items[:most])
    return shown + (f" and {len(items) - most} more" if len(items) > most
                    else "")


# Each question: what a person asks, the calls an agent makes of it, and what
# to conclude from the structured answers: a sentence, and whether it is good
# news.

def health(answers):
    (got,) = answers
    plane, data = got["controlPlane"], got["dataPlane"]
    outside = [one["namespace"] for one in data["namespaces"]
               if one["templates"] > one["meshedTemplates"]]
    bad = [one["what"] for one in got["findings"] if one["severity"] != "info"]
    return (f"Linkerd {plane['version']}, trust domain {plane['trustDomain']}."
            f" {data['meshedTemplates']} of {data['templates']} workloads are"
            f" in the mesh; not all of {names(outside)} is."
            + ("".join(f" {one}." for one in bad))), not bad


def meshed(answers):
    (got,) = answers
    count = got["totalServices"]
    return (f"{plural(count, 'service or job', 'services and jobs')} of shop,"
            f" {got['unmeshedServices'] or 'none'} of them outside of the"
            f" mesh."), got["unmeshedServices"] == 0


def connectivity(answers):
    said = []
    for got in answers:
        ends = f"{got['source']['service']} to {got['target']['service']}"
        if got["allowed"]:
            by = [label for path in got["paths"] if not path.get("probe")
                  for label in path["by"]]
            said.append(f"{ends}: yes, by {names(by, 1)}.")
            continue
        # What only needs another target is nearer than a new identity.
        misses = sorted((miss for path in got["paths"]
                         for miss in path["nearMisses"]),
                        key=lambda miss: miss["why"] == "identity")
        said.append(f"{ends}: no.")
        if misses:
            miss = misses[0]
            said.append(f"{miss['policy']} {miss['text']}."
                        f" What to do: {miss['remedy']}.")
    return " ".join(said), all(got["allowed"] for got in answers)


def targets(answers):
    (got,) = answers
    by_default = [f"{one['workload'].split('/')[1]}:{one['port']}"
                  for one in got["allowedTargets"]
                  if one["authorizationPolicy"].startswith("default/")]
    text = (f"{plural(got['totalTargets'], 'port')} that a policy guards let"
            f" {got['source']['service']} in")
    if by_default:
        text += (f"; {names(by_default)} only because a default does")
    return text + ".", not by_default


def sources(answers):
    (got,) = answers
    who = [f"{one['serviceAccount']} ({one['namespace']})"
           for one in got["admittedWorkloads"]]
    strangers = [one for one in got["admittedWorkloads"]
                 if one["namespace"] != got["target"]["namespace"]]
    return (f"{names(who)}: {plural(len(who), 'workload')} of"
            f" {got['totalWorkloads']}."
            + "".join(f" {one['serviceAccount']} gets in from another namespace"
                      f", by {names(one['by'], 1)}." for one in strangers)
            ), not strangers


def policy(answers):
    (got,) = answers
    said, good = [], True
    for port in got["ports"]:
        said.append(f"{port['server']['name']} decides.")
        for one in port["shadowedServers"]:
            good = False
            said.append(f"{one['server']} does nothing: {one['why']}.")
    return " ".join(said), good


QUESTIONS = [
    ("Is my mesh healthy?", health,
     [("check_mesh_health", {})]),
    ("What is in it?", meshed,
     [("list_meshed_services", {"namespace": "shop"})]),
    ("May checkout take payments? And why can it not see the cart?",
     connectivity,
     [("analyze_connectivity",
       {"source_namespace": "shop", "source_service": "checkout",
        "target_namespace": "vault", "target_service": "payments",
        "port": "http"}),
      ("analyze_connectivity",
       {"source_namespace": "shop", "source_service": "checkout",
        "target_service": "cart", "port": "http"})]),
    ("Whom else may checkout call?", targets,
     [("get_allowed_targets",
       {"source_namespace": "shop", "source_service": "checkout",
        "enforced_only": True})]),
    ("Who may read card numbers?", sources,
     [("get_allowed_sources",
       {"target_namespace": "vault", "target_service": "cards"})]),
    ("What rules the cart's port, all told?", policy,
     [("explain_policy",
       {"namespace": "shop", "workload": "cart", "port": "http"})]),
]


def show_call(tool, arguments):
    inside = ", ".join(f"{name}: {json.dumps(value).strip(chr(34))}"
                       for name, value in arguments.items())
    for line in textwrap.wrap(f"{tool}({inside})", WIDTH - 3,
                              subsequent_indent="    "):
        print("   " + paint.dim(line))


def show_answer(text):
    """Rows of a table are cut at the edge of the screen, sentences wrapped."""
    print()
    for line in text.rstrip().splitlines():
        if "  " in line.strip() and len(line) > ROOM:
            line = line[:ROOM - 1] + "…"
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        for part in textwrap.wrap(line, ROOM, subsequent_indent=indent,
                                  drop_whitespace=True,
                                  replace_whitespace=False) or [""]:
            print(f"   {part}".rstrip())
    print()


def show_conclusion(text, good):
    mark = paint.good("=>") if good else paint.bad("=>")
    lines = textwrap.wrap(text, WIDTH - 3)
    print("\n".join([f"{mark} {lines[0]}"] + [f"   {x}" for x in lines[1:]]))


def ask_all(server):
    for number, (question, conclude, calls) in enumerate(QUESTIONS, 1):
        print("\n" + paint.bold(f"{number}. {question}"))
        answers = []
        for tool, arguments in calls:
            show_call(tool, arguments)
            text, answer = server.call(tool, **arguments)
            show_answer(text)
            answers.append(answer)
        show_conclusion(*conclude(answers))


def main():
    server = Server(GATEHOUSE, "mcp", "--from", MESH)
    found = server.ask("server/discover")
    tools = server.ask("tools/list")["tools"]
    versions = ", ".join(found["supportedVersions"])
    print(f"An agent started {paint.bold(f'gatehouse mcp --from {MESH}')}")
    print(f"and found MCP {versions} and {plural(len(tools), 'tool')}.")
    ask_all(server)
    server.close()

    command = [GATEHOUSE, "test", "--from", MESH, f"{MESH}/cases.yaml"]
    print("\n" + paint.bold("And does the mesh do what its people expect?"))
    print("   " + paint.dim(" ".join(["gatehouse", *command[1:]])) + "\n")
    sys.stdout.flush()
    sys.exit(subprocess.run(command).returncode)


if __name__ == "__main__":
    main()
