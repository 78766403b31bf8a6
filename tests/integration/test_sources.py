#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bad manifests and bad places: a clear error, the rest loaded, no hang."""
import gzip
import os
import shutil

from harness import MESH, QUESTION, SERVER, Case, deployment, main

# The Server names a port that nothing has: the default policy applies.
OPEN = MESH.replace("port: http", "port: other")
ASK = ("shop/web", "shop/api")


class Loading(Case):
    def explain(self, *paths, code=None):
        args = []
        for path in paths:
            args += ["--from", path]
        return self.run_gh("explain", *args, *ASK, code=code)

    def test_missing(self):
        _, out, err = self.explain(self.root / "gone", code=2)
        self.assertEqual(out, "")
        self.assertIn("gone", err)
        self.assertIn("No such file or directory", err)

    def test_empty_directory(self):
        (self.root / "empty").mkdir()
        _, _, err = self.explain(self.root / "empty", code=2)
        self.assertIn("empty", err)

    def test_unreadable_directory(self):
        if os.geteuid() == 0:
            self.skipTest("root reads everything")
        (self.root / "shut").mkdir(mode=0)
        _, _, err = self.explain(self.root / "shut", code=2)
        self.assertIn("Permission denied", err)

    def test_broken_file_beside_good_ones(self):
        self.write("m/mesh.yaml", MESH)
        self.write("m/broken.yaml", "kind: [\n")
        _, out, err = self.explain(self.root / "m", code=1)
        self.assertIn("DENIED", out)
        self.assertRegex(err, r"broken\.yaml:\d+:\d+: ")
        self.assertIn("1 fault", err)

    def test_binary(self):
        self.write("m/mesh.yaml", MESH)
        self.write("m/noise.yaml", bytes(range(256)) * 64)
        self.write("m/noise.json", b"\x7fELF\0\0\0\0")
        self.write("m/noise.json.gz", b"\x1f\x8b\x08\0garbage")
        _, out, err = self.explain(self.root / "m", code=1)
        self.assertIn("DENIED", out)
        for name in ("noise.yaml", "noise.json:", "noise.json.gz"):
            self.assertIn(name, err)

    def test_invalid_utf8(self):
        self.write("m/mesh.yaml", MESH)
        self.write("m/bad.json",
                   b'{"apiVersion":"v1","kind":"Pod","metadata":'
                   b'{"name":"\xff\xfe"}}')
        _, _, err = self.explain(self.root / "m", code=1)
        self.assertRegex(err, r"bad\.json:1:\d+: ")

    def test_alias_bomb(self):
        bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        for i in range(12):
            bomb += (f"{chr(98 + i)}: &{chr(98 + i)} "
                     f"[{', '.join(['*' + chr(97 + i)] * 10)}]\n")
        self.write("m/mesh.yaml", MESH)
        self.write("m/bomb.yaml", bomb)
        self.write("m/cycle.yaml", "a: &a [*a]\n")
        _, out, err = self.explain(self.root / "m", code=1)
        self.assertIn("DENIED", out)
        self.assertIn("bomb.yaml", err)
        self.assertIn("cycle.yaml", err)

    def test_packed_bomb(self):
        """A small file that unpacks to a huge one ends at a limit."""
        self.write("m/mesh.yaml", MESH)
        self.write("m/zeros.yaml.gz", gzip.compress(b"# " + b"x" * (80 << 20)))
        _, out, err = self.explain(self.root / "m", code=1)
        self.assertIn("DENIED", out)
        self.assertIn("zeros.yaml.gz", err)

    def test_deep_nesting(self):
        self.write("m/mesh.yaml", MESH)
        self.write("m/deep.json", '{"kind":' + "[" * 100000)
        self.write("m/deep.yaml", "a: " + "[" * 100000)
        _, out, err = self.explain(self.root / "m", code=1)
        self.assertIn("deep.json", err)
        self.assertIn("deep.yaml", err)

    def test_special_files(self):
        self.write("m/mesh.yaml", MESH)
        os.mkfifo(self.root / "m" / "pipe.yaml")
        os.symlink("loop.yaml", self.root / "m" / "loop.yaml")
        os.symlink(".", self.root / "m" / "self")
        _, out, _ = self.explain(self.root / "m", code=1)
        self.assertIn("DENIED", out)

    def test_many_faults(self):
        """They are counted, not all printed."""
        self.write("m/mesh.yaml", MESH)
        self.write("m/bad.yaml", "apiVersion: v1\nkind: Pod\n---\n" * 100)
        _, _, err = self.explain(self.root / "m", code=1)
        self.assertEqual(err.count("no metadata.name"), 20)
        self.assertRegex(err, r"\.\.\. and \d+ more\n")
        self.assertRegex(err, r"gatehouse: \d+ faults in the manifests")

    def test_conflict(self):
        """Two definitions: it is said, and one counts."""
        self.write("m/1.yaml", MESH)
        self.write("m/2.yaml", SERVER.replace("HTTP/1", "opaque"))
        _, out, err = self.explain(self.root / "m", code=1)
        self.assertIn("protocol opaque", out)
        self.assertIn("2.yaml", err)

    def test_several(self):
        parts = MESH.split("---\n")
        paths = [self.write(f"{i}.yaml", p) for i, p in enumerate(parts)]
        _, out, _ = self.explain(*paths, code=1)
        self.assertIn("DENIED", out)


class Watching(Case):
    def until(self, server, wanted):
        """Asks until the change has arrived; each answer is a round trip."""
        for _ in range(20000):
            verdict = server.verdict()
            if verdict == wanted:
                return
        self.fail(f"still {verdict}")

    def test_change(self):
        self.write("m/mesh.yaml", MESH)
        server = self.server(self.root / "m")
        self.assertEqual(server.verdict(), "deny")
        self.write("m/mesh.yaml", OPEN)
        self.until(server, "allow")
        self.write("m/.new", MESH)
        os.rename(self.root / "m" / ".new", self.root / "m" / "mesh.yaml")
        self.until(server, "deny")
        self.assertEqual(server.close()[0], 0)

    def test_broken_in_between(self):
        """A file that breaks keeps its last good objects."""
        self.write("m/mesh.yaml", MESH)
        self.write("m/more.yaml", deployment("other"))
        server = self.server(self.root / "m")
        self.assertEqual(server.verdict(), "deny")
        self.write("m/mesh.yaml", "kind: [")
        self.write("m/more.yaml", SERVER.replace("name: api", "name: aa")
                   .replace("HTTP/1", "opaque"))
        for _ in range(20000):
            content = server.call("analyze_connectivity",
                                  **QUESTION)["structuredContent"]
            if content["paths"][0]["server"] == "Server/shop/aa":
                break
        else:
            self.fail("the good file was not read again")
        code, _, err = server.close()
        self.assertEqual(code, 0)
        self.assertRegex(err, r"mesh\.yaml:\d+:\d+: ")

    def test_vanishing_directory(self):
        self.write("m/mesh.yaml", MESH)
        server = self.server(self.root / "m")
        self.assertEqual(server.verdict(), "deny")
        os.rename(self.root / "m", self.root / "away")
        self.assertEqual(server.verdict(), "deny")
        self.write("m/mesh.yaml", OPEN)
        self.until(server, "allow")
        self.assertEqual(server.close()[0], 0)

    def test_removed_directory(self):
        """Whatever the answer is meanwhile, there is one."""
        self.write("m/mesh.yaml", MESH)
        server = self.server(self.root / "m")
        self.assertEqual(server.verdict(), "deny")
        shutil.rmtree(self.root / "m")
        self.assertIn("content", server.call("analyze_connectivity",
                                             **QUESTION))
        self.write("m/mesh.yaml", OPEN)
        for _ in range(20000):
            result = server.call("analyze_connectivity", **QUESTION)
            if result.get("structuredContent", {}).get("verdict") == "allow":
                return
        self.fail("the directory came back unnoticed")

    def test_listeners_hear_it(self):
        self.write("m/mesh.yaml", MESH)
        server = self.server(self.root / "m")
        listen = server.send(
            "subscriptions/listen",
            notifications={"resourcesListChanged": True,
                           "resourceSubscriptions":
                           ["mesh://servers/shop/api"]})
        first = server.read()
        self.assertEqual(first["method"],
                         "notifications/subscriptions/acknowledged", first)
        self.write("m/mesh.yaml", MESH.replace("HTTP/1", "HTTP/2"))
        heard = {server.read()["method"] for _ in range(2)}
        self.assertEqual(heard, {"notifications/resources/updated",
                                 "notifications/resources/list_changed"})
        self.assertGreater(listen, 0)


if __name__ == "__main__":
    main()
