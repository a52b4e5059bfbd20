/** Three machines on a network of their own form a swarm; one of them dies without warning, and comes back. */
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it, vi } from 'vitest';
import type { UnitStatus } from '../../../supervisor/control/api.ts';
import { startIshmael } from '../../support/ishmael-command.ts';
import { makeIso } from '../../support/metadata-disk.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';
import { type GuestShell, guestShell, SHELL_PORT } from '../../support/vm-shell.ts';

/** Docker's dead man's handle is 15 s, and everything here is done by two processors for three machines. */
const SWARM_MS = 300_000;
const CASE_MS = 1_500_000;

vi.setConfig({ testTimeout: CASE_MS });

interface Node extends TestMachine {
  readonly docker: GuestShell;
}

let dir: string;
let lan: string;
const nodes: Node[] = [];

/** What `metadata` is to lay out in /run/config/swarm. */
type SwarmFiles = Readonly<Partial<Record<'advertise' | 'manager' | 'token', string>>>;

const addressOf = (index: number): string => `10.99.0.${index + 1}`;

async function boot(index: number, files: SwarmFiles): Promise<void> {
  const metadata = join(dir, `metadata-${index}.iso`);
  const entries = Object.entries(files).map(([name, content]) => [name, { content }]);
  await makeIso(metadata, {
    'meta-data': `local-hostname: node-${index}\n`,
    'user-data': JSON.stringify({ swarm: { entries: Object.fromEntries(entries) as object } }),
  });
  const machine = await bootMachine({
    folder: import.meta.dirname,
    instance: `node-${index}`,
    ports: [SHELL_PORT],
    memoryMiB: 1536,
    disks: [join(dir, `data-${index}.img`), metadata],
    netdevs: [`socket,id=lan,mcast=${lan},localaddr=127.0.0.1`],
    devices: [`virtio-net-pci,netdev=lan,mac=52:54:00:99:00:0${index + 1},romfile=`],
    caseLimitMs: CASE_MS,
  });
  const shell = await guestShell(machine);
  nodes[index] = { ...machine, docker: (command) => shell(`docker ${command}`) };
  await machine
    .waitFor(
      'its place in the swarm',
      async () => {
        const unit = await machine.get<UnitStatus>('/v1/services/swarm');
        return unit.state === 'finished' ? unit : undefined;
      },
      SWARM_MS,
    )
    .catch(async (error: unknown) => {
      const lines = (await machine.logs('swarm')).map(({ text }) => text);
      throw new Error(lines.slice(-10).join('\n'), { cause: error });
    });
}

function node(index: number): Node {
  const found = nodes[index];
  if (found === undefined) throw new Error(`Machine ${index} does not run`);
  return found;
}

/** Host names of the machines that run a replica, sorted. */
async function placement(): Promise<string[]> {
  const format = `'{{.Node}} {{.CurrentState}}'`;
  const filter = '--filter desired-state=running';
  const lines = await node(0).docker(`service ps app ${filter} --format ${format}`);
  return lines
    .split('\n')
    .flatMap((line) => /^(\S+) Running /.exec(line)?.[1] ?? [])
    .sort();
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ishmael-swarm-'));
  const app = join(dir, 'app.tar');
  const order = ['images', 'export', 'ishmael/busybox', `docker-archive:${app}`];
  const { code } = await startIshmael(order, { cwd: dir, env: {} }).outcome;
  expect(code).toBe(0);
  process.env['ISHMAEL_TEST_APP'] = app;
  // A group and a port that no other run of this test has.
  lan = `239.99.${process.pid % 250}.1:${20_000 + (process.pid % 20_000)}`;
  for (let index = 0; index < 3; index += 1) {
    await writeFile(join(dir, `data-${index}.img`), '');
    await truncate(join(dir, `data-${index}.img`), 2_147_483_648);
  }
  await boot(0, { advertise: addressOf(0) });
  const token = (await node(0).docker('swarm join-token --quiet worker')).trim();
  const worker = (index: number): SwarmFiles => ({
    advertise: addressOf(index),
    manager: addressOf(0),
    token,
  });
  await Promise.all([boot(1, worker(1)), boot(2, worker(2))]);
  return async () => {
    await Promise.all(nodes.map(({ vm }) => vm.kill()));
    await rm(dir, { recursive: true });
  };
}, CASE_MS);

it('three machines form a swarm, of which one is a manager', async () => {
  const lines = await node(0).docker(
    `node ls --format '{{.Hostname}} {{.Status}} {{.ManagerStatus}}'`,
  );
  expect(
    lines
      .trim()
      .split('\n')
      .map((line) => line.trim())
      .sort(),
  ).toEqual(['node-0 Ready Leader', 'node-1 Ready', 'node-2 Ready']);
});

it('a service of three replicas runs, one on each', async () => {
  await node(0).docker(
    'service create --detach --quiet --no-resolve-image --name app --replicas 3 ishmael/busybox:latest sleep 100000',
  );
  const places = await node(0).waitFor(
    'three replicas',
    async () => {
      const found = await placement();
      return found.length === 3 ? found : undefined;
    },
    SWARM_MS,
  );
  expect(places).toEqual(['node-0', 'node-1', 'node-2']);
});

it('when a machine dies its replica comes back on another one', async () => {
  await node(2).vm.kill();
  const places = await node(0).waitFor(
    'the replicas on two machines',
    async () => {
      const found = await placement();
      return found.length === 3 && !found.includes('node-2') ? found : undefined;
    },
    SWARM_MS,
  );
  expect(new Set(places)).toEqual(new Set(['node-0', 'node-1']));
});

it('the machine comes back to the swarm by itself', async () => {
  // As one that is switched on again: the same disks, and metadata as before, though no token any more.
  await boot(2, { advertise: addressOf(2), manager: addressOf(0), token: 'spent' });
  await node(0).waitFor(
    'the third machine',
    async () => {
      const lines = await node(0).docker(`node ls --format '{{.Hostname}} {{.Status}}'`);
      return /^node-2 Ready/m.test(lines) ? true : undefined;
    },
    SWARM_MS,
  );
  await node(0).docker('service scale --detach app=6');
  const places = await node(0).waitFor(
    'six replicas',
    async () => {
      const found = await placement();
      return found.length === 6 ? found : undefined;
    },
    SWARM_MS,
  );
  expect(places).toContain('node-2');
});
