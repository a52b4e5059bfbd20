/** An exec through the keeper's socket, the port and the bridge, to a process that speaks for the guest's. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { passExec } from '../../build/machine/exec-proxy.ts';
import { type GuestLink, openGuestLink } from '../../build/machine/guest-link.ts';
import { CLIENT_PREFACE } from '../../supervisor/bridge/preface-scanner.ts';
import { serveBridge } from '../../supervisor/bridge/run-bridge.ts';
import { openExec, type RunningExec } from '../../supervisor/exec/open-exec.ts';
import { answerExec } from '../support/fake-exec.ts';
import { type FakePort, listenAsPort } from './bridge-support.ts';

let folder: string;
let port: FakePort;
let control: Server;
let api: Server;
let link: GuestLink;
let stop: AbortController;
let left: Promise<void>;
let said: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ishmael-exec-'));
  said = '';
  control = createServer(
    { shouldUpgradeCallback: ({ url }) => url === '/v1/services/web/exec' },
    (request, response) => {
      response.writeHead(request.url === '/v1/machine' ? 200 : 409);
      response.end(JSON.stringify({ code: 'refused', message: `not in ${request.url}` }));
    },
  );
  control.on('upgrade', (_request, socket) => {
    left = answerExec(socket);
  });
  await new Promise<void>((listening) => void control.listen(join(folder, 'control'), listening));
  port = await listenAsPort(join(folder, 'port'));
  stop = new AbortController();
  void serveBridge(port, join(folder, 'control'), { signal: stop.signal });
  link = openGuestLink(() => connect(join(folder, 'port')));
  api = createServer();
  api.on('upgrade', (request, socket) => void passExec(link, request, socket as Socket));
  await new Promise<void>((listening) => void api.listen(join(folder, 'api'), listening));
});

afterEach(async () => {
  stop.abort();
  link.close();
  for (const server of [api, control]) {
    server.closeAllConnections();
    server.close();
  }
  await port.close();
  rmSync(folder, { recursive: true });
});

function run(id: string): Promise<RunningExec> {
  const take = (bytes: Uint8Array): void => void (said += Buffer.from(bytes).toString());
  return openExec(join(folder, 'api'), id, { args: ['cat'] }, { stdout: take, stderr: take });
}

describe('passExec()', () => {
  it('carries input, output, sizes and the end, however much it is', async () => {
    const exec = await run('web');
    exec.resize({ rows: 1, columns: 2 });
    // The end comes after all of it, whether that was waited for or not.
    void exec.write(Buffer.alloc(1_000_000, 'x'));
    void exec.write(Buffer.alloc(1_000_000, 'x'));
    exec.endInput();
    expect(await exec.end).toEqual({ kind: 'exited', code: 2_000_000 });
    expect(said).toHaveLength('{"rows":1,"columns":2}'.length + 2_000_000);
  });

  it('carries what looks like the beginning of another client', async () => {
    const exec = await run('web');
    await exec.write(Buffer.from(`a${CLIENT_PREFACE}b`));
    exec.endInput();
    await exec.end;
    expect(said).toBe(`a${CLIENT_PREFACE}b`);
  });

  it('tells the guest that the client has gone, and the client that the guest has', async () => {
    const exec = await run('web');
    exec.leave();
    await expect(exec.end).rejects.toMatchObject({ code: 'unreachable' });
    await left;
    const lost = await run('web');
    link.close();
    await expect(lost.end).rejects.toMatchObject({ code: 'unreachable' });
    await left;
  });

  it('passes a refusal back', async () => {
    await expect(run('db')).rejects.toMatchObject({
      code: 'refused',
      message: 'not in /v1/services/db/exec',
    });
  });
});
