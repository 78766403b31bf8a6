#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`gatehouse mcp` and bad clients: everything asked is answered, or it ends."""
import json
import os
import select
import signal
import subprocess

from harness import DEADLINE_S, GATEHOUSE, MESH, META, QUESTION, Case, main


def request(number, tool="analyze_connectivity", arguments=None):
    return json.dumps({
        "jsonrpc": "2.0", "id": number, "method": "tools/call",
        "params": {"name": tool, "arguments": arguments or QUESTION,
                   "_meta": META}}).encode() + b"\n"


class Client(Case):
    def start(self):
        return self.server(self.write("mesh.yaml", MESH))

    def test_every_tool_in_both_eras(self):
        server = self.start()
        tools = server.ask("tools/list")["result"]["tools"]
        self.assertEqual(len(tools), 6)
        arguments = {
            "get_allowed_sources": {"target_namespace": "shop",
                                    "target_service": "api"},
            "get_allowed_targets": {"source_namespace": "shop",
                                    "source_service": "web"},
            "explain_policy": {"namespace": "shop", "workload": "api"},
            "analyze_connectivity": QUESTION,
        }
        for tool in tools:
            result = server.call(tool["name"],
                                 **arguments.get(tool["name"], {}))
            self.assertFalse(result.get("isError"), tool["name"])
            self.assertEqual(json.loads(result["content"][0]["text"]),
                             result["structuredContent"])
        self.assertEqual(server.close()[0], 0)

    def test_legacy(self):
        server = self.start()
        server.send_raw(json.dumps({
            "jsonrpc": "2.0", "id": "i", "method": "initialize",
            "params": {"protocolVersion": "2025-06-18", "capabilities": {},
                       "clientInfo": {"name": "t", "version": "1"}}}).encode()
            + b'\n{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
        hello = server.read()["result"]
        self.assertEqual(hello["serverInfo"]["name"], "gatehouse")
        self.assertIn("list_meshed_services", hello["instructions"])
        server.send_raw(b'{"jsonrpc":"2.0","id":2,"method":"tools/call",'
                        b'"params":{"name":"list_meshed_services"}}\n')
        self.assertEqual(
            server.read()["result"]["structuredContent"]["totalServices"], 2)

    def test_end_in_mid_call(self):
        """What was asked before the end is answered."""
        server = self.start()
        server.send_raw(b"".join(request(i) for i in range(50)))
        code, rest, _ = server.close()
        self.assertEqual(code, 0)
        self.assertEqual([m["id"] for m in rest], list(range(50)))

    def test_half_a_line(self):
        server = self.start()
        server.send_raw(request(1) + request(2)[:40])
        code, rest, _ = server.close()
        self.assertEqual(code, 0)
        self.assertEqual(rest[0]["id"], 1)

    def test_nonsense(self):
        """Each line gets an error of its own, and the next is served."""
        server = self.start()
        for line in (b"not json\n", b"[]\n", b"{}\n", b"\xff\xfe\n",
                     b'{"jsonrpc":"2.0","id":1,"method":"nope"}\n'):
            server.send_raw(line)
            self.assertIn("error", server.read(), line)
        self.assertEqual(server.verdict(), "deny")

    def test_line_over_the_limit(self):
        server = self.start()
        server.send_raw(b'{"jsonrpc":"2.0","id":1,"method":"' +
                        b"x" * (5 << 20) + b'"}\n')
        self.assertIn("error", server.read())
        self.assertEqual(server.verdict(), "deny")

    def test_bad_arguments(self):
        server = self.start()
        for arguments, text in (
                ({"target_service": 7}, "target_service"),
                ({**QUESTION, "limit": 10 ** 9}, "limit"),
                ({**QUESTION, "target": "x"}, "target"),
                ({**QUESTION, "target_service": "x" * 100000}, "x"),
                ({**QUESTION, "target_service": "\0\n"}, "no Service"),
                ({**QUESTION, "cursor": "é"}, "cursor")):
            result = server.call("analyze_connectivity", **arguments)
            self.assertTrue(result["isError"], arguments)
            self.assertIn(text, result["content"][0]["text"])

    def test_client_that_never_reads(self):
        """It costs a queue, not all memory, and its end is noticed."""
        server = self.start()
        pipe = server.process.stdin.fileno()
        os.set_blocking(pipe, False)
        line = request(1, "check_mesh_health", {"namespace": "linkerd"})
        sent = 0
        while sent < 256 << 20:
            if not select.select([], [pipe], [], 1)[1]:
                break
            try:
                sent += os.write(pipe, line * 16)
            except BlockingIOError:
                continue
        self.assertLess(sent, 64 << 20, "it reads without end")
        with open(f"/proc/{server.process.pid}/statm",
                  encoding="ascii") as statm:
            resident = int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")
        if "asan" not in GATEHOUSE and "tsan" not in GATEHOUSE:
            self.assertLess(resident, 200 << 20)
        server.process.stdout.close()
        server.process.stdin.close()
        self.assertIsNotNone(server.process.wait(DEADLINE_S))

    def test_signals(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            server = self.start()
            self.assertEqual(server.verdict(), "deny")
            server.process.send_signal(number)
            self.assertIsNone(server.read())
            self.assertEqual(server.process.wait(DEADLINE_S), 0)

    def test_stdout_is_mcp_alone(self):
        """Faults of the manifests go to standard error."""
        self.write("m/mesh.yaml", MESH)
        self.write("m/bad.yaml", "apiVersion: v1\nkind: Pod\n")
        done = subprocess.run(
            [GATEHOUSE, "mcp", "--from", self.root / "m"], input=request(1),
            capture_output=True, timeout=DEADLINE_S, check=False)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(json.loads(done.stdout)["id"], 1)
        self.assertIn(b"bad.yaml:1:1:", done.stderr)

    def test_faults_are_findings(self):
        self.write("m/mesh.yaml", MESH)
        self.write("m/bad.yaml", "apiVersion: v1\nkind: Pod\n")
        server = self.server(self.root / "m")
        health = server.call("check_mesh_health")["structuredContent"]
        self.assertFalse(health["healthy"])
        self.assertEqual(health["sources"]["faults"], 1)
        self.assertIn("bad.yaml:1:1:", health["findings"][0]["what"])


if __name__ == "__main__":
    main()
