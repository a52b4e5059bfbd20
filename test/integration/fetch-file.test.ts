/** Configuration files that a server of this machine has. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fetchFile } from '../../build/cli/fetch-file.ts';
import { loadSources } from '../../build/cli/load-sources.ts';

const FILES: Readonly<Record<string, string>> = {
  '/dir/main.yml': 'include: [base.yml]\ninit: [main]\n',
  '/dir/base.yml': 'init: [base]\n',
  '/long.yml': 'x'.repeat(5000),
};

let server: Server;
let base = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    const { url = '' } = request;
    if (url === '/hangs.yml') return response.writeHead(200).flushHeaders();
    if (url === '/broken.yml') return void response.writeHead(500).end('init: [error]');
    if (url === '/moved.yml') {
      return void response.writeHead(302, { location: '/dir/base.yml' }).end();
    }
    const text = FILES[url];
    return void response.writeHead(text === undefined ? 404 : 200).end(text ?? 'no');
  });
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test('loadSources() takes a file by its URL, with what it includes', async () => {
  const { value, yaml } = await loadSources({ file: `${base}/dir/main.yml` });
  expect(value).toEqual({ init: ['base', 'main'] });
  expect(yaml).toContain('base');
});

test('loadSources() says what is not there, and asks nobody when the network is off', async () => {
  const file = `${base}/absent.yml`;
  await expect(loadSources({ file })).rejects.toThrow(`There is no file '${file}'`);
  await expect(loadSources({ file, offline: true })).rejects.toThrow('--offline');
});

test.each([
  ['a server that fails', '/broken.yml', /broken\.yml: the server says 500$/u],
  ['a file without end', '/long.yml', /long\.yml: it is longer than 4000 bytes$/u],
  ['a server that falls silent', '/hangs.yml', /hangs\.yml: .*timeout/u],
])('fetchFile() refuses %s', async (_, path, message) => {
  const limits = { timeoutMs: 500, bytes: 4000 };
  await expect(fetchFile(base + path, limits)).rejects.toThrow(message);
});

test('fetchFile() follows to where a file has moved, and names a server that is not there', async () => {
  expect(await fetchFile(`${base}/moved.yml`)).toBe('init: [base]\n');
  await expect(fetchFile('http://127.0.0.1:1/a.yml')).rejects.toMatchObject({
    name: 'FetchFileError',
    message: expect.stringMatching(/^Cannot get http:\/\/127\.0\.0\.1:1\/a\.yml: \w+/u) as string,
  });
});
