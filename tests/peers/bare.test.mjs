// SPDX-License-Identifier: Apache-2.0
//
// The wire itself: every method in every revision, every message that comes back
// held against the schema of its revision, closed so that a field which the
// revision does not know is a fault, too.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import {
  Bare, checkOutput, fillPrompt, fillTool, LEGACY, makeMesh, META, MODERN,
  pickTool, Schema, shared, variables,
} from './harness.mjs';

// Holds all that was received against the schema, or says what was left out.
function checkAll(t, client, revision, from = 0) {
  if (!Schema.there(revision)) {
    t.diagnostic(`LEFT OUT: no schema of ${revision} in ${shared}`);
    return;
  }
  const schema = new Schema(revision);
  for (const message of client.received.slice(from))
    schema.checkMessage(message, Array.isArray(message)
      ? (id) => client.methods.get(id) : client.methods.get(message.id));
}

// Goes through everything that both eras have. @extra: params._meta or nothing.
async function everything(client, extra, call) {
  const ask = async (id, method, params = {}) => {
    const answer = await client.ask(id, method, { ...params, ...extra });
    assert.ok(answer.result, `${method}: ${JSON.stringify(answer)}`);
    return answer.result;
  };
  let next = 100;
  const complete = async (ref, argument) =>
    (await ask(next++, 'completion/complete', { ref, argument })).completion;

  const { tools } = await ask('tools', 'tools/list');
  const again = await ask('again', 'tools/list');
  assert.deepEqual(again.tools, tools, 'the order is always the same');
  const tool = pickTool(tools);
  const good = await ask('good', 'tools/call',
    { name: tool.name, arguments: tool.args });
  assert.ok(!good.isError);
  assert.ok(good.content[0].text.length > 0);
  const bad = await ask('bad', 'tools/call',
    { name: tool.name, arguments: tool.bad });
  assert.ok(bad.isError);
  assert.match(bad.content[0].text, new RegExp(tool.hint.replace('?', '\\?')));

  const { prompts } = await ask('prompts', 'prompts/list');
  for (const prompt of prompts) {
    const args = await fillPrompt(prompt, complete);
    const got = await ask(next++, 'prompts/get',
      { name: prompt.name, arguments: args });
    assert.ok(got.messages.length > 0);
  }

  const { resources } = await ask('resources', 'resources/list');
  assert.ok(resources.length > 0);
  const { contents } = await ask('read', 'resources/read',
    { uri: resources[0].uri });
  assert.equal(contents[0].uri, resources[0].uri);
  const { resourceTemplates } =
    await ask('templates', 'resources/templates/list');
  for (const { uriTemplate } of resourceTemplates)
    for (const name of variables(uriTemplate))
      await complete({ type: 'ref/resource', uri: uriTemplate },
        { name, value: '' });
  await call({ tool, uri: resources[0].uri });
}

// What is wrong, and the code it gets.
async function errors(client, extra, notFound) {
  const cases = [
    ['tools/call', { name: 'no_such_tool' }, -32602],
    ['tools/call', {}, -32602],
    ['prompts/get', { name: 'no_such_prompt' }, -32602],
    ['resources/read', { uri: 'no-such://resource' }, notFound],
    ['resources/list', { cursor: 'never given out' }, -32602],
    ['completion/complete', { ref: { type: 'ref/prompt', name: 'none' },
      argument: { name: 'a', value: '' } }, -32602],
    ['no/such/method', {}, -32601],
  ];
  for (const [i, [method, params, code]] of cases.entries()) {
    const { error } =
      await client.ask(`e${i}`, method, { ...params, ...extra });
    assert.equal(error?.code, code, method);
  }
  client.write('{"jsonrpc":"2.0","id":\n');
  await client.wait((m) => m.error?.code === -32700, 'a parse error');
  client.write('[]\n');
  await client.wait((m) => m.error?.code === -32600, 'an invalid request');
}

describe(`bare, ${MODERN}`, () => {
  let mesh;
  before(() => { mesh = makeMesh(); });
  after(() => mesh.remove());

  test('everything', async (t) => {
    const client = new Bare(t, mesh.args);
    const discover =
      await client.ask(0, 'server/discover', { _meta: META });
    assert.deepEqual(discover.result.supportedVersions, [MODERN]);
    await everything(client, { _meta: META }, async () => {});
    await errors(client, { _meta: META }, -32602);
    assert.equal((await client.close()).code, 0);
    checkAll(t, client, MODERN);
  });

  test('structured answers fit the output schema', async (t) => {
    const client = new Bare(t, mesh.args);
    const { result } = await client.ask(0, 'tools/list', { _meta: META });
    const promised = result.tools.filter((tool) => tool.outputSchema);
    for (const tool of promised) {
      const { enum: formats = [undefined] } =
        tool.inputSchema.properties.format ?? {};
      for (const format of formats) {
        const args = { ...fillTool(tool), ...(format ? { format } : {}) };
        const answer = await client.ask(`${tool.name} ${format}`,
          'tools/call', { name: tool.name, arguments: args, _meta: META });
        if (answer.result.isError)
          assert.equal(tool.name, 'fail', JSON.stringify(answer));
        else
          checkOutput(tool, answer.result);
      }
    }
    await client.close();
    checkAll(t, client, MODERN);
  });

  test('eras and versions', async (t) => {
    const client = new Bare(t, mesh.args);
    const refused = [
      ['tools/list', undefined, -32602],
      ['tools/list', {}, -32602],
      ['tools/list', { _meta: { ...META,
        'io.modelcontextprotocol/protocolVersion': 'v999' } }, -32022],
      ...['initialize', 'ping', 'logging/setLevel', 'resources/subscribe',
        'resources/unsubscribe'].map((m) => [m, { _meta: META }, -32601]),
    ];
    for (const [i, [method, params, code]] of refused.entries()) {
      const answer = await client.ask(i, method, params);
      assert.equal(answer.error?.code, code, method);
    }
    await client.close();
    checkAll(t, client, MODERN);
  });

  test('a change of the manifests is heard', async (t) => {
    const client = new Bare(t, mesh.args);
    const { result } =
      await client.ask('r', 'resources/list', { _meta: META });
    client.send({ jsonrpc: '2.0', id: 7, method: 'subscriptions/listen',
      params: { _meta: META, notifications: { resourcesListChanged: true,
        toolsListChanged: true,
        resourceSubscriptions: [result.resources[0].uri] } } });
    const ack =
      await client.notified('notifications/subscriptions/acknowledged');
    assert.equal(
      ack.params._meta['io.modelcontextprotocol/subscriptionId'], 7);
    assert.equal(ack.params.notifications.toolsListChanged, undefined);
    mesh.change();
    const changed =
      await client.notified('notifications/resources/list_changed');
    assert.equal(
      changed.params._meta['io.modelcontextprotocol/subscriptionId'], 7);
    client.child.stdin.end();
    await client.wait((m) => m.id === 7 && m.result, 'the end of the listen');
    await client.notified('notifications/cancelled');
    assert.equal((await client.ended).code, 0);
    checkAll(t, client, MODERN);
  });

  test('cancelled before it ran: silence', async (t) => {
    const client = new Bare(t, mesh.args);
    const { result } = await client.ask(0, 'tools/list', { _meta: META });
    const { name, args } = pickTool(result.tools);
    const call = (id) => ({ jsonrpc: '2.0', id, method: 'tools/call',
      params: { name, arguments: args, _meta: META } });
    client.send(call('gone'), call('kept'), { jsonrpc: '2.0',
      method: 'notifications/cancelled', params: { requestId: 'gone' } });
    await client.wait((m) => m.id === 'kept', 'the other call');
    await client.close();
    assert.ok(!client.received.some((m) => m.id === 'gone'));
    checkAll(t, client, MODERN);
  });

  test('half a line, a line over the limit, SIGTERM', async (t) => {
    const client = new Bare(t, mesh.args);
    client.write('x'.repeat(5 << 20) + '\n');
    const refused = await client.wait((m) => m.error, 'an error');
    assert.equal(refused.error.code, -32600);
    assert.ok(!('id' in refused));
    const { result } = await client.ask(1, 'tools/list', { _meta: META });
    assert.ok(result.tools.length > 0);
    client.write('{"jsonrpc":"2.0","id":2,"meth');
    client.child.kill('SIGTERM');
    assert.deepEqual(await client.ended, { code: 0, signal: null });
  });
});

for (const revision of LEGACY) {
  describe(`bare, ${revision}`, () => {
    let mesh;
    before(() => { mesh = makeMesh(); });
    after(() => mesh.remove());

    const connect = async (t) => {
      const client = new Bare(t, mesh.args);
      const { result } = await client.ask(0, 'initialize', {
        protocolVersion: revision, capabilities: {},
        clientInfo: { name: 'peers', version: '1' } });
      assert.equal(result.protocolVersion, revision);
      client.note('notifications/initialized');
      return client;
    };

    test('everything', async (t) => {
      const client = await connect(t);
      await everything(client, {}, async ({ uri }) => {
        for (const [method, params] of [
          ['ping', undefined],
          ['logging/setLevel', { level: 'debug' }],
          ['resources/subscribe', { uri }],
          ['resources/unsubscribe', { uri }],
        ])
          assert.deepEqual(
            (await client.ask(method, method, params)).result, {});
      });
      await errors(client, {}, -32002);
      assert.equal((await client.close()).code, 0);
      checkAll(t, client, revision);
      const sent = JSON.stringify(client.received);
      assert.doesNotMatch(sent, /"resultType"|"ttlMs"|"cacheScope"/);
      if (revision < '2025-06-18')
        assert.doesNotMatch(sent, /"structuredContent"|"outputSchema"/);
    });

    test('a change of the manifests is heard', async (t) => {
      const client = await connect(t);
      await client.ask('p', 'ping');
      mesh.change();
      await client.notified('notifications/resources/list_changed');
      await client.close();
      checkAll(t, client, revision);
    });

    test('batches', async (t) => {
      const client = await connect(t);
      client.methods.set('a', 'ping');
      client.methods.set('b', 'tools/list');
      client.write(JSON.stringify([
        { jsonrpc: '2.0', id: 'a', method: 'ping' },
        { jsonrpc: '2.0', method: 'notifications/initialized' },
        { jsonrpc: '2.0', id: 'b', method: 'tools/list' },
      ]) + '\n');
      if (revision === '2025-03-26') {
        const batch = await client.wait(Array.isArray, 'a batch');
        assert.deepEqual(batch.map((m) => m.id).sort(), ['a', 'b']);
      } else {
        await client.wait((m) => m.error?.code === -32600, 'an error');
      }
      await client.close();
      checkAll(t, client, revision);
    });
  });
}
