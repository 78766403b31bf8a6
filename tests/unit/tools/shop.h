/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A small mesh for the tools: one of everything they tell apart
 *
 * shop/web (template) calls shop/api (two pods, HTTP Server, a route, a policy
 * for web and an ignored one); shop/db is opaque and limited to a network;
 * shop/old has no proxy although it should; lab has no mesh at all.
 */

#define NAMESPACE(name, inject)                                                \
    "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: " name                \
    "\n  annotations: {linkerd.io/inject: " inject "}\n---\n"

#define DEPLOYMENT(ns, name, extra)                                            \
    "apiVersion: apps/v1\nkind: Deployment\n"                                  \
    "metadata: {namespace: " ns ", name: " name "}\n"                          \
    "spec:\n  selector: {matchLabels: {app: " name "}}\n  template:\n"         \
    "    metadata: {labels: {app: " name "}}\n    spec:\n"                     \
    "      serviceAccountName: " name "\n      containers:\n"                  \
    "      - name: main\n        ports: [{name: http, containerPort: "         \
    "8080}]\n" extra "---\n"

#define POD(ns, name, app, ip, ready, containers, annotations)                 \
    "apiVersion: v1\nkind: Pod\nmetadata:\n  namespace: " ns "\n  name: " name \
    "\n  labels: {app: " app "}\n  annotations: {" annotations "}\n"           \
    "spec:\n  serviceAccountName: " app "\n  containers:\n"                    \
    "  - name: main\n    ports: [{name: http, containerPort: "                 \
    "8080}]\n" containers "status:\n  phase: Running\n  podIP: " ip            \
    "\n  conditions: [{type: Ready, status: \"" ready "\"}]\n---\n"

#define SIDECAR "  - name: linkerd-proxy\n"

#define SERVICE(ns, name)                                                      \
    "apiVersion: v1\nkind: Service\nmetadata: {namespace: " ns ", name: " name \
    "}\nspec: {selector: {app: " name "}, ports: [{name: "                     \
    "http, port: 80, targetPort: http}]}\n---\n"

#define SERVER(name, app, protocol)                                            \
    "apiVersion: policy.linkerd.io/v1beta3\nkind: Server\n"                    \
    "metadata: {namespace: shop, name: " name "}\nspec:\n"                     \
    "  podSelector: {matchLabels: {app: " app "}}\n  port: http\n"             \
    "  proxyProtocol: " protocol "\n---\n"

#define POLICY(name, kind, target, refs)                                       \
    "apiVersion: policy.linkerd.io/v1alpha1\nkind: AuthorizationPolicy\n"      \
    "metadata: {namespace: shop, name: " name "}\nspec:\n"                     \
    "  targetRef: {group: policy.linkerd.io, kind: " kind ", name: " target    \
    "}\n  requiredAuthenticationRefs: [" refs "]\n---\n"

#define REF(kind, name)                                                        \
    "{group: policy.linkerd.io, kind: " kind ", name: " name "}"

#define ID(sa, ns) sa "." ns ".serviceaccount.identity.linkerd.cluster.local"

#define MESHTLS(name, identities)                                              \
    "apiVersion: policy.linkerd.io/v1alpha1\nkind: MeshTLSAuthentication\n"    \
    "metadata: {namespace: shop, name: " name                                  \
    "}\nspec: {identities: [" identities "]}\n---\n"

static const char shop_yaml[] = NAMESPACE("shop", "enabled") NAMESPACE(
    "lab",
    "disabled") DEPLOYMENT("shop", "web",
                           "") POD("shop", "api-0", "api", "10.1.0.1", "True",
                                   SIDECAR,
                                   "linkerd.io/proxy-version: edge-26.9.1")
    POD("shop", "api-1", "api", "10.1.0.2", "False", SIDECAR,
        "linkerd.io/proxy-version: edge-26.8.1")
        POD("shop", "db-0", "db", "10.1.0.3", "True", SIDECAR,
            "") POD("shop", "old-0", "old", "10.1.0.4", "True", "",
                    "") POD("lab", "box-0", "box", "10.2.0.1", "False", "", "")
            SERVICE("shop", "web") SERVICE("shop", "api") SERVICE(
                "lab", "box") SERVER("api-http", "api",
                                     "HTTP/1") SERVER("db", "db", "opaque")
                SERVER("zz-late", "api", "HTTP/2") MESHTLS(
                    "web-id",
                    "\"" ID("web", "shop") "\", \"" ID("ghost", "shop") "\"")
                    POLICY("api-clients", "Server", "api-http",
                           REF("MeshTLSAuthentication",
                               "web-id")) POLICY("api-typo",
                                                 "Server", "api-http",
                                                 REF("MeshTLSAuthentication",
                                                     "web-idd"))
                        POLICY("db-clients", "Server", "db",
                               REF("MeshTLSAuthentication", "api-id") ", " REF(
                                   "NetworkAuthentication", "rack"))
                            MESHTLS(
                                "api-id",
                                "\"" ID(
                                    "api",
                                    "shop") "\"") "apiVersion: "
                                                  "policy.linkerd.io/"
                                                  "v1alpha1\nkind: "
                                                  "NetworkAuthentication\n"
                                                  "metadata: {namespace: shop, "
                                                  "name: rack}\n"
                                                  "spec: {networks: [{cidr: "
                                                  "10.1.0.0/31, except: "
                                                  "[10.1.0.0/32]}]}\n---\n";
