/**
 * PID 1 dies twenty times in eight ways. Every fifth time is one too many within a minute and ends in an
 * emergency, out of which a person brings it back. Nobody who uses a service notices any of this.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { waitForRedis } from '../../../build/run/redis-ping.ts';
import type { UnitStatus } from '../../../supervisor/control/api.ts';
import { type Unit, unitPid } from '../../../supervisor/service/state.ts';
import { buildFaultyInit } from '../../support/faulty-init/build-faulty-init.ts';
import { resume, strike } from '../../support/faulty-init/strikes.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';
import { type GuestShell, guestShell, SHELL_PORT } from '../../support/vm-shell.ts';
import { talk } from '../../support/vm-talk.ts';

const REDIS = 6379;

/** What is done to PID 1, and what the next generation says of it. */
const WAYS = {
  SIGSEGV: 'SIGSEGV',
  SIGABRT: 'SIGABRT',
  SIGBUS: 'SIGBUS',
  SIGILL: 'SIGILL',
  SIGFPE: 'SIGFPE',
  memory: 'SIGABRT',
  exit: 'process.exit(3)',
  'empty-loop': 'an empty event loop',
} as const;

const ROUNDS: readonly (readonly (keyof typeof WAYS)[])[] = [
  ['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE'],
  ['memory', 'exit', 'empty-loop', 'SIGSEGV', 'SIGABRT'],
  ['SIGBUS', 'SIGILL', 'SIGFPE', 'memory', 'exit'],
  ['empty-loop', 'exit', 'empty-loop', 'SIGSEGV', 'SIGILL'],
];

let machine: TestMachine;
let shell: GuestShell;

beforeAll(async () => {
  await buildFaultyInit();
  machine = await bootMachine({
    folder: import.meta.dirname,
    ports: [SHELL_PORT, REDIS],
    caseLimitMs: 900_000,
  });
  return () => machine.vm.kill();
});

beforeAll(async () => {
  shell = await guestShell(machine);
  await waitForRedis(machine.hostPort(REDIS), AbortSignal.timeout(60_000));
});

interface Keeping {
  readonly supervisor: { readonly units: readonly Unit[] };
}

/**
 * `redis: running, run 1, 87`: what PID 1 keeps of each service, whose process is there. Read
 * from its files, because a client that starts in there takes seconds.
 */
async function services(): Promise<string[]> {
  const text = await shell('cat /proc/1/root/run/ishmael/state.json');
  const { units } = (JSON.parse(text) as Keeping).supervisor;
  const kept = units.filter(({ kind }) => kind === 'service');
  const pids = kept.map((unit) => unitPid(unit) ?? 0);
  const alive = await shell(`for pid in ${pids.join(' ')}; do kill -0 $pid && echo $pid; done`);
  expect(alive.trim().split('\n')).toEqual(pids.map(String));
  return kept.map(({ id, state, run }, index) => `${id}: ${state.tag}, run ${run}, ${pids[index]}`);
}

interface Writer {
  readonly written: () => number;
  /** What went wrong, if anything did. */
  readonly stop: () => Promise<string | undefined>;
}

/** A client that writes key after key on one connection, each once the one before was confirmed. */
function writeKeys(): Writer {
  const socket = connect(machine.hostPort(REDIS), '127.0.0.1');
  const stopping = new AbortController();
  const { signal } = stopping;
  let written = 0;
  const run = async (): Promise<string | undefined> => {
    await once(socket, 'connect');
    while (!signal.aborted) {
      socket.write(`SET key:${written + 1} ${written + 1}\r\n`);
      const [answer] = (await once(socket, 'data', {
        signal: AbortSignal.timeout(60_000),
      })) as [Buffer];
      if (answer.toString() !== '+OK\r\n') return `answered ${answer.toString()}`;
      written += 1;
      await delay(20);
    }
    return undefined;
  };
  const running = run().catch((error: unknown) => String(error));
  return {
    written: () => written,
    async stop() {
      stopping.abort();
      const trouble = await running;
      socket.destroy();
      return trouble;
    },
  };
}

describe('twenty deaths of PID 1', () => {
  let before: string[];
  let client: Writer;
  const roundsMs: number[] = [];

  beforeAll(async () => {
    before = await services();
    client = writeKeys();
  });

  it.each(ROUNDS.map((faults, index) => ({ round: index + 1, faults })))(
    'leave every container as it is: round $round of $faults',
    async ({ faults }) => {
      const fromMs = performance.now();
      await strike(shell, faults);
      roundsMs.push(performance.now() - fromMs);
      await resume(shell);
      expect(before).toHaveLength(3);
      expect(await services()).toEqual(before);
    },
  );

  it('are over, and PID 1 says the same as before the first', async () => {
    const units = await machine.waitFor('PID 1', () => machine.get<UnitStatus[]>('/v1/services'));
    const now = units.filter(({ kind }) => kind === 'service');
    expect(
      now.map(({ id, state, restarts, pid }) => `${id}: ${state}, run ${restarts + 1}, ${pid}`),
    ).toEqual(before);
  });

  it('cost no client its connection, and no write', async () => {
    expect(await client.stop()).toBeUndefined();
    expect(client.written()).toBeGreaterThan(100);
    const answer = await talk(machine.hostPort(REDIS), 'DBSIZE\r\nQUIT\r\n');
    expect(Number(/^:(\d+)/.exec(answer)?.[1])).toBe(client.written());
  });

  it('cost no line of a log, and double none', async () => {
    const file = await shell('cat /proc/1/root/run/log/counter/stdout.log');
    const lines = file.trimEnd().split('\n');
    const inFile = lines.map((line) => Number(line.split(' ')[1]));
    expect(inFile).toEqual(inFile.map((_, index) => index + 1));
    expect(inFile.length).toBeGreaterThan(100);
    const inRing = (await machine.logs('counter')).map(({ text }) => Number(text));
    expect(inRing).toEqual(inRing.map((_, index) => Number(inRing[0]) + index));
    expect(inRing.at(-1)).toBeGreaterThanOrEqual(inFile.length);
  });

  it('are told, each with its reason', async () => {
    const log = await shell('cat /proc/1/root/run/log/ishmael.log');
    const told = [...log.matchAll(/\(generation \d+\): (.*)/g)].map(([, how]) => how);
    const wanted = ROUNDS.flatMap((faults) => {
      const hows = faults.map((fault) => WAYS[fault]);
      const emergency = `PID 1 has died 5 times, of ${hows.at(-1)} last`;
      return [...hows.slice(0, 4), emergency, 'a person has resumed it'];
    });
    expect(told).toEqual(wanted);
    expect(machine.vm.console.text()).not.toMatch(/Kernel panic|Attempted to kill init/);
    const text = roundsMs.map((ms) => (ms / 5000).toFixed(1)).join(', ');
    process.stderr.write(`mean seconds from a fault to the next generation, by round: ${text}\n`);
  });
});
