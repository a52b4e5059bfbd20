import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { socketPaths } from '../../../../build/machine/machine-paths.ts';
import {
  type Claim,
  claimMachine,
  findMachine,
  listMachines,
  removeMachine,
  updateRecord,
} from '../../../../build/machine/machine-registry.ts';
import { identify, type ProcessIdentity } from '../../../../build/machine/process-identity.ts';

let dir: string;
let self: ProcessIdentity;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'ishmael-registry-'));
  const identity = await identify(process.pid);
  if (identity === undefined) throw new Error('no /proc');
  self = identity;
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function claim(more: Partial<Claim> = {}): Claim {
  return { image: 'm', dir: '/i', memoryMiB: 64, cpus: 1, keeper: self, startedAtMs: 5, ...more };
}

const states = async (): Promise<string[]> =>
  (await listMachines(dir)).map(({ record, state }) => `${record.name} ${state}`);

describe('claimMachine()', () => {
  it('gives each of many who come at once a name of its own', async () => {
    const claimed = await Promise.all([1, 2, 3].map(() => claimMachine(claim(), dir)));
    expect(claimed.map(({ name }) => name).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'm',
      'm-2',
      'm-3',
    ]);
  });

  it('refuses a name that is taken and takes over one whose machine has ended', async () => {
    const first = await claimMachine(claim({ name: 'x' }), dir);
    await expect(claimMachine(claim({ name: 'x' }), dir)).rejects.toMatchObject({
      code: 'name-taken',
    });
    writeFileSync(first.consoleLog, 'old');
    await updateRecord({ ...first, end: { atMs: 9, kind: 'off', text: 'powered off' } }, dir);
    await claimMachine(claim({ name: 'x' }), dir);
    expect(readdirSync(join(dir, 'x'))).toEqual(['machine.json']);
  });

  it('clears away a claim that was cut off, and ended machines but the newest ten', async () => {
    mkdirSync(join(dir, 'x/rubbish'), { recursive: true });
    const end = { kind: 'off', text: 'powered off' } as const;
    for (let count = 1; count <= 12; count += 1) {
      const record = await claimMachine(claim({ name: `e${count}` }), dir);
      await updateRecord({ ...record, end: { ...end, atMs: count } }, dir);
    }
    await claimMachine(claim({ name: 'x' }), dir);
    const machines = await states();
    expect(machines).toContain('x starting');
    expect(machines.filter((text) => text.endsWith('ended'))).toHaveLength(9);
    expect(machines).not.toContain('e3 ended');
    expect(machines).toContain('e4 ended');
  });
});

describe('listMachines()', () => {
  it('is empty where nobody has ever run one', async () => {
    expect(await listMachines(join(dir, 'absent'))).toEqual([]);
  });

  it('takes a machine for ended when its keeper is gone, is somebody else, or was before the last boot', async () => {
    const others: Partial<ProcessIdentity>[] = [
      { pid: 4_194_304 },
      { startTicks: self.startTicks + 1 },
      { bootId: 'another' },
    ];
    for (const other of others) await claimMachine(claim({ keeper: { ...self, ...other } }), dir);
    await claimMachine(claim({ name: 'alive' }), dir);
    // Each takes the name of the one before it, because that has ended.
    expect(await states()).toEqual(['alive starting', 'm ended']);
    for (const [index, other] of others.entries()) {
      await claimMachine(claim({ name: `o${index}`, keeper: { ...self, ...other } }), dir);
    }
    expect(await states()).toEqual([
      'alive starting',
      'm ended',
      'o0 ended',
      'o1 ended',
      'o2 ended',
    ]);
  });

  it('passes over records that are damaged or of another version', async () => {
    const record = await claimMachine(claim(), dir);
    for (const text of ['', '{"version":1', 'null', JSON.stringify({ ...record, version: 2 })]) {
      writeFileSync(join(dir, 'm/machine.json'), text);
      expect(await listMachines(dir)).toEqual([]);
    }
  });
});

describe('removeMachine()', () => {
  it('removes what has ended and nothing that runs', async () => {
    const record = await claimMachine(claim(), dir);
    expect(await removeMachine('m', dir)).toBe(false);
    await updateRecord({ ...record, end: { atMs: 1, kind: 'off', text: 'powered off' } }, dir);
    expect(await removeMachine('m', dir)).toBe(true);
    await expect(removeMachine('m', dir)).rejects.toMatchObject({ code: 'unknown' });
  });
});

describe('findMachine()', () => {
  it('says which machine was probably meant', async () => {
    await expect(findMachine('m', dir)).rejects.toMatchObject({ code: 'unknown' });
    await claimMachine(claim({ name: 'cache' }), dir);
    await expect(findMachine('cash', dir)).rejects.toThrow('did you mean "cache"?');
    await expect(findMachine('zzzzzz', dir)).rejects.toThrow('"ishmael ps" lists them');
  });
});

it('sockets of a machine have paths that unix(7) takes', async () => {
  const short = await claimMachine(claim(), dir);
  expect(short.sockets).toBe(join(dir, 'm'));
  const deep = join(dir, 'd'.repeat(80));
  const long = await claimMachine(claim(), deep);
  try {
    expect(Buffer.byteLength(socketPaths(long.sockets).console)).toBeLessThan(108);
  } finally {
    rmSync(long.sockets, { recursive: true });
  }
});
