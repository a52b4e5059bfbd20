/** PID 1 as the parent of everybody's orphans, under crun instead of runc. */
import { beforeAll, describe, expect, it } from 'vitest';
import type {
  HistoryEntry,
  MachineInfo,
  ProcessInfo,
  UnitStatus,
} from '../../../supervisor/control/api.ts';
import { finalState, replay } from '../../../supervisor/service/replay.ts';
import { unitStatus } from '../../../supervisor/service/status.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';
import { type GuestShell, guestShell, SHELL_PORT } from '../../support/vm-shell.ts';

/** Two loops, each forking 100 subshells that leave ten children behind. */
const ORPHANS = 2_000;
const LOOP = 'i=0; while [ $i -lt 100 ]; do (:&:&:&:&:&:&:&:&:&:&); i=$((i+1)); done';
const STORM = `(${LOOP}) & (${LOOP}) & wait`;
const STORM_LIMIT_MS = 90_000;

let machine: TestMachine;
let shell: GuestShell;

beforeAll(async () => {
  machine = await bootMachine({ folder: import.meta.dirname, ports: [SHELL_PORT] });
  shell = await guestShell(machine);
  return () => machine.vm.kill();
});

describe('crun', () => {
  it('gives a service exactly the declared capabilities and namespaces', async () => {
    const [bounded] = await machine.get<ProcessInfo[]>('/v1/services/bounded/processes');
    const declared = ['CAP_CHOWN', 'CAP_NET_BIND_SERVICE'];
    expect(bounded?.command).toBe('sh');
    expect(bounded?.capabilities).toMatchObject({
      effective: declared,
      permitted: declared,
      bounding: declared,
      ambient: [],
    });
    const { init } = await machine.get<MachineInfo>('/v1/machine');
    expect(bounded?.namespaces['net']).not.toBe(init.netNamespace);
  });
});

describe('a storm of 2,000 orphans', () => {
  it('leaves no zombie, loses no exit code and does not keep PID 1 from answering', async () => {
    const before = await machine.get<MachineInfo>('/v1/machine');
    const storm = shell(STORM, STORM_LIMIT_MS);
    const slowest = await slowestAnswer(storm);
    await storm;

    const after = await machine.waitFor('the last zombie to go', async () => {
      const info = await machine.get<MachineInfo>('/v1/machine');
      return info.processes.zombies === 0 ? info : undefined;
    });
    const reaped = after.processes.orphansReaped - before.processes.orphansReaped;
    expect(reaped).toBeGreaterThanOrEqual(ORPHANS);
    expect(after.generation).toBe(0);
    // Two emulated cores are busy with forks: this is their share of a request, not the time it takes.
    expect(slowest).toBeLessThan(3_000);

    const ends = (await eventsOf('answer')).filter(({ text }) => !text.startsWith('running'));
    expect(ends.length).toBeGreaterThan(2);
    expect(new Set(ends.map(({ text }) => text))).toEqual(new Set(['exit code 42']));
    const { restarts } = await machine.unit('answer');
    // Every run but the one of this moment has had its end.
    expect(ends.length).toBeGreaterThanOrEqual(restarts);
  });
});

describe('the recording of events', () => {
  it('leads, replayed on the host, to what the API shows', async () => {
    await machine.post('/v1/services/answer/stop');
    await machine.waitFor('answer to be stopped', async () => {
      const { state } = await machine.unit('answer');
      return state === 'stopped' ? true : undefined;
    });
    const recording = await shell('cat /run/log/events.jsonl');
    const told = await machine.get<UnitStatus[]>('/v1/services');

    const played = [...replay(recording)];
    expect(played.filter(({ kind }) => kind === 'damaged')).toEqual([]);
    expect(played[0]).toMatchObject({ kind: 'start', start: { supervisor: { phase: 'boot' } } });
    const state = finalState(recording);
    const replayed = state?.units.map((unit) => unitStatus(state, unit, 0));
    expect(replayed?.map(withoutTime)).toEqual(told.map(withoutTime));
  });
});

describe("busybox poweroff in a container with the host's processes", () => {
  it('ends QEMU by itself with 0', async () => {
    const told = machine.follow<HistoryEntry>('/v1/events?follow=1');
    await shell('poweroff');
    expect(await machine.ended()).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(await told).toContainEqual(
      expect.objectContaining({ unit: 'machine', text: 'poweroff requested by SIGUSR2' }),
    );
    expect(machine.vm.console.text()).toMatch(/reboot: Power down/);
  });
});

/** A reason says for how long. */
function withoutTime(status: UnitStatus): UnitStatus {
  return { ...status, reason: '' };
}

async function eventsOf(unit: string): Promise<HistoryEntry[]> {
  return (await machine.events()).filter((event) => event.unit === unit);
}

/** The longest that PID 1 took for an answer until `storm` was over, in milliseconds. */
async function slowestAnswer(storm: Promise<unknown>): Promise<number> {
  const over = new AbortController();
  void storm.finally(() => over.abort());
  let slowest = 0;
  while (!over.signal.aborted) {
    const asked = performance.now();
    await machine.get<MachineInfo>('/v1/machine');
    slowest = Math.max(slowest, performance.now() - asked);
  }
  return slowest;
}
