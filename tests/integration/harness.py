# SPDX-License-Identifier: Apache-2.0
"""What the integration tests share: the binary, temporary trees, an MCP client.

Nothing here sleeps. Waiting is reading with a deadline, so that a hang is a
failure with a name and not a test run that never ends.
"""
import json
import os
import pathlib
import selectors
import subprocess
import sys
import tempfile
import unittest

GATEHOUSE = os.environ.get("GATEHOUSE", "build/release/gatehouse")
DEADLINE_S = float(os.environ.get("GATEHOUSE_DEADLINE", "60"))
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
}

NAMESPACE = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop, annotations: {linkerd.io/inject: enabled}}
"""


def deployment(name, ns="shop"):
    return f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{namespace: {ns}, name: {name}}}
spec:
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      serviceAccountName: {name}
      containers:
        - {{name: main, ports: [{{name: http, containerPort: 8080}}]}}
"""


SERVER = """\
apiVersion: policy.linkerd.io/v1beta3
kind: Server
metadata: {namespace: shop, name: api}
spec:
  podSelector: {matchLabels: {app: api}}
  port: http
  proxyProtocol: HTTP/1
"""

MESH = "---\n".join([NAMESPACE, deployment("web"), deployment("api"), SERVER])
QUESTION = {"source_namespace": "shop", "source_service": "web",
            "target_service": "api"}


class Case(unittest.TestCase):
    def setUp(self):
        self.tmp = tempfile.TemporaryDirectory(prefix="gatehouse-")
        self.addCleanup(self.tmp.cleanup)
        self.root = pathlib.Path(self.tmp.name)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    def run_gh(self, *args, code=None, stdin=b"", env=None):
        """Runs to the end. Return: (exit code, stdout, stderr)."""
        done = subprocess.run([GATEHOUSE, *map(str, args)], input=stdin,
                              capture_output=True, timeout=DEADLINE_S,
                              env={**os.environ, **(env or {})}, check=False)
        out, err = done.stdout.decode(), done.stderr.decode()
        if code is not None:
            self.assertEqual(done.returncode, code, f"{args}\n{out}\n{err}")
        return done.returncode, out, err

    def server(self, *paths, **kw):
        s = Server(*paths, **kw)
        self.addCleanup(s.kill)
        return s


class Server:
    """`gatehouse mcp`, spoken to line by line."""

    def __init__(self, *paths, stderr=subprocess.PIPE):
        args = [GATEHOUSE, "mcp"]
        for path in paths:
            args += ["--from", str(path)]
        self.process = subprocess.Popen(args, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=stderr)
        self.pending = b""
        self.id = 0

    def send_raw(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, method, **params):
        self.id += 1
        self.send_raw(json.dumps({
            "jsonrpc": "2.0", "id": self.id, "method": method,
            "params": {**params, "_meta": META}}).encode() + b"\n")
        return self.id

    def read(self):
        """The next message; None at the end."""
        with selectors.DefaultSelector() as wait:
            wait.register(self.process.stdout, selectors.EVENT_READ)
            while b"\n" not in self.pending:
                if not wait.select(DEADLINE_S):
                    raise AssertionError("no answer: it hangs")
                data = os.read(self.process.stdout.fileno(), 1 << 16)
                if not data:
                    if self.pending:
                        raise AssertionError("half a line at the end")
                    return None
                self.pending += data
        line, self.pending = self.pending.split(b"\n", 1)
        return json.loads(line)

    def ask(self, method, **params):
        """Sends, and reads up to the answer; notifications are dropped."""
        wanted = self.send(method, **params)
        while True:
            message = self.read()
            if message is None:
                raise AssertionError("the server is gone")
            if message.get("id") == wanted:
                return message

    def call(self, tool, **arguments):
        return self.ask("tools/call", name=tool,
                        arguments=arguments)["result"]

    def verdict(self, **arguments):
        result = self.call("analyze_connectivity", **(arguments or QUESTION))
        return result["structuredContent"]["verdict"]

    def close(self):
        """Ends the input. Return: (exit code, what was still sent, stderr)."""
        self.process.stdin.close()
        rest = []
        while (message := self.read()) is not None:
            rest.append(message)
        err = self.process.stderr.read() if self.process.stderr else b""
        return self.process.wait(DEADLINE_S), rest, err.decode()

    def kill(self):
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout,
                     self.process.stderr):
            if pipe and not pipe.closed:
                try:
                    pipe.close()
                except BrokenPipeError:
                    pass


LEFT_OUT = 77  # what ctest shows as "skipped"


def main():
    result = unittest.main(verbosity=1, argv=sys.argv, exit=False).result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(LEFT_OUT if result.testsRun == len(result.skipped) else 0)
