// SPDX-License-Identifier: Apache-2.0
//
// The Inspector's command line, in both eras.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import { binary, here, makeMesh, pickTool } from './harness.mjs';

const run = promisify(execFile);
const inspector = path.join(here, 'node_modules/.bin/mcp-inspector');

for (const era of ['modern', 'legacy']) {
  describe(`Inspector, ${era}`, () => {
    let mesh, tool;
    before(() => { mesh = makeMesh(); });
    after(() => mesh.remove());

    const inspect = async (method, ...more) => {
      const { stdout } = await run(process.execPath,
        [inspector, '--cli', '--protocol-era', era, '--method', method,
          '--format', 'json', ...more, '--', binary, ...mesh.args],
        { env: { ...process.env, HOME: mesh.dir } }).catch((e) => {
        if (e.stdout) return e;
        throw e;
      });
      const answer = JSON.parse(stdout);
      return answer.result ?? answer;
    };

    test('tools, with portable schemas', async () => {
      const { tools } = await inspect('tools/list', '--strict');
      tool = pickTool(tools);
      const args = Object.entries(tool.args).map(([k, v]) => `${k}=${v}`);
      const result = await inspect('tools/call', '--tool-name', tool.name,
        ...(args.length > 0 ? ['--tool-arg', ...args] : []));
      assert.ok(!result.isError);
      assert.ok(result.content[0].text.length > 0);
    });

    test('bad arguments', async () => {
      const args = Object.entries(tool.bad).map(([k, v]) => `${k}=${v}`);
      const result = await inspect('tools/call', '--tool-name', tool.name,
        '--tool-arg', ...args);
      assert.ok(result.isError);
      assert.ok(result.content[0].text.includes(tool.hint));
    });

    test('prompts', async () => {
      const { prompts } = await inspect('prompts/list');
      const [prompt] = prompts;
      const args = (prompt.arguments ?? []).filter((a) => a.required)
        .map((a) => `${a.name}=web`);
      const got = await inspect('prompts/get', '--prompt-name', prompt.name,
        ...(args.length > 0 ? ['--prompt-args', ...args] : []));
      assert.ok(got.messages.length > 0);
    });

    test('resources', async () => {
      const { resources } = await inspect('resources/list');
      const { contents } =
        await inspect('resources/read', '--uri', resources[0].uri);
      assert.equal(contents[0].uri, resources[0].uri);
      const { resourceTemplates } = await inspect('resources/templates/list');
      assert.ok(resourceTemplates.length > 0);
    });
  });
}
