// SPDX-License-Identifier: Apache-2.0
//
// The TypeScript SDK, version 1: what most clients of today are built on.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ResourceListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';

import { binary, deferred, fillPrompt, makeMesh, pickTool, variables } from './harness.mjs';

describe('SDK v1', () => {
  let mesh, client, tool;
  before(async () => {
    mesh = makeMesh();
    client = new Client({ name: 'peers-v1', version: '1' });
    await client.connect(
      new StdioClientTransport({ command: binary, args: mesh.args }));
  });
  after(async () => {
    await client.close();
    mesh.remove();
  });

  test('opens a session', () => {
    assert.ok(client.getServerVersion().name);
    assert.ok(client.getServerCapabilities().tools);
  });

  test('lists and calls tools', async () => {
    const { tools } = await client.listTools();
    tool = pickTool(tools);
    const result =
      await client.callTool({ name: tool.name, arguments: tool.args });
    assert.ok(!result.isError);
    assert.equal(Boolean(result.structuredContent), tool.structured);
  });

  test('is told what is wrong with arguments', async () => {
    const result =
      await client.callTool({ name: tool.name, arguments: tool.bad });
    assert.ok(result.isError);
    assert.ok(result.content[0].text.includes(tool.hint));
    await assert.rejects(client.callTool({ name: 'no_such_tool' }),
      { code: -32602 });
  });

  test('cancels', async () => {
    const abort = new AbortController();
    const call = client.callTool({ name: tool.name, arguments: tool.args },
      undefined, { signal: abort.signal });
    abort.abort();
    await assert.rejects(call);
    await client.ping();
  });

  test('gets prompts', async () => {
    const { prompts } = await client.listPrompts();
    const complete = async (ref, argument) =>
      (await client.complete({ ref, argument })).completion;
    for (const prompt of prompts) {
      const args = await fillPrompt(prompt, complete);
      const got = await client.getPrompt({ name: prompt.name, arguments: args });
      assert.ok(got.messages.length > 0);
    }
  });

  test('reads resources', async () => {
    const { resources } = await client.listResources();
    const { contents } = await client.readResource({ uri: resources[0].uri });
    assert.equal(contents[0].uri, resources[0].uri);
    await assert.rejects(client.readResource({ uri: 'no-such://resource' }),
      { code: -32002 });
    const { resourceTemplates } = await client.listResourceTemplates();
    for (const { uriTemplate } of resourceTemplates)
      for (const name of variables(uriTemplate)) {
        const { completion } = await client.complete({
          ref: { type: 'ref/resource', uri: uriTemplate },
          argument: { name, value: '' } });
        assert.ok(Array.isArray(completion.values));
      }
  });

  test('hears of changes', async () => {
    const heard = deferred();
    client.setNotificationHandler(ResourceListChangedNotificationSchema,
      heard.resolve);
    const { resources } = await client.listResources();
    await client.subscribeResource({ uri: resources[0].uri });
    mesh.change();
    await heard.promise;
    await client.unsubscribeResource({ uri: resources[0].uri });
    await client.setLoggingLevel('debug');
  });
});
