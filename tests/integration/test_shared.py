#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Against material that lies beside the source, where it does.

Recorded verdicts of the running Linkerd, Linkerd's own manifests, lists of a
real API server, and a cluster of 5,000 pods. GATEHOUSE_SHARED says where
(default: ../shared). Without it these tests are left out, and say so.
"""
import os
import pathlib
import sys
import unittest

from harness import Case, main

SHARED = pathlib.Path(os.environ.get("GATEHOUSE_SHARED", "../shared"))
DATA = SHARED / "data"
LINKERD = DATA / "linkerd"

# To: from. Localhost and frontend aside, everyone else is denied.
MATRIX = {
    "api-gateway": {"frontend"},
    "catalog": {"api-gateway", "cart"},
    "cart": {"api-gateway", "checkout"},
    "checkout": {"api-gateway"},
    "payment": {"checkout"},
    "database": {"catalog", "cart", "checkout", "payment"},
}
APPS = {*MATRIX, "frontend"}


def needs(path):
    there = path.exists()
    if not there:
        print(f"left out: {path} is not there", file=sys.stderr)
    return unittest.skipUnless(there, f"{path} is not there")


class Verdicts(Case):
    @needs(LINKERD / "verdicts" / "policy")
    def test_recorded(self):
        for seed in sorted((LINKERD / "verdicts" / "policy").iterdir()):
            _, out, err = self.run_gh("test", "--from", seed / "mesh.json.gz",
                                      seed / "cases.jsonl.gz", code=0)
            self.assertRegex(out, r"^[1-9]\d* passed, 0 failed\n$")
            self.assertNotIn("malformed", err)

    @needs(LINKERD / "demo")
    def test_matrix(self):
        server = self.server(LINKERD / "demo")
        for source in APPS:
            for target in APPS:
                result = server.call(
                    "analyze_connectivity", source_namespace="demo-app",
                    source_service=source, target_service=target)
                allowed = result["structuredContent"]["allowed"]
                self.assertEqual(
                    allowed, target == "frontend" or source in MATRIX[target],
                    f"{source} to {target}")
        for target, sources in MATRIX.items():
            content = server.call(
                "get_allowed_sources", target_namespace="demo-app",
                target_service=target)["structuredContent"]
            self.assertEqual({x["workload"] for x in
                              content["admittedWorkloads"]},
                             {"Deployment/" + x for x in sources})
        for source in APPS:
            content = server.call(
                "get_allowed_targets", source_namespace="demo-app",
                source_service=source)["structuredContent"]
            self.assertEqual(
                {x["workload"] for x in content["allowedTargets"]},
                {"Deployment/" + t for t in APPS
                 if t == "frontend" or source in MATRIX[t]})


class Loads(Case):
    def check(self, folder):
        for path in sorted(folder.rglob("*")):
            if path.suffix not in (".yaml", ".json", ".gz", ".zst"):
                continue
            server = self.server(path)
            health = server.call("check_mesh_health")
            self.assertFalse(health.get("isError"), path)
            self.assertEqual(server.close()[0], 0, path)

    @needs(LINKERD / "manifests")
    def test_manifests(self):
        self.check(LINKERD / "manifests")

    @needs(DATA / "kube" / "lists")
    def test_lists(self):
        self.check(DATA / "kube" / "lists")


class Large(Case):
    @needs(DATA / "kube" / "mesh-5000.json.zst")
    def test_all_tools(self):
        server = self.server(DATA / "kube" / "mesh-5000.json.zst")
        services = {}
        cursor = {}
        while True:
            page = server.call("list_meshed_services", limit=400,
                               include_unmeshed=True,
                               **cursor)["structuredContent"]
            services.update(page["services"])
            if "nextCursor" not in page:
                break
            cursor = {"cursor": page["nextCursor"]}
        self.assertEqual(len(services), page["totalServices"])
        self.assertGreaterEqual(len(services), 500)
        meshed = [s for s in services.values() if s["meshed"] == "all" and
                  s["kind"] == "Service" and s["namespace"] != "linkerd"]
        source, target = meshed[0], meshed[-1]
        forward = server.call(
            "analyze_connectivity", source_namespace=source["namespace"],
            source_service=source["service"],
            target_namespace=target["namespace"],
            target_service=target["service"])["structuredContent"]
        self.assertGreater(forward["totalPaths"], 0)
        health = server.call("check_mesh_health")["structuredContent"]
        self.assertGreaterEqual(health["dataPlane"]["meshedPods"], 4000)
        self.check_both_ways(server, source)

    def check_both_ways(self, server, source):
        """Who is in the one list is in the other, too."""
        workload = source["workloads"][0]["workload"]
        targets = server.call(
            "get_allowed_targets", source_namespace=source["namespace"],
            source_service=workload, enforced_only=True,
            limit=20)["structuredContent"]
        self.assertGreater(targets["totalTargets"], 0)
        for target in targets["allowedTargets"]:
            cursor = {}
            found = False
            while not found:
                answer = server.call(
                    "get_allowed_sources",
                    target_namespace=target["namespace"],
                    target_service=target["workload"],
                    port=str(target["port"]), limit=1000,
                    **cursor)["structuredContent"]
                found = any(
                    x["namespace"] == source["namespace"] and
                    x["workload"] == workload
                    for x in answer["admittedWorkloads"])
                if "nextCursor" not in answer:
                    break
                cursor = {"cursor": answer["nextCursor"]}
            self.assertTrue(found, target)


if __name__ == "__main__":
    main()
