/** PID 1 that dies again and again: what a person sees, and what becomes of services meanwhile. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { MachineInfo, UnitStatus } from '../../../supervisor/control/api.ts';
import { buildFaultyInit } from '../../support/faulty-init/build-faulty-init.ts';
import { strike } from '../../support/faulty-init/strikes.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';
import { type GuestShell, guestShell, SHELL_PORT } from '../../support/vm-shell.ts';

let machine: TestMachine;
let shell: GuestShell;

beforeAll(async () => {
  await buildFaultyInit();
  machine = await bootMachine({
    folder: import.meta.dirname,
    ports: [SHELL_PORT],
    devices: ['i6300esb'],
  });
  return () => machine.vm.kill();
});

beforeAll(async () => {
  shell = await guestShell(machine);
});

function inPhase(phase: MachineInfo['phase']): Promise<MachineInfo> {
  return machine.waitFor(phase, async () => {
    const info = await machine.get<MachineInfo>('/v1/machine');
    return info.phase === phase ? info : undefined;
  });
}

/** The next run of the service `mortal`, after the one of process `pid`. */
function rebornAfter(pid: number | undefined): Promise<UnitStatus> {
  return machine.waitFor('mortal again', async () => {
    const unit = await machine.unit('mortal');
    return unit.state === 'running' && unit.pid !== pid ? unit : undefined;
  });
}

describe('a service that dies between two generations of PID 1', () => {
  it('is seen as dead, with its exit code, and started again', async () => {
    const { pid } = await machine.unit('mortal');
    // PID 1 is about to die when the file is gone, and takes far longer to come back than this.
    await shell(
      `cd /proc/1/root/run; echo SIGSEGV > fault; while [ -e fault ]; do :; done; kill -TERM ${pid}`,
    );
    const again = await rebornAfter(pid);
    expect(again.lastExit).toMatchObject({ kind: 'exited', code: 7 });
    expect(again.restarts).toBe(1);
    // Each generation has a history of its own: this one has seen it.
    const seen = (await machine.events()).filter(({ unit }) => unit === 'mortal');
    expect(seen.map(({ text }) => text).join('\n')).toContain('exit code 7');
  });
});

describe('an emergency', () => {
  it('is no place to come back from for a machine that is well', async () => {
    await expect(machine.post('/v1/resume')).rejects.toMatchObject({ code: 'refused' });
  });

  it('comes with the fifth death within a minute, and says what has happened', async () => {
    await strike(shell, ['exit', 'SIGBUS', 'empty-loop', 'exit', 'SIGFPE']);
    const { emergency } = await inPhase('emergency');
    const how = emergency?.deaths.map((death) => death.how).slice(-5) ?? [];
    expect(how.length).toBeGreaterThanOrEqual(4);
    expect(emergency?.log.join('\n')).toContain('executed again');
  });

  it('is on the console, where a person can type', async () => {
    await machine.vm.console.waitFor(/EMERGENCY CONSOLE[^]*of PID 1: SIGBUS[^]*> /, 60_000);
  });

  it('feeds the watchdog, so that nobody is cut off', async () => {
    expect(await machine.events()).toContainEqual(
      expect.objectContaining({ text: 'hardware watchdog armed: 60 s' }),
    );
  });

  it('shows a service that dies as dead, and starts nothing', async () => {
    const { pid } = await machine.unit('mortal');
    await shell(`kill -TERM ${pid}`);
    const dead = await machine.waitFor('the end of mortal', async () => {
      const unit = await machine.unit('mortal');
      return unit.state === 'failed' ? unit : undefined;
    });
    expect(dead.lastExit).toMatchObject({ kind: 'exited', code: 7 });
    const start = machine.post('/v1/services/mortal/start');
    await expect(start).rejects.toMatchObject({ code: 'refused' });
  });

  it('ends when a person types resume: the service is started again, the other goes on', async () => {
    const { pid, restarts } = await machine.unit('shell');
    machine.vm.sendConsole(Buffer.from('resume\r'));
    await inPhase('services');
    const again = await rebornAfter(undefined);
    expect(again.lastExit).toMatchObject({ kind: 'exited', code: 7 });
    expect(again.restarts).toBe(2);
    expect(await machine.unit('shell')).toMatchObject({ pid, restarts, state: 'running' });
  });

  it('that dies five times as well ends in a restart of the machine', async () => {
    await strike(shell, ['exit', 'exit', 'exit', 'exit', 'exit']);
    await strike(shell, ['SIGSEGV', 'exit', 'SIGSEGV', 'exit']);
    await shell('echo SIGSEGV > /proc/1/root/run/fault');
    expect(await machine.ended()).toMatchObject({ code: 0, signal: null });
    expect(machine.vm.console.text()).not.toMatch(/Kernel panic/);
  });
});
