/** Terminals of services, and commands in them from the host: across the port, and across a crash of PID 1. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { passExec } from '../../../build/machine/exec-proxy.ts';
import { openGuestLink } from '../../../build/machine/guest-link.ts';
import { passToGuest } from '../../../build/machine/guest-proxy.ts';
import type { HistoryEntry, MachineInfo } from '../../../supervisor/control/api.ts';
import { type ControlClient, connectOverUnixSocket } from '../../../supervisor/control/client.ts';
import type { ExecEnd, ExecRequest } from '../../../supervisor/exec/exec-shapes.ts';
import { openExec, type RunningExec } from '../../../supervisor/exec/open-exec.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';
import { type GuestShell, guestShell, SHELL_PORT } from '../../support/vm-shell.ts';

let machine: TestMachine;
let shell: GuestShell;
let api: string;
/** The port has room for one: from here on everybody uses the link, as with a keeper. */
let client: ControlClient;

const TERMINAL = { rows: 31, columns: 97 };

beforeAll(async () => {
  machine = await bootMachine({ folder: import.meta.dirname, ports: [SHELL_PORT] });
  shell = await guestShell(machine);
  machine.leavePort();
  const folder = mkdtempSync(join(tmpdir(), 'ishmael-170-'));
  api = join(folder, 'api');
  const link = openGuestLink(() => connect(machine.vm.controlSocketPath));
  const server = createServer((request, response) => void passToGuest(link, request, response));
  server.on('upgrade', (request, socket) => void passExec(link, request, socket as Socket));
  await new Promise<void>((listening) => void server.listen(api, listening));
  client = connectOverUnixSocket(api, { timeoutMs: 60_000 });
  return async () => {
    link.close();
    server.close();
    rmSync(folder, { recursive: true });
    await machine.vm.kill();
  };
});

interface Session {
  readonly exec: RunningExec;
  seen(text: string): Promise<void>;
  ended(): Promise<{ readonly stdout: string; readonly stderr: string; readonly end: ExecEnd }>;
}

async function run(id: string, request: ExecRequest): Promise<Session> {
  const said = { stdout: '', stderr: '' };
  let look = (): void => {};
  const take = (name: 'stdout' | 'stderr') => (bytes: Uint8Array) => {
    said[name] += Buffer.from(bytes).toString();
    look();
  };
  const exec = await openExec(api, id, request, { stdout: take('stdout'), stderr: take('stderr') });
  return {
    exec,
    seen: (text) =>
      new Promise((resolve) => {
        look = () => void (said.stdout.includes(text) && resolve());
        look();
      }),
    async ended() {
      const end = await exec.end;
      return { ...said, end };
    },
  };
}

const script = (text: string): ExecRequest => ({ args: ['sh', '-c', text] });

async function log(id: string): Promise<string[]> {
  const lines: string[] = [];
  await client.stream<{ text: string }>(`/v1/services/${id}/logs?tail=1000`, ({ text }) => {
    lines.push(text);
  });
  return lines;
}

async function logHas(id: string, wanted: (line: string) => boolean): Promise<void> {
  await machine.waitFor(`a line of ${id}`, async () =>
    (await log(id)).some(wanted) ? true : undefined,
  );
}

describe('terminal: true', () => {
  it('is a terminal of 80 by 24, whose lines are in the log with their escape sequences', async () => {
    await logHas('screen', (line) => line.includes('beat-2'));
    const lines = await log('screen');
    expect(lines.slice(0, 3)).toEqual(['/dev/pts/0', '24 80', '\u{1b}[1mbeat-1\u{1b}[0m']);
  });
});

describe('an exec without a terminal', () => {
  it('has input, output, errors and an exit code', async () => {
    const session = await run('plain', script('cat; echo $KEPT >&2; exit 42'));
    await session.exec.write(Buffer.from('hi\n'));
    session.exec.endInput();
    expect(await session.ended()).toEqual({
      stdout: 'hi\n',
      stderr: '1\n',
      end: { kind: 'exited', code: 42 },
    });
  });

  it('carries a megabyte there and back', async () => {
    const session = await run('plain', { args: ['cat'] });
    void session.exec.write(Buffer.alloc(1_000_000, 'x'));
    session.exec.endInput();
    const { stdout, end } = await session.ended();
    expect([stdout.length, end]).toEqual([1_000_000, { kind: 'exited', code: 0 }]);
  });

  it('says why there is nothing to run, or nothing to run it in', async () => {
    const { end } = await (await run('plain', { args: ['nope'] })).ended();
    expect(end).toMatchObject({ kind: 'refused', code: 'no-program' });
    await expect(run('idle', { args: ['ls'] })).rejects.toMatchObject({ code: 'refused' });
    await expect(run('nobody', { args: ['ls'] })).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('an exec with a terminal', () => {
  it('has its size, hears when that changes, and ends with its exit code', async () => {
    const wait = 'trap "stty size; exit 42" WINCH; echo up; while :; do sleep 0.1; done';
    const session = await run('plain', {
      ...script(`tty; stty size; ${wait}`),
      terminal: TERMINAL,
    });
    await session.seen('up');
    session.exec.resize({ rows: 10, columns: 20 });
    expect(await session.ended()).toEqual({
      stdout: '/dev/pts/0\r\n31 97\r\nup\r\n10 20\r\n',
      stderr: '',
      end: { kind: 'exited', code: 42 },
    });
  });

  it('is hung up when its client goes away', async () => {
    const session = await run('plain', { ...script('echo up; sleep 4321'), terminal: TERMINAL });
    await session.seen('up');
    expect(await client.get('/v1/services/plain/processes')).toHaveLength(2);
    session.exec.leave();
    await expect(session.exec.end).rejects.toMatchObject({ code: 'unreachable' });
    await machine.waitFor('its end', async () =>
      (await client.get<object[]>('/v1/services/plain/processes')).length === 1 ? true : undefined,
    );
    const events: HistoryEntry[] = [];
    await client.stream<HistoryEntry>('/v1/events', (entry) => void events.push(entry));
    expect(events.filter(({ unit }) => unit === 'plain').map(({ text }) => text)).toContain(
      'a command is run in it by the control API',
    );
  });
});

describe('PID 1 that is executed again', () => {
  it('closes no terminal', async () => {
    const before = await client.get<{ pid: number }>('/v1/services/screen');
    await shell('kill -SEGV 1');
    await machine.waitFor('generation 1', async () => {
      const info = await client.get<MachineInfo>('/v1/machine').catch(() => undefined);
      return info?.generation === 1 ? info : undefined;
    });
    const after = Math.max(
      ...(await log('screen')).map((line) => Number(/beat-(\d+)/.exec(line)?.[1] ?? 0)),
    );
    await logHas('screen', (line) => line.includes(`beat-${after + 2}`));
    for (const id of ['screen', 'delicate']) {
      expect(await client.get(`/v1/services/${id}`)).toMatchObject({
        state: 'running',
        restarts: 0,
      });
    }
    expect(await client.get('/v1/services/screen')).toMatchObject({ pid: before.pid });
    const { end } = await (await run('plain', script('exit 7'))).ended();
    expect(end).toEqual({ kind: 'exited', code: 7 });
  });
});
