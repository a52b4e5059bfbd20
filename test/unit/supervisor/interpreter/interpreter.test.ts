import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Exit } from '../../../../sys/exit.ts';
import { SysError } from '../../../../sys/errno.ts';
import type { Fact } from '../../../../supervisor/engine.ts';
import { Interpreter } from '../../../../supervisor/interpreter/interpreter.ts';
import {
  LaunchError,
  type Launcher,
  type LaunchReport,
} from '../../../../supervisor/interpreter/launcher.ts';

const DEAD: Exit = { kind: 'exited', code: 0 };

function setUp(launcher: Partial<Launcher>): {
  facts: Fact[];
  complaints: string[];
  interpreter: Interpreter;
} {
  const facts: Fact[] = [];
  const complaints: string[] = [];
  const interpreter = new Interpreter({
    dispatch: (fact) => facts.push(fact),
    record: ({ text }) => complaints.push(text),
    setTimer: (_ms, fire) => fire(),
    watchConditions: () => () => undefined,
    endMachine: () => undefined,
  });
  interpreter.addUnit('redis', {
    launch: () => Promise.resolve(),
    adopt: () => undefined,
    probe: () => Promise.resolve({ passed: true, output: '' }),
    signal: () => undefined,
    kill: () => undefined,
    remove: () => Promise.resolve(),
    ...launcher,
  });
  return { facts, complaints, interpreter };
}

const launch = { type: 'unit.launch', id: 'redis', run: 1 } as const;
const signal = { type: 'unit.signal', id: 'redis', run: 1, signal: 15 } as const;

describe('Interpreter', () => {
  it('tells created before started', async () => {
    const { facts, interpreter } = setUp({
      launch: (report) => {
        report.created(100);
        return Promise.resolve();
      },
    });
    interpreter.carryOut(launch);
    await nextTurn();
    expect(facts).toEqual([
      { type: 'unit.created', id: 'redis', run: 1, pid: 100 },
      { type: 'unit.started', id: 'redis', run: 1 },
    ]);
  });

  it('turns a failed launch into a fact with its stage and words', async () => {
    const { facts, interpreter } = setUp({
      launch: () => Promise.reject(new LaunchError('create', 'no such file')),
    });
    interpreter.carryOut(launch);
    await nextTurn();
    expect(facts).toEqual([
      { type: 'unit.start-failed', id: 'redis', run: 1, stage: 'create', message: 'no such file' },
    ]);
  });

  it('turns a launch of an unknown unit into a fact', async () => {
    const { facts, interpreter } = setUp({});
    interpreter.carryOut({ ...launch, id: 'nobody' });
    await nextTurn();
    expect(facts[0]).toMatchObject({ type: 'unit.start-failed', id: 'nobody' });
  });

  it('ends a launch that hangs, when it is to be killed before there is a process', async () => {
    const { facts, interpreter } = setUp({
      launch: (_report, { kill }) =>
        new Promise((_resolve, reject) => {
          kill.addEventListener('abort', () => reject(new LaunchError('create', 'given up')));
        }),
    });
    interpreter.carryOut(launch);
    interpreter.carryOut({ type: 'unit.kill', id: 'redis', run: 2 });
    await nextTurn();
    expect(facts).toEqual([]);
    interpreter.carryOut({ type: 'unit.kill', id: 'redis', run: 1 });
    await nextTurn();
    expect(facts).toMatchObject([{ type: 'unit.start-failed', run: 1, message: 'given up' }]);
  });

  it('never signals a pid whose process has ended', async () => {
    const signalled: number[] = [];
    let report: LaunchReport | undefined;
    const { interpreter } = setUp({
      launch: (given) => {
        report = given;
        given.created(100);
        return Promise.resolve();
      },
      signal: (pid) => signalled.push(pid),
    });
    interpreter.carryOut(launch);
    interpreter.carryOut(signal);
    interpreter.carryOut({ ...signal, run: 2 });
    report?.exited(DEAD);
    interpreter.carryOut(signal);
    await nextTurn();
    expect(signalled).toEqual([100]);
  });

  it.each([
    ['ESRCH', 0],
    ['EPERM', 1],
  ])('hears %s from kill as it should', async (code, complaintCount) => {
    const { complaints, interpreter } = setUp({
      launch: (report) => {
        report.created(100);
        return Promise.resolve();
      },
      signal: () => {
        throw new SysError('kill', code, '100');
      },
    });
    interpreter.carryOut(launch);
    interpreter.carryOut(signal);
    await nextTurn();
    expect(complaints.length).toBe(complaintCount);
  });

  it('goes on when leftovers cannot be removed, and says so', async () => {
    const { facts, complaints, interpreter } = setUp({
      remove: () => Promise.reject(new Error('device busy')),
    });
    interpreter.carryOut({ type: 'unit.remove', id: 'redis', run: 1 });
    await nextTurn();
    expect(facts).toEqual([{ type: 'unit.removed', id: 'redis', run: 1 }]);
    expect(complaints).toEqual(['leftovers remain: device busy']);
  });
});
