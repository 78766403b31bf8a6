#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""gatehouse check: what it reports, where, in which form, and how it exits."""
import json

from harness import MESH, Case, main

CLEAN = MESH + """\
---
apiVersion: policy.linkerd.io/v1alpha1
kind: AuthorizationPolicy
metadata: {namespace: shop, name: api}
spec:
  targetRef: {group: policy.linkerd.io, kind: Server, name: api}
  requiredAuthenticationRefs:
    - {kind: ServiceAccount, name: web}
---
apiVersion: v1
kind: ServiceAccount
metadata: {namespace: shop, name: web}
"""
BAD_PORT = """\
apiVersion: policy.linkerd.io/v1beta3
kind: Server
metadata:
  namespace: shop
  name: broken
spec:
  podSelector:
    matchLabels: {app: api}
  port: 99999
"""


class Report(Case):
    def check(self, *args, code=None):
        _, out, _ = self.run_gh("check", "-o", "json", *args, code=code)
        return json.loads(out)

    def codes(self, *args, code=None):
        return [f["code"] for f in self.check(*args, code=code)["findings"]]

    def test_clean(self):
        path = self.write("mesh.yaml", CLEAN)
        _, out, err = self.run_gh("check", path, code=0)
        self.assertIn("nothing found", out)
        self.assertEqual(err, "")

    def test_place_in_yaml(self):
        path = self.write("bad.yaml", CLEAN + "---\n" + BAD_PORT)
        line = 1 + (CLEAN + "---\n" + BAD_PORT).splitlines().index(
            "  port: 99999")
        found = self.check(path, code=1)["findings"]
        self.assertEqual([f["code"] for f in found], ["LNKD-006"])
        self.assertEqual((found[0]["line"], found[0]["column"],
                          found[0]["endColumn"]), (line, 9, 14))
        text = self.run_gh("check", path, code=1)[1]
        self.assertIn(f"{line} |   port: 99999\n", text)
        self.assertIn("|         ^^^^^\n", text)

    def test_place_in_json(self):
        server = {"apiVersion": "policy.linkerd.io/v1beta3", "kind": "Server",
                  "metadata": {"namespace": "shop", "name": "broken"},
                  "spec": {"podSelector": {}, "port": 99999}}
        items = {"apiVersion": "v1", "kind": "List", "items": [server]}
        for text in (json.dumps(items), json.dumps(items, indent=1),
                     json.dumps(server)):
            path = self.write("bad.json", text)
            found = self.check(path, code=1)["findings"]
            at = next(f for f in found if f["code"] == "LNKD-006")
            before = text[:text.index("99999")].splitlines()
            self.assertEqual((at["line"], at["column"]),
                             (len(before), len(before[-1]) + 1))

    def test_exit_codes(self):
        path = self.write("bad.yaml", BAD_PORT)
        self.run_gh("check", path, code=1)
        self.run_gh("check", "--fail-on", "never", path, code=0)
        self.run_gh("check", path + "no", code=2)
        self.run_gh("check", code=2)
        self.run_gh("check", "--explain", "LNKD-999", code=2)

    def test_rows(self):
        _, out, _ = self.run_gh("check", "--list", code=0)
        self.assertIn("LNKD-019", out)
        _, out, _ = self.run_gh("check", "--explain", "lnkd-019", code=0)
        self.assertIn("fix:", out)
        rows = json.loads(self.run_gh("check", "--list", "-o", "json")[1])
        self.assertEqual(len(rows), len({r["code"] for r in rows}))

    def test_unreadable(self):
        path = self.write("bad.yaml", "a: [\n")
        self.assertEqual(self.codes(path, code=1), ["FILE-001"])
        path = self.write("foreign.yaml", "replicas: 3\n")
        self.assertEqual(self.codes(path, code=0), [])
        self.assertEqual(self.codes("--min-severity", "info", path, code=0),
                         ["FILE-002"])


class Accepted(Case):
    """Suppressions and baselines."""

    def check(self, *args, code=None):
        _, out, _ = self.run_gh("check", "-o", "json", "--min-severity",
                                "info", *args, code=code)
        return json.loads(out)

    def annotated(self, text):
        return self.write("a.yaml", BAD_PORT.replace(
            "  name: broken\n", "  name: broken\n  annotations:\n"
            f"    gatehouse.dev/ignore: {json.dumps(text)}\n"))

    def codes(self, *args, code=None):
        return {f["code"] for f in self.check(*args, code=code)["findings"]}

    def test_annotation(self):
        for text, day, codes in (
                ("LNKD-006 tried out", "2027-01-01", set()),
                ("lnkd-006 until 2027-01-31 x", "2027-01-31", set()),
                ("LNKD-006 until 2027-01-31 x", "2027-02-01",
                 {"LNKD-006", "FILE-006"}),
                ("LNKD-006", "2027-01-01", {"LNKD-006", "FILE-005"}),
                ("LNKD-006 until 2027-02-29 x", "2027-01-01",
                 {"LNKD-006", "FILE-005"}),
                ("LNKD-006 x; LNKD-007 y", "2027-01-01", {"FILE-007"}),
                ("all of it", "2027-01-01", {"LNKD-006", "FILE-005"})):
            found = self.check("--today", day, self.annotated(text))
            codes_found = {f["code"] for f in found["findings"]}
            self.assertEqual(codes_found & (codes | {"LNKD-006", "FILE-005",
                                                     "FILE-006", "FILE-007"}),
                             codes, text)

    def test_file(self):
        path = self.write("bad.yaml", BAD_PORT)
        rule = ("- code: LNKD-006\n  namespace: shop\n  kind: server\n"
                "  name: brok*\n  reason: known\n  until: '2027-01-31'\n")
        ignore = self.write("ignore.yaml", rule)
        args = ("--ignore-file", ignore, path)
        self.assertNotIn("LNKD-006", self.codes("--today", "2027-01-31",
                                                *args, code=0))
        self.assertLessEqual({"LNKD-006", "FILE-006"},
                             self.codes("--today", "2027-02-01", *args,
                                        code=1))
        for change, code in (("brok*", "FILE-007"), ("known", "FILE-005")):
            self.write("ignore.yaml", rule.replace(
                change, "'x'" if change == "brok*" else "''"))
            self.assertLessEqual({"LNKD-006", code}, self.codes(
                "--today", "2027-01-01", *args, code=1))
        for broken in ("code: x\n", "- [", "3\n"):
            self.write("ignore.yaml", broken)
            self.run_gh("check", *args, code=2)

    def test_baseline(self):
        path = self.write("bad.yaml", BAD_PORT)
        base = str(self.root / "baseline.json")
        self.check("--write-baseline", base, path, code=0)
        known = json.loads((self.root / "baseline.json").read_text())
        self.assertIn("LNKD-006", [f["code"] for f in known["findings"]])
        report = self.check("--baseline", base, path, code=0)
        self.assertEqual(report["findings"], [])
        self.write("bad.yaml", "# moved\n\n" + BAD_PORT)
        self.assertEqual(self.check("--baseline", base, path,
                                    code=0)["findings"], [])
        self.write("bad.yaml", BAD_PORT.replace("99999", "http").replace(
            "port:", "proxyProtocol: x\n  port:"))
        report = self.check("--baseline", base, path, code=1)
        self.assertIn("LNKD-007", [f["code"] for f in report["findings"]])
        self.assertGreaterEqual(report["summary"]["goneFromBaseline"], 1)
        self.assertIn("occurs no more", self.run_gh(
            "check", "--baseline", base, path, code=1)[1])
        self.write("baseline.json", "{}")
        self.run_gh("check", "--baseline", base, path, code=2)


if __name__ == "__main__":
    main()
