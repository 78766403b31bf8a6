#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The command line: what people type, what they get, and the exit codes."""
import gzip
import json
import os
import pty
import select
import shutil
import subprocess
import xml.etree.ElementTree

from harness import GATEHOUSE, MESH, Case, main

DENY = """\
name: web may not call the api
from: {workload: shop/Deployment/web}
to: {workload: shop/Deployment/api, port: http}
over: http
request: {method: GET, path: /}
expect: deny
"""
WRONG = DENY.replace("name: web", "name: surely web").replace(
    "expect: deny", "expect: allow")
MALFORMED = DENY.replace("expect: deny", "expct: deny")


class Help(Case):
    def test_pages(self):
        _, out, err = self.run_gh("--help", code=0)
        self.assertEqual(err, "")
        for command in ("mcp", "explain", "test", "version", "completion"):
            self.assertIn(f"\n  {command} ", out)
            _, page, _ = self.run_gh(command, "--help", code=0)
            self.assertIn(f"gatehouse {command}", page)
            self.assertEqual(self.run_gh("help", command, code=0)[1], page)
        for command in ("explain", "test", "mcp"):
            self.assertIn("Exit codes:",
                          self.run_gh("help", command, code=0)[1])

    def test_nothing(self):
        _, out, err = self.run_gh(code=2)
        self.assertEqual(out, "")
        self.assertIn("Usage:", err)

    def test_version(self):
        self.assertRegex(self.run_gh("version", code=0)[1],
                         r"^gatehouse \d+\.\d+\.\d+\n$")
        self.assertEqual(self.run_gh("--version", code=0)[1],
                         self.run_gh("version")[1])

    def test_mistakes(self):
        for args, text in (
                (["tset"], 'did you mean "test"?'),
                (["help", "mpc"], 'did you mean "mcp"?'),
                (["test", "--frm", "x"], "did you mean --from?"),
                (["test", "cases.yaml"], "--from PATH is missing"),
                (["explain", "--from", "x", "a"], "too few arguments"),
                (["explain", "--from", "x", "a", "b", "c", "d"], "too many"),
                (["test", "--from", "x", "-o", "xml", "c"], "none of"),
                (["mcp"], "--from PATH is missing"),
                (["mcp", "--from", "-"], "standard input is where"),
                (["completion", "tcsh"], "bash, zsh and fish")):
            _, out, err = self.run_gh(*args, code=2)
            self.assertEqual(out, "", args)
            self.assertIn(text, err, args)

    def test_closed_descriptors(self):
        """No manifest is ever taken for standard output."""
        done = subprocess.run(
            ["sh", "-c", f"exec {GATEHOUSE} version >&-"],
            capture_output=True, check=False, timeout=60)
        self.assertEqual(done.returncode, 0)

    def test_full_disk(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        with open("/dev/full", "wb") as full:
            done = subprocess.run([GATEHOUSE, "version"], stdout=full,
                                  check=False, timeout=60)
        self.assertEqual(done.returncode, 2)


class Completion(Case):
    def check(self, shell, *args):
        _, script, _ = self.run_gh("completion", shell, code=0)
        for word in ("explain", "--from", "junit"):
            self.assertIn(word.lstrip("-"), script)
        if shutil.which(shell):
            path = self.write(f"completion.{shell}", script)
            subprocess.run([shell, *args, path], check=True, timeout=60)
        return script

    def test_shells(self):
        self.check("bash", "-n")
        self.check("zsh", "-n")
        self.check("fish", "-n")

    def test_bash_offers(self):
        script = self.check("bash", "-n")
        for line, expected in (
                ("gatehouse ex", "explain"),
                ("gatehouse test --out", "--output"),
                ("gatehouse test --output ju", "junit"),
                ("gatehouse completion z", "zsh")):
            words = line.split(" ")
            done = subprocess.run(
                ["bash", "-c", script + "\nCOMP_WORDS=(\"$@\"); "
                 "COMP_CWORD=$(($#-1)); _gatehouse; echo ${COMPREPLY[@]}",
                 "bash", *words], capture_output=True, text=True, check=True,
                timeout=60)
            self.assertEqual(done.stdout.strip(), expected)


class Explain(Case):
    def explain(self, *args, code=None):
        mesh = self.write("mesh.yaml", MESH)
        return self.run_gh("explain", "--from", mesh, *args, code=code)

    def test_denied(self):
        _, out, err = self.explain("shop/web", "shop/api:http", "/x", code=1)
        self.assertEqual(err, "")
        self.assertTrue(out.startswith(
            "DENIED  shop/web → shop/api:http  GET /x\n"), out)
        self.assertIn("ruled by Server/shop/api, protocol HTTP/1", out)
        self.assertNotIn("\033", out)

    def test_allowed(self):
        _, out, _ = self.explain("api", "web", code=0)
        self.assertTrue(out.startswith("ALLOWED  shop/api → shop/web\n"), out)

    def test_sources(self):
        for source, code in (("-", 1), ("spiffe://a/b", 1), ("deploy/web", 2),
                             ("shop/deploy/web", 1), ("api", 1)):
            self.explain(source, "api", code=code)

    def test_json(self):
        _, out, _ = self.explain("web", "api", "-o", "json", code=1)
        answer = json.loads(out)
        self.assertEqual(answer["verdict"], "deny")
        self.assertEqual(answer["paths"][0]["server"], "Server/shop/api")

    def test_mistakes(self):
        for args, text in (
                (["wep", "api"], 'no namespace has anything called "wep"'),
                (["shop/wep", "api"], 'did you mean "web"?'),
                (["web", "api:htp"], "http"),
                (["web", "api", "x"], "does not start with a slash"),
                (["web", "api", "--ip", "1.2.3"], "no IPv4 or IPv6 address"),
                (["web", "api", "-H", "x"], "NAME:VALUE")):
            _, out, err = self.explain(*args, code=2)
            self.assertEqual(out, "")
            self.assertIn(text, err)

    def test_stdin(self):
        _, out, _ = self.run_gh("explain", "--from", "-", "web", "api",
                                stdin=MESH.encode(), code=1)
        self.assertIn("DENIED", out)

    def test_terminal(self):
        """Colour on a terminal; none with NO_COLOR."""
        mesh = self.write("mesh.yaml", MESH)
        for env, coloured in (({"NO_COLOR": ""}, True), ({"NO_COLOR": "1"},
                                                         False)):
            leader, follower = pty.openpty()
            process = subprocess.Popen(
                [GATEHOUSE, "explain", "--from", mesh, "web", "api"],
                stdout=follower, env={**os.environ, "TERM": "xterm", **env})
            os.close(follower)
            out = b""
            while True:
                select.select([leader], [], [], 60)
                try:
                    data = os.read(leader, 65536)
                except OSError:
                    break
                if not data:
                    break
                out += data
            os.close(leader)
            self.assertEqual(process.wait(60), 1)
            self.assertEqual(b"\033[1;31mDENIED" in out, coloured, out)


class Test(Case):
    def judge(self, *args, cases=DENY, code=None, name="cases.yaml"):
        mesh = self.write("mesh.yaml", MESH)
        path = self.write(name, cases)
        return self.run_gh("test", "--from", mesh, *args, path, code=code)

    def test_exit_codes(self):
        self.assertEqual(self.judge(code=0)[1], "1 passed, 0 failed\n")
        _, out, _ = self.judge(cases=DENY + "---\n" + WRONG, code=1)
        self.assertIn("FAIL  surely web may not call the api", out)
        self.assertIn("expected allow, got deny", out)
        self.assertTrue(out.endswith("1 passed, 1 failed\n"))

    def test_malformed(self):
        """It is said where, and the rest is judged all the same."""
        _, out, err = self.judge(
            cases=DENY + "---\n" + MALFORMED + "---\n" + WRONG, code=2)
        self.assertIn("cases.yaml:13:1:", err)
        self.assertIn('did you mean "expect"?', err)
        self.assertTrue(out.endswith("1 passed, 1 failed, 1 malformed\n"))

    def test_malformed_line(self):
        line = json.dumps({
            "name": "a", "from": {"workload": "shop/Deployment/web"},
            "to": {"workload": "shop/Deployment/api", "port": "http"},
            "over": "tcp", "expect": "deny"})
        _, out, err = self.judge(cases=f"{line}\n{line[:-5]}\n{line}\n",
                                 name="cases.jsonl", code=2)
        self.assertIn("cases.jsonl:2:", err)
        self.assertIn("2 passed, 0 failed, 1 malformed", out)

    def test_malformed_json(self):
        """Lines are counted from the file's beginning, in every form."""
        case = {"name": "a", "from": {"workload": "shop/Deployment/web"},
                "to": {"workload": "shop/Deployment/api", "port": "http"},
                "over": "tcp", "expct": "deny"}
        good = json.dumps({**case, "expct": None}).replace("expct", "expect")
        good = good.replace("null", '"deny"')
        _, out, err = self.judge(
            cases=good + "\n" + json.dumps(case, indent=1) + "\n" + good,
            name="cases.json", code=2)
        self.assertIn("cases.json:12:2:", err)
        self.assertIn("2 passed, 0 failed, 1 malformed", out)
        line = json.dumps(case)
        _, _, err = self.judge(cases=good + "\n" + line, name="cases.jsonl",
                               code=2)
        self.assertIn(f"cases.jsonl:2:{line.index('expct')}:", err)

    def test_unknown_name(self):
        _, _, err = self.judge(
            cases=DENY.replace("Deployment/web", "Deployment/wep"), code=2)
        self.assertIn("wep", err)
        self.assertRegex(err, r"cases\.yaml:\d+:\d+:")

    def test_json(self):
        _, out, _ = self.judge("--output", "json",
                               cases=DENY + "---\n" + WRONG, code=1)
        lines = [json.loads(x) for x in out.splitlines()]
        self.assertEqual([x["got"] for x in lines], ["deny", "deny"])
        self.assertEqual(list(lines[0]),
                         ["name", "expect", "got", "by", "reason"])

    def test_junit(self):
        _, out, _ = self.judge("--output", "junit",
                               cases=DENY + "---\n" + WRONG, code=1)
        suite = xml.etree.ElementTree.fromstring(out).find("testsuite")
        self.assertEqual(suite.get("tests"), "2")
        self.assertEqual(suite.get("failures"), "1")
        self.assertEqual(len(suite.findall("testcase/failure")), 1)

    def test_packed_and_many(self):
        one = {"name": "n", "from": {"workload": "shop/Deployment/web"},
               "to": {"workload": "shop/Deployment/api", "port": 8080},
               "over": "http", "request": {"method": "GET", "path": "/"},
               "expect": "deny"}
        lines = "".join(json.dumps(one) + "\n" for _ in range(10000))
        _, out, _ = self.judge(cases=gzip.compress(lines.encode()),
                               name="cases.jsonl.gz", code=0)
        self.assertEqual(out, "10000 passed, 0 failed\n")

    def test_beside_the_manifests(self):
        """One directory for both: neither disturbs the other."""
        self.write("all/mesh.yaml", MESH)
        self.write("all/cases.yaml", DENY)
        _, out, _ = self.run_gh("test", "--from", self.root / "all",
                                self.root / "all", code=0)
        self.assertEqual(out, "1 passed, 0 failed\n")

    def test_no_cases(self):
        _, _, err = self.judge(cases="# none yet\n", code=2)
        self.assertIn("there are no cases", err)
        mesh = self.write("mesh.yaml", MESH)
        _, _, err = self.run_gh("test", "--from", mesh,
                                self.root / "gone.yaml", code=2)
        self.assertIn("No such file", err)

    def test_aliases(self):
        bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        for i in range(12):
            bomb += (f"{chr(98 + i)}: &{chr(98 + i)} "
                     f"[{', '.join(['*' + chr(97 + i)] * 10)}]\n")
        _, _, err = self.judge(cases=bomb + "---\n" + DENY, code=2)
        self.assertIn("cases.yaml:", err)


if __name__ == "__main__":
    main()
