import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ContainerdClient } from '../../../../runc-shim/containerd/client.ts';
import { GrpcError, type GrpcErrorCode } from '../../../../runc-shim/containerd/grpc-error.ts';
import { createContainerdRuntime } from '../../../../runc-shim/containerd/runtime.ts';
import {
  type ContainerRuntime,
  type ContainerStdio,
  RuntimeError,
} from '../../../../runc-shim/runtime.ts';

let bundle: string;
let calls: string[];

beforeEach(() => {
  bundle = mkdtempSync(join(tmpdir(), 'ishmael-bundle-'));
  writeFileSync(join(bundle, 'config.json'), '{"root":{"path":"rootfs"}}');
  calls = [];
});
afterEach(() => rmSync(bundle, { recursive: true }));

const PATHS = { stdout: '/o', stderr: '/e' };
const STDIO: ContainerStdio = { stdout: 7, stderr: 8, paths: PATHS };

/** A client that answers each method with nothing, or fails as `failures` say, each once. */
function runtimeWith(
  failures: Partial<Record<keyof ContainerdClient, readonly GrpcErrorCode[]>> = {},
  {
    isInstalled = true,
    waitForShim = async (): Promise<number> => {
      throw new GrpcError('unavailable', 'Task/Wait', 'no shim');
    },
  } = {},
): ContainerRuntime {
  const left = new Map(Object.entries(failures).map(([name, codes]) => [name, [...codes]]));
  const client = new Proxy({} as ContainerdClient, {
    get: (_target, name: string) => async (first: unknown) => {
      calls.push(`${name} ${JSON.stringify(first)}`);
      const code = left.get(name)?.shift();
      if (code !== undefined) throw new GrpcError(code, name, `${name}: ${code}`);
      return name === 'wait' ? 137 : 71;
    },
  });
  return createContainerdRuntime({
    client,
    gate: { pass: async () => '1.7.24' },
    isInstalled: () => isInstalled,
    shim: { binary: '/usr/bin/crun', shimCgroup: '/shims' },
    exec: async () => ({ exit: { kind: 'exited', code: 0 }, timedOut: false, output: '' }),
    waitForShim,
    processExists: () => true,
  });
}

const names = (): string[] => calls.map((call) => call.split(' ', 1)[0] ?? '');

async function codeOf(action: Promise<unknown>): Promise<string> {
  try {
    await action;
    return 'none';
  } catch (error) {
    if (error instanceof RuntimeError) return `${error.stage} ${error.code}`;
    throw error;
  }
}

describe('create()', () => {
  it('makes a container and a task of it with the bundle that is there', async () => {
    expect(await runtimeWith().create('web', bundle, STDIO)).toEqual({ pid: 71 });
    expect(calls).toEqual([
      `createContainer ${JSON.stringify({
        id: 'web',
        spec: JSON.stringify({ root: { path: `${bundle}/rootfs` } }),
        runtime: { binary: '/usr/bin/crun', shimCgroup: '/shims' },
      })}`,
      `createTask ${JSON.stringify({
        id: 'web',
        ...PATHS,
        terminal: false,
      })}`,
    ]);
  });

  it('leaves the pid where an emergency looks for it', async () => {
    await runtimeWith().create('web', bundle, STDIO);
    expect(readFileSync(join(bundle, 'pid'), 'utf8')).toBe('71');
  });

  it('takes the place of a container of an earlier boot', async () => {
    const runtime = runtimeWith({ createContainer: ['already-exists'], deleteTask: ['not-found'] });
    expect(await runtime.create('web', bundle, STDIO)).toEqual({ pid: 71 });
    expect(names()).toEqual([
      'createContainer',
      'deleteTask',
      'deleteContainer',
      'createContainer',
      'createTask',
    ]);
  });

  it('says what it cannot give', async () => {
    const extra = { ...STDIO, extra: { as: 3, fd: 9 } };
    expect(await codeOf(runtimeWith().create('web', bundle, extra))).toBe('create create-failed');
    const terminal = { ...STDIO, consoleSocket: '/c' };
    expect(await codeOf(runtimeWith().create('web', bundle, terminal))).toBe(
      'create create-failed',
    );
    expect(calls).toEqual([]);
  });

  it('does not wait for a containerd that the image does not have', async () => {
    const created = runtimeWith({}, { isInstalled: false }).create('web', bundle, STDIO);
    expect(await codeOf(created)).toBe('create not-executable');
  });

  it.each([
    ['unknown', 'create create-failed'],
    ['not-found', 'create create-failed'],
    ['deadline-exceeded', 'create timed-out'],
    ['cancelled', 'create timed-out'],
    ['garbage', 'create create-failed'],
  ] as const)('that ends in %s is %s', async (code, expected) => {
    const runtime = runtimeWith({ createTask: [code] });
    expect(await codeOf(runtime.create('web', bundle, STDIO))).toBe(expected);
  });
});

describe('start() and kill()', () => {
  it('of a container that is not there say so', async () => {
    const runtime = runtimeWith({ start: ['not-found'], kill: ['not-found'] });
    expect(await codeOf(runtime.start('web'))).toBe('start not-found');
    expect(await codeOf(runtime.kill('web', 15))).toBe('kill not-found');
  });
});

describe('remove()', () => {
  it('of one that has ended forgets it', async () => {
    await runtimeWith().remove('web');
    expect(names()).toEqual(['deleteTask', 'deleteContainer']);
  });

  it('of one that runs ends it first', async () => {
    await runtimeWith({ deleteTask: ['failed-precondition'] }).remove('web');
    expect(names()).toEqual(['deleteTask', 'kill', 'wait', 'deleteTask', 'deleteContainer']);
  });

  it('of one that does not exist is success', async () => {
    await runtimeWith({ deleteTask: ['not-found'], deleteContainer: ['not-found'] }).remove('web');
  });

  it('of one that stays fails', async () => {
    const runtime = runtimeWith({ deleteContainer: ['failed-precondition'] });
    expect(await codeOf(runtime.remove('web'))).toBe('remove remove-failed');
  });
});

describe('watch()', () => {
  const watched = (runtime: ContainerRuntime): Promise<unknown> =>
    new Promise((resolve) => runtime.watch?.('web', 71, resolve));

  it('tells what the shim says, without asking containerd', async () => {
    const runtime = runtimeWith({}, { waitForShim: async () => 3 });
    expect(await watched(runtime)).toEqual({ kind: 'exited', code: 3 });
    expect(calls).toEqual([]);
  });

  it('tells what containerd says where the shim is gone', async () => {
    const runtime = runtimeWith({ wait: ['unavailable'] });
    expect(await watched(runtime)).toEqual({ kind: 'signaled', signal: 9, core: false });
  });
});
