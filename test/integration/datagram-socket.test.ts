/** The socket as the kernel has it, with util-linux's logger as the one who writes. */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLinuxSys } from '../../sys/linux/linux-sys.ts';

const CHILD = join(import.meta.dirname, 'datagram-child.ts');

let dir: string;
let path: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'datagram-'));
  path = join(dir, 'socket');
});

afterEach(() => rmSync(dir, { recursive: true }));

async function send(...texts: readonly string[]): Promise<void> {
  for (const text of texts) {
    const args = ['--socket-errors=on', '--size', '64KiB', '-d', '-u', path, '--', text];
    await promisify(execFile)('logger', args);
  }
}

interface Told {
  readonly generation: number;
  readonly text?: string | number;
  readonly ready?: true;
  readonly deaf?: true;
}

function startChild(): { next: () => Promise<Told>; stop: () => void } {
  const args = ['--disable-warning=ExperimentalWarning', CHILD, path];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    async next() {
      const { value, done } = await lines.next();
      if (done === true) throw new Error('The child has ended');
      return JSON.parse(value) as Told;
    },
    stop: () => child.kill('SIGKILL'),
  };
}

describe('a watched socket', () => {
  it('is heard at once, and is the same after the process has executed itself again', async () => {
    const child = startChild();
    try {
      expect(await child.next()).toEqual({ generation: 0, ready: true });
      const { ino } = statSync(path);
      await send('one');
      expect(await child.next()).toEqual({ generation: 0, text: 'one' });
      for (const generation of [0, 1]) {
        const next = generation + 1;
        await send(`become ${next}`);
        expect(await child.next()).toEqual({ generation, text: `become ${next}` });
        expect(await child.next()).toEqual({ generation, deaf: true });
        await send('meanwhile', 'and more');
        const told = [];
        while (told.length < 4) told.push(await child.next());
        expect(told).toEqual([
          { generation: next, ready: true },
          // What the last generation had not done with.
          { generation: next, text: `become ${next}` },
          { generation: next, text: 'meanwhile' },
          { generation: next, text: 'and more' },
        ]);
        expect(statSync(path).ino).toBe(ino);
      }
    } finally {
      child.stop();
    }
  });

  it('cuts off what is too long', async () => {
    const child = startChild();
    try {
      await child.next();
      await send('x'.repeat(20_000));
      expect(await child.next()).toEqual({ generation: 0, text: 16_384 });
    } finally {
      child.stop();
    }
  });
});

describe('openDatagramSocket()', () => {
  const sys = createLinuxSys();

  it('takes the place of a socket that nobody holds, with the permissions asked for', () => {
    // No listener for SIGIO here, so nobody may write.
    sys.openDatagramSocket(path, 0o600).close();
    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
    const socket = sys.openDatagramSocket(path, 0o666);
    expect(statSync(path).mode & 0o777).toBe(0o666);
    expect(socket.take(() => expect.unreachable())).toBe(false);
    expect(() => sys.openDatagramSocket(path, 0o666)).toThrow(
      expect.objectContaining({ code: 'EADDRINUSE' }),
    );
    socket.close();
  });

  it('refuses a path that is too long for an address', () => {
    expect(() => sys.openDatagramSocket(join(dir, 'x'.repeat(120)), 0o600)).toThrow(
      expect.objectContaining({ code: 'ENAMETOOLONG' }),
    );
  });
});
