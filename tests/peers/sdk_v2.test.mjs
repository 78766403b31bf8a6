// SPDX-License-Identifier: Apache-2.0
//
// The TypeScript SDK, version 2: as it opens by default (the old way), when it
// asks first, and pinned to the new revision.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

import { binary, deferred, fillPrompt, makeMesh, MODERN, pickTool } from './harness.mjs';

const WAYS = [
  { name: 'default', options: {}, era: 'legacy' },
  { name: 'auto', options: { versionNegotiation: { mode: 'auto' } },
    era: 'modern' },
  { name: `pinned ${MODERN}`,
    options: { versionNegotiation: { mode: { pin: MODERN } } }, era: 'modern' },
];

for (const { name, options, era } of WAYS) {
  describe(`SDK v2, ${name}`, () => {
    let mesh, client, tool;
    before(async () => {
      mesh = makeMesh();
      client = new Client({ name: 'peers-v2', version: '1' }, options);
      await client.connect(
        new StdioClientTransport({ command: binary, args: mesh.args }));
    });
    after(async () => {
      await client.close();
      mesh.remove();
    });

    test('finds the era', () => {
      assert.equal(client.getProtocolEra(), era);
      assert.ok(client.getServerVersion().name);
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
      await assert.rejects(client.callTool({ name: 'no_such_tool' }));
    });

    test('cancels', async () => {
      const abort = new AbortController();
      const call = client.callTool({ name: tool.name, arguments: tool.args },
        { signal: abort.signal });
      abort.abort();
      await assert.rejects(call);
      await client.listTools();
    });

    test('gets prompts', async () => {
      const { prompts } = await client.listPrompts();
      const complete = async (ref, argument) =>
        (await client.complete({ ref, argument })).completion;
      for (const prompt of prompts) {
        const args = await fillPrompt(prompt, complete);
        const got =
          await client.getPrompt({ name: prompt.name, arguments: args });
        assert.ok(got.messages.length > 0);
      }
    });

    test('reads resources', async () => {
      const { resources } = await client.listResources();
      const { contents } = await client.readResource({ uri: resources[0].uri });
      assert.equal(contents[0].uri, resources[0].uri);
      await assert.rejects(client.readResource({ uri: 'no-such://resource' }));
      const { resourceTemplates } = await client.listResourceTemplates();
      assert.ok(resourceTemplates.length > 0);
    });

    test('hears of changes', async () => {
      const heard = deferred();
      client.setNotificationHandler('notifications/resources/list_changed',
        heard.resolve);
      const { resources } = await client.listResources();
      const uri = resources[0].uri;
      const listening = era === 'modern'
        ? await client.listen({ resourcesListChanged: true,
          resourceSubscriptions: [uri] })
        : await client.subscribeResource({ uri });
      if (era === 'modern')
        assert.deepEqual(listening.honoredFilter,
          { resourcesListChanged: true, resourceSubscriptions: [uri] });
      mesh.change();
      await heard.promise;
      if (era === 'modern') {
        await listening.close();
        assert.equal(await listening.closed, 'local');
      }
    });
  });
}
