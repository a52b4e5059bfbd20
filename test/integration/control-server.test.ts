import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type {
  LogLine,
  LoopDelay,
  MachineLogLine,
  UnitStatus,
} from '../../supervisor/control/api.ts';
import { connectOverUnixSocket } from '../../supervisor/control/client.ts';
import { ROUTES } from '../../supervisor/control/route.ts';
import { type ControlPort, RefusedError } from '../../supervisor/control/control-port.ts';
import { type ControlServer, startControlServer } from '../../supervisor/control/server.ts';
import { encodeFrames, encodeJson } from '../../supervisor/exec/frame.ts';
import { openExec, openUpdate } from '../../supervisor/exec/open-exec.ts';
import { History } from '../../supervisor/history.ts';
import { createLoopDelayFeed } from '../../supervisor/inspect/loop-delay.ts';
import { LogBook } from '../../supervisor/log/log-book.ts';
import { LogRing } from '../../supervisor/log/ring.ts';
import { askOnce } from '../support/control-load.ts';

const REDIS: UnitStatus = {
  id: 'redis',
  name: 'redis',
  kind: 'service',
  image: 'ishmael/redis',
  state: 'running',
  reason: 'up',
  sinceMs: 1,
  restarts: 0,
};

let directory: string;
let path: string;
let server: ControlServer;
let logs: LogBook;
let ring: LogRing;
let history: History;
const ended: string[] = [];
let hasSbom = false;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'control-'));
  path = join(directory, 'control.sock');
  ring = new LogRing();
  logs = new LogBook();
  logs.set('redis', ring);
  history = new History();
  ended.length = 0;
  server = await startControlServer(port(), path);
});

afterEach(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

const HEALTH = { status: 'starting', failuresInRow: 0, results: [] } as const;

/** As the process does that the connection is given to. */
function answerSession(connection: Socket, says: string, code: number): void {
  connection.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n');
  connection.write('Upgrade: ishmael-exec\r\n\r\n');
  connection.write(encodeFrames('stdout', Buffer.from(says)));
  connection.write(encodeJson('end', { kind: 'exited', code }));
}

function port(): ControlPort {
  const no = (): never => {
    throw new Error('the kernel has no answer');
  };
  return {
    machine: no,
    boot: () => ({ phases: [], milestones: { exec: 5 } }),
    crash: () => undefined,
    image: no,
    config: () => undefined,
    sbom: () => (hasSbom ? '{"spdxVersion":"SPDX-2.3"}' : undefined),
    cpu: no,
    usage: () => [{ id: 'redis', cpuUs: 1, memoryBytes: 2, pids: 3 }],
    unitUsage: () => undefined,
    memory: no,
    pressure: () => ({}),
    disks: () => [],
    machineMounts: () => [],
    network: () => [],
    routes: () => [],
    sockets: () => Promise.reject(new Error('the kernel has no answer')),
    units: () => [REDIS],
    unit: (id) => (id === 'redis' ? REDIS : undefined),
    health: (id) => (id === 'redis' ? HEALTH : undefined),
    processes: () => undefined,
    mounts: () => undefined,
    logs: (id) => (id === 'redis' ? ring : undefined),
    machineLog: (name) => logs.machineLog(name),
    allLogs: () => logs,
    events: () => history,
    loopDelay: () => createLoopDelayFeed(() => performance.now()),
    act: (id, action) => {
      ended.push(`${action} ${id}`);
      return id === 'redis';
    },
    update(connection) {
      answerSession(connection, 'written', 0);
    },
    exec(id, connection) {
      if (id === 'web') throw new RefusedError('"web" does not run');
      if (id !== 'redis') return false;
      answerSession(connection, 'out', 7);
      return true;
    },
    signal(id, signal) {
      if (id !== 'redis') throw new RefusedError('it does not run');
      ended.push(`signal ${signal}`);
      return true;
    },
    end: (how) => ended.push(how),
    resume() {
      throw new RefusedError('there is no emergency');
    },
  };
}

it('startControlServer() makes a socket for root alone', () => {
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it('startControlServer() answers questions and refuses by code', async () => {
  const client = connectOverUnixSocket(path);
  expect(await client.get('/v1/services')).toEqual([REDIS]);
  expect(await client.get('/v1/services/redis/health')).toEqual(HEALTH);
  await expect(client.get('/v1/services/redis/usage')).rejects.toMatchObject({
    code: 'not-found',
    message: '"redis" has no cgroup of its own, or does not run',
  });
  await expect(client.get('/v1/services/web/health')).rejects.toMatchObject({ code: 'not-found' });
  await expect(client.post('/v1/resume')).rejects.toMatchObject({ code: 'refused' });
  await expect(client.get('/v1/services/web')).rejects.toMatchObject({ code: 'not-found' });
  await expect(client.get('/v1/poweroff')).rejects.toMatchObject({ code: 'method-not-allowed' });
  await expect(client.get('/v1/services/redis/logs?tail=x')).rejects.toMatchObject({
    code: 'bad-request',
  });
  await expect(client.get('/v1/sockets')).rejects.toMatchObject({ code: 'internal' });
  await expect(client.get('/v1/machine')).rejects.toMatchObject({ code: 'internal' });
});

it('startControlServer() gives the bill of materials as it is, where there is one', async () => {
  const client = connectOverUnixSocket(path);
  await expect(client.get('/v1/sbom')).rejects.toMatchObject({ code: 'not-found' });
  hasSbom = true;
  expect(await client.get('/v1/sbom')).toEqual({ spdxVersion: 'SPDX-2.3' });
});

it('startControlServer() passes orders on', async () => {
  const client = connectOverUnixSocket(path);
  await client.post('/v1/services/redis/restart');
  await expect(client.post('/v1/services/web/stop')).rejects.toMatchObject({ code: 'not-found' });
  await client.post('/v1/services/redis/signal?signal=HUP');
  await expect(client.post('/v1/services/web/signal?signal=1')).rejects.toMatchObject({
    code: 'refused',
  });
  await client.post('/v1/reboot');
  expect(ended).toEqual(['restart redis', 'stop web', 'signal 1', 'reboot']);
});

it('startControlServer() with the right to read answers questions and takes no order', async () => {
  const readPath = join(directory, 'read.sock');
  const reader = await startControlServer(port(), readPath, 'read');
  try {
    expect(statSync(readPath).mode & 0o777).toBe(0o600);
    const client = connectOverUnixSocket(readPath);
    expect(await client.get('/v1/services')).toEqual([REDIS]);
    const orders = ROUTES.filter(({ method }) => method !== 'GET');
    expect(orders.length).toBeGreaterThan(5);
    for (const { path: order } of orders) {
      const url = order.replace('{id}', 'redis');
      await expect(client.post(`${url}?signal=HUP`)).rejects.toMatchObject({ code: 'not-found' });
    }
    await expect(client.post('/v1/services')).rejects.toMatchObject({ code: 'method-not-allowed' });
    const upgrade =
      'POST /v1/services/redis/exec HTTP/1.1\r\nhost: ishmael\r\nconnection: upgrade\r\nupgrade: ishmael-exec\r\n\r\n';
    expect(await askOnce(readPath, upgrade)).toBe(404);
    expect(ended).toEqual([]);
  } finally {
    reader.close();
  }
});

it('startControlServer() streams what was and what comes until the client leaves', async () => {
  ring.add(1, 'stdout', 'before');
  const stop = new AbortController();
  const seen: string[] = [];
  const following = connectOverUnixSocket(path).stream<LogLine>(
    '/v1/services/redis/logs?follow=1',
    ({ text }) => {
      seen.push(text);
      if (seen.length === 1) ring.add(2, 'stdout', 'after');
      else stop.abort();
    },
    stop.signal,
  );
  await following.catch(() => undefined);
  expect(seen).toEqual(['before', 'after']);
});

it('startControlServer() gives the logs of the kernel and of PID 1, where there are any', async () => {
  const kernel = new LogRing();
  kernel.add(1, 'kernel', 'Linux version 6', 5);
  logs.setMachineLog('kernel', kernel);
  const client = connectOverUnixSocket(path);
  const seen: LogLine[] = [];
  await client.stream<LogLine>('/v1/logs/kernel', (line) => void seen.push(line));
  expect(seen).toEqual([
    { seq: 1, atMs: 1, stream: 'kernel', text: 'Linux version 6', priority: 5 },
  ]);
  await expect(client.get('/v1/logs/ishmael')).rejects.toMatchObject({ code: 'not-found' });
});

it('startControlServer() streams all logs by time, also what is more than a client may leave unread', async () => {
  const units = Array.from({ length: 40 }, (_, index) => `unit${index}`);
  const text = 'x'.repeat(600);
  for (const unit of units) {
    const log = new LogRing();
    for (let atMs = 0; atMs < 90; atMs += 1) log.add(atMs, 'stdout', text);
    logs.set(unit, log);
  }
  const seen: MachineLogLine[] = [];
  const stop = new AbortController();
  const following = connectOverUnixSocket(path).stream<MachineLogLine>(
    '/v1/logs?follow=1',
    (line) => {
      if (seen.length === 0) ring.add(1000, 'stdout', 'while the past was written');
      seen.push(line);
      if (line.text !== 'later') {
        if (line.unit === 'redis') {
          const late = new LogRing();
          logs.set('late', late);
          late.add(2000, 'syslog', 'later', 14);
        }
        return;
      }
      stop.abort();
    },
    stop.signal,
  );
  await following.catch(() => undefined);
  expect(seen.length).toBe(40 * 90 + 2);
  expect(seen.map(({ atMs }) => atMs)).toEqual(
    seen.map(({ atMs }) => atMs).toSorted((a, b) => a - b),
  );
  for (const unit of units) {
    const numbers = seen.filter((line) => line.unit === unit).map(({ seq }) => seq);
    expect(numbers).toEqual(Array.from({ length: 90 }, (_, index) => index + 1));
  }
  expect(seen.slice(-2)).toMatchObject([
    { unit: 'redis', text: 'while the past was written' },
    { unit: 'late', text: 'later', stream: 'syslog', priority: 14 },
  ]);
});

it('startControlServer() drops a follower that reads nothing of what was', async () => {
  for (let unit = 0; unit < 100; unit += 1) {
    const log = new LogRing();
    for (let atMs = 0; atMs < 90; atMs += 1) log.add(atMs, 'stdout', 'x'.repeat(600));
    logs.set(`unit${unit}`, log);
  }
  const connections = (): number => server.connections.size;
  const socket = connect(path).pause();
  socket.write('GET /v1/logs?follow=1 HTTP/1.1\r\nhost: ishmael\r\n\r\n');
  await expect.poll(connections).toBe(1);
  // It is given what the socket holds, and no more; being slow alone is no reason.
  await sleep(200);
  expect(connections()).toBe(1);
  for (let i = 0; i < 4000; i += 1) ring.add(i, 'stdout', 'x'.repeat(1000));
  await expect.poll(connections).toBe(0);
  socket.destroy();
});

it('startControlServer() gives events after a number', async () => {
  for (const text of ['a', 'b', 'c']) {
    history.add({ atMs: 0, unit: 'machine', severity: 'info', text });
  }
  const seen: number[] = [];
  await connectOverUnixSocket(path).stream<{ seq: number }>('/v1/events?since=1', ({ seq }) => {
    seen.push(seq);
  });
  expect(seen).toEqual([2, 3]);
});

it('startControlServer() drops a follower that does not read', async () => {
  const dropped = new Promise<void>((resolve) => {
    request({ socketPath: path, path: '/v1/services/redis/logs?follow=1' }, (response) => {
      response.pause();
      response.on('close', resolve);
      response.on('error', () => undefined);
      for (let i = 0; i < 4000; i += 1) ring.add(i, 'stdout', 'x'.repeat(1000));
    }).end();
  });
  await dropped;
  expect(await connectOverUnixSocket(path).get('/v1/services')).toEqual([REDIS]);
});

it('startControlServer() outlives a client that speaks no HTTP', async () => {
  const socket = connect(path);
  socket.on('error', () => undefined);
  socket.write('\0\0\0 hello\r\n\r\n');
  await new Promise((resolve) => socket.on('close', resolve));
  expect(await connectOverUnixSocket(path).get('/v1/services')).toEqual([REDIS]);
});

it('the event loop is measured while somebody follows, and a block of it shows', async () => {
  const left = new AbortController();
  const told: LoopDelay[] = [];
  const following = connectOverUnixSocket(path).stream<LoopDelay>(
    '/v1/event-loop',
    (delay) => {
      told.push(delay);
      if (told.length === 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
      else left.abort();
    },
    left.signal,
  );
  await following;
  expect(told[1]?.maxMs).toBeGreaterThan(250);
  expect(told[1]?.p50Ms).toBeLessThan(told[1]?.maxMs ?? 0);
  expect(told[1]?.turns).toBeGreaterThan(told[0]?.turns ?? 0);
});

it('startControlServer() gives the connection of an update away', async () => {
  let said = '';
  const part = { bytes: 1, sha256: '0'.repeat(64) };
  const { end } = await openUpdate(
    path,
    { update: { kernel: part } },
    {
      stdout: (bytes) => void (said += Buffer.from(bytes).toString()),
      stderr() {},
    },
  );
  expect(await end).toEqual({ kind: 'exited', code: 0 });
  expect(said).toBe('written');
  await expect(connectOverUnixSocket(path).post('/v1/update')).rejects.toMatchObject({
    code: 'bad-request',
  });
});

it('startControlServer() gives the connection of an exec away, or says why not', async () => {
  let said = '';
  const outputs = {
    stdout: (bytes: Uint8Array) => void (said += Buffer.from(bytes).toString()),
    stderr() {},
  };
  const run = (id: string): ReturnType<typeof openExec> =>
    openExec(path, id, { args: ['ls'] }, outputs);
  expect(await (await run('redis')).end).toEqual({ kind: 'exited', code: 7 });
  expect(said).toBe('out');
  await expect(run('web')).rejects.toMatchObject({
    code: 'refused',
    message: '"web" does not run',
  });
  await expect(run('nobody')).rejects.toMatchObject({ code: 'not-found' });
  await expect(connectOverUnixSocket(path).post('/v1/services/redis/exec')).rejects.toMatchObject({
    code: 'bad-request',
  });
});
