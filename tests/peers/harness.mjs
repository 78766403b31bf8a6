// SPDX-License-Identifier: Apache-2.0
//
// What all peers need: the server under test with manifests to serve, a bare
// client that sees every line, and the specification's schemas to hold them
// against.
//
// The server is $GATEHOUSE (default: build/gatehouse), called as
// `gatehouse mcp --from FOLDER`. The fixture server understands the same, so one
// suite runs against both; what a test calls is derived from what the server
// lists.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import Ajv from 'ajv';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

export const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../..');

export const binary =
  path.resolve(process.env.GATEHOUSE ?? path.join(root, 'build/gatehouse'));
export const shared =
  path.resolve(root, process.env.GATEHOUSE_SHARED ?? '../shared');

export const MODERN = '2026-07-28';
export const LEGACY = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'];

export const META = {
  'io.modelcontextprotocol/protocolVersion': MODERN,
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'peers', version: '1' },
};

// --- manifests ---------------------------------------------------------------

const MESH = `
apiVersion: v1
kind: Namespace
metadata: {name: peers, annotations: {linkerd.io/inject: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: peers}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: web
      containers: [{name: web, image: web, ports: [{name: http, containerPort: 80}]}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: peers}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: http}]
---
apiVersion: policy.linkerd.io/v1beta3
kind: Server
metadata: {name: web, namespace: peers}
spec: {podSelector: {matchLabels: {app: web}}, port: http, proxyProtocol: HTTP/1}
`;

// A folder of manifests that can change.
export function makeMesh() {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'gatehouse-peers-'));
  fs.writeFileSync(path.join(dir, 'mesh.yaml'), MESH);
  let count = 0;
  return {
    dir,
    args: ['mcp', '--from', dir],
    change() {
      count += 1;
      const more = MESH.replaceAll(/\bweb\b/g, `more${count}`);
      fs.writeFileSync(path.join(dir, `more${count}.yaml`), more);
    },
    remove() {
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}

// --- a bare client -------------------------------------------------------------

export function deferred() {
  let resolve, reject;
  const promise = new Promise((a, b) => { resolve = a; reject = b; });
  return { promise, resolve, reject };
}

const PATIENCE_MS = 20000;

export class Bare {
  // @t: the test, whose end is the server's, however it ends.
  constructor(t, args) {
    this.child = spawn(binary, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    t.after(() => this.child.kill('SIGKILL'));
    this.received = [];
    this.waiting = [];
    this.stderr = '';
    this.rest = '';
    this.methods = new Map();
    this.ended = new Promise((resolve) =>
      this.child.on('close', (code, signal) => resolve({ code, signal })));
    this.child.stdin.on('error', () => {});
    this.child.stderr.on('data', (bytes) => { this.stderr += bytes; });
    this.child.stdout.setEncoding('utf8');
    this.child.stdout.on('data', (text) => this.#take(text));
  }

  #take(text) {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop();
    for (const line of lines) {
      this.received.push(JSON.parse(line)); // stdout carries MCP only
      this.#wake();
    }
  }

  #wake() {
    this.waiting = this.waiting.filter(({ test, found }) => {
      const message = this.received.find(test);
      if (message) found.resolve(message);
      return !message;
    });
  }

  // Bytes as they are.
  write(text) {
    this.child.stdin.write(text);
  }

  send(...messages) {
    for (const m of messages) if (m.method) this.methods.set(m.id, m.method);
    this.write(messages.map((m) => JSON.stringify(m) + '\n').join(''));
  }

  // The first message, from the start, that passes; waits for it.
  async wait(test, what) {
    const found = deferred();
    const timer = setTimeout(
      () => found.reject(new Error(`${what} did not come; stderr: ` +
        `${this.stderr}; came: ${JSON.stringify(this.received)}`)),
      PATIENCE_MS);
    this.waiting.push({ test, found });
    this.#wake();
    try {
      return await found.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  async ask(id, method, params) {
    this.send({ jsonrpc: '2.0', id, method, params });
    return this.wait((m) => m.id === id, `the answer to ${method}`);
  }

  note(method, params) {
    this.send({ jsonrpc: '2.0', method, params });
  }

  notified(method) {
    return this.wait((m) => m.method === method, method);
  }

  async close() {
    this.child.stdin.end();
    const end = await this.ended;
    assert.equal(this.rest, '', 'stdout ends with a whole line');
    return end;
  }
}

// --- schemas --------------------------------------------------------------------

// A schema says what must be there; closed, it also says what may not: a field
// that the revision does not know. What is meant to be open stays open: schemas
// of tools, _meta, and parts that are combined.
const OPEN = /^(inputSchema|outputSchema|_meta|allOf|\w*MetaObject)$/;

function close(schema, name = '') {
  if (schema === null || typeof schema !== 'object' || OPEN.test(name))
    return schema;
  if (Array.isArray(schema)) return schema.map((s) => close(s));
  const out = {};
  for (const [key, value] of Object.entries(schema))
    out[key] = close(value, key);
  if (schema.properties && schema.additionalProperties === undefined &&
      name !== 'properties')
    out.additionalProperties = false;
  return out;
}

const RESULTS = {
  'server/discover': 'DiscoverResult',
  initialize: 'InitializeResult',
  ping: 'EmptyResult',
  'logging/setLevel': 'EmptyResult',
  'resources/subscribe': 'EmptyResult',
  'resources/unsubscribe': 'EmptyResult',
  'tools/list': 'ListToolsResult',
  'tools/call': 'CallToolResult',
  'prompts/list': 'ListPromptsResult',
  'prompts/get': 'GetPromptResult',
  'resources/list': 'ListResourcesResult',
  'resources/templates/list': 'ListResourceTemplatesResult',
  'resources/read': 'ReadResourceResult',
  'completion/complete': 'CompleteResult',
  'subscriptions/listen': 'SubscriptionsListenResult',
};

const ERRORS = {
  '-32022': 'UnsupportedProtocolVersionError',
};

// The oldest revision has no schema of its own there: it is the next one without
// what that added.
function before2025(file) {
  const d = file.definitions;
  delete d.Tool.properties.annotations;
  delete d.ServerCapabilities.properties.completions;
  delete d.ProgressNotification.properties.params.properties.message;
  return file;
}

export class Schema {
  static path(revision) {
    return path.join(shared, 'data/mcp',
      revision === '2024-11-05' ? '2025-03-26' : revision, 'schema.json');
  }

  static there(revision) {
    return fs.existsSync(Schema.path(revision));
  }

  constructor(revision) {
    const found = JSON.parse(fs.readFileSync(Schema.path(revision), 'utf8'));
    const file = revision === '2024-11-05' ? before2025(found) : found;
    this.part = file.$defs ? '$defs' : 'definitions';
    this.names = new Set(Object.keys(file[this.part]));
    this.revision = revision;
    this.ajv = file.$defs
      ? new Ajv2020({ strict: false, allErrors: true })
      : new Ajv({ strict: false, allErrors: true });
    addFormats(this.ajv);
    this.ajv.addSchema(close({ ...file, $id: 'mcp' }), 'mcp');
  }

  check(name, value) {
    assert.ok(this.names.has(name), `${this.revision} knows ${name}`);
    const validate = this.ajv.getSchema(`mcp#/${this.part}/${name}`);
    assert.ok(validate(value),
      `${this.revision} ${name}: ${this.ajv.errorsText(validate.errors)}: ` +
      JSON.stringify(value).slice(0, 2000));
  }

  #first(...names) {
    return names.find((name) => this.names.has(name));
  }

  // One message that a server sent; @method: of the request it answers.
  checkMessage(message, method) {
    if (Array.isArray(message)) {
      for (const m of message) this.checkMessage(m, method?.(m.id));
      return;
    }
    if (message.method) {
      this.check('JSONRPCNotification', message);
      this.check('ServerNotification',
        this.part === 'definitions' ? bare(message) : message);
    } else if (message.error) {
      this.#checkError(message);
    } else {
      this.check(this.#first('JSONRPCResultResponse', 'JSONRPCResponse'),
        message);
      this.check(RESULTS[method] ?? 'EmptyResult', message.result);
    }
  }

  // Revisions before 2025-11-25 have no error without id; JSON-RPC 2.0 wants
  // null there.
  #checkError(message) {
    const name = this.#first('JSONRPCErrorResponse', 'JSONRPCError');
    const held = message.id === null && this.revision < '2025-11-25'
      ? { ...message, id: 0 } : message;
    this.check(name, held);
    if (this.revision === MODERN && ERRORS[message.error.code])
      this.check(ERRORS[message.error.code], message);
  }
}

// The oldest schemas leave "jsonrpc" to the envelope.
function bare({ jsonrpc, ...rest }) {
  return rest;
}

// --- what to call -----------------------------------------------------------------

// A tool that can be called, with good arguments and bad ones.
export function pickTool(tools) {
  const tool =
    tools.find((t) => t.name === 'echo') ??
    tools.find((t) => t.name === 'list_meshed_services') ??
    tools.find((t) => !t.inputSchema.required?.length);
  const known = Object.keys(tool.inputSchema.properties);
  const near = known.sort((a, b) => b.length - a.length)[0];
  return {
    name: tool.name,
    args: tool.name === 'echo' ? { text: 'hi' } : {},
    bad: {
      ...(tool.name === 'echo' ? { text: 'hi' } : {}),
      [near.slice(0, -1)]: 'x',
    },
    hint: `did you mean "${near}"?`,
    structured: Boolean(tool.outputSchema),
  };
}

// Arguments that every tool takes: what it requires, and what places a question
// in the mesh, by the argument's name.
export function fillTool(tool) {
  const args = {};
  const { properties, required = [] } = tool.inputSchema;
  for (const [name, { type, minimum }] of Object.entries(properties)) {
    if (/namespace$/.test(name)) args[name] = 'peers';
    else if (/(service|workload)$/.test(name)) args[name] = 'web';
    else if (required.includes(name))
      args[name] = type === 'integer' ? minimum ?? 1 : 'web';
  }
  return args;
}

// Holds a tool's structured answer against the schema that it promised.
export function checkOutput(tool, result) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  const validate = ajv.compile(tool.outputSchema);
  assert.ok(validate(result.structuredContent),
    `${tool.name}: ${ajv.errorsText(validate.errors)}`);
}

// Values for a prompt's arguments, by completion where there is one.
export async function fillPrompt(prompt, complete) {
  const args = {};
  for (const { name, required } of prompt.arguments ?? []) {
    if (!required) continue;
    const { values } = await complete(
      { type: 'ref/prompt', name: prompt.name }, { name, value: '' });
    args[name] = values[0] ?? 'web';
  }
  return args;
}

// The variables of a URI template.
export function variables(template) {
  return [...template.matchAll(/\{(\w+)\}/g)].map((m) => m[1]);
}
